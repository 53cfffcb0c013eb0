"""What a map's file tells of single places of people: all, rounded ones, or none at all.

    (0,600) ==== (600,600)
                     |
    (0,0) ==== main street ==== (600,0) ==== (1200,0)
     西院                                       东站, from 2027

    (0,-800) ==== island ==== (300,-800)      closed at (300,0) and joined to (0,0) in scenarios

Nobody lives at a corner or a vertex of a street, so a position in the file that is one of theirs
is theirs.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.errors import InputError
from quarterhour.render.picture import unpack
from quarterhour.siting.run import run_site, write_site
from quarterhour.study import run_study
from quarterhour.study_file.settings import load_study
from siting_town import siting_study
from small_study import base_study, command, lonlat, people_text, small_study, toml_text
from state_town import protected_pages, state_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = [
    ("甲", 137.3, 12.7, 113), ("乙", 471.9, 21.3, 22), ("丙", 588.7, 571.3, 34),
    ("丁", 1161.1, 9.9, 41), ("岛", 158.3, -788.9, 5), ("山", 311.7, 407.3, 7),
    ("戊", 683.3, 14.9, 26), ("己", 1043.7, -11.3, 18),
]  # fmt: skip
TEXT = re.compile(r"[A-Za-z0-9+/]{8,}=*")
SAME_DEG = 6e-6
"""Covered places are told to about a metre where no walk is drawn."""

STATES = ("uncovered", "unlinked", "covered", "gained", "lost")


def town(folder: Path, **study: Any) -> Path:
    """A study with a year, two scenarios and another walker."""
    changes = {"service.0.cutoffs_min": [5, 14], **{f"study.{key}": v for key, v in study.items()}}
    return state_study(folder, {"people.csv": people_text(PEOPLE)}, changes)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return protected_pages(tmp_path_factory, town)


def data_of(page: Path) -> dict[str, Any]:
    return unpack.page_data(page.read_text("utf-8"), page.name)


def every(value: Any) -> Iterator[Any]:
    """All that is in a value, also what holds something else."""
    yield value
    for one in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from every(one)


def spots(data: dict[str, Any]) -> np.ndarray:
    """Every pair of numbers, and every vertex and place that is packed, whatever it is for."""
    found: list[Any] = []
    for one in every(data):
        if isinstance(one, list):
            found += [p for p in pairwise(one) if all(isinstance(v, int | float) for v in p)]
        if isinstance(one, dict) and one.get("packed") and isinstance(one.get("n"), int):
            found += places(one, data)[:, :2].tolist()
        if isinstance(one, str) and TEXT.fullmatch(one) and len(one) % 4 == 0:
            try:
                rings = unpack.shapes(one, data["steps"]["shape"])
            except (InputError, ValueError, IndexError):
                continue
            found += [point for shape in rings for _, ring in shape for point in ring.tolist()]
    return np.array(found, np.float64).reshape(-1, 2)


def places(sent: dict[str, Any], data: dict[str, Any]) -> np.ndarray:
    """Longitude, latitude and amount of every place; of shapes none."""
    values, n = unpack.numbers(sent["packed"]), sent["n"]
    if not n or len(values) not in {5 * n, 6 * n}:
        return np.zeros((0, 3))
    columns = values.reshape(-1, n)[:3]
    signed = np.where(columns % 2, -(columns + 1) // 2, columns // 2)
    step = sent.get("step", data["steps"]["shape"])
    at = np.cumsum(signed[:2], axis=1) * step
    return np.column_stack([*at, columns[2] / 10])


def betrayed(data: dict[str, Any], people: Any = tuple(PEOPLE)) -> set[str]:
    """Names of the places whose position is in the file, longitude first or last."""
    every_spot = spots(data)
    both = np.vstack([every_spot, every_spot[:, ::-1]])
    names = set()
    for name, x, y, *_ in people:
        apart = np.abs(both - np.array(lonlat(x, y))).max(axis=1)
        if apart.min() < SAME_DEG:
            names.add(name)
    return names


def drawn(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The lists of places of all states."""
    states = [*data["services"]]
    for kind in ("scenarios", "views"):
        states += [one for it in data[kind] for one in it["services"] if one and "same" not in one]
    return [one[key] for one in states for key in STATES if one.get(key) is not None]


def test_the_search_finds_who_is_in_the_file(pages: dict[str, Path]) -> None:
    names = {name for name, *_ in PEOPLE}
    assert betrayed(data_of(pages["plain"])) == betrayed(data_of(pages["places"])) == names
    # some are merged into their neighbours, and none of them has gone astray
    assert betrayed(data_of(pages["tens"])) >= {"甲", "乙", "丙", "丁"}


def test_without_what_if_no_place_is_in_the_file(pages: dict[str, Path]) -> None:
    data = data_of(pages["none"])
    assert betrayed(data) == set()
    assert data["what_if"] is None
    lists = drawn(data)
    assert len(lists) >= 10
    assert all((one["n"], one["packed"]) == (0, "") for one in lists)
    assert all(one["covered"] is None for one in data["services"])
    assert all("walk" not in one for it in data["scenarios"] for one in it["services"])
    page = pages["none"].read_text("utf-8")
    assert 'id="qh-tab-whatif"' not in page
    assert "不含各处人口的位置和数量" in page


