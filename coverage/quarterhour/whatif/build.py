"""Assessments of one ground to the model that the page computes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing.analysis import inside_ms_of
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.briefing.gaps import MOST_DRAWN
from quarterhour.core.identity import network_key
from quarterhour.core.waits import half_ms, waits_of
from quarterhour.render.map import model_layers as layers
from quarterhour.units import mm_of_m
from quarterhour.whatif.answers import answers_of
from quarterhour.whatif.places import demand_of
from quarterhour.whatif.rounding import COVERED, rounded_people, status_of
from quarterhour.whatif.slopes import slopes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.gaps import Gaps
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.core.impedance import Impedance
    from quarterhour.model import Walker

    Ints = NDArray[np.int64]


def what_if(
    assessments: Sequence[Assessment],
    *,
    gaps: Sequence[Gaps] = (),
    slope_rule: str = "tobler",
    rounding_people: int = 0,
    people: dict[str, Ints] | None = None,
) -> layers.WhatIf:
    """The model of these assessments of one ground, with answers to test it by.

    `gaps`: of some or all of the assessments, as they are drawn. `slope_rule`: by which the slopes
    of the ground were made, where it has some. `people`: see `rounded_people`, by default made
    here where people are to be rounded.

    Raises
    ------
    InputError
        The slopes of the network are none of this rule.
    """
    ground = assessments[0].ground
    if rounding_people and people is None and ground.demand.kind == "people":
        people = rounded_people(assessments, gaps, rounding_people)
    demands: list[layers.ModelDemand] = []
    of_rows: list[Ints] = []
    waits: list[layers.ModelWaits] = []
    of_links: dict[bytes, int] = {}
    of_waits: dict[bytes, int] = {}
    services = []
    for a in assessments:
        costs = ground.impedance(a.walker, toward=a.direction == "to")
        key = costs.linkable.tobytes()
        if key not in of_links:
            of_links[key] = len(demands)
            linkage = ground.link("demand", costs.linkable, None)
            demand, of_row = demand_of(ground, linkage, people)
            demands.append(demand)
            of_rows.append(of_row)
        wait = half_ms(a.walker).tobytes()
        if wait not in of_waits:
            of_waits[wait] = len(waits)
            waits.append(_waits(ground, a.walker))
        number = of_links[key]
        found = next((g for g in gaps if g.assessment is a), None)
        gap = None if found is None else _gap(found, of_rows[number], len(demands[number].edge))
        services.append(_service(a, costs, number, of_waits[wait], gap))
    model = layers.WhatIf(
        network=_network(ground, slope_rule),
        demands=tuple(demands),
        waits=tuple(waits),
        services=tuple(services),
        barriers=_barriers(ground, services),
        answers=(),
        rounding_people=0 if people is None else rounding_people,
        off=() if people is None else tuple(_off(a, people[a.group]) for a in assessments),
    )
    return answers_of(model, assessments)


def _off(a: Assessment, people: Ints) -> int:
    """Millionths of the service's group that are covered today by the model, less the report's."""
    covered = (status_of(a) == COVERED) & a.ground.inside
    return int((people - a.ground.demand.amounts[a.group])[covered].sum())


def _network(ground: Ground, slope_rule: str) -> layers.ModelNetwork:
    net = ground.network
    slopes = slopes_of(net, slope_rule)
    return layers.ModelNetwork(
        key=network_key(net),
        n_nodes=net.n_nodes,
        tail=net.edge_tail.astype(np.int64),
        head=net.edge_head.astype(np.int64),
        kind=net.edge_kind.astype(np.int64),
        rank=net.edge_rank.astype(np.int64),
        oneway=net.edge_oneway,
        length_mm=net.edge_length_mm,
        first_vertex=net.first_vertex,
        lon=net.vertex_lon,
        lat=net.vertex_lat,
        first_piece=net.first_piece,
        piece_start_mm=net.piece_start_mm,
        slope=None if slopes is None else slopes[0],
        speed_ratio=None if slopes is None else slopes[1],
    )


def _waits(ground: Ground, walker: Walker) -> layers.ModelWaits:
    found = waits_of(ground.network, walker)
    return layers.ModelWaits(edge=found.edge, start_mm=found.start_mm, ms=found.ms)


def _gap(found: Gaps, of_row: Ints, n: int) -> Ints:
    """The gap of every place by its number in the list that is drawn, -1 for none.

    Rows at one position may be in two gaps where these end at the border of a town: the place then
    is in the lower one.
    """
    gap = np.full(n, len(found.gaps), np.int64)
    for number, one in enumerate(found.gaps[:MOST_DRAWN]):
        place = of_row[one.places]
        place = place[place >= 0]
        gap[place] = np.minimum(gap[place], number)
    return np.where(gap < len(found.gaps), gap, -1)


def _service(
    a: Assessment, costs: Impedance, demand: int, waits: int, gap: Ints | None
) -> layers.ModelService:
    who = a.walker
    links = link_facilities(a.ground, costs, a.facilities, a.link_limit_m)
    shown = [k for k, status in enumerate(a.facility_status) if status != "outside"]
    mark = np.full(len(a.facilities), -1, np.int64)
    mark[shown] = np.arange(len(shown))
    at = links.linkage
    return layers.ModelService(
        name=a.name,
        group=a.group,
        walker={
            "name": who.name,
            "speed_mmph": who.speed_mmph,
            "rule_m": [list(pair) for pair in who.rule_m],
            "steps": who.steps,
            "steps_factor": who.steps_factor,
            "steps_penalty_s": who.steps_penalty_s,
        },
        toward=a.direction == "to",
        inside_ms=inside_ms_of(who, a.inside_min),
        cutoffs_min=a.cutoffs_min,
        cutoffs_ms=tuple(who.cutoff_ms(c) for c in a.cutoffs_min),
        limit_ms=max(who.limit_ms(a.limit_min), a.cutoff_ms),
        link_limit_mm=int(mm_of_m(a.link_limit_m)),
        demand=demand,
        waits=waits,
        facilities=tuple(
            layers.ModelFacility(
                name=a.facilities.name[k],
                lon=float(a.facilities.lon[k]),
                lat=float(a.facilities.lat[k]),
                row=int(a.facilities.row[k]),
                status=a.facility_status[k],
            )
            for k in shown
        ),
        gate_owner=mark[at.owner],
        gate_edge=at.edge.astype(np.int64),
        gate_offset_mm=at.offset_mm,
        gate_access_mm=at.access_mm,
        gap=gap,
    )


def _barriers(
    ground: Ground, services: Sequence[layers.ModelService]
) -> layers.ModelBarriers | None:
    """Barriers that a leg between a pin and a street could meet, joined to lines again."""
    walls = ground.barriers
    if walls is None or not len(walls):
        return None
    near = _near_streets(ground, max(s.link_limit_mm for s in services) / 1000.0)
    keep = near(walls.ax, walls.ay, walls.bx, walls.by)
    if not keep.any():
        return None
    at = np.flatnonzero(keep)
    joined = np.zeros(len(at), bool)
    joined[1:] = (np.diff(at) == 1) & (walls.bx[at[:-1]] == walls.ax[at[1:]])
    joined[1:] &= walls.by[at[:-1]] == walls.ay[at[1:]]
    joined[1:] &= walls.entered[at[:-1]] == walls.entered[at[1:]]
    line = np.cumsum(~joined) - 1
    first_of = np.flatnonzero(~joined)
    count = np.bincount(line) + 1
    first = np.concatenate([[0], np.cumsum(count)])
    x, y = np.empty(first[-1]), np.empty(first[-1])
    spot = np.arange(len(at)) + line
    x[spot], y[spot] = walls.ax[at], walls.ay[at]
    last = first[1:] - 1
    end = np.concatenate([first_of[1:] - 1, [len(at) - 1]])
    x[last], y[last] = walls.bx[at[end]], walls.by[at[end]]
    lon, lat = ground.crs.lonlat(x, y)
    return layers.ModelBarriers(first=first, lon=lon, lat=lat, entered=walls.entered[at[first_of]])


def _near_streets(ground: Ground, reach_m: float):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Whether segments may be met by a leg of `reach_m`: a coarse grid around the streets."""
    cell = max(reach_m, 50.0)
    x, y = ground.x_m, ground.y_m
    taken: set[tuple[int, int]] = set()
    for i, j in np.unique(
        np.column_stack([np.floor(x / cell), np.floor(y / cell)]).astype(np.int64), axis=0
    ).tolist():
        taken.update((i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1))

    def near(ax, ay, bx, by):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        middle = np.column_stack([np.floor(v / cell) for v in ((ax + bx) / 2, (ay + by) / 2)])
        long = np.hypot(bx - ax, by - ay) > cell
        return long | np.array([(i, j) in taken for i, j in middle.astype(np.int64).tolist()], bool)

    return near
