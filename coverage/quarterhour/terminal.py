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
    """One table: every service, cutoff and group, each share beside its denominator."""
    from rich.table import Table  # noqa: PLC0415

    study = result.summary["study"]
    language = study["language"]
    unit = both("人", "people", language) if study["demand"]["kind"] == "people" else (
        study["demand"]["unit"]
    )  # fmt: skip
    console.print(study["name"])
    if study["synthetic"]:
        console.print("合成数据 SYNTHETIC DATA")
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(label("service", language))
    for key in ("walker", "cutoff", "group"):
        table.add_column(label(key, language))
    for key in ("total", "covered", "uncovered", "unlinked", "share_covered"):
        table.add_column(label(key, language), justify="right")
    for service in result.summary["services"]:
        for cutoff in service["cutoffs"]:
            for group, row in cutoff["groups"].items():
                if group in {"all", service["group"]}:
                    table.add_row(
                        service["name"],
                        service["walker"],
                        f"{cutoff['cutoff_min']:g} min",
                        group_label(group, language),
                        *(_number(row[k]) for k in ("total", "covered", "uncovered", "unlinked")),
                        _share(row),
                    )
        table.add_section()
    console.print(table)
    console.print(f"{label('share_covered', language)}: {_of_total(language)} ({unit})")
    for line in _lines(result.summary):
        console.print(line, soft_wrap=True)


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
    return both("可达 ÷ 总量，总量含未能连接路网者", "covered / total, unlinked included", language)


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
