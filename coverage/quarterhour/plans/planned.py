"""The project list of a city plan as planned facilities: counted by town, or site by site.

A row that names several sites is one package: its beds, places and cost are those of all of them
together. Without a table of its sites it stands in each of the towns that it names, and its totals
count once, in none of them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from quarterhour.inputs import Note
from quarterhour.sources.facilities.kinds import KINDS, kind_keys
from quarterhour.sources.units.town_names import Register, Town, match_towns, register_of
from quarterhour.tabular import Column, Table
from quarterhour.targets import projects as lists
from quarterhour.targets.reconcile import reconcile
from quarterhour.targets.reconcile_rows import WrittenTown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.plans.site_table import Site
    from quarterhour.targets.findings import Finding
    from quarterhour.targets.project_list import Project
    from quarterhour.targets.projects import Plan

NO_FACILITY = frozenset({"home_adaptation"})
"""Kinds that nobody walks to: homes that are made fit for old age."""

TOWN_KINDS = ("街道", "镇", "乡")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFacility:
    """A planned facility of a project list, without a position.

    `no`: of the row of the list; `row`: of its table. `name`, `kind`, `kind_keys`, `domain`: as in
    the list. `county`, `town`: of the code list where they were recognised, else as written.
    `open_year`: in which it is finished, None where not stated. `beds`, `places`,
    `floor_area_m2`, `cost` (ten thousand yuan): None where not stated, and for a site of a package.
    `sites`: 1; 0 for the row that carries the totals of a package and is no facility of its own.
    `told`: known from a table of the user's sites.
    """

    no: str
    row: int
    name: str
    kind: str
    kind_keys: tuple[str, ...]
    domain: str
    county: str
    town: str
    open_year: int | None
    beds: float | None
    places: float | None
    floor_area_m2: float | None
    cost: float | None
    lead: str
    sites: int
    told: bool = False

    @property
    def status(self) -> str:
        """What the status column of a facility table says of it."""
        return "规划"


@lru_cache
def shipped_towns() -> Register:
    """The towns of the five places whose plans ship, from the code list of 2023-06-30."""
    text = (lists.data_folder() / "towns.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return register_of(
        Town(county=row["county"], town=row["town"], city=row["city"])
        for row in rows
        if row["kind"] in TOWN_KINDS
    )


def read_plan(plan: str) -> Plan:
    """A shipped plan by its key, or a figure file; see `targets.projects.read_plan`.

    Raises
    ------
    InputError
        There is no such plan, or its file is not as it should be.
    """
    return lists.read_plan(plan, kind_keys=kind_keys)


def check_plan(plan: Plan, *, zones: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """What does not add up in a plan, see `targets.reconcile`.

    `zones`: county by functional zone.

    Raises
    ------
    InputError
        A check of the figure file is not as it should be.
    """
    other = read_plan(plan.other) if plan.other else None
    return reconcile(plan, other=other, towns=written_towns(plan, zones))


def written_towns(plan: Plan, zones: Mapping[str, str] | None = None) -> tuple[WrittenTown, ...]:
    """What every town of the list, and of its described content, was taken to mean."""
    towns = shipped_towns()
    here = {p.county for p in plan.projects}
    if not any(t.city == plan.city if plan.city else t.county in here for t in towns.towns):
        return ()  # no list of its towns: nothing to hold the names against
    written = [(p.no, p.county, town) for p in plan.projects for town in p.towns]
    for text in plan.texts:
        row = next((p for p in plan.projects if p.no == text["no"]), None)
        town = str(text.get("town", ""))
        # another spelling of its own town; another town is told as what it is
        if row is not None and any(town.startswith(own) and town != own for own in row.towns):
            written.append((row.no, row.county, town))
    found = []
    for no, county, name in written:
        for match in match_towns(county, name, towns, zones=zones):
            of = None if match.index is None else towns.towns[match.index]
            found.append(
                WrittenTown(
                    no, county, match.town, match.status, "" if of is None else of.county,
                    "" if of is None else of.town, match.note,
                )
            )  # fmt: skip
    return tuple(found)


def planned_of(
    plan: Plan,
    *,
    year: int | None = None,
    sites: Sequence[Site] = (),
) -> tuple[PlannedFacility, ...]:
    """The facilities of a list that open by `year`; all with `year` None.

    `sites`: of the rows that the user has expanded, see `site_table.read_sites`. Rows of other
    domains than elderly and childcare care, and homes made fit for old age, are no facilities. A
    row without a year does not open by any year.
    """
    towns = {(w.no, w.written): w for w in written_towns(plan)}
    found: list[PlannedFacility] = []
    for project in facilities_in(plan):
        if year is not None and (project.year_end is None or project.year_end > year):
            continue
        own = [s for s in sites if s.no == project.no]
        if own:
            found += [_site(project, s) for s in own]
        else:
            found += _package(project, towns)
    return tuple(found)


def facilities_in(plan: Plan) -> list[Project]:
    """Rows of the list that are facilities of elderly care or childcare."""
    return [
        p
        for p in plan.projects
        if p.domain in {"elderly", "childcare"} and not set(p.kind_keys) <= NO_FACILITY
    ]


def _site(project: Project, site: Site) -> PlannedFacility:
    return PlannedFacility(
        no=project.no, row=site.row, name=site.name or project.name, kind=project.kind,
        kind_keys=project.kind_keys, domain=project.domain, county=site.county or project.county,
        town=site.town, open_year=project.year_end, beds=site.beds, places=site.places,
        floor_area_m2=None, cost=None, lead=project.lead, sites=1, told=True,
    )  # fmt: skip


def _package(
    project: Project, towns: Mapping[tuple[str, str], WrittenTown]
) -> list[PlannedFacility]:
    """A row as one facility; as one in each of its towns and a row of totals, where it has many."""
    places = []
    for written in project.towns:
        match = towns.get((project.no, written))
        known = match is not None and match.town
        places.append(
            (match.county, match.town) if match is not None and known else (project.county, written)
        )
    if project.sites == 1:
        county, town = places[0] if places else (project.county, "")
        return [_facility(project, project.name, county, town, whole=True, sites=1)]
    places += [(project.county, "")] * (project.sites - len(places))
    found = [
        _facility(
            project, f"{project.name}（{k}/{len(places)}）", county, town, whole=False, sites=1
        )
        for k, (county, town) in enumerate(places, 1)
    ]
    total = _facility(project, f"{project.name}（合计）", project.county, "", whole=True, sites=0)
    return [*found, total]


def _facility(
    project: Project, name: str, county: str, town: str, *, whole: bool, sites: int
) -> PlannedFacility:
    return PlannedFacility(
        no=project.no, row=project.row, name=name, kind=project.kind,
        kind_keys=project.kind_keys, domain=project.domain, county=county, town=town,
        open_year=project.year_end,
        beds=project.beds if whole else None,
        places=project.places if whole else None,
        floor_area_m2=project.floor_area_m2 if whole else None,
        cost=project.cost if whole else None,
        lead=project.lead, sites=sites,
    )  # fmt: skip


def presence(planned: Sequence[PlannedFacility]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Numbers of the rows by county and town; rows without a town stand under ""."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in planned:
        rows = found.setdefault((one.county, one.town), [])
        if one.sites and one.no not in rows:
            rows.append(one.no)
    return {place: tuple(rows) for place, rows in found.items() if rows}


def summary_of(plan: Plan, planned: Sequence[PlannedFacility]) -> dict[str, Any]:
    """Planned facilities for summary.json.

    `plan` (its key), `facilities` (number of sites), `beds`, `places`, `cost` (ten thousand yuan;
    totals of packages count once), `undated` (numbers of rows without a year), `towns`: county,
    town and the numbers of the rows with a facility there.
    """
    return {
        "plan": plan.key,
        "facilities": sum(one.sites for one in planned),
        **{
            measure: sum(getattr(one, measure) or 0 for one in planned)
            for measure in ("beds", "places", "cost")
        },
        "undated": list(dict.fromkeys(one.no for one in planned if one.open_year is None)),
        "towns": [
            {"county": county, "town": town, "rows": list(rows)}
            for (county, town), rows in presence(planned).items()
        ],
    }


def tables_of(plan: Plan, planned: Sequence[PlannedFacility]) -> list[Table]:
    """The planned facilities: one table of the rows as they count, with the packages' totals."""
    rows = [
        (
            one.no, one.name, _kind(one), one.county, one.town, one.open_year, one.beds,
            one.places, one.cost,
        )
        for one in planned
    ]  # fmt: skip
    return [
        Table(
            key=f"projects_{plan.key}",
            title=Note(f"规划项目：{plan.zh}", f"Planned facilities: {plan.en}"),
            columns=(
                Column("no", "编号", "no."),
                Column("name", "项目名称", "name"),
                Column("kind", "类型", "kind"),
                Column("county", "区县", "county"),
                Column("town", "镇街", "town"),
                Column("open_year", "建成年份", "opens in", "year"),
                Column("beds", "床位数", "beds", "number"),
                Column("places", "托位数", "places", "number"),
                Column("cost", "投资（万元）", "cost (10 000 yuan)", "money"),
            ),
            rows=tuple(rows),
            notes=(
                Note(
                    "打包项目在所列每个镇街各计一处，床位、托位和投资只在“合计”行计一次，不按镇街"
                    "拆分；未写建成年份的不计入任何目标年",
                    "a package counts once in each town that it names; its beds, places and cost"
                    " count once, in the row of totals, and are not divided among towns; what has"
                    " no year of opening counts for no year",
                ),
            ),
        )
    ]


def _kind(one: PlannedFacility) -> Note:
    if not one.kind_keys:
        return Note(one.kind, one.kind)
    return Note(one.kind, KINDS[one.kind_keys[0]].en)
