"""Other walkers beside the service's own: how much of the coverage is the assumption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.assessing.analysis import count, inside_ms_of, toward
from quarterhour.assessing.assessment import Assessment, Beside
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.place_search import Places
from quarterhour.core import reach as times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.model import Walker


def walkers_beside(
    a: Assessment, walkers: Sequence[Walker], *, threads: int | None = None
) -> tuple[Beside, ...]:
    """What each of `walkers` would count at the cutoffs of `a`, of the same people.

    A distance rule counts at those of the cutoffs that it knows, and takes no minutes inside.
    """
    return tuple(_beside(a, who, threads) for who in walkers)


def _beside(a: Assessment, who: Walker, threads: int | None) -> Beside:
    known = [minutes for minutes, _ in who.rule_m]
    cutoffs = tuple(c for c in a.cutoffs_min if not known or c in known)
    if not cutoffs:
        return Beside(walker=who, cutoffs_min=(), counts=())
    ground = a.ground
    costs = ground.impedance(who, toward=toward(a.direction))
    links = link_facilities(ground, costs, a.facilities, a.link_limit_m)
    places = Places(ground, costs, threads)
    inside_ms = 0 if who.rule_m else inside_ms_of(who, a.inside_min)
    gates = times.stops(costs, links.linkage, each_point=True, inside_ms=inside_ms)
    cutoffs_ms = [who.cutoff_ms(c) for c in cutoffs]
    demand = places.nearest(links, gates, cutoffs_ms[-1])
    return Beside(
        walker=who,
        cutoffs_min=cutoffs,
        counts=tuple(
            {
                g: count(amount, ground.inside, demand, c)
                for g, amount in ground.demand.amounts.items()
            }
            for c in cutoffs_ms
        ),
    )
