"""What every test may rely on: a cache of its own, no colours, and the shared real data."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def _own_cache() -> Iterator[None]:
    """Processed roads go to a temporary folder, never beside the data; kernels stay where they are.

    The compiled kernels are found under the same root, so an existing folder of them is linked in,
    and programs that the tests start do not compile them again.
    """
    from quarterhour.kernels import user_cache_dir

    kernels = user_cache_dir() / "kernels"
    before = {key: os.environ.get(key) for key in ("QUARTERHOUR_CACHE", "NO_COLOR")}
    with tempfile.TemporaryDirectory(prefix="quarterhour-cache-") as folder:
        try:
            kernels.mkdir(parents=True, exist_ok=True)
            (Path(folder) / "kernels").symlink_to(kernels.resolve(), target_is_directory=True)
        except OSError:  # no links here, or nothing can be written: kernels are compiled again
            pass
        os.environ.update(QUARTERHOUR_CACHE=folder, NO_COLOR="1")
        yield
    for key, value in before.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the real data that is too large to ship: `QUARTERHOUR_SHARED`, or ../shared."""
    folder = Path(os.environ.get("QUARTERHOUR_SHARED", SHARED))
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder / 'data'}: set QUARTERHOUR_SHARED to run this test")
    return folder / "data"
