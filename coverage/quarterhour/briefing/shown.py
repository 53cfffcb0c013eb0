"""Assessments to what a map shows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour._version import __version__
from quarterhour.assessing.facility_links import kind_name_of, position_of
from quarterhour.briefing.gaps import gap_lists
from quarterhour.briefing.scenarios import scenario_layer
from quarterhour.briefing.states import Looking, figure_of, shown_rows, verdicts_of
from quarterhour.errors import InputError
from quarterhour.frames import bounds_of
from quarterhour.inputs import EVERYONE, Note
from quarterhour.render.map import layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gaps import Gaps
    from quarterhour.assessing.assessment import Assessment, Beside
    from quarterhour.assessing.ground import Ground
    from quarterhour.inputs import AreaSet, Scenery
    from quarterhour.render.map.model_layers import WhatIf
    from quarterhour.render.map.site_layers import Optimum, Proposal
    from quarterhour.render.map.views import PlanTally, View
    from quarterhour.scenarios.scenario import ScenarioResult

MOST_COVERED = 40_000
"""Covered places of a service that a map lists beside a network, which knows more by itself."""


def map_data(
    assessments: Sequence[Assessment],
    *,
    title: str,
    language: str = "zh",
    districts: AreaSet | None = None,
    scenery: Scenery | None = None,
    data_date: str = "",
    attribution: Sequence[str] | None = None,
    notes: Sequence[tuple[str, str]] = (),
    synthetic: bool = False,
    tiles: str | None = None,
    tiles_attribution: str = "",
    study_key: str = "",
    scenarios: Sequence[ScenarioResult] = (),
    gaps: Sequence[Gaps] = (),
    looking: Looking | None = None,
    proposed: Sequence[layers.Scenario] = (),
    proposal: Proposal | None = None,
    optimum: Sequence[Optimum] = (),
    views: Sequence[View] = (),
    targets: Sequence[PlanTally] = (),
    public: bool = False,
    approval_no: str = "",
    made_by: str = "",
    boundaries: bool = True,
    what_if: WhatIf | None = None,
) -> layers.MapData:
    """What a map of these assessments of one ground shows.

    `scenarios`: worked out against these assessments, in this order. `gaps`: of some or all of
    these assessments. `looking`: how they are looked for in scenarios, with `gaps`, which are then
    not given; by default as these. `proposed`, `proposal`, `optimum`: what an optimiser
    answers about them.
    `views`, `targets`: see `briefing_views`. `public`, `approval_no`, `made_by`,
    `boundaries`: see `MapData`.
    `what_if`: of these assessments, from `whatif.build`.
    """
    if not assessments:
        raise InputError("a map needs at least one assessment; none was given")
    ground = assessments[0].ground
    looking = looking or Looking(gaps=tuple(gaps))
    if any(a.ground is not ground for a in assessments):
        raise InputError("the assessments of one map must share their roads, people and area")
    return layers.MapData(
        title=title,
        language=language,
        demand_unit=ground.demand.kind,
        roads=_roads(ground),
        services=tuple(
            _service(a, found, looking, network=what_if is not None)
            for a, found in zip(
                assessments,
                gap_lists(assessments, looking.gaps, places=looking.places),
                strict=True,
            )
        ),
        area=ground.area if ground.area_given else None,
        extent=_extent(ground, looking),
        districts=()
        if districts is None
        else tuple(
            layers.District(name=n, geometry=g)
            for n, g in zip(districts.name, districts.geometry, strict=True)
        ),
        water=() if scenery is None else tuple(scenery.water),
        green=() if scenery is None else tuple(scenery.green),
        streams=() if scenery is None else tuple(scenery.stream),
        names=() if scenery is None else scenery.names,
        outside_people=units.persons(assessments[0].outside[EVERYONE]),
        data_date=data_date,
        attribution=tuple(attribution if attribution is not None else _credit(ground)),
        notes=(*notes, *ground.notes, *_told_of_places(looking, ground)),
        synthetic=synthetic,
        tiles=tiles,
        tiles_attribution=tiles_attribution,
        version=__version__,
        study_key=study_key,
        scenarios=(*proposed, *(scenario_layer(s, looking) for s in scenarios)),
        proposal=proposal,
        optimum=tuple(optimum),
        views=tuple(views),
        targets=tuple(targets),
        public=public,
        approval_no=approval_no,
        made_by=made_by,
        boundaries=boundaries,
        what_if=what_if,
        rounding_people=looking.rounding_people if looking.places else 0,
    )


def _told_of_places(looking: Looking, ground: Ground) -> tuple[Note, ...]:
    """What a map says of places that are not drawn, or not as they are."""
    if not looking.places and ground.demand.kind == "street_metres":
        return (
            Note(
                "按研究文件的设置，本图文件不含供计算的路网，不能试算",
                "as the study asks, this file holds no network to compute with: nothing can be"
                " tried",
            ),
        )
    if not looking.places:
        zh, en = ("人口", "people") if ground.demand.kind == "people" else ("需求", "demand")
        return (
            Note(
                f"按研究文件的设置，本图文件不含各处{zh}的位置和数量，不画这些点，也不能试算；"
                "合计、空白区、服务区和居住区判断不受影响",
                f"as the study asks, this file holds no place of {en}, neither where nor how many:"
                " none is drawn and nothing can be tried; totals, gaps, service areas and verdicts"
                " are those of the report",
            ),
        )
    if not looking.rounding_people:
        return ()
    n = f"{looking.rounding_people:,}"
    return (
        Note(
            f"按研究文件的设置，图上各处人口按 {n} 人取整，零星人口并到邻近处；"
            "合计、空白区和各表仍是报告的数字",
            f"as the study asks, the people of places are multiples of {n}, single people stand at"
            " a place near by; totals, gaps and tables are those of the report",
        ),
    )


def write_map(
    path: str | Path,
    *assessments: Assessment,
    title: str = "",
    language: str = "zh",
    **more: Any,  # noqa: ANN401 - as in map_data
) -> None:
    """Write a self-contained HTML map of assessments of one ground; see `map_data` for `more`."""
    from quarterhour.render.map.html import write_map as write  # noqa: PLC0415 - folium is heavy

    name = title or " · ".join(a.name for a in assessments if a.name) or "Quarterhour 一刻钟"
    write(Path(path), map_data(assessments, title=name, language=language, **more))


def _extent(ground: Ground, looking: Looking) -> tuple[float, float, float, float] | None:
    """The demand in one box; roads may run far beyond what anybody asks about.

    Where no place may be told, in whole thousandths of a degree.
    """
    if ground.demand.kind == "street_metres":
        return None
    box = bounds_of((ground.demand.lon[ground.inside], ground.demand.lat[ground.inside]))
    if looking.places or box is None:
        return box
    west, south, east, north = (v * 1000 for v in box)
    low, high = (math.floor(west), math.floor(south)), (math.ceil(east), math.ceil(north))
    return low[0] / 1000, low[1] / 1000, high[0] / 1000, high[1] / 1000


def _credit(ground: Ground) -> list[str]:
    return [ground.network.credit] if ground.network.credit else []


def _roads(ground: Ground) -> layers.BaseRoads:
    net = ground.network
    return layers.BaseRoads(
        lon=net.vertex_lon,
        lat=net.vertex_lat,
        line_start=net.first_vertex,
        rank=net.edge_rank,
    )


def _service(
    a: Assessment, gaps: layers.GapList | None, looking: Looking, *, network: bool
) -> layers.ServiceLayer:
    amount = looking.amount(a)
    reason = a.demand.reason(a.cutoff_ms)
    inside, some = a.ground.inside, amount > 0
    uncovered = inside & some & a.demand.linked & (reason != "")
    if a.uncovered_lines is not None:
        uncovered = np.zeros(len(inside), bool)  # drawn as the streets themselves
    rule = ""
    if a.walker.rule_m:
        rule = "{} min = {} m".format(
            "/".join(f"{m:g}" for m, _ in a.walker.rule_m),
            "/".join(f"{d:g}" for _, d in a.walker.rule_m),
        )
    covered = np.flatnonzero(inside & some & a.demand.linked & (reason == ""))
    listed = not network or len(covered) <= MOST_COVERED
    asked = listed and looking.places and a.ground.demand.kind != "street_metres"
    return layers.ServiceLayer(
        name=a.name,
        group=a.group,
        walker=a.walker.name,
        walker_label_zh=a.walker.label_zh,
        walker_label_en=a.walker.label_en,
        speed_mps=a.walker.speed_mps,
        cutoffs_min=a.cutoffs_min,
        dissolved=a.dissolved,
        facilities=_facilities(a),
        uncovered=_places(a, np.flatnonzero(uncovered), reason, amount),
        unlinked=_places(a, np.flatnonzero(inside & some & ~a.demand.linked), reason, amount),
        residential=_areas(a),
        figures=tuple(_figures(a)),
        set_aside=len(a.set_aside),
        rule=rule,
        uncovered_lines=a.uncovered_lines,
        beside=tuple(_beside(a, b) for b in a.beside),
        gaps=gaps,
        covered=_places(a, covered, np.full(len(reason), "far", object), amount) if asked else None,
    )


def _beside(a: Assessment, b: Beside) -> layers.WalkerFigures:
    return layers.WalkerFigures(
        label_zh=b.walker.label_zh,
        label_en=b.walker.label_en,
        figures=tuple(
            figure_of(cutoff, a.group, counts[a.group])
            for cutoff, counts in zip(b.cutoffs_min, b.counts, strict=True)
        ),
    )


def _figures(a: Assessment) -> list[layers.Figure]:
    return [
        figure_of(
            cutoff,
            group,
            count,
            circle_m=circle.radius_m,
            circle_counted=units.persons(circle.counted[group]),
            circle_wrongly=units.persons(circle.wrongly[group]),
        )
        for cutoff, counts, circle in zip(a.cutoffs_min, a.counts, a.circles, strict=True)
        for group, count in counts.items()
    ]


def _facilities(a: Assessment) -> tuple[layers.FacilityMark, ...]:
    """The facilities that are drawn, in the order of the table."""
    marks = []
    for k in shown_rows(a):
        used = a.facility_status[k] == "used"
        reached = {g: units.persons(int(v[k])) for g, v in a.reached.items()} if used else {}
        marks.append(
            layers.FacilityMark(
                name=a.facilities.name[k],
                kind=a.facilities.kind[k],
                lon=float(a.facilities.lon[k]),
                lat=float(a.facilities.lat[k]),
                status=a.facility_status[k],
                link_m=float(a.facility_link_m[k]) if used else None,
                reached=reached,
                position=position_of(a.facilities, k),
                area=a.areas[-1][k] if used else None,
                kind_name=kind_name_of(a.facilities, k),
            )
        )
    return tuple(marks)


def _places(
    a: Assessment, rows: NDArray[np.int64], reason: NDArray[Any], amount: NDArray[np.int64]
) -> layers.Places:
    demand = a.ground.demand
    nearest = a.demand.nearest[rows]
    minutes = np.where(nearest >= 0, a.walker.minutes(a.demand.ms[rows]), np.nan)
    # the nearest is a row of the table: its place among the facilities that are drawn
    mark = np.full(len(a.facilities) + 1, -1, np.int64)
    mark[shown_rows(a)] = np.arange(len(shown_rows(a)))
    return layers.Places(
        lon=demand.lon[rows],
        lat=demand.lat[rows],
        amount=amount[rows] / units.MICRO,
        minutes=minutes,
        nearest=mark[nearest],
        reason=tuple(reason[rows]),
    )


def _areas(a: Assessment) -> layers.Areas | None:
    areas = a.ground.residential
    if areas is None or a.residential_times is None:
        return None
    found = verdicts_of(a)
    assert found is not None, "where there are times there are verdicts"  # noqa: S101
    return layers.Areas(
        geometry=tuple(areas.geometry),
        name=areas.name,
        status=found.status,
        share=found.share,
        minutes=found.minutes,
    )
