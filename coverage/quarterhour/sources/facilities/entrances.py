"""Gates of facilities and of areas: from a column, or from a table or layer of their own."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.inputs import AreaSet, Change, Entrances, Facilities, Reading, SetAside
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.facilities.entrance_rows import Finder, Teller, read_gates
from quarterhour.sources.facilities.kinds import squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping

FAR_M = 2_000.0
"""A gate farther from its facility or area is an error: no campus is that large."""

NEAR_AREA_M = 30.0
"""How far from an area a gate may stand that belongs to it without naming it."""

NUMBER = re.compile(r"[-+]?(?:\d{1,3}\.\d+|\d{4,9}(?:\.\d+)?)")
"""A coordinate in a text: degrees with decimals, or metres; the 2 of 2号门 is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaGates:
    """Gates of areas, and what was set aside or read otherwise than written."""

    entrances: Entrances
    set_aside: tuple[SetAside, ...] = ()
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None


def entrances_of_column(facilities: Facilities) -> Facilities:
    """The facilities with the gates that their column `entrances` lists.

    A cell holds "lon,lat; lon,lat" in the coordinates of the facilities, each with a name if it has
    one: "东门 104.651,30.122; 北门 104.653,30.124". What is no pair of coordinates, or lies farther
    than 2 km from its facility, is set aside; the facility stays. Exchanged coordinates are turned
    round and recorded. A column without any coordinate, such as a number of gates, is not used.
    """
    cells = facilities.attributes.get("entrances", ())
    texts = [unicodedata.normalize("NFKC", str(c)) if isinstance(c, str) else "" for c in cells]
    pieces = [
        (k, piece.strip(" ,、"))
        for k, text in enumerate(texts)
        for piece in re.split(r"[;\n|]", text)
        if piece.strip(" ,、")
    ]
    if not pieces:
        return facilities
    tell = Teller(facilities.file, facilities.sheet)
    read = [(k, piece, *_gate(piece)) for k, piece in pieces]
    if not any(pair for *_, pair in read):
        tell.changes.append(
            tell.change(
                None, "", "entrances_unread",
                "entrances 一列没有坐标，未使用",
                "the column entrances holds no coordinates and was not used",
            )
        )  # fmt: skip
        return _extended(facilities, [], tell)
    gates: list[tuple[int, float, float, str]] = []
    for k, piece, name, pair in read:
        row, owner = int(facilities.row[k]), facilities.name[k]
        if pair is None:
            tell.aside(row, owner, "bad_entrance", f"no pair of coordinates: {piece[:60]!r}")
            continue
        for turned in (False, True):
            x, y = pair[::-1] if turned else pair
            lon, lat = _degrees(x, y, facilities.coordinates)
            away_m = _away_m(facilities, k, lon, lat)
            if away_m <= FAR_M:
                break
        if away_m > FAR_M:
            lon, lat = _degrees(*pair, facilities.coordinates)
            away_m = _away_m(facilities, k, lon, lat)
            how_far = f"{away_m / 1000:.0f} km away" if away_m < np.inf else "outside the earth"
            tell.aside(row, owner, "far_entrance", f"the entrance {piece[:60]!r} is {how_far}")
            continue
        if turned:
            tell.changes.append(
                tell.change(
                    row, owner, "swapped",
                    f"出入口坐标“{piece}”经纬度颠倒，已调换",
                    f"the entrance {piece!r} has longitude and latitude the other way round",
                )
            )  # fmt: skip
        gates.append((k, lon, lat, name))
    return _extended(facilities, gates, tell)


def _gate(piece: str) -> tuple[str, tuple[float, float] | None]:
    """Name and coordinates of one gate in a cell; its last two coordinates are meant."""
    found = list(NUMBER.finditer(piece))
    if len(found) != 2:
        return "", None
    # 104.65E and E104.65 say which half of the earth, Gate E 104.65 says which gate
    before = re.sub(r"(?<![A-Za-z])[ENen]$", "", piece[: found[0].start()])
    after = re.sub(r"^°?[ENen]?(?![A-Za-z])", "", piece[found[1].end() :])
    name = re.sub(r"^[\s,:()\[\]、]+|[\s,:()\[\]、]+$", "", f"{before} {after}")
    return name, (float(found[0][0]), float(found[1][0]))


