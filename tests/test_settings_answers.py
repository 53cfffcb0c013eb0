"""Units, supply and targets of a study file: what cannot be meant is refused before data are read.

None of these studies has its files: they are never opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.errors import InputError
from quarterhour.render.check.faults import fault_zh
from quarterhour.study_file.settings import load_study
from small_study import base_study, small_study, toml_text
from test_targets_run import HEAD, TOTAL

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = dict.fromkeys(("roads.osm", "people.csv", "facilities.csv"))
SUPPLY = {"service.0.supply": "beds"}
URBAN = {"urban.source": "u.gpkg"}


def study(folder: Path, changes: dict[str, Any]) -> Path:
    return small_study(folder, changes, dict(NOTHING))


def complaint(path: Path) -> str:
    """What is said of a study file, without its name; it is said in Chinese, too."""
    with pytest.raises(InputError) as caught:
        load_study(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert "\n" not in text
    assert fault_zh(text) is not None, text
    return text.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({**SUPPLY, "service.0.need_share": 0.0}, "[[service]] 养老 need_share is 0; needed is"),
        (
            {**SUPPLY, "supply.institution_share": 0.0, "supply.home_share": 0.93},
            "[supply] institution_share is 0, so that nobody needs any",
        ),
        ({"supply.home_share": 0.5}, "are 0.5, 0.07, 0.03 and add up to 0.6; needed is 1"),
        (
            {**URBAN, "service.0.rural_cutoff_min": 14.5},
            "rural_cutoff_min is 14.5, and in urban places the last of cutoffs_min counts, 15:",
        ),
        (
            {"towns.source": "t.gpkg", "units": [{"level": "乡镇", "source": "c.gpkg"}]},
            "[[units]] number 1 level = '乡镇' (c.gpkg) is there twice: [towns] gives this level",
        ),
        (
            {"units": [{"level": w, "source": "c.gpkg"} for w in ("社区", "community")]},
            "level = 'community' (c.gpkg) is there twice: [[units]] number 1 gives",
        ),
        ({"targets.plans": ["zyiang"]}, "[targets] plans: no plan is called 'zyiang'; shipped are"),
        ({"targets.plans": ["ziyang", "ziyang"]}, "[targets] plans names 'ziyang' twice"),
        (
            {"targets.plans": ["ziyang"], "targets.thresholds": {"Z-2": 5.0}},
            "thresholds names Z-2; no plan has such an indicator: write its id, such as Z-02;",
        ),
        (
            {"targets.plans": ["ziyang"], "targets.thresholds": {"Z-02": 101.0}},
            "thresholds.Z-02 is 101; this indicator is a percentage: needed is a number from 0",
        ),
        ({"targets.thresholds": {"Z-02": -1.0}}, "thresholds.Z-02 is -1; needed is a number"),
        ({"targets.people": {"all": 1e308}}, "people.all is 1e+308; needed is a number of people"),
        ({"targets.people": {"all": 1e-308}}, "people.all is 1e-308; needed is a number of people"),
        (
            {"targets.plans": ["ziyang"], "targets.people": {"age_6_plus": 5.0}},
            (
                "people names the group 'age_6_plus', which neither [people.groups] nor a plan has;"
                " known are all, age_60_plus, age_0_3; did you mean 'age_60_plus'?"
            ),
        ),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert words in complaint(study(tmp_path, changes))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("key", ["thresholds", "people"])
def test_no_number(tmp_path: Path, key: str, value: str) -> None:
    path = study(tmp_path, {})
    path.write_text(path.read_text("utf-8") + f'\n[targets.{key}]\n"Z-02" = {value}\n', "utf-8")
    with pytest.raises(InputError, match=r"study.toml: \[targets\] .*number"):
        load_study(path)


@pytest.mark.parametrize(
    "changes",
    [
        {**URBAN, "service.0.rural_cutoff_min": 15.0},
        {"units": [{"level": w, "source": "c.gpkg"} for w in ("社区", "村", "医院")]},
        {"towns.source": "t.gpkg", "units": [{"level": "区县", "source": "c.gpkg"}]},
        {"targets.plans": ["ziyang", "national"], "targets.thresholds": {"Z-02": 100.0}},
        # a census number for a group that only the plan counts, under another name of it
        {"targets.plans": ["ziyang"], "targets.people": {"60岁以上": 1e6, "all": 1.0}},
        # a plan of one's own is read, and judged, with the other files
        {"targets.plans": ["mine.toml"], "targets.thresholds": {"T-1": 5.0}},
    ],
)
def test_what_can_be_meant(tmp_path: Path, changes: dict[str, Any]) -> None:
    load_study(study(tmp_path, changes))


def test_thresholds_of_a_plan_of_ones_own(tmp_path: Path) -> None:
    changes = {"targets.plans": ["mine.toml"], "targets.thresholds": {"T-1": 500.0}}
    path = study(tmp_path, changes)
    (tmp_path / "mine.toml").write_text(HEAD + TOTAL, "utf-8")
    load_study(path)  # a number of beds may be above 100
    path = study(tmp_path, {**changes, "targets.thresholds": {"T-9": 5.0}})
    assert "thresholds names T-9" in complaint(path)


def test_two_plans_with_one_key(tmp_path: Path) -> None:
    path = study(tmp_path, {"targets.plans": ["a.toml", "b.toml"]})
    for name in "ab":
        (tmp_path / f"{name}.toml").write_text(HEAD + TOTAL, "utf-8")
    with pytest.raises(
        InputError, match=r"study.toml: \[targets\] plans has two plans with the key"
    ):
        load_study(path)


@pytest.mark.parametrize("what", ["service", "scenario"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("养老 A", ""),
        (" 养老A ", "number 2 ( 养老A ): the name is used twice (here as '养老a')"),
        ("养老A", "the name is used twice (here as '养老a'); give every"),
        ("养老\na", "number 2 name has a line break ('养老 a'); write it in one line"),
        ("养老a\u2028", "number 2 name has a line break"),
    ],
)
def test_names_are_names_of_files(tmp_path: Path, what: str, name: str, words: str) -> None:
    document = base_study()
    if what == "service":
        document["service"] = [{**document["service"][0], "name": n} for n in ("养老a", name)]
    else:
        document["scenario"] = [{"name": n} for n in ("养老a", name)]
    path = tmp_path / "study.toml"
    path.write_text(toml_text(document), "utf-8")
    if not words:
        load_study(path)
        return
    told = complaint(path)
    assert words in told
    assert told.startswith(f"[[{what}]]")
