"""How often datum detection is right, wrong or undecided on real points moved to Chinese cities.

    python scripts/bench_datum.py DATA [--subsets 96] [--seed 1] [--cells]

DATA is the folder with heidelberg/ and liechtenstein/. Every line is a kind of points, a number of
points per subset and a way of choosing or spoiling them, with the subsets spread evenly over four
cities and three systems. "wrong" means wrong and sure of it. With --cells every line is
told by city and true system too, as right/wrong/undecided.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from datum_places import (
    CITIES,
    DATUMS,
    Ground,
    heidelberg,
    liechtenstein,
    street_fronts,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    Spoil = Callable[[FloatArray, np.random.Generator], FloatArray]


class Case(NamedTuple):
    """`near`: points are chosen among that many neighbours, 0 for all."""

    n: int
    near: int = 0
    spoil: str = ""


CASES = (
    Case(8), Case(20), Case(50), Case(200), Case(20, near=600), Case(20, near=150),
    Case(20, near=40), Case(200, near=400), Case(20, spoil="10 % anywhere"),
    Case(20, spoil="20 m noise"), Case(20, spoil="200 m off"), Case(20, spoil="400 m off"),
    Case(50, spoil="all anywhere"),
)  # fmt: skip


def anywhere(xy: FloatArray, share: float, rng: np.random.Generator) -> FloatArray:
    """Some of the points moved by up to 1.5 km each."""
    out = rng.random(len(xy)) < share
    return xy + np.where(out[:, None], rng.uniform(-1500, 1500, xy.shape), 0.0)


def off(xy: FloatArray, radius_m: float, rng: np.random.Generator) -> FloatArray:
    """All points moved together."""
    angle = rng.uniform(0, 2 * np.pi)
    return xy + radius_m * np.array([np.cos(angle), np.sin(angle)])


SPOILS: dict[str, Spoil] = {
    "": lambda xy, _: xy,
    "10 % anywhere": lambda xy, rng: anywhere(xy, 0.1, rng),
    "all anywhere": lambda xy, rng: anywhere(xy, 1.0, rng),
    "20 m noise": lambda xy, rng: xy + rng.normal(0, 20, xy.shape),
    "200 m off": lambda xy, rng: off(xy, 200, rng),
    "400 m off": lambda xy, rng: off(xy, 400, rng),
}


def main() -> None:
    """Print the table."""
    from quarterhour.sources.datum.fit import resolver

    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--subsets", type=int, default=96)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--cells", action="store_true")
    asked = ask.parse_args()
    facilities = heidelberg(asked.data)
    kinds: dict[str, Ground] = {
        "buildings": liechtenstein(asked.data),
        "street fronts": street_fronts(facilities),
        "facilities": facilities,
    }
    print(f"{'points':14} {'n':>4} {'among':>6} {'spoilt':14} {'right':>6} {'wrong':>6}"
          f" {'undecided':>9} {'mixed':>6} {'false %sure':>11} {'s each':>7}")  # fmt: skip
    for kind, ground in kinds.items():
        looks = {city: resolver(ground.roads_in(city)) for city in CITIES}
        for case in CASES:
            if max(case.n, case.near) > len(ground.x_m):
                continue
            rng = np.random.default_rng([asked.seed, case.n, case.near, len(case.spoil)])
            count = dict.fromkeys(("right", "wrong", "undecided", "mixed"), 0)
            cells: dict[tuple[str, str], list[int]] = {}
            began, falsely = time.perf_counter(), 0.0
            for k in range(asked.subsets):
                city, datum = list(CITIES)[k % 4], DATUMS[k // 4 % 3]
                stated = DATUMS[k // 12 % 3]
                xy = SPOILS[case.spoil](ground.subset(case.n, rng, near=case.near), rng)
                fit = looks[city](*written(xy, city, datum), stated)
                mixed = fit.note is not None and ("mix" in fit.note.en)
                sure = fit.verdict != "undecided"
                count["right"] += sure and fit.best == datum
                count["wrong"] += sure and fit.best != datum
                count["undecided"] += not sure
                count["mixed"] += mixed
                cell = cells.setdefault((city, datum), [0, 0, 0])
                cell[2 if not sure else int(fit.best != datum)] += 1
                falsely = max(falsely, fit.sure if fit.best != datum else 0.0)
            each = (time.perf_counter() - began) / asked.subsets
            told = " ".join(f"{v:{w}}" for v, w in zip(count.values(), (6, 6, 9, 6), strict=True))
            print(f"{kind:14} {case.n:4} {case.near or 'all':>6} {case.spoil:14} {told}"
                  f" {100 * falsely:11.0f} {each:7.3f}", flush=True)  # fmt: skip
            for city in CITIES if asked.cells else ():
                told = ", ".join(
                    f"{d} {'/'.join(map(str, cells.get((city, d), [0, 0, 0])))}" for d in DATUMS
                )
                print(f"    {city:10} {told}")


if __name__ == "__main__":
    main()
