"""Processed networks on disk: the same as fresh ones, never of another content."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from quarterhour.sources.roads import cache
from quarterhour.sources.roads.read import read_roads
from road_files import length_m, line_frame, write_osm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quarterhour.model import RoadNetwork

STREET = {"highway": "residential"}
NODES = {1: (-300.0, 0.0), 2: (0.0, 0.0), 3: (500.0, 0.0), 4: (0.0, -200.0), 5: (0.0, 400.0)}
WAYS = [([1, 2, 3], STREET), ([4, 2, 5], {"highway": "footway", "oneway:foot": "yes"})]


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder beside the sources, with the user's own cache folder in a place of the test."""
    monkeypatch.delenv("QUARTERHOUR_CACHE", raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "data" / ".quarterhour"


def town(tmp_path: Path, name: str = "town.osm") -> Path:
    (tmp_path / "data").mkdir(exist_ok=True)
    return write_osm(tmp_path / "data" / name, NODES, WAYS)


def files(folder: Path) -> list[Path]:
    return sorted(item for item in folder.rglob("*") if item.is_file())


def assert_same(one: RoadNetwork, two: RoadNetwork) -> None:
    assert one.n_nodes == two.n_nodes
    for name in (*cache.ARRAYS, *cache.TOLD):
        first, second = getattr(one, name), getattr(two, name)
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
        assert not second.flags.writeable


def never() -> RoadNetwork:
    raise AssertionError("the network was made anew")


def test_the_network_is_kept_beside_its_source(beside: Path, tmp_path: Path) -> None:
    path = town(tmp_path)
    fresh = read_roads(path, cache=False)
    assert not beside.exists()
    assert_same(fresh, read_roads(path))
    kept = files(beside)
    assert [k.name.startswith("town.osm-") and k.suffix == ".npz" for k in kept] == [True]
    assert not files(tmp_path / "home" / "quarterhour" / "roads")
    assert_same(fresh, cache.cached_network(path, {}, never))


def test_a_folder_that_was_named_is_used_instead(
    beside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERHOUR_CACHE", str(tmp_path / "named"))
    path = town(tmp_path)
    fresh = read_roads(path)
    assert not beside.exists()
    assert [k.parent for k in files(tmp_path / "named")] == [tmp_path / "named" / "roads"]
    assert_same(fresh, cache.cached_network(path, {}, never))


def test_where_nothing_can_be_written_beside_the_source_the_user_s_folder_is_used(
    beside: Path, tmp_path: Path
) -> None:
    path = town(tmp_path)
    beside.write_text("in the way", encoding="utf-8")
    fresh = read_roads(path)
    assert beside.read_text(encoding="utf-8") == "in the way"
    assert len(files(tmp_path / "home")) == 1
    assert_same(fresh, cache.cached_network(path, {}, never))
    # and where neither can be written, the roads are read all the same
    roads = tmp_path / "home" / "quarterhour" / "roads"
    for item in files(roads):
        item.unlink()
    roads.rmdir()
    roads.write_text("in the way", encoding="utf-8")
    assert_same(fresh, read_roads(path))


@pytest.mark.usefixtures("beside")
def test_another_content_is_another_network(tmp_path: Path) -> None:
    path = town(tmp_path)
    assert round(length_m(read_roads(path))) == 1400
    write_osm(path, NODES, WAYS[:1])
    assert round(length_m(read_roads(path))) == 800
    town(tmp_path)
    assert round(length_m(read_roads(path))) == 1400


def test_other_options_are_another_network(beside: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "roads.gpkg"
    frame = line_frame([(-100, 0), (100, 0)], [(0, -60), (0, 70)], [(101, 0), (150, 0)])
    frame.to_file(path, layer="a")
    frame[:1].to_file(path, layer="b")
    sizes = [
        read_roads(path, layer=layer, join_tolerance_m=join_m, split_crossings=crossings).n_nodes
        for layer, join_m, crossings in [
            ("a", 0.5, False), ("a", 2.0, False), ("a", 0.5, True), ("b", 0.5, False),
        ] * 2
    ]  # fmt: skip
    assert sizes == [6, 4, 7, 2] * 2
    assert len(files(beside)) == 4


@pytest.mark.usefixtures("beside")
def test_a_repair_is_another_network_with_its_joints(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    ways = [([1, 3], STREET), ([4, 5], STREET)]
    nodes = NODES | {5: (0.0, -1.5)}
    path = write_osm(tmp_path / "data" / "town.osm", nodes, ways)
    lengths = [1.0, 2.0, 0.0, 2.0, 1.0]
    found = [read_roads(path, repair_m=m) for m in lengths]
    assert [len(n.joints) for n in found] == [0, 1, 0, 1, 0]
    assert_same(found[1], found[3])
    assert_same(found[1], read_roads(path, repair_m=2.0, cache=False))


@pytest.mark.parametrize("name", ["roads.shp", "roads [2024].shp", "路网*.shp"])
@pytest.mark.usefixtures("beside")
def test_every_part_of_a_shapefile_counts(name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / name
    frame = line_frame([(-100, 0), (100, 0)], [(0, -60), (0, 70)], highway=["path", "motorway"])
    frame.to_file(path)
    assert round(length_m(read_roads(path))) == 200
    shape = path.read_bytes()
    frame.assign(highway=["path", "path"]).to_file(path)
    assert path.read_bytes() == shape
    assert round(length_m(read_roads(path))) == 330
    before = cache.file_sha256(path)
    path.with_suffix(".prj").write_text('LOCAL_CS["another"]', encoding="utf-8")
    assert cache.file_sha256(path) != before
    before = cache.file_sha256(path)
    (path.parent / "other.dbf").write_bytes(b"of another file")
    assert cache.file_sha256(path) == before


@pytest.mark.usefixtures("beside")
def test_what_another_program_has_not_yet_put_into_a_geopackage_counts(tmp_path: Path) -> None:
    import sqlite3

    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "roads.gpkg"
    frame = line_frame([(-100, 0), (100, 0)], [(0, -60), (0, 70)], foot=["yes", "yes"])
    frame.to_file(path, SPATIAL_INDEX="NO")  # its triggers need functions that sqlite3 lacks
    assert round(length_m(read_roads(path))) == 330
    editor = sqlite3.connect(path)
    try:
        editor.execute("PRAGMA journal_mode = WAL")
        read_roads(path)  # the mode alone changes the file
        content = path.read_bytes()
        editor.execute("UPDATE roads SET foot = 'no' WHERE fid = 2")
        editor.commit()
        assert path.read_bytes() == content
        assert round(length_m(read_roads(path))) == 200
    finally:
        editor.close()


def _truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _random(content: bytes) -> bytes:
    return np.random.default_rng(7).bytes(len(content))


def _saved(**arrays: Any) -> bytes:
    with io.BytesIO() as file:
        np.savez(file, **arrays)
        return file.getvalue()


def _objects(content: bytes) -> bytes:
    arrays = dict(np.load(io.BytesIO(content)))
    return _saved(**(arrays | {"edge_tail": arrays["edge_tail"].astype(object)}))


def _other_type(content: bytes) -> bytes:
    arrays = dict(np.load(io.BytesIO(content)))
    return _saved(**(arrays | {"vertex_mm": arrays["vertex_mm"].astype(float)}))


def _other_length(content: bytes) -> bytes:
    arrays = dict(np.load(io.BytesIO(content)))
    return _saved(**(arrays | {"vertex_mm": arrays["vertex_mm"][:-1]}))


def _array_lacking(content: bytes) -> bytes:
    arrays = dict(np.load(io.BytesIO(content)))
    del arrays["edge_kind"]
    return _saved(**arrays)


def _other_columns(content: bytes) -> bytes:
    arrays = dict(np.load(io.BytesIO(content)))
    return _saved(**(arrays | {"joints": np.zeros((1, 2))}))


def _plain_array(_: bytes) -> bytes:
    with io.BytesIO() as file:
        np.save(file, np.arange(9))
        return file.getvalue()


@pytest.mark.parametrize(
    "spoil",
    [
        _truncated, _random, _objects, _other_type, _other_length, _array_lacking, _plain_array,
        _other_columns,
        lambda _: b"", lambda content: content[:-1], lambda content: b"x" + content,
        lambda content: content.replace(b"edge_tail", b"edge_tale"),
    ],
)  # fmt: skip
def test_a_damaged_entry_is_made_anew(
    spoil: Callable[[bytes], bytes], beside: Path, tmp_path: Path
) -> None:
    path = town(tmp_path)
    fresh = read_roads(path)
    (entry,) = files(beside)
    whole = entry.read_bytes()
    entry.write_bytes(spoil(whole))
    assert_same(fresh, read_roads(path))
    assert files(beside) == [entry]
    assert_same(fresh, cache.cached_network(path, {}, never))


def test_no_flipped_byte_gets_into_a_network(beside: Path, tmp_path: Path) -> None:
    fresh = read_roads(town(tmp_path))
    (entry,) = files(beside)
    whole = entry.read_bytes()
    rng = np.random.default_rng(8)
    for at in rng.integers(0, len(whole), 400).tolist():
        spoiled = bytearray(whole)
        spoiled[at] ^= int(rng.integers(1, 256))
        entry.write_bytes(spoiled)
        found = cache._load(entry, cache._network)
        if found is not None:  # a byte that means nothing, as in a date
            assert_same(fresh, found)


def test_a_crash_while_writing_leaves_nothing_behind(
    beside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = town(tmp_path)

    def crash(file: Any, **_: Any) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", crash)
        with pytest.raises(KeyboardInterrupt):
            read_roads(path)
    assert files(beside) == []
    read_roads(path)
    assert len(files(beside)) == 1


def test_a_real_city_is_the_same_from_the_cache(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERHOUR_CACHE", str(tmp_path))
    path = shared / "heidelberg" / "heidelberg.osm.pbf"
    fresh = read_roads(path)
    assert_same(fresh, cache.cached_network(path, {}, never))
    assert len(files(tmp_path / "roads")) == 1