def _degrees(x: float, y: float, coordinates: str) -> tuple[float, float]:
    """WGS-84 of one position, NaN where it lies outside the earth or the system."""
    if coordinates in datum.NAMES and not (abs(x) <= 180 and abs(y) <= 90):
        return np.nan, np.nan
    lon, lat = datum.to_wgs84(np.array([x]), np.array([y]), coordinates)
    return float(lon[0]), float(lat[0])


def _away_m(facilities: Facilities, k: int, lon: float, lat: float) -> float:
    """Metres from a facility, 0 where it stands somewhere in its town, infinite for no place."""
    if not (np.isfinite(lon) and np.isfinite(lat) and abs(lat) <= 90):
        return np.inf
    if facilities.approximate is not None and facilities.approximate[k]:
        return 0.0
    return float(_metres(facilities.lon[k], facilities.lat[k], lon, lat))


def _metres(lon: Any, lat: Any, lon_2: Any, lat_2: Any) -> Any:  # noqa: ANN401 - arrays or numbers
    from pyproj import Geod  # noqa: PLC0415 - only where gates are compared with their owners

    return Geod(ellps="WGS84").inv(lon, lat, lon_2, lat_2)[2]


def read_entrances(
    source: str | Path,
    facilities: Facilities,
    *,
    sheet: str | None = None,
    layer: str | None = None,
    coordinates: str = "wgs84",
    columns: Mapping[str, str] | None = None,
    resolve: Any = None,  # noqa: ANN401 - handed to read_points
) -> Facilities:
    """The facilities with the gates of a table or GIS layer, besides those that they have.

    A row names its facility by id or by name (设施名称, facility, name) and has a position; 出入口,
    gate or entrance is the name of the gate. Rows that name no facility, or one of several with the
    same name, or lie farther than 2 km from it, are set aside.

    Parameters
    ----------
    source, sheet, layer, coordinates, columns, resolve
        As in `read_points`; `columns` may also say which heading is facility and which is gate.

    Raises
    ------
    InputError
        The file cannot be used, or no column names the facilities.
    """
    path = Path(source)
    around = (facilities.lon, facilities.lat) if len(facilities) else None
    rows, owners, gates, ids = read_gates(
        path, "facility", around, sheet, layer, coordinates, columns, resolve
    )
    tell = Teller(path.name, rows.sheet, [*rows.set_aside], [*rows.changes])
    if not facilities.attributes.get("id"):
        ids = [""] * len(rows.row)
    if owners is None and not any(ids):
        raise InputError(
            f"{path}: no column says to which facility an entrance belongs; needed is 设施名称,"
            f" facility or an id; found are {', '.join(rows.columns)}"
        )
    find = Finder(facilities)
    found: list[tuple[int, float, float, str]] = []
    for k, row in enumerate(rows.row.tolist()):
        named = owners[k] if owners is not None else ""
        owner = find(ids[k], named, row, tell)
        if owner is None:
            continue
        lon, lat = float(rows.lon[k]), float(rows.lat[k])
        away_m = _away_m(facilities, owner, lon, lat)
        if away_m > FAR_M:
            tell.aside(
                row, named or ids[k], "far_entrance",
                f"the entrance is {away_m / 1000:.0f} km away from its facility in row"
                f" {facilities.row[owner]}",
            )  # fmt: skip
            continue
        found.append((owner, lon, lat, gates[k]))
    return replace(_extended(facilities, found, tell), gates_reading=rows.reading)


