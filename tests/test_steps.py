"""Steps in towns drawn as text (1 m is 1 s on a flat street, 5/3 s on steps)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from quarterhour.core import reach
from quarterhour.core.impedance import impedance
from quarterhour.core.slope import graded
from quarterhour.walkers import WALKERS
from towns import DEGREES_PER_M, Town

if TYPE_CHECKING:
    from collections.abc import Callable

STAIR = "A----B----C----D"


def town() -> Town:
    return Town(STAIR, AB="residential", BC="steps", CD="residential")


def ms(place: Town, **walker: float) -> int:
    """Milliseconds from A to D at 1 m/s."""
    costs = impedance(place.network, dataclasses.replace(WALKERS["elderly"], **walker))  # type: ignore[arg-type]
    stops = [reach.stops(costs, place.link(costs, {"x": spot}, 50.0)) for spot in ("D", "A")]
    return int(reach.nearest(costs, *stops, limit_ms=10_000_000).ms[0])


def test_a_factor_and_a_penalty_for_each_flight() -> None:
    assert ms(town()) == 500_000 + 833_333 + 500_000
    assert ms(town(), steps_factor=1.0) == 1_500_000
    assert ms(town(), steps_factor=2.0, steps_penalty_s=30.0) == 500_000 + 1_030_000 + 500_000


def test_a_landing_with_a_way_off_is_no_second_flight() -> None:
    one = Town("A----B----C----D----F", ABCDF="steps")
    off = Town(
        """
             E
             |
        A----B----C----D----F
        """,
        ABC="steps", CDF="steps", BE="residential",
    )  # fmt: skip
    street = Town("A----B----C----D----F", AB="steps", BC="residential", CDF="steps")
    three = Town(
        """
             E
             |
        A----B----C----D----F
        """,
        ABC="steps", CDF="steps", BE="steps",
    )  # fmt: skip
    # seconds of penalty over all steps, with 30 for each flight
    for place, seconds in ((one, 30), (off, 30), (street, 60), (three, 90)):
        walker = WALKERS["elderly"]
        with_it = impedance(place.network, dataclasses.replace(walker, steps_penalty_s=30.0))
        more = with_it.out_ms - impedance(place.network, walker).out_ms
        assert int(more.sum()) == pytest.approx(seconds * 1000, abs=4)
        assert (more[place.network.edge_kind != 1] == 0).all()
    # B lies a quarter up: who leaves there pays a quarter
    first = int(
        np.flatnonzero((off.network.edge_kind == 1) & (off.network.edge_length_mm == 500_000))[0]
    )
    walker = dataclasses.replace(WALKERS["elderly"], steps_penalty_s=30.0)
    assert impedance(off.network, walker).out_ms[first] == pytest.approx(833_333 + 7_500, abs=2)


def test_half_a_flight_is_half_the_time() -> None:
    costs = impedance(town().network, dataclasses.replace(WALKERS["elderly"], steps_penalty_s=30.0))
    flight = np.flatnonzero(costs.network.edge_kind == 1).astype(np.int32)
    half = np.full(1, 250_000, np.int64)
    out_ms, in_ms = costs.position_ms(flight, half)
    whole = 833_333 + 30_000
    assert out_ms[0] == in_ms[0] == pytest.approx(whole / 2, abs=1)


def test_steps_have_no_slope_and_a_distance_rule_no_steps() -> None:
    hill: Callable[[np.ndarray, np.ndarray], np.ndarray] = lambda lon, _: lon / DEGREES_PER_M * 0.3  # noqa: E731
    place = town()
    steep = graded(place.network, hill, step_m=50, rule="tobler").network
    costs = impedance(steep, WALKERS["elderly"])
    stair = costs.network.edge_kind == 1
    assert costs.out_ms[stair].tolist() == costs.in_ms[stair].tolist()
    assert costs.out_ms[stair][0] == pytest.approx(833_333, abs=10)  # ten pieces, each rounded
    assert (costs.out_ms[~stair] != costs.in_ms[~stair]).all()
    rule = impedance(place.network, WALKERS["standard_1000m"])
    assert rule.out_ms.tolist() == [500_000] * 3
    stroller = impedance(place.network, WALKERS["caregiver_with_stroller"])
    assert stroller.out_open.tolist() == (~stair).tolist()
