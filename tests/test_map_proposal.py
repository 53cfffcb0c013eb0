"""Proposed sites on a map: what the page is told of them, and what it says of the proof."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.briefing.shown import map_data
from quarterhour.errors import InputError
from quarterhour.render.map.html import map_html
from quarterhour.render.map.payload import payload
from quarterhour.siting.answered import answered
from quarterhour.siting.closing_tables import closing_summary
from quarterhour.siting.on_map import drawn_of
from quarterhour.siting.run import run_site
from quarterhour.siting.tables import summary_of
from siting_town import ADDED, siting_study, with_cells
from small_study import facilities_text, lonlat

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.render.map.layers import MapData
    from quarterhour.siting.run import SiteRun

COSTS = with_cells({"东口": 90, "北坡": 50, "路口": 45, "岛心": 5, "西口": 1}, "造价（万元）")
FIRST = {"东口": 40.0, "北坡": 30.0}


def drawn(run: SiteRun, language: str = "both") -> MapData:
    """The map of an answer, as `quarterhour site` writes it."""
    told = drawn_of(run.result, run.answered, language=language)
    return map_data(
        run.answered.assessments, title="选址", language=language, proposed=told.proposed,
        proposal=told.proposal, optimum=told.optimum,
    )  # fmt: skip


def proposal(folder: Path, *, costs: bool = False, **site: Any) -> MapData:
    sites = COSTS if costs else None
    return drawn(run_site(siting_study(folder, site, sites=sites)))


def said(data: MapData) -> str:
    """The text of the panel's section, without markup."""
    page = map_html(data)
    section = page[page.index('<section id="qh-proposal"') :].split("</section>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", section)))


def test_the_proposal_is_shown_at_first_with_its_sites(tmp_path: Path) -> None:
    data = proposal(tmp_path, n_sites=2)
    told = payload(data)
    best = told["scenarios"][0]
    assert (best["shown"], best["proposed"], best["among"]) == (True, "best", "")
    assert best["label"] == ["建议方案", "Proposal"]
    one = best["services"][0]
    assert [(s["rank"], s["name"], s["added"]) for s in one["sites"]] == [
        (k, [name, name], [["全部人口", "everyone", ADDED[name]]])
        for k, name in enumerate(FIRST, 1)
    ]
    lon, lat = lonlat(1100, 0)
    assert one["sites"][0]["at"] == pytest.approx([lat, lon], abs=1e-6)
    # one service area for each; nothing closes; what is proposed is no plus
    assert len(data.scenarios[0].services[0].sites) == 2
    assert all(s.area and s.area.area > 0 for s in data.scenarios[0].services[0].sites)
    assert (one["dropped"], one["added"], one["gained"]["n"]) == ([], [], 2)


def test_the_optimum_is_there_to_compare_with(tmp_path: Path) -> None:
    data = proposal(tmp_path, n_sites=2)
    (best,) = payload(data)["optimum"]
    assert (best["service"], best["status"], best["bound"]) == (0, "optimal", 70)
    assert best["added"] == {"all": 70}
    assert [site["name"] for site in best["sites"]] == list(FIRST)
    assert best["sites"][0]["lon"] == pytest.approx(lonlat(1100, 0)[0], abs=1e-9)
    plain = map_data([run_site(tmp_path / "study.toml").answered.assessments[0]], title="无")
    assert payload(plain)["optimum"] is None


def test_the_panel_tells_the_result_with_its_denominator_and_proof(tmp_path: Path) -> None:
    text = said(proposal(tmp_path, costs=True, budget=100))
    # 112 people, 10 covered; 55 of 102 are newly covered for 100 万元
    assert "55 人 / 现状未覆盖或未连路网 102（53.9%）" in text
    assert "55 people of 102 not covered or not linked today (53.9%)" in text
    assert "已证明最优（差距 0）" in text
    assert "proven best (gap 0)" in text
    assert "已证明的上限 Proven upper bound 55 人（差距 0） 55 people (gap 0)" in text
    assert "100 / 预算 100 万元" in text
    assert "100 of a budget of 100 (10,000 yuan)" in text
    # rank, name, people added and cost of each
    assert re.search(r"1 北坡 30 50 2 路口 20 45 3 岛心 5 5", text)
    page = map_html(proposal(tmp_path, costs=True, budget=100))
    head = page[page.index("<header") : page.index("</header>")]
    assert "10 → 65 / 112 人可达" in head
    assert "<small>8.9% →</small> 58.0%" in head


