"""The command of siting: where the next facilities go, with proof."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from quarterhour.inputs import Note
    from quarterhour.siting.run import SiteRun
    from quarterhour.tabular import Column, Table

MOST_SITES = 30
"""Sites that the terminal lists; all of them are in the results."""


def site(
    study: Annotated[Path, typer.Argument(help="study file (TOML)", show_default=False)],
    out: Annotated[Path, typer.Option(help="folder for the results")] = Path("out-site"),
    *,
    sites: Annotated[
        int | None, typer.Option(help="most new sites", show_default="n_sites of [site]")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(help="budget in 万元", show_default="budget of [site]")
    ] = None,
    close: Annotated[
        int | None,
        typer.Option(help="existing facilities that close at least loss", show_default="none"),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="longest search", show_default="seconds of [site], 60")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="print nothing but errors")] = False,
    threads: Annotated[
        int | None, typer.Option(help="processors to use", min=1, show_default="all")
    ] = None,
) -> None:
    """Say where to build next, how many people that adds, and how far it is proven."""
    from quarterhour.render.summary import to_json  # noqa: PLC0415 - start-up stays quick
    from quarterhour.siting.run import run_site  # noqa: PLC0415
    from quarterhour.terminal import progress_bar  # noqa: PLC0415

    began = time.perf_counter()
    with progress_bar(quiet=quiet or json) as progress:

        def found(best: float, bound: float) -> None:
            if progress is not None:
                progress(f"best {best:,.0f}, bound {bound:,.0f}: solve", 0, 1)

        run = run_site(
            study, out, n_sites=sites, budget=budget, seconds=seconds, close=close,
            threads=threads, progress=progress, found=found,
        )  # fmt: skip
    if json:
        sys.stdout.write(to_json(run.summary["site"]))
    elif not quiet:
        console = _console()
        print_site(run, console)
        for path in run.written:
            console.print(f"{path}", soft_wrap=True)
        console.print(f"{time.perf_counter() - began:.1f} s")
    if not quiet:
        for row in run.answered.set_aside[:MOST_SITES]:
            typer.echo(f"set aside: {row.line()}", err=True)


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    # what is not a terminal has no width: wide enough that no cell of the table is cut
    width = None if sys.stdout.isatty() else 140
    return Console(highlight=False, markup=False, emoji=False, width=width)


def print_site(run: SiteRun, console: Console) -> None:
    """The answer in sentences, then a row for every site in the order of its gain."""
    language = run.prepared.study.study.language

    def say(note: Note) -> None:
        if language in {"zh", "both"}:
            console.print(note.zh, soft_wrap=True)
        if language in {"en", "both"}:
            console.print(note.en, soft_wrap=True)

    for note in run.answered.answers:
        say(note)
    for table in run.answered.shown:
        if len(run.answered.shown) > 1:
            say(table.title)
        _print_table(table, console, "zh" if language == "both" else language)


def _print_table(table: Table, console: Console, language: str) -> None:
    """The first rows of a table."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table as Grid  # noqa: PLC0415

    from quarterhour.render.words import both  # noqa: PLC0415

    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in table.columns:
        right = column.form != "text"
        heading = both(column.zh, column.en, language)
        grid.add_column(heading, justify="right" if right else "left", no_wrap=right)
    for row in table.rows[:MOST_SITES]:
        cells = zip(row, table.columns, strict=True)
        grid.add_row(*(_cell(value, column, language) for value, column in cells))
    console.print(grid)
    more = len(table.rows) - MOST_SITES
    if more > 0:
        rows = "row" if more == 1 else "rows"
        console.print(both(f"另有 {more} 行，见 report.xlsx", f"{more} more {rows} in report.xlsx",
                           language))  # fmt: skip


def _cell(value: Any, column: Column, language: str) -> str:  # noqa: ANN401 - as tables hold it
    if value is None:
        return ""
    if isinstance(value, tuple):  # a note
        return str(value[0] if language == "zh" else value[1])
    if column.form == "text":
        return str(value)
    if column.form == "year":
        return f"{value:.0f}"
    if column.form == "percent":
        return f"{value:.1%}"
    if column.form == "number":
        return f"{value:.6f}" if column.key in {"lon", "lat"} else f"{value:,.2f}"
    return f"{value:,.10g}" if column.form == "money" else f"{value:,.0f}"
