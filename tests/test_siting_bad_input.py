"""Questions that cannot be answered: each is one clear sentence, and never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.errors import InputError
from quarterhour.siting.result import SiteResult
from quarterhour.siting.run import run_site
from quarterhour.siting.site import site
from siting_town import sites_text, siting_study, with_cells
from small_study import command

if TYPE_CHECKING:
    from pathlib import Path

FAR = [("天边", 90_000, 0)]
HIGH = [("山上", 300, 400)]
COSTS = with_cells({"东口": 90, "北坡": 50}, "造价")
MUST = with_cells({"东口": "是", "北坡": "是"}, "必选")
CASES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "more sites than candidates": (
        {"n_sites": 6}, None, "n_sites is 6, and sites.csv has only 5 usable candidates",
    ),
    "no sites": ({"n_sites": 0}, None, "[site] n_sites is 0: a number of 1 or more is needed"),
    "nothing is asked": ({}, None, 'problem = "most_people" needs n_sites or budget'),
    "no such service": (
        {"n_sites": 1, "service": "托育"}, None, "names the service '托育'; the study has 养老",
    ),
    "no such problem": ({"problem": "best"}, None, "[site] problem is 'best': allowed are"),
    "no such file": ({"n_sites": 1, "candidates": "nothing.csv"}, None, "nothing.csv"),
    "outside the roads": (
        {"n_sites": 1}, sites_text(FAR), "no usable candidate (1 outside)",
    ),
    "no road near it": ({"n_sites": 1}, sites_text(HIGH), "no usable candidate (1 unlinked)"),
    "only a negative cost": (
        {"n_sites": 1}, with_cells({}, "造价", default=("-5",)),
        "no usable candidate (no rows; 5 set aside, the first: sites.csv row 2 '东口': ",
    ),
    "in reach of nobody": (
        {"n_sites": 1}, sites_text([("西口", 200, 0)]),
        "none of the usable candidates is within 5 min of anybody uncovered (95)",
    ),
    "budget below the cheapest": (
        {"budget": 49}, COSTS, "the cheapest candidate of sites.csv, '北坡' (row 3), costs 50",
    ),
    "budget without costs": ({"budget": 49}, None, "budget needs costs, and no candidate"),
    "required beyond the budget": (
        {"budget": 100},
        with_cells({"东口": ("是", 90), "北坡": ("是", 50)}, "必选", "造价", default=("", 1)),
        "budget is 100 万元, and the required candidates of sites.csv cost 140",
    ),
    "required and excluded": (
        {"n_sites": 1}, with_cells({"东口": ("是", "是")}, "必选", "禁选", default=("", "")),
        "'东口' (row 2) is required and excluded; take one of the two back",
    ),
    "required and unusable": (
        {"n_sites": 1}, with_cells({"东口": ("是", "否")}, "必选", "是否可用", default=("", "")),
        "'东口' (row 2) is required and marked as unusable",
    ),
    "two of one group": (
        {"n_sites": 2},
        with_cells(
            {"东口": ("是", "甲"), "北坡": ("是", "甲")}, "必选", "互斥组", default=("", "")
        ),
        "'东口' (row 2) and '北坡' (row 3) are both required, and of the group '甲' only one",
    ),
    "more required than sites": (
        {"n_sites": 1}, MUST, "2 candidates are required and n_sites is 1",
    ),
    "required too near": (
        {"n_sites": 2, "apart_m": 700}, MUST,
        "are both required and nearer to each other than apart_m = 700",
    ),
    "a share beyond reach": (
        {"problem": "everyone", "share": 0.95}, None,
        "95.0% of all people (106) is asked for, and all usable candidates together reach",
    ),
    "a share for too few sites": (
        {"problem": "everyone", "share": 0.7, "n_sites": 1}, None,
        "(n_sites = 1), the people to be covered (70.0% of all); 2 sites would do, and no fewer",
    ),
    "a share against a group": (
        {"problem": "everyone", "share": 0.7}, with_cells({"东口": "甲", "北坡": "甲"}, "互斥组"),
        ("can if any one of them is relaxed: the groups of which one may be built ('甲'),"
        " the people"),
    ),
    "a share against the distance": (
        {"problem": "everyone", "share": 0.7, "apart_m": 700}, None,
        "can if any one of them is relaxed: the distance between new sites (apart_m = 700), the",
    ),
    "a share without the excluded": (
        {"problem": "everyone", "share": 0.7}, with_cells({"东口": "是"}, "禁选"),
        "70.0% of all people (78) is asked for, and all usable candidates together reach 58.0%",
    ),
    "a share of towns without towns": (
        {"problem": "everyone", "share_each_town": 0.5}, None, "needs the polygons of the towns",
    ),
    "a cost that is text": (
        {"budget": 100}, with_cells({}, "造价", default=("面议",)),
        "the first: sites.csv row 2 '东口': 造价 is '面议', which is no cost)",
    ),
    "a share above all": (
        {"problem": "everyone", "share": 1.2}, None,
        "share is 1.2: a number of at most 1 is needed",
    ),
    "too far apart": (
        {"n_sites": 1, "apart_m": 30_000}, None,
        "apart_m is 30000: a number of at most 20,000 is needed",
    ),
    "a cost below nothing": (
        {"n_sites": 1, "cost": -3}, None, "cost is -3: a number of 0 or more is needed",
    ),
    "a size without room": (
        {"n_sites": 1, "size": [{"name": "小", "capacity": 0, "cost": 1}]}, None,
        "[[site.size]] number 1 capacity is 0: a number above 0 is needed",
    ),
    "a column that is not there": (
        {"n_sites": 1, "columns": {"required": "必须"}}, None, "there is no such heading",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_sentence(case: str, tmp_path: Path, capfd: Any) -> None:
    keys, sites, sentence = CASES[case]
    path = siting_study(tmp_path, keys, sites=sites)
    code, out, err = command(capfd, "site", path, "--out", tmp_path / "out", "-q")
    assert code == 1
    assert sentence in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    # in Chinese too, and nothing is left of the English but names and keys
    zh = err.rstrip().rpartition(" / ")[2]
    assert sum("\u4e00" <= sign <= "\u9fff" for sign in zh) >= 5, err
    assert not any(word in zh for word in (" row ", " is ", "{", "?P")), zh
    assert not out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--sites", "0"), "n_sites is 0; a number above 0 is needed"),
        (("--sites", "-2"), "n_sites is -2"),
        (("--budget", "nan"), "budget is nan"),
        (("--seconds", "0"), "seconds is 0"),
    ],
)
def test_numbers_of_the_command_line(
    words: tuple[str, ...], sentence: str, tmp_path: Path, capfd: Any
) -> None:
    code, _, err = command(capfd, "site", siting_study(tmp_path, {"n_sites": 1}), *words)
    assert code == 1
    assert sentence in err


def test_two_services_must_be_told_apart(tmp_path: Path) -> None:
    second = {"name": "托育", "facilities": "facilities.csv", "walker": "elderly"}
    path = siting_study(tmp_path, {"n_sites": 1}, changes={"service.1": second})
    with pytest.raises(InputError, match="service = one of 养老, 托育"):
        run_site(path)


def test_bad_rows_are_told_and_the_others_used(tmp_path: Path, capfd: Any) -> None:
    rows = sites_text([("东口", 1100, 0, 9), ("坏", 600, 0, -1), *((*r, 1) for r in FAR + HIGH)],
                      "造价")  # fmt: skip
    path = siting_study(tmp_path, {"n_sites": 1}, sites=rows)
    code, out, err = command(capfd, "site", path, "--out", tmp_path / "out")
    assert code == 0
    assert "东口" in out
    told = [line for line in err.splitlines() if line.startswith("set aside: ")]
    assert [line.split("'")[1] for line in told] == ["坏", "天边", "山上"]
    assert "a cost is not negative" in told[0]
    assert "outside the study area" in told[1]
    assert "too far from any road" in told[2]


def test_python_arguments_are_checked(tmp_path: Path) -> None:
    found = run_site(siting_study(tmp_path, {"n_sites": 1})).result
    assert isinstance(found, SiteResult)
    given = found.given
    with pytest.raises(InputError, match="n_sites is 0"):
        site(given, "network", n_sites=0)
    with pytest.raises(InputError, match="candidates is 'streets'"):
        site(given, "streets", n_sites=1)
    with pytest.raises(InputError, match='problem = "close" is asked of a study'):
        site(given, "network", problem="close", n_sites=1)
    with pytest.raises(InputError, match="p is 3"):
        site(given, "network", p=3)
