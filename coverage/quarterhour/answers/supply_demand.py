"""Beds and places against the people who need them: access with competition, and who is served."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.answers.answer_words import SUPPLIES
from quarterhour.core import allocation, equity
from quarterhour.core import supply as fca
from quarterhour.core.reach import TravelTimes
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Note
from quarterhour.model import _Frozen
from quarterhour.units import MICRO, apportion, persons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import Facilities
    from quarterhour.study_file.answer_parts import SupplyPart

MOST_QUOTED = 3
"""Cells that a message quotes."""

METHODS = ("2sfca", "e2sfca", "3sfca", "balanced")


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult(_Frozen):
    """What one method says, supply per person in need.

    `key`: one of `METHODS`; `decay`: one of `core.supply.DECAYS`. `ratio`: per facility row, NaN
    where it has no demand in reach or no value. `access`: per place. Of the people in need inside
    the area: `mean` of all, `lowest` and `highest` of those with supply in reach, `gini` of all
    (None where nobody has any), `share_without` (none in reach). `given`: supply of the facilities
    with demand in reach, equal to `received`, what all places in the data receive.
    """

    key: str
    decay: str
    ratio: NDArray[np.float64]
    access: NDArray[np.float64]
    mean: float | None
    median: float | None
    lowest: float | None
    highest: float | None
    gini: float | None
    share_without: float | None
    given: float
    received: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyDemand(_Frozen):
    """Supply against demand for one service, at its last cutoff.

    `column`: beds or places. `need_share`: of the group that needs one; `share_from`: where that
    comes from. `need`: int64 millionths per place, also outside the area. Of those inside:
    `need_total` = `served` + `full` (a facility is in reach, and no bed is left) + `unstated` (only
    facilities without a value are in reach) + `out_of_reach` + `unlinked`. `supply`: per facility
    row, NaN where it has no value or does not serve. `unknown`: rows that serve and have no value:
    left out. `assigned`, `in_reach`: int64 millionths per facility row, of one largest allocation
    and of all in need inside who reach it. `full_row`: bool per row, no bed left in any largest
    allocation. `unplaced`: int64 millionths per place, those of `full` as they fall in that
    allocation. `short`: bool per place, not everybody there can be served. `competing`: millionths
    in need outside the area who have the same facilities in reach: they count in the methods, not
    in the allocation.
    """

    assessment: Assessment
    column: str
    need_share: float
    share_from: Note
    need: NDArray[np.int64]
    need_total: int
    served: int
    full: int
    unstated: int
    out_of_reach: int
    unlinked: int
    supply: NDArray[np.float64]
    unknown: tuple[int, ...]
    assigned: NDArray[np.int64]
    in_reach: NDArray[np.int64]
    full_row: NDArray[np.bool_]
    unplaced: NDArray[np.int64]
    short: NDArray[np.bool_]
    competing: int
    methods: tuple[MethodResult, ...]

    @property
    def supply_total(self) -> float:
        """Beds or places of the facilities that serve and have a value."""
        return float(np.nansum(self.supply))

    @property
    def short_need(self) -> int:
        """Millionths in need inside at places where not everybody can be served."""
        return int(self.need[self.short].sum())


def supply_demand(
    a: Assessment,
    *,
    column: str,
    need_share: float | None = None,
    part: SupplyPart | None = None,
) -> SupplyDemand:
    """Access by every method, and the largest number of people that can be served.

    `column`: beds or places, an attribute of the facilities. `need_share`: share of the group that
    needs one; None for the institution's share of `part` (beds) or its nursery wish (places).

    Two steps have no decay; the others that of `part`. Where that is none, the enhanced method and
    the three steps have steps all the same: without any they would be the two steps, and the
    balanced method.

    Raises
    ------
    InputError
        There are no people, or no facility that serves has a value in the column.
    """
    ground = a.ground
    supply = require_supply(a, column)
    known = np.isfinite(supply)
    share, told = _share(a, column, need_share, part)
    need = _need(ground.demand.amounts[a.group], ground.inside, share)
    inside = np.where(ground.inside, need, 0)
    within = _of_sources(a.within, known)
    capacity = np.where(known, np.floor(np.where(known, supply, 0) * MICRO + 0.5), 0)
    plan = allocation.allocate(within, inside, capacity.astype(np.int64))
    any_reach, known_reach = (_reached(t, len(need)) for t in (a.within, within))
    total = int(inside.sum())
    in_reach = int(inside[known_reach].sum())
    found = SupplyDemand(
        assessment=a,
        column=column,
        need_share=share,
        share_from=told,
        need=need,
        need_total=total,
        served=plan.served,
        full=in_reach - plan.served,
        unstated=int(inside[any_reach & ~known_reach].sum()),
        out_of_reach=int(inside[~any_reach & a.demand.linked].sum()),
        unlinked=int(inside[~a.demand.linked].sum()),
        supply=supply,
        unknown=tuple(int(k) for k in a.used if not known[k]),
        assigned=plan.assigned,
        in_reach=_sums(within, inside),
        full_row=plan.full & (capacity > 0),  # what has no bed is not full
        unplaced=plan.unplaced,
        short=plan.short,
        competing=int((need - inside)[known_reach].sum()),
        methods=_methods(a, within, need, inside, supply, part.decay if part else "none"),
    )
    assert int(found.unplaced.sum()) == found.full, "who finds no room lives somewhere"  # noqa: S101
    parts = (found.served, found.full, found.unstated, found.out_of_reach, found.unlinked)
    assert sum(parts) == total, "everybody in need is counted once"  # noqa: S101
    return found


def require_supply(a: Assessment, column: str) -> NDArray[np.float64]:
    """Beds or places per facility row, NaN where it has no value or does not serve.

    Raises
    ------
    InputError
        There are no people, or no facility that serves has a value in the column; the message
        quotes what stands there.
    """
    _require_people(a, column)
    values = supply_of(a.facilities, column)
    supply = np.full(len(a.facilities), np.nan)
    supply[a.used] = values[a.used]
    if not np.isfinite(supply).any():
        raise InputError(_no_values(a, column))
    return supply


def supply_of(facilities: Facilities, column: str) -> NDArray[np.float64]:
    """Values of a column per facility row, NaN for none."""
    values = facilities.attributes.get(column, ())
    numbers = [float(v) if isinstance(v, (int, float)) else np.nan for v in values]
    return np.array(numbers or [np.nan] * len(facilities), np.float64)


def _require_people(a: Assessment, column: str) -> None:
    assert column in SUPPLIES, f"{column} is none of {', '.join(SUPPLIES)}"  # noqa: S101
    if a.ground.demand.kind != "people":
        raise InputError(
            f'service {a.name!r} says supply = "{column}", and there are no people to count them'
            " against; give a source under [people], or leave supply out"
        )


def _no_values(a: Assessment, column: str) -> str:
    rows = a.facilities
    where = rows.file + (f" sheet {rows.sheet}" if rows.sheet else "")
    zh = SUPPLIES[column].zh
    unread = _unread(rows, column)
    if unread:
        return (
            f'{where}: service {a.name!r} says supply = "{column}" ({zh}), and no facility that'
            f" serves has a number of 0 to 100,000 there: {unread}; correct the cells, name another"
            " column under columns of the service, or leave supply out"
        )
    found = "has no such column" if column not in rows.attributes else "is empty there"
    return (
        f'{where}: service {a.name!r} says supply = "{column}" ({zh}), and the table {found} for'
        " every facility that serves; name the column under columns of the service, fill it, or"
        " leave supply out"
    )


def _unread(rows: Facilities, column: str) -> str:
    """The first cells of a column that could not be understood, with their rows; "" for none."""
    used = rows.reading.columns if rows.reading is not None else ()
    headings = [use.heading for use in used if use.meaning == column]
    told = [
        f"row {c.row} {c.detail.en}" if c.row is not None else c.detail.en
        for c in rows.changes
        if c.kind == "unread" and any(f"“{h}”" in c.detail.zh for h in headings)
    ]
    left = len(told) - MOST_QUOTED
    return ", ".join(told[:MOST_QUOTED]) + (f" and {left} more" if left > 0 else "")


def _share(
    a: Assessment, column: str, share: float | None, part: SupplyPart | None
) -> tuple[float, Note]:
    """Share of the group that needs one, and where it comes from."""
    if share is not None:
        if not 0 < share <= 1:
            raise InputError(
                f"service {a.name!r}: need_share is {share:g}; needed is a share above 0 and up to"
                " 1, for example 0.03 for 3 percent"
            )
        return share, Note("按 need_share", "as given by need_share")
    if column == "beds":
        used, key = (part.institution_share if part else 0.03), "institution_share"
        zh, en = "按机构养老比例", "the share that lives in institutions"
    else:
        used, key = (part.nursery_wish if part else 0.30), "nursery_wish"
        zh, en = "按入托意愿", "the share that wishes for a nursery place"
    if not used:
        raise InputError(
            f"service {a.name!r} says supply, and [supply] {key} is 0, so that nobody needs any;"
            " give it a share above 0, or need_share under the service"
        )
    return used, Note(f"{zh}（[supply] {key}，假设）", f"{en} ([supply] {key}, an assumption)")


def _need(amount: NDArray[np.int64], inside: NDArray[np.bool_], share: float) -> NDArray[np.int64]:
    """Millionths in need per place; inside and outside they add up to the share of their people."""
    result = np.zeros(len(amount), np.int64)
    for part in (inside, ~inside):
        exact = Decimal(int(amount[part].sum())) * Decimal(str(share))
        whole = int(exact.to_integral_value(ROUND_HALF_UP))
        if whole:
            result[part] = apportion(amount[part], whole)
    return result


def _of_sources(within: TravelTimes, keep: NDArray[np.bool_]) -> TravelTimes:
    """The pairs of some of the facilities, which keep their rows."""
    size = np.where(keep, np.diff(within.first), 0)
    pairs = keep[within.source]
    return TravelTimes(
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(size)]),
        place=within.place[pairs],
        ms=within.ms[pairs],
    )


def _reached(within: TravelTimes, n: int) -> NDArray[np.bool_]:
    result = np.zeros(n, bool)
    result[within.place] = True
    return result


def _sums(within: TravelTimes, amount: NDArray[np.int64]) -> NDArray[np.int64]:
    running = np.concatenate([np.zeros(1, np.int64), np.cumsum(amount[within.place])])
    return np.asarray(running[within.first[1:]] - running[within.first[:-1]], np.int64)


def _methods(
    a: Assessment,
    within: TravelTimes,
    need: NDArray[np.int64],
    inside: NDArray[np.int64],
    supply: NDArray[np.float64],
    decay: str,
) -> tuple[MethodResult, ...]:
    plain = decay == "none"
    wanted = (
        ("2sfca", fca.TWO_STEP, "none"),
        ("e2sfca", fca.TWO_STEP, "steps" if plain else decay),
        ("3sfca", fca.THREE_STEP, "steps" if plain else decay),
        ("balanced", fca.BALANCED, decay),
    )
    people = need / MICRO
    weights = {d: fca.decay_weights(within.ms, a.cutoff_ms, d) for d in {w for _, _, w in wanted}}
    return tuple(
        _result(
            key, d, fca.floating_catchment(within, weights[d], people, supply, method=m), inside
        )
        for key, m, d in wanted
    )


def _result(key: str, decay: str, found: fca.Access, inside: NDArray[np.int64]) -> MethodResult:
    some = (inside > 0) & (found.access > 0)
    total = int(inside.sum())
    had = found.access[some]
    return MethodResult(
        key=key,
        decay=decay,
        ratio=found.ratio,
        access=found.access,
        mean=float((found.access * inside).sum()) / total if total else None,
        median=equity.median(found.access, inside),
        lowest=float(had.min()) if len(had) else None,
        highest=float(had.max()) if len(had) else None,
        gini=equity.gini(found.access, inside),
        share_without=1 - int(inside[some].sum()) / total if total else None,
        given=found.given,
        received=found.received,
    )


def summary_of(found: SupplyDemand) -> dict[str, Any]:
    """Supply and demand for summary.json; amounts are people in need, beds or places.

    `supply` (beds or places), `group`, `need_share`, `need_share_from`, `need` = `served` + `full`
    + `unstated` + `out_of_reach` + `unlinked`, `short_need` (in need where not everybody can be
    served), `competing_outside`, `supply_total`, `facilities_without_value` (names with rows),
    `methods` (a list: key, decay, and per person in need: mean, median, lowest, highest; gini,
    share_without, supply_given, supply_received), `facilities` (a list with row, name, supply,
    need_in_reach, assigned, always_full, and by method supply per person in need that is counted
    there, None where nobody is).
    """
    a = found.assessment
    return {
        "supply": found.column,
        "group": a.group,
        "everyone": a.group == EVERYONE,
        "need_share": found.need_share,
        "need_share_from": found.share_from.en,
        "need": persons(found.need_total),
        "served": persons(found.served),
        "full": persons(found.full),
        "unstated": persons(found.unstated),
        "out_of_reach": persons(found.out_of_reach),
        "unlinked": persons(found.unlinked),
        "short_need": persons(found.short_need),
        "competing_outside": persons(found.competing),
        "supply_total": found.supply_total,
        "facilities_without_value": [
            {"row": int(a.facilities.row[k]), "name": a.facilities.name[k]} for k in found.unknown
        ],
        "methods": [
            {
                "method": m.key, "decay": m.decay, "mean": m.mean, "median": m.median,
                "lowest": m.lowest, "highest": m.highest, "gini": m.gini,
                "share_without": m.share_without, "supply_given": m.given,
                "supply_received": m.received,
            }
            for m in found.methods
        ],
        "facilities": [
            {
                "row": int(a.facilities.row[k]),
                "name": a.facilities.name[k],
                "supply": float(found.supply[k]),
                "need_in_reach": persons(int(found.in_reach[k])),
                "assigned": persons(int(found.assigned[k])),
                "always_full": bool(found.full_row[k]),
                "per_person": {m.key: known(m.ratio[k]) for m in found.methods},
            }
            for k in np.flatnonzero(np.isfinite(found.supply))
        ],
    }  # fmt: skip


def known(value: float) -> float | None:
    """A number, None for NaN."""
    return float(value) if np.isfinite(value) else None
