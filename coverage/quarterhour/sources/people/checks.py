"""What can be said against numbers of people: impossible densities and wrong units."""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Note
from quarterhour.sources.rows.columns import heading_unit, plain_heading

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

CROWDED_KM2 = 30_000.0
"""People per km2 over all land that anybody lives on: more is no city, it is another unit."""

PACKED_KM2 = 100_000.0
"""People per km2 of a single place; a few may be towers, many are another unit."""

THIN_KM2 = 100.0
"""Fewer people per km2 where a city is looked at are told, with what the other reading gives."""


def require_heading(heading: str, group: str, found: list[str], path: Path) -> None:
    """Raise `InputError` with a suggestion when the column or band `heading` is not there."""
    if heading in found:
        return
    near = difflib.get_close_matches(heading, found, 1, 0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    what = "people" if group == EVERYONE else f"the group {group!r}"
    raise InputError(
        f"{path}: has no column or band {heading!r} for {what}{hint}; found are {', '.join(found)}"
    )


def density_notes(file: str, people: FloatArray, m2: FloatArray, per_km2: bool) -> tuple[Note, ...]:
    """A note where the people are too many or too few for the land that they live on."""
    lived = (people > 0) & (m2 > 0)  # points among polygons have no land
    km2 = float(m2[lived].sum()) / 1e6
    total = float(people[lived].sum())
    if km2 <= 0 or total <= 0:
        return ()
    mean = total / km2
    density = people[lived] / (m2[lived] / 1e6)
    packed = float((density > PACKED_KM2).mean())
    # what the same numbers are when they are read the other way
    if per_km2:
        other = float(density.sum())
    else:
        other = float((people[lived] * (m2[lived] / 1e6)).sum())
    how_zh = "每平方公里人数" if per_km2 else "人数"
    zh = (
        f"{file}：读作{how_zh}，共 {total:,.0f} 人，有人的面积 {km2:,.1f} 平方公里，"
        f"平均每平方公里 {mean:,.2f} 人"
    )
    en = (
        f"{file}: read as {'people per km2' if per_km2 else 'people per cell'} it holds"
        f" {total:,.0f} people on {km2:,.1f} km2, {mean:,.2f} per km2"
    )
    if mean > CROWDED_KM2 or packed > 0.05:
        more = f"，{packed:.0%} 的格网超过每平方公里 10 万人" if packed > 0.05 else ""
        zh += f"{more}，这不可能。"
        en += f" ({packed:.0%} of the places above 100,000 per km2)" if packed > 0.05 else ""
        en += ", which is impossible."
    elif per_km2 and (mean < 1 or (mean < THIN_KM2 <= other / km2 <= CROWDED_KM2)):
        zh += "，对城市而言过少。"
        en += ", which is little for a city."
    else:
        return ()
    if per_km2:
        zh += f'若数值其实是每格人数，则共 {other:,.0f} 人：请改为 values = "count" 或核对单位'
        en += f' If they are people per cell there are {other:,.0f}: set values = "count", or check'
    else:
        zh += f'若数值其实是密度，则共 {other:,.0f} 人：请改为 values = "per_km2" 或核对单位'
        en += f' If they are densities there are {other:,.0f}: set values = "per_km2", or check'
    return (Note(zh, en + " the unit"),)


def heading_factor(heading: str) -> float:
    """Persons in one of what the column counts: 10,000 for 人口（万人）."""
    unit = heading_unit(heading)
    text = unicodedata.normalize("NFKC", heading)
    if unit in {"万人", "万"} or "万人" in text:
        return 10_000.0
    if unit in {"千人", "千"} or "千人" in text:
        return 1_000.0
    return 1.0


def is_share(heading: str) -> bool:
    """Whether a heading speaks of a part of the people and not of people: 60岁以上占比(%)."""
    text = unicodedata.normalize("NFKC", heading)
    plain = plain_heading(heading)
    words = ("占比", "比例", "比重", "百分比", "percent", "share", "ratio")
    return "%" in text or any(word in plain for word in words)


def shares_to_people(
    heading: str, share: FloatArray, people: FloatArray
) -> tuple[FloatArray, Note]:
    """People of a column of shares, in percent or as parts of 1, and the note that says so."""
    known = share[np.isfinite(share)]
    percent = "%" in unicodedata.normalize("NFKC", heading) or bool((known > 1).any())
    values = people * share / (100.0 if percent else 1.0)
    scale_zh, scale_en = ("百分比", "percent") if percent else ("比例", "parts of 1")
    return values, Note(
        f"“{heading}”按{scale_zh}读取，乘以该行人口",
        f"{heading!r} is read as {scale_en} and taken times the people of its row",
    )
