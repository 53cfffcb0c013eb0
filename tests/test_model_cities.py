"""The page's engine against quarterhour's own in three real cities, place by place."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from model_cities import ROADS, City, city_of, costs_of
from model_node import ask, position
from quarterhour import units
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.place_search import Places
from quarterhour.core import reach
from quarterhour.inputs import EVERYONE
from quarterhour.model import STEPS
from quarterhour.whatif.places import linkage_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment

N_POSITIONS = 200
SPEED_MMPH = 2_777_777


@pytest.fixture(scope="module", params=list(ROADS))
def city(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> City:
    return city_of(request.param, shared, tmp_path_factory.mktemp("city"))


def random_positions(a: Assessment, n: int = N_POSITIONS) -> np.ndarray:
    """Edge, offset and access leg; also ends, one-way streets, steps and the smallest island."""
    random = np.random.default_rng(12)
    net, costs = a.ground.network, costs_of(a)
    linkable = np.flatnonzero(costs.linkable)
    part = costs.component[net.edge_tail]
    sizes = np.bincount(part[linkable], minlength=part.max() + 1)
    islands = linkable[sizes[part[linkable]] < 20]
    oneway = linkable[net.edge_oneway[linkable]]
    steps = linkable[(net.edge_kind[linkable] & STEPS) != 0]
    near = a.demand.linked
    assert near.any()
    edge = np.concatenate([
        random.choice(pool, n // 8) for pool in (islands, oneway, steps) if len(pool)
    ])  # fmt: skip
    edge = np.concatenate([edge, random.choice(linkable, n - len(edge))])
    length = net.edge_length_mm[edge]
    offset = random.integers(0, length + 1)
    offset[::5], offset[1::5] = 0, length[1::5]
    access = random.integers(0, 60_000, n)
    return np.column_stack([edge, offset, access])


def by_place(city: City, row: np.ndarray, ms: np.ndarray) -> dict[int, int]:
    """Milliseconds of the page's places; rows at one place have the same."""
    result: dict[int, int] = {}
    for place, t in zip(city.of_row[row].tolist(), ms.tolist(), strict=True):
        if place >= 0:
            assert result.setdefault(place, t) == t
    return result


def within_of(city: City, at: np.ndarray, speed_mmph: int | None) -> list[dict[int, int]]:
    """Milliseconds of every place within the cutoff of each position, by quarterhour."""
    a = city.found
    costs = costs_of(a, speed_mmph)
    inside_ms = units.ms_of_min(a.inside_min)
    sources = reach.stops(costs, linkage_of(*at.T), inside_ms=inside_ms)
    nodes = reach.reach_nodes(costs, sources, limit_ms=a.cutoff_ms)
    found = Places(a.ground, costs, None).within(sources, nodes, a.cutoff_ms)
    return [
        by_place(city, found.place[lo:hi], found.ms[lo:hi])
        for lo, hi in zip(found.first[:-1], found.first[1:], strict=True)
    ]


def sums(city: City, places: list[int]) -> dict[str, int]:
    """People of every group at places, counted by the rows of the study."""
    here = np.isin(city.of_row, places) & city.found.ground.inside
    return {g: int(v[here].sum()) for g, v in city.found.ground.demand.amounts.items()}


@pytest.mark.parametrize("speed_mmph", [None, SPEED_MMPH])
def test_every_place_around_two_hundred_positions(city: City, speed_mmph: int | None) -> None:
    at = random_positions(city.found)
    want = within_of(city, at, speed_mmph)
    options = {"speed_mmph": speed_mmph} if speed_mmph else {}
    tasks = [
        {"do": "within", "k": 0, "at": position(*one), "options": options,
         "cutoff_ms": city.found.cutoff_ms}
        for one in at.tolist()
    ]  # fmt: skip
    for found, places in zip(ask(city.packed, tasks), want, strict=True):
        some = {p: t for p, t in places.items() if sum(sums_of_one(city, p).values())}
        assert dict(zip(found["place"], found["ms"], strict=True)) == some
    assert sum(len(places) > 10 for places in want) > N_POSITIONS / 3, "most reach many"
    assert sum(not places for places in want) < N_POSITIONS / 2


def sums_of_one(city: City, place: int) -> dict[str, int]:
    return {g: values[place] for g, values in city.demand["amounts"].items()}


def test_a_cutoff_that_a_place_just_meets(city: City) -> None:
    at = random_positions(city.found)[:60]
    want = within_of(city, at, None)
    random = np.random.default_rng(2)
    tasks, expected = [], []
    for one, places in zip(at.tolist(), want, strict=True):
        if not places:
            continue
        edge_ms = places[int(random.choice(sorted(places)))]
        for cutoff in (edge_ms, edge_ms - 1):
            tasks.append({"do": "within", "k": 0, "at": position(*one), "cutoff_ms": cutoff})
            expected.append(sorted(p for p, t in places.items() if t <= cutoff))
    assert len(tasks) > 20
    for found, places in zip(ask(city.packed, tasks), expected, strict=True):
        people = {g: sum(v[p] for p in found["place"]) for g, v in city.demand["amounts"].items()}
        assert people == sums(city, places)


