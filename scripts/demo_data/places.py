"""Districts, residential areas and care facilities of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import nearest_points, polygonize, unary_union

from demo_data.blocks import Home
from demo_data.frame import coords, rng_for, spline

if TYPE_CHECKING:
    from demo_data.land import Land
    from demo_data.network import Road
    from demo_data.rural import Village

_OUTLINE_M = [
    (-4500, 2950), (-3350, 3850), (-1650, 3650), (-250, 4150), (1450, 3800), (2850, 4100),
    (4100, 3350), (4480, 1900), (4300, 500), (4720, -800), (4980, -2000), (4050, -3150),
    (2300, -3800), (600, -3550), (-850, -4050), (-2450, -4250), (-3650, -3600), (-4400, -2200),
    (-4250, -700), (-4780, 800), (-4950, 2000),
]  # fmt: skip

_BORDERS_M = [
    [(-5400, 2650), (-4400, 2500), (-3300, 2300), (-2450, 1500), (-1500, 1330), (-780, 1560),
     (150, 2480), (1250, 2620), (2500, 2120), (3500, 1560), (4200, 1200), (5000, 1150)],
    [(1000, 2560), (420, 3150), (550, 3700), (250, 4500)],
    [(-2450, 1540), (-2200, 900), (-2330, 300), (-2260, -300), (-2420, -800)],
    [(130, 2520), (440, 1900), (380, 1400), (600, 950), (560, 600)],
    [(-2750, -250), (-3050, -950), (-2980, -1700), (-3500, -2350), (-4900, -2500)],
    [(-3010, -1650), (-2250, -2450), (-1500, -2330), (-600, -1750), (300, -1300), (1250, -1350),
     (1950, -1650), (2350, -1150), (2850, -600)],
    [(1050, -1250), (850, -2050), (1350, -2900), (1050, -4300)],
]  # fmt: skip

# Unit, kind, and one point in each of its parts.
UNITS: list[tuple[str, str, list[tuple[float, float]]]] = [
    ("老城街道", "街道", [(-1000, 200)]),
    ("新区街道", "街道", [(1800, 1700)]),
    ("江南街道", "街道", [(900, -300)]),
    ("石桥镇", "镇", [(-3600, 1200), (-4000, -1300)]),
    ("柳溪镇", "镇", [(3200, -2500)]),
    ("双河镇", "镇", [(-1900, -3300)]),
    ("青岭乡", "乡", [(-1500, 2800)]),
    ("东坪乡", "乡", [(2600, 3200)]),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One row of the workbook, with its place in metres."""

    sheet: str
    name: str
    kind: str
    capacity: int
    status: str
    year: int
    x_m: float
    y_m: float
    unit: str = ""
    address: str = ""


def make_units(land: Land) -> list[tuple[str, str, Polygon]]:
    """Return the eight units; they share their borders exactly and leave no gap."""
    ring = np.array([*_OUTLINE_M, _OUTLINE_M[0]], dtype=np.float64)
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))])
    curve = CubicSpline(chord, ring, axis=0, bc_type="periodic")
    rng = rng_for("borders")
    outline = _ragged(LineString(curve(np.linspace(0, chord[-1], 260))), rng)
    borders = [_ragged(spline(points, step_m=70), rng) for points in _BORDERS_M]
    area = Polygon(outline.coords).buffer(0)
    faces = polygonize(unary_union([area.exterior, land.river_line, *borders]))
    parts: dict[str, list[Polygon]] = {name: [] for name, _, _ in UNITS}
    seeds = [(name, Point(p)) for name, _, points in UNITS for p in points]
    for face in faces:
        if area.contains(face.representative_point()):
            name = min(seeds, key=lambda seed: face.distance(seed[1]))[0]
            parts[name].append(face)
    return [(name, kind, unary_union(parts[name])) for name, kind, _ in UNITS]


def _ragged(line: LineString, rng: np.random.Generator) -> LineString:
    """Return a border with the small turns that ridges and field edges give it."""
    xy = coords(line).copy()
    xy[1:-1] += rng.normal(0, 14, (len(xy) - 2, 2))
    return LineString(xy)


def unit_of(units: list[tuple[str, str, Polygon]], x_m: float, y_m: float) -> str:
    """Return the unit in which a point lies, or the nearest one."""
    return min(units, key=lambda unit: float(unit[2].distance(Point(x_m, y_m))))[0]


def make_homes(
    homes: list[Home], villages: list[Village], units: list[tuple[str, str, Polygon]]
) -> list[tuple[Home, str]]:
    """Return all residential areas inside the district, each with its unit."""
    area = unary_union([polygon for _, _, polygon in units])
    everything = [
        *homes,
        *[Home(name=v.name, kind="村", zone="", ground=v.ground) for v in villages],
    ]
    result = []
    for home in everything:
        c = home.ground.representative_point()
        if area.contains(home.ground):
            result.append((home, unit_of(units, c.x, c.y)))
    return result


