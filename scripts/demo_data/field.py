"""Street directions as a field, and streets as lines traced through it.

Streets of a grown town follow the river bank, the contours and the older roads. A field of
directions mixes these; lines traced along and across it, never closer to a parallel street than a
given spacing, give a mesh that bends with the ground instead of a ruled grid.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon

from demo_data.frame import Field, coords, grid_xy, noise, rng_for, smoothstep
from demo_data.network import crossings_m, cut

if TYPE_CHECKING:
    from demo_data.frame import Floats
    from demo_data.land import Land

STEP_M = 12.0
_CELL_M = 40.0


class Directions:
    """The direction of streets at any point, one of two at right angles."""

    def __init__(
        self,
        land: Land,
        arterials: list[LineString],
        crooked_m: list[tuple[float, float, float]],
    ) -> None:
        """Mix contour, river, main road and noise into one field."""
        gx, gy = grid_xy(_CELL_M)
        half = (float(gx.max()), float(gy.max()))
        height = land.height.at(gx, gy)
        dy, dx = np.gradient(height, _CELL_M)
        slope = np.hypot(dx, dy)
        along_contour = np.exp(2j * (np.arctan2(dy, dx) + np.pi / 2))
        total = along_contour * smoothstep((slope - 0.03) / 0.15) * 1.2
        bank = np.clip(land.bank_distance.at(gx, gy), 0, None)
        pull = np.exp(-((bank / 330) ** 2))
        total += pull * np.exp(2j * _headings(land.river_line, gx, gy)[0])
        for line in arterials:
            heading, away_m = _headings(line, gx, gy)
            total += 0.7 * np.exp(-((away_m / 220) ** 2)) * np.exp(2j * heading)
        rng = rng_for("directions")
        turn = 0.16 * noise(rng, gx.shape, _CELL_M, 1100)
        crooked = noise(rng, gx.shape, _CELL_M, 420)
        for x, y, radius in crooked_m:
            # Old quarters were never planned: their lanes turn more.
            turn += 0.30 * crooked * np.exp(-(((gx - x) ** 2 + (gy - y) ** 2) / radius**2))
        total = (total + 0.05) * np.exp(2j * turn)
        unit = total / np.abs(total)
        self._cos = Field(unit.real, _CELL_M, *half)
        self._sin = Field(unit.imag, _CELL_M, *half)

    def at(self, x_m: float, y_m: float) -> float:
        """Return the direction in radians; the other direction is at a right angle."""
        return 0.5 * math.atan2(float(self._sin.at(x_m, y_m)), float(self._cos.at(x_m, y_m)))


def _headings(line: LineString, gx: Floats, gy: Floats) -> tuple[Floats, Floats]:
    """Return heading and distance of the nearest piece of a line for each grid point."""
    dense = np.array([line.interpolate(s).coords[0] for s in np.arange(0, line.length, 25.0)])
    heading = np.arctan2(*np.gradient(dense, axis=0).T[::-1])
    away, nearest = cKDTree(dense).query(np.column_stack([gx.ravel(), gy.ravel()]))
    return heading[nearest].reshape(gx.shape), away.reshape(gx.shape)


class Mesh:
    """Streets so far, with a hash of their points for the spacing test."""

    def __init__(self, directions: Directions, land: Land) -> None:
        """Start with no streets."""
        self.directions = directions
        self.land = land
        self.lines: list[LineString] = []
        self._hash: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)

    def add(self, line: LineString) -> None:
        """Keep a street and its points."""
        self.lines.append(line)
        steps = np.arange(0.0, line.length, STEP_M)
        xy = np.array([line.interpolate(s).coords[0][:2] for s in [*steps, line.length]])
        heading = np.arctan2(*np.gradient(xy, axis=0).T[::-1])
        for (x, y), angle in zip(xy, heading, strict=True):
            self._hash[int(x // 50), int(y // 50)].append((x, y, angle))

    def _crowded(self, x: float, y: float, angle: float, spacing_m: float) -> bool:
        """Say whether a street with about this direction is nearer than the spacing."""
        reach = int(spacing_m // 50) + 1
        cx, cy = int(x // 50), int(y // 50)
        for i in range(cx - reach, cx + reach + 1):
            for j in range(cy - reach, cy + reach + 1):
                for px, py, heading in self._hash.get((i, j), ()):
                    near = (px - x) ** 2 + (py - y) ** 2 < spacing_m**2
                    if near and abs(math.cos(heading - angle)) > 0.72:
                        return True
        return False

    def _trace(
        self, x: float, y: float, *, across: bool, sign: int, zone: Polygon, spacing_m: float,
        slope_limit: float,
    ) -> list[tuple[float, float]]:  # fmt: skip
        """Return the points of one half of a street, from the seed outwards."""
        turn = math.pi / 2 if across else 0.0
        angle = self.directions.at(x, y) + turn + (math.pi if sign < 0 else 0.0)
        points = [(x, y)]
        shapely.prepare(zone)
        for _ in range(140):
            mx, my = x + STEP_M / 2 * math.cos(angle), y + STEP_M / 2 * math.sin(angle)
            best = self.directions.at(mx, my) + turn
            if math.cos(best - angle) < 0:
                best += math.pi
            # A street keeps its family: a turn of more than a quarter ends it.
            if math.cos(best - angle) < 0.8:
                break
            nx, ny = x + STEP_M * math.cos(best), y + STEP_M * math.sin(best)
            rise = abs(float(self.land.height.at(nx, ny) - self.land.height.at(x, y))) / STEP_M
            if not zone.contains(Point(nx, ny)) or rise > slope_limit:
                break
            if self._crowded(nx, ny, best, spacing_m * 0.55):
                break
            x, y, angle = nx, ny, best
            points.append((x, y))
        return points

    def fill(
        self, zone: Polygon, *, spacing_m: float, stage: str, slope_limit: float = 0.16,
        dead_ends: float = 0.2, wobble_m: float = 0.0,
    ) -> list[LineString]:  # fmt: skip
        """Fill a zone with streets at about the given spacing and return them."""
        rng = rng_for("fill " + stage)
        west, south, east, north = zone.bounds
        tries = int(zone.area / spacing_m**2 * 14) + 30
        drawn: list[LineString] = []
        for k in range(tries):
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            across = bool(k % 2)
            angle = self.directions.at(x, y) + (math.pi / 2 if across else 0.0)
            local_m = spacing_m * rng.uniform(0.78, 1.25)
            if not zone.contains(Point(x, y)) or self._crowded(x, y, angle, local_m):
                continue
            halves = [
                self._trace(
                    x, y, across=across, sign=sign, zone=zone, spacing_m=local_m,
                    slope_limit=slope_limit,
                )
                for sign in (-1, 1)
            ]  # fmt: skip
            points = halves[0][::-1] + halves[1][1:]
            if len(points) * STEP_M < spacing_m * 0.7:
                continue
            xy = np.array(points)
            if wobble_m:
                knots = np.arange(0, len(xy) + 6, 6)
                for axis in (0, 1):
                    bump = rng.normal(0, wobble_m, len(knots))
                    xy[:, axis] += np.interp(np.arange(len(xy)), knots, bump)
            line = LineString(xy)
            drawn.append(line)
            self.add(line)
        return self._tidy(drawn, rng, spacing_m, dead_ends)

    def _tidy(
        self, drawn: list[LineString], rng: np.random.Generator, spacing_m: float, dead_ends: float
    ) -> list[LineString]:
        """Carry loose ends on to the next street, or cut them back to the last one."""
        fresh = {id(line) for line in drawn}
        kept = [line for line in self.lines if id(line) not in fresh]
        tree = STRtree(self.lines)
        result = []
        for line in drawn:
            xy = coords(line)
            longer = []
            for end, before in ((xy[0], xy[min(3, len(xy) - 1)]), (xy[-1], xy[max(-4, -len(xy))])):
                way = (end - before) / max(1e-9, float(np.hypot(*(end - before))))
                ray = LineString([end + way * 0.5, end + way * spacing_m * 0.9])
                hits = [self.lines[k] for k in sorted(tree.query(ray, predicate="intersects"))]
                at = crossings_m(ray, [h for h in hits if h is not line])
                clear = bool(at) and not self.land.river.intersects(cut(ray, 0.0, at[0] + 0.3))
                longer.append(np.asarray(ray.interpolate(at[0] + 0.3).coords[0]) if clear else None)
            if longer[0] is not None:
                xy = np.vstack([longer[0], xy])
            if longer[1] is not None:
                xy = np.vstack([xy, longer[1]])
            result.append((LineString(xy), longer[0] is not None, longer[1] is not None))

        tree = STRtree([*kept, *[line for line, _, _ in result]])
        everything = [*kept, *[line for line, _, _ in result]]
        final = []
        for line, start_ok, end_ok in result:
            others = [everything[k] for k in sorted(tree.query(line, predicate="intersects"))]
            at = crossings_m(line, [other for other in others if other is not line])
            if not at:
                continue
            first, last = at[0], at[-1]
            start, end = 0.0, line.length
            if start_ok or first < 35 or rng.random() > dead_ends:
                start = first
            if end_ok or end - last < 35 or rng.random() > dead_ends:
                end = last
            if end - start > 20:
                # A little overshoot, so that rounding never leaves a street short of its junction.
                whole = (max(0.0, start - 0.3), min(line.length, end + 0.3))
                final.append(cut(line, *whole).simplify(0.2))
        # The hash keeps the points as traced; only the lines are replaced.
        self.lines = [*kept, *final]
        return final
