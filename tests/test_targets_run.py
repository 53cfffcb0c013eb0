"""Plans on whole studies: what is read, counted once, walked and found missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from quarterhour.errors import InputError
from quarterhour.plans.target_facilities import read_listed
from quarterhour.plans.target_run import TargetResults, plan_of, run_targets, summary_of, tables_of
from quarterhour.study import prepare_study
from small_study import box, lonlat, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.targets.evidence import PartResult

# the town of small_study: 西院 at (0, 10), 北站 at (600, 500); 112 people at six places
PLACED = [
    ("西院", 0, 10, "养老院", "现状", "河东街道", 40, 2020),
    ("北站", 600, 500, "日间照料中心", "现状", "河西街道", 10, 2021),
    ("新院", 1200, 10, "养老院", "规划", "河西街道", 50, 2025),
]

HEAD = """
[plan]
key = "mine"
zh = "小镇方案"
en = "Plan of the town"
status = "draft"
source = "test"
"""


def table(
    *rows: tuple[Any, ...], headings: str = "名称,经度,纬度,类型,状态,区县,街道,床位,建成年份"
) -> str:
    """Facilities as csv; without x and y the row has no coordinates."""
    lines = [headings]
    for name, x, y, *rest in rows:
        at = ("", "") if x is None else lonlat(x, y)
        kind, status, town, beds, year = rest
        lines.append(",".join(map(str, [name, *at, kind, status, "江城区", town, beds, year])))
    return "\n".join([*lines, ""])


def indicator(rule: str, id_: str = "T-1", **keys: Any) -> str:
    """An indicator of one part; `keys` are TOML on the right."""
    part = "\n".join(f"{key} = {value}" for key, value in keys.items())
    return (
        f'[[indicator]]\nid = "{id_}"\ndomain = "elderly"\nzh = "甲"\nen = "a"\nclass = "G"\n'
        f'[[indicator.part]]\nrule = "{rule}"\n{part}\n'
    )


TOTAL = indicator(
    "total", facilities='{ domain = "elderly" }', attribute='"beds"',
    targets="[ { year = 2025, value = 100 } ]",
)  # fmt: skip


def study(folder: Path, plan: str, changes: dict[str, Any] | None = None, **files: str) -> Path:
    """The town with two streets (towns), and a plan of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(
        folder / "towns.gpkg",
        [box(-100, -1000, 300, 1000), box(300, -1000, 1300, 1000)],
        乡镇=["河东街道", "河西街道"],
        区县=["江城区", "江城区"],
    )
    given = {
        "towns": {"source": "towns.gpkg"}, "targets": {"plans": ["mine.toml"]},
        "service.0.walker": "elderly", **(changes or {}),
    }  # fmt: skip
    texts = {"facilities.csv": table(*PLACED), "mine.toml": HEAD + plan, **files}
    return small_study(folder, given, dict(texts))


def found(path: Path, plans: list[str] | None = None) -> TargetResults:
    ready = prepare_study(path)
    chosen = None if plans is None else [plan_of(p, path.parent) for p in plans]
    return run_targets(ready.laid.inputs, ready.ground, chosen)


def part_of(path: Path, k: int = 0) -> PartResult:
    return found(path).plans[0].indicators[k].parts[0]


def notes_of(path: Path) -> str:
    return " ".join(n.en for n in found(path).notes)


