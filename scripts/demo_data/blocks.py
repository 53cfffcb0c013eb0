"""What fills the blocks between streets: walled estates with gates, old quarters, parks, houses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import STRtree, affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.ops import polygonize, unary_union

from demo_data.frame import rng_for
from demo_data.network import Road
from demo_data.streets import ZONES, zone_polygon

if TYPE_CHECKING:
    from demo_data.land import Land
    from demo_data.names import Names
    from demo_data.rural import Village

# The ground that stays open: name, and a point in its block.
_PARKS_M = [("东湖公园", (1500, 1880)), ("江南湿地公园", (1160, 560)), ("白塔公园", (-1700, -1650))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A residential area: what it is called and who it is like."""

    name: str
    kind: str
    zone: str
    ground: Polygon


@dataclass(slots=True)
class Fabric:
    """Everything inside the blocks."""

    homes: list[Home] = field(default_factory=list)
    roads: list[Road] = field(default_factory=list)
    buildings: list[Polygon] = field(default_factory=list)
    parks: list[tuple[str, Polygon]] = field(default_factory=list)


def _largest(geometry: object) -> Polygon | None:
    parts = [g for g in getattr(geometry, "geoms", [geometry]) if g.geom_type == "Polygon"]
    return max(parts, key=lambda part: float(part.area)) if parts else None


def _zone_of(place: Point, land: Land) -> tuple[str, str]:
    """Return name and kind of the nearest town zone, or empty strings far from all."""
    best = min(ZONES, key=lambda zone: zone_polygon(zone, land).distance(place))
    if zone_polygon(best, land).distance(place) > 160:
        return "", ""
    return best.name, best.kind


def _rows(ground: Polygon, rng: np.random.Generator, *, tall: bool) -> list[Polygon]:
    """Return slab houses in staggered rows, as they stand in estates."""
    frame = ground.minimum_rotated_rectangle.exterior.coords
    a, b = np.array(frame[0]), np.array(frame[1])
    angle = float(np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])))
    # Houses face south where the plot allows it.
    angle = (angle + 45) % 90 - 45
    c = ground.centroid
    flat = affinity.rotate(ground, -angle, origin=c)
    west, south, east, north = flat.bounds
    width, depth, gap = (34.0, 17.0, 58.0) if tall else (40.0, 12.0, 27.0)
    result = []
    y = south + rng.uniform(4, 14)
    while y < north:
        x = west + rng.uniform(0, 30)
        while x < east:
            house = box(x, y, x + width * rng.uniform(0.75, 1.1), y + depth)
            if flat.contains(house.buffer(3)) and rng.random() < 0.9:
                result.append(affinity.rotate(house, angle, origin=c))
            x += width + rng.uniform(14, 30)
        y += gap * rng.uniform(0.92, 1.1)
    return result


def _estate(block: Polygon, wall: Polygon, rng: np.random.Generator) -> list[Road]:
    """Return the inner ways of a walled estate; gates are the only way through the wall."""
    inner = _largest(wall.buffer(-30).buffer(12))
    if inner is None or inner.area < 4000:
        return []
    loop = LineString(inner.simplify(2.5).exterior.coords)
    roads = [Road(loop, {"highway": "service"})]
    c = inner.centroid
    angle = float(np.degrees(np.arctan2(*(np.array(loop.coords[1]) - loop.coords[0])[::-1])))
    span = float(np.hypot(inner.bounds[2] - inner.bounds[0], inner.bounds[3] - inner.bounds[1]))
    for turn in (angle, angle + 90):
        count = 1 if span < 260 else 2
        for k in range(count):
            shift = (k - (count - 1) / 2) * span * 0.26 + rng.uniform(-12, 12)
            base = np.linspace(-span, span, 25)
            sway = shift + 11 * np.sin(base / span * 6 + rng.uniform(0, 6))
            path = LineString(np.column_stack([base, sway]))
            path = affinity.translate(affinity.rotate(path, turn, origin=(0, 0)), c.x, c.y)
            piece = path.intersection(inner)
            piece = max(getattr(piece, "geoms", [piece]), key=lambda g: float(g.length))
            if piece.length > 40:
                roads.append(Road(piece.simplify(0.8), {"highway": "footway"}))
    gates = 1 if wall.area < 22000 else int(rng.choice([1, 2, 2, 3]))
    gates_left = gates
    first = rng.uniform(0, 1)
    tries = [(first + k / gates + shift) % 1.0 for shift in (0.0, 0.07, 0.15) for k in range(gates)]
    for turn in tries:
        at = wall.exterior.interpolate(turn, normalized=True)
        out = block.exterior.interpolate(block.exterior.project(at))
        into = loop.interpolate(loop.project(at))
        way = LineString([(out.x, out.y), (at.x, at.y), (into.x, into.y)])
        # In a bent estate the straight way in may cut a corner of the wall; then look further on.
        if not way.intersection(wall.exterior).difference(at.buffer(1)).is_empty:
            continue
        cls = "service" if gates_left == gates else "footway"
        mark = ((at.x, at.y), {"barrier": "gate"})
        roads.append(Road(way, {"highway": cls}, marks=[mark]))
        gates_left -= 1
        if not gates_left:
            break
    return roads


