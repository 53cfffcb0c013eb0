"""Pins: the page links them as quarterhour does, but to the drawn streets, and never by a zero."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from model_cities import LINK_LIMIT_M as LIMIT_M
from model_cities import ROADS, City, city_of
from model_node import ask
from quarterhour.model import PointSet
from quarterhour.render.map.pack_model import STEP_M, TOLERANCE_M

if TYPE_CHECKING:
    from pathlib import Path

N_PINS = 300
DRAWN_M = TOLERANCE_M + STEP_M + 0.5
"""How far a drawn street is from where it is: simplified, in whole steps, on a plane of degrees."""


@pytest.fixture(scope="module", params=list(ROADS))
def city(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> City:
    return city_of(request.param, shared, tmp_path_factory.mktemp("city"))


def test_pins_on_land_and_water_near_and_far(city: City) -> None:
    ground = city.found.ground
    random = np.random.default_rng(21)
    vertex = random.choice(len(ground.x_m), N_PINS)
    x = ground.x_m[vertex] + random.normal(0, 60, N_PINS)
    y = ground.y_m[vertex] + random.normal(0, 60, N_PINS)
    x[:20] += 200_000  # far outside of the network
    lon, lat = ground.crs.lonlat(x, y)
    costs = ground.impedance(city.found.walker, toward=city.found.direction == "to")
    want = ground.link_facilities(
        PointSet.single(x, y), costs.linkable, limit_m=LIMIT_M, search_m=5_000
    )
    tasks = [
        {"do": "link", "k": 0, "lat": float(a), "lon": float(o)}
        for a, o in zip(lat, lon, strict=True)
    ]
    found = ask(city.packed, tasks)
    access = np.full(N_PINS, np.nan)
    access[want.point] = want.access_mm / 1000
    edge = np.full(N_PINS, -1)
    edge[want.point] = want.edge
    same = 0
    for k, pin in enumerate(found):
        if np.isnan(access[k]) and "edge" not in pin:
            if np.isfinite(want.nearest_m[k]) and pin["far"] is not None:
                nearest = want.nearest_m[k]
                if want.behind_barrier is not None and want.behind_barrier[k]:
                    continue  # how far the one behind the barrier is, is told apart
                assert abs(pin["far"] - nearest) < DRAWN_M or pin["far"] < nearest
            continue
        if "edge" not in pin or np.isnan(access[k]):
            # one of the two just within the limit, or just clear of a barrier
            at = access[k] if "edge" not in pin else pin["access_mm"] / 1000
            near_limit = abs(at - LIMIT_M) < DRAWN_M
            assert near_limit or ground.barriers is not None
            continue
        assert 0 <= pin["offset_mm"] <= ground.network.edge_length_mm[pin["edge"]]
        if pin["edge"] == edge[k]:
            same += 1
            assert pin["access_mm"] / 1000 == pytest.approx(access[k], abs=DRAWN_M)
    assert same > 0.9 * len(want.point)
    assert all("edge" not in pin for pin in found[:20])
    assert all(pin["far"] is None for pin in found[:20]), "nothing within five kilometres"


def test_a_pin_does_not_cross_a_wall(city: City) -> None:
    """Where barriers change the link of quarterhour they mostly change the page's too."""
    ground = city.found.ground
    if ground.barriers is None or city.name == "porto alegre":
        pytest.skip("the streets of this city have hardly any barrier beside them")
    random = np.random.default_rng(22)
    walls = ground.barriers
    k = random.choice(len(walls.ax), 1500)
    x = (walls.ax[k] + walls.bx[k]) / 2 + random.normal(0, 15, len(k))
    y = (walls.ay[k] + walls.by[k]) / 2 + random.normal(0, 15, len(k))
    costs = ground.impedance(city.found.walker, toward=city.found.direction == "to")
    points = PointSet.single(x, y)
    free = dataclasses.replace(ground, barriers=None).link_facilities(
        points, costs.linkable, limit_m=LIMIT_M
    )
    want = ground.link_facilities(points, costs.linkable, limit_m=LIMIT_M)
    assert want.blocked is not None
    edge = np.full((2, len(k)), -1)
    edge[0, want.point], edge[1, free.point] = want.edge, free.edge
    blocked = np.flatnonzero(want.blocked & (edge[0] != edge[1]))
    assert len(blocked) > 20
    lon, lat = ground.crs.lonlat(x[blocked], y[blocked])
    tasks = [
        {"do": "link", "k": 0, "lat": float(a), "lon": float(o)}
        for a, o in zip(lat, lon, strict=True)
    ]
    found = ask(city.packed, tasks)
    agree = sum(pin.get("edge", -1) == edge[0, b] for pin, b in zip(found, blocked, strict=True))
    through = sum(
        pin.get("edge", -1) == edge[1, b] != edge[0, b] and edge[1, b] >= 0
        for pin, b in zip(found, blocked, strict=True)
    )
    assert agree > 0.95 * len(blocked)
    assert through < 0.04 * len(blocked)
    assert any(pin.get("blocked") for pin in found if "edge" not in pin)