def test_rows_without_coordinates_and_planned_ones_count(tmp_path: Path) -> None:
    rows = (*PLACED, ("无址院", None, None, "养老院", "现状", "河东街道", 7, 2019))
    plan = TOTAL + indicator("presence", "T-2", level='["town"]', at_least=2,
                             facilities='{ kinds = ["elderly_institution"] }',
                             targets="[ { year = 2025, value = 100 } ]")  # fmt: skip
    path = study(tmp_path, plan, **{"facilities.csv": table(*rows)})
    total = part_of(path)
    assert (total.value, [e.name for e in total.evidence]) == (
        107, ["西院", "北站", "新院", "无址院"],
    )  # fmt: skip
    assert [e.row for e in total.evidence] == [2, 3, 4, 5]
    # 无址院 is in 河东街道 by its name; in 河西街道 there is only the planned one
    presence = part_of(path, 1)
    assert (presence.value, [e.name for e in presence.evidence if e.role == "lacks"]) == (
        50, ["江城区河西街道"],
    )  # fmt: skip
    early = study(tmp_path / "early", plan, {"targets.year": 2024}, **{
        "facilities.csv": table(*rows)})  # fmt: skip
    assert part_of(early).value == 57


def test_a_filter_of_kinds_of_the_service_hides_nothing(tmp_path: Path) -> None:
    path = study(tmp_path, TOTAL, {"service.0.kinds": "养老院", "service.0.status": ["现状"]})
    assert part_of(path).value == 100
    assert part_of(study(tmp_path / "b", TOTAL, {"targets.year": 2024})).value == 50


def test_one_table_of_two_services_is_read_once(tmp_path: Path) -> None:
    twice = {"name": "日间", "facilities": "facilities.csv", "kinds": "日间照料"}
    assert part_of(study(tmp_path, TOTAL, {"service.1": twice})).value == 100


def test_a_facility_in_two_tables_is_counted_once(tmp_path: Path) -> None:
    more = (
        "名称,类型,街道,区县,床位,护理型床位\n"
        "西院,养老院,河东街道,江城区,40,25\n南院,敬老院,河东街道,江城区,5,5\n"
    )
    path = study(tmp_path, TOTAL, {"targets.facilities": ["more.csv"]}, **{"more.csv": more})
    assert part_of(path).value == 105
    assert "1 facility is in two tables, counted once (西院)" in notes_of(path)
    # what only the other table says is known all the same
    ready = prepare_study(path)
    listed = read_listed(ready.laid.inputs)
    assert listed.facilities.attributes["nursing_beds"][0] == 25
    assert listed.tables[int(listed.table[0])] == "facilities.csv + more.csv"
    assert not listed.placed[list(listed.facilities.name).index("南院")]


def test_names_that_say_only_a_kind_stay_apart(tmp_path: Path) -> None:
    more = "名称,类型,街道,区县,床位\n日间照料中心,日间照料中心,河西街道,江城区,3\n"
    rows = (*PLACED[:1], ("日间照料中心", 600, 500, "日间照料中心", "现状", "河西街道", 10, 2021))
    path = study(tmp_path, TOTAL, {"targets.facilities": ["more.csv"]},
                 **{"more.csv": more, "facilities.csv": table(*rows)})  # fmt: skip
    assert part_of(path).value == 53


def test_closed_facilities_do_not_count(tmp_path: Path) -> None:
    rows = (*PLACED, ("旧院", 100, 0, "养老院", "已停业", "河东街道", 99, 2001))
    path = study(tmp_path, TOTAL, **{"facilities.csv": table(*rows)})
    assert part_of(path).value == 100
    assert "1 closed facility does not count" in notes_of(path)


def test_what_lies_outside_the_study_area_is_not_counted(tmp_path: Path) -> None:
    tmp_path.mkdir(exist_ok=True)
    write_layer(tmp_path / "area.gpkg", [box(-50, -1000, 650, 1000)])
    path = study(tmp_path, TOTAL, {"study.area": "area.gpkg"})
    total = part_of(path)
    assert total.value == 50  # 新院 at 1200 is outside
    assert any("1 facility outside the study area" in n.en for n in total.notes)


REACH = indicator("share_in_reach", facilities='{ kinds = ["elderly_institution"] }',
                  minutes=10, targets="[ { year = 2023, value = 25 } ]")  # fmt: skip


