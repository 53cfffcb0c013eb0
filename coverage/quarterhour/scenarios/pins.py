"""What the page's file of changes does to a study: facilities, closures and links of streets."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core import snap
from quarterhour.core.identity import network_key
from quarterhour.core.pinned import Link, Spot, cut_and_link, edges_in
from quarterhour.core.slope import position_lonlat
from quarterhour.core.splice import Flat
from quarterhour.frames import MetricCrs, bounds_of
from quarterhour.inputs import Change, Note, SetAside
from quarterhour.model import FERRY, PointSet
from quarterhour.sources.scenario.alterations import AlteredRoads
from quarterhour.sources.scenario.pins import facilities_of
from quarterhour.sources.scenario.street_shapes import Shapes
from quarterhour.units import mm_of_m

if TYPE_CHECKING:
    from quarterhour.assessing.ground import Ground
    from quarterhour.inputs import Facilities
    from quarterhour.model import RoadNetwork
    from quarterhour.sources.scenario.pins import Pin, Pins

NEAR_M = 50.0
"""How far from a street a closure or the end of a link may be, where its position is not known."""

SAME_DEG = 2e-6
"""Places of facilities are written with six digits."""


class Pinned:
    """Changes of a page, as they concern a study.

    `ground`: of the study as it is, None where it is only looked at; positions of the page count
    where it is the page's.
    """

    def __init__(self, pins: Pins, ground: Ground | None) -> None:
        self.pins, self.ground = pins, ground
        self.same = ground is not None and pins.network == network_key(ground.network)
        self.streets = bool(pins.of("cut") or pins.of("link"))
        self._told: list[Change] = []
        self._aside: list[SetAside] = []

    def added(self, service: str) -> Facilities:
        """The new facilities of a service."""
        return facilities_of(self.pins, service, self._on(self.pins.of("facility", service)))

    def _on(self, some: list[Pin]) -> dict[int, tuple[float, float]]:
        """Degrees of positions on the streets, by feature."""
        if self.ground is None or not self.same:
            return {}
        net = self.ground.network
        good = [
            p for p in some
            if 0 <= p.spots[0][0] < net.n_edges
            and p.spots[0][1] <= net.edge_length_mm[p.spots[0][0]]
        ]  # fmt: skip
        spots = np.array([p.spots[0] for p in good], np.int64).reshape(-1, 2)
        lon, lat = position_lonlat(net, spots[:, 0], spots[:, 1])
        return {p.row: (float(x), float(y)) for p, x, y in zip(good, lon, lat, strict=True)}

    def closed(self, service: str, found: Facilities) -> Facilities:
        """The facilities of a service without those that are closed or moved away."""
        serving = found.serving.copy()
        for name, lon, lat in self._gone(service):
            at = np.flatnonzero(
                serving
                & (np.abs(found.lon - lon) < SAME_DEG)
                & (np.abs(found.lat - lat) < SAME_DEG)
            )
            own = [k for k in at.tolist() if found.name[k] == name]
            if own:
                serving[own[0]] = False
        return dataclasses.replace(found, serving=serving)

    def _gone(self, service: str) -> list[tuple[str, float, float]]:
        shut = [(p.name, p.lon[0], p.lat[0]) for p in self.pins.of("close_facility", service)]
        return shut + [p.moved for p in self.pins.of("facility", service) if p.moved is not None]

    def told(self, service: str, before: Facilities, after: Facilities) -> tuple[Change, ...]:
        """What should be known of the facilities of a service."""
        shut = np.flatnonzero(before.serving & ~after.serving[: len(before)])
        note = Note(f"按 {self.pins.file} 关闭或迁出", f"is closed or moved by {self.pins.file}")
        told = [
            Change(
                layer="facilities", file=before.file, sheet=before.sheet, row=int(before.row[k]),
                name=before.name[k], kind="closed_pin", detail=note,
            )
            for k in shut.tolist()
        ]  # fmt: skip
        told += [self._added(p, service) for p in self.pins.of("facility", service)]
        missing = len(self._gone(service)) - len(shut)
        if missing:
            told.append(self._change(
                "not_closed",
                f"{missing} 处要关闭或迁出的设施在表中找不到（名称和位置都须相同），仍按原样计入",
                f"{missing} of the facilities to be closed or moved"
                f" {'is' if missing == 1 else 'are'} not in the table (name and place must be the"
                " same) and stay",
            ))  # fmt: skip
        if self.pins.terms:
            told.append(self._change(
                "other_terms",
                "网页上还改了步速或分钟数；方案按本研究的步行者和分钟数计算",
                "in the page another speed or other minutes were chosen; a scenario takes those of"
                " the study",
            ))  # fmt: skip
        if self.ground is not None and not self.same:
            told.append(self._change(
                "other_network",
                "该文件出自另一路网（道路或高程已变），各点按坐标重新接入道路，结果可能与网页略有不同",
                "is of another network (roads or heights have changed): its points are linked by"
                " their coordinates, and figures may differ a little from the page's",
            ))  # fmt: skip
        return tuple(told)

    def _added(self, p: Pin, service: str) -> Change:
        """A new facility, with its service and where it is."""
        lon, lat = p.lon[0], p.lat[0]
        zh, en = ("", "") if p.moved is None else (
            f"，由“{p.moved[0]}”迁来", f", moved from {p.moved[0]!r}"
        )  # fmt: skip
        return Change(
            layer="facilities", file=self.pins.file, sheet="", row=p.row, name=p.name,
            kind="added_pin",
            detail=Note(
                f"为“{service}”新增设施，位于 {lon:.6f}, {lat:.6f}{zh}",
                f"adds a facility of {service!r} at {lon:.6f}, {lat:.6f}{en}",
            ),
        )  # fmt: skip

    def _change(self, kind: str, zh: str, en: str) -> Change:
        return Change(
            layer="facilities", file=self.pins.file, sheet="", row=None, name="", kind=kind,
            detail=Note(zh, en),
        )  # fmt: skip

    def lines(self) -> Shapes | None:
        """The links, to be drawn."""
        some = self.pins.of("link")
        if not some:
            return None
        shapes = np.array(
            [shapely.LineString(list(zip(p.lon, p.lat, strict=True))) for p in some], object
        )
        return Shapes(
            geometry=shapes, name=tuple(p.name for p in some), kind=("",) * len(some),
            row=tuple(p.row for p in some), file=self.pins.file,
        )  # fmt: skip

    def altered(self, roads: RoadNetwork) -> AlteredRoads:
        """The roads with streets cut and linked, and what was done to them."""
        crs = MetricCrs(bounds_of((roads.vertex_lon, roads.vertex_lat)))
        flat = Flat(roads, *crs.metres(roads.vertex_lon, roads.vertex_lat))
        some = [*self.pins.of("cut"), *self.pins.of("link")]
        spots = self._spots(flat, crs, some)
        aside = [self._nowhere(p) for p in some if p.row not in spots]
        cuts = [p for p in self.pins.of("cut") if p.row in spots]
        links = [p for p in self.pins.of("link") if p.row in spots]
        made = cut_and_link(
            flat,
            [spots[p.row][0] for p in cuts],
            [Link(spots[p.row][0], spots[p.row][1], _length_mm(crs, p)) for p in links],
        )
        metres = sum(_length_mm(crs, p) for p in links) / 1000.0
        return AlteredRoads(
            network=made.network,
            changes=tuple(self._done(p, crs) for p in (*cuts, *links)),
            set_aside=tuple(aside),
            closed=np.array([[p.lon[0], p.lat[0], 0.0] for p in cuts], np.float64).reshape(-1, 3),
            opened_m=metres,
            joints=2 * len(links),
            used=np.flatnonzero([p.row in spots for p in self.pins.of("link")]),
        )

    def _spots(self, flat: Flat, crs: MetricCrs, some: list[Pin]) -> dict[int, tuple[Spot, ...]]:
        """Positions on the roads by feature: those of the page, or the nearest street."""
        roads = flat.network
        length = roads.edge_length_mm
        of: Any = edges_in(roads, self.ground.network) if self.same and self.ground else None
        found: dict[int, tuple[Spot, ...]] = {}
        index = snap.SegmentIndex(roads, flat.x_m, flat.y_m, edges=(roads.edge_kind & FERRY) == 0)
        for p in some:
            spots = []
            x, y = crs.metres(np.array(p.lon), np.array(p.lat))
            near = snap.link(index, PointSet.single(x, y), limit_m=NEAR_M)
            snapped = dict(zip(near.point.tolist(), zip(near.edge.tolist(),
                           near.offset_mm.tolist(), strict=True), strict=True))  # fmt: skip
            for k, (edge, offset) in enumerate(p.spots):
                known = of is not None and 0 <= edge < len(of) and of[edge] >= 0
                if known and offset <= length[of[edge]]:
                    spots.append(Spot(int(of[edge]), offset))
                elif k in snapped:
                    spots.append(Spot(*snapped[k]))
            if len(spots) == len(p.spots):
                found[p.row] = tuple(spots)
        return found

    def _nowhere(self, p: Pin) -> SetAside:
        return SetAside(
            layer="closures" if p.kind == "cut" else "openings", file=self.pins.file, sheet="",
            row=p.row, name=p.name, reason="no_street",
            detail=f"no street lies within {NEAR_M:g} m",
        )  # fmt: skip

    def _done(self, p: Pin, crs: MetricCrs) -> Change:
        if p.kind == "cut":
            note = Note(
                f"{p.lon[0]:.6f}, {p.lat[0]:.6f} 处道路封闭", f"closes a street at"
                f" {p.lon[0]:.6f}, {p.lat[0]:.6f}"
            )  # fmt: skip
        else:
            metres = _length_mm(crs, p) / 1000
            note = Note(f"新增 {metres:.1f} 米", f"opens {metres:.1f} m")
        return Change(
            layer="closures" if p.kind == "cut" else "openings", file=self.pins.file, sheet="",
            row=p.row, name=p.name, kind="closed" if p.kind == "cut" else "opened", detail=note,
        )  # fmt: skip


def _length_mm(crs: MetricCrs, p: Pin) -> int:
    """What the page said, else the straight line."""
    if p.length_mm >= 0:
        return p.length_mm
    x, y = crs.metres(np.array(p.lon), np.array(p.lat))
    return int(mm_of_m(np.hypot(x[1] - x[0], y[1] - y[0])))
