"""Facilities from OpenStreetMap by their tags: places, names, kinds, gates, what is missing."""

from __future__ import annotations

import csv
import math
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.sources.facilities.duplicates import find_duplicates
from quarterhour.sources.facilities.kinds import KINDS, matches
from quarterhour.sources.facilities.osm import read_osm_facilities
from quarterhour.sources.facilities.osm_tags import (
    address_of,
    default_filters,
    kind_filters,
    kinds_of_tags,
    tag_filter,
)
from road_files import lonlat, refusal

if TYPE_CHECKING:
    from pathlib import Path

FOUR = ["amenity=kindergarten", "amenity=childcare", "amenity=social_facility|nursing_home"]
KITA = {"amenity": "kindergarten"}
SENIOR = {"amenity": "social_facility", "social_facility:for": "senior"}
SQUARE = {1: (0, 0), 2: (40, 0), 3: (40, 40), 4: (0, 40)}
AROUND = [1, 2, 3, 4, 1]


def xml_tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def osm(
    path: Path, nodes: Any, ways: Any = (), relations: Any = (), *, late_nodes: bool = False
) -> Path:
    """A file of nodes {id: (x, y) or (x, y, tags)}, ways [(refs, tags)] from 101, relations
    [(way ids with roles, tags)] from 901; in metres."""
    points = []
    for ref, (x, y, *tags) in nodes.items():
        lon, lat = lonlat(x, y)
        points.append(f'<node id="{ref}" version="1" lon="{lon}" lat="{lat}">'
                      f"{xml_tags(tags[0] if tags else {})}</node>")  # fmt: skip
    lines = [
        f'<way id="{101 + k}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in refs)
        + xml_tags(tags) + "</way>"
        for k, (refs, tags) in enumerate(ways)
    ]  # fmt: skip
    groups = [
        f'<relation id="{901 + k}" version="1">'
        + "".join(f'<member type="way" ref="{r}" role="{role}"/>' for r, role in members)
        + xml_tags(tags) + "</relation>"
        for k, (members, tags) in enumerate(relations)
    ]  # fmt: skip
    body = [*lines, *points] if late_nodes else [*points, *lines]
    path.write_text(
        "\n".join(['<?xml version="1.0"?>', '<osm version="0.6">', *body, *groups, "</osm>"]),
        encoding="utf-8",
    )
    return path


def metres_apart(found: Any, k: int, x: float, y: float) -> float:
    lon, lat = lonlat(x, y)
    return math.hypot((found.lon[k] - lon) * 96_400, (found.lat[k] - lat) * 110_800)


@pytest.mark.parametrize(
    ("pbf", "table"),
    [("heidelberg/heidelberg.osm.pbf", "heidelberg/heidelberg_facilities.csv"),
     ("liechtenstein/liechtenstein-latest.osm.pbf", "liechtenstein/liechtenstein_facilities.csv")],
)  # fmt: skip
def test_a_list_made_by_others_from_the_same_file(pbf: str, table: str, shared: Path) -> None:
    found = read_osm_facilities(shared / pbf, tags=FOUR)
    rows = [
        {"name": found.name[k], "amenity": found.kind[k], "lon": str(found.lon[k]),
         "lat": str(found.lat[k]), "osm_id": found.attributes["id"][k]}
        for k in range(len(found))
    ]  # fmt: skip
    text = (shared / table).read_text(encoding="utf-8")
    assert rows == list(csv.DictReader(text.splitlines()))
    assert found.row.tolist() == list(range(1, len(rows) + 1))
    # two houses of one name and two numbers are two
    assert find_duplicates(found) == ()


