"""Bytes of any kind under any name: every reader reads them, or says one sentence."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from good_files import good, suffix_of
from hostile import DAMAGE, READ_BY, damaged, outcome, readers, tries

HEADS = [b"", b"PK\x03\x04", b"II*\x00", b"SQLite format 3\x00", b"<osm version='0.6'>", b"PAR1",
         b"lon,lat,population\n104.65,30.12,", b'{"type":"FeatureCollection","features":[',
         b"\x00\x00\x00\x0d\x0a\x09OSMHeader", b"\x1f\x8b\x08\x00", b"fgb\x03fgb\x00",
         b"\x00\x00\x27\x0a" + bytes(20), b"\xff\xfe", b"[study]\nname = ",
         b"<?xml version='1.0'?><graphml>"]  # fmt: skip
NAMES = ["facilities.csv", "facilities.txt", "book.xlsx", "layer.geojson", "layer.gpkg",
         "layer.fgb", "layer.parquet", "people.tif", "town.osm", "town.osm.pbf", "town.graphml",
         "study.toml"]  # fmt: skip


def read_all(path: Path) -> int:
    """How many readers understand the file."""
    by = readers()
    mine = [partial(by[key], path) for key in READ_BY[suffix_of(path.name)]]
    return sum(outcome(read) is not None for read in mine)


def with_parts(folder: str, name: str, files: dict[str, bytes]) -> Path:
    """The file in a folder of its own, a shapefile with its other parts."""
    stem = name.split(".", maxsplit=1)[0]
    for part, data in files.items():
        if part == name or (stem == "layer" and part.endswith((".shp", ".shx", ".dbf", ".prj"))):
            (Path(folder) / part).write_bytes(data)
    return Path(folder) / name


@pytest.mark.parametrize("name", [*NAMES, "layer.shp"])
def test_the_files_that_are_going_to_be_damaged_are_good(tmp_path: Path, name: str) -> None:
    assert read_all(with_parts(str(tmp_path), name, good())) > 0


@pytest.mark.parametrize("suffix", sorted(READ_BY))
@tries(25)
@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=200))
def test_any_bytes(suffix: str, head: bytes, tail: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        path.write_bytes(head + tail)
        read_all(path)


@pytest.mark.parametrize("name", NAMES)
@tries(25)
@given(plan=DAMAGE)
def test_damaged_files(name: str, plan: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(damaged(good()[name], plan))
        read_all(path)


@pytest.mark.parametrize("part", ["layer.shp", "layer.shx", "layer.dbf", "layer.prj", "layer.cpg"])
@tries(12)
@given(plan=DAMAGE)
def test_damaged_parts_of_a_shapefile(part: str, plan: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = with_parts(folder, "layer.shp", good())
        (Path(folder) / part).write_bytes(damaged(good()[part], plan))
        read_all(path)


PARTS = sorted(zipfile.ZipFile(io.BytesIO(good()["book.xlsx"])).namelist())


@tries(60)
@given(part=st.sampled_from(PARTS), plan=DAMAGE)
def test_damaged_parts_of_a_workbook(part: str, plan: list[Any]) -> None:
    """The checksums of the archive are right, and what is inside is not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsx"
        whole = zipfile.ZipFile(io.BytesIO(good()["book.xlsx"]))
        with zipfile.ZipFile(path, "w") as made:
            for name in PARTS:
                content = whole.read(name)
                made.writestr(name, damaged(content, plan) if name == part else content)
        read_all(path)
