"""What the command line prints: a progress bar, the summary table, the check."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quarterhour.render.words import both, group_label, label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from quarterhour.study import StudyResult

    Progress = Callable[[str, int, int], None]


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
            bar.update(task, description=what, completed=done, total=total)

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
                    table.add_row(
                        f"{cutoff['cutoff_min']:g} min",
                        group_label(
                            group,
                            "zh" if language == "both" else language,
                            study["demand"]["kind"],
                        ),
                        *(_number(row[k]) for k in ("total", "covered", "uncovered", "unlinked")),
                        _share(row),
                    )
        console.print(table)
    for line in _residential(result.summary, language):
        console.print(line, soft_wrap=True)
    console.print(f"{_of_total(language)} ({_unit(study, language)})", soft_wrap=True)
    for line in _lines(result.summary):
        console.print(line, soft_wrap=True)


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


def print_check(result: StudyResult, console: Console) -> None:
    """Whether a study can run, and what would be dropped."""
    ground = result.prepared.ground
    net = ground.network
    console.print(result.summary["study"]["name"])
    console.print(
        f"roads: {net.n_nodes} junctions, {net.n_edges} edges,"
        f" {net.edge_length_mm.sum() / 1e6:.1f} km in the study area and its guard zone"
    )
    demand = ground.demand
    console.print(f"demand: {len(demand)} places, {demand.kind}, {demand.file or 'from the roads'}")
    for service in result.summary["services"]:
        console.print(
            f"service {service['name']}: {service['facilities_used']} facilities usable,"
            f" {service['facilities_planned']} planned,"
            f" {len(service['set_aside'])} set aside,"
            f" {service['facilities_of_other_kinds']} of other kinds"
        )
        row = service["cutoffs"][-1]["groups"][service["group"]]
        console.print(
            f"    {_number(row['unlinked'])} of {_number(row['total'])} {service['group']} would be"
            " unlinked (no road near enough)"
        )
    for line in _lines(result.summary):
        console.print(line, soft_wrap=True)
    console.print("the study can run")


def _of_total(language: str) -> str:
    zh = "可达占比 = 可达 ÷ 总量（含未连路网者）"
    return both(zh, "share = covered / total, unlinked included", language)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) or value >= 100 else f"{value:,.1f}"


def _share(row: dict[str, Any]) -> str:
    return "-" if row["share_covered"] is None else f"{100 * row['share_covered']:.1f} %"


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    outside = summary["study"]["outside_area"]["all"]
    if outside:
        yield f"outside the study area, counted apart: {_number(outside)}"
    for note in summary["study"]["notes"]:
        yield f"note: {note}"
