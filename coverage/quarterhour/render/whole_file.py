"""Files that are written whole or not at all."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes the place of `path`.

    Where writing fails nothing is left, and an older file at `path` stays as it was.

    Raises
    ------
    OSError
        There is no such folder, or `path` cannot be replaced: it is a folder, or a program on
        Windows has it open.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        fresh = Path(folder) / path.name
        yield fresh
        fresh.replace(path)
