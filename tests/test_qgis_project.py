"""The project inside results.gpkg: QGIS opens it with the layers and the order of the map."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour import publish
from quarterhour.demo_study import demo_study
from quarterhour.render.gis.geopackage import write_geopackage
from quarterhour.render.gis.project import aim_project, project_of
from quarterhour.siting.run import run_site
from quarterhour.study import run_study
from siting_town import siting_study
from test_qgis import looked, python_with_qgis

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    python_with_qgis()
    run_study(demo_study(folder / "study"), folder / "out")
    return folder / "out" / "results.gpkg"


def leaves(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [leaf for one in tree for leaf in (leaves(one["below"]) if "below" in one else [one])]


def test_a_group_for_each_service_with_gaps_above_its_areas(demo: Path, tmp_path: Path) -> None:
    found = looked(demo, tmp_path, "--project")
    assert found["read"] is True
    assert found["title"] == "示例区一老一小15分钟服务圈（合成数据）"
    assert [(group["name"], group["on"]) for group in found["tree"]] == [
        ("养老", True),
        ("托育", False),
    ]
    for group in found["tree"]:
        names = [one["name"].split()[0] for one in group["below"]]
        assert names[:2] == ["设施", "空白区"]
        assert names.index("空白区") < names.index("服务区") < names.index("居住小区")
        for one in group["below"]:
            assert one["layer"]["valid"]
            assert one["layer"]["crs"] == "EPSG:4326"
            assert f"= '{group['name']}'" in one["layer"]["source"]
    # every row of the package is in one of the groups
    with closing(sqlite3.connect(demo)) as base:
        (n,) = base.execute("SELECT count(*) FROM facilities").fetchone()
    shown = [one["layer"]["features"] for one in leaves(found["tree"]) if one["name"][0] == "设"]
    assert sum(shown) == n == 34
    assert found["inked"] > 2000, "the picture is nearly empty"


def test_it_opens_at_the_study_area_in_metres(demo: Path, tmp_path: Path) -> None:
    found = looked(demo, tmp_path, "--project")
    assert found["metric"]
    assert found["crs"] == "EPSG:32648"
    west, south, east, north = found["extent"]
    assert 5_000 < east - west < 30_000
    assert 5_000 < north - south < 30_000


def test_a_project_of_sites_shows_them_above_all(tmp_path: Path) -> None:
    python_with_qgis()
    run_site(siting_study(tmp_path / "s", {"n_sites": 2}), tmp_path / "out")
    found = looked(tmp_path / "out" / "results.gpkg", tmp_path, "--project")
    top = leaves(found["tree"])
    assert top[0]["name"] == "建议选址 proposed sites"
    assert top[0]["on"]
    assert top[0]["layer"]["labels"] == '"order"'
    assert all(one["layer"]["valid"] for one in top)
    assert next(one["on"] for one in top if one["name"].startswith("候选点")) is False


def tiny(**columns: Any) -> dict[str, Any]:
    at = shapely.points([[8.60, -30.0], [8.61, -30.01]])
    return {"people": (at, "Point", {"status": ["covered", "uncovered"], **columns})}


def test_south_of_the_equator_it_is_a_southern_zone() -> None:
    text = project_of(tiny(), "x", file="results.gpkg")
    assert "EPSG:32732" in text
    assert "+zone=32 +south" in text


def test_nothing_to_show_is_no_project(tmp_path: Path) -> None:
    assert project_of({}, "x", file="a.gpkg") == ""
    empty = {"people": (np.empty(0, object), "Point", {"status": []})}
    assert project_of(empty, "x", file="a.gpkg") == ""
    write_geopackage(tmp_path / "none.gpkg", tiny())
    before = (tmp_path / "none.gpkg").read_bytes()
    aim_project(tmp_path / "none.gpkg")
    assert (tmp_path / "none.gpkg").read_bytes() == before


def test_a_package_under_another_name_shows_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results beside an older file that QGIS holds open: the project must not show the old one."""
    python_with_qgis()
    write_geopackage(tmp_path / "results.gpkg", tiny(), project="新")
    made = tmp_path / "made" / "results.gpkg"
    made.parent.mkdir()
    (tmp_path / "results.gpkg").rename(made)
    kept = type(made).replace

    def held(self: Path, target: Path) -> Path:
        if target.name == "results.gpkg":
            raise PermissionError
        return kept(self, target)

    monkeypatch.setattr(type(made), "replace", held)
    placed = publish.placed(made, tmp_path / "results.gpkg")
    assert placed.name == "results-2.gpkg"
    found = looked(placed, tmp_path, "--project")
    (layer,) = leaves(found["tree"])
    assert layer["layer"]["valid"]
    assert "results-2.gpkg|layername=people" in layer["layer"]["source"]


def test_the_same_layers_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_geopackage(tmp_path / name / "results.gpkg", tiny(), project="x")
    one, two = ((tmp_path / name / "results.gpkg").read_bytes() for name in ("a", "b"))
    assert one == two
