"""To or from the facility, and the walk behind its door."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.assessing.analysis import assess
from quarterhour.errors import InputError
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.sources.people.read import read_people
from quarterhour.sources.roads.read import read_roads
from quarterhour.study import run_study
from small_study import STREETS, facilities_text, osm_text, people_text, small_study

if TYPE_CHECKING:
    from pathlib import Path

ONE = facilities_text([("西院", 0, 0, "养老院", "现状")])
HOME = people_text([("甲", 600, 0, 1)])


def minutes(study: Path) -> float:
    found = run_study(study).assessments[0]
    return float(found.walker.minutes(found.demand.ms)[0])


def town(folder: Path, changes: dict[str, Any]) -> Path:
    """A round trip: the main street is one way for walkers, eastward; the way back is 2400 m."""
    ring = {"主街": STREETS["主街"], "回路": [(1200, 0), (1200, 600), (0, 600), (0, 0)]}
    tag = '<tag k="name" v="主街"/>'
    roads = osm_text(ring).replace(tag, f'{tag}<tag k="oneway:foot" v="yes"/>')
    files = {"roads.osm": roads, "facilities.csv": ONE, "people.csv": HOME}
    return small_study(folder, {"service.0.walker": "elderly", **changes}, files)


def test_to_and_from_differ_where_walkers_keep_one_way(tmp_path: Path) -> None:
    # from the facility: 600 m east; to it: on to the end of the street and around
    out = minutes(town(tmp_path / "a", {"service.0.direction": "from"}))
    assert out == pytest.approx(10, abs=0.01)
    back = minutes(town(tmp_path / "b", {"service.0.direction": "to"}))
    assert back == pytest.approx((600 + 600 + 1200 + 600) / 60, abs=0.01)
    assert back == minutes(town(tmp_path / "c", {}))  # people walk to a facility


def test_minutes_behind_the_door_count(tmp_path: Path) -> None:
    def at(inside: float) -> tuple[float, str, float]:
        changes = {
            "service.0.walker": "elderly", "service.0.inside_min": inside,
            "service.0.cutoffs_min": [12],
        }  # fmt: skip
        folder = tmp_path / f"{inside}"
        study = small_study(folder, changes, {"facilities.csv": ONE, "people.csv": HOME})
        found = run_study(study, folder / "out").assessments[0]
        row = json.loads((folder / "out" / "summary.json").read_text("utf-8"))["services"][0]
        assert row["inside_min"] == inside
        km = row["cutoffs"][0]["reached_street_km"]
        state = found.demand.reason(found.cutoff_ms)[0]
        return float(found.walker.minutes(found.demand.ms)[0]), state, km

    assert at(0) == (pytest.approx(10, abs=0.01), "", pytest.approx(0.84, abs=0.01))
    # 10 minutes of street and 1.5 inside; 10.5 minutes are left for the street: 630 m, 30 north
    assert at(1.5) == (pytest.approx(11.5, abs=0.01), "", pytest.approx(0.66, abs=0.01))
    assert at(3)[1] == "far"
    assert at(11.9)[2] == pytest.approx(0.006, abs=0.001)  # 0.1 min: 6 m east


def test_words_that_are_refused(tmp_path: Path) -> None:
    small_study(tmp_path)
    given = (
        read_roads(tmp_path / "roads.osm", cache=False),
        read_people(tmp_path / "people.csv"),
        read_facilities(tmp_path / "facilities.csv"),
    )
    with pytest.raises(InputError, match='needed is "to" or "from"'):
        assess(*given, direction="towards")
    with pytest.raises(InputError, match="between 0 and 60"):
        assess(*given, inside_min=-1)
    late = {"service.0.cutoffs_min": [12], "service.0.inside_min": 12}
    with pytest.raises(InputError, match="nobody could get there in time"):
        run_study(small_study(tmp_path / "late", late))
    rule = {"service.0.walker": "standard_1000m", "service.0.inside_min": 2}
    for run in (
        lambda: assess(*given, walker="standard_1000m", inside_min=2),
        lambda: run_study(small_study(tmp_path / "rule", rule)),
    ):
        with pytest.raises(InputError, match="rule of metres"):
            run()
