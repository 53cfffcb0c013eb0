"""What the columns of a list of facilities hold: values, kinds, ids, and rows without a place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.rows.attributes import attributes_of
from quarterhour.sources.rows.points import read_points
from test_facilities_reader import HEAD, Rows, kinds, read
from test_tables import text

if TYPE_CHECKING:
    from pathlib import Path


def test_values_by_meaning(tmp_path: Path) -> None:
    rows: Rows = [
        [
            *HEAD,
            "床位数（张）",
            "总投资（元）",
            "建筑面积",
            "建成时间",
            "是否普惠",
            "所在街道",
            "户数（万户）",
        ],
        ["甲", 104.65, 30.12, "120张", 5_000_000, "1.2万㎡", "2021年6月", "√", "三贤祠街道", 1.2],
        ["乙", 104.66, 30.12, "若干", "", 800, "", "", "", ""],
    ]
    found = read(tmp_path, rows)
    values = found.attributes
    assert values["cost"][0] == 500  # ten thousand yuan
    numbers = ("beds", "floor_area_m2", "open_year", "households")
    assert [values[m][0] for m in numbers] == [120, 12_000, 2021, 12_000]
    assert values["inclusive"] == ("yes", "")
    assert values["town"] == ("三贤祠街道", "")
    assert math.isnan(values["beds"][1])
    told = {(c.kind, c.row) for c in found.changes}
    assert told == {("unit", None), ("unit", 2), ("date", 2), ("unread", 3)}


def test_kinds_by_their_synonyms(tmp_path: Path) -> None:
    rows: Rows = [["类型", *HEAD], ["日间照料中心", "甲", 104.65, 30.12],
                  ["老年人日间照料室", "乙", 104.66, 30.12],
                  ["幼儿园", "丙", 104.67, 30.12]]  # fmt: skip
    found = read(tmp_path, rows, kinds=["日间照料"])
    assert found.name == ("甲", "乙")
    assert found.other_kinds == 1
    assert found.kind_keys[0] == found.kind_keys[1] != ()
    with pytest.raises(InputError, match="no row has kind '医院'; found are"):
        read(tmp_path, rows, kinds=["医院"])


def test_changes_of_other_kinds_are_not_told(tmp_path: Path) -> None:
    rows: Rows = [["类型", *HEAD, "床位"], ["养老院", "甲", "E104.65", 30.12, "5张"],
                  ["幼儿园", "乙", "E104.66", 30.12, "6张"]]  # fmt: skip
    assert kinds(read(tmp_path, rows, kinds=["养老院"])) == [("hemisphere", 2), ("unit", 2)]


def test_serial_numbers_are_no_ids(tmp_path: Path) -> None:
    """编号 begins again in every town: leaving out the repeats would leave out half of the list."""
    rows: Rows = [["编号", *HEAD]]
    rows += [[k % 4, f"院{k}", 104.65 + k / 1000, 30.12] for k in range(8)]
    found = read(tmp_path, rows)
    assert len(found) == 8
    assert kinds(found) == [("serial", None)]


def test_rows_without_a_position_can_be_placed(tmp_path: Path) -> None:
    rows: Rows = [["区县", "乡镇", *HEAD], ["雁江区", "丹山镇", "甲", "", ""],
                  ["雁江区", "丹山镇", "乙", 104.65, 30.12]]  # fmt: skip
    path = text(tmp_path / "f.csv", rows)
    (row,) = read_points(path, layer="facilities", needed="facilities").unplaced
    assert (row.row, row.name, row.county, row.town) == (2, "甲", "雁江区", "丹山镇")
    assert row.values["乡镇"] == "丹山镇"
    asked = []

    def place(found: Any) -> Any:
        asked.append([r.name for r in found.unplaced])
        return found, np.zeros(len(found.row), bool)

    placed = read_facilities(path, place=place)
    assert placed.approximate is not None
    assert placed.approximate.tolist() == [False]
    # a table without any coordinate columns is a table of towns then
    bare = text(tmp_path / "g.csv", [["乡镇", "名称"], ["丹山镇", "甲"], ["伍隍镇", "乙"]])
    assert len(read_facilities(bare, place=place)) == 0
    assert asked == [["甲"], ["甲", "乙"]]


def test_an_import_as_it_came(shared: Path) -> None:
    homes = read_facilities(shared / "imports" / "shenzhen_communities.csv")
    assert (len(homes), len(homes.set_aside)) == (42, 0)
    assert homes.attributes["open_year"][0] == 1998.0
    assert [(c.kind, c.row) for c in homes.changes] == [("unit", None)]
    care = read_facilities(shared / "imports" / "shanghai_elder_orgs.csv")
    assert len(care) == 71
    near = (120.8, 30.6, 122.0, 31.9)
    inside = (
        (care.lon > near[0]) & (care.lon < near[2]) & (care.lat > near[1]) & (care.lat < near[3])
    )
    assert int((~inside).sum()) == 8  # far away, and kept: links and the area will tell
    assert len(read_facilities(shared / "imports" / "shanghai_elder_orgs.csv", near=near)) == 71


@pytest.mark.parametrize("layer", ["facilities", "units"])
def test_no_home_has_so_many_beds(tmp_path: Path, layer: str) -> None:
    beds = [100_000, 100_001, "10万张", "11万张", 1e13, "1e308", "inf", -1, 1e12]
    rows: Rows = [[*HEAD, "床位"], *([f"{k}", 104.65, 30.12, n] for k, n in enumerate(beds))]
    path = text(tmp_path / "a.csv", rows)
    read_ = read_points(path, layer=layer, needed="places")
    values, changes = attributes_of(read_, range(len(beds)), layer=layer)
    small = [100_000, None, 100_000, *[None] * 6]
    # a unit may be a whole city
    city = [100_000, 100_001, 100_000, 110_000, *[None] * 5]
    wanted = small if layer == "facilities" else city
    assert [None if math.isnan(v) else v for v in values["beds"]] == wanted
    told = {c.row: c.detail.en for c in changes if c.kind == "unread"}
    assert set(told) == {k + 2 for k, value in enumerate(wanted) if value is None}
    assert "床位 '-1' is not understood and left blank" in told[9]
