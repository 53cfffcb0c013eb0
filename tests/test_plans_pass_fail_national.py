"""Every indicator of the national set: towns that pass and that fail, each level by itself."""

from __future__ import annotations

import pytest

from plan_cases import (
    Pair,
    World,
    check,
    circle,
    compliant,
    fac,
    home,
    ids,
    judged,
    part_of,
    per_people,
)
from quarterhour.targets.data import Settings
from quarterhour.targets.evidence import FAIL, PASS


def land(square_metres: int) -> World:
    """Two homes of 100 beds in all."""
    return World(facilities=[fac("养老院", beds=40, site_area_m2=square_metres - 100),
                             fac("敬老院", beds=60, site_area_m2=100)])  # fmt: skip


def floor(square_metres: int) -> World:
    return World(facilities=[fac("养老院", beds=100, floor_area_m2=square_metres)])


def sizes(home_beds: int, nursing_beds: int) -> World:
    return World(facilities=[fac("养老院", beds=home_beds), fac("养护院", beds=nursing_beds)])


def stations(station_m2: int, nursery_m2: int) -> World:
    return World(facilities=[fac("社区养老服务站", floor_area_m2=station_m2),
                             fac("托育机构", floor_area_m2=nursery_m2)])  # fmt: skip


CASES: dict[str, Pair] = {
    "N-01": circle("养老院", 15, "age_60_plus"),
    "N-02": circle("老年养护院", 15, "age_60_plus"),
    "N-03": circle("日间照料中心", 15, "age_60_plus"),
    "N-04": circle("社区养老服务站", 10, "age_60_plus"),
    "N-05": circle("托儿所", 10, "age_0_3"),
    "N-06": circle("居家养老服务中心", 5, "age_60_plus"),
    "N-07": circle("托老所", 5, "age_60_plus"),
    "N-08": circle("托儿所", 5, "age_0_3"),
    "N-09": circle("幼儿园", 5, "all"),
    "N-10": per_people("养老院", "beds", 40, "age_60_plus", 1000),
    "N-11": Pair(floor(3500), floor(3499)),
    "N-12": Pair(land(1800), land(1799), also=(land(4401),)),
    "N-13": Pair(
        World(facilities=[fac("敬老院", beds=20), fac("托老所", beds=3)]),
        World(facilities=[fac("敬老院", beds=19), fac("托老所", beds=3)]),
    ),
    "N-14": Pair(
        World(facilities=[fac("日间照料中心", floor_area_m2=350)]),
        World(facilities=[fac("日间照料中心", floor_area_m2=349)]),
    ),
    "N-15": Pair(sizes(200, 500), sizes(200, 501), also=(sizes(199, 500), sizes(501, 100))),
    "N-16": per_people("托育机构", "places", 45, "all", 10_000),
    "N-17": part_of("养老院", "beds", "nursing_beds", 55),
    "N-18": compliant("日间照料中心", 3, 3),
    "N-19": circle("老年食堂", 5, "age_60_plus"),
    "N-20": Pair(
        World(facilities=[fac("社区养老服务综合体", floor_area_m2=600)]),
        World(facilities=[fac("社区养老服务综合体", floor_area_m2=599)]),
    ),
    "N-21": Pair(stations(350, 200), stations(350, 199), also=(stations(349, 200),)),
}


def test_no_indicator_is_left_out() -> None:
    assert set(CASES) == ids("national")


@pytest.mark.parametrize("id_", CASES)
def test_passes_fails_and_names_what_is_missing(id_: str) -> None:
    check("national", id_, CASES[id_])


def results(*at: float) -> list[str]:
    """Of 15, 10 and 5 minutes, with all older people at these metres from a service station."""
    facilities = [fac("社区养老服务站"), fac("日间照料中心", at=4000)]
    town = World(facilities=facilities, people=[home(m, age_60_plus=10) for m in at])
    return [judged("national", i, town, Settings()).result for i in ("N-03", "N-04", "N-06")]


def test_passing_at_fifteen_minutes_says_nothing_of_ten_and_five() -> None:
    assert results(900) == [PASS, FAIL, FAIL]
    assert results(600) == [PASS, PASS, FAIL]
    assert results(300) == [PASS, PASS, PASS]
    assert results(901) == [FAIL, FAIL, FAIL]


def test_the_near_level_may_pass_where_the_far_one_fails() -> None:
    # a home for older people is asked for within 15 minutes, a day care centre within 5
    town = World(facilities=[fac("托老所"), fac("养老院", at=4000)],
                 people=[home(100, age_60_plus=10)])  # fmt: skip
    found = [judged("national", i, town, Settings()).result for i in ("N-01", "N-07")]
    assert found == [FAIL, PASS]
