"""The files of a finished study, written beside their place and moved there whole."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from quarterhour import results
from quarterhour.briefing import map_data
from quarterhour.errors import QuarterhourError
from quarterhour.manifest import manifest_of
from quarterhour.render.summary import to_json
from quarterhour.sources.cache import file_sha256
from quarterhour.sources.roads_osm import OSM_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.settings import Study
    from quarterhour.study import StudyResult

    Progress = Callable[[str, int, int], None]

OSM_CREDIT = "© OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)"
OUTPUTS = ("map.html", "results.gpkg", "summary.json", "manifest.json")


def attribution(study: Study) -> list[str]:
    """The study's own lines, and OpenStreetMap's where its data is used and not named."""
    lines = list(study.study.attribution)
    source = (study.roads.source or "").lower()
    from_osm = source.endswith((*OSM_SUFFIXES, ".graphml")) or not source
    if from_osm and not study.study.synthetic and not any("OpenStreetMap" in t for t in lines):
        lines.append(OSM_CREDIT)
    return lines


def write_outputs(result: StudyResult, out: Path, progress: Progress | None) -> tuple[Path, ...]:
    """Write everything beside its place, then move it there, so that no half file is ever seen."""
    from pyogrio.errors import DataSourceError  # noqa: PLC0415 - heavy

    from quarterhour.render.geopackage import write_geopackage  # noqa: PLC0415 - heavy
    from quarterhour.render.html import write_map  # noqa: PLC0415 - heavy

    ready = result.prepared
    steps = Steps(progress, 4)
    manifest = manifest_of(ready)
    key = hashlib.sha256(to_json(manifest).encode()).hexdigest()[:12]
    study = ready.study.study
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
            temporary = Path(folder)
            steps("map")
            write_map(
                temporary / "map.html",
                map_data(
                    result.assessments,
                    title=study.name,
                    language=study.language,
                    districts=ready.districts,
                    scenery=ready.scenery,
                    data_date=study.data_date,
                    attribution=attribution(ready.study),
                    notes=ready.notes,
                    synthetic=study.synthetic,
                    tiles=study.tiles,
                    tiles_attribution=study.tiles_attribution,
                    study_key=key,
                ),
            )
            steps("geopackage")
            write_geopackage(temporary / "results.gpkg", results.layers_of(result.assessments))
            steps("summary")
            (temporary / "summary.json").write_text(
                to_json(result.summary), encoding="utf-8", newline="\n"
            )
            manifest["outputs"] = {
                name: file_sha256(temporary / name) for name in OUTPUTS if name != "manifest.json"
            }
            (temporary / "manifest.json").write_text(
                to_json(manifest), encoding="utf-8", newline="\n"
            )
            steps("move")
            for name in OUTPUTS:
                (temporary / name).replace(out / name)
            for side in ("-wal", "-shm", "-journal"):  # of an older results.gpkg that was open
                (out / f"results.gpkg{side}").unlink(missing_ok=True)
    except (OSError, sqlite3.Error, DataSourceError) as error:
        why = getattr(error, "strerror", None) or error
        raise QuarterhourError(
            f"{out}: the results cannot be written ({why}); choose another folder with --out, or"
            " close the program that has a file in it open"
        ) from error
    return tuple(out / name for name in OUTPUTS)


class Steps:
    """Counts the stages of a task for a progress display."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, what: str) -> None:
        """Say that the next stage begins."""
        if self.progress is not None:
            self.progress(what, self.done, self.total)
        self.done += 1
