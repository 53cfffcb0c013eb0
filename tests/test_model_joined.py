"""The page joins places along the streets as quarterhour joins them into gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from model_cities import city_of, costs_of
from model_node import Small, ask
from quarterhour.core.gaps import joined_along
from towns import Town

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LANE = """
    A----B----C----D
"""
STREETS = {"ABCD": "residential"}
# 500 m for each street: homes at 100, 350, 700 and 1,400 m
HOMES = {"a": ("AB", 100), "b": ("AB", 350), "c": ("BC", 200), "d": ("CD", 400)}


def lane() -> Small:
    return Small(Town(LANE, **STREETS), {"clinic": "A"}, HOMES)


def named(town: Small, number: Sequence[int]) -> list[str]:
    """Names of the homes that are together."""
    found: dict[int, str] = {}
    for who, k in sorted(zip(town.who, number, strict=True)):
        found[k] = found.get(k, "") + who
    return sorted(found.values())


@pytest.mark.parametrize(
    ("join_m", "together"),
    [
        (249.999, ["a", "b", "c", "d"]), (250, ["ab", "c", "d"]), (349.999, ["ab", "c", "d"]),
        (350, ["abc", "d"]), (699.999, ["abc", "d"]), (700, ["abcd"]),
    ],
)  # fmt: skip
def test_neighbours_are_joined_at_the_very_metre(join_m: float, together: list[str]) -> None:
    town = lane()
    task = {"do": "joined", "k": 0, "rows": [0, 1, 2, 3], "join_mm": round(join_m * 1000)}
    assert named(town, ask(town.packed, [task])[0]) == together


def test_a_street_that_is_closed_parts_them() -> None:
    town = lane()
    cut = {key: v for key, v in town.at(("AB", 200)).items() if key != "access_mm"}
    task = {"do": "joined", "k": 0, "rows": [0, 1, 2, 3], "join_mm": 700_000}
    before, after = ask(town.packed, [task, {**task, "options": {"cuts": [cut]}}])
    assert named(town, before) == ["abcd"]
    assert named(town, after) == ["a", "bcd"]


def test_a_wide_cluster_is_parted_around_places_that_are_near() -> None:
    town = lane()
    at = {who: k for k, who in enumerate(town.who)}
    # from b all but d are within 350 m; d is 1,050 m from b
    task = {
        "do": "parted", "k": 0, "rows": [0, 1, 2, 3], "cluster": [0, 0, 0, 0],
        "middle": [at["b"]], "first": [at["b"], at["a"], at["c"], at["d"]],
    }  # fmt: skip
    whole, few, none = ask(town.packed, [{**task, "reach_mm": mm} for mm in
                                         (1_050_000, 350_000, 249_999)])  # fmt: skip
    assert named(town, whole) == ["abcd"], "near to its middle as a whole"
    assert named(town, few) == ["abc", "d"]
    assert named(town, none) == ["a", "b", "c", "d"]


def test_every_other_cluster_keeps_its_own() -> None:
    town = lane()
    at = {who: k for k, who in enumerate(town.who)}
    cluster = [0 if who in "ab" else 1 for who in town.who]
    task = {
        "do": "parted", "k": 0, "rows": [0, 1, 2, 3], "cluster": cluster, "reach_mm": 9_000_000,
        "middle": [at["b"], at["c"]], "first": [],
    }  # fmt: skip
    assert named(town, ask(town.packed, [task])[0]) == ["ab", "cd"]


@pytest.mark.parametrize("name", ["porto alegre", "liechtenstein"])
def test_a_city_is_joined_as_quarterhour_joins_it(name: str, shared: Path, tmp_path: Path) -> None:
    city = city_of(name, shared, tmp_path)
    a, random = city.found, np.random.default_rng(3)
    costs = costs_of(a)
    edge, offset = (np.array(city.demand[key], np.int64) for key in ("edge", "offset"))
    rows = np.sort(random.choice(len(edge), len(edge) // 3, replace=False))
    for join_mm in (60_000, 300_000):
        (found,) = ask(
            city.packed, [{"do": "joined", "k": 0, "rows": rows.tolist(), "join_mm": join_mm}]
        )
        wanted = joined_along(
            a.ground.network, costs.out_open | costs.in_open, edge[rows].astype(np.int32),
            offset[rows], join_mm=join_mm,
        )  # fmt: skip
        assert 1 < wanted.max() < len(rows) - 1
        assert found == wanted.tolist()
