"""Facilities of a scenario: further ones added, and which of them serve in a year."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import Entrances

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.inputs import Facilities


def with_more(facilities: Facilities, more: Facilities) -> Facilities:
    """`facilities` and behind them the rows of `more`, which keep their own row numbers.

    File, sheet and reading stay those of the first; coordinates as written are dropped where the
    two were written in different systems.
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


def serving_in(facilities: Facilities, year: int) -> Facilities:
    """The facilities as they serve in `year`: those with a year of opening from that year on.

    A row without a year serves as it did: existing ones do, planned ones do not.
    """
    years = facilities.attributes.get("open_year")
    if years is None:
        return facilities
    opens = np.array([v if isinstance(v, float) else np.nan for v in years], np.float64)
    known = np.isfinite(opens)
    serving = np.where(known, np.where(known, opens, 0.0) <= year, facilities.serving)
    return dataclasses.replace(facilities, serving=np.asarray(serving, bool))
