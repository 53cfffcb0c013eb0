"""A map's data as JSON for the page, checked once before anything is drawn."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.render import palette
from quarterhour.render.map.approval import check_approval
from quarterhour.render.map.gaps import check_gaps
from quarterhour.render.map.initials import readings
from quarterhour.render.map.kinds import ServiceLook, service_looks
from quarterhour.render.map.pack import (
    ROAD_STEP_DEG,
    SHAPE_STEP_DEG,
    pack_places,
    pack_roads,
    pack_shapes,
)
from quarterhour.render.map.pack_model import pack_model
from quarterhour.render.map.print_page import facts
from quarterhour.render.map.scenario_payload import (
    number,
    reached_payload,
    scenario_payload,
)
from quarterhour.render.map.sites import check_sites, optimum_payload
from quarterhour.render.map.states import States, areas_columns
from quarterhour.render.map.story import story
from quarterhour.render.map.views import (
    check_views,
    figure_payload,
    names_payload,
    other_areas,
    places_payload,
    views_payload,
)
from quarterhour.render.map.what_if import group_names, mark_of
from quarterhour.render.markup import legible
from quarterhour.render.sentences import measure_of, plain_minutes, walker_line
from quarterhour.render.words import LANGUAGES, UNITS, WORDS, group_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shapely.geometry.base import BaseGeometry

    from quarterhour.render.map.layers import (
        Areas,
        BaseRoads,
        FacilityMark,
        GapList,
        MapData,
        Places,
        ServiceLayer,
    )

REASONS: Final = ("far", "beyond_limit", "disconnected", "unlinked", "behind_barrier")
AREA_STATUS: Final = ("covered", "partly", "uncovered", "unlinked")
FACILITY_STATUS: Final = ("used", "planned", "unlinked")
# A district without roads or facilities would otherwise open on the whole world.
_SMALLEST_VIEW_DEG: Final = 0.004

SCENERY_TOLERANCE_M: Final = 6.0
"""Water and green are a backdrop: coarser than what is measured."""

Bounds = tuple[float, float, float, float]


def safe_json(value: object) -> str:
    """JSON that cannot end its script element or be read as markup."""
    out = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        out = out.replace(character, f"\\u{ord(character):04x}")
    # A lone surrogate cannot be written as UTF-8.
    return legible(out).encode("utf-8", "replace").decode("utf-8")


def _refuse(message: str) -> None:
    raise InputError(message)


def _one_of(value: str, allowed: Iterable[str], what: str) -> None:
    names = tuple(allowed)
    if value not in names:
        _refuse(f"{what} is {value!r}; it must be one of {', '.join(names)}")


def _check_places(places: Places, what: str) -> None:
    columns = (places.lon, places.lat, places.amount, places.minutes, places.nearest)
    sizes = {len(column) for column in columns} | {len(places.reason)}
    if len(sizes) > 1:
        _refuse(f"the columns of {what} have lengths {sorted(sizes)}; they must be equal")
    for name, column in zip(("lon", "lat", "amount"), columns, strict=False):
        if not np.isfinite(column).all():
            _refuse(f"{name} of {what} is not finite everywhere; leave such places out")
    if len(places.amount) and float(np.min(places.amount)) < 0:
        _refuse(f"an amount of {what} is below zero; amounts are counts")
    for reason in sorted(set(places.reason)):
        _one_of(reason, REASONS, f"a reason of {what}")


def _check_service(service: ServiceLayer) -> None:
    what = f"service {service.name!r}"
    cutoffs = service.cutoffs_min
    if not cutoffs or list(cutoffs) != sorted(set(cutoffs)):
        _refuse(f"the cutoffs of {what} are {cutoffs}; give at least one, ascending")
    if len(service.dissolved) != len(cutoffs):
        _refuse(
            f"{what} has {len(cutoffs)} cutoffs and {len(service.dissolved)} dissolved areas; "
            "give one area for each cutoff"
        )
    _check_places(service.uncovered, f"the uncovered places of {what}")
    _check_places(service.unlinked, f"the unlinked places of {what}")
    if service.covered is not None:
        _check_places(service.covered, f"the covered places of {what}")
    for mark in service.facilities:
        _one_of(mark.status, FACILITY_STATUS, f"the status of facility {mark.name!r}")
        if not (math.isfinite(mark.lon) and math.isfinite(mark.lat)):
            _refuse(f"facility {mark.name!r} has no finite position; leave it out of the map")
    for figure in service.figures:
        counts = (figure.total, figure.covered, figure.uncovered, figure.unlinked)
        if not all(math.isfinite(n) and n >= 0 for n in counts):
            _refuse(
                f"a figure of {what} is not a count: {counts} for group {figure.group!r} within "
                f"{figure.cutoff_min:g} min"
            )
    areas = service.residential
    if areas is not None:
        sizes = {len(areas.geometry), len(areas.name), len(areas.status)}
        if len(sizes | {len(areas.share), len(areas.minutes)}) > 1:
            _refuse(f"the columns of the residential areas of {what} have different lengths")
        for status in sorted(set(areas.status)):
            _one_of(status, AREA_STATUS, f"the status of a residential area of {what}")


def _check_roads(roads: BaseRoads) -> None:
    start = np.asarray(roads.line_start)
    n_vertices = len(roads.lon)
    fits = start.size and start[0] == 0 and start[-1] == n_vertices and (np.diff(start) >= 0).all()
    if not fits or len(roads.lat) != n_vertices or len(roads.rank) != start.size - 1:
        _refuse(
            f"the base roads have {n_vertices} longitudes, {len(roads.lat)} latitudes, "
            f"{len(roads.rank)} ranks and {start.size} line starts; line_start must run from 0 to "
            "the number of vertices, one more than there are ranks"
        )
    if not (np.isfinite(roads.lon).all() and np.isfinite(roads.lat).all()):
        _refuse("a vertex of the base roads is not finite; leave such lines out")


def check(data: MapData) -> None:
    """Raises InputError when a page cannot show this data honestly."""
    _one_of(data.language, LANGUAGES, "language")
    _one_of(data.demand_unit, UNITS, "demand_unit")
    if not data.services:
        _refuse("the map has no service; give at least one")
    _check_roads(data.roads)
    check_approval(data)
    check_views(data)
    for service in data.services:
        _check_service(service)
    for scenario in data.scenarios:
        if len(scenario.services) != len(data.services):
            _refuse(
                f"scenario {scenario.name!r} has {len(scenario.services)} services and the map"
                f" {len(data.services)}; give one for each, in the same order"
            )
        for one, service in zip(scenario.services, data.services, strict=True):
            if other_areas(one.residential, service.residential):
                _refuse(f"scenario {scenario.name!r} has other residential areas than the map")
            for what, places in (("gained", one.gained), ("lost", one.lost)):
                _check_places(places, f"the places {what} in scenario {scenario.name!r}")
    for at, service in enumerate(data.services):
        check_gaps(service, _gaps_of(data, at))
    check_sites(data)


def _gaps_of(data: MapData, at: int) -> Iterator[GapList | None]:
    """The gaps of a service in all states but today's."""
    yield from (plan.services[at].gaps for plan in data.scenarios)
    for view in data.views:
        state = view.services[at]
        yield None if state is None else state.gaps


