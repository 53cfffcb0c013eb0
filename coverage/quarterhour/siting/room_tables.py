"""Who finds room at new sites, as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour import units
from quarterhour.inputs import Note
from quarterhour.siting.result import money
from quarterhour.siting.words import people_of, percent
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from quarterhour.siting.result import SiteResult


def room_notes(result: SiteResult) -> list[Note]:
    """Who finds room at the new sites, and how many do at all facilities before and after."""
    more, need = result.more, result.part.need_share
    assert more.served is not None  # noqa: S101 - the caller has looked
    served = people_of(result, more.more_served)
    of_zh = f"（按服务人群的 {percent(need)} 需要一个名额计）" if need else ""
    of_en = f" (counting {percent(need)} of the group as in need of one)" if need else ""
    notes = [
        Note(
            f"按容量分配，新址使 {served.zh}新有位置{of_zh}；同一人只计一次",
            f"the new sites give {served.en} a place{of_en}; nobody counts twice",
        )
    ]
    if more.unsized:
        n = more.unsized
        notes.append(
            Note(
                f"{n} 个候选点没有填写容量，不参与选址",
                f"{n} candidate{' has' if n == 1 else 's have'} no capacity and cannot be chosen",
            )
        )
    if more.room is None:
        word = Note(
            "现有设施没有填写床位或托位，视其覆盖范围内的人都已有位置",
            "existing facilities do not say how many beds or places they have: whoever they cover"
            " is taken to have room there",
        )
        return [*notes, word] if len(result.given.used) else notes
    before, after = (
        people_of(result, n) for n in (more.served.before, int(more.served.solution.objective))
    )
    room = people_of(result, more.room)
    notes.append(
        Note(
            f"现有设施共有 {room.zh}的位置；新旧设施共接纳 {before.zh} → {after.zh}",
            f"existing facilities have room for {room.en}; all facilities together take"
            f" {before.en} → {after.en}",
        )
    )
    if more.roomless:
        n = more.roomless
        notes.append(
            Note(
                f"{n} 处现有设施没有填写床位或托位，按没有位置计",
                f"{n} existing facilit{'y does' if n == 1 else 'ies do'} not say how many beds or"
                " places there are, and count for none",
            )
        )
    return notes


def room_table(result: SiteResult) -> Table:
    """The size of each site and how many find room there."""
    built = result.more.built(result.part)
    rows = []
    for k, site in enumerate(result.chosen.tolist()):
        size, _, load = built[site]
        cost = int(result.costs[k])
        rows.append(
            (result.sites.name[k], size or None, units.persons(load),
             money(cost) if cost >= 0 else None)
        )  # fmt: skip
    return Table(
        key="site_room",
        title=Note("规模与接纳人数", "Sizes and room"),
        columns=(
            Column("name", "名称", "name"),
            Column("size", "规模", "size"),
            Column("served", "可接纳", "finds room", "people"),
            Column("cost", "造价（万元）", "cost (万元)", "money"),
        ),
        rows=tuple(rows),
        notes=(
            Note(
                "容量约束的最大覆盖模型（Current 与 Storbeck，1988）：只计现状未覆盖者，一处居住点"
                "的人可分到几处，不超过各处容量",
                "Capacitated maximal covering (Current and Storbeck 1988): people who are not"
                " covered yet; those of one place may go to several sites, none beyond its room",
            ),
        ),
    )
