"""What of single places of people a study lets its map hold: all, rounded ones, or none."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from quarterhour.inputs import Note
from quarterhour.whatif.build import what_if
from quarterhour.whatif.rounding import rounded_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.briefing.states import Looking
    from quarterhour.render.map.model_layers import WhatIf
    from quarterhour.study_file.parts import StudyPart
    from quarterhour.study_file.settings import Study


def with_people(looking: Looking, study: StudyPart, assessments: Sequence[Assessment]) -> Looking:
    """`looking` with the people that a map may tell of single places, by the study's own choice."""
    if study.what_if is False:
        return dataclasses.replace(looking, people={})
    n = study.what_if_rounding
    if not n or assessments[0].ground.demand.kind != "people":
        return looking
    people = rounded_people(assessments, looking.gaps, n)
    return dataclasses.replace(looking, people=people, rounding_people=n)


def model_of(study: Study, assessments: Sequence[Assessment], looking: Looking) -> WhatIf | None:
    """What the map computes with, None where the study wants no network in the file.

    `looking`: from `with_people`; people are those that it draws.
    """
    if study.study.what_if is not True:
        return None
    return what_if(
        assessments,
        gaps=looking.gaps,
        slope_rule=study.terrain.rule if study.terrain else "none",
        rounding_people=looking.rounding_people,
        people=looking.people,
    )


def what_if_note(study: Study, demand_kind: str) -> tuple[Note, ...]:
    """That a map which may leave the house holds exact people in a form that can be read out.

    Or that there is nothing to be rounded.
    """
    part = study.study
    if part.what_if_rounding and (part.what_if is False or demand_kind != "people"):
        why = ("没有人口数据", "there are no people here")
        if part.what_if is False:
            why = (
                "what_if = false 时地图不含各处人口",
                "with what_if = false the map has no places",
            )
        return (
            Note(
                f"what_if_rounding 不起作用：{why[0]}",
                f"what_if_rounding has no effect: {why[1]}",
            ),
        )
    if not (part.public and part.what_if and demand_kind == "people") or part.what_if_rounding:
        return ()
    return (
        Note(
            "地图可对外公开，而文件内含每处的准确人口，可被读出；"
            "如需保密，请设置 what_if_rounding 或 what_if = false",
            "the map is public, and its file holds the exact people of every place, which can be"
            " read out; if they are protected set what_if_rounding, or what_if = false",
        ),
    )
