"""Candidate sites from a workbook, a text table or a GIS layer: idle buildings, plots, gates."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Change, Facilities, Note, SetAside
from quarterhour.model import _Frozen
from quarterhour.sources.facilities.read import facilities_of
from quarterhour.sources.files.vector import TABLE_SUFFIXES, read_vector
from quarterhour.sources.rows.cells import (
    MONEY_10K,
    cell_text,
    understood_amount,
    understood_flag,
    understood_number,
)
from quarterhour.sources.rows.columns import heading_unit, plain_heading
from quarterhour.sources.rows.points import read_points
from quarterhour.sources.rows.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.sources.rows.point_rows import PointRows, Resolve

    Box = tuple[float, float, float, float]
    Faults = dict[int, tuple[str, str]]

WORDS: dict[str, tuple[str, ...]] = {
    "eligible": ("eligible", "usable", "available", "是否可用", "可用", "是否可选", "可选",
                 "是否符合条件", "符合条件", "有条件", "是否有条件", "具备条件", "是否具备条件"),
    "required": ("required", "must", "fixed", "必选", "是否必选", "必建", "是否必建", "指定"),
    "forbidden": ("forbidden", "excluded", "禁选", "是否禁选", "禁建", "不可选", "排除",
                  "是否排除"),
    "group": ("group", "互斥组", "互斥", "分组", "组别", "择一组"),
    "capacity": ("capacity", "容量", "容纳人数", "可容纳人数", "服务能力", "可设床位", "可设床位数",
                 "可设托位", "可设托位数"),
    "service": ("service", "服务", "所属服务", "用于服务", "拟设服务", "用途服务"),
}  # fmt: skip
"""Headings of the columns that only candidates have, besides those of facilities."""

YUAN = 10_000
MOST_COST_10K = 10_000_000.0
"""A hundred billion yuan: whatever costs more is a slip of the pen, or of the unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates(_Frozen):
    """Where something could be built.

    `at`: the rows with a position, as facilities. `cost`: int64 yuan per row, -1 where none is
    known. `capacity`: beds, places or people, NaN where none is known. `required`, `forbidden`:
    bool; a row that cannot be used (不可用) is forbidden, and `why` says so: unusable, excluded or
    "". `group`: int64, at most one of a group is built, -1 for none; `group_name` by number.
    `service`: per row the services that it is for, () for any; () as a whole where nobody says it.
    `source`: table, network or places. `moved_ms`: for generated ones, milliseconds within which
    every position along the streets has a candidate, else None.
    """

    at: Facilities
    cost: NDArray[np.int64]
    capacity: NDArray[np.float64]
    required: NDArray[np.bool_]
    forbidden: NDArray[np.bool_]
    why: tuple[str, ...]
    group: NDArray[np.int64]
    group_name: tuple[str, ...] = ()
    service: tuple[tuple[str, ...], ...] = ()
    source: str = "table"
    moved_ms: int | None = None

    def __len__(self) -> int:
        return len(self.at)

    def label(self, k: int) -> str:
        """Name of a candidate, or where it stands in its file."""
        name = self.at.name[k]
        row = int(self.at.row[k])
        where = f"row {row}" if row >= 0 else f"number {k + 1}"
        if self.at.sheet:
            where = f"sheet {self.at.sheet}, {where}"
        return f"{name!r} ({where})" if name else where

    def serves(self, k: int, service: str) -> bool:
        """Whether a candidate may be built for a service."""
        return not self.service or not self.service[k] or service in self.service[k]


def plain_candidates(at: Facilities, *, source: str = "table") -> Candidates:
    """Candidates about which nothing but the position is known."""
    n = len(at)
    return Candidates(
        at=at,
        cost=np.full(n, -1, np.int64),
        capacity=np.full(n, np.nan),
        required=np.zeros(n, bool),
        forbidden=np.zeros(n, bool),
        why=("",) * n,
        group=np.full(n, -1, np.int64),
        source=source,
    )


def read_candidates(
    source: str | Path,
    *,
    sheet: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    coordinates: str = "wgs84",
    near: Box | None = None,
    resolve: Resolve | None = None,
) -> Candidates:
    """Candidate sites with a position; rows that cannot be understood are set aside, and named.

    Parameters
    ----------
    source
        .xlsx, .csv or a GIS layer. Besides the columns of facilities: 投资 or 造价 (cost, 万元
        unless the heading says otherwise), 是否可用 (eligible), 必选 (required), 禁选 (forbidden),
        互斥组 (group), 服务 (service: what it may be built for) and 容量 (capacity; else 床位 or
        托位).
    sheet, layer, columns, coordinates, near, resolve
        As in `read_facilities`; `columns` may also name required, forbidden, group, service
        and capacity.

    Raises
    ------
    InputError
        The file cannot be used, or has no row with a position.
    """
    path = Path(source)
    told = dict(columns or {})
    own = {m: told.pop(m) for m in list(told) if m in WORDS and m != "eligible"}
    needed = "candidate sites"
    if own or "eligible" in told:
        _require(path, {**own, **{m: h for m, h in told.items() if m == "eligible"}}, sheet, layer)
    rows = read_points(
        path, layer="candidates", needed=needed, sheet=sheet, gis_layer=layer,
        coordinates=coordinates, columns=told or None, near=near, resolve=resolve,
    )  # fmt: skip
    return candidates_of(rows, named={**own, **told})


