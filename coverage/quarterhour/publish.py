"""The files of a finished study, written beside their place and moved there whole."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from quarterhour import results
from quarterhour.briefing.shown import map_data
from quarterhour.briefing.states import Looking
from quarterhour.briefing.views import tallies_of, views_of
from quarterhour.errors import QuarterhourError
from quarterhour.inputs import Note
from quarterhour.manifest import manifest_of
from quarterhour.render.gis.exchange import SUFFIXES, write_formats
from quarterhour.render.gis.project import aim_project
from quarterhour.render.summary import to_json
from quarterhour.scenarios.scenario import layer_of
from quarterhour.sources.roads.cache import file_sha256
from quarterhour.whatif.choice import model_of, with_people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from quarterhour.answers.gaps import Gaps
    from quarterhour.gather.laying import Laid
    from quarterhour.model import RoadNetwork
    from quarterhour.render.map.layers import MapData
    from quarterhour.render.map.views import View
    from quarterhour.study import StudyResult
    from quarterhour.study_file.settings import Study
    from quarterhour.tabular import Table

    Progress = Callable[[str, int, int], None]

OUTPUTS = (
    "map.html",
    "results.gpkg",
    "summary.json",
    "report.xlsx",
    "report.html",
    "manifest.json",
)

FOLDERS = {"figures": ".png", **SUFFIXES}
"""Folders of a run's further files, with the end of their names."""

MOST_NAMES = 99
"""Other names that are tried for a file that cannot be replaced."""


def attribution(study: Study, network: RoadNetwork) -> list[str]:
    """The study's own lines and the credit of its roads, unless the study words that itself."""
    lines = list(study.study.attribution)
    roads = network.credit if study.roads.attribution is None else study.roads.attribution
    if roads and roads not in lines:
        lines.append(roads)
    return lines


def key_of(manifest: dict[str, Any]) -> str:
    """A short name for what a run was made of: the same for the same inputs."""
    return hashlib.sha256(to_json(manifest).encode()).hexdigest()[:12]


def map_of(result: StudyResult, key: str, *, language: str = "") -> MapData:
    """What the map of a finished study shows; `language`: another than the study's own."""
    ready = result.prepared
    study = ready.study.study
    gaps = [one.gaps for one in result.answers.services] if result.answers else []
    looking = with_people(looking_of(ready.laid, gaps), study, result.assessments)
    return map_data(
        result.assessments,
        title=study.name,
        language=language or study.language,
        districts=ready.districts,
        scenery=ready.scenery,
        data_date=study.data_date,
        attribution=attribution(ready.study, ready.ground.network),
        notes=ready.notes,
        synthetic=study.synthetic,
        tiles=study.tiles,
        tiles_attribution=study.tiles_attribution,
        study_key=key,
        scenarios=result.scenarios,
        looking=looking,
        views=_views(result, looking),
        targets=tallies_of(result.answers.targets if result.answers else None),
        public=study.public,
        approval_no=study.approval_no,
        made_by=study.made_by,
        boundaries=study.boundaries,
        what_if=model_of(ready.study, result.assessments, looking),
    )


def looking_of(laid: Laid, gaps: Sequence[Gaps]) -> Looking:
    """How a study looks at its services in other states; `gaps`: those of today."""
    part, terrain = laid.inputs.study.residential, laid.inputs.study.terrain
    return Looking(
        gaps=tuple(gaps),
        gates=laid.gates,
        residential_by=part.by if part else "positions",
        road_extent=laid.road_extent,
        edge=True,
        slope_rule=terrain.rule if terrain else "none",
    )


def _views(result: StudyResult, looking: Looking) -> tuple[View, ...]:
    """Other years and other walkers."""
    if result.answers is None:
        return ()
    lines = [one.timeline for one in result.answers.services]
    return views_of(result.assessments, lines, looking=looking)


