"""Distances to the streets near some points, and where the road data reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.core import graph
from quarterhour.core.snap import SegmentIndex, link
from quarterhour.frames import MetricCrs
from quarterhour.model import RANK_FERRY, RANK_STREET, PointSet, RoadNetwork

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

BLOCK_M = 2000.0
"""Roads are looked up in blocks this wide; those with a point and their neighbours are taken."""

REACH_CELL_M = 500.0
REACH_CELLS = 3
"""Ground up to this many cells from roads on two sides belongs to the road data: a hill without
roads does, the country beyond the edge of the file does not."""

MOST_CELLS = 2000
"""Cells along one side, however wide the road data are."""

M_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Streets:
    """Indexes of the streets and footpaths near some points, in metres of `crs`.

    `paths` is None where the road file tells no footpaths from streets.
    """

    crs: MetricCrs
    streets: SegmentIndex
    paths: SegmentIndex | None

    def metres(
        self, x_m: FloatArray, y_m: FloatArray, *, limit_m: float
    ) -> tuple[FloatArray, FloatArray]:
        """Metres to the nearest street and to the nearest footpath, at most `limit_m` each."""
        street = nearest_m(self.streets, x_m, y_m, limit_m=limit_m)
        if self.paths is None:
            return street, np.full(street.shape, limit_m)
        return street, nearest_m(self.paths, x_m, y_m, limit_m=limit_m)


def nearest_m(
    index: SegmentIndex, x_m: FloatArray, y_m: FloatArray, *, limit_m: float
) -> FloatArray:
    """Metres from each place to the nearest road of `index`, at most `limit_m`; any shape."""
    points = PointSet.single(x_m.ravel().copy(), y_m.ravel().copy())
    found = link(index, points, limit_m=limit_m).nearest_m
    return np.minimum(found, limit_m).reshape(x_m.shape)


class StreetFinder:
    """Streets of a network near given points; what was indexed last is kept."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        lon, lat = network.vertex_lon, network.vertex_lat
        self.bounds = (
            (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
            if len(lon)
            else (0.0, 0.0, 0.0, 0.0)
        )
        self._m_per_lon = M_PER_DEGREE * float(np.cos(np.radians(sum(self.bounds[1::2]) / 2)))
        self._reach: tuple[float, BoolArray] | None = None
        self._kept: dict[bytes, Streets] = {}

    def near(self, lon: FloatArray, lat: FloatArray) -> Streets | None:
        """Streets within 2 km of the points, None where there is none."""
        block, width = self._cells(self.network.vertex_lon, self.network.vertex_lat, BLOCK_M)
        own, _ = self._cells(lon, lat, BLOCK_M)
        around = np.unique([own + dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
        key = around.tobytes()
        if key not in self._kept:
            found = self._index(np.isin(block, around))
            if found is None:
                return None
            self._kept.clear()  # one table at a time is looked at
            self._kept[key] = found
        return self._kept[key]

    def covers(self, lon: FloatArray, lat: FloatArray) -> BoolArray:
        """Whether the road data reach each place."""
        if self._reach is None:
            self._reach = self._reached()
        cell_m, grid = self._reach
        x, y = self._steps(lon, lat, cell_m)
        x, y = x + REACH_CELLS, y + REACH_CELLS  # the margin of the grid
        inside = (x >= 0) & (x < grid.shape[1]) & (y >= 0) & (y < grid.shape[0])
        found = np.zeros(lon.shape, bool)
        found[inside] = grid[y[inside], x[inside]]
        return found

    def _steps(
        self, lon: FloatArray, lat: FloatArray, cell_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Column and row of cells counted from the south-western corner of the roads."""
        far = 1e9  # beyond all roads, and still an integer; nowhere is that too
        x = np.nan_to_num((lon - self.bounds[0]) * self._m_per_lon / cell_m, nan=far)
        y = np.nan_to_num((lat - self.bounds[1]) * M_PER_DEGREE / cell_m, nan=far)
        return (
            np.floor(np.clip(x, -far, far)).astype(np.int64),
            np.floor(np.clip(y, -far, far)).astype(np.int64),
        )

    def _cells(
        self, lon: FloatArray, lat: FloatArray, cell_m: float
    ) -> tuple[NDArray[np.int64], int]:
        """Numbers of cells, row by row, and how many make up a row."""
        x, y = self._steps(lon, lat, cell_m)
        width = int((self.bounds[2] - self.bounds[0]) * self._m_per_lon / cell_m) + 5
        # what lies outside stands in the margin, so that no row runs into the next
        return np.asarray(np.clip(x, -2, width - 3) + y * width, np.int64), width

    def _index(self, vertices: BoolArray) -> Streets | None:
        network = self.network
        first = network.first_vertex
        keep = np.logical_or.reduceat(vertices, first[:-1]) & (network.edge_rank < RANK_FERRY)
        if not keep.any():
            return None
        part = graph.subset(network, keep)
        lon, lat = part.vertex_lon, part.vertex_lat
        crs = MetricCrs((float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))
        x, y = crs.metres(lon, lat)
        street = part.edge_rank <= RANK_STREET
        length = part.edge_length_mm
        if length[street].sum() * 10 < length.sum():
            street = np.ones(part.n_edges, bool)  # next to no streets: footpaths are all there is
        return Streets(
            crs=crs,
            streets=SegmentIndex(part, x, y, edges=street),
            paths=None if street.all() else SegmentIndex(part, x, y, edges=~street),
        )

    def _reached(self) -> tuple[float, BoolArray]:
        from scipy.ndimage import (  # noqa: PLC0415 - heavy
            binary_closing,
            binary_dilation,
            binary_fill_holes,
        )

        west, south, east, north = self.bounds
        span_m = max((east - west) * self._m_per_lon, (north - south) * M_PER_DEGREE)
        cell_m = max(REACH_CELL_M, span_m / MOST_CELLS)
        x, y = self._steps(self.network.vertex_lon, self.network.vertex_lat, cell_m)
        m = REACH_CELLS
        grid = np.zeros(
            (int(y.max(initial=0)) + 2 * m + 1, int(x.max(initial=0)) + 2 * m + 1), bool
        )
        grid[y + m, x + m] = True
        square = np.ones((2 * m + 1, 2 * m + 1), bool)
        closed = binary_closing(np.pad(grid, m), square)[m:-m, m:-m]
        # a house one cell beside the last road still belongs to it
        return cell_m, binary_dilation(binary_fill_holes(closed), np.ones((3, 3), bool))
