"""Which coordinate system points are in, on a drawn town of crooked blocks moved to Hechuan."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer

from quarterhour.core import graph
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.sources.datum import words as datum_words
from quarterhour.sources.datum.coordinates import bd09_of_gcj02, gcj02_of_wgs84
from quarterhour.sources.datum.evidence import MOST
from quarterhour.sources.datum.fit import examine, resolver
from quarterhour.sources.datum.score import APART_M, other_moves, score, weight
from quarterhour.sources.datum.streets import StreetFinder
from quarterhour.sources.roads.walkable import Way
from towns import DEGREES_PER_M, raw_lines

if TYPE_CHECKING:
    from quarterhour.inputs import DatumFit
    from quarterhour.model import RoadNetwork

Floats = NDArray[np.float64]
HECHUAN = (106.28, 29.97)
ZURICH = (8.54, 47.37)
SIDE_M = 5000.0
ROUND_HOUSES_M = 12.0


def crs(place: tuple[float, float]) -> MetricCrs:
    return MetricCrs((*place, *place))


def crooked(seed: int = 0) -> tuple[Floats, Floats]:
    """Where the streets cross the axes: blocks are 60 to 260 m wide, no two the same."""
    rng = np.random.default_rng(seed)
    x, y = (np.cumsum(rng.uniform(60, 260, 100)) for _ in range(2))
    return x[x < SIDE_M] - SIDE_M / 2, y[y < SIDE_M] - SIDE_M / 2


def town(place: tuple[float, float] = HECHUAN, seed: int = 0) -> RoadNetwork:
    """Streets along both axes, with a vertex at every crossing."""
    xs, ys = crooked(seed)
    number = np.arange(len(xs) * len(ys)).reshape(len(xs), len(ys))
    lines = [*number, *number.T]
    first = np.cumsum([0, *(len(line) for line in lines)])
    at = [(x, y) for x in xs for y in ys]
    order = np.concatenate(lines)
    made = graph.build(raw_lines(order, [at[k] for k in order], first, [Way(0, 1, 1)] * len(lines)))
    x, y = made.vertex_lon / DEGREES_PER_M, made.vertex_lat / DEGREES_PER_M
    lon, lat = crs(place).lonlat(x, y)
    return dataclasses.replace(made, vertex_lon=lon, vertex_lat=lat)


def houses(n: int, seed: int = 1) -> Floats:
    """Metres of points 12 m beside streets of either direction in the inner town."""
    rng = np.random.default_rng(seed)
    xs, ys = crooked()
    points = []
    for k in range(n):
        street, along = (xs, ys) if k % 2 else (ys, xs)
        aside = rng.choice(street[3:-3]) + rng.choice([-1, 1]) * ROUND_HOUSES_M
        other = rng.choice(along[3:-4])  # clear of the next crossing by 14 m and more
        at = aside, other + 14 + rng.uniform(0, 30)
        points.append(at if k % 2 else at[::-1])
    return np.array(points)


def anywhere(n: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).uniform(-1500, 1500, (n, 2))


def written(xy: Floats, datum: str, place: tuple[float, float] = HECHUAN) -> tuple[Floats, Floats]:
    lon, lat = crs(place).lonlat(xy[:, 0], xy[:, 1])
    if datum.startswith("EPSG:"):
        x, y = Transformer.from_crs(4326, datum, always_xy=True).transform(lon, lat)
        return np.asarray(x), np.asarray(y)
    if datum != "wgs84":
        lon, lat = gcj02_of_wgs84(lon, lat)
    return bd09_of_gcj02(lon, lat) if datum == "bd09" else (lon, lat)


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return town()


def note(fit: DatumFit) -> str:
    assert fit.note is not None
    assert fit.note.zh
    return fit.note.en


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("stated", ["wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4490", "auto"])
def test_the_true_system_is_found(network: RoadNetwork, datum: str, stated: str) -> None:
    fit = examine(*written(houses(40), datum), stated, network)
    plain = "wgs84" if stated in {"wgs84", "gcj02", "bd09", "auto"} else stated
    true = plain if datum == "wgs84" else datum
    assert fit.best == true
    assert fit.sure > 0.97
    assert fit.median_m[true] == pytest.approx(ROUND_HOUSES_M, abs=0.5)
    assert set(fit.median_m) == {plain, "gcj02", "bd09"}
    assert fit.n_points == 40
    if stated in {true, "auto"}:
        assert (fit.verdict, fit.used) == ("fits", true)
    else:  # said, with what to write, and not done
        assert (fit.verdict, fit.used) == ("other", stated)
        assert f'write coordinates = "{true}"' in note(fit)
    assert f"{true.upper() if ':' in true else datum_words.LABELS[true]} 12 m" in note(fit)


@pytest.mark.parametrize("stated", ["wgs84", "gcj02", "auto"])
def test_points_that_have_nothing_to_do_with_the_streets(network: RoadNetwork, stated: str) -> None:
    for seed in range(5):
        fit = examine(*written(anywhere(60, seed), "wgs84"), stated, network)
        assert fit.verdict == "undecided"
        assert fit.used == ("wgs84" if stated == "auto" else stated)
        assert "cannot tell" in note(fit)


def test_points_that_are_off_by_another_way_are_not_given_to_a_system(
    network: RoadNetwork,
) -> None:
    fit = examine(*written(houses(40) + np.array([-170.0, 95.0]), "wgs84"), "gcj02", network)
    assert (fit.verdict, fit.used) == ("undecided", "gcj02")


def test_outside_china_nothing_is_claimed() -> None:
    for stated in ("wgs84", "auto", "gcj02"):
        fit = examine(*written(houses(30), "wgs84", ZURICH), stated, town(ZURICH))
        used = "wgs84" if stated == "auto" else stated
        assert (fit.verdict, fit.used, fit.sure) == ("fits", used, 0.0)
        assert list(fit.median_m) == [used]
        assert "no other usual system" in note(fit)


def test_points_beyond_the_roads_are_told_and_not_counted(network: RoadNetwork) -> None:
    far = np.array([[20_000.0, 0.0], [0.0, -30_000.0], [90_000.0, 1.0]])
    fit = examine(*written(np.concatenate([houses(30), far]), "gcj02"), "wgs84", network)
    assert (fit.best, fit.verdict, fit.n_points) == ("gcj02", "other", 30)
    assert "3 more points lie outside the road data" in note(fit)
    fit = examine(*written(far, "wgs84"), "wgs84", network)
    assert (fit.verdict, fit.used, fit.n_points) == ("undecided", "wgs84", 0)
    assert "do not lie within the road data" in note(fit)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_few_points_say_nothing(network: RoadNetwork, n: int) -> None:
    fit = examine(*written(houses(9)[:n], "gcj02"), "wgs84", network)
    assert (fit.verdict, fit.used, fit.n_points) == ("undecided", "wgs84", n)
    assert ("Only 1 point lies" if n == 1 else f"Only {n} points") in note(fit)


def test_one_building_with_many_facilities_counts_once(network: RoadNetwork) -> None:
    lon, lat = written(houses(6), "gcj02")
    fit = examine(np.tile(lon, 20), np.tile(lat, 20), "wgs84", network)
    assert (fit.verdict, fit.n_points) == ("undecided", 6)


def test_what_is_no_number_is_ignored(network: RoadNetwork) -> None:
    lon, lat = written(houses(30), "gcj02")
    holes = np.concatenate([[np.nan, np.inf], lon]), np.concatenate([[30.0, np.nan], lat])
    assert examine(*holes, "wgs84", network) == examine(lon, lat, "wgs84", network)


# EPSG:4545 is the Gauss-Krueger zone of 108 E; 106.28 E lies at the edge of the zone of 105 E
METRIC = ["EPSG:4544", "EPSG:4545", "EPSG:4523", "EPSG:32648"]


@pytest.mark.parametrize("system", METRIC)
def test_metres_find_their_zone(network: RoadNetwork, system: str) -> None:
    x, y = written(houses(40), system)
    fit = examine(x, y, "auto", network)
    assert (fit.verdict, fit.used, fit.best) == ("fits", system, system)
    named = examine(x, y, system, network)
    assert (named.verdict, named.used) == ("fits", system)
    fit = examine(x, y, "wgs84", network)
    assert (fit.verdict, fit.used, fit.best) == ("other", "wgs84", system)
    assert f'write coordinates = "{system}"' in note(fit)


def test_gauss_krueger_and_utm_of_one_meridian_are_told_apart(network: RoadNetwork) -> None:
    x, y = written(houses(40), "EPSG:32648")  # 1.3 km from where EPSG:4544 would put it
    fit = examine(x, y, "EPSG:4544", network)
    assert (fit.verdict, fit.used, fit.best) == ("other", "EPSG:4544", "EPSG:32648")
    assert "WGS-84 UTM 48N" in note(fit)
    assert set(fit.median_m) == {"EPSG:4544", "EPSG:32648"}


def test_metres_of_cgcs2000_take_the_zone_that_fits(network: RoadNetwork) -> None:
    fit = examine(*written(houses(40), "EPSG:4544"), "cgcs2000", network)
    assert (fit.verdict, fit.used) == ("fits", "EPSG:4544")
    assert "found to be EPSG:4544 (CGCS2000 Gauss-Krüger, 3-degree zone of 105° E)" in note(fit)


def test_a_stated_zone_that_leads_away_from_the_roads(network: RoadNetwork) -> None:
    fit = examine(*written(houses(40), "EPSG:4544"), "EPSG:4549", network)  # 120 E, not 105 E
    assert (fit.verdict, fit.used, fit.best) == ("other", "EPSG:4549", "EPSG:4544")
    assert fit.median_m["EPSG:4549"] == 2000.0
    assert "EPSG:4549 over 2000 m, EPSG:4544 12 m" in note(fit)


@pytest.mark.parametrize("system", ["wgs84", "EPSG:4544", "EPSG:4523"])
def test_exchanged_axes_are_noticed(network: RoadNetwork, system: str) -> None:
    x, y = written(houses(30), system)
    for stated in (system, "auto"):
        fit = examine(y, x, stated, network)
        assert fit.verdict == "undecided"
        assert "exchanged" in note(fit)


def two(n: int, mask: NDArray[np.bool_], seed: int = 1) -> tuple[Floats, Floats]:
    """WGS-84, and GCJ-02 where the mask is set."""
    xy = houses(n, seed)
    a, b = written(xy, "wgs84"), written(xy, "gcj02")
    return np.where(mask, b[0], a[0]), np.where(mask, b[1], a[1])


def test_sources_in_different_systems_are_told_apart(network: RoadNetwork) -> None:
    web = np.arange(60) % 2 == 1
    source = ["高德" if k else "测绘" for k in web]
    fit = examine(*two(60, web), "wgs84", network, groups=source, rows=range(2, 62))
    assert (fit.verdict, fit.used) == ("other", "wgs84")
    assert [(name, part.best, part.n_points) for name, part in fit.parts] == [
        ("测绘", "wgs84", 30),
        ("高德", "gcj02", 30),
    ]
    assert "高德 (rows 3, 5, 7, 9, 11, 13 …): 30 points, GCJ-02 (median 12 m" in note(fit)
    assert "split the file" in note(fit)
    fit = examine(*two(60, web), "auto", network, groups=source)
    assert (fit.verdict, fit.used) == ("undecided", "wgs84")
    assert [part.used for _, part in fit.parts] == ["wgs84", "gcj02"]


def test_sources_that_agree_are_one_file(network: RoadNetwork) -> None:
    x, y = written(houses(60), "gcj02")
    groups = [str(k % 3) for k in range(60)]
    fit = examine(x, y, "gcj02", network, groups=groups)
    assert (fit.verdict, fit.parts) == ("fits", ())


def test_districts_in_different_systems_are_told_apart(network: RoadNetwork) -> None:
    east = houses(100)[:, 0] > 300
    fit = examine(*two(100, east), "wgs84", network)
    assert (fit.verdict, fit.used) == ("other", "wgs84")
    assert sorted(part.best for _, part in fit.parts) == ["gcj02", "wgs84"]
    by_best = {part.best: part.n_points for _, part in fit.parts}
    assert by_best["gcj02"] == pytest.approx(int(east.sum()), abs=6)


def test_systems_mixed_row_by_row_are_said_to_be_undecidable(network: RoadNetwork) -> None:
    fit = examine(*two(120, np.arange(120) % 2 == 1), "wgs84", network)
    assert (fit.verdict, fit.used, fit.parts) == ("undecided", "wgs84", ())
    assert "which rows are which is undecidable" in note(fit)
    assert "50%" in note(fit) or "40%" in note(fit)


def test_a_long_table_is_sampled_and_the_same_every_time(network: RoadNetwork) -> None:
    lon, lat = written(houses(5000), "bd09")
    x = np.concatenate([lon + k * 1e-7 for k in range(40)])
    y = np.tile(lat, 40)
    x[:200] += 5.0  # 200 rows in another province
    look = resolver(network)
    fit = look(x, y, "auto")
    assert (fit.best, fit.verdict, fit.n_points) == ("bd09", "fits", MOST)
    assert f"{MOST} of 199800 points at different places were looked at" in note(fit)
    assert "About 200 more points lie outside" in note(fit)
    assert look(x, y, "auto") == fit


def test_the_index_of_a_resolver_changes_nothing(network: RoadNetwork) -> None:
    look = resolver(network)
    for datum in ("bd09", "wgs84"):
        x, y = written(houses(30), datum)
        assert look(x, y, "gcj02") == examine(x, y, "gcj02", network)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    roads = town()
    x, y = written(houses(25, seed), "gcj02")
    turned = np.random.default_rng(seed).permutation(25)
    one = examine(x, y, "wgs84", roads)
    other = examine(x[turned], y[turned], "wgs84", roads)
    assert (one.verdict, one.best, one.median_m) == (other.verdict, other.best, other.median_m)
    assert one.sure == pytest.approx(other.sure, abs=1e-9)


@pytest.mark.parametrize("stated", ["mars", "EPSG:999999"])
def test_a_system_that_does_not_exist(network: RoadNetwork, stated: str) -> None:
    with pytest.raises(InputError):
        examine(*written(houses(10), "wgs84"), stated, network)


def test_distances_are_those_of_all_streets(network: RoadNetwork) -> None:
    xy = anywhere(50)
    streets = StreetFinder(network).near(*written(xy, "wgs84"))
    assert streets is not None
    assert streets.paths is None
    xs, ys = crooked()
    lines = shapely.linestrings(
        [[(x, ys[0]), (x, ys[-1])] for x in xs] + [[(xs[0], y), (xs[-1], y)] for y in ys]
    )
    expected = shapely.distance(shapely.points(xy)[:, None], lines[None]).min(axis=1)
    x, y = streets.crs.metres(*written(xy, "wgs84"))
    found, path = streets.metres(x, y, limit_m=300.0)
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert (path == 300.0).all()


def test_the_reach_of_the_road_data(network: RoadNetwork) -> None:
    finder = StreetFinder(network)
    lon, lat = written(np.array([[0.0, 0.0], [2600.0, 0.0], [4500.0, 0.0], [0.0, -1e6]]), "wgs84")
    assert finder.covers(lon, lat).tolist() == [True, True, False, False]
    assert finder.covers(np.array([np.nan]), np.array([30.0])).tolist() == [False]


def test_other_positions_keep_away_from_every_system() -> None:
    at = np.array([[0.0, 0.0], [-370.0, 290.0], [-1000.0, -360.0]])
    moves = other_moves(at)
    gap = np.hypot(*(moves[:, None] - at[None]).transpose(2, 0, 1))
    assert gap.min() >= APART_M
    assert len(moves) > 300


def test_weights_are_highest_beside_a_street() -> None:
    far = np.array([300.0])
    beside, on, block = (float(weight(np.array([d]), far, 25.0)[0]) for d in (10.0, 0.0, 120.0))
    assert beside > on > block > 0
    assert float(weight(np.array([10.0]), np.array([0.0]), 25.0)[0]) == pytest.approx(beside / 2)


def test_systems_that_put_points_alike_share_the_probability() -> None:
    rng = np.random.default_rng(0)
    metres = rng.uniform(0, 150, (303, 20))
    metres[:3] = 40.0
    found = score(metres, np.full_like(metres, 300.0), np.ones(metres.shape, bool), 3)
    assert found.probability.tolist() == pytest.approx([found.probability[0]] * 3)
    assert found.probability.sum() + found.none == pytest.approx(1.0)


def test_nothing_is_said_to_be_certain() -> None:
    assert [datum_words.percent(p) for p in (1.0, 0.99, 0.989, 0.5)] == ["99%", "99%", "98%", "50%"]
    assert datum_words.rows_text([9, 2, 3, 4, 7]) == "2-4, 7, 9"
