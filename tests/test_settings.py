"""The study file: every key accepted and rejected, in words that name it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticUndefined

from quarterhour.errors import InputError
from quarterhour.study import prepare_study, run_study
from quarterhour.study_file.parts import MANY
from quarterhour.study_file.settings import PARTS, input_path, load_study
from small_study import base_study, small_study, toml_text
from study_keys import KEYS

if TYPE_CHECKING:
    from pathlib import Path


def ends(key: str) -> tuple[str, str]:
    """Section and name of a key."""
    parts = [part for part in key.split(".") if not part.isdigit()]
    return ".".join(parts[:-1]), parts[-1]


def complaint(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_study(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def of(folder: Path, **changes: Any) -> str:
    return complaint(small_study(folder, {k.replace("__", "."): v for k, v in changes.items()}))


def with_section(key: str) -> dict[str, Any]:
    """What the section of a key needs besides it."""
    section, _ = ends(key)
    if section == "people.totals":
        return {"people.totals.source": "totals.xlsx", "towns.source": "towns.gpkg"}
    if section == "scenario":
        return {"scenario": [{"name": "方案"}]}
    if key == "service.0.rural_cutoff_min":
        return {"urban.source": "file.gpkg"}
    if section == "units":
        return {"units": [{"level": "community", "source": "file.gpkg"}]}
    if section == "site.size":
        return {"site.size": [{"name": "小", "capacity": 30.0, "cost": 50.0}]}
    named = section in {"residential", "districts", "towns", "terrain", "urban"}
    return {f"{section}.source": "file.gpkg"} if named else {}


HEAD = "[study]\nname = 'x'\n[roads]\nsource = 'r'\n"


def test_every_key_of_the_study_file_is_in_the_table_above() -> None:
    known = {
        f"{part}.0.{key}" if part in MANY else f"{part}.{key}"
        for part, model in PARTS.items()
        if part
        for key in model.model_fields
    }
    assert known - KEYS.keys() == {"roads.place", "roads.bbox"}  # instead of source: below
    assert not KEYS.keys() - known


@pytest.mark.parametrize("key", KEYS)
def test_allowed_value_is_read_back(tmp_path: Path, key: str) -> None:
    value = KEYS[key][0]
    at: Any = load_study(small_study(tmp_path, {**with_section(key), key: value}))
    for step in key.split("."):
        at = at[int(step)] if step.isdigit() else getattr(at, step)
    assert at == ([value] if isinstance(at, list) and isinstance(value, str) else value)


@pytest.mark.parametrize("key", KEYS)
def test_other_value_is_refused_by_name(tmp_path: Path, key: str) -> None:
    value = KEYS[key][1]
    message = complaint(small_study(tmp_path, {**with_section(key), key: value}))
    section, name = ends(key)
    assert f"[{section}]" in message
    assert name in message
    shown = value if isinstance(value, str) else None
    assert shown is None or repr(shown) in message  # what was found
    assert "\n" not in message


@pytest.mark.parametrize("key", [k for k in KEYS if ends(k)[0] != "study"])
def test_keys_may_be_left_out_where_the_model_says_so(tmp_path: Path, key: str) -> None:
    section, name = ends(key)
    default = PARTS[section].model_fields[name]
    path = small_study(tmp_path, {**with_section(key), key: None})
    if name == "source" and section == "roads":
        assert "exactly one of source, place and bbox; found none of them" in complaint(path)
    elif default.default is PydanticUndefined and default.default_factory is None:
        assert "is missing" in complaint(path)
        assert name in complaint(path)
    else:
        load_study(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people.weight": "area"}, "there is no [people.totals]"),
        ({"people.source": "buildings"}, "where people live, not how many"),
        ({"people.totals.source": "t.xlsx"}, "name them with areas, or add [towns]"),
        (
            {
                "people.source": "residential",
                "people.totals.source": "t.xlsx",
                "towns.source": "towns.gpkg",
            },
            "needs [residential]",
        ),
        ({"service.0.place_by_town": True}, "add [towns]"),
        ({"service.0.rural_cutoff_min": 30}, "add [urban]"),
        ({"people.totals.sorce": "t.xlsx"}, "unknown key [people.totals] sorce; did you mean"),
    ],
)
def test_parts_that_need_each_other(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert words in complaint(small_study(tmp_path, changes))


def test_roads_need_exactly_one_source(tmp_path: Path) -> None:
    assert "found source and place" in of(tmp_path, roads__place="Yanjiang, Ziyang, China")
    box = [104.6, 30.1, 104.7, 30.2]
    for way in ({"roads.place": "Yanjiang"}, {"roads.bbox": box}):
        load_study(small_study(tmp_path, {"roads.source": None, **way}))
    for bad in (
        [1.0, 2.0, 3.0],
        [1, 2, 3, 4, 5],
        ["1", 2, 3, 4],
        [104, 30, 500, 31],
        [1, 2, 3, 1e9],
    ):
        message = complaint(small_study(tmp_path, {"roads.source": None, "roads.bbox": bad}))
        assert "[roads] bbox" in message
    upside_down = small_study(
        tmp_path, {"roads.source": None, "roads.bbox": [104.7, 30, 104.6, 31]}
    )
    with pytest.raises(InputError, match="west < east"):
        prepare_study(upside_down)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("study.nmae", "did you mean 'name'?"),
        ("service.0.walkr", "did you mean 'walker'?"),
        ("service.0.cutoff_min", "did you mean 'cutoffs_min'?"),
        ("roads.data_date", "it belongs under [study]"),
        ("study.walker", "it belongs under [[service]]"),
        ("study.link_limit_m", "it belongs under [people] or [[service]]"),
        ("people.groups_column", "did you mean 'groups'?"),
        ("residental.source", "did you mean 'residential'?"),
        ("services.name", "did you mean 'service'?"),
    ],
)
def test_unknown_key_is_put_right(tmp_path: Path, key: str, hint: str) -> None:
    section, name = ends(key)
    message = complaint(small_study(tmp_path, {key: "x"}))
    assert message.startswith("unknown key ")
    assert (name if section in PARTS else section) in message
    assert hint in message
    assert "allowed are " in message


def test_unknown_key_comes_before_the_missing_one_it_was_meant_to_be(tmp_path: Path) -> None:
    message = of(tmp_path, people__source=None, people__sorce="people.csv")
    assert message.startswith("unknown key [people] sorce; did you mean 'source'?")


@pytest.mark.parametrize(
    ("found", "meant"),
    [("elderley", "elderly"), ("adults", "adult"), ("standard", "standard_1000m")],
)
def test_unknown_walker(tmp_path: Path, found: str, meant: str) -> None:
    message = of(tmp_path, service__0__walker=found)
    assert f"unknown walker {found!r}" in message
    assert f"did you mean {meant!r}?" in message
    assert "caregiver_with_stroller" in message  # all that are known


@pytest.mark.parametrize("bad", [0, -5, float("nan"), float("inf"), 1e9, True, "15", [15]])
def test_cutoff_that_is_no_number_of_minutes(tmp_path: Path, bad: Any) -> None:
    assert "cutoffs_min (entry 2)" in of(tmp_path, service__0__cutoffs_min=[5, bad])


def test_cutoffs(tmp_path: Path) -> None:
    assert "cutoffs_min is 15: a list" in of(tmp_path, service__0__cutoffs_min=15)
    assert "cutoffs_min is []" in of(tmp_path, service__0__cutoffs_min=[])
    assert "names a cutoff twice" in of(tmp_path, service__0__cutoffs_min=[5, 15, 5.0])
    assert "in ascending order" in of(tmp_path, service__0__cutoffs_min=[15, 5])
    study = load_study(small_study(tmp_path, {"service.0.cutoffs_min": [0.5, 120]}))
    assert study.service[0].cutoffs_min == [0.5, 120.0]


def test_group_must_be_one_of_the_people(tmp_path: Path) -> None:
    groups = {"age_60_plus": 0.28}
    message = of(tmp_path, people__groups=groups, service__0__group="age_60")
    assert "[[service]] number 1 (养老): group 'age_60' is not in [people.groups]" in message
    assert "known are all, age_60_plus; did you mean 'age_60_plus'?" in message
    assert "known are all" in of(tmp_path, people=None, service__0__group="age_60_plus")


@pytest.mark.parametrize("share", [28.19, -0.1, 1.0001, float("nan"), float("inf"), True, "", []])
def test_share_of_a_group_is_between_0_and_1(tmp_path: Path, share: Any) -> None:
    message = of(tmp_path, people__groups={"age_60_plus": share})
    assert "[people] groups.age_60_plus is " in message
    assert "a share between 0 and 1, or the name of a column" in message
    assert ("28.19 percent is 0.2819" in message) == (share == 28.19)


@pytest.mark.parametrize("name", ["all", "people", "Status", "fid", "geom", "minutes", ""])
def test_group_names_that_the_results_need_themselves(tmp_path: Path, name: str) -> None:
    message = of(tmp_path, people__groups={name: 0.5})
    assert f"[people] groups.{name}: " in message


def test_group_names_that_a_geopackage_cannot_tell_apart(tmp_path: Path) -> None:
    assert "only by its capitals" in of(tmp_path, people__groups={"Old": 0.5, "old": 0.4})


def test_standard_distances_take_no_other_cutoffs_and_no_speed(tmp_path: Path) -> None:
    rule = "standard_1000m"
    load_study(small_study(tmp_path, {"service.0.walker": rule, "service.0.cutoffs_min": [5, 10]}))
    message = of(tmp_path, service__0__walker=rule, service__0__cutoffs_min=[5, 20])
    assert "knows only the cutoffs 5, 10, 15 min, found 20" in message
    assert "takes no speed_mps" in of(tmp_path, service__0__walker=rule, service__0__speed_mps=1.1)


def test_speed_of_the_study_wins_and_must_be_a_walk(tmp_path: Path) -> None:
    change = {"service.0.walker": "elderly", "service.0.speed_mps": 0.9}
    who = load_study(small_study(tmp_path, change)).service[0].who()
    assert (who.name, who.speed_mps) == ("elderly", 0.9)
    for speed in (0.05, 4.0, 0, float("nan")):
        assert "speed_mps is" in of(tmp_path, service__0__speed_mps=speed)


def test_search_limit_is_never_below_the_last_cutoff(tmp_path: Path) -> None:
    def limit(**more: Any) -> float:
        change = {k.replace("__", "."): v for k, v in more.items()}
        study = load_study(small_study(tmp_path, {"service.0.cutoffs_min": [5, 10, 15], **change}))
        return study.limit_min(study.service[0])

    assert limit(study__limit_min=None) == 60
    assert limit(study__limit_min=20) == 20
    assert limit(study__limit_min=8) == 15
    assert limit(study__limit_min=20, service__0__limit_min=30) == 30
    assert limit(study__limit_min=20, service__0__limit_min=3) == 15


def test_service_names_tell_services_apart(tmp_path: Path) -> None:
    study = base_study()
    study["service"] *= 2
    path = small_study(tmp_path, files={"study.toml": toml_text(study)})
    assert "[[service]] number 2 (养老): the name is used twice" in complaint(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("[study\n", "is not valid TOML: Expected ']'"),
        ("[study]\nname = 'a'\nname = 'b'\n", "is not valid TOML: Cannot overwrite a value"),
        ('[study]\nname = "x"\narea = "data\\city.gpkg"\n', "write paths with /"),
        ('[study]\nname = "x"\narea = "C:\\Users\\li\\a.gpkg"\n', "write paths with /"),
        (b"[study]\nname = '\xd1\xf8\xc0\xcf'\n", "is not UTF-8 text"),
        (b"\x00\x01\x02", "is not valid TOML"),
        ("a = " + "[" * 20000, "is not valid TOML"),
        ("a = " + "9" * 5000, "is not valid TOML"),
        ("[service]\nname = 'x'\n", "found [service]; write [[service]]"),
        ("[[study]]\nname = 'x'\n", "found [[study]]; write [study]"),
        ("study = 5\n", "[study] is 5: a section with keys is needed"),
        ("service = [1]\n" + HEAD, "[[service]] number 1 is 1: a section with keys is needed"),
        ("service = []\n" + HEAD, "[[service]] is []: a list of at least 1 is needed"),
        (HEAD, "[[service]] is missing"),
    ],
)
def test_text_that_is_no_study(tmp_path: Path, text: str | bytes, words: str) -> None:
    assert words in complaint(small_study(tmp_path, files={"study.toml": text}))


def test_study_file_that_is_not_there(tmp_path: Path) -> None:
    assert "file not found" in complaint(tmp_path / "study.toml")
    assert "is a folder" in complaint(tmp_path)


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    text = toml_text(base_study()).replace("\n", "\r\n")
    path = small_study(tmp_path, files={"study.toml": b"\xef\xbb\xbf" + text.encode()})
    assert load_study(path).study.name == "小镇"


def test_a_date_may_be_written_as_a_date(tmp_path: Path) -> None:
    for written, read in (("2026-01-31", "2026-01-31"), ("2026", "2026"), ('"春"', "春")):
        text = toml_text(base_study()).replace("[study]", f"[study]\ndata_date = {written}", 1)
        path = small_study(tmp_path, files={"study.toml": text})
        assert load_study(path).study.data_date == read


def test_paths_are_relative_to_the_study_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_study(tmp_path / "a b" / "数据", files={"study.toml": None})
    changes = {
        "roads.source": "..\\数据\\roads.osm",  # as it is written on Windows
        "people.source": "../数据/people.csv",
        "service.0.facilities": str(tmp_path / "a b" / "数据" / "facilities.csv"),
    }
    nothing = dict.fromkeys(("roads.osm", "people.csv", "facilities.csv"))
    path = small_study(tmp_path / "a b" / "研究", changes, nothing)
    monkeypatch.chdir(tmp_path)
    result = run_study(path.relative_to(tmp_path), "results")
    assert len(result.prepared.ground.demand) == 6
    assert len(result.prepared.facilities[0]) == 2
    assert (tmp_path / "results" / "manifest.json").exists()


@pytest.mark.parametrize("name", ["a\nb.csv", "a\0b.csv", "D:\table.csv", "x" * 5000, "x" * 300])
def test_names_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a file"):
        input_path(tmp_path, name)


TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.data())
def test_any_document_is_a_study_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Some keys of a good study are replaced, by anything that JSON and TOML both know."""
    keys = data.draw(st.lists(st.sampled_from(sorted(KEYS)) | st.just("people"), max_size=3))
    changes = {key: data.draw(VALUES.filter(lambda v: v is not None)) for key in keys}
    folder = tmp_path_factory.mktemp("fuzz")
    try:
        path = small_study(folder, changes)
    except (TypeError, AttributeError, ValueError, KeyError, UnicodeEncodeError):
        return  # one change took away what another one was to change
    with contextlib.suppress(InputError):
        load_study(path)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(junk=st.binary(max_size=200))
def test_any_bytes_are_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("junk") / "study.toml"
    path.write_bytes(junk)
    complaint(path)


def test_a_plan_may_be_named_with_the_study(tmp_path: Path) -> None:
    study = load_study(small_study(tmp_path, {"study.plan": "ziyang"}))
    assert study.targets.plans == ["ziyang"]
    both = {"study.plan": ["ziyang", "hechuan"], "targets.plans": ["hechuan"]}
    assert load_study(small_study(tmp_path, both)).targets.plans == ["hechuan", "ziyang"]
