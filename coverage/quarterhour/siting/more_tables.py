"""The further answers of a siting question as tables, sentences and a part of summary.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.core.siting.milp import OPTIMAL
from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.siting.more import NEARBY_M
from quarterhour.siting.room_tables import room_notes, room_table
from quarterhour.siting.words import people_of, percent
from quarterhour.tabular import Chart, Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.siting.more_nouns import Curve
    from quarterhour.siting.result import SiteResult

PROVEN, OPEN = Note("已证明最优", "proven"), Note("未证明，见上限", "not proven, see the bound")


def _label(result: SiteResult, k: int) -> str:
    """What a candidate is called: as a chosen site where it is one."""
    where = np.flatnonzero(result.chosen == k)
    if len(where):
        return result.sites.name[int(where[0])]
    at = result.candidates.at
    return at.name[k] or f"{at.lon[k]:.6f}, {at.lat[k]:.6f}"


def _labels(result: SiteResult, sites: NDArray[np.int64]) -> list[str]:
    """Chosen sites in the order in which they are listed."""
    return [_label(result, int(k)) for k in result.chosen if k in sites]


def more_summary(result: SiteResult) -> dict[str, Any]:
    """The further answers for summary.json, without those that were not asked for.

    `curve`: `by` (n_sites or budget, 万元) and `points` with `value`, `added`, `bound`, `proven`.
    `phases`: per year `year`, `sites`, `total_added`; `free`, `price`, `most_price`: people that
    the best plan for the last year alone covers, and how many fewer the plan by years does. `sites`
    of `alternative`: names; `added`, `in_common`, `farthest` (proven). `backup`: people `once` and
    `twice`, `twice_before`. `capacity`: `served`: people
    who have a place only by the new sites,
    `served_before` by existing ones, their `existing_room` (null where none says it), and per site
    `name`, `size`, `served`.
    """
    more = result.more
    told: dict[str, Any] = {}
    if more.curve is not None:
        told["curve"] = {"by": more.curve.by, "points": _points(more.curve)}
    if more.phased is not None:
        total = [units.persons(n) for n in more.phased.covered]
        told["phases"] = {
            "years": [
                {"year": int(year), "sites": _labels(result, new), "total_added": number}
                for year, new, number in zip(more.years, more.phased.built, total, strict=True)
            ],
            "free": units.persons(int(more.phased.free.objective)),
            "price": units.persons(more.phased.price),
            "most_price": units.persons(more.phased.most_price),
        }
    if more.alternative is not None:
        other = more.alternative
        told["alternative"] = {
            "sites": [
                {
                    "name": _label(result, int(k)),
                    "lon": round(float(result.candidates.at.lon[k]), 9),
                    "lat": round(float(result.candidates.at.lat[k]), 9),
                }
                for k in other.solution.chosen
            ],
            "added": units.persons(other.covered),
            "in_common": int(other.solution.objective),
            "farthest": other.farthest,
        }
    if more.backup is not None:
        told["backup"] = {
            "once": units.persons(more.backup.once),
            "twice": units.persons(more.backup.twice),
            "twice_before": units.persons(more.twice_before),
        }
    if more.served is not None:
        built = more.built(result.part)
        told["capacity"] = {
            "served": units.persons(more.more_served),
            "served_before": units.persons(more.served.before),
            "existing_room": None if more.room is None else units.persons(more.room),
            "sites": [
                {
                    "name": _label(result, k),
                    "size": built[k][0],
                    "served": units.persons(built[k][2]),
                }
                for k in result.chosen.tolist()
            ],
        }
    return told


def _points(found: Curve) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "added": _people(one.objective),
            "bound": _people(one.bound),
            "proven": one.status == OPTIMAL,
        }
        for value, one in zip(found.values, found.points, strict=True)
    ]


def _people(value: float) -> float | None:
    return units.persons(int(value)) if np.isfinite(value) else None


def more_notes(result: SiteResult) -> list[Note]:
    """A sentence for each further answer."""
    more, notes = result.more, []
    if more.phased is not None:
        notes.append(_price(result))
    if more.alternative is not None:
        notes.append(_other(result))
    elif more.lone is not None and result.steps:
        notes.append(_lone(result))
    if more.backup is not None:
        before, after = (people_of(result, n) for n in (more.twice_before, more.backup.twice))
        notes.append(
            Note(
                f"两处以上设施可达者：{before.zh} → {after.zh}",
                f"within reach of two or more: {before.en} → {after.en}",
            )
        )
    if more.served is not None:
        notes += room_notes(result)
    return notes


def _price(result: SiteResult) -> Note:
    plan = result.more.phased
    assert plan is not None  # noqa: S101 - the caller has looked
    last = result.more.years[-1]
    if plan.most_price == 0:
        return Note(
            f"逐年建设不影响 {last} 年的结果：与一次规划的最优方案覆盖相同",
            f"building year by year costs nothing: by {last} as many are covered as by the best"
            " plan for that year alone",
        )
    price, most = (people_of(result, n) for n in (plan.price, plan.most_price))
    if plan.price == plan.most_price:
        return Note(
            f"逐年建设的代价：{last} 年比只为该年规划的最优方案少覆盖 {price.zh}",
            f"the price of building year by year: {price.en} fewer by {last} than by the best plan"
            " for that year alone",
        )
    return Note(
        f"逐年建设的代价：{last} 年比只为该年规划的方案少覆盖 {price.zh}，至多 {most.zh}",
        f"the price of building year by year: {price.en} fewer by {last} than by a plan for that"
        f" year alone, at most {most.en}",
    )


def _lone(result: SiteResult) -> Note:
    """That there is no other choice nearly as good, or that none was found."""
    away_zh = away_en = ""
    if result.candidates.source != "table":
        away_zh = f"（其余各处与本方案的选址相距 {NEARBY_M:g} 米以上）"
        away_en = f" (the others at least {NEARBY_M:g} m from those here)"
    if result.more.lone:
        return Note(
            f"没有另一方案{away_zh}能覆盖到本方案的 99%（已证明）",
            f"no other choice{away_en} covers 99% of what this one does (proven)",
        )
    return Note(
        f"没有找到能覆盖到本方案 99% 的另一方案{away_zh}，但未证明没有",
        f"no other choice{away_en} that covers 99% of what this one does was found; that there is"
        " none is not proven",
    )


def _other(result: SiteResult) -> Note:
    other = result.more.alternative
    assert other is not None  # noqa: S101 - the caller has looked
    n, same = len(other.solution.chosen), int(other.solution.objective)
    people = people_of(result, other.covered)
    sure_zh, sure_en = "（已证明差别最大）", " (proven to differ most)"
    if not other.farthest:
        sure_zh = "（未证明差别最大，可能有差别更大的）"
        sure_en = " (not proven to differ most; there may be one that does)"
    best = result.added[result.given.group]
    loss = percent(1 - other.covered / best) if best and other.covered < best else "0"
    away_zh = away_en = ""
    if result.candidates.source != "table":
        away_zh = f"，其余各处与本方案的选址相距 {NEARBY_M:g} 米以上"
        away_en = f", the others at least {NEARBY_M:g} m from those here"
    return Note(
        f"另一方案：{n} 处中有 {same} 处与本方案相同{away_zh}；新增覆盖 {people.zh}，少"
        f" {loss}{sure_zh}",
        f"another choice: {counted(n, 'site')}, {same} of them as here{away_en}; {people.en} newly"
        f" covered, {loss} fewer{sure_en}",
    )


def more_tables(result: SiteResult) -> list[Table]:
    """A table for each further answer that is one."""
    more = result.more
    found = []
    if more.curve is not None:
        found.append(_curve_table(more.curve))
    if more.phased is not None:
        found.append(_phase_table(result))
    if more.alternative is not None:
        found.append(_other_table(result))
    if more.served is not None:
        found.append(room_table(result))
    return found


def _curve_table(found: Curve) -> Table:
    budget = found.by == "budget"
    head = (
        Column("value", "预算（万元）", "budget (万元)", "money")
        if budget
        else Column("value", "新建数量", "new sites", "integer")
    )
    return Table(
        key="site_curve",
        title=Note("预算与覆盖", "Budget and cover") if budget
        else Note("数量与覆盖", "Number of sites and cover"),
        columns=(
            head,
            Column("added", "新增覆盖", "newly covered", "people"),
            Column("more", "比上一档多", "more than the row above", "people"),
            Column("bound", "已证明的上限", "proven bound", "people"),
            Column("proven", "结论", "conclusion"),
        ),
        rows=tuple(
            (
                p["value"] if budget else int(p["value"]), p["added"],
                None if not k else _more(p["added"], rows[k - 1]["added"]),
                p["bound"], PROVEN if p["proven"] else OPEN,
            )
            for rows in [_points(found)] for k, p in enumerate(rows)
        ),
        notes=(
            Note(
                "每一行单独求解，各行的选址不一定相互包含；要逐年建设见 phases",
                "every row is solved on its own; the sites of one row need not be among those of"
                " the next: for building year by year see phases",
            ),
        ),
        chart=Chart("line", Note("新增覆盖", "newly covered"), "value", ("added", "bound")),
    )  # fmt: skip


def _more(one: float | None, before: float | None) -> float | None:
    return None if one is None or before is None else one - before


def _phase_table(result: SiteResult) -> Table:
    rows = more_summary(result)["phases"]["years"]
    return Table(
        key="site_phases",
        title=Note("分年建设", "Year by year"),
        columns=(
            Column("year", "年份", "year", "year"),
            Column("number", "新建", "new sites", "integer"),
            Column("sites", "选址", "sites"),
            Column("total_added", "累计新增覆盖", "newly covered so far", "people"),
        ),
        rows=tuple(
            (row["year"], len(row["sites"]), "、".join(row["sites"]), row["total_added"])
            for row in rows
        ),
        notes=(
            Note(
                "已建的保留；使各年新增覆盖之和最大",
                "what is built stays; the sum of the newly covered over the years is the largest",
            ),
            _price(result),
        ),
    )


def _other_table(result: SiteResult) -> Table:
    rows = more_summary(result)["alternative"]["sites"]
    chosen = set(result.chosen.tolist())
    assert result.more.alternative is not None  # noqa: S101 - the caller has looked
    same = [int(k) in chosen for k in result.more.alternative.solution.chosen]
    yes, no = Note("是", "yes"), Note("否", "no")
    return Table(
        key="site_alternative",
        title=Note("可供选择的另一方案", "Another choice"),
        columns=(
            Column("name", "名称", "name"),
            Column("lon", "经度", "longitude", "number"),
            Column("lat", "纬度", "latitude", "number"),
            Column("same", "与本方案相同", "in both"),
        ),
        rows=tuple(
            (row["name"], row["lon"], row["lat"], yes if s else no)
            for row, s in zip(rows, same, strict=True)
        ),
        notes=(
            Note(
                "覆盖不少于建议方案的 99%，并尽量少用其选址",
                "covers at least 99% of what the proposal does, with as few of its sites as could"
                " be found",
            ),
            _other(result),
        ),
    )
