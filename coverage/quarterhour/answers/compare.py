"""Two runs against each other: what changed, for whom and where, from their result folders."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.answers.compare_files import Difference, differences, open_run
from quarterhour.answers.compare_gaps import GapChange, gap_changes
from quarterhour.answers.compare_places import PlaceChange, places_of_run, same_places
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.inputs import EVERYONE, Note

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.answers.compare_files import Run


class Amounts(NamedTuple):
    """People (or units of demand) of a group at a cutoff in both runs."""

    total_before: float
    total_after: float
    covered_before: float
    covered_after: float

    @property
    def difference(self) -> float:
        """Covered after less covered before."""
        return self.covered_after - self.covered_before

    @property
    def share_before(self) -> float | None:
        """Covered of the total in the earlier run, None where the total is 0."""
        return self.covered_before / self.total_before if self.total_before else None

    @property
    def share_after(self) -> float | None:
        """Covered of the total in the later run, None where the total is 0."""
        return self.covered_after / self.total_after if self.total_after else None


class UnitChange(NamedTuple):
    """A unit of a level in both runs: amounts of the service's group at the last cutoff."""

    level: str
    county: str
    unit: str
    amounts: Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePair:
    """One service in both runs.

    `before`, `after`: as in summary.json. `amounts[minutes][group]`: of the cutoffs and groups that
    both have. `places`: None where the two do not count the same places. `units`: those that both
    have. `opened`, `closed`: names of the facilities that serve only in the later, or only in the
    earlier run.
    """

    name: str
    group: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    amounts: Mapping[float, Mapping[str, Amounts]]
    places: PlaceChange | None
    units: tuple[UnitChange, ...]
    gaps: GapChange | None
    opened: tuple[str, ...]
    closed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs: the studies' names, what is not the same in them, and their services.

    `kind`: of the demand, as in `Demand`; `unit`: what is counted. `only_before`, `only_after`:
    services of one run alone.
    """

    name_before: str
    name_after: str
    kind: str
    unit: str
    differences: tuple[Difference, ...]
    services: tuple[ServicePair, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    notes: tuple[Note, ...]


def compare_runs(before: str | Path, after: str | Path) -> Comparison:
    """What changed between two finished runs.

    Places are compared one by one where both runs count the same people at the same places (by
    longitude and latitude, rounded to a tenth of a metre); otherwise only totals are compared, and
    the notes say so.

    Raises
    ------
    InputError
        A folder holds no results, or nothing that both could be compared by.
    """
    one, two = open_run(Path(before)), open_run(Path(after))
    notes: list[Note] = []
    notes += [_changed(f"{run.folder.name}/{name}") for run in (one, two) for name in run.changed]
    pairs, only_before, only_after = _matched(one, two, notes)
    kinds = [_kind(run) for run in (one, two)]
    at = [places_of_run(run.layers) for run in (one, two)]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"{before} counts {kinds[0]}, {after} counts {kinds[1]}: needed are two runs that count"
            " the same"
        )
    services = []
    for a, b in pairs:
        amounts = _amounts(a, b)
        notes += [] if amounts else [_nothing_shared(str(a["name"]))]
        notes += _last_cutoffs(a, b)
        opened, closed = _facilities(b, a), _facilities(a, b)
        found, why = same_places(at[0], at[1], a, b, kinds[0], _groups(a, b))
        notes += [] if why is None or why in notes else [why]
        services.append(
            ServicePair(
                name=str(a["name"]), group=_group(a, b), before=a, after=b, amounts=amounts,
                places=found, units=_units(one.summary, two.summary, a, b),
                gaps=gap_changes(
                    one.layers, two.layers, str(a["name"]), str(b["name"]),
                    of_group=a["group"] == b["group"], kind=kinds[0],
                ),
                opened=opened, closed=closed,
            )
        )  # fmt: skip
    return Comparison(
        name_before=str(one.summary["study"]["name"]),
        name_after=str(two.summary["study"]["name"]),
        kind=kinds[0],
        unit=str(one.summary["study"]["demand"]["unit"]),
        differences=tuple(differences(one.manifest, two.manifest)),
        services=tuple(services),
        only_before=only_before,
        only_after=only_after,
        notes=tuple(notes),
    )


def _changed(file: str) -> Note:
    return Note(
        f"{file} 在运行之后被改动过，与 manifest.json 的记录不符",
        f"{file} was changed after its run: manifest.json has another hash",
    )


def _nothing_shared(name: str) -> Note:
    return Note(
        f"{name}：两次运行没有相同的时间与人群，无法比较",
        f"{name}: the runs share no cutoff and group, nothing to compare",
    )


def _last_cutoffs(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Note]:
    one, two = (float(s["cutoffs"][-1]["cutoff_min"]) for s in (a, b))
    if one == two:
        return []
    return [
        Note(
            f"{a['name']}：两次运行的最长时间不同（{one:g} 和 {two:g} 分钟），"
            "逐点与空白区按各自的最长时间比较",
            f"{a['name']}: the last cutoffs are {one:g} and {two:g} min; places and gaps are"
            " compared at the last of each run",
        )
    ]


def _kind(run: Run) -> str:
    return str(run.summary["study"]["demand"]["kind"])


def _matched(
    one: Run, two: Run, notes: list[Note]
) -> tuple[list[tuple[Any, Any]], tuple[str, ...], tuple[str, ...]]:
    """Services of one name; where each run has one more, these two as well."""
    first = {s["name"]: s for s in one.summary["services"]}
    second = {s["name"]: s for s in two.summary["services"]}
    pairs = [(s, second[name]) for name, s in first.items() if name in second]
    rest = [name for name in first if name not in second]
    more = [name for name in second if name not in first]
    if len(rest) == len(more) == 1:
        notes.append(
            Note(
                f"“{rest[0]}”与“{more[0]}”名称不同，各自是唯一剩下的服务，按同一服务比较",
                f"{rest[0]} and {more[0]} are compared: each is the only service left",
            )
        )
        pairs.append((first[rest[0]], second[more[0]]))
        rest, more = [], []
    if not pairs:
        raise InputError(
            f"{one.folder} has the services {', '.join(first)}, {two.folder} has"
            f" {', '.join(second)}: needed is one that both have"
        )
    return pairs, tuple(rest), tuple(more)


def _facilities(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the facilities of `a` that `b` does not have, as often as they are too many."""
    left = Counter(str(f["name"]) for f in b.get("facilities", ()))
    found = []
    for facility in a.get("facilities", ()):
        name = str(facility["name"])
        if left[name] > 0:
            left[name] -= 1
        else:
            found.append(name)
    return tuple(found)


