"""Gaps of a service: everybody in exactly one, ranked, named, drawn, and told in tables."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gap_towns import areas, assessed, facilities, homes
from quarterhour.answers.gap_areas import uncovered_areas
from quarterhour.answers.gap_layers import layers_of, marked
from quarterhour.answers.gap_reasons import REASONS
from quarterhour.answers.gap_summary import summary_of
from quarterhour.answers.gap_tables import tables_of
from quarterhour.answers.gaps import find_gaps
from quarterhour.assessing.analysis import assess
from quarterhour.inputs import EVERYONE, Facilities
from quarterhour.model import WAIT_SIGNAL
from quarterhour.render.gis.geopackage import write_geopackage
from quarterhour.results import layers_of as results_layers
from quarterhour.sources.people.read import read_people
from quarterhour.sources.roads.read import read_roads
from quarterhour.units import MICRO
from quarterhour.walkers import walker

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.answers.gaps import Gaps
    from quarterhour.assessing.assessment import Assessment

# a street from west to east, the facility at its beginning
STREET = [[(0.0, 0.0), (4000.0, 0.0)]]
HERE = facilities((0, 0))


def partition(found: Gaps) -> None:
    """Everybody who is not covered is in one gap, and no one else is in any."""
    a = found.assessment
    left = a.ground.inside & ~a.demand.covered(a.cutoff_ms)
    rows = np.concatenate([np.empty(0, np.int64), *(g.places for g in found.gaps)])
    assert len(rows) == len(set(rows.tolist()))
    some = np.any([v > 0 for v in a.ground.demand.amounts.values()], axis=0)
    assert set(rows.tolist()) == set(np.flatnonzero(left & some).tolist())
    for group, count in a.counts[-1].items():
        people = sum(g.people[group] for g in found.gaps)
        assert people == count.uncovered + count.unlinked
    for k, gap in enumerate(found.gaps):
        assert gap.rank == k + 1
        assert gap.reason in REASONS
        assert gap.centre in gap.places
        assert list(gap.places) == sorted(gap.places)
        linked = a.demand.linked[gap.places]
        assert linked.all() or not linked.any()
        assert (gap.route is None) == (gap.facility < 0)
        if gap.facility >= 0:
            ms = a.demand.ms[[gap.centre]]
            assert gap.minutes == a.walker.minutes(ms)[0]
            assert gap.facility == a.demand.nearest[gap.centre]
    order = [(-g.people[a.group], -g.people[EVERYONE]) for g in found.gaps]
    assert order == sorted(order)


POINT = st.tuples(st.integers(-5, 45), st.integers(-4, 12))


@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(
    st.lists(st.tuples(POINT, st.integers(0, 5), st.integers(-1, 1)), min_size=1, max_size=25),
    st.lists(st.integers(0, 40), min_size=1, max_size=3),
    st.sampled_from([50.0, 300.0, 1500.0]),
)
def test_gaps_are_a_partition_of_those_who_are_not_covered(
    people: list[tuple[tuple[int, int], int, int]], care: list[int], join_m: float
) -> None:
    lines = [*STREET, [(0.0, 800.0), (4000.0, 800.0)], [(4000.0, 0.0), (4000.0, 800.0)]]
    at = [(0.0, 10.0), *((100.0 * x, 100.0 * y) for (x, y), _, _ in people)]
    a = assessed(
        lines,
        homes(*at, old=[0, *(n for _, n, _ in people)]),
        facilities(*((100.0 * x, 0.0) for x in care)),
    )
    town = np.array([0, *(t for _, _, t in people)])
    alone = find_gaps(a, join_m=join_m)
    partition(alone)
    by_town = find_gaps(a, join_m=join_m, town_of=town, town_names=("east", "west"))
    partition(by_town)
    for gap in by_town.gaps:
        assert len(set(town[gap.places].tolist())) == 1
    json.dumps(summary_of(alone), allow_nan=False)


def test_gaps_are_ranked_by_the_people_of_the_group() -> None:
    # ten people in each place; at 1000 and 1200 m one old person each, at 3000 m five
    a = assessed(STREET, homes((1000, 0), (1200, 0), (3000, 0), old=[1, 1, 5]), HERE)
    one, two = find_gaps(a).gaps
    assert one.places.tolist() == [2]
    assert one.people == {EVERYONE: 10 * MICRO, "old": 5 * MICRO}
    assert two.places.tolist() == [0, 1]
    assert two.people == {EVERYONE: 20 * MICRO, "old": 2 * MICRO}
    assert (one.name.zh, two.name.en) == ("空白区 1", "gap 2")
    assert two.centre == 0  # of two alike the lower
    assert two.median_min == two.minutes
    assert one.median_min == pytest.approx(50, abs=0.01)


def test_a_gap_is_no_larger_than_one_facility_could_serve() -> None:
    a = assessed(STREET, homes(*((1000.0 + 100 * k, 0.0) for k in range(30))), HERE)
    gaps = find_gaps(a).gaps
    assert len(gaps) > 1
    for gap in gaps:
        x, _ = a.ground.crs.metres(a.ground.demand.lon[gap.places], a.ground.demand.lat[gap.places])
        assert np.ptp(x) <= 1800.1


def test_towns_part_gaps_and_give_them_names() -> None:
    a = assessed(STREET, homes((1000, 0), (1100, 0), (1200, 0), (3000, 0)), HERE)
    assert len(find_gaps(a).gaps) == 2
    found = find_gaps(a, town_of=np.array([0, 1, 1, 1]), town_names=("东城街道", "西河镇"))
    assert [(g.name.zh, g.town) for g in found.gaps] == [
        ("西河镇空白区 1", "西河镇"),
        ("东城街道空白区 1", "东城街道"),
        ("西河镇空白区 2", "西河镇"),
    ]
    assert found.gaps[0].name.en == "西河镇, gap 1"


def test_residential_areas_and_places_give_names() -> None:
    live = areas(幸福小区=shapely.box(950, -50, 1250, 50), 光明里=shapely.box(2950, -50, 2990, 50))
    people = homes((1000, 0), (1200, 0), (3000, 0), names=["", "", "五里村"])
    a = assessed(STREET, people, HERE, residential=live)
    names = [g.name for g in find_gaps(a, join_m=200).gaps]
    assert [n.zh for n in names] == ["幸福小区一带", "五里村"]
    assert [n.en for n in names] == ["幸福小区", "五里村"]
    twice = [g.name.zh for g in find_gaps(a, join_m=100).gaps]
    assert twice == ["幸福小区一带", "幸福小区一带（2）", "五里村"]


def test_people_without_room_are_gaps_of_their_own() -> None:
    a = assessed(STREET, homes((100, 0), (200, 0), (1000, 0)), HERE)
    # the third is not covered, and no one there is counted twice
    found = find_gaps(a, full=np.array([MICRO // 2, MICRO, MICRO]))
    (gap,) = found.gaps
    assert gap.places.tolist() == [2]
    (full,) = found.full
    assert full.places.tolist() == [0, 1]
    assert full.reason == "full"
    assert full.name.zh == "满员区 1"
    assert full.people == {"old": 3 * MICRO // 2}
    assert full.centre == 1
    assert full.told.zh.startswith("15 分钟内有设施，但已无余位")
    partition(found)
    # they are in need, and no people of a gap: told apart in the table, the layer and the summary
    tables = {t.key: t for t in tables_of([found])}
    keys = [c.key for c in tables["gaps_full"].columns]
    assert [k for k in keys if k in {"people", "everyone", "reason", "need"}] == ["need"]
    assert [row[keys.index("need")] for row in tables["gaps_full"].rows] == [1.5]
    assert not set(tables["gaps_full"].notes) & set(tables["gaps"].notes)
    columns = layers_of([found])["gaps"][2]
    assert columns["covered"].tolist() == [0, 1]
    for key, value in (("of_group", 1), ("people", 10), ("need", None)):
        assert columns[key][0] == value or np.isnan(columns[key][0])
    assert np.isnan([columns["of_group"][1], columns["people"][1], columns["need"][0]]).all()
    assert columns["need"][1] == 1.5
    (told,) = summary_of(found)["full"]
    assert told["need"] == 1.5
    assert not {"people", "within_rural"} & set(told)


def test_a_facility_without_a_bed_is_not_one_that_is_full() -> None:
    # f0 beside them has no bed; f1, 700 m on, has some and no room; f2 is too far
    a = assessed(STREET, homes((100, 0)), facilities((0, 0), (800, 0), (3000, 0)))
    one = np.array([MICRO])
    (beside,) = find_gaps(a, full=one).full
    assert beside.facility == 0
    (full,) = find_gaps(a, full=one, with_room=np.array([False, True, True])).full
    assert (full.facility, full.reason) == (1, "full")
    assert full.walk_m == pytest.approx(700, abs=0.5)
    assert full.told.zh == "15 分钟内有设施，但已无余位；步行最近的“f1”要走 700 米、11.7 分钟"
    (none,) = find_gaps(a, full=one, with_room=np.array([False, False, True])).full
    assert none.facility == 2
    assert none.told.zh == (
        "15 分钟内的设施没有床位（托位）；有床位（托位）的设施中，"
        "步行最近的“f2”要走 2,900 米、48.3 分钟"
    )
    (nowhere,) = find_gaps(a, full=one, with_room=np.zeros(3, bool)).full
    assert (nowhere.facility, nowhere.route) == (-1, None)


def test_who_meets_the_rural_standard_is_told_beside() -> None:
    # 1000, 1200 and 2000 m: 16.7, 20 and 33.3 minutes; the second is in the urban area
    a = assessed(STREET, homes((1000, 0), (1200, 0), (2000, 0), old=[1, 2, 4]), HERE)
    rural = np.array([True, False, True]) & a.demand.covered(30 * 60_000)
    found = find_gaps(a, join_m=900, rural=rural, rural_cutoff_min=30)
    assert sum(g.people["old"] for g in found.gaps) == 7 * MICRO
    assert sum(g.within_rural or 0 for g in found.gaps) == MICRO
    table = next(t for t in tables_of([found]) if t.key == "gaps")
    column = [c.key for c in table.columns].index("within_rural")
    assert sum(row[column] for row in table.rows) == 1
    assert any("不用乡村时限 30 分钟" in n.zh for n in table.notes)
    assert np.nansum(layers_of([found])["gaps"][2]["within_rural"]) == 1
    told = summary_of(found)
    assert (told["rural_cutoff_min"], told["within_rural"]) == (30, 1)
    without = find_gaps(a)
    assert {g.within_rural for g in without.gaps} == {None}
    assert "within_rural" not in [c.key for c in tables_of([without])[1].columns]


def test_places_are_marked_with_the_rank_of_their_gap() -> None:
    a = assessed(STREET, homes((100, 0), (1000, 0), (1100, 0), (3000, 0), old=[9, 1, 1, 5]), HERE)
    found = find_gaps(a)
    layers = marked(results_layers([a]), [found])
    assert list(layers) == ["people"]
    _, kind, columns = layers["people"]
    assert kind == "Point"
    assert np.array_equal(columns["gap"], [np.nan, 2, 2, 1], equal_nan=True)
    assert (columns["status"] == "covered").tolist() == np.isnan(columns["gap"]).tolist()
    assert marked({}, [found]) == {}


def test_a_gap_is_drawn_around_its_places_with_the_way_to_the_facility() -> None:
    a = assessed(STREET, homes((1000, 30), (1100, 0)), facilities((0, -20)))
    (gap,) = find_gaps(a).gaps
    crs, demand = a.ground.crs, a.ground.demand
    assert shapely.intersects_xy(gap.extent, demand.lon, demand.lat).all()
    route = shapely.get_coordinates(crs.geometry_m(gap.route))
    place = np.array(crs.metres(demand.lon[[0]], demand.lat[[0]])).ravel()
    assert gap.centre == 0
    assert np.allclose(route[0], place, atol=0.001)
    assert gap.walk_m == pytest.approx(1050, abs=0.1)
    # one segment of 4 km: its line in degrees and its line in metres are 0.2 m apart
    assert np.hypot(*np.diff(route, axis=0).T).sum() == pytest.approx(gap.walk_m, abs=0.4)
    assert gap.minutes == pytest.approx(1050 / 60, abs=0.001)
    assert gap.detour == pytest.approx(1050 / np.hypot(1000, 50), abs=0.001)


def test_waits_and_minutes_inside_belong_to_the_walk() -> None:
    lines = [
        [(0.0, 0.0), (500.0, 0.0)],
        [(500.0, 0.0), (4000.0, 0.0)],
        [(500.0, 0.0), (500.0, 90.0)],
    ]
    who = walker("elderly", signal_s=20)

    def signal(ground: object) -> None:
        net = ground.network  # type: ignore[attr-defined]
        at = np.flatnonzero(net.edge_tail == np.bincount(net.edge_tail).argmax())[0]
        vertex = net.first_vertex[at]
        row = [net.vertex_lon[vertex], net.vertex_lat[vertex], WAIT_SIGNAL]
        ground.network = dataclasses.replace(net, waits=np.array([row]))  # type: ignore[attr-defined]

    a = assessed(lines, homes((1000, 0)), HERE, walker=who, inside_min=2, change=signal)
    (gap,) = find_gaps(a).gaps
    partition(find_gaps(a))
    assert gap.minutes is not None
    assert gap.minutes * 60 == pytest.approx(1000 + 120, abs=21)
    assert gap.walk_m == pytest.approx(1000, abs=0.1)


def living() -> tuple[Assessment, Gaps]:
    live = areas(
        near=shapely.box(100, -40, 200, 40), between=shapely.box(800, -40, 1000, 40),
        east=shapely.box(1400, -40, 1600, 40), wild=shapely.box(2000, 1000, 2100, 1100),
    )  # fmt: skip
    people = homes((150, 0), (850, 0), (950, 0), (1500, 0), (2050, 1050), old=[1, 2, 3, 4, 5])
    a = assessed(STREET, people, HERE, residential=live)
    return a, find_gaps(a)


def test_uncovered_areas_come_by_name_with_their_people_and_reason() -> None:
    a, _ = living()
    found = {
        g.name: g for g in uncovered_areas(a, town_of=np.array([0, 0, 1, -1]), town_names="WE")
    }
    assert list(found) == ["wild", "east", "between"]
    assert [g.status for g in found.values()] == ["unlinked", "uncovered", "partly"]
    assert [g.reason for g in found.values()] == ["far_from_road", "no_facility", "beyond"]
    assert [g.town for g in found.values()] == ["", "E", "W"]
    between, east = found["between"], found["east"]
    assert between.inside == {EVERYONE: 20 * MICRO, "old": 5 * MICRO}
    assert between.uncovered == {EVERYONE: 10 * MICRO, "old": 3 * MICRO}
    assert east.minutes == a.walker.minutes(a.residential_times.ms[[2]])[0]  # type: ignore[union-attr]
    assert east.facility == 0
    # the sentence is about the position that the minutes are of
    assert f"、{east.minutes:.1f} 分钟" in east.told.zh
    assert between.minutes is not None
    assert 15 < between.minutes < 16.5
    assert found["wild"].minutes is None


def test_tables_and_layers_tell_the_same(tmp_path: Path) -> None:
    a, found = living()
    kinds = uncovered_areas(a)
    tables = {t.key: t for t in tables_of([found], [kinds])}
    assert list(tables) == ["gap_reasons", "gaps", "uncovered_areas"]
    people = [c.key for c in tables["gaps"].columns].index("people")
    count = a.counts[-1]["old"]
    whole = (count.uncovered + count.unlinked) / MICRO
    assert sum(row[people] for row in tables["gaps"].rows) == whole
    assert sum(row[4] for row in tables["gap_reasons"].rows) == whole
    assert sum(row[5] for row in tables["gap_reasons"].rows) == pytest.approx(1)
    # a single group beside everyone is the service's: it has no column more
    keys = [c.key for c in tables["uncovered_areas"].columns]
    assert not [k for k in keys if k.startswith("uncovered_")]
    three = dict(kinds[0].uncovered, young=MICRO)
    one = dataclasses.replace(kinds[0], uncovered=three)
    a.ground.demand.amounts["young"] = a.ground.demand.amounts["old"]
    (areas_table,) = [t for t in tables_of([found], [[one]]) if t.key == "uncovered_areas"]
    keys = [c.key for c in areas_table.columns]
    cells = dict(zip(keys, areas_table.rows[0], strict=True))
    assert (cells["everyone"], cells["uncovered_old"], cells["uncovered_young"]) == (10, 5, 1)
    layers = layers_of([found])
    write_geopackage(tmp_path / "r.gpkg", layers)
    gaps = gpd.read_file(tmp_path / "r.gpkg", layer="gaps")
    assert set(gaps.geom_type) == {"MultiPolygon"}
    assert gaps.is_valid.all()
    assert gaps["of_group"].sum() == whole
    routes = gpd.read_file(tmp_path / "r.gpkg", layer="gap_routes")
    assert set(routes.geom_type) == {"LineString"}
    assert len(routes) == sum(g.route is not None for g in found.gaps)
    told = summary_of(found, kinds)
    assert told["gaps"] == len(found.gaps)
    assert told["residential"]["areas"] == 3
    assert told["people"] == whole
    json.dumps(told, allow_nan=False)


def test_a_long_table_ends_with_the_rest() -> None:
    rows = homes(*((1000.0 + 10 * k, 0.0) for k in range(250)))
    a = assessed(STREET, rows, HERE)
    table = next(t for t in tables_of([find_gaps(a, join_m=5)]) if t.key == "gaps")
    assert len(table.rows) == 201
    assert table.rows[-1][2].zh == "其余 50 处"
    assert sum(row[4] for row in table.rows) == 250


def test_where_all_are_covered_there_is_no_gap() -> None:
    found = find_gaps(assessed(STREET, homes((100, 0)), HERE))
    assert found.gaps == ()
    assert tables_of([found]) == []
    assert layers_of([found]) == {}
    assert summary_of(found)["reasons"] == {}


def test_a_real_city_is_parted_without_losing_anybody(shared: Path) -> None:
    folder = shared / "porto_alegre"
    roads = read_roads(folder / "poa_osm.pbf", cache=False)
    people = read_people(folder / "poa_population.tif")
    lon, lat = np.meshgrid(np.linspace(-51.25, -51.14, 8), np.linspace(-30.11, -30.0, 8))
    care = Facilities(
        name=("",) * 64, kind=("",) * 64, status=("",) * 64, lon=lon.ravel(), lat=lat.ravel(),
        row=np.arange(2, 66), serving=np.ones(64, bool),
    )  # fmt: skip
    found = find_gaps(assess(roads, people, care, walker="elderly"))
    partition(found)
    assert len(found.gaps) > 50
    assert {"no_facility", "detour", "disconnected"} <= {g.reason for g in found.gaps}
