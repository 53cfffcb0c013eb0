"""Small towns for the indicators of plans: a street of 4 km, its people, facilities and units.

    World([fac("日间照料中心", at=0, beds=5)], people=[home(900, age_60_plus=10)])

Everything stands at a number of metres along the street, and is walked to for real; at the pace of
older people (1.0 m/s) a metre is a second. What is not said otherwise lies in the first unit of
every level. Kinds are written as in an office's list and recognised as the product does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import Note
from quarterhour.sources.facilities.kinds import KINDS, kind_keys
from quarterhour.sources.rows.column_words import FORMS
from quarterhour.targets.data import FacilityRows, People, Register, UnitRows, Walked
from quarterhour.targets.rules import evaluate
from quarterhour.targets.schema import load_plan
from quarterhour.units import MICRO
from towns import Town

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quarterhour.targets.data import Settings
    from quarterhour.targets.evidence import IndicatorResult

STREET = Town("A" + "-" * 39 + "B", AB="residential")
GROUPS = ("all", "age_60_plus", "age_0_3")
Row = dict[str, Any]


def fac(kind: str, *, at: float = 0, inside: dict[str, int] | None = None, **columns: Any) -> Row:
    """A facility; `inside`: row of its unit by level, the first unless told."""
    return {"kind": kind, "at": at, "inside": inside or {}, "columns": columns}


def home(
    at: float, *, urban: bool = True, inside: dict[str, int] | None = None, **people: float
) -> Row:
    """People at a place: by group, all of them in `all` unless told."""
    amounts = dict.fromkeys(GROUPS, 0.0) | people
    amounts["all"] = people.get("all", sum(people.values()))
    return {"at": at, "urban": urban, "inside": inside or {}, "amounts": amounts}


def units(*names: str, kind: str = "", **columns: Any) -> list[Row]:
    """Units of a level that are alike."""
    return [{"name": n, "kind": kind, "columns": columns} for n in names]


@dataclass(frozen=True, kw_only=True)
class World:
    """What a study knows; `kinds_known`: the list of facilities says what they are."""

    facilities: list[Row] = field(default_factory=list)
    units: dict[str, list[Row]] = field(default_factory=dict)
    people: list[Row] = field(default_factory=list)
    stated: dict[str, int] = field(default_factory=dict)
    roads: bool = True
    urban: bool = True
    kinds_known: bool = True

    def less(self) -> Iterable[tuple[str, World]]:
        """This world with one thing taken away, and how the message must name that."""
        if self.kinds_known:
            yield "(kind)", replace(self, kinds_known=False)
        for key in columns_of(self.facilities):
            yield f"({key})", replace(self, facilities=without(self.facilities, key))
        for level, rows in self.units.items():
            rest = {k: v for k, v in self.units.items() if k != level}
            yield f'level = "{level}"', replace(self, units=rest)
            for key in columns_of(rows):
                yield f"({key})", replace(self, units=self.units | {level: without(rows, key)})
        if self.people:
            yield "[people]", replace(self, people=[])
            yield "[roads]", replace(self, roads=False)
            yield "[urban]", replace(self, urban=False)

    def register(self) -> Register:
        """The study as the rules are given it."""
        n = len(self.facilities)
        keys = [kind_keys(f["kind"]) if self.kinds_known else () for f in self.facilities]
        assert all(keys) or not self.kinds_known, [f["kind"] for f in self.facilities]
        columns = columns_of(self.facilities)
        kinds = tuple(
            frozenset([*own, *(b for k in own for b in KINDS[k].broader)]) for own in keys
        )
        rows = FacilityRows(
            name=tuple(f"{f['kind']}{k + 1}" for k, f in enumerate(self.facilities)),
            row=tuple(range(2, n + 2)),
            table=(0,) * n,
            tables=("facilities.xlsx",),
            columns=(frozenset([*columns, *(["kind"] if self.kinds_known else [])]),),
            values=_values(self.facilities, columns),
            kinds=tuple(kinds),
            domains=tuple(frozenset(d for k in own for d in _domains(k)) for own in keys),
            planned=np.zeros(n, bool),
            placed=np.ones(n, bool),
            counts=np.ones(n, bool),
            open_year=np.array([f["columns"].get("open_year", -1) for f in self.facilities], int),
            unit={level: _inside(self.facilities, level) for level in self.units},
        )
        return Register(
            facilities=rows,
            units={level: _units(level, rows) for level, rows in self.units.items()},
            people=self._people(),
            stated_people=dict(self.stated),
            reach=self._reach if self.roads else None,
            kinds={key: (Note(k.zh, k.en), k.domain) for key, k in KINDS.items()},
        )

    def _people(self) -> People | None:
        if not self.people:
            return None
        return People(
            kind="people",
            amounts={
                g: np.array([round(p["amounts"][g] * MICRO) for p in self.people], np.int64)
                for g in GROUPS
            },
            unit={level: _inside(self.people, level) for level in self.units},
            urban=np.array([p["urban"] for p in self.people]) if self.urban else None,
        )

    def _reach(self, rows: tuple[int, ...], minutes: float, walker: str | None) -> Walked:
        """Who walks there in time, on the street."""
        spots = {f"f{k}": ("AB", float(self.facilities[k]["at"])) for k in rows}
        homes = {f"p{k}": ("AB", float(p["at"])) for k, p in enumerate(self.people)}
        walk = STREET.walks(spots, homes, walker=walker or "elderly")
        found = walk.nearest(round(minutes * 60_000))
        return Walked(
            covered=np.array([found[name] is not None for name in homes], bool),
            linked=np.ones(len(homes), bool),
            told=(),
        )


def judged(plan: str, id_: str, world: World, settings: Settings) -> IndicatorResult:
    """One indicator of a shipped plan in this world."""
    read = load_plan(plan)
    one = next(i for i in read.indicator if i.id == id_)
    return evaluate(read.plan, one, world.register(), settings)


def columns_of(rows: list[Row]) -> list[str]:
    """The columns of a table, in their order."""
    return list(dict.fromkeys(key for row in rows for key in row["columns"]))


def without(rows: list[Row], column: str) -> list[Row]:
    """The rows of a table that has no such column."""
    return [r | {"columns": {k: v for k, v in r["columns"].items() if k != column}} for r in rows]


def _values(rows: list[Row], columns: list[str]) -> dict[str, tuple[Any, ...]]:
    return {c: tuple(r["columns"].get(c, _none(c)) for r in rows) for c in columns}


def _none(column: str) -> object:
    return "" if FORMS.get(column, "text") in {"flag", "text"} else float("nan")


def _domains(key: str) -> tuple[str, ...]:
    own = KINDS[key].domain
    return (own, "elderly", "childcare") if own == "both" else (own,)


def _inside(rows: list[Row], level: str) -> Any:
    return np.array([r["inside"].get(level, 0) for r in rows], np.int64)


def _units(level: str, rows: list[Row]) -> UnitRows:
    n = len(rows)
    columns = columns_of(rows)
    values = _values(rows, columns)
    return UnitRows(
        level=level,
        name=tuple(r["name"] for r in rows),
        row=tuple(range(1, n + 1)),
        table=(0,) * n,
        tables=(f"{level}.gpkg",),
        columns=(frozenset(["kind", *columns]),),
        values=values | {"kind": tuple(r["kind"] for r in rows)},
        kinds=(frozenset(),) * n,
        domains=(frozenset(),) * n,
    )
