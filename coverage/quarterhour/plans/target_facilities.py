"""All facilities that a study knows of, for counting: without coordinates and planned ones, too."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Facilities, Note, SetAside
from quarterhour.measures import counted
from quarterhour.model import _Frozen
from quarterhour.sources.datum.coordinates import AUTO
from quarterhour.sources.facilities.candidates import some_facilities
from quarterhour.sources.facilities.duplicates import find_duplicates
from quarterhour.sources.facilities.kinds import KINDS, kind_keys, related, squeeze
from quarterhour.sources.facilities.name_parts import parts_of
from quarterhour.sources.facilities.read import PLANNED, facilities_of
from quarterhour.sources.files.vector import VECTOR_SUFFIXES
from quarterhour.sources.roads.osm import OSM_SUFFIXES
from quarterhour.sources.rows.cells import cell_text, plain_text
from quarterhour.sources.rows.columns import plain_heading
from quarterhour.sources.rows.point_rows import PointRows, Unplaced
from quarterhour.sources.rows.points import FOOTER, read_points
from quarterhour.sources.scenario.facilities import with_more
from quarterhour.sources.units.read import UNPLACED
from quarterhour.study_file.settings import input_path

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import Change, Reading
    from quarterhour.study_file.parts import ServicePart

BOOKS = (".xlsx", ".xlsm")
"""Tables that have sheets."""

CLOSED = ("关闭", "停业", "停运", "停办", "注销", "撤销", "已拆", "closed")
"""Words of a status by which a facility no longer exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(_Frozen):
    """The facilities of all tables, one behind the other, each once.

    `facilities`: all rows; where `placed` is False, longitude and latitude are 0. `table`: index
    into `tables` and `columns` (the meanings that it has). `service`: the service of the study
    that names the table first, -1 for those of [targets]. `planned`: does not exist yet.
    `kind_keys`: what each row is recognised as. `notes`: what was guessed and left out. `changes`,
    `set_aside`, `readings`: of the tables of [targets]; a row without coordinates is not set aside.
    """

    facilities: Facilities
    placed: NDArray[np.bool_]
    table: NDArray[np.int64]
    tables: tuple[str, ...]
    columns: tuple[frozenset[str], ...]
    service: NDArray[np.int64]
    planned: NDArray[np.bool_]
    kind_keys: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    changes: tuple[Change, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    facilities: Facilities
    placed: NDArray[np.bool_]
    columns: frozenset[str]
    service: int
    name: str
    path: Path

    @property
    def origin(self) -> tuple[Path, str]:
        """The file and its sheet."""
        return self.path.resolve(), self.facilities.sheet

    @property
    def label(self) -> str:
        sheet = self.facilities.sheet
        return f"{self.facilities.file} {sheet}" if sheet else self.facilities.file


def read_listed(inputs: Gather) -> Listed:
    """The facilities of every service and of [targets] facilities; a table is read only once.

    Raises
    ------
    InputError
        A table cannot be used.
    """
    found: Listed = inputs._once("listed", lambda: _read(inputs))  # noqa: SLF001 - read only once
    return found


def _read(inputs: Gather) -> Listed:
    tables = [_of_service(inputs, k) for k in _first_named(inputs)]
    have = {t.origin for t in tables}
    for name in inputs.study.targets.facilities:
        more = counted_table(inputs, name)
        tables += [more] if more.origin not in have else []
        have.add(more.origin)
    return _joined(tables)


def _first_named(inputs: Gather) -> list[int]:
    """The services that name a table which none before them names."""
    seen: set[tuple[Any, ...]] = set()
    found = []
    for k, part in enumerate(inputs.study.service):
        osm = part.facilities == "osm" or part.facilities.lower().endswith(OSM_SUFFIXES)
        filters = (tuple(part.tags or ()), tuple(part.kinds or ())) if osm else ()
        key = (part.facilities.replace("\\", "/"), part.sheet, part.layer, filters)
        if key not in seen:
            seen.add(key)
            found.append(k)
    return found


def _of_service(inputs: Gather, k: int) -> _Table:
    part = inputs.study.service[k]
    path = _path(inputs, part)
    if path.name.lower().endswith(OSM_SUFFIXES):
        found = inputs.facilities(k)
        said = {key for key, values in found.attributes.items() if any(map(_filled, values))}
        return _Table(
            facilities=found, placed=np.ones(len(found), bool),
            columns=frozenset({*said, "kind"}), service=k, name=part.name, path=path,
        )  # fmt: skip
    every = part.model_copy(update={"kinds": None})
    found = inputs._facilities(every)  # noqa: SLF001 - as the study reads it, without its filter
    rows = read_points(
        path, layer="facilities", needed="facilities", sheet=part.sheet, gis_layer=part.layer,
        coordinates=part.coordinates, columns=part.columns,
        near=inputs._near(), resolve=inputs._resolve(), may_lack=True,  # noqa: SLF001
    )  # fmt: skip
    rest = _unplaced(rows, set(found.row.tolist()))
    if part.status is not None:
        wanted = {plain_text(s).lower() for s in part.status}
        serving = np.array([plain_text(s).lower() in wanted for s in rest.status], bool)
        rest = dataclasses.replace(rest, serving=serving)
    return _table(found, rest, rows, k, part.name)


def _path(inputs: Gather, part: ServicePart) -> Path:
    return inputs._source(part.facilities, f"[[service]] {part.name} facilities")  # noqa: SLF001


def counted_table(inputs: Gather, name: str) -> _Table:
    """A table of [targets] facilities, for counting only; book.xlsx#sheet names one of its sheets.

    Raises
    ------
    InputError
        The table cannot be used, or a sheet is named of a file that has none.
    """
    return inputs._once(f"counted {name}", lambda: _of_targets(inputs, name))  # noqa: SLF001


def _of_targets(inputs: Gather, name: str) -> _Table:
    file, _, sheet = name.partition("#")
    path = input_path(inputs.home, name)
    if sheet and not path.exists():
        path = input_path(inputs.home, file)
        if path.suffix.lower() not in {*BOOKS, *VECTOR_SUFFIXES}:
            raise InputError(
                f"{path}: {name!r} names the sheet {sheet!r}, and such a file has no sheets; leave"
                f" #{sheet} out"
            )
    else:
        sheet = ""
    is_layer = path.suffix.lower() in VECTOR_SUFFIXES
    resolve = inputs._resolve()  # noqa: SLF001 - as the study judges it
    rows = read_points(
        path, layer="facilities", needed="a table of facilities to be counted",
        sheet=None if is_layer else sheet or None, gis_layer=sheet or None if is_layer else None,
        coordinates="wgs84" if resolve is None else AUTO,
        near=inputs._near(), resolve=resolve, may_lack=True,  # noqa: SLF001
    )  # fmt: skip
    return _table(facilities_of(rows), _unplaced(rows, set()), rows, -1, "")


def _unplaced(rows: PointRows, but: set[int]) -> Facilities:
    """The rows without coordinates as facilities at longitude and latitude 0."""
    left, aside = [], []
    for row in rows.unplaced:
        if row.row in but:
            continue
        fault = _no_facility(row, rows.meanings)
        if fault is None:
            left.append(row)
            continue
        aside.append(
            SetAside(layer="facilities", file=rows.path.name, sheet=rows.sheet, row=row.row,
                     name=row.name, reason=fault[0], detail=fault[1])
        )  # fmt: skip
    zero = np.zeros(len(left))
    return facilities_of(
        PointRows(
            path=rows.path, sheet=rows.sheet, lon=zero, lat=zero,
            row=np.array([row.row for row in left], np.int64),
            columns={h: [row.values.get(h) for row in left] for h in rows.columns},
            set_aside=tuple(aside), coordinates=rows.coordinates, meanings=rows.meanings,
        )
    )  # fmt: skip


def _no_facility(row: Unplaced, meanings: dict[str, str]) -> tuple[str, str] | None:
    """Reason and detail of a row without coordinates that is no facility, None for one."""
    first = next((t for v in row.values.values() if (t := cell_text(v))), "")
    if FOOTER.match("".join(first.split()).replace("：", ":")):
        return "footer_row", f"the row stands below the data and is no facility: {first[:40]}"
    if row.name and plain_heading(row.name) == plain_heading(meanings.get("name", "")):
        return "header_row", "the row repeats the headings"
    told = [row.name, *(cell_text(row.values.get(meanings.get(m, ""))) for m in ("name", "kind"))]
    return None if any(told) else ("no_name", "the row has neither a name nor a kind")


def _table(found: Facilities, rest: Facilities, rows: PointRows, service: int, name: str) -> _Table:
    both = with_more(found, rest)
    columns = {*found.attributes, *rest.attributes, *(rows.meanings.keys() & {"kind", "status"})}
    return _Table(
        facilities=dataclasses.replace(both, file=found.file, sheet=found.sheet),
        placed=np.concatenate([np.ones(len(found), bool), np.zeros(len(rest), bool)]),
        columns=frozenset(columns),
        service=service,
        name=name,
        path=rows.path,
    )


def _filled(value: object) -> bool:
    return value not in {None, ""} and not (isinstance(value, float) and np.isnan(value))


def _joined(tables: list[_Table]) -> Listed:
    every = tables[0].facilities
    for one in tables[1:]:
        every = with_more(every, one.facilities)
    size = [len(t.facilities) for t in tables]
    table = np.repeat(np.arange(len(tables)), size)
    notes: list[Note] = []
    columns = [t.columns for t in tables]
    keys: list[tuple[str, ...]] = []
    for t, one in enumerate(tables):
        found, has_kind = _kinds(one, notes)
        keys += found
        columns[t] = columns[t] | ({"kind"} if has_kind else set())
    planned = np.array(
        [not serves or any(w in s.lower() for w in PLANNED)
         for serves, s in zip(every.serving.tolist(), every.status, strict=True)], bool,
    )  # fmt: skip
    closed = np.array([any(w in s.lower() for w in CLOSED) for s in every.status], bool)
    if closed.any():
        n = int(closed.sum())
        told = counted(n, "closed facility does", "closed facilities do")
        notes.append(Note(f"{n} 个已关闭的设施不计", f"{told} not count"))
    own = [t for t in tables if t.service < 0]
    aside = [row for t in own for row in t.facilities.set_aside if row.reason not in UNPLACED]
    listed = Listed(
        changes=tuple(c for t in own for c in t.facilities.changes),
        set_aside=tuple(aside),
        readings=tuple(t.facilities.reading for t in own if t.facilities.reading is not None),
        facilities=every,
        placed=np.concatenate([t.placed for t in tables]),
        table=table,
        tables=tuple(t.label for t in tables),
        columns=tuple(columns),
        service=np.repeat(np.array([t.service for t in tables], np.int64), size),
        planned=planned,
        kind_keys=tuple(keys),
        notes=tuple(notes),
    )
    return _each_once(_taken(listed, np.flatnonzero(~closed)))


def _kinds(table: _Table, notes: list[Note]) -> tuple[list[tuple[str, ...]], bool]:
    """What each row is, by its kind, else its name, else the names of sheet, file and service."""
    rows = table.facilities
    own = rows.kind_keys or ((),) * len(rows)
    found = [keys or kind_keys(name) for keys, name in zip(own, rows.name, strict=True)]
    if "kind" in table.columns:
        return found, True
    stem = rows.file.rsplit(".", 1)[0]
    common = next((k for t in (rows.sheet, stem, table.name) if t and (k := kind_keys(t))), ())
    if not common:
        return found, False
    zh, en = "、".join(KINDS[k].zh for k in common), ", ".join(KINDS[k].en for k in common)
    notes.append(
        Note(
            f"“{table.label}”没有类型一列，名称中看不出类型的按表名认定为{zh}",
            f"{table.label} has no column of kinds: what the name does not tell is taken as {en}",
        )
    )
    return [keys or common for keys in found], True


def taken(facilities: Facilities, rows: NDArray[np.int64]) -> Facilities:
    """Some rows of the facilities, with their gates."""
    gates = facilities.entrances
    if gates is not None:
        new = np.full(len(facilities), -1, np.int64)
        new[rows] = np.arange(len(rows))
        use = np.flatnonzero(new[gates.owner] >= 0)
        gates = dataclasses.replace(
            gates, lon=gates.lon[use], lat=gates.lat[use], owner=new[gates.owner[use]],
            name=tuple(gates.name[k] for k in use.tolist()),
        )  # fmt: skip
    return dataclasses.replace(some_facilities(facilities, rows), x=None, y=None, entrances=gates)


def _taken(listed: Listed, rows: NDArray[np.int64]) -> Listed:
    return dataclasses.replace(
        listed,
        facilities=taken(listed.facilities, rows),
        placed=listed.placed[rows],
        table=listed.table[rows],
        service=listed.service[rows],
        planned=listed.planned[rows],
        kind_keys=tuple(listed.kind_keys[k] for k in rows.tolist()),
    )


def _each_once(listed: Listed) -> Listed:
    """A facility that two tables list stays where it is listed first, filled from the other."""
    twin = _twins(listed)
    if not twin:
        return listed
    rows, keys = listed.facilities, list(listed.kind_keys)
    values = {key: list(column) for key, column in rows.attributes.items()}
    table, tables, columns = listed.table.copy(), list(listed.tables), list(listed.columns)
    for other, first in sorted(twin.items()):
        for column in values.values():
            if not _filled(column[first]):
                column[first] = column[other]
        keys[first] = tuple(dict.fromkeys([*keys[first], *keys[other]]))
        a, b = int(table[first]), int(listed.table[other])
        label = f"{tables[a]} + {tables[b]}"
        if label not in tables:
            tables.append(label)
            columns.append(columns[a] | columns[b])
        table[first] = tables.index(label)
    names = "、".join(dict.fromkeys(rows.name[k] for k in list(twin.values())[:8]))
    note = Note(
        f"{len(twin)} 个设施在两张表中都有，只计一次（{names}）",
        f"{counted(len(twin), 'facility is', 'facilities are')} in two tables, counted once"
        f" ({names})",
    )
    joined = dataclasses.replace(
        listed,
        facilities=dataclasses.replace(
            rows, attributes={key: tuple(column) for key, column in values.items()}
        ),
        table=table,
        tables=tuple(tables),
        columns=tuple(columns),
        kind_keys=tuple(keys),
        notes=(*listed.notes, note),
    )
    return _taken(joined, np.array([k for k in range(len(rows)) if k not in twin], np.int64))


def _twins(listed: Listed) -> dict[int, int]:
    """Rows that another table lists before, and that row: near and alike, or name and town."""
    rows, table = listed.facilities, listed.table
    found: dict[int, int] = {}
    at = np.flatnonzero(listed.placed)
    for pair in find_duplicates(taken(rows, at)):
        a, b = int(at[pair.a]), int(at[pair.b])
        if table[a] != table[b] and listed.planned[a] == listed.planned[b]:
            found.setdefault(b, found.get(a, a))
    named: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    towns = rows.attributes.get("town", ("",) * len(rows))
    for k, name in enumerate(rows.name):
        town = squeeze(str(towns[k] or ""))
        # a name that says only a kind is borne by many facilities of one town
        if name and town and not parts_of(name).generic:
            named[squeeze(name), town, bool(listed.planned[k])].append(k)
    for several in named.values():
        for other in several[1:]:
            first = next((k for k in several if table[k] != table[other] and k < other), None)
            if first is None or other in found or first in found:
                continue
            own, its = listed.kind_keys[first], listed.kind_keys[other]
            both = listed.placed[first] and listed.placed[other]
            if not both and (not own or not its or related(own, its)):
                found[other] = first
    return found
