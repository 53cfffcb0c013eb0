"""The packed model: nothing is lost, damage is refused, and what must not be in the file is not."""

from __future__ import annotations

import base64
import dataclasses
import gzip
import json
import re
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from model_node import Small, ask, run
from quarterhour.core.slope import graded
from quarterhour.errors import InputError
from quarterhour.render.map.pack_model import FORMAT, pack_model
from quarterhour.render.map.pack_network import STEP_M, TOLERANCE_M, runs, runs_of
from quarterhour.render.map.pack_stream import PLAIN
from quarterhour.whatif.slopes import slopes_of
from small_study import command, small_study
from towns import Town

if TYPE_CHECKING:
    from pathlib import Path

GZIP = "ABzY8"
"""How gzip begins in base 85."""

BENT = """
    A--B    E
       |    |
       C----D--F
"""


def bent() -> Small:
    """A street of three bends with a side street, and steps."""
    town = Town(BENT, ABCDE="residential", DF="steps")
    return Small(town, {"clinic": "A"}, {"c": ("CD", 100), "e": "E", "f": ("DF", 150, 10)})


def opened(packed: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Head and arrays of a packed model."""
    raw = gzip.decompress(bytes_of(packed["gzip"]))
    size = struct.unpack("<I", raw[:4])[0]
    return json.loads(raw[4 : 4 + size]), raw[4 + size :]


def bytes_of(text: str) -> bytes:
    back = bytes.maketrans(b".,:[]", b"<>&{}")
    return base64.b85decode(text.encode().translate(back))


def text_of(raw: bytes) -> str:
    return base64.b85encode(raw).translate(PLAIN).decode()


def closed(head: dict[str, Any], arrays: bytes) -> dict[str, Any]:
    words = json.dumps(head).encode()
    whole = struct.pack("<I", len(words)) + words + arrays
    return {"format": FORMAT, "gzip": text_of(gzip.compress(whole))}


def test_every_number_of_the_network_comes_back() -> None:
    small = bent()
    net, (found,) = small.model.network, ask(small.packed, [{"do": "network"}])
    for name, want in (
        ("tail", net.tail), ("head", net.head), ("kind", net.kind), ("rank", net.rank),
        ("oneway", net.oneway), ("length", net.length_mm), ("first_piece", net.first_piece),
        ("piece_start", net.piece_start_mm),
    ):  # fmt: skip
        assert found[name] == want.astype(int).tolist(), name
    assert found["key"] == net.key
    assert pack_model(small.model) == small.packed, "the same model, the same bytes"


def test_slopes_come_back_and_foreign_ones_are_refused() -> None:
    town = Town(BENT, ABCDE="residential", DF="residential")
    random = np.random.default_rng(1)

    def heights(lon: np.ndarray, _: np.ndarray) -> np.ndarray:
        return random.uniform(0, 9, len(lon))

    for rule in ("tobler", "irmischer_clarke", "none"):
        net = graded(town.network, heights, step_m=30, rule=rule).network
        found = slopes_of(net, rule)
        assert found is not None
        slope, table = found
        middle, length = len(table) // 2, net.piece_end_mm - net.piece_start_mm
        for worth, sign in ((net.piece_forward_mm, 1), (net.piece_backward_mm, -1)):
            again = np.floor(length / table[middle + sign * slope] + 0.5)
            assert (again == worth).all()
        assert rule == "none" or np.abs(slope).max() > 20
    assert net.piece_forward_mm is not None
    odd = dataclasses.replace(net, piece_forward_mm=net.piece_forward_mm * 7)
    with pytest.raises(InputError, match="what_if = false"):
        slopes_of(odd, "tobler")


def test_runs_of_even_pieces() -> None:
    assert runs_of([0, 10]) == [(1, 10)]
    assert runs_of([0, 3, 6, 10]) == [(3, 10)]  # 10 * k // 3
    assert runs_of([0, 3, 7, 10]) == [(2, 7), (1, 3)]
    assert runs_of([0, 50, 100, 101]) == [(2, 100), (1, 1)]
    pieces, mm, per_edge = runs(
        np.array([0, 1, 4]), np.array([0, 0, 3, 7]), np.array([5, 10], np.int64)
    )
    assert (pieces.tolist(), mm.tolist(), per_edge.tolist()) == ([1, 2, 1], [5, 7, 3], [1, 2])


def test_drawn_streets_lie_where_they_are() -> None:
    small = bent()
    net, (found,) = small.model.network, ask(small.packed, [{"do": "network"}])
    metres = np.array([111_320.0, 110_574.0])
    for e in range(len(net.tail)):
        lo, hi = found["first_vertex"][e : e + 2]
        drawn = np.column_stack([found["lon"][lo:hi], found["lat"][lo:hi]]) * metres
        at = slice(net.first_vertex[e], net.first_vertex[e + 1])
        true = np.column_stack([net.lon[at], net.lat[at]]) * metres
        apart = shapely.hausdorff_distance(shapely.LineString(drawn), shapely.LineString(true))
        assert apart <= TOLERANCE_M + STEP_M


@given(gap=st.lists(st.integers(-1, 4) | st.just(700), min_size=3, max_size=3))
@settings(max_examples=8, deadline=None)
def test_the_gap_of_every_place_comes_back(gap: list[int]) -> None:
    small = bent()
    service = dataclasses.replace(small.model.services[0], gap=np.array(gap, np.int64))
    packed = pack_model(dataclasses.replace(small.model, services=(service,)))
    assert ask(packed, [{"do": "demand", "k": 0}])[0]["gap"] == gap


@pytest.mark.parametrize("at", [0, 5, 40, 200, -1, -8, -40])
def test_a_flipped_byte_is_an_error(at: int) -> None:
    packed = bent().packed
    raw = bytearray(bytes_of(packed["gzip"]))
    if at in {5, 200}:  # the name of the system in the head of gzip says nothing; lengths do
        at += 7
    raw[at] ^= 0x20
    found = run({"format": FORMAT, "gzip": text_of(bytes(raw))})
    assert found["error"].startswith("The what-if data of this page cannot be used")


def test_what_is_no_model_is_an_error() -> None:
    packed = bent().packed
    head, arrays = opened(packed)
    (about,) = head["demands"]
    short = {**head, "n_edges": head["n_edges"] - 1}
    lost = {**head, "demands": [{**about, "n": about["n"] - 1}]}
    few, many = {**head, "n_nodes": 2}, {**head, "n_edges": 10**9}
    for bad in (
        None, {}, {"format": 1, "gzip": packed["gzip"]}, {"format": FORMAT},
        *({"format": FORMAT, "gzip": text} for text in (
            "", "~~~~~", "<<<<<", "\u00e9", 7, packed["gzip"][:400], packed["gzip"][:401],
            packed["gzip"] + "AAAAA", packed["gzip"] + "A",
        )),
        closed(short, arrays), closed(lost, arrays),
        closed(few, arrays), closed(many, arrays), closed(head, arrays + b"more"),
        closed(head, arrays[:-1]), closed(head, arrays[:20]), closed(head, b""),
    ):  # fmt: skip
        assert run(bad)["error"].startswith("The what-if data of this page cannot be used"), bad
    assert "answers" in run(closed(head, arrays), [{"do": "open"}]), "the way here is none"


def data_of(page: Path) -> dict[str, Any]:
    """What a map's script reads."""
    found = re.search(r'id="qh-data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Maps of the small town: as it is, without the model, and with people rounded to tens."""
    made = {}
    for name, changes in (
        ("plain", {}), ("none", {"study.what_if": False}),
        ("tens", {"study.what_if_rounding": 10}),
    ):  # fmt: skip
        folder = tmp_path_factory.mktemp(name)
        from quarterhour.study import run_study

        run_study(small_study(folder, changes), out=folder / "out")
        made[name] = folder / "out" / "map.html"
    return made


def test_the_map_holds_a_model_that_agrees_with_the_report(pages: dict[str, Path]) -> None:
    data = data_of(pages["plain"])
    selftest, state = ask(data["what_if"], [{"do": "selftest"}, {"do": "state", "k": 0}])
    assert selftest["ok"]
    assert selftest["n"] >= 20
    summary = json.loads((pages["plain"].parent / "summary.json").read_text("utf-8"))
    group = summary["services"][0]["cutoffs"][-1]["groups"]["all"]
    counts = {k: v / 1_000_000 for k, v in state["counts"]["all"].items()}
    assert counts == {k: group[k] for k in ("total", "covered", "uncovered", "unlinked")}
    assert counts["unlinked"] == 7, "山 has no street"


def test_without_what_if_neither_network_nor_people_are_in_the_file(
    pages: dict[str, Path],
) -> None:
    with_model, without = (pages[name].read_text("utf-8") for name in ("plain", "none"))
    head, _ = opened(data_of(pages["plain"])["what_if"])
    assert data_of(pages["none"])["what_if"] is None
    for trace in (head["key"], GZIP, '"gzip":'):
        assert trace not in without
    assert f'"gzip":"{GZIP}' in with_model
    assert len(with_model) > len(without) + 1000


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, False), ({"study.public": True}, True),
        ({"study.public": True, "study.what_if": False}, False),
        ({"study.public": True, "study.what_if_rounding": 10}, False),
    ],
)  # fmt: skip
def test_exact_people_in_a_public_map_are_told(
    tmp_path: Path, changes: dict[str, Any], told: bool
) -> None:
    from quarterhour.study import run_study

    notes = run_study(small_study(tmp_path, changes)).prepared.notes
    assert any("what_if_rounding" in note.en for note in notes) == told


