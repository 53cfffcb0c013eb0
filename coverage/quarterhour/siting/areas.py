"""Who is newly covered and who is not, by the districts or towns of the study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from quarterhour import units
from quarterhour.answers.answer_words import group_note
from quarterhour.inputs import Note
from quarterhour.measures import verb
from quarterhour.render.gis.geopackage import text_column
from quarterhour.siting.demand import amount_of, column_of, measure_of, rest_of, told_of
from quarterhour.siting.result import groups_of
from quarterhour.sources.units.towns import town_of
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.gather.laying import Laid
    from quarterhour.siting.result import SiteResult

    Layer = tuple[NDArray[Any], str, dict[str, Any]]

MOST_NAMES = 3
ELSEWHERE = Note("各片区以外", "outside all of them")


class Areas(NamedTuple):
    """Area of every place of demand: `of` int64, -1 for none; names and polygons by number."""

    of: NDArray[np.int64]
    names: tuple[str, ...]
    geometry: NDArray[Any]


def areas_of(laid: Laid) -> Areas | None:
    """The districts of a study, else its towns; None where it has neither."""
    demand, inputs = laid.ground.demand, laid.inputs
    districts = inputs.districts()
    if districts is not None and len(districts):
        of = _inside(districts.geometry, demand.lon, demand.lat)
        return Areas(of=of, names=districts.name, geometry=districts.geometry)
    towns = inputs.towns()
    if towns is None:
        return None
    names = tuple(town.town for town in towns.register.towns)
    of = town_of(demand.lon, demand.lat, towns)
    return Areas(of=of, names=names, geometry=towns.geometry)


def _inside(
    geometry: NDArray[Any], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Number of the area that each point lies in, the first one on a border; -1 for none."""
    of = np.full(len(lon), -1, np.int64)
    point, area = shapely.STRtree(geometry).query(shapely.points(lon, lat), predicate="intersects")
    order = np.argsort(-area, kind="stable")
    of[point[order]] = area[order]
    return of


