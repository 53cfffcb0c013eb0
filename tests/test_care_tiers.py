"""The 90-7-3 split and the nursery wish: the figures of the Ziyang plan, and drawn towns."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from assessed import assessed, box, facilities_at, people_at
from quarterhour.answers.care_tiers import (
    elderly_tiers,
    nursery_tier,
    summary_of,
    tables_of,
    tier_of,
    tiers_of,
)
from quarterhour.errors import InputError
from quarterhour.study_file.answer_parts import SupplyPart
from towns import Town


def test_the_arithmetic_of_the_ziyang_plan() -> None:
    # 资府办发〔2023〕7号: 750,000 people over 60, of whom 3 % in institutions, 12,500 beds
    home, community, institution = elderly_tiers(750_000, {"institution": 12_500}, SupplyPart())
    assert (institution.need, institution.supply, institution.gap) == (22_500, 12_500, 10_000)
    assert (home.need, community.need) == (675_000, 52_500)
    assert (home.gap, community.met) == (None, None)
    # 50,000 children, of whom 30 % wish for one of 3,160 places: 21 %
    nursery = nursery_tier(50_000, 3_160, SupplyPart())
    assert (nursery.need, nursery.gap) == (15_000, 11_840)
    assert nursery.met is not None
    assert round(nursery.met, 2) == 0.21


def test_other_shares_and_shares_that_are_none() -> None:
    # what people prefer in the Ziyang survey: 80 % at home, 12 % in institutions
    survey = SupplyPart(home_share=0.8, community_share=0.08, institution_share=0.12)
    assert [t.need for t in elderly_tiers(1000, {}, survey)] == [800, 80, 120]
    # sums of decimals that floats do not hold are 1 all the same
    thirds = SupplyPart(home_share=0.7, community_share=0.1, institution_share=0.2)
    assert len(elderly_tiers(10, {}, thirds)) == 3
    with pytest.raises(InputError, match=r"are 0\.9, 0\.07, 0\.05 and add up to 1\.02"):
        elderly_tiers(1000, {}, SupplyPart(institution_share=0.05))
    assert nursery_tier(0, 10, SupplyPart()).met is None


def test_tiers_by_kind() -> None:
    assert tier_of(("senior_home",)) == "institution"
    assert tier_of(("nursing_home",)) == "institution"
    assert tier_of(("regional_centre",)) == "institution"
    assert tier_of(("senior_day_care",)) == "community"
    assert tier_of(("senior_complex",)) == "community"
    assert tier_of(("senior_complex", "senior_home")) == "institution"
    assert tier_of(("hospital",)) == "unclear"
    assert tier_of(()) == "unclear"


STREET = "A----B----C----D"
WHOLE = box(-100, -500, 1600, 500)


def town(**more: Any) -> tuple[Any, Any, Any]:
    drawn = Town(STREET, ABCD="residential")
    people = people_at(drawn, {"甲": ("A", 600.0), "乙": ("C", 400.0)}, old=0.5)
    spots = {
        "养老院": "A", "日间照料": "B", "远": ("BC", 250, 400), "无数": "C", "规划": "C",
    }  # fmt: skip
    keys = [("senior_home",), ("senior_day_care",), ("senior_home",), ("senior_home",), ()]
    facilities = facilities_at(
        drawn, spots, closed=[4], keys=keys, beds=(20.0, 8.0, 5.0, math.nan, 100.0), **more
    )
    return drawn, people, facilities


def test_beds_of_the_area_by_tier() -> None:
    # "远" is too far from a road to be reached, and its beds exist; the planned one has none yet
    drawn, people, facilities = town(family_beds=(math.nan, 6.0, math.nan, math.nan, math.nan))
    a = assessed(drawn, people, facilities, group="old", area=WHOLE)
    found = tiers_of([a], SupplyPart(), column="beds")
    assert found.people == 500
    told = {t.key: (t.need, t.supply, t.gap, t.without_value) for t in found.tiers}
    assert told == {
        "home": (450, 6, 444, 0),
        "community": (35, 8, 27, 0),
        "institution": (15, 25, -10, 1),
    }
    # a second service of the same table adds nothing
    again = assessed(drawn, people, facilities, group="old", cutoffs_min=(5,), area=WHOLE)
    assert tiers_of([a, again], SupplyPart(), column="beds") == found
    table = tables_of(found, number=2)[0]
    assert (table.key, len(table.rows)) == ("tiers_2", 3)
    assert table.rows[2][2:6] == (15, 25, -10, 25 / 15)
    assert "分母" not in table.title.zh
    assert "500人" in table.notes[0].zh
    summary = json.loads(json.dumps(summary_of(found), allow_nan=False))
    assert summary["tiers"][2]["gap"] == -10


def test_what_nobody_says_stays_unknown() -> None:
    drawn = Town(STREET, ABCD="residential")
    people = people_at(drawn, {"甲": ("A", 600.0)}, old=0.5)
    facilities = facilities_at(drawn, {"某院": "A", "某站": "B"}, beds=(20.0, 4.0))
    a = assessed(drawn, people, facilities, group="old", area=WHOLE)
    found = tiers_of([a], SupplyPart(), column="beds")
    told = {t.key: (t.supply, t.gap) for t in found.tiers}
    # no kind is recognised: the beds stand apart, and no tier is said to have none
    assert told == {
        "home": (None, None), "community": (None, None), "institution": (None, None),
        "unclear": (24, None),
    }  # fmt: skip


def test_only_what_stands_in_the_area_counts() -> None:
    drawn, people, facilities = town()
    a = assessed(drawn, people, facilities, group="old", area=box(-100, -500, 300, 500))
    found = tiers_of([a], SupplyPart(), column="beds")
    assert found.people == 300
    assert {t.key: t.supply for t in found.tiers} == {
        "home": None, "community": 0, "institution": 20,
    }  # fmt: skip


def test_nursery_places() -> None:
    drawn = Town(STREET, ABCD="residential")
    people = people_at(drawn, {"甲": ("A", 1000.0)}, age_0_3=0.02)
    facilities = facilities_at(drawn, {"甲园": "A", "乙园": "B"}, places=(4.0, math.nan))
    a = assessed(drawn, people, facilities, group="age_0_3", area=WHOLE)
    found = tiers_of([a], SupplyPart(), column="places")
    (only,) = found.tiers
    assert (only.need, only.supply, only.gap, only.without_value) == (6, 4, 2, 1)
    assert tables_of(found)[0].title.zh == "入托需求与托位"
