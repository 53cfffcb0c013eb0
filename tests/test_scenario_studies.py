"""Scenarios of whole studies: who gains, who loses, what is told and what is refused.

The town is that of `small_study`; at 1.2 m/s 15 minutes are 1080 m. Without a scenario 甲 (10
people), 乙 (20) and 丙 (30) are covered; 丁 (40) lives 1100 m from 北站, 岛 (5) on an island, and
山 (7) too far from any street.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.gather.inputs import Gather
from quarterhour.gather.laying import assess_service, lay
from quarterhour.scenarios.scenario import ScenarioResult, places_of, run_scenario, summary_of
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.scenario.street_shapes import read_closures, read_openings
from quarterhour.study_file.settings import load_study
from quarterhour.units import MICRO
from small_study import box, facilities_text, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([lonlat(*p) for p in points])


def worked(folder: Path, scenario: dict[str, Any], **changes: Any) -> ScenarioResult:
    """A scenario of the town; its files stand in `folder` already."""
    more = {key.replace("__", "."): value for key, value in changes.items()}
    path = small_study(folder, {**more, "scenario": [{"name": "方案", **scenario}]})
    study = load_study(path)
    inputs = Gather(study, folder)
    laid = lay(inputs)
    before = [assess_service(laid, k, inputs.facilities(k)) for k in range(len(study.service))]
    return run_scenario(inputs, before, study.scenario[0])


def people(found: ScenarioResult) -> tuple[int, int]:
    """People who gain and who lose cover."""
    change = found.services[0]
    after, before = (a.counts[-1]["all"].covered for a in (change.after, change.before))
    assert after - before == change.gained_by["all"] - change.lost_by["all"]
    assert before == 60 * MICRO
    return change.gained_by["all"] // MICRO, change.lost_by["all"] // MICRO


def test_a_footbridge_to_the_island(tmp_path: Path) -> None:
    bridge = line((150, -800), (150, -3))
    write_layer(tmp_path / "new.gpkg", [bridge], name=["天桥"], kind=["bridge"])
    found = worked(tmp_path, {"open": "new.gpkg"})
    # 岛: 800 m over the bridge, 150 m of street and 10 m to the door
    assert people(found) == (5, 0)
    change = found.services[0]
    minutes = change.after.walker.minutes(change.after_ms[change.gained].astype(np.int32))
    assert minutes == pytest.approx([960 / 1.2 / 60], abs=0.01)
    assert [c.kind for c in found.changes] == ["opened"]
    assert "joined to streets or other new lines at 2 places" in found.changes[0].line()
    assert not found.set_aside
    # nobody else walks another way: not a millisecond
    assert (change.before_ms == change.after_ms)[~change.gained].all()
    rows = places_of(change)
    assert rows["change"].tolist() == ["gained"]
    assert rows["people"].tolist() == [5]
    assert np.isnan(rows["minutes_before"]).all()
    told = summary_of(found)
    json.dumps(told)
    assert told["services"][0]["gained"] == {"all": 5.0}
    assert told["services"][0]["cutoffs"][-1]["groups"]["all"]["difference"] == 5.0


def test_two_gates_leave_nobody_a_way(tmp_path: Path) -> None:
    lon, lat = zip(*(lonlat(300, 0), lonlat(600, 250), lonlat(900, 500)), strict=True)
    rows = [f"门{k},{x:.9f},{y:.9f}" for k, (x, y) in enumerate(zip(lon, lat, strict=True))]
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "gates.csv").write_text("\n".join(["名称,经度,纬度", *rows]), encoding="utf-8")
    found = worked(tmp_path, {"close": "gates.csv"})
    assert people(found) == (0, 20)  # 乙 stands between the two
    assert [c.kind for c in found.changes] == ["closed", "closed"]
    assert [(r.row, r.reason) for r in found.set_aside] == [(4, "closes_nothing")]
    assert places_of(found.services[0])["change"].tolist() == ["lost"]


def test_a_building_site_and_the_street_put_back(tmp_path: Path) -> None:
    # 主街 is closed between 200 and 400 m; 乙 walks to 北站 instead of 西院
    write_layer(tmp_path / "site.gpkg", [box(200, -20, 400, 20)], name=["工地"])
    shut = worked(tmp_path / "a", {"close": "../site.gpkg"})
    assert people(shut) == (0, 0)
    change = shut.services[0]
    longer = change.after_ms > change.before_ms
    assert longer.sum() == 1
    assert "200.0 m are gone" in shut.changes[0].line()
    write_layer(tmp_path / "back.gpkg", [line((200, 0), (300, 0), (400, 0))])
    both = worked(tmp_path / "b", {"close": "../site.gpkg", "open": "../back.gpkg"})
    change = both.services[0]
    assert np.abs(change.after_ms - change.before_ms).max() <= 10  # degrees of two files
    assert not change.gained.any()
    assert not change.lost.any()


def test_a_planned_facility_serves_from_its_year_on(tmp_path: Path) -> None:
    text = facilities_text([("东院", 1200, 10, "养老院", "规划")])
    head, row = text.splitlines()
    tmp_path.mkdir(exist_ok=True)
    new = f"{head},投用时间\n{row},2027\n"
    (tmp_path / "new.csv").write_text(new, encoding="utf-8")
    for year, gained in ((2026, 0), (2027, 40), (None, 40)):
        more = {} if year is None else {"year": year}
        found = worked(tmp_path, {"facilities": "new.csv", "service": "养老", **more})
        assert people(found) == (gained, 0), year
    alone = worked(tmp_path, {"facilities": "new.csv", "replace": True})
    assert people(alone) == (40, 40)  # 甲 and 丙 are too far from it, 乙 is not
    assert summary_of(alone)["services"][0]["facilities_after"] == 1


def test_planned_rows_of_the_study_itself(tmp_path: Path) -> None:
    rows = [("西院", 0, 10, "养老院", "现状"), ("北站", 600, 500, "日间照料", "现状"),
            ("东院", 1200, 10, "养老院", "规划")]  # fmt: skip
    lines = facilities_text(rows).splitlines()
    years = ["投用时间", "", "2015", "2028"]
    table = "\n".join(f"{a},{b}" for a, b in zip(lines, years, strict=True))
    files: dict[str, str | bytes | None] = {"facilities.csv": table}
    for year, total in ((2014, 30), (2027, 60), (2028, 100)):
        scenario = [{"name": "x", "year": year}]
        path = small_study(tmp_path, {"service.0.status": ["现状"], "scenario": scenario}, files)
        inputs = Gather(load_study(path), tmp_path)
        before = [assess_service(lay(inputs), 0, inputs.facilities(0))]
        after = run_scenario(inputs, before, inputs.study.scenario[0]).services[0].after
        assert after.counts[-1]["all"].covered == total * MICRO, year


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({}, "changes nothing"),
        ({"service": "养老"}, "without facilities"),
        ({"split_crossings": True, "year": 2030}, "without open"),
        ({"facilities": "new.csv", "service": "托育"}, "the study has 养老"),
        ({"close": "missing.gpkg"}, "file not found"),
        ({"open": "points.gpkg"}, "holds no lines"),
        ({"open": "facilities.csv"}, "has no geometries"),
    ],
)
def test_what_is_refused_in_one_sentence(
    tmp_path: Path, scenario: dict[str, Any], words: str
) -> None:
    write_layer(tmp_path / "points.gpkg", [shapely.Point(*lonlat(0, 0))])
    with pytest.raises(InputError) as error:
        worked(tmp_path, scenario)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_streets_as_demand_have_no_scenarios(tmp_path: Path) -> None:
    write_layer(tmp_path / "site.gpkg", [box(200, -20, 400, 20)])
    with pytest.raises(InputError, match="metres of street stand in"):
        worked(tmp_path, {"close": "site.gpkg"}, people=None)


def test_kinds_and_features_of_new_streets(tmp_path: Path) -> None:
    path = tmp_path / "new.gpkg"
    shapes = [line((0, 0), (0, 9)), shapely.MultiLineString([line((0, 0), (9, 0)),
              line((0, 9), (9, 9))]), None]  # fmt: skip
    kinds = ["天桥、台阶", "", ""]
    gpd.GeoDataFrame({"类型": kinds}, geometry=shapes, crs=4326).to_file(path)
    found = read_openings(path)
    assert found.kind == ("bridge,steps", "", "")
    assert found.row == (1, 2, 2)
    assert [(r.row, r.detail) for r in found.set_aside] == [(3, "the feature has no geometry")]
    gpd.GeoDataFrame({"类型": ["索道"]}, geometry=shapes[:1], crs=4326).to_file(path)
    with pytest.raises(InputError, match="台阶、天桥"):
        read_openings(path)
    # shifted maps are put back
    assert shapely.distance(
        read_closures(path).geometry[0], read_closures(path, coordinates="gcj02").geometry[0]
    ) == pytest.approx(0.004, abs=0.002)


def test_heidelberg_without_its_old_bridge(shared: Path) -> None:
    """A bridge of a real city closed and drawn again, and everything else left alone."""
    from quarterhour.sources.scenario.alterations import alter_roads
    from quarterhour.sources.scenario.street_shapes import Shapes

    network = read_roads(shared / "heidelberg" / "heidelberg.osm.pbf", cache=False)
    river = shapely.box(8.7090, 49.4138, 8.7105, 49.4142)  # the Old Bridge, in mid-river
    shapes = Shapes(geometry=np.array([river]), name=("",), kind=("",), row=(1,), file="x")
    shut = alter_roads(network, shapes)
    assert len(shut.changes) == 1
    cut = np.flatnonzero(~np.isin(_names(network), _names(shut.network)))
    assert 1 <= len(cut) <= 4
    lost = int(network.edge_length_mm.sum() - shut.network.edge_length_mm.sum())
    assert 30_000 < lost < 200_000
    assert _names(shut.network)[: cut[0]].tolist() == _names(network)[: cut[0]].tolist()


def _names(network: Any) -> np.ndarray[Any, Any]:
    """Edges by what they are: length and both ends, as text."""
    first, last = network.first_vertex[:-1], network.first_vertex[1:] - 1
    lon, lat = network.vertex_lon, network.vertex_lat
    return np.array(
        [f"{a} {b:.7f} {c:.7f} {d:.7f} {e:.7f}" for a, b, c, d, e in
         zip(network.edge_length_mm, lon[first], lat[first], lon[last], lat[last], strict=True)]
    )  # fmt: skip
