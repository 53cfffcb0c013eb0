"""A made-up town as map data: streets on a grid with bends, a river, people and facilities."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from shapely.affinity import scale, translate
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.ops import unary_union

from quarterhour.render.map.layers import (
    Areas,
    BaseRoads,
    District,
    FacilityMark,
    Figure,
    MapData,
    Places,
    ServiceLayer,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

LON, LAT = 106.55, 29.56
M_LAT = 1 / 111_320
M_LON = M_LAT / np.cos(np.radians(LAT))

HOSTILE = (
    "`${alert(1)}` \"quote\" 'single' <img src=x onerror=alert(2)></script>"
    "<script>alert(3)</script>\u2028\u2029 \U0001f474\U0001f3fd {{ 7*7 }} {% raw %} &amp; 𠮷㐂龘"
)


def at(x_m: float, y_m: float) -> tuple[float, float]:
    """Longitude and latitude of a point given in metres east and north of the town's centre."""
    return LON + x_m * M_LON, LAT + y_m * M_LAT


def ground(shape: BaseGeometry) -> BaseGeometry:
    """A shape drawn in metres, as longitude and latitude."""
    return translate(scale(shape, M_LON, M_LAT, origin=(0, 0)), LON, LAT)


def roads(n: int = 24, bends: int = 4, gap_m: float = 180.0, seed: int = 1) -> BaseRoads:
    """An n by n grid of streets of `bends` vertices each, a ferry and some steps."""
    rng = np.random.default_rng(seed)
    half = gap_m * (n - 1) / 2
    shift = rng.normal(0, gap_m / 9, (n, n, 2))
    node = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), axis=-1) * gap_m - half
    node = node + shift
    parts, ranks = [], []
    for i in range(n):
        for j in range(n):
            for di, dj in ((1, 0), (0, 1)):
                if i + di >= n or j + dj >= n:
                    continue
                if rng.random() < 0.12:
                    continue
                share = np.linspace(0, 1, bends)[:, None]
                line = node[i, j] * (1 - share) + node[i + di, j + dj] * share
                line[1:-1] += rng.normal(0, gap_m / 40, (bends - 2, 2))
                parts.append(line)
                main = (dj and i % 6 == 3) or (di and j % 6 == 3)
                ranks.append(0 if main else int(rng.choice([1, 1, 1, 2, 2, 3], p=None)))
    parts.append(
        np.array([[-half - 200, -half * 0.2], [-half - 700, 0.0], [-half - 900, half * 0.3]])
    )
    ranks.append(4)
    every = np.concatenate(parts)
    start = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
    return BaseRoads(
        lon=LON + every[:, 0] * M_LON,
        lat=LAT + every[:, 1] * M_LAT,
        line_start=start,
        rank=np.array(ranks, dtype=np.uint8),
    )


