"""A plan in plain words, Chinese and English: what is measured, from which columns and layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.targets import words
from quarterhour.targets.filters import Filter, exact
from quarterhour.targets.rules import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quarterhour.targets.filters import Test
    from quarterhour.targets.schema import AnyRule, Head, Indicator, Plan

SIGNS = {"is": "=", "min": "≥", "max": "≤", "above": ">", "below": "<"}
ALWAYS = frozenset({"name", "kind", "urban", "town", "county", "community"})
"""Columns that need no mention where they stand beside a kind or a level."""


def explain(plan: Plan, kinds: Mapping[str, tuple[Note, str]]) -> tuple[Note, ...]:
    """Lines for reading: the plan, then every indicator with its parts.

    `kinds`: what each kind of facility is called, and its domain.
    """
    head = plan.plan
    said = " ".join(t for t in (head.document, head.date) if t)
    status = words.STATUS[head.status]
    n = len(plan.indicator)
    lines = [
        Note(
            f"{head.zh}（{head.key}）{said}，{status.zh}",
            f"{head.en} ({head.key}) {said}, {status.en}",
        ),
        Note(f"来源：{head.source}", f"source: {head.source}"),
        Note(f"共 {n} 项指标", counted(n, "indicator")),
    ]
    if head.note_zh or head.note_en:
        lines.append(Note(head.note_zh, head.note_en))
    for one in plan.indicator:
        lines += [Note("", ""), *indicator_lines(one, head, kinds)]
    return tuple(lines)


def indicator_lines(
    one: Indicator, head: Head, kinds: Mapping[str, tuple[Note, str]]
) -> list[Note]:
    """One indicator: what the plan says, what is measured and what that needs."""
    clause = Note(f"（{one.clause}）", f" ({one.clause})") if one.clause else Note("", "")
    open_ = Note("［数值未核实］", " [figure unconfirmed]") if one.unconfirmed else Note("", "")
    lines = [
        Note(f"{one.id} {one.zh}{clause.zh}{open_.zh}", f"{one.id} {one.en}{clause.en}{open_.en}")
    ]
    if one.base:
        lines.append(Note(f"    基期：{one.base}", f"    base: {one.base}"))
    if one.counted_per_zh or one.counted_per_en:
        lines.append(Note(f"    口径：{one.counted_per_zh}", f"    counted: {one.counted_per_en}"))
    for k, part in enumerate(one.part):
        told = part_words(part, one, head, kinds)
        number = f"{k + 1}. " if len(one.part) > 1 else ""
        name = Note(f"{part.zh}：" if part.zh else "", f"{part.en}: " if part.en else "")
        lines.append(Note(f"    {number}{name.zh}{told.zh}", f"    {number}{name.en}{told.en}"))
        need = words.listed(needs(part, head))
        lines.append(Note(f"    需要：{need.zh}", f"    needs: {need.en}"))
    if not one.part:
        lines.append(
            Note(f"    不由地图计算：{one.explain_zh}", f"    not of geography: {one.explain_en}")
        )
    if one.note_zh or one.note_en:
        lines.append(Note(f"    说明：{one.note_zh}", f"    note: {one.note_en}"))
    return lines


def part_words(
    part: AnyRule, one: Indicator, head: Head, kinds: Mapping[str, tuple[Note, str]]
) -> Note:
    """What a part measures, and its targets."""
    what = _measure(part, head, kinds)
    goals = [_target(part, one, k) for k in range(len(part.targets))]
    zh, en = "；".join(g.zh for g in goals), "; ".join(g.en for g in goals)
    return Note(f"{what.zh}。目标 {zh}", f"{what.en}. Target {en}")


def _target(part: AnyRule, one: Indicator, k: int) -> Note:
    goal = part.targets[k]
    sign = {">=": "≥", "<=": "≤"}.get(part.direction, part.direction)
    unit = Note(part.unit_zh or one.unit_zh, part.unit_en or one.unit_en)
    year_zh = f"（{goal.year}年）" if goal.year else ""
    year_en = f" ({goal.year})" if goal.year else ""
    if goal.value is None:
        return Note(
            f"未给出数值，用使用者的门槛{year_zh}", f"no number, the user's threshold{year_en}"
        )
    value = number_text(exact(goal.value))
    return Note(f"{sign} {value} {unit.zh}{year_zh}", f"{sign} {value} {unit.en}{year_en}")


def _measure(part: AnyRule, head: Head, kinds: Mapping[str, tuple[Note, str]]) -> Note:
    who = facility_words(part.facilities, kinds)
    which = filter_words(part.units, kinds)
    level = words.listed([head.level(key) for key in part.level])
    if part.level and (which.zh or which.en):
        level = Note(f"{level.zh}（{which.zh}）", f"{level.en} ({which.en})")
    if part.rule == "presence":
        return Note(
            f"每个{level.zh}至少有 {part.at_least} 个{who.zh}；达到的占比",
            f"share of the {level.en} with at least {part.at_least} of {who.en}",
        )
    if part.rule == "share_of_units":
        least = number_text(exact(part.at_least))
        minutes = f"{part.minutes or 0:g}"
        amount = words.column(part.attribute) if part.attribute else Note("数量", "number")
        base = words.column(part.per_attribute) if part.per_attribute else _group(part.group)
        per = number_text(exact(part.per))
        served = {
            "presence": Note(f"内有至少 {least} 个{who.zh}", f"with at least {least} of {who.en}"),
            "reach": Note(
                f"的{_group(part.group).zh}步行 {minutes} 分钟可达{who.zh}（按门槛）",
                f"whose people ({_group(part.group).en}) reach {who.en} in {minutes} minutes on"
                " foot (by the threshold)",
            ),
            "either": Note(
                f"内有{who.zh}，或步行 {minutes} 分钟可达（按门槛）",
                f"with {who.en} inside, or within {minutes} minutes on foot (by the threshold)",
            ),
            "ratio": Note(
                f"内{who.zh}的{amount.zh}每 {per} {base.zh}至少 {least}",
                f"whose {amount.en} of {who.en} per {per} {base.en} is at least {least}",
            ),
        }[part.by]
        return Note(f"{level.zh}中，{served.zh.removeprefix('的')}的占比",
                    f"share of the {level.en} {served.en}")  # fmt: skip
    if part.rule == "share_in_reach":
        where = {
            "all": Note("", ""),
            "urban": Note("城区内", "urban "),
            "rural": Note("城区以外", "rural "),
            "urban_or_all": Note("城区内（未给城区时为全部）", "urban (all where not known) "),
        }[part.where]
        group = _group(part.group)
        return Note(
            f"{where.zh}{group.zh}步行 {part.minutes:g} 分钟可达{who.zh}的占比",
            f"share of the {where.en}{group.en} within {part.minutes:g} minutes' walk of {who.en}",
        )
    return _amounts(part, kinds, who, level)


def _amounts(
    part: AnyRule,
    kinds: Mapping[str, tuple[Note, str]],
    who: Note,
    level: Note,
) -> Note:
    attribute = getattr(part, "attribute", None)
    amount = words.column(attribute) if attribute else Note("数量", "number")
    thing = level if "units" in {getattr(part, "of", ""), getattr(part, "over", "")} else who
    opened = ""
    if getattr(part, "opened", None) == "year":
        opened = "当年新增的"
    elif getattr(part, "opened", None) == "since":
        opened = f"{getattr(part, 'since', 0)} 年以后新增的"
    opened_en = {"": "", "当年新增的": "opened in the year, "}.get(
        opened, f"opened after {getattr(part, 'since', 0)}, "
    )
    if part.rule == "total":
        return Note(f"{opened}{thing.zh}的{amount.zh}合计", f"{opened_en}{amount.en} of {thing.en}")
    if part.rule == "ratio":
        base = words.column(part.per_attribute) if part.per_attribute else _group(part.group)
        per = number_text(exact(part.per))
        each = (
            Note(f"各{level.zh}中最低的：", f"lowest of the {level.en}: ")
            if part.level
            else Note("", "")
        )
        return Note(
            f"{each.zh}{opened}{who.zh}的{amount.zh} ÷ {base.zh} × {per}",
            f"{each.en}{opened_en}{amount.en} of {who.en} / {base.en} x {per}",
        )
    if part.rule == "share_of":
        having = filter_words(part.having, kinds)
        own = words.column(part.part_attribute) if part.part_attribute else None
        some = words.listed([n for n in (own, having if having.zh else None) if n])
        return Note(
            f"{thing.zh}的{amount.zh}中，{some.zh}的占比",
            f"share of the {amount.en} of {thing.en} that is {some.en}",
        )
    size = filter_words(getattr(part, "where_size", Filter()), kinds)
    must = filter_words(getattr(part, "must", Filter()), kinds)
    of_size = Note(f"（{size.zh}）", f" ({size.en})") if size.zh else Note("", "")
    return Note(
        f"{thing.zh}{of_size.zh}必须 {must.zh}；达到的占比",
        f"share of {thing.en}{of_size.en} that fulfil {must.en}",
    )


def _group(key: str) -> Note:
    known = {
        "all": Note("人口", "people"),
        "age_60_plus": Note("60岁及以上老年人", "people aged 60 and over"),
        "age_0_3": Note("3岁以下婴幼儿", "children under three"),
    }
    return known.get(key, Note(key, key))


def facility_words(condition: Filter, kinds: Mapping[str, tuple[Note, str]]) -> Note:
    """Which facilities count."""
    told = filter_words(condition, kinds)
    return told if told.zh else Note("设施", "facilities")


def filter_words(condition: Filter, kinds: Mapping[str, tuple[Note, str]]) -> Note:
    """The conditions in words; empty where there are none."""
    parts: list[Note] = []
    if condition.kinds:
        names = [kinds[k][0] if k in kinds else Note(k, k) for k in condition.kinds]
        parts.append(Note("/".join(n.zh for n in names), "/".join(n.en for n in names)))
    if condition.domain:
        domain = words.DOMAINS[condition.domain]
        parts.append(Note(f"{domain.zh}设施", f"{domain.en} facilities"))
    parts += [_test(test) for test in condition.tests]
    for several in (condition.alternatives, condition.known_alternatives):
        if several:
            told = [filter_words(f, kinds) for f in several]
            parts.append(Note("或".join(t.zh for t in told), " or ".join(t.en for t in told)))
    if condition.if_known:
        told = [filter_words(f, kinds) for f in condition.if_known]
        parts.append(
            Note(
                "、".join(t.zh for t in told) + "（有这一列时）",
                ", ".join(t.en for t in told) + " (where that column is there)",
            )
        )
    return Note("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))


def _test(test: Test) -> Note:
    name = words.column(test.column)
    value = test.value
    if isinstance(value, bool):
        if test.op == "filled":
            return Note(f"{name.zh}{'已填' if value else '未填'}",
                        f"{name.en} {'filled in' if value else 'empty'}")  # fmt: skip
        return Note(
            f"{name.zh}为{'是' if value else '否'}", f"{name.en} = {'yes' if value else 'no'}"
        )
    if isinstance(value, tuple):
        said = [words.VALUES.get(v, Note(v, v)) for v in value]
        text = Note("/".join(v.zh for v in said), "/".join(v.en for v in said))
        zh = {"contains": "含", "not": "不含"}.get(test.op, "为")
        en = {"contains": "contains", "not": "without"}.get(test.op, "is")
        return Note(f"{name.zh}{zh}“{text.zh}”", f"{name.en} {en} {text.en}")
    sign = SIGNS.get(test.op, "=")
    shown = value if isinstance(value, str) else number_text(value)
    if test.column.endswith("_year"):
        shown = shown.replace(",", "")
    return Note(f"{name.zh} {sign} {shown}", f"{name.en} {sign} {shown}")


def needs(part: AnyRule, head: Head) -> list[Note]:
    """Columns of the facilities and layers of the study without which a part is unknown."""
    over_units = "units" in {getattr(part, "of", ""), getattr(part, "over", "")}
    found: list[Note] = []
    own = [getattr(part, key, None) for key in ("attribute", "part_attribute")]
    conditions = [getattr(part, key, None) for key in ("having", "where_size", "must")]
    columns = [c for f in conditions if f is not None for c in f.columns]
    columns += [c for c in own if c]
    if not over_units:
        year = ["open_year"] if getattr(part, "opened", None) else []
        more = [*part.facilities.columns, *columns, *year]
        if getattr(part, "per_attribute", None) and not part.level:
            more.append(str(getattr(part, "per_attribute", "")))
        found.append(_table(Note("设施表：类型", "facilities: kind"), more))
    if part.level:
        level = words.listed([head.level(key) for key in part.level])
        more = list(part.units.columns)
        if over_units:
            more += columns
        if getattr(part, "per_attribute", None):
            more.append(str(getattr(part, "per_attribute", "")))
        found.append(_table(Note(f"{level.zh}图层", f"layer of {level.en}"), more))
    walked = getattr(part, "minutes", None) is not None
    people = walked or (part.rule == "ratio" and not getattr(part, "per_attribute", None))
    if people:
        group = _group(str(getattr(part, "group", "all")))
        found.append(group if group.zh == "人口" else Note(f"人口（{group.zh}）", group.en))
    if walked:
        found.append(Note("步行道路", "roads"))
    if getattr(part, "where", "all") in {"urban", "rural"}:
        found.append(Note("城区范围 [urban]", "the urban area [urban]"))
    return found


def _table(label: Note, columns: list[str]) -> Note:
    told = [words.column(c) for c in dict.fromkeys(columns) if c not in ALWAYS]
    if not told:
        return label
    return Note(
        f"{label.zh}、{'、'.join(t.zh for t in told)}",
        f"{label.en}, {', '.join(t.en for t in told)}",
    )
