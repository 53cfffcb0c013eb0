"""Real roads, whole and cut: whatever the cut changes must have been flagged, and not much more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
import shapely

from quarterhour.assessing.analysis import assess
from quarterhour.assessing.guard_zone import ROADS, GuardReport, guard_report
from quarterhour.core import graph
from quarterhour.inputs import EVERYONE, Demand, Facilities
from quarterhour.sources.ground.extents import known_roads, read_osm_box
from quarterhour.sources.roads.read import clip, read_roads
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.model import RoadNetwork

BOXES = {
    "middle": (24.939, 60.168, 24.949, 60.175),
    "south-west": (24.9352, 60.1642, 24.944, 60.172),
    "narrow": (24.937, 60.169, 24.952, 60.1725),
}
N_PLACES = 2_000


class Cut(NamedTuple):
    """A box of a city: with all roads, and with those of the box only."""

    whole: Assessment
    part: Assessment
    report: GuardReport

    @property
    def changed(self) -> NDArray[np.bool_]:
        """Bool per place: the cut changes its status."""
        limit = self.part.cutoff_ms
        of = [
            np.where(a.demand.covered(limit), 2, a.demand.linked) for a in (self.whole, self.part)
        ]
        return np.asarray(of[0] != of[1], bool)

    @property
    def flagged(self) -> NDArray[np.bool_]:
        return (self.report.place_flags & ROADS) > 0


@pytest.fixture(scope="module")
def roads(shared: Path) -> RoadNetwork:
    return read_roads(shared / "helsinki" / "Helsinki.osm.pbf")


def inner_edges(network: RoadNetwork, box: tuple[float, float, float, float]) -> RoadNetwork:
    """Edges whose vertices all lie in the box: what crosses its edge is missing as a whole."""
    inside = shapely.intersects_xy(shapely.box(*box), network.vertex_lon, network.vertex_lat)
    return graph.subset(network, np.logical_and.reduceat(inside, network.first_vertex[:-1]))


def cut(
    roads: RoadNetwork,
    box: tuple[float, float, float, float],
    *,
    part: RoadNetwork,
    known: bool,
    n: int,
    walker: str,
    minutes: float,
) -> Cut:
    rng = np.random.default_rng(7)
    west, south, east, north = box
    lon, lat = rng.uniform(west, east, N_PLACES), rng.uniform(south, north, N_PLACES)
    people = Demand(
        kind="people", lon=lon, lat=lat, row=np.arange(N_PLACES),
        amounts={EVERYONE: np.full(N_PLACES, MICRO, np.int64)},
    )  # fmt: skip
    # facilities stand around the box, too
    lon = rng.uniform(west - 0.004, east + 0.004, n)
    lat = rng.uniform(south - 0.003, north + 0.003, n)
    care = Facilities(
        name=tuple(f"synthetic {k}" for k in range(n)), kind=("",) * n, status=("",) * n, lon=lon,
        lat=lat, row=np.arange(n), serving=np.ones(n, bool),
    )  # fmt: skip
    made = [
        assess(
            net, people, care, walker=walker, area=shapely.box(*box), cutoffs_min=(minutes,),
            limit_min=20,
        )
        for net in (roads, part)
    ]  # fmt: skip
    report = guard_report(made[1], road_extent=shapely.box(*box) if known else None)
    return Cut(*made, report)


@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize(
    ("n", "walker", "minutes"), [(3, "adult", 10), (12, "elderly", 5), (40, "frail", 4)]
)
def test_no_change_by_a_cut_is_missed(
    roads: RoadNetwork, name: str, n: int, walker: str, minutes: float
) -> None:
    box = BOXES[name]
    part = clip(roads, shapely.box(*box))
    done = cut(roads, box, part=part, known=True, n=n, walker=walker, minutes=minutes)
    assert done.changed.any(), "a cut that changes nothing proves nothing"
    assert not (done.changed & ~done.flagged).any()
    gain = done.whole.reached[EVERYONE] - done.part.reached[EVERYONE]
    assert not ((gain != 0) & ((done.report.facility_flags & ROADS) == 0)).any()
    assert (gain <= done.report.more[EVERYONE]).all()


def test_much_that_could_not_change_is_not_flagged(roads: RoadNetwork) -> None:
    """Boxes of 600 to 800 m are all edge for a walk of 300 m; still most places are sure."""
    done = [
        cut(roads, box, part=clip(roads, shapely.box(*box)), known=True, n=12, walker="elderly",
            minutes=5)
        for box in BOXES.values()
    ]  # fmt: skip
    assert np.mean([d.flagged.mean() for d in done]) < 0.4


@pytest.mark.parametrize("name", BOXES)
def test_no_change_is_missed_where_the_extent_is_guessed(roads: RoadNetwork, name: str) -> None:
    box = BOXES[name]
    part = clip(roads, shapely.box(*box))
    done = cut(roads, box, part=part, known=False, n=12, walker="elderly", minutes=5)
    assert done.changed.any()
    assert not (done.changed & ~done.flagged).any()


@pytest.mark.parametrize("name", BOXES)
def test_hardly_a_change_is_missed_where_whole_edges_are_gone(
    roads: RoadNetwork, name: str
) -> None:
    """An edge that is left out leaves no trace as far inside as it reached: that cannot be seen."""
    box = BOXES[name]
    part = inner_edges(roads, box)
    done = cut(roads, box, part=part, known=False, n=12, walker="elderly", minutes=5)
    assert done.changed.sum() > 50
    assert (done.changed & ~done.flagged).sum() <= 0.002 * N_PLACES


def test_a_box_in_the_middle_of_enough_roads_is_sure(roads: RoadNetwork) -> None:
    # 250 m of roads around the box for 180 m of walking
    box = (24.941, 60.169, 24.947, 60.174)
    around = clip(roads, shapely.box(24.9364, 60.1667, 24.9516, 60.1763))
    done = cut(roads, box, part=around, known=True, n=12, walker="elderly", minutes=3)
    assert not done.changed.any()
    report = guard_report(done.part, road_extent=shapely.box(24.9364, 60.1667, 24.9516, 60.1763))
    assert not report.place_flags[(report.place_flags & ROADS) > 0].any()
    assert not any(report.missing_m["roads"].values())


def test_a_city_at_a_lake_is_flagged_at_its_edge_only(shared: Path) -> None:
    """West of Porto Alegre is water, and no file says so: few people may be flagged for it."""
    folder = shared / "porto_alegre"
    network = read_roads(folder / "poa_osm.pbf")
    assert read_osm_box(folder / "poa_osm.pbf") is None
    rng = np.random.default_rng(3)
    extent = known_roads(network)
    west, south, east, north = extent.bounds
    at = rng.uniform((west, south), (east, north), (4_000, 2))
    at = at[shapely.intersects_xy(extent, *at.T)]
    people = Demand(
        kind="people", lon=at[:, 0].copy(), lat=at[:, 1].copy(), row=np.arange(len(at)),
        amounts={EVERYONE: np.full(len(at), MICRO, np.int64)},
    )  # fmt: skip
    care = Facilities(
        name=("synthetic",) * 40, kind=("",) * 40, status=("",) * 40, lon=at[:40, 0].copy(),
        lat=at[:40, 1].copy(), row=np.arange(40), serving=np.ones(40, bool),
    )  # fmt: skip
    made = assess(network, people, care, walker="elderly", area=extent)
    report = guard_report(made, road_extent=extent)
    flagged = (report.place_flags & ROADS) > 0
    assert 0 < flagged.sum() < 0.1 * len(at)


def test_the_header_of_an_extract_is_its_box(shared: Path) -> None:
    found = read_osm_box(shared / "helsinki" / "Helsinki.osm.pbf")
    assert np.allclose(found.bounds, (24.93518, 60.16416, 24.95341, 60.17911), atol=1e-5)
