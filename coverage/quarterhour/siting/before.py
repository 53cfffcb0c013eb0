"""The service as it is before anything is proposed, with or without facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.assessing import analysis
from quarterhour.assessing.analysis import inside_ms_of
from quarterhour.assessing.assessment import Assessment, PlaceTimes
from quarterhour.assessing.circles import Circle
from quarterhour.core.reach import TravelTimes
from quarterhour.errors import InputError
from quarterhour.scenarios.unserved import serves, unserved
from quarterhour.units import MM_PER_M, MS_PER_HOUR
from quarterhour.walkers import check_cutoffs

if TYPE_CHECKING:
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Facilities


def as_it_is(
    laid: Laid, k: int, facilities: Facilities, *, threads: int | None = None
) -> Assessment:
    """Service `k` of a study; where no facility can be used nobody is covered.

    Without other walkers and the look beyond the edge, which cost time and change no site.

    Raises
    ------
    InputError
        The people have no such group.
    """
    study = laid.inputs.study
    service = study.service[k]
    like = _terms(laid, k, facilities)
    if not serves(laid.ground, like, facilities):
        return unserved(laid, k, facilities, like, threads=threads)
    return analysis.assess_on(
        laid.ground,
        facilities,
        cutoffs_min=like.cutoffs_min,
        walker=like.walker,
        group=like.group,
        link_limit_m=like.link_limit_m,
        limit_min=like.limit_min,
        direction=like.direction,
        inside_min=like.inside_min,
        residential_by=study.residential.by if study.residential else "positions",
        residential_gates=laid.gates,
        name=service.name,
        threads=threads,
    )


def _terms(laid: Laid, k: int, facilities: Facilities) -> Assessment:
    """Walker, cutoffs and all other terms of a service, of which nothing is worked out yet."""
    ground, study = laid.ground, laid.inputs.study
    service = study.service[k]
    amounts = ground.demand.amounts
    if service.group not in amounts:
        raise InputError(
            f"service {service.name!r}: people have no group {service.group!r}; found are"
            f" {', '.join(amounts)}: add it under [people.groups]"
        )
    walker, cutoffs = service.who(), tuple(float(c) for c in service.cutoffs_min)
    check_cutoffs(walker, cutoffs)
    inside_ms = inside_ms_of(walker, service.inside_min)
    nil = dict.fromkeys(amounts, 0)
    none = np.empty(0, np.int64)
    nobody = PlaceTimes(
        nearest=none, ms=none.astype(np.int32), linked=none.astype(bool), served=none.astype(bool)
    )
    return Assessment(
        name=service.name,
        group=service.group,
        walker=walker,
        cutoffs_min=cutoffs,
        limit_min=study.limit_min(service),
        link_limit_m=service.link_limit_m,
        direction=service.direction,
        inside_min=service.inside_min,
        ground=ground,
        facilities=facilities,
        facility_status=(),
        facility_link_m=np.empty(0),
        demand=nobody,
        within=TravelTimes(
            first=np.zeros(1, np.int64), place=np.empty(0, np.int32), ms=np.empty(0, np.int32)
        ),
        counts=(),
        reached={},
        areas=(),
        dissolved=(),
        lines=(),
        dissolved_lines=(),
        uncovered_lines=None,
        residential=(),
        residential_times=None,
        set_aside=(),
        outside={g: int(a[~ground.inside].sum()) for g, a in amounts.items()},
        circles=tuple(
            Circle(
                radius_m=max(walker.cutoff_ms(c) - inside_ms, 0)
                * walker.speed_mmph
                // MS_PER_HOUR
                / MM_PER_M,
                counted=nil,
                wrongly=nil,
            )
            for c in cutoffs
        ),
    )