def _facility(mark: FacilityMark, has_area: int, unit: str) -> dict[str, Any]:
    return {
        "name": mark.name,
        "kind": mark.kind,
        "at": [round(mark.lat, 6), round(mark.lon, 6)],
        "status": mark.status,
        "link": number(mark.link_m, 0),
        "position": mark.position,
        "reached": reached_payload(mark.reached, unit),
        "area": has_area,
    }


def _places(places: Places) -> dict[str, Any]:
    return places_payload(places, REASONS)


def _covered(places: Places, *, traced: bool) -> dict[str, Any]:
    """Covered places, whose reason is always the same; to about a metre where no walk is traced."""
    if traced:
        return _places(places)
    packed = pack_places(places, (), step_deg=ROAD_STEP_DEG)
    return {"n": len(places.reason), "packed": packed, "bare": True, "step": ROAD_STEP_DEG}


def _areas(areas: Areas | None) -> dict[str, Any] | None:
    if areas is None:
        return None
    columns = areas_columns(areas)
    return {
        "packed": pack_shapes(areas.geometry),
        "name": list(areas.name),
        "status": [AREA_STATUS.index(status) for status in areas.status],
        "share": [share for share, _ in columns],
        "tenths": [tenths for _, tenths in columns],
    }


def styles(data: MapData) -> list[tuple[str, str]]:
    """Colour and shape of each service layer; layers of one service name look the same."""
    return [(look.colour, look.shape) for look in service_looks(data)]


def _service(
    service: ServiceLayer, look: ServiceLook, unit: str, *, traced: bool
) -> dict[str, Any]:
    # A mark's own area is looked up by number: 0 for none, else its place in the stream.
    own = [mark.area for mark in service.facilities]
    present = [area for area in own if area is not None]
    number = iter(range(1, len(present) + 1))
    return {
        "name": service.name,
        "group": list(group_pair(service.group, unit)),
        "colour": look.colour,
        "shape": look.shape,
        "kinds": [{"name": list(kind.name), "shape": kind.shape} for kind in look.kinds],
        "kind_of": list(look.of),
        "cutoffs": [plain_minutes(cutoff) for cutoff in service.cutoffs_min],
        "bands": palette.bands(look.colour, len(service.cutoffs_min)),
        "dissolved": pack_shapes(service.dissolved),
        "facilities": [
            _facility(mark, 0 if area is None else next(number), unit)
            for mark, area in zip(service.facilities, own, strict=True)
        ],
        "own": pack_shapes(present),
        "uncovered": _places(service.uncovered),
        "unlinked": _places(service.unlinked),
        "covered": None if service.covered is None else _covered(service.covered, traced=traced),
        "figures": [
            figure_payload(f, unit)
            for c in service.cutoffs_min
            for f in service.figures
            if f.cutoff_min == c and f.group == service.group
        ],
        "walker": list(walker_line(service)),
        "streets": pack_shapes([service.uncovered_lines]),
        "residential": _areas(service.residential),
    }


