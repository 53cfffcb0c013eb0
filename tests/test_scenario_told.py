"""What scenarios do beside what was meant: links, closed ground, tables, and that it is told.

The town is that of `small_study`, at 1 m/s.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.gather.inputs import Gather
from quarterhour.gather.laying import assess_service, lay
from quarterhour.scenarios.scenario import ScenarioResult, run_scenario, summary_of
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.scenario.street_shapes import read_closures, read_openings
from quarterhour.study_file.settings import load_study
from quarterhour.units import MICRO
from small_study import (
    PEOPLE,
    box,
    facilities_text,
    lonlat,
    osm_text,
    people_text,
    small_study,
    write_layer,
    write_raster,
)

if TYPE_CHECKING:
    from pathlib import Path


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([lonlat(*p) for p in points])


def worked(
    folder: Path,
    scenario: dict[str, Any],
    *,
    people: list[Any] | None = None,
    facilities: str | None = None,
    **changes: Any,
) -> ScenarioResult:
    """A scenario of the town; its files stand in `folder` already."""
    given = {"service.0.walker": "elderly", **{k.replace("__", "."): v for k, v in changes.items()}}
    files: dict[str, str | bytes | None] = {"people.csv": people_text(people or PEOPLE)}
    if facilities is not None:
        files["facilities.csv"] = facilities
    path = small_study(folder, {**given, "scenario": [{"name": "方案", **scenario}]}, files)
    study = load_study(path)
    inputs = Gather(study, folder)
    laid = lay(inputs)
    before = [assess_service(laid, k, inputs.facilities(k)) for k in range(len(study.service))]
    return run_scenario(inputs, before, study.scenario[0])


def told(found: ScenarioResult, kind: str) -> list[str]:
    return [change.detail.en for change in found.changes if change.kind == kind]


def seconds(found: ScenarioResult) -> tuple[list[int], list[int]]:
    change = found.services[0]
    return tuple(  # type: ignore[return-value]
        [int(np.floor(v / 1000 + 0.5)) if v >= 0 else -1 for v in ms]
        for ms in (change.before_ms, change.after_ms)
    )


def test_a_new_street_lengthens_no_walk(tmp_path: Path) -> None:
    # home is 30 m from 主街 and 10 m from the new street, which starts far away from 西院
    home = [("近", 100, 30, 1)]
    write_layer(tmp_path / "new.gpkg", [line((1200, 0), (1200, 40), (50, 40))])
    found = worked(tmp_path, {"open": "new.gpkg"}, people=home)
    assert seconds(found) == ([30 + 100 + 10], [30 + 100 + 10])
    # and where the new one is better it counts: over it 1100 m fewer to the door in the east
    east = facilities_text([("东院", 1200, 80, "养老院", "现状")])
    (tmp_path / "b").mkdir()
    write_layer(tmp_path / "b" / "new.gpkg", [line((1200, 0), (1200, 80), (100, 40))])
    found = worked(tmp_path / "b", {"open": "new.gpkg"}, people=home, facilities=east)
    before, after = seconds(found)
    assert before == [30 + 1100 + 80]
    assert after[0] == pytest.approx(10 + np.hypot(1100, 40), abs=2)


def test_nobody_walks_straight_over_closed_ground(tmp_path: Path) -> None:
    # 乙 (20 people) stands in the site; 甲 and 西院 do not, and 100 m of 主街 lie between them
    write_layer(tmp_path / "site.gpkg", [box(450, -60, 550, 60)], name=["工地"])
    found = worked(tmp_path, {"close": "site.gpkg"})
    after = found.services[0].after
    assert after.demand.linked.tolist() == [True, False, True, True, True, False]
    assert told(found, "now_unlinked") == [
        "not linked, as their streets are closed or lie across closed ground: 20 people"
    ]
    assert after.counts[-1]["all"].unlinked == (20 + 7) * MICRO
    # 主街 lies behind a site: who went straight down to it now takes 支路, 170 m to the east
    home = [("边", 430, 70, 1), ("甲", 100, 0, 1)]
    (tmp_path / "b").mkdir()
    write_layer(tmp_path / "b" / "site.gpkg", [box(400, 20, 600, 60)])
    found = worked(tmp_path / "b", {"close": "site.gpkg"}, people=home)
    assert seconds(found)[0][0] == 70 + 430 + 10  # to 西院
    assert seconds(found)[1][0] == 170 + 430  # to 北站
    # it closes no street, and stands in the way all the same
    assert [r.reason for r in found.set_aside] == ["closes_nothing"]


def test_a_site_over_everybody_leaves_nobody_covered(tmp_path: Path) -> None:
    write_layer(tmp_path / "site.gpkg", [box(50, -60, 550, 60)])
    found = worked(tmp_path, {"close": "site.gpkg"}, people=[("甲", 100, 0, 1), ("乙", 500, 20, 2)])
    count = found.services[0].after.counts[-1]["all"]
    assert (count.covered, count.uncovered, count.unlinked) == (0, 0, 3 * MICRO)


def test_a_facility_on_closed_ground_is_named(tmp_path: Path) -> None:
    write_layer(tmp_path / "site.gpkg", [box(-60, -60, 60, 60)])
    found = worked(tmp_path, {"close": "site.gpkg"})
    assert [(r.name, r.reason) for r in found.set_aside] == [("西院", "closed_off")]
    assert found.services[0].after.facility_status == ("unlinked", "used")


def test_a_walk_that_a_closure_shortens_is_told(tmp_path: Path) -> None:
    # home is 20 m from 主街, which goes round by the east to 西院, and 94 m from the end of 支路,
    # which does not meet 主街 and on which 西院 stands
    streets = {
        "主街": [(x, 0) for x in range(0, 1201, 100)],
        "支路": [(0, y) for y in range(100, 601, 100)],
        "环路": [(1200, 0), (1200, 600), (0, 600)],
    }
    files: dict[str, str | bytes | None] = {
        "roads.osm": osm_text(streets),
        "people.csv": people_text([("甲", 50, 20, 3)]),
        "facilities.csv": facilities_text([("西院", 10, 400, "养老院", "现状")]),
    }
    write_layer(tmp_path / "shut.gpkg", [line((-5, 0), (200, 0))])
    path = small_study(
        tmp_path,
        {"service.0.walker": "elderly", "scenario": [{"name": "封", "close": "shut.gpkg"}]},
        files,
    )
    inputs = Gather(load_study(path), tmp_path)
    before = [assess_service(lay(inputs), 0, inputs.facilities(0))]
    found = run_scenario(inputs, before, inputs.study.scenario[0])
    old, new = seconds(found)
    assert new[0] < old[0]
    assert told(found, "link_moved") == [
        (
            "linked to another street now, as theirs is closed, and walk less than before:"
            " 3 people; please check"
        )
    ]


def test_an_outline_that_crosses_itself_is_mended_and_told(tmp_path: Path) -> None:
    bow = shapely.Polygon([lonlat(*p) for p in [(200, -50), (400, 50), (400, -50), (200, 50)]])
    write_layer(tmp_path / "bow.gpkg", [bow], name=["领结"])
    found = worked(tmp_path, {"close": "bow.gpkg"})
    assert found.altered.closed_m == pytest.approx(200, abs=0.1)
    assert told(found, "mended")[0].startswith("the polygon crosses itself")
    assert not found.set_aside
    # two parts of one feature, one of which meets no street, are not called idle
    two = shapely.MultiPolygon([box(200, -9, 300, 9), box(200, 300, 300, 310)])
    write_layer(tmp_path / "two.gpkg", [two])
    assert not worked(tmp_path, {"close": "two.gpkg"}).set_aside


def test_closures_without_anything_are_told(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("名称,经度,纬度\n", encoding="utf-8")
    empty = '{"type": "FeatureCollection", "features": []}'
    (tmp_path / "none.geojson").write_text(empty, encoding="utf-8")
    for file in ("none.csv", "none.geojson"):
        assert [c.kind for c in read_closures(tmp_path / file).changes] == ["none_closed"]
    (tmp_path / "new.csv").write_text(facilities_text([]), encoding="utf-8")
    found = worked(tmp_path, {"close": "none.csv", "facilities": "new.csv"})
    assert [c.kind for c in found.changes] == ["none_closed", "no_rows"]


def test_what_a_name_or_a_column_says_of_a_new_street(tmp_path: Path) -> None:
    names = ["新天桥", "天桥路", "过街地道", "连接线", "桥头村路", "滨河步道", "长江大桥", "零"]
    shapes = [line((k, 0), (k, 9)) for k in range(7)] + [line((9, 9), (9, 9))]
    bridge = ["", "", "", "yes", "no", "F", "viaduct", ""]
    write_layer(tmp_path / "new.gpkg", shapes, 名称=names, bridge=bridge)
    found = read_openings(tmp_path / "new.gpkg")
    kinds = ("bridge", "", "tunnel", "bridge", "", "", "bridge")
    assert found.kind == kinds
    assert [c.row for c in found.changes] == [1, 3, 4, 7]
    assert "by its name" in found.changes[0].detail.en
    assert "by its columns" in found.changes[2].detail.en
    assert [(r.name, r.reason) for r in found.set_aside] == [("零", "no_length")]
    # what the column of kinds says is what it is
    write_layer(tmp_path / "said.gpkg", shapes[:1], 名称=["新天桥"], 类型=["步道"])
    said = read_openings(tmp_path / "said.gpkg")
    assert (said.kind, said.changes) == (("path",), ())


def test_a_line_over_a_valley_is_asked_about(tmp_path: Path) -> None:
    # a valley 30 m deep between 100 and 500 m north of 主街, on cells of 30 m
    north = 1500 - 30 * (np.arange(100) + 0.5)
    depth = np.where((north > 100) & (north < 500), 30.0, 0.0)
    z = np.repeat((300 - depth)[None, :, None], 80, axis=2).astype(np.float32)
    write_raster(tmp_path / "dem.tif", z, west=-600, north=1500, cell_m=30)
    lines = [line((300, 0), (600, 600)), line((1100, 0), (1100, 70))]
    write_layer(tmp_path / "new.gpkg", lines, 名称=["甲线", "断头"])
    found = worked(tmp_path, {"open": "new.gpkg"}, terrain={"source": "dem.tif"})
    (valley,) = told(found, "climbs")
    assert "is walked up and down on the ground" in valley
    assert "m below the straight way" in valley
    write_layer(tmp_path / "new.gpkg", lines[:1], 名称=["甲桥"])
    found = worked(tmp_path, {"open": "new.gpkg"}, terrain={"source": "dem.tif"})
    assert not told(found, "climbs")


def test_the_map_gets_the_new_streets_that_are_joined(tmp_path: Path) -> None:
    lines = [line((300, 300), (310, 300)), line((150, -800), (150, -3)), line((0, 200), (0, 210))]
    write_layer(tmp_path / "new.gpkg", lines)
    found = worked(tmp_path, {"open": "new.gpkg"})
    assert found.altered.used.tolist() == [1]
    assert [r.reason for r in found.set_aside] == ["not_joined", "not_joined"]
    summary = summary_of(found)
    json.dumps(summary, allow_nan=False)
    assert [row["reason"] for row in summary["set_aside"]] == ["not_joined", "not_joined"]
    assert [row["kind"] for row in summary["changes"]] == ["opened"]
    assert summary["changes"][0]["detail_zh"].startswith("新增")


def test_a_table_is_in_the_system_of_the_service(tmp_path: Path) -> None:
    def shifted(rows: list[Any]) -> str:
        head, *lines = facilities_text(rows).splitlines()
        made = []
        for text, (_, x, y, *_) in zip(lines, rows, strict=True):
            lon, lat = (f"{v:.9f}" for v in lonlat(x, y))
            gcj = datum.gcj02_of_wgs84(*(np.array([v]) for v in lonlat(x, y)))
            cells = text.split(",")
            at = [cells.index(next(c for c in cells if c[:7] == v[:7])) for v in (lon, lat)]
            for k, v in zip(at, gcj, strict=True):
                cells[k] = f"{v[0]:.9f}"
            made.append(",".join(cells))
        return "\n".join([head, *made, ""])

    new = [("东院", 1200, 10, "养老院", "现状")]
    (tmp_path / "new.csv").write_text(shifted(new), encoding="utf-8")
    base = shifted([("西院", 0, 10, "养老院", "现状")])
    how = {"facilities": base, "service__0__coordinates": "gcj02"}
    found = worked(tmp_path, {"facilities": "new.csv"}, **how)
    assert found.services[0].after.facility_status == ("used", "used")
    assert found.services[0].after.facilities.lon[1] == pytest.approx(lonlat(1200, 10)[0], abs=1e-7)
    # or in its own
    (tmp_path / "plain.csv").write_text(facilities_text(new), encoding="utf-8")
    plain = {"facilities": "plain.csv", "facilities_coordinates": "wgs84"}
    found = worked(tmp_path, plain, **how)
    assert found.services[0].after.facilities.lon[1] == pytest.approx(lonlat(1200, 10)[0], abs=1e-7)


def test_kinds_of_the_service_count_in_further_tables(tmp_path: Path) -> None:
    rows = [("东院", 1200, 10, "养老院", "现状"), ("东园", 1100, 10, "幼儿园", "现状"),
            ("未定", 1000, 10, "", "现状")]  # fmt: skip
    (tmp_path / "new.csv").write_text(facilities_text(rows), encoding="utf-8")
    found = worked(tmp_path, {"facilities": "new.csv"}, service__0__kinds=["养老院"])
    after = found.services[0].after.facilities
    assert after.name == ("西院", "东院", "未定")
    assert after.row.tolist() == [2, 2, 4]
    assert told(found, "other_kinds")[0].startswith("1 row is of other kinds than the service's")
    # none of it is of the service: nothing is added, and that is told
    (tmp_path / "new.csv").write_text(facilities_text(rows[1:2]), encoding="utf-8")
    found = worked(tmp_path, {"facilities": "new.csv"}, service__0__kinds=["养老院"])
    assert [c.kind for c in found.changes] == ["no_rows", "other_kinds"]


def test_rows_that_are_there_already_are_told(tmp_path: Path) -> None:
    rows = [("西院", 3, 10, "养老院", "现状"), ("东院", 1200, 10, "养老院", "停用")]
    (tmp_path / "new.csv").write_text(facilities_text(rows), encoding="utf-8")
    found = worked(tmp_path, {"facilities": "new.csv"}, service__0__status=["现状"])
    assert told(found, "duplicates")[0].startswith(
        "1 row may be a facility that is there already (row 2 西院 = facilities.csv 2 西院)"
    )
    # what does not serve today is built by the scenario
    assert "a status that does not serve today (停用 1)" in told(found, "planned_serves")[0]
    assert not told(worked(tmp_path, {"facilities": "new.csv", "replace": True}), "duplicates")
