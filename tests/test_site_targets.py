"""Indicators judged unit by unit: the fewest sites against every choice, judged by the plans."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.plans.target_run import plan_of, run_targets
from quarterhour.siting.built import as_built, with_built
from quarterhour.siting.for_targets import TargetsResult
from quarterhour.siting.run import run_site
from quarterhour.sources.facilities.candidates import some_facilities
from siting_town import SITES, siting_study, with_cells
from small_study import box, facilities_text, write_layer

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.siting.run import SiteRun

HEAD = """
[plan]
key = "town"
zh = "小镇规划"
en = "Plan of the town"
status = "draft"
source = "written for this test"
[[indicator]]
id = "T-1"
domain = "elderly"
zh = "指标"
en = "indicator"
class = "G"
"""
AREAS = {
    "西村": (-100, -300, 400, 900), "中村": (400, -300, 800, 900), "东村": (800, -300, 1400, 900),
    "岛村": (-100, -1000, 400, -300),
}  # fmt: skip
"""甲 10 (and 山 7) live in the west, 乙 20 and 丙 30 in the middle, 丁 40 in the east, 岛 5.

Candidates: 西口 in the west, 路口 (乙) and 北坡 (丙) in the middle, 东口 (丁) in the east, 岛心.
"""
BEDS = {"东口": 40, "北坡": 25, "路口": 20, "岛心": 5, "西口": 30}


def plan(rule: str, value: float, **keys: str) -> str:
    lines = "\n".join(f"{k} = {v}" for k, v in keys.items())
    return f"""{HEAD}[[indicator.part]]
rule = "{rule}"
level = "village"
targets = [ {{ value = {value} }} ]
facilities = {{ kinds = ["senior_home"] }}
{lines}
"""


def units_study(folder: Path, text: str, **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    boxes = more.pop("areas", AREAS)
    write_layer(
        folder / "villages.gpkg", [box(*at) for at in boxes.values()], name=list(boxes),
        households=[10, 20, 10, 2][: len(boxes)],
    )  # fmt: skip
    facilities = facilities_text([("西院", 0, 10, "养老院", "现状")]).splitlines()
    changes = {
        "targets": {"plans": ["plan.toml"]},
        "units": [{"level": "village", "source": "villages.gpkg"}],
        "service.0.facilities": "homes.csv",
    }
    files = {
        "plan.toml": text,
        "homes.csv": f"{facilities[0]},床位\n{facilities[1]},20\n",
    }
    site = {"problem": "targets", "kind": "养老院"}
    return siting_study(
        folder, site, sites=with_cells(BEDS, "床位"), changes=changes, files=files, **more
    )


def answer(folder: Path, text: str, **more: Any) -> tuple[SiteRun, TargetsResult]:
    run = run_site(units_study(folder, text, **more))
    assert isinstance(run.result, TargetsResult)
    return run, run.result


def judged(run: SiteRun, found: TargetsResult, chosen: tuple[int, ...]) -> str:
    """The verdict of the plan with these candidates among the facilities."""
    laid = run.prepared.laid
    every = found.site.candidates
    at = as_built(every.at, found.kind, laid.inputs.study.service[0].supply, every.capacity)
    seen = laid.inputs
    if chosen:
        rows = np.array(chosen, np.int64)
        seen = with_built(seen, dataclasses.replace(some_facilities(at, rows)), 0)
    told = run_targets(seen, laid.ground, [plan_of("plan.toml", laid.inputs.home)])
    return told.plans[0].indicators[0].parts[0].result


FORMS: dict[str, tuple[str, int]] = {
    # 西院 serves the west; of the four 100 % are asked for, or 75 %, or half
    "presence of one in half": (plan("presence", 50), 1),
    "presence of two in half": (plan("presence", 50, at_least="2"), 3),
    "presence of two by share": (plan("share_of_units", 25, at_least="2"), 1),
    # 10 of the 17 of the west are reached already, not all: the east and the island, then both
    # houses of the middle
    "reach in half": (plan("share_of_units", 50, by='"reach"', minutes="5"), 2),
    "reach in three": (plan("share_of_units", 75, by='"reach"', minutes="5"), 4),
    "either in three": (plan("share_of_units", 75, by='"either"', minutes="5"), 2),
    "beds per household in half": (
        plan("share_of_units", 50, by='"ratio"', attribute='"beds"', per_attribute='"households"',
             at_least="2"), 1,
    ),
    "beds per people in half": (
        plan("share_of_units", 50, by='"ratio"', attribute='"beds"', per="100", at_least="80"), 1,
    ),
    "beds per household everywhere": (
        plan("ratio", 2, attribute='"beds"', per="1", per_attribute='"households"'), 4,
    ),
    "beds per people everywhere": (plan("ratio", 0.8, attribute='"beds"', per="1"), 4),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_fewest_are_those_of_every_choice(form: str, tmp_path: Path) -> None:
    text, expected = FORMS[form]
    run, found = answer(tmp_path, text)
    chosen = found.site.chosen.tolist()
    assert [aim.why for aim in found.aims] == [None], form
    assert found.after[0].result == "pass"
    n = len(chosen)
    assert judged(run, found, tuple(sorted(chosen))) == "pass"
    fewer = itertools.combinations(range(len(SITES)), n - 1)
    assert n
    assert all(judged(run, found, some) != "pass" for some in fewer)
    assert n == expected


def test_what_no_choice_reaches_is_named(tmp_path: Path) -> None:
    # a fifth village without any road: its two people and nobody else's are out of reach
    text = plan("share_of_units", 100, by='"reach"', minutes="5")
    _, found = answer(tmp_path, text)
    why = found.aims[0].why
    assert why is not None
    assert "所有候选点全部建成也不够（最多达到要求的 75.0%）：西村 始终不达标" in why.zh
    assert "西村 never pass" in why.en


def test_a_village_without_people(tmp_path: Path) -> None:
    areas = {"东村": AREAS["东村"], "空村": (850, 200, 1400, 900)}
    text = plan("share_of_units", 100, by='"reach"', minutes="5")
    _, found = answer(tmp_path, text, areas=areas)
    why = found.aims[0].why
    assert why is not None
    assert "1 of the" in why.en
    assert "空村" in why.zh
    assert "按其范围内的位置判断，这里不求解" in why.zh


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (plan("total", 5, of='"units"'), "统计的是单元本身"),
        (plan("ratio", 3, direction='"="', attribute='"beds"'), "要求恰好等于某值"),
        (plan("total", 1, opened='"year"'), "候选点没有开放年份"),
        (plan("size_rule", 100, must="{ beds = { min = 99 } }"), "取决于设施的属性或规模"),
    ],
)
def test_each_form_that_sites_cannot_change_has_its_sentence(
    text: str, sentence: str, tmp_path: Path
) -> None:
    _, found = answer(tmp_path, text)
    why = found.aims[0].why
    assert why is not None
    assert sentence in why.zh
    assert not len(found.site.chosen)
