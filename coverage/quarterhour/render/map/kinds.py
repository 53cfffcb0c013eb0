"""Kinds of facilities within a service and the shapes by which a map tells them apart.

Colour names the service and shape the kind, so that nothing depends on colour. No two kinds of a
map share a shape as long as there are shapes left.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from quarterhour.render import palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.map.layers import MapData

    Pair = tuple[str, str]

MOST: Final = 5
"""Kinds of a service with a shape of their own; where there are more, the rest share one more."""

REST: Final = ("其他或未注明", "other or not stated")

SHAPES: Final = (
    "square", "triangle", "diamond", "plus", "star", "down", "house", "bar", "hexagon", "pentagon",
    "circle",
)  # fmt: skip
"""For kinds beside the first of a service, those that are told apart best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLook:
    """One kind, Chinese and English, with its shape and how many facilities are drawn with it."""

    name: Pair
    shape: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLook:
    """The look of a service; `of`: per facility its place in `kinds`; both empty for one kind."""

    colour: str
    shape: str
    kinds: tuple[KindLook, ...] = ()
    of: tuple[int, ...] = ()


def service_looks(data: MapData) -> list[ServiceLook]:
    """Colour, shape and kinds of each service layer; layers of one service name look the same."""
    return looks_of([(s.name, [mark.kind_name for mark in s.facilities]) for s in data.services])


def looks_of(services: Sequence[tuple[str, Sequence[Pair]]]) -> list[ServiceLook]:
    """The looks of services, each with its name and the kind of each of its facilities."""
    names = list(dict.fromkeys(name for name, _ in services))
    styles = [palette.SERVICES[k % len(palette.SERVICES)] for k in range(len(names))]
    free = [shape for shape in SHAPES if shape not in {shape for _, shape in styles}]
    given: dict[tuple[str, Pair], str] = {}
    out = []
    for service, told in services:
        colour, base = styles[names.index(service)]
        kinds = _kinds(told)
        looks = []
        for k, (name, n) in enumerate(kinds):
            key = (service, name)
            if key not in given:
                given[key] = base if k == 0 else _next(free, len(given))
            looks.append(KindLook(name=name, shape=given[key], n=n))
        number = {name: k for k, (name, _) in enumerate(kinds)}
        rest = number.get(REST, 0)
        of = tuple(number.get(kind, rest) for kind in told) if kinds else ()
        out.append(ServiceLook(colour=colour, shape=base, kinds=tuple(looks), of=of))
    return out


def _next(free: list[str], used: int) -> str:
    return free.pop(0) if free else SHAPES[used % len(SHAPES)]


def _kinds(told: Sequence[Pair]) -> list[tuple[Pair, int]]:
    """Kinds with their numbers, the most frequent first, equal ones as they come; REST is last."""
    counted = Counter(told)
    unnamed = counted.pop(("", ""), 0)
    if len(counted) <= 1:
        return []
    # a counter keeps the order of its first meetings, and sorting keeps it among equals
    order = sorted(counted.items(), key=lambda item: -item[1])
    room = MOST if unnamed or len(order) > MOST + 1 else MOST + 1
    rest = unnamed + sum(n for _, n in order[room:])
    return [*order[:room], *([(REST, rest)] if rest else [])]
