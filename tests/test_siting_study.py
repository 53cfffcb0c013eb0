"""The next sites of a small town, checked by eye and against every choice there is."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.siting import cover as covers
from quarterhour.siting.candidates import network_candidates
from quarterhour.siting.cover import site_cover
from quarterhour.siting.result import SiteResult
from quarterhour.siting.run import run_site
from quarterhour.siting.site import assessed_with, site
from quarterhour.siting.tables import answers_of, summary_of, tables_of
from quarterhour.siting.words import percent, verdict
from quarterhour.sources.facilities.candidates import read_candidates, some_facilities
from quarterhour.study import run_study
from siting_town import ADDED, SITES, siting_study, with_cells
from small_study import box, facilities_text, lonlat, write_layer

if TYPE_CHECKING:
    from pathlib import Path


def answer(folder: Path, **site_keys: Any) -> SiteResult:
    found = run_site(siting_study(folder, site_keys)).result
    assert isinstance(found, SiteResult)
    return found


def names(result: SiteResult) -> list[str]:
    return list(result.sites.name)


def test_the_best_sites_by_eye(tmp_path: Path) -> None:
    for n, best in ((1, ["东口"]), (2, ["东口", "北坡"]), (4, ["东口", "北坡", "路口", "岛心"])):
        found = answer(tmp_path / str(n), n_sites=n)
        assert names(found) == best
        assert [step.added["all"] / 1e6 for step in found.steps] == [ADDED[name] for name in best]
        assert found.people_added == sum(ADDED[name] for name in best)
        assert (found.solution.status, found.gap) == ("optimal", 0)
    # nobody is left whom 西口 could add: five sites may be built, and four are
    found = answer(tmp_path / "5", n_sites=5)
    assert names(found) == ["东口", "北坡", "路口", "岛心"]
    assert found.unreached == 7e6  # 山 has no road near it


def test_what_the_solver_counts_is_what_a_whole_run_counts(tmp_path: Path) -> None:
    path = siting_study(tmp_path / "s", {"n_sites": 2})
    out = tmp_path / "out"
    found = run_site(path, out)
    # the written table as the facilities of a scenario of the same study
    plan = {"name": "建议", "facilities": "new.csv", "service": "养老"}
    again = siting_study(
        tmp_path / "again", {"n_sites": 2}, changes={"scenario": [plan]},
        files={"new.csv": (out / "sites.csv").read_text("utf-8")},
    )  # fmt: skip
    change = run_study(again).scenarios[0].services[0]
    assert change.gained_by == found.result.added
    assert change.gained_by["all"] == 70e6
    assert change.after.counts == found.result.after.counts


def test_every_choice_is_tried(tmp_path: Path) -> None:
    # candidates along the streets that overlap, people of a group; each pair is run as a whole
    at = [(x, 0) for x in range(150, 1200, 150)] + [(600, y) for y in (150, 300, 450)]
    text = "名称,经度,纬度\n" + "".join(
        f"{k},{lonlat(*p)[0]:.9f},{lonlat(*p)[1]:.9f}\n" for k, p in enumerate(at)
    )
    path = siting_study(
        tmp_path, {"n_sites": 2}, sites=text,
        changes={"people.groups": {"old": 0.5}, "service.0.group": "old"},
    )  # fmt: skip
    found = run_site(path).result
    every = read_candidates(tmp_path / "sites.csv").at
    best = 0
    for pair in itertools.combinations(range(len(at)), 2):
        with_pair = assessed_with(found.given, some_facilities(every, np.array(pair)))
        best = max(best, with_pair.counts[-1]["old"].covered)
    before = found.given.counts[-1]["old"].covered
    assert found.solution.objective == best - before > 0
    assert found.added["all"] == 2 * found.added["old"]


def test_budget(tmp_path: Path) -> None:
    # 东口 40 people for 90, 北坡 30 for 50, 路口 20 for 45, 岛心 5 for 5 万元
    costs = with_cells({"东口": 90, "北坡": 50, "路口": 45, "岛心": 5, "西口": 1}, "造价（万元）")
    for budget, best, cost in (
        (100, {"北坡", "路口", "岛心"}, 100),  # 55 people; 东口 and 岛心 would be 45
        (95, {"北坡", "路口"}, 95),  # 50 people for as much as 东口 and 岛心
        (50, {"北坡"}, 50),
    ):
        path = siting_study(tmp_path / str(budget), {"budget": budget}, sites=costs)
        found = run_site(path).result
        assert set(names(found)) == best
        assert found.cost == cost * 10_000
    assert "100 万元" in answers_of(run_site(path, budget=100).result)[0].zh


def test_a_default_cost_and_rows_without_one(tmp_path: Path) -> None:
    costs = with_cells({"东口": 90, "北坡": 50}, "造价（万元）")
    found = run_site(siting_study(tmp_path / "a", {"budget": 60}, sites=costs)).result
    assert names(found) == ["北坡"]
    assert found.status == ("usable", "usable", "unpriced", "unpriced", "unpriced")
    path = siting_study(tmp_path / "b", {"budget": 60, "cost": 10}, sites=costs)
    found = run_site(path).result
    assert names(found) == ["北坡", "路口"]  # 30 + 20 for 60 and not 岛心 for 10


def test_everyone_and_shares(tmp_path: Path) -> None:
    found = answer(tmp_path / "a", problem="everyone")
    assert names(found) == ["东口", "北坡", "路口", "岛心"]
    assert found.solution.objective == 4
    # 112 people, 10 covered; 70 % are 78.4, so 69 more are needed: 40 + 30 will do
    found = answer(tmp_path / "b", problem="everyone", share=0.7)
    assert names(found) == ["东口", "北坡"]
    # nothing is needed for what there is
    found = answer(tmp_path / "c", problem="everyone", share=0.05)
    assert names(found) == []
    assert found.solution.objective == 0


def test_a_share_in_every_town(tmp_path: Path) -> None:
    # west: 甲 10 covered, 乙 20, 岛 5, 山 7; east: 丙 30 and 丁 40. 60 % of the west are 25.2
    folder = tmp_path / "s"
    folder.mkdir()
    west, east = box(-100, -1000, 550, 900), box(550, -1000, 1400, 900)
    write_layer(
        folder / "towns.gpkg", [west, east], name=["西街道", "东镇"], county=["甲区", "甲区"]
    )
    path = siting_study(
        folder, {"problem": "everyone", "share_each_town": 0.6},
        changes={"towns.source": "towns.gpkg"},
    )  # fmt: skip
    found = run_site(path).result
    assert set(names(found)) == {"路口", "东口", "北坡"}  # 42 of 70 need both


def test_required_forbidden_groups_and_distance(tmp_path: Path) -> None:
    marks = with_cells({"西口": "是"}, "必选")
    found = run_site(siting_study(tmp_path / "a", {"n_sites": 2}, sites=marks)).result
    assert names(found) == ["东口", "西口"]  # by their gain, not as required
    marks = with_cells({"东口": "否"}, "是否可用")
    found = run_site(siting_study(tmp_path / "b", {"n_sites": 1}, sites=marks)).result
    assert names(found) == ["北坡"]
    assert found.status[0] == "unusable"
    marks = with_cells({"东口": "甲", "北坡": "甲"}, "互斥组")
    found = run_site(siting_study(tmp_path / "c", {"n_sites": 2}, sites=marks)).result
    assert names(found) == ["东口", "路口"]
    # 东口 and 路口 are 500 m apart, 东口 and 北坡 640, 北坡 and 路口 400
    found = answer(tmp_path / "d", n_sites=3, apart_m=600)
    assert names(found) == ["东口", "北坡", "岛心"]
    found = answer(tmp_path / "e", n_sites=3, apart_m=399)
    assert names(found) == ["东口", "北坡", "路口"]


def test_everybody_is_covered_already(tmp_path: Path) -> None:
    one = "name,lon,lat,population\n甲,{:.9f},{:.9f},10\n".format(*lonlat(100, 0))
    path = siting_study(tmp_path, {"n_sites": 2}, files={"people.csv": one})
    found = run_site(path, tmp_path / "out").result
    assert names(found) == []
    assert found.solution.status == "optimal"
    assert "所有居住点已在服务范围内，无须新增" in [n.zh for n in answers_of(found)]


def test_median_and_center(tmp_path: Path) -> None:
    # minutes at 1 m/s from 西院 (10 m beside its road): 甲 110 s, 乙 500+20+10, 丙 1210, 丁 1210 s
    found = answer(tmp_path / "a", problem="median", n_sites=1)
    sums = {name: people_minutes(found, (name,)) for name in SITES}
    assert names(found) == [min(sums, key=lambda n: sums[n])]
    assert found.solution.objective == pytest.approx(min(sums.values()), rel=1e-9)
    found = answer(tmp_path / "b", problem="center", n_sites=2)
    longest = {pair: max(walks(found, pair).values()) for pair in itertools.combinations(SITES, 2)}
    assert found.solution.objective == pytest.approx(min(longest.values()), abs=1e-9)


def walks(found: SiteResult, chosen: tuple[str, ...]) -> dict[int, float]:
    """Minutes of every place that is near a road, with these sites, by a whole assessment.

    Whom no facility reaches within the search limit counts with it, or for a center as never.
    """
    rows = np.array([list(SITES).index(name) for name in chosen])
    after = assessed_with(found.given, some_facilities(found.candidates.at, rows))
    never = np.inf if found.part.problem == "center" else after.limit_min
    minutes = np.where(after.demand.nearest >= 0, after.walker.minutes(after.demand.ms), never)
    return {k: float(minutes[k]) for k in np.flatnonzero(after.demand.linked)}


def people_minutes(found: SiteResult, chosen: tuple[str, ...]) -> float:
    people = found.given.ground.demand.amounts["all"] / 1e6
    return sum(float(people[k]) * m for k, m in walks(found, chosen).items())


def test_places_as_candidates(tmp_path: Path) -> None:
    found = answer(tmp_path, n_sites=2, candidates="places")
    assert len(found.candidates) == 5  # 山 has no road
    assert {round(step.added["all"] / 1e6) for step in found.steps} == {40, 30}
    assert names(found) == ["丁", "丙"]


def test_positions_along_the_streets_lose_little(tmp_path: Path) -> None:
    found = answer(tmp_path / "a", n_sites=1, candidates="network", spacing_m=100)
    # 300 m each way of a spot on the main street between 乙 (500 + 20) and 丙 or 丁 at 600 m
    assert found.people_added == 40
    assert found.candidates.moved_ms is not None
    assert found.candidates.moved_ms <= 50_000 + 1_000  # half of 100 m at 1 m/s, and a second
    assert found.anywhere is not None
    assert found.solution.objective <= found.anywhere
    # every metre of the streets: nothing better than the bound of the coarse ones
    fine = answer(tmp_path / "b", n_sites=1, candidates="network", spacing_m=10)
    assert fine.solution.objective <= found.anywhere
    assert len(fine.candidates) > 5 * len(found.candidates)
    on_street = shapely.LineString([lonlat(0, 0), lonlat(1200, 0)]).buffer(1e-6)
    side = shapely.LineString([lonlat(600, 0), lonlat(600, 600)]).buffer(1e-6)
    island = shapely.LineString([lonlat(0, -800), lonlat(300, -800)]).buffer(1e-6)
    at = shapely.points(fine.candidates.at.lon, fine.candidates.at.lat)
    assert shapely.covers(shapely.union_all([on_street, side, island]), at).all()


def test_the_bound_holds_where_coarse_candidates_lose(tmp_path: Path) -> None:
    # 3 and 3 people 590 m apart on the main street: only a spot within 10 m reaches both
    rows = "".join(
        "{},{:.9f},{:.9f},3\n".format(k, *lonlat(x, 0)) for k, x in enumerate((505, 1095))
    )
    people = {"people.csv": "name,lon,lat,population\n" + rows}
    added = {}
    for spacing in (100, 10):
        path = siting_study(
            tmp_path / str(spacing), {"n_sites": 1, "candidates": "network", "spacing_m": spacing},
            files=people,
        )  # fmt: skip
        found = run_site(path).result
        added[spacing] = found.people_added
        assert found.anywhere == 6e6
    assert added == {100: 3, 10: 6}


def test_the_bound_of_the_fewest_sites(tmp_path: Path) -> None:
    # as above: with candidates at every 10 m one site is enough, with coarse ones it takes two
    rows = "".join(
        "{},{:.9f},{:.9f},3\n".format(k, *lonlat(x, 0)) for k, x in enumerate((505, 1095))
    )
    told = {}
    for spacing in (100, 10):
        keys = {"problem": "everyone", "candidates": "network", "spacing_m": spacing}
        path = siting_study(
            tmp_path / str(spacing), keys,
            files={"people.csv": "name,lon,lat,population\n" + rows},
        )  # fmt: skip
        found = run_site(path).result
        told[spacing] = (found.solution.objective, found.anywhere)
    assert told == {100: (2, 1), 10: (1, 1)}


def test_an_answer_that_was_stopped_says_so(tmp_path: Path) -> None:
    found = answer(tmp_path, n_sites=1)
    for by, zh, en in (
        ("by_clock", "时间限制，下次结果可能不同", "the time limit; the next run may differ"),
        ("nodes", "节点限制，再算一次结果相同", "the limit of nodes; another run gives the same"),
        ("by_size", "候选点过多，无法逐一列出，再算一次结果相同",
         "the number of candidates, too many to list all of them; another run gives the same"),
    ):  # fmt: skip
        stopped = dataclasses.replace(found.solution, status="feasible", bound=50e6, **{by: 1})
        note = verdict(dataclasses.replace(found, solution=stopped))
        assert note.zh == f"目前最好的方案，与可能的最优相差不超过 25.0%（停止原因：{zh}）"
        assert note.en == f"best found, at most 25.0% from the best possible (stopped by {en})"


def test_cover_is_what_an_assessment_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = answer(tmp_path, n_sites=1).given
    every = network_candidates(given, spacing_m=40).at
    ms = given.cutoff_ms
    whole = site_cover(given, every, limit_ms=ms, link_limit_m=given.link_limit_m)
    within = assessed_with(given, every).within
    first = len(given.facilities)
    for k in range(len(every)):
        row = slice(*within.first[first + k : first + k + 2])
        mine = slice(*whole.cover.first[k : k + 2])
        assert whole.cover.place[mine].tolist() == within.place[row].tolist()
        assert whole.ms[mine].tolist() == within.ms[row].tolist()
    # the same in small blocks, and with some places left out
    monkeypatch.setattr(covers, "BLOCK", 3)
    keep = np.arange(len(given.ground.demand)) % 2 == 0
    few = site_cover(given, every, limit_ms=ms, link_limit_m=given.link_limit_m, keep=keep)
    assert few.cover.place.tolist() == [k for k in whole.cover.place.tolist() if keep[k]]
    shorter = whole.within(ms // 2)
    assert len(shorter.place) == (whole.ms <= ms // 2).sum() < len(whole.ms)


def test_python_verbs(tmp_path: Path) -> None:
    given = answer(tmp_path, n_sites=1).given
    found = site(given, read_candidates(tmp_path / "sites.csv"), n_sites=2, language="en")
    assert [round(step.added["all"] / 1e6) for step in found.steps] == [40, 30]
    nameless = site(given, "network", n_sites=1, spacing_m=20, language="en")
    assert list(nameless.sites.name) == ["proposed site 1"]


def test_tables_and_summary_say_the_same(tmp_path: Path) -> None:
    found = answer(tmp_path, n_sites=2)
    told = summary_of(found)
    assert told["groups"]["all"] == {
        "total": 112, "covered_before": 10, "added": 70, "covered_after": 80, "remaining": 32,
        "share_before": 10 / 112, "share_after": 80 / 112,
    }  # fmt: skip
    assert [s["total_added"]["all"] for s in told["sites"]] == [40, 70]
    assert told["unreached"] == 7
    tables = {table.key: table for table in tables_of(found)}
    rank, name, *_ = tables["site_chosen"].rows[0]
    assert (rank, name) == (1, "东口")
    assert tables["site_people"].rows[0][1:6] == (112, 10, 70, 80, 32)
    counted = {row[0].en: row[1] for row in tables["site_candidates"].rows}
    assert counted == {"can be chosen": 3, "chosen": 2}


def test_small_shares_are_not_nothing() -> None:
    assert [percent(x) for x in (0.25, 0.0123, 0.0004, 0.00001, 1e-9)] == [
        "25.0%", "1.2%", "0.04%", "0.001%", "<0.0001%",
    ]  # fmt: skip


def test_from_nothing(tmp_path: Path) -> None:
    # a planned house serves nobody yet, one in the hills is linked to no road
    for name, rows in {
        "planned": [("新院", 0, 10, "养老院", "规划"), ("山院", 300, 300, "养老院", "现状")],
        "unlinked": [("山院", 300, 300, "养老院", "现状")],
        "empty": [],
    }.items():
        path = siting_study(
            tmp_path / name, {"n_sites": 2}, changes={"service.0.status": "现状"},
            files={"facilities.csv": facilities_text(rows)},
        )  # fmt: skip
        found = run_site(path, tmp_path / name / "out").result
        assert found.given.covered == 0
        assert names(found) == ["东口", "北坡"]
        assert found.added["all"] == 70e6
        assert "0.0% → 62.5%" in answers_of(found)[0].zh


def test_from_nothing_every_problem(tmp_path: Path) -> None:
    files = {"facilities.csv": facilities_text([("山院", 300, 300, "养老院", "现状")])}
    best = {"everyone": 5, "median": 2, "center": 2, "backup": 2}
    for problem, n in best.items():
        keys = {"problem": problem} | ({} if problem == "everyone" else {"n_sites": 2})
        path = siting_study(tmp_path / problem, keys, files=files)
        found = run_site(path).result
        assert found.solution.status == "optimal"
        assert len(found.steps) == n
