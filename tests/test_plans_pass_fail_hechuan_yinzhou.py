"""Every indicator of Hechuan and Yinzhou that a rule computes: towns that pass and that fail."""

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
    fac,
    ids,
    inclusive,
    number,
    part_of,
    per_people,
    present,
    share,
    units,
)


def stars(*marks: str) -> World:
    """Public homes by their stars; an empty cell is not rated."""
    return World(facilities=[fac("敬老院", star=mark) for mark in marks])


def chains(n: int) -> World:
    """Private chains; a public one is none of them."""
    rows = [fac("养老院", chain="yes", operator_type="民办") for _ in range(n)]
    rows.append(fac("养老院", chain="no", operator_type="民办"))
    return World(facilities=[*rows, fac("养老院", chain="yes", operator_type="公办")])


def enrolled(public: int) -> World:
    """A hundred children in kindergartens, so many of them in public ones."""
    rows = [(public, "公办"), (100 - public, "民办普惠")]
    return World(facilities=[fac("幼儿园", enrolment=n, operator_type=t) for n, t in rows])


def kindergartens(good: int) -> World:
    """Ten kindergartens: inclusive with nursery classes, or only one of the two."""
    rows = [fac("幼儿园", inclusive="yes", nursery_class="yes") for _ in range(good)]
    rows += [fac("幼儿园", inclusive="yes", nursery_class="no") for _ in range(9 - good)]
    return World(facilities=[*rows, fac("幼儿园", inclusive="no", nursery_class="yes")])


def urban_communities(good: int) -> World:
    """Five urban communities; the rural one beside them is not asked."""
    rows = [*units("一", "二", "三", "四", "五", urban="yes"), *units("六", urban="no")]
    nurseries = [fac("托育服务点", inside={"community": k}, inclusive="yes") for k in range(good)]
    nurseries.append(fac("托育服务点", inside={"community": 4}, inclusive="no"))
    return World(facilities=nurseries, units={"community": rows})


def big_estates(good: int) -> World:
    """Ten estates of 1001 households; those of exactly 1000 are not asked."""
    rows = [
        *units(*[f"苑{k}" for k in range(10)], households=1001),
        *units("小", "微", households=1000),
    ]
    nurseries = [fac("托育点", inside={"residential": k}) for k in range(good)]
    return World(facilities=nurseries, units={"residential": rows})


def employers(n: int) -> World:
    rows = [fac("托育机构", operator_type="用人单位自办") for _ in range(n)]
    return World(facilities=[*rows, fac("托育机构", operator_type="民办")])


def public_beds(n: int) -> World:
    """New public beds; private ones and those of 2022 do not count."""
    rows = [(n, "公办", 2024), (400, "民办", 2024), (400, "公办", 2022)]
    return World(facilities=[fac("养老院", beds=b, operator_type=t, open_year=y)
                             for b, t, y in rows])  # fmt: skip


def clinics(beds: int, nursing: int, clinic: str) -> World:
    """One institution of a size; smaller ones need no clinic."""
    return World(facilities=[fac("养老院", beds=beds, nursing_beds=nursing, clinic=clinic),
                             fac("养老院", beds=299, nursing_beds=199, clinic="no")])  # fmt: skip


def scenes(n: int, of: int) -> World:
    """`n` of so many urban communities have a scene; rural ones have none and are not asked."""
    rows = [
        *units(*[f"社区{k}" for k in range(n)], scene="yes", urban="yes"),
        *units(*[f"另{k}" for k in range(of - n)], scene="no", urban="yes"),
        *units(*[f"村{k}" for k in range(9)], scene="no", urban="no"),
    ]
    return World(facilities=[fac("养老院")], units={"community": rows})


def future(*, nursery: int, station: int) -> World:
    """Two future communities, each with an inclusive nursery and a station unless told."""
    rows = [fac("托育机构", inside={"future_community": k}, inclusive="yes") for k in (0, nursery)]
    rows += [fac("社区婴幼儿照护驿站", inside={"future_community": k}) for k in (0, station)]
    return World(facilities=rows, units={"future_community": units("甲", "乙")})


def public_places(large: int, *, with_room: int, up_to_standard: int) -> World:
    """Places large by their floor or by their visitors; the small one needs nothing."""
    rows = []
    for k in range(large):
        floor, visitors = (5000, 10) if k % 2 else (10, 5001)
        size = {"floor_area_m2": floor, "visitors": visitors}
        room, good = k < with_room, k < up_to_standard
        rows += units(f"商场{k}", **size, nursing_room="yes" if room else "no",
                      compliant="yes" if good else "no")  # fmt: skip
    rows += units("小店", floor_area_m2=4999, visitors=5000, nursing_room="no", compliant="no")
    return World(facilities=[fac("托育机构")], units={"public_place": rows})