def test_only_what_serves_the_old_or_the_young_is_read_without_tags(shared: Path) -> None:
    found = read_osm_facilities(shared / "heidelberg" / "heidelberg.osm.pbf", entrances=True)
    # a cancer information service and a railway mission are social facilities, and neither
    assert set(found.kind) == {"kindergarten"}
    assert set(found.kind_keys) == {("kindergarten",)}
    assert len(found) == 25
    assert found.entrances is not None
    names = [found.name[k] for k in found.entrances.owner]
    assert names.count("Kindertagesstätte Emmertsgrundpassage") == 0
    assert len(found.entrances) == 4


def test_nodes_outlines_and_multipolygons_become_points(tmp_path: Path) -> None:
    nodes = {7: (500, 0, KITA | {"name": "小星"}), **SQUARE,
             11: (10, 10), 12: (30, 10), 13: (30, 30), 14: (10, 30)}  # fmt: skip
    ways = [(AROUND, KITA | {"name": "大星"}), (AROUND, {}), ([11, 12, 13, 14, 11], {})]
    ring = [((102, "outer"), (103, "inner"))]
    path = osm(tmp_path / "a.osm", nodes, ways,
               [(ring[0], {"type": "multipolygon", "amenity": "childcare"})])  # fmt: skip
    found = read_osm_facilities(path, tags=FOUR)
    assert found.attributes["id"] == ("node/7", "way/101", "relation/901")
    assert found.name == ("小星", "大星", "")
    assert found.kind == ("kindergarten", "kindergarten", "childcare")
    assert found.kind_keys == (("kindergarten",), ("kindergarten",), ("nursery",))
    assert metres_apart(found, 0, 500, 0) < 0.05
    assert metres_apart(found, 1, 20, 20) < 0.05
    # not in the court: within the ring of ten metres around it
    x_m = (found.lon[2] - lonlat(0, 0)[0]) * 96_400
    assert 0 < x_m < 10.1 or 29.9 < x_m < 40
    assert found.reading is not None
    assert found.reading.form == "OpenStreetMap"
    assert [c.heading for c in found.reading.columns] == ["amenity", "name"]


def test_names_addresses_and_numbers(tmp_path: Path) -> None:
    tags = [
        KITA | {"name:zh": "甲园", "operator": "某公司", "capacity": "60", "start_date": "1998-09"},
        KITA
        | {"name:en": "B", "capacity": "many", "addr:street": "人民路", "addr:housenumber": "9"},
        SENIOR | {"operator": "民政局", "capacity": "120", "start_date": "before 1950"},
        KITA | {"addr:street": "Am Bach", "addr:housenumber": "3a"},
    ]
    path = osm(tmp_path / "a.osm", {k + 1: (k * 100, 0, t) for k, t in enumerate(tags)})
    found = read_osm_facilities(path)
    assert found.name == ("甲园", "B", "民政局", "")
    assert found.attributes["address"] == ("", "人民路9号", "", "Am Bach 3a")
    assert found.attributes["operator"] == ("某公司", "", "民政局", "")
    assert found.attributes["places"][0] == 60.0
    assert math.isnan(found.attributes["places"][2])
    assert found.attributes["beds"][2] == 120.0
    assert found.attributes["open_year"][0] == 1998.0
    assert [(c.row, c.kind) for c in found.changes] == [(2, "unread"), (3, "unread")]
    assert "capacity 'many'" in found.changes[0].detail.en
    assert "county" not in found.attributes
    assert address_of({"addr:full": "甲路1号", "addr:street": "乙路"}) == "甲路1号"