def test_the_state_is_the_report(city: City) -> None:
    a = city.found
    tasks = [
        {"do": "state", "k": 0, "options": {"cutoff_ms": a.walker.cutoff_ms(c)}}
        for c in a.cutoffs_min
    ]
    for found, counts in zip(ask(city.packed, tasks), a.counts, strict=True):
        assert found["counts"] == {g: dataclasses.asdict(c) for g, c in counts.items()}
    mark = np.cumsum([s != "outside" for s in a.facility_status]) - 1
    rows = np.flatnonzero(a.demand.nearest >= 0)
    places = city.of_row[rows]
    seen = places >= 0
    assert (np.array(found["ms"])[places[seen]] == a.demand.ms[rows][seen]).all()
    assert (np.array(found["source"])[places[seen]] == mark[a.demand.nearest[rows[seen]]]).all()
    assert (np.array(found["ms"]) >= 0).sum() == len(set(places[seen].tolist()))


def test_pins_closures_and_another_speed_together(city: City) -> None:
    a = city.found
    at = random_positions(a)
    shown = [k for k, s in enumerate(a.facility_status) if s != "outside"]
    random = np.random.default_rng(5)
    for speed in (None, SPEED_MMPH):
        pins = at[random.choice(len(at), 2, replace=False)]
        shut = sorted(random.choice(len(shown), 7, replace=False).tolist())
        gone = [shown[k] for k in shut]
        want = nearest_of(city, gone, pins, speed)
        options = {"pins": [position(*p) for p in pins.tolist()], "closed": shut}
        options |= {"speed_mmph": speed} if speed else {}
        (found,) = ask(city.packed, [{"do": "state", "k": 0, "options": options}])
        for place in range(len(found["ms"])):
            assert (found["ms"][place], found["source"][place]) == want.get(place, (-1, -1))


def nearest_of(
    city: City, gone: list[int], pins: np.ndarray, speed: int | None
) -> dict[int, tuple[int, int]]:
    """Milliseconds and source of every place, of facilities by their mark and then of pins."""
    a = city.found
    costs = costs_of(a, speed)
    links = link_facilities(a.ground, costs, a.facilities, a.link_limit_m)
    stay = ~np.isin(links.linkage.owner, gone)
    mark = np.cumsum([s != "outside" for s in a.facility_status]) - 1
    owner = np.concatenate([mark[links.linkage.owner[stay]], mark[-1] + 1 + np.arange(len(pins))])
    both = linkage_of(
        *(
            np.concatenate([getattr(links.linkage, name)[stay], pins[:, k]])
            for k, name in enumerate(("edge", "offset_mm", "access_mm"))
        )
    )
    sources = reach.stops(costs, both, inside_ms=units.ms_of_min(a.inside_min))
    places = reach.stops(costs, a.ground.link("demand", costs.linkable, None))
    limit = max(a.walker.limit_ms(a.limit_min), a.cutoff_ms)
    found = reach.nearest(costs, sources, places, limit_ms=limit)
    result = {}
    for row, k, t in zip(found.place, found.facility, found.ms, strict=True):
        if city.of_row[row] >= 0:
            result[int(city.of_row[row])] = (int(t), int(owner[k]))
    return result


def test_what_is_gained_by_a_pin(city: City) -> None:
    a = city.found
    at = random_positions(a)[-40:]
    covered = {int(p) for p in city.of_row[a.demand.covered(a.cutoff_ms)]}
    tasks = [{"do": "add", "k": 0, "at": position(*one)} for one in at.tolist()]
    found = ask(city.packed, tasks)
    for one, places in zip(found, within_of(city, at, None), strict=True):
        assert one["gained"] == sums(city, [p for p in places if p not in covered])
    assert any(one["gained"][EVERYONE] for one in found)


def test_reached_parts_are_those_of_the_core(city: City, pieces_of: Callable[..., Any]) -> None:
    at = random_positions(city.found)[::8]
    tasks = [{"do": "reached", "k": 0, "at": [position(*one)]} for one in at.tolist()]
    for found, want in zip(ask(city.packed, tasks), pieces_of(city, at), strict=True):
        assert [(p["edge"], p["from_mm"], p["to_mm"]) for p in found] == want


@pytest.fixture(scope="module")
def pieces_of() -> Callable[..., Any]:
    from quarterhour.core.pieces import reached_pieces

    def of(city: City, at: np.ndarray) -> list[list[tuple[int, int, int]]]:
        a = city.found
        costs = costs_of(a)
        sources = reach.stops(costs, linkage_of(*at.T), inside_ms=units.ms_of_min(a.inside_min))
        nodes = reach.reach_nodes(costs, sources, limit_ms=a.cutoff_ms)
        found = reached_pieces(costs, sources, nodes, cutoff_ms=a.cutoff_ms)
        columns = (found.edge.tolist(), found.start_mm.tolist(), found.end_mm.tolist())
        rows = list(zip(*columns, strict=True))
        return [rows[lo:hi] for lo, hi in zip(found.first[:-1], found.first[1:], strict=True)]

    return of


def test_the_page_tests_itself(city: City) -> None:
    (found,) = ask(city.packed, [{"do": "selftest"}])
    assert found == {"ok": True, "n": 40, "failed": []}


def test_the_model_is_small(city: City) -> None:
    """Two megabytes for 100,000 nodes, and where many places lie on no street 0.4 for as many."""
    (net,) = ask(city.packed, [{"do": "network"}])
    per_node = len(city.packed["gzip"]) / (max(*net["tail"], *net["head"]) + 1)
    most = {"heidelberg": 14, "porto alegre": 19, "liechtenstein": 32, "wuhan": 20}[city.name]
    assert per_node <= most
