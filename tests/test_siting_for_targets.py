"""The fewest additions that make a plan pass: by eye, judged again, and what sites cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.errors import InputError
from quarterhour.siting.for_targets import TargetsResult
from quarterhour.siting.run import run_site
from siting_town import siting_study, with_cells
from small_study import box, command, write_layer

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
[plan]
key = "town"
zh = "小镇规划"
en = "Plan of the town"
status = "draft"
source = "written for this test"
"""


def indicator(key: str, rule: str, value: float, **keys: str) -> str:
    """An indicator with one part; `keys` as TOML."""
    lines = "\n".join(f"{k} = {v}" for k, v in keys.items())
    return f"""
[[indicator]]
id = "{key}"
domain = "elderly"
zh = "指标 {key}"
en = "indicator {key}"
class = "G"
[[indicator.part]]
rule = "{rule}"
targets = [ {{ value = {value} }} ]
facilities = {{ domain = "elderly" }}
{lines}
"""


REACH = "share_in_reach"


def targets_study(folder: Path, plan: str, site: dict[str, Any], **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    west, east = box(-100, -1000, 550, 900), box(550, -1000, 1400, 900)
    write_layer(
        folder / "towns.gpkg", [west, east], name=["西街道", "东镇"], county=["甲区", "甲区"]
    )
    changes = {
        "targets": {"plans": ["plan.toml"]}, "towns.source": "towns.gpkg", **more.pop("changes", {})
    }  # fmt: skip
    files = {"plan.toml": HEAD + plan}
    return siting_study(
        folder, {"problem": "targets", **site}, changes=changes, files=files, **more
    )


def answer(folder: Path, plan: str, **site: Any) -> TargetsResult:
    found = run_site(targets_study(folder, plan, site)).result
    assert isinstance(found, TargetsResult)
    return found


def names(found: TargetsResult) -> list[str]:
    return list(found.site.sites.name)


def results(found: TargetsResult) -> dict[str, tuple[str, str]]:
    return {
        aim.indicator.id: (aim.before.result, after.result)
        for aim, after in zip(found.aims, found.after, strict=True)
    }


def test_a_share_of_people_in_reach(tmp_path: Path) -> None:
    # both houses count for the plan, 西院 and 北站: 甲 10 and 丙 30 of 112 people are in reach
    for value, best in (
        (30, []),
        (36, ["路口"]),
        (53, ["东口"]),
        (70, ["东口"]),
        (85, ["东口", "路口"]),
    ):
        plan = indicator("T-1", REACH, value, minutes="5")
        found = answer(tmp_path / str(value), plan)
        assert found.site.solution.status == "optimal"
        assert len(names(found)) == len(best), value
        before = "pass" if value < 35.7 else "fail"
        assert results(found) == {"T-1": (before, "pass")}


def test_a_facility_in_every_town(tmp_path: Path) -> None:
    # 西院 stands in the west, 北站 in the east: nothing to do; two of a kind that is not there
    plan = indicator("T-1", "presence", 100, level='"town"')
    found = answer(tmp_path / "a", plan)
    assert (names(found), results(found)) == ([], {"T-1": ("pass", "pass")})
    plan = plan.replace('{ domain = "elderly" }', '{ kinds = ["senior_home"] }')
    found = answer(tmp_path / "b", plan, kind="养老院")
    assert len(names(found)) == 1
    assert names(found)[0] in {"东口", "北坡", "路口"}
    assert results(found) == {"T-1": ("fail", "pass")}


def test_beds(tmp_path: Path) -> None:
    # 100 beds are asked for; the two largest of 60, 45, 30 are enough
    plan = indicator("T-1", "total", 100, attribute='"beds"')
    cells = with_cells({"东口": 60, "北坡": 45, "路口": 30}, "床位", default=(0,))
    path = targets_study(tmp_path, plan, {}, sites=cells)
    text = (tmp_path / "facilities.csv").read_text("utf-8")
    rows = text.splitlines()
    (tmp_path / "facilities.csv").write_text(
        "\n".join([rows[0] + ",床位", *(row + ",0" for row in rows[1:])]), "utf-8"
    )
    found = run_site(path).result
    assert isinstance(found, TargetsResult)
    assert sorted(names(found)) == ["东口", "北坡"]
    assert results(found) == {"T-1": ("fail", "pass")}
    assert float(found.after[0].value or 0) == 105


def test_several_at_once_and_what_sites_cannot_change(tmp_path: Path) -> None:
    plan = (
        indicator("T-1", REACH, 85, minutes="5")
        + indicator("T-2", "total", 4)
        + indicator("T-3", REACH, 99, minutes="5")
        + indicator("T-4", "total", 1, direction='"<="')
        + indicator("T-5", "size_rule", 100, must="{ beds = { min = 10 } }")
    )
    found = answer(tmp_path, plan)
    assert results(found)["T-1"] == ("fail", "pass")
    assert results(found)["T-2"] == ("fail", "pass")
    assert len(names(found)) == 2
    why = {aim.indicator.id: aim.why for aim in found.aims}
    assert why["T-1"] is None
    assert why["T-2"] is None
    told = {key: note.zh for key, note in why.items() if note is not None}
    assert "所有候选点全部建成也不够" in told["T-3"]
    assert "不超过某值" in told["T-4"]
    assert set(told) == {"T-3", "T-4", "T-5"}


def test_printed(tmp_path: Path, capfd: Any) -> None:
    plan = indicator("T-1", REACH, 85, minutes="5") + indicator("T-3", REACH, 99, minutes="5")
    path = targets_study(tmp_path / "s", plan, {})
    code, printed, err = command(capfd, "site", path, "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert "规划指标 2 项：现已达标 0 项，可由选址达标 1 项，选址不能改变 1 项" in printed
    assert "新建 2 处“养老院”即可使 town T-1 达标；已证明 1 处不可能做到" in printed
    assert "按含新址的数据重新评价，以上各项均达标" in printed


@pytest.mark.parametrize(
    ("site", "changes", "sentence"),
    [
        ({}, {"targets": {}}, '[site] problem = "targets" needs the plans'),
        ({"kind": "火车站"}, {}, "[site] kind is '火车站', which is no kind of facility"),
        (
            {"n_sites": 1},
            {},
            "is relaxed: the number of sites (n_sites = 1), the target town T-1; 2 sites would do",
        ),
    ],
)
def test_questions_that_cannot_be_answered(
    site: dict[str, Any], changes: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    plan = indicator("T-1", REACH, 85, minutes="5")
    path = targets_study(tmp_path, plan, site, changes=changes)
    with pytest.raises(InputError) as caught:
        run_site(path)
    assert sentence in str(caught.value)
