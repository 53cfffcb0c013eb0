"""A comparison of two runs in words: lines for a terminal, tables, and a part of a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import counted, verb
from quarterhour.render.words import group_label, label
from quarterhour.tabular import Chart, Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from quarterhour.answers.compare import Amounts, Comparison, ServicePair, UnitChange
    from quarterhour.answers.compare_files import Difference
    from quarterhour.answers.compare_gaps import OneGap

    Say = Callable[[str, str], None]

MOST_UNITS = 8
"""Units that are named on the terminal; all are in the tables."""

MOST_DIFFERENCES = 15

PARTS = {
    "program": Note("程序版本", "program"),
    "library": Note("程序库", "library"),
    "input": Note("输入数据", "input"),
    "option": Note("参数", "option"),
}

LEVELS = {
    "county": Note("区县", "county"), "town": Note("镇街", "town"),
    "community": Note("社区", "community"), "village": Note("村", "village"),
}  # fmt: skip


FEW = 100
"""People below which a decimal is told."""


def number(value: float) -> str:
    """People: whole, or with a decimal where there are few."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= FEW else f"{value:,.1f}"


def signed(value: float) -> str:
    """A difference with its sign; no difference is 0."""
    return "0" if abs(value) < 0.05 else ("+" if value > 0 else "−") + number(abs(value))


def percent(value: float | None) -> str:
    """A share as a percentage."""
    return "-" if value is None else f"{100 * value:.1f} %"


def difference_note(found: Difference) -> Note:
    """What is not the same in the two studies, in a line."""
    part = PARTS.get(found.part, Note(found.part, found.part))
    before, after = found.before or "（无）", found.after or "（无）"
    en = f"{part.en} {found.name}: {found.before or '(none)'} -> {found.after or '(none)'}"
    return Note(f"{part.zh} {found.name}：{before} → {after}", en)


def print_comparison(found: Comparison, say: Say) -> None:
    """What is different in the studies, then each service: totals, places, units, gaps."""
    if found.name_before == found.name_after:
        say(found.name_before, found.name_before)
    else:
        line = f"{found.name_before} → {found.name_after}"
        say(line, line)
    n = len(found.differences)
    if n:
        say(f"两次运行的不同 {n} 处", f"differences between the runs: {n}")
    else:
        say("两次运行的程序、数据和参数都相同", "both runs have the same program, data and options")
    for difference in found.differences[:MOST_DIFFERENCES]:
        note = difference_note(difference)
        say(f"  {note.zh}", f"  {note.en}")
    if n > MOST_DIFFERENCES:
        say(f"  另有 {n - MOST_DIFFERENCES} 处", f"  and {n - MOST_DIFFERENCES} more")
    for service in found.services:
        _print_service(service, found.kind, say)
    for names, zh, en in (
        (found.only_before, "只在前一次", "only in the earlier run"),
        (found.only_after, "只在后一次", "only in the later run"),
    ):
        if names:
            say(f"{zh}：{'、'.join(names)}", f"{en}: {', '.join(names)}")
    for note in found.notes:
        say(f"注意：{note.zh}", f"note: {note.en}")


def _print_service(service: ServicePair, kind: str, say: Say) -> None:
    walkers = [str(s.get("walker", "")) for s in (service.before, service.after)]
    how = walkers[0] if walkers[0] == walkers[1] else " → ".join(walkers)
    used = [int(s.get("facilities_used", 0)) for s in (service.before, service.after)]
    served = f"{used[0]}" if used[0] == used[1] else f"{used[0]} → {used[1]}"
    say(
        f"{service.name}（{how}；设施 {served} 处）",
        f"{service.name} ({how}; {served} {verb(served, 'facility', 'facilities')})",
    )
    for names, zh, en in ((service.opened, "新增设施", "more facilities"),
                          (service.closed, "减少的设施", "fewer facilities")):  # fmt: skip
        if names:
            shown = "、".join(names[:MOST_UNITS]) + (" …" if len(names) > MOST_UNITS else "")
            say(f"  {zh} {len(names)} 处：{shown}", f"  {en} ({len(names)}): {shown}")
    zh_unit, en_unit = (label(kind, tongue) for tongue in ("zh", "en"))
    zh_unit = "人" if kind == "people" else zh_unit
    for minutes, groups in service.amounts.items():
        for group in dict.fromkeys([service.group, EVERYONE]):
            if group not in groups:
                continue
            zh, en = _amounts_words(groups[group])
            name = [group_label(group, tongue, kind) for tongue in ("zh", "en")]
            say(
                f"  {minutes:g} 分钟 {name[0]}：可达 {zh}",
                f"  {minutes:g} min, {name[1]}: covered {en}",
            )
    places = service.places
    if places is not None:
        amounts = {
            gained: places.total(service.group, gained=gained)
            if service.group in places.amounts
            else places.total(EVERYONE, gained=gained)
            for gained in (True, False)
        }
        many = int(places.gained.sum())
        few = len(places.gained) - many
        say(
            f"  新增可达 {number(amounts[True])} {zh_unit}（{many:,} 处），不再可达"
            f" {number(amounts[False])} {zh_unit}（{few:,} 处），共比较 {places.n_places:,} 处",
            f"  gained {number(amounts[True])} {en_unit} ({counted(many, 'place')}), lost"
            f" {number(amounts[False])} ({counted(few, 'place')}), of"
            f" {counted(places.n_places, 'place')}",
        )
    _print_units(service.units, say)
    gaps = service.gaps
    if gaps is not None:
        for found, zh, en in ((gaps.closed, "消除的空白区（前一次的编号）",
                               "gaps closed (as named in the earlier run)"),
                              (gaps.new, "新出现的空白区（后一次的编号）",
                               "new gaps (as named in the later run)")):  # fmt: skip
            say(f"  {zh} {len(found)} 处{_gap_names(found, 'zh', zh_unit)}",
                f"  {en}: {len(found)}{_gap_names(found, 'en', en_unit)}")  # fmt: skip
        if gaps.stayed:
            say(
                f"  仍在的空白区 {gaps.stayed} 处，后一次为 {gaps.stayed_after} 处："
                f"{number(gaps.people_before)} → {number(gaps.people_after)} {zh_unit}",
                f"  gaps that stay: {gaps.stayed}, {gaps.stayed_after} in the later run;"
                f" {number(gaps.people_before)} -> {number(gaps.people_after)} {en_unit}",
            )