def view_bounds(data: MapData) -> Bounds:
    """West, south, east, north of the first view: the study area, else all that is served."""
    boxes: list[tuple[float, ...]] = []
    if data.area is not None and not data.area.is_empty:
        boxes.append(data.area.bounds)
    else:
        if data.extent is not None:
            boxes.append(data.extent)
        for service in data.services:
            used = [m for m in service.facilities if m.status == "used"]
            boxes += [(m.lon, m.lat, m.lon, m.lat) for m in used]
            boxes += [shape.bounds for shape in service.dissolved if not shape.is_empty]
    if not boxes and len(data.roads.lon):
        lon, lat = data.roads.lon, data.roads.lat
        boxes.append((float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))
    if not boxes:
        _refuse("the map has no study area, no facility and no road; there is nothing to show")
    every = np.array(boxes, dtype=np.float64)
    low = every[:, :2].min(axis=0)
    high = every[:, 2:].max(axis=0)
    pad = np.maximum(0.0, (_SMALLEST_VIEW_DEG - (high - low)) / 2)
    west, south = (round(float(v), 6) for v in low - pad)
    east, north = (round(float(v), 6) for v in high + pad)
    return west, south, east, north


def _anchor(shape: BaseGeometry) -> list[float] | None:
    if shape.is_empty:
        return None
    point = shapely.point_on_surface(shape)
    return [round(float(point.y), 6), round(float(point.x), 6)]


def _names(data: MapData) -> Iterator[str]:
    """Every name that a reader may look for."""
    yield from (district.name for district in data.districts)
    yield from (name for name, *_ in data.names)
    for service in data.services:
        yield from (mark.name for mark in service.facilities)
        yield from () if service.residential is None else service.residential.name
        yield from () if service.gaps is None else (mark.name[0] for mark in service.gaps.marks)
    for plan in data.scenarios:
        yield from (mark.name for one in plan.services for mark in one.added)
        yield from (site.name[0] for one in plan.services for site in one.sites)


def _told_in(data: MapData) -> list[Any]:
    """The word that amounts are told in, and how many of the unit of demand one of it is."""
    told = measure_of(data)
    return ["street_kilometres" if told.per > 1 else data.demand_unit, told.per]


def payload(data: MapData) -> dict[str, Any]:
    """All that the page's script reads; every text in it is plain text."""
    west, south, east, north = view_bounds(data)
    states, traced = States(data, AREA_STATUS), data.what_if is not None
    scenarios = [
        scenario_payload(one, data.demand_unit, REASONS, states, data.what_if)
        for one in data.scenarios
    ]
    views = views_payload(data, REASONS, states)
    return {
        "title": data.title,
        "language": data.language,
        "unit": data.demand_unit,
        "told_in": _told_in(data),
        "bounds": [[south, west], [north, east]],
        "steps": {"road": ROAD_STEP_DEG, "shape": SHAPE_STEP_DEG},
        "roads": pack_roads(data.roads),
        "water": pack_shapes(data.water, SCENERY_TOLERANCE_M),
        "green": pack_shapes(data.green, SCENERY_TOLERANCE_M),
        "streams": pack_shapes(data.streams, SCENERY_TOLERANCE_M),
        "boundary": pack_shapes([data.area]) if data.area is not None and data.boundaries else "",
        "districts": {
            "name": [district.name for district in data.districts],
            "at": [_anchor(district.geometry) for district in data.districts],
            "packed": pack_shapes(d.geometry for d in data.districts if data.boundaries),
        },
        "services": [
            {**_service(service, look, data.demand_unit, traced=traced), "gaps": pool.payload()}
            for service, look, pool in zip(
                data.services, service_looks(data), states.pools, strict=True
            )
        ],
        "scenarios": scenarios,
        "optimum": optimum_payload(data.optimum),
        "verdict": None if data.proposal is None else list(data.proposal.verdict),
        "names": names_payload(data),
        "views": views,
        "readings": readings(_names(data)),
        "story": story(data),
        "facts": facts(data),
        "reasons": list(REASONS),
        "colours": {
            "gap": palette.GAP,
            "number": palette.GAP_NUMBER,
            "gained": palette.GAINED,
            "lost": palette.LOST,
            "site": palette.SITE,
            "unlinked": palette.UNLINKED,
            **palette.STATUS,
        },
        "statuses": list(AREA_STATUS),
        "words": {key: list(pair) for key, pair in WORDS.items()},
        "tiles": data.tiles is not None,
        "rounding": data.rounding_people,
        "what_if": None if data.what_if is None else pack_model(data.what_if, bound=mark_of(data)),
        "groups": group_names(data),
    }
