"""The page joins places along the streets as quarterhour joins them into gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from model_cities import city_of, costs_of
from model_node import Small, ask
from quarterhour.core.gaps import joined_along
from quarterhour.core.parting import parted_along
from quarterhour.inputs import EVERYONE
from towns import Town

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.assessing.ground import Ground

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


def parting(town: Small, **more: object) -> dict[str, object]:
    """All homes as one cluster, where they are on the lane and with one person each."""
    metre = {"a": 100.0, "b": 350.0, "c": 700.0, "d": 1400.0}
    return {
        "do": "parted", "k": 0, "rows": [0, 1, 2, 3], "cluster": [0, 0, 0, 0],
        "x": [metre[who] for who in town.who], "y": [0.0] * 4, "weight": [1] * 4, **more,
    }  # fmt: skip


def test_a_wide_cluster_is_parted_around_places_that_are_near() -> None:
    town = lane()
    # b is in the middle: a, c and d are 250, 350 and 1,050 m from it
    whole, few = ask(
        town.packed, [parting(town, reach_mm=1_050_000), parting(town, reach_mm=350_000)]
    )
    assert named(town, whole) == ["abcd"], "near to its middle as a whole"
    # squares of 175 m: a and b have both around them, and a comes first; c is 600 m from it
    assert named(town, few) == ["ab", "c", "d"]
    assert named(town, ask(town.packed, [parting(town, reach_mm=249_999)])[0]) == [
        "a", "b", "c", "d",
    ]  # fmt: skip


def test_every_other_cluster_keeps_its_own() -> None:
    town = lane()
    cluster = [0 if who in "ab" else 1 for who in town.who]
    task = parting(town, cluster=cluster, reach_mm=9_000_000)
    assert named(town, ask(town.packed, [task])[0]) == ["ab", "cd"]


def spots_of(ground: Ground, edge: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres of positions, straight between the ends of their streets."""
    net = ground.network
    first, last = net.first_vertex[edge], net.first_vertex[edge + 1] - 1
    share = offset / np.maximum(net.edge_length_mm[edge], 1)
    at = [(v[first] + share * (v[last] - v[first])) for v in (net.vertex_lon, net.vertex_lat)]
    return np.round(at[0] * 96_000, 3), np.round(at[1] * 111_200, 3)


@pytest.mark.parametrize("name", ["porto alegre", "liechtenstein"])
def test_a_city_is_joined_as_quarterhour_joins_it(name: str, shared: Path, tmp_path: Path) -> None:
    city = city_of(name, shared, tmp_path)
    a, random = city.found, np.random.default_rng(3)
    costs = costs_of(a)
    edge, offset = (np.array(city.demand[key], np.int64) for key in ("edge", "offset"))
    rows = np.sort(random.choice(len(edge), len(edge) // 3, replace=False))
    more = 0
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
        x, y = spots_of(a.ground, edge[rows], offset[rows])
        weight = np.array(city.demand["amounts"][EVERYONE], np.int64)[rows]
        for reach_mm in (250_000, 900_000):
            (parts,) = ask(city.packed, [{
                "do": "parted", "k": 0, "rows": rows.tolist(), "cluster": found, "x": x.tolist(),
                "y": y.tolist(), "weight": weight.tolist(), "reach_mm": reach_mm,
            }])  # fmt: skip
            cores = parted_along(
                a.ground.network, costs.out_open | costs.in_open, edge[rows].astype(np.int32),
                offset[rows], wanted, xy_m=(x, y), weight=weight, reach_mm=reach_mm,
            )  # fmt: skip
            more += int(cores.max() - wanted.max())
            assert parts == cores.tolist()
    assert more > 10, "clusters are parted"
