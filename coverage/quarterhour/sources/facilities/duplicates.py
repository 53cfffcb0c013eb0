"""Rows that may be one facility listed twice: found, explained, and merged on request."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import Change, Entrances, Facilities, Note
from quarterhour.sources.facilities.kinds import related, squeeze
from quarterhour.sources.facilities.name_parts import Parts, may_be_one, parts_of, similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SAME_NAME_M = 300.0
"""How far apart rows of one name may stand: an address matched to the wrong end of a street. Two
day care centres or kindergartens stand farther apart, each with a service radius of 300 m (GB
50180-2018, annexes B and C)."""

GENERIC_M = 100.0
"""The same for names that say only a kind, such as 日间照料中心, which many facilities bear."""

SAME_PLACE_M = 30.0
"""How far apart rows with similar names may stand: a gate and the middle of a building."""

SAME_POSITION_M = 1.0
"""The same for rows without any name."""

CROWD = 50
"""Neighbours of one name, or at one place, from which they say nothing: the name is a filler such
as 待定, the place the middle of a town."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatePair:
    """Two rows that may be one facility.

    `a` < `b`: indices into the facilities; `row_a`, `row_b`: as the user sees them. `similarity`:
    of the names, 0 to 1. `rule`: same_name or same_place. `why`: the reason, Chinese and English.
    """

    a: int
    b: int
    row_a: int
    row_b: int
    name_a: str
    name_b: str
    distance_m: float
    similarity: float
    rule: str
    why: Note


def find_duplicates(
    facilities: Facilities,
    *,
    same_name_m: float = SAME_NAME_M,
    same_place_m: float = SAME_PLACE_M,
) -> tuple[DuplicatePair, ...]:
    """Pairs of rows that may be one facility, in the order of their rows; nothing is changed.

    A pair has the same name (but for the city and county before it, and for 有限公司, 民办, 社区
    and the like) within `same_name_m`, 100 m where the name says only a kind; or stands within
    `same_place_m` and has similar names. Rows are no pair whose names differ by a number, a
    direction or a branch, whose kinds, towns, communities or house numbers differ, or of which only
    one serves. Rows that were placed by their town are compared by name only.
    """
    n = len(facilities)
    if n < 2:
        return ()
    parts = [parts_of(name) for name in facilities.name]
    xyz = _on_the_globe(facilities.lon, facilities.lat)
    found: dict[tuple[int, int], str] = {}
    crowded = _crowded(xyz)
    named = _same_name(parts, xyz, facilities, max(same_name_m, 0.0), crowded)
    for pair in _same_place(parts, xyz, facilities, max(same_place_m, 0.0), crowded):
        found[pair] = "same_place"
    for pair in named:
        found[pair] = "same_name"
    pairs = []
    for (a, b), rule in sorted(found.items()):
        score = similarity(parts[a], parts[b]) if facilities.name[a] else 1.0
        if score and not _told_apart(facilities, parts, a, b):
            distance_m = round(float(np.linalg.norm(xyz[a] - xyz[b])), 1)
            pairs.append(_pair(facilities, a, b, distance_m, score, rule))
    return tuple(pairs)


def _pair(
    facilities: Facilities, a: int, b: int, distance_m: float, score: float, rule: str
) -> DuplicatePair:
    near_zh, near_en = f"相距 {distance_m:.0f} 米", f"{distance_m:.0f} m apart"
    if not facilities.name[a]:
        why = Note(f"同一位置（{near_zh}）、类型相同且都没有名称", f"no names, one kind, {near_en}")
    elif rule == "same_name":
        why = Note(f"名称相同，{near_zh}", f"the same name, {near_en}")
    else:
        alike = f"{round(score * 100)} %"
        why = Note(f"{near_zh}，名称相近（{alike}）", f"{near_en} with similar names ({alike})")
    row, name = facilities.row, facilities.name
    return DuplicatePair(
        a=a, b=b, row_a=int(row[a]), row_b=int(row[b]), name_a=name[a], name_b=name[b],
        distance_m=distance_m, similarity=round(score, 2), rule=rule, why=why,
    )  # fmt: skip


