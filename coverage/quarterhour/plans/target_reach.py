"""Who can walk to some facilities, for the indicators that ask for it: searched, never guessed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import shapely

from quarterhour.assessing.analysis import inside_ms_of, toward
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.ground import FACILITY_LINK_M, Ground, positions
from quarterhour.assessing.place_search import Places
from quarterhour.core import reach as times
from quarterhour.inputs import AreaSet, Note, UnitSet
from quarterhour.measures import counted
from quarterhour.model import PointSet
from quarterhour.plans.target_facilities import Listed, taken
from quarterhour.targets.data import PositionsWalked, Walked
from quarterhour.walkers import walker as walker_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.facility_links import FacilityLinks
    from quarterhour.core.impedance import Impedance
    from quarterhour.model import Walker
    from quarterhour.study_file.parts import Study

    BoolArray = NDArray[np.bool_]
    Asked = tuple[tuple[int, ...], float, str | None]


class Walks:
    """Searches on the ground of a study, each made once.

    Facilities are linked, entered and walked to as the service says whose table lists them.
    """

    def __init__(
        self,
        study: Study,
        ground: Ground,
        listed: Listed,
        levels: dict[str, UnitSet],
        *,
        threads: int | None = None,
    ) -> None:
        self.study, self.ground, self.listed = study, ground, listed
        self.levels, self.threads = levels, threads
        self._places: dict[Asked, Walked] = {}
        self._positions: dict[tuple[str, Asked], PositionsWalked] = {}
        self._points: dict[str, PointSet] = {}
        self._links: dict[Asked, list[tuple[Impedance, FacilityLinks, int, int]]] = {}

    def reach(self, rows: tuple[int, ...], minutes: float, walker: str | None) -> Walked:
        """The places inside the study area within so many minutes of one of the rows."""
        asked = (rows, minutes, walker)
        if asked not in self._places:
            self._places[asked] = self._reach(asked)
        return self._places[asked]

    def _reach(self, asked: Asked) -> Walked:
        ground = self.ground
        _, told = self._walker(asked)
        covered = np.zeros(len(ground.inside), bool)
        linked = np.zeros(len(ground.inside), bool)
        unused = 0
        for costs, links, cutoff_ms, inside_ms in self._linked(asked):
            places = Places(ground, costs, self.threads)
            linked[places.linkage.owner] = True
            unused += sum(s == "unlinked" for s in links.status)
            if links.used.any():
                gates = times.stops(costs, links.linkage, each_point=True, inside_ms=inside_ms)
                covered |= places.nearest(links, gates, cutoff_ms).covered(cutoff_ms)
        notes = [told]
        if unused:
            notes.append(
                Note(
                    f"{unused} 个设施附近没有道路，不计步行可达",
                    f"no road is near {counted(unused, 'facility', 'facilities')}, so that nobody"
                    " walks there",
                )
            )
        inside = ground.inside
        return Walked(covered=covered[inside], linked=linked[inside], told=tuple(notes))

    def _walker(self, asked: Asked) -> tuple[Walker, Note]:
        """The walker that is named, or that of the first service whose table lists a row."""
        rows, _, name = asked
        if name is not None:
            who = walker_named(name)
        else:
            named = [k for k in self.listed.service[list(rows)].tolist() if k >= 0]
            who = self.study.service[min(named, default=0)].who()
        how = "" if who.rule_m else f"{who.speed_mps:.2f} m/s"
        rule = "按距离规定" if who.rule_m else f"步行速度 {how}"
        return who, Note(
            f"沿路网步行，{who.label_zh}，{rule}",
            f"walked along the streets, {who.label_en}{', ' + how if how else ', by metres'}",
        )

    def _linked(self, asked: Asked) -> list[tuple[Impedance, FacilityLinks, int, int]]:
        """By service the impedance, the linked rows, the cutoff and the walk behind the door."""
        if asked in self._links:
            return self._links[asked]
        rows, minutes, _ = asked
        who, _ = self._walker(asked)
        at = np.array(rows, np.int64)
        known = {m for m, _ in who.rule_m}
        rule = bool(known) and minutes not in known
        cutoff_ms = who.limit_ms(minutes) if rule else who.cutoff_ms(minutes)
        found = []
        for k in np.unique(self.listed.service[at]).tolist():
            part = self.study.service[k] if k >= 0 else None
            mine = taken(self.listed.facilities, at[self.listed.service[at] == k])
            mine = dataclasses.replace(mine, serving=np.ones(len(mine), bool))
            limit_m = part.link_limit_m if part else FACILITY_LINK_M
            costs = self.ground.impedance(who, toward=toward(part.direction if part else "to"))
            links = link_facilities(self.ground, costs, mine, limit_m)
            inside = 0 if part is None or who.rule_m else inside_ms_of(who, part.inside_min)
            found.append((costs, links, cutoff_ms, inside))
        self._links[asked] = found
        return found

    def positions(
        self, level: str, rows: tuple[int, ...], minutes: float, walker: str | None
    ) -> PositionsWalked:
        """The positions inside each unit of a level: all of them, and those that are covered."""
        asked = (rows, minutes, walker)
        key = (level, asked)
        if key not in self._positions:
            self._positions[key] = self._at_positions(level, asked)
        return self._positions[key]

    def _at_positions(self, level: str, asked: Asked) -> PositionsWalked:
        points = self._points_of(level)
        covered = np.zeros(len(points.owner), bool)
        for costs, links, cutoff_ms, inside_ms in self._linked(asked):
            if not links.used.any() or not len(points.owner):
                continue
            linkage = self.ground.link_facilities(
                points, costs.linkable, limit_m=self.ground.link_limit_m
            )
            sources = times.stops(costs, links.linkage, inside_ms=inside_ms)
            alone = times.stops(costs, linkage, each_point=True)
            near = times.nearest(costs, sources, alone, limit_ms=cutoff_ms)
            covered[near.place[near.ms <= cutoff_ms]] = True
        n = points.n_owners
        return PositionsWalked(
            covered=np.bincount(points.owner[covered], minlength=n).astype(np.int64),
            total=np.bincount(points.owner, minlength=n).astype(np.int64),
        )

    def _points_of(self, level: str) -> PointSet:
        """Positions on a grid inside polygons, and units that are points themselves."""
        if level not in self._points:
            self._points[level] = _points(self.levels[level], self.ground)
        return self._points[level]


def _points(of: UnitSet, ground: Ground) -> PointSet:
    dimension = shapely.get_dimensions(of.geometry)
    area, point = np.flatnonzero(dimension == 2), np.flatnonzero(dimension == 0)
    grid = positions(
        AreaSet(
            geometry=of.geometry[area],
            name=tuple(of.name[k] for k in area),
            kind=("",) * len(area),
            row=of.row[area],
        ),
        ground.crs,
        [],
    )
    at = shapely.centroid(of.geometry[point])
    x, y = ground.crs.metres(shapely.get_x(at), shapely.get_y(at)) if len(point) else (at, at)
    owner = np.concatenate([area[grid.owner], point]).astype(np.int64)
    order = np.argsort(owner, kind="stable")
    return PointSet(
        x_m=np.concatenate([grid.x_m, np.asarray(x, np.float64)])[order],
        y_m=np.concatenate([grid.y_m, np.asarray(y, np.float64)])[order],
        owner=owner[order],
        n_owners=len(of),
    )