def fill_blocks(land: Land, streets: list[Road], lanes: list[Road], names: Names) -> Fabric:
    """Return what stands in the blocks that the streets enclose."""
    rng = rng_for("blocks")
    fabric = Fabric()
    lines = [road.line for road in streets if road.at_grade]
    # On a grid, so that streets that end in the same point do so to the last digit.
    mesh = shapely.union_all(lines, grid_size=0.05)
    faces = sorted(polygonize(mesh), key=lambda f: (round(f.centroid.x), f.area))
    parks = dict(_PARKS_M)
    alleys = STRtree([road.line for road in lanes])
    blind = STRtree(lines)
    for block in faces:
        zone, kind = _zone_of(block.representative_point(), land)
        open_name = next((n for n, p in parks.items() if block.contains(Point(p))), None)
        if open_name:
            park = _largest(block.buffer(-9))
            if park is not None:
                fabric.parks.append((open_name, park))
            continue
        if not zone or block.intersects(land.river) or not 2500 < block.area < 190000:
            continue
        within = block.buffer(-12)
        crossed = any(lane.intersects(within) for lane in alleys.geometries[alleys.query(within)])
        if kind in {"old", "town"} or crossed:
            ground = _largest(block.buffer(-5))
            if ground is None or ground.area < (10000 if kind == "old" else 11000):
                continue
            fabric.homes.append(
                Home(name=names.quarter(), kind="老街坊", zone=zone, ground=ground.simplify(0.7))
            )
            continue
        # A blind street may reach into the block; the wall goes round it.
        rim = block.buffer(-1)
        inside = [line for line in blind.geometries[blind.query(rim)] if line.intersects(rim)]
        free = block.buffer(-11).difference(unary_union(inside).buffer(11))
        wall = _largest(free.buffer(-6).buffer(6))
        if wall is None or wall.area < 9500 or rng.random() < 0.13:
            continue
        wall = Polygon(wall.simplify(1.0).exterior)
        roads = _estate(block, wall, rng)
        if not roads:
            continue
        fabric.roads += roads
        fabric.homes.append(Home(name=names.estate(), kind="小区", zone=zone, ground=wall))
        ways = unary_union([road.line for road in roads]).buffer(3.5)
        houses = _rows(wall.buffer(-4), rng, tall=kind == "super")
        fabric.buildings += [h for h in houses if not h.intersects(ways)]
    return fabric


def quarter_houses(fabric: Fabric, lanes: list[Road], villages: list[Village], limit: int) -> None:
    """Add small houses along the lanes of old quarters and villages."""
    rng = rng_for("houses")
    tree = STRtree([road.line for road in lanes])
    grounds = [home.ground for home in fabric.homes if home.kind == "老街坊"]
    grounds += [village.ground for village in villages]
    placed = 0
    for ground in grounds:
        west, south, east, north = ground.bounds
        here: list[Polygon] = []
        for _ in range(int(ground.area / 260)):
            p = Point(rng.uniform(west, east), rng.uniform(south, north))
            k = int(tree.nearest(p))
            line = tree.geometries[k]
            away = line.distance(p)
            if not ground.contains(p) or not 9 < away < 26:
                continue
            s = line.project(p)
            a, b = line.interpolate(max(0, s - 4)), line.interpolate(s + 4)
            angle = np.degrees(np.arctan2(b.y - a.y, b.x - a.x))
            w, d = rng.uniform(7, 13), rng.uniform(5, 8)
            house = affinity.rotate(box(p.x - w, p.y - d, p.x + w, p.y + d), angle)
            if any(house.distance(other) < 2 for other in here) or line.distance(house) < 2.5:
                continue
            here.append(house)
        if here and placed < limit:
            keep = here[: max(2, min(len(here), int(rng.integers(6, 22))))]
            placed += len(keep)
            fabric.buildings += keep
