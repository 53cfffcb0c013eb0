"""Gaps and residential areas of every state of a map, each equal to a run of its own.

In the town of siting 西院 covers 甲 (10). Today's gaps are 丁 40, 丙 30, 乙 20, 山 7 and 岛 5; a
proposal at 东口 and 北坡 leaves 乙 20, 山 7 and 岛 5.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from map_views import views_town
from quarterhour.answers.gaps import find_gaps
from quarterhour.briefing.gaps import gap_list
from quarterhour.briefing.shown import map_data
from quarterhour.briefing.states import Looking
from quarterhour.briefing.views import views_of
from quarterhour.render.map.html import map_html
from quarterhour.render.map.layers import Figure, GapList
from quarterhour.render.map.payload import payload
from quarterhour.render.map.states import GapPool, _Texts, by_rank
from quarterhour.render.sentences import conserved, difference, gap_people
from quarterhour.siting.on_map import drawn_of, looking_at
from quarterhour.siting.run import run_site
from quarterhour.study import run_study
from siting_town import siting_study
from small_study import box, facilities_text, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.render.map.layers import MapData
    from quarterhour.siting.run import SiteRun


def proposal(run: SiteRun) -> MapData:
    """The map of an answer as the command writes it."""
    looking = looking_at(run.prepared.laid, run.answered.assessments)
    told = drawn_of(run.result, run.answered, looking=looking, language="zh")
    return map_data(
        run.answered.assessments, title="选址", looking=looking, proposed=told.proposed,
        proposal=told.proposal, optimum=told.optimum,
    )  # fmt: skip


def dated(*rows: tuple[Any, ...]) -> str:
    """Facilities with the year in which each opens."""
    head, *lines = facilities_text(row[:5] for row in rows).split()
    told = [f"{line},{row[5]}" for line, row in zip(lines, rows, strict=True)]
    return "\n".join([f"{head},建成年份", *told, ""])


def rows_of(sent: dict[str, Any]) -> list[int]:
    """Rows of the pool of a state's gaps by rank."""
    return (np.cumsum(np.array(sent["rows"], int) + 1) - 1).tolist()


def texts_of(pool: dict[str, Any], row: int) -> list[str]:
    """The sentence of a row in both languages, put together as the page does."""
    phrase, *parts = pool["texts"][pool["told"][row]]
    told = [pool["names"][part] if isinstance(part, int) else part for part in parts]
    if not told:
        return pool["phrases"][phrase]
    return [re.sub(r"\{(\d+)\}", lambda m: told[int(m[1])], t) for t in pool["phrases"][phrase]]


def told_of(pool: dict[str, Any], sent: dict[str, Any] | None) -> list[tuple[Any, ...]]:
    """Name, people, reason and sentence by rank, as the page shows them."""
    rows = list(range(pool["n"])) if sent is None else rows_of(sent)
    names = {} if sent is None else sent["name"]
    return [
        (
            tuple(names.get(k) or pool["name"][row] or by_rank(k + 1)),
            pool["people"][row],
            tuple(pool["reasons"][pool["reason"][row]]),
            tuple(texts_of(pool, row)),
        )
        for k, row in enumerate(rows)
    ]


def wanted(gaps: GapList | None) -> list[tuple[Any, ...]]:
    assert gaps is not None
    return [(m.name, round(m.people, 1), m.reason, m.told) for m in gaps.marks]


def test_a_proposal_has_the_gaps_that_it_leaves(tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path, {"n_sites": 2}))
    data = proposal(run)
    told = payload(data)
    pool, best = told["services"][0]["gaps"], told["scenarios"][0]["services"][0]
    assert [line[1] for line in told_of(pool, None)] == [40, 30, 20, 7, 5]
    assert [line[1] for line in told_of(pool, best["gaps"])] == [20, 7, 5]
    assert (best["gaps"]["total"], best["gaps"]["all"]) == (3, 32)
    assert "3 处共 32 人" in best["gaps"]["said"][0]
    # as gaps of the whole assessment with these sites, found on their own
    found = gap_list(find_gaps(run.result.after))
    assert told_of(pool, best["gaps"]) == wanted(found)
    # the island's gap is today's, outline and all: no second one is written
    assert rows_of(best["gaps"])[1:] == [3, 4]
    # what is left in gaps is what is not covered or not linked
    figure = best["figure"]
    assert figure["uncovered"] + figure["unlinked"] == 32


