"""Gaps to what a map shows of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import shapely

from quarterhour import units
from quarterhour.answers.gap_words import REASON_WORDS
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE
from quarterhour.render.map import layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.answers.gaps import Gap, Gaps
    from quarterhour.assessing.assessment import Assessment

MOST_DRAWN = 2000
"""Gaps of a service that a map draws; the people of the others are drawn as places."""

BESIDE_ROADS = ("far_from_road", "behind_barrier")


def gap_lists(
    assessments: Sequence[Assessment], gaps: Sequence[Gaps], *, places: bool = True
) -> list[layers.GapList | None]:
    """The gaps of every assessment, None where there are none of it; `places`: see `gap_list`.

    Raises
    ------
    InputError
        Gaps of an assessment that the map does not show.
    """
    found: list[layers.GapList | None] = [None] * len(assessments)
    for one in gaps:
        at = next((k for k, a in enumerate(assessments) if a is one.assessment), None)
        if at is None:
            message = (
                f"the gaps of {one.assessment.name!r} are of no assessment of this map; give its"
                " assessment too, or leave them out"
            )
            raise InputError(message)
        found[at] = gap_list(one, places=places)
    return found


def gap_list(found: Gaps, *, places: bool = True) -> layers.GapList:
    """The largest gaps of a service as they are drawn, with the sum of all.

    Without `places` no position of a place is told: a gap stands in the middle of its outline, and
    its walk begins on the street.
    """
    a = found.assessment
    marks = tuple(_mark(a, gap) for gap in found.gaps[:MOST_DRAWN])
    return layers.GapList(
        marks=marks if places else tuple(_placeless(mark) for mark in marks),
        total=len(found.gaps),
        people=units.persons(sum(gap.people[a.group] for gap in found.gaps)),
        join_m=found.join_m,
    )


def _mark(a: Assessment, gap: Gap) -> layers.GapMark:
    reason = REASON_WORDS[gap.reason]
    own = a.ground.demand.kind == "people" and a.group != EVERYONE and EVERYONE in gap.people
    return layers.GapMark(
        name=(gap.name.zh, gap.name.en),
        people=units.persons(gap.people[a.group]),
        everyone=units.persons(gap.people[EVERYONE]) if own else None,
        lon=gap.lon,
        lat=gap.lat,
        extent=gap.extent,
        look=_look(gap),
        reason=(reason.zh, reason.en),
        told=(gap.told.zh, gap.told.en),
        minutes=gap.minutes,
        walk_m=gap.walk_m,
        nearest=a.facilities.name[gap.facility] if gap.facility >= 0 else "",
        route=gap.route,
    )


def _placeless(mark: layers.GapMark) -> layers.GapMark:
    """Without the position of the place that is the gap's middle."""
    spot, route = shapely.point_on_surface(mark.extent), mark.route
    if route is not None:
        points = shapely.get_coordinates(route)
        points = points[(points != points[0]).any(axis=1)]
        route = shapely.LineString(points) if len(points) > 1 else None
    return dataclasses.replace(mark, lon=float(spot.x), lat=float(spot.y), route=route)


def _look(gap: Gap) -> str:
    if gap.reason in BESIDE_ROADS or not gap.evidence["linked"]:
        return "unlinked"
    return "edge" if gap.reason == "edge" else "plain"
