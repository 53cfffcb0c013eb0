"""Tables of scenarios: nobody left to serve, rows under their own file, years and systems told.

The town is that of `small_study`; at 1.2 m/s 15 minutes are 1080 m, and 甲, 乙 and 丙 (60 people)
are covered.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.gather.inputs import Gather
from quarterhour.gather.laying import assess_service, lay
from quarterhour.scenarios.inputs import ScenarioGather
from quarterhour.scenarios.scenario import ScenarioResult, run_scenario, summary_of
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.datum.fit import resolver
from quarterhour.sources.scenario.street_shapes import read_openings
from quarterhour.study_file.settings import load_study
from quarterhour.units import MICRO
from small_study import box, facilities_text, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

PLANNED = [("东院", 1200, 10, "养老院", "规划")]


def worked(folder: Path, scenario: dict[str, Any], **changes: Any) -> ScenarioResult:
    """A scenario of the town; its files stand in `folder` already."""
    more = {key.replace("__", "."): value for key, value in changes.items()}
    study = load_study(small_study(folder, {**more, "scenario": [{"name": "方案", **scenario}]}))
    inputs = Gather(study, folder)
    laid = lay(inputs)
    before = [assess_service(laid, k, inputs.facilities(k)) for k in range(len(study.service))]
    return run_scenario(inputs, before, study.scenario[0])


def table(path: Path, rows: list[Any], *columns: str) -> None:
    """A table of facilities with one more column, whose heading comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = facilities_text(rows).splitlines()
    if columns:
        lines = [f"{line},{more}" for line, more in zip(lines, columns, strict=True)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def told(found: ScenarioResult, kind: str) -> list[str]:
    return [change.line() for change in found.changes if change.kind == kind]


def nobody(found: ScenarioResult) -> None:
    after = found.services[0].after
    count = after.counts[-1]["all"]
    assert (count.covered, count.uncovered, count.unlinked) == (0, 105 * MICRO, 7 * MICRO)
    assert found.services[0].lost_by["all"] == 60 * MICRO
    assert all(area.is_empty for area in after.dissolved)
    assert [beside.counts[-1]["all"].covered for beside in after.beside] == [0]
    assert after.edge is not None
    service = summary_of(found)["services"][0]
    json.dumps(service, allow_nan=False)
    assert (service["facilities_before"], service["facilities_after"]) == (2, 0)


def test_a_year_before_anything_opened(tmp_path: Path) -> None:
    rows = [("西院", 0, 10, "养老院", "现状"), ("北站", 600, 500, "日间照料", "现状")]
    table(tmp_path / "facilities.csv", rows, "投用时间", "2015", "2018")
    text = (tmp_path / "facilities.csv").read_text("utf-8")
    files: dict[str, str | bytes | None] = {"facilities.csv": text}
    scenario = [{"name": "方案", "year": 2010}]
    path = small_study(tmp_path, {"study.walkers": ["frail"], "scenario": scenario}, files)
    inputs = Gather(load_study(path), tmp_path)
    before = [assess_service(lay(inputs), 0, inputs.facilities(0))]
    found = run_scenario(inputs, before, inputs.study.scenario[0])
    nobody(found)
    assert told(found, "none_serves") == [
        (
            "facilities.csv '方案': leaves the service '养老' without any facility in 2010"
            " (2 rows, of which none serves); nobody is covered"
        )
    ]


@pytest.mark.parametrize("rows", [[], [("天外", 9000, 9000, "养老院", "现状")]])
def test_a_table_that_takes_the_place_of_all_and_serves_nobody(
    tmp_path: Path, rows: list[Any]
) -> None:
    table(tmp_path / "new.csv", rows)
    found = worked(
        tmp_path, {"facilities": "new.csv", "replace": True}, study__walkers=["frail"]
    )  # fmt: skip
    nobody(found)
    assert told(found, "none_serves")[0].startswith("new.csv '方案'")
    # the row that lies elsewhere is named in its own file
    assert [(r.file, r.row) for r in found.set_aside] == [("new.csv", 2)] * len(rows)


def test_rows_are_told_under_the_table_they_stand_in(tmp_path: Path) -> None:
    # row 2 of both tables: that of the study too far from a street, that of the scenario outside
    rows = [("山院", 300, 400, "养老院", "现状"), ("西院", 0, 10, "养老院", "现状"),
            ("北站", 600, 500, "日间照料", "现状")]  # fmt: skip
    table(tmp_path / "new.csv", [("天外", 9000, 9000, "养老院", "现状"), *PLANNED,
                                 ("荒院", 300, -400, "养老院", "规划")])  # fmt: skip
    files: dict[str, str | bytes | None] = {"facilities.csv": facilities_text(rows)}
    scenario = [{"name": "方案", "facilities": "new.csv"}]
    inputs = Gather(load_study(small_study(tmp_path, {"scenario": scenario}, files)), tmp_path)
    before = [assess_service(lay(inputs), 0, inputs.facilities(0))]
    assert [(r.file, r.row, r.name) for r in before[0].set_aside] == [("facilities.csv", 2, "山院")]
    found = run_scenario(inputs, before, inputs.study.scenario[0])
    # what the study sets aside already is not told again
    assert [(r.file, r.row, r.name) for r in found.set_aside] == [
        ("new.csv", 2, "天外"), ("new.csv", 4, "荒院"),
    ]  # fmt: skip
    assert found.added == (3,)


def test_columns_of_the_scenario_and_those_of_the_service(tmp_path: Path) -> None:
    def renamed(path: Path, heads: dict[str, str]) -> None:
        text = facilities_text(PLANNED)
        for old, new in heads.items():
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")

    study = {"service__0__columns": {"name": "称呼", "lon": "东", "lat": "北"}}
    base = facilities_text().replace("设施名称", "称呼").replace("经度", "东").replace("纬度", "北")
    given = {k.replace("__", "."): v for k, v in study.items()}
    files: dict[str, str | bytes | None] = {"facilities.csv": base}
    # the service's headings, one of which the scenario's table does not have
    renamed(tmp_path / "a.csv", {"设施名称": "机构名称", "经度": "东", "纬度": "北"})
    # other headings altogether, named in the scenario
    renamed(tmp_path / "b.csv", {"设施名称": "丁", "经度": "甲", "纬度": "乙"})
    for source, more in (
        ("a.csv", {}), ("b.csv", {"columns": {"name": "丁", "lon": "甲", "lat": "乙"}}),
    ):  # fmt: skip
        scenario = [{"name": "方案", "facilities": source, **more}]
        path = small_study(tmp_path, {**given, "scenario": scenario}, files)
        inputs = Gather(load_study(path), tmp_path)
        before = [assess_service(lay(inputs), 0, inputs.facilities(0))]
        change = run_scenario(inputs, before, inputs.study.scenario[0]).services[0]
        assert change.gained_by["all"] == 40 * MICRO, source
        assert change.after.facilities.name[-1] == "东院"
    with pytest.raises(InputError, match="says columns without facilities"):
        worked(tmp_path / "c", {"columns": {"name": "丁"}, "year": 2030})


def test_planned_rows_that_serve_are_told(tmp_path: Path) -> None:
    rows = [*PLANNED, ("南院", 1100, 10, "养老院", "在建"), ("旧院", 900, 0, "养老院", "现状")]
    table(tmp_path / "new.csv", rows)
    found = worked(tmp_path, {"facilities": "new.csv"})
    assert told(found, "planned_serves") == [
        (
            "new.csv: 2 rows have a status such as planned (规划 1, 在建 1); the scenario names no"
            " year, and they serve as if they were built"
        )
    ]
    table(tmp_path / "b" / "new.csv", rows, "投用时间", "2029", "", "")
    found = worked(tmp_path / "b", {"facilities": "new.csv", "year": 2028})
    assert not told(found, "planned_serves")
    assert told(found, "undated_serves") == [
        "facilities.csv: 2 rows have no year of opening and serve in 2028",
        (
            "new.csv: 2 rows have no year of opening and serve in 2028, 1 of them with a status"
            " such as planned"
        ),
    ]


def test_what_is_known_of_the_roads_does_not_change_by_a_plan(tmp_path: Path) -> None:
    # without the island and the east the roads would seem to end there
    write_layer(tmp_path / "site.gpkg", [box(-100, -900, 400, -700), box(700, -50, 1300, 50)])
    scenario = [{"name": "方案", "close": "site.gpkg"}]
    inputs = Gather(load_study(small_study(tmp_path, {"scenario": scenario})), tmp_path)
    known = lay(inputs).road_extent
    changed = ScenarioGather(inputs, inputs.study.scenario[0])
    assert changed.altered().closed_m == pytest.approx(300 + 500, abs=0.1)
    assert lay(changed).road_extent.equals(known)


def test_a_fault_within_a_scenario_names_it(tmp_path: Path) -> None:
    table(tmp_path / "new.csv", PLANNED)
    with pytest.raises(InputError, match=r"^\[\[scenario\]\] 方案: .*new\.csv.*'称呼'"):
        worked(tmp_path, {"facilities": "new.csv", "columns": {"name": "称呼"}})


def test_the_roads_say_in_which_system_new_streets_are(tmp_path: Path) -> None:
    study = load_study(small_study(tmp_path))
    roads = Gather(study, tmp_path).roads()
    lon, lat = roads.vertex_lon, roads.vertex_lat
    # streets of the town drawn again, as a shifted map has them, without saying so
    x, y = datum.gcj02_of_wgs84(lon, lat)
    first = roads.first_vertex
    shapes = [
        shapely.LineString(np.column_stack([x[a:b], y[a:b]])) for a, b in itertools.pairwise(first)
    ]
    write_layer(tmp_path / "new.gpkg", shapes)
    found = read_openings(tmp_path / "new.gpkg", coordinates="auto", resolve=resolver(roads))
    put_back = read_openings(tmp_path / "new.gpkg", coordinates="gcj02")
    change = found.changes[0]
    assert (change.kind, change.row) == ("datum", None)
    assert "GCJ-02" in change.detail.zh
    assert "请核对" not in change.detail.zh
    for one, other in zip(found.geometry, put_back.geometry, strict=True):
        assert one.equals_exact(other, 1e-9)
    with pytest.raises(InputError, match="roads"):
        read_openings(tmp_path / "new.gpkg", coordinates="auto")
    # two points decide nothing, and that is told
    line = shapely.LineString([lonlat(0, 0), lonlat(9, 0)])
    write_layer(tmp_path / "two.gpkg", [line])
    two = read_openings(tmp_path / "two.gpkg", coordinates="auto", resolve=resolver(roads))
    assert shapely.get_coordinates(two.geometry)[0] == pytest.approx(lonlat(0, 0), abs=1e-9)
    assert "check it, or name its coordinates" in two.changes[0].detail.en
    # metres are in the system that the layer names
    import geopandas as gpd

    gpd.GeoDataFrame(geometry=[line], crs=4326).to_crs(32648).to_file(tmp_path / "m.gpkg")
    metres = read_openings(tmp_path / "m.gpkg", coordinates="auto", resolve=resolver(roads))
    assert not metres.changes
