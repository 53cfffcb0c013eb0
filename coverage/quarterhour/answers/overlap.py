"""How many facilities everybody has in reach, and who would lose what if one of them closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.answers.answer_words import (
    STATUS,
    SUPPLIES,
    amount,
    denominator,
    group_note,
    who_walks,
)
from quarterhour.core import cover
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import parts_told, split_told
from quarterhour.model import _Frozen
from quarterhour.tabular import Chart, Column, Table
from quarterhour.units import persons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class InReach:
    """Demand of one group by the number of facilities in reach, int64 millionths.

    The five parts add up to `total`; `one`, `two` and `more` (three or more) to what is covered.
    """

    total: int
    none: int
    one: int
    two: int
    more: int
    unlinked: int

    @property
    def share_backed_up(self) -> float | None:
        """Share of the total with two or more, None where the total is 0."""
        return (self.two + self.more) / self.total if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(_Frozen):
    """Redundancy of a service, and what each facility adds to the others.

    `counts[cutoff][group]`. By group and per facility row, 0 for those that do not serve: `unique`:
    int64 millionths that only this facility covers at the last cutoff; they lose cover where it
    closes. `farther`: int64 millionths whose nearest it is and who stay covered without it, by a
    longer walk. `extra_min`: float64, minutes that the walk of these becomes longer on average, NaN
    where there is nobody.
    """

    assessment: Assessment
    counts: tuple[dict[str, InReach], ...]
    unique: dict[str, NDArray[np.int64]]
    farther: dict[str, NDArray[np.int64]]
    extra_min: dict[str, NDArray[np.float64]]


def overlap(a: Assessment) -> Overlap:
    """Facilities in reach of everybody, and the unique and marginal demand of each facility.

    `within` holds the pairs of the last cutoff; those of the earlier ones are among them.
    """
    ground = a.ground
    n_places, n_rows = len(ground.demand), len(a.facilities)
    amounts = {g: np.where(ground.inside, v, 0) for g, v in ground.demand.amounts.items()}
    counts = []
    for k, minutes in enumerate(a.cutoffs_min):
        n = cover.facilities_in_reach(a.within, n_places, a.walker.cutoff_ms(minutes))
        assert not n[~a.demand.linked].any(), "no facility reaches who is not linked"  # noqa: S101
        counts.append({g: _in_reach(a, k, g, n, v) for g, v in amounts.items()})
    best = cover.two_best(a.within, n_places)
    extra = a.walker.minutes(best.second_ms) - a.walker.minutes(best.first_ms)
    found = {g: cover.marginal(best, v, extra, n_rows) for g, v in amounts.items()}
    for g, m in found.items():
        alone = counts[-1][g].one
        assert int(m.unique.sum()) == alone, "who has one facility is unique to it"  # noqa: S101
    return Overlap(
        assessment=a,
        counts=tuple(counts),
        unique={g: m.unique for g, m in found.items()},
        farther={g: m.farther for g, m in found.items()},
        extra_min={g: _mean(m) for g, m in found.items()},
    )


def _in_reach(
    a: Assessment, k: int, group: str, n: NDArray[np.int64], amount: NDArray[np.int64]
) -> InReach:
    """Parts of one group at one cutoff, checked against its coverage."""
    none, one, two, more = cover.by_number(n, amount)
    count = a.counts[k][group]
    result = InReach(
        total=count.total, none=none - count.unlinked, one=one, two=two, more=more,
        unlinked=count.unlinked,
    )  # fmt: skip
    assert one + two + more == count.covered, "covered is one facility or more"  # noqa: S101
    assert result.none == count.uncovered, "uncovered is linked and without a facility"  # noqa: S101
    return result


def _mean(m: cover.Marginal) -> NDArray[np.float64]:
    result = np.full(len(m.extra), np.nan)
    some = m.farther > 0
    result[some] = m.extra[some] / (m.farther[some] / 1e6)
    return result


def summary_of(found: Overlap) -> dict[str, Any]:
    """Redundancy and marginal demand for summary.json, in people or the unit of `study.demand`.

    `cutoffs`: a list with cutoff_min and by group: total = none + one + two + three_or_more +
    unlinked (number of facilities in reach), share_two_or_more (of the total). `facilities`: those
    that serve, with row, name and by group: unique (loses cover where it closes), farther (stays
    covered by a longer walk), extra_minutes (mean of those, None where there is nobody).
    """
    a = found.assessment
    return {
        "cutoffs": [
            {"cutoff_min": minutes, "groups": {g: _row(c) for g, c in groups.items()}}
            for minutes, groups in zip(a.cutoffs_min, found.counts, strict=True)
        ],
        "facilities": [
            {
                "row": int(a.facilities.row[k]),
                "name": a.facilities.name[k],
                "groups": {
                    g: {
                        "unique": persons(int(found.unique[g][k])),
                        "farther": persons(int(found.farther[g][k])),
                        "extra_minutes": _known(found.extra_min[g][k]),
                    }
                    for g in found.unique
                },
            }
            for k in a.used
        ],
    }


def _row(c: InReach) -> dict[str, Any]:
    return {
        "total": persons(c.total),
        "none": persons(c.none),
        "one": persons(c.one),
        "two": persons(c.two),
        "three_or_more": persons(c.more),
        "unlinked": persons(c.unlinked),
        "share_two_or_more": c.share_backed_up,
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def tables_of(found: Overlap, *, number: int = 1, supply: str | None = None) -> list[Table]:
    """Redundancy by cutoff and group, and the facilities with what each adds.

    `number`: of the service in the study, part of the keys of the tables. `supply`: beds or places;
    None for those of the two that the facility table has.
    """
    return [_redundancy(found, number), _facilities(found, number, supply)]


def _told(c: InReach) -> tuple[int, ...]:
    """Total, none, one, two, more and unlinked as they are told: none are those not covered."""
    covered = persons(c.one + c.two + c.more)
    parts = parts_told(persons(c.total), covered, persons(c.none), persons(c.unlinked))
    whole, reached, none, apart = map(int, parts)
    some = split_told(reached, [persons(n) for n in (c.one, c.two, c.more)])
    return whole, none, *some, apart


def _redundancy(found: Overlap, number: int) -> Table:
    a = found.assessment
    what = amount(a.ground.demand.kind)
    rows = [
        (
            minutes, group_note(a, g), *_told(c), c.share_backed_up,
        )
        for minutes, groups in zip(a.cutoffs_min, found.counts, strict=True)
        for g, c in sorted(groups.items(), key=lambda found: found[0] != a.group)
    ]  # fmt: skip
    return Table(
        key=f"redundancy_{number}",
        title=Note(f"{a.name}：可达设施数", f"{a.name}: number of facilities in reach"),
        columns=(
            Column("cutoff", "时限（分钟）", "Cutoff (min)", "number"),
            Column("group", "人群", "Group"),
            Column("total", f"总量：{what.zh}", f"Total: {what.en}", "people"),
            Column("none", "0个", "None", "people"),
            Column("one", "1个", "One", "people"),
            Column("two", "2个", "Two", "people"),
            Column("more", "3个及以上", "Three or more", "people"),
            Column("unlinked", "未能连接路网", "Not linked to a road", "people"),
            Column("backed_up", "2个及以上占比", "Share with two or more", "percent"),
        ),
        rows=tuple(rows),
        notes=(
            Note(
                "每个居住点在时限内沿路步行可到的设施数；0个即未覆盖，1个即仅靠一处设施覆盖",
                "How many facilities every place can reach within the cutoff; none means not"
                " covered, one means covered by a single facility",
            ),
            denominator(a),
        ),
    )


def _facilities(found: Overlap, number: int, supply: str | None) -> Table:
    a = found.assessment
    group = a.group
    given = [supply] if supply else [s for s in SUPPLIES if s in a.facilities.attributes]
    used = np.zeros(len(a.facilities), bool)
    used[a.used] = True

    def row(k: int) -> tuple[Any, ...]:
        status = STATUS[a.facility_status[k]]
        start = (_named(a, k), a.facilities.kind[k], status)
        end = tuple(_value(a.facilities.attributes.get(s, ()), k) for s in given)
        if not used[k]:
            return (*start, None, None, None, None, *end)
        return (
            *start,
            persons(int(a.reached[group][k])),
            persons(int(found.unique[group][k])),
            persons(int(found.farther[group][k])),
            _known(found.extra_min[group][k]),
            *end,
        )

    who = group_note(a, group)
    return Table(
        key=f"facilities_{number}",
        title=Note(f"{a.name}：各设施的作用", f"{a.name}: what each facility adds"),
        columns=(
            Column("name", "名称", "Name"),
            Column("kind", "类别", "Kind"),
            Column("status", "状态", "Status"),
            Column("reached", f"可达：{_of(a).zh}", f"In reach: {_of(a).en}", "people"),
            Column("unique", "仅由其覆盖", "Covered by it alone", "people"),
            Column("farther", "关闭后需多走", "Would walk farther", "people"),
            Column("extra", "平均多走（分钟）", "Extra minutes, mean", "minutes"),
            *(Column(s, SUPPLIES[s].zh, SUPPLIES[s].en.capitalize(), "number") for s in given),
        ),
        rows=tuple(row(k) for k in range(len(a.facilities))),
        notes=(
            Note(f"人群：{who.zh}", f"Group: {who.en}"),
            who_walks(a),
            Note(
                "可达：时限内能走到该设施者，同一人可计入多个设施；仅由其覆盖：该设施关闭后不再被覆盖者；"
                "关闭后需多走：以其为最近设施、关闭后仍被覆盖但要走得更远者，及其平均多走的时间",
                "In reach: everybody who can walk there within the cutoff, so that one person may"
                " count for several facilities. Covered by it alone: who would lose cover if it"
                " closed. Would walk farther: whose nearest it is and who would stay covered by a"
                " longer walk, and how many minutes longer on average",
            ),
        ),
        chart=Chart(
            "barh",
            Note(f"{a.name}：仅由该设施覆盖", f"{a.name}: covered by this facility alone"),
            "name",
            ("unique",),
        ),
    )


def _of(a: Assessment) -> Note:
    """What is reached: people of the group, or whatever stands in for them."""
    if a.ground.demand.kind != "people" or a.group == EVERYONE:
        return amount(a.ground.demand.kind)
    return group_note(a, a.group)


def _named(a: Assessment, k: int) -> str | Note:
    """Name of a facility; its row where it has none."""
    number = int(a.facilities.row[k])
    return a.facilities.name[k].strip() or Note(
        f"第 {number} 行（未命名）", f"row {number} (no name)"
    )


def _value(column: Sequence[Any], k: int) -> float | None:
    """A number of a further column, None where there is none."""
    value = column[k] if len(column) else None
    return float(value) if isinstance(value, (int, float)) and np.isfinite(value) else None
