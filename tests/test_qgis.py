"""The GeoPackage opened by QGIS itself, with the styles that are stored in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from quarterhour.answers.gap_reasons import REASONS
from quarterhour.demo_study import demo_study
from quarterhour.render import qml
from quarterhour.render.geopackage import write_geopackage
from quarterhour.study import run_study


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


def test_every_reason_of_a_gap_has_a_colour() -> None:
    assert {value for value, _, _ in qml.REASONS} == set(REASONS)
