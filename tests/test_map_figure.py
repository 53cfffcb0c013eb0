"""What a page holds is read back exactly, and the figure drawn from it has every layer."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from map_gaps import gap_town, hostile_gaps
from map_town import nobody, places, roads, service, town
from print_town import near, picture, print_town
from quarterhour.errors import InputError
from quarterhour.render import palette
from quarterhour.render.map.html import map_html
from quarterhour.render.map.pack import (
    ROAD_STEP_DEG,
    SHAPE_STEP_DEG,
    pack_places,
    pack_roads,
    pack_shapes,
    text,
    varint,
)
from quarterhour.render.map.payload import REASONS
from quarterhour.render.picture import unpack
from quarterhour.render.picture.map_figure import write_figure

if TYPE_CHECKING:
    from pathlib import Path


@given(st.lists(st.integers(0, 2**40), max_size=60))
def test_every_number_comes_back(values: list[int]) -> None:
    given_ = np.array(values, dtype=np.int64)
    assert unpack.numbers(text(given_)).tolist() == values


@pytest.mark.parametrize(
    "packed", ["!!", base64.b64encode(varint(np.array([300]))[:1]).decode()], ids=["sign", "end"]
)
def test_a_damaged_stream_is_a_value_error(packed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack.numbers(packed)


def test_roads_come_back_within_their_tolerance() -> None:
    base = roads(n=6)
    found = unpack.roads(pack_roads(base), ROAD_STEP_DEG)
    assert len(found) == len(base.rank)
    assert sorted(rank for rank, _ in found) == sorted(base.rank.tolist())
    here = shapely.union_all([LineString(line) for _, line in found])
    there = shapely.MultiLineString([
        np.column_stack([base.lon[a:b], base.lat[a:b]])
        for a, b in zip(base.line_start[:-1], base.line_start[1:], strict=True)
    ])  # fmt: skip
    # 1.5 m of simplification and half a step
    assert here.hausdorff_distance(there) * 111_320 < 3


def test_shapes_come_back_with_their_holes_and_their_places() -> None:
    ring = Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 2, 2).exterior])
    shapes = [
        ring,
        None,
        MultiPolygon([box(5, 5, 6, 6), box(7, 7, 8, 8)]),
        LineString([(0, 0), (1, 3)]),
    ]
    found = unpack.shapes(pack_shapes(shapes), SHAPE_STEP_DEG)
    assert [len(shape) for shape in found] == [2, 0, 2, 1]
    assert [[closed for closed, _ in shape] for shape in found] == [
        [True, True], [], [True, True], [False],
    ]  # fmt: skip
    back = Polygon(found[0][0][1], [found[0][1][1]])
    assert back.equals_exact(ring, 1e-6) or back.symmetric_difference(ring).area < 1e-5
    assert unpack.shapes("", SHAPE_STEP_DEG) == []


def test_places_come_back_with_their_people() -> None:
    points = np.array([[100.0, 200.0], [-300.0, 50.0], [10.0, -10.0]])
    packed = pack_places(places(points, np.array([1.5, 20.0, 300.2]), 20.0, "far"), REASONS)
    at, amount = unpack.places(packed, 3, SHAPE_STEP_DEG)
    assert sorted(amount.tolist()) == [1.5, 20.0, 300.2]
    assert at.shape == (3, 2)
    assert unpack.places("", 0, SHAPE_STEP_DEG)[0].shape == (0, 2)


def test_only_a_map_is_read() -> None:
    page = map_html(town("zh"))
    assert unpack.page_data(page, "map.html")["title"].startswith("江州区")
    for wrong, told in (
        ("<p>words</p>", "is not a map"),
        (page.replace('"title":', '"title"', 1), "are damaged"),
        (page.replace('"facts":', '"fact":', 1), "another version"),
    ):
        with pytest.raises(InputError, match=told):
            unpack.page_data(wrong, "x.html")


@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("portrait", [False, True])
def test_the_figure_has_every_layer(tmp_path: Path, paper: str, portrait: bool) -> None:
    page = map_html(print_town("zh"))
    target = tmp_path / "map.png"
    write_figure(page, target, name="map.html", kind="png", paper=paper, portrait=portrait)
    pixels = picture(target.read_bytes())
    sides = {"A4": (1654, 2338), "A3": (2338, 3308)}[paper]
    assert pixels.shape[:2] == (sides[::-1] if portrait else sides)
    for colour in (
        palette.SERVICES[0][0], palette.GAP_NUMBER, palette.GAP, "#2B3237", "#F5F5F2", "#FFE48A",
    ):  # fmt: skip
        assert near(pixels, colour) > 300, colour
    # words beside the map, in a margin of paper that nothing runs into
    edge = pixels[:, -20:]
    assert (edge == 255).all()


def test_what_is_absent_is_not_drawn(tmp_path: Path) -> None:
    layer = replace(
        service("养老", [(0.0, 0.0)]), figures=(), uncovered=nobody(), unlinked=nobody(), gaps=None
    )
    bare = town("en", services=(layer,), area=None, districts=(), attribution=(), synthetic=False)
    target = tmp_path / "map.png"
    write_figure(map_html(bare), target, name="m", kind="png", paper="A4", portrait=False)
    pixels = picture(target.read_bytes())
    assert near(pixels, palette.GAP_NUMBER, 4) == 0
    assert near(pixels, "#FFE48A", 4) == 0
    assert near(pixels, palette.SERVICES[0][0]) > 300


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_hostile_names_and_every_language_are_drawn(tmp_path: Path, language: str) -> None:
    for data in (hostile_gaps(), gap_town("both")):
        target = tmp_path / "map.pdf"
        write_figure(
            map_html(data), target, name="m", kind="pdf", paper="A4", portrait=True,
            language=language,
        )  # fmt: skip
        assert target.read_bytes().startswith(b"%PDF")


def test_the_command_names_its_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        write_figure(
            map_html(town("zh")), tmp_path / "no" / "map.png", name="m", kind="png", paper="A4",
            portrait=False,
        )  # fmt: skip
