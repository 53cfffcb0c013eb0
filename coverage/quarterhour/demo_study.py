"""The synthetic district that ships with the product, laid out as a study folder."""

from __future__ import annotations

import shutil
from importlib import resources
from typing import TYPE_CHECKING

from quarterhour.errors import QuarterhourError

if TYPE_CHECKING:
    from pathlib import Path


def demo_study(folder: Path) -> Path:
    """Copy the demo's files to `folder` and return its study file.

    Raises
    ------
    QuarterhourError
        The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for item in resources.files("quarterhour.demo").iterdir():
            if item.is_file() and not item.name.endswith((".py", ".pyc")):
                with resources.as_file(item) as source:
                    shutil.copyfile(source, folder / item.name)
    except OSError as error:
        raise QuarterhourError(
            f"{folder}: the demo cannot be laid out there ({error.strerror}); choose another folder"
            " with --out"
        ) from error
    return folder / "study.toml"