def test_reach_is_really_walked(tmp_path: Path) -> None:
    # at 1 m/s 西院 at (0, 10) reaches 甲 (100) and 乙 (500, 20): 30 of 112; 岛 has no way and 山 no
    # road, and both stay in the whole
    walked = part_of(study(tmp_path, REACH))
    assert walked.value == pytest.approx(100 * 30 / 112)
    assert (walked.result, walked.more) == ("pass", None)
    assert any("1.00 m/s" in n.en for n in walked.assumptions)
    fast = REACH.replace("minutes = 10", 'minutes = 5\nwalker = "adult"')
    assert part_of(study(tmp_path / "fast", fast)).value == pytest.approx(100 * 10 / 112)
    later = REACH.replace("2023", "2025")
    # with 新院 at 1200 also 丁
    assert part_of(study(tmp_path / "later", later)).value == pytest.approx(100 * 70 / 112)


def test_streets_stand_in_for_people_and_are_called_so(tmp_path: Path) -> None:
    path = study(tmp_path, REACH.replace("value = 25", "value = 99"), {"people": None})
    walked = part_of(path)
    assert (walked.result, walked.more_of.en) == ("fail", "metres of street")
    assert any("metres of street stand in for people" in n.en for n in walked.assumptions)
    grouped = REACH.replace("minutes = 10", 'minutes = 10\ngroup = "age_60_plus"')
    none = part_of(study(tmp_path / "b", grouped, {"people": None}))
    assert (none.result, none.missing[0].en) == ("unknown", "no people: needs [people]")


def test_units_are_judged_by_people_or_positions(tmp_path: Path) -> None:
    plan = indicator(
        "share_of_units", level='["community"]', by='"reach"', minutes=5,
        facilities='{ kinds = ["elderly_institution"] }',
        targets="[ { year = 2023, value = 50 } ]",
    )  # fmt: skip
    changes = {"units": [{"level": "community", "source": "units.gpkg"}]}
    tmp_path.mkdir(exist_ok=True)
    write_layer(
        tmp_path / "units.gpkg",
        [
            box(-50, -50, 150, 50),  # 甲 lives here, 100 m from 西院
            box(150, -50, 250, 50),  # nobody; its streets are within 300 m of 西院
            box(1150, -50, 1250, 50),  # 丁
        ],
        社区=["一社", "二社", "三社"],
    )
    shared = part_of(study(tmp_path, plan, changes))
    assert shared.value == pytest.approx(200 / 3)
    assert [e.name for e in shared.evidence if e.role == "lacks"] == ["三社"]
    assert any("judged by positions" in n.en for n in shared.notes)


def test_communities_that_are_points(tmp_path: Path) -> None:
    plan = indicator(
        "share_of_units", level='["community"]', by='"either"', minutes=2,
        facilities='{ kinds = ["elderly_facility"] }',
        targets="[ { year = 2023, value = 100 } ]",
    )  # fmt: skip
    tmp_path.mkdir(exist_ok=True)
    write_layer(
        tmp_path / "units.gpkg",
        [
            shapely.Point(lonlat(0, 0)),
            shapely.Point(lonlat(1200, 0)),
            shapely.Point(lonlat(600, 0)),
        ],
        社区=["一社", "二社", "三社"],
    )
    rows = (
        table(*PLACED[:2])
        .replace("街道", "街道,社区", 1)
        .replace("河西街道,10", "河西街道,三社,10")
    )
    rows = rows.replace("河东街道,40", "河东街道,,40")
    path = study(tmp_path, plan, {"units": [{"level": "community", "source": "units.gpkg"}]},
                 **{"facilities.csv": rows})  # fmt: skip
    shared = part_of(path)
    # 一社 is reached, 三社 is named by 北站, 二社 has neither
    assert [e.name for e in shared.evidence if e.role == "lacks"] == ["二社"]


def test_urban_people_and_units(tmp_path: Path) -> None:
    plan = REACH.replace("minutes = 10", 'minutes = 10\nwhere = "urban"') + indicator(
        "total", "T-2", of='"units"', level='["town"]', units="{ urban = true }",
        targets="[ { value = 1 } ]",
    )  # fmt: skip
    tmp_path.mkdir(exist_ok=True)
    write_layer(tmp_path / "urban.gpkg", [box(-100, -100, 550, 100)])
    path = study(tmp_path, plan, {"urban": {"source": "urban.gpkg"}})
    assert part_of(path).value == 100  # 甲 and 乙
    towns = part_of(path, 1)
    assert (towns.value, [e.name for e in towns.evidence]) == (1, ["江城区河东街道"])
    unknown = part_of(study(tmp_path / "b", plan))
    assert (unknown.result, unknown.missing[0].en) == (
        "unknown", "what is urban is not known: needs [urban]",
    )  # fmt: skip


def test_residential_areas_keep_their_columns(tmp_path: Path) -> None:
    plan = indicator(
        "size_rule", over='"units"', level='["residential"]', must="{ people = { min = 1 } }",
        where_size="{ households = { above = 1000 } }", targets="[ { value = 100 } ]",
    )  # fmt: skip
    tmp_path.mkdir(exist_ok=True)
    write_layer(
        tmp_path / "homes.gpkg",
        [box(50, -50, 150, 50), box(1150, -50, 1199, 50)],
        名称=["大院", "小院"], 户数=[1001, 1000], 人口=[0, 5],
    )  # fmt: skip
    changes = {"residential": {"source": "homes.gpkg"}}
    rule = part_of(study(tmp_path, plan, changes))
    assert (rule.result, [e.name for e in rule.evidence]) == ("fail", ["大院"])


def test_kinds_by_the_name_of_the_table(tmp_path: Path) -> None:
    more = "名称,街道,区县,床位\n安康,河东街道,江城区,5\n幸福日间照料中心,河东街道,江城区,6\n"
    changes = {"targets.facilities": ["养老院.csv"]}
    plan = TOTAL + indicator("total", "T-2", facilities='{ kinds = ["senior_day_care"] }',
                             targets="[ { year = 2025, value = 2 } ]")  # fmt: skip
    path = study(tmp_path, plan, changes, **{"养老院.csv": more})
    assert part_of(path).value == 111
    assert [e.name for e in part_of(path, 1).evidence] == ["北站", "幸福日间照料中心"]
    assert "养老院.csv has no column of kinds" in notes_of(path)
    # a name that says nothing leaves the column missing
    path = study(tmp_path / "b", TOTAL.replace("100", "1000"),
                 {"targets.facilities": ["list.csv"]}, **{"list.csv": more})  # fmt: skip
    assert part_of(path).missing[0].en == "list.csv has no column kind (kind)"


def test_tables_for_counting_may_be_layers_sheets_and_the_same_table(tmp_path: Path) -> None:
    from openpyxl import Workbook

    tmp_path.mkdir(exist_ok=True)
    write_layer(tmp_path / "more.gpkg", [shapely.Point(lonlat(900, 300))], 名称=["层院"],
                类型=["养老院"], 床位=[3])  # fmt: skip
    book = Workbook()
    for name, beds in (("甲表", 5), ("乙表", 7)):
        sheet = book.create_sheet(name)
        sheet.append(["名称", "类型", "床位"])
        sheet.append([f"{name}院", "养老院", beds])
    book.save(tmp_path / "book.xlsx")
    given = ["more.gpkg", "book.xlsx#乙表", "facilities.csv", "book.xlsx#乙表"]
    total = part_of(study(tmp_path, TOTAL, {"targets.facilities": given}))
    assert (total.value, [e.name for e in total.evidence[3:]]) == (110, ["层院", "乙表院"])
    path = study(tmp_path, TOTAL, {"targets.facilities": ["none.csv"]})
    with pytest.raises(InputError, match=r"none\.csv"):
        found(path)


def test_long_evidence_is_cut_and_counted(tmp_path: Path) -> None:
    rows = [(f"院{k}号楼", None, None, "养老院", "现状", "河东街道", 1, 2020) for k in range(70)]
    path = study(tmp_path, TOTAL, **{"facilities.csv": table(*PLACED[:1], *rows)})
    results = found(path)
    part = summary_of(results)["plans"][0]["indicators"][0]["parts"][0]
    assert (part["value"], len(part["evidence"]), part["evidence_total"]) == (
        110.0, 60, {"counted": 71},
    )  # fmt: skip
    assert len(tables_of(results)[1].rows) == 60


def test_sums_below_a_table_without_coordinates_are_no_facility(tmp_path: Path) -> None:
    more = "名称,类型,床位\n远院,养老院,5\n近院,养老院,6\n合计,,11\n,,11\n名称,类型,床位\n"
    path = study(tmp_path, TOTAL, {"targets.facilities": ["more.csv"]}, **{"more.csv": more})
    results = found(path)
    assert results.plans[0].indicators[0].parts[0].value == 111
    assert [(r.row, r.reason) for r in results.set_aside] == [
        (4, "footer_row"), (5, "no_name"), (6, "header_row"),
    ]  # fmt: skip


def test_rows_of_counted_tables_that_are_no_facility_are_told(tmp_path: Path) -> None:
    more = "名称,类型,床位,经度,纬度\n远院,养老院,5,104.65,30.12\n合计,,5,,\n"
    path = study(tmp_path, TOTAL, {"targets.facilities": ["more.csv"]}, **{"more.csv": more})
    results = found(path)
    assert results.plans[0].indicators[0].parts[0].value == 105
    assert [(r.file, r.row) for r in results.set_aside] == [("more.csv", 3)]
    assert summary_of(results)["set_aside"][0]["reason"] == "footer_row"
    assert [r.file for r in results.readings] == ["more.csv"]


def test_thresholds_of_unknown_indicators_are_told(tmp_path: Path) -> None:
    path = study(tmp_path, TOTAL, {"targets.thresholds": {"Z-99": 50.0}})
    with pytest.raises(InputError, match=r"thresholds names Z-99; no plan has such"):
        found(path)


def test_every_shipped_plan_runs_and_says_why(tmp_path: Path) -> None:
    from quarterhour.targets.schema import shipped_plans

    results = found(study(tmp_path, TOTAL), list(shipped_plans()))
    for plan in results.plans:
        for one in plan.indicators:
            assert one.parts or one.remark.zh, one.id
            for part in one.parts:
                assert (part.result == "unknown") == bool(part.missing), one.id
                assert (part.value is None) == (part.result == "unknown"), one.id
                assert part.target is not None, one.id


def test_summary_and_tables_say_the_same(tmp_path: Path) -> None:
    results = found(study(tmp_path, TOTAL + REACH.replace("T-1", "T-2")))
    summary = summary_of(results)
    again = summary_of(found(study(tmp_path / "again", TOTAL + REACH.replace("T-1", "T-2"))))
    assert json.dumps(summary) == json.dumps(again)
    plan = summary["plans"][0]
    assert (plan["key"], plan["pass"], plan["fail"], plan["unknown"]) == ("mine", 2, 0, 0)
    part = plan["indicators"][0]["parts"][0]
    assert (part["value"], part["target"], part["distance"]) == (100.0, 100.0, 0.0)
    assert part["evidence"][0] == {
        "role": "counted", "what": "facility", "name": "西院", "file": "facilities.csv", "row": 2,
        "value": 40.0,
    }  # fmt: skip
    targets, evidence = tables_of(results)
    assert (targets.key, evidence.key) == ("targets", "target_evidence")
    keys = [c.key for c in targets.columns]
    first = dict(zip(keys, targets.rows[0], strict=True))
    assert (first["id"], first["result"].zh, first["value"], first["target"]) == (
        "T-1", "达标", 100.0, "≥ 100",
    )  # fmt: skip
    assert len(evidence.rows) == sum(
        len(p["evidence"]) for i in plan["indicators"] for p in i["parts"]
    )
    assert tables_of(TargetResults(plans=())) == []
