"""Facilities of a scenario: further ones added, and which of them serve in a year."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.inputs import Change, Entrances, Exact, Note
from quarterhour.sources.facilities import kinds as kinds_table
from quarterhour.sources.facilities.duplicates import find_duplicates
from quarterhour.sources.facilities.read import PLANNED
from quarterhour.sources.files.vector import TABLE_SUFFIXES, read_vector
from quarterhour.sources.rows.columns import plain_heading
from quarterhour.sources.rows.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.inputs import Facilities, SetAside

    Bools = NDArray[np.bool_]

EXACT = {"edge": -1, "offset_mm": 0, "access_mm": 0, "on_lon": np.nan, "on_lat": np.nan}
"""Columns of `Exact` with the value of a row without."""

LEFT_OUT = ("outside", "unlinked")
"""Status of the rows that serve and cannot be used: an assessment sets each of them aside."""


def with_more(facilities: Facilities, more: Facilities) -> Facilities:
    """`facilities` and behind them the rows of `more`, which keep their own row numbers.

    File, sheet and reading stay those of the first, see `told_where`; coordinates as written are
    dropped where the two were written in different systems.
    """
    n, m = len(facilities), len(more)
    keys = dict.fromkeys([*facilities.attributes, *more.attributes])
    same = facilities.coordinates == more.coordinates
    return dataclasses.replace(
        facilities,
        name=facilities.name + more.name,
        kind=facilities.kind + more.kind,
        status=facilities.status + more.status,
        lon=np.concatenate([facilities.lon, more.lon]),
        lat=np.concatenate([facilities.lat, more.lat]),
        row=np.concatenate([facilities.row, more.row]),
        serving=np.concatenate([facilities.serving, more.serving]),
        other_kinds=facilities.other_kinds + more.other_kinds,
        set_aside=facilities.set_aside + more.set_aside,
        notes=facilities.notes + tuple(x for x in more.notes if x not in facilities.notes),
        x=_both(facilities.x, more.x) if same else None,
        y=_both(facilities.y, more.y) if same else None,
        attributes={
            key: _column(facilities, key, n, more) + _column(more, key, m, facilities)
            for key in keys
        },
        kind_keys=_keys(facilities, n) + _keys(more, m)
        if facilities.kind_keys or more.kind_keys
        else (),
        approximate=_approximate(facilities, more),
        entrances=_entrances(facilities, more),
        exact=_exact(facilities, more),
        changes=facilities.changes + more.changes,
    )


def _both(
    one: NDArray[np.float64] | None, two: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    return None if one is None or two is None else np.concatenate([one, two])


def _column(own: Facilities, key: str, n: int, other: Facilities) -> tuple[Any, ...]:
    """Values of an attribute; where a table lacks it, NaN or "" as the other table has it."""
    if key in own.attributes:
        return own.attributes[key]
    sample = next(iter(other.attributes[key]), "")
    return (float("nan") if isinstance(sample, float) else "",) * n


def _keys(facilities: Facilities, n: int) -> tuple[tuple[str, ...], ...]:
    return facilities.kind_keys or ((),) * n


def _approximate(one: Facilities, two: Facilities) -> NDArray[np.bool_] | None:
    if one.approximate is None and two.approximate is None:
        return None
    parts = [np.zeros(len(f), bool) if f.approximate is None else f.approximate for f in (one, two)]
    return np.concatenate(parts)


def _exact(one: Facilities, two: Facilities) -> Exact | None:
    """Exact positions of both; they are of one network, that of the page that wrote them."""
    if one.exact is None and two.exact is None:
        return None
    key = next(f.exact.network for f in (two, one) if f.exact is not None)
    parts: dict[str, list[Any]] = {name: [] for name in EXACT}
    for table in (one, two):
        own = table.exact if table.exact is not None and table.exact.network == key else None
        for name, missing in EXACT.items():
            column = np.full(len(table), missing) if own is None else getattr(own, name)
            parts[name].append(column)
    return Exact(network=key, **{name: np.concatenate(part) for name, part in parts.items()})


def _entrances(one: Facilities, two: Facilities) -> Entrances | None:
    if two.entrances is None:
        return one.entrances
    a, b = one.entrances, two.entrances
    if a is None:
        return dataclasses.replace(b, owner=b.owner + len(one))
    return Entrances(
        lon=np.concatenate([a.lon, b.lon]),
        lat=np.concatenate([a.lat, b.lat]),
        owner=np.concatenate([a.owner, b.owner + len(one)]),
        name=a.name + b.name,
    )


def told_where(
    rows: Sequence[SetAside], status: Sequence[str], first: Facilities, more: Facilities
) -> list[SetAside]:
    """Rows set aside by an assessment of `with_more(first, more)`, under the files they stand in.

    `rows`: those of the tables, and behind them one for each facility that is outside or not
    linked, in their order, as `status` says.
    """
    of = [k for k, s in enumerate(status) if s in LEFT_OUT]
    before = len(rows) - len(of)
    tail = [
        dataclasses.replace(row, file=more.file, sheet=more.sheet) if k >= len(first) else row
        for k, row in zip(of, rows[before:], strict=True)
    ]
    return [*rows[:before], *tail]


def told_closed_off(
    rows: Sequence[SetAside], status: Sequence[str], facilities: Facilities, shut: NDArray[Any]
) -> list[SetAside]:
    """Rows set aside by an assessment; of facilities on closed ground that is the reason.

    `rows`, `status`: as in `told_where`. `shut`: shapes that close streets, in degrees.
    """
    ground = shapely.union_all(shapely.make_valid(shut[shapely.get_dimensions(shut) == 2]))
    inside = shapely.intersects_xy(ground, facilities.lon, facilities.lat)
    of = [k for k, s in enumerate(status) if s in LEFT_OUT]
    before = len(rows) - len(of)
    why = (
        "stands on ground that the scenario closes, and reaches no street without crossing it: not"
        " counted in the scenario"
    )
    tail = [
        dataclasses.replace(row, reason="closed_off", detail=why)
        if status[k] == "unlinked" and inside[k]
        else row
        for k, row in zip(of, rows[before:], strict=True)
    ]
    return [*rows[:before], *tail]


def columns_there(path: Path, sheet: str | None, columns: Mapping[str, str]) -> dict[str, str]:
    """Those of a service's `columns` whose headings a further table has too.

    Raises
    ------
    InputError
        The table cannot be read.
    """
    if not columns:
        return {}
    needed = "facilities"
    if path.suffix.lower() in TABLE_SUFFIXES:
        headings = list(read_table(path, sheet=sheet, needed=needed, columns=columns).columns)
    else:
        headings = [str(c) for c in read_vector(path, needed=needed).columns]
    known = {plain_heading(h) for h in headings}
    return {meaning: h for meaning, h in columns.items() if plain_heading(h) in known}


def of_kinds(more: Facilities, kinds: Sequence[str]) -> Facilities:
    """The rows of a further table that are of a service's `kinds`, or that name no kind."""
    keep = np.array([not c or c in kinds or kinds_table.matches(c, kinds) for c in more.kind], bool)
    if keep.all():
        return more
    rows = np.flatnonzero(keep)
    number = np.cumsum(keep) - 1
    gates = more.entrances

    def kept(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(values[k] for k in rows.tolist())

    def taken(values: Any) -> Any:  # noqa: ANN401 - an array, or None
        return None if values is None else values[rows]

    own = None if gates is None else np.flatnonzero(keep[gates.owner])
    columns: dict[str, Any] = {
        **{key: kept(getattr(more, key)) for key in ("name", "kind", "status")},
        **{key: taken(getattr(more, key)) for key in ("lon", "lat", "row", "serving", "x", "y")},
    }
    return dataclasses.replace(
        more,
        **columns,
        attributes={key: kept(values) for key, values in more.attributes.items()},
        kind_keys=kept(more.kind_keys) if more.kind_keys else (),
        approximate=taken(more.approximate),
        entrances=None if gates is None or own is None else Entrances(
            lon=gates.lon[own], lat=gates.lat[own], owner=number[gates.owner[own]],
            name=tuple(gates.name[k] for k in own.tolist()),
        ),
        other_kinds=more.other_kinds + int((~keep).sum()),
    )  # fmt: skip


def nothing_added(more: Facilities) -> tuple[Change, ...]:
    """What to say of a further table without a usable row."""
    if len(more):
        return ()
    return _whole(
        more,
        "no_rows",
        "没有可用的设施行，没有增加任何设施，请核对文件和工作表",
        "has no usable row and adds no facility: check the file and its sheet",
    )


def kinds_left_out(more: Facilities, kinds: Sequence[str]) -> tuple[Change, ...]:
    """What to say of the rows that `of_kinds` leaves out."""
    n, words = more.other_kinds, "、".join(kinds)
    if not n or not kinds:
        return ()
    return _whole(
        more,
        "other_kinds",
        f"{n} 行不属于该服务的类型（{words}），未计入；要计入的，请改其类型，或增加 kinds",
        f"{n} {'row is' if n == 1 else 'rows are'} of other kinds than the service's"
        f" ({', '.join(kinds)}) and left out; to count them change their kind, or add to kinds",
    )


def there_already(base: Facilities, more: Facilities) -> tuple[Change, ...]:
    """What to say of rows of `more` that may be facilities of `base`: both count."""
    n = len(base)
    pairs = [p for p in find_duplicates(with_more(base, more)) if p.a < n <= p.b]
    if not pairs:
        return ()
    some = [f"{p.row_b} {more.name[p.b - n]} = {base.file} {p.row_a} {p.name_a}" for p in pairs[:3]]
    rest_zh, rest_en = (" 等", " ...") if len(pairs) > len(some) else ("", "")
    k, shown = len(pairs), "; ".join(some)
    return _whole(
        more,
        "duplicates",
        f"{k} 行可能是已有的设施（行 {shown}{rest_zh}），都按两处计入；确为同一处的，请删去一行",
        f"{k} {'row may be a facility' if k == 1 else 'rows may be facilities'} that"
        f" {'is' if k == 1 else 'are'} there already (row {shown}{rest_en}); both count: delete one"
        " of the two where they are the same",
    )


def _planned(facilities: Facilities) -> Bools:
    return np.array([any(w in s.lower() for w in PLANNED) for s in facilities.status], bool)


def _whole(table: Facilities, kind: str, zh: str, en: str) -> tuple[Change, ...]:
    return (
        Change(
            layer="facilities", file=table.file, sheet=table.sheet, row=None, name="", kind=kind,
            detail=Note(zh, en),
        ),
    )  # fmt: skip


def _by_status(table: Facilities, use: Bools) -> str:
    """Words of the status column with their numbers of rows, the first seen first."""
    words = [s for s, used in zip(table.status, use, strict=True) if used]
    return ", ".join(f"{word} {words.count(word)}" for word in dict.fromkeys(words))


def planned_that_serve(more: Facilities, status: Sequence[str] | None = None) -> tuple[Change, ...]:
    """What to say of rows that a scenario without a year takes as built.

    These are planned, or have another status than those that serve in the study (`status`).
    """
    other = np.array(
        [bool(s) and status is not None and s not in status for s in more.status], bool
    )
    use = (_planned(more) | other) & more.serving
    n, words = int(use.sum()), _by_status(more, use)
    if not n:
        return ()
    is_plan = bool((_planned(more) | ~use).all())
    which_zh = "状态属规划" if is_plan else "状态不在现状之列"
    which_en = "a status such as planned" if is_plan else "a status that does not serve today"
    return _whole(
        more,
        "planned_serves",
        f"{n} 行的{which_zh}（{words}），方案未写 year，按已建成计入",
        f"{n} {'row has' if n == 1 else 'rows have'} {which_en} ({words}); the"
        " scenario names no year, and they serve as if they were built",
    )


def undated_that_serve(table: Facilities, year: int) -> tuple[Change, ...]:
    """What to say of rows without a year of opening that serve in `year` all the same."""
    use = ~np.isfinite(_open_years(table)) & table.serving
    n, planned = int(use.sum()), int((use & _planned(table)).sum())
    if not n:
        return ()
    more_zh = f"，其中 {planned} 行的状态属规划" if planned else ""
    which = "" if n == 1 else f"{planned} of them "
    more_en = f", {which}with a status such as planned" if planned else ""
    return _whole(
        table,
        "undated_serves",
        f"{n} 行没有开业年份，{year} 年按已开业计入{more_zh}",
        f"{n} {'row has' if n == 1 else 'rows have'} no year of opening and"
        f" {'serves' if n == 1 else 'serve'} in {year}{more_en}",
    )


def _open_years(facilities: Facilities) -> NDArray[np.float64]:
    """Year of opening of each row, NaN where none is known."""
    years = facilities.attributes.get("open_year")
    if years is None:
        return np.full(len(facilities), np.nan)
    return np.array([v if isinstance(v, float) else np.nan for v in years], np.float64)


def serving_in(facilities: Facilities, year: int) -> Facilities:
    """The facilities as they serve in `year`: those with a year of opening from that year on.

    A row without a year serves as it does in the study: where the service names the status of what
    serves, by its status, and else always, also where it is planned. Years of closing are not known
    to any table, and nothing closes.
    """
    opens = _open_years(facilities)
    known = np.isfinite(opens)
    serving = np.where(known, np.where(known, opens, 0.0) <= year, facilities.serving)
    return dataclasses.replace(facilities, serving=np.asarray(serving, bool))
