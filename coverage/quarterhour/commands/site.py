"""The command of siting: where the next facilities go, with proof."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from quarterhour.inputs import Note
    from quarterhour.siting.run import SiteRun

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
            study, out, n_sites=sites, budget=budget, seconds=seconds, threads=threads,
            progress=progress, found=found,
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
        for row in run.result.set_aside[:MOST_SITES]:
            typer.echo(f"set aside: {row.line()}", err=True)


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    # what is not a terminal has no width: wide enough that no cell of the table is cut
    width = None if sys.stdout.isatty() else 140
    return Console(highlight=False, markup=False, emoji=False, width=width)


def print_site(run: SiteRun, console: Console) -> None:
    """The answer in sentences, then a row for every site in the order of its gain."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from quarterhour.render.words import both  # noqa: PLC0415
    from quarterhour.siting.tables import answers_of, site_rows  # noqa: PLC0415

    language = run.prepared.study.study.language
    result = run.result

    def say(note: Note) -> None:
        if language in {"zh", "both"}:
            console.print(note.zh, soft_wrap=True)
        if language in {"en", "both"}:
            console.print(note.en, soft_wrap=True)

    for note in answers_of(result):
        say(note)
    rows = site_rows(result)
    if not rows:
        return
    costs = any(row["cost"] is not None for row in rows)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    words = "zh" if language == "both" else language
    for zh, en, right in (
        ("次序", "order", True), ("名称", "name", False), ("经度", "lon", True),
        ("纬度", "lat", True), ("新增覆盖", "added", True), ("累计", "so far", True),
        *((("万元", "万元", True),) if costs else ()),
    ):  # fmt: skip
        table.add_column(both(zh, en, words), justify="right" if right else "left", no_wrap=right)
    group = result.given.group
    for row in rows[:MOST_SITES]:
        cells = [
            str(row["rank"]), row["name"], f"{row['lon']:.6f}", f"{row['lat']:.6f}",
            f"{row['added'][group]:,.0f}", f"{row['total_added'][group]:,.0f}",
        ]  # fmt: skip
        if costs:
            cells.append("" if row["cost"] is None else f"{row['cost']:,.10g}")
        table.add_row(*cells)
    console.print(table)
    if len(rows) > MOST_SITES:
        more = len(rows) - MOST_SITES
        console.print(both(f"另有 {more} 处，见 sites.csv", f"{more} more in sites.csv", words))
