"""The GeoPackage opened by QGIS itself, with the styles that are stored in it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from quarterhour.answers.gap_reasons import REASONS
from quarterhour.demo_study import demo_study
from quarterhour.render.gis import qml
from quarterhour.render.gis.geopackage import write_geopackage
from quarterhour.siting.rules import USABLE
from quarterhour.study import run_study
from siting_town import siting_study
from small_study import PEOPLE, box, facilities_text, people_text, small_study, write_layer

FAR_EAST = ("东站", 1200, 10, "养老院", "现状")


def python_with_qgis() -> str:
    for name in ("/usr/bin/python3", shutil.which("python3") or ""):
        if name and Path(name).exists():
            asked = subprocess.run(
                [name, "-c", "import qgis.core"], capture_output=True, check=False
            )
            if asked.returncode == 0:
                return name
    reason = "no Python with QGIS was found (Debian: apt-get install python3-qgis)"
    if os.environ.get("QUARTERHOUR_REQUIRE_QGIS") == "1":
        pytest.fail(reason)
    pytest.skip(reason + "; the styles are checked against the layer_styles schema only")


def looked(package: Path, folder: Path, *names: str) -> dict[str, Any]:
    """What QGIS finds in a GeoPackage, by layer, and how much of a picture of it has ink."""
    python = python_with_qgis()
    done = subprocess.run(
        [python, str(Path(__file__).with_name("qgis_look.py")), str(package),
         str(folder / "qgis.png"), *names],
        capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def test_qgis_opens_every_layer_with_its_style(tmp_path: Path) -> None:
    python_with_qgis()
    run_study(demo_study(tmp_path / "study"), tmp_path / "out")
    found = looked(tmp_path / "out" / "results.gpkg", tmp_path)
    inked = found.pop("inked")
    assert all(layer["valid"] and layer["features"] > 0 for layer in found.values()), found
    assert {layer["crs"] for layer in found.values()} == {"EPSG:4326"}
    assert found["people"]["attribute"] == found["residential"]["attribute"] == "status"
    # green covered, vermilion uncovered: not the random colours of a layer without a style
    assert found["people"]["colours"][:2] == ["#009e73", "#d55e00"]
    assert found["residential"]["colours"][:3] == ["#009e73", "#e69f00", "#d55e00"]
    assert found["service_areas"]["colours"] == ["#0072b2"]
    assert found["facilities"]["renderer"] == "categorizedSymbol"
    assert inked > 500, "the picture is nearly empty"


def test_qgis_draws_the_layers_of_the_answers(tmp_path: Path) -> None:
    names = ["gaps", "gap_routes", "units", "unit_points", "changes"]
    spot = shapely.box(8.60, 49.40, 8.61, 49.41)
    line = shapely.LineString([(8.60, 49.40), (8.62, 49.42)])
    many, point = shapely.multipolygons([spot]), shapely.Point(8.605, 49.415)

    def layer(geometry: Any, kind: str, **columns: list[Any]) -> tuple[Any, str, dict[str, Any]]:
        n = len(next(iter(columns.values())))
        shapes = np.empty(n, object)
        shapes[:] = [geometry] * n
        return shapes, kind, {key: np.array(value, object) for key, value in columns.items()}

    present: list[Any] = ["yes", "no", None]
    write_geopackage(
        tmp_path / "answers.gpkg",
        {
            "gaps": layer(many, "MultiPolygon", rank=[1, 2], reason=["no_facility", "detour"]),
            "gap_routes": layer(line, "LineString", rank=[1]),
            "units": layer(many, "MultiPolygon", present=present),
            "unit_points": layer(point, "Point", present=present),
            "changes": layer(point, "Point", change=["gained", "lost"]),
        },
    )
    found = looked(tmp_path / "answers.gpkg", tmp_path, *names)
    assert found.pop("inked") > 100
    assert all(found[name]["valid"] and found[name]["features"] > 0 for name in names), found
    attributes = {name: found[name]["attribute"] for name in names}
    assert attributes == {
        "gaps": "reason", "gap_routes": "", "units": "present", "unit_points": "present",
        "changes": "change",
    }  # fmt: skip
    assert [found[name]["labels"] for name in names] == ["rank", "", "", "", ""]
    # green with a facility, vermilion without, grey where it is not known
    assert found["units"]["colours"] == found["unit_points"]["colours"]
    assert found["units"]["colours"] == ["#009e73", "#d55e00", "#787878"]
    assert found["changes"]["colours"] == ["#0b7a3b", "#a1123f"]
    assert len(set(found["gaps"]["colours"])) == len(REASONS) == 11


def styled(package: Path) -> tuple[set[str], set[str]]:
    """Layers of a GeoPackage, and those that have a style in it."""
    with closing(sqlite3.connect(package)) as base:
        layers = base.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")
        styles = base.execute("SELECT f_table_name FROM layer_styles")
        return {name for (name,) in layers}, {name for (name,) in styles}


def test_every_layer_of_a_study_has_a_style(tmp_path: Path) -> None:
    people = [*PEOPLE, ("远", 100, 300, 3)]
    ring = box(-50, -50, 1250, 250)
    write_layer((tmp_path / "s").mkdir() or tmp_path / "s" / "area.gpkg", [ring])
    plan = {"name": "新建", "facilities": "more.csv"}
    study = small_study(
        tmp_path / "s",
        {"study.area": "area.gpkg", "scenario": [plan]},
        {"people.csv": people_text(people), "more.csv": facilities_text([FAR_EAST])},
    )
    run_study(study, tmp_path / "out")
    layers, styles = styled(tmp_path / "out" / "results.gpkg")
    assert {"people_outside", "scenario_changes", "gaps"} <= layers
    assert layers == styles


@pytest.mark.parametrize(
    ("keys", "want"),
    [
        ({"n_sites": 2}, {"sites_chosen", "sites_areas", "newly_covered", "sites_candidates"}),
        ({"problem": "close", "n_sites": 1}, {"sites_closed"}),
    ],
)
def test_every_layer_of_siting_has_a_style(
    tmp_path: Path, keys: dict[str, Any], want: set[str]
) -> None:
    from quarterhour.siting.run import run_site

    two = facilities_text([("西院", 0, 10, "养老院", "现状"), FAR_EAST])
    study = siting_study(tmp_path / "s", keys, files={"facilities.csv": two})
    run_site(study, tmp_path / "out")
    package = tmp_path / "out" / "results.gpkg"
    layers, styles = styled(package)
    assert want <= layers
    assert layers == styles
    found = looked(package, tmp_path, *sorted(want))
    assert found.pop("inked") > 0
    assert all(found[name]["valid"] and found[name]["features"] > 0 for name in want), found
    if "sites_candidates" in want:
        assert found["sites_candidates"]["attribute"] == "status"


def test_layers_of_a_service_with_a_number_look_like_those_of_one() -> None:
    assert qml.style_of("sites_chosen_2") == qml.STYLES["sites_chosen"]
    assert qml.style_of("demand_outside") == qml.STYLES["demand"]
    assert qml.style_of("layer_styles") is None


def test_usable_candidates_have_a_colour_of_their_own() -> None:
    assert f'value="{USABLE}"' in qml.STYLES["sites_candidates"]


def test_every_reason_of_a_gap_has_a_colour() -> None:
    assert {value for value, _, _ in qml.REASONS} == set(REASONS)
