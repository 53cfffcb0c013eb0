"""The views of the briefing mode: which there are, and that their numbers are the map's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from map_gaps import gap, gap_town, listed
from map_town import ELDERLY, HOSTILE, nobody, service, town
from quarterhour.render.map.layers import Figure, MapData, Scenario, ScenarioService
from quarterhour.render.map.story import story
from quarterhour.render.map.views import PlanTally, ServiceView, View


def kinds(data: MapData) -> list[tuple[str, int, int]]:
    return [(view["kind"], view["service"], view["gap"]) for view in story(data)]


def figure(covered: float, total: float = 1000.0, unlinked: float = 50.0) -> Figure:
    left = total - covered - unlinked
    return Figure(
        cutoff_min=15.0, group="age_60_plus", total=total, covered=covered, uncovered=left,
        unlinked=unlinked, share_covered=covered / total,
    )  # fmt: skip


def plain_town(**changes: object) -> MapData:
    """One service: 600 of 1,000 covered, 350 not, 50 not linked."""
    layer = replace(service("养老", ELDERLY), figures=(figure(600.0),), uncovered=nobody())
    return town("both", services=(layer,), **changes)


def test_one_service_with_gaps_shows_its_three_largest_with_their_evidence() -> None:
    base = gap_town("both")
    data = replace(base, services=base.services[:1])
    assert kinds(data) == [
        ("district", 0, -1), ("coverage", 0, -1), ("gaps", 0, -1), ("gap", 0, 0), ("gap", 0, 1),
        ("gap", 0, 2), ("closing", 0, -1),
    ]  # fmt: skip
    views = story(data)
    assert views[2]["figure"] == "1,500"
    # 400 + 300 + 200 of 1,500
    assert "最大的 3 处有 900 人，占其中 60.0%" in views[2]["said"][0]
    assert "the 3 largest hold 900 people, 60.0% of all in gaps" in views[2]["said"][1]
    assert views[3]["figure"] == "400"
    assert views[3]["of"][1] == "/ 1,500 people aged 60 and over in all gaps"
    # just beyond the cutoff must not read as within it
    assert "要走 15.1 分钟（绕行过远）" in views[3]["said"][0]
    assert views[3]["lines"] == [["依据 400", "evidence 400"]]
    assert "走不到任何设施（附近没有道路）" in views[5]["said"][0]


def test_two_services_have_two_gaps_each_and_four_one() -> None:
    data = gap_town("both")
    assert [k for k in kinds(data) if k[0] == "gap"] == [
        ("gap", 0, 0), ("gap", 0, 1), ("gap", 1, 0),
    ]  # fmt: skip
    many = tuple(
        replace(data.services[0], name=f"服务{k}", gaps=listed(gap(0, 0, 9, 5), gap(0, 0, 9, 4)))
        for k in range(4)
    )
    found = kinds(replace(data, services=many))
    assert [k for k in found if k[0] == "gap"] == [("gap", k, 0) for k in range(3)]
    # the fourth has no views of its own, but its share
    assert len(story(replace(data, services=many))[-1]["lines"]) == 4


def test_another_walker_of_the_same_service_is_not_told_twice() -> None:
    one = plain_town()
    twice = replace(one, services=(one.services[0], replace(one.services[0], walker="adult")))
    assert kinds(twice) == kinds(one)


def test_every_number_can_be_checked_by_hand() -> None:
    views = {view["kind"]: view for view in story(plain_town())}
    assert list(views) == ["district", "coverage", "closing"]
    assert views["district"]["figure"] == "1,000"
    assert "“养老”设施 5 处" in views["district"]["said"][0]
    assert views["coverage"]["figure"] == "60.0%"
    assert views["coverage"]["of"][0] == "600 / 1,000 人（60岁以上）"
    assert views["coverage"]["said"][0] == (
        "步行 15 分钟内，600 人走得到，350 人走不到；另有 50 人未能连接路网。"
    )
    # 350 + 50
    assert views["closing"]["figure"] == "400"
    assert views["closing"]["lines"][0][1].startswith("养老 within 15 min: 60.0%, 600 / 1,000")


def test_a_share_of_the_linked_says_so() -> None:
    base = plain_town()
    of_linked = replace(figure(600.0), share_covered=600 / 950)
    layer = replace(base.services[0], figures=(of_linked,))
    view = story(replace(base, services=(layer,)))[1]
    assert view["figure"] == "63.2%"
    assert view["of"] == [
        "600 / 950 人（60岁以上）（已连接路网者）",
        "600 / 950 people aged 60 and over linked to roads",
    ]


def scenario(name: str, after: float, **more: object) -> Scenario:
    one = ScenarioService(
        name="养老", added=(), gained=nobody(), lost=nobody(), before=figure(600.0),
        after=figure(after),
    )  # fmt: skip
    return Scenario(name=name, closed=(), cuts=np.empty((0, 2)), opened=(), services=(one,), **more)


@pytest.mark.parametrize(
    ("after", "told"), [(725.0, "+125"), (480.0, "−120"), (600.0, "0"), (600.4, "0")]
)
def test_a_scenario_tells_its_change_of_the_total(after: float, told: str) -> None:
    data = plain_town(scenarios=(scenario("新天桥", after),))
    view = next(v for v in story(data) if v["kind"] == "scenario")
    assert (view["figure"], view["scenario"]) == (told, 0)
    assert view["of"][1] == "/ 1,000 people aged 60 and over"
    assert view["title"] == ["方案：新天桥", "Scenario: 新天桥"]


def test_who_is_still_left_out_is_told_with_the_gaps_of_the_state() -> None:
    """After 725 of 1,000 are covered, 275 are left, in two gaps of 200 and 75."""
    left = listed(gap(0, 0, 9, 200), gap(0, 0, 9, 75))
    plan = scenario("新天桥", 725.0)
    plan = replace(plan, services=(replace(plan.services[0], gaps=left),))
    now = plain_town()
    data = replace(
        now, scenarios=(plan,), services=(replace(now.services[0], gaps=listed(gap(0, 0, 9, 400))),)
    )
    view = next(v for v in story(data) if v["kind"] == "scenario")
    assert view["lines"] == [
        [
            "仍走不到或未能连接路网的有 275 人，分布在 2 处空白区。",
            "Still not reaching it, or not linked: 275 people in 2 gaps.",
        ]
    ]
    # of a state whose gaps nobody looked for nothing is said
    data = plain_town(scenarios=(scenario("新天桥", 725.0),))
    assert "lines" not in next(v for v in story(data) if v["kind"] == "scenario")


def test_a_proposal_has_its_own_name_and_another_choice_is_left_out() -> None:
    best = scenario("site", 700.0, proposed="best", label=("三处新址", "Three sites"))
    data = plain_town(scenarios=(best, scenario("other", 690.0, proposed="other")))
    views = [v for v in story(data) if v["kind"] == "scenario"]
    assert [v["title"] for v in views] == [["三处新址", "Three sites"]]


def test_years_and_targets_have_a_view_where_the_map_has_them() -> None:
    def year(name: str, covered: float) -> View:
        one = ServiceView(figure=figure(covered), gained=nobody(), lost=nobody(), area=None)
        return View(kind="year", name=(name, name), services=(one,))

    plan = PlanTally(name=("某规划", "A plan"), passed=3, failed=2, unknown=1)
    data = plain_town(views=(year("2024", 650.0), year("2025", 700.0)), targets=(plan,))
    years, targets = story(data)[2:4]
    assert years["figure"] == "+100"
    assert "到 2025 年，15 分钟内走得到的由 600 变为 700 人" in years["said"][0]
    assert [line[1] for line in years["lines"]] == [
        "Today: 60.0%, 600 / 1,000 people aged 60 and over",
        "2024: 65.0%, 650 / 1,000 people aged 60 and over",
        "2025: 70.0%, 700 / 1,000 people aged 60 and over",
    ]
    assert (targets["figure"], targets["of"][0]) == ("3", "/ 6 项指标达标")
    assert targets["said"][0] == "2 项未达标，1 项无法判断。"


def test_without_figures_nothing_is_claimed() -> None:
    layer = replace(service(HOSTILE, [(0.0, 0.0)]), figures=(), uncovered=nobody())
    views = story(town("zh", services=(layer,), demand_unit="street_metres"))
    assert [view["kind"] for view in views] == ["district", "closing"]
    assert not any(view["figure"] for view in views)
    assert "%" not in "".join(view["said"][0] for view in views).replace(HOSTILE, "")