@pytest.mark.parametrize(
    ("tags", "keys"),
    [
        (KITA, "kindergarten"),
        (KITA | {"min_age": "1"}, "kindergarten_nursery"),
        ({"amenity": "nursing_home"}, "senior_home nursing_home"),
        (SENIOR, "elderly_facility"),
        (SENIOR | {"social_facility": "nursing_home"}, "nursing_home"),
        (SENIOR | {"social_facility": "day_care"}, "senior_day_care"),
        (SENIOR | {"social_facility:for": "disabled; senior"}, "elderly_facility"),
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, "nursing_home"),
        ({"amenity": "social_facility", "social_facility": "nursing_home",
          "social_facility:for": "disabled"}, ""),
        ({"amenity": "social_facility", "social_facility": "group_home",
          "social_facility:for": "orphan"}, ""),
        ({"amenity": "social_facility", "social_facility": "day_care",
          "social_facility:for": "child"}, "nursery"),
        ({"amenity": "social_facility"}, ""),
        ({"amenity": "bench"}, ""),
    ],
)  # fmt: skip
def test_what_tags_say(tags: dict[str, str], keys: str) -> None:
    assert " ".join(kinds_of_tags(tags)) == keys
    served = any(each.met_by(tags) for each in default_filters())
    assert served == bool(keys)


def test_a_name_says_more_than_a_general_tag_and_it_is_told(tmp_path: Path) -> None:
    nodes = {1: (0, 0, SENIOR | {"name": "宝莲社区日间照料中心"}), 2: (90, 0, SENIOR),
             3: (200, 0, KITA | {"name": "老年大学旁幼儿园"})}  # fmt: skip
    found = read_osm_facilities(osm(tmp_path / "a.osm", nodes))
    assert found.kind_keys == (("senior_day_care",), ("elderly_facility",), ("kindergarten",))
    assert [(c.row, c.kind, c.detail.zh) for c in found.changes] == [
        (1, "kind_from_name", "类型按名称认定为日间照料中心")
    ]


def test_kinds_choose_among_what_is_found(tmp_path: Path) -> None:
    home = SENIOR | {"social_facility": "nursing_home"}
    nodes = {1: (0, 0, SENIOR | {"name": "宝莲日间照料中心"}), 2: (90, 0, home), 3: (200, 0, KITA)}
    path = osm(tmp_path / "a.osm", nodes)
    for wanted, ids in (
        (["日间照料中心"], ["node/1"]),
        (["养老机构"], ["node/2"]),
        (["elderly_facility"], ["node/1", "node/2"]),
        (["幼儿园", "养护院"], ["node/2", "node/3"]),
        (["nursing_home"], ["node/2"]),
    ):
        found = read_osm_facilities(path, kinds=wanted)
        assert list(found.attributes["id"]) == ids, wanted
        assert found.other_kinds == 3 - len(ids)
        assert found.row.tolist() == list(range(1, len(ids) + 1))
    text = refusal(lambda: read_osm_facilities(path, kinds=["老年食堂"]), InputError)
    assert "found are" in text
    assert "kindergarten (1)" in text
    text = refusal(lambda: read_osm_facilities(path, kinds=["敬老园"]), InputError)
    assert "did you mean 敬老院" in text


def test_filters() -> None:
    senior = tag_filter("amenity=social_facility + social_facility:for=senior")
    assert senior.met_by(SENIOR)
    assert senior.met_by(SENIOR | {"social_facility:for": "child;senior"})
    assert not senior.met_by({"amenity": "social_facility"})
    assert senior.kind_of(SENIOR) == "social_facility"
    either = tag_filter("amenity=kindergarten|childcare")
    assert either.met_by(KITA)
    assert not either.met_by({"amenity": "school"})
    assert tag_filter("healthcare=*").met_by({"healthcare": "x"})
    assert not tag_filter("amenity=kindergarten+!min_age").met_by(KITA | {"min_age": "3"})
    for text in ("", "amenity", "amenity=", "=x", "a=b=c", "!a=b", "a=b+", "a=b||c", "+"):
        assert "is not a tag" in refusal(lambda t=text: tag_filter(t), InputError), text
    assert "must not be there" in refusal(lambda: tag_filter("!a"), InputError)
    # what the table of kinds says of OpenStreetMap leads back to its kinds
    for key, each in kind_filters():
        tags = {k: next(iter(v)) if v else "x" for k, v in each.conditions if v is None or v}
        assert matches(KINDS[key].zh, [key])
        assert key in kinds_of_tags(tags), each.text


