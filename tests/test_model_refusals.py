"""Questions without an answer are refused by the page's engine, never answered as others."""

from __future__ import annotations

from typing import Any

import pytest

from model_node import Small, run
from towns import Town

SPOT = {"edge": 0, "offset_mm": 0, "access_mm": 0}


def straight() -> Small:
    """A street of 600 metres with two homes."""
    return Small(Town("A--B--C", ABC="residential"), {"f": "A"}, {"a": ("AB", 50), "b": ("BC", 50)})


def pin(**values: Any) -> dict[str, Any]:
    return {"pins": [{**SPOT, **values}]}


def link(**values: Any) -> dict[str, Any]:
    return {"links": [{"from": SPOT, "to": {"edge": 0, "offset_mm": 9}, "length_mm": 5, **values}]}


WRONG = [
    *(pin(edge=v) for v in (-1, 2, 10**9, 0.5, None, "0")),
    *(pin(offset_mm=v) for v in (-1, 10**9, 0.5, None)),
    *(pin(access_mm=v) for v in (-1, 10**12, 0.5, None)),
    {"pins": [{}]},
    *({"speed_mmph": v} for v in (0, -5, 1, 10**12, 0.5, None, "fast")),
    *({"cutoff_ms": v} for v in (-1, 10**15, 0.5, None, "15")),
    *(
        {"cuts": [{"edge": edge, "offset_mm": mm}]}
        for edge, mm in ((2, 0), (0, -1), (0, 10**9), (0, None))
    ),
    *(link(length_mm=v) for v in (-5, 0.5, None, 10**12)),
    link(to={"edge": 7, "offset_mm": 0}),
]  # fmt: skip


@pytest.fixture(scope="module")
def answers() -> list[Any]:
    tasks = [{"do": "state", "k": 0, "options": options} for options in (*WRONG, {}, pin(), link())]
    return list(run(straight().packed, tasks)["answers"])


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_it_is_refused(answers: list[Any], number: int) -> None:
    assert answers[number]["error"].startswith("Error: no such"), WRONG[number]


def test_what_has_an_answer_gets_it(answers: list[Any]) -> None:
    for found in answers[len(WRONG) :]:
        assert found["counts"]["all"]["covered"] == 3_000_000


def test_places_that_are_nowhere_are_far_from_every_street() -> None:
    tasks = [
        {"do": "link", "k": 0, "lat": lat, "lon": lon}
        for lat, lon in ((1e308, 1e308), (-90, 180), (None, None), ("x", "y"))
    ]
    for found in run(straight().packed, tasks)["answers"]:
        assert found == {"far": None, "blocked": False}


def test_twenty_pins_and_no_facility_left() -> None:
    twenty = {"pins": [SPOT] * 20}
    shut = {"closed": [0]}
    tasks = [{"do": "state", "k": 0, "options": {**pins, **shut}} for pins in (twenty, {})]
    both, none = run(straight().packed, tasks)["answers"]
    assert set(both["source"]) == {1}, "of equal ones the first"
    assert set(none["ms"]) == {-1}
    counts = none["counts"]["all"]
    assert (counts["covered"], counts["uncovered"]) == (0, counts["total"])
