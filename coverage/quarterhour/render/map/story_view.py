"""The pieces of a view of the briefing: its form, who is counted, shares and changes as words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.measures import Measure, measure
from quarterhour.render.sentences import gap_people, percent, share_base
from quarterhour.render.words import group_pair

if TYPE_CHECKING:
    from quarterhour.render.map.layers import Figure, GapList

    Pair = tuple[str, str]


def view_of(
    kind: str,
    title: Pair,
    said: Pair,
    figure: str = "",
    of: Pair = ("", ""),
    *,
    service: int = 0,
    gap: int = -1,
    scenario: int = -1,
    lines: list[Pair] | None = None,
) -> dict[str, Any]:
    """`kind`: what the page turns on. `figure`, `of`: the large number and what it is part of."""
    out: dict[str, Any] = {
        "kind": kind, "title": list(title), "said": list(said), "figure": figure,
        "of": list(of), "service": service, "gap": gap, "scenario": scenario,
    }  # fmt: skip
    if lines:
        out["lines"] = [list(line) for line in lines]
    return out


def who_of(group: str, unit: str, *amounts: float) -> Pair:
    """Who or what is counted, with the unit of amounts: 人（60岁以上）, people aged 60 and over."""
    _, zh, en = measure(unit, *amounts)
    if unit != "people":
        return zh, en
    group_zh, group_en = group_pair(group, unit)
    if group == "all":
        return zh, en
    return f"{zh}（{group_zh}）", f"{en} {group_en}" if group_en.startswith("aged") else group_en


def base_of(figure: Figure, unit: str) -> tuple[str, Pair] | None:
    """A share and what it is a share of."""
    base = share_base(figure)
    if base is None or figure.share_covered is None:
        return None
    who = who_of(figure.group, unit, figure.total)
    linked = base[0] == "share_of_linked"
    number = measure(unit, figure.total).number
    of = f"{number(figure.covered)} / {number(base[1])}"
    return percent(figure.share_covered), (
        f"{of} {who[0]}{'（已连接路网者）' if linked else ''}",
        f"{of} {who[1]}{' linked to roads' if linked else ''}",
    )


def share_of(part: float, whole: float) -> str:
    """Of a whole, in per cent; a dash of nothing."""
    return percent(part / whole) if whole > 0 else "–"


def signed(change: float, told: Measure) -> str:
    """A change with its sign; none has none."""
    if abs(change) < 0.5:
        return "0"
    return f"{'+' if change > 0 else '−'}{told.number(abs(change))}"


def still_left(gaps: GapList | None, figure: Figure, unit: str) -> list[Pair]:
    """Who is left out in a state, in the gaps that are drawn with it; empty without any."""
    if gaps is None or not gaps.total:
        return []
    told = measure(unit, figure.total)
    people = told.told(gap_people(gaps, figure, unit))
    what = "gaps" if gaps.total > 1 else "gap"
    return [
        (
            f"仍走不到或未能连接路网的有 {people.zh}，分布在 {gaps.total:,} 处空白区。",
            f"Still not reaching it, or not linked: {people.en} in {gaps.total:,} {what}.",
        )
    ]