def write_outputs(result: StudyResult, out: Path, progress: Progress | None) -> tuple[Path, ...]:
    """Write everything beside its place, then move it there, so that no half file is ever seen.

    Returns the files in the order of `OUTPUTS`, under the names that they really have: a file that
    another program holds open gets another name, see `placed` and `renamed`.

    Raises
    ------
    QuarterhourError
        The folder cannot be written, or one of the names is a folder there.
    """
    from pyogrio.errors import (  # noqa: PLC0415 - heavy
        DataLayerError,
        DataSourceError,
        FeatureError,
    )

    from quarterhour.render.gis.geopackage import write_geopackage  # noqa: PLC0415 - heavy
    from quarterhour.render.map.html import write_map  # noqa: PLC0415 - heavy
    from quarterhour.report import FIGURES, document_of, write_report  # noqa: PLC0415 - heavy

    ready = result.prepared
    steps = Steps(progress, 5)
    manifest = manifest_of(ready)
    key = key_of(manifest)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for left in out.glob(".writing-*"):  # of a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        _require_free(out, OUTPUTS, FIGURES)
        with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
            temporary = Path(folder)
            steps("map")
            write_map(temporary / "map.html", map_of(result, key))
            steps("geopackage")
            layers = results.layers_of(result.assessments)
            changed = layer_of(result.scenarios)
            tables: list[Table] = []
            if result.answers is not None:
                layers |= result.answers.layers(layers)
                tables = result.answers.tables()
            if changed is not None:
                at = shapely.points(changed.pop("lon"), changed.pop("lat"))
                layers["scenario_changes"] = (at, "Point", changed)
            write_geopackage(temporary / "results.gpkg", layers, project=ready.study.study.name)
            more = write_formats(temporary, layers, ready.study.study.formats)
            steps("summary")
            (temporary / "summary.json").write_text(
                to_json(result.summary), encoding="utf-8", newline="\n"
            )
            steps("report")
            report = document_of(
                result.assessments,
                result.summary,
                tables,
                notes=(*ready.notes, *ready.ground.notes),
                study_key=key,
            )
            made = write_report(temporary, report)
            more[FIGURES] = [path for path in made if path.parent.name == FIGURES]
            require_free_in(out, more)
            steps("move")
            # without a manifest the folder does not claim to be one run's; it comes last
            old, kept = _numbered(out), files_in_folders(out)
            with contextlib.suppress(PermissionError):  # open elsewhere: the new one is numbered
                (out / "manifest.json").unlink(missing_ok=True)
            files, hashes = [], {}
            for name in OUTPUTS[:-1]:
                digest = file_sha256(temporary / name)
                files.append(place := placed(temporary / name, out / name))
                # under another name its project names other layers
                hashes[place.name] = digest if place.name == name else file_sha256(place)
            hashes |= place_in_folders(out, more, kept)
            for side in ("-wal", "-shm", "-journal"):  # of an older results.gpkg that was open
                Path(f"{files[1]}{side}").unlink(missing_ok=True)
            manifest["outputs"] = hashes
            (temporary / "manifest.json").write_text(
                to_json(manifest), encoding="utf-8", newline="\n"
            )
            files.append(placed(temporary / "manifest.json", out / "manifest.json"))
            for path in old.difference(files):  # of a run that found a file open
                with contextlib.suppress(OSError):
                    path.unlink()
    except (OSError, sqlite3.Error, DataSourceError, DataLayerError, FeatureError) as error:
        why = getattr(error, "strerror", None) or error
        raise QuarterhourError(
            f"{out}: the results cannot be written ({why}); choose another folder with --out, or"
            " close the program that has a file in it open"
        ) from error
    return (*files, *(out / name for name in SUFFIXES if name in more))


def require_free_in(out: Path, made: Mapping[str, Sequence[Path]]) -> None:
    """Raise `OSError` where files cannot be put into their folders, by folder."""
    for folder, paths in made.items():
        _require_free(out, [f"{folder}/{path.name}" for path in paths], folder)


