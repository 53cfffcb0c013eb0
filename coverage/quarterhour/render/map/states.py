"""What states of one service share in the page: gaps that are the same are written once.

A state is told only in what differs from today's. Its gaps are rows of one pool by service, which
begins with today's by rank; sentences, outlines and walks are shared even between rows that differ
in their people.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.render.map.gaps import LISTED, LOOKS, minutes_tenths, rest_told
from quarterhour.render.map.layers import ScenarioService
from quarterhour.render.map.pack import pack_shapes, tenths_of_minutes
from quarterhour.render.sentences import gap_people, gaps_sentence, headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.map.layers import (
        Areas,
        Figure,
        GapList,
        GapMark,
        MapData,
        ServiceLayer,
        Verdicts,
    )
    from quarterhour.render.map.views import ServiceView

    Texts = tuple[str, str]

EXTENT_TOLERANCE_M: Final = 4.0
"""An extent is drawn around places, and is no measure of anything."""


_GAP: Final = re.compile(r"(?<=“)[^”\d][^”]*(?=”)|\d[\d,.]*\d|\d")
"""What sentences of one kind differ in: a quoted name, a number."""


def by_rank(rank: int) -> Texts:
    """What a gap without a name of its own is called, in Chinese and English."""
    return f"空白区 {rank}", f"gap {rank}"


class _Shapes:
    """Shapes, each once; equal ones have one number, and none has -1."""

    def __init__(self) -> None:
        self.every: list[Any] = []
        self.known: dict[bytes, int] = {}

    def number(self, shape: Any) -> int:  # noqa: ANN401 - shapely geometry
        if shape is None:
            return -1
        key = shape.wkb
        if key not in self.known:
            self.known[key] = len(self.every)
            self.every.append(shape)
        return self.known[key]


class _Texts:
    """Sentences in two languages as phrases and what stands in their gaps: numbers and names."""

    def __init__(self) -> None:
        self.phrases: dict[Texts, int] = {}
        self.names: dict[str, int] = {}
        self.known: dict[Texts, int] = {}
        self.every: list[list[int | str]] = []

    def number(self, text: Texts) -> int:
        if text not in self.known:
            self.known[text] = len(self.every)
            self.every.append(self._parted(text))
        return self.known[text]

    def name(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))

    def _parted(self, text: Texts) -> list[int | str]:
        """A phrase, and for each of its gaps a number as it is written, or that of a name."""
        found: dict[str, int] = {}
        if any("{" in part for part in text):  # it would be taken for a gap
            return [self.phrases.setdefault(text, len(self.phrases))]

        def gap(match: re.Match[str]) -> str:
            return f"{{{found.setdefault(match.group(), len(found))}}}"

        zh, en = (_GAP.sub(gap, part) for part in text)
        phrase = self.phrases.setdefault((zh, en), len(self.phrases))
        return [phrase, *(part if part[0].isdigit() else self.name(part) for part in found)]


class GapPool:
    """The gaps of all states of one service."""

    def __init__(self, service: ServiceLayer, unit: str) -> None:
        self.service, self.unit = service, unit
        self.keys: dict[tuple[Any, ...], int] = {}
        self.columns: list[tuple[Any, ...]] = []
        self.names: list[Texts | None] = []
        self.shapes, self.walks = _Shapes(), _Shapes()
        self.reasons: dict[Texts, int] = {}
        self.texts = _Texts()
        marks = () if service.gaps is None else service.gaps.marks
        for k, mark in enumerate(marks):
            row = self._row(mark, k, own=True)
            assert row == k, "today's gaps are the first rows, by rank"  # noqa: S101

    def _row(self, mark: GapMark, k: int, *, own: bool = False) -> int:
        """The row of a gap; what is not listed has neither a sentence nor a walk."""
        listed = k < LISTED
        key = (
            _short(mark.people),
            None if mark.everyone is None else _short(mark.everyone),
            minutes_tenths(mark, self.service.cutoffs_min[-1]),
            None if mark.walk_m is None or not math.isfinite(mark.walk_m) else round(mark.walk_m),
            self.texts.name(mark.nearest),
            self.reasons.setdefault(mark.reason, len(self.reasons)),
            LOOKS.index(mark.look),
            (round(mark.lat, 6), round(mark.lon, 6)),
            self.texts.number(mark.told if listed else ("", "")),
            self.shapes.number(mark.extent),
            self.walks.number(mark.route) if listed else -1,
        )
        if own or key not in self.keys:
            self.keys[key] = len(self.columns)
            self.columns.append(key)
            self.names.append(None if mark.name == by_rank(k + 1) else mark.name)
        return self.keys[key]

    def state(self, gaps: GapList, figure: Figure) -> dict[str, Any] | None:
        """The gaps of a state by rank; None where they are today's."""
        today = self.service.gaps
        rows = [self._row(mark, k) for k, mark in enumerate(gaps.marks)]
        other = {
            k: list(mark.name)
            for k, (row, mark) in enumerate(zip(rows, gaps.marks, strict=True))
            if mark.name != (self.names[row] or by_rank(k + 1))
        }
        same = today is not None and (today.total, today.people) == (gaps.total, gaps.people)
        if same and today is not None and not other and rows == list(range(len(today.marks))):
            return None
        # by rank most rows follow one another: only the steps between them are written
        steps = np.diff(np.array([-1, *rows])) - 1
        return {"rows": steps.tolist(), "name": other, **self._said(gaps, figure)}

    def _said(self, gaps: GapList, figure: Figure | None) -> dict[str, Any]:
        rest = rest_told(gaps, self.unit)
        return {
            "total": gaps.total,
            "all": round(gap_people(gaps, figure, self.unit), 4),
            "said": list(gaps_sentence(gaps, self.service.group, self.unit, figure)),
            "rest": None if rest is None else list(rest),
        }

    def payload(self) -> dict[str, Any] | None:
        """Columns of all rows, of which the first `n` are today's; None without any gaps."""
        gaps = self.service.gaps
        if gaps is None:
            return None
        people, everyone, tenths, metres, nearest, reason, look, at, told, shape, walk = (
            [list(column) for column in zip(*self.columns, strict=True)]
            if self.columns
            else [[] for _ in range(11)]
        )
        return {
            "n": len(gaps.marks),
            "listed": LISTED,
            "join_m": gaps.join_m,
            **self._said(gaps, headline(self.service)),
            "name": [None if name is None else list(name) for name in self.names],
            "people": people,
            "everyone": everyone,
            "tenths": tenths,
            "metres": metres,
            "names": list(self.texts.names),
            "nearest": nearest,
            "reasons": [list(text) for text in self.reasons],
            "reason": reason,
            "look": look,
            "at": [list(spot) for spot in at],
            "phrases": [list(phrase) for phrase in self.texts.phrases],
            "texts": self.texts.every,
            "told": told,
            "shape": shape,
            "walk": walk,
            "packed": pack_shapes(self.shapes.every, EXTENT_TOLERANCE_M),
            "routes": pack_shapes(self.walks.every),
        }


