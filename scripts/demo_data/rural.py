"""Villages in the hills and the roads that wind up to them.

A rural road is the cheapest way over the terrain when steep ground costs much more than a detour,
so it follows the contours by itself. Afterwards the ground is cut and filled along it, as a
builder would, which keeps the slopes of the road in hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import nearest_points

from demo_data.frame import Field, coords, grid_xy, rng_for, smoothstep, spline
from demo_data.land import CELL_M, slope_grid
from demo_data.network import Road
from demo_data.streets import MOTORWAY_M

if TYPE_CHECKING:
    from demo_data.frame import Floats
    from demo_data.land import Land
    from demo_data.names import Names

_GRID_M = 50.0
_STEPS = [
    (dx, dy) for dx in range(-3, 4) for dy in range(4) if (dy > 0 or dx > 0) and np.gcd(dx, dy) == 1
]
# Roads leave the district here, so that the map does not end at a wall.
_EXITS_M = [
    ("secondary", "南山路", (-1950, -3640)),
    ("secondary", "南山路", (-2300, -5450)),
    ("secondary", "北山路", (1950, 5450)),
    ("tertiary", "西岭路", (-5950, -2600)),
    ("tertiary", "东坪路", (5950, 2600)),
    ("tertiary", "南坪路", (3200, -5450)),
    ("tertiary", "青岭路", (-3600, 5450)),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """A village: name, centre and the ground its houses stand on."""

    name: str
    x_m: float
    y_m: float
    ground: Polygon
    size: float


def pick_sites(land: Land, taken: list[LineString], count: int) -> list[tuple[float, float]]:
    """Return village sites: gentle ground in the hills, apart from each other and from town."""
    rng = rng_for("village sites")
    tree = STRtree(taken)
    steep = Field(slope_grid(land.height), CELL_M, land.height.half_x_m, land.height.half_y_m)
    sites: list[tuple[float, float]] = []
    for _ in range(20000):
        x, y = rng.uniform(-5600, 5600), rng.uniform(-5100, 5100)
        slope = float(steep.at(x, y))
        if slope > 0.2 or rng.random() < slope / 0.2 or float(land.bank_distance.at(x, y)) < 200:
            continue
        if any((x - a) ** 2 + (y - b) ** 2 < 560**2 for a, b in sites):
            continue
        if len(tree.query(Point(x, y), predicate="dwithin", distance=300.0)):
            continue
        sites.append((x, y))
        if len(sites) == count:
            break
    return sites


def _smooth(xy: Floats) -> LineString:
    """Return a road without the corners of the search grid."""
    line = LineString(xy)
    steps = np.linspace(0, line.length, max(3, int(line.length // 20)))
    dense = np.array([line.interpolate(s).coords[0][:2] for s in steps])
    if len(dense) > 6:
        dense[1:-1] = gaussian_filter1d(dense, 2.0, axis=0, mode="nearest")[1:-1]
    return LineString(dense).simplify(1.5)


def _groups(lines: list[LineString]) -> list[list[LineString]]:
    """Return lines grouped by what touches what, the largest group first."""
    pairs = STRtree(lines).query(lines, predicate="dwithin", distance=0.5)
    links = coo_matrix((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(len(lines),) * 2)
    count, label = connected_components(links, directed=False)
    groups = [[lines[i] for i in np.flatnonzero(label == k)] for k in range(count)]
    return sorted(groups, key=lambda group: -sum(line.length for line in group))


class Router:
    """Cheapest roads over the terrain, each joining what is there already."""

    def __init__(self, land: Land, streets: list[LineString]) -> None:
        """Weigh every step of the grid by its slope and mark the streets as reached."""
        gx, gy = grid_xy(_GRID_M, 6000.0, 5500.0)
        self.shape = gx.shape
        self.xy = np.column_stack([gx.ravel(), gy.ravel()])
        height = land.height.at(gx, gy)
        water = land.bank_distance.at(gx, gy) < 60
        rows, cols = gx.shape
        index = np.arange(rows * cols).reshape(rows, cols)
        tails, heads, costs = [], [], []
        for dx, dy in _STEPS:
            lo, hi = max(0, -dx), cols - max(0, dx)
            a = index[: rows - dy, lo:hi]
            b = index[dy:, lo + dx : hi + dx]
            ha, hb = height.ravel()[a], height.ravel()[b]
            length = _GRID_M * float(np.hypot(dx, dy))
            grade = np.abs(ha - hb) / length
            cost = length * (1 + (grade / 0.045) ** 2 + 40 * np.clip(grade - 0.09, 0, None))
            cost = np.where(water.ravel()[a] | water.ravel()[b], np.inf, cost)
            tails.append(a.ravel())
            heads.append(b.ravel())
            costs.append(cost.ravel())
        tail, head, cost = map(np.concatenate, (tails, heads, costs))
        dry = np.isfinite(cost)
        size = rows * cols
        self.graph = coo_matrix((cost[dry], (tail[dry], head[dry])), shape=(size, size)).tocsr()
        self.reached: set[int] = set()
        self.lines: list[LineString] = []
        self.waiting = _groups(streets)
        self._accept(self.waiting.pop(0))

    def _accept(self, lines: list[LineString]) -> None:
        """Count the grid points along these lines as reached."""
        points = [Point(p) for p in self.xy]
        near = STRtree(lines).query(points, predicate="dwithin", distance=_GRID_M * 0.6)[0]
        self.reached.update(np.unique(near).tolist())
        self.lines += lines

    def connect_groups(self) -> list[LineString]:
        """Return the roads that join towns without a street to the main network."""
        roads = []
        for group in self.waiting:
            ends = [group[0].coords[0], group[0].coords[-1]]
            x, y = min((p[:2] for p in ends), key=lambda p: float(np.hypot(*p)))
            line = self.connect(x, y)
            if line is not None:
                roads.append(line)
            self._accept(group)
        self.waiting = []
        return roads

    def connect(self, x_m: float, y_m: float) -> LineString | None:
        """Return a new road from the network to a place, and keep it as network."""
        target = int(np.hypot(self.xy[:, 0] - x_m, self.xy[:, 1] - y_m).argmin())
        if target in self.reached:
            return None
        sources = np.array(sorted(self.reached))
        cost, before, _ = dijkstra(
            self.graph, directed=False, indices=sources, min_only=True, return_predecessors=True
        )
        if not np.isfinite(cost[target]):
            return None
        path = [target]
        while before[path[-1]] >= 0:
            path.append(int(before[path[-1]]))
        self.reached.update(path)
        line = _smooth(self.xy[path[::-1]])
        start = Point(line.coords[0])
        near = self.lines[int(STRtree(self.lines).nearest(start))]
        joint = nearest_points(near, start)[0]
        xy = coords(line)
        xy = xy[np.hypot(xy[:, 0] - joint.x, xy[:, 1] - joint.y) > 22.0]
        line = LineString(np.vstack([[joint.x, joint.y], xy, [[x_m, y_m]]]))
        self.lines.append(line)
        return line


def rural_roads(
    land: Land, streets: list[LineString], names: Names
) -> tuple[list[Road], list[Village]]:
    """Return the rural roads, the village lanes and the villages."""
    rng = rng_for("villages")
    router = Router(land, streets)
    roads: list[Road] = []
    roads += [Road(r, {"highway": "tertiary"}) for r in router.connect_groups()]
    for cls, name, (x, y) in _EXITS_M:
        line = router.connect(x, y)
        if line is not None:
            roads.append(Road(line, {"highway": cls, "name": name}))
    sites = pick_sites(land, [*router.lines, spline(MOTORWAY_M)], 56)
    sites.sort(key=lambda p: p[0] ** 2 + p[1] ** 2)
    villages = []
    for x, y in sites:
        name = names.village()
        line = router.connect(x, y)
        if line is None:
            continue
        cls = "unclassified" if rng.random() < 0.75 else "track"
        roads.append(Road(line, {"highway": cls, "name": name.removesuffix("村") + "路"}))
        size = float(rng.lognormal(0.0, 0.35))
        lanes = _village_lanes(land, x, y, size, rng)
        roads += lanes
        ground = _village_ground(x, y, [*lanes, roads[-len(lanes) - 1]], size, rng)
        villages.append(Village(name=name, x_m=x, y_m=y, ground=ground, size=size))
    return roads, villages


def shortcuts(land: Land, villages: list[Village], streets: list[LineString]) -> list[Road]:
    """Return footpaths straight down from villages above the town, to be cut into steps."""
    rng = rng_for("shortcuts")
    tree = STRtree(streets)
    roads = []
    for village in villages:
        top = Point(village.x_m, village.y_m)
        street = tree.geometries[int(tree.nearest(top))]
        foot = nearest_points(street, top)[0]
        way = LineString([(top.x, top.y), (foot.x, foot.y)])
        if not 180 < way.length < 800 or way.intersects(land.river):
            continue
        steps = np.linspace(0, 1, max(4, int(way.length // 45)))
        xy = np.outer(1 - steps, [top.x, top.y]) + np.outer(steps, [foot.x, foot.y])
        xy[1:-1] += rng.normal(0, 9, (len(xy) - 2, 2))
        name = village.name.removesuffix("村") + "梯道"
        roads.append(Road(LineString(xy), {"highway": "path", "name": name}))
    return roads


def _village_lanes(
    land: Land, x: float, y: float, size: float, rng: np.random.Generator
) -> list[Road]:
    """Return three or four lanes that leave the village square and follow the slope."""
    roads = []
    start = rng.uniform(0, 2 * np.pi)
    for k in range(int(rng.integers(3, 5))):
        angle = start + k * 2 * np.pi / 4 + rng.normal(0, 0.3)
        points = [(x, y)]
        for _ in range(int(rng.integers(5, 9) * min(1.4, size))):
            px, py = points[-1]
            angle += rng.normal(0, 0.22)
            trial = [angle - 0.5, angle, angle + 0.5]
            rise = [
                abs(float(land.height.at(px + 40 * np.cos(a), py + 40 * np.sin(a))
                          - land.height.at(px, py))) for a in trial
            ]  # fmt: skip
            angle = trial[int(np.argmin(rise))]
            points.append((px + 22 * float(np.cos(angle)), py + 22 * float(np.sin(angle))))
        cls = str(rng.choice(["residential", "path", "track", "service"], p=[0.3, 0.25, 0.2, 0.25]))
        roads.append(Road(LineString(points).simplify(1.0), {"highway": cls}))
    return roads


def _village_ground(
    x: float, y: float, roads: list[Road], size: float, rng: np.random.Generator
) -> Polygon:
    """Return the built ground of a village: a ragged strip along its lanes."""
    near = Point(x, y).buffer(150 * size**0.5)
    strips = [road.line.intersection(near).buffer(float(rng.uniform(32, 50))) for road in roads]
    ground = strips[0]
    for strip in strips[1:]:
        ground = ground.union(strip)
    ground = ground.buffer(12).buffer(-14).simplify(5)
    parts = getattr(ground, "geoms", [ground])
    return Polygon(max(parts, key=lambda part: float(part.area)).exterior)


def graded(land: Land, roads: list[Road], limit: float = 0.085) -> Field:
    """Return the terrain cut and filled along roads so that they keep below a slope."""
    places, levels = [], []
    for road in roads:
        line = road.line
        steps = np.linspace(0, line.length, max(2, int(line.length // 10)))
        xy = np.array([line.interpolate(s).coords[0][:2] for s in steps])
        gap = max(0.1, float(steps[1] - steps[0]))
        level = gaussian_filter1d(land.height.at(xy[:, 0], xy[:, 1]), 40 / gap, mode="nearest")
        for _ in range(60):
            # Push neighbours together until no step is steeper than the limit.
            rise = np.diff(level)
            excess = np.sign(rise) * np.clip(np.abs(rise) - limit * gap, 0, None) / 2
            if not excess.any():
                break
            level[:-1] += excess * 0.9
            level[1:] -= excess * 0.9
        places.append(xy)
        levels.append(level)
    tree = cKDTree(np.vstack(places))
    gx, gy = grid_xy(CELL_M)
    away, near = tree.query(np.column_stack([gx.ravel(), gy.ravel()]), k=4)
    weight = 1 / (away + 5.0) ** 2
    level = (np.concatenate(levels)[near] * weight).sum(1) / weight.sum(1)
    share = (1 - smoothstep((away[:, 0] - 18) / 75)).reshape(gx.shape)
    share *= smoothstep(land.bank_distance.values / 80)
    values = land.height.values * (1 - share) + level.reshape(gx.shape) * share
    return Field(values, CELL_M, land.height.half_x_m, land.height.half_y_m)
