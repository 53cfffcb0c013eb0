"""The answers of a run in a few lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.answers.gap_words import REASON_WORDS
from quarterhour.render.words import both, group_label

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    most = found["rows"][:MOST_GAPS]
    zh = f"{name}：空白区 {found['gaps']} 处，{unit[0]}共 {_number(found['people'])}"
    en = f"{name}: {found['gaps']} gaps with {_number(found['people'])} ({unit[1]})"
    yield both(f"{zh}；最大的 {len(most)} 处：", f"{en}; the largest {len(most)}:", language)
    for gap in most:
        amount = _number(gap["people"][service["group"]])
        why = REASON_WORDS[gap["reason"]]
        lines = (
            f"  {gap['rank']}. {gap['name_zh']}：{amount}；{why.zh}；{gap['zh']}",
            f"  {gap['rank']}. {gap['name_en']}: {amount}; {why.en}; {gap['en']}",
        )
        # too long for one line in both languages
        yield from lines if language == "both" else lines[language == "en" :][:1]


def _supply(service: dict[str, Any], language: str) -> str:
    found = service["supply"]
    what = {"beds": ("床位", "beds"), "places": ("托位", "places")}[found["supply"]]
    need, served, full = (_number(found[k]) for k in ("need", "served", "full"))
    out = _number(found["out_of_reach"] + found["unlinked"])
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
