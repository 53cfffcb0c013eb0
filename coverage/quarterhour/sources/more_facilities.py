"""Facilities of a scenario: further ones added, and which of them serve in a year."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import Change, Entrances, Note
from quarterhour.sources.columns import plain_heading
from quarterhour.sources.facilities import PLANNED
from quarterhour.sources.tables import read_table
from quarterhour.sources.vector import TABLE_SUFFIXES, read_vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.inputs import Facilities, SetAside

    Bools = NDArray[np.bool_]

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


def planned_that_serve(more: Facilities) -> tuple[Change, ...]:
    """What to say of planned rows that a scenario without a year takes as built."""
    use = _planned(more) & more.serving
    n, words = int(use.sum()), _by_status(more, use)
    if not n:
        return ()
    return _whole(
        more,
        "planned_serves",
        f"{n} 行的状态属规划（{words}），方案未写 year，按已建成计入",
        f"{n} {'row has' if n == 1 else 'rows have'} a status such as planned ({words}); the"
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

    A row without a year serves as it did: existing ones do, planned ones do not.
    """
    opens = _open_years(facilities)
    known = np.isfinite(opens)
    serving = np.where(known, np.where(known, opens, 0.0) <= year, facilities.serving)
    return dataclasses.replace(facilities, serving=np.asarray(serving, bool))
