"""Beside the best choice: a curve, years, another choice, a second facility, beds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.siting.more import NEARBY_M
from quarterhour.siting.result import SiteResult
from quarterhour.siting.run import run_site
from quarterhour.siting.tables import answers_of, summary_of, tables_of
from siting_town import sites_text, siting_study, with_cells
from small_study import facilities_text, lonlat

if TYPE_CHECKING:
    from pathlib import Path


def answer(folder: Path, sites: str | None = None, **site_keys: Any) -> SiteResult:
    found = run_site(siting_study(folder, site_keys, sites=sites)).result
    assert isinstance(found, SiteResult)
    return found


def test_a_curve_over_numbers(tmp_path: Path) -> None:
    # 东口 40, 北坡 30, 路口 20, 岛心 5, and nothing for a fifth
    told = summary_of(answer(tmp_path, n_sites=5, curve=True))["curve"]
    assert told["by"] == "n_sites"
    assert [(p["value"], p["added"]) for p in told["points"]] == [
        (1, 40), (2, 70), (3, 90), (4, 95), (5, 95),
    ]  # fmt: skip
    assert all(p["proven"] for p in told["points"])
    assert [p["bound"] for p in told["points"]] == [40, 70, 90, 95, 95]


def test_a_curve_over_budgets(tmp_path: Path) -> None:
    costs = with_cells({"东口": 90, "北坡": 50, "路口": 45, "岛心": 5}, "造价", default=(500,))
    found = answer(tmp_path / "a", costs, budget=100, curve=[50, 95, 4, 190])
    told = summary_of(found)["curve"]
    assert told["by"] == "budget"
    assert [(p["value"], p["added"]) for p in told["points"]] == [
        (4, 0), (50, 30), (95, 50), (190, 95),
    ]  # fmt: skip
    table = next(t for t in tables_of(found) if t.key == "site_curve")
    assert [row[2] for row in table.rows] == [None, 30, 20, 45]  # more than the row above
    told = summary_of(answer(tmp_path / "b", costs, budget=100, curve=True))["curve"]
    assert [p["value"] for p in told["points"]] == [10 * k for k in range(1, 11)]
    added = [p["added"] for p in told["points"]]
    assert added == sorted(added)


def middle_town(folder: Path, ends: int, **site_keys: Any) -> SiteResult:
    """Four homes on the main street, 20 people in each of the middle ones, `ends` in the others.

    中 (500, 0) reaches both homes in the middle, at 300 and 700; 西 (100, 0) those at 0 and 300,
    东 (900, 0) those at 700 and 1100.
    """
    rows = [("a", 0, ends), ("b", 300, 20), ("c", 700, 20), ("d", 1100, ends)]
    lines = ["name,lon,lat,population"]
    for name, x, people in rows:
        lines.append("{},{:.9f},{:.9f},{}".format(name, *lonlat(x, 0), people))
    lon, lat = lonlat(600, 600)
    facilities = f"设施名称,类型,状态,经度,纬度\n远,养老院,现状,{lon:.9f},{lat:.9f}\n"
    sites = sites_text([("西", 100, 0), ("中", 500, 0), ("东", 900, 0)])
    path = siting_study(
        folder, site_keys, sites=sites,
        files={"people.csv": "\n".join([*lines, ""]), "facilities.csv": facilities},
    )  # fmt: skip
    return run_site(path).result


def test_building_year_by_year_has_a_price(tmp_path: Path) -> None:
    # ends of 5: 中 (40), then 西 (45) are 85 over the years; 西 (25), then 东 (50) only 75
    found = middle_town(tmp_path / "a", 5, phases={"2026": 1, "2027": 1})
    told = summary_of(found)["phases"]
    assert [(y["year"], y["sites"], y["total_added"]) for y in told["years"]] == [
        (2026, ["中"], 40), (2027, ["西"], 45),
    ]  # fmt: skip
    assert (told["free"], told["price"], told["most_price"]) == (50, 5, 5)
    assert "逐年建设的代价：2027 年比只为该年规划的最优方案少覆盖 5 人" in [
        n.zh for n in answers_of(found)
    ]
    # ends of 19: 中 (40), then 西 (59) are 99; 西 (39), then 东 (78) are 117 and cost nothing
    found = middle_town(tmp_path / "b", 19, phases={"2026": 1, "2027": 1})
    told = summary_of(found)["phases"]
    assert [y["sites"] for y in told["years"]] == [["西"], ["东"]]
    assert (told["free"], told["price"], found.people_added) == (78, 0, 78)
    # two in the first year, in whatever order they are written
    found = middle_town(tmp_path / "c", 19, phases={"2027": 1, "2026": 2})
    told = summary_of(found)["phases"]
    assert [y["total_added"] for y in told["years"]] == [78, 78]
    assert "逐年建设不影响 2027 年的结果" in " ".join(n.zh for n in answers_of(found))


def test_another_choice(tmp_path: Path) -> None:
    # 东口 and a spot 10 m beside it are as good as each other
    sites = sites_text([("东口", 1100, 0), ("东口旁", 1090, 0), ("路口", 600, 0)])
    found = answer(tmp_path / "a", sites, n_sites=1)
    told = summary_of(found)["alternative"]
    assert [s["name"] for s in told["sites"]] == ["东口旁"]
    assert (told["added"], told["in_common"], told["farthest"]) == (40, 0, True)
    # nothing else is within one percent
    assert "alternative" not in summary_of(answer(tmp_path / "b", n_sites=1))


def test_a_site_across_the_street_is_no_other_choice(tmp_path: Path) -> None:
    # 40 people at each of two homes on the side street, and 40 in the east: two sites cover 80
    rows = [("a", 600, 250), ("b", 600, 600), ("c", 1200, 0)]
    lines = ["name,lon,lat,population"]
    lines += ["{},{:.9f},{:.9f},40".format(k, *lonlat(x, y)) for k, x, y in rows]
    path = siting_study(
        tmp_path, {"n_sites": 2, "candidates": "network", "spacing_m": 25},
        files={"people.csv": "\n".join([*lines, ""])},
    )  # fmt: skip
    found = run_site(path).result
    other = found.more.alternative
    assert found.people_added == 120  # one spot on the side street reaches both homes
    at, chosen = found.candidates.at, set(found.chosen.tolist())
    xy = np.column_stack(found.given.ground.crs.metres(at.lon, at.lat))
    for k in () if other is None else other.solution.chosen:
        away = np.hypot(*(xy[k] - xy[found.chosen]).T)
        assert k in chosen or away.min() >= NEARBY_M


def test_a_second_facility_in_reach(tmp_path: Path) -> None:
    # 西口 reaches 甲, who has 西院: the only one who can be reached twice by one more site
    found = answer(tmp_path, problem="backup", n_sites=5)
    told = summary_of(found)["backup"]
    assert (told["once"], told["twice"], told["twice_before"]) == (105, 10, 0)
    assert "西口" in found.sites.name
    assert "两处以上设施可达者：0 人 → 10 人" in [n.zh for n in answers_of(found)]


def test_sizes_with_room_and_cost(tmp_path: Path) -> None:
    path = siting_study(tmp_path, {
        "budget": 100,
        "size": [{"name": "小", "capacity": 20, "cost": 30},
                 {"name": "大", "capacity": 35, "cost": 60}],
    })  # fmt: skip
    found = run_site(path, tmp_path / "out").result
    # 东口 大 35 for 60 and 小 20 at 北坡 or 路口 for 30: 55 people for 90; three 小 would be 60
    told = summary_of(found)["capacity"]
    assert told["served"] == 60
    assert sorted((s["name"], s["size"], s["served"]) for s in told["sites"]) == [
        ("东口", "小", 20), ("北坡", "小", 20), ("路口", "小", 20),
    ]  # fmt: skip
    assert found.cost == 900_000
    assert [s["capacity"] for s in summary_of(found)["sites"]] == [20, 20, 20]


def test_room_of_the_buildings_and_a_share_in_need(tmp_path: Path) -> None:
    room = with_cells({"东口": 5, "北坡": 30}, "容量", default=("",))
    found = answer(tmp_path / "a", room, n_sites=1, capacity=True)
    assert found.sites.name == ("北坡",)  # 30 people and not 5 of 40
    found = answer(tmp_path / "b", room, n_sites=1, capacity=True, need_share=0.1)
    told = summary_of(found)["capacity"]
    assert (found.sites.name, told["served"]) == (("东口",), 4)  # a tenth of 40 people


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"phases": {"soon": 1}}, "phases names 'soon'; needed are years"),
        ({"phases": {"2026": 2}, "n_sites": 1}, "phases build 2 sites and n_sites is 1"),
        ({"phases": {"2026": 2}, "problem": "median"}, 'phases go with problem = "most_people"'),
        ({"curve": True, "problem": "everyone"}, 'curve goes with problem = "most_people"'),
        ({"curve": [1.5], "n_sites": 2}, "curve names 1.5 sites; needed are whole numbers"),
        ({"capacity": True, "n_sites": 2}, "no usable candidate of sites.csv has one"),
        ({"capacity": True, "n_sites": 2, "curve": True}, "without curve and phases"),
        ({"need_share": 0.1, "n_sites": 2}, "need_share says how many need a place"),
        (
            {"n_sites": 1, "size": [{"name": "小", "capacity": 1, "cost": 1}] * 2},
            "give every size its own name",
        ),
    ],
)
def test_questions_that_do_not_fit(keys: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        answer(tmp_path, **keys)
    assert sentence in str(error.value)


def test_room_at_existing_facilities(tmp_path: Path) -> None:
    # 西口 has room for 20 and reaches the 10 of 甲, 东口 for 5 of the 40 of 丁
    room = with_cells({"东口": 5, "西口": 20}, "容量", default=(0,))
    facilities = facilities_text([("西院", 0, 10, "养老院", "现状")])
    head, row = facilities.splitlines()
    for beds, best, before, after in (
        ("", "东口", 0, 5),  # nothing is said: whoever is covered has room
        ("4", "西口", 4, 10),  # 6 of 甲 have none
        ("8", "东口", 8, 13),
    ):
        path = siting_study(
            tmp_path / (beds or "none"), {"n_sites": 1, "capacity": True}, sites=room,
            files={"facilities.csv": f"{head},床位\n{row},{beds}\n"},
        )  # fmt: skip
        found = run_site(path, tmp_path / "out").result
        assert isinstance(found, SiteResult)
        assert list(found.sites.name) == [best]
        told = summary_of(found)["capacity"]
        assert told["existing_room"] == (float(beds) if beds else None)
        if beds:
            assert (told["served_before"], told["served"]) == (before, after - before)
            assert found.solution.objective == found.solution.bound == after * 1e6
            assert any(f"共接纳 {before} 人 → {after} 人" in note.zh for note in answers_of(found))


def test_the_share_in_need_is_that_of_the_service(tmp_path: Path) -> None:
    # 10 % of the 40 of 丁 need a place
    room = with_cells({"东口": 30}, "容量", default=(0,))
    path = siting_study(
        tmp_path, {"n_sites": 1, "capacity": True}, sites=room,
        changes={"service.0.need_share": 0.1},
    )  # fmt: skip
    found = run_site(path).result
    assert isinstance(found, SiteResult)
    assert summary_of(found)["capacity"]["served"] == 4
