"""The command of the targets: a plan explained, or evaluated on a study."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quarterhour.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from quarterhour.inputs import Note
    from quarterhour.plans.target_run import TargetResults
    from quarterhour.targets.evidence import IndicatorResult, PartResult
    from quarterhour.targets.schema import Plan

LANGUAGES = ("zh", "en", "both")

StudyOrPlan = Annotated[
    str | None,
    typer.Argument(help="study file (TOML); with --explain also a plan alone", show_default=False),
]


def targets(
    study: StudyOrPlan = None,
    *,
    plan: Annotated[
        list[str] | None,
        typer.Option(help="key of a plan or a file of one; default: [targets] plans of the study"),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="say what is measured, from what, and what is missing")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="folder for targets.json", show_default="none is written")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="zh, en or both", show_default="that of the study")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print the results as JSON")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="print nothing but errors")] = False,
    threads: Annotated[
        int | None, typer.Option(help="processors to use", min=1, show_default="all")
    ] = None,
) -> None:
    """Judge the targets of a city plan on a study: pass, fail or unknown, with the reasons."""
    from quarterhour.plans.target_run import plan_of  # noqa: PLC0415 - start-up stays quick
    from quarterhour.targets.schema import shipped_plans  # noqa: PLC0415

    if language is not None and language not in LANGUAGES:
        raise InputError(f"--language is {language!r}; allowed are {', '.join(LANGUAGES)}")
    known = ", ".join(shipped_plans())
    names = list(dict.fromkeys(plan or []))
    if explain and study is not None and _is_plan(study, shipped_plans()):
        names, study = [study, *names], None
    if study is None:
        if not explain:
            raise InputError(
                "no study file is named; needed is quarterhour targets study.toml --plan ziyang, or"
                f" --explain and one of {known}"
            )
        if not names:
            raise InputError(f"--explain needs a plan: one of {known}, or the file of one")
        _print_plans([plan_of(name) for name in names], language or "both", json=json)
        return
    _evaluate(
        Path(study), names, explain=explain, out=out, language=language, json=json, quiet=quiet,
        threads=threads,
    )  # fmt: skip


def _is_plan(name: str, shipped: tuple[str, ...]) -> bool:
    """Whether the argument is a plan and no study."""
    if name in shipped:
        return True
    path = Path(name)
    try:
        return path.is_file() and "[[indicator" in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _print_plans(plans: list[Plan], language: str, *, json: bool) -> None:
    from quarterhour.inputs import Note  # noqa: PLC0415
    from quarterhour.render.summary import to_json  # noqa: PLC0415 - start-up stays quick
    from quarterhour.sources.facilities.kinds import KINDS  # noqa: PLC0415
    from quarterhour.targets.explain import explain  # noqa: PLC0415

    kinds = {key: (Note(kind.zh, kind.en), kind.domain) for key, kind in KINDS.items()}
    if json:
        told = {p.plan.key: [{"zh": n.zh, "en": n.en} for n in explain(p, kinds)] for p in plans}
        sys.stdout.write(to_json(told))
        return
    for plan in plans:
        for line in explain(plan, kinds):
            _say(line, language)


def _say(line: Note, language: str) -> None:
    """A line in the language; in both, the Chinese line and the English one below it."""
    if language in {"zh", "both"}:
        typer.echo(line.zh)
    if language in {"en", "both"} and (line.en != line.zh or language == "en"):
        typer.echo(line.en)


def _evaluate(
    path: Path,
    names: list[str],
    *,
    explain: bool,
    out: Path | None,
    language: str | None,
    json: bool,
    quiet: bool,
    threads: int | None,
) -> None:
    from quarterhour.plans.target_run import plan_of, run_targets, summary_of  # noqa: PLC0415
    from quarterhour.render.summary import to_json  # noqa: PLC0415 - start-up stays quick
    from quarterhour.study import prepare_study  # noqa: PLC0415
    from quarterhour.study_file.settings import load_study  # noqa: PLC0415
    from quarterhour.targets.schema import shipped_plans  # noqa: PLC0415
    from quarterhour.terminal import progress_bar  # noqa: PLC0415

    # plans first: a wrong name is told before the roads are read
    study = load_study(path)
    plans = [plan_of(name) for name in names]
    plans = plans or [plan_of(name, path.parent) for name in study.targets.plans]
    if not plans:
        raise InputError(
            f"{path}: no plan is named; needed is --plan with one of {', '.join(shipped_plans())},"
            ' a file, or [targets] plans = ["..."] in the study'
        )
    if out is not None and out.is_file():
        raise InputError(f"{out}: is a file; choose a folder for the results with --out")
    with progress_bar(quiet=quiet or json) as progress:
        ready = prepare_study(path, progress=progress)
    found = run_targets(ready.laid.inputs, ready.ground, plans, threads=threads)
    document = {"study": {"name": study.study.name}, **summary_of(found)}
    if json:
        sys.stdout.write(to_json(document))
    elif not quiet:
        said = language or study.study.language
        print_targets(found, said, _console(), explain=explain)
    if out is not None:
        written = _write(out, to_json(document))
        if not (json or quiet):
            typer.echo(f"{written}")


def _write(out: Path, text: str) -> Path:
    from quarterhour.publish import placed  # noqa: PLC0415 - start-up stays quick

    file = out / "targets.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
            whole = Path(folder) / file.name
            whole.write_text(text, encoding="utf-8", newline="\n")
            file = placed(whole, file)
    except OSError as error:
        raise InputError(
            f"{file}: cannot be written ({error.strerror}); choose another folder with --out"
        ) from error
    return file


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    width = None if sys.stdout.isatty() else 160
    return Console(highlight=False, markup=False, emoji=False, width=width)


def print_targets(
    found: TargetResults, language: str, console: Console, *, explain: bool = False
) -> None:
    """A table per plan: id, indicator, result, value, target, year and why."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from quarterhour.inputs import Note  # noqa: PLC0415
    from quarterhour.render.check import sentences as say  # noqa: PLC0415
    from quarterhour.render.summary import change_rows, set_aside_rows  # noqa: PLC0415
    from quarterhour.render.words import both  # noqa: PLC0415
    from quarterhour.targets.words import RESULTS  # noqa: PLC0415

    table_language = "zh" if language == "both" else language
    for plan in found.plans:
        console.print(f"{plan.key}  {both(plan.name.zh, plan.name.en, language)}", soft_wrap=True)
        counts = [
            Note(f"{words.zh} {plan.count(key)}", f"{plan.count(key)} {words.en}")
            for key, words in RESULTS.items()
        ]
        console.print(
            both("，".join(c.zh for c in counts), ", ".join(c.en for c in counts), language)
        )
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for zh, en, right in (
            ("编号", "id", False), ("指标", "indicator", False), ("结果", "result", False),
            ("现值", "value", True), ("目标", "target", True), ("年份", "year", True),
            ("依据", "why", False),
        ):  # fmt: skip
            table.add_column(
                both(zh, en, table_language), justify="right" if right else "left",
                overflow="fold", no_wrap=right,
            )  # fmt: skip
        for one in plan.indicators:
            for part in one.parts or (None,):
                table.add_row(*_cells(one, part, table_language))
        console.print(table)
        if any(_by_threshold(part) for one in plan.indicators for part in one.parts):
            console.print(both(*_threshold_note(), language), soft_wrap=True)
        if explain:
            _print_reasons(plan.indicators, language, console)
    for row, told in zip(found.set_aside, set_aside_rows(found.set_aside), strict=True):
        line = f"未采用：{say.place(told).zh}：{say.reason(told).zh}"
        console.print(both(line, f"set aside: {row.line()}", table_language), soft_wrap=True)
    for change in found.changes:
        at = say.place(change_rows([change])[0])
        zh, en = f"改读：{at.zh}：{change.detail.zh}", f"changed: {at.en}: {change.detail.en}"
        console.print(both(zh, en, table_language), soft_wrap=True)
    for note in found.notes:
        console.print(both(note.zh, note.en, language), soft_wrap=True)


MARK = " *"
"""Behind a target that is not of the plan."""


def _by_threshold(part: PartResult) -> bool:
    """Whether a part is judged by the user's threshold: the plan names no number."""
    return not part.stated and part.target is not None


def _threshold_note() -> Note:
    from quarterhour.inputs import Note  # noqa: PLC0415

    return Note(
        "* 计划未给出数值：按使用者的门槛判断（[targets] threshold_percent 或 thresholds）",
        "* the plan names no number: threshold of the user ([targets] threshold_percent or"
        " thresholds)",
    )


def _cells(one: IndicatorResult, part: PartResult | None, language: str) -> list[str]:
    from quarterhour.plans.target_run import first_evidence, named, target_text  # noqa: PLC0415
    from quarterhour.render.words import both  # noqa: PLC0415
    from quarterhour.targets.rules import number_text  # noqa: PLC0415
    from quarterhour.targets.words import NOT_COMPUTED, RESULTS  # noqa: PLC0415

    why = first_evidence(one, part)
    if part is None:
        said = both(*NOT_COMPUTED, language)
        return [one.id, both(one.zh, one.en, language), said, "", "", "", both(*why, language)]
    unit = both(*part.unit, language)
    mark = MARK if _by_threshold(part) else ""
    value = "" if part.value is None else number_text(part.value)
    return [
        one.id,
        both(*named(one, part), language),
        both(*RESULTS[part.result], language),
        value,
        f"{target_text(part)} {unit}".strip() + mark,
        str(part.year or ""),
        both(*why, language),
    ]


def _print_reasons(
    indicators: tuple[IndicatorResult, ...], language: str, console: Console
) -> None:
    """For every indicator all that its result rests on, a line each."""
    from quarterhour.plans.target_run import named, reason_lines  # noqa: PLC0415
    from quarterhour.render.words import both  # noqa: PLC0415

    for one in indicators:
        for part in one.parts or (None,):
            console.print(f"{one.id} {both(*named(one, part), language)}", soft_wrap=True)
            for line in reason_lines(one, part):
                console.print(f"    {both(line.zh, line.en, language)}", soft_wrap=True)
