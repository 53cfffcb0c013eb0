"""Words to verbs; no arithmetic."""

from __future__ import annotations

import codecs
import gc
import os
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from quarterhour.commands import plan as plan_commands
from quarterhour.commands.map import map_
from quarterhour.commands.site import site
from quarterhour.commands.targets import targets
from quarterhour.errors import QuarterhourError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from quarterhour.inputs import SetAside
    from quarterhour.study import StudyResult

MOST_LINES = 20
"""Rows set aside that are named on the terminal; all of them are in the outputs."""

SCENARIO_KINDS = frozenset({
    "none_serves", "planned_serves", "undated_serves", "loose_end", "none_closed", "no_rows",
    "other_kinds", "duplicates", "datum_doubt", "kind_guessed", "now_unlinked", "link_moved",
    "climbs",
})  # fmt: skip
"""Changes of a scenario that are told on the terminal as well as in the outputs."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Who can and who cannot walk to care within fifteen minutes. 一刻钟服务圈",
)

StudyFile = Annotated[Path, typer.Argument(help="study file (TOML)", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="print the summary as JSON")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="print nothing but errors")]
Threads = Annotated[int | None, typer.Option(help="processors to use", min=1, show_default="all")]


@app.command()
def run(
    study: StudyFile,
    out: Annotated[Path, typer.Option(help="folder for the results")] = Path("out"),
    *,
    json: AsJson = False,
    quiet: Quiet = False,
    threads: Threads = None,
) -> None:
    """Run a study and write map.html, results.gpkg, summary.json and manifest.json."""
    _run(study, out, json=json, quiet=quiet, threads=threads)


@app.command()
def check(
    study: StudyFile,
    html: Annotated[
        Path | None,
        typer.Option(help="page with all details", show_default="check.html beside the study"),
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False,
    quiet: Quiet = False,
    threads: Threads = None,
) -> None:
    """Say what is wrong, doubtful or changed in the inputs of a study; writes check.html."""
    from quarterhour.checks.checking import check_study  # noqa: PLC0415
    from quarterhour.checks.report import document  # noqa: PLC0415 - start-up stays quick
    from quarterhour.inputs import SetAside  # noqa: PLC0415
    from quarterhour.render.check.sentences import all_set_aside  # noqa: PLC0415
    from quarterhour.render.summary import to_json  # noqa: PLC0415
    from quarterhour.render.words import both  # noqa: PLC0415
    from quarterhour.terminal import print_check, progress_bar  # noqa: PLC0415

    _tell_compiling(quiet=quiet or json)
    with progress_bar(quiet=quiet or json) as progress:
        found = document(check_study(study, threads=threads, progress=progress))
    page = _write_page(study, html, found, quiet=quiet)
    if json:
        sys.stdout.write(to_json(found))
        rows = [SetAside(**row) for row in all_set_aside(found)]
        _tell_rows(rows, "the output of --json", "en", quiet=quiet)
    elif not quiet:
        print_check(found, page, _console())
    if found["can_run"]:
        return
    problems = found["problems"]
    if quiet or json:
        for problem in problems:
            typer.echo(f"error: {problem['en']}", err=True)
    else:
        number = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        zh = f"还不能运行：{len(problems)} 个问题，见上文"
        en = f"the study cannot run: {number}, see above"
        typer.echo(f"error: {study}: {both(zh, en, found['study']['language'])}", err=True)
    raise typer.Exit(1)


def _write_page(
    study: Path, html: Path | None, found: dict[str, Any], *, quiet: bool
) -> Path | None:
    """Where the page of a check was written; None and a line where it could not be."""
    from quarterhour.render.check.page import write_check  # noqa: PLC0415

    page = html or study.with_name("check.html")
    try:
        if html is None and not study.is_file():
            return None  # nothing stands there that the page could be about
        write_check(page, found)
    except OSError as error:
        if not quiet:
            typer.echo(
                f"{page}: cannot be written ({error.strerror}); choose another place with --html",
                err=True,
            )
        return None
    return page


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="new folder", show_default=False)],
    *,
    language: Annotated[str, typer.Option(help="zh, en or both")] = "zh",
    quiet: Quiet = False,
) -> None:
    """Write a study folder to fill in: study file, Excel templates, instructions."""
    from quarterhour.template.folder import init_study  # noqa: PLC0415

    written = init_study(folder, language)
    if quiet:
        return
    for path in written:
        typer.echo(f"{path}")
    zh = f"下一步：放入道路文件，填写表格，然后运行 quarterhour check {written[0]}"
    en = f"next: add a road file, fill in the tables, then quarterhour check {written[0]}"
    typer.echo({"zh": zh, "en": en}.get(language, f"{zh}\n{en}"))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="folder for the results")] = Path("quarterhour-demo"),
    *,
    json: AsJson = False,
    quiet: Quiet = False,
    threads: Threads = None,
) -> None:
    """Run the study of a synthetic hill-town district that ships with the product."""
    from quarterhour.demo_study import demo_study  # noqa: PLC0415

    _run(demo_study(out / "study"), out, json=json, quiet=quiet, threads=threads)


app.command()(targets)
app.command()(site)
app.command(name="map")(map_)
app.command()(plan_commands.reconcile)
app.command()(plan_commands.compare)


@app.command()
def walkers() -> None:
    """List the walkers that a study may name, with the source of their speed."""
    from quarterhour.walkers import WALKERS  # noqa: PLC0415

    for walker in WALKERS.values():
        steps = "" if walker.steps else ", no steps"
        typer.echo(f"{walker.name}  {walker.speed_mps:.2f} m/s{steps}  {walker.label_zh}")
        typer.echo(f"    {walker.source}")


@app.callback(invoke_without_command=True)
def _root(
    *, version: Annotated[bool, typer.Option("--version", help="print the version")] = False
) -> None:
    if version:
        from quarterhour._version import __version__  # noqa: PLC0415

        typer.echo(f"quarterhour {__version__}")
        raise typer.Exit


def _run(study: Path, out: Path, *, json: bool, quiet: bool, threads: int | None) -> None:
    from quarterhour.publish import renamed  # noqa: PLC0415 - start-up stays quick
    from quarterhour.terminal import print_summary  # noqa: PLC0415

    began = time.perf_counter()
    result = _study(study, out, quiet=quiet or json, threads=threads)
    if json:
        _print_json(result)
    elif not quiet:
        console = _console()
        print_summary(result, console)
        for path in result.written:
            console.print(f"{path}", soft_wrap=True)
        console.print(f"{time.perf_counter() - began:.1f} s")
    if not quiet:
        for note in renamed(result.written):
            typer.echo(f"{note.zh} / {note.en}", err=True)
    language = "en" if json else result.summary["study"]["language"]  # beside JSON for programs
    _tell_set_aside(result, language, quiet=quiet)
    _tell_scenarios(result, language, quiet=quiet)


def _study(study: Path, out: Path, *, quiet: bool, threads: int | None) -> StudyResult:
    from quarterhour.study import run_study  # noqa: PLC0415
    from quarterhour.terminal import progress_bar  # noqa: PLC0415

    _tell_compiling(quiet=quiet)
    with progress_bar(quiet=quiet) as progress:
        return run_study(study, out, threads=threads, progress=progress)


def _tell_compiling(*, quiet: bool) -> None:
    from quarterhour.kernels import kernels_are_compiled  # noqa: PLC0415

    # told to somebody who waits; where stderr is read by a program, an error is one line
    if not quiet and sys.stderr.isatty() and not kernels_are_compiled():
        typer.echo(
            "first run after installing: compiling, about half a minute, once"
            " 首次运行需编译，约半分钟，仅一次",
            err=True,
        )


def _print_json(result: StudyResult) -> None:
    from quarterhour.render.summary import to_json  # noqa: PLC0415

    sys.stdout.write(to_json(result.summary))


def _tell_set_aside(result: StudyResult, language: str, *, quiet: bool) -> None:
    rows = list(dict.fromkeys([*result.set_aside, *_of_services(result)]))
    _tell_rows(rows, "summary.json", language, quiet=quiet)


def _tell_rows(rows: list[SetAside], where: str, language: str, *, quiet: bool) -> None:
    """A line on stderr for each row that is not used, as far as they are few."""
    if quiet:
        return
    from quarterhour.render.check import sentences as say  # noqa: PLC0415
    from quarterhour.render.summary import set_aside_rows  # noqa: PLC0415
    from quarterhour.render.words import both  # noqa: PLC0415

    for row, told in zip(rows[:MOST_LINES], set_aside_rows(rows[:MOST_LINES]), strict=True):
        zh = f"未采用：{say.place(told).zh}：{say.reason(told).zh}"
        typer.echo(both(zh, f"set aside: {row.line()}", language), err=True)
    if len(rows) > MOST_LINES:
        left = len(rows) - MOST_LINES
        zh = f"未采用：另有 {left} 行；全部 {len(rows)} 行见 {where}"
        more = "row" if left == 1 else "rows"
        en = f"set aside: {left} more {more}; all {len(rows)} are in {where}"
        typer.echo(both(zh, en, language), err=True)


def _tell_scenarios(result: StudyResult, language: str, *, quiet: bool) -> None:
    """What is odd about a scenario, one line each on stderr."""
    from quarterhour.render.words import both  # noqa: PLC0415

    for scenario in () if quiet else result.scenarios:
        for change in scenario.changes:
            if change.kind in SCENARIO_KINDS:
                zh = f"方案 {scenario.part.name}：{change.file}：{change.detail.zh}"
                en = f"scenario {scenario.part.name}: {change.line()}"
                typer.echo(both(zh, en, language), err=True)


def _of_services(result: StudyResult) -> Iterator[SetAside]:
    for assessment in result.assessments:
        yield from assessment.set_aside
    for scenario in result.scenarios:
        yield from scenario.set_aside


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    # what is not a terminal has no width: wide enough that no cell of the table is cut
    width = None if sys.stdout.isatty() else 140
    return Console(highlight=False, markup=False, emoji=False, width=width)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What a console prints for characters that it does not have: o for ö, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = unicodedata.normalize("NFKD", error.object[error.start : error.end])
    plain = "".join(c if c.isascii() else "?" for c in text if not unicodedata.combining(c))
    return plain, error.end


def _in_both(sentence: str, zh: str = "") -> str:
    """A fault in English, and in Chinese where it has or is known to have Chinese words."""
    from quarterhour.render.check.faults import fault_zh  # noqa: PLC0415 - start-up stays quick

    told = zh or fault_zh(sentence)
    return f"{sentence} / {told}" if told else sentence


def main() -> None:
    """Run the command line: one line on stderr and exit code 1 for errors of the input."""
    # a run makes millions of objects that live to its end: with the usual thresholds the search
    # for dead circles among them takes a sixth of its time and finds next to nothing
    gc.set_threshold(50_000, 20, 50)
    # names are read character by character: the book of whole words would be loaded in vain
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        # a console in another encoding must not end a run over a character it cannot print
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="plain")
    try:
        app()
    except QuarterhourError as error:
        sys.stderr.write("error: " + _in_both(" ".join(str(error).split()), error.zh) + "\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
