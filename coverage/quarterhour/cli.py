"""Words to verbs; no arithmetic."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quarterhour.errors import QuarterhourError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from quarterhour.inputs import SetAside
    from quarterhour.study import StudyResult

MOST_LINES = 20
"""Rows set aside that are named on the terminal; all of them are in the outputs."""

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
def check(study: StudyFile, *, json: AsJson = False, quiet: Quiet = False) -> None:
    """Say whether the inputs of a study are usable and what would be dropped; writes nothing."""
    from quarterhour.terminal import print_check  # noqa: PLC0415 - start-up stays quick

    result = _study(study, None, quiet=quiet or json, threads=None, store=False)
    if json:
        _print_json(result)
    elif not quiet:
        print_check(result, _console())
    _tell_set_aside(result, quiet=quiet)


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
    _tell_set_aside(result, quiet=quiet)


def _study(
    study: Path, out: Path | None, *, quiet: bool, threads: int | None, store: bool = True
) -> StudyResult:
    from quarterhour.kernels import kernels_are_compiled  # noqa: PLC0415
    from quarterhour.study import run_study  # noqa: PLC0415
    from quarterhour.terminal import progress_bar  # noqa: PLC0415

    # told to somebody who waits; where stderr is read by a program, an error is one line
    if not quiet and sys.stderr.isatty() and not kernels_are_compiled():
        typer.echo(
            "first run after installing: compiling, about half a minute, once"
            " 首次运行需编译，约半分钟，仅一次",
            err=True,
        )
    with progress_bar(quiet=quiet) as progress:
        return run_study(study, out, threads=threads, store=store, progress=progress)


def _print_json(result: StudyResult) -> None:
    from quarterhour.render.summary import to_json  # noqa: PLC0415

    sys.stdout.write(to_json(result.summary))


def _tell_set_aside(result: StudyResult, *, quiet: bool) -> None:
    """A line on stderr for each row that is not used, as far as they are few."""
    if quiet:
        return
    rows = list(dict.fromkeys([*result.set_aside, *_of_services(result)]))
    for row in rows[:MOST_LINES]:
        typer.echo(f"set aside: {row.line()}", err=True)
    if len(rows) > MOST_LINES:
        typer.echo(
            f"set aside: {len(rows) - MOST_LINES} more rows; all {len(rows)} are in"
            f" {'summary.json' if result.written else 'the output of --json'}",
            err=True,
        )


def _of_services(result: StudyResult) -> Iterator[SetAside]:
    for assessment in result.assessments:
        yield from assessment.set_aside


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    # what is not a terminal has no width: wide enough that no cell of the table is cut
    width = None if sys.stdout.isatty() else 140
    return Console(highlight=False, markup=False, emoji=False, width=width)


def main() -> None:
    """Run the command line: one line on stderr and exit code 1 for errors of the input."""
    for stream in (sys.stdout, sys.stderr):
        # a console in another encoding must not end a run over a character it cannot print
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    try:
        app()
    except QuarterhourError as error:
        sys.stderr.write("error: " + " ".join(str(error).split()) + "\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
