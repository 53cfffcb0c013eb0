"""The answers of a run in a few lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.answers.gap_words import REASON_WORDS
from quarterhour.measures import counted, parts_told, split_told
from quarterhour.render.words import both, group_label

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME_PEOPLE = 1e-3
"""Sums of millionths, each rounded once, are the same within this."""

MOST_GAPS = 3
"""Gaps of a service that are named; all of them are in the outputs."""


def answer_lines(summary: dict[str, Any], language: str) -> Iterator[str]:
    """Lines on gaps, overlap, supply and targets, as far as the summary has them."""
    for service in summary["services"]:
        if "gaps" in service:
            yield from _gaps(service, summary["study"]["demand"]["kind"], language)
        if "supply" in service:
            yield _supply(service, language)
    for plan in summary.get("targets", {}).get("plans", []):
        zh = f"规划 {plan['zh']}：达标 {plan['pass']}，未达标 {plan['fail']}，"
        zh += f"无法判断 {plan['unknown']}"
        en = (
            f"plan {plan['en']}: {plan['pass']} pass, {plan['fail']} fail,"
            f" {plan['unknown']} unknown"
        )
        yield both(zh, en, language)


def _gaps(service: dict[str, Any], kind: str, language: str) -> Iterator[str]:
    found, name = service["gaps"], service["name"]
    if not found["gaps"]:
        return
    unit = group_label(service["group"], "zh", kind), group_label(service["group"], "en", kind)
    most, people = found["rows"][:MOST_GAPS], _number(_in_gaps(service))
    few = f"the largest {len(most)}" if len(most) > 1 else "the largest"
    zh = f"{name}：空白区 {found['gaps']} 处，{unit[0]}共 {people}"
    en = f"{name}: {counted(found['gaps'], 'gap')} with {people} ({unit[1]})"
    yield both(f"{zh}；最大的 {len(most)} 处：", f"{en}; {few}:", language)
    for gap in most:
        amount = _number(gap["people"][service["group"]])
        why = REASON_WORDS[gap["reason"]]
        lines = (
            f"  {gap['rank']}. {gap['name_zh']}：{amount}；{why.zh}；{gap['zh']}",
            f"  {gap['rank']}. {gap['name_en']}: {amount}; {why.en}; {gap['en']}",
        )
        # too long for one line in both languages
        yield from lines if language == "both" else lines[language == "en" :][:1]


def _in_gaps(service: dict[str, Any]) -> float:
    """People in all gaps: where these are all who are left out, as many as are told to be."""
    row = service["cutoffs"][-1]["groups"][service["group"]]
    people: float = service["gaps"]["people"]
    if abs(people - row["uncovered"] - row["unlinked"]) > SAME_PEOPLE:
        return people
    told = parts_told(*(row[k] for k in ("total", "covered", "uncovered", "unlinked")))
    return told.uncovered + told.unlinked


def _supply(service: dict[str, Any], language: str) -> str:
    found = service["supply"]
    what = {"beds": ("床位", "beds"), "places": ("托位", "places")}[found["supply"]]
    whole = round(found["need"])
    parts = [found[k] for k in ("served", "full", "unstated", "out_of_reach", "unlinked")]
    served_, full_, _, far, apart = split_told(whole, parts)  # as the report tells them
    need, served, full, out = map(_number, (whole, served_, full_, far + apart))
    share = f"{found['need_share']:.0%}"
    return both(
        f"{service['name']}：需求 {need}（该人群的 {share}），{what[0]}"
        f" {found['supply_total']:,.0f}：可安排 {served}，附近已满 {full}，走不到 {out}",
        f"{service['name']}: {need} in need ({share} of the group), {found['supply_total']:,.0f}"
        f" {what[1]}: {served} served, {full} in reach but full, {out} out of reach",
        language,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}"
