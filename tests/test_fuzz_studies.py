"""Whole studies of anything: runs and checks end in a result or in one line, and stay at home."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from good_files import good, town_osm
from hostile import DAMAGE, damaged, outcome, tries
from quarterhour.cli import main
from quarterhour.publish import OUTPUTS
from quarterhour.study_file.settings import PARTS, load_study
from small_study import base_study, facilities_text, people_text, toml_text

KEYS = {part: sorted(model.model_fields) for part, model in PARTS.items() if part}
TEXTS = ["", " ", "osm", "none", "auto", "gcj02", "EPSG:4326", "EPSG:x", "adult", "养老", "name",
         "..", "/", "C:\\x", "a\nb", "\u202e", "\x00", "people.csv", "roads.osm", "layer.gpkg",
         "merge", "x" * 5_000, "facilities.csv", "people", "residential", "lon"]  # fmt: skip
PLAIN = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, 1, -1, 15, 60, 0.5, 1e308, -1e-308, True, False]),
)
KEY = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
VALUE = st.one_of(
    PLAIN, st.lists(PLAIN, max_size=4), st.dictionaries(KEY, PLAIN, max_size=3),
    st.lists(st.lists(PLAIN, max_size=2), max_size=2),
)  # fmt: skip


@st.composite
def studies(draw: st.DrawFn) -> str:
    """The town's study with some keys of anything, known and unknown."""
    study = base_study()
    for _ in range(draw(st.integers(1, 3))):
        part = draw(st.sampled_from(sorted(KEYS)))
        key = draw(st.one_of(st.sampled_from(KEYS[part]), KEY))
        entry: Any = study.setdefault(part, {}) if part != "people.totals" else study["people"]
        entry = entry[0] if isinstance(entry, list) else entry
        entry[json.dumps(key)] = draw(VALUE)
    return toml_text(study).replace('["\\"', '["').replace("\x7f", "?")


def said(*words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of `quarterhour` with these words."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["quarterhour", *map(str, words)]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.argv = before
    return code, out.getvalue(), err.getvalue()


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run_and_check(home: Path) -> None:
    """Both commands end in a result or in one line, and write nothing where they should not."""
    before = content(home)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        code, _, err = said("run", home / "study.toml", "--out", home / "out", "--quiet")
        assert (code, err.count("\n")) in {(0, 0), (1, 1)}, err
        assert code == 0 or err.startswith("error: ")
        runs = code == 0
        written = {
            key.removeprefix("out/")
            for key in content(home)
            if key not in before and not key.startswith("out/figures/")
        }
        assert written <= set(OUTPUTS)
        assert runs == (written == set(OUTPUTS))
        code, out, err = said("check", home / "study.toml", "--json", "--html", home / "c.html")
    found = json.loads(out)
    assert code == (0 if found["can_run"] else 1)
    assert "Traceback" not in err
    assert runs or not found["can_run"]
    after = content(home)
    assert {key: after[key] for key in before} == before
    new = {name for name in set(after) - set(before) if not name.startswith("out/figures/")}
    assert new <= {"c.html", *(f"out/{name}" for name in OUTPUTS)}


def files() -> dict[str, bytes]:
    return {**good(), "roads.osm": town_osm().encode()}


@tries(250)
@given(text=st.one_of(studies(), st.text(max_size=60).map(lambda t: f"[study]\nname = {t}")))
def test_any_study_file(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.toml"
        path.write_bytes(text.encode("utf-8", "replace"))
        outcome(lambda: load_study(path))


@tries(25)
@given(text=studies())
def test_runs_of_any_study_file(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("roads.osm", "people.csv", "facilities.csv", "layer.gpkg"):
            (Path(folder) / name).write_bytes(files()[name])
        (Path(folder) / "study.toml").write_text(text, encoding="utf-8")
        run_and_check(Path(folder))


USED = {
    "roads.osm": {}, "people.csv": {}, "facilities.csv": {},
    "book.xlsx": {"service.facilities": "book.xlsx"},
    "people.tif": {"people.source": "people.tif", "people.people": None},
    "layer.gpkg": {"residential.source": "layer.gpkg", "districts.source": "layer.gpkg"},
    "layer.geojson": {"study.area": "layer.geojson", "roads.barriers": "layer.geojson"},
    "town.osm.pbf": {"roads.source": "town.osm.pbf", "service.facilities": "osm",
                     "residential.source": "osm", "service.entrances": "osm"},
    "layer.parquet": {"towns.source": "layer.parquet", "towns.name": "name",
                      "towns.county": "county", "service.place_by_town": True},
}  # fmt: skip
"""What a study says so that it reads the file."""


@pytest.mark.parametrize("name", sorted(USED))
@tries(6)
@given(plan=DAMAGE)
def test_runs_with_damaged_files(name: str, plan: list[Any]) -> None:
    study = base_study()
    for where, value in USED[name].items():
        part, key = where.split(".")
        entry = study.setdefault(part, {})
        (entry[0] if isinstance(entry, list) else entry)[key] = value
    study["people"] = {k: v for k, v in study["people"].items() if v is not None}
    with tempfile.TemporaryDirectory() as folder:
        for each in {*files(), "study.toml"}:
            (Path(folder) / each).write_bytes(files()[each])
        (Path(folder) / "study.toml").write_text(toml_text(study), encoding="utf-8")
        (Path(folder) / name).write_bytes(damaged(files()[name], plan))
        run_and_check(Path(folder))


NUMBERS = st.sampled_from(
    ["0", "-1", "1e308", "nan", "", "9e8", "1e-9", "inf", "104.65", "3,5", "甲"]
)


@tries(20)
@given(people=st.lists(NUMBERS, min_size=6, max_size=6), places=st.lists(NUMBERS, min_size=4,
       max_size=4))  # fmt: skip
def test_runs_with_any_numbers(people: list[str], places: list[str]) -> None:
    lines = people_text().splitlines()
    rows = [f'{line.rsplit(",", 1)[0]},"{n}"' for line, n in zip(lines[1:], people, strict=True)]
    more = [f'站{k},养老院,现状,"{a}","{b}"' for k, (a, b) in enumerate(pairwise(places))]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "roads.osm").write_bytes(files()["roads.osm"])
        (home / "people.csv").write_text("\n".join([lines[0], *rows]), encoding="utf-8")
        (home / "facilities.csv").write_text(facilities_text() + "\n".join(more), encoding="utf-8")
        (home / "study.toml").write_text(toml_text(base_study()), encoding="utf-8")
        run_and_check(home)


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 50_000, "x = " + "{a=" * 5_000, "a." * 5_000 + "b = 1",
     "[" + "a." * 9_000 + "b]", "x = " + "9" * 50_000, "x = 1e" + "9" * 50_000,
     '"' * 30_000, "# " + "甲" * 500_000],
)  # fmt: skip
def test_study_files_without_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert outcome(lambda: load_study(tmp_path / "study.toml")) is None
