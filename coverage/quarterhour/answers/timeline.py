"""Coverage by year: today, then with the facilities that open and without those that close."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.answers.timeline_notes import year_notes
from quarterhour.assessing.analysis import count, inside_ms_of, toward
from quarterhour.assessing.assessment import PlaceTimes
from quarterhour.assessing.facility_links import link_facilities
from quarterhour.assessing.place_search import Places
from quarterhour.core import reach as times
from quarterhour.inputs import Note
from quarterhour.model import _Frozen
from quarterhour.render.summary import count_row
from quarterhour.render.words import group_pair
from quarterhour.tabular import Chart, Column, Table
from quarterhour.units import persons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment, Count

MOST_YEARS = 60
"""Years that a time line may have: what is further apart is a fault of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineYear(_Frozen):
    """The end of a year: `year` is None for today, as the study counts it.

    `opened`, `closed`: int64 rows of the facilities that open and close in the year. `serving`:
    int64 rows of those that serve at its end, of which `used` are linked to a road.
    `counts[cutoff][group]`.
    """

    year: int | None
    opened: NDArray[np.int64]
    closed: NDArray[np.int64]
    serving: NDArray[np.int64]
    used: int
    counts: tuple[dict[str, Count], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A service year by year, the first entry is today.

    `kind`: of the demand, as in `Demand`. `undated`: int64 rows of planned facilities without a
    year of opening, which never serve.
    """

    name: str
    group: str
    cutoffs_min: tuple[float, ...]
    kind: str
    data_year: int | None
    years: tuple[TimelineYear, ...]
    undated: NDArray[np.int64]
    names: tuple[str, ...]
    notes: tuple[Note, ...]


def timeline(
    a: Assessment, *, data_year: int | None = None, threads: int | None = None
) -> Timeline | None:
    """Coverage at the end of each year, from the first change to the last; None without changes.

    `data_year`: of the data, see `data_year_of`; the line does not begin before it. What serves
    today goes on serving until the year of its column `close_year`, at the end of which it is
    closed. A planned facility (`serving` is False) serves at the end of its `open_year`; one whose
    year is over, before `data_year`, has not opened yet, and opens in the first year of the line.
    Planned ones without a year never serve, nor do those that close before they open; the notes
    name every facility whose years are doubtful.

    Each year is searched for with the facilities of that year; a year in which nothing changes is
    not searched for again. With the same facilities the counts are those of
    `assessing.analysis.assess_on`.
    """
    f = a.facilities
    opens, closes = _years(f.attributes.get("open_year"), len(f)), _years(
        f.attributes.get("close_year"), len(f)
    )  # fmt: skip
    planned = ~f.serving
    undated = planned & np.isnan(opens)
    first, last = _span(opens[planned], closes[~undated], data_year)
    if first is None:
        return None
    notes = year_notes(a.facilities, opens, closes, first=first, last=last, data_year=data_year)
    opens = np.where(planned, np.maximum(opens, first), np.nan)
    serving = f.serving.copy()
    today = TimelineYear(
        year=None, opened=_none(), closed=_none(), serving=np.flatnonzero(serving),
        used=len(a.used), counts=a.counts,
    )  # fmt: skip
    search = _Search(a, threads)
    years = [today]
    for year in range(first, last + 1):
        opened = planned & (opens == year) & ~(closes <= year)
        # what should have closed before the line begins closes in its first year
        closed = serving & (closes <= year)
        serving = (serving | opened) & ~closed
        used, counts = years[-1].used, years[-1].counts
        if opened.any() or closed.any():
            used, counts = search.of(serving)
        years.append(
            TimelineYear(
                year=year, opened=np.flatnonzero(opened), closed=np.flatnonzero(closed),
                serving=np.flatnonzero(serving), used=used, counts=counts,
            )
        )  # fmt: skip
    return Timeline(
        name=a.name, group=a.group, cutoffs_min=a.cutoffs_min, kind=a.ground.demand.kind,
        data_year=data_year,
        years=tuple(years), undated=np.flatnonzero(undated), names=f.name, notes=notes,
    )  # fmt: skip


def data_year_of(data_date: str) -> int | None:
    """The year of the data in a study's `data_date`, such as 2026-01; None where it names none."""
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", data_date)
    return int(found[0]) if found else None


def _none() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


def _years(values: tuple[Any, ...] | None, n: int) -> NDArray[np.float64]:
    """Years of a column, NaN for none."""
    if values is None:
        return np.full(n, np.nan)
    return np.array([v if isinstance(v, float) else np.nan for v in values], np.float64)


def _span(
    opens: NDArray[np.float64], closes: NDArray[np.float64], data_year: int | None
) -> tuple[int | None, int]:
    """First and last year of the line; None where nothing opens and nothing closes."""
    changes = np.concatenate([opens, closes])
    changes = changes[np.isfinite(changes)]
    if not len(changes):
        return None, 0
    later = changes if data_year is None else changes[changes >= data_year]
    if not len(later):  # all should have happened already: the year of the data shows them
        assert data_year is not None, "without a year of the data all changes are later"  # noqa: S101
        return data_year, data_year
    first = int(later.min())
    return first, min(int(later.max()), first + MOST_YEARS - 1)


class _Search:
    """Searches with other facilities of one service; the places are linked only once."""

    def __init__(self, a: Assessment, threads: int | None) -> None:
        self.a = a
        self.costs = a.ground.impedance(a.walker, toward=toward(a.direction))
        self.places = Places(a.ground, self.costs, threads)
        self.inside_ms = inside_ms_of(a.walker, a.inside_min)
        self.cutoffs_ms = [a.walker.cutoff_ms(c) for c in a.cutoffs_min]

    def of(self, serving: NDArray[np.bool_]) -> tuple[int, tuple[dict[str, Count], ...]]:
        """How many of the serving facilities are linked, and the counts with them."""
        a = self.a
        facilities = dataclasses.replace(a.facilities, serving=serving)
        links = link_facilities(a.ground, self.costs, facilities, a.link_limit_m)
        if links.used.any():
            gates = times.stops(
                self.costs, links.linkage, each_point=True, inside_ms=self.inside_ms
            )
            found = self.places.nearest(links, gates, self.cutoffs_ms[-1])
        else:
            found = self._nobody()
        amounts, inside = a.ground.demand.amounts, a.ground.inside
        return int(links.used.sum()), tuple(
            {g: count(amount, inside, found, c) for g, amount in amounts.items()}
            for c in self.cutoffs_ms
        )

    def _nobody(self) -> PlaceTimes:
        """What the places have where all facilities are closed."""
        n = self.places.linkage.n_owners
        linked = np.zeros(n, bool)
        linked[self.places.linkage.owner] = True
        return PlaceTimes(
            nearest=np.full(n, -1, np.int64), ms=np.zeros(n, np.int32), linked=linked,
            served=np.zeros(n, bool),
        )  # fmt: skip


def summary_of(line: Timeline) -> dict[str, Any]:
    """A time line for summary.json.

    `service`, `group`, `data_year`, `years` (a list; `year` is null for today; names `opened` and
    `closed`; `facilities` that serve and are linked; `cutoffs` with cutoff_min and, by group,
    total, covered, uncovered, unlinked and share_covered), `undated` (names of planned facilities
    without a year), `notes`.
    """

    def names(rows: NDArray[np.int64]) -> list[str]:
        return [line.names[k] for k in rows.tolist()]

    return {
        "service": line.name,
        "group": line.group,
        "data_year": line.data_year,
        "years": [
            {
                "year": y.year,
                "opened": names(y.opened),
                "closed": names(y.closed),
                "facilities": y.used,
                "cutoffs": [
                    {
                        "cutoff_min": minutes,
                        "groups": {
                            g: count_row(c.total, c.covered, c.uncovered, c.unlinked)
                            for g, c in counts.items()
                        },
                    }
                    for minutes, counts in zip(line.cutoffs_min, y.counts, strict=True)
                ],
            }
            for y in line.years
        ],
        "undated": names(line.undated),
        "notes": [{"zh": n.zh, "en": n.en} for n in line.notes],
    }


def tables_of(lines: Sequence[Timeline]) -> list[Table]:
    """A table per service: its facilities and the covered share of its group by year."""
    return [_table(line, k) for k, line in enumerate(lines, 1)]


def _table(line: Timeline, number: int) -> Table:
    group = line.group
    shares = [Column(f"share_{c:g}_min", f"{c:g} 分钟覆盖率", f"covered in {c:g} min", "percent")
              for c in line.cutoffs_min]  # fmt: skip
    columns = (
        Column("year", "年份", "year"),
        Column("opened", "建成", "opened", "integer"),
        Column("closed", "关闭", "closed", "integer"),
        Column("facilities", "服务中的设施", "facilities", "integer"),
        *shares,
        Column("covered", "可达", "covered", "people"),
        Column("more", "比上一年", "more than before", "people"),
        Column("which", "建成与关闭的设施", "which"),
    )
    rows, earlier = [], 0
    for before, y in zip((None, *line.years), line.years, strict=False):
        covered = round(persons(y.counts[-1][group].covered))
        gained = None if before is None else covered - earlier
        earlier = covered  # the difference of the two numbers that are told
        rows.append(
            (
                Note("现状", "today") if y.year is None else str(y.year),
                len(y.opened),
                len(y.closed),
                y.used,
                *(c[group].share_covered for c in y.counts),
                covered,
                gained,
                _which(line, y),
            )
        )
    total = persons(line.years[0].counts[-1][group].total)
    zh, en = group_pair(group, line.kind)
    definition = Note(
        f"覆盖率 = 可达量 ÷ 研究范围内总量（{zh} {total:,.0f}，含未连路网者）；"
        "每年按年末服务的设施重新计算",
        f"share = covered / total in the study area ({en}: {total:,.0f}, unlinked included); each"
        " year with the facilities that serve at its end",
    )
    return Table(
        key=f"timeline_{number}",
        title=Note(f"时间线：{line.name}", f"Time line: {line.name}"),
        columns=columns,
        rows=tuple(rows),
        notes=(definition, *line.notes),
        chart=Chart(
            "line",
            Note(f"{line.name}：逐年覆盖率", f"{line.name}: share covered by year"),
            "year",
            tuple(column.key for column in shares),
        ),
    )


def _which(line: Timeline, year: TimelineYear, most: int = 6) -> str:
    parts = []
    for sign, rows in (("+", year.opened), ("−", year.closed)):
        shown = [f"{sign}{line.names[k]}" for k in rows[:most].tolist()]
        parts += [*shown, "…"] if len(rows) > most else shown
    return "、".join(parts)
