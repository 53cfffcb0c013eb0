"""What is said about an answer: how far it is proven, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from quarterhour import units
from quarterhour.core.siting.lowest_exact import EXCHANGED, STOPPED
from quarterhour.core.siting.milp import FEASIBLE, INFEASIBLE, NOTHING, OPTIMAL
from quarterhour.inputs import Note
from quarterhour.siting.demand import (
    COUNTED,
    PEOPLE,
    WHO,
    amount_of,
    bare_of,
    kind_of,
    measure_of,
    rest_of,
    time_of,
)

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.core.siting.nouns import Solution
    from quarterhour.siting.result import SiteResult
    from quarterhour.sources.facilities.candidates import Candidates

PROBLEMS: dict[str, Note] = {
    "most_people": Note("覆盖人口最多", "most people covered"),
    "everyone": Note("以最少设施达到覆盖要求", "fewest sites for the cover that is asked for"),
    "median": Note("总步行时间最短", "least walking time of all"),
    "center": Note("最远者步行时间最短", "shortest longest walk"),
    "backup": Note("两处以上设施可达", "within reach of two or more"),
    "targets": Note("以最少新增设施达到规划指标", "fewest additions that make targets pass"),
    "close": Note("损失最小的关闭", "closing at least loss"),
    "move": Note("覆盖人数最多的迁址", "moves that cover most"),
}

FORMULAS: dict[str, Note] = {
    "most_people": Note(
        "最大覆盖选址模型（MCLP，Church 与 ReVelle，1974）：在数量或预算内，使新增覆盖{n}最多；"
        "已覆盖者不重复计算",
        "Maximal covering location problem (Church and ReVelle 1974): the most newly covered {n}"
        " for a number of sites or a budget; what is covered already does not count again",
    ),
    "everyone": Note(
        "集合覆盖选址模型（LSCP，Toregas 等，1971）：以最少的新设施使可覆盖者全部、或达到要求的比例"
        "在服务范围内",
        "Location set covering problem (Toregas and others 1971): the fewest new sites for everyone"
        " who can be covered, or for the shares that are asked for",
    ),
    "median": Note(
        "p-中位模型（Hakimi，1964）：使全部{w}到最近设施（已有或新建）的步行时间之和最小；"
        "搜索上限内无设施者按上限计",
        "p-median (Hakimi 1964): least sum of the walks of all {w} to the nearest facility, old"
        " or new; those without one within the search limit count with the limit",
    ),
    "center": Note(
        "p-中心模型（Hakimi，1965）：使最远处到最近设施的步行时间最短",
        "p-center (Hakimi 1965): the longest walk to the nearest facility is as short as possible",
    ),
    "backup": Note(
        "备用覆盖模型（BACOP，Hogan 与 ReVelle，1986）",
        "Backup coverage (Hogan and ReVelle 1986)",
    ),
    "targets": Note(
        "以最少的新增设施，使规划指标中选址可以改变的各项全部达标；达标后的指标按含新址的数据重新评价",
        "the fewest additions with which every indicator that siting can change passes; afterwards"
        " the indicators are judged again on data with the new sites in them",
    ),
    "close": Note(
        "关闭给定数量的现有设施，使留下的设施覆盖{n}最多（等价于对现有设施求最大覆盖，Church 与"
        " ReVelle，1974）",
        "so many existing facilities close that those that stay cover the most: the maximal"
        " covering location problem of the existing ones (Church and ReVelle 1974)",
    ),
    "move": Note(
        "至多迁走给定数量的现有设施，每迁走一处可在一个候选点新建一处，使覆盖{n}最多（最大覆盖，"
        "Church 与 ReVelle，1974）",
        "at most so many existing facilities close and as many candidates open, so that the most"
        " are covered (maximal covering, Church and ReVelle 1974)",
    ),
}


def problem_of(given: Assessment, problem: str) -> Note:
    """What is asked for."""
    kind = kind_of(given)
    if kind == PEOPLE or problem not in {"most_people", "move"}:
        return PROBLEMS[problem]
    name = COUNTED[kind]
    if problem == "move":
        return Note(f"覆盖{name.zh}最多的迁址", f"moves that cover most {name.en}")
    return Note(f"覆盖{name.zh}最多", f"most {name.en} covered")


def formula_of(given: Assessment, problem: str) -> Note:
    """The model, its source and what is counted."""
    kind, told = kind_of(given), FORMULAS[problem]
    name, who = COUNTED[kind], WHO[kind]
    return Note(told.zh.format(n=name.zh, w=who.zh), told.en.format(n=name.en, w=who.en))


STATUS: dict[str, Note] = {
    "usable": Note("可选", "can be chosen"),
    "chosen": Note("选中", "chosen"),
    "unusable": Note("不可用", "cannot be used"),
    "excluded": Note("禁选", "excluded"),
    "outside": Note("研究范围外", "outside the study area"),
    "unlinked": Note("未接入路网", "not linked to the roads"),
    "unpriced": Note("无造价", "no cost"),
    "elsewhere": Note("用于其他服务", "for another service"),
}


def percent(share: float) -> str:
    """A share as percent with as many decimals as tell it from nothing."""
    for digits in (1, 2, 3, 4):
        if share * 100 >= 0.5 * 10**-digits:
            return f"{share:.{digits}%}"
    return "<0.0001%"


def verdict(result: SiteResult) -> Note:
    """How far the answer is proven, in one sentence."""
    return verdict_of(result.solution, among=result.among)


def verdict_of(solution: Solution, *, among: int | None = None) -> Note:
    """How far a solution is proven, in one sentence; `among`: for so many candidates only."""
    if among is not None and solution.status in {OPTIMAL, FEASIBLE}:
        told = verdict_of(solution)
        return Note(
            f"在参加求解的 {among:,} 个候选点中：{told.zh}",
            f"among the {among:,} candidates that were chosen from: {told.en}",
        )
    if solution.status == OPTIMAL and solution.ties == STOPPED:
        return Note(
            "已证明最优（差距 0）：没有更好的方案；同样好的方案可能不止一个，时间限制内没有找出编号"
            "最小的，下次可能给出另一个",
            "proven best (gap 0): no choice is better; others may be as good, the time limit ended"
            " the search for the lowest numbers, and the next run may give another of them",
        )
    if solution.status == OPTIMAL and solution.ties == EXCHANGED:
        return Note(
            "已证明最优（差距 0）：没有更好的方案；再算一次结果相同；可能还有同样好、编号更小的"
            "方案",
            "proven best (gap 0): no choice is better, and another run gives the same; a choice as"
            " good with lower numbers may exist",
        )
    if solution.status == OPTIMAL:
        return Note(
            "已证明最优（差距 0）：没有更好的方案；再算一次结果相同",
            "proven best (gap 0): no choice is better, and another run gives the same",
        )
    if solution.status == INFEASIBLE:
        return Note("无可行方案", "no choice meets the requirements")
    if solution.status == NOTHING:
        return Note("未找到方案", "nothing was found within the limits")
    gap = percent(solution.gap)
    if solution.gap == float("inf"):
        return Note(
            "已找到方案，尚未证明距最优多远", "found, with nothing proven about the best possible"
        )
    if solution.by_clock:
        ends = Note("时间限制，下次结果可能不同", "the time limit; the next run may differ")
    elif solution.by_size:
        ends = Note(
            "候选点过多，无法逐一列出，再算一次结果相同",
            "the number of candidates, too many to list all of them; another run gives the same",
        )
    else:
        ends = Note("节点限制，再算一次结果相同", "the limit of nodes; another run gives the same")
    return Note(
        f"目前最好的方案，与可能的最优相差不超过 {gap}（停止原因：{ends.zh}）",
        f"best found, at most {gap} from the best possible (stopped by {ends.en})",
    )


def objective_of(result: SiteResult, value: float) -> Note:
    """An objective or bound with its unit."""
    problem = result.part.problem
    if problem in {"most_people", "backup"}:
        told = amount_of(result.given, value)
        if result.more.served is not None:
            return Note(
                f"新旧设施共接纳 {told.zh}"
                if result.more.room is not None
                else f"新址接纳 {told.zh}",
                f"room for {told.en}"
                + (" at old and new sites" if result.more.room is not None else ""),
            )
        if result.more.phased is not None:
            return Note(f"逐年新增合计 {told.zh}", f"{told.en}, summed over years")
        if result.more.backup is not None:
            return Note(f"两处可达 {told.zh}", f"{told.en} reached by two")
        return at_most_of(result, value) if problem == "most_people" else told
    if problem in {"everyone", "targets"}:
        n = f"{value:.0f}"
        return Note(f"{n} 处", f"{n} site{'' if n == '1' else 's'}")
    if problem == "median":
        return time_of(result.given, value)
    return Note(f"{value:.1f} 分钟", f"{value:.1f} min")


def added_of(result: SiteResult) -> Note:
    """Who is newly covered, as the difference of the two figures that are told.

    Kilometres are told with decimals, which add up well enough.
    """
    group = result.given.group
    if measure_of(result.given).per > 1:
        return people_of(result, result.added[group])
    before, after = (x.counts[-1][group] for x in (result.given, result.after))
    return rest_of(result.given, after.covered, before.covered)


def at_most_of(result: SiteResult, micro: float) -> Note:
    """Millionths who could be newly covered; less than one more than are is told as they are."""
    found, one = result.added[result.given.group], units.MICRO * measure_of(result.given).per
    return added_of(result) if found <= micro < found + one else people_of(result, micro)


def people_of(result: SiteResult, micro: float) -> Note:
    """Millionths as people, or as units of what stands for them."""
    return amount_of(result.given, micro)


def nothing_in_reach(given: Assessment, candidates: Candidates) -> Note:
    """That no candidate is of any use, for an error."""
    left = given.counts[-1][given.group].uncovered
    who = "anybody uncovered" if kind_of(given) == PEOPLE else "what is not covered"
    minutes, file = f"{given.cutoffs_min[-1]:g}", candidates.at.file
    return Note(
        f"{file}：所有可用的候选点在 {minutes} 分钟内都到不了未覆盖的地方"
        f"（{amount_of(given, left).zh}）；"
        '请补充离这些地方更近的候选点，或写 candidates = "network"',
        f"{file}: none of the usable candidates is within {minutes} min of {who}"
        f' ({bare_of(given, left)}); add candidates nearer to them, or take candidates = "network"',
    )


def fewer_note(result: SiteResult) -> Note | None:
    """Why fewer sites are built than were allowed, None where as many are."""
    part, n = result.part, len(result.steps)
    if part.n_sites is None or not 0 < n < part.n_sites or len(part.service or ()) > 1:
        return None
    if part.problem in {"everyone", "targets"}:
        return None
    group = result.candidates.group
    ties = [
        word
        for word, some in (
            (Note("预算", "the budget"), part.budget is not None),
            (Note("间距", "the distance between sites"), part.apart_m > 0),
            (Note("互斥组", "the groups of which one may be built"), bool((group >= 0).any())),
        )
        if some
    ]
    zh = "、".join(word.zh for word in ties)
    en = " and ".join(word.en for word in ties)
    within_zh, within_en = (f"在{zh}的要求下", f"within {en} ") if ties else ("", "")
    proven = result.solution.status == OPTIMAL
    more_zh = "增加选址不会使结果更好" if proven else "没有找到用更多处而结果更好的方案"
    more_en = (
        "more sites would make it no better" if proven else "nothing better with more was found"
    )
    return Note(
        f"允许至多 {part.n_sites:,} 处，方案用 {n:,} 处：{within_zh}{more_zh}",
        f"{part.n_sites:,} sites were allowed and {n:,} {'is' if n == 1 else 'are'} used:"
        f" {within_en}{more_en}",
    )


def walk_note(result: SiteResult) -> Note | None:
    """How far people walk before and after, for the problems that are about that."""
    if result.part.problem not in {"median", "center"} or not result.steps:
        return None
    before, after = (_walks(a) for a in (result.given, result.after))
    limit = f"{result.given.limit_min:g}"
    if result.part.problem == "median":
        return Note(
            f"到最近设施的平均步行时间：{before.mean:.1f} → {after.mean:.1f} 分钟（{limit} 分钟内"
            f"没有设施者按 {limit} 分钟计）",
            f"mean walk to the nearest facility: {before.mean:.1f} → {after.mean:.1f} min (who has"
            f" none within {limit} min counts with {limit})",
        )
    none_before, none_after = (amount_of(result.given, n) for n in (before.none, after.none))
    return Note(
        f"到最近设施的最长步行时间：{before.longest:.1f} → {after.longest:.1f} 分钟；{limit} 分钟内"
        f"没有设施者 {none_before.zh} → {none_after.zh}",
        f"longest walk to the nearest facility: {before.longest:.1f} → {after.longest:.1f} min;"
        f" without any within {limit} min: {none_before.en} → {none_after.en}",
    )


class _Walked(NamedTuple):
    """Minutes of the people near a road; `none`: millionths without a facility in the limit."""

    mean: float
    longest: float
    none: int


def _walks(a: Assessment) -> _Walked:
    weight = np.where(a.ground.inside & a.demand.linked, a.ground.demand.amounts[a.group], 0)
    some = (a.demand.nearest >= 0) & (
        a.demand.ms <= max(a.walker.limit_ms(a.limit_min), a.cutoff_ms)
    )
    minutes = np.where(some, a.walker.minutes(a.demand.ms), a.limit_min)
    total = int(weight.sum())
    walked = minutes[some & (weight > 0)]
    return _Walked(
        mean=float((minutes * (weight / units.MICRO)).sum() / (total / units.MICRO))
        if total
        else 0,
        longest=float(walked.max(initial=0.0)),
        none=int(weight[~some].sum()),
    )


def anywhere_note(result: SiteResult) -> Note | None:
    """What generated candidates may have lost against any position along the streets."""
    bound = result.anywhere
    if bound is None:
        return None
    move = result.candidates.moved_ms or 0
    seconds = f"{move / units.MS_PER_MIN * 60:.0f}"
    spacing = f"{result.part.spacing_m:g}"
    if result.part.problem == "everyone":
        if bound < 1:  # the time was too short to prove anything
            return None
        least = f"{bound:.0f}"
        return Note(
            f"候选点沿街每段（不超过 {spacing} 米）取一处；即使可建在沿街任何位置，也至少需要"
            f" {least} 处",
            f"one candidate stands on every stretch of street of at most {spacing} m; even if sites"
            f" could stand anywhere along the streets, no fewer than {least} would do",
        )
    found = result.added[result.given.group]
    lost = bound / found - 1 if found else 0.0
    people = at_most_of(result, bound)
    more_zh = f"比本方案多 {percent(lost)}" if lost > 0 else "与本方案相同"
    more_en = f"{percent(lost)} more than this choice" if lost > 0 else "the same as this choice"
    return Note(
        f"候选点沿街每段（不超过 {spacing} 米）取一处，沿街任何位置距候选点不超过 {seconds}"
        f" 秒步行；即使可建在沿街任何位置，新增覆盖也不会超过 {people.zh}（{more_zh}）",
        f"one candidate stands on every stretch of street of at most {spacing} m, at most {seconds}"
        f" s on foot from any position on it; even sites anywhere along the streets could not cover"
        f" more than {people.en} ({more_en})",
    )