def _gap_names(found: Sequence[OneGap], tongue: str, unit: str) -> str:
    """Gaps by name, the first of them: ：甲村一带（30 人）、…."""
    zh = tongue == "zh"
    form = "{}（{} {}）" if zh else "{} ({} {})"
    named = [
        form.format(g.name.zh if zh else g.name.en, number(g.people), unit)
        for g in found[:MOST_UNITS]
    ]
    more = " …" if len(found) > MOST_UNITS else ""
    begin = ("：" if zh else ": ") if named else ""
    return begin + ("、" if zh else ", ").join(named) + more


def _told(a: Amounts) -> tuple[float, float, float]:
    """Covered before and after and the difference, of whole numbers where no decimal is told."""
    old, new = a.covered_before, a.covered_after
    if min(old, new) < FEW:
        return old, new, a.difference
    return round(old), round(new), round(new) - round(old)


def _amounts_words(a: Amounts) -> tuple[str, str]:
    totals = number(a.total_before)
    if a.total_before != a.total_after:
        totals = f"{totals} → {number(a.total_after)}"
    shares = f"{percent(a.share_before)} → {percent(a.share_after)}"
    old, new, change = _told(a)
    before, after, more = number(old), number(new), signed(change)
    return (
        f"{before} → {after}（{more}），占 {shares}，总量 {totals}",
        f"{before} -> {after} ({more}), {shares.replace('→', '->')} of {totals}",
    )


def _print_units(units: Sequence[UnitChange], say: Say) -> None:
    changed = [u for u in units if abs(u.amounts.difference) >= 0.05]
    changed.sort(key=lambda u: -abs(u.amounts.difference))
    for unit in changed[:MOST_UNITS]:
        level = LEVELS.get(unit.level, Note(unit.level, unit.level))
        share = f"{percent(unit.amounts.share_before)} → {percent(unit.amounts.share_after)}"
        more = signed(unit.amounts.difference)
        name = f"{unit.county}{unit.unit}"
        say(f"  {level.zh} {name}：{more}，{share}", f"  {level.en} {name}: {more}, {share}")
    if len(changed) > MOST_UNITS:
        say(f"  另有 {len(changed) - MOST_UNITS} 个单元有变化",
            f"  and {counted(len(changed) - MOST_UNITS, 'more unit')} changed")  # fmt: skip


def summary_of(found: Comparison) -> dict[str, Any]:
    """A comparison as a document.

    `before`, `after` (names of the studies), `unit`, `differences` (part: program, library, input
    or option; name, before, after), `services`, `only_before`, `only_after` (names of services) and
    `notes`. A service has `name`, `group`, `walker_before`, `walker_after`, `facilities_before`,
    `facilities_after` (numbers), `facilities_opened`, `facilities_closed` (names), `cutoffs` (with
    cutoff_min and, by group, total_before, total_after, covered_before, covered_after, difference,
    share_before, share_after), `places` (None where the places are not the same, else compared,
    gained_places, lost_places, and gained and lost by group), `units` (level, county, unit and the
    same figures of the service's group) and `gaps` (None without layers of gaps, else closed, new
    (name, name_en, people), stayed (gaps of the earlier run that are still there), stayed_after (as
    how many of the later run), people_before and people_after (of these)).
    """
    return {
        "before": found.name_before,
        "after": found.name_after,
        "unit": found.unit,
        "differences": [d._asdict() for d in found.differences],
        "services": [_service(s) for s in found.services],
        "only_before": list(found.only_before),
        "only_after": list(found.only_after),
        "notes": [{"zh": n.zh, "en": n.en} for n in found.notes],
    }


