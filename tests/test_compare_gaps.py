"""Gaps of two runs: what closed, what is new, and what stayed, by the ground that they share."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.answers.compare import compare_runs
from quarterhour.answers.compare_gaps import GapChange, OneGap, gap_changes
from quarterhour.answers.compare_words import print_comparison, summary_of
from quarterhour.inputs import Note
from quarterhour.study import run_study
from small_study import facilities_text, lonlat, small_study

if TYPE_CHECKING:
    from pathlib import Path


def square(x: float, y: float, side: float = 1000) -> Any:
    """A square with its south-west corner at x, y metres."""
    return shapely.Polygon(
        [lonlat(x, y), lonlat(x + side, y), lonlat(x + side, y + side), lonlat(x, y + side)]
    )


def layer(path: Path, *gaps: tuple[str, Any, float], **columns: Any) -> Path:
    frame = gpd.GeoDataFrame(
        {"service": "养老", "name": [g[0] for g in gaps], "people": [g[2] for g in gaps],
         **columns},
        geometry=[g[1] for g in gaps], crs=4326,
    )  # fmt: skip
    frame.to_file(path, layer="gaps")
    return path


def changes(old: Path, new: Path, **more: Any) -> GapChange:
    found = gap_changes(old, new, "养老", "养老", **more)
    assert found is not None
    return found


def one(name: str, people: float) -> OneGap:
    return OneGap(Note(name, name), people)


def test_a_gap_that_grows_is_the_same_gap(tmp_path: Path) -> None:
    # the middle of 甲村 moves by 1.5 km, and yet it is 甲村
    old = layer(tmp_path / "a.gpkg", ("甲村", square(0, 0), 30), ("乙村", square(9000, 0), 40))
    new = layer(tmp_path / "b.gpkg", ("甲村一带", square(0, 0, 4000), 90),
                ("丙村", square(0, 9000), 50))  # fmt: skip
    found = changes(old, new)
    assert (found.closed, found.new) == ((one("乙村", 40),), (one("丙村", 50),))
    assert (found.stayed, found.stayed_after) == (1, 1)
    assert (found.people_before, found.people_after) == (30, 90)


def test_gaps_that_grow_together(tmp_path: Path) -> None:
    old = layer(tmp_path / "a.gpkg", ("甲", square(0, 0), 30), ("乙", square(2000, 0), 40))
    new = layer(tmp_path / "b.gpkg", ("甲乙", square(0, 0, 3000), 75))
    there, back = changes(old, new), changes(new, old)
    assert (there.closed, there.new, there.stayed, there.stayed_after) == ((), (), 2, 1)
    assert (back.closed, back.new, back.stayed, back.stayed_after) == ((), (), 1, 2)
    assert (there.people_before, there.people_after) == (70, 75)


def test_neighbours_that_only_touch_are_two(tmp_path: Path) -> None:
    # 50 of 1000 m, and two middles 950 m apart
    old = layer(tmp_path / "a.gpkg", ("西", square(0, 0), 30))
    new = layer(tmp_path / "b.gpkg", ("东", square(950, 0), 20))
    found = changes(old, new)
    assert (found.closed, found.new, found.stayed) == ((one("西", 30),), (one("东", 20),), 0)


def test_points_are_the_same_within_300_metres(tmp_path: Path) -> None:
    def point(x: float) -> Any:
        return shapely.Point(lonlat(x, 0))

    old = layer(tmp_path / "a.gpkg", ("甲", point(0), 30), ("乙", point(2000), 40))
    new = layer(tmp_path / "b.gpkg", ("甲", point(290), 25), ("丙", point(2310), 50))
    found = changes(old, new)
    assert (found.closed, found.new, found.stayed) == ((one("乙", 40),), (one("丙", 50),), 1)


def test_people_of_the_group_and_not_what_is_full(tmp_path: Path) -> None:
    more: dict[str, Any] = {"of_group": [3.0, 4.0], "covered": [0, 1], "name_en": ["A", "B"]}
    old = layer(tmp_path / "a.gpkg", ("甲", square(0, 0), 30), ("满", square(5000, 0), 40), **more)
    new = layer(tmp_path / "b.gpkg", ("远", square(0, 9000), 1))
    assert changes(old, new).closed == (OneGap(Note("甲", "A"), 3.0),)
    assert changes(old, new, of_group=False).closed == (OneGap(Note("甲", "A"), 30.0),)


def test_another_service_and_no_layer(tmp_path: Path) -> None:
    path = layer(tmp_path / "a.gpkg", ("甲", square(0, 0), 30))
    found = gap_changes(path, path, "托育", "养老")
    assert found is not None
    assert (found.closed, found.new, found.stayed) == ((), (one("甲", 30),), 0)
    frame = gpd.GeoDataFrame({"service": ["养老"]}, geometry=[shapely.Point(0, 0)], crs=4326)
    frame.to_file(tmp_path / "b.gpkg", layer="people")
    assert gap_changes(path, tmp_path / "b.gpkg", "养老", "养老") is None


CORNERS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5, unique=True
)


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(old=CORNERS, more=CORNERS)
def test_no_gap_closes_where_all_of_them_stay_uncovered(
    tmp_path: Path, old: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    def run(name: str, corners: list[tuple[int, int]]) -> Path:
        cells = sorted(set(corners))
        shapes = [square(1000 * x, 1000 * y) for x, y in cells]
        whole = shapely.get_parts(shapely.union_all(shapely.set_precision(shapes, 1e-9)))
        path = tmp_path / f"{name}.gpkg"
        path.unlink(missing_ok=True)
        return layer(path, *((f"{k}", s, 1.0) for k, s in enumerate(whole)))

    found = changes(run("old", old), run("new", [*old, *more]))
    assert found.closed == ()
    assert found.stayed_after <= found.stayed
    again = changes(run("new", [*old, *more]), run("old", old))
    assert again.new == ()
    assert (again.stayed, again.stayed_after) == (found.stayed_after, found.stayed)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    places = [("西院", 0, 0, "养老院", "现状"), ("东院", 1200, 0, "养老院", "现状")]
    for name, rows in (("a", places[:1]), ("b", places)):
        study = small_study(
            folder / f"{name}-study",
            {"service.0.walker": "elderly", "service.0.cutoffs_min": [5]},
            {"facilities.csv": facilities_text(rows)},
        )
        run_study(study, folder / name, store=False)
    return folder / "a", folder / "b"


def test_a_facility_that_closes_a_gap(runs: tuple[Path, Path]) -> None:
    found = compare_runs(*runs)
    gaps = found.services[0].gaps
    assert gaps is not None
    # 东院 reaches 丁 (40 people), who were a gap of their own; nobody else gains
    assert [g.people for g in gaps.closed] == [40]
    assert gaps.new == ()
    assert gaps.people_before == gaps.people_after
    uncovered = [s["cutoffs"][-1]["groups"]["all"]["uncovered"] for s in
                 (found.services[0].before, found.services[0].after)]  # fmt: skip
    assert np.diff(uncovered).tolist() == [-40]
    lines: list[tuple[str, str]] = []
    print_comparison(found, lambda zh, en: lines.append((zh, en)))
    closed = next(line for line in lines if "消除的空白区" in line[0])
    assert "1 处：" in closed[0]
    assert closed[0].endswith("（40 人）")
    assert "(40 people)" in closed[1]
    document = summary_of(found)["services"][0]["gaps"]
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [set(g) for g in document["closed"]] == [{"name", "name_en", "people"}]


def test_many_gaps_are_cut_short_on_the_terminal(runs: tuple[Path, Path]) -> None:
    found = compare_runs(*runs)
    many = tuple(OneGap(Note(f"空白区 {k}", f"gap {k}"), 5.0) for k in range(1, 12))
    gaps = GapChange(closed=(), new=many, stayed=0, stayed_after=0, people_before=0, people_after=0)
    service = dataclasses.replace(found.services[0], gaps=gaps)
    lines: list[str] = []
    print_comparison(
        dataclasses.replace(found, services=(service,)), lambda _, en: lines.append(en)
    )
    new = next(line for line in lines if "new gaps" in line)
    assert new.startswith("  new gaps (as named in the later run): 11: gap 1 (5 people), gap 2")
    assert new.endswith("gap 8 (5 people) …")
