"""Candidates as facilities of the study, so that a plan counts them by its own rules."""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError
from quarterhour.plans.target_facilities import Listed, read_listed
from quarterhour.sources.facilities.kinds import kind_keys
from quarterhour.sources.scenario.facilities import with_more

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.gather.inputs import Gather
    from quarterhour.inputs import Facilities
    from quarterhour.study_file.parts import ServicePart
    from quarterhour.study_file.site_parts import SitePart


def kind_built(part: SitePart, service: ServicePart, given: Assessment) -> str:
    """What is built: [site] kind, else what the service counts, else its most frequent kind.

    Raises
    ------
    InputError
        None of them says it, or it is no kind that plans know.
    """
    if part.kind is not None:
        if not kind_keys(part.kind):
            raise InputError(
                f"[site] kind is {part.kind!r}, which is no kind of facility that plans know;"
                " needed is one such as 养老院, 日间照料中心 or 托育机构"
            )
        return part.kind
    used = [given.facilities.kind[k] for k in given.used.tolist()]
    known = [k for k in (*(service.kinds or ()), *(k for k, _ in Counter(used).most_common()))
             if kind_keys(k)]  # fmt: skip
    if not known:
        raise InputError(
            "[site] does not say what is built, by which plans count it; needed is kind = a kind of"
            " facility, such as 养老院, 日间照料中心 or 托育机构"
        )
    return str(known[0])


def as_built(at: Facilities, kind: str, supply: str | None, capacity: Any) -> Facilities:  # noqa: ANN401
    """Candidates as facilities of a kind; `capacity`: floats, their beds or places by `supply`."""
    attributes = dict(at.attributes)
    if supply is not None and supply not in attributes and np.isfinite(capacity).any():
        attributes[supply] = tuple(float(v) for v in capacity)
    n = len(at)
    return dataclasses.replace(
        at,
        kind=(kind,) * n,
        kind_keys=(kind_keys(kind),) * n,
        status=("",) * n,
        serving=np.ones(n, bool),
        attributes=attributes,
        set_aside=(),
        changes=(),
        notes=(),
        entrances=None,
    )


def with_built(inputs: Gather, sites: Facilities, service: int) -> Gather:
    """The inputs of a study with further facilities behind those that its tables list."""
    listed = read_listed(inputs)
    n = len(sites)
    # what other tables have and nobody says of the sites is an empty cell: known to be nothing
    said = {"name", "kind", *sites.attributes}.union(*listed.columns)
    more = Listed(
        facilities=with_more(listed.facilities, sites),
        placed=np.concatenate([listed.placed, np.ones(n, bool)]),
        table=np.concatenate([listed.table, np.full(n, len(listed.tables))]),
        tables=(*listed.tables, sites.file),
        columns=(*listed.columns, frozenset(said)),
        service=np.concatenate([listed.service, np.full(n, service)]),
        planned=np.concatenate([listed.planned, np.zeros(n, bool)]),
        kind_keys=listed.kind_keys + sites.kind_keys,
        notes=listed.notes,
        changes=listed.changes,
        set_aside=listed.set_aside,
        readings=listed.readings,
    )
    seen = copy.copy(inputs)
    seen._kept = {**inputs._kept, "listed": more}  # noqa: SLF001 - the same inputs, and more rows
    return seen
