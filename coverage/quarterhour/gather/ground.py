"""The roads of a study and what lies around them, read when they are asked for, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from quarterhour.assessing.analysis import guard_metres
from quarterhour.errors import InputError
from quarterhour.sources.datum.coordinates import AUTO
from quarterhour.sources.datum.fit import resolver
from quarterhour.sources.ground.barriers import barriers_of
from quarterhour.sources.ground.extents import kept_extent, read_osm_box
from quarterhour.sources.ground.terrain import read_terrain
from quarterhour.sources.roads.osm import OSM_SUFFIXES
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.units.areas import read_boundary
from quarterhour.study_file.settings import input_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quarterhour.core.crossing import Barriers
    from quarterhour.model import RoadNetwork
    from quarterhour.sources.ground.terrain import Terrain
    from quarterhour.sources.rows.point_rows import Resolve
    from quarterhour.study_file.settings import Study

    Box = tuple[float, float, float, float]

Read = TypeVar("Read")

OSM = "osm"
"""The word that stands for the OpenStreetMap file of the roads wherever a source is named."""


class GatherGround:
    """What all services of a study stand on: roads, area, barriers and heights.

    `home`: folder of the study file, from which paths are taken. `store`: keep the processed roads
    for the next run. Every method raises `InputError` where its input cannot be used.
    """

    def __init__(self, study: Study, home: Path, *, store: bool = True) -> None:
        self.study, self.home, self.store = study, home, store
        self._kept: dict[str, Any] = {}

    @property
    def guard_m(self) -> float:
        """How far the farthest walker gets within its search limit."""
        services = self.study.service
        hills = self.study.terrain is not None
        own = [guard_metres(s.who(), self.study.limit_min(s), slopes=hills) for s in services]
        longest = max(max(s.cutoffs_min) for s in services)
        others = self.study.study.beside()
        return max(own + [guard_metres(who, longest, slopes=hills) for who in others])

    @property
    def road_path(self) -> Path | None:
        """The road file, None where roads are downloaded."""
        source = self.study.roads.source
        return None if source is None else input_path(self.home, source)

    @property
    def osm_path(self) -> Path | None:
        """The road file where it is of OpenStreetMap."""
        path = self.road_path
        return path if path is not None and path.name.lower().endswith(OSM_SUFFIXES) else None

    def roads(self) -> RoadNetwork:
        """The walking network of the whole file."""
        part = self.study.roads
        return self._once(
            "roads",
            lambda: read_roads(
                self.road_path,
                place=part.place,
                bbox=None if part.bbox is None else _box(part.bbox),
                layer=part.layer,
                join_tolerance_m=part.join_tolerance_m,
                split_crossings=part.split_crossings,
                repair_m=part.repair_m,
                guard_m=self.guard_m,
                store=self.store,
            ),
        )

    def road_extent(self) -> Any:  # noqa: ANN401 - shapely geometry
        """Polygon (longitude, latitude) within which the roads are taken as complete."""
        box = None if self.osm_path is None else read_osm_box(self.osm_path)
        return self._once(
            "road extent",
            lambda: kept_extent(self.road_path, self.roads(), box=box, store=self.store),
        )

    def barriers(self, near: Box) -> Barriers | None:
        """What nobody is linked across around `near` (degrees), None where nobody looks."""
        part = self.study.roads
        named = part.barriers in {None, OSM, "none"}
        choice = part.barriers if named else input_path(self.home, str(part.barriers))
        return self._once(
            "barriers",
            lambda: barriers_of(
                choice, roads=self.road_path, bounds=near, layer=part.barriers_layer
            ),
        )

    def terrain(self, near: tuple[float, float, float, float]) -> Terrain | None:
        """Heights around `near` (degrees), None where the study names no terrain."""
        part = self.study.terrain
        if part is None:
            return None
        path = input_path(self.home, part.source)
        return self._once("terrain", lambda: read_terrain(path, near=near))

    def area(self) -> Any:  # noqa: ANN401 - shapely geometry
        """The study area, None where the study names none."""
        part = self.study.study
        if part.area is None:
            return None
        path = input_path(self.home, part.area)
        return self._once(
            "area",
            lambda: read_boundary(path, layer=part.area_layer, coordinates=part.area_coordinates),
        )

    def _stated(self, coordinates: str) -> str:
        """The coordinates of gates: without roads to ask, those of the earth."""
        return "wgs84" if coordinates == AUTO and self._resolve() is None else coordinates

    def _source(self, name: str, what: str) -> Path:
        """A file of the study; the word osm stands for the road file."""
        if name != OSM:
            return input_path(self.home, name)
        if self.osm_path is None:
            raise InputError(
                f'{what} = "osm" needs roads from an OpenStreetMap file; found [roads]'
                f" {self.study.roads.source or 'without a file'}: name a file"
            )
        return self.osm_path

    def _near(self) -> Box | None:
        """The roads and as far around them as anybody walks, where roads could be read."""
        network = self._kept.get("roads")
        if network is None or not len(network.vertex_lon):
            return None
        lon, lat = network.vertex_lon, network.vertex_lat
        pad = max(self.guard_m, 2_000.0) / 90_000.0  # degrees, a little more than asked for
        return (
            float(lon.min()) - pad,
            float(lat.min()) - pad,
            float(lon.max()) + pad,
            float(lat.max()) + pad,
        )

    def _resolve(self) -> Resolve | None:
        """Which coordinate system points are in, judged by the roads where they could be read."""
        network = self._kept.get("roads")
        if network is None:
            return None
        return self._once("resolver", lambda: resolver(network))

    def _once(self, key: str, read: Callable[[], Read]) -> Read:
        if key not in self._kept:
            self._kept[key] = read()
        found: Read = self._kept[key]
        return found


def _box(values: list[float]) -> tuple[float, float, float, float]:
    west, south, east, north = values
    if not (west < east and south < north):
        raise InputError(
            f"[roads] bbox is {values}; needed is west < east, south < north (degrees)"
        )
    return west, south, east, north
