"""Every indicator of the two Dazhou texts that a rule computes: towns that pass and that fail."""

from __future__ import annotations

import pytest

from plan_cases import (
    Pair,
    World,
    amount,
    both,
    check,
    circle,
    compliant,
    estates,
    fac,
    ids,
    inclusive,
    number,
    part_of,
    per_people,
    present,
    reached,
    share,
    units,
)


def streets(*, second: int) -> World:
    """Two subdistricts and an eligible town need a complex; the other town does not."""
    towns = [*units("甲街道", "乙街道", kind="street"), *units("丙镇", eligible="yes", kind="town"),
             *units("丁镇", eligible="no", kind="town")]  # fmt: skip
    seats = [{"town": 0}, {"town": second}, {"town": 2}]
    rows = [fac("社区养老服务综合体", inside=s) for s in seats]
    rows[0]["kind"] = "社区养老托育服务综合体"
    return World(facilities=rows, units={"town": towns})


def opened(beds: int, year: int) -> World:
    """New beds of one year; those of the years beside it do not count."""
    years = [(beds, year), (5000, year - 1), (5000, year + 1)]
    return World(facilities=[fac("养老院", beds=b, open_year=y) for b, y in years])


def friendly(n: int) -> World:
    rows = [*units(*[f"社区{k}" for k in range(n)], age_friendly="yes"),
            *units("其他", age_friendly="no")]  # fmt: skip
    return World(facilities=[fac("养老院")], units={"community": rows})


def land(square_metres: float) -> Pair:
    """Land of facilities for 10 000 people."""
    return per_people("养老院", "site_area_m2", square_metres, "all", 10_000)


def county_childcare() -> Pair:
    """Every county, a guidance centre, two model nurseries."""
    counties = present("county", "托育机构", 2, 2)
    guide = Pair(World(facilities=[fac("托育指导中心")]), World(facilities=[fac("养老院")]))
    return both(both(counties, guide), number("示范性婴幼儿照护服务机构", 2))


def new_beds(values: dict[int, int], plan: str, id_: str) -> None:
    """Every year has its own number of new beds; the last one is asked for unless told."""
    for year, beds in values.items():
        check(plan, id_, Pair(opened(beds, year), opened(beds - 1, year), year))


STREETS = Pair(streets(second=1), streets(second=3))

DRAFT: dict[str, Pair] = {
    "D-01": STREETS,
    "D-02": circle("日间照料中心", 15, "age_60_plus"),
    "D-03": circle("互助养老点", 30, "age_60_plus", where="rural"),
    "D-04": reached("village", "农村幸福院", 9, 10, 30, "age_60_plus"),
    "D-05": reached("community", "居家养老服务站", 9, 10, 15, "age_60_plus"),
    "D-06": present("town", "敬老院", 3, 5, comprehensive="yes"),
    "D-07": number("区域性养老服务中心", 70),
    "D-08": number("社区养老服务综合体", 21),
    "D-09": present("county", "特困人员供养服务设施", 2, 2),
    "D-10": amount("敬老院", "beds", 30_000),
    "D-11": Pair(opened(2420, 2024), opened(2419, 2024)),
    "D-12": part_of("养老院", "beds", "nursing_beds", 55),
    "D-13": compliant("日间照料中心", 2, 2),
    "D-14": present("county", "老年大学", 3, 3),
    "D-15": share("敬老院", 7, 10, star="一星级"),
    "D-16": land(1000),
    "D-17": estates("new_residential", "日间照料中心", "floor_area_m2", 60, "households", 200),
    "D-18": Pair(friendly(10), friendly(9)),
    "D-19": share("医院", 13, 20, geriatric="yes"),
    "D-20": per_people("托育机构", "places", 45, "all", 10_000),
    "D-21": amount("托育机构", "places", 24_000),
    "D-22": inclusive("托育机构", 30),
    "D-23": reached("community", "托育机构", 3, 10, 15, "age_0_3"),
    "D-24": present("county", "托育机构", 2, 2),
    "D-25": number("托育机构", 30, registration="yes"),
    "D-26": number("托育机构", 5, demonstration="yes"),
    "D-27": estates("new_residential", "托育机构", "places", 20, "people", 2000),
    "D-28": estates("old_residential", "托育机构", "places", 16, "people", 2000),
}

COPY: dict[str, Pair] = {
    "A-01": STREETS,
    "A-02": circle("居家养老服务中心", 15, "age_60_plus"),
    "A-03": present("town", "区域养老服务中心", 3, 5),
    "A-04": reached("community", "日间照料中心", 9, 10, 15, "age_60_plus"),
    "A-05": present("town", "敬老院", 3, 5, comprehensive="yes"),
    "A-06": both(number("区域养老服务中心", 70), number("社区养老服务综合体", 21)),
    "A-07": amount("养老院", "beds", 30_000),
    "A-08": Pair(opened(2420, 2024), opened(2419, 2024)),
    "A-09": part_of("养老院", "beds", "nursing_beds", 55),
    "A-10": present("county", "老年大学", 2, 2),
    "A-11": compliant("日间照料中心", 3, 3),
    "A-12": both(
        land(1000), estates("new_residential", "托老所", "floor_area_m2", 60, "households", 200)
    ),
    "A-13": per_people("托育机构", "places", 45, "all", 10_000),
    "A-14": amount("托育机构", "places", 24_000),
    "A-15": county_childcare(),
    "A-16": both(
        estates("new_residential", "托育机构", "places", 20, "people", 2000),
        estates("old_residential", "托儿所", "places", 16, "people", 2000),
        apart=False,
    ),
}


def test_no_indicator_is_left_out() -> None:
    assert set(DRAFT) == ids("dazhou_draft")
    assert set(COPY) == ids("anon_city")


@pytest.mark.parametrize("id_", [*DRAFT, *COPY])
def test_passes_fails_and_names_what_is_missing(id_: str) -> None:
    check("dazhou_draft" if id_ in DRAFT else "anon_city", id_, (DRAFT | COPY)[id_])


def test_every_year_has_its_own_new_beds() -> None:
    new_beds({2022: 1750, 2023: 2050, 2024: 2420}, "dazhou_draft", "D-11")
    new_beds({2022: 1750, 2023: 1900, 2024: 2420}, "anon_city", "A-08")


EARLIER: dict[str, tuple[str, Pair]] = {
    "D-04": ("dazhou_draft", reached("village", "农村幸福院", 7, 10, 30, "age_60_plus")),
    "D-13": ("dazhou_draft", compliant("日间照料中心", 4, 5)),
    "D-26": ("dazhou_draft", number("示范性托育机构", 2)),
    "A-11": ("anon_city", compliant("日间照料中心", 4, 5)),
    "A-14": ("anon_city", amount("托育机构", "places", 15_000)),
}


@pytest.mark.parametrize("id_", EARLIER)
def test_the_milestone_before_the_last(id_: str) -> None:
    plan, pair = EARLIER[id_]
    check(plan, id_, pair._replace(year=2024))
