"""The GeoPackage opened by QGIS itself, with the styles that are stored in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from quarterhour.demo_study import demo_study
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


def test_qgis_opens_every_layer_with_its_style(tmp_path: Path) -> None:
    python = python_with_qgis()
    run_study(demo_study(tmp_path / "study"), tmp_path / "out")
    picture = tmp_path / "qgis.png"
    done = subprocess.run(
        [python, str(Path(__file__).with_name("qgis_look.py")),
         str(tmp_path / "out" / "results.gpkg"), str(picture)],
        capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
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
