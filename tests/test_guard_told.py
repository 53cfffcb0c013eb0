"""What is said of the edge of the data, where the roads themselves are all there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.study import run_study
from small_study import box, small_study, write_layer

if TYPE_CHECKING:
    from pathlib import Path

MISSING = "more road data are needed"


def notes(study: Path) -> str:
    return "\n".join(note.en for note in run_study(study).prepared.notes)


def test_roads_that_are_the_area_are_not_said_to_be_missing(tmp_path: Path) -> None:
    # street metres as demand: without an area every street is looked at to its very end
    assert MISSING not in notes(small_study(tmp_path / "a", {"people": None}))
    # an area reaches beyond them, and people may stand there
    folder = tmp_path / "b"
    folder.mkdir()
    write_layer(folder / "area.gpkg", [box(-500, -1000, 1500, 1000)])
    given = {"people": None, "study.area": "area.gpkg"}
    assert MISSING in notes(small_study(folder, given))
    assert MISSING in notes(small_study(tmp_path / "c"))