def test_each_year_of_a_proposal_has_its_own(tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path, {"phases": {"2026": 1, "2027": 2}}))
    told = payload(proposal(run))
    pool = told["services"][0]["gaps"]
    years = [one["services"][0] for one in told["scenarios"]]
    assert [[line[1] for line in told_of(pool, one["gaps"])] for one in years] == [
        [30, 20, 7, 5], [7, 5],
    ]  # fmt: skip
    assert [one["figure"]["covered"] for one in years] == [50, 100]
    assert [one["gained"]["n"] for one in years] == [1, 3]


def test_residential_areas_of_a_proposal_are_judged_as_the_study_judges(tmp_path: Path) -> None:
    # 丁 lives at (1200, 0), within reach of 东口; the other half of the area is not
    study = siting_study(
        tmp_path, {"n_sites": 1},
        changes={"residential": {"source": "live.gpkg", "by": "people"}},
    )  # fmt: skip
    write_layer(tmp_path / "live.gpkg", [box(1150, -20, 1250, 20), box(450, -40, 550, 40)])
    run = run_site(study)
    data = proposal(run)
    assert data.services[0].residential is not None
    assert data.services[0].residential.status == ("uncovered", "uncovered")
    one = data.scenarios[0].services[0].residential
    assert one is not None
    assert one.status == ("covered", "uncovered")
    assert one.share.tolist() == [1, 0]
    assert one.minutes[0] == pytest.approx(100 / 60, abs=0.05)
    # the page is sent what differs from today: the first area, status, share, tenths plus one
    sent = payload(data)["scenarios"][0]["services"][0]["residential"]
    assert sent == [[0, 0, 1, 18]]


def test_a_year_has_the_gaps_of_a_study_of_that_year(tmp_path: Path) -> None:
    west, east = ("西院", 0, 10, "养老院", "现状", ""), ("东站", 1200, 0, "日间照料", "规划", 2026)
    changes = {
        "service.0.cutoffs_min": [5], "service.0.walker": "elderly", "service.0.status": "现状",
    }  # fmt: skip
    now = run_study(small_study(tmp_path / "a", changes, {"facilities.csv": dated(west, east)}))
    assert now.answers is not None
    answer = now.answers.services[0]
    looking = Looking(gaps=(answer.gaps,))
    views = views_of(now.assessments, [answer.timeline], looking=looking)
    data = map_data(now.assessments, title="年", looking=looking, views=views)
    told = payload(data)
    (year,) = [view["services"][0] for view in told["views"] if view["kind"] == "year"]
    built = dated(west, (*east[:4], "现状", ""))
    then = run_study(small_study(tmp_path / "b", changes, {"facilities.csv": built}))
    assert then.answers is not None
    own = gap_list(then.answers.services[0].gaps)
    assert told_of(told["services"][0]["gaps"], year["gaps"]) == wanted(own)
    assert [mark.people for mark in own.marks] == [30, 20, 7, 5]


def test_a_state_like_today_is_sent_no_gaps(tmp_path: Path) -> None:
    # a facility far away changes nobody's way
    (tmp_path / "far.csv").write_text(
        facilities_text([("远院", 3000, 0, "养老院", "现状")]), encoding="utf-8"
    )
    plan = {"scenario": [{"name": "远", "facilities": "far.csv"}], "service.0.cutoffs_min": [5]}
    result = run_study(small_study(tmp_path, plan))
    assert result.answers is not None
    gaps = [one.gaps for one in result.answers.services]
    data = map_data(result.assessments, title="远", gaps=gaps, scenarios=result.scenarios)
    assert data.scenarios[0].services[0].gaps == data.services[0].gaps
    assert "gaps" not in payload(data)["scenarios"][0]["services"][0]
    # and where nobody looked for gaps there are none
    bare = map_data(result.assessments, title="远", scenarios=result.scenarios)
    assert bare.scenarios[0].services[0].gaps is None
    assert payload(bare)["services"][0]["gaps"] is None


