"""How evenly access is spread: by unit and by group, and how the worst-off tenth fares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.answers.answer_words import amount, denominator, group_note, who_walks
from quarterhour.answers.unit_words import level_note
from quarterhour.core import cover
from quarterhour.core import equity as measures
from quarterhour.inputs import Note
from quarterhour.tabular import Chart, Column, Table
from quarterhour.units import MICRO, persons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.answers.unit_counts import UnitCoverage
    from quarterhour.assessing.assessment import Assessment

TENTH = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstTenth:
    """The tenth of the people with the longest walk; who has no facility counts as the worst.

    `people`: how many they are; `without`: of them, no facility within the search limit or no road.
    `mean_min`: minutes of the others, None where there are none. `share_covered`: of the tenth.
    """

    people: float
    without: float
    mean_min: float | None
    share_covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEquity:
    """Equity within one group at the last cutoff; None where the group has nobody.

    Access of a person is the number of facilities in reach; 0 for who is not linked. `fewest`,
    `most`, `gini`, `palma`: of that. `mean_min`: minutes of all who have a facility within the
    search limit, `without`: people who have none.
    """

    group: str
    people: float
    share_covered: float | None
    fewest: int | None
    most: int | None
    gini: float | None
    palma: float | None
    mean_min: float | None
    without: float
    worst: WorstTenth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEquity:
    """Equity between units of one level, of the share of their people that is covered.

    `lowest`, `highest`: share and names of the units that have it. `gini`, `palma`: of the share,
    weighted by people. `worst_share`: mean share in the units with the lowest shares that hold a
    tenth of the people. `without_people`: units that have nobody, and so no share.
    """

    level: str
    group: str
    n_units: int
    lowest: tuple[float, tuple[str, ...]] | None
    highest: tuple[float, tuple[str, ...]] | None
    gini: float | None
    palma: float | None
    worst_share: float | None
    without_people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """Equity of a service: `groups` as in the demand, `units` as they were given."""

    assessment: Assessment
    groups: tuple[GroupEquity, ...]
    units: tuple[UnitEquity, ...] = ()


def equity_of(a: Assessment, units: Sequence[UnitEquity] = ()) -> Equity:
    """Equity within each group, with that between units beside it."""
    ground = a.ground
    n = cover.facilities_in_reach(a.within, len(ground.demand), a.cutoff_ms)
    return Equity(
        assessment=a,
        groups=tuple(
            _group(a, g, np.where(ground.inside, v, 0), n.astype(np.float64))
            for g, v in ground.demand.amounts.items()
        ),
        units=tuple(units),
    )


def _group(
    a: Assessment, group: str, people: NDArray[np.int64], access: NDArray[np.float64]
) -> GroupEquity:
    some = people > 0
    has = (a.demand.nearest >= 0) & some
    minutes = a.walker.minutes(a.demand.ms)
    with_one = int(people[has].sum())
    return GroupEquity(
        group=group,
        people=persons(int(people.sum())),
        share_covered=a.counts[-1][group].share_covered,
        fewest=int(access[some].min()) if some.any() else None,
        most=int(access[some].max()) if some.any() else None,
        gini=measures.gini(access, people),
        palma=measures.palma(access, people),
        mean_min=float((minutes[has] * people[has]).sum()) / with_one if with_one else None,
        without=persons(int(people[some & ~has].sum())),
        worst=worst_tenth(minutes, has, a.demand.covered(a.cutoff_ms), people),
    )


def worst_tenth(
    minutes: NDArray[np.float64],
    has: NDArray[np.bool_],
    covered: NDArray[np.bool_],
    people: NDArray[np.int64],
) -> WorstTenth | None:
    """The tenth of `people` (millionths) with the longest walk, None where there is nobody.

    `has`: bool, a facility within the search limit; the others come first, as the worst. A place on
    the edge of the tenth counts in part.
    """
    at = np.flatnonzero(people > 0)
    if not len(at):
        return None
    at = at[np.argsort(np.where(has[at], -minutes[at], -np.inf), kind="stable")]
    size = measures.taken(people[at].astype(np.float64), TENTH)
    total, walking = float(size.sum()), has[at]
    known = float(size[walking].sum())
    return WorstTenth(
        people=total / MICRO,
        without=float(size[~walking].sum()) / MICRO,
        mean_min=float((size * minutes[at])[walking].sum()) / known if known > 0 else None,
        share_covered=float(size[covered[at]].sum()) / total,
    )


def equity_of_units(
    level: str,
    names: Sequence[str],
    total: NDArray[np.int64],
    covered: NDArray[np.int64],
    *,
    group: str = "all",
) -> UnitEquity:
    """Equity between units of the share of their people that is covered.

    `total`, `covered`: int64 millionths per unit, those not linked to a road in the total.
    """
    total, covered = np.asarray(total, np.int64), np.asarray(covered, np.int64)
    assert ((covered >= 0) & (covered <= total)).all(), "covered is a part of the total"  # noqa: S101
    at = np.flatnonzero(total > 0)
    share, people = covered[at] / total[at], total[at]
    order = np.argsort(share, kind="stable")
    size = measures.taken(people[order].astype(np.float64), TENTH)

    def named(value: float) -> tuple[float, tuple[str, ...]]:
        return float(value), tuple(names[int(k)] for k in at[share == value])

    return UnitEquity(
        level=level,
        group=group,
        n_units=len(at),
        lowest=named(share.min()) if len(at) else None,
        highest=named(share.max()) if len(at) else None,
        gini=measures.gini(share, people),
        palma=measures.palma(share, people),
        worst_share=float((size * share[order]).sum() / size.sum()) if len(at) else None,
        without_people=len(total) - len(at),
    )


def units_of(found: UnitCoverage) -> tuple[UnitEquity, ...]:
    """Equity between the units of every level, of the people of the service's group.

    Homonyms are told apart by their county.
    """
    group = found.assessment.group
    result = []
    for level in found.levels:
        u, people, at = level.units, level.people[group], level.listed
        names = [
            f"{u.county[k]}{u.name[k]}" if u.name.count(u.name[k]) > 1 else u.name[k] for k in at
        ]
        result.append(
            equity_of_units(u.level, names, people.total[at], people.covered[at], group=group)
        )
    return tuple(result)


def summary_of(found: Equity) -> dict[str, Any]:
    """Equity for summary.json.

    `groups` (by group): people, share_covered, and of the number of facilities in reach: fewest,
    most, gini, palma; mean_minutes of those with a facility within the search limit, without (have
    none), worst_tenth (people, without, mean_minutes of the others, share_covered). `units` (a
    list): level, group, units, lowest and highest (share, names), gini and palma of the share
    covered, weighted by people, worst_tenth_share, without_people.
    """
    return {
        "groups": {
            g.group: {
                "people": g.people, "share_covered": g.share_covered, "fewest": g.fewest,
                "most": g.most, "gini": g.gini, "palma": g.palma, "mean_minutes": g.mean_min,
                "without": g.without,
                "worst_tenth": None if g.worst is None else {
                    "people": g.worst.people, "without": g.worst.without,
                    "mean_minutes": g.worst.mean_min, "share_covered": g.worst.share_covered,
                },
            }
            for g in found.groups
        },
        "units": [
            {
                "level": u.level, "group": u.group, "units": u.n_units, "lowest": _named(u.lowest),
                "highest": _named(u.highest), "gini": u.gini, "palma": u.palma,
                "worst_tenth_share": u.worst_share, "without_people": u.without_people,
            }
            for u in found.units
        ],
    }  # fmt: skip


def _named(found: tuple[float, tuple[str, ...]] | None) -> dict[str, Any] | None:
    return None if found is None else {"share": found[0], "names": list(found[1])}


GINI = Note(
    "基尼系数：任意两人之差的平均值除以平均值的两倍；0为人人相同，接近1为集中于少数人",
    "Gini: the mean difference between two people over twice the mean; 0 where all have the same,"
    " near 1 where few have all",
)
PALMA = Note(
    "帕尔马比值：最多的10%的人所有之和除以最少的40%的人所有之和；人人相同时为0.25；后者为0时不给出",
    "Palma ratio: what the 10% with most have over what the 40% with least have; 0.25 where all"
    " have the same; none where the 40% have nothing",
)
SOURCES = Note(
    "来源：Palma 2011；Cobham、Sumner 2013。收入未知，按可达性本身排序",
    "Sources: Palma 2011; Cobham and Sumner 2013. Incomes are not known: people are ranked by their"
    " access itself",
)


def _weights(a: Assessment) -> tuple[Note, ...]:
    """Where something else stands in for people, the measures are of that."""
    kind = a.ground.demand.kind
    if kind == "people":
        return ()
    what = amount(kind)
    return (
        Note(
            f"没有人口数据，以{what.zh}代替人数作权重",
            f"Without people, every measure is weighted by {what.en.lower()} instead",
        ),
    )


def tables_of(found: Equity, *, number: int = 1) -> list[Table]:
    """Equity by group, and by unit where there are some.

    `number`: of the service in the study, part of the keys of the tables.
    """
    tables = [_groups(found, number)]
    return [*tables, _units(found, number)] if found.units else tables


def _groups(found: Equity, number: int) -> Table:
    a = found.assessment
    what = amount(a.ground.demand.kind)

    def row(g: GroupEquity) -> tuple[Any, ...]:
        w = g.worst
        return (
            group_note(a, g.group), g.people, g.share_covered, g.fewest, g.most, g.gini, g.palma,
            g.mean_min, g.without, *((None, None, None, None) if w is None else
            (w.people, w.without, w.mean_min, w.share_covered)),
        )  # fmt: skip

    limit = f"{a.limit_min:g}"
    return Table(
        key=f"equity_{number}",
        title=Note(f"{a.name}：公平性（按人群）", f"{a.name}: equity by group"),
        columns=(
            Column("group", "人群", "Group"),
            Column("people", what.zh, what.en, "people"),
            Column("covered", "可达占比", "Share covered", "percent"),
            Column("fewest", "可达设施数（最少）", "Facilities in reach, fewest", "integer"),
            Column("most", "可达设施数（最多）", "Most", "integer"),
            Column("gini", "基尼系数", "Gini", "number"),
            Column("palma", "帕尔马比值", "Palma ratio", "number"),
            Column("minutes", "平均步行（分钟）", "Mean walk (min)", "minutes"),
            Column("without", "搜索范围内无设施", "Without a facility", "people"),
            Column("worst", f"最差十分之一：{what.zh}", f"Worst-off tenth: {what.en}", "people"),
            Column("worst_without", "其中无设施", "of them without", "people"),
            Column("worst_minutes", "其余平均步行（分钟）", "Mean walk of the rest", "minutes"),
            Column("worst_covered", "其可达占比", "Their share covered", "percent"),
        ),
        rows=tuple(row(g) for g in found.groups),
        notes=(
            who_walks(a),
            *_weights(a),
            denominator(a),
            Note(
                "基尼系数与帕尔马比值按每人时限内可达的设施数计算，未能连接路网者计为0",
                "Gini and Palma are of the number of facilities everybody has in reach; who is not"
                " linked to a road has 0",
            ),
            GINI,
            PALMA,
            SOURCES,
            Note(
                f"最差十分之一：到最近设施步行时间最长的10%的人；{limit}分钟内没有设施或未能连接路网者列为最差，"
                "没有步行时间，不计入平均",
                f"Worst-off tenth: the 10% with the longest walk to the nearest facility. Who has"
                f" none within {limit} minutes, or no road, counts as the worst, has no minutes and"
                " is not in their mean",
            ),
        ),
    )


def _units(found: Equity, number: int) -> Table:
    a = found.assessment

    def names(value: tuple[float, tuple[str, ...]] | None) -> Note | None:
        if value is None:
            return None
        some, more = value[1][:5], len(value[1]) - 5
        return Note(
            "、".join(some) + (f"等{len(value[1])}个" if more > 0 else ""),
            ", ".join(some) + (f" and {more} more" if more > 0 else ""),
        )

    def row(u: UnitEquity) -> tuple[Any, ...]:
        return (
            level_note(u.level), group_note(a, u.group), u.n_units,
            u.lowest and u.lowest[0], names(u.lowest),
            u.highest and u.highest[0], names(u.highest), u.gini, u.palma, u.worst_share,
            u.without_people,
        )  # fmt: skip

    return Table(
        key=f"equity_units_{number}",
        title=Note(f"{a.name}：公平性（单元之间）", f"{a.name}: equity between units"),
        columns=(
            Column("level", "层级", "Level"),
            Column("group", "人群", "Group"),
            Column("units", "单元数", "Units", "integer"),
            Column("lowest", "可达占比（最低）", "Share covered, lowest", "percent"),
            Column("lowest_names", "最低的单元", "Where"),
            Column("highest", "可达占比（最高）", "Highest", "percent"),
            Column("highest_names", "最高的单元", "Where"),
            Column("gini", "基尼系数", "Gini", "number"),
            Column("palma", "帕尔马比值", "Palma ratio", "number"),
            Column("worst", "最差十分之一的可达占比", "Share in the worst-off tenth", "percent"),
            Column("nobody", "无该人群的单元", "Units with nobody", "integer"),
        ),
        rows=tuple(row(u) for u in found.units),
        notes=(
            who_walks(a),
            *_weights(a),
            Note(
                "各项按单元的可达占比计算，以单元内该人群人数为权重；分母为单元内该人群的全部人口",
                "All of the share covered of each unit, weighted by its people; the denominator is"
                " all people of the group in the unit",
            ),
            GINI,
            PALMA,
            SOURCES,
            Note(
                "最差十分之一：可达占比最低的单元，合计占总人数的10%",
                "Worst-off tenth: the units with the lowest shares that hold 10% of the people",
            ),
        ),
        chart=Chart(
            "bar",
            Note(f"{a.name}：各层级的基尼系数", f"{a.name}: Gini by level"),
            "level",
            ("gini",),
        ),
    )
