"""The towns of a study as units, and the counties that they make up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.inputs import UnitSet
from quarterhour.sources.units.town_names import ENDINGS, STREET, TOWN, TOWNSHIP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from quarterhour.sources.units.towns import Towns

COUNTY, TOWN_LEVEL = "county", "town"

TOWN_KINDS = {STREET: "street", TOWN: "town", TOWNSHIP: "township"}
"""Kind of a town by what it is written as."""

LEVEL_WORDS = {
    COUNTY: ("区县", "县区", "区", "县", "counties"),
    TOWN_LEVEL: ("乡镇", "镇街", "街镇", "街道", "乡镇街道", "乡镇（街道）", "towns"),
    "community": ("社区", "村社区", "社区（村）", "communities"),
    "village": ("村", "行政村", "建制村", "villages"),
    "new_residential": ("新建居住区", "新建小区", "新建住宅小区"),
    "old_residential": ("已建成居住区", "老旧小区", "老城区", "既有居住区"),
}
"""What a study may call a level instead of its own word."""

ORDER = (COUNTY, TOWN_LEVEL, "community", "village")
"""Levels from the largest to the smallest; others come behind them."""


def level_named(word: str) -> str:
    """The level that a study means by a word, such as 社区; any other word is its own level."""
    plain = word.strip()
    return next((level for level, words in LEVEL_WORDS.items() if plain in words), plain)


def in_order(levels: Mapping[str, UnitSet]) -> dict[str, UnitSet]:
    """Units by level, from counties down; levels of the study's own words in their order behind."""
    known = [level for level in ORDER if level in levels]
    return {level: levels[level] for level in [*known, *(k for k in levels if k not in known)]}


def kind_of(level: str, name: str, kind: str) -> str:
    """The kind as it is written; of a town street, town or township by its kind or its name."""
    if level != TOWN_LEVEL:
        return kind
    if kind in TOWN_KINDS.values():
        return kind
    for text in (kind, name):
        found = next((of for ending, of in ENDINGS if text.endswith(ending)), None)
        if found is not None:
            return TOWN_KINDS[found]
    return kind


def unions(geometry: NDArray[Any], parts: Iterable[Sequence[int]]) -> NDArray[Any]:
    """One geometry for each of `parts`, which are indices of its polygons."""
    made = [shapely.union_all(geometry[list(members)]) for members in parts]
    result = np.empty(len(made), object)
    result[:] = made
    return result


def units_of_towns(towns: Towns) -> UnitSet:
    """The towns of a study as units of the level town, in the order of their register."""
    entries = towns.register.towns
    attributes = dict(towns.attributes)
    if any(entry.city for entry in entries):
        attributes["city"] = tuple(entry.city for entry in entries)
    return UnitSet(
        level=TOWN_LEVEL,
        name=tuple(entry.town for entry in entries),
        county=tuple(entry.county for entry in entries),
        kind=tuple(kind_of(TOWN_LEVEL, entry.town, "") for entry in entries),
        geometry=towns.geometry,
        row=np.arange(1, len(entries) + 1) if towns.row is None else towns.row,
        attributes=attributes,
        file=towns.file,
    )


def counties_of(towns: Towns) -> UnitSet:
    """The counties of a study's towns as units of the level county: each the union of its towns."""
    found = towns.register.by_county
    attributes = {"city": tuple(city for city, _ in found)} if any(c for c, _ in found) else {}
    first = [members[0] for members in found.values()]
    return UnitSet(
        level=COUNTY,
        name=tuple(county for _, county in found),
        county=("",) * len(found),
        kind=("",) * len(found),
        geometry=unions(towns.geometry, found.values()),
        row=np.array(first, np.int64) + 1 if towns.row is None else towns.row[first],
        attributes=attributes,
        file=towns.file,
    )
