"""Other walkers beside the service's own, each equal to a run of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.study import run_study
from small_study import small_study

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = ["adult", "elderly_75_plus", "caregiver_with_stroller", "standard_1000m"]


def test_each_walker_counts_what_its_own_study_counts(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "service.0.walker": "elderly", "service.0.cutoffs_min": [5, 12, 15],
        "people.groups": {"old": 0.3}, "service.0.direction": "from",
    }  # fmt: skip
    together = run_study(small_study(tmp_path / "a", {**changes, "study.walkers": OTHERS}))
    beside = together.summary["services"][0]["walkers_beside"]
    assert [b["walker"] for b in beside] == OTHERS
    for number, row in enumerate(beside):
        cutoffs = [5, 15] if row["walker"] == "standard_1000m" else [5, 12, 15]
        own = {**changes, "service.0.walker": row["walker"], "service.0.cutoffs_min": cutoffs}
        alone = run_study(small_study(tmp_path / f"{number}", own))
        expected = [
            {"cutoff_min": c["cutoff_min"], "groups": c["groups"]}
            for c in alone.summary["services"][0]["cutoffs"]
        ]
        assert row["cutoffs"] == expected


def test_the_walker_of_the_service_is_not_repeated(tmp_path: Path) -> None:
    study = small_study(tmp_path, {"study.walkers": ["adult", "frail"]})
    assert [b.walker.name for b in run_study(study).assessments[0].beside] == ["frail"]


def test_a_rule_without_the_cutoff_says_nothing(tmp_path: Path) -> None:
    changes = {"study.walkers": ["standard_1000m"], "service.0.cutoffs_min": [12]}
    row = run_study(small_study(tmp_path, changes), tmp_path / "out").summary["services"][0]
    assert row["walkers_beside"] == [{"walker": "standard_1000m", "speed_mps": None, "cutoffs": []}]


def test_the_map_has_a_table_of_walkers(tmp_path: Path) -> None:
    changes = {"study.walkers": ["frail"], "study.language": "both"}
    run_study(small_study(tmp_path, changes), tmp_path / "out")
    text = (tmp_path / "out" / "map.html").read_text("utf-8")
    for words in ("换一种步行者", "With other walkers", "体弱老人", "frail older adult"):
        assert words in text