def _figures(a: Amounts) -> dict[str, Any]:
    return {
        "total_before": a.total_before,
        "total_after": a.total_after,
        "covered_before": a.covered_before,
        "covered_after": a.covered_after,
        "difference": a.difference,
        "share_before": a.share_before,
        "share_after": a.share_after,
    }


def _service(s: ServicePair) -> dict[str, Any]:
    p, gaps = s.places, s.gaps
    return {
        "name": s.name,
        "group": s.group,
        "walker_before": s.before.get("walker"),
        "walker_after": s.after.get("walker"),
        "facilities_before": s.before.get("facilities_used"),
        "facilities_after": s.after.get("facilities_used"),
        "facilities_opened": list(s.opened),
        "facilities_closed": list(s.closed),
        "cutoffs": [
            {"cutoff_min": minutes, "groups": {g: _figures(a) for g, a in groups.items()}}
            for minutes, groups in s.amounts.items()
        ],
        "places": None
        if p is None
        else {
            "compared": p.n_places,
            "gained_places": int(p.gained.sum()),
            "lost_places": int((~p.gained).sum()),
            "gained": {g: p.total(g, gained=True) for g in p.amounts},
            "lost": {g: p.total(g, gained=False) for g in p.amounts},
        },
        "units": [
            {"level": u.level, "county": u.county, "unit": u.unit, **_figures(u.amounts)}
            for u in s.units
        ],
        "gaps": None
        if gaps is None
        else {
            "closed": [_gap(g) for g in gaps.closed],
            "new": [_gap(g) for g in gaps.new],
            "stayed": gaps.stayed,
            "stayed_after": gaps.stayed_after,
            "people_before": gaps.people_before,
            "people_after": gaps.people_after,
        },
    }


def _gap(g: OneGap) -> dict[str, Any]:
    return {"name": g.name.zh, "name_en": g.name.en, "people": g.people}


FIGURES = (
    Column("covered_before", "之前可达", "covered before", "people"),
    Column("covered_after", "之后可达", "covered after", "people"),
    Column("difference", "变化", "difference", "people"),
    Column("share_before", "之前占比", "share before", "percent"),
    Column("share_after", "之后占比", "share after", "percent"),
)


def _row(a: Amounts) -> tuple[Any, ...]:
    return (*_told(a), a.share_before, a.share_after)


def tables_of(found: Comparison) -> list[Table]:
    """Totals by service, cutoff and group; units, where both runs have them; the differences."""
    definition = Note(
        "占比 = 可达人数 ÷ 该次运行的总人数（含未连路网者）",
        "share = covered / total of that run, unlinked included",
    )
    return [
        Table(
            key="compare",
            title=Note("两次运行的对比", "Two runs compared"),
            columns=(
                Column("service", "服务", "service"),
                Column("minutes", "分钟", "minutes", "number"),
                Column("group", "人群", "group"),
                *FIGURES,
            ),
            rows=tuple(
                (s.name, minutes, _group(group, found.kind), *_row(a))
                for s in found.services
                for minutes, groups in s.amounts.items()
                for group, a in groups.items()
            ),
            notes=(definition, *found.notes),
        ),
        *_unit_tables(found, definition),
        Table(
            key="compare_differences",
            title=Note("两次运行的不同", "Differences between the runs"),
            columns=(
                Column("part", "类别", "part"),
                Column("name", "名称", "name"),
                Column("before", "之前", "before"),
                Column("after", "之后", "after"),
            ),
            rows=tuple(
                (PARTS.get(d.part, Note(d.part, d.part)), d.name, d.before, d.after)
                for d in found.differences
            ),
        ),
    ]


def _group(group: str, kind: str) -> Note:
    return Note(group_label(group, "zh", kind), group_label(group, "en", kind))


def _unit_tables(found: Comparison, definition: Note) -> Iterator[Table]:
    for number_, s in enumerate(found.services, 1):
        if not s.units:
            continue
        yield Table(
            key=f"compare_units_{number_}",
            title=Note(f"{s.name}：分单元对比", f"{s.name}: by unit"),
            columns=(
                Column("level", "层级", "level"),
                Column("county", "区县", "county"),
                Column("unit", "单元", "unit"),
                *FIGURES,
            ),
            rows=tuple(
                (LEVELS.get(u.level, Note(u.level, u.level)), u.county, u.unit, *_row(u.amounts))
                for u in s.units
            ),
            notes=(definition,),
            chart=Chart(
                "barh",
                Note(f"{s.name}：各单元可达人数变化", f"{s.name}: change by unit"),
                "unit",
                ("difference",),
            ),
        )
