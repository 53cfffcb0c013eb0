"""What every kind of siting question comes to: sentences, tables, layers and documents."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.scenarios.scenario import ScenarioResult, compare
from quarterhour.siting.areas import left_layer
from quarterhour.siting.closing import ClosingResult
from quarterhour.siting.closing_tables import (
    closing_answers,
    closing_csv,
    closing_layers,
    closing_summary,
    closing_tables,
    opened_table,
    shown_table,
)
from quarterhour.siting.for_targets import TargetsResult
from quarterhour.siting.layers import csv_of, geojson_of, layers_of
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.shared_tables import (
    shared_answers,
    shared_brief,
    shared_csv,
    shared_geojson,
    shared_layers,
    shared_summary,
    shared_tables,
)
from quarterhour.siting.tables import answers_of, brief_table, summary_of, tables_of
from quarterhour.siting.target_tables import (
    brief_targets,
    target_answers,
    target_summary,
    target_table,
)
from quarterhour.sources.scenario.alterations import AlteredRoads
from quarterhour.study_file.parts import ScenarioPart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import SetAside
    from quarterhour.scenarios.scenario import ServiceChange
    from quarterhour.siting.areas import Areas
    from quarterhour.siting.result import SiteResult
    from quarterhour.sources.facilities.candidates import Candidates
    from quarterhour.tabular import Table

    Layer = tuple[NDArray[Any], str, dict[str, Any]]
    Result = SiteResult | ClosingResult | TargetsResult | SharedResult

SCENARIO = Note("建议选址", "proposed sites")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(_Frozen):
    """An answered question, ready to be written.

    `assessments`: the services as they are. `answers`: sentences, the first one first. `shown`:
    the tables that a terminal prints. `csv`, `geojson`: the sites. `summary`: for summary.json.
    `scenarios`: the answer as one, for the map; none where nothing is built.
    """

    assessments: tuple[Assessment, ...]
    answers: tuple[Note, ...]
    tables: tuple[Table, ...]
    shown: tuple[Table, ...]
    layers: dict[str, Layer]
    csv: str
    geojson: str
    summary: dict[str, Any]
    scenarios: tuple[ScenarioResult, ...]
    candidates: tuple[Candidates, ...]
    set_aside: tuple[SetAside, ...]


def answered(result: Result, *, language: str, areas: Areas | None = None) -> Answered:
    """All that is written of an answer; `areas`: by which those left out are told."""
    if isinstance(result, ClosingResult):
        return _closed(result, language)
    if isinstance(result, SharedResult):
        return _shared(result, language, areas)
    if isinstance(result, TargetsResult):
        base = answered(result.site, language=language, areas=areas)
        table = target_table(result)
        return dataclasses.replace(
            base,
            answers=(*target_answers(result), *base.answers),
            tables=(base.tables[0], table, *base.tables[1:]),
            shown=(*((brief_targets(result),) if result.asked else ()), *base.shown),
            summary={**base.summary, "targets": target_summary(result)},
        )
    changes = () if result.change is None else (result.change,)
    return Answered(
        assessments=(result.given,),
        answers=answers_of(result, areas),
        tables=tuple(tables_of(result, areas)),
        shown=(brief_table(result),) if result.steps else (),
        layers={**layers_of(result), **left_layer(result, areas)},
        csv=csv_of(result),
        geojson=geojson_of(result),
        summary=summary_of(result),
        scenarios=scenarios_of(changes, language=language),
        candidates=(result.candidates,),
        set_aside=result.set_aside,
    )


def _shared(result: SharedResult, language: str, areas: Areas | None) -> Answered:
    changes = [one.change for one in result.sites]
    # a scenario of the map tells of every service, also of one that gets no site
    told = tuple(
        compare(one.given, one.given) if change is None else change
        for one, change in zip(result.sites, changes, strict=True)
    )
    return Answered(
        assessments=tuple(one.given for one in result.sites),
        answers=shared_answers(result, areas),
        tables=tuple(shared_tables(result, areas)),
        shown=shared_brief(result),
        layers=shared_layers(result, areas),
        csv=shared_csv(result),
        geojson=shared_geojson(result),
        summary=shared_summary(result),
        scenarios=scenarios_of(told, language=language) if any(changes) else (),
        candidates=(result.sites[0].candidates,),
        set_aside=tuple(dict.fromkeys(row for one in result.sites for row in one.set_aside)),
    )


def _closed(result: ClosingResult, language: str) -> Answered:
    return Answered(
        assessments=(result.given,),
        answers=closing_answers(result),
        tables=tuple(closing_tables(result)),
        shown=(
            *((shown_table(result),) if len(result.closed) else ()),
            *((opened_table(result),) if len(result.opened) else ()),
        ),
        layers=closing_layers(result),
        csv=closing_csv(result),
        geojson=_geojson(closing_summary(result)),
        summary=closing_summary(result),
        scenarios=scenarios_of((result.change,), language=language) if len(result.closed) else (),
        candidates=() if result.candidates is None else (result.candidates,),
        set_aside=result.set_aside,
    )


def _geojson(told: dict[str, Any]) -> str:
    """What closes and what opens as GeoJSON, WGS-84."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one["lon"], one["lat"]]},
            "properties": {"name": one["name"], "row": one["row"], "what": what},
        }
        for what, rows in (("closes", told["closed"]), ("opens", told["sites"]))
        for one in rows
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def scenarios_of(
    changes: tuple[ServiceChange, ...], *, language: str = "zh"
) -> tuple[ScenarioResult, ...]:
    """The answer as a scenario for the map, () where nothing is built; one change per service."""
    if not changes:
        return ()
    network = changes[0].before.ground.network
    return (
        ScenarioResult(
            part=ScenarioPart(
                name=SCENARIO.en if language == "en" else SCENARIO.zh,
                service=changes[0].before.name,
                facilities="sites.csv",
            ),
            services=changes,
            closures=None,
            openings=None,
            altered=AlteredRoads(
                network=network, changes=(), set_aside=(), closed=np.empty((0, 3))
            ),
            added=tuple(len(change.before.facilities) for change in changes),
            changes=(),
            set_aside=(),
        ),
    )