def names_at(areas: Areas, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[str]:
    """The area of each point by name, "" outside all."""
    of = _inside(areas.geometry, lon, lat).tolist()
    return [areas.names[k] if k >= 0 else "" for k in of]


def _sums(areas: Areas, amount: NDArray[np.int64]) -> NDArray[np.int64]:
    """Millionths by area; the last one is of places in none."""
    total = np.zeros(len(areas.names) + 1, np.int64)
    np.add.at(total, areas.of, amount)  # -1 is the last
    return total


def _left(result: SiteResult) -> NDArray[np.int64]:
    """Millionths of the group that are still not covered, by place."""
    a = result.after
    amount = np.where(a.ground.inside, a.ground.demand.amounts[a.group], 0)
    return np.where(a.demand.covered(a.cutoff_ms), 0, amount)


AMOUNTS = ("total", "covered_before", "added", "covered_after", "remaining", "out_of_reach")


def area_table(result: SiteResult, areas: Areas) -> Table:
    """Every area with its people of the group before, newly covered, and still not covered."""
    a, b = result.given, result.after
    amount = np.where(a.ground.inside, a.ground.demand.amounts[a.group], 0)
    before = np.where(a.demand.covered(a.cutoff_ms), amount, 0)
    after = np.where(b.demand.covered(b.cutoff_ms), amount, 0)
    left = amount - after
    out = np.where(result.unreached_at, left, 0)
    sums = [_sums(areas, one) for one in (amount, before, after - before, after, left, out)]
    rows = []
    for k in np.lexsort((np.arange(len(sums[0])), -sums[4])).tolist():
        if not sums[0][k]:
            continue
        name = areas.names[k] if k < len(areas.names) else ELSEWHERE
        exact = dict(zip(AMOUNTS, (units.persons(int(one[k])) for one in sums), strict=True))
        told = told_of(a, exact)
        people = {**told, "out_of_reach": min(exact["out_of_reach"], told["remaining"])}.values()
        total = int(sums[0][k])
        rows.append((name, *people, int(sums[1][k]) / total, int(sums[3][k]) / total))
    return Table(
        key="site_by_area",
        title=Note("各片区选址前后", "Before and after by area"),
        columns=(
            Column("area", "片区", "area"),
            Column("total", "总数", "total", "people"),
            Column("covered_before", "现状覆盖", "covered before", "people"),
            Column("added", "新增覆盖", "newly covered", "people"),
            Column("covered_after", "建成后覆盖", "covered after", "people"),
            Column("remaining", "仍未覆盖", "still not covered", "people"),
            Column(
                "out_of_reach", "其中无候选点可达", "of them without a candidate in reach", "people"
            ),
            Column("share_before", "现状覆盖率", "share before", "percent"),
            Column("share_after", "建成后覆盖率", "share after", "percent"),
        ),
        rows=tuple(rows),
        notes=(
            Note(
                f"{group_note(a, a.group).zh}；按仍未覆盖者由多到少；各行相加即全部",
                f"{group_note(a, a.group).en}; those with the most not covered first; the rows add"
                " up to the whole",
            ),
        ),
    )


def left_note(result: SiteResult, areas: Areas | None) -> Note | None:
    """How many are still not covered, and in which areas most of them live."""
    left = _left(result)
    total = int(left.sum())
    if not total:
        return None
    where = _where(result.given, left, areas)
    whole = result.after.counts[-1][result.given.group].total
    told = rest_of(result.given, whole, whole - total)
    return Note(
        f"建成后仍有 {told.zh}未覆盖{where.zh}",
        f"{told.en} {verb(told.en, 'is', 'are')} still not covered afterwards{where.en}",
    )


def unreached_note(result: SiteResult, areas: Areas | None) -> Note | None:
    """Where those live whom no usable candidate reaches."""
    amount = result.given.ground.demand.amounts[result.given.group]
    out = np.where(result.unreached_at, amount, 0)
    total = int(out.sum())
    if not total:
        return None
    where = _where(result.given, out, areas)
    told, minutes = amount_of(result.given, total), f"{result.given.cutoffs_min[-1]:g}"
    return Note(
        f"{told.zh}未覆盖，且 {minutes} 分钟内没有可选的候选点{where.zh}",
        f"{told.en} {verb(told.en, 'is', 'are')} not covered, without a usable candidate within"
        f" {minutes} min{where.en}",
    )


def all_reasons(result: SiteResult, areas: Areas | None) -> tuple[Note, ...]:
    """Why nothing meets the requirements, and where those live whom no candidate reaches."""
    lost = unreached_note(result, areas) if result.solution.why.get("need") else None
    return (*result.why, *(() if lost is None else (lost,)))


def _where(given: Assessment, amount: NDArray[np.int64], areas: Areas | None) -> Note:
    """The areas with the most of an amount."""
    if areas is None:
        return Note("", "")
    sums = _sums(areas, amount)[:-1]
    order = [k for k in np.lexsort((np.arange(len(sums)), -sums)).tolist() if sums[k]]
    if not order:
        return Note("", "")
    number = measure_of(given).number
    told = [(areas.names[k], number(units.persons(int(sums[k])))) for k in order[:MOST_NAMES]]
    more = len(order) > MOST_NAMES
    zh = "、".join(f"{name} {n}" for name, n in told)
    en = ", ".join(f"{name} {n}" for name, n in told)
    return Note(f"（{'最多的是 ' if more else ''}{zh}）", f" ({'most in ' if more else ''}{en})")


def left_layer(result: SiteResult, areas: Areas | None) -> dict[str, Layer]:
    """GeoPackage layer still_uncovered: places with people who are not covered afterwards."""
    a = result.after
    left = np.flatnonzero(_left(result) > 0)
    if not len(left):
        return {}
    demand = a.ground.demand
    columns: dict[str, Any] = {
        "row": demand.row[left],
        "candidate_in_reach": ~result.unreached_at[left],
        "linked": a.demand.linked[left],
    }
    if areas is not None:
        columns["area"] = text_column(
            areas.names[k] if k >= 0 else "" for k in areas.of[left].tolist()
        )
    for group in groups_of(a):
        columns[column_of(a, group)] = demand.amounts[group][left] / units.MICRO
    return {
        "still_uncovered": (shapely.points(demand.lon[left], demand.lat[left]), "Point", columns)
    }
