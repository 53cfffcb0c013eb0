"""Towns as polygons: facilities without coordinates placed in their town, and the town of a point.

A point somewhere in a town is kilometres off as a rule: a placed facility is marked as approximate,
and nothing is placed unless that is asked for.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import Change, Note, Reading, SetAside
from quarterhour.model import _Frozen
from quarterhour.sources.files.vector import read_vector, require_column
from quarterhour.sources.rows.attributes import NO_ATTRIBUTE, attributes_of
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.columns import FORMS, find_column, understand
from quarterhour.sources.rows.point_rows import PointRows
from quarterhour.sources.units.areas import read_areas
from quarterhour.sources.units.town_names import Register, Town, TownMatch, match_towns, register_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from quarterhour.sources.rows.point_rows import Unplaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns(_Frozen):
    """Town polygons (longitude, latitude), one for each entry of `register`, in its order.

    `attributes`: further columns, as in `Facilities`; of several polygons of one town, and for
    `row`, the first counts.
    """

    register: Register
    geometry: NDArray[Any]
    file: str = ""
    row: NDArray[np.int64] | None = None
    attributes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None

    def __len__(self) -> int:
        return len(self.geometry)


def read_towns(
    path: str | Path,
    *,
    layer: str | None = None,
    name: str | None = None,
    county: str | None = None,
    coordinates: str = "wgs84",
) -> Towns:
    """Town polygons of a GIS layer in WGS-84; several polygons of one town are one town.

    Parameters
    ----------
    path
        GeoPackage, shapefile, GeoJSON or GeoParquet with a CRS.
    layer
        Layer of a file with several.
    name, county
        Columns of the town's and the county's name; default: 乡镇, 街道, 区县 and the like. A
        column of the city is used where there is one.
    coordinates
        gcj02 or bd09 where the polygons come from a web map; see `areas.read_areas`.

    Raises
    ------
    InputError
        The file cannot be used, holds no polygon, or does not say the county of its towns.
    """
    source = Path(path)
    frame = read_vector(source, layer=layer, needed="town polygons")
    headings = [str(c) for c in frame.columns if c != frame.geometry.name]
    for column in (name, county):
        if column is not None:
            require_column(frame, column, source)
    name_column = name or find_column(headings, "town") or find_column(headings, "name")
    county_column = county or find_column(headings, "county")
    city_column = find_column(headings, "city")
    for column, what, say in (
        (name_column, "of the towns' names (乡镇)", "name"),
        (county_column, "of their county (区县), without which a town cannot be told", "county"),
    ):
        if column is None:
            raise InputError(
                f"{source}: has no column {what}; found are {', '.join(headings) or 'none'}: name"
                f" it with {say}"
            )
    areas = read_areas(source, name=name_column, layer=layer, coordinates=coordinates, what="towns")
    names = [[cell_text(v) for v in frame[c]] if c else [""] * len(frame)
             for c in (city_column, county_column)]  # fmt: skip
    parts: dict[tuple[str, str, str], list[int]] = {}
    aside = list(areas.set_aside)
    for k, (row, town) in enumerate(zip(areas.row.tolist(), areas.name, strict=True)):
        where = (names[0][row - 1], names[1][row - 1])
        if town and where[1]:
            parts.setdefault((*where, town), []).append(k)
        else:
            lack = "county" if town else "name"
            aside.append(
                SetAside(
                    layer="towns", file=source.name, sheet="", row=row, name=town,
                    reason=f"no_{lack}", detail=f"the polygon has no {lack}",
                )
            )  # fmt: skip
    if not parts:
        raise InputError(
            f"{source}: no polygon has both a town and a county ({name_column}, {county_column});"
            " fill these columns, or name others with name and county"
        )
    geometry = np.array(
        [shapely.union_all(areas.geometry[rows]) for rows in parts.values()], object
    )
    own = {"town": name_column, "county": county_column, "city": city_column}
    row = areas.row[[rows[0] for rows in parts.values()]]
    attributes, more, odd = _attributes(source, frame, own, row)
    return Towns(
        register=register_of(Town(city=a, county=b, town=c) for a, b, c in parts),
        geometry=geometry,
        file=source.name,
        row=row,
        attributes=attributes,
        set_aside=tuple(sorted(aside, key=lambda item: item.row or 0)),
        changes=(*areas.changes, *odd),
        reading=_understood(areas.reading, {**more, **own}, (name, county)),
    )


def _attributes(
    path: Path,
    frame: Any,  # noqa: ANN401 - a frame
    own: Mapping[str, str | None],
    row: NDArray[np.int64],
) -> tuple[dict[str, tuple[Any, ...]], dict[str, str], tuple[Change, ...]]:
    """Values of the further recognised columns, their headings by meaning, and what was odd."""
    taken = {*own, *own.values()}
    headings = [str(c) for c in frame.columns if c != frame.geometry.name]
    found = understand(headings).heading
    more = {
        m: h
        for m, h in found.items()
        # the area of a town (面积) is no floor area
        if FORMS.get(m) not in {"coordinate", "area"} and not ({m, h} & taken or m in NO_ATTRIBUTE)
    }
    nowhere = np.full(len(row), np.nan)
    rows = PointRows(
        path=path, sheet="", lon=nowhere, lat=nowhere, row=row, set_aside=(), meanings=more,
        columns={h: [frame[h].iloc[k - 1] for k in row.tolist()] for h in headings},
    )  # fmt: skip
    values, odd = attributes_of(rows, range(len(row)), layer="towns")
    return values, more, odd


def _understood(
    reading: Reading | None, meanings: Mapping[str, str | None], named: tuple[str | None, ...]
) -> Reading | None:
    """The reading with what the columns of a town's, a county's and a city's name are."""
    if reading is None:
        return None
    by_heading = {heading: meaning for meaning, heading in meanings.items() if heading}
    columns = tuple(
        use._replace(
            meaning=by_heading.get(use.heading, ""),
            how="unused"
            if use.heading not in by_heading
            else "named"
            if use.heading in named
            else "recognised",
        )
        for use in reading.columns
    )
    return dataclasses.replace(reading, columns=columns)


