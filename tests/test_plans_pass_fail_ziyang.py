"""Every indicator of Ziyang that a rule computes: a town that passes and one that fails."""

from __future__ import annotations

import pytest

from plan_cases import (
    Pair,
    World,
    amount,
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


def friendly(n: int) -> World:
    """A nursery for the sake of the list, and `n` communities that are age-friendly."""
    rows = [*units(*"甲乙丙丁戊"[:n], age_friendly="yes"), *units("己", "庚", age_friendly="no")]
    return World(facilities=[fac("养老院")], units={"community": rows})


def learning(villages: int) -> World:
    """One county, two towns, five communities: a school in each town, and villages."""
    seats = [{"town": 0, "community": 0}, {"town": 1, "community": 1}]
    seats += [{"community": k} for k in range(2, villages)]
    return World(
        facilities=[fac("老年学校", inside=s) for s in seats],
        units={
            "county": units("甲县"),
            "town": units("甲镇", "乙镇"),
            "community": units("一", "二", "三", "四", "五"),
        },
    )


def opened(beds: int) -> World:
    """Beds of 2023; older and newer ones are not of that year."""
    years = [(beds, 2023), (5000, 2022), (5000, 2024)]
    return World(facilities=[fac("养老院", beds=b, open_year=y) for b, y in years])


def hospitals(good: int) -> World:
    """Ten hospitals of grade 2; one of grade 1 is not asked."""
    rows = [fac("医院", hospital_level="二级甲等", geriatric="yes" if k < good else "no")
            for k in range(10)]  # fmt: skip
    return World(facilities=[*rows, fac("医院", hospital_level="一级", geriatric="no")])


def kindergartens(good: int) -> World:
    rows = [fac("幼儿园", nursery_class="yes" if k < good else "no") for k in range(5)]
    return World(facilities=rows)


def streets(*, second: int) -> World:
    """Two subdistricts need a complex; the town beside them does not."""
    towns = [*units("甲街道", "乙街道", kind="street"), *units("丙镇", kind="town")]
    seats = [{"town": 0}, {"town": second}]
    return World(
        facilities=[fac("社区养老服务综合体", inside=s) for s in seats], units={"town": towns}
    )


def each_and_all(kind: str, **columns: str) -> Pair:
    """Three of them, and one in both counties: fails with two, and with three in one county."""

    def town(*seats: int) -> World:
        rows = [fac(kind, inside={"county": k}, **columns) for k in seats]
        if columns:  # a facility that is not what is asked for counts in neither way
            rows.append(fac(kind, inside={"county": 1}, **dict.fromkeys(columns, "no")))
        return World(facilities=rows, units={"county": units("甲县", "乙县")})

    return Pair(town(0, 1, 0), town(0, 1), also=(town(0, 0, 0),))


CASES: dict[str, Pair] = {
    "Z-01": Pair(streets(second=1), streets(second=2)),
    "Z-02": circle("日间照料中心", 15, "age_60_plus"),
    "Z-03": reached("community", "居家养老服务站", 3, 3, 15, "age_60_plus"),
    "Z-04": present("town", "养老服务中心", 3, 5, comprehensive="yes"),
    "Z-05": amount("养老院", "beds", 12_500),
    "Z-06": Pair(opened(1400), opened(1399)),
    "Z-07": part_of("养老院", "beds", "nursing_beds", 55),
    "Z-08": part_of("乡镇卫生院", "beds", "nursing_beds", 30),
    "Z-09": each_and_all("失能照护中心"),
    "Z-10": each_and_all("养老院", smart="yes"),
    "Z-11": compliant("日间照料中心", 4, 4),
    "Z-12": number("养老院", 20, medical="yes"),
    "Z-13": Pair(friendly(5), friendly(4)),
    "Z-14": Pair(learning(4), learning(3)),
    "Z-15": Pair(hospitals(6), hospitals(5)),
    "Z-16": share("敬老院", 3, 3, compliant="yes"),
    "Z-20": amount("托育机构", "places", 9830),
    "Z-21": per_people("托育机构", "places", 45, "all", 10_000),
    "Z-22": inclusive("托育机构", 60),
    "Z-23": reached("community", "托育机构", 7, 10, 15, "age_0_3"),
    "Z-24": present("new_residential", "托育机构", 3, 3),
    "Z-25": present("county", "公办示范性婴幼儿照护服务中心", 3, 3),
    "Z-26": Pair(World(facilities=[fac("托育服务指导中心")]), World(facilities=[fac("托育机构")])),
    "Z-27": number("托育机构", 20, registration="yes"),
    "Z-28": Pair(kindergartens(4), kindergartens(3)),
    "Z-29": estates("new_residential", "托育机构", "places", 20, "people", 2000),
    "Z-30": estates("old_residential", "托育机构", "places", 16, "people", 2000),
}


def test_no_indicator_is_left_out() -> None:
    assert set(CASES) == ids("ziyang")


@pytest.mark.parametrize("id_", CASES)
def test_passes_fails_and_names_what_is_missing(id_: str) -> None:
    check("ziyang", id_, CASES[id_])


EARLIER = {
    # the milestone of 2023, under which the facilities of 2023 count
    "Z-07": (part_of("养老院", "beds", "nursing_beds", 50), 50),
    "Z-20": (amount("托育机构", "places", 5530), 5530),
    "Z-21": (per_people("托育机构", "places", 24.5, "all", 10_000), 2.45),
    "Z-22": (inclusive("托育机构", 30), 30),
}


@pytest.mark.parametrize("id_", EARLIER)
def test_the_milestones_of_2023(id_: str) -> None:
    check("ziyang", id_, EARLIER[id_][0]._replace(year=2023))