def _groups(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """Groups that both have at any cutoff."""
    mine, theirs = a["cutoffs"][-1]["groups"], b["cutoffs"][-1]["groups"]
    return [g for g in mine if g in theirs]


def _group(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    """The group that the service is for in both runs, or else everyone."""
    return str(a["group"]) if a["group"] == b["group"] else EVERYONE


def _amounts(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[float, dict[str, Amounts]]:
    later = {float(c["cutoff_min"]): c["groups"] for c in b["cutoffs"]}
    found: dict[float, dict[str, Amounts]] = {}
    for cutoff in a["cutoffs"]:
        minutes = float(cutoff["cutoff_min"])
        groups = {
            g: _both(row, later[minutes][g])
            for g, row in cutoff["groups"].items()
            if minutes in later and g in later[minutes]
        }
        if groups:
            found[minutes] = groups
    return found


def _both(a: Mapping[str, Any], b: Mapping[str, Any]) -> Amounts:
    return Amounts(float(a["total"]), float(b["total"]), float(a["covered"]), float(b["covered"]))


def _units(
    one: Mapping[str, Any], two: Mapping[str, Any], a: Mapping[str, Any], b: Mapping[str, Any]
) -> tuple[UnitChange, ...]:
    """Units that both runs have, in the order of the earlier one."""
    mine, theirs = _levels(one, str(a["name"])), _levels(two, str(b["name"]))
    group, found = _group(a, b), []
    for level, units in mine.items():
        others = {_unit_key(u): u for u in theirs.get(level, ()) if u.get("unit") is not None}
        for unit in units:
            other = others.get(_unit_key(unit))
            if other is None or unit.get("unit") is None:
                continue
            if group in unit["groups"] and group in other["groups"]:
                amounts = _both(unit["groups"][group], other["groups"][group])
                found.append(UnitChange(level, unit.get("county") or "", unit["unit"], amounts))
    return tuple(found)


def _unit_key(unit: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return unit.get("county"), unit.get("unit"), unit.get("kind")


def _levels(summary: Mapping[str, Any], service: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Tables of units of a service, see `unit_layers.summary_of`; none in a run without units."""
    for part in summary.values():
        for entry in part if isinstance(part, list) else ():
            if isinstance(entry, dict) and entry.get("service") == service and "levels" in entry:
                levels: Mapping[str, Sequence[Mapping[str, Any]]] = entry["levels"]
                return levels
    return {}


def write_changes(found: Comparison, out: str | Path) -> Path | None:
    """changes.gpkg in `out` with the places that gain and lose, None where there are none.

    Where there are none, the changes.gpkg of an earlier comparison is removed. Layer `changes`:
    `service`, `change` (gained or lost), people by group, `minutes_before`, `minutes_after`,
    `nearest_before`, `nearest_after`.

    Raises
    ------
    QuarterhourError
        The file cannot be written; an older one is left as it was.
    """
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError  # noqa: PLC0415

    from quarterhour.answers.compare_places import layer_of  # noqa: PLC0415
    from quarterhour.render.gis.geopackage import write_geopackage  # noqa: PLC0415 - heavy
    from quarterhour.render.whole_file import whole_file  # noqa: PLC0415

    layer = layer_of([(s.name, s.places) for s in found.services if s.places is not None])
    path = Path(out) / "changes.gpkg"
    try:
        if layer is None:
            path.unlink(missing_ok=True)
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as fresh:
            write_geopackage(fresh, {"changes": layer})
    except (OSError, sqlite3.Error, DataLayerError, DataSourceError, FeatureError) as error:
        why = getattr(error, "strerror", None) or error
        raise QuarterhourError(
            f"{path}: cannot be written ({why}); the disk may be full, or a program has it open:"
            " choose another folder with --out"
        ) from error
    return path
