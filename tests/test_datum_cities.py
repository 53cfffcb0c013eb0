"""Datum detection on real streets and points, moved rigidly to four Chinese cities.

What is promised: of 100 subsets of 20 points at most 1 is wrong and sure of it, at least 80 are
right, and the rest are undecided, where the stated system stays.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from datum_places import (
    CITIES,
    DATUMS,
    heidelberg,
    liechtenstein,
    street_fronts,
    written,
)
from quarterhour.sources.datum.fit import resolver

if TYPE_CHECKING:
    from pathlib import Path

    from datum_places import BoolArray, FloatArray, Ground
    from quarterhour.inputs import DatumFit
    from quarterhour.sources.datum.fit import Examine

HECHUAN = "Hechuan"


class Moved:
    """A ground in each city."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.looks: dict[str, Examine] = {}

    def look(self, city: str) -> Examine:
        if city not in self.looks:
            self.looks[city] = resolver(self.ground.roads_in(city))
        return self.looks[city]


@pytest.fixture(scope="module")
def buildings(shared: Path) -> Moved:
    return Moved(liechtenstein(shared))


@pytest.fixture(scope="module")
def kindergartens(shared: Path) -> Moved:
    return Moved(heidelberg(shared))


@pytest.fixture(scope="module")
def fronts(kindergartens: Moved) -> Moved:
    return Moved(street_fronts(kindergartens.ground))


def outcome(fit: DatumFit, true: str) -> str:
    if fit.verdict == "undecided":
        assert fit.used == fit.stated
        return "undecided"
    assert fit.verdict == ("fits" if fit.best == fit.stated else "other")
    assert fit.used == fit.stated  # told, not changed
    return "right" if fit.best == true else "wrong"


def strays(xy: FloatArray, rng: np.random.Generator) -> FloatArray:
    """One point in ten up to 1.5 km away."""
    out = rng.random(len(xy)) < 0.1
    return xy + np.where(out[:, None], rng.uniform(-1500, 1500, xy.shape), 0.0)


def tally(
    grounds: list[Moved], n: int, subsets: int, *, seed: int, near: int = 0, astray: bool = False
) -> Counter[str]:
    """Outcomes of subsets spread over grounds, cities, true and stated systems."""
    rng = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for k in range(subsets):
        moved = grounds[k % len(grounds)]
        city, true = list(CITIES)[k // len(grounds) % 4], DATUMS[k // 8 % 3]
        stated = DATUMS[int(rng.integers(3))]
        xy = moved.ground.subset(n, rng, near=near)
        if astray:
            xy = strays(xy, rng)
        found[outcome(moved.look(city)(*written(xy, city, true), stated), true)] += 1
    return found


def test_of_a_hundred_subsets(buildings: Moved, fronts: Moved) -> None:
    found = tally([buildings, fronts], 20, 100, seed=77)
    assert found["wrong"] <= 1
    assert found["right"] >= 80
    assert found.total() == 100


def test_with_points_astray(buildings: Moved, fronts: Moved) -> None:
    found = tally([buildings, fronts], 20, 48, seed=78, astray=True)
    assert found["wrong"] == 0
    assert found["right"] >= 38


def test_all_in_one_neighbourhood(buildings: Moved, fronts: Moved) -> None:
    found = tally([buildings, fronts], 20, 48, seed=79, near=150)
    assert found["wrong"] == 0
    assert found["right"] >= 24


def test_eight_points(buildings: Moved, fronts: Moved) -> None:
    found = tally([buildings, fronts], 8, 24, seed=80)
    assert found["wrong"] == 0
    assert found["right"] >= 12


@pytest.mark.parametrize("true", DATUMS)
def test_twenty_seven_real_facilities(kindergartens: Moved, true: str) -> None:
    ground = kindergartens.ground
    xy = np.column_stack([ground.x_m, ground.y_m])
    fit = kindergartens.look("Yinzhou")(*written(xy, "Yinzhou", true), "auto")
    assert (fit.best, fit.used, fit.verdict) == (true, true, "fits")


def half_and_half(mask: BoolArray, xy: FloatArray) -> tuple[FloatArray, FloatArray]:
    a, b = written(xy, HECHUAN, "wgs84"), written(xy, HECHUAN, "gcj02")
    return np.where(mask, b[0], a[0]), np.where(mask, b[1], a[1])


def test_sources_in_two_systems(buildings: Moved) -> None:
    xy = buildings.ground.subset(60, np.random.default_rng(5))
    web = np.arange(60) % 2 == 1
    groups = ["高德" if k else "测绘" for k in web]
    fit = buildings.look(HECHUAN)(*half_and_half(web, xy), "wgs84", groups=groups)
    assert {name: part.best for name, part in fit.parts} == {"测绘": "wgs84", "高德": "gcj02"}


def test_districts_in_two_systems(fronts: Moved) -> None:
    xy = fronts.ground.subset(100, np.random.default_rng(6))
    east = xy[:, 0] > np.median(xy[:, 0])
    fit = fronts.look(HECHUAN)(*half_and_half(east, xy), "wgs84")
    assert sorted(part.best for _, part in fit.parts) == ["gcj02", "wgs84"]


def test_rows_in_two_systems_without_a_source(fronts: Moved) -> None:
    xy = fronts.ground.subset(200, np.random.default_rng(7))
    fit = fronts.look(HECHUAN)(*half_and_half(np.arange(200) % 2 == 1, xy), "wgs84")
    assert (fit.verdict, fit.used, fit.parts) == ("undecided", "wgs84", ())
    assert fit.note is not None
    assert "undecidable" in fit.note.en
