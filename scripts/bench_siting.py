"""Part "siting": most people with a number of sites, ours against spopt, and greedy everywhere.

The places and candidates are drawn around some towns in a square, straight distances between them.
Both build their program from who is within the radius of whom and hand it to HiGHS on one
processor. Greedy with every vertex of Heidelberg's streets as a candidate is compared with the
whole cover of a sample of them. With every place of Heidelberg as a candidate a study is answered
as `quarterhour site` does it; its people are counted again by a whole assessment with the sites.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench_common import (
    LIMIT_MS,
    Part,
    Row,
    Times,
    heidelberg,
    heidelberg_roads,
    installed,
    not_installed,
    race,
    random,
    require,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from quarterhour.core.reach import Stops
    from quarterhour.core.siting.nouns import Cover, Rules
    from quarterhour.core.siting.reduce import Merged

RADIUS_M = 500.0
MICRO = 1_000_000
TOWNS = 60
SECONDS = 60.0
N_SITES = 20
"""Sites of greedy over every vertex."""

SAMPLE = 40
"""Every so many of all vertices are compared with their whole cover."""

BUILD = "ours, built from coordinates"
SOLVE = "ours, solved: reduced, searched, bounded, HiGHS for the rest"
SPOPT_BUILD = "spopt MCLP.from_cost_matrix, its matrix given"
SPOPT_SOLVE = "spopt, HiGHS through PuLP"
LARGE_BUILD = "ours, built from coordinates (large)"
LARGE_BOUND = "ours, greedy, exchanges and bound (large)"
VERTICES = "ours, greedy over every vertex of Heidelberg"
PLACES = "ours, Heidelberg, every place a candidate, p = {}"

EVERYWHERE = """
[study]
name = "Heidelberg"
language = "en"
[roads]
source = {roads!r}
[[service]]
name = "care"
facilities = {facilities!r}
walker = "adult"
cutoffs_min = [15]
[site]
candidates = "places"
n_sites = {n_sites}
seconds = {seconds:g}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Places with people, candidates, and how many of them are built."""

    places: NDArray[np.float64]
    sites: NDArray[np.float64]
    people: NDArray[np.int64]
    n_sites: int

    @classmethod
    def drawn(cls, n_places: int, n_candidates: int, side_m: float, n_sites: int) -> Case:
        """Seven in ten around the towns, the others anywhere in the square."""
        rng = random()
        town = rng.uniform(0, side_m, (TOWNS, 2))

        def points(n: int) -> NDArray[np.float64]:
            near = town[rng.integers(0, TOWNS, n)] + rng.normal(0, side_m / 12, (n, 2))
            far = rng.uniform(0, side_m, (n, 2))
            at: NDArray[np.float64] = np.where((rng.random(n) < 0.3)[:, None], far, near)
            return np.clip(at, 0, side_m)

        return cls(
            places=points(n_places),
            sites=points(n_candidates),
            people=rng.integers(1, 200, n_places),
            n_sites=n_sites,
        )

    def rules(self) -> Rules:
        """So many sites, and nothing else."""
        from quarterhour.core.siting.nouns import Rules

        return Rules.plain(len(self.sites), n_sites=self.n_sites)

    def cover(self) -> Cover:
        """Places within the radius of each candidate."""
        from scipy.spatial import cKDTree

        from quarterhour.core.siting.nouns import Cover

        lists = cKDTree(self.places).query_ball_point(self.sites, RADIUS_M, return_sorted=True)
        first = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
        place = np.concatenate(lists).astype(np.int32)
        return Cover(first=first, place=place, n_places=len(self.places))

    def build(self) -> Merged:
        """Cover, reduced, and its program with the matrix made."""
        from quarterhour.core.siting.building import covered_variables, site_variables
        from quarterhour.core.siting.milp import Program
        from quarterhour.core.siting.reduce import dominated, merged

        small = merged(self.cover(), self.people * MICRO)
        dominated(small.cover, small.weight, np.ones(len(self.sites), bool))
        program = Program("max")
        sites = site_variables(program, self.rules())
        covered_variables(program, small.cover, sites, cost=small.weight / MICRO)
        program.matrix()
        return small


def measure(*, repeat: int, quick: bool) -> Part:
    """Seconds to build and to solve, for ours and spopt, and of greedy over every vertex."""
    rows, agreed = _against_spopt(repeat, quick=quick)
    rows += _large(repeat)
    more, also = _every_vertex(repeat)
    return Part(
        name="siting",
        title=f"Most people within {RADIUS_M:g} m: 10,000 places by 500 candidates for 20 sites,"
        " 100,000 by 2,000 for 50; Heidelberg, every vertex a candidate, 15 minutes",
        agreed=f"{agreed}; {also}",
        rows=(*rows, *more, *([] if quick else _every_place())),
    )


def _once(run: Callable[[], object]) -> Times:
    began = time.perf_counter()
    run()
    return Times(seconds=(time.perf_counter() - began,))


def _against_spopt(repeat: int, *, quick: bool) -> tuple[list[Row], str]:
    from quarterhour.core.siting.maximal import most_covered

    case = Case.drawn(10_000, 500, 10_000.0, 20)

    def solve() -> Any:  # noqa: ANN401
        return most_covered(case.cover(), case.people * MICRO, case.rules())

    case.build()
    found = solve()
    require(found.status == "optimal", "siting: ours was not solved to proof")
    people = int(found.objective) // MICRO
    if not (installed("spopt") and installed("pulp")):
        times = race({BUILD: case.build, SOLVE: solve}, repeat)
        rows = [times[BUILD].under(0.5, BUILD), times[SOLVE].row(SOLVE)]
        return [*rows, not_installed(SPOPT_BUILD, "spopt pulp")], "nothing to compare with"
    theirs = Spopt(case)
    say(f"    {SPOPT_BUILD}, once")
    theirs_build = _once(theirs.build)
    theirs.solve()
    require(
        theirs.covered() == people,
        f"siting: spopt covers {theirs.covered():,} people and ours {people:,}",
    )
    slow = {SPOPT_SOLVE: 1 if quick else 3}
    times = race({BUILD: case.build, SOLVE: solve, SPOPT_SOLVE: theirs.solve}, repeat, slow=slow)
    ratio = times[SPOPT_SOLVE].median / times[SOLVE].median
    return [
        times[BUILD].under(0.5, BUILD),
        theirs_build.against(times[BUILD], SPOPT_BUILD),
        times[SOLVE].row(SOLVE, note="from coordinates, so that building is in it"),
        times[SPOPT_SOLVE].row(
            SPOPT_SOLVE,
            times_ours=ratio,
            target="at least as long as ours",
            met=ratio >= 1,
            note="building is not in it",
        ),
    ], f"{people:,} people, proven by both"


class Spopt:
    """The same problem in spopt."""

    def __init__(self, case: Case) -> None:
        from scipy.spatial.distance import cdist

        self.case, self.metres = case, cdist(case.places, case.sites)
        self.model: Any = None

    def build(self) -> None:
        """Its program from the whole matrix of distances."""
        from spopt.locate import MCLP

        self.model = MCLP.from_cost_matrix(
            self.metres, self.case.people, RADIUS_M, p_facilities=self.case.n_sites
        )

    def solve(self) -> None:
        """By HiGHS on one processor, to proof."""
        import pulp

        self.model.problem.solve(pulp.HiGHS(msg=False, threads=1, gapRel=0.0))

    def covered(self) -> int:
        """People within the radius of its sites, counted by us."""
        built = np.array([v.value() > 0.5 for v in self.model.fac_vars])
        return int(self.case.people[(self.metres[:, built] <= RADIUS_M).any(axis=1)].sum())


def _large(repeat: int) -> list[Row]:
    from quarterhour.core.siting import search_cover
    from quarterhour.core.siting.maximal import most_covered
    from quarterhour.core.siting.milp import Limits

    case = Case.drawn(100_000, 2_000, 20_000.0, 50)
    small, rules = case.build(), case.rules()

    def bound() -> float:
        found = search_cover.greedy(small.cover, small.weight, rules)
        found = search_cover.exchange(small.cover, small.weight, found, ~rules.forbidden)
        known = small.worth(found)
        return search_cover.lagrangian(small.cover, small.weight, case.n_sites, known).value

    high = bound()
    times = race({LARGE_BUILD: case.build, LARGE_BOUND: bound}, min(repeat, 3))
    say(f"    whole answer, at most {SECONDS:g} s")
    began = time.perf_counter()
    found = most_covered(
        case.cover(), case.people * MICRO, rules, limits=Limits(seconds=SECONDS)
    )  # fmt: skip
    took = Times(seconds=(time.perf_counter() - began,))
    require(found.objective <= found.bound <= high * (1 + 1e-9), "siting: a bound is below")
    state = "proven" if found.status == "optimal" else f"gap {found.gap:.2%} when stopped"
    return [
        times[LARGE_BUILD].under(2.0, LARGE_BUILD),
        times[LARGE_BOUND].under(3.0, LARGE_BOUND, note=f"gap {high / found.objective - 1:.2%}"),
        took.row(f"ours, solved (large), at most {SECONDS:g} s for HiGHS", note=state),
    ]


def _every_vertex(repeat: int) -> tuple[list[Row], str]:
    from quarterhour.core.reach import places_within, reach_nodes
    from quarterhour.core.siting import greedy_search, search_cover
    from quarterhour.core.siting.nouns import Cover, Rules

    _, costs = heidelberg_roads()
    every = greedy_search.every_vertex(costs)
    rng = random()
    weight = rng.integers(0, 10, every.n_owners) * MICRO

    def run(candidates: Stops = every, threads: int | None = None) -> Any:  # noqa: ANN401
        return greedy_search.greedy(
            costs, candidates, every, weight, n_sites=N_SITES, limit_ms=LIMIT_MS, threads=threads
        )

    sample = _some(every, SAMPLE)
    nodes = reach_nodes(costs, sample, limit_ms=LIMIT_MS)
    pairs = places_within(costs, sample, nodes, every, limit_ms=LIMIT_MS)
    cover = Cover(first=pairs.first, place=pairs.place, n_places=every.n_owners)
    plain = search_cover.greedy(cover, weight, Rules.plain(cover.n_sites, n_sites=N_SITES))
    require(
        np.array_equal(run(sample).chosen, plain),
        "siting: greedy without the cover and greedy with it chose differently",
    )
    made, alone = run(), run(threads=1)
    require(
        np.array_equal(made.chosen, alone.chosen) and made.bound == alone.bound,
        "siting: the number of threads changed what greedy chose",
    )
    times = race({VERTICES: run}, min(repeat, 3))
    note = (
        f"{every.n_owners:,} candidates and places, {N_SITES} sites, {made.searches:,} searches,"
        f" at least {made.covered / made.bound:.0%} of the best there is"
    )
    return [times[VERTICES].under(10.0, VERTICES, note=note)], (
        f"greedy without the cover chose the same {len(plain)} of {cover.n_sites:,} vertices as"
        " with it"
    )


def _every_place() -> list[Row]:
    """The whole answer of a study, reading and proof by a whole run included; once each."""
    from quarterhour.core.siting.warm import compiled
    from quarterhour.siting.run import run_site

    compiled()
    rows = []
    with tempfile.TemporaryDirectory(prefix="quarterhour-everywhere-") as name:
        study = Path(name) / "study.toml"
        for number in (5, 20):
            say(f"    every place a candidate, {number} sites, at most {SECONDS:g} s to solve")
            text = EVERYWHERE.format(
                roads=(heidelberg() / "heidelberg.osm.pbf").as_posix(),
                facilities=(heidelberg() / "heidelberg_facilities.csv").as_posix(),
                n_sites=number, seconds=SECONDS,
            )  # fmt: skip
            study.write_text(text, encoding="utf-8")
            began = time.perf_counter()
            found: Any = run_site(study).result
            took = Times(seconds=(time.perf_counter() - began,))
            best = found.solution
            require(best.objective <= best.bound, "siting: a bound is below what was found")
            state = "proven" if best.status == "optimal" else f"gap {best.gap:.2%} when stopped"
            note = f"{len(found.candidates):,} candidates, {state}; reading and proof are in it"
            rows.append(took.row(PLACES.format(number), note=note))
    return rows


def _some(stops: Stops, nth: int) -> Stops:
    """Every so many of the owners, numbered anew."""
    from quarterhour.core.reach import Stops

    use = stops.owner % nth == 0
    return Stops(
        owner=stops.owner[use] // nth,
        edge=stops.edge[use],
        offset_mm=stops.offset_mm[use],
        out_ms=stops.out_ms[use],
        in_ms=stops.in_ms[use],
        access_ms=stops.access_ms[use],
        n_owners=-(-stops.n_owners // nth),
    )
