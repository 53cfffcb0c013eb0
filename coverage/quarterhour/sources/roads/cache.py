"""Processed networks and their extents on disk: beside their source, by content, never stale."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely

from quarterhour.kernels import user_cache_dir
from quarterhour.model import RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kept = TypeVar("Kept")

ARRAYS = {
    "edge_tail": np.int32, "edge_head": np.int32, "edge_kind": np.uint8, "edge_rank": np.uint8,
    "edge_oneway": np.bool_, "first_vertex": np.int64, "vertex_lon": np.float64,
    "vertex_lat": np.float64, "vertex_mm": np.int64, "first_piece": np.int64,
    "piece_start_mm": np.int64,
}  # fmt: skip

TOLD = {"closed_gates": 2, "joints": 3, "waits": 3}
"""Arrays of numbers beside the network, with their columns: what was done to make it."""

LIBRARIES = ("numpy", "scipy", "osmium", "pyproj", "shapely", "geopandas", "pyogrio", "osmnx")
"""What reads a file and makes a network of it, beside our own modules."""

BELONGS = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"),
    ".gpkg": (".gpkg-wal",),  # what another program has written and not yet put in its place
}
"""Suffixes of files beside a file that are part of its content."""


def file_sha256(path: Path) -> str:
    """Hash of a file's content in hexadecimal, with the files beside it that belong to it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    suffixes = BELONGS.get(path.suffix.lower(), ())
    if suffixes:
        beside = {part.name.lower(): part for part in sorted(path.parent.iterdir())}
        for suffix in suffixes:
            part = beside.get(path.stem.lower() + suffix)
            if part is not None:
                digest.update(suffix.encode() + part.read_bytes())
    return digest.hexdigest()


READERS = ("units.py", "model.py", "frames.py", "core/graph.py", "core/grid.py",
           "core/impedance.py", "core/search.py", "core/misses.py", "sources/roads/walkable.py",
           "sources/roads/lengths.py", "sources/roads/osm.py", "sources/roads/waits.py",
           "sources/roads/lines.py", "sources/roads/through_osmnx.py", "sources/roads/repair.py",
           "sources/files/vector.py", "sources/roads/cache.py")  # fmt: skip
"""Our modules that turn a file into a network."""

OUTLINERS = (
    "model.py",
    "frames.py",
    "core/graph.py",
    "sources/ground/extents.py",
    "sources/roads/cache.py",
)
"""Our modules that find how far a network is known."""


@functools.cache
def _version_of(modules: tuple[str, ...]) -> str:
    """Hash of all that makes what is kept, so that an edit makes a new key."""
    package = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)} ".encode())
    for name in modules:
        digest.update((package / name).read_bytes())
    return digest.hexdigest()


def network_sha256(network: RoadNetwork) -> str:
    """Hash of a network's arrays: what stands for a file where the roads were downloaded."""
    digest = hashlib.sha256()
    for key in ARRAYS:
        digest.update(np.ascontiguousarray(getattr(network, key)).tobytes())
    return digest.hexdigest()


def cached_network(
    source: Path,
    options: dict[str, object],
    make: Callable[[], RoadNetwork],
    *,
    store: bool = True,
) -> RoadNetwork:
    """The network of `source`, from the cache where its content and `options` are the same.

    The cache is the folder `.quarterhour` beside the source, or the user's cache folder where that
    cannot be written (always there when QUARTERHOUR_CACHE is set). A damaged entry is made anew.
    Without `store` it is only read.
    """
    key = _key([file_sha256(source), _version_of(READERS), options])
    return _cached(source, f"{source.name}-{key}.npz", _network, make, _arrays, store=store)


def cached_extent(
    source: Path | None,
    network: RoadNetwork,
    box: Any,  # noqa: ANN401 - shapely geometries
    make: Callable[[], Any],
    *,
    store: bool = True,
) -> Any:  # noqa: ANN401
    """The polygon that `make` draws around a network, kept as `cached_network` keeps the network.

    It stands for this network and `box`, a shapely geometry or None, and for no other.
    """
    stated = None if box is None else shapely.to_wkb(box, hex=True)
    key = _key([network_sha256(network), _version_of(OUTLINERS), stated])
    name = f"{'roads' if source is None else source.name}-extent-{key}.npz"
    return _cached(source, name, _polygon, make, _wkb, store=store)


def _key(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]


def _cached(
    source: Path | None,
    name: str,
    read: Callable[[Mapping[str, Any]], Kept | None],
    make: Callable[[], Kept],
    arrays_of: Callable[[Kept], dict[str, Any]],
    *,
    store: bool,
) -> Kept:
    """What is kept under `name`, or else made and then kept."""
    folders = [user_cache_dir() / "roads"]
    if "QUARTERHOUR_CACHE" not in os.environ and source is not None:
        folders.insert(0, source.parent / ".quarterhour")
    for folder in folders:
        kept = _load(folder / name, read)
        if kept is not None:
            return kept
    made = make()
    for folder in folders if store else ():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _store(arrays_of(made), folder / name)
        except OSError:
            continue  # a folder that cannot be written: the next one, or no cache
        break
    return made


def _load(path: Path, read: Callable[[Mapping[str, Any]], Kept | None]) -> Kept | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return read(stored)
    except Exception:  # noqa: BLE001 - whatever a damaged file raises, its content is made anew
        return None


def _network(stored: Mapping[str, Any]) -> RoadNetwork | None:
    arrays = {key: stored[key] for key in (*ARRAYS, *TOLD)}
    network = RoadNetwork(n_nodes=int(stored["n_nodes"]), **arrays)
    return network if _is_sound(network) else None


def _arrays(network: RoadNetwork) -> dict[str, Any]:
    return {key: getattr(network, key) for key in ("n_nodes", *ARRAYS, *TOLD)}


def _polygon(stored: Mapping[str, Any]) -> Any:  # noqa: ANN401 - shapely geometry
    found = shapely.from_wkb(stored["wkb"].tobytes())
    return found if found.area > 0 else None


def _wkb(extent: Any) -> dict[str, Any]:  # noqa: ANN401 - shapely geometry
    return {"wkb": np.frombuffer(shapely.to_wkb(extent), np.uint8)}


def _is_sound(network: RoadNetwork) -> bool:
    """Whether the arrays have the types and lengths that belong together."""
    if any(getattr(network, key).dtype != kind for key, kind in ARRAYS.items()):
        return False
    for key, columns in TOLD.items():
        told = getattr(network, key)
        if told.dtype != np.float64 or told.ndim != 2 or told.shape[1] != columns:
            return False
    n = network.n_edges
    n_vertices, n_pieces = len(network.vertex_lon), len(network.piece_start_mm)
    lengths = {"edge": n, "first": n + 1, "vertex": n_vertices, "piece": n_pieces}
    if any(getattr(network, key).shape != (lengths[key.split("_")[0]],) for key in ARRAYS):
        return False
    offsets = ((network.first_vertex, n_vertices), (network.first_piece, n_pieces))
    return all(o[0] == 0 and o[-1] == total and (np.diff(o) > 0).all() for o, total in offsets)


def _store(arrays: dict[str, Any], path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