def floor_per_place() -> Pair:
    """New communities of 2000 people with 20 places of 12 m2; then of 11 m2, then 19 places."""

    def town(places: int, floor: int) -> World:
        level = "new_residential"
        rows = [fac("托育机构", inside={level: k}, places=places, floor_area_m2=floor)
                for k in (0, 1)]  # fmt: skip
        return World(facilities=rows, units={level: units("甲", "乙", people=2000)})

    return Pair(town(20, 240), town(20, 239), also=(town(19, 240),))


HECHUAN: dict[str, Pair] = {
    "H-01": circle("社区养老服务点", 15, "age_60_plus"),
    "H-02": circle("托育机构", 15, "age_0_3"),
    "H-03": circle("社区老年食堂", 15, "age_60_plus"),
    "H-04": amount("敬老院", "beds", 8000),
    "H-05": part_of("养老院", "beds", "nursing_beds", 65),
    "H-06": Pair(
        stars(*["三星级"] * 9, *["二星"] * 5, *["一星级"] * 4, "", ""),
        stars(*["三星级"] * 9, *["二星"] * 4, *["一星级"] * 5, "", ""),
        also=(stars(*["三星级"] * 8, *["二星"] * 6, *["一星级"] * 4, "", ""),),
    ),
    "H-07": both(Pair(chains(2), chains(1)), Pair(World(facilities=[fac("康养社区")]), World())),
    "H-09": per_people("托育机构", "places", 45, "all", 10_000),
    "H-10": Pair(urban_communities(3), urban_communities(2)),
    "H-11": Pair(kindergartens(4), kindergartens(3)),
    "H-12": Pair(enrolled(60), enrolled(59)),
    "H-13": Pair(employers(2), employers(1)),
    "H-14": Pair(big_estates(9), big_estates(8)),
}

YINZHOU: dict[str, Pair] = {
    "Y-01": both(
        circle("居家养老服务中心", 15, "age_60_plus", where="all"),
        circle("托育机构", 15, "age_0_3", where="all"),
    ),
    "Y-02": per_people("养老院", "beds", 50, "age_60_plus", 1000),
    "Y-03": part_of("养老院", "beds", "nursing_beds", 70),
    "Y-04": per_people("养护院", "dementia_beds", 26, "age_60_plus", 10_000),
    "Y-05": number("养老院", 11, medical="yes"),
    "Y-06": present("town", "居家养老服务中心", 3, 3),
    "Y-07": compliant("居家养老服务中心", 3, 3),
    "Y-08": per_people("医院", "rehab_beds", 75, "age_60_plus", 10_000),
    "Y-09": present("town", "老年学校", 3, 3),
    "Y-10": present("community", "老年大学教学点", 4, 5),
    "Y-11": present("town", "日间照料中心", 3, 3),
    "Y-12": Pair(public_beds(500), public_beds(499)),
    "Y-13": share("养老院", 6, 10, clinic="yes"),
    "Y-14": Pair(clinics(300, 0, "yes"), clinics(300, 0, "no"), also=(clinics(1, 200, "no"),)),
    "Y-15": per_people("养老院", "site_area_m2", 2000, "all", 10_000),
    "Y-16": Pair(scenes(60, 199), scenes(60, 200), also=(scenes(59, 190),)),
    "Y-20": per_people("托育机构", "places", 45.5, "all", 10_000),
    "Y-21": number("托育机构", 60, registration="yes"),
    "Y-22": inclusive("托育机构", 60, strict=True),
    "Y-23": present("town", "托育机构", 3, 3),
    "Y-24": number("社区婴幼儿照护驿站", 100),
    "Y-25": number("托育机构", 15, demonstration="yes"),
    "Y-26": Pair(
        World(facilities=[fac("幼儿园托班", places=793, inclusive="yes"),
                          fac("幼儿园托班", places=507, inclusive="no")]),
        World(facilities=[fac("幼儿园托班", places=780, inclusive="yes"),
                          fac("幼儿园托班", places=520, inclusive="no")]),
        also=(World(facilities=[fac("幼儿园托班", places=1299, inclusive="yes")]),),
    ),
    "Y-27": floor_per_place(),
    "Y-28": Pair(
        future(nursery=1, station=1),
        future(nursery=1, station=0),
        also=(future(nursery=0, station=1),),
    ),
    "Y-29": Pair(
        public_places(10, with_room=10, up_to_standard=9),
        public_places(10, with_room=10, up_to_standard=8),
        also=(public_places(20, with_room=19, up_to_standard=19),),
    ),
}  # fmt: skip


def test_no_indicator_is_left_out() -> None:
    assert set(HECHUAN) == ids("hechuan")
    assert set(YINZHOU) == ids("yinzhou")


@pytest.mark.parametrize("id_", [*HECHUAN, *YINZHOU])
def test_passes_fails_and_names_what_is_missing(id_: str) -> None:
    check("hechuan" if id_ in HECHUAN else "yinzhou", id_, (HECHUAN | YINZHOU)[id_])
