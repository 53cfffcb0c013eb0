"""Ours and the others side by side on Heidelberg: medians and ratios, in one run.

    python scripts/bench.py [--quick] [--only NAME] [--repeat N] [--json FILE]

Before any time is taken the answers are compared, and a difference ends the bench. Peers that are
not installed are listed as such. Times depend on the machine; the ratios are what to quote.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_common import MismatchError, fail, heidelberg, machine, say

if TYPE_CHECKING:
    from bench_common import Part, Row

PARTS = {
    "search": "bench_search",
    "walkers": "bench_walkers",
    "roads": "bench_roads",
    "job": "bench_job",
    "facilities": "bench_facilities",
    "million": "bench_million",
    "link": "bench_link",
    "places": "bench_places",
    "steps": "bench_steps",
    "isochrones": "bench_isochrones",
    "siting": "bench_siting",
    "page": "bench_page",
}
"""Names for --only, and the module whose `measure` runs each."""


def main() -> None:
    """Run the parts asked for, print the table, write the JSON."""
    options = _options()
    heidelberg()
    facts = machine()
    parts: list[Part] = []
    with tempfile.TemporaryDirectory(prefix="quarterhour-bench-") as folder:
        # our own cache: neither the user's is touched nor is a run helped by an earlier one
        os.environ["QUARTERHOUR_CACHE"] = str(Path(folder) / "cache")
        for name in [options.only] if options.only else PARTS:
            say(f"{name} ...")
            module = importlib.import_module(PARTS[name])
            try:
                parts.append(module.measure(repeat=options.repeat, quick=options.quick))
            except MismatchError as error:
                fail(str(error))
    print(table(facts, parts))
    if options.json:
        document = {"machine": facts, "parts": [part.as_json() for part in parts]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer runs, fewer slow sources")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--repeat", type=int, help="runs of each thing (7, with --quick 3)")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    options = parser.parse_args()
    if options.repeat is None:
        options.repeat = 3 if options.quick else 7
    if options.repeat < 1:
        parser.error(f"--repeat is {options.repeat}; needed is 1 or more")
    return options


def table(facts: dict[str, Any], parts: list[Part]) -> str:
    """The whole result as plain text."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["libraries"].items())
    lines = [
        "{system} {machine}, {cores} processors, Python {python}".format_map(facts),
        versions,
    ]
    for part in parts:
        width = max(len(row.what) for row in part.rows)
        lines += ["", f"[{part.name}] {part.title}", f"  answers: {part.agreed}"]
        lines += [f"  {_line(row, width)}" for row in part.rows]
    return "\n".join(lines)


def _line(row: Row, width: int) -> str:
    seconds = "" if row.seconds is None else duration(row.seconds)
    ratio = "" if row.times_ours is None else f"{row.times_ours:,.3g} x ours"
    if row.times_ours is not None and row.times_ours >= 100:
        ratio = f"{row.times_ours:,.0f} x ours"
    target = f"{row.target}: {'met' if row.met else 'MISSED'}" if row.target else ""
    runs = f"{row.runs} runs" if row.runs > 1 else "1 run" if row.runs else ""
    cells = [row.what.ljust(width), seconds.rjust(9), ratio.rjust(13), runs.rjust(7)]
    return "  ".join([*cells, *filter(None, (target, row.note))]).rstrip()


def duration(seconds: float) -> str:
    """A time with three digits and the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


if __name__ == "__main__":
    main()
