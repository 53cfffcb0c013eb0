"""Processed networks on disk: beside their source, keyed by content, never stale."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import user_cache_dir
from quarterhour.model import RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

ARRAYS = {
    "edge_tail": np.int32, "edge_head": np.int32, "edge_kind": np.uint8, "edge_rank": np.uint8,
    "edge_oneway": np.bool_, "first_vertex": np.int64, "vertex_lon": np.float64,
    "vertex_lat": np.float64, "vertex_mm": np.int64, "first_piece": np.int64,
    "piece_start_mm": np.int64,
}  # fmt: skip

TOLD = {"closed_gates": 2, "joints": 3}
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


@functools.cache
def _reader_version() -> str:
    """Hash of everything that turns a file into a network, so that an edit makes a new key."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)} ".encode())
    for name in ("units.py", "model.py", "frames.py", "core/graph.py", "core/grid.py",
                 "core/impedance.py", "core/search.py", "core/misses.py", "sources/walkable.py",
                 "sources/lengths.py", "sources/roads_osm.py", "sources/roads_lines.py",
                 "sources/roads_osmnx.py", "sources/repair.py", "sources/vector.py",
                 "sources/cache.py"):  # fmt: skip
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
    key_text = json.dumps([file_sha256(source), _reader_version(), options], sort_keys=True)
    name = f"{source.name}-{hashlib.sha256(key_text.encode()).hexdigest()[:20]}.npz"
    beside = source.parent / ".quarterhour"
    folders = [user_cache_dir() / "roads"]
    if "QUARTERHOUR_CACHE" not in os.environ:
        folders.insert(0, beside)
    for folder in folders:
        network = _load(folder / name)
        if network is not None:
            return network
    network = make()
    for folder in folders if store else ():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _store(network, folder / name)
        except OSError:
            continue  # a folder that cannot be written: the next one, or no cache
        break
    return network


def _load(path: Path) -> RoadNetwork | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in (*ARRAYS, *TOLD)}
            network = RoadNetwork(n_nodes=int(stored["n_nodes"]), **arrays)
    except Exception:  # noqa: BLE001 - whatever a damaged file raises, the network is made anew
        return None
    return network if _is_sound(network) else None


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


def _store(network: RoadNetwork, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    try:
        with os.fdopen(handle, "wb") as file:
            arrays = {key: getattr(network, key) for key in (*ARRAYS, *TOLD)}
            np.savez(file, n_nodes=network.n_nodes, **arrays)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