def test_rounded_people_keep_their_total(pages: dict[str, Path]) -> None:
    plain, tens = (data_of(pages[name])["what_if"] for name in ("plain", "tens"))
    (exact,), (found,) = (ask(packed, [{"do": "demand", "k": 0}]) for packed in (plain, tens))
    values = [*found["amounts"]["all"], found["unlinked"]["all"]]
    assert all(v % 10_000_000 == 0 for v in values)
    total = sum(exact["amounts"]["all"]) + exact["unlinked"]["all"]
    assert total == 112_000_000
    assert sum(values) == 110_000_000
    assert ask(tens, [{"do": "selftest"}])[0]["ok"]
    head, _ = opened(tens)
    assert head["rounding"] == 10


def test_the_self_test_can_fail(pages: dict[str, Path]) -> None:
    head, arrays = opened(data_of(pages["plain"])["what_if"])
    head["answers"][3]["people"]["all"] += 1
    head["answers"][7]["sum"] -= 1
    (found,) = ask(closed(head, arrays), [{"do": "selftest"}])
    assert not found["ok"]
    assert [one["number"] for one in found["failed"]] == [3, 7]


def test_a_rounding_that_cannot_be_is_told(tmp_path: Path, capfd: Any) -> None:
    for wrong in (-1, 2.5, "ten"):
        code, out, err = command(
            capfd, "check", small_study(tmp_path, {"study.what_if_rounding": wrong})
        )
        assert code != 0
        assert "what_if_rounding" in out + err
