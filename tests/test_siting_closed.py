"""Which existing facilities close or move at least loss: by eye, by brute force, and in words."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.siting.closing import ClosingResult, assessed_without
from quarterhour.siting.run import run_site
from siting_town import siting_study
from small_study import command, facilities_text

if TYPE_CHECKING:
    from pathlib import Path

HOUSES = [
    ("西院", 0, 10), ("东院", 1190, 10), ("东邻", 1100, 10), ("北院", 610, 500),
    ("岛院", 150, -790),
]  # fmt: skip
"""Within 300 m: 西院 甲 10; 东院 and 东邻 both 丁 40; 北院 丙 30; 岛院 岛 5. 乙 20 has none."""

ROWS = tuple((name, x, y, "养老院", "现状") for name, x, y in HOUSES)


def closing_study(folder: Path, site: dict[str, Any], **more: Any) -> Path:
    return siting_study(folder, site, files={"facilities.csv": facilities_text(ROWS)}, **more)


def answer(folder: Path, **site: Any) -> ClosingResult:
    found = run_site(closing_study(folder, site)).result
    assert isinstance(found, ClosingResult)
    return found


def closed(found: ClosingResult) -> list[str]:
    return [found.given.facilities.name[k] for k in found.closed.tolist()]


def test_least_loss_by_eye(tmp_path: Path) -> None:
    # one of the two in the east costs nobody anything, then the island, then the west
    for n, names, lost in (
        (1, ["东邻"], 0), (2, ["东邻", "岛院"], 5), (3, ["西院", "东邻", "岛院"], 15),
    ):  # fmt: skip
        found = answer(tmp_path / str(n), problem="close", n_sites=n)
        assert closed(found) == names
        assert found.lost == found.least_lost == lost * 1e6
        assert found.change.lost_by["all"] == lost * 1e6
        assert found.solution.status == "optimal"
    assert found.alone.tolist() == [10e6, 0, 0, 30e6, 5e6]


def test_what_must_stay(tmp_path: Path) -> None:
    found = answer(tmp_path, problem="close", n_sites=2, keep=["岛院"])
    assert closed(found) == ["西院", "东邻"]


def test_every_choice_is_run_as_a_whole(tmp_path: Path) -> None:
    for n in (1, 2, 3):
        found = answer(tmp_path / str(n), problem="close", n_sites=n)
        given = found.given
        before = given.counts[-1]["all"].covered
        least = min(
            before - assessed_without(given, np.array(some)).counts[-1]["all"].covered
            for some in itertools.combinations(range(len(ROWS)), n)
        )
        assert found.lost == least


def test_moves(tmp_path: Path) -> None:
    # neither house in the east covers anybody alone, and 路口 brings 乙 20; more moves add nobody
    for n in (1, 2):
        found = answer(tmp_path / str(n), problem="move", n_sites=n)
        assert closed(found) == ["东院"]
        assert list(found.opened.name) == ["路口"]
        assert found.change.gained_by["all"] == 20e6
        assert found.lost == -20e6
        assert found.given.counts[-1]["all"].covered + 20e6 == found.solution.bound


def test_command(tmp_path: Path, capfd: Any) -> None:
    # of a study that asks for new sites
    path = closing_study(tmp_path / "s", {"n_sites": 1, "curve": True})
    out = tmp_path / "out"
    code, printed, err = command(capfd, "site", path, "--close", 2, "--out", out)
    assert (code, err) == (0, "")
    assert "“养老”关闭 2 处（东邻、岛院）：5 分钟内少 5 人，覆盖率 75.9% → 71.4%" in printed
    assert "已证明最优（差距 0）" in printed
    told = json.loads((out / "summary.json").read_text("utf-8"))["site"]
    assert [(one["name"], one["alone"]) for one in told["closed"]] == [("东邻", 0), ("岛院", 5)]
    assert told["groups"]["all"]["lost"] == 5
    assert told["objective"] == told["bound"] == 80
    assert "关闭" in (out / "sites.csv").read_text("utf-8")
    assert "现有设施" in (out / "report.html").read_text("utf-8")


def test_move_is_written(tmp_path: Path, capfd: Any) -> None:
    path = closing_study(
        tmp_path / "s", {"problem": "move", "n_sites": 1}, changes={"study.language": "en"}
    )
    code, printed, _ = command(capfd, "site", path, "--out", tmp_path / "out")
    assert code == 0
    assert "养老: 1 move (东院 → 路口): 20 people newly within 5 min, 0 people no longer" in printed


@pytest.mark.parametrize(
    ("site", "sentence"),
    [
        ({"problem": "close"}, "needs n_sites: how many existing facilities close"),
        ({"problem": "close", "n_sites": 6}, "has 5 facilities in use, so that at most 5"),
        ({"problem": "close", "n_sites": 5}, "no facility of 养老 would be left"),
        (
            {"problem": "close", "n_sites": 5, "keep": "岛院"},
            "1 of them to be kept, so that at most 4 can close",
        ),
        ({"problem": "close", "n_sites": 1, "keep": "南院"}, "keep names '南院', and no facility"),
        (
            {"problem": "close", "n_sites": 1, "curve": True},
            "curve goes with problem",
        ),
        ({"n_sites": 1, "keep": "岛院"}, 'keep goes with problem = "close" or "move"'),
    ],
)
def test_questions_that_cannot_be_answered(
    site: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        run_site(closing_study(tmp_path, site))
    assert sentence in str(caught.value)


def test_close_goes_alone(tmp_path: Path, capfd: Any) -> None:
    path = closing_study(tmp_path, {"n_sites": 1})
    code, _, err = command(capfd, "site", path, "--close", 1, "--sites", 2)
    assert code == 1
    assert "--close goes without --sites and --budget" in err
