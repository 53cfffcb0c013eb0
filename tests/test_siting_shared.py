"""Several services that share one budget: by eye, by brute force, and as they are written."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.siting.run import run_site
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.site import assessed_with
from quarterhour.sources.facilities.candidates import some_facilities
from siting_town import SITES, siting_study, with_cells
from small_study import command, facilities_text

if TYPE_CHECKING:
    from pathlib import Path

NURSERY = {
    "name": "托育", "facilities": "nurseries.csv", "walker": "elderly", "cutoffs_min": [5],
    "group": "young",
}  # fmt: skip
"""One nursery at (1190, 10) reaches 丁; half of everybody is young: 丙 15, 乙 10, 甲 5, 岛 2.5."""

COSTS = with_cells({"东口": 90, "北坡": 50, "路口": 45, "岛心": 5, "西口": 1}, "造价（万元）")


def shared_study(folder: Path, site: dict[str, Any], **more: Any) -> Path:
    files = {"nurseries.csv": facilities_text([("东托", 1190, 10, "托育机构", "现状")])}
    changes = {"service.1": NURSERY, "people.groups": {"young": 0.5}, **more.pop("changes", {})}
    keys = {"service": ["养老", "托育"], **site}
    return siting_study(folder, keys, sites=COSTS, changes=changes, files=files, **more)


def names(found: SharedResult) -> dict[str, list[str]]:
    return {one.given.name: list(one.sites.name) for one in found.sites}


def answer(folder: Path, **site: Any) -> SharedResult:
    found = run_site(shared_study(folder, site)).result
    assert isinstance(found, SharedResult)
    return found


def test_one_number_of_sites_by_eye(tmp_path: Path) -> None:
    # 养老: 东口 40, 北坡 30, 路口 20, 岛心 5; 托育: 北坡 15, 路口 10, 西口 5, 岛心 2.5
    for n, best, gained in (
        (1, {"养老": ["东口"], "托育": []}, 40),
        (2, {"养老": ["东口", "北坡"], "托育": []}, 70),
        # 北坡 and 路口 are taken for 养老, where they count for more
        (5, {"养老": ["东口", "北坡", "路口", "岛心"], "托育": ["西口"]}, 100),
    ):
        found = answer(tmp_path / str(n), n_sites=n)
        assert names(found) == best
        assert found.solution.objective == found.solution.bound == gained * 1e6


def test_one_budget_by_every_choice(tmp_path: Path) -> None:
    found = answer(tmp_path, budget=100)
    cost = dict(zip(SITES, (90, 50, 45, 5, 1), strict=True))
    every = found.sites[0].candidates.at
    gain: dict[tuple[int, tuple[int, ...]], int] = {}
    for k, one in enumerate(found.sites):
        for n in (1, 2, 3):
            for some in itertools.combinations(range(5), n):
                if sum(list(cost.values())[j] for j in some) <= 100:
                    after = assessed_with(one.given, some_facilities(every, np.array(some)))
                    group = one.given.group
                    gain[k, some] = (
                        after.counts[-1][group].covered - one.given.counts[-1][group].covered
                    )
        gain[k, ()] = 0
    best = max(
        a + b
        for (i, x), a in gain.items()
        for (j, y), b in gain.items()
        if i < j and not set(x) & set(y) and sum(list(cost.values())[c] for c in (*x, *y)) <= 100
    )
    assert found.solution.objective == best
    assert sum(one.cost or 0 for one in found.sites) <= 100 * 10_000


def test_written(tmp_path: Path, capfd: Any) -> None:
    path = shared_study(tmp_path / "s", {"n_sites": 5})
    out = tmp_path / "out"
    code, printed, err = command(capfd, "site", path, "--out", out)
    assert (code, err) == (0, "")
    assert "（养老 4 处、托育 1 处）：各服务新增覆盖合计 100 人次" in printed
    assert "已证明最优" in printed
    rows = (out / "sites.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[:2] for row in rows] == [
        ["服务", "设施名称"], ["养老", "东口"], ["养老", "北坡"], ["养老", "路口"],
        ["养老", "岛心"], ["托育", "西口"],
    ]  # fmt: skip
    told = json.loads((out / "summary.json").read_text("utf-8"))["site"]
    assert told["objective"] == told["bound"] == 100
    assert [one["service"] for one in told["services"]] == ["养老", "托育"]
    assert gpd.read_file(out / "results.gpkg", layer="sites_chosen_2")["name"].tolist() == ["西口"]


@pytest.mark.parametrize(
    ("site", "sentence"),
    [
        ({"problem": "median", "n_sites": 2}, 'problem = "median" is asked of one service'),
        ({"n_sites": 2, "curve": True}, "curve is asked of one service"),
        ({"n_sites": 2, "service": ["养老", "养老"]}, "service names one twice"),
    ],
)
def test_questions_of_one_service(site: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_site(shared_study(tmp_path, site))
    assert sentence in str(caught.value)
