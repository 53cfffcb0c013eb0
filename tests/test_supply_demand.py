"""Beds against people in a drawn town: who is served, and what the tables and notes say."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessed import assessed, box, facilities_at, people_at
from quarterhour.answers.supply_demand import METHODS, SupplyDemand, summary_of, supply_demand
from quarterhour.answers.supply_tables import tables_of
from quarterhour.errors import InputError
from quarterhour.study_file.answer_parts import SupplyPart
from quarterhour.units import MICRO
from towns import Town

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment

# 1 m/s: within 10 minutes are 600 m. 西院 at A, 东院 at C 1000 m on, 旧院 at D 1500 m from A
STREET = "A----B----C----D"
HOMES = {
    "甲": ("A", 100.0), "乙": ("B", 100.0), "丙": ("C", 100.0), "丁": ("D", 50.0),
    "field": (("AB", 250, 400), 20.0),
}  # fmt: skip


def street(beds: tuple[float, ...] = (30, 40, math.nan), **more: Any) -> Assessment:
    town = Town(STREET, ABCD="residential")
    spots = {"西院": "A", "东院": "C", "旧院": "D"}
    facilities = facilities_at(town, spots, beds=beds)
    people = people_at(town, HOMES, old=0.5)
    return assessed(town, people, facilities, **{"cutoffs_min": (10,), "group": "old", **more})


def told(found: SupplyDemand) -> tuple[float, ...]:
    parts = (found.served, found.full, found.unstated, found.out_of_reach, found.unlinked)
    return tuple(n / MICRO for n in parts)


def test_who_is_served() -> None:
    # in need are all old: 甲 50, 乙 50, 丙 50, 丁 25 and 10 in the field; 西院 is reached by 甲 and
    # 乙, 东院 by 乙 (500 m), 丙 and 丁 (500 m), 旧院 by 丙 and 丁 and has no number
    found = supply_demand(street(), column="beds", need_share=1)
    assert told(found) == (70, 105, 0, 0, 10)
    assert found.need_total == 185 * MICRO
    assert found.short.tolist() == [True, True, True, True, False]
    assert found.full_row.tolist() == [True, True, False]
    # whoever finds no room is at a place in reach
    assert int(found.unplaced.sum()) == 105 * MICRO
    assert found.unplaced[4] == 0
    # with 200 beds at 东院 only those of 甲 compete for the 30 of 西院
    found = supply_demand(street((30, 200, math.nan)), column="beds", need_share=1)
    assert told(found) == (155, 20, 0, 0, 10)
    assert found.short.tolist() == [True, False, False, False, False]
    assert (found.unplaced / MICRO).tolist() == [20, 0, 0, 0, 0]
    assert found.full_row.tolist() == [True, False, False]
    assert found.in_reach.tolist() == [100 * MICRO, 125 * MICRO, 0]
    assert found.supply_total == 230


def test_no_value_is_not_no_bed() -> None:
    # with only 西院 known, 丙 and 丁 are in reach of facilities nobody can judge
    found = supply_demand(street((30, math.nan, math.nan)), column="beds", need_share=1)
    assert told(found) == (30, 70, 75, 0, 10)
    assert found.unknown == (1, 2)
    notes = "".join(n.zh for n in tables_of(found)[0].notes)
    assert "2处设施没有床位数，未计入供给：东院、旧院" in notes
    # a facility that says 0 is known to have none
    found = supply_demand(street((30, 0, math.nan)), column="beds", need_share=1)
    assert told(found) == (30, 145, 0, 0, 10)


def test_need_is_a_share_of_the_group() -> None:
    part = SupplyPart(institution_share=0.04, home_share=0.9, community_share=0.06)
    found = supply_demand(street(), column="beds", part=part)
    assert found.need_total == round(0.04 * 185 * MICRO)
    assert "假设" in found.share_from.zh
    assert supply_demand(street(), column="beds").need_share == 0.03
    assert supply_demand(street(), column="beds", need_share=0.2).need_total == 37 * MICRO
    # a third of every millionth cannot be had: the whole is rounded once
    found = supply_demand(street(), column="beds", need_share=1 / 3)
    assert found.need_total == round(185 * MICRO / 3)


def test_two_steps_on_the_street() -> None:
    # 西院 30 / 100, 东院 40 / (50 + 50 + 25): 甲 0.3, 乙 0.3 + 0.32, 丙 and 丁 0.32
    found = supply_demand(street(), column="beds", need_share=1)
    plain = found.methods[0]
    assert (plain.key, plain.decay) == ("2sfca", "none")
    assert plain.ratio.tolist() == pytest.approx([0.3, 0.32, math.nan], nan_ok=True)
    assert plain.access.tolist() == pytest.approx([0.3, 0.62, 0.32, 0.32, 0])
    assert (plain.lowest, plain.highest) == pytest.approx((0.3, 0.62))
    assert plain.mean == pytest.approx(70 / 185)
    assert plain.median == pytest.approx(0.32)
    assert plain.share_without == pytest.approx(10 / 185)
    # the balanced method counts everybody once: 乙 is divided, 30 / 75 and 40 / 100
    even = found.methods[-1]
    assert even.ratio[:2].tolist() == pytest.approx([0.4, 0.4])
    assert even.access.tolist() == pytest.approx([0.4, 0.4, 0.4, 0.4, 0])


def test_which_decay_goes_with_which_method() -> None:
    found = {
        decay: [m.decay for m in supply_demand(
            street(), column="beds", need_share=1, part=SupplyPart(decay=decay)
        ).methods]
        for decay in ("none", "linear")
    }  # fmt: skip
    assert found["none"] == ["none", "steps", "steps", "none"]
    assert found["linear"] == ["none", "linear", "linear", "linear"]


def test_people_outside_the_area_compete_and_are_not_served() -> None:
    # the area ends between B and C, so that 丙 and 丁 are outside and have 东院 in reach
    a = street(area=box(-100, -500, 700, 500))
    found = supply_demand(a, column="beds", need_share=1)
    # inside are 甲, 乙 and the field: 30 beds at 西院 and, for 乙, 40 at 东院
    assert found.need_total == 110 * MICRO
    assert told(found) == (70, 30, 0, 0, 10)
    assert found.competing == 75 * MICRO
    assert found.methods[0].ratio[1] == pytest.approx(40 / 125)
    assert "另有约75名" in "".join(n.zh for n in tables_of(found)[0].notes)


def test_tables_and_summary() -> None:
    found = supply_demand(street(), column="beds", need_share=1)
    served, methods, each = tables_of(found, number=3)
    assert [t.key for t in (served, methods, each)] == [
        "supply_3", "supply_access_3", "supply_facilities_3",
    ]  # fmt: skip
    assert sum(r[1] for r in served.rows[:-1]) == served.rows[-1][1] == 185
    assert served.rows[0][2] == 70 / 185
    assert len(methods.rows) == len(METHODS)
    for row in methods.rows:
        assert row[-1] == pytest.approx(row[-2])
    assert each.rows[0][:5] == ("西院", "", 30, 100, pytest.approx(30))
    assert each.rows[2][2:7] == (None,) * 5
    assert all(n.zh and n.en for t in (served, methods, each) for n in t.notes)
    summary = json.loads(json.dumps(summary_of(found), allow_nan=False))
    assert summary["served"] == 70
    assert summary["facilities_without_value"] == [{"row": 4, "name": "旧院"}]
    assert [m["method"] for m in summary["methods"]] == list(METHODS)
    assert summary["facilities"][1]["per_person"]["2sfca"] == pytest.approx(0.32)


def test_everyone_as_a_group_is_told() -> None:
    found = supply_demand(street(group="all"), column="beds")
    assert "全部人口计算需求" in "".join(n.zh for n in tables_of(found)[0].notes)


def test_bad_input() -> None:
    with pytest.raises(
        InputError, match=r"facilities\.csv: service '养老' says supply = \"places\""
    ):
        supply_demand(street(), column="places")
    with pytest.raises(InputError, match="is empty there"):
        supply_demand(street((math.nan,) * 3), column="beds")
    for share in (0.0, 1.5, -0.1, math.nan):
        with pytest.raises(InputError, match="need_share is"):
            supply_demand(street(), column="beds", need_share=share)
    nobody = SupplyPart(institution_share=0, community_share=0.1)
    with pytest.raises(InputError, match="institution_share is 0"):
        supply_demand(street(), column="beds", part=nobody)
    town = Town(STREET, ABCD="residential")
    facilities = facilities_at(town, {"西院": "A"}, beds=[30.0])
    with pytest.raises(InputError, match="there are no people to count them"):
        supply_demand(assessed(town, None, facilities), column="beds")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.one_of(st.integers(0, 60).map(float), st.just(math.nan)), min_size=3, max_size=3)
    .filter(lambda beds: not all(math.isnan(b) for b in beds)),
    st.lists(st.integers(0, 90), min_size=5, max_size=5).filter(lambda n: sum(n[:4]) > 0),
    st.sampled_from([0.03, 0.3, 1 / 3, 1.0]),
    st.sampled_from(["none", "steps", "gaussian", "linear"]),
)  # fmt: skip
def test_everybody_is_counted_once_and_supply_is_conserved(
    beds: list[float], people: list[int], share: float, decay: str
) -> None:
    town = Town(STREET, ABCD="residential")
    homes = {name: (HOMES[name][0], n) for name, n in zip(HOMES, people, strict=True)}
    spots = {"西院": "A", "东院": "C", "旧院": "D"}
    a = assessed(town, people_at(town, homes), facilities_at(town, spots, beds=beds))
    part = SupplyPart(decay=decay)
    found = supply_demand(a, column="beds", need_share=share, part=part)
    count = a.counts[-1]["all"]
    assert sum(told(found)) * MICRO == pytest.approx(found.need_total)
    assert found.need_total == int(count.total * share + 0.5)
    in_reach = found.served + found.full + found.unstated
    assert in_reach == int(found.need[a.demand.covered(a.cutoff_ms)].sum())
    assert found.served <= np.nansum(beds) * MICRO
    assert not found.unplaced[~a.demand.covered(a.cutoff_ms)].any()
    assert (found.unplaced <= found.need).all()
    for m in found.methods:
        asked = [b for b, r in zip(beds, m.ratio, strict=True) if not math.isnan(r)]
        assert float((m.access * found.need).sum()) / MICRO == pytest.approx(sum(asked))
        assert m.received == pytest.approx(m.given) == pytest.approx(sum(asked))
