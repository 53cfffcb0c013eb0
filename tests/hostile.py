"""Input as nobody should write it, for every reader: what to read it with, and what may come out.

Set QUARTERHOUR_FUZZ=20 to try twenty times as many inputs as a test run does.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from quarterhour.errors import QuarterhourError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGER = int(os.environ.get("QUARTERHOUR_FUZZ", "1"))
NEAR = (104.0, 29.0, 107.0, 32.0)
LONGEST_LINE = 3_000
"""A sentence that somebody can still read, with two paths in it."""


def tries(number: int) -> Any:
    """Settings for so many inputs, the same ones in every run."""
    return settings(
        max_examples=number * LONGER,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # a fault is found at once, and not made smaller
    )


def outcome(call: Callable[[], Any]) -> Any:
    """What `call` returns; None where it ends in one of our own sentences. Warnings are faults."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call()
        except QuarterhourError as error:
            line = " ".join(str(error).split())
            assert 0 < len(line) <= LONGEST_LINE
            return None


def readers() -> dict[str, Callable[[Path], Any]]:
    """Everything that opens a file, by what it reads."""
    from quarterhour.sources.facilities.osm import read_osm_facilities
    from quarterhour.sources.facilities.read import read_facilities
    from quarterhour.sources.ground.barriers import read_barrier_layer, read_barriers
    from quarterhour.sources.ground.extents import read_osm_box
    from quarterhour.sources.ground.scenery import read_scenery
    from quarterhour.sources.ground.terrain import read_terrain
    from quarterhour.sources.people.read import read_people
    from quarterhour.sources.roads.read import read_roads
    from quarterhour.sources.units.areas import read_areas, read_boundary, read_osm_areas
    from quarterhour.sources.units.towns import read_towns
    from quarterhour.study_file.settings import load_study

    return {
        "facilities": lambda path: read_facilities(path, near=NEAR),
        "people": read_people,
        "areas": lambda path: read_areas(path, what="residential"),
        "boundary": read_boundary,
        "towns": lambda path: read_towns(path, name="name", county="county"),
        "barrier layer": lambda path: read_barrier_layer(path, bounds=NEAR),
        "roads": lambda path: read_roads(path, cache=False),
        "terrain": lambda path: read_terrain(path, near=NEAR),
        "osm facilities": lambda path: read_osm_facilities(path, entrances=True),
        "osm homes": lambda path: read_osm_areas(path, what="residential"),
        "osm buildings": lambda path: read_osm_areas(path, what="buildings"),
        "osm barriers": lambda path: read_barriers(path, NEAR),
        "osm box": read_osm_box,
        "scenery": lambda path: read_scenery(path, NEAR),
        "study": load_study,
    }


TABLES, LAYERS = ("facilities", "people"), ("areas", "boundary", "towns", "barrier layer")
OSM = ("roads", "osm facilities", "osm homes", "osm buildings", "osm barriers", "osm box",
       "scenery")  # fmt: skip
READ_BY = {
    ".csv": TABLES, ".txt": TABLES, ".xlsx": TABLES,
    ".geojson": (*TABLES, *LAYERS, "roads"), ".gpkg": (*TABLES, *LAYERS, "roads"),
    ".shp": (*TABLES, *LAYERS, "roads"), ".parquet": (*TABLES, *LAYERS, "roads"),
    ".fgb": (*TABLES, *LAYERS, "roads"),
    ".tif": ("people", "terrain"), ".osm": OSM, ".osm.pbf": OSM, ".graphml": ("roads",),
    ".toml": ("study",),
}  # fmt: skip
"""What may be told to read a file, by its suffix."""


SHARE = st.integers(0, 10_000)
DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(["flip", "flip", "set", "end", "out", "double", "in", "zero"]),
        SHARE, SHARE, st.integers(1, 255), st.binary(max_size=20),
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip
"""What is done to a file: how, from where to where in ten thousandths of it, and with what."""


def damaged(data: bytes, plan: list[tuple[str, int, int, int, bytes]]) -> bytes:
    """`data` with bytes changed, cut off, cut out, doubled or put in from elsewhere."""
    for how, one, two, mask, more in plan:
        at, to = sorted((one * len(data) // 10_000, two * len(data) // 10_000))
        if how in {"flip", "set"} and data:
            k = min(at, len(data) - 1)
            data = data[:k] + bytes([data[k] ^ mask if how == "flip" else mask]) + data[k + 1 :]
        elif how == "end":
            data = data[:to]
        elif how == "out":
            data = data[:at] + data[to:]
        elif how == "double":
            data = data[:to] + data[at:]
        elif how == "zero":
            data = data[:at] + bytes(to - at) + data[to:]
        else:
            data = data[:at] + more + data[at:]
    return data
