"""Candidate sites from tables: what their columns mean, and rows that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.sources.datum.coordinates import gcj02_of_wgs84
from quarterhour.sources.facilities.candidates import read_candidates
from siting_town import SITES, sites_text, with_cells
from small_study import lonlat, write_layer

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str, name: str = "闲置.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_positions_and_names(tmp_path: Path) -> None:
    found = read_candidates(written(tmp_path, sites_text()))
    assert found.at.name == tuple(SITES)
    assert (found.at.lon[0], found.at.lat[0]) == pytest.approx(lonlat(1100, 0), abs=1e-8)
    assert found.at.row.tolist() == [2, 3, 4, 5, 6]
    assert found.cost.tolist() == [-1] * 5
    assert np.isnan(found.capacity).all()
    assert not found.required.any()
    assert not found.forbidden.any()
    assert found.group.tolist() == [-1] * 5


@pytest.mark.parametrize(
    ("heading", "cell", "yuan"),
    [
        ("投资（万元）", "12.5", 125_000),
        ("造价", "12.5", 125_000),  # without a unit it is 万元, as in the plans
        ("造价(元)", "125000", 125_000),
        ("总投资", "0.2亿元", 20_000_000),
        ("投资", "0", 0),
        ("投资", "", -1),
    ],
)
def test_costs_are_yuan(tmp_path: Path, heading: str, cell: str, yuan: int) -> None:
    text = with_cells({"东口": cell}, heading)
    assert read_candidates(written(tmp_path, text)).cost.tolist() == [yuan, -1, -1, -1, -1]


def test_flags_groups_and_capacity(tmp_path: Path) -> None:
    text = with_cells(
        {
            "东口": ("是", "是", "", "甲", "30张"),
            "北坡": ("否", "", "", "", ""),
            "路口": ("", "", "√", "乙", "20"),
            "岛心": ("可", "", "", "甲", ""),
        },
        "是否可用", "必选", "禁选", "互斥组", "容量（床）", default=("", "", "", "", ""),
    )  # fmt: skip
    found = read_candidates(written(tmp_path, text))
    # 可 is neither yes nor no: the row is set aside, not guessed
    assert found.at.name == ("东口", "北坡", "路口", "西口")
    assert [(r.row, r.name, r.reason) for r in found.at.set_aside] == [(5, "岛心", "bad_flag")]
    assert found.required.tolist() == [True, False, False, False]
    assert found.forbidden.tolist() == [False, True, True, False]
    assert found.why == ("", "unusable", "excluded", "")
    assert found.group.tolist() == [0, -1, 1, -1]
    assert found.group_name == ("甲", "乙")
    assert found.capacity[[0, 2]].tolist() == [30, 20]
    told = [c.detail.en for c in found.at.changes if c.kind == "left_out"]
    assert told == ["1 are marked as unusable and 1 as excluded; none of them is chosen"]


def test_beds_are_a_capacity(tmp_path: Path) -> None:
    text = with_cells({"东口": 60}, "床位数")
    assert read_candidates(written(tmp_path, text)).capacity[0] == 60


def test_negative_and_unreadable_costs_are_set_aside(tmp_path: Path) -> None:
    text = with_cells({"东口": -3, "北坡": "待定", "路口": 99_000_000, "西口": 7}, "造价（万元）")
    found = read_candidates(written(tmp_path, text))
    assert found.at.name == ("岛心", "西口")
    assert found.cost.tolist() == [-1, 70_000]
    rows = [(r.layer, r.row, r.name, r.reason) for r in found.at.set_aside]
    assert rows == [
        ("candidates", 2, "东口", "negative_cost"),
        ("candidates", 3, "北坡", "bad_cost"),
        ("candidates", 4, "路口", "bad_cost"),
    ]
    assert found.at.set_aside[0].detail == "造价（万元） is -3: a cost is not negative"


def test_a_row_without_coordinates_is_set_aside(tmp_path: Path) -> None:
    text = sites_text() + "空地,,\n"
    found = read_candidates(written(tmp_path, text))
    assert len(found) == 5
    assert [r.name for r in found.at.set_aside] == ["空地"]


def test_headings_that_a_study_names(tmp_path: Path) -> None:
    text = with_cells({"东口": ("1", "300")}, "定了", "够用", default=("", ""))
    path = written(tmp_path, text)
    found = read_candidates(path, columns={"required": "定了", "capacity": "够用"})
    assert found.required.tolist() == [True, False, False, False, False]
    assert found.capacity[0] == 300
    with pytest.raises(InputError, match="required is '必须', and there is no such heading"):
        read_candidates(path, columns={"required": "必须"})
    with pytest.raises(InputError, match="the meaning 'price', which is not known"):
        read_candidates(path, columns={"price": "定了"})


def test_gcj02_and_layers(tmp_path: Path) -> None:
    lon, lat = lonlat(600, 0)
    x, y = gcj02_of_wgs84(np.array([lon]), np.array([lat]))
    path = written(tmp_path, f"名称,经度,纬度\n路口,{x[0]:.9f},{y[0]:.9f}\n")
    found = read_candidates(path, coordinates="gcj02")
    assert (found.at.lon[0], found.at.lat[0]) == pytest.approx((lon, lat), abs=1e-6)
    layer = write_layer(
        tmp_path / "idle.gpkg", [shapely.Point(lon, lat)], name=["旧校舍"], cost=[80.0]
    )
    found = read_candidates(layer)
    assert found.at.name == ("旧校舍",)
    assert found.cost.tolist() == [800_000]
