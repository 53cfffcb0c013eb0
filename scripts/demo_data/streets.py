"""The town's streets: main roads drawn by hand, the rest grown between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import nearest_points

from demo_data.field import Directions, Mesh
from demo_data.frame import coords, rng_for, spline
from demo_data.names import Names
from demo_data.network import Road, crossings_m, cut

if TYPE_CHECKING:
    from demo_data.land import Land

# Main roads: class, name, points. All of them run at grade except over the two bridges.
_MAIN = [
    ("primary", "迎宾大道", [(-6250, 3050), (-5300, 2330), (-4250, 1470), (-3200, 820),
                           (-2400, 260), (-1850, -70), (-1320, -130)]),
    ("primary", "解放路", [(-1320, -130), (-880, -20), (-520, 330), (-130, 830), (420, 1320),
                         (1080, 1530), (1750, 1480)]),
    ("primary", "新城大道", [(1750, 1480), (2350, 1180), (2880, 660), (3350, 120), (3950, -260),
                          (4700, -420), (5400, -760), (6250, -860)]),
    ("secondary", "环城路", [(-640, 210), (-690, 700), (-420, 1290), (110, 1890), (850, 2330),
                          (1650, 2230), (2380, 1820), (3050, 1440), (3560, 900), (3640, 350),
                          (3500, 10)]),
    ("secondary", "江南大道", [(-6250, 640), (-5200, 350), (-4200, -260), (-3300, -800),
                            (-2500, -1300), (-1650, -1420), (-900, -1180), (-330, -780),
                            (250, -300), (900, -60), (1500, -260), (1850, -760), (2450, -1500),
                            (3300, -1800), (4200, -1700), (5250, -2080), (6250, -2180)]),
    ("secondary", "中山路", [(560, 1020), (500, 1370), (390, 1750), (440, 2080), (535, 2240)]),
    ("tertiary", "江南二路", [(-120, -560), (240, -700), (760, -560), (1250, -640), (1850, -760)]),
    ("tertiary", "白塔路", [(-1650, -1420), (-1850, -1750), (-1900, -2200), (-1980, -2600)]),
    ("tertiary", "望江路", [(1060, 1060), (1130, 1300), (1080, 1530), (1180, 1900), (1130, 2340)]),
    ("tertiary", "云锦路", [(2380, 1820), (2480, 1450), (2350, 1180), (2230, 900)]),
    ("tertiary", "学府路", [(2620, -40), (3000, 200), (3350, 120)]),
]  # fmt: skip

# The two bridges: class, bridge, road, points of the whole road from north to south.
_BRIDGES = [
    ("primary", "沱湾大桥", "大桥路",
     [(-880, -20), (-900, -140), (-868, -245), (-776, -502), (-684, -760), (-630, -900),
      (-640, -1010)]),
    ("tertiary", "石梁桥", "石梁路",
     [(2640, 0), (2590, -72), (2400, -205), (2262, -300), (2060, -440), (1740, -590)]),
]  # fmt: skip

# Roads along the water: name, distance from the middle of the river, west and east end.
_EMBANKMENTS = [
    ("滨江路", 128, -2500, 2420),
    ("江南滨江路", -128, -2300, 2120),
    ("新区滨江路", 128, 2480, 3300),
]

_TUNNEL = ("tertiary", "云台隧道", "云台路",
           [(-690, 640), (-900, 700), (-1120, 690)], [(-1120, 690), (-1700, 790), (-2270, 690)],
           [(-2270, 690), (-2480, 560), (-2640, 425)])  # fmt: skip

MOTORWAY_M = [(-6250, 4420), (-5000, 3780), (-3500, 2880), (-2100, 2480), (-700, 2470),
              (400, 2720), (1300, 2780), (2300, 2330), (3200, 1830), (3900, 1000), (4800, 380),
              (6250, 60)]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A part of town with its own grain."""

    name: str
    ring_m: list[tuple[float, float]]
    kind: str
    spacings_m: tuple[float, ...]
    slope_limit: float = 0.13
    wobble_m: float = 0.0
    dead_ends: float = 0.2


