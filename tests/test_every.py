"""All answers of one study together: what one knows of another is told in both.

    甲 (100)  乙 (500)             丁 (1200)      people on the main street, 1 m/s, 5 minutes
    空院 (0)     满院 (320)                        空院 has no bed, 满院 one

The urban area ends at 300 m; beyond it 15 minutes count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from quarterhour import results
from quarterhour.study import run_study
from small_study import box, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from quarterhour.answers.every import Answers
    from quarterhour.study import StudyResult


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("every")
    write_layer(folder / "urban.gpkg", [box(-100, -1000, 300, 1000)], name=["城区"])
    rows = [("空院", 0, 0), ("满院", 320, 1)]
    lines = ["设施名称,类型,经度,纬度,床位"]
    lines += [f"{name},养老院,{','.join(map(str, lonlat(x, 0)))},{n}" for name, x, n in rows]
    changes = {
        "urban": {"source": "urban.gpkg"}, "service.0.cutoffs_min": [5],
        "service.0.rural_cutoff_min": 15, "service.0.supply": "beds", "service.0.need_share": 0.5,
        "service.0.walker": "elderly",
    }  # fmt: skip
    return run_study(small_study(folder, changes, {"facilities.csv": "\n".join([*lines, ""])}))


def answers(town: StudyResult) -> Answers:
    assert town.answers is not None
    return town.answers


def test_every_place_says_which_gap_it_is_in(town: StudyResult) -> None:
    places = results.layers_of(town.assessments)
    _, _, columns = answers(town).layers(places)["people"]
    gaps = answers(town).services[0].gaps.gaps
    for gap in gaps:
        of = columns["people"][columns["gap"] == gap.rank]
        assert of.sum() == gap.people["all"] / 1e6
    covered = columns["status"] == "covered"
    assert np.array_equal(np.isnan(columns["gap"]), covered)
    assert covered.any()
    assert "gap" not in places["people"][2]
    assert "people" not in answers(town).layers()


def test_who_finds_no_bed_is_sent_to_a_facility_that_has_beds(town: StudyResult) -> None:
    # 甲: half of ten people need a bed, and 满院 has one; 乙: half of twenty
    (one,) = answers(town).services
    assert one.supply is not None
    full = one.gaps.full
    assert sum(g.people["all"] for g in full) == one.supply.full == 14 * 1_000_000
    assert {town.assessments[0].facilities.name[g.facility] for g in full} == {"满院"}
    assert one.supply.full_row.tolist() == [False, True]


def test_the_rural_cutoff_is_told_where_it_does_not_count(town: StudyResult) -> None:
    tables = {t.key: t for t in answers(town).tables()}
    told = {key for key, t in tables.items() if any("乡村时限 15 分钟" in n.zh for n in t.notes)}
    assert {"redundancy_1", "facilities_1", "equity_1", "gaps", "gap_reasons"} <= told
    # 丙 and 丁 walk 880 m to 满院: not in 5 minutes, and in 15
    gaps = tables["gaps"]
    column = [c.key for c in gaps.columns].index("within_rural")
    assert sum(row[column] for row in gaps.rows) == 30 + 40
