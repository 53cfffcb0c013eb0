"""Gaps of two runs, matched by the ground that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour.answers.compare_places import layers_in, read_layer
from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

SHARED = 0.1
"""Gaps of two runs are the same where they share a tenth of the smaller one: gaps that only touch
are neighbours."""

SAME_POINT_M = 300.0
"""Gaps without an area are the same where they are not farther apart: as far as places are joined
to one."""

EARTH_M = 6_371_000.0


class OneGap(NamedTuple):
    """A gap by name, in the run that it is of, with its people of the group that is compared."""

    name: Note
    people: float


class GapChange(NamedTuple):
    """Gaps that are only in the earlier (`closed`) or only in the later run (`new`).

    `stayed`: gaps of the earlier run with ground that is still in a gap, which are
    `stayed_after` gaps of the later run: gaps grow together and fall apart. `people_before`,
    `people_after`: of these.
    """

    closed: tuple[OneGap, ...]
    new: tuple[OneGap, ...]
    stayed: int
    stayed_after: int
    people_before: float
    people_after: float


class _Gaps(NamedTuple):
    shapes: NDArray[Any]
    each: list[OneGap]


def gap_changes(
    before: Path, after: Path, name: str, later: str, *, of_group: bool = True, kind: str = "people"
) -> GapChange | None:
    """Gaps of a service that closed, that are new and that stayed; None without layers of gaps.

    Two gaps are one where they share at least `SHARED` of the smaller one. `of_group`: people of
    the service's group, otherwise everyone. `kind`: of the demand, as in `Demand`.

    Raises
    ------
    InputError
        A file is no GeoPackage of a run.
    """
    if "gaps" not in layers_in(before) or "gaps" not in layers_in(after):
        return None
    columns = [*(["of_group"] if of_group else []), kind, "people"]
    old, new = (_gaps(path, of, columns) for path, of in ((before, name), (after, later)))
    if old is None or new is None:
        return None
    here, there = _same(old.shapes, new.shapes)
    return GapChange(
        closed=_without(old, here),
        new=_without(new, there),
        stayed=len(here),
        stayed_after=len(there),
        people_before=sum(old.each[k].people for k in sorted(here)),
        people_after=sum(new.each[k].people for k in sorted(there)),
    )


def _without(gaps: _Gaps, rows: Iterable[int]) -> tuple[OneGap, ...]:
    left = set(rows)
    return tuple(one for k, one in enumerate(gaps.each) if k not in left)


def _gaps(path: Path, service: str, columns: list[str]) -> _Gaps | None:
    frame = read_layer(path, "gaps")
    if "service" not in frame.columns:
        return None
    own = frame[frame["service"] == service]
    if "covered" in own.columns:
        own = own[own["covered"] == 0]  # what is near but full is no gap
    shapes = own.geometry.to_numpy()
    own, shapes = own[~shapely.is_missing(shapes)], shapes[~shapely.is_missing(shapes)]
    zh = _texts(own, ("name", "gap", "number"))
    en = _texts(own, ("name_en", "name", "gap", "number"))
    column = next((c for c in columns if c in own.columns), None)
    people = own[column].to_numpy(np.float64).tolist() if column else [0.0] * len(own)
    each = [OneGap(Note(a, b), v) for a, b, v in zip(zh, en, people, strict=True)]
    return _Gaps(shapely.make_valid(shapes), each)


def _texts(frame: Any, columns: tuple[str, ...]) -> list[str]:  # noqa: ANN401 - a GeoDataFrame
    column = next((c for c in columns if c in frame.columns), None)
    return [""] * len(frame) if column is None else [str(v) for v in frame[column]]


def _same(one: NDArray[Any], two: NDArray[Any]) -> tuple[set[int], set[int]]:
    """Rows of both that are one gap with a row of the other."""
    if not len(one) or not len(two):
        return set(), set()
    a, b = shapely.STRtree(two).query(one, predicate="intersects")
    smaller = np.minimum(shapely.area(one[a]), shapely.area(two[b]))
    shared = shapely.area(shapely.intersection(one[a], two[b])) >= SHARED * smaller
    flat = shared & (smaller > 0)
    here, there = set(a[flat].tolist()), set(b[flat].tolist())
    points = [np.flatnonzero(shapely.area(shapes) == 0) for shapes in (one, two)]
    if any(len(rows) for rows in points):
        k, m = np.nonzero(_near(one, two))
        pointed = np.isin(k, points[0]) | np.isin(m, points[1])
        here |= set(k[pointed].tolist())
        there |= set(m[pointed].tolist())
    return here, there


def _near(one: NDArray[Any], two: NDArray[Any]) -> NDArray[np.bool_]:
    """Bool (one, two): not farther apart than `SAME_POINT_M`; short ways on the sphere."""
    mine, theirs = (
        np.radians(shapely.get_coordinates(shapely.point_on_surface(shapes)))
        for shapes in (one, two)
    )
    dx = (mine[:, None, 0] - theirs[None, :, 0]) * np.cos(
        (mine[:, None, 1] + theirs[None, :, 1]) / 2
    )
    dy = mine[:, None, 1] - theirs[None, :, 1]
    return np.asarray(np.hypot(dx, dy) * EARTH_M <= SAME_POINT_M)