def blob(x_m: float, y_m: float, radius_m: float, seed: int) -> Polygon:
    """An uneven round shape in metres, like an area reached on foot."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    uneven = np.convolve(np.tile(rng.uniform(0.6, 1.05, 60), 3), np.ones(5) / 5, "same")[60:120]
    jag = uneven * rng.uniform(0.9, 1.0, 60)
    points = np.column_stack([np.cos(angle), np.sin(angle)]) * (radius_m * jag)[:, None]
    return Polygon(points + np.array([x_m, y_m])).buffer(0)


def places(
    points: np.ndarray, amount: np.ndarray, minutes: object, reason: str, nearest: int = 0
) -> Places:
    """Places at points in metres, all with one reason."""
    n = len(points)
    return Places(
        lon=LON + points[:, 0] * M_LON if n else np.empty(0),
        lat=LAT + points[:, 1] * M_LAT if n else np.empty(0),
        amount=np.asarray(amount, dtype=np.float64),
        minutes=np.broadcast_to(np.asarray(minutes, dtype=np.float64), (n,)).copy(),
        nearest=np.full(n, nearest, dtype=np.int64),
        reason=(reason,) * n,
    )


def nobody() -> Places:
    """No place at all."""
    return places(np.empty((0, 2)), np.empty(0), np.nan, "far")


def service(
    name: str,
    sites: list[tuple[float, float]],
    *,
    group: str = "age_60_plus",
    names: list[str] | None = None,
    people_step_m: float = 110.0,
    half_m: float = 2000.0,
    residential: bool = True,
    seed: int = 3,
) -> ServiceLayer:
    """A service with facilities at `sites` (metres), everyone else placed on a regular grid."""
    rng = np.random.default_rng(seed)
    reach = (330.0, 620.0, 900.0)
    bands = [
        unary_union([blob(x, y, r, 10 * k + seed) for k, (x, y) in enumerate(sites)]) for r in reach
    ]
    axis = np.arange(-half_m, half_m + 1, people_step_m)
    grid = np.array([(x, y) for x in axis for y in axis]) + rng.normal(0, 12, (len(axis) ** 2, 2))
    amount = rng.gamma(1.5, 14.0, len(grid)) * (1.6 - np.hypot(*(grid / half_m).T)).clip(0.1)
    inside = np.array([bands[-1].contains(Point(p)) for p in grid])
    lost = ~inside & (rng.random(len(grid)) < 0.03)
    left = ~inside & ~lost
    near = np.min([np.hypot(*(grid - s).T) for s in sites], axis=0) / 60 + 6
    covered, uncovered, unlinked = (float(amount[m].sum()) for m in (inside, left, lost))
    total = covered + uncovered + unlinked
    figures = []
    for minutes, band in zip((5.0, 10.0, 15.0), bands, strict=True):
        in_band = np.array([band.contains(Point(p)) for p in grid])
        c = float(amount[in_band & inside].sum()) if minutes < 15 else covered
        for who, factor in ((group, 1.0), ("all", 4.1)):
            figures.append(
                Figure(
                    cutoff_min=minutes,
                    group=who,
                    total=total * factor,
                    covered=c * factor,
                    uncovered=(total - c - unlinked) * factor,
                    unlinked=unlinked * factor,
                    share_covered=c / total,
                )
            )
    marks = []
    for k, (x, y) in enumerate(sites):
        lon, lat = at(x, y)
        marks.append(
            FacilityMark(
                name=names[k] if names else f"{name}{k + 1}号站",
                kind="社区综合体" if k % 2 else "日间照料中心",
                lon=lon,
                lat=lat,
                status="used",
                link_m=4.0 + 3 * k,
                reached={group: 812.0 + 31 * k, "all": 3600.0 + 100 * k},
                area=ground(blob(x, y, reach[-1], 10 * k + seed)),
            )
        )
    for status, x, y in (("planned", 1500.0, -1300.0), ("unlinked", -1750.0, 1600.0)):
        lon, lat = at(x, y)
        marks.append(
            FacilityMark(name=f"{name}（{status}）", kind="", lon=lon, lat=lat, status=status)
        )
    return ServiceLayer(
        name=name,
        group=group,
        walker="elderly",
        walker_label_zh="老年人",
        walker_label_en="older walker",
        speed_mps=0.9,
        cutoffs_min=(5.0, 10.0, 15.0),
        dissolved=tuple(ground(b) for b in bands),
        facilities=tuple(marks),
        uncovered=places(grid[left], amount[left], near[left].clip(15.004), "far"),
        unlinked=places(grid[lost], amount[lost], np.nan, "unlinked", nearest=-1),
        residential=_estates(bands[-1], half_m, seed) if residential else None,
        figures=tuple(figures),
        set_aside=2,
    )


def _estates(reached: Polygon, half_m: float, seed: int) -> Areas:
    rng = np.random.default_rng(seed + 50)
    shapes, names, status, share, minutes = [], [], [], [], []
    for k in range(46):
        x, y = rng.uniform(-0.9 * half_m, 0.9 * half_m, 2)
        shape = box(x, y, x + rng.uniform(120, 260), y + rng.uniform(90, 220))
        if any(shape.distance(other) < 15 for other in shapes):
            continue
        part = shape.intersection(reached).area / shape.area
        shapes.append(shape)
        names.append(f"幸福小区{k}")
        verdict = "covered" if part > 0.95 else "partly" if part > 0.02 else "uncovered"
        verdict = "unlinked" if k % 17 == 5 else verdict
        status.append(verdict)
        share.append(part)
        minutes.append(np.nan if verdict == "unlinked" else 4 + 18 * (1 - part))
    return Areas(
        geometry=tuple(ground(s) for s in shapes),
        name=tuple(names),
        status=tuple(status),
        share=np.array(share),
        minutes=np.array(minutes),
    )


ELDERLY = [(-900.0, 700.0), (250.0, 300.0), (900.0, -700.0), (-500.0, -1100.0), (1200.0, 1200.0)]
NURSERY = [(-300.0, 200.0), (700.0, 900.0), (500.0, -1400.0)]


def town(language: str = "both", **changes: object) -> MapData:
    """The whole town with two services; `changes` replace fields of the map."""
    ring = MultiPoint([(-2100, -1900), (2050, -2050), (2200, 1500), (700, 2150), (-1900, 2000)])
    area = ring.convex_hull
    river = LineString([(-2500, -200), (-400, -100), (400, 600), (2500, 500)])
    halves = [area & box(-3000, -3000, 0, 3000), area & box(0, -3000, 3000, 3000)]
    fields = {
        "title": "江州区“一刻钟”养老托育服务圈现状"
        if language != "en"
        else "Care within a quarter of an hour in Jiangzhou District",
        "language": language,
        "demand_unit": "people",
        "roads": roads(),
        "services": (
            service("养老服务", ELDERLY),
            service("托育服务", NURSERY, group="age_0_3", seed=5),
        ),
        "area": ground(area),
        "districts": (
            District(name="江西街道", geometry=ground(halves[0])),
            District(name="江东街道", geometry=ground(halves[1])),
            District(name="沿江线", geometry=ground(river)),
        ),
        "outside_people": 1234.0,
        "data_date": "2025-06-30",
        "attribution": (
            "道路 © OpenStreetMap contributors, ODbL https://www.openstreetmap.org/copyright",
            "人口：街道统计表",
        ),
        "notes": (
            ("人口按居住用地均匀分配。", "People are spread evenly over residential land."),
            ("道路数据截至2025年6月。", "Roads as of June 2025."),
        ),
        "synthetic": True,
        "version": "0.1.0",
        "study_key": "3f9a1c07",
    }
    fields.update(changes)
    return MapData(**fields)


def lone_gap() -> MapData:
    """A town whose service area covers all, with one gap of 40 people in its middle."""
    all_over = ground(box(-2400, -2400, 2400, 2400))
    layer = service("养老服务", [(-1500.0, -1500.0)], residential=False)
    gap = places(np.array([[0.0, 0.0]]), np.array([40.0]), 15.004, "far")
    lost = places(np.array([[600.0, 0.0]]), np.array([7.0]), np.nan, "unlinked", nearest=-1)
    layer = replace(layer, dissolved=(all_over,) * 3, uncovered=gap, unlinked=lost)
    return town("zh", services=(layer,), districts=(), synthetic=False)


def hostile_town() -> MapData:
    layer = service(HOSTILE, [(-900.0, 0.0)], names=[HOSTILE], group=HOSTILE)
    areas = layer.residential
    estate = ground(box(500, 500, 1100, 1100))
    areas = replace(
        areas,
        geometry=(estate,),
        name=(HOSTILE,),
        status=("covered",),
        share=np.array([1.0]),
        minutes=np.array([4.26]),
    )
    facilities = tuple(replace(mark, kind=HOSTILE) for mark in layer.facilities)
    layer = replace(
        layer,
        residential=areas,
        facilities=facilities,
        unlinked=nobody(),
        uncovered=places(np.array([[0.0, -900.0]]), np.array([12.0]), 17.26, "far"),
        walker_label_zh=HOSTILE,
        walker_label_en=HOSTILE,
        rule="",
    )
    base = town("both")
    return replace(
        base,
        title=HOSTILE,
        services=(layer,),
        districts=(replace(base.districts[0], name=HOSTILE),),
        attribution=(HOSTILE, "javascript:alert(4) https://a.example/x?q=1&r='\"><b>"),
        notes=((HOSTILE, HOSTILE),),
        data_date=HOSTILE,
        version=HOSTILE,
        study_key=HOSTILE,
    )


def shown(text: str) -> str:
    """The text as a browser gives it back: line separators count as white space."""
    return re.sub(r"\s+", " ", text.replace("\u2028", " ").replace("\u2029", " ")).strip()
