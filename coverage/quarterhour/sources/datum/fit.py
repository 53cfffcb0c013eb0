"""Which coordinate system points are in, by how they lie among the streets.

Degrees in China may be WGS-84 (or CGCS2000), GCJ-02 or BD-09, some hundred metres apart; metres may
belong to one of several projected systems. Each puts the points elsewhere, and only one puts them
beside streets. What is stated is never replaced: where another system fits clearly better that is
said with its numbers. Only `auto` takes what fits.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from quarterhour.inputs import DatumFit, Note
from quarterhour.sources.datum import words
from quarterhour.sources.datum.evidence import FAR_M, MOST_GROUPS, gather, sample
from quarterhour.sources.datum.mixture import (
    FEWEST_MIXED,
    by_place,
    is_mixture,
    likeliest,
    place_explains,
)
from quarterhour.sources.datum.score import (
    FEWEST,
    Scores,
    believed,
)
from quarterhour.sources.datum.streets import StreetFinder
from quarterhour.sources.datum.systems import Placed, in_degrees, swapped, systems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.model import RoadNetwork

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


MOST_ROWS = 100_000
"""Of more rows every so many-th is taken, before anything is computed."""


class Examine(Protocol):
    """As `examine`, for one network."""

    def __call__(
        self,
        x: FloatArray,
        y: FloatArray,
        stated: str,
        *,
        groups: Sequence[str] | None = None,
        rows: Sequence[int] | None = None,
    ) -> DatumFit:
        """How well the points fit."""
        ...


def examine(
    x: FloatArray,
    y: FloatArray,
    stated: str,
    network: RoadNetwork,
    *,
    groups: Sequence[str] | None = None,
    rows: Sequence[int] | None = None,
) -> DatumFit:
    """How well points fit the roads in each coordinate system they may be in, with the verdict.

    Parameters
    ----------
    x, y
        East and north (longitude and latitude) as they are written; what is not finite is ignored.
    stated
        wgs84, gcj02, bd09, cgcs2000, "EPSG:n", or auto.
    network
        The roads, in WGS-84.
    groups
        One text per point, such as its source: groups that are in different systems are told.
    rows
        One number per point, by which rows are named; default: counted from 1.

    Returns
    -------
    The verdict is "fits" if the stated system (with auto: the best one) is clearly the best,
    "other" if another one clearly is, and else "undecided", where the stated one stays. Where there
    is nothing to compare with it is "fits", and `sure` is 0. Parts of the rows in different systems
    stand in `parts`; the verdict is then "other", with auto "undecided".

    Raises
    ------
    InputError
        `stated` is not a coordinate system.
    """
    return resolver(network)(x, y, stated, groups=groups, rows=rows)


def resolver(network: RoadNetwork) -> Examine:
    """`examine` for one network, which keeps the streets that it indexed last."""
    finder = StreetFinder(network)

    def look(
        x: FloatArray,
        y: FloatArray,
        stated: str,
        *,
        groups: Sequence[str] | None = None,
        rows: Sequence[int] | None = None,
    ) -> DatumFit:
        return _Look(finder, np.asarray(x, float), np.asarray(y, float), stated, rows).fit(groups)

    return look


class _Part(NamedTuple):
    """Some of the looked-at points with their own fit."""

    name: str
    fit: DatumFit
    points: IntArray


class _Look:
    """One examination."""

    def __init__(
        self,
        finder: StreetFinder,
        x: FloatArray,
        y: FloatArray,
        stated: str,
        rows: Sequence[int] | None,
    ) -> None:
        finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        self.thinned = max(1.0, len(finite) / MOST_ROWS)
        if self.thinned > 1.0:
            finite = finite[np.arange(MOST_ROWS) * len(finite) // MOST_ROWS]
        self.finder, self.stated = finder, stated
        self.x, self.y, self.at = x[finite], y[finite], finite
        self.rows = np.arange(1, len(x) + 1) if rows is None else np.asarray(rows, np.int64)
        self.degrees = in_degrees(self.x, self.y)
        # numbers in metres are in one of the systems of the datum, whose code is to be found
        self.free = stated == "auto" or (stated == "cgcs2000" and not self.degrees)
        self.kept = stated if stated != "auto" else "wgs84"

    def fit(self, groups: Sequence[str] | None) -> DatumFit:
        """The whole verdict."""
        placed = systems(self.x, self.y, self.stated, self.finder.bounds)
        inside = np.array([self.finder.covers(p.lon, p.lat) for p in placed], bool).reshape(
            len(placed), len(self.x)
        )
        there = np.asarray(inside.any(axis=0), bool)
        if not there.any():
            return self._nowhere(placed)
        labels = np.array(
            [""] * len(self.x) if groups is None else [groups[k] for k in self.at.tolist()]
        )
        pick, n_places = sample(self.x, self.y, labels, there)
        alive = [k for k in range(len(placed)) if inside[k, pick].any()]
        self.systems = [placed[k].system for k in alive]
        self.seen = [
            Placed(placed[k].system, placed[k].lon[pick], placed[k].lat[pick]) for k in alive
        ]
        evidence = gather(self.finder, self.seen, inside[alive][:, pick])
        if evidence is None:
            return self._nowhere(placed)
        self.evidence = evidence
        whole = len(pick) == n_places and self.thinned == 1.0
        tail = [] if whole else [words.sampled(len(pick), round(n_places * self.thinned))]
        if not there.all():
            n_outside = round(float((~there).sum()) * self.thinned)
            tail.append(words.outside(n_outside, about=self.thinned > 1.0))
        scores = evidence.score(slice(None))
        fit = self._verdict(np.arange(len(pick)), scores)
        note = self._note(fit, scores)
        if len(pick) >= FEWEST and len(self.systems) > 1:
            parts, by = self._groups(labels[pick]), "group"
            found = likeliest(scores)
            unnamed = not parts and len(pick) >= FEWEST_MIXED
            blurred = unnamed and is_mixture(scores, found)
            if unnamed:
                parts, by = self._places(scores), "place"
                of = [(self.systems.index(p.fit.best), p.points) for p in parts]
                if parts and not place_explains(scores, found, of):
                    parts, blurred = [], True
            if parts:
                fit = self._mixed(fit, parts)
                rows = [words.rows_text(self._rows_of(pick[p.points])) for p in parts]
                note = words.mixed(fit.parts, fit.used, by=by, rows=rows if whole else [])
            elif blurred:
                first, second = (self.systems[k] for k in (found.first, found.second))
                fit = self._mixed(fit, [])
                note = words.blurred(fit, first, second, found.share, FAR_M)
        return dataclasses.replace(fit, note=words.joined(note, *tail))

    def _nowhere(self, placed: list[Placed]) -> DatumFit:
        exchanged = swapped(self.x, self.y, self.stated, self.finder.bounds)
        best = placed[0].system if placed else ""
        note = words.nowhere(self.stated, exchanged=exchanged)
        if not len(self.x):
            note = words.too_few(0, FEWEST, self.kept)
        return DatumFit(
            stated=self.stated, used=self.kept, verdict="undecided", median_m={}, n_points=0,
            best=best, sure=0.0, note=note,
        )  # fmt: skip

    def _rows_of(self, points: IntArray) -> list[int]:
        return [int(row) for row in self.rows[self.at[points]]]

    def _verdict(self, points: IntArray, scores: Scores) -> DatumFit:
        """The verdict on some of the looked-at points, without words."""
        road = self.evidence.road_m[:, points]
        sure = believed(scores, len(points))
        best = int(np.argmax(scores.probability))
        name = self.systems[best]
        verdict = "fits" if self.free or name == self.stated else "other"
        if len(self.systems) > 1 and sure is None:
            verdict = "undecided"
        used = self.kept
        if self.free and (verdict == "fits" or not self.degrees):
            used = name
        probability = float(scores.probability[best]) if len(self.systems) > 1 else 0.0
        median_m = {
            s: round(float(np.nanmedian(m)) if np.isfinite(m).any() else FAR_M, 1)
            for s, m in zip(self.systems, road, strict=True)
        }
        if not self.free and self.stated not in median_m:
            median_m = {self.stated: FAR_M, **median_m}  # not within the road data at all
        return DatumFit(
            stated=self.stated,
            used=used,
            verdict=verdict,
            median_m=median_m,
            n_points=len(points),
            best=name,
            sure=min(probability, words.SURE_AT_MOST),
        )

    def _note(self, fit: DatumFit, scores: Scores) -> Note:
        if len(self.systems) == 1:
            return words.alone(fit, FAR_M) if fit.verdict == "fits" else words.only(fit, FAR_M)
        if fit.n_points < FEWEST:
            return words.too_few(fit.n_points, FEWEST, fit.used)
        n_others = scores.other_log_ratio.shape[0]
        return words.joined(
            words.sentence(fit, FAR_M),
            words.chance(self.systems, scores.as_good.tolist(), n_others),
        )

    def _groups(self, labels: NDArray[np.str_]) -> list[_Part]:
        """Fits of the groups if they disagree, else nothing."""
        names, first, count = np.unique(labels, return_index=True, return_counts=True)
        if len(names) == 1:
            return []
        big = sorted((-c, f, n) for n, f, c in zip(names, first, count, strict=True))
        parts = []
        for _, _, name in sorted(big[:MOST_GROUPS], key=lambda g: g[1]):
            points = np.flatnonzero(labels == name)
            part = self._verdict(points, self.evidence.score(points))
            parts.append(_Part(str(name) or "—", part, points))
        sure = {part.fit.best for part in parts if part.fit.verdict != "undecided"}
        return parts if len(sure) > 1 else []

    def _places(self, scores: Scores) -> list[_Part]:
        """Fits of two parts by place if they are surely in two systems, else nothing."""
        halves = by_place(scores, self.evidence.x_m, self.evidence.y_m, fewest=FEWEST)
        parts = []
        for points in halves or ():
            part = self._verdict(points, self.evidence.score(points))
            seen = self.seen[self.systems.index(part.best)]
            lon, lat = (np.nanmedian(v[points]) for v in (seen.lon, seen.lat))
            parts.append(_Part(f"{lon:.3f}, {lat:.3f}", part, points))
        sure = {p.fit.best for p in parts if p.fit.verdict != "undecided"}
        return parts if len(sure) > 1 else []

    def _mixed(self, fit: DatumFit, parts: list[_Part]) -> DatumFit:
        """A file in several systems: no single one is right, so none is sure or taken."""
        return dataclasses.replace(
            fit,
            verdict="other" if parts and not self.free else "undecided",
            used=fit.best if self.free and not self.degrees else self.kept,
            sure=min(fit.sure, 0.5),
            parts=tuple((part.name, part.fit) for part in parts),
        )
