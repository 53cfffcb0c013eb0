"""What the command line prints: a progress bar, the summary table, the check."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quarterhour.inputs import Note
from quarterhour.measures import counted, parts_told
from quarterhour.render.check import sentences as say
from quarterhour.render.words import both, group_label, label
from quarterhour.terminal_answers import answer_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from quarterhour.study import StudyResult

    Progress = Callable[[str, int, int], None]


STEPS = {
    "roads": "道路", "area": "研究范围", "people": "人口", "facilities": "设施",
    "residential": "居住区", "ground": "整理", "link": "连接路网", "links": "连接路网",
    "search": "步行时间", "service_areas": "服务区", "count": "统计", "done": "完成",
    "candidates": "候选点", "narrowing_the_candidates": "筛选候选点", "solve": "求解",
    "proof": "验算", "anywhere": "沿街上界",
    "answers": "各项指标", "targets": "规划目标", "report": "报告",
    "map": "地图", "geopackage": "图层", "summary": "汇总", "move": "存盘",
}  # fmt: skip
"""The steps of a run in Chinese; the language of a study is known only after its first step."""


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress | None]:
    """A progress display on stderr; plain lines where that is not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1)

        def progress(what: str, done: int, total: int) -> None:
            lead, _, step = what.rpartition(": ")
            told = f"{STEPS.get(step, '')} {step.replace('_', ' ')}".strip()
            bar.update(
                task,
                description=f"{lead}: {told}" if lead else told,
                completed=done,
                total=total,
            )

        yield progress


def print_summary(result: StudyResult, console: Console) -> None:
    """One table: every service and cutoff, everyone and the service's group, with denominators."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    study = result.summary["study"]
    language = study["language"]
    console.print(study["name"])
    if study["synthetic"]:
        console.print("合成数据 SYNTHETIC DATA")
    for service in result.summary["services"]:
        console.print(_service_line(service, language), soft_wrap=True)
        # narrow enough for 80 columns: a figure must never be cut
        table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for key in ("cutoff", "group"):
            table.add_column(_heading(key, language), no_wrap=True)
        for key in ("total", "covered", "uncovered", "unlinked_short", "share_covered"):
            table.add_column(_heading(key, language), justify="right", no_wrap=True)
        for cutoff in service["cutoffs"]:
            for group, row in cutoff["groups"].items():
                if group in {"all", service["group"]}:
                    parts = ("total", "covered", "uncovered", "unlinked")
                    told = parts_told(*(row[k] for k in parts))
                    table.add_row(
                        f"{cutoff['cutoff_min']:g} min",
                        group_label(
                            group,
                            "zh" if language == "both" else language,
                            study["demand"]["kind"],
                        ),
                        *(f"{n:,}" for n in told),
                        _share(row),
                    )
        console.print(table)
    for line in _residential(result.summary, language):
        console.print(line, soft_wrap=True)
    console.print(f"{_of_total(language)} ({_unit(study, language)})", soft_wrap=True)
    outside = study["outside_area"]["all"]
    if outside:
        amount = f"{_number(outside)} {_unit(study, language)}"
        console.print(f"{label('outside_people', language)}: {amount}", soft_wrap=True)
    for line in answer_lines(result.summary, language):
        console.print(line, soft_wrap=True)
    for line in _scenarios(result.summary, language):
        console.print(line, soft_wrap=True)
    _print_doubts(result, language, console)


def _scenarios(summary: dict[str, Any], language: str) -> Iterator[str]:
    """A line per scenario and service: the service's group at its last cutoff, before and after."""
    for scenario in summary.get("scenarios", []):
        for service in scenario["services"]:
            cutoff = service["cutoffs"][-1]
            row = cutoff["groups"][service["group"]]
            before, after, total = (
                round(row[k]) for k in ("covered_before", "covered_after", "total")
            )
            more = f"{after - before:+,}" if after != before else "±0"
            zh = f"方案“{scenario['name']}”：{service['name']} {cutoff['minutes']:g} 分钟可达"
            en = f"scenario {scenario['name']!r}: {service['name']} in {cutoff['minutes']:g} min"
            yield both(
                f"{zh} {before:,} → {after:,}（{more}），共 {total:,}",
                f"{en} {before:,} -> {after:,} ({more}) of {total:,}",
                language,
            )


def _print_doubts(result: StudyResult, language: str, console: Console) -> None:
    """What should be looked at, and where the rest of what a run has to say can be read."""
    from quarterhour.checks.checking import look_at_run  # noqa: PLC0415
    from quarterhour.checks.report import warning_rows  # noqa: PLC0415 - only a run needs it here

    line = _writer(console, language)
    found = look_at_run(result)
    warnings = warning_rows(found, background=False)
    if warnings:
        line(
            Note(
                f"提醒 {len(warnings)} 条，请核对",
                f"{counted(len(warnings), 'warning')}, please check",
            )
        )
    most = _most("warnings", language)
    _print_entries(warnings, most, line)
    changes = len(result.summary["changes"])
    if changes:
        line(
            Note(
                f"输入有 {changes} 处改动或推断，逐处见 summary.json，或运行 quarterhour check",
                f"{counted(changes, 'thing was', 'things were')} changed or guessed in the inputs:"
                " see summary.json, or run quarterhour check",
            )
        )


def _most(part: str, language: str) -> int:
    """Entries of a part on the terminal: half as many where each stands there twice."""
    return MOST[part] // 2 if language == "both" else MOST[part]


def _writer(console: Console, language: str) -> Callable[..., None]:
    """A function that prints a note in `language` after a lead."""

    def line(note: Note, lead: str = "") -> None:
        text = both(note.zh, note.en, language)
        if language == "both" and len(text) > WIDE:
            console.print(f"{lead}{note.zh}", soft_wrap=True)
            lead, text = " " * len(lead), note.en
        console.print(f"{lead}{text}", soft_wrap=True)

    return line


def _print_entries(entries: list[dict[str, Any]], most: int, line: Callable[..., None]) -> None:
    """Problems or warnings, numbered, each with its first sentence."""
    for k, entry in enumerate(entries[:most], 1):
        about, told = say.about(entry), say.first_line(entry)
        line(Note(f"[{about.zh}] {told.zh}", f"[{about.en}] {told.en}"), f"  {k}. ")
    _print_rest(len(entries) - most, line)


def _print_rest(number: int, line: Callable[..., None]) -> None:
    if number > 0:
        line(Note(f"另有 {number} 条", f"and {number} more"), "  ")


def _service_line(service: dict[str, Any], language: str) -> str:
    """Name, walker and speed of a service."""
    speed = service["speed_mps"]
    how = f", {speed:.2f} m/s" if speed is not None else ""
    return f"{label('service', language)}: {service['name']} ({service['walker']}{how})"


def _heading(key: str, language: str) -> str:
    """A column heading; in both languages one under the other."""
    return "\n".join(label(key, one) for one in LANGUAGES[language])


LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


def _unit(study: dict[str, Any], language: str) -> str:
    kind = study["demand"]["kind"]
    return label(kind, language)


def _residential(summary: dict[str, Any], language: str) -> Iterator[str]:
    """A line per service: residential areas by status at the last cutoff."""
    for service in summary["services"]:
        areas = service["cutoffs"][-1].get("residential")
        if areas is None:
            continue
        parts = [f"{label(k, language)} {areas[k]}" for k in ("covered", "partly", "uncovered")]
        yield (
            f"{service['name']}: {label('residential', language)} {areas['areas']}:"
            f" {', '.join(parts)}, {label('unlinked_short', language)} {areas['unlinked']}"
        )


MOST = {"problems": 8, "warnings": 6, "lines": 8, "datum": 4, "set_aside": 4, "changes": 4}
"""Entries of each part of a check on the terminal, half as many in two languages."""

WIDE = 60
"""Letters from which on two languages stand one under the other."""


def print_check(document: dict[str, Any], page: Path | None, console: Console) -> None:
    """Whether a study can run, what stands in the way, and what was read; details are on `page`."""
    language = document["study"]["language"]
    most = {key: _most(key, language) for key in MOST}
    line = _writer(console, language)

    def rest(number: int) -> None:
        _print_rest(number, line)

    console.print(f"{document['study']['name']}  {document['study']['file']}", soft_wrap=True)
    line(say.verdict(document))
    for key, title in (
        ("problems", Note("问题", "Problems")),
        ("warnings", Note("提醒", "Warnings")),
    ):
        entries = document[key]
        if entries:
            line(title)
        _print_entries(entries, most[key], line)
    lines = say.overview(document)
    if lines:
        line(Note("读取", "Read"))
    for what, told in lines[: most["lines"]]:
        line(Note(f"{what.zh}  {told.zh}", f"{what.en}  {told.en}"), "  ")
    rest(len(lines) - most["lines"])
    for entry in document["datum"][: most["datum"]]:
        told, part = say.fit_short(entry), say.place_of(entry)
        line(Note(f"坐标系  {part}：{told.zh}", f"coordinates  {part}: {told.en}"), "  ")
    rows = say.all_set_aside(document)
    if rows:
        why = say.reasons(rows)
        many = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        line(Note(f"未采用 {len(rows)} 行：{why.zh}", f"{many} set aside: {why.en}"))
    for row in rows[: most["set_aside"]]:
        at, why = say.place(row), say.reason(row)
        line(Note(f"{at.zh}：{why.zh}", f"{at.en}: {why.en}"), "  ")
    rest(len(rows) - most["set_aside"])
    kinds = document["changes"]
    if kinds:
        number = sum(kind["count"] for kind in kinds)
        line(Note(f"改动和推断 {number} 处", f"{number} changed or guessed"))
    for kind in kinds[: most["changes"]]:
        named = say.change_kind(kind["kind"])
        first = kind["rows"][0]
        line(
            Note(
                f"{named.zh} {kind['count']}，例如 {say.place(first).zh}：{first['detail_zh']}",
                f"{named.en} {kind['count']}, for example {say.place(first).en}:"
                f" {first['detail_en']}",
            ),
            "  ",
        )
    rest(len(kinds) - most["changes"])
    if page is not None:
        line(Note(f"全部细节：{page}", f"all details: {page}"))


def _of_total(language: str) -> str:
    zh = "可达占比 = 可达 ÷ 总量（含未连路网者）"
    return both(zh, "share = covered / total, unlinked included", language)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or value >= 100 else f"{value:,.1f}"


def _share(row: dict[str, Any]) -> str:
    return "-" if row["share_covered"] is None else f"{100 * row['share_covered']:.1f} %"
