"""The check of what is asked beyond coverage: units, urban area, supply, targets, candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest

from quarterhour.checks.checking import check_study
from quarterhour.checks.report import document
from quarterhour.render.check.sentences import overview
from small_study import FACILITIES, box, command, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

UNITS = {"level": "community", "source": "c.gpkg"}
BEDS = {"service.0.supply": "beds", "supply.institution_share": 0.03}


def table(*beds: object, heading: str = "床位") -> str:
    """The facilities of the town with their beds."""
    lines = [f"名称,lon,lat,类型,状态,{heading}"]
    for (name, x, y, kind, status), n in zip(FACILITIES, beds, strict=True):
        lon, lat = lonlat(x, y)
        lines.append(f"{name},{lon:.7f},{lat:.7f},{kind},{status},{n}")
    return "\n".join(lines) + "\n"


def communities(folder: Path, **east: float) -> None:
    """Squares of 1.4 km by name, each from so many metres east of the town's origin."""
    folder.mkdir(parents=True, exist_ok=True)
    shapes = [box(x - 100, -900, x + 1300, 700) for x in east.values()]
    write_layer(folder / "c.gpkg", shapes, name=list(east))


def checked(study: Path) -> dict[str, Any]:
    return document(check_study(study))


def parts(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(p["part"], p["en"]) for p in found["problems"]]


def test_every_file_of_the_answers_is_tried_by_itself(tmp_path: Path, capfd: Any) -> None:
    study = small_study(
        tmp_path,
        {
            "units": [
                UNITS,
                {"level": "医院", "source": "h.csv"},
                {"level": "村", "source": "v.csv"},
            ],
            "urban.source": "u.gpkg",
            "targets.plans": ["ziyang", "mine.toml"],
            "targets.facilities": ["more.csv", "list.csv#表1"],
            "site.candidates": "sites.xlsx",
        },
        {
            "h.csv": "甲,乙\n1,2\n",
            "v.csv": "名称,人口\n东村,5\n西村,6\n",
            "mine.toml": "[plan]\n",
            "list.csv": "名称,类型\n甲,养老院\n",
        },
    )
    code, out, err = command(capfd, "check", study)
    assert code == 1
    assert "还不能运行：7 个问题" in out
    assert err.count("\n") == 1
    found = checked(study)
    told = parts(found)
    assert [part for part, _ in told] == [
        "units", "units", "urban", "targets", "targets", "targets", "site",
    ]  # fmt: skip
    words = ["c.gpkg: file not found", "h.csv: has no column of the names", "u.gpkg: file not",
             "mine.toml: ", "more.csv: file not found", "list.csv: 'list.csv#表1' names the sheet",
             "sites.xlsx: file not found"]  # fmt: skip
    for (_, sentence), begin in zip(told, words, strict=True):
        assert sentence.startswith(begin)
    # what can be read is told all the same
    (village,) = found["units"]
    assert (village["level"], village["units"], village["placed"]) == ("village", 2, 0)
    assert ("units", "v.csv", 2) in [(r["layer"], r["file"], r["rows"]) for r in found["readings"]]


def test_what_was_read_is_listed(tmp_path: Path) -> None:
    communities(tmp_path, 东区=0)
    sites = (
        "名称,lon,lat,是否可用\n空地,"
        + ",".join(f"{v:.6f}" for v in lonlat(300, 0))
        + ",是\n甲,,,\n"
    )
    study = small_study(
        tmp_path,
        {
            "units": [UNITS],
            "urban.source": "c.gpkg",
            "targets.plans": ["national"],
            "targets.facilities": ["more.csv"],
            "site": {"candidates": "sites.csv", "n_sites": 1},
        },
        {"more.csv": "名称,类型\n丙,养老院\n", "sites.csv": sites},
    )
    found = checked(study)
    assert found["problems"] == []
    layers = {r["layer"]: (r["file"], r["rows"]) for r in found["readings"]}
    assert layers["units"] == ("c.gpkg", 1)
    assert layers["urban"] == ("c.gpkg", 1)
    assert layers["candidates"] == ("sites.csv", 2)
    assert ("more.csv", 1) in [(r["file"], r["rows"]) for r in found["readings"]]
    aside = {(row["layer"], row["file"], row["row"]) for row in found["set_aside"]}
    assert ("candidates", "sites.csv", 3) in aside
    lines = {what.en: told for what, told in overview(found)}
    assert lines["units"].zh == "c.gpkg：社区 1 个"
    assert lines["targets"].en == "national; 3 facilities to be counted"
    assert lines["siting"].zh == "sites.csv：1 处候选地点，1 行未采用"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (("许多", -5), "row 2 床位 '许多' is not understood and left blank, row 3 床位 '-5'"),
        (("1e13", "1e308"), "row 2 床位 '1e13' is not understood and left blank"),
        ((100_001, "inf"), "row 2 床位 '100001' is not understood and left blank"),
        (("", ""), "the table is empty there for every facility that serves"),
    ],
)
def test_beds_that_cannot_be_used_are_quoted(
    tmp_path: Path, cells: tuple[object, object], words: str
) -> None:
    study = small_study(tmp_path, BEDS, {"facilities.csv": table(*cells)})
    found = checked(study)
    ((part, sentence),) = parts(found)
    assert part == "supply"
    assert found["problems"][0]["services"] == ["养老"]
    assert words in sentence
    assert "supply" in found["problems"][0]["zh"]
    assert found["problems"][0]["zh"] != sentence


