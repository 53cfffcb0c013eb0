"""What is said of the edge of the data, where the roads themselves are all there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.study import run_study
from small_study import (
    box,
    facilities_text,
    osm_text,
    people_text,
    small_study,
    write_layer,
)

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


def test_roads_narrower_than_the_band_at_their_edge(tmp_path: Path) -> None:
    # a dual carriageway, 20 m wide, with one street off it: nothing is left 40 m inside
    ring = {"环": [(0, 0), (0, 20), (1200, 20), (1200, 0), (0, 0)], "支": [(600, 20), (600, 60)]}
    people = people_text([("甲", 100, 0, 10)])
    study = small_study(tmp_path, files={"roads.osm": osm_text(ring), "people.csv": people,
                                         "facilities.csv": facilities_text(NEAR)})  # fmt: skip
    assert run_study(study).assessments[0].covered == 10


NEAR = [("西院", 0, 10, "养老院", "现状")]
