"""Which columns of a table are its coordinates: by their headings, or by their content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from quarterhour.errors import InputError
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.rows.angles import read_angle, read_pair
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.columns import named_datum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.sources.rows.columns import Columns

    FloatArray = NDArray[np.float64]
    Box = tuple[float, float, float, float]
    Cells = dict[str, list[Any]]

CHINA = (73.0, 3.0, 136.0, 54.0)
"""West, south, east and north: where places are looked for if nothing else is known of them."""


class Used(NamedTuple):
    """Columns of the position: `east` and `north`, or one that holds both (`north` is "" then).

    Both are "" where a table without coordinates is allowed, see `may_lack` of `read_points`.
    """

    east: str
    north: str
    guessed: bool


def settle(
    table: Cells,
    columns: Columns,
    *,
    coordinates: str,
    near: Box | None,
    where: str,
    may_lack: bool = False,
) -> Used:
    """The coordinate columns: by their headings, or else by their content where that is clear.

    Raises
    ------
    InputError
        None are there, or several columns could be they.
    """
    degrees = datum.is_degrees(coordinates)
    known = columns.heading
    pairs = [("lon", "lat"), ("east", "north")]
    named = [p for p in pairs if columns.named & set(p)]
    order = named or (pairs if degrees else pairs[::-1])
    if "position" in columns.named and not named:
        return Used(known["position"], "", guessed=False)
    found = [
        Used(*_of_one_system(columns, a, b, coordinates), guessed=False)
        for a, b in order
        if a in known and b in known and known[a] != known[b]
    ]
    if "position" in known:
        found.append(Used(known["position"], "", guessed=False))
    # a form may offer several ways of writing a place, of which one is filled in
    filled = [u for u in found if any(cell_text(v) for v in table[u.east])]
    if found:
        return (filled or found)[0]
    lonish, latish, both = _by_content(table, columns, near)
    if len(lonish) == 1 and len(latish) == 1 and not both:
        return Used(lonish[0], latish[0], guessed=True)
    if len(both) == 1 and not (lonish and latish):
        return Used(both[0], "", guessed=True)
    if may_lack and not (lonish and latish) and not both:
        return Used("", "", guessed=False)
    many = (lonish and latish) or both
    what = (
        "has several columns that could be the coordinates" if many else "has no coordinate columns"
    )
    examples = ", ".join(f"{h} ({e})" if (e := example(v)) else h for h, v in table.items())
    raise InputError(
        f"{where}: {what}; needed are lon and lat (经度, 纬度), both in one (坐标), or x and y with"
        f' coordinates = "EPSG:n"; found are {examples or "no headings"}: name them with columns ='
        ' { lon = "...", lat = "..." }'
    ) from None


def _of_one_system(columns: Columns, a: str, b: str, coordinates: str) -> tuple[str, str]:
    """Of several pairs that name their systems, the one of the study's system, or else the first.

    A table may hold 经度(WGS84), 纬度(WGS84), 经度(GCJ-02) and 纬度(GCJ-02) in any order.
    """
    first, second = (
        [columns.heading[m], *(() if m in columns.named else columns.rivals.get(m, ()))]
        for m in (a, b)
    )
    for system in (coordinates, named_datum(first[0])):
        x = next((h for h in first if named_datum(h) == system), None)
        y = next((h for h in second if named_datum(h) == system), None)
        if x is not None and y is not None:
            return x, y
    return first[0], second[0]


def example(values: list[Any]) -> str:
    """The text of the first filled cell, shortened."""
    text = next((t for v in values if (t := " ".join(cell_text(v).split()))), "")
    return text if len(text) <= 30 else text[:29] + "…"


def _by_content(
    table: Cells, columns: Columns, near: Box | None
) -> tuple[list[str], list[str], list[str]]:
    """Columns without a meaning that could be longitudes, latitudes, or both in one."""
    west, south, east, north = near or CHINA
    if near is not None:  # a list of the whole city and the roads of its centre
        west, south, east, north = west - 0.5, south - 0.5, east + 0.5, north + 0.5
    taken = {h for m, h in columns.heading.items() if m not in {"east", "north", "lon", "lat"}}
    box = (west, south, east, north)
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    for heading, values in table.items():
        texts = [v for v in values if cell_text(v)][:500]
        if heading in taken or not texts:
            continue
        numbers = [a.degrees for v in texts if (a := read_angle(v)) is not None]
        if len(numbers) >= 0.8 * len(texts):
            # a longitude has decimals; a number of beds has none
            fine = [v for v in numbers if abs(v) < 1e6 and abs(v * 100 - round(v * 100)) > 1e-9]
            if len(fine) < 0.8 * len(numbers):
                continue
            values_deg = np.array(fine)
            if ((values_deg >= west) & (values_deg <= east)).mean() >= 0.8:
                found[0].append(heading)
            if ((values_deg >= south) & (values_deg <= north)).mean() >= 0.8:
                found[1].append(heading)
            continue
        pairs = [p for v in texts if (p := read_pair(v)) is not None]
        if len(pairs) >= 0.8 * len(texts):
            ab = np.array([(p.a, p.b) for p in pairs])
            if (inside(ab[:, 0], ab[:, 1], box) | inside(ab[:, 1], ab[:, 0], box)).mean() > 0.8:
                found[2].append(heading)
    return found


def inside(x: FloatArray, y: FloatArray, near: Box | None) -> NDArray[np.bool_]:
    """Which points lie in a box, or in China where there is none; False for NaN."""
    west, south, east, north = near or CHINA
    with np.errstate(invalid="ignore"):
        return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
