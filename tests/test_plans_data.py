"""The plan files against the register of their indicators, row by row, and against themselves."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.sources.facilities.kinds import KINDS, kind_keys
from quarterhour.sources.rows.column_words import FORMS, SYNONYMS
from quarterhour.sources.rows.columns import matches
from quarterhour.targets.filters import Filter
from quarterhour.targets.schema import load_plan, shipped_plans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from quarterhour.targets.schema import Indicator

CITIES = ("anon_city", "dazhou_draft", "hechuan", "yinzhou", "ziyang")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
YEARS = re.compile(r"(?<=\()20\d\d(?=\))|(?<=by )20\d\d")
PAIRS = (re.compile(r"([\d.]+) \((20\d\d)\)"), re.compile(r"([\d.]+)[^\d;()]* by (20\d\d)"))
ASIDE = re.compile(r"§[^)/]*|\(anon[^)]*\)|/\d+户")
"""Numbers that are no targets: sections, the other version of the plan, the unit per 100户."""
EVERY = ("全覆盖", "required")
"""Words that stand for all of them, 100 %."""
REMARK = re.compile(r"\s*\((?:表|养|托|附件|draft|text).*$")
"""What the register adds to the wording of the plan."""
TABLE_ROW = re.compile(r"\((?:表(\d+-\d+)|([养托]\d+))[;)\s]")


@pytest.fixture(scope="session")
def register(shared: Path) -> dict[str, dict[str, str]]:
    """Rows of indicators.csv by id."""
    path = shared.parent / "reference" / "indicators.csv"
    if not path.is_file():
        pytest.skip(f"no register of indicators at {path}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def every() -> Iterator[tuple[str, Indicator]]:
    for key in shipped_plans():
        for one in load_plan(key).indicator:
            yield key, one


def numbers(text: str) -> set[float]:
    return {float(n) for n in NUMBER.findall(text)}


def printed(row: dict[str, str]) -> set[float]:
    """The numbers that the plan prints as targets, without years."""
    text = ASIDE.sub("", row["target"])
    each = re.findall(r">=(\d+) per", row["counting_unit"])
    found = numbers(YEARS.sub("", text)) | {float(n) for n in each}
    return found | ({100.0} if any(word in text for word in EVERY) else set())


def written(one: Indicator) -> set[tuple[float, int]]:
    """The numbers of the file with their years: what every unit must have stands in at_least."""
    found = set()
    for part in one.part:
        own = part.rule == "presence" and "at_least" in part.model_fields_set
        for target in part.targets:
            if target.value is not None:
                value = getattr(part, "at_least", 1) if own else target.value
                found.add((float(value), target.year))
    return found


def test_all_five_plans_and_the_national_set_are_there() -> None:
    assert shipped_plans() == tuple(sorted((*CITIES, "national")))
    for key in shipped_plans():
        assert load_plan(key).plan.key == key


def test_every_indicator_of_the_register_stands_in_its_plan(
    register: dict[str, dict[str, str]],
) -> None:
    assert len(register) == 113
    for key in CITIES:
        mine = [one.id for one in load_plan(key).indicator]
        assert mine == [i for i, row in register.items() if row["doc"] == key]
    found = [row["computable"] for row in register.values()]
    assert [found.count(c) for c in ("G", "G+", "X")] == [36, 74, 3]


def test_row_by_row(register: dict[str, dict[str, str]]) -> None:
    for key, one in every():
        if key == "national":
            continue
        row = register[one.id]
        assert one.kind == row["computable"], one.id
        assert one.domain == row["domain"].replace("elderly+childcare", "both"), one.id
        base = row["base"] + ("" if "2020: ——" in row["base_year"] else f" {row['base_year']}")
        assert numbers(one.base) == (numbers(base) if row["base"] else set()), one.id
        wording = REMARK.sub("", row["indicator"])
        plain = [unicodedata.normalize("NFKC", text) for text in (one.zh, wording)]
        near = difflib.SequenceMatcher(None, *plain).ratio()
        assert near > 0.5, (one.id, one.zh, row["indicator"])
        place = TABLE_ROW.search(row["indicator"])
        if place is not None:
            at = f"表{place[1]}" if place[1] else place[2]
            assert re.search(rf"{at}(?!\d)", one.clause), (one.id, one.clause)


def test_targets_row_by_row(register: dict[str, dict[str, str]]) -> None:
    for key, one in every():
        if key == "national" or one.kind == "X":
            continue
        row = register[one.id]
        milestones = written(one)
        assert {value for value, _ in milestones} == printed(row), one.id
        years = {t.year for part in one.part for t in part.targets}
        last = row["target_year"]
        assert max(years) == (int(last) if last.isdigit() else 0), one.id
        assert {int(y) for y in YEARS.findall(row["target"])} <= years, one.id
        for pattern in PAIRS:
            for value, year in pattern.findall(row["target"]):
                assert (float(value), int(year)) in milestones, one.id
        strict = {">"} if re.search(r">(?!=)\s*\d", row["target"]) else set()
        assert {part.direction for part in one.part} <= {row["direction"]} | strict, one.id


def test_every_indicator_has_a_rule_or_a_reason() -> None:
    for _, one in every():
        assert bool(one.part) == (one.kind != "X"), one.id
        assert bool(one.explain_zh and one.explain_en) == (one.kind == "X"), one.id
        for part in one.part:
            assert bool(part.zh) == bool(part.en) == (len(one.part) > 1), one.id


def test_every_text_is_in_both_languages() -> None:
    for key, one in every():
        for zh, en in (
            (one.zh, one.en), (one.unit_zh, one.unit_en), (one.note_zh, one.note_en),
            (one.counted_per_zh, one.counted_per_en), (one.explain_zh, one.explain_en),
            *((part.zh, part.en) for part in one.part),
        ):  # fmt: skip
            assert bool(zh) == bool(en), (one.id, zh, en)
        assert one.clause, one.id
        assert one.unit_zh, one.id
        assert one.counted_per_zh, one.id
        # an English text may name a Chinese heading and must not be Chinese itself
        for en in (one.en, one.note_en, one.counted_per_en, one.explain_en):
            assert len(re.findall(r"[\u4e00-\u9fff]", en)) <= max(4, len(en) / 5), (key, en)


def filters(one: Indicator) -> Iterator[Filter]:
    for part in one.part:
        for name in ("facilities", "units", "having", "where_size", "must"):
            found = getattr(part, name, None)
            if isinstance(found, Filter):
                yield from inner(found)


def inner(some: Filter) -> Iterator[Filter]:
    yield some
    for further in (*some.alternatives, *some.known_alternatives, *some.if_known):
        yield from inner(further)


def test_kinds_and_columns_are_those_that_readers_know() -> None:
    own = {"kind", "urban"}
    for _, one in every():
        for some in filters(one):
            assert set(some.kinds) <= set(KINDS), one.id
            for test in some.tests:
                assert test.column in SYNONYMS or test.column in own, (one.id, test.column)
                form = FORMS.get(test.column, "text")
                if isinstance(test.value, bool):
                    assert form == "flag" or test.column == "urban", (one.id, test.column)
                if test.op in {"min", "max", "above", "below"}:
                    assert form in {"number", "area", "year"} or test.column in {
                        "star", "hospital_level"}, (one.id, test.column)  # fmt: skip
        for part in one.part:
            for name in ("attribute", "per_attribute", "part_attribute"):
                column: Any = getattr(part, name, None)
                assert column is None or FORMS[column] in {"number", "area"}, (one.id, column)


HEADINGS = {
    "是否智慧养老院": "smart", "示范性（省级）": "demonstration", "是否达标（是/否）": "compliant",
    "老年友好型社区": "age_friendly", "是否设立老年医学科": "geriatric",
    "医院等级": "hospital_level", "开设托班情况": "nursery_class", "一老一小服务场景": "scene",
    "是否连锁": "chain", "有无母婴室": "nursing_room", "日均人流量（人次/日）": "visitors",
    "是否县级直管": "county_run",
    "有条件的乡镇": "eligible", "入住户数（户）": "households", "备案编号": "id",
    "Daily visitors": "visitors", "Age-friendly community": "age_friendly",
    "认知症照护床位数": "dementia_beds", "医疗康复护理床位（张）": "rehab_beds",
}  # fmt: skip


@pytest.mark.parametrize(("heading", "meaning"), HEADINGS.items())
def test_headings_of_what_plans_ask_for(heading: str, meaning: str) -> None:
    assert min(matches(heading).values()).meaning == meaning


KIND_NAMES = {
    "示范性托育机构": "model_nursery", "公办示范性婴幼儿照护服务中心": "model_nursery",
    "县级区域综合托育中心": "county_nursery", "康养小区": "wellness_community",
}  # fmt: skip


@pytest.mark.parametrize(("name", "key"), KIND_NAMES.items())
def test_kinds_that_plans_count_apart(name: str, key: str) -> None:
    assert kind_keys(name) == (key,)


def test_what_is_not_confirmed_says_so() -> None:
    found = {one.id for key, one in every() if one.unconfirmed}
    assert all(id_.startswith("N-") for id_ in found)
    for one in load_plan("national").indicator:
        assert ("未经核实" in one.note_zh) >= one.unconfirmed, one.id
        assert ("confirmed" in one.note_en) >= one.unconfirmed, one.id
    # the lists of GB 50180 are known from the trade only; the national targets are on record
    for one in load_plan("national").indicator:
        if "GB 50180" in one.clause:
            assert one.unconfirmed, one.id
        if "GB 50437" in one.clause or "十四五" in one.clause:
            assert not one.unconfirmed, one.id


def test_the_national_levels_are_all_asked_for_by_themselves() -> None:
    walks = [p.minutes for one in load_plan("national").indicator for p in one.part
             if p.rule == "share_in_reach"]  # fmt: skip
    assert set(walks) == {5, 10, 15}


def test_where_text_and_table_disagree_the_note_says_so() -> None:
    notes = {one.id: one.note_zh for _, one in every()}
    for id_, words in {
        "Z-07": ("50%", "55%"), "Z-17": ("1/500", "不一致"), "Z-21": ("10389", "不一致"),
        "D-07": ("60", "70", "不一致"), "D-03": ("未写明出行方式",), "D-15": ("60%",),
        "D-18": ("3个",), "D-21": ("没有对应项目",), "Z-28": ("没有定义",), "Y-23": ("正文",),
        "A-08": ("2050",), "D-11": ("1900",), "H-15": ("1:3",),
    }.items():  # fmt: skip
        for word in words:
            assert word in notes[id_], (id_, word)


@pytest.mark.parametrize("key", CITIES)
def test_every_number_and_quotation_stands_in_the_text_of_the_plan(key: str, shared: Path) -> None:
    path = shared.parent / "plans" / f"{key}.txt"
    if not path.is_file():
        pytest.skip(f"no text of the plan at {path}")
    # the copy is broken into numbered pages: 1.\n11、5万个 is 1.5万个; its tables run together
    text = re.sub(r"\s*\n\d+、", "", path.read_text(encoding="utf-8"))
    for one in load_plan(key).indicator:
        for value, _ in written(one):
            assert f"{value:.10g}" in text, (one.id, value)
        for words in re.findall(r"“([^”]+)”", one.clause):
            assert words in text, (one.id, words)