def test_beds_without_a_column(tmp_path: Path) -> None:
    study = small_study(tmp_path, BEDS, {"facilities.csv": table(1, 2, heading="备注")})
    ((part, sentence),) = parts(checked(study))
    assert (part, "has no such column" in sentence) == ("supply", True)


def test_units_outside_the_study_are_named(tmp_path: Path) -> None:
    communities(tmp_path, 东区=0, 远村=90_000)
    found = checked(small_study(tmp_path, {"units": [UNITS]}))
    assert found["problems"] == []
    (note,) = [n for n in found["notes"] if n["part"] == "units"]
    assert note["zh"] == "c.gpkg：1 个单元（社区）在研究范围以外，不计：远村"
    communities(tmp_path, 远村=90_000, 更远=95_000)
    found = checked(small_study(tmp_path, {"units": [UNITS]}))
    (warning,) = [w for w in found["warnings"] if w["part"] == "units"]
    assert warning["en"].startswith(
        "c.gpkg: all 2 units (communities) outside the study area: 远村, 更远; check the layer"
    )


@pytest.mark.parametrize(
    ("east", "words"),
    [(90_000, "全部按农村计"), (0, "没有一处按农村计"), (500, "")],
)
def test_an_urban_area_that_says_nothing(tmp_path: Path, east: float, words: str) -> None:
    communities(tmp_path, 城=east)
    found = checked(small_study(tmp_path, {"urban.source": "c.gpkg"}))
    told = [w["zh"] for w in found["warnings"] if w["part"] == "urban"]
    assert len(told) == bool(words)
    assert all(words in sentence for sentence in told)


def test_metres_that_are_called_degrees(tmp_path: Path) -> None:
    communities(tmp_path, 东区=0)
    metres = gpd.read_file(tmp_path / "c.gpkg").to_crs("EPSG:4545")
    metres.set_crs(4326, allow_override=True).to_file(tmp_path / "c.gpkg")
    ((part, sentence),) = parts(checked(small_study(tmp_path, {"units": [UNITS]})))
    assert part == "units"
    assert "says that its coordinates are degrees (WGS 84), and they stand around " in sentence
    assert ", 33" in sentence  # metres north of the equator at 30 degrees
    assert "which are metres" in sentence


def test_homes_without_names_are_units_of_targets_all_the_same(tmp_path: Path) -> None:
    write_layer(tmp_path / "homes.gpkg", [box(0, -50, 100, 50), box(500, -50, 600, 50)])
    study = small_study(
        tmp_path, {"residential.source": "homes.gpkg", "targets.plans": ["national"]}
    )
    assert checked(study)["problems"] == []


@pytest.mark.parametrize(("key", "other"), [("sheet", "layer"), ("layer", "sheet")])
def test_a_sheet_of_a_layer_and_a_layer_of_a_table(tmp_path: Path, key: str, other: str) -> None:
    communities(tmp_path, 东区=0)
    file = "c.gpkg" if key == "sheet" else "c.csv"
    unit = {**UNITS, "source": file, key: "表1"}
    study = small_study(tmp_path, {"units": [unit]}, {"c.csv": "名称,人口\n东区,5\n"})
    ((part, sentence),) = parts(checked(study))
    assert part == "units"
    assert f"says {key} = '表1', and this kind of file has no {key}s" in sentence
    assert sentence.endswith(f"or say {other}")