def _on_the_globe(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from the middle of the WGS-84 ellipsoid; a chord of 300 m is its arc to a micron."""
    a_m, e2 = 6378137.0, 0.00669437999014
    lam, phi = np.radians(lon), np.radians(lat)
    r_m = a_m / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    return np.column_stack(
        [
            r_m * np.cos(phi) * np.cos(lam),
            r_m * np.cos(phi) * np.sin(lam),
            r_m * (1 - e2) * np.sin(phi),
        ]
    )


def _same_name(
    parts: Sequence[Parts],
    xyz: NDArray[np.float64],
    facilities: Facilities,
    limit_m: float,
    crowded: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Near rows of one name; rows in a crowd of it are marked as such."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for k, part in enumerate(parts):
        if facilities.name[k] and not crowded[k]:
            groups[part.proper, part.kinds, part.marks, part.levels[-1]].append(k)
    several = [rows for rows in groups.values() if len(rows) > 1]
    if not several:
        return []
    # a fourth coordinate keeps the names apart, so that one search serves them all
    rows = np.concatenate([np.array(group) for group in several])
    label = np.repeat(np.arange(len(several)), [len(group) for group in several])
    apart = np.column_stack([xyz[rows], label * (2 * limit_m + 1000)])
    near, calm = _near(apart, rows, limit_m)
    pairs = [
        (a, b)
        for a, b in near
        if not parts[a].generic or np.linalg.norm(xyz[a] - xyz[b]) <= GENERIC_M
    ]
    crowded[np.setdiff1d(rows, calm)] = True
    return pairs


def _same_place(
    parts: Sequence[Parts],
    xyz: NDArray[np.float64],
    facilities: Facilities,
    limit_m: float,
    crowded: NDArray[np.bool_],
) -> list[tuple[int, int]]:
    """Rows at one place with similar names, or of one kind at one position without names."""
    use = ~crowded
    if facilities.approximate is not None:
        use &= ~facilities.approximate

    def alike(a: int, b: int) -> bool:
        name_a, name_b = facilities.name[a], facilities.name[b]
        if name_a and name_b:
            return similarity(parts[a], parts[b]) > 0
        same = facilities.kind[a] == facilities.kind[b] and name_a == name_b
        return same and float(np.linalg.norm(xyz[a] - xyz[b])) <= SAME_POSITION_M

    rows = np.flatnonzero(use)
    return [(a, b) for a, b in _near(xyz[rows], rows, limit_m)[0] if alike(a, b)]


def _crowded(at: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows at a position that more than `CROWD` rows share: the middle of a town, not a place."""
    _, inverse, count = np.unique(at, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(count[inverse.ravel()] > CROWD, bool)


def _near(
    at: NDArray[np.float64], rows: NDArray[np.int64], limit_m: float
) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """Pairs of rows within the limit, and the rows that are not in a crowd."""
    from scipy.spatial import cKDTree  # noqa: PLC0415 - heavy, only where there are several rows

    if not len(rows):
        return [], rows
    calm = cKDTree(at).query_ball_point(at, limit_m, return_length=True) <= CROWD
    at, rows = at[calm], rows[calm]
    if not len(rows):
        return [], rows
    near = rows[cKDTree(at).query_pairs(limit_m, output_type="ndarray")]
    near.sort(axis=1)
    return [(a, b) for a, b in near.tolist()], rows


def _kinds(facilities: Facilities, parts: Sequence[Parts], k: int) -> tuple[str, ...]:
    return (facilities.kind_keys[k] if facilities.kind_keys else ()) or parts[k].kinds


def _told_apart(facilities: Facilities, parts: Sequence[Parts], a: int, b: int) -> bool:
    """Whether something in the rows says that they are two."""
    if not may_be_one(parts[a], parts[b]) or facilities.serving[a] != facilities.serving[b]:
        return True
    kinds_a, kinds_b = _kinds(facilities, parts, a), _kinds(facilities, parts, b)
    if kinds_a and kinds_b and not related(kinds_a, kinds_b):
        return True
    for meaning in ("county", "town", "community"):
        first, second = (_place(facilities, meaning, k) for k in (a, b))
        if first and second and not (first.startswith(second) or second.startswith(first)):
            return True
    first_no, second_no = (_house_numbers(_text(facilities, "address", k)) for k in (a, b))
    return bool(first_no and second_no and not (first_no <= second_no or second_no <= first_no))


def _text(facilities: Facilities, meaning: str, k: int) -> str:
    values = facilities.attributes.get(meaning)
    return values[k] if values and isinstance(values[k], str) else ""


def _place(facilities: Facilities, meaning: str, k: int) -> str:
    text = squeeze(_text(facilities, meaning, k))
    return re.sub(r"(?:街道办事处|办事处|街道|镇|乡|社区|村|县|区)$", "", text) or text


def _house_numbers(address: str) -> frozenset[str]:
    """Numbers of the houses in an address, or all numbers where none is marked as such."""
    plain = squeeze(re.sub(r"[-~—–至]", "号", address))
    numbers = re.findall(r"(\d+[a-z]?)(?=号)", plain)
    return frozenset(numbers or re.findall(r"\d+[a-z]?", plain))


def merge_duplicates(facilities: Facilities, pairs: Sequence[DuplicatePair]) -> Facilities:
    """The facilities with each group of duplicates as one row, the lowest.

    The row that stays keeps what it says; what it leaves empty is filled from the others, in their
    order. Numbers are never added up. An approximate position gives way to an exact one. Every row
    that disappears is recorded as a change of the kind merged.
    """
    root = list(range(len(facilities)))

    def top(k: int) -> int:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    for pair in pairs:
        first, second = sorted((top(pair.a), top(pair.b)))
        root[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for k in range(len(facilities)):
        groups[top(k)].append(k)
    if len(groups) == len(facilities):
        return facilities
    merged = _Columns(facilities)
    changes = [
        _change(facilities, kept, k, *merged.fill(kept, k))
        for kept, group in groups.items()
        for k in group[1:]
    ]
    keep = np.array(sorted(groups), np.int64)
    return merged.taken(keep, [top(k) for k in range(len(facilities))], tuple(changes))


def _change(
    facilities: Facilities, kept: int, k: int, filled: list[str], differing: list[str]
) -> Change:
    row, name = int(facilities.row[kept]), facilities.name[kept]
    zh = f"与第 {row} 行“{name}”合并，保留第 {row} 行"
    en = f"was merged into row {row} {name!r}"
    if filled:
        zh, en = f"{zh}；补充：{'、'.join(filled)}", f"{en}; filled from it: {', '.join(filled)}"
    if differing:
        zh = f"{zh}；未采用：{'、'.join(differing)}"
        en = f"{en}; not used: {', '.join(differing)}"
    return Change(
        layer="facilities", file=facilities.file, sheet=facilities.sheet,
        row=int(facilities.row[k]), name=facilities.name[k], kind="merged", detail=Note(zh, en),
    )  # fmt: skip


def _empty(value: object) -> bool:
    return value is None or value in ("", ()) or (isinstance(value, float) and math.isnan(value))


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


class _Columns:
    """The columns of facilities as lists that can be filled."""

    def __init__(self, facilities: Facilities) -> None:
        self.facilities = facilities
        self.columns: dict[str, list[Any]] = {
            "name": list(facilities.name),
            "kind": list(facilities.kind),
            "status": list(facilities.status),
            **{key: list(values) for key, values in facilities.attributes.items()},
        }
        self.keys = list(facilities.kind_keys)
        self.position = np.arange(len(facilities))

    def fill(self, kept: int, k: int) -> tuple[list[str], list[str]]:
        """Fill what is empty in one row from another: what was filled, and what was not used."""
        filled: list[str] = []
        differing: list[str] = []
        for key, values in self.columns.items():
            if _empty(values[k]) or values[k] == values[kept]:
                continue
            (filled if _empty(values[kept]) else differing).append(f"{key} {_shown(values[k])}")
            if _empty(values[kept]):
                values[kept] = values[k]
                if key == "kind" and self.keys:
                    self.keys[kept] = self.keys[k]
        rough = self.facilities.approximate
        if rough is not None and rough[self.position[kept]] and not rough[k]:
            self.position[kept] = k
            filled.append("lon lat")
        return filled, differing

    def taken(
        self, keep: NDArray[np.int64], top: list[int], changes: tuple[Change, ...]
    ) -> Facilities:
        """The rows `keep`; `top` says for every row into which one it was merged."""
        old, at = self.facilities, self.position[keep]

        def column(key: str) -> tuple[Any, ...]:
            return tuple(self.columns[key][k] for k in keep)

        return replace(
            old,
            name=column("name"),
            kind=column("kind"),
            status=column("status"),
            lon=old.lon[at],
            lat=old.lat[at],
            row=old.row[keep],
            serving=old.serving[keep],
            x=None if old.x is None else old.x[at],
            y=None if old.y is None else old.y[at],
            attributes={key: column(key) for key in old.attributes},
            kind_keys=tuple(self.keys[k] for k in keep) if self.keys else (),
            approximate=None if old.approximate is None else old.approximate[at],
            entrances=_gates(old.entrances, keep, top),
            changes=(*old.changes, *changes),
        )


def _gates(
    entrances: Entrances | None, keep: NDArray[np.int64], top: list[int]
) -> Entrances | None:
    """The gates of the rows that stay, and of those that were merged into them."""
    if entrances is None:
        return None
    new = np.searchsorted(keep, [top[owner] for owner in entrances.owner.tolist()])
    index = np.argsort(new, kind="stable")
    return Entrances(
        lon=entrances.lon[index],
        lat=entrances.lat[index],
        owner=new[index].astype(np.int64),
        name=tuple(entrances.name[k] for k in index),
    )
