"""The files of a finished study, written beside their place and moved there whole."""

from __future__ import annotations

import errno
import hashlib
import shutil
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.model import RoadNetwork
    from quarterhour.settings import Study
    from quarterhour.study import StudyResult

    Progress = Callable[[str, int, int], None]

OUTPUTS = ("map.html", "results.gpkg", "summary.json", "manifest.json")


def attribution(study: Study, network: RoadNetwork) -> list[str]:
    """The study's own lines and the credit of its roads, unless the study words that itself."""
    lines = list(study.study.attribution)
    roads = network.credit if study.roads.attribution is None else study.roads.attribution
    if roads and roads not in lines:
        lines.append(roads)
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
        for left in out.glob(".writing-*"):  # of a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        for name in OUTPUTS:
            if (out / name).is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")
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
                    attribution=attribution(ready.study, ready.ground.network),
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
            # without a manifest the folder does not claim to be one run's; it comes last
            (out / "manifest.json").unlink(missing_ok=True)
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
