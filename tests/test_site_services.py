"""Several services by their aim, their weights and the rows that are meant for one of them."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.core.siting.milp import NO_LIMITS
from quarterhour.core.siting.nouns import Rules
from quarterhour.core.siting.shared_budget import SHARES, Service, most_for_all
from quarterhour.errors import InputError
from quarterhour.siting.run import run_site
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.site import site
from quarterhour.siting.split import split
from siting_cases import cover_of, covers, flags_for, people, weights_for
from siting_town import SITES, siting_study, with_cells
from small_study import command, facilities_text

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.core.siting.nouns import Cover

NURSERY = {
    "name": "托育", "facilities": "nurseries.csv", "walker": "elderly", "cutoffs_min": [5],
    "group": "young",
}  # fmt: skip
"""One nursery at (1190, 10) reaches 丁 20 of 56 young; 甲 10 of 112 are covered by 西院.

养老 gains 东口 40, 北坡 30, 路口 20, 岛心 5; 托育 gains 北坡 15, 路口 10, 西口 5, 岛心 2.5.
"""


def shared_study(folder: Path, site: dict[str, Any], cells: str | None = None) -> Path:
    files = {"nurseries.csv": facilities_text([("东托", 1190, 10, "托育机构", "现状")])}
    changes = {"service.1": NURSERY, "people.groups": {"young": 0.5}}
    keys = {"service": ["养老", "托育"], **site}
    return siting_study(folder, keys, sites=cells, changes=changes, files=files)


def answer(folder: Path, cells: str | None = None, **site: Any) -> SharedResult:
    found = run_site(shared_study(folder, site, cells)).result
    assert isinstance(found, SharedResult)
    return found


def names(found: SharedResult) -> list[list[str]]:
    return [list(one.sites.name) for one in found.sites]


def test_the_sum_and_the_service_that_is_worst_off(tmp_path: Path) -> None:
    # 养老 stands at 10 of 112, 托育 at 20 of 56: the sum and the smallest share agree at first
    plain = answer(tmp_path / "sum", n_sites=3)
    assert names(plain) == [["东口", "北坡", "路口"], []]
    fair = answer(tmp_path / "fair", n_sites=3, aim_of_services="fair")
    # two sites bring 养老 to 80 of 112, three to 100, and 托育 would stay at 20 of 56, 35.7 %
    # 东口 for 养老 (50 of 112, 44.6 %) and both others for 托育 (20 + 15 + 10 of 56, 80 %)
    # 东口 and 路口 (70, 62.5 %) with 北坡 for 托育 (35 of 56, 62.5 %) are the best of all
    assert names(fair) == [["东口", "路口"], ["北坡"]]
    assert fair.solution.objective == fair.solution.bound == 0.625 * SHARES
    assert fair.added == 75 * 10**6


def test_weights(tmp_path: Path) -> None:
    found = answer(tmp_path, n_sites=2, service_weights={"托育": 3})
    # 东口 40 for 养老, 北坡 3 x 15 = 45 for 托育 instead of 30 for 养老
    assert names(found) == [["东口"], ["北坡"]]
    assert found.solution.objective == 85 * 10**6
    assert found.added == 55 * 10**6


def test_rows_for_one_service(tmp_path: Path) -> None:
    cells = with_cells({"东口": "托育", "北坡": "养老、托育"}, "服务")
    found = answer(tmp_path, cells, n_sites=2)
    assert names(found) == [["北坡", "路口"], []]
    one = found.sites[0]
    assert one.status[list(SITES).index("东口")] == "elsewhere"
    # asked about one service, the same rows hold
    alone = run_site(shared_study(tmp_path / "one", {"service": "养老", "n_sites": 1}, cells))
    assert [s["name"] for s in alone.summary["site"]["sites"]] == ["北坡"]


def test_required_for_a_service(tmp_path: Path) -> None:
    cells = with_cells({"北坡": ("是", "托育")}, "必选", "服务", default=("", ""))
    found = answer(tmp_path, cells, n_sites=2)
    assert names(found) == [["东口"], ["北坡"]]


def test_a_group_holds_for_all_services(tmp_path: Path) -> None:
    cells = with_cells({"东口": "甲", "北坡": "甲", "路口": "甲"}, "互斥组")
    found = answer(tmp_path, cells, n_sites=5)
    # of the three one is built, whatever for; 岛心 5 and 西口 5 stand by themselves
    assert names(found) == [["东口", "岛心"], ["西口"]]


CASES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "required for nobody": (
        {"n_sites": 2}, with_cells({"东口": "是"}, "必选"),
        "must be known for which; fill in the column 服务 (service) with 养老 or 托育",
    ),
    "required for both": (
        {"n_sites": 2},
        with_cells({"东口": ("是", "养老、托育")}, "必选", "服务", default=("", "")),
        "'东口' (row 2) is required for 养老 and 托育, and a building holds one of them",
    ),
    "required for each and one number": (
        {"n_sites": 1},
        with_cells({"东口": ("是", "养老"), "北坡": ("是", "托育")}, "必选", "服务",
                   default=("", "")),
        "2 candidates are required and n_sites is 1; require fewer, or raise n_sites to 2",
    ),
    "required of one group": (
        {"n_sites": 2},
        with_cells({"东口": ("是", "养老", "甲"), "北坡": ("是", "托育", "甲")}, "必选", "服务",
                   "互斥组", default=("", "", "")),
        "are both required, and of the group '甲' only one may be built",
    ),
    "more sites than candidates": (
        {"n_sites": 6}, None, "n_sites is 6, and sites.csv has only 5 usable candidates",
    ),
    "a budget below the cheapest": (
        {"budget": 4}, with_cells({}, "造价", default=(5,)), "the cheapest candidate of sites.csv",
    ),
    "nothing for one of them": (
        {"n_sites": 1}, with_cells({}, "服务", default=("托育",)),
        "service '养老': sites.csv: no usable candidate (5 for another service)",
    ),
    "weights of another one": (
        {"n_sites": 1, "service_weights": {"医疗": 2}}, None,
        "service_weights names '医疗', which is none of service = 养老, 托育",
    ),
    "an aim of one service": (
        {"n_sites": 1, "service": "养老", "aim_of_services": "fair"}, None,
        "aim_of_services goes with several services",
    ),
    "weights of one service": (
        {"n_sites": 1, "service": "养老", "service_weights": {"养老": 2}}, None,
        "service_weights goes with several services",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_one_sentence(case: str, tmp_path: Path) -> None:
    site, cells, sentence = CASES[case]
    with pytest.raises(InputError) as caught:
        run_site(shared_study(tmp_path, site, cells))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_row_for_an_unknown_service_is_set_aside(tmp_path: Path, capfd: Any) -> None:
    path = shared_study(tmp_path, {"n_sites": 1}, with_cells({"东口": "医疗"}, "服务"))
    code, out, err = command(capfd, "site", path, "--out", tmp_path / "out")
    assert code == 0
    assert "北坡" in out
    assert "'东口'" in err
    assert "service is '医疗', and the study has 养老, 托育" in err


def test_written(tmp_path: Path, capfd: Any) -> None:
    path = shared_study(tmp_path / "s", {"n_sites": 3, "aim_of_services": "fair"})
    code, out, err = command(capfd, "site", path, "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert "公平优先：覆盖率最低的服务由 8.9%（养老）变为 62.5%（养老）" in out
    told = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["site"]
    assert (told["aim"], told["objective"], told["bound"]) == ("fair", 0.625, 0.625)
    assert told["added"] == 75
    book = openpyxl.load_workbook(tmp_path / "out" / "report.xlsx")
    cells = [[c.value for c in row] for row in book["各服务对照"]["A3:H5"]]
    assert [row[0] for row in cells[1:]] == ["养老", "托育"]
    for row in cells[1:]:
        total, before, added, after, rest = row[2:7]
        assert before + added == after
        assert after + rest == total
    path = shared_study(tmp_path / "t", {"n_sites": 3})
    _, out, _ = command(capfd, "site", path, "--out", tmp_path / "out2")
    assert "托育没有得到新址：各服务同等计数时，其他服务新增覆盖更多" in out


def service_of(cover: Cover, weight: Any, done: Any, factor: int = 1) -> Service:
    rules = Rules.plain(cover.n_sites)
    return Service(cover=cover, weight=weight, rules=rules, done=done, factor=factor)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_split_is_the_best_of_every_choice(data: st.DataObject) -> None:
    services = []
    for _ in range(2):
        cover = data.draw(covers(most_sites=4, most_places=6))
        n = cover.n_places
        services.append(
            service_of(cover, data.draw(weights_for(n)), data.draw(flags_for(n)),
                       data.draw(st.integers(1, 3)))
        )  # fmt: skip
    number, fair = data.draw(st.integers(1, 5)), data.draw(st.booleans())
    found = split(services, number, fair=fair, limits=NO_LIMITS)
    best: list[tuple[int, int]] = []
    sizes = [one.cover.n_sites for one in services]
    marks = [[c for k in range(n + 1) for c in itertools.combinations(range(n), k)] for n in sizes]
    for choice in itertools.product(*marks):
        if sum(map(len, choice)) > number:
            continue
        gains = [
            int(one.weight[one.cover.covered(np.array(c, np.int64)) & ~one.done].sum())
            for one, c in zip(services, choice, strict=True)
        ]
        total = sum(one.factor * g for one, g in zip(services, gains, strict=True))
        shares = [
            SHARES * (one.before + g) // int(one.weight.sum())
            for one, g in zip(services, gains, strict=True) if one.weight.sum()
        ]  # fmt: skip
        best.append((min([SHARES, *shares]), total) if fair else (total, total))
    top = max(best)
    assert found.solution.status == "optimal"
    assert found.solution.objective == found.solution.bound == top[0]
    told = sum(one.factor * g for one, g in zip(services, found.gained, strict=True))
    assert told == top[1]
    whole = most_for_all(services, n_sites=number, smallest_share=fair)
    assert whole.solution.objective == top[0]


def test_a_service_without_sites_that_help() -> None:
    one = service_of(cover_of(["x."]), people(3, 5), np.array([False, True]))
    none = service_of(cover_of([".."]), people(1, 1), np.zeros(2, bool))
    found = split([one, none], 2, fair=True, limits=NO_LIMITS)
    assert found.solution.objective == 0
    assert [c.tolist() for c in found.chosen] == [[0], []]


def test_several_services_are_asked_of_a_study(tmp_path: Path) -> None:
    found = answer(tmp_path, n_sites=1)
    for question in ({"service": ["养老", "托育"]}, {"aim_of_services": "fair"}):
        with pytest.raises(InputError, match="several services are asked of a study"):
            site(found.sites[0].given, "network", n_sites=1, **question)
