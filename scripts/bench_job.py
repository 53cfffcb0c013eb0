"""Part "job": the whole job for the Heidelberg facilities, from PBF to HTML map, start-up included.

The recipe is `bench_recipe.py`. Beside it stand our ten lines of Python, which do the same job
and are what it is compared with, and `quarterhour run`, which also writes every place, a
summary and a manifest. All are programs of their own and read the PBF anew in every run.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench_common import CUTOFFS_MIN, Part, Times, child, heidelberg, race, require, run, say

SCRIPT = "ours, ten lines of Python, from PBF to map"
OURS = "ours, quarterhour run, from PBF, all files"
CACHED = "ours, quarterhour run, roads cached"
FIRST = "ours, first run after installing (compiles)"
RECIPE = "OSMnx, networkx, shapely, folium recipe"
TOLERANCE = 0.2
"""The recipe reaches streets whole or not at all, from the junction nearest to a facility, so its
metres are near ours and mostly below; the shorter the walk, the more so."""

STUDY = """
[study]
name = "Heidelberg"
language = "en"
[roads]
source = "heidelberg.osm.pbf"
[[service]]
name = "care"
facilities = "heidelberg_facilities.csv"
walker = "adult"
cutoffs_min = [5, 10, 15]
"""


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds of the whole job, as a program."""
    with tempfile.TemporaryDirectory(prefix="quarterhour-job-") as name:
        folder = Path(name)
        for file in ("heidelberg.osm.pbf", "heidelberg_facilities.csv"):
            shutil.copyfile(heidelberg() / file, folder / file)
        (folder / "study.toml").write_text(STUDY, encoding="utf-8")
        cache = folder / "cache"

        def ours() -> None:
            command = [sys.executable, "-m", "quarterhour", "run", "study.toml", "-q"]
            run(command, cwd=folder, env={"QUARTERHOUR_CACHE": str(cache)})

        def from_pbf() -> None:
            shutil.rmtree(cache / "roads", ignore_errors=True)
            ours()

        def script() -> None:
            shutil.rmtree(cache / "roads", ignore_errors=True)
            program = str(Path(__file__).with_name("bench_script.py"))
            files = ["heidelberg.osm.pbf", "heidelberg_facilities.csv", "map.html"]
            command = [sys.executable, program, *files]
            run(command, cwd=folder, env={"QUARTERHOUR_CACHE": str(cache)})

        (folder / "recipe").mkdir()
        steps: list[dict[str, float]] = []

        def recipe() -> dict[str, dict[str, float]]:
            pbf, table = folder / "heidelberg.osm.pbf", folder / "heidelberg_facilities.csv"
            words = child("bench_recipe.py", str(pbf), str(table), str(folder / "recipe"))
            answer: dict[str, dict[str, float]] = json.loads(words.splitlines()[-1])
            steps.append(answer["seconds"])
            return answer

        say("  first run, with an empty cache")
        began = time.perf_counter()
        ours()
        first = Times(seconds=(time.perf_counter() - began,))
        say("  comparing answers: metres of street covered")
        agreed = _compare(folder / "out" / "summary.json", recipe())
        size = (folder / "out" / "map.html").stat().st_size / 1e6
        theirs = (folder / "recipe" / "map.html").stat().st_size / 1e6
        turns = 1 if quick else min(3, repeat)
        times = race(
            {SCRIPT: script, OURS: from_pbf, CACHED: ours, RECIPE: recipe},
            repeat,
            slow={RECIPE: turns},
        )
    share = ", ".join(f"{step} {seconds:.1f}" for step, seconds in steps[-1].items())
    return Part(
        name="job",
        title="The whole job: 27 facilities, 5, 10 and 15 minutes, from PBF to HTML map, start-up"
        " included",
        agreed=agreed,
        rows=(
            times[SCRIPT].row(SCRIPT, note=f"map.html {size:.1f} MB"),
            times[OURS].row(OURS, note="map.html, results.gpkg, summary.json, manifest.json"),
            times[CACHED].row(CACHED),
            first.row(FIRST),
            times[RECIPE].against(
                times[SCRIPT], RECIPE, at_least=20.0, note=f"map.html {theirs:.1f} MB; s: {share}"
            ),
        ),
    )


def _compare(summary: Path, theirs: dict[str, dict[str, float]]) -> str:
    """How well the metres of street that are covered agree, in words."""
    service = json.loads(summary.read_text(encoding="utf-8"))["services"][0]
    require(
        service["facilities_used"] == theirs["facilities"],
        f"job: we use {service['facilities_used']} facilities, the recipe {theirs['facilities']}",
    )
    words = []
    for cutoff, row in zip(CUTOFFS_MIN, service["cutoffs"], strict=True):
        ours_m, theirs_m = row["groups"]["all"]["covered"], theirs["covered_m"][str(cutoff)]
        require(
            abs(theirs_m / ours_m - 1) < TOLERANCE,
            f"job: within {cutoff} min we cover {ours_m / 1e3:.0f} km of street, the recipe"
            f" {theirs_m / 1e3:.0f} km: more apart than their methods explain",
        )
        words.append(f"{cutoff} min {ours_m / 1e3:.0f} and {theirs_m / 1e3:.0f} km")
    return f"27 facilities used by both; street covered, ours and the recipe's: {', '.join(words)}"
