"""Facilities, units and people of a plan's indicators, drawn as tables of text.

    register('''
        name kind        town beds  at
        甲院  senior_home  东   100   3
        乙院  senior_home  -    -     -
    ''', towns="东:street 西:town", homes="0:东:10 5:西:30")

A dash is an empty cell. All stand on one street, on which a step is a minute: `at` says where, and
a home is minute:town:people, with a * behind it where it is not urban. A table without a heading
has no such column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import EVERYONE, Note
from quarterhour.sources.facilities.kinds import KINDS
from quarterhour.targets.data import (
    FacilityRows,
    People,
    PositionsWalked,
    Register,
    Settings,
    UnitRows,
    Walked,
)
from quarterhour.targets.rules import evaluate_part
from quarterhour.targets.schema import Indicator
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from quarterhour.targets.evidence import PartResult

NUMBERS = frozenset({"beds", "nursing_beds", "places", "inclusive_places", "households",
                     "floor_area_m2", "year", "at"})  # fmt: skip


def _table(text: str) -> dict[str, list[Any]]:
    lines = [line.split() for line in text.strip().splitlines() if line.strip()]
    columns: dict[str, list[Any]] = {h: [] for h in lines[0]}
    for cells in lines[1:]:
        for heading, cell in zip(lines[0], cells, strict=True):
            blank = float("nan") if heading in NUMBERS else ""
            value = float(cell) if heading in NUMBERS and cell != "-" else cell
            columns[heading].append(blank if cell == "-" else value)
    return columns


def register(
    *facilities: str,
    towns: str = "",
    units: dict[str, str] | None = None,
    homes: str = "",
    positions: dict[str, list[tuple[int, int]]] | None = None,
    **more: Any,
) -> Register:
    """What the rules see; each text of `facilities` is a table of its own.

    `units`: further levels as tables. `positions`: by level (row of the unit, minute).
    """
    tables = [_table(text) for text in facilities]
    size = [len(t["name"]) for t in tables]
    keys = dict.fromkeys(k for t in tables for k in t)
    values = {
        key: tuple(v for t, n in zip(tables, size, strict=True) for v in t.get(key, [""] * n))
        for key in keys
    }
    n = sum(size)
    names = [t.partition(":")[0] for t in towns.split()]
    levels = {level: _units(level, text) for level, text in (units or {}).items()}
    if towns:
        kinds = [t.partition(":")[2] for t in towns.split()]
        rows = "\n".join(f"{a} {b or '-'}" for a, b in zip(names, kinds, strict=True))
        levels["town"] = _units("town", f"name kind\n{rows}")
    town = [str(t) for t in values.get("town", ("",) * n)]
    at = [v if isinstance(v, float) else float("nan") for v in values.get("at", (np.nan,) * n)]
    year = [v if isinstance(v, float) else np.nan for v in values.get("year", (np.nan,) * n)]
    own = [tuple(filter(None, str(k).split("+"))) for k in values.get("kind", ("",) * n)]
    domains = [{KINDS[k].domain for k in keys} for keys in own]
    inside = {
        level: np.array([rows.name.index(t) if t in rows.name else -1 for t in
                         (town if level == "town" else values.get(level, ("",) * n))], np.int64)
        for level, rows in levels.items()
    }  # fmt: skip
    street, people = _homes(homes, names)
    table = tuple(k for k, m in enumerate(size) for _ in range(m))
    columns = tuple(frozenset({"open_year" if h == "year" else h for h in t}) for t in tables)
    values["open_year"] = tuple(year)
    where = np.array(at)

    def near(rows: tuple[int, ...], minutes: float, spots: np.ndarray) -> np.ndarray:
        return (np.abs(spots[:, None] - where[list(rows)][None, :]) <= minutes).any(axis=1)

    def reach(rows: tuple[int, ...], minutes: float, walker: str | None) -> Walked:
        who = walker or "adult"
        covered = near(rows, minutes, street)
        return Walked(covered, np.ones(len(street), bool), (Note(who, who),))

    def spots(
        level: str, rows: tuple[int, ...], minutes: float, _walker: str | None
    ) -> PositionsWalked:
        at_level = (positions or {}).get(level, [])
        of = np.array([u for u, _ in at_level], np.int64)
        covered = near(rows, minutes, np.array([float(m) for _, m in at_level]))
        m = len(levels[level])
        return PositionsWalked(np.bincount(of[covered], minlength=m), np.bincount(of, minlength=m))

    return Register(
        facilities=FacilityRows(
            name=tuple(values["name"]) if n else (),
            row=tuple(range(2, n + 2)),
            table=table,
            tables=tuple(f"表{k + 1}.csv" for k in range(len(tables))),
            columns=columns,
            values=values,
            kinds=tuple(frozenset({*ks, *(b for k in ks for b in KINDS[k].broader)}) for ks in own),
            domains=tuple(
                frozenset(d | {"elderly", "childcare"} if "both" in d else d) for d in domains
            ),
            planned=np.array([s == "规划" for s in values.get("status", ("",) * n)], bool),
            placed=np.isfinite(where),
            counts=np.array([s != "外" for s in values.get("where", ("",) * n)], bool),
            open_year=np.array([-1 if np.isnan(y) else int(y) for y in year], np.int64),
            unit=inside,
        ),
        units=levels,
        people=people,
        reach=reach,
        positions=spots,
        kinds={key: (Note(kind.zh, kind.en), kind.domain) for key, kind in KINDS.items()},
        **more,
    )


def _units(level: str, text: str) -> UnitRows:
    columns = _table(text)
    n = len(columns["name"])
    return UnitRows(
        level=level,
        name=tuple(columns["name"]),
        row=tuple(range(2, n + 2)),
        table=(0,) * n,
        tables=(f"{level}.gpkg",),
        columns=(frozenset(columns),),
        values={k: tuple(v) for k, v in columns.items()},
        kinds=(frozenset(),) * n,
        domains=(frozenset(),) * n,
    )


def _homes(text: str, towns: list[str]) -> tuple[np.ndarray, People | None]:
    if not text:
        return np.empty(0), None
    parts = [home.rstrip("*").split(":") for home in text.split()]
    rural = np.array([home.endswith("*") for home in text.split()], bool)
    amount = np.array([round(float(p[2]) * MICRO) for p in parts], np.int64)
    people = People(
        kind="people",
        amounts={EVERYONE: amount, "age_60_plus": amount // 2},
        unit={"town": np.array([towns.index(p[1]) if p[1] in towns else -1 for p in parts])},
        urban=~rural if rural.any() else None,
    )
    return np.array([float(p[0]) for p in parts]), people


def judged(data: Register, rule: str, goal: float | None, **keys: Any) -> PartResult:
    """One part against one target: `goal` for good, or `targets` with years; `year` of the user."""
    settings = {k: keys.pop(k) for k in ("year", "threshold_percent", "thresholds") if k in keys}
    told = keys.pop("targets", [{"year": 0} if goal is None else {"year": 0, "value": goal}])
    one = Indicator.model_validate(
        {"id": "T-1", "domain": "elderly", "zh": "甲", "en": "a", "class": "G",
         "part": [{"rule": rule, "targets": told, **keys}]},
    )  # fmt: skip
    return evaluate_part(one.part[0], data, Settings(**settings), id_="T-1")


def named(found: PartResult, role: str) -> list[str]:
    """Names of the evidence of a role."""
    return [e.name for e in found.evidence if e.role == role]
