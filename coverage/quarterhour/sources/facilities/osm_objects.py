"""Tagged objects of an OpenStreetMap file with a place, and the gates on their outlines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.inputs import Entrances, SetAside
from quarterhour.sources.facilities.osm_tags import TagFilter, best_filter, name_of
from quarterhour.sources.units.areas import polygons_only

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GATES = frozenset({
    "gate", "entrance", "swing_gate", "sliding_gate", "kissing_gate", "wicket_gate", "turnstile",
})  # fmt: skip
"""Values of `barrier` that people on foot pass."""

NO_ENTRANCE = frozenset({"no", "emergency", "fire_exit", "exit", "garage", "service"})
"""Values of `entrance` by which nobody comes to be looked after."""


@dataclass(slots=True)
class Found:
    """An object with the tags: a point, or an outline with the ids of its vertices."""

    osm_id: str
    tags: dict[str, str]
    at: tuple[float, float] | None = None
    shape: Any = None
    vertices: set[int] = field(default_factory=set)

    @property
    def order(self) -> tuple[int, int]:
        """Nodes first, then ways and relations, each by its number."""
        kind, number = self.osm_id.split("/")
        return ("node", "way", "relation").index(kind), int(number)


def read_objects(path: Path, filters: Sequence[TagFilter]) -> tuple[list[Found], list[SetAside]]:
    """Objects that meet one of the filters, in their order, and those without a place."""
    import osmium  # noqa: PLC0415 - only for OSM files
    from osmium import filter as keep  # noqa: PLC0415

    make = osmium.geom.WKBFactory()
    found: list[Found] = []
    # ways and relations of which no area has been made so far
    waiting: dict[str, tuple[dict[str, str], list[int]]] = {}
    done: set[str] = set()
    keys = sorted({each.keys[0] for each in filters})
    item: Any
    objects = osmium.FileProcessor(str(path)).with_areas(keep.KeyFilter(*keys))
    for item in objects.with_filter(keep.KeyFilter(*keys)):
        tags = {tag.k: tag.v for tag in item.tags}
        if best_filter(filters, tags) is None:
            continue
        if item.is_node():
            place = (item.location.lon, item.location.lat) if item.location.valid() else None
            found.append(Found(f"node/{item.id}", tags, at=place))
        elif item.is_way():
            waiting[f"way/{item.id}"] = tags, [node.ref for node in item.nodes]
        elif item.is_relation():
            waiting[f"relation/{item.id}"] = tags, []
        else:
            osm_id = f"{'way' if item.from_way() else 'relation'}/{item.orig_id()}"
            try:
                shape = shapely.from_wkb(make.create_multipolygon(item))
            except RuntimeError:
                continue  # rings that do not close: told below with what is waiting
            vertices = {node.ref for ring in item.outer_rings() for node in ring}
            found.append(Found(osm_id, tags, shape=shape, vertices=vertices))
            done.add(osm_id)
    left = {osm_id: each for osm_id, each in waiting.items() if osm_id not in done}
    found += _from_nodes(path, left)
    known = {each.osm_id for each in found if _placed(each)}
    aside = [
        SetAside(
            layer="facilities", file=path.name, sheet="", row=None, name=name_of(tags),
            reason="no_area", detail=f"{osm_id} of OpenStreetMap: {_fault(osm_id, refs)}",
        )
        for osm_id, (tags, refs) in sorted(left.items())
        if osm_id not in known
    ]  # fmt: skip
    aside += [
        SetAside(
            layer="facilities", file=path.name, sheet="", row=None, name=name_of(each.tags),
            reason="missing_coordinate", detail=f"{each.osm_id} of OpenStreetMap has no place",
        )
        for each in found
        if not _placed(each) and each.osm_id not in left
    ]  # fmt: skip
    return sorted((each for each in found if _placed(each)), key=lambda each: each.order), aside


def _fault(osm_id: str, refs: list[int]) -> str:
    if osm_id.startswith("relation"):
        return "its parts are missing from the file, or it is no area"
    if len(refs) > 3 and refs[0] == refs[-1]:
        return "nodes of its outline are missing from the file"
    return "it is a line and no closed outline"


def _from_nodes(path: Path, waiting: dict[str, tuple[dict[str, str], list[int]]]) -> list[Found]:
    """Outlines of closed ways whose nodes stand after them (Overpass), or that say area=no."""
    import osmium  # noqa: PLC0415

    closed = {
        osm_id: (tags, refs)
        for osm_id, (tags, refs) in waiting.items()
        if len(refs) > 3 and refs[0] == refs[-1]
    }
    wanted = {ref for _, refs in closed.values() for ref in refs}
    place: dict[int, tuple[float, float]] = {}
    node: Any
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE) if wanted else ():
        if node.id in wanted and node.location.valid():
            place[node.id] = (node.location.lon, node.location.lat)
    return [
        Found(osm_id, tags, shape=shapely.Polygon([place[ref] for ref in refs]),
               vertices=set(refs))
        for osm_id, (tags, refs) in closed.items()
        if all(ref in place for ref in refs)
    ]  # fmt: skip


def _placed(each: Found) -> bool:
    """Whether an object has a place; its outline is mended and becomes a point inside it."""
    if each.at is None and each.shape is not None:
        mended = polygons_only(np.array([shapely.make_valid(each.shape)], object))
        if not shapely.is_empty(mended[0]):
            at = shapely.point_on_surface(mended[0])
            # as exact as OpenStreetMap itself
            each.at = round(float(at.x), 7), round(float(at.y), 7)
    return each.at is not None


def gates_of(path: Path, found: list[Found]) -> Entrances | None:
    """Gates and entrances on the outlines; None where there is none."""
    import osmium  # noqa: PLC0415
    from osmium import filter as keep  # noqa: PLC0415

    owners: dict[int, list[int]] = {}
    for k, each in enumerate(found):
        for ref in each.vertices:
            owners.setdefault(ref, []).append(k)
    gates: list[tuple[int, int, float, float, str]] = []
    nodes = osmium.FileProcessor(str(path), osmium.osm.NODE)
    node: Any
    for node in nodes.with_filter(keep.KeyFilter("entrance", "barrier")):
        tags = node.tags
        passes = tags.get("barrier") in GATES or tags.get("entrance", "no") not in NO_ENTRANCE
        locked = tags.get("access") == "no" or tags.get("entrance") in NO_ENTRANCE
        if node.id not in owners or not passes or locked or not node.location.valid():
            continue
        name = tags.get("name") or tags.get("ref") or ""
        gates += [(k, node.id, node.location.lon, node.location.lat, name) for k in owners[node.id]]
    gates.sort()
    if not gates:
        return None
    return Entrances(
        lon=np.array([gate[2] for gate in gates]),
        lat=np.array([gate[3] for gate in gates]),
        owner=np.array([gate[0] for gate in gates], np.int64),
        name=tuple(gate[4] for gate in gates),
    )


def none_found(path: Path, filters: Sequence[TagFilter], tags: Sequence[str] | None) -> str:
    """What the file holds under the keys instead."""
    import osmium  # noqa: PLC0415
    from osmium import filter as keep  # noqa: PLC0415

    keys = sorted({each.keys[0] for each in filters})
    item: Any
    count: Counter[str] = Counter()
    for item in osmium.FileProcessor(str(path)).with_filter(keep.KeyFilter(*keys)):
        count.update(f"{key}={item.tags[key]}" for key in keys if key in item.tags)
    commonest = ", ".join(f"{tag} ({n})" for tag, n in count.most_common(10)) or "none of its keys"
    asked = ", ".join(tags) if tags is not None else "for care of older people or children"
    return (
        f"{path}: no object has the tags {asked}; found are {commonest}: name others with tags, or"
        " use a list of facilities"
    )
