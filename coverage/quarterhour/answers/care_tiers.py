"""The 90-7-3 split of elderly care, and the wish for nursery places, against what is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.answers.answer_words import group_note
from quarterhour.answers.supply_demand import supply_of
from quarterhour.inputs import Note
from quarterhour.sources.facilities.kinds import KINDS
from quarterhour.study_file.settings_answers import check_shares
from quarterhour.tabular import Column, Table
from quarterhour.units import persons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.study_file.answer_parts import SupplyPart

__all__ = [
    "Tier", "TierTable", "check_shares", "elderly_tiers", "nursery_tier", "summary_of",
    "tables_of", "tier_of", "tiers_of",
]  # fmt: skip

HOME, COMMUNITY, INSTITUTION, NURSERY = "home", "community", "institution", "nursery"
UNCLEAR = "unclear"

TIERS = {
    HOME: Note("居家养老", "at home"),
    COMMUNITY: Note("社区养老", "in the community"),
    INSTITUTION: Note("机构养老", "in institutions"),
    NURSERY: Note("入托", "in nurseries"),
    UNCLEAR: Note("类别未识别的设施", "facilities of no known kind"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Need and supply of one way of being cared for.

    `share`: of the people; None where there is none. `need`: people. `supply`: beds or places, None
    where nobody has said. `without_value`: facilities counted in it that say no number.
    """

    key: str
    share: float | None
    need: float | None
    supply: float | None
    without_value: int = 0

    @property
    def gap(self) -> float | None:
        """need - supply, below 0 where there is more than is needed; None where one is unknown."""
        if self.need is None or self.supply is None:
            return None
        return _rounded(self.need - self.supply)

    @property
    def met(self) -> float | None:
        """supply / need, None where one is unknown or nothing is needed."""
        if not self.need or self.supply is None:
            return None
        return self.supply / self.need


@dataclass(frozen=True, slots=True, kw_only=True)
class TierTable:
    """Tiers of one group: `people` of it; `column`: beds or places; `group`: its name."""

    people: float
    column: str
    group: Note
    tiers: tuple[Tier, ...]


def elderly_tiers(
    people: float, supply: dict[str, float | None], part: SupplyPart
) -> tuple[Tier, ...]:
    """Need in people of home, community and institution, against the `supply` of each (beds).

    Raises
    ------
    InputError
        The three shares do not add up to 1.
    """
    check_shares(part)
    shares = {
        HOME: part.home_share,
        COMMUNITY: part.community_share,
        INSTITUTION: part.institution_share,
    }
    return tuple(
        Tier(key=k, share=s, need=_rounded(people * s), supply=supply.get(k))
        for k, s in shares.items()
    )


def nursery_tier(children: float, places: float | None, part: SupplyPart) -> Tier:
    """Need of nursery places: the children times the share that wishes for one."""
    return Tier(
        key=NURSERY,
        share=part.nursery_wish,
        need=_rounded(children * part.nursery_wish),
        supply=places,
    )


def _rounded(people: float) -> float:
    """Without the last bits of a product of floats; millionths are all that people have."""
    return round(people, 6)


def tiers_of(assessments: Sequence[Assessment], part: SupplyPart, *, column: str) -> TierTable:
    """Tiers of the services of one group, from the facilities that serve inside the study area.

    `column`: beds gives home, community and institution, places the nursery wish. A facility that
    several services name counts once. Those too far from a road count here: their beds exist.
    Home beds are those of the column family_beds. Institutions are the kinds counted among
    养老机构; other elderly care is of the community.

    Raises
    ------
    InputError
        The shares do not add up to 1.
    """
    first = assessments[0]
    people = persons(first.counts[-1][first.group].total)
    found = _supply(assessments, column)
    supply = {key: value for key, (value, _) in found.items()}
    needed = (
        elderly_tiers(people, supply, part)
        if column == "beds"
        else (nursery_tier(people, supply[NURSERY], part),)
    )
    tiers = [replace(t, without_value=found[t.key][1]) for t in needed]
    beds, silent = found[UNCLEAR]
    if beds or silent:
        tiers.append(Tier(key=UNCLEAR, share=None, need=None, supply=beds, without_value=silent))
    return TierTable(
        people=people, column=column, group=group_note(first, first.group), tiers=tuple(tiers)
    )