def _require(path: Path, own: Mapping[str, str], sheet: str | None, layer: str | None) -> None:
    """Raise `InputError` where a heading that is named is not there."""
    needed = "candidate sites"
    if path.suffix.lower() in TABLE_SUFFIXES:
        headings = list(read_table(path, sheet=sheet, needed=needed).columns)
    else:
        headings = [str(c) for c in read_vector(path, layer=layer, needed=needed).columns]
    known = {plain_heading(h) for h in headings}
    for meaning, heading in own.items():
        if plain_heading(heading) not in known:
            raise InputError(
                f"{path}: columns says that {meaning} is {heading!r}, and there is no such heading;"
                f" found are {', '.join(headings)}"
            )


def candidates_of(rows: PointRows, *, named: Mapping[str, str] | None = None) -> Candidates:
    """Candidates of rows with a position; `named`: heading by meaning, as a study says it."""
    at = facilities_of(rows)
    cells = {m: _column(rows, m, (named or {}).get(m)) for m in WORDS}
    faults: Faults = {}
    changes: list[Change] = []
    cost = _cost(rows, faults)
    n = len(at)
    flags = {m: _flags(cells[m], n, m, faults) for m in ("eligible", "required", "forbidden")}
    capacity = _capacity(cells["capacity"], at, faults)
    group, names = _groups(cells["group"], n)
    keep = np.array([k for k in range(n) if k not in faults], np.int64)
    why = [
        "unusable" if usable == "no" else "excluded" if out == "yes" else ""
        for usable, out in zip(flags["eligible"], flags["forbidden"], strict=True)
    ]
    left = [k for k in keep.tolist() if why[k]]
    if left:
        changes.append(_left_out(at, [why[k] for k in left]))
    aside = tuple(
        SetAside(
            layer="candidates", file=at.file, sheet=at.sheet, row=int(at.row[k]),
            name=at.name[k], reason=reason, detail=detail,
        )
        for k, (reason, detail) in sorted(faults.items())
    )  # fmt: skip
    return Candidates(
        at=dataclasses.replace(
            some_facilities(at, keep),
            set_aside=at.set_aside + aside,
            changes=(*at.changes, *changes),
        ),
        cost=cost[keep],
        capacity=capacity[keep],
        required=np.array([flags["required"][k] == "yes" for k in keep.tolist()], bool),
        forbidden=np.array([bool(why[k]) for k in keep.tolist()], bool),
        why=tuple(why[k] for k in keep.tolist()),
        group=group[keep],
        group_name=names,
        service=_services(cells["service"], keep),
    )


def _services(cells: list[Any], keep: NDArray[np.int64]) -> tuple[tuple[str, ...], ...]:
    """The services that each kept row is for, as they are written; () where no row says it."""
    texts = [cell_text(cells[k]) if cells else "" for k in keep.tolist()]
    if not any(texts):
        return ()
    return tuple(
        tuple(name.strip() for name in re.split(r"[、，,;；/]", text) if name.strip())
        for text in texts
    )


def for_services(found: Candidates, names: Sequence[str]) -> Candidates:
    """The candidates without rows that are meant for a service which is none of `names`."""
    if not found.service:
        return found
    at, aside, keep = found.at, [], []
    for k, wanted in enumerate(found.service):
        unknown = [name for name in wanted if name not in names]
        if not unknown:
            keep.append(k)
            continue
        aside.append(
            SetAside(
                layer="candidates", file=at.file, sheet=at.sheet, row=int(at.row[k]),
                name=at.name[k], reason="bad_service",
                detail=f"service is {unknown[0]!r}, and the study has {', '.join(names)}",
            )
        )  # fmt: skip
    rows = np.array(keep, np.int64)
    return dataclasses.replace(
        found,
        at=dataclasses.replace(some_facilities(at, rows), set_aside=(*at.set_aside, *aside)),
        cost=found.cost[rows],
        capacity=found.capacity[rows],
        required=found.required[rows],
        forbidden=found.forbidden[rows],
        why=tuple(found.why[k] for k in keep),
        group=found.group[rows],
        service=tuple(found.service[k] for k in keep),
    )


