"""A plan's own arithmetic: its targets against its list, its population and its other version.

The rules are few and general; `projects/*.toml` says which figures each of them takes.

per_thousand   `total` / `people` x 1000 against `ratio`
stock          `base` (or `base_ratio` x `people` / 1000) + what the list adds against `target`
sum            `terms` added up against `printed`
product_less   the product of `factors` less `less` against `printed`, within `tolerance` (a share)
new            what the list adds against `printed`
number_in_list how many of a `kind` the list has, site by site, against `figures`
disagree       `figures` that should be the same
missing        `figures` that cannot be turned into numbers without what `zh` and `en` name
no_base        targets of the plan without a base value or a denominator
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.targets.findings import Finding, amount, listed, wan
from quarterhour.targets.projects import MEASURES, Plan, in_time, rows_of
from quarterhour.targets.reconcile_rows import head_findings, row_findings, town_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from quarterhour.targets.project_list import Project
    from quarterhour.targets.projects import Figure
    from quarterhour.targets.reconcile_rows import WrittenTown

    Check = Mapping[str, Any]


def reconcile(
    plan: Plan, *, other: Plan | None = None, towns: Iterable[WrittenTown] = ()
) -> tuple[Finding, ...]:
    """Everything that can be checked in a plan, in the order of its figure file.

    `other`: another version of the plan. `towns`: what the towns of the list were taken to mean.

    Raises
    ------
    InputError
        A check or a head names a rule, a figure, a measure or rows that are not there.
    """
    found: list[Finding] = []
    for check in plan.checks:
        rule = RULES.get(str(check["rule"]))
        if rule is None:
            raise InputError(
                f"{plan.where}: the check {check['key']!r} has the rule {check['rule']!r}; needed"
                f" is one of {', '.join(RULES)}"
            )
        found.append(rule(plan, check))
    found += head_findings(plan)
    found += _late(plan)
    found += row_findings(plan)
    found += town_findings(towns)
    found += _versions(plan, other)
    return tuple(found)


def _figure(plan: Plan, check: Check, key: str) -> Figure:
    name = check.get(key)
    if not isinstance(name, str) or name not in plan.figures:
        raise InputError(
            f"{plan.where}: the check {check['key']!r} needs {key} = one of the figures"
            f" {', '.join(plan.figures)}"
        )
    return plan.figures[name]


def _figures(plan: Plan, check: Check, key: str) -> list[Figure]:
    names = check.get(key)
    if not isinstance(names, list) or not names:
        raise InputError(
            f"{plan.where}: the check {check['key']!r} needs {key} = a list of figures"
        )
    return [_figure(plan, {**check, key: name}, key) for name in names]


def _measure(plan: Plan, check: Check) -> str:
    measure = str(check.get("measure", ""))
    if measure not in MEASURES:
        raise InputError(
            f"{plan.where}: the check {check['key']!r} needs measure = one of {', '.join(MEASURES)}"
        )
    return measure


def _chosen(plan: Plan, check: Check) -> list[Project]:
    """The rows that a check selects; all without `select`."""
    return rows_of(plan, f"the check {check['key']!r}", check.get("select", ["*"]))


def _clauses(*figures: Figure) -> str:
    return "；".join(dict.fromkeys(f.clause for f in figures if f.clause))


def _per_thousand(plan: Plan, check: Check) -> Finding:
    total, ratio, people = (_figure(plan, check, k) for k in ("total", "ratio", "people"))
    reached = total.value / people.value * 1000
    # what is needed is a whole number of places, and half a place is not enough
    needed = math.ceil(round(ratio.value * people.value / 1000, 6))
    implied = total.value / ratio.value * 1000
    short = needed - total.value
    numbers = {
        "total": total.value, "ratio": ratio.value, "people": people.value, "reached": reached,
        "needed": float(needed), "short": short, "implied_people": implied,
    }  # fmt: skip
    ok = short <= 0
    zh = (
        f"{total.zh} {amount(total.value)} ÷ {people.zh} {wan(people.value)} = 每千人"
        f" {reached:.2f}，{'达到' if ok else '达不到'} {amount(ratio.value)}"
    )
    en = (
        f"{total.en}: {amount(total.value)} over {amount(people.value)} people are {reached:.2f}"
        f" per 1000, {'enough for' if ok else 'short of'} {amount(ratio.value)}"
    )
    if not ok:
        zh += (
            f"；按 {amount(ratio.value)} 需 {needed:,}，差 {amount(short)}；该总数对应的人口为"
            f" {implied / 1e4:.1f}万"
        )
        en += f"; needed are {needed:,}, {amount(short)} more; the total fits {implied:,.0f} people"
    return Finding(
        key=str(check["key"]), status="agrees" if ok else "differs", sentence=Note(zh, en),
        clause=_clauses(total, ratio, people), numbers=numbers,
    )  # fmt: skip


def _stock(plan: Plan, check: Check) -> Finding:
    target = _figure(plan, check, "target")
    numbers: dict[str, float] = {"target": target.value}
    if "base" in check:
        of = _figure(plan, check, "base")
        base, clause = of.value, _clauses(target, of)
        base_zh, base_en = f"{of.zh} {amount(base)}", f"{of.en}: {amount(base)}"
    else:
        of, people = _figure(plan, check, "base_ratio"), _figure(plan, check, "people")
        base, clause = of.value * people.value / 1000, _clauses(target, of, people)
        base_zh = f"现有（{amount(of.value)}‰ × {wan(people.value)}）{base:,.0f}"
        base_en = f"today ({amount(of.value)} per 1000 x {amount(people.value)}): {base:,.0f}"
    rows: tuple[str, ...] = ()
    if "added" in check:
        printed = _figure(plan, check, "added")
        added = printed.value
        more = Note(f"{printed.zh} {amount(added)}", f"{amount(added)} {printed.en}")
        clause = f"{clause}；{printed.clause}"
    else:
        chosen = _chosen(plan, check)
        measure = _measure(plan, check)
        stated = [p for p in chosen if p.amount(measure)]
        added = sum(p.amount(measure) for p in stated)
        rows = tuple(p.no for p in stated)
        early = sum(p.amount(measure) for p in in_time(stated, plan.target_year))
        numbers["listed_in_time"] = early
        more = Note(
            f"{check.get('zh', '清单')}新增 {amount(added)}",
            f"{amount(added)} by {check.get('en', 'the list')}",
        )
        if early != added:
            more = Note(
                f"{more.zh}（其中 {plan.target_year} 年底前建成 {amount(early)}）",
                f"{more.en} ({amount(early)} of them finished by {plan.target_year})",
            )
    total, needed = base + added, target.value - base
    left = target.value - total
    numbers |= {"base": base, "needed_new": needed, "listed": added, "total": total, "left": left}
    zh = (
        f"{base_zh} + {more.zh} = {total:,.0f}，目标"
        f" {amount(target.value)}；目标只需新增 {needed:,.0f}"
    )
    en = (
        f"{base_en} + {more.en} are {total:,.0f}; the target is"
        f" {amount(target.value)}, {needed:,.0f} more than today"
    )
    if left > 0:
        zh += f"，还有 {left:,.0f} 没有对应项目"
        en += f"; {left:,.0f} of them have no listed project"
    elif added > 2 * needed:
        zh += "，清单远多于目标所需"
        en += ", far less than the list adds"
    status = "differs" if left > 0 or added > 2 * needed else "agrees"
    return Finding(key=str(check["key"]), status=status, sentence=Note(zh, en), clause=clause,
                   rows=rows, numbers=numbers)  # fmt: skip


def _sum(plan: Plan, check: Check) -> Finding:
    printed, terms = _figure(plan, check, "printed"), _figures(plan, check, "terms")
    total = sum(t.value for t in terms)
    ok = total == printed.value
    added = " + ".join(amount(t.value) for t in terms)
    zh = f"{added} = {amount(total)}，{printed.zh}写为 {amount(printed.value)}"
    en = f"{added} = {amount(total)}; printed as {printed.en}: {amount(printed.value)}"
    return Finding(
        key=str(check["key"]), status="agrees" if ok else "differs", sentence=Note(zh, en),
        clause=_clauses(printed, *terms), numbers={"printed": printed.value, "sum": total},
    )  # fmt: skip


def _product_less(plan: Plan, check: Check) -> Finding:
    factors, less = _figures(plan, check, "factors"), _figure(plan, check, "less")
    printed = _figure(plan, check, "printed")
    product = math.prod(f.value for f in factors)
    result = product - less.value
    tolerance = float(check.get("tolerance", 0.001))
    ok = abs(result - printed.value) <= tolerance * printed.value
    terms = " × ".join(amount(f.value) for f in factors)
    zh = f"{terms} − {amount(less.value)} = {amount(result)}，{printed.zh}写为"
    en = f"{terms} - {amount(less.value)} = {amount(result)}; printed as {printed.en}:"
    return Finding(
        key=str(check["key"]), status="agrees" if ok else "differs",
        sentence=Note(f"{zh} {amount(printed.value)}", f"{en} {amount(printed.value)}"),
        clause=_clauses(*factors, less, printed),
        numbers={"product": product, "result": result, "printed": printed.value},
    )  # fmt: skip


def _new(plan: Plan, check: Check) -> Finding:
    printed, measure = _figure(plan, check, "printed"), _measure(plan, check)
    chosen = [p for p in _chosen(plan, check) if p.amount(measure)]
    added = sum(p.amount(measure) for p in chosen)
    terms = " + ".join(amount(p.amount(measure)) for p in chosen) or "0"
    zh = f"{printed.zh} {amount(printed.value)}；清单所列为 {terms} = {amount(added)}"
    en = f"{printed.en}: {amount(printed.value)}; the list has {terms} = {amount(added)}"
    zh += f"（{check['zh']}）" if "zh" in check else ""
    en += f" ({check['en']})" if "en" in check else ""
    return Finding(
        key=str(check["key"]), status="agrees" if added == printed.value else "differs",
        sentence=Note(zh, en), clause=printed.clause, rows=tuple(p.no for p in chosen),
        numbers={"printed": printed.value, "listed": added},
    )  # fmt: skip


def _number_in_list(plan: Plan, check: Check) -> Finding:
    figures, kind = _figures(plan, check, "figures"), str(check.get("kind", ""))
    chosen = [p for p in plan.projects if kind in p.kind_keys]
    sites = sum(p.sites for p in chosen)
    terms = " + ".join(str(p.sites) for p in chosen) or "0"
    how = f"{terms} = {sites}" if any(p.sites > 1 for p in chosen) else str(sites)
    zh_name, en_name = str(check.get("zh", kind)), str(check.get("en", kind))
    goals = " / ".join(amount(f.value) for f in figures)
    ok = all(sites >= f.value for f in figures)
    return Finding(
        key=str(check["key"]),
        status="agrees" if ok else "differs",
        sentence=Note(
            f"{zh_name}目标 {goals} 个，清单只列 {how} 个（按名称归类）",
            f"{en_name}: the target is {goals}, the list has {how} (by their names)",
        ),
        clause=_clauses(*figures),
        rows=tuple(p.no for p in chosen),
        numbers={
            "listed": float(sites),
            **{f"target_{k}": f.value for k, f in enumerate(figures, 1)},
        },
    )


def _disagree(plan: Plan, check: Check) -> Finding:
    figures = _figures(plan, check, "figures")
    ok = len({f.value for f in figures}) == 1
    zh = "；".join(f"{f.zh} {amount(f.value)}（{f.clause}）" for f in figures)
    en = "; ".join(f"{f.en}: {amount(f.value)} ({f.clause})" for f in figures)
    return Finding(
        key=str(check["key"]), status="agrees" if ok else "differs",
        sentence=Note(f"两处写法{'一致' if ok else '不一致'}：{zh}",
                      f"two places {'agree' if ok else 'disagree'}: {en}"),
        clause=_clauses(*figures), numbers={f.key: f.value for f in figures},
    )  # fmt: skip


def _missing(plan: Plan, check: Check) -> Finding:
    figures = _figures(plan, check, "figures")
    zh = "；".join(f"{f.zh} {amount(f.value)}" for f in figures)
    en = "; ".join(f"{f.en}: {amount(f.value)}" for f in figures)
    need = Note(str(check.get("zh", "")), str(check.get("en", "")))
    return Finding(
        key=str(check["key"]), status="missing",
        sentence=Note(f"{zh}：文中没有{need.zh}，不能换算为总数",
                      f"{en}: without {need.en}, which the plan does not give, there is no total"),
        clause=_clauses(*figures), numbers={f.key: f.value for f in figures},
    )  # fmt: skip


def _no_base(plan: Plan, check: Check) -> Finding:
    targets = [f for f in plan.figures.values() if f.role == "target"]
    others = len(plan.figures) - len(targets)
    empty = [p for p in plan.projects if not (p.beds or p.places or p.year_end or p.cost)]
    zh = (
        f"{len(targets)} 项目标有数值，基期值和分母 {others} 项；清单 {len(plan.projects)} 行，"
        f"其中 {len(empty)} 行没有床位、托位、年份和投资"
    )
    en = (
        f"{len(targets)} targets have a number, {others} base values or denominators are given;"
        f" {len(empty)} of {counted(len(plan.projects), 'row')} without beds, places, year or cost"
    )
    return Finding(
        key=str(check["key"]), status="agrees" if others else "missing", sentence=Note(zh, en),
        clause=_clauses(*targets), rows=tuple(p.no for p in empty),
        numbers={"targets": float(len(targets)), "bases": float(others),
                 "rows": float(len(plan.projects)), "empty_rows": float(len(empty))},
    )  # fmt: skip


def _late(plan: Plan) -> list[Finding]:
    """Rows that are finished after the year of the targets: they cannot count for them."""
    late = [p for p in plan.projects if p.year_end is not None and p.year_end > plan.target_year]
    if not late:
        return []
    beds = sum(p.amount("beds") for p in late)
    places = sum(p.amount("places") for p in late)
    by_year: dict[int, list[str]] = {}
    for p in sorted(late, key=lambda p: p.year_end or 0):
        by_year.setdefault(p.year_end or 0, []).append(p.no)
    told = "；".join(f"{y}：{'、'.join(nos)}" for y, nos in by_year.items())
    told_en = "; ".join(f"{y}: {listed(nos)}" for y, nos in by_year.items())
    return [
        Finding(
            key="late",
            status="differs",
            sentence=Note(
                f"{len(late)} 个项目建成晚于目标年 {plan.target_year}，不能计入（床位"
                f" {amount(beds)}，托位 {amount(places)}）：{told}",
                f"{len(late)} projects are finished after {plan.target_year} and cannot count"
                f" (beds {amount(beds)}, places {amount(places)}): {told_en}",
            ),
            rows=tuple(p.no for p in late),
            numbers={"projects": float(len(late)), "beds": beds, "places": places},
        )
    ]


def _versions(plan: Plan, other: Plan | None) -> list[Finding]:
    """Figures that another version of the plan prints otherwise."""
    if other is None:
        return []
    found = []
    for key, one in plan.figures.items():
        two = other.figures.get(key)
        if two is None or two.value == one.value:
            continue
        found.append(
            Finding(
                key=f"version_{key}",
                status="differs",
                sentence=Note(
                    f"{one.zh}：本文 {amount(one.value)}，{other.zh} {amount(two.value)}",
                    f"{one.en}: {amount(one.value)} here, {amount(two.value)} in the other version",
                ),
                clause=_clauses(one, two),
                numbers={"here": one.value, "there": two.value},
            )
        )
    return found


RULES: dict[str, Callable[[Plan, Check], Finding]] = {
    "per_thousand": _per_thousand,
    "stock": _stock,
    "sum": _sum,
    "product_less": _product_less,
    "new": _new,
    "number_in_list": _number_in_list,
    "disagree": _disagree,
    "missing": _missing,
    "no_base": _no_base,
}