def test_objects_that_are_not_whole_are_set_aside(tmp_path: Path) -> None:
    nodes = {**SQUARE, 9: (300, 0, KITA)}
    ways = [
        ([1, 2, 3], KITA | {"name": "线"}),
        ([1, 2, 99, 1], KITA | {"name": "缺"}),
        (AROUND, KITA | {"area": "no", "name": "面"}),
    ]
    relations = [([(555, "outer")], KITA | {"type": "multipolygon", "name": "空"}),
                 ([(103, "")], KITA | {"type": "site", "name": "组"})]  # fmt: skip
    found = read_osm_facilities(osm(tmp_path / "a.osm", nodes, ways, relations))
    assert found.attributes["id"] == ("node/9", "way/103")
    assert [(a.name, a.reason) for a in found.set_aside] == [
        ("空", "no_area"), ("组", "no_area"), ("线", "no_area"), ("缺", "no_area"),
    ]  # fmt: skip
    assert "way/101 of OpenStreetMap: it is a line" in found.set_aside[2].detail
    assert "nodes of its outline are missing" in found.set_aside[3].detail


def test_nodes_may_stand_after_the_ways(tmp_path: Path) -> None:
    ways = [(AROUND, KITA)]
    first = read_osm_facilities(osm(tmp_path / "a.osm", SQUARE, ways))
    late = read_osm_facilities(osm(tmp_path / "b.osm", SQUARE, ways, late_nodes=True))
    assert late.lon.tolist() == first.lon.tolist()
    assert late.lat.tolist() == first.lat.tolist()


def test_what_is_mapped_twice_is_read_twice_and_proposed(tmp_path: Path) -> None:
    named = KITA | {"name": "小星幼儿园"}
    found = read_osm_facilities(osm(tmp_path / "a.osm", {**SQUARE, 9: (30, 30, named)},
                                    [(AROUND, named)]))  # fmt: skip
    assert len(found) == 2
    (pair,) = find_duplicates(found)
    assert (pair.a, pair.b, pair.rule) == (0, 1, "same_name")


def test_gates_on_the_outline_lead_in(tmp_path: Path) -> None:
    nodes = {
        1: (0, 0, {"barrier": "gate", "name": "西南门"}), 2: (40, 0, {"entrance": "main"}),
        3: (40, 40, {"entrance": "emergency"}), 4: (0, 40, {"barrier": "gate", "access": "no"}),
        5: (20, 20, {"entrance": "yes"}), 6: (20, 40, {"barrier": "bollard"}),
        8: (500, 0, KITA),
    }  # fmt: skip
    path = osm(tmp_path / "a.osm", nodes, [([1, 2, 3, 6, 4, 1], KITA)])
    found = read_osm_facilities(path, entrances=True)
    assert found.entrances is not None
    assert found.entrances.owner.tolist() == [1, 1]
    assert found.entrances.name == ("西南门", "")
    assert (found.entrances.lon[1], found.entrances.lat[1]) == lonlat(40, 0)
    assert read_osm_facilities(path).entrances is None


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    path = osm(tmp_path / "a.osm", {1: (0, 0, {"amenity": "bench"})})
    text = refusal(lambda: read_osm_facilities(path, tags=["amenity=kindergarden"]), InputError)
    assert "no object has the tags amenity=kindergarden" in text
    assert "amenity=bench (1)" in text
    assert "file not found" in refusal(
        lambda: read_osm_facilities(tmp_path / "no.osm.pbf"), InputError
    )
    torn = tmp_path / "torn.osm"
    torn.write_text(path.read_text(encoding="utf-8")[:120], encoding="utf-8")
    assert "truncated" in refusal(lambda: read_osm_facilities(torn), InputError)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([".osm", ".osm.pbf", ".osm.bz2"]))
def test_any_bytes_end_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("osm") / f"noise{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_osm_facilities(path)
