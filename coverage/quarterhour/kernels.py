"""The decorator of compiled kernels, with a cache that cannot go stale.

numba's own cache does not notice that a called function in another file was edited, and it falls
back to a folder that may not be writable. Here the folder is the user's, named by a hash of all
kernel sources and of the versions that compile them, and it is set before any kernel is made.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def user_cache_dir() -> Path:
    """Folder for things that can be made again: `QUARTERHOUR_CACHE`, or the user's cache folder."""
    told = os.environ.get("QUARTERHOUR_CACHE")
    if told:
        return Path(told)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "quarterhour"


def kernel_cache_dir() -> Path:
    """Folder of the compiled kernels of exactly these sources and versions."""
    import llvmlite  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, only needed here
    import numba  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    digest = hashlib.sha256()
    for version in (sys.version, numba.__version__, llvmlite.__version__, np.__version__):
        digest.update(version.encode())
    for source in sorted((Path(__file__).parent / "core").rglob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return user_cache_dir() / "kernels" / digest.hexdigest()[:16]


def kernels_are_compiled() -> bool:
    """Whether a run will find its kernels compiled, or compile them first (some seconds)."""
    return any(kernel_cache_dir().rglob("*.nbc"))


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` with numba: no Python objects, the GIL released, cached on disk."""
    import numba  # noqa: PLC0415

    folder = _writable_cache_dir()
    config: Any = numba.config  # its entries are made at run time
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder or "")
    try:
        compiled: Callable[..., Any] = numba.njit(cache=folder is not None, nogil=True)(function)
    finally:
        config.CACHE_DIR = before
    return compiled


@functools.cache
def _writable_cache_dir() -> Path | None:
    folder = kernel_cache_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None  # kernels are then compiled in every run: slower, never wrong
    return folder
