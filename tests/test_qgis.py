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

import geopandas as gpd
import numpy as np
import pytest
import shapely

from quarterhour.answers.gap_reasons import REASONS
from quarterhour.demo_study import demo_study
from quarterhour.render import palette
from quarterhour.render.gis import aliases, qml, symbols
from quarterhour.render.gis.drawings import REASON_COLOURS
from quarterhour.render.gis.geopackage import write_geopackage
from quarterhour.render.gis.looks import look_of
from quarterhour.render.map.kinds import looks_of
from quarterhour.siting import rules
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


def flat(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a legend, each before those below it."""
    return [one for rule in rules for one in (rule, *flat(rule["below"]))]


def signs(layer: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and fill of the rows of a legend that have a symbol."""
    rows = flat(layer["rules"])
    return [(one["label"], one["symbol"]["colour"]) for one in rows if one["symbol"]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    python_with_qgis()
    run_study(demo_study(folder / "study"), folder / "out")
    return folder / "out" / "results.gpkg"


def test_qgis_opens_every_layer_with_its_style(demo: Path, tmp_path: Path) -> None:
    found = looked(demo, tmp_path)
    assert found.pop("inked") > 500, "the picture is nearly empty"
    assert all(layer["valid"] and layer["features"] > 0 for layer in found.values()), found
    assert {layer["crs"] for layer in found.values()} == {"EPSG:4326"}
    for layer in found.values():
        assert layer["renderer"] == "RuleRenderer"
        # services lie upon each other: of areas and people only the first is drawn at first
        assert [rule["label"] for rule in layer["rules"]] == ["养老", "托育"]
        assert not [rule["broken"] for rule in flat(layer["rules"]) if rule["broken"]]
    assert [rule["on"] for rule in found["people"]["rules"]] == [True, False]
    assert [rule["on"] for rule in found["facilities"]["rules"]] == [True, True]
    # green covered, vermilion uncovered: not the random colours of a layer without a style
    assert signs(found["people"])[:2] == [
        ("已覆盖 covered", "#009e73"),
        ("未覆盖 not covered", "#d55e00"),
    ]
    tones = palette.bands(palette.SERVICES[0][0], 3)
    areas = dict(signs({"rules": found["service_areas"]["rules"][:1]}))
    assert [areas[f"{c} 分钟 min"] for c in (5, 10, 15)] == [tone.lower() for tone in tones]


def test_kinds_have_the_signs_of_the_map(demo: Path, tmp_path: Path) -> None:
    """Shape and colour by kind, full where it serves and hollow where it is planned."""
    layer = looked(demo, tmp_path, "facilities")["facilities"]
    service = {one["label"]: one for one in layer["rules"]}
    kinds = {
        name: {kind["label"].split()[0]: kind for kind in one["below"]}
        for name, one in service.items()
    }
    frame = gpd.read_file(demo, layer="facilities")
    told = [(s, list(zip(own.kind_zh, own.kind_en, strict=True)))
            for s, own in frame.groupby("service", sort=False)]  # fmt: skip
    for (name, _), one in zip(told, looks_of(told), strict=True):
        assert [k.name[0] for k in one.kinds] == list(kinds[name])
        for kind in one.kinds:
            row = kinds[name][kind.name[0]]
            states = {r["label"].split()[0]: r["symbol"] for r in flat([row]) if r["symbol"]}
            own = frame[(frame.service == name) & (frame.kind_zh == kind.name[0])]
            if set(own.status) == {"used"}:
                assert row["symbol"]["colour"] == one.colour.lower()
                continue
            assert states["现状在用"]["colour"] == one.colour.lower()
            assert states["规划"]["colour"] == "#ffffff"
            assert states["规划"]["edge"] == one.colour.lower()
            qgis, _, _ = symbols.SIMPLE.get(kind.shape, ("", 0, 0))
            want = qgis or {"bar": "rectangle", "house": "base64:"}[kind.shape]
            assert states["规划"]["shape"].startswith(want)
            assert ("未连接路网" in states) == ("unlinked" in set(own.status))
    assert len(frame) == 34


def test_columns_and_codes_are_told_in_chinese_and_english(demo: Path, tmp_path: Path) -> None:
    found = looked(demo, tmp_path, "facilities", "gaps", "units", "residential", "people")
    names = found["facilities"]["aliases"]
    assert names["link_m"] == "到道路距离（米） to the road (m)"
    assert names["reached_age_60_plus"] == "60岁以上时限内 within reach, aged 60 and over"
    assert names["open_year"] == "", "a column of the user's keeps its name"
    assert found["units"]["aliases"]["covered_age_0_3"].startswith("0–3岁可达")
    assert found["facilities"]["codes"]["status"]["planned"] == "规划 planned"
    assert found["gaps"]["codes"]["reason"]["barrier"] == "障碍阻隔 barrier"
    for layer in ("facilities", "gaps", "units", "residential", "people"):
        for column, codes in found[layer]["codes"].items():
            # QGIS writes a code that it knows no words for in brackets
            assert not [code for code, said in codes.items() if said == f"({code})"], column


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
    every = [reason for reason, _, _ in aliases.REASONS]
    write_geopackage(
        tmp_path / "answers.gpkg",
        {
            "gaps": layer(many, "MultiPolygon", rank=[*range(len(every))], reason=[*every]),
            "gap_routes": layer(line, "LineString", rank=[1]),
            "units": layer(many, "MultiPolygon", present=present),
            "unit_points": layer(point, "Point", present=present),
            "changes": layer(point, "Point", change=["gained", "lost"]),
        },
    )
    found = looked(tmp_path / "answers.gpkg", tmp_path, *names)
    assert found.pop("inked") > 100
    assert all(found[name]["valid"] and found[name]["features"] > 0 for name in names), found
    assert [found[name]["labels"] for name in names] == ['"rank"', "", "", "", ""]
    # green with a facility, vermilion without, grey where it is not known
    assert signs(found["units"]) == signs(found["unit_points"])
    assert [c for _, c in signs(found["units"])] == ["#009e73", "#d55e00", "#8a8a8a"]
    assert [c for _, c in signs(found["changes"])] == ["#0b7a3b", "#a1123f"]
    assert len({colour for _, colour in signs(found["gaps"])}) == len(REASONS) == 11


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
    found.pop("inked")  # sites and places may be smaller than what is looked at
    assert all(found[name]["valid"] and found[name]["features"] > 0 for name in want), found
    if "sites_candidates" in want:
        rows = dict(signs(found["sites_candidates"]))
        assert rows["选中 chosen"] == palette.SITE.lower() != rows["可选 possible"]


def test_layers_of_a_service_with_a_number_look_like_those_of_one() -> None:
    columns = {"order": [1], "status": ["covered"], "service": ["x"]}
    look = look_of({})
    assert qml.style_of("sites_chosen_2", columns, look) == qml.style_of(
        "sites_chosen", columns, look
    )
    assert qml.style_of("demand_outside", columns, look) == qml.style_of("demand", columns, look)
    assert qml.style_of("layer_styles", columns, look) is None
    assert aliases.title_of("sites_chosen_2") == "建议选址 proposed sites 2"


def test_every_state_of_a_candidate_is_told() -> None:
    told = {code for code, _, _ in aliases.CANDIDATE_STATUS}
    states = {v for k, v in vars(rules).items() if k.isupper() and isinstance(v, str)}
    assert told == {*states, "chosen"}


def test_every_reason_of_a_gap_has_a_colour_and_words() -> None:
    assert {code for code, _, _ in aliases.REASONS} == set(REASONS) == set(REASON_COLOURS)


def test_names_that_attack_stay_names(tmp_path: Path) -> None:
    hostile = 'O\'Neil "<&>" \\ </qgis>\x0b\u202e𠮷 || chr(1)'
    point = np.array([shapely.Point(8.6, 49.4)] * 2, object)
    columns = {
        "service": [hostile, "b"], "name": [hostile] * 2, "kind_zh": [hostile] * 2,
        "kind_en": [hostile] * 2, "status": ["used", "planned"],
    }  # fmt: skip
    layers = {"facilities": (point, "Point", columns)}
    write_geopackage(tmp_path / "h.gpkg", layers, project=hostile)
    found = looked(tmp_path / "h.gpkg", tmp_path, "facilities")["facilities"]
    assert found["renderer"] == "RuleRenderer"
    assert [rule["broken"] for rule in flat(found["rules"])] == [""] * len(flat(found["rules"]))
    assert found["rules"][0]["label"] == hostile.replace("\x0b", "")
