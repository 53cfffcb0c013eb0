"""OpenStreetMap data that no editor would write: each reader reads it, or says one sentence."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hostile import OSM, outcome, readers, tries
from quarterhour.sources.roads.read import read_roads

ID = st.one_of(
    st.integers(1, 9), st.integers(-5, 9),
    st.sampled_from([2**31, 2**63 - 1, -(2**63), "", "a", "1.5", 10**30]),
)  # fmt: skip
PLACE = st.one_of(
    st.floats(30.1, 30.14).map("{:.7f}".format),
    st.sampled_from(["", "91", "-91", "180", "200", "nan", "inf", "1e2", "30,1", "3" * 40, "x"]),
)
TAGS = [
    ("highway", "residential"), ("highway", "footway"), ("highway", "steps"),
    ("highway", "motorway"), ("highway", "crossing"), ("barrier", "gate"), ("barrier", "wall"),
    ("entrance", "main"),
    ("amenity", "nursing_home"), ("amenity", "kindergarten"), ("amenity", "social_facility"),
    ("social_facility:for", "senior;child"), ("landuse", "residential"), ("building", "apartments"),
    ("building:levels", "1e9"), ("building:levels", "-3"), ("place", "neighbourhood"),
    ("natural", "water"), ("waterway", "river"), ("railway", "rail"), ("leisure", "park"),
    ("type", "multipolygon"), ("type", "boundary"), ("area", "no"), ("oneway", "-1"),
    ("layer", "nan"), ("layer", "二"), ("capacity", "many"), ("capacity", "9" * 400),
    ("name", "\n"), ("name", ""), ("name", "甲" * 255), ("start_date", "C19"),
    ("access", "private"), ("", "x"),
]  # fmt: skip
WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
TAG = st.one_of(st.sampled_from(TAGS), st.tuples(WORD, WORD))
ELEMENT = st.one_of(
    st.tuples(st.just("node"), ID, st.tuples(PLACE, PLACE), st.lists(TAG, max_size=3)),
    st.tuples(st.just("way"), ID, st.lists(ID, max_size=6), st.lists(TAG, min_size=1, max_size=4)),
    st.tuples(
        st.just("relation"), ID,
        st.lists(st.tuples(st.sampled_from(["node", "way", "relation", "moon"]), ID,
                           st.sampled_from(["outer", "inner", "", "x"])), max_size=4),
        st.lists(TAG, max_size=4),
    ),
)  # fmt: skip
GRID = "".join(
    f'<node id="{k}" version="1" lat="{30.12 + k // 3 * 0.001:.4f}"'
    f' lon="{104.65 + k % 3 * 0.001:.4f}"/>'
    for k in range(1, 10)
)
"""Nine nodes 100 m apart, so that ways of them are real streets and rings."""


def xml(elements: list[tuple], *, grid: bool, version: str) -> str:
    """The elements as OSM XML, in the order given."""
    lines = [f'<osm version="{version}">', GRID if grid else ""]
    for kind, number, parts, tags in elements:
        inner = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags)
        more = ""
        if kind == "node":
            more = f" lat={quoteattr(parts[0])} lon={quoteattr(parts[1])}"
        elif kind == "way":
            inner = "".join(f'<nd ref="{ref}"/>' for ref in parts) + inner
        else:
            members = (f'<member type="{t}" ref="{ref}" role="{r}"/>' for t, ref, r in parts)
            inner = "".join(members) + inner
        lines.append(f'<{kind} id="{number}" version="1"{more}>{inner}</{kind}>')
    return "\n".join([*lines, "</osm>"])


@tries(150)
@given(elements=st.lists(ELEMENT, max_size=8), grid=st.booleans(),
       version=st.sampled_from(["0.6", "0.6", "0.6", "0.5", "x"]))  # fmt: skip
def test_any_elements(elements: list[tuple], grid: bool, version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.osm"
        path.write_text(xml(elements, grid=grid, version=version), encoding="utf-8")
        by = readers()
        found = {key: outcome(partial(by[key], path)) for key in OSM}
    roads, homes, places = (found[k] for k in ("roads", "osm homes", "osm facilities"))
    if roads is not None:
        assert (np.abs(roads.vertex_lon) <= 180).all()
        assert (np.abs(roads.vertex_lat) <= 90).all()
        assert roads.edge_length_mm.min() >= 0
    if homes is not None:
        assert shapely.is_valid(homes.geometry).all()
    if places is not None:
        assert len(places) + len(places.set_aside) == places.reading.rows
        assert np.isfinite(places.lon).all()


WAYS = st.lists(
    st.tuples(st.just("way"), st.integers(1, 9), st.lists(st.integers(1, 9), max_size=7),
              st.lists(TAG, max_size=3).map(lambda more: [("highway", "residential"), *more])),
    max_size=5,
)  # fmt: skip


@tries(25)
@given(ways=WAYS, repair_m=st.sampled_from([0.0, 5.0, 50.0]))
def test_any_streets_of_nine_corners(ways: list[tuple], repair_m: float) -> None:
    """Rings, streets that turn back on themselves, ways of one node and of one number."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.osm"
        path.write_text(xml(ways, grid=True, version="0.6"), encoding="utf-8")
        found = outcome(lambda: read_roads(path, cache=False, repair_m=repair_m))
    longest_m = sum(150 * max(len(nodes) - 1, 0) * 9 for _, _, nodes, _ in ways) + 1
    assert found is None or 0 < found.edge_length_mm.sum() / 1000 < longest_m


@pytest.mark.parametrize("coordinate", ["30,12", "inf", "thirty", "30.12x"])
def test_a_coordinate_that_is_no_number_is_one_sentence(tmp_path: Path, coordinate: str) -> None:
    way = ("way", 1, [1, 2, 99], [("highway", "residential"), ("natural", "water")])
    node = ("node", 99, (coordinate, "104.65"), [])
    path = tmp_path / "t.osm"
    path.write_text(xml([node, way], grid=True, version="0.6"), encoding="utf-8")
    by = readers()
    assert [key for key in OSM if outcome(partial(by[key], path)) is not None] in ([], ["osm box"])
