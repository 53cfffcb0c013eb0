"""Kinds of facilities: every type of the plans' project lists, in Chinese and English."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.sources.facilities.kinds import (
    DOMAINS,
    KINDS,
    SERVICES,
    kind_keys,
    matches,
    nearest_kinds,
    related,
    squeeze,
)

if TYPE_CHECKING:
    from pathlib import Path

TYPES = {
    # Dazhou
    "乡镇托育机构": "nursery", "街道托育机构": "nursery", "社区托育机构": "nursery",
    "托育机构/托育服务中心": "nursery", "医养中心附设托育": "nursery",
    "妇幼/医院附设托育机构": "nursery", "幼儿园托育(托幼一体)": "kindergarten_nursery",
    "区域养老服务中心": "regional_centre", "失能(失智)老人照护/养护机构": "disability_care_centre",
    "特困人员供养服务设施": "support_home", "社区养老服务综合体": "senior_complex",
    "社区居家养老服务网络": "elderly_facility", "老年专科医院": "geriatric_hospital",
    "老年养护院": "nursing_home", "老年医养中心": "medical_elderly",
    # Hechuan, Yinzhou
    "区域养老服务中心(川渝毗邻)": "regional_centre", "乡村养老康养中心": "senior_home",
    "养老机构(雅戈尔老年乐园、怡康院)": "elderly_institution", "医养园区": "medical_elderly",
    "居家养老服务中心": "home_care_centre", "康养院": "senior_home",
    "托育机构(姜山水印江山托育、单位办托)": "nursery employer_nursery",
    "托育综合服务中心": "nursery", "社区综合养老服务中心": "senior_complex",
    "体育设施": "sports_facility", "未来社区服务场景": "",
    # Ziyang
    "[企]业办托育服务机构": "employer_nursery", "[民]办托育机构": "nursery",
    "企业办普惠托育服务机构": "employer_nursery", "中医医院老年病楼": "geriatric_hospital",
    "中心养护院": "nursing_home", "乡镇医养结合服务中心": "medical_elderly",
    "乡镇敬老院": "rural_senior_home", "公办养老机构改造": "elderly_institution",
    "公办幼儿园托育": "kindergarten_nursery", "公办普惠托育服务机构": "nursery",
    "公办普惠托育服务机构(幼儿园)": "nursery kindergarten", "养护院": "nursing_home",
    "养老应急救援中心": "elderly_rescue", "养老康复服务中心": "medical_elderly",
    "养老护理院": "nursing_home", "养老院": "senior_home", "区域性养老服务中心": "regional_centre",
    "医养中心": "medical_elderly", "卫生院医养结合": "medical_elderly",
    "失智老人养护机构": "disability_care_centre", "居家适老化改造": "home_adaptation",
    "康养中心": "wellness_base", "康养及养老院": "wellness_base senior_home",
    "康养度假区": "wellness_base", "森林康养基地": "wellness_base", "长寿小镇": "wellness_base",
    "慢病康复中心": "medical_elderly", "托育服务中心": "nursery", "托育服务机构": "nursery",
    "托育机构(托幼一体等)": "nursery kindergarten_nursery",
    "敬老院(养护中心)改造": "rural_senior_home nursing_home", "普惠托育机构": "nursery",
    "社会福利院": "welfare_home", "社区医养结合服务中心": "medical_elderly",
    "社区老年助餐网络": "senior_meals", "综合养老院": "senior_home",
    "综合性福利设施": "welfare_home", "老年公寓": "senior_apartment",
    "老年病医院": "geriatric_hospital", "老年认知障碍友好社区": "age_friendly_community",
    "产业发展项目": "", "老旧小区改造": "",
}  # fmt: skip

WRITTEN = {
    "社区养老(托育)服务综合体": "senior_childcare_complex",
    "社区养老托育服务综合体": "senior_childcare_complex",
    "社区日间照料中心": "senior_day_care",
    "日间照料中心（含助餐点）": "senior_day_care senior_meals",
    "日间照料中心／老年食堂": "senior_day_care senior_meals",
    "日间照料中心 + 老年大学": "senior_day_care senior_university",
    "养老院、幼儿园": "senior_home kindergarten",
    "幼儿园和托班": "kindergarten kindergarten_nursery",
    "失能和失智老人照护中心": "disability_care_centre", "养 老 院": "senior_home",
    "农村幸福院": "rural_happiness_home", "村级互助养老服务点": "mutual_help_point",
    "赶集老年食堂": "senior_meals", "老年大学教学点": "senior_university", "助餐点": "senior_meals",
    "幼儿园托班": "kindergarten_nursery", "社区婴幼儿照护驿站": "childcare_station",
    "家庭托育点": "family_nursery", "用人单位办托": "employer_nursery",
    "区级婴幼儿照护指导中心": "childcare_guidance", "护理院": "nursing_hospital",
    "社区卫生服务中心": "health_centre", "养老": "elderly_facility", "养老保险服务大厅": "",
    "Nursing homes": "nursing_home", "nursing_home": "nursing_home", "Childcare centre": "nursery",
    "Community elderly and childcare complex": "senior_childcare_complex",
    "Kindergarten": "kindergarten", "kindergarten, day nursery": "kindergarten nursery",
    "scareful": "", "social_facility": "", "": "", " 、/+ ": "", "day care centre": "",
}  # fmt: skip


@pytest.mark.parametrize("text", [*TYPES, *WRITTEN])
def test_a_type_is_recognised(text: str) -> None:
    assert " ".join(kind_keys(text)) == (TYPES | WRITTEN)[text]


@pytest.mark.parametrize("city", ["ziyang", "dazhou", "hechuan", "yinzhou"])
def test_every_type_of_the_plans_has_the_domain_that_the_plan_gives_it(
    city: str, shared: Path
) -> None:
    path = shared.parent / "reference" / "projects" / f"{city}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        domains = {KINDS[key].domain for key in kind_keys(row["type"])} or {"other"}
        assert domains == {row["domain"]}, row["type"]


def test_the_table_is_consistent() -> None:
    named: dict[str, str] = {}
    for key, kind in KINDS.items():
        assert key == kind.key
        assert key.isascii()
        assert kind.zh
        assert kind.en
        assert kind.domain in DOMAINS
        assert set(kind.services) <= SERVICES.keys()
        for above in kind.broader:  # what is above what is above is written down, too
            assert set(KINDS[above].broader) <= set(kind.broader), (key, above)
            assert above != key
        for name in kind.names:
            assert named.setdefault(squeeze(name), key) == key, f"{name} names two kinds"
            assert kind_keys(name) == (key,)
        for tags in kind.osm:
            assert all(tag.count("=") + tag.startswith("!") == 1 for tag in tags.split("+"))


def test_wanted_kinds_may_be_named_in_many_ways() -> None:
    for wanted in ("nursery", "托育机构", "Nursery", "托育服务中心", "托儿所", "乡镇托育机构"):
        assert matches("乡镇托育机构", [wanted]), wanted
    assert not matches("乡镇托育机构", ["街道托育机构", "幼儿园", "kindergarten"])
    # a kind is also counted among the broader ones, not the other way round
    assert matches("乡镇敬老院", ["养老机构"])
    assert matches("乡镇敬老院", ["elderly"])
    assert not matches("养老机构", ["敬老院"])
    assert not matches("敬老院", ["养老院"])
    assert matches("社区养老托育服务综合体", ["社区养老服务综合体"])
    assert matches("社区养老托育服务综合体", ["托育设施"])
    # words that are no kind at all count as they are written, also as one of several
    assert matches("甲类、乙类", ["乙类"])
    assert not matches("甲类", ["乙类"])
    assert not matches("", ["养老院"])
    assert not matches("养老院", [])


def test_kinds_that_may_be_one_facility() -> None:
    assert related(("nursery",), ("family_nursery",))
    assert related(("family_nursery",), ("nursery", "hospital"))
    assert not related(("kindergarten",), ("senior_home",))
    assert not related((), ("nursery",))


def test_what_is_not_recognised_gets_suggestions() -> None:
    assert nearest_kinds("敬老园")[0] == "敬老院"
    assert nearest_kinds("老年曰间照料")[0] == "老年日间照料中心"
    assert nearest_kinds("kindergarden")[0] == "kindergarten"
    assert nearest_kinds("乡村养老院")[:1] == ("养老院",)
    assert nearest_kinds("体检报告xyz") == ()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), st.sampled_from([k for k in KINDS if KINDS[k].services]))
def test_any_text_is_judged_without_a_crash(noise: str, key: str) -> None:
    assert set(kind_keys(noise)) <= KINDS.keys()
    assert matches(KINDS[key].zh, [key, noise])
    # a part between separators is recognised whatever stands in the other part
    assert key in kind_keys(f"{KINDS[key].zh}、甲")


def test_a_very_long_cell_takes_no_long_time() -> None:
    assert kind_keys("和" * 100_000 + "幼儿园") == ()
    assert kind_keys("幼儿园，" + "和" * 100_000) == ("kindergarten",)
