"""What is asked beyond coverage, tried before a run: units, supply, targets, candidates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from quarterhour.answers.supply_demand import require_supply
from quarterhour.answers.unit_outside import outside_notes, urban_notes
from quarterhour.gather.inputs import Gather
from quarterhour.plans.target_facilities import counted_table, read_listed
from quarterhour.plans.target_register import residential_units
from quarterhour.plans.target_run import plan_of
from quarterhour.sources.facilities.candidates import read_candidates
from quarterhour.sources.units.town_units import in_order, level_named, units_of_towns
from quarterhour.study_file.settings import input_path

if TYPE_CHECKING:
    from quarterhour.checks.findings import Findings
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Facilities, UnitSet
    from quarterhour.study_file.answer_parts import UnitsPart
    from quarterhour.study_file.site_parts import SitePart

GENERATED = ("network", "places")
"""Words of [site] candidates that name no file."""


def read_answers(found: Findings, inputs: Gather) -> None:
    """Try every file that units, targets and [site] name; what is wrong becomes a problem."""
    study = inputs.study
    for part in study.units:
        units = found.attempt("units", "", partial(_units_of, inputs, part))
        if units is not None:
            found.units[level_named(part.level)] = units
    if study.units:
        found.units = in_order(found.units)
    found.urban = found.attempt("urban", "", inputs.urban)
    for name in study.targets.plans:
        found.attempt("targets", "", partial(plan_of, name, inputs.home))
    tables = [
        found.attempt("targets", "", partial(counted_table, inputs, name))
        for name in study.targets.facilities
    ]
    if study.targets.plans:
        if found.residential is not None:
            found.attempt("targets", "", partial(residential_units, inputs))
        if None not in tables and len(found.facilities) == len(study.service):
            found.listed = found.attempt("targets", "", partial(read_listed, inputs))
    if study.site is not None and study.site.candidates not in GENERATED:
        found.candidates = found.attempt("site", "", partial(_candidates, inputs, study.site))


def look_at_supply(found: Findings) -> None:
    """A problem for every service whose beds or places cannot be set against its people."""
    assert found.study is not None  # noqa: S101 - the caller has loaded it
    for k, made in found.assessments.items():
        part = found.study.service[k]
        if part.supply is not None and made.ground.demand.kind == "people":
            found.attempt("supply", part.name, partial(require_supply, made, part.supply))


def warn_of_answers(found: Findings, laid: Laid) -> None:
    """Warnings of units outside the study area, and of an urban area that says nothing."""
    levels = dict(found.units)
    if found.towns is not None and "town" not in levels:
        levels["town"] = units_of_towns(found.towns)
    for note in outside_notes(levels, laid.ground):
        found.warn("units", note)
    for note in urban_notes(found.urban, laid.ground) if found.urban is not None else ():
        found.warn("urban", note)


def _units_of(inputs: Gather, part: UnitsPart) -> UnitSet:
    """The units of one part, whatever is wrong with the others."""
    study = inputs.study.model_copy(update={"units": [part], "towns": None})
    alone = Gather(study, inputs.home, store=inputs.store)
    for key in ("roads", "resolver"):
        if key in inputs._kept:  # noqa: SLF001 - read once
            alone._kept[key] = inputs._kept[key]  # noqa: SLF001
    return alone.units()[level_named(part.level)]


def _candidates(inputs: Gather, part: SitePart) -> Facilities:
    found = read_candidates(
        input_path(inputs.home, part.candidates),
        sheet=part.sheet,
        layer=part.layer,
        columns=part.columns,
        coordinates=part.coordinates,
        near=inputs._near(),  # noqa: SLF001 - the same view of the roads as of all points
        resolve=inputs._resolve(),  # noqa: SLF001
    )
    return found.at
