"""The scenarios of a study looked over before it is run: what each would change, every fault."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from quarterhour.checks.looks import elsewhere
from quarterhour.inputs import Note
from quarterhour.render.check.faults import fault_zh
from quarterhour.scenarios.inputs import ScenarioGather
from quarterhour.scenarios.scenario import changed_roads, nobody_serves

if TYPE_CHECKING:
    from quarterhour.checks.findings import Findings
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import Change, SetAside
    from quarterhour.sources.scenario.alterations import AlteredRoads
    from quarterhour.study_file.parts import ScenarioPart

TELL = (
    "planned_serves", "undated_serves", "none_serves", "datum", "datum_doubt", "other_kinds",
    "duplicates", "none_closed", "no_rows", "kind_guessed", "not_closed",
)  # fmt: skip
"""Kinds of changes that deserve a second look before the scenario is worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What a scenario does to the facilities of one service.

    `rows`: with a position in its own table; `replaces`: they take the place of the study's.
    `serving`, `of`: rows that serve in the scenario, and all of them.
    """

    service: str
    rows: int
    replaces: bool
    serving: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioLook:
    """What could be read of a scenario, and what it would change.

    `roads`: None where nothing is closed or opened, or where that could not be worked out.
    `is_faulty`: a problem of it stands among the problems.
    """

    name: str
    year: int | None
    roads: AlteredRoads | None
    facilities: tuple[Added, ...]
    changes: tuple[Change, ...]
    set_aside: tuple[SetAside, ...]
    is_faulty: bool = False


def look_at_scenarios(found: Findings, inputs: Gather) -> None:
    """Try every file of every scenario; what is wrong becomes a problem, and the next is tried."""
    assert found.study is not None  # noqa: S101 - the caller has loaded it
    for part in found.study.scenario:
        # the study without its roads takes coordinates as they are written
        own = next(p for p in inputs.study.scenario if p.name == part.name)
        changed = found.attempt("scenario", part.name, partial(ScenarioGather, inputs, own))
        if changed is None:
            continue
        look = _look_at(found, changed)
        found.scenarios.append(look)
        found.changes += [c for c in look.changes if c not in found.changes]
        for change in look.changes:
            asks = change.kind != "datum" or "请核对" in change.detail.zh
            if change.kind in TELL and asks:
                at = f"{change.file} {change.sheet}".strip()
                told = Note(f"{at}：{change.detail.zh}", f"{at}: {change.detail.en}")
                # existing facilities rarely say when they opened
                calm = change.kind == "undated_serves" and "属规划" not in change.detail.zh
                found.warn("scenario", told, part.name, calm=calm)
        _warn_of_roads(found, look)


def _look_at(found: Findings, inputs: ScenarioGather) -> ScenarioLook:
    part = inputs.part
    changes: list[Change] = []
    aside: list[SetAside] = []
    shapes = []
    for read in (inputs.closures, inputs.openings):
        n = len(found.problems)
        one = found.attempt("scenario", part.name, read)
        shapes.append(one)
        if one is None and len(found.problems) > n:
            continue
    pinned = found.attempt("scenario", part.name, inputs.pinned)
    if part.pins is not None and pinned is None:
        return _nothing_seen(found, part)
    aside += [] if pinned is None else pinned.pins.set_aside
    roads = None
    altered = found.attempt("scenario", part.name, inputs.alters)
    named = (part.close is not None, part.open is not None)
    could = all(one is not None for one, is_named in zip(shapes, named, strict=True) if is_named)
    if altered and could and found.network is not None:
        kind = found.ground.demand.kind if found.ground is not None else ""
        roads = found.attempt("scenario", part.name, partial(changed_roads, inputs, kind))
    if roads is not None:
        changes += roads.changes
        aside += roads.set_aside
    else:
        for one in shapes:
            changes += [] if one is None else one.changes
            aside += [] if one is None else one.set_aside
    added = []
    for k, service in enumerate(inputs.study.service):
        if k not in found.facilities:
            continue  # its own table is a problem already
        more = found.attempt("scenario", part.name, partial(inputs.more, k))
        if more is None and part.facilities and (part.service or service.name) == service.name:
            continue
        fault = None
        if more is not None and found.network is not None:
            fault = elsewhere(found.network, more)
        if fault is not None:
            # the run goes on without them
            found.warn("scenario", Note(fault_zh(fault) or fault, fault), part.name)
        facilities = inputs.facilities(k)
        changes += inputs.told(k)
        if not facilities.serving.any():
            changes.append(nobody_serves(inputs, k, facilities))
        if more is not None:
            changes += [c for c in more.changes if c not in changes]
            aside += more.set_aside
        if more is not None or part.year is not None or pinned is not None:
            added.append(
                Added(
                    service=service.name,
                    rows=inputs.n_added(k),
                    replaces=part.replace and more is not None,
                    serving=int(facilities.serving.sum()),
                    of=len(facilities),
                )
            )
    return ScenarioLook(
        name=part.name,
        year=part.year,
        roads=roads,
        facilities=tuple(added),
        changes=tuple(dict.fromkeys(changes)),
        set_aside=tuple(dict.fromkeys(aside)),
        is_faulty=any(p.part == "scenario" and part.name in p.services for p in found.problems),
    )


def _nothing_seen(found: Findings, part: ScenarioPart) -> ScenarioLook:
    """A scenario whose file cannot be read: it is a problem already."""
    return ScenarioLook(
        name=part.name, year=part.year, roads=None, facilities=(), changes=(), set_aside=(),
        is_faulty=any(p.part == "scenario" and part.name in p.services for p in found.problems),
    )  # fmt: skip


def _warn_of_roads(found: Findings, look: ScenarioLook) -> None:
    """Ends that meet nothing, and shapes that do nothing: likely drawn a little off."""
    roads = look.roads
    if roads is None:
        return
    nothing = {"closes_nothing", "not_joined", "no_street"}
    idle = [row for row in roads.set_aside if row.reason in nothing]
    if idle:
        n, first = len(idle), idle[0]
        found.warn(
            "scenario",
            Note(
                f"{first.file} 有 {n} 个图形不起作用（附近没有道路），第一个在第 {first.row} 行",
                f"{first.file}: {n} {'shape does' if n == 1 else 'shapes do'} nothing, as no street"
                f" is near; the first is row {first.row}",
            ),
            look.name,
        )
    if roads.loose:
        n = roads.loose
        found.warn(
            "scenario",
            Note(
                f"新增道路有 {n} 个端点未与任何道路接通，请核对是否画到了路上",
                f"of the ends of the new streets {n} {'meets' if n == 1 else 'meet'}"
                " no street: check that they are drawn up to one",
            ),
            look.name,
        )


def scenario_row(look: ScenarioLook) -> dict[str, object]:
    """A scenario for the document of a check; lengths in kilometres.

    `is_faulty`: not everything of it could be read. `closed_km`, `cuts` (places), `opened_km`,
    `joints`, `loose` are null where roads were not changed or could not be; `facilities` by
    service: service, rows, replaces, serving, of.
    """
    roads = look.roads
    return {
        "name": look.name,
        "year": look.year,
        "is_faulty": look.is_faulty,
        "closed_km": None if roads is None else round(roads.closed_m / 1000, 4),
        "cuts": None if roads is None else len(roads.closed),
        "opened_km": None if roads is None else round(roads.opened_m / 1000, 4),
        "joints": None if roads is None else roads.joints,
        "loose": None if roads is None else roads.loose,
        "facilities": [
            {
                "service": one.service, "rows": one.rows, "replaces": one.replaces,
                "serving": one.serving, "of": one.of,
            }
            for one in look.facilities
        ],
    }  # fmt: skip