def read_area_entrances(
    source: str | Path,
    areas: AreaSet,
    *,
    coordinates: str = "wgs84",
    resolve: Any = None,  # noqa: ANN401 - handed to read_points
) -> AreaGates:
    """The gates of areas in a table or GIS layer; gates of no area are set aside.

    A gate belongs to the area that its row names (小区, area), the nearest of several with that
    name, if it is not farther than 2 km; otherwise to the area that it lies in or within 30 m of,
    the nearest, the first of equals.

    Raises
    ------
    InputError
        The file cannot be used.
    """
    path = Path(source)
    box = shapely.total_bounds(areas.geometry) if len(areas) else None
    around = (box[[0, 2]], box[[1, 3]]) if box is not None else None
    rows, owners, gates, _ = read_gates(
        path, "area", around, None, None, coordinates, None, resolve
    )
    tell = Teller(path.name, rows.sheet, [*rows.set_aside], [*rows.changes])
    by_name: dict[str, list[int]] = defaultdict(list)
    for k, name in enumerate(areas.name):
        by_name[squeeze(name)].append(k)
    found: list[tuple[int, float, float, str]] = []
    if len(rows.row) and len(areas):
        crs = MetricCrs(tuple(shapely.total_bounds(areas.geometry).tolist()))
        shapes = crs.geometry_m(areas.geometry)
        # an area around half the earth has no outline in the system of a city
        at, whose = shapely.get_coordinates(shapes, return_index=True)
        shapes[whose[~np.isfinite(at).all(axis=1)]] = shapely.Polygon()
        x_m, y_m = crs.metres(rows.lon, rows.lat)
        # the other side of the earth has no place in the system of a city: far away will do
        points = shapely.points(np.nan_to_num(x_m, posinf=9e7), np.nan_to_num(y_m, posinf=9e7))
        gate, near = shapely.STRtree(shapes).query(points, "dwithin", distance=NEAR_AREA_M)
        beside: dict[int, list[int]] = defaultdict(list)
        for k, area in zip(gate.tolist(), near.tolist(), strict=True):
            beside[k].append(area)
    for k, row in enumerate(rows.row.tolist()):
        named = owners[k] if owners is not None else ""
        mine = by_name.get(squeeze(named), []) if squeeze(named) else []
        candidates = sorted(mine or beside[k]) if len(areas) else []
        # to ten centimetres, so that a gate midway goes to the first and not to rounding errors
        away_m = [
            round(float(np.nan_to_num(shapely.distance(shapes[a], points[k]), nan=9e7)), 1)
            for a in candidates
        ]
        nearest_m = min(away_m, default=np.inf)
        if nearest_m > FAR_M:
            why = f"is {nearest_m / 1000:.0f} km away from it" if mine else (
                f"lies in no area and not within {NEAR_AREA_M:.0f} m of one"
            )  # fmt: skip
            reason = "far_entrance" if mine else "no_area"
            tell.aside(row, named or gates[k], reason, f"the entrance {why}")
            continue
        owner = candidates[away_m.index(nearest_m)]
        if squeeze(named) and not mine:
            area = areas.name[owner] or f"{areas.file} {areas.row[owner]}"
            tell.changes.append(
                tell.change(
                    row, named, "name_ignored",
                    f"没有名为“{named}”的居住区，按所在位置归入“{area}”",
                    f"no area is called {named!r}: the gate counts for {area!r}, where it stands",
                )
            )  # fmt: skip
        found.append((owner, float(rows.lon[k]), float(rows.lat[k]), gates[k]))
    return AreaGates(
        entrances=_entrances(found),
        set_aside=tuple(tell.set_aside),
        changes=tuple(tell.changes),
        reading=rows.reading,
    )


def _extended(
    facilities: Facilities, gates: list[tuple[int, float, float, str]], tell: Teller
) -> Facilities:
    entrances, old = facilities.entrances, facilities.entrances
    if gates:
        before = [] if old is None else zip(
            old.owner.tolist(), old.lon.tolist(), old.lat.tolist(), old.name, strict=True
        )  # fmt: skip
        entrances = _entrances([*before, *gates])
    return replace(
        facilities,
        entrances=entrances,
        set_aside=(*facilities.set_aside, *tell.set_aside),
        changes=(*facilities.changes, *tell.changes),
    )


def _entrances(gates: list[tuple[int, float, float, str]]) -> Entrances:
    """The gates in the order of their owners; one listed twice counts once, with its name."""
    once: dict[tuple[int, float, float], tuple[float, float, str]] = {}
    for owner, lon, lat, name in gates:
        at = owner, round(lon, 7), round(lat, 7)  # to the centimetre
        x, y, known = once.get(at, (lon, lat, ""))
        once[at] = x, y, known or name
    order = sorted(once, key=lambda at: at[0])
    return Entrances(
        lon=np.array([once[at][0] for at in order], np.float64),
        lat=np.array([once[at][1] for at in order], np.float64),
        owner=np.array([at[0] for at in order], np.int64),
        name=tuple(once[at][2] for at in order),
    )