ZONES = [
    Zone(name="老城", kind="old", spacings_m=(165, 52), slope_limit=0.34, wobble_m=5.0,
         dead_ends=0.45,
         ring_m=[(-2050, -420), (-1900, 110), (-1620, 470), (-1180, 720), (-720, 640), (-480, 350),
                 (-300, 120), (-520, -150), (-800, -330), (-1300, -600), (-1750, -610)]),
    Zone(name="城中", kind="mixed", spacings_m=(330, 165),
         ring_m=[(-690, 600), (-350, 100), (-60, 380), (300, 800), (700, 1010), (1300, 1050),
                 (1800, 900), (2200, 1000), (2350, 1500), (2100, 2000), (1300, 2450), (700, 2400),
                 (100, 1950), (-480, 1300)]),
    Zone(name="新区", kind="super", spacings_m=(290,), dead_ends=0.0,
         ring_m=[(2250, 1000), (2500, 1750), (3050, 1450), (3600, 1000), (3800, 200), (3700, -350),
                 (3300, -850), (2950, -850), (2600, -250), (2250, 350)]),
    Zone(name="江南", kind="super", spacings_m=(270,), dead_ends=0.0,
         ring_m=[(-420, -760), (-330, -350), (50, 60), (420, 480), (900, 690), (1500, 640),
                 (1950, 150), (2250, -400), (2100, -1000), (1700, -1000), (1200, -760),
                 (700, -760), (200, -820)]),
    Zone(name="白塔", kind="mixed", spacings_m=(300, 160),
         ring_m=[(-2850, -640), (-2450, -820), (-1700, -1080), (-900, -900), (-560, -760),
                 (-450, -1000), (-900, -1450), (-1450, -2100), (-1900, -2350), (-2400, -2150),
                 (-2800, -1500)]),
    Zone(name="石桥镇", kind="town", spacings_m=(150, 80), wobble_m=3.0, dead_ends=0.4,
         ring_m=[(-4750, 1900), (-4500, 2120), (-4150, 1850), (-3800, 1420), (-3850, 1120),
                 (-4250, 1130)]),
    Zone(name="柳溪镇", kind="town", spacings_m=(150, 80), wobble_m=3.0, dead_ends=0.4,
         ring_m=[(3850, -1420), (4500, -1380), (4950, -1750), (4850, -2150), (4300, -2250),
                 (3800, -2000)]),
    Zone(name="双河镇", kind="town", spacings_m=(140, 75), wobble_m=3.0, dead_ends=0.4,
         slope_limit=0.12,
         ring_m=[(-2330, -3700), (-2000, -3560), (-1700, -3700), (-1640, -4000), (-1900, -4230),
                 (-2260, -4130)]),
    Zone(name="青岭乡", kind="town", spacings_m=(120, 70), wobble_m=3.0, dead_ends=0.5,
         ring_m=[(-1720, 3130), (-1500, 3030), (-1280, 3150), (-1330, 3370), (-1600, 3400)]),
    Zone(name="东坪乡", kind="town", spacings_m=(120, 70), wobble_m=3.0, dead_ends=0.5,
         ring_m=[(1720, 3350), (1950, 3230), (2190, 3360), (2130, 3560), (1850, 3620)]),
]  # fmt: skip


def zone_polygon(zone: Zone, land: Land) -> Polygon:
    """Return the ground of a zone: its ring without the river and its banks."""
    ground = Polygon(zone.ring_m).buffer(60).buffer(-60).difference(land.river.buffer(42))
    parts = getattr(ground, "geoms", [ground])
    return max(parts, key=lambda part: float(part.area))


def embankments(land: Land) -> list[Road]:
    """Return the roads along the water, on both banks where the town touches it."""
    roads = []
    for name, side_m, west, east in _EMBANKMENTS:
        bank = land.river_line.offset_curve(side_m)
        xy = coords(bank)
        if xy[0, 0] > xy[-1, 0]:
            xy = xy[::-1]
        keep = xy[(xy[:, 0] > west) & (xy[:, 0] < east)]
        line = spline([(float(x), float(y)) for x, y in keep[::4]], step_m=30)
        roads.append(Road(line, {"highway": "tertiary", "name": name}))
    return roads


