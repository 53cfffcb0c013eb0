"""The arithmetic of the plans: computed from their lists and figures, and equal to what we know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.plans.planned import check_plan, read_plan
from quarterhour.targets.findings import STATUS, summary_of, tables_of
from quarterhour.targets.projects import PLANS, Figure, Plan
from quarterhour.targets.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from quarterhour.targets.findings import Finding


def findings(plan: str) -> dict[str, Finding]:
    found = check_plan(read_plan(plan))
    assert len({f.key for f in found}) == len(found)
    return {f.key: f for f in found}


def test_nursery_places_of_ziyang() -> None:
    found = findings("ziyang")
    late = found["places_per_thousand_2025"]
    # 9,830 / 2,308,600 = 4.2580 per 1000; 4.5 x 2,308.6 = 10,388.7; 9,830 / 4.5 x 1000 = 2,184,444
    assert late.status == "differs"
    assert late.numbers["reached"] == pytest.approx(4.26, abs=0.005)
    assert late.numbers["needed"] == 10389
    assert late.numbers["short"] == 559
    assert late.numbers["implied_people"] == pytest.approx(2_184_000, abs=500)
    assert "9,830" in late.sentence.zh
    assert "218.4万" in late.sentence.zh
    early = found["places_per_thousand_2023"]
    assert early.numbers["implied_people"] == pytest.approx(2_257_000, abs=500)
    assert found["places_gap"].numbers["result"] == 6670


def test_annex_heads_of_ziyang() -> None:
    found = findings("ziyang")
    head = found["head_annex_1"]
    assert head.status == "differs"
    assert (head.numbers["projects_printed"], head.numbers["projects_rows"]) == (42, 50)
    assert head.numbers["cost_printed"] == 353521
    assert head.numbers["cost_parts"] == 353521 == 259281 + 94240
    assert head.numbers["cost_rows"] == 259281 + 24940
    childcare = found["head_annex_1_childcare"]
    assert childcare.numbers["cost_printed"] == 94240 == 24940 + 69300
    assert childcare.numbers["cost_of_other_head"] == 69300
    others = {k: f for k, f in found.items() if k.startswith("head_")}
    wrong = {k for k, f in others.items() if f.status != "agrees"}
    assert wrong == {"head_annex_1", "head_annex_1_childcare"}
    assert len(others) == 18
    ziyang = read_plan("ziyang")
    assert sum(p.no[:2] in {"1E", "1C", "1O"} for p in ziyang.projects) == 53


def test_projects_of_ziyang_that_are_late() -> None:
    late = findings("ziyang")["late"]
    ends = {p.no: p.year_end for p in read_plan("ziyang").projects}
    assert {no: ends[no] for no in late.rows} == {
        "1E20": 2026, "1E23": 2027, "1E25": 2027, "1E27": 2029, "1E38": 2029, "1E37": 2027,
        "1E33": 2026, "2E07": 2030, "2E10": 2026, "2E17": 2026, "2E18": 2030,
    }  # fmt: skip


def test_beds_and_social_workers_of_ziyang() -> None:
    found = findings("ziyang")
    beds = found["beds_stock"].numbers
    assert (beds["target"], beds["base"], beds["needed_new"]) == (12500, 11330, 1170)
    assert beds["listed"] == 6600
    # without 1E20 (300), 1E23 (1900), 1E37 (750) and 1E38 (200), which are late
    assert beds["listed_in_time"] == 6600 - 3150
    workers = found["social_workers"]
    assert workers.status == "differs"
    assert workers.numbers == {"social_workers_table": 2, "social_workers_text": 1}
    # 750,000 x 3 % = 22,500; less 12,500 beds
    assert found["institution_beds_gap"].numbers["result"] == 10000
    assert found["institution_beds_gap"].status == "agrees"


def test_places_and_beds_of_dazhou() -> None:
    found = findings("dazhou_draft")
    places = found["places_stock"].numbers
    assert places["base"] == pytest.approx(7000, abs=5)  # 1.3 x 5,385.4 = 7,001.02
    assert places["listed"] == 6860
    assert places["total"] == pytest.approx(13_900, abs=50)
    assert places["left"] == pytest.approx(10_000, abs=200)
    assert found["places_stock"].status == "differs"
    beds = found["beds_stock"]
    assert (beds.status, beds.numbers["total"]) == ("agrees", 31220)
    assert found["regional_centres_printed"].numbers == {
        "regional_centres_goal": 60, "regional_centres": 70,
    }  # fmt: skip
    centres, complexes = found["regional_centres_listed"], found["complexes_listed"]
    assert (centres.numbers["listed"], centres.numbers["target_2"]) == (15, 70)
    assert (complexes.numbers["listed"], complexes.numbers["target_1"]) == (9, 21)
    assert complexes.rows == ("E02", "E05", "E19")


def test_heads_of_dazhou() -> None:
    found = findings("dazhou_draft")
    heads = {k: f for k, f in found.items() if k.startswith("head_")}
    assert [k for k, f in heads.items() if f.status != "agrees"] == ["head_childcare_xuanhan"]
    xuanhan = heads["head_childcare_xuanhan"].numbers
    assert xuanhan == {
        "projects_printed": 10, "projects_rows": 10, "cost_printed": 401, "cost_rows": 4014,
    }  # fmt: skip
    whole = heads["head_elderly"].numbers, heads["head_childcare"].numbers
    assert [n["cost_rows"] for n in whole] == [152370, 56584]
    assert [n["central_rows"] for n in whole] == [73645, 6710]


def test_rows_of_dazhou_that_contradict_themselves() -> None:
    found = findings("dazhou_draft")
    assert found["year_C26"].numbers == {"printed_under": 2023, "year_end": 2022}
    assert found["twice_C10_C26"].numbers == {"beds": 0, "places": 80, "cost": 300}
    assert [k for k in found if k.startswith("twice_")] == ["twice_C10_C26"]
    assert found["text_C35_places"].numbers == {"text": 50, "column": 150}
    assert found["text_E17_town"].rows == ("E17", "E16")
    assert "长岭镇见 E16（开江县）" in found["text_E17_town"].sentence.zh
    assert "“文江词社区”与“文江祠社区”" in found["text_E01_sites"].sentence.zh
    assert "地点为达川区，责任单位为达州东部经开区" in found["lead_E28"].sentence.zh
    assert [k for k in found if k.startswith("lead_")] == ["lead_E28"]


def test_the_two_versions_of_dazhou() -> None:
    known = {
        "institutions": (198, 189), "new_beds_2023": (2050, 1900), "new_beds": (6220, 6070),
        "elderly_cost": (152300, 149760), "childcare_projects": (77, 42),
        "oldest_2025": (180000, 190000), "star_share": (70, 60), "friendly_communities": (10, 3),
    }  # fmt: skip
    for plan, order in (("dazhou_draft", 1), ("anon_city", -1)):
        found = findings(plan)
        versions = {
            k.removeprefix("version_"): (f.numbers["here"], f.numbers["there"])[::order]
            for k, f in found.items()
            if k.startswith("version_")
        }
        assert versions == known


def test_yinzhou_and_hechuan() -> None:
    yinzhou = findings("yinzhou")
    beds = yinzhou["new_beds_listed"]
    assert (beds.numbers["printed"], beds.numbers["listed"]) == (500, 500 + 150 + 90 + 259)
    assert "500 + 150 + 90 + 259" in beds.sentence.zh
    assert yinzhou["beds_need_elderly"].status == "missing"
    assert yinzhou["beds_need_elderly"].numbers == {"bed_ratio_base": 48, "bed_ratio": 50}
    bases = findings("hechuan")["no_bases"]
    assert (bases.status, bases.numbers["bases"], bases.numbers["targets"]) == ("missing", 0, 9)


@pytest.mark.parametrize(
    ("plan", "county", "written", "meant"),
    [
        ("ziyang", "雁江区", "三贤街道办事处", "三贤祠街道"),
        ("ziyang", "雁江区", "狮子办事处", "狮子山街道"),
        ("ziyang", "雁江区", "资溪办事处", "资溪街道"),
        ("ziyang", "雁江区", "莲花办事处", "莲花街道"),
        ("ziyang", "乐至县", "南塔", "南塔街道"),
        ("ziyang", "安岳县", "岳阳(5个)", "岳阳镇"),
        ("ziyang", "安岳县", "城南街道", ""),
        ("ziyang", "安岳县", "中心场镇各1", ""),
        ("ziyang", "乐至县", "县城", ""),
        ("ziyang", "雁江区", "宝莲社区卫生服务中心", ""),
        ("dazhou_draft", "渠县", "中滩", "中滩镇"),
        ("dazhou_draft", "渠县", "清溪镇", "清溪场镇"),
        ("dazhou_draft", "万源市", "石塘镇街道", "石塘镇"),
        ("dazhou_draft", "经开区", "安仁镇", ""),
        ("dazhou_draft", "达州高新区", "斌郎街道", ""),
        ("dazhou_draft", "达川区", "小河嘴", ""),
        ("dazhou_draft", "市本级", "莲花湖片区", ""),
        ("dazhou_draft", "通川区", "柳家坝", ""),
    ],
)
def test_towns_that_are_not_in_the_code_list(
    plan: str, county: str, written: str, meant: str
) -> None:
    finding = findings(plan)[f"town_{county}_{written}"]
    assert finding.numbers["resolved"] == bool(meant)
    assert (f"→ {county}{meant}：" in finding.sentence.zh) == bool(meant)


def test_the_township_of_a_zone_is_found_with_its_county() -> None:
    found = check_plan(read_plan("dazhou_draft"), zones={"经开区": "达川区"})
    anren = next(f for f in found if f.key == "town_经开区_安仁镇")
    assert "达川区安仁乡" in anren.sentence.zh
    assert anren.numbers["resolved"] == 1
    assert not any(f.key == "town_经开区_麻柳镇" for f in found)  # nothing to be checked any more


@pytest.mark.parametrize("plan", PLANS)
def test_every_finding_is_complete(plan: str) -> None:
    found = check_plan(read_plan(plan))
    for f in found:
        assert f.status in STATUS
        assert f.sentence.zh
        assert f.sentence.en
        assert f.sentence.zh != f.sentence.en
    document = summary_of(read_plan(plan), found)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    table = tables_of(read_plan(plan), found)[0]
    assert len(table.rows) == len(found)
    order = [list(STATUS.values()).index(row[0]) for row in table.rows]
    assert order == sorted(order)


def test_a_plan_of_another_city(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(
        "no,name,domain,type,mode,year_start,year_end,county,town,beds,places,floor_area_m2,"
        "investment_10k_yuan,apply_central_10k_yuan,lead\n"
        "1,甲镇养老院,elderly,养老院,,,2024,某县,甲镇,100,,,500,,某县民政局\n"
        "2,乙镇养老院,elderly,养老院,,,2027,某县,乙镇,40,,,300,,某县民政局\n",
        "utf-8",
    )
    figures = tmp_path / "plan.toml"
    figures.write_text(
        '[plan]\ntarget_year = 2025\nlist = "list.csv"\n'
        "[figure]\nbeds = { value = 1100 }\nbase = { value = 1000 }\n"
        '[[check]]\nkey = "beds"\nrule = "stock"\ntarget = "beds"\nbase = "base"\n'
        'measure = "beds"\n'
        '[[head]]\nkey = "all"\nselect = ["*"]\ncost = 900\n',
        "utf-8",
    )
    found = {f.key: f for f in check_plan(read_plan(str(figures)))}
    assert list(found) == ["beds", "head_all", "late"]  # nobody has a list of its towns
    assert found["beds"].numbers == {
        "target": 1100, "base": 1000, "needed_new": 100, "listed": 140, "listed_in_time": 100,
        "total": 1140, "left": -40,
    }  # fmt: skip
    assert (found["head_all"].status, found["head_all"].numbers["cost_rows"]) == ("differs", 800)
    assert found["late"].rows == ("2",)
    figures.write_text(figures.read_text("utf-8") + '[[text]]\nno = "9"\nbeds = 3\n', "utf-8")
    with pytest.raises(InputError, match="about the row '9', which the list does not have"):
        check_plan(read_plan(str(figures)))


def plan_of(checks: list[Mapping[str, Any]], **figures: float) -> Plan:
    return Plan(
        key="x", zh="某", en="some", document="", city="", target_year=2025, other="", file="",
        projects=(), checks=tuple(checks),
        figures={k: Figure(k, v, k, k, "", "") for k, v in figures.items()},
    )  # fmt: skip


@given(st.integers(1, 10**6), st.integers(1, 2000), st.integers(10**3, 10**7))
def test_what_is_needed_is_the_least_that_is_enough(total: int, per_mille: int, n: int) -> None:
    check = {"key": "c", "rule": "per_thousand", "total": "t", "ratio": "r", "people": "p"}
    ratio = per_mille / 100
    found = reconcile(plan_of([check], t=total, r=ratio, p=n))[0]
    needed = int(found.numbers["needed"])
    # in whole numbers: needed / n x 1000 >= per_mille / 100
    assert needed * 100_000 >= per_mille * n > (needed - 1) * 100_000
    assert (found.status == "agrees") == (total >= needed)


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ({"rule": "magic"}, "needed is one of per_thousand, stock"),
        ({"rule": "per_thousand"}, "needs total = one of the figures"),
        ({"rule": "sum", "printed": "beds"}, "needs terms = a list"),
        ({"rule": "sum", "printed": "beds", "terms": ["no"]}, "needs terms = one of the figures"),
        ({"rule": "new", "printed": "beds", "measure": "rooms"}, "needs measure = one of projects"),
    ],
)
def test_checks_that_cannot_be_made(check: dict[str, Any], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        reconcile(plan_of([{"key": "c", **check}], beds=3))
