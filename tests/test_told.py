"""What a result must say about itself: credits, and places that only one walker can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import quarterhour as qh
from quarterhour.render.words import group_pair
from quarterhour.study import run_study
from small_study import (
    PEOPLE,
    STREETS,
    command,
    facilities_text,
    lonlat,
    osm_text,
    people_text,
    small_study,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_map_made_from_python_credits_openstreetmap(tmp_path: Path) -> None:
    (tmp_path / "roads.osm").write_text(osm_text(STREETS), encoding="utf-8")
    (tmp_path / "people.csv").write_text(people_text(), encoding="utf-8")
    (tmp_path / "care.csv").write_text(facilities_text(), encoding="utf-8")
    today = qh.assess(
        qh.read_roads(tmp_path / "roads.osm", cache=False),
        qh.read_people(tmp_path / "people.csv"),
        qh.read_facilities(tmp_path / "care.csv"),
    )
    qh.write_map(tmp_path / "map.html", today, title="t")
    assert "OpenStreetMap contributors" in (tmp_path / "map.html").read_text("utf-8")


def test_streets_are_not_called_people(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    study = small_study(tmp_path / "s", {"people": None, "study.language": "both"})
    _, table, _ = command(capfd, "run", study, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "map.html").read_text("utf-8")
    shown = page.split('id="qh-head"', 1)[1].split("<script", 1)[0]
    for text in (table, shown):
        assert "全部人口" not in text
        assert "everyone" not in text
        assert "全部" in text
    assert group_pair("water") == ("water", "water"), "a user's group is not another word"


def test_a_place_unlinked_for_one_walker_only_is_named(tmp_path: Path) -> None:
    # a flight of steps, 300 m from any other street, with one home at its top
    steps = osm_text({**STREETS, "石阶": [(900, 0), (900, 300), (900, 600)]})
    way = steps.index('<tag k="name" v="石阶"/>')
    kind = steps.rindex('v="residential"', 0, way)
    steps = steps[:kind] + 'v="steps"' + steps[kind + len('v="residential"') :]
    study = small_study(
        tmp_path,
        {
            "service.0.name": "老人",
            "service.1": {
                "name": "婴儿",
                "facilities": "facilities.csv",
                "walker": "caregiver_with_stroller",
                "cutoffs_min": [15],
            },
        },
        {"roads.osm": steps, "people.csv": people_text([*PEOPLE, ("阶", 900, 500, 3)])},
    )
    rows = run_study(study).summary["set_aside"]
    told = {row["name"]: row["detail"] for row in rows}
    assert "for 婴儿" in told["阶"], "only the stroller cannot be linked"
    assert "山" in told
    assert "for" not in told["山"], "nobody can be linked there"


def test_a_run_says_that_coordinates_are_doubtful_and_that_cells_were_read_otherwise(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (lon, lat), east = lonlat(0, 10), lonlat(600, 500)
    text = f"名称,坐标,床位\n西院,{lat};{lon},60张\n北站,{east[1]};{east[0]},20\n"
    study = small_study(tmp_path / "s", files={"facilities.csv": text})
    code, out, _ = command(capfd, "run", study, "--out", tmp_path / "out")
    assert code == 0
    assert "[坐标系（养老）] facilities.csv：道路范围内只有 2 个" in out, "too few to tell"
    assert "无法判定坐标系" in out
    assert "处改动或推断" in out
    plain = small_study(tmp_path / "p", {"study.language": "en"})
    _, out, _ = command(capfd, "run", plain, "--out", tmp_path / "out")
    assert "[coordinates (养老)] facilities.csv: " in out
    assert "提醒" not in out, "one language"
    assert "changed or guessed" not in out