def test_an_answer_that_was_stopped_says_how_far_it_may_be(tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path, {"n_sites": 1}))
    stopped = replace(run.result.solution, status="feasible", bound=50e6, by_clock=True)
    result = replace(run.result, solution=stopped)
    run = replace(run, result=result, answered=answered(result, language="both"))
    data = drawn(run)
    text = said(data)
    assert "目前最好的方案，与可能的最优相差不超过 25.0%" in text
    assert "best found, at most 25.0% from the best possible" in text
    assert "50 人（差距至多 25.0%）" in text
    assert "proven best" not in text
    assert "qh-open-end" in map_html(data)
    (best,) = payload(data)["optimum"]
    assert (best["status"], best["bound"], best["added"]["all"]) == ("feasible", 50, 40)


def test_years_are_switches_that_add_up(tmp_path: Path) -> None:
    data = proposal(tmp_path, phases={"2026": 1, "2027": 1, "2029": 2})
    plans = payload(data)["scenarios"]
    years = ("2026", "2027", "2029")
    assert [p["label"] for p in plans] == [[f"至 {y} 年", f"By {y}"] for y in years]
    assert [p["shown"] for p in plans] == [False, False, True]
    assert {p["among"] for p in plans} == {"years"}
    assert [len(p["services"][0]["sites"]) for p in plans] == [1, 2, 4]
    gained = [p.services[0] for p in data.scenarios]
    assert [one.gained.amount.sum() for one in gained] == [40, 70, 95]
    assert [one.after.covered for one in gained] == [50, 80, 105]
    assert [one.after.uncovered + one.after.unlinked for one in gained] == [62, 32, 7]
    assert [one.after.share_covered for one in gained] == [50 / 112, 80 / 112, 105 / 112]
    assert [s.when for s in gained[-1].sites] == ["2026", "2027", "2029", "2029"]
    # 丁 is 100 m from 东口, at 1 m/s
    assert gained[0].gained.minutes == pytest.approx([100 / 60])
    assert "已证明最优" in said(data)


def test_every_year_is_what_a_whole_run_with_its_sites_finds(tmp_path: Path) -> None:
    # sites whose areas overlap: 150 m apart along the main street
    text = "名称,经度,纬度\n" + "".join(
        "{},{:.9f},{:.9f}\n".format(f"点{k}", *lonlat(x, 0)) for k, x in enumerate((450, 600, 750))
    )
    run = run_site(
        siting_study(tmp_path / "a", {"phases": {"2026": 1, "2027": 2}}, sites=text)
    )  # fmt: skip
    early = drawn(run).scenarios[0].services[0]
    name = early.sites[0].name[0]
    row = next(line for line in text.splitlines() if line.startswith(name))
    alone = run_site(siting_study(tmp_path / "b", {"n_sites": 1}, sites=f"名称,经度,纬度\n{row}\n"))
    whole = drawn(alone).scenarios[0].services[0]
    assert early.after == whole.after
    assert early.gained.minutes.tolist() == whole.gained.minutes.tolist()
    assert early.gained.lon.tolist() == whole.gained.lon.tolist()


def test_another_choice_is_a_second_switch(tmp_path: Path) -> None:
    # two spots on the main street that both reach 乙 only
    text = "名称,经度,纬度\n" + "".join(
        "{},{:.9f},{:.9f}\n".format(name, *lonlat(x, 0))
        for name, x in (("甲点", 480), ("乙点", 540))
    )
    run = run_site(siting_study(tmp_path, {"n_sites": 1}, sites=text))
    assert run.result.more.alternative is not None
    best, other = payload(drawn(run))["scenarios"]
    assert [best["shown"], other["shown"]] == [True, False]
    assert (other["proposed"], other["label"][0]) == ("other", "另一方案（少 0）")
    names = [p["services"][0]["sites"][0]["name"][0] for p in (best, other)]
    assert sorted(names) == ["乙点", "甲点"]
    assert best["services"][0]["gained"]["n"] == other["services"][0]["gained"]["n"] == 1
    assert names[1] in [site["name"] for site in summary_of(run.result)["alternative"]["sites"]]


