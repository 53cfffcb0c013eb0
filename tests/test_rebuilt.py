"""What the page is told of other states: gates, cuts and parts of streets, and places left out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.publish import map_of
from quarterhour.render.map.rebuilt import rebuilt_payload
from quarterhour.study import run_study
from small_study import box, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.render.map.layers import MapData


def drawn(folder: Path, *plans: dict[str, Any]) -> MapData:
    folder.mkdir(exist_ok=True)
    write_layer(folder / "point.gpkg", [shapely.Point(lonlat(300, 0))])
    write_layer(folder / "works.gpkg", [box(50, -50, 250, 50)])
    given = {
        "scenario": list(plans), "service.0.walker": "elderly", "service.0.kinds": "养老院",
        "study.walkers": ["wheelchair"],
    }  # fmt: skip
    return map_of(run_study(small_study(folder, given)), "test")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> MapData:
    return drawn(
        tmp_path_factory.mktemp("rebuilt"),
        {"name": "点", "close": "point.gpkg"},
        {"name": "面", "close": "works.gpkg"},
    )


def test_a_point_is_one_cut_and_moves_nobody(town: MapData) -> None:
    state = town.scenarios[0].services[0].rebuilt
    assert state is not None
    assert len(state.cuts) == 1
    assert state.cuts[0, 1] == pytest.approx(300_000, abs=50)
    assert not state.moved.any()
    told = rebuilt_payload(state, town.what_if, 0)["walk"]
    assert told["shut"] == told["more"] == told["own"] == told["apart"] == []
    # 甲 alone still has a way to 西院: 110 s; nobody else does
    assert told["n"] == 1
    (ms,) = {int(v) for v in state.ms if v >= 0}
    assert ms == pytest.approx(110_000, abs=200)


def test_who_lives_on_a_closed_street_is_left_out(town: MapData) -> None:
    state = town.scenarios[1].services[0].rebuilt
    assert state is not None
    # what is left: 0 to 50 m and from 250 m on
    assert state.cuts[:, 1].tolist() == [
        pytest.approx(50_000, abs=50), pytest.approx(250_000, abs=50)
    ]  # fmt: skip
    assert sorted(start for _, start, *_ in state.parts) == [0, state.cuts[1, 1]]
    demand = town.what_if.demands[0] if town.what_if else None
    assert demand is not None
    assert demand.of_row is not None
    (row,) = np.flatnonzero(state.moved)  # 甲, who goes to the next street that is open
    assert row == 0
    told = rebuilt_payload(state, town.what_if, 0)["walk"]
    assert np.cumsum(told["apart"]).tolist() == [demand.of_row[row]]


def test_where_too_many_places_are_left_out_nothing_is_told(town: MapData) -> None:
    state = town.scenarios[0].services[0].rebuilt
    assert state is not None
    every = dataclasses.replace(state, moved=np.ones_like(state.moved))
    assert rebuilt_payload(every, town.what_if, 0) == {"walk": None}
    assert rebuilt_payload(None, town.what_if, 0) == {"walk": None}
    assert rebuilt_payload(state, None, 0) == {}


def test_rows_at_one_place_with_two_times_are_left_out(town: MapData) -> None:
    state, model = town.scenarios[0].services[0].rebuilt, town.what_if
    assert state is not None
    assert model is not None
    of_row = model.demands[0].of_row
    assert of_row is not None
    # the second row as if it were at the place of the first, with a time of its own
    both = of_row.copy()
    both[1] = both[0]
    ms = state.ms.copy()
    ms[1] = ms[0] + 1
    twice = dataclasses.replace(
        model, demands=(dataclasses.replace(model.demands[0], of_row=both), *model.demands[1:])
    )
    told = rebuilt_payload(dataclasses.replace(state, ms=ms), twice, 0)["walk"]
    assert np.cumsum(told["apart"]).tolist() == [both[0]]


def test_a_gate_that_moves_is_told(town: MapData) -> None:
    state = town.scenarios[0].services[0].rebuilt
    assert state is not None
    gates = state.gates.copy()
    gates[0, 2] += 1000
    told = rebuilt_payload(dataclasses.replace(state, gates=gates), town.what_if, 0)["walk"]
    assert told["shut"] == [0]
    assert told["more"] == [gates[0].tolist()]


def test_another_walker_is_told_with_its_own_cutoff(town: MapData) -> None:
    (view,) = town.views
    (one,) = view.services
    told = rebuilt_payload(one.rebuilt, town.what_if, 0)["walk"] if one else None
    assert told is not None
    assert told["walker"]["name"] == "wheelchair"
    assert told["cutoff"] == 15 * 60_000
    assert told["inside"] == 0
