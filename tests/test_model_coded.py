"""Whatever the arrays of a model hold comes back as it was, also where it is no real street's."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_node import Small, ask
from quarterhour.core.slope import STEEPEST, THOUSAND, ratio
from quarterhour.render.map.model_layers import ModelDemand, ModelNetwork, ModelWaits
from quarterhour.render.map.pack_model import pack_model
from quarterhour.render.map.pack_network import _cut_mm
from quarterhour.whatif.lattice import lattice_of
from towns import Town

BENT = """
    A--B    E
       |    |
       C----D--F
"""
GROUPS = ("all", "old")


def bent() -> Small:
    """A street of three bends with a side street, and steps."""
    town = Town(BENT, ABCDE="residential", DF="steps")
    return Small(town, {"clinic": "A"}, {"c": ("CD", 100), "e": "E", "f": ("DF", 150, 10)})


def cut_up(net: ModelNetwork, random: np.random.Generator) -> ModelNetwork:
    """The network with pieces anywhere, some without a length, and slopes as steep as any."""
    pieces = [
        np.sort(np.append(random.integers(0, length + 1, int(random.integers(0, 9))), 0))
        for length in net.length_mm.tolist()
    ]
    n = [len(p) for p in pieces]
    steepest = int(STEEPEST * THOUSAND)
    return dataclasses.replace(
        net,
        first_piece=np.concatenate([[0], np.cumsum(n)]),
        piece_start_mm=np.concatenate(pieces),
        slope=random.integers(-steepest, steepest + 1, sum(n)),
        speed_ratio=ratio(np.arange(-steepest, steepest + 1) / THOUSAND, "tobler"),
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sloped", [False, True])
def test_pieces_anywhere_come_back(seed: int, *, sloped: bool) -> None:
    small = bent()
    net = cut_up(small.model.network, np.random.default_rng(seed))
    if not sloped:
        net = dataclasses.replace(net, slope=None, speed_ratio=None)
    (found,) = ask(pack_model(dataclasses.replace(small.model, network=net)), [{"do": "network"}])
    assert found["length"] == net.length_mm.tolist()
    assert found["first_piece"] == net.first_piece.tolist()
    assert found["piece_start"] == net.piece_start_mm.tolist()
    assert found["slope"] == (None if net.slope is None else net.slope.tolist())


def test_the_length_that_pieces_are_cut_by() -> None:
    length = np.array([100, 90, 61, 30, 29, 7])
    count = -(-length // 30)
    cut = _cut_mm(count, length)
    assert (-(-length // cut) == count).all()
    assert -(-length // _cut_mm(np.append(count, 5), np.append(length, 31)))[0] == 4, "most agree"
    assert _cut_mm(np.ones(3, int), np.array([5, 9, 7])) == 10, "nothing is cut"
    assert _cut_mm(np.array([3]), np.array([0])) == 1


def places(small: Small, random: np.random.Generator, n: int, *, grid: bool) -> ModelDemand:
    """Places anywhere on the streets, on a grid that has nothing to do with them."""
    net = small.model.network
    edge = random.integers(0, len(net.tail), n)
    column, row = random.integers(0, 30, n), random.integers(0, 30, n)
    beside = random.random(n) < 0.05
    column[beside] = row[beside] = -1
    order = np.lexsort((column, row, edge))
    edge, column, row = edge[order], column[order], row[order]
    amounts = {"all": 1000 * random.choice([7, 7, 13, 5_000_000_000], n)}
    amounts["old"] = amounts["all"] // 4000 * 1000 + 1000 * random.integers(0, 2, n)
    return ModelDemand(
        edge=edge,
        offset_mm=np.floor(random.random(n) * (net.length_mm[edge] + 1)).astype(np.int64),
        access_mm=random.integers(0, 200_000, n),
        amounts=amounts,
        unlinked=dict.fromkeys(GROUPS, 0),
        lon=net.lon[0] + 3e-4 * column if grid else None,
        lat=net.lat[0] - 2e-4 * row if grid else None,
        column=column if grid else None,
        row=row if grid else None,
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("grid", [False, True])
def test_places_anywhere_come_back(seed: int, *, grid: bool) -> None:
    small = bent()
    demand = places(small, np.random.default_rng(seed), 80, grid=grid)
    model = dataclasses.replace(small.model, demands=(demand,))
    (found,) = ask(pack_model(model), [{"do": "demand", "k": 0}])
    assert found["edge"] == demand.edge.tolist()
    assert found["offset"] == demand.offset_mm.tolist()
    assert found["access"] == demand.access_mm.tolist()
    assert found["amounts"] == {g: demand.amounts[g].tolist() for g in GROUPS}


def test_nobody_at_all_is_a_demand_too() -> None:
    small = bent()
    demand = places(small, np.random.default_rng(1), 0, grid=False)
    packed = pack_model(dataclasses.replace(small.model, demands=(demand,)))
    assert ask(packed, [{"do": "demand", "k": 0}])[0]["edge"] == []


@given(gap=st.lists(st.integers(-1, 4) | st.just(700), min_size=12, max_size=12))
@settings(max_examples=8, deadline=None)
def test_the_gap_of_every_place_comes_back(gap: list[int]) -> None:
    small = bent()
    demand = places(small, np.random.default_rng(3), len(gap), grid=False)
    service = dataclasses.replace(small.model.services[0], gap=np.array(gap, np.int64))
    packed = pack_model(dataclasses.replace(small.model, demands=(demand,), services=(service,)))
    assert ask(packed, [{"do": "demand", "k": 0}])[0]["gap"] == gap


def test_gaps_of_hundreds_of_kinds_come_back() -> None:
    """More than are known by how lately they were there."""
    small, n = bent(), 400
    random = np.random.default_rng(4)
    demand = places(small, random, n, grid=False)
    gap = random.integers(-1, 150, n)
    service = dataclasses.replace(small.model.services[0], gap=gap)
    packed = pack_model(dataclasses.replace(small.model, demands=(demand,), services=(service,)))
    assert ask(packed, [{"do": "demand", "k": 0}])[0]["gap"] == gap.tolist()


def test_waits_are_where_they_were() -> None:
    small = bent()
    net = small.model.network
    wait = ModelWaits(
        edge=np.array([0, 0, len(net.tail) - 1]), start_mm=np.array([5, 70_000, 3]),
        ms=np.array([20_000, 10_000, 20_000]),
    )  # fmt: skip
    plain = ask(pack_model(small.model), [{"do": "times", "k": 0}])[0]["out"]
    model = dataclasses.replace(small.model, waits=(wait,))
    found = ask(pack_model(model), [{"do": "times", "k": 0}])[0]["out"]
    more = np.array(found) - np.array(plain)
    assert more[[0, -1]].tolist() == [30_000, 20_000]
    assert not more[1:-1].any()


def test_places_on_an_even_grid_are_found() -> None:
    row, column = (v.ravel() for v in np.mgrid[:12, :9])
    random = np.random.default_rng(0)
    some = random.permutation(len(row))[:80]
    x, y = 8.5 + column[some] / 1200, 47.1 - row[some] / 800
    found = lattice_of(x, y)
    assert found is not None
    assert found[0].tolist() == (column[some] - column[some].min()).tolist()
    assert found[1].tolist() == (row[some].max() - row[some]).tolist(), "rows run to the north"


def test_some_places_may_lie_beside_the_grid() -> None:
    row, column = (v.ravel().astype(float) for v in np.mgrid[:20, :20])
    x, y = 25 * column, 25 * row
    x[7], y[11] = x[7] + 3, y[11] - 9
    found = lattice_of(x, y)
    assert found is not None
    assert np.flatnonzero(found[1] < 0).tolist() == [7, 11]
    assert (found[0] < 0).tolist() == (found[1] < 0).tolist()
    on = found[0] >= 0
    assert (found[0][on] == column[on]).all()


def test_what_is_no_grid_is_none() -> None:
    random = np.random.default_rng(2)
    assert lattice_of(random.random(500), random.random(500)) is None
    line = np.arange(200.0)
    assert lattice_of(line, np.zeros(200)) is None, "a line has no rows"
    assert lattice_of(line[:10], line[:10]) is None, "a few are not worth it"
    assert lattice_of(np.zeros(100), np.zeros(100)) is None
