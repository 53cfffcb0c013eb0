"""Rows of gates: what each belongs to, what it is called, and what is told about it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.errors import InputError
from quarterhour.frames import bounds_of
from quarterhour.inputs import Change, Facilities, Note, Reading, SetAside
from quarterhour.sources.facilities.kinds import squeeze
from quarterhour.sources.facilities.name_parts import may_be_one, parts_of
from quarterhour.sources.rows.points import PointRows, cell_text, read_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

MARGIN_DEG = 0.1
"""How far around the facilities or areas gates are looked for, to tell exchanged coordinates."""

GATE_HEADINGS = ("gate", "gatename", "entrance", "entrancename", "出入口", "出入口名称",
                 "大门", "大门名称", "门", "门名", "门名称", "入口", "入口名称",
                 "校门", "方位")  # fmt: skip
OWNER_HEADINGS = {
    "facility": ("facility", "facilityname", "所属设施", "所属机构", "设施", "设施名称", "机构名称",
                 "单位名称", "养老机构", "托育机构"),
    "area": ("area", "areaname", "所属小区", "小区", "小区名称", "住宅小区", "居住区", "居住小区"),
}  # fmt: skip


PLAIN_TEXT = "lead"
"""A meaning whose cells are left as they are."""


class GateRows(NamedTuple):
    """`owner`: what each row belongs to, None without such a column; `gate`, `id`: "" for none."""

    rows: PointRows
    owner: list[str] | None
    gate: list[str]
    id: list[str]


def read_gates(
    path: Path,
    what: str,
    around: tuple[FloatArray, FloatArray] | None,
    sheet: str | None,
    layer: str | None,
    coordinates: str,
    columns: Mapping[str, str] | None,
    resolve: Any,  # noqa: ANN401
) -> GateRows:
    """Rows with a position, what each belongs to, and gate names.

    Raises
    ------
    InputError
        The file cannot be used.
    """
    mine = {key: h for key, h in (columns or {}).items() if key in {"facility", "area", "gate"}}
    others = {key: h for key, h in (columns or {}).items() if key not in mine}
    near = None
    if around is not None:
        west, south, east, north = bounds_of(around)
        near = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)

    def read(named: Mapping[str, str]) -> PointRows:
        return read_points(
            path, layer="entrances", needed="entrances with coordinates", sheet=sheet,
            gis_layer=layer, coordinates=coordinates, columns=named or None, near=near,
            resolve=resolve,
        )  # fmt: skip

    rows = read(others)
    ids = rows.meanings.get("id")
    if ids is not None and any(a.reason == "duplicate_id" for a in rows.set_aside):
        # several gates of one facility repeat its id: here it is no id of a row but a plain text
        rows = read({**others, PLAIN_TEXT: ids})
        rows = replace(rows, reading=_as_id(rows.reading, ids))
    for key, heading in mine.items():
        if heading not in rows.columns:
            raise InputError(
                f"{path}: columns says that {key} is {heading!r}, and there is no such heading;"
                f" found are {', '.join(rows.columns)}"
            )
    plain = {_plain(heading): heading for heading in reversed(list(rows.columns))}

    def heading_of(key: str, synonyms: Sequence[str]) -> str | None:
        return mine.get(key) or next((plain[s] for s in synonyms if s in plain), None)

    owner = heading_of(what, OWNER_HEADINGS[what])
    gate = heading_of("gate", GATE_HEADINGS)
    name = rows.meanings.get("name")
    if owner is None and name != gate:
        owner = name
    elif gate is None and name != owner:
        gate = name  # 设施名称 beside 名称: the second is that of the gate

    def texts(heading: str | None) -> list[str]:
        return [cell_text(v) for v in rows.columns[heading]] if heading else [""] * len(rows.row)

    return GateRows(rows, texts(owner) if owner else None, texts(gate), texts(ids))


def _as_id(reading: Reading | None, heading: str) -> Reading | None:
    if reading is None:
        return None
    columns = (
        use._replace(meaning="id", how="recognised") if use.heading == heading else use
        for use in reading.columns
    )
    return replace(reading, columns=tuple(columns))


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).casefold())


class Teller:
    """Collects what is set aside and changed in one file."""

    def __init__(
        self,
        file: str,
        sheet: str,
        set_aside: list[SetAside] | None = None,
        changes: list[Change] | None = None,
    ) -> None:
        self.file, self.sheet = file, sheet
        self.set_aside: list[SetAside] = set_aside or []
        self.changes: list[Change] = changes or []

    def aside(self, row: int, name: str, reason: str, detail: str) -> None:
        """A row that is not used, and why."""
        self.set_aside.append(
            SetAside(layer="entrances", file=self.file, sheet=self.sheet, row=row, name=name,
                     reason=reason, detail=detail)
        )  # fmt: skip

    def change(self, row: int | None, name: str, kind: str, zh: str, en: str) -> Change:
        """Something that is read otherwise than it is written."""
        return Change(layer="entrances", file=self.file, sheet=self.sheet, row=row, name=name,
                      kind=kind, detail=Note(zh, en))  # fmt: skip


class Finder:
    """Facilities by id and by name."""

    def __init__(self, facilities: Facilities) -> None:
        self.facilities = facilities
        self.by_id: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.by_parts: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for k, text in enumerate(facilities.attributes.get("id", ())):
            if cell_text(text):
                self.by_id.setdefault(cell_text(text), k)
        for k, name in enumerate(facilities.name):
            if squeeze(name):
                self.by_name[squeeze(name)].append(k)
                parts = parts_of(name)
                self.by_parts[parts.proper, parts.kinds, parts.marks].append(k)

    def __call__(self, key: str, name: str, row: int, tell: Teller) -> int | None:
        """Index of the facility that a row means; None, and told why, where there is none."""
        found = list(self.by_name.get(squeeze(name), ()))
        # where the name is that of another facility, the number is that of the gate
        if key and key in self.by_id and (not found or self.by_id[key] in found):
            return self.by_id[key]
        if not found and squeeze(name):
            # 雁江区清河养老院 is 清河养老院 where there is only one
            parts = parts_of(name)
            found = [
                k for k in self.by_parts.get((parts.proper, parts.kinds, parts.marks), ())
                if parts.proper and may_be_one(parts, parts_of(self.facilities.name[k]))
            ]  # fmt: skip
            if len(found) == 1:
                other = self.facilities.name[found[0]]
                tell.changes.append(
                    tell.change(row, name, "name_matched", f"“{name}”按“{other}”处理",
                                f"{name!r} was taken to be {other!r}")
                )  # fmt: skip
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(str(self.facilities.row[k]) for k in found[:8])
            detail = f"several facilities have this name (rows {which}); name it by its id"
            tell.aside(row, name, "ambiguous_name", detail)
        else:
            near = difflib.get_close_matches(name, filter(None, self.facilities.name), 3, 0.5)
            hint = f"; the nearest are {', '.join(near)}" if near else ""
            what = f"no facility has this {'name' if name else f'id {key!r}' if key else 'name'}"
            tell.aside(row, name or key, "unmatched_name", what + hint)
        return None
