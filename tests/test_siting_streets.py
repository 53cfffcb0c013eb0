"""Without people metres of street are counted, and called so wherever people would be."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pyogrio
import pytest

from quarterhour.errors import InputError
from quarterhour.measures import measure
from quarterhour.siting.map_facts import facts_of
from quarterhour.siting.run import run_site
from siting_town import sites_text, siting_study
from small_study import STREETS, osm_text

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.siting.run import SiteRun

LONG = {**STREETS, "公路": [(x, -400) for x in range(0, 12_001, 100)]}
"""The town and a road of 12 km without any other one near it."""

PEOPLE_ZH = re.compile(r"\d 人|人数|人口|人次|居民|人群")
PEOPLE_EN = re.compile(r"\bpeople\b|\bpersons?\b|\bperson-minutes|anybody|everybody|nobody")
HARMLESS = ("每人", "for all of them")


def streets(folder: Path, site: dict[str, Any], *, long: bool = False, **more: Any) -> SiteRun:
    files = {"roads.osm": osm_text(LONG)} if long else {}
    changes = {"people": None, "study.language": "both", **more.pop("changes", {})}
    path = siting_study(folder, site, changes=changes, files=files, **more)
    return run_site(path, folder / "out")


QUESTIONS: dict[str, dict[str, Any]] = {
    "most": {"n_sites": 2, "curve": True},
    "everyone": {"problem": "everyone", "share": 0.8},
    "median": {"problem": "median", "n_sites": 1},
    "center": {"problem": "center", "n_sites": 3},
    "backup": {"problem": "backup", "n_sites": 2},
    "years": {"phases": {"2026": 1, "2028": 1}},
    "close": {"problem": "close", "n_sites": 1},
    "move": {"problem": "move", "n_sites": 1},
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("long", [False, True])
def test_nobody_is_called_a_person(question: str, long: bool, tmp_path: Path) -> None:
    changes = {"service.0.kinds": None} if question in {"close", "move"} else {}
    site = dict(QUESTIONS[question])
    if "share" in site and long:
        site["share"] = 0.1  # nobody reaches the road of 12 km
    run = streets(tmp_path, site, long=long, changes=changes)
    told = run.answered
    notes = [*told.answers, *(note for table in told.tables for note in table.notes)]
    notes += [table.title for table in (*told.tables, *told.shown)]
    cells = [cell for t in (*told.tables, *told.shown) for row in t.rows for cell in row]
    notes += [cell for cell in cells if isinstance(cell, tuple)]
    texts = [(note[0], note[1]) for note in notes]
    texts += [(c.zh, c.en) for t in (*told.tables, *told.shown) for c in t.columns]
    texts += [pair for fact in facts_of(run.result) for pair in fact]
    assert len(texts) > 30
    for zh, en in texts:
        assert not PEOPLE_ZH.search(zh), zh
        assert not PEOPLE_EN.search(en), en
    unit = "公里" if long else "米"
    amounts = [c for t in told.tables for c in t.columns if c.zh.endswith(f"（{unit}）")]
    assert amounts
    assert all(column.form == "number" for column in amounts)


def test_the_first_sentence_in_metres_and_in_kilometres(tmp_path: Path) -> None:
    # of 2,100 m 西院 reaches 290 m of the main street; 路口 and 东口 the rest of it and 290 m north
    short = streets(tmp_path / "short", {"n_sites": 1})
    assert re.search(
        r"新增覆盖 \d{3} 米街道，覆盖率 .+（共 2,100 米街道）", short.answered.answers[0].zh
    )
    assert re.search(
        r"covers \d{3} more metres of street within 5 min, .+ of 2,100 metres of street",
        short.answered.answers[0].en,
    )
    long = streets(tmp_path / "long", {"n_sites": 1}, long=True)
    assert re.search(r"新增覆盖 0\.\d 公里街道，.+（共 14 公里街道）", long.answered.answers[0].zh)
    assert "km of street" in long.answered.answers[0].en
    # figures for machines stay in metres
    group = json.loads((tmp_path / "long" / "out" / "summary.json").read_text("utf-8"))
    assert group["site"]["groups"]["all"]["total"] == pytest.approx(14_100, abs=1)


def test_the_workbook_and_the_layers_name_the_unit(tmp_path: Path) -> None:
    run = streets(tmp_path, {"n_sites": 2}, long=True)
    out = tmp_path / "out"
    book = openpyxl.load_workbook(out / "report.xlsx")
    rows = {str(row[0]): row for sheet in book for row in sheet.iter_rows(values_only=True)}
    head = next(row for first, row in rows.items() if first.startswith("统计对象"))
    assert [str(cell).split(" ")[0] for cell in head[:3]] == [
        "统计对象", "总数（公里）", "现状覆盖（公里）",
    ]  # fmt: skip
    group = run.summary["site"]["groups"]["all"]
    kilometres = rows["全部 all"] if "全部 all" in rows else rows["全部 / all"]
    assert kilometres[1] == pytest.approx(group["total"] / 1000)
    assert kilometres[3] == pytest.approx(group["added"] / 1000)
    newly = pyogrio.read_dataframe(out / "results.gpkg", layer="newly_covered")
    assert "people" not in newly
    assert newly["street_metres"].sum() == pytest.approx(group["added"], abs=1e-3)
    left = pyogrio.read_dataframe(out / "results.gpkg", layer="still_uncovered")
    assert left["street_metres"].sum() == pytest.approx(group["remaining"], abs=1e-3)


def test_the_map_tells_kilometres(tmp_path: Path) -> None:
    streets(tmp_path, {"n_sites": 1}, long=True)
    page = (tmp_path / "out" / "map.html").read_text("utf-8")
    head = page[page.index('<header id="qh-head"') : page.index("</header>")]
    assert "14 公里街道" in head
    assert "14 km of street" in head
    assert "米街道" not in head.replace("公里街道", "")
    data = json.loads(re.search(r'id="qh-data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert data["told_in"] == ["street_kilometres", 1000.0]
    assert data["words"]["street_kilometres"] == ["公里街道", "km of street"]


def test_refusals_name_streets(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        streets(tmp_path / "a", {"problem": "everyone", "share": 0.99}, long=True)
    assert "99.0% of all streets (14 km of street)" in str(caught.value)
    assert "全部街道要求覆盖 99.0%（14 公里街道）" in caught.value.zh
    with pytest.raises(InputError, match="of what is not covered") as caught:
        streets(tmp_path / "b", {"n_sites": 1}, sites=sites_text([("西院旁", 0, 10)]))
    assert "都到不了未覆盖的地方" in caught.value.zh


@pytest.mark.parametrize(
    ("kind", "amounts", "told"),
    [
        ("street_metres", (6_138_264.0,), ["6,138 km of street"]),
        ("street_metres", (9_999.4,), ["9,999 metres of street"]),
        ("street_metres", (12_000.0, 340.0, 20.0, 0.0),
         ["12 km of street", "0.3 km of street", "<0.1 km of street", "0 km of street"]),
        ("residential_land", (20_000.0,), ["20,000 hectares of residential land"]),
        ("people", (1_234_567.0, 0.6), ["1,234,567 people", "1 person"]),
        ("buildings", (31_000.0,), ["31,000 buildings"]),
    ],
)  # fmt: skip
def test_amounts_that_stand_together(
    kind: str, amounts: tuple[float, ...], told: list[str]
) -> None:
    unit = measure(kind, *amounts)
    assert [unit.told(amount).en for amount in amounts] == told