def test_a_planned_facility_that_a_scenario_opens_is_no_new_one(tmp_path: Path) -> None:
    rows = [("西院", 0, 10, "养老院", "现状", ""), ("东站", 1200, 0, "日间照料", "规划", 2027)]
    (tmp_path / "more.csv").write_text(
        facilities_text([("岛站", 150, -800, "日间照料", "现状")]), encoding="utf-8"
    )
    plan = {"name": "2027", "year": 2027, "facilities": "more.csv"}
    study = small_study(
        tmp_path, {"scenario": [plan], "service.0.cutoffs_min": [5], "service.0.status": "现状"},
        {"facilities.csv": dated(*rows)},
    )  # fmt: skip
    result = run_study(study)
    one = map_data(result.assessments, title="x", scenarios=result.scenarios).scenarios[0]
    assert [(it.name, it.kind, it.reached["all"]) for it in one.services[0].added] == [
        ("岛站", "日间照料", 5)
    ]
    assert one.services[0].opened == (1,)
    assert one.services[0].dropped == ()


def test_texts_of_a_map_with_states_are_hostile_proof() -> None:
    page = map_html(views_town("zh"))
    data = json.loads(re.search(r'id="qh-data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["scenarios"][0]["services"][0]["added"][0]["name"] == "新站"
    assert data["scenarios"][0]["services"][0]["added"][0]["reached"] == [
        ["60岁以上", "aged 60 and over", 80]
    ]


@given(st.lists(st.tuples(*[st.text("“”{}0123456789.,a米 ", max_size=30)] * 2), max_size=6))
def test_any_sentence_comes_back(texts: list[tuple[str, str]]) -> None:
    pool = _Texts()
    numbers = [pool.number(text) for text in texts]
    sent = {
        "texts": pool.every, "phrases": [list(p) for p in pool.phrases],
        "names": list(pool.names), "told": numbers,
    }  # fmt: skip
    assert [tuple(texts_of(sent, k)) for k in range(len(texts))] == texts


parts = st.floats(0, 5e4, allow_nan=False)


@given(parts, parts, parts)
@settings(max_examples=300)
def test_parts_that_are_told_add_up(covered: float, uncovered: float, unlinked: float) -> None:
    figure = Figure(
        cutoff_min=15, group="all", total=covered + uncovered + unlinked, covered=covered,
        uncovered=uncovered, unlinked=unlinked, share_covered=None,
    )  # fmt: skip
    for unit in ("people", "street_metres"):
        told = conserved(figure, unit)
        assert told.covered + told.uncovered + told.unlinked == told.total
        step = 1000 if unit == "street_metres" and figure.total >= 10_000 else 1
        for name in ("total", "covered", "uncovered", "unlinked"):
            value = getattr(told, name)
            assert value >= 0
            assert value % step == 0
            assert abs(value - getattr(figure, name)) <= (1.5 if name[0] == "u" else 0.5) * step
        assert difference(figure, figure, unit) == 0


def test_three_thirds_add_up() -> None:
    # 3.4 + 3.4 + 3.4 = 10.2: rounded one by one they would be 9 of 10
    figure = Figure(
        cutoff_min=15, group="all", total=10.2, covered=3.4, uncovered=3.4, unlinked=3.4,
        share_covered=1 / 3,
    )  # fmt: skip
    told = conserved(figure, "people")
    assert (told.total, told.covered, told.uncovered, told.unlinked) == (10, 3, 4, 3)
    gaps = GapList(marks=(), total=4, people=6.8, join_m=300)
    assert gap_people(gaps, figure, "people") == 7
    # people of other gaps are their own
    assert gap_people(GapList(marks=(), total=4, people=5.2, join_m=300), figure, "people") == 5.2


def test_the_pool_keeps_ranks_of_today() -> None:
    from map_gaps import gap_town

    layer = gap_town().services[0]
    pool = GapPool(layer, "people")
    assert layer.gaps is not None
    sent = pool.payload()
    assert sent is not None
    assert (sent["n"], len(sent["people"])) == (15, 15)
    figure = next(f for f in layer.figures if f.cutoff_min == 15 and f.group == layer.group)
    assert pool.state(layer.gaps, figure) is None
    # without the largest: the others stay as they are, and follow one another
    marks = layer.gaps.marks[1:]
    fewer = GapList(marks=marks, total=16, people=1100, join_m=300)
    state = pool.state(fewer, figure)
    assert state is not None
    assert state["rows"] == [1, *[0] * 13]
    again = pool.payload()
    assert again is not None
    assert len(again["people"]) == 15