class States:
    """What the states of all services of a map differ in from today's, service by service."""

    def __init__(self, data: MapData, statuses: Sequence[str]) -> None:
        self.pools = [GapPool(service, data.demand_unit) for service in data.services]
        self.areas = [service.residential for service in data.services]
        self.statuses = list(statuses)

    def told(self, at: int, state: ServiceView | ScenarioService) -> dict[str, Any]:
        """Of a state of a service: its gaps and its residential areas, where they are known.

        `gaps` is left out where they are today's, and None where nobody looked for any; areas that
        are judged as today are left out of `residential`.
        """
        out: dict[str, Any] = {}
        gaps, verdicts = state.gaps, state.residential
        figure = state.after if isinstance(state, ScenarioService) else state.figure
        pool = self.pools[at]
        found = None if gaps is None else pool.state(gaps, figure)
        if found is not None or (gaps is None and pool.service.gaps is not None):
            out["gaps"] = found
        areas = self.areas[at]
        if verdicts is not None and areas is not None:
            before, after = (self._columns(one) for one in (areas, verdicts))
            rows = enumerate(zip(before, after, strict=True))
            out["residential"] = [[k, *new] for k, (old, new) in rows if old != new]
        return out

    def _columns(self, areas: Areas | Verdicts) -> list[tuple[Any, ...]]:
        """Status, share and tenths of minutes of every area, as the page has them."""
        return [
            (self.statuses.index(status), *row)
            for status, row in zip(areas.status, areas_columns(areas), strict=True)
        ]


def areas_columns(areas: Areas | Verdicts) -> list[tuple[float | None, int]]:
    """Share and tenths of minutes plus one (0: none) of every area, as the page has them."""
    tenths = tenths_of_minutes(np.asarray(areas.minutes, dtype=np.float64), up=False)
    return [
        (_share(float(share)), int(value)) for share, value in zip(areas.share, tenths, strict=True)
    ]


def _share(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def _short(value: float) -> float:
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded
