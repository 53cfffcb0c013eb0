"""Project lists of plans: packages once, sites of the user, a workbook to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.plans.planned import (
    facilities_in,
    planned_of,
    presence,
    read_plan,
    shipped_towns,
    summary_of,
    tables_of,
    written_towns,
)
from quarterhour.plans.project_sites import write_workbook
from quarterhour.plans.site_table import read_sites
from quarterhour.sources.facilities.kinds import kind_keys
from quarterhour.sources.facilities.read import read_facilities
from quarterhour.targets.project_list import read_list, sites_named
from quarterhour.targets.projects import PLANS, in_time, select

if TYPE_CHECKING:
    from pathlib import Path

HEAD = (
    "no,name,domain,type,mode,year_start,year_end,county,town,beds,places,floor_area_m2,"
    "investment_10k_yuan,apply_central_10k_yuan,lead"
)
SMALL = f"""{HEAD}
1,甲镇养老院,elderly,养老院,new,2022,2024,某县,甲镇,100,,3000,500,,某县民政局
2,3个街道社区养老服务综合体,elderly,社区养老服务综合体,new,2023,2025,某县,东街道;西街道,60,,,900,,某县民政局
3,乙幼儿园托班,childcare,托育机构,new,2025,2026,某县,乙镇,,40,,80,,某县卫健局
4,老旧小区改造,other,老旧小区改造,,2023,2023,某县,,,,,7000,,某县住建局
5,困难老年人家庭适老化改造项目,elderly,居家适老化改造,,2023,2025,某县,,,,,200,,某县民政局
6,丙镇日间照料中心,elderly,日间照料中心,new,,,某县,丙镇,20,,,,,某县民政局
"""
FIGURES = """[plan]
target_year = 2025
list = "list.csv"
"""


def small_plan(folder: Path, rows: str = SMALL, figures: str = FIGURES) -> str:
    (folder / "list.csv").write_text(rows, "utf-8")
    (folder / "plan.toml").write_text(figures, "utf-8")
    return str(folder / "plan.toml")


@pytest.mark.parametrize(
    ("plan", "rows", "beds", "places", "cost"),
    [
        # the sums of the printed lists, in which Ziyang's other projects are counted, too
        ("ziyang", 80, 7350, 9596, 259281 + 24940 + 69300 + 1599450 + 5150 + 271000),
        ("anon_city", 0, 0, 0, 0),
        ("dazhou_draft", 105, 6220, 6860, 152370 + 56584),
        ("hechuan", 7, 0, 0, 0),
        ("yinzhou", 11, 999, 215, 550510),
    ],
)
def test_lists_that_ship(plan: str, rows: int, beds: int, places: int, cost: int) -> None:
    projects = read_plan(plan).projects
    assert len(projects) == rows
    sums = [sum(p.amount(m) for p in projects) for m in ("beds", "places", "cost")]
    assert sums == [beds, places, cost]


def test_rows_are_recognised() -> None:
    ziyang = read_plan("ziyang")
    row = ziyang.named("1E12")
    assert (row.kind_keys, row.sites, row.year_end) == (("regional_centre",), 5, 2025)
    assert row.towns == ("保和镇", "丹山镇", "伍隍镇", "宝台镇", "祥符镇")
    assert ziyang.named("1E19").unread == {"beds": "30-50"}
    assert ziyang.named("1E01").name == "资阳市失智老人养护大楼建设项目"  # [资]阳市 in the list
    unknown = [p.no for p in facilities_in(ziyang) if not p.kind_keys]
    assert unknown == []


@pytest.mark.parametrize(
    ("name", "towns", "sites"),
    [
        ("雁江区5个社区养老服务综合体", 5, 5),
        ("雁江区15个镇39所公办养老机构消防安全改造", 0, 39),
        ("乐至县2个街道1个乡镇社区养老服务综合体", 0, 3),
        ("通川区社区居家养老服务网络建设项目（1个片区）", 1, 1),
        ("安岳县15个城市社区养老服务综合体", 3, 15),
        ("安岳县李家镇老年康养中心", 1, 1),
    ],
)
def test_how_many_sites_a_name_speaks_of(name: str, towns: int, sites: int) -> None:
    assert sites_named(name, towns) == sites


def test_selection_by_number() -> None:
    rows = read_plan("dazhou_draft").projects
    assert len(select(rows, ["E*"])) == 28
    assert [p.no for p in select(rows, ["E08-E10", "C01"])] == ["E08", "E09", "E10", "C01"]
    assert [p.no for p in select(rows, ["E*"], ["渠县"])] == ["E08", "E15", "E26"]


def test_a_package_counts_in_each_town_and_its_totals_once(tmp_path: Path) -> None:
    plan = read_plan(small_plan(tmp_path))
    planned = planned_of(plan)
    assert presence(planned) == {
        ("某县", "甲镇"): ("1",), ("某县", "东街道"): ("2",), ("某县", "西街道"): ("2",),
        ("某县", ""): ("2",), ("某县", "乙镇"): ("3",), ("某县", "丙镇"): ("6",),
    }  # fmt: skip
    package = [(one.name, one.town, one.beds, one.sites) for one in planned if one.no == "2"]
    assert package == [
        ("3个街道社区养老服务综合体（1/3）", "东街道", None, 1),
        ("3个街道社区养老服务综合体（2/3）", "西街道", None, 1),
        ("3个街道社区养老服务综合体（3/3）", "", None, 1),
        ("3个街道社区养老服务综合体（合计）", "", 60, 0),
    ]


def test_what_opens_later_or_without_a_year_does_not_count(tmp_path: Path) -> None:
    plan = read_plan(small_plan(tmp_path))
    assert {one.no for one in planned_of(plan, year=2025)} == {"1", "2"}
    assert {one.no for one in planned_of(plan, year=2026)} == {"1", "2", "3"}
    assert {one.no for one in planned_of(plan)} == {"1", "2", "3", "6"}
    ziyang = read_plan("ziyang")
    assert "1E20" not in {one.no for one in planned_of(ziyang, year=2025)}
    assert "1E20" in {one.no for one in planned_of(ziyang, year=2026)}


@given(st.sampled_from(PLANS), st.integers(2021, 2031))
def test_nothing_is_counted_twice_or_lost(plan: str, year: int) -> None:
    found = read_plan(plan)
    rows = in_time(facilities_in(found), year)
    planned = planned_of(found, year=year)
    for measure in ("beds", "places", "cost"):
        assert sum(getattr(one, measure) or 0 for one in planned) == pytest.approx(
            sum(p.amount(measure) for p in rows)
        )
    assert sum(one.sites for one in planned) == sum(p.sites for p in rows)


def test_towns_are_matched_within_their_county() -> None:
    assert len(shipped_towns().towns) == 344
    found = {(w.no, w.written): w for w in written_towns(read_plan("dazhou_draft"))}
    assert found["C70", "清溪镇"].town == "清溪场镇"  # 清溪镇 is in another county
    assert found["C49", "麻柳镇"].status == "unresolved"  # a zone has no county of its own
    zones = {"经开区": "达川区"}
    found = {(w.no, w.written): w for w in written_towns(read_plan("dazhou_draft"), zones=zones)}
    assert (found["C49", "麻柳镇"].county, found["C49", "麻柳镇"].town) == ("达川区", "麻柳镇")


def test_the_workbook_is_a_facility_table_once_it_has_coordinates(tmp_path: Path) -> None:
    plan = read_plan("dazhou_draft")
    book = tmp_path / "projects.xlsx"
    assert write_workbook(book, plan) == 28 - 3 + 9 + 77
    again = tmp_path / "again.xlsx"
    write_workbook(again, plan)
    assert book.read_bytes() == again.read_bytes()
    pages = openpyxl.load_workbook(book)
    page = pages["养老项目"]
    heading = {cell.value: cell.column for cell in page[1]}
    for row, lon, lat in ((2, 107.50, 31.21), (9, 107.72, 31.05)):
        page.cell(row, heading["经度"], lon)
        page.cell(row, heading["纬度"], lat)
    pages.save(book)
    found = read_facilities(book, sheet="养老项目", status=["现状", "规划"])
    assert list(found.row) == [2, 9]
    assert found.name == (
        "通川区社区居家养老服务网络建设项目（1个片区）",
        "达川区人民医院老年医养中心建设项目",
    )
    assert found.kind_keys[1] == ("medical_elderly",)
    assert found.status == ("规划", "规划")
    assert found.attributes["open_year"] == (2022.0, 2022.0)
    assert found.attributes["beds"] == (30.0, 300.0)
    assert found.attributes["cost"] == (300.0, 4500.0)
    assert found.attributes["county"] == ("通川区", "达川区")
    totals = [page.cell(k, 2).value for k in range(2, page.max_row + 1)]
    totals = [name for name in totals if name.endswith("（合计）")]
    assert len(found.set_aside) == 28 - 3 + 9 - 2 + len(totals)
    beds = [page.cell(k, heading["床位数"]).value or 0 for k in range(2, page.max_row + 1)]
    assert sum(beds) == 6_220  # all that the list states, packages once
    remark = {
        page.cell(k, 1).value: page.cell(k, heading["备注"]).value
        for k in range(2, page.max_row + 1)
        if not page.cell(k, 2).value.endswith("（合计）")
    }
    assert remark["E02"] == "打包项目，共 5 处；床位合计 60 张，请分到各处；投资合计 1,500 万元"
    assert "改建项目：原设施若已列入现状，请勿重复" in remark["E05"]
    given = read_sites(book, plan, sheet="养老项目")
    assert len(given.sites) == 28 - 3 + 9
    assert given.set_aside == ()


def sites_text(*rows: str) -> str:
    return "\n".join(["清单号,名称,街道,经度,纬度,床位数,托位数", *rows, ""])


def test_sites_of_the_user_take_the_place_of_a_package(tmp_path: Path) -> None:
    plan = read_plan(small_plan(tmp_path))
    table = tmp_path / "sites.csv"
    table.write_text(sites_text(
        "2,东街道综合体,东街道,104.1,30.1,30,", "2,西街道综合体,西街道,104.2,30.1,20,",
        "2,北街道综合体,北街道,104.2,30.2,10,", "9,哪里都没有,,,,,",
    ), "utf-8")  # fmt: skip
    sites, aside, agree, unsure = read_sites(table, plan)
    assert (agree, unsure) == (("2",), ())
    assert [(s.no, s.town, s.lon, s.beds) for s in sites] == [
        ("2", "东街道", 104.1, 30.0), ("2", "西街道", 104.2, 20.0), ("2", "北街道", 104.2, 10.0),
    ]  # fmt: skip
    assert [(r.row, r.reason) for r in aside] == [(5, "unknown_project")]
    own = [one for one in planned_of(plan, sites=sites) if one.no == "2"]
    assert [(one.town, one.beds, one.sites, one.open_year) for one in own] == [
        ("东街道", 30.0, 1, 2025), ("西街道", 20.0, 1, 2025), ("北街道", 10.0, 1, 2025),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (sites_text("2,甲,,,,30,", "2,乙,,,,20,"), "the sites of 2 have 50 beds, the list has 60"),
        (sites_text("1,甲,,,,100,8"), "the sites of 1 have 8 places, the list has 0"),
        ("名称,经度,纬度\n甲,104,30\n", "has no column 清单号"),
    ],
)
def test_sites_that_do_not_fit(tmp_path: Path, text: str, fault: str) -> None:
    plan = read_plan(small_plan(tmp_path))
    (tmp_path / "sites.csv").write_text(text, "utf-8")
    with pytest.raises(InputError, match=fault):
        read_sites(tmp_path / "sites.csv", plan)


@pytest.mark.parametrize(
    ("rows", "figures", "fault"),
    [
        (SMALL, "", r"needs a part \[plan\]"),
        (SMALL, "plan = 1", r"needs a part \[plan\] with keys"),
        (SMALL, "[plan", "is no TOML file"),
        (SMALL, '[plan]\nlist = "list.csv"', "needs target_year"),
        (SMALL, FIGURES + "[goal]\n", "unknown part 'goal'"),
        (
            SMALL,
            FIGURES + '[figure]\nbeds = { value = "many" }',
            r"\[figure\] beds value is 'many'",
        ),
        (SMALL, FIGURES + "[figure]\nbeds = { value = 0 }", r"\[figure\] beds value is 0"),
        (SMALL, FIGURES + "[figure]\nbeds = { valu = 3 }", r"\[figure\] beds needs value"),
        (SMALL, FIGURES + '[[head]]\nkey = "a"\nselect = "1*"', r"number 1 select is '1\*'"),
        (SMALL, FIGURES + '[[text]]\nno = "1"\nbed = 3', "number 1 has the unknown key bed"),
        (SMALL, FIGURES + '[[check]]\nkey = "a"\nrule = "x"\n' * 2, "two .* have the key 'a'"),
        (SMALL, FIGURES + '[[check]]\nkey = "a"', r"\[\[check\]\] number 1 needs rule"),
        (SMALL, FIGURES + '[check]\nkey = "a"', r"write \[\[check\]\] in double brackets"),
        ("no,name\n1,甲\n", FIGURES, "has no column domain"),
    ],
)
def test_faults_of_a_plan_are_one_sentence(
    tmp_path: Path, rows: str, figures: str, fault: str
) -> None:
    with pytest.raises(InputError, match=fault):
        read_plan(small_plan(tmp_path, rows, figures))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no plan 'zigong'; needed is one of ziyang"):
        read_plan("zigong")
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(str(tmp_path / "no.toml"))
    with pytest.raises(InputError, match=r"no\.csv: cannot be read"):
        read_list(tmp_path / "no.csv", kind_keys=kind_keys)
    (tmp_path / "gbk.csv").write_bytes(SMALL.encode("gbk"))
    with pytest.raises(InputError, match="is not in UTF-8"):
        read_list(tmp_path / "gbk.csv", kind_keys=kind_keys)
    with pytest.raises(InputError, match="lists no facilities"):
        write_workbook(tmp_path / "a.xlsx", read_plan("anon_city"))
    with pytest.raises(InputError, match=r"ends in \.xlsx"):
        write_workbook(tmp_path / "a.csv", read_plan("yinzhou"))


def test_table_of_the_planned() -> None:
    plan = read_plan("yinzhou")
    table = tables_of(plan, planned_of(plan))[0]
    assert table.rows[0][:2] == ("1", "鄞州中心城区医疗康养项目")
    assert len(table.rows) == 9  # two of the eleven rows are no care
    summary = summary_of(plan, planned_of(plan))
    assert (summary["facilities"], summary["beds"], summary["undated"]) == (9, 999, [])
    assert {"county": "鄞州区", "town": "白鹤街道", "rows": ["4"]} in summary["towns"]
    hechuan = read_plan("hechuan")
    assert len(summary_of(hechuan, planned_of(hechuan))["undated"]) == 7