def _column(rows: PointRows, meaning: str, heading: str | None) -> list[Any]:
    """Cells of a column, [] where there is none; the plainest heading in the order of the words."""
    by_plain = {plain_heading(h): h for h in reversed(list(rows.columns))}
    words = (heading,) if heading else WORDS[meaning]
    for word in words:
        found = by_plain.get(plain_heading(word))
        if found is None:  # 容量（人） is a 容量
            found = next(
                (h for p, h in by_plain.items() if p.startswith(plain_heading(word) + "(")), None
            )
        if found is not None:
            return rows.columns[found]
    return []


def _cost(rows: PointRows, faults: Faults) -> NDArray[np.int64]:
    """Yuan of every row, -1 for none; a cost that cannot be one is a fault of its row."""
    heading = rows.meanings.get("cost")
    cost = np.full(len(rows.row), -1, np.int64)
    if heading is None:
        return cost
    factor = MONEY_10K.get(heading_unit(heading).lower(), 1.0)
    for k, cell in enumerate(rows.columns[heading]):
        read = understood_amount(cell, MONEY_10K, factor)
        if read.value is None:
            if read.how == "unread":
                faults[k] = ("bad_cost", f"{heading} is {cell_text(cell)!r}, which is no cost")
        elif read.value < 0:
            faults[k] = ("negative_cost", f"{heading} is {cell_text(cell)}: a cost is not negative")
        elif read.value > MOST_COST_10K:
            faults[k] = (
                "bad_cost",
                f"{heading} is {cell_text(cell)}, over {MOST_COST_10K:.0f} ten thousand yuan",
            )
        else:
            cost[k] = int(np.floor(read.value * YUAN + 0.5))
    return cost


def _flags(cells: list[Any], n: int, meaning: str, faults: Faults) -> list[str]:
    """yes, no or "" for each of `n` rows; a column that is not there says nothing."""
    values = [""] * n
    for k, cell in enumerate(cells):
        values[k], how = understood_flag(cell)
        if how and k not in faults:
            faults[k] = (
                "bad_flag",
                f"{meaning} is {cell_text(cell)!r}; needed is 是 or 否 (yes or no)",
            )
    return values


def _capacity(cells: list[Any], at: Facilities, faults: Faults) -> NDArray[np.float64]:
    """Capacity of every row: of its own column, else beds, else places; NaN for none."""
    if not cells:
        none = (float("nan"),) * len(at)
        return np.array(at.attributes.get("beds") or at.attributes.get("places") or none)
    capacity = np.full(len(at), np.nan)
    for k, cell in enumerate(cells):
        read = understood_number(cell)
        if read.value is not None and read.value >= 0:
            capacity[k] = read.value
        elif read.value is not None or read.how == "unread":
            faults.setdefault(
                k, ("bad_capacity", f"the capacity is {cell_text(cell)!r}, which is none")
            )
    return capacity


def _groups(cells: list[Any], n: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number of each row's group, -1 for none, and the names in the order of the rows."""
    texts = [cell_text(cell) for cell in cells] or [""] * n
    names = tuple(dict.fromkeys(text for text in texts if text))
    number = {name: k for k, name in enumerate(names)}
    return np.array([number.get(text, -1) for text in texts], np.int64).reshape(n), names


def _left_out(at: Facilities, why: list[str]) -> Change:
    unusable, excluded = why.count("unusable"), why.count("excluded")
    return Change(
        layer="candidates", file=at.file, sheet=at.sheet, row=None, name="", kind="left_out",
        detail=Note(
            f"{unusable} 处标为不可用、{excluded} 处标为禁选，不参与选址",
            f"{unusable} are marked as unusable and {excluded} as excluded; none of them is chosen",
        ),
    )  # fmt: skip


def some_facilities(at: Facilities, rows: NDArray[np.int64]) -> Facilities:
    """Some rows of a facility table, without its gates; rows that were set aside stay told."""
    keep = rows.tolist()

    def kept(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[k] for k in keep)

    return dataclasses.replace(
        at,
        name=kept(at.name),
        kind=kept(at.kind),
        status=kept(at.status),
        lon=at.lon[rows],
        lat=at.lat[rows],
        row=at.row[rows],
        serving=at.serving[rows],
        x=None if at.x is None else at.x[rows],
        y=None if at.y is None else at.y[rows],
        attributes={key: kept(values) for key, values in at.attributes.items()},
        kind_keys=kept(at.kind_keys) if at.kind_keys else (),
        approximate=None if at.approximate is None else at.approximate[rows],
        entrances=None,
    )
