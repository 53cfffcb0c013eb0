"""Real streets and points moved rigidly, in metres, to Chinese cities, to try datum detection on.

Liechtenstein: a point inside each of its mapped buildings. Heidelberg has next to no buildings in
its file: its points are made, 5 to 20 m beside a street of the inner town, evenly along the length
of all streets, with 3 m of noise; and its 27 mapped facilities are real.
"""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.frames import MetricCrs
from quarterhour.model import RANK_STREET
from quarterhour.sources.datum.coordinates import bd09_of_gcj02, gcj02_of_wgs84
from quarterhour.sources.roads.read import read_roads

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

CITIES = {
    "Ziyang": (104.65, 30.12),
    "Dazhou": (107.50, 31.22),
    "Hechuan": (106.28, 29.97),
    "Yinzhou": (121.55, 29.82),
}
DATUMS = ("wgs84", "gcj02", "bd09")
INNER_M = 5000.0


@dataclass(frozen=True)
class Ground:
    """A network and points on it, in metres around the middle of the points."""

    network: RoadNetwork
    crs: MetricCrs
    x_m: FloatArray
    y_m: FloatArray

    def roads_in(self, city: str) -> RoadNetwork:
        """The streets as if they lay in that city."""
        x, y = self.crs.metres(self.network.vertex_lon, self.network.vertex_lat)
        lon, lat = crs_in(city).lonlat(x, y)
        return dataclasses.replace(self.network, vertex_lon=lon, vertex_lat=lat)

    def subset(self, n: int, rng: np.random.Generator, *, near: int = 0) -> FloatArray:
        """`n` of the points in metres, (n, 2), from the `near` points closest to one of them."""
        xy = np.column_stack([self.x_m, self.y_m])
        if near:
            away = np.hypot(*(xy - xy[rng.integers(len(xy))]).T)
            xy = xy[np.argsort(away, kind="stable")[:near]]
        return xy[rng.choice(len(xy), n, replace=False)]


def crs_in(city: str) -> MetricCrs:
    lon, lat = CITIES[city]
    return MetricCrs((lon, lat, lon, lat))


def written(xy_m: FloatArray, city: str, datum: str) -> tuple[FloatArray, FloatArray]:
    """Degrees of points in a city as a table in that datum has them."""
    lon, lat = crs_in(city).lonlat(xy_m[:, 0], xy_m[:, 1])
    if datum != "wgs84":
        lon, lat = gcj02_of_wgs84(lon, lat)
    if datum == "bd09":
        lon, lat = bd09_of_gcj02(lon, lat)
    return lon, lat


def _ground(network: RoadNetwork, lon: FloatArray, lat: FloatArray) -> Ground:
    middle = float(np.median(lon)), float(np.median(lat))
    crs = MetricCrs((*middle, *middle))
    return Ground(network, crs, *crs.metres(lon, lat))


def liechtenstein(data: Path) -> Ground:
    """8,992 buildings."""
    import osmium

    path = data / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    factory = osmium.geom.WKBFactory()
    wanted = osmium.filter.KeyFilter("building")
    footprints = shapely.from_wkb([
        factory.create_multipolygon(item)
        for item in osmium.FileProcessor(str(path)).with_areas(wanted).with_filter(wanted)
        if item.is_area() and item.from_way()
    ])  # fmt: skip
    at = shapely.point_on_surface(footprints)
    return _ground(read_roads(path), shapely.get_x(at), shapely.get_y(at))


def heidelberg(data: Path) -> Ground:
    """27 facilities, nearly all kindergartens."""
    folder = data / "heidelberg"
    with (folder / "heidelberg_facilities.csv").open(encoding="utf-8") as file:
        at = np.array([(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)])
    return _ground(read_roads(folder / "heidelberg.osm.pbf"), at[:, 0], at[:, 1])


def street_fronts(of: Ground, n: int = 4000, seed: int = 3) -> Ground:
    """Points beside the streets around the middle of `of`."""
    rng = np.random.default_rng(seed)
    network = of.network
    x, y = of.crs.metres(network.vertex_lon, network.vertex_lat)
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.first_vertex))
    dx, dy = np.diff(x), np.diff(y)
    length = np.hypot(dx, dy)
    length[(edge[1:] != edge[:-1]) | (network.edge_rank[edge[1:]] > RANK_STREET)] = 0.0
    length[np.hypot(x[1:], y[1:]) > INNER_M] = 0.0
    at = rng.choice(len(length), n, p=length / length.sum())
    along, aside = rng.random(n), rng.uniform(5, 20, n) * rng.choice([-1, 1], n) / length[at]
    px = x[at] + along * dx[at] - aside * dy[at] + rng.normal(0, 3, n)
    py = y[at] + along * dy[at] + aside * dx[at] + rng.normal(0, 3, n)
    return dataclasses.replace(of, x_m=px, y_m=py)