def main_roads(land: Land) -> list[Road]:
    """Return everything drawn by hand in town, bridges and tunnel included."""
    roads = [Road(spline(pts), {"highway": cls, "name": name}) for cls, name, pts in _MAIN]
    roads += embankments(land)
    for cls, bridge, street, points in _BRIDGES:
        whole = spline(points)
        deck = whole.intersection(land.river.buffer(20))
        start, end = sorted(whole.project(Point(deck.coords[k])) for k in (0, -1))
        tags = {"highway": cls, "name": street}
        roads.append(Road(cut(whole, 0.0, start), dict(tags)))
        roads.append(Road(cut(whole, end, whole.length), dict(tags)))
        extra = {"bridge": "yes", "layer": "1", "bridge:name": bridge}
        roads.append(Road(cut(whole, start, end), {**tags, **extra}, at_grade=False))
    cls, tunnel, street, lead_e, inside, lead_w = _TUNNEL
    tags = {"highway": cls, "name": street}
    roads += [Road(spline(lead_e), dict(tags)), Road(spline(lead_w), dict(tags))]
    extra = {"tunnel": "yes", "layer": "-1", "tunnel:name": tunnel}
    roads.append(Road(spline(inside), {**tags, **extra}, at_grade=False))
    # Special cases a walking router has to read right.
    ramp = spline([(2380, 1820), (2520, 1980), (2500, 2120), (2420, 2190)])
    roads.append(Road(ramp, {"highway": "trunk", "name": "高速连接线", "foot": "no"}))
    street = next(road.line for road in roads if road.tags["name"] == "江南大道")
    gate = nearest_points(street, Point(2240, -1300))[0]
    drive = spline([(gate.x, gate.y), (2140, -1440), (2180, -1560), (2120, -1640)])
    roads.append(Road(drive, {"highway": "service", "access": "private"}))
    return roads


# Rise over run from which a lane has steps instead of a slope.
STEPS_FROM = 0.12

_CLASS = {
    "old": ("residential", "lane"),
    "mixed": ("tertiary", "residential"),
    "super": ("tertiary",),
    "town": ("residential", "lane"),
}


def grow(land: Land, main: list[Road]) -> tuple[list[Road], list[Road]]:
    """Return the grown streets and, apart from them, the lanes inside the old quarters."""
    at_grade = [road.line for road in main if road.at_grade]
    crooked_m = [
        (*Polygon(z.ring_m).centroid.coords[0], 750.0) for z in ZONES if z.kind in {"old", "town"}
    ]
    arterials = [r.line for r in main if r.highway != "tertiary"]
    mesh = Mesh(Directions(land, arterials, crooked_m), land)
    for line in at_grade:
        mesh.add(line)
    names = Names()
    rng = rng_for("street classes")
    streets, lanes = [], []
    for level in (0, 1):
        for zone in ZONES:
            if level >= len(zone.spacings_m):
                continue
            cls = _CLASS[zone.kind][level]
            lines = mesh.fill(
                zone_polygon(zone, land), spacing_m=zone.spacings_m[level],
                stage=f"{zone.name} {level}", slope_limit=zone.slope_limit,
                dead_ends=zone.dead_ends if level else zone.dead_ends / 4, wobble_m=zone.wobble_m,
            )  # fmt: skip
            for line in lines:
                kind = cls
                if cls == "lane":
                    kind = str(rng.choice(["living_street", "footway", "pedestrian", "service"],
                                          p=[0.45, 0.3, 0.1, 0.15]))  # fmt: skip
                road = Road(line, {"highway": kind, "name": names.street(kind)})
                if kind == "residential" and rng.random() < 0.12:
                    road.tags["oneway"] = "yes"
                if kind in {"footway", "service"} and rng.random() < 0.5:
                    del road.tags["name"]
                (lanes if cls == "lane" else streets).append(road)
    return streets, _with_gaps(lanes)


