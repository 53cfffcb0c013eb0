"""Where the rows of a table are: its coordinate columns as numbers, east and north."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.datum import gauss
from quarterhour.sources.rows.angles import read_angle, read_pair
from quarterhour.sources.rows.cells import cell_number, cell_text
from quarterhour.sources.rows.columns import named_datum, plain_heading
from quarterhour.sources.rows.coordinate_columns import Used, inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.sources.rows.changes import ChangeLog

    FloatArray = NDArray[np.float64]
    Box = tuple[float, float, float, float]
    Cells = dict[str, list[Any]]
    Raw = Callable[[int], str]

PLAIN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]*)?")
"""What nearly all cells of a text table hold."""

PLACEHOLDERS = frozenset({99.0, 999.0, 9999.0, 99999.0, 999999.0})
SPREAD_DEG = 3.0
"""The places of a table lie within this of their middle, where that is asked."""


class Positions(NamedTuple):
    """`x` east and `y` north in `coordinates`, NaN where there is a fault: reason and detail."""

    x: FloatArray
    y: FloatArray
    coordinates: str
    faults: dict[int, tuple[str, str]]


def read_positions(
    table: Cells, used: Used, *, coordinates: str, near: Box | None, log: ChangeLog, rows: int
) -> Positions:
    """East and north of every row, with what was odd about them in `log`.

    Raises
    ------
    InputError
        The numbers are metres of an unknown zone.
    """
    if not used.east:
        nowhere = np.full(rows, np.nan)
        lacks = ("missing_coordinate", "the table has no coordinate columns")
        return Positions(nowhere, nowhere, coordinates, dict.fromkeys(range(rows), lacks))
    a, b, faults = _two(table, used, log) if used.north else _one(table, used, near, log)
    raw = _raw(table, used)
    for k in np.flatnonzero(_placeholder(a, b, near)).tolist():
        faults[k] = (
            "placeholder_coordinate",
            f"coordinate stands for none: {raw(k)}",
        )
        a[k] = b[k] = np.nan
    there = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    if coordinates in {"cgcs2000", datum.AUTO} and gauss.are_metres(a[there], b[there]):
        coordinates = _metres(a, b, there, used, near, coordinates, faults, raw, log)
        return Positions(a, b, coordinates, faults)
    swapped = np.zeros(len(a), bool)
    if datum.is_degrees(coordinates):
        swapped[there] = exchanged(a[there], b[there], near)
    elif len(there):
        fits = datum.in_use(a[there], b[there], coordinates)
        swapped[there] = ~fits & datum.in_use(b[there], a[there], coordinates)
        small = ~fits & ~swapped[there] & (np.abs(a[there]) <= 180) & (np.abs(b[there]) <= 180)
        for k in there[small].tolist():
            detail = f"coordinate looks like degrees, not like {coordinates}: {raw(k)}"
            faults[k] = ("bad_coordinate", detail)
            a[k] = b[k] = np.nan
        there = there[~small]
    if swapped.any():
        _tell_swapped(np.flatnonzero(swapped), len(there), used, raw, coordinates, log)
        a[swapped], b[swapped] = b[swapped], a[swapped].copy()
    if datum.is_degrees(coordinates):
        for k in there[(np.abs(a[there]) > 180) | (np.abs(b[there]) > 90)].tolist():
            metres = gauss.are_metres(a[k : k + 1], b[k : k + 1])
            hint = (
                '; it looks like metres: say coordinates = "cgcs2000" or "EPSG:n"' if metres else ""
            )
            faults[k] = ("bad_coordinate", f"coordinate is outside the earth: {raw(k)}{hint}")
            a[k] = b[k] = np.nan
    return Positions(a, b, coordinates, faults)


def _raw(table: Cells, used: Used) -> Raw:
    headings = [h for h in (used.east, used.north) if h]

    def text(k: int) -> str:
        return ", ".join(cell_text(table[h][k]) for h in headings)

    return text


def _two(
    table: Cells, used: Used, log: ChangeLog
) -> tuple[FloatArray, FloatArray, dict[int, tuple[str, str]]]:
    """Numbers of two columns."""
    east, north = table[used.east], table[used.north]
    a, b = np.full(len(east), np.nan), np.full(len(east), np.nan)
    faults: dict[int, tuple[str, str]] = {}
    for k, (v, w) in enumerate(zip(east, north, strict=True)):
        if type(v) is float and type(w) is float and v - v == 0.0 == w - w:
            a[k], b[k] = v, w
            continue
        if type(v) is str and type(w) is str and PLAIN.fullmatch(v) and PLAIN.fullmatch(w):
            a[k], b[k] = float(v), float(w)
            continue
        p, q = read_angle(v), read_angle(w)
        if p is not None and q is not None:
            a[k], b[k] = p.degrees, q.degrees
            for angle, heading, cell in ((p, used.east, v), (q, used.north, w)):
                if angle.how:
                    log.row(angle.how, heading, k, cell_text(cell), _number(angle.degrees))
            crossed = (p.axis, q.axis) in {("lat", ""), ("lat", "lon"), ("", "lon")}
            if crossed and abs(a[k]) <= 180:
                a[k], b[k] = b[k], a[k]
                found = f"{cell_text(v)}, {cell_text(w)}"
                made = f"{_number(a[k])}, {_number(b[k])}"
                log.row("swapped", f"{used.east}, {used.north}", k, found, made)
            continue
        # both in one of the two columns, or in both of them
        one = v if p is None and cell_text(v) else w
        pair = read_pair(one) if not cell_text(v) or not cell_text(w) or v == w else None
        if pair is not None and cell_number(one) is None:
            a[k], b[k] = _in_order(pair.a, pair.b, pair.first)
            log.row("one_cell", f"{used.east}, {used.north}", k, cell_text(one),
                    f"{_number(a[k])}, {_number(b[k])}")  # fmt: skip
            continue
        raw = cell_text(v), cell_text(w)
        blank = not raw[0] or not raw[1]
        written = ", ".join(text or "blank" for text in raw)
        faults[k] = (
            "missing_coordinate" if blank else "bad_coordinate",
            f"coordinate is {'missing' if blank else 'not a number'}"
            + (f": {written}" if any(raw) else ""),
        )
    return a, b, faults


def _one(
    table: Cells, used: Used, near: Box | None, log: ChangeLog
) -> tuple[FloatArray, FloatArray, dict[int, tuple[str, str]]]:
    """Numbers of one column that holds both."""
    cells = table[used.east]
    a, b = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    faults: dict[int, tuple[str, str]] = {}
    heading = plain_heading(used.east)
    first = "lat" if heading.startswith(("纬", "lat")) else ""
    rows = []
    for k, cell in enumerate(cells):
        pair = read_pair(cell)
        if pair is None:
            blank = not cell_text(cell)
            faults[k] = (
                "missing_coordinate" if blank else "bad_coordinate",
                "coordinate is missing" if blank else
                f"coordinate does not hold two numbers: {cell_text(cell)}",
            )  # fmt: skip
            continue
        a[k], b[k] = _in_order(pair.a, pair.b, pair.first or first)
        rows.append((k, pair.how))
    open_ = np.isfinite(a)
    turn = np.zeros(len(a), bool)
    if not first:
        turn[open_] = exchanged(a[open_], b[open_], near)
        a[turn], b[turn] = b[turn], a[turn].copy()
    for k, how in rows:
        log.row(how, used.east, k, cell_text(cells[k]), f"{_number(a[k])}, {_number(b[k])}")
    return a, b, faults


def _in_order(a: float, b: float, first: str) -> tuple[float, float]:
    return (b, a) if first == "lat" else (a, b)


def _number(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _placeholder(a: FloatArray, b: FloatArray, near: Box | None) -> NDArray[np.bool_]:
    """Numbers that programs and people write for no coordinate at all."""
    with np.errstate(invalid="ignore"):
        same = (a == b) & (np.isin(np.abs(a), [0.0, 1.0]) | (np.abs(a) < 1e-4))
        signs = np.isin(np.abs(a), list(PLACEHOLDERS)) | np.isin(np.abs(b), list(PLACEHOLDERS))
        # one longitude of 99 is in Qinghai, and 99, 99 is nowhere
        lone = (np.abs(a) == 99.0) & (np.abs(b) != 99.0)
        one = ((a == 0.0) | (b == 0.0)) & ~inside(a, b, near) if near is not None else same
        return np.asarray(same | (signs & ~lone) | one)


def exchanged(a: FloatArray, b: FloatArray, near: Box | None) -> NDArray[np.bool_]:
    """Rows of degrees whose latitude stands where the longitude should, where that is certain.

    It is certain where the numbers cannot be as they stand, where only the other way round lies in
    `near`, or, without `near`, where three quarters of at least five rows lie close together and
    the row joins them only the other way round.
    """
    as_is = (np.abs(a) <= 180) & (np.abs(b) <= 90)
    other = (np.abs(b) <= 180) & (np.abs(a) <= 90)
    turn = ~as_is & other
    open_ = as_is & other
    if near is not None:
        return np.asarray(turn | (open_ & ~inside(a, b, near) & inside(b, a, near)))
    usable = as_is | turn
    if usable.sum() >= 5:
        x, y = np.where(turn, b, a), np.where(turn, a, b)
        cx, cy = float(np.median(x[usable])), float(np.median(y[usable]))
        close = (np.abs(x - cx) <= SPREAD_DEG) & (np.abs(y - cy) <= SPREAD_DEG)
        if close[usable].mean() >= 0.75:
            joins = (np.abs(b - cx) <= SPREAD_DEG) & (np.abs(a - cy) <= SPREAD_DEG)
            turn |= open_ & ~close & joins
    return np.asarray(turn)


def _tell_swapped(
    rows: NDArray[np.intp],
    total: int,
    used: Used,
    raw: Raw,
    coordinates: str,
    log: ChangeLog,
) -> None:
    degrees = datum.is_degrees(coordinates)
    zh, en = (
        ("经度与纬度", "longitude and latitude")
        if degrees
        else ("横坐标与纵坐标", "east and north")
    )
    if len(rows) == total > 1:
        first = raw(int(rows[0]))
        log.whole(
            "swapped",
            f"全部 {total} 行的{zh}颠倒（例如 {first}），已对调“{used.east}”“{used.north}”",
            f"{en} are exchanged in all {total} rows (for example {first});"
            f" {used.east} and {used.north} were read the other way round",
        )
        return
    for k in rows.tolist():
        east, north = raw(k).rpartition(", ")[::2]
        log.row("swapped", f"{used.east}, {used.north}", k, raw(k), f"{north}, {east}")


def _metres(
    a: FloatArray, b: FloatArray, there: NDArray[np.intp], used: Used, near: Box | None,
    stated: str, faults: dict[int, tuple[str, str]], raw: Any, log: ChangeLog,  # noqa: ANN401
) -> str:  # fmt: skip
    """CGCS2000 metres in place, as east and north of one zone; the code of that zone."""
    found = gauss.recognise(a[there], b[there], near, stated=stated)
    a[there], b[there] = found.x, found.y
    for k in there[np.isnan(found.x)].tolist():
        faults[k] = ("bad_coordinate", f"coordinate is not in metres like the others: {raw(k)}")
    if found.coordinates != datum.AUTO:
        middle = datum.crs_of(found.coordinates).name
        log.whole(
            "projected",
            f"坐标是米而不是度，按 {found.coordinates}（{middle}）读取",
            f"the coordinates are metres, not degrees, and were read as {found.coordinates}"
            f" ({middle})",
        )
    north_first = int(found.exchanged.sum())
    told = "、".join(h for h in (used.east, used.north) if h)
    if 2 * north_first > len(there):
        log.whole(
            "axis_order",
            f"“{told}”中前者是北（X）、后者是东（Y），按测量坐标的习惯读取",
            f"of {told} the first holds the north and the second the east, as in survey tables",
        )
    odd = found.exchanged if 2 * north_first <= len(there) else ~found.exchanged
    for k in there[odd & np.isfinite(found.x)].tolist():
        log.row("swapped", told, k, raw(k), f"{a[k]:.3f}, {b[k]:.3f}")
    for k in there[found.moved].tolist():
        log.row("zone", told, k, raw(k), f"{a[k]:.3f}, {b[k]:.3f} ({found.coordinates})")
    return found.coordinates


def tell_datum(used: Used, coordinates: str, log: ChangeLog) -> None:
    """Say so where a heading speaks of another system than the one that is taken."""
    said = {named_datum(h) for h in (used.east, used.north) if h} - {""}
    same = {"wgs84", "cgcs2000"}  # but for decimetres
    other = sorted(said - (same if coordinates in same else {coordinates}))
    if other and coordinates in datum.NAMES:
        log.whole(
            "datum_heading",
            f"表头“{used.east}”写的是 {other[0]}，而按 {coordinates} 读取；请核对 coordinates",
            f"the heading {used.east} speaks of {other[0]}, and the coordinates were read as"
            f" {coordinates}: check coordinates",
        )
