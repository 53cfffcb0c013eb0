"""Plan files: the shipped ones are sound, and what is wrong in one is said in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.inputs import Note
from quarterhour.plans.target_register import check_plan
from quarterhour.plans.target_run import plan_of
from quarterhour.sources.facilities.kinds import KINDS
from quarterhour.targets.explain import explain
from quarterhour.targets.schema import Presence, ShareOf, load_plan, shipped_plans

if TYPE_CHECKING:
    from pathlib import Path

PLAN = """
[plan]
key = "town"
zh = "小镇方案"
en = "Plan of the town"
status = "draft"
date = 2025-04-09
source = "写在测试里"

[[indicator]]
id = "T-1"
domain = "elderly"
zh = "每个街道有综合体"
en = "A complex in every street"
class = "G"

[[indicator.part]]
rule = "presence"
level = "town"
units = { kind = ["street"] }
facilities = { kinds = ["senior_complex"] }
targets = [ { year = 2023, value = 90 }, { year = 2025, value = 100 } ]

[[indicator]]
id = "T-2"
domain = "childcare"
zh = "社会工作者"
en = "Social workers"
class = "X"
explain_zh = "与位置无关"
explain_en = "not of geography"
"""


def saved(folder: Path, text: str | bytes) -> Path:
    path = folder / "plan.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def fault(folder: Path, text: str | bytes) -> str:
    """The sentence about a plan, without its path."""
    path = saved(folder, text)
    with pytest.raises(InputError) as raised:
        check_plan(load_plan(path), str(path))
    said = str(raised.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said.removeprefix(f"{path}: ")


def test_a_plan_is_read(tmp_path: Path) -> None:
    plan = load_plan(saved(tmp_path, PLAN))
    assert (plan.plan.key, plan.plan.date) == ("town", "2025-04-09")
    first, second = plan.indicator
    part = first.part[0]
    assert isinstance(part, Presence)
    assert (part.level, part.at_least, part.direction) == (("town",), 1, ">=")
    assert [t.year for t in part.targets] == [2023, 2025]
    assert part.facilities.kinds == ("senior_complex",)
    assert (second.kind, second.part) == ("X", [])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('rule = "presence"', 'rule = "presense"',
         "indicator T-1 part 1 rule is 'presense'; allowed are presence, share_of_units"),
        ('level = "town"', 'levl = "town"', "did you mean 'level'?"),
        ('level = "town"', 'level = "twon"', "indicator T-1 level is 'twon'"),
        ('level = "town"', "", "indicator T-1 part 1 level is missing"),
        ("targets = [ { year = 2023, value = 90 }, { year = 2025, value = 100 } ]", "",
         "indicator T-1 part 1 targets is missing"),
        ("year = 2023, value = 90", "year = 2026, value = 90",
         "targets have the years [2026, 2025]; every year once"),
        ("value = 90", 'value = "90"', "is '90': a number without quotes is needed"),
        ("value = 90", "values = 90", "unknown key; did you mean 'value'?"),
        ('status = "draft"', 'status = "drafft"', "[plan] status is 'drafft'"),
        ('source = "写在测试里"', "", "[plan] source is missing"),
        ('class = "G"', 'class = "H"', "indicator T-1 class is 'H'"),
        ('id = "T-2"', 'id = "T-1"', "indicator T-1: the id is used twice"),
        ('explain_en = "not of geography"', "", 'indicator T-2: class = "X" needs explain_zh'),
        ('class = "X"', 'class = "G"', "needs at least one [[indicator.part]]"),
        ('["senior_complex"]', '"senior complex"', "no kind of facility is called"),
        ('["senior_complex"]', "3", "kinds is 3; a list of texts"),
        ('kinds = ["senior_complex"]', "bed = { min = 3 }", "did you mean 'beds'?"),
        ('kinds = ["senior_complex"]', "beds = { mn = 3 }", "the condition 'mn'; allowed are min"),
        ('kinds = ["senior_complex"]', 'domain = "old"', "domain is 'old'"),
        ('kinds = ["senior_complex"]', "any = 3", "any needs a list of tables"),
        ('domain = "elderly"', 'domain = "old"', "indicator T-1 domain is 'old'"),
        ("[[indicator]]", "[indicator]", "is not valid TOML"),
        ("[plan]", "[[plan]]", "write [plan], once"),
        ('key = "town"', "key = town", "is not valid TOML"),
        ('key = "town"', 'key = "Town"', "a word of small letters"),
    ],
)  # fmt: skip
def test_faults_are_one_sentence(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in PLAN
    assert told in fault(tmp_path, PLAN.replace(old, new, 1 if "[" not in old else -1))


def test_files_that_are_no_plan(tmp_path: Path) -> None:
    assert fault(tmp_path, PLAN.encode("gb18030")) == ("is not UTF-8 text; save the plan as UTF-8")
    assert "is empty" in fault(tmp_path, "")
    assert "unknown key" in fault(tmp_path, "[study]\nname = 1")
    with pytest.raises(InputError, match="is a folder"):
        load_plan(tmp_path)
    with pytest.raises(InputError, match="file not found"):
        load_plan(tmp_path / "none.toml")
    with pytest.raises(InputError, match=r"no plan is called 'ziyan'.*did you mean 'ziyang'"):
        load_plan("ziyan")


def test_rules_that_need_more(tmp_path: Path) -> None:
    for rule, told in (
        ('rule = "total"\nof = "units"', 'of = "units" needs level'),
        ('rule = "total"\nopened = "since"', "belong together"),
        ('rule = "share_of"', "needs having"),
        ('rule = "share_of"\nhaving = { smart = true }\nover = "units"', "needs level"),
        ('rule = "share_of"\npart_attribute = "beds"', "needs attribute"),
        ('rule = "share_of_units"\nlevel = "town"\nby = "reach"', 'by = "reach" needs minutes'),
    ):
        text = PLAN.replace('rule = "presence"\nlevel = "town"', rule)
        assert told in fault(tmp_path, text)


LINES = PLAN.splitlines()
VALUES = (
    "1", "-1", "nan", "1e400", '"x"', '"\\u0000"', "true", "[]", "[[]]", "{}", "[ 1, 'a' ]",
    "{ a = 1 }", "[ { } ]", "{ any = [ { kinds = [] } ] }", "9999-12-31", "{ beds = {} }",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    line=st.sampled_from([k for k, text in enumerate(LINES) if " = " in text]),
    value=st.sampled_from(VALUES),
)
def test_any_value_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, line: int, value: str
) -> None:
    changed = list(LINES)
    changed[line] = f"{changed[line].partition(' = ')[0]} = {value}"
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("\n".join(changed), "utf-8")
    try:
        check_plan(load_plan(path), str(path))
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - both ends are good
        assert len(str(error)) < 600  # noqa: PT017


def test_levels_of_its_own(tmp_path: Path) -> None:
    words = '[plan.levels]\npark = { zh = "园区", en = "parks" }\n[[indicator]]'
    own = PLAN.replace("[[indicator]]", words, 1)
    own = own.replace('level = "town"', 'level = ["park", "town"]')
    plan = load_plan(saved(tmp_path, own))
    assert plan.indicator[0].part[0].level == ("park", "town")
    assert plan.plan.level("park") == Note("园区", "parks")


def test_every_shipped_plan_is_sound() -> None:
    plans = [plan_of(key) for key in shipped_plans()]
    assert {p.plan.key for p in plans} == set(shipped_plans())
    assert {"ziyang", "yinzhou"} <= set(shipped_plans())
    for plan in plans:
        for one in plan.indicator:
            for part in one.part:
                whole = not isinstance(part, ShareOf) or part.having.columns or part.part_attribute
                assert whole, one.id


def test_a_plan_is_explained_in_both_languages(tmp_path: Path) -> None:
    kinds = {key: (Note(kind.zh, kind.en), kind.domain) for key, kind in KINDS.items()}
    lines = explain(load_plan(saved(tmp_path, PLAN)), kinds)
    zh, en = "\n".join(n.zh for n in lines), "\n".join(n.en for n in lines)
    assert "每个镇（街道）（类型为“街道”）至少有 1 个社区养老服务综合体" in zh
    assert "≥ 90 （2023年）；≥ 100 （2025年）" in zh
    assert "需要：设施表：类型、镇（街道）图层" in zh
    assert "needs: facilities: kind, layer of towns" in en
    assert "不由地图计算：与位置无关" in zh
    assert "not of geography: not of geography" in en
    for key in shipped_plans():
        told = explain(load_plan(key), kinds)
        assert all(n.zh or not n.en for n in told), key
        ids = [one.id for one in load_plan(key).indicator]
        assert [n.zh.split()[0] for n in told if n.zh.split()[:1] and n.zh.split()[0] in ids] == ids