def _with_gaps(lanes: list[Road]) -> list[Road]:
    """Return the lanes with some links missing, as courtyards close them in any old quarter."""
    rng = rng_for("gaps")
    tree = STRtree([road.line for road in lanes])
    result = []
    for road in lanes:
        near = [tree.geometries[k] for k in sorted(tree.query(road.line, predicate="intersects"))]
        at = crossings_m(road.line, [line for line in near if line is not road.line])
        links = [(a, b) for a, b in pairwise(at) if 25 < b - a < 120]
        if len(links) < 2 or rng.random() < 0.45:
            result.append(road)
            continue
        a, b = links[int(rng.integers(len(links)))]
        # A stub stays on one side now and then: a blind alley.
        stub = (b - a) * float(rng.choice([0.0, 0.6]))
        for start, end in ((0.0, a + stub), (b, road.line.length)):
            if end - start > 15:
                piece = cut(road.line, max(0.0, start - 0.3), min(road.line.length, end + 0.3))
                result.append(Road(piece, dict(road.tags)))
    return result


def with_steps(lanes: list[Road], land: Land) -> list[Road]:
    """Return the lanes with their steep pieces turned into steps."""
    result = []
    for road in lanes:
        line = road.line
        stations = np.arange(0.0, line.length + 19.9, 20.0).clip(max=line.length)
        xy = np.array([line.interpolate(s).coords[0][:2] for s in stations])
        height = land.height.at(xy[:, 0], xy[:, 1])
        steep = np.abs(np.diff(height)) / 20.0 > STEPS_FROM
        start = 0
        for k in range(1, len(steep) + 1):
            if k < len(steep) and steep[k] == steep[start]:
                continue
            if stations[k] - stations[start] < 1:
                break
            piece = cut(line, float(stations[start]), float(stations[k]))
            tags = dict(road.tags)
            if steep[start]:
                tags["highway"] = "steps"
            result.append(Road(piece, tags))
            start = k
    return result


def motorway(land: Land, below: list[Road]) -> list[Road]:
    """Return both carriageways: bridges over every street, tunnels through the ridges."""
    roads = []
    centre = spline(MOTORWAY_M, step_m=40)
    for side_m in (11.0, -11.0):
        line = centre.offset_curve(side_m).simplify(0.5)
        if side_m > 0:
            line = line.reverse()
        stations = np.linspace(0, line.length, int(line.length // 20) + 1)
        xy = np.array([line.interpolate(s).coords[0][:2] for s in stations])
        ground = land.height.at(xy[:, 0], xy[:, 1])
        deck = gaussian_filter1d(ground, 26)
        kind = np.where(ground > deck + 15, 2, np.where(ground < deck - 12, 1, 0))
        for at in crossings_m(line, [road.line for road in below if road.at_grade]):
            near = np.abs(stations - at) < 45
            kind[near & (kind != 2)] = 1
        start = 0
        for k in range(1, len(kind) + 1):
            if k < len(kind) and kind[k] == kind[start]:
                continue
            end = min(k, len(kind) - 1)
            tags = {"highway": "motorway", "name": "岚江高速", "oneway": "yes"}
            tags |= [{}, {"bridge": "yes", "layer": "2"}, {"tunnel": "yes", "layer": "-1"}][
                kind[start]
            ]
            if end > start:
                piece = cut(line, float(stations[start]), float(stations[end]))
                roads.append(Road(piece, tags, at_grade=False))
            start = end
    return roads


def park_paths(park: Polygon) -> list[Road]:
    """Return a loop and two crossing paths inside a park, with links to the street around it."""
    inner = park.buffer(-28).simplify(2)
    loop = LineString(inner.exterior.coords)
    c = inner.centroid
    paths = [loop]
    for k in range(3):
        edge = loop.interpolate((k + 0.35) / 3, normalized=True)
        bend = Point((edge.x + c.x) / 2 + 18, (edge.y + c.y) / 2 - 14)
        paths.append(spline([(edge.x, edge.y), (bend.x, bend.y), (c.x, c.y)], step_m=15))
        out = park.exterior.interpolate(park.exterior.project(edge))
        paths.append(LineString([(edge.x, edge.y), (out.x, out.y)]))
    return [Road(path, {"highway": "footway"}) for path in paths]
