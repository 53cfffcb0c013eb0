"""Tags of OpenStreetMap: filters in a short notation, and what they say about a facility."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from quarterhour.errors import InputError
from quarterhour.sources.facilities.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Tags = Mapping[str, str]


class TagFilter(NamedTuple):
    """Tags that an object must all have.

    `conditions`: key and values, one of which must be there; None for any value, an empty set for
    a key that must not be there.
    """

    text: str
    conditions: tuple[tuple[str, frozenset[str] | None], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys that must be there."""
        return tuple(key for key, values in self.conditions if values is None or values)

    def met_by(self, tags: Tags) -> bool:
        """Whether an object with these tags is meant; values may be lists such as senior;child."""
        for key, values in self.conditions:
            value = tags.get(key)
            if value is None:
                if values is None or values:
                    return False
            elif values is not None and values.isdisjoint(_values(value)):
                return False
        return True

    def kind_of(self, tags: Tags) -> str:
        """What the tags call the object: the value of the last key that says what it is."""
        key = next((k for k in reversed(self.keys) if not k.endswith(":for")), self.keys[0])
        values = dict(self.conditions)[key]
        return next((v for v in _values(tags[key]) if values is None or v in values), tags[key])


def _values(value: str) -> list[str]:
    return [part.strip() for part in value.split(";")]


def tag_filter(text: str) -> TagFilter:
    """The filter that a text means: "key=value", several joined by + (all of them).

    A value may be several with | between them (any of them), or * (any value); !key is a key that
    must not be there.

    Raises
    ------
    InputError
        The text is no filter.
    """
    conditions: list[tuple[str, frozenset[str] | None]] = []
    for part in str(text).split("+"):
        found = re.fullmatch(r"\s*(!?)\s*([^=!+|\s]+)\s*(?:=\s*([^=]*?)\s*)?", part)
        values = [v.strip() for v in found[3].split("|")] if found and found[3] else []
        if not found or bool(found[1]) == (found[3] is not None) or not all(values or [found[1]]):
            raise InputError(
                f"tags: {text!r} is not a tag of OpenStreetMap; needed is key=value, such as"
                ' "amenity=kindergarten", "amenity=kindergarten|childcare" or'
                ' "amenity=social_facility+social_facility:for=senior"'
            )
        conditions.append((found[2], None if "*" in values else frozenset(values)))
    if not any(values is None or values for _, values in conditions):
        raise InputError(f"tags: {text!r} says only what must not be there; needed is key=value")
    return TagFilter(str(text), tuple(conditions))


@cache
def kind_filters() -> tuple[tuple[str, TagFilter], ...]:
    """Every filter of the kinds table with its kind."""
    return tuple((key, tag_filter(text)) for key, kind in KINDS.items() for text in kind.osm)


def default_filters() -> tuple[TagFilter, ...]:
    """The filters of all kinds that serve older people or children."""
    return tuple(each for key, each in kind_filters() if KINDS[key].domain != "other")


def kinds_of_tags(tags: Tags) -> tuple[str, ...]:
    """Keys of the kinds that the tags say, without those that another says more exactly."""
    met = [(key, each) for key, each in kind_filters() if each.met_by(tags)]

    def said_better(key: str, each: TagFilter) -> bool:
        mine = set(each.keys)
        return any(
            other != key and (key in KINDS[other].broader or mine < set(more.keys))
            for other, more in met
        )

    return tuple(dict.fromkeys(key for key, each in met if not said_better(key, each)))


def best_filter(filters: Sequence[TagFilter], tags: Tags) -> TagFilter | None:
    """Of the filters that an object meets the one with the most keys, the first of equals."""
    met = [each for each in filters if each.met_by(tags)]
    return max(met, key=lambda each: len(each.keys)) if met else None


def name_of(tags: Tags) -> str:
    """The name, or else the Chinese or English one, or else the operator; "" for none."""
    names = (tags.get(key, "").strip() for key in ("name", "name:zh", "name:en", "operator"))
    return next(filter(None, names), "")


def address_of(tags: Tags) -> str:
    """Street and house number as they are written in the language of the street."""
    full = tags.get("addr:full", "").strip()
    street = (tags.get("addr:street") or tags.get("addr:place") or "").strip()
    number = tags.get("addr:housenumber", "").strip()
    if full or not street:
        return full
    chinese = not street.isascii() and re.search(r"[\u4e00-\u9fff]$", street)
    if chinese and number and not number.endswith("号"):
        number += "号"
    return f"{street}{'' if chinese else ' '}{number}".strip()