_ELDERLY = [
    ("老城街道社区养老服务综合体", "社区养老服务综合体", 60, "现状", 2019, (-1180, -240)),
    ("西门社区日间照料中心", "日间照料中心", 20, "现状", 2016, (-1720, -330)),
    ("学宫社区老年食堂", "老年食堂", 0, "现状", 2022, (-760, 330)),
    ("北城社区养老服务综合体", "社区养老服务综合体", 80, "现状", 2021, (760, 1620)),
    ("中山社区日间照料中心", "日间照料中心", 25, "现状", 2018, (60, 1180)),
    ("望江社区日间照料中心", "日间照料中心", 24, "现状", 2020, (1800, 1640)),
    ("白塔社区日间照料中心", "日间照料中心", 30, "现状", 2017, (-1850, -1330)),
    ("石桥镇区域性养老服务中心", "区域性养老服务中心", 120, "现状", 2020, (-4250, 1480)),
    ("柳溪镇区域性养老服务中心", "区域性养老服务中心", 110, "现状", 2021, (4350, -1780)),
    ("双河镇日间照料中心", "日间照料中心", 18, "现状", 2019, (-2000, -3900)),
    ("{village}农村幸福院", "农村幸福院", 12, "现状", 2018, (-2900, 2400)),
    ("江南街道社区养老服务综合体", "社区养老服务综合体", 90, "规划", 2026, (880, -120)),
    ("新区街道社区养老服务综合体", "社区养老服务综合体", 80, "规划", 2026, (2960, 900)),
    ("江南二社区日间照料中心", "日间照料中心", 30, "规划", 2027, (250, 60)),
    ("东坪乡日间照料中心", "日间照料中心", 15, "规划", 2025, (1950, 3420)),
    ("{village}农村幸福院", "农村幸福院", 12, "规划", 2028, (1200, -2200)),
]  # fmt: skip

_NURSERIES = [
    ("老城区婴幼儿照护服务中心", "托育机构", 90, "现状", 2021, (-1050, -20)),
    ("文庙幼儿园托班", "幼儿园托班", 20, "现状", 2020, (-1560, -120)),
    ("北城实验幼儿园托班", "幼儿园托班", 40, "现状", 2022, (540, 1480)),
    ("小海豚托育园", "托育机构", 60, "现状", 2023, (1180, 1240)),
    ("中山社区婴幼儿照护驿站", "社区婴幼儿照护驿站", 15, "现状", 2022, (120, 1420)),
    ("青苗托育中心", "托育机构", 80, "现状", 2020, (1880, 1840)),
    ("新区第一幼儿园托班", "幼儿园托班", 40, "现状", 2024, (3120, 1200)),
    ("白塔幼儿园托班", "幼儿园托班", 20, "现状", 2019, (-1400, -1250)),
    ("南桥社区婴幼儿照护驿站", "社区婴幼儿照护驿站", 12, "现状", 2023, (-2250, -1650)),
    ("石桥镇中心幼儿园托班", "幼儿园托班", 20, "现状", 2021, (-4150, 1600)),
    ("柳溪镇中心幼儿园托班", "幼儿园托班", 20, "现状", 2022, (4500, -1900)),
    ("云岭林间托育园", "托育机构", 30, "现状", 2024, None),
    ("江南第一托育中心", "托育机构", 120, "规划", 2026, (1000, 180)),
    ("江南幼儿园托班", "幼儿园托班", 40, "规划", 2025, (480, -350)),
    ("湿地社区婴幼儿照护驿站", "社区婴幼儿照护驿站", 15, "规划", 2027, (1560, 120)),
    ("新区公办托育综合服务中心", "托育机构", 150, "规划", 2026, (3250, -120)),
    ("双河镇中心幼儿园托班", "幼儿园托班", 20, "规划", 2025, (-1950, -3800)),
    ("青岭乡婴幼儿照护驿站", "社区婴幼儿照护驿站", 10, "规划", 2028, (-1480, 3200)),
]  # fmt: skip


def _far_point(lines: list[LineString], near: tuple[float, float]) -> tuple[float, float]:
    """Return a point about 250 m from every road, as close as possible to a given one."""
    tree = STRtree(lines)
    best, best_cost = near, np.inf
    for dx in range(-900, 901, 20):
        for dy in range(-900, 901, 20):
            p = Point(near[0] + dx, near[1] + dy)
            away = float(tree.geometries[int(tree.nearest(p))].distance(p))
            cost = abs(away - 252) * 20 + float(np.hypot(dx, dy))
            if cost < best_cost:
                best, best_cost = (p.x, p.y), cost
    return best


def make_facilities(
    roads: list[Road], villages: list[Village], units: list[tuple[str, str, Polygon]]
) -> list[Facility]:
    """Return all facilities; each stands beside a street, but for one out in the hills."""
    rng = rng_for("facilities")
    streets = [r for r in roads if r.at_grade and "name" in r.tags and r.highway != "steps"
               and "foot" not in r.tags]  # fmt: skip
    tree = STRtree([road.line for road in streets])
    every = [road.line for road in roads]
    result = []
    for sheet, rows in (("养老设施", _ELDERLY), ("托育设施", _NURSERIES)):
        for name, kind, capacity, status, year, place in rows:
            title, address = name, ""
            if place is None:
                x, y = _far_point(every, (2500, 2700))
            else:
                p = Point(place)
                if kind == "农村幸福院":
                    village = min(
                        villages, key=lambda v: np.hypot(v.x_m - place[0], v.y_m - place[1])
                    )
                    title = name.format(village=village.name)
                    p = Point(village.x_m + 15.0, village.y_m + 10.0)
                road = streets[int(tree.nearest(p))]
                foot = nearest_points(road.line, p)[0]
                away = max(1e-6, foot.distance(p))
                x = foot.x + (p.x - foot.x) / away * min(9.0, max(away, 5.0))
                y = foot.y + (p.y - foot.y) / away * min(9.0, max(away, 5.0))
                address = f"{road.tags['name']}{int(rng.integers(3, 190))}号"
            unit = unit_of(units, x, y)
            result.append(
                Facility(
                    sheet=sheet, name=title, kind=kind, capacity=capacity, status=status,
                    year=year, x_m=float(x), y_m=float(y), unit=unit,
                    address=unit + (address or "云岭"),
                )
            )  # fmt: skip
    return result