def place_by_town(
    rows: PointRows, towns: Towns, *, zones: Mapping[str, str] | None = None, layer: str
) -> tuple[PointRows, NDArray[np.bool_]]:
    """All rows that have a position or a town, in their order, and which are only approximate.

    A row without coordinates whose county and town mean one town stands at a point inside it and
    is listed among the changes; `x` and `y` are NaN for it. The others stay set aside, and their
    detail says why the town does not help. `zones`: see `town_names.match_town`; `layer`: as in
    `SetAside`.
    """
    details = {(item.row, item.reason): item.detail for item in rows.set_aside}
    placed: list[tuple[Unplaced, int]] = []
    changes: list[Change] = []
    why: dict[tuple[int | None, str], str] = {}
    for row in rows.unplaced:
        matches = match_towns(row.county, row.town, towns.register, zones=zones)
        index = matches[0].index if len(matches) == 1 else None
        if index is None:
            why[row.row, row.reason] = _why_not(matches)
            continue
        placed.append((row, index))
        changes.append(
            Change(
                layer=layer, file=rows.path.name, sheet=rows.sheet, row=row.row, name=row.name,
                kind="placed_by_town",
                detail=_told(row, matches[0], towns, details.get((row.row, row.reason), "")),
            )
        )  # fmt: skip
    before = np.zeros(len(rows.row), bool) if rows.approximate is None else rows.approximate
    done = {(row.row, row.reason) for row, _ in placed}
    aside = tuple(
        dataclasses.replace(item, detail=f"{item.detail}; {why[item.row, item.reason]}")
        if (item.row, item.reason) in why
        else item
        for item in rows.set_aside
        if (item.row, item.reason) not in done
    )
    if not placed:
        return dataclasses.replace(rows, set_aside=aside, approximate=before), before
    at = shapely.point_on_surface(towns.geometry[[k for _, k in placed]])
    number = np.concatenate([rows.row, np.array([row.row for row, _ in placed], np.int64)])
    order = np.argsort(number, kind="stable")
    approximate = np.concatenate([before, np.ones(len(placed), bool)])[order]
    nowhere = np.full(len(placed), np.nan)
    merged = dataclasses.replace(
        rows,
        lon=np.concatenate([rows.lon, shapely.get_x(at)])[order],
        lat=np.concatenate([rows.lat, shapely.get_y(at)])[order],
        row=number[order],
        columns={
            heading: [
                ([*values, *(row.values.get(heading) for row, _ in placed)])[k] for k in order
            ]
            for heading, values in rows.columns.items()
        },
        x=None if rows.x is None else np.concatenate([rows.x, nowhere])[order],
        y=None if rows.y is None else np.concatenate([rows.y, nowhere])[order],
        set_aside=aside,
        changes=(*rows.changes, *changes),
        unplaced=tuple(row for row in rows.unplaced if (row.row, row.reason) not in done),
        approximate=approximate,
    )
    return merged, approximate


def _told(row: Unplaced, match: TownMatch, towns: Towns, fault: str) -> Note:
    written = f"{row.county} {row.town}".strip()
    entry = towns.register.towns[match.index or 0]
    zh = f"坐标不可用，按镇街“{written}”置于{entry}范围内一点，位置为近似"
    en = f"placed at a point inside {entry}, as its town is written {written}; approximate"
    if match.note.zh != f"即{entry.town}":  # more was done than to write the name in full
        zh, en = f"{zh}；{match.note.zh}", f"{en}; {match.note.en}"
    return Note(zh, f"{en} ({fault})" if fault else en)


def _why_not(matches: tuple[TownMatch, ...]) -> str:
    if not matches:
        return "and no town is named"
    if len(matches) > 1:
        listed = ", ".join(match.town for match in matches)
        return f"and {len(matches)} towns are named, so that none can be taken ({listed})"
    return f"not placed by its town: {matches[0].note.en}"


def town_of(lon: NDArray[np.float64], lat: NDArray[np.float64], towns: Towns) -> NDArray[np.int64]:
    """Index of the town that each point lies in, -1 outside all; the first one on a border."""
    result = np.full(len(lon), -1, np.int64)
    point, town = shapely.STRtree(towns.geometry).query(
        shapely.points(lon, lat), predicate="intersects"
    )
    # the last assignment to an element stays: the lowest index of a town comes last
    order = np.argsort(-town, kind="stable")
    result[point[order]] = town[order]
    return result