def _supply(assessments: Sequence[Assessment], column: str) -> dict[str, tuple[float | None, int]]:
    """Beds or places by tier, and how many facilities of it say no number."""
    values: dict[str, list[float]] = {key: [] for key in TIERS}
    home: list[float] = []
    seen: set[tuple[str, str, int]] = set()
    for a in assessments:
        f = a.facilities
        inside = shapely.intersects_xy(a.ground.area, f.lon, f.lat)
        beds, family = supply_of(f, column), supply_of(f, "family_beds")
        for k in np.flatnonzero(f.serving & inside):
            at = (f.file, f.sheet, int(f.row[k]))
            if at in seen:
                continue
            seen.add(at)
            keys = f.kind_keys[k] if f.kind_keys else ()
            values[NURSERY if column == "places" else tier_of(keys)].append(float(beds[k]))
            home.append(float(family[k]))
    values[HOME] = [v for v in home if np.isfinite(v)]
    result: dict[str, tuple[float | None, int]] = {}
    for key, numbers in values.items():
        stated = [v for v in numbers if np.isfinite(v)]
        silent = len(numbers) - len(stated)
        # no facility is no bed; facilities that say nothing, or may be anything, are no answer
        none = not numbers and key != HOME and not values[UNCLEAR]
        known = bool(stated) or none
        result[key] = (sum(stated) if known else None, silent)
    return result


def tier_of(keys: Sequence[str]) -> str:
    """Tier of a facility by the keys of its kind: institution, community or unclear."""
    every = {wider for key in keys for wider in (key, *KINDS[key].broader)}
    if "elderly_institution" in every:
        return INSTITUTION
    if any(KINDS[key].domain in {"elderly", "both"} for key in keys):
        return COMMUNITY
    return UNCLEAR


def summary_of(table: TierTable) -> dict[str, Any]:
    """Tiers for summary.json: people, column, and by tier share, need (people), supply, gap, met.

    `gap` = need - supply, `met` = supply / need; None where the supply is not known.
    """
    return {
        "people": table.people,
        "column": table.column,
        "group": table.group.en,
        "tiers": [
            {
                "tier": t.key, "share": t.share, "need": t.need, "supply": t.supply, "gap": t.gap,
                "met": t.met, "facilities_without_value": t.without_value,
            }
            for t in table.tiers
        ],
    }  # fmt: skip


def tables_of(table: TierTable, *, number: int = 1) -> list[Table]:
    """The tiers as one table. `number`: of the service in the study, part of the key."""
    beds = table.column == "beds"
    title = (
        Note("养老需求与床位", "Elderly care: need and beds")
        if beds
        else Note("入托需求与托位", "Nurseries: need and places")
    )
    supply = Note("现有床位", "Beds") if beds else Note("现有托位", "Places")
    who = table.group
    notes = [
        Note(
            f"需求 = 研究范围内{who.zh}（{table.people:,.0f}人）× 比例；"
            "缺口 = 需求 - 现有，负数为富余",
            f"Need = people inside the study area ({who.en}: {table.people:,.0f}) x share; gap ="
            " need - what is there, below 0 where there is more",
        ),
        Note(
            "现有数量只计研究范围内已计入的设施，离路网太远的也计入；没有数量的设施单列",
            "What is there: serving facilities inside the area, those too far from a road included;"
            " facilities without a number are counted apart",
        ),
    ]
    if beds:
        notes.append(
            Note(
                "机构：养老机构（养老院、敬老院、护理院等）；社区：其他养老服务设施；居家：家庭养老床位。"
                "比例为参数（[supply]），默认9073（资府办发〔2023〕7号）",
                "Institutions: the kinds counted among 养老机构; community: other elderly care;"
                " home: beds at home. The shares are parameters ([supply]); 90, 7 and 3 percent are"
                " those of the Ziyang plan (资府办发〔2023〕7号)",
            )
        )
    else:
        notes.append(
            Note(
                "入托意愿比例为参数（[supply] nursery_wish）",
                "The share that wishes for a place is a parameter ([supply] nursery_wish)",
            )
        )
    return [
        Table(
            key=f"tiers_{number}",
            title=title,
            columns=(
                Column("tier", "方式", "Where"),
                Column("share", "比例", "Share", "percent"),
                Column("need", "需求（人）", "Need (people)", "people"),
                Column("supply", supply.zh, supply.en, "number"),
                Column("gap", "缺口", "Gap", "number"),
                Column("met", "满足率", "Met", "percent"),
                Column("silent", "无数量的设施", "Facilities without a number", "integer"),
            ),
            rows=tuple(
                (TIERS[t.key], t.share, t.need, t.supply, t.gap, t.met, t.without_value)
                for t in table.tiers
            ),
            notes=tuple(notes),
        )
    ]