def test_what_is_a_total_stays_as_it_is(pages: dict[str, Path]) -> None:
    plain = data_of(pages["plain"])
    for name in ("none", "places", "tens"):
        other = data_of(pages[name])
        for key in ("story", "roads"):
            assert other[key] == plain[key], (name, key)
        # the outermost places are not told either
        apart = np.abs(np.array(other["bounds"]) - np.array(plain["bounds"])).max()
        assert (0 < apart < 0.001) == (name == "none")
        for one, was in zip(other["services"], plain["services"], strict=True):
            assert one["figures"] == was["figures"]
            assert one["dissolved"] == was["dissolved"]
            assert [f["reached"] for f in one["facilities"]] == [
                f["reached"] for f in was["facilities"]
            ]
            for key in (
                "n",
                "total",
                "all",
                "said",
                "people",
                "everyone",
                "told",
                "packed",
                "name",
            ):
                assert one["gaps"][key] == was["gaps"][key], (name, key)
        for kind in ("scenarios", "views"):
            pairs = [
                (one, was)
                for new, old in zip(other[kind], plain[kind], strict=True)
                for one, was in zip(new["services"], old["services"], strict=True)
            ]
            assert pairs
            for one, was in pairs:
                assert (one is None) == (was is None)
                if one is None or "same" in one:
                    continue
                assert (one["figure"], one["area"]) == (was["figure"], was["area"])
                for key in ("gained", "lost"):
                    some = was[key]["n"] > 0
                    assert (one[key]["n"] > 0 or one[key].get("hidden", False)) == some


def test_places_without_a_trial_are_drawn_as_they_are(pages: dict[str, Path]) -> None:
    plain, data = data_of(pages["plain"]), data_of(pages["places"])
    assert data["what_if"] is None
    assert data["rounding"] == 0
    for one, was in zip(data["services"], plain["services"], strict=True):
        assert one["uncovered"] == was["uncovered"]
        assert one["covered"]["n"] == was["covered"]["n"] > 0


def test_drawn_places_are_the_rounded_ones_of_the_trial(pages: dict[str, Path]) -> None:
    data = data_of(pages["tens"])
    assert data["rounding"] == 10
    for one in drawn(data):
        amount = places(one, data)[:, 2]
        assert (amount > 0).all()
        assert not (amount % 10).any()
    total = sum(
        float(places(data["services"][0][key], data)[:, 2].sum())
        for key in ("uncovered", "covered", "unlinked")
    )
    assert sum(n for *_, n in PEOPLE) == 266
    assert total == 270
    page = pages["tens"].read_text("utf-8")
    assert "按 10 人取整" in page
    assert 'id="qh-wi-rounded"' in page
    assert 'id="qh-wi-rounded"' not in pages["plain"].read_text("utf-8")


def test_the_map_of_a_proposal_tells_no_place_either(tmp_path: Path) -> None:
    for name, want in ((True, {name for name, *_ in PEOPLE}), (False, set())):
        study = siting_study(
            tmp_path / str(name), {"n_sites": 1}, changes={"study.what_if": name},
            files={"people.csv": people_text(PEOPLE)},
        )  # fmt: skip
        out = tmp_path / f"out-{name}"
        write_site(run_site(study), out)
        data = data_of(out / "map.html")
        best = data["scenarios"][0]["services"][0]
        assert best["sites"]
        assert best["figure"]["covered"] > data["services"][0]["figures"][-1]["covered"]
        assert betrayed(data) >= want if want else not betrayed(data)
        assert bool(best["gained"].get("hidden")) is not name
    bar = re.findall(r'<i class="qh-bar-gained"[^>]*>', (out / "map.html").read_text("utf-8"))
    again = tmp_path / "out-True" / "map.html"
    assert bar
    assert bar == re.findall(r'<i class="qh-bar-gained"[^>]*>', again.read_text("utf-8"))


def test_what_stands_in_for_people_is_left_out_too(tmp_path: Path) -> None:
    study = base_study()
    study["study"]["what_if"] = False
    del study["people"]
    file = small_study(tmp_path, files={"study.toml": toml_text(study), "people.csv": None})
    run_study(file, tmp_path / "out")
    data = data_of(tmp_path / "out" / "map.html")
    assert data["unit"] != "people"
    assert data["what_if"] is None
    assert all(one["n"] == 0 for one in drawn(data))
    told = "本图文件不含供计算的路网" if data["unit"] == "street_metres" else "不含各处需求的位置"
    assert told in (tmp_path / "out" / "map.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("study", "told"),
    [
        ({"public": True}, "holds the exact people"),
        ({"public": True, "what_if": "places"}, "holds the exact people"),
        ({"public": True, "what_if": False}, ""),
        ({"public": True, "what_if_rounding": 10}, ""),
        ({"what_if": False, "what_if_rounding": 10}, "has no effect"),
        ({"what_if_rounding": 10}, ""),
    ],
)
def test_check_says_what_the_choice_means(
    tmp_path: Path, capfd: Any, study: dict[str, Any], told: str
) -> None:
    _, out, err = command(capfd, "check", town(tmp_path, language="en", **study))
    said = " ".join((out + err).split())
    for words in ("holds the exact people", "has no effect"):
        assert (words in said) == (words == told)


@pytest.mark.parametrize("wrong", ["no", "Places", 1, ["places"]])
def test_another_choice_is_refused_in_one_sentence(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(InputError) as caught:
        load_study(town(tmp_path, what_if=wrong))
    told = f'[study] what_if is {wrong!r}: allowed are true, false and "places"'
    assert str(caught.value).endswith(told)