def _require_free(out: Path, names: Iterable[str], folder: str) -> None:
    """Raise `OSError` where a name that is to be a file is a folder, or the folder is a file."""
    if (out / folder).exists() and not (out / folder).is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"{folder} is a file there")
    for name in names:
        if (out / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")


def place_in_folders(
    out: Path, made: Mapping[str, Sequence[Path]], earlier: Mapping[str, Sequence[Path]]
) -> dict[str, str]:
    """Put files into their folders of `FOLDERS`; their hashes by folder and name.

    What is in `earlier` (see `files_in_folders`) and not made again is removed, and so is a folder
    that is then empty.
    """
    hashes = {}
    for name in FOLDERS:
        folder, files = out / name, made.get(name, ())
        names = {path.name for path in files}
        for old in earlier.get(name, ()):
            if old.name not in names:
                with contextlib.suppress(OSError):
                    old.unlink()
        if earlier.get(name) and not files:
            with contextlib.suppress(OSError):  # the user's own files stay, and so their folder
                folder.rmdir()
        for path in files:
            folder.mkdir(exist_ok=True)
            digest = file_sha256(path)
            hashes[f"{name}/{placed(path, folder / path.name).name}"] = digest
    return hashes


def placed(source: Path, target: Path) -> Path:
    """Move `source` to `target`, or beside it where a program holds `target` open; its new place.

    On Windows a file that is open in Excel, QGIS or the like cannot be replaced: map.html then
    becomes map-2.html, or the first higher number that is free or can be replaced. The project in
    a GeoPackage then shows the layers of that very file.

    Raises
    ------
    OSError
        Neither can be written.
    """
    refused: PermissionError | None = None
    for number in range(1, MOST_NAMES + 1):
        path = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        try:
            source.replace(path)
        except PermissionError as error:
            refused = refused or error
            continue
        if number > 1 and path.suffix == ".gpkg":
            aim_project(path)
        return path
    raise refused or FileExistsError(errno.EEXIST, f"{target.name} cannot be replaced")


def renamed(written: Iterable[Path]) -> tuple[Note, ...]:
    """A sentence for each file that got another name because its own could not be replaced."""
    notes = []
    for path, name in zip(written, OUTPUTS, strict=False):
        if path.name != name:
            zh = f"{name} 正被其他程序打开，无法替换；本次结果写在 {path.name}，{name} 仍是以前的"
            en = f"{name} is open in another program; this run is in {path.name}, {name} is older"
            notes.append(Note(zh, en))
    return tuple(notes)


def _numbered(out: Path) -> set[Path]:
    """Files that earlier runs wrote under a number, by their own manifests."""
    found = {p for p in out.glob("manifest-*.json") if re.fullmatch(r"manifest-\d+\.json", p.name)}
    pattern = r"(map|results|summary|report)-\d+\.(html|gpkg|json|xlsx)"
    return found | {out / name for name in _listed(out) if re.fullmatch(pattern, name)}


def files_in_folders(out: Path) -> dict[str, list[Path]]:
    """Files of earlier runs in `FOLDERS`, by their own manifests: others there are the user's."""
    listed = _listed(out)
    return {
        folder: sorted(
            {out / n for n in listed if re.fullmatch(rf"{folder}/[^/\\]+{re.escape(suffix)}", n)}
        )
        for folder, suffix in FOLDERS.items()
    }


def _listed(out: Path) -> list[str]:
    """What the manifests in a folder say was written there."""
    found: list[str] = []
    for path in (out / "manifest.json", *out.glob("manifest-*.json")):
        try:
            found += [str(name) for name in json.loads(path.read_bytes())["outputs"]]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):  # not one of a run
            continue
    return found


class Steps:
    """Counts the stages of a task for a progress display."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, what: str) -> None:
        """Say that the next stage begins."""
        if self.progress is not None:
            self.progress(what, self.done, self.total)
        self.done += 1
