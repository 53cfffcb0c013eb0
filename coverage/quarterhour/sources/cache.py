"""Processed networks on disk: beside their source, keyed by content, never stale."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quarterhour.kernels import user_cache_dir
from quarterhour.model import RoadNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

ARRAYS = (
    "edge_tail", "edge_head", "edge_kind", "edge_rank", "edge_oneway", "first_vertex",
    "vertex_lon", "vertex_lat", "vertex_mm", "first_piece", "piece_start_mm",
)  # fmt: skip


def file_sha256(path: Path) -> str:
    """Hash of a file's content in hexadecimal; of a shapefile, with the files that belong to it."""
    if path.suffix.lower() != ".shp":
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for part in sorted(path.parent.glob(path.stem + ".*")):
        if part.suffix.lower() in {".shp", ".shx", ".dbf", ".prj", ".cpg"}:
            digest.update(part.suffix.lower().encode() + part.read_bytes())
    return digest.hexdigest()


@functools.cache
def _reader_version() -> str:
    """Hash of everything that turns a file into a network, so that an edit makes a new key."""
    import osmium.version  # noqa: PLC0415
    import pyproj  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    package = Path(__file__).parents[1]
    digest = hashlib.sha256(
        f"{osmium.version.pyosmium_release} {pyproj.__version__} {shapely.__version__}".encode()
    )
    for name in ("units.py", "model.py", "core/graph.py", "sources/walkable.py",
                 "sources/lengths.py", "sources/roads_osm.py", "sources/roads_lines.py",
                 "sources/roads_osmnx.py", "sources/cache.py"):  # fmt: skip
        digest.update((package / name).read_bytes())
    return digest.hexdigest()


def cached_network(
    source: Path, options: dict[str, object], make: Callable[[], RoadNetwork]
) -> RoadNetwork:
    """The network of `source`, from the cache where its content and `options` are the same.

    The cache is the folder `.quarterhour` beside the source, or the user's cache folder where that
    cannot be written (always there when QUARTERHOUR_CACHE is set). A damaged entry is made anew.
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
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _store(network, folder / name)
        except OSError:
            continue  # a folder that cannot be written: the next one, or no cache
        break
    return network


def _load(path: Path) -> RoadNetwork | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in ARRAYS}
            return RoadNetwork(n_nodes=int(stored["n_nodes"]), **arrays)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _store(network: RoadNetwork, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file, n_nodes=network.n_nodes, **{key: getattr(network, key) for key in ARRAYS}
            )
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