def test_a_curve_is_a_figure_and_a_table(tmp_path: Path) -> None:
    data = proposal(tmp_path, n_sites=4, curve=True)
    assert data.proposal is not None
    curve = data.proposal.curve
    assert curve is not None
    assert [(p[0], p[1], p[3]) for p in curve.points] == [
        (1, 40, True), (2, 70, True), (3, 90, True), (4, 95, True),
    ]  # fmt: skip
    assert (curve.by, curve.chosen) == ("n_sites", 4)
    page = map_html(data)
    figure = page[page.index('<figure class="qh-curve"') :].split("</figure>")[0]
    assert figure.count('class="qh-sure"') == 4
    assert "数量" in figure
    assert "1 40 40 已证明最优 proven best 2 70 70" in said(data)


def test_facilities_that_close_are_marked(tmp_path: Path) -> None:
    rows = [("西院", 0, 10, "养老院", "现状"), ("东院", 1100, 10, "养老院", "现状"),
            ("新院", 600, 10, "养老院", "规划")]  # fmt: skip
    path = siting_study(
        tmp_path, {}, changes={"service.0.status": "现状"},
        files={"facilities.csv": facilities_text(rows)},
    )  # fmt: skip
    run = run_site(path, close=1)
    data = drawn(run)
    (plan,) = payload(data)["scenarios"]
    told = closing_summary(run.result)
    assert [one["name"] for one in told["closed"]] == ["西院"]
    marks = data.services[0].facilities
    assert [marks[k].name for k in plan["services"][0]["dropped"]] == ["西院"]
    assert plan["services"][0]["lost"]["n"] == 1
    assert payload(data)["optimum"] is None
    text = said(data)
    assert "1 处 / 现有 2 处" in text
    assert "10 people of 50 covered today (20.0%)" in text
    moved = drawn(run_site(siting_study(
        tmp_path / "m", {"problem": "move", "n_sites": 1},
        changes={"service.0.status": "现状"}, files={"facilities.csv": facilities_text(rows)},
    )))  # fmt: skip
    one = moved.scenarios[0].services[0]
    assert [marks[k].name for k in one.dropped] == ["西院"]
    assert [(s.name[0], s.added["all"]) for s in one.sites] == [("北坡", 30.0)]


def test_nothing_to_build_is_told_without_a_scenario(tmp_path: Path) -> None:
    one = "name,lon,lat,population\n甲,{:.9f},{:.9f},10\n".format(*lonlat(100, 0))
    data = drawn(run_site(siting_study(tmp_path, {"n_sites": 2}, files={"people.csv": one})))
    assert data.scenarios == ()
    assert payload(data)["optimum"] is None
    assert "所有居住点已在服务范围内，无须新增" in said(data)


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    data = proposal(tmp_path, n_sites=1)
    best = data.scenarios[0]
    one = best.services[0]
    with pytest.raises(InputError, match="is proposed as 'perhaps'"):
        map_html(replace(data, scenarios=(replace(best, proposed="perhaps"),)))
    gone = replace(best, services=(replace(one, dropped=(7,)),))
    with pytest.raises(InputError, match="drops facilities that '养老' does not have"):
        map_html(replace(data, scenarios=(gone,)))
    lost = replace(one.sites[0], lon=float("nan"))
    with pytest.raises(InputError, match="has no finite position and counts"):
        map_html(replace(data, scenarios=(replace(best, services=(replace(one, sites=(lost,)),)),)))
    with pytest.raises(InputError, match="the optimum is of service 3; the map has 1"):
        map_html(replace(data, optimum=(replace(data.optimum[0], service=3),)))
