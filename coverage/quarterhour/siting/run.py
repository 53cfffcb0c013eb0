"""`quarterhour site`: a study's [site] answered, and its files."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import publish, results
from quarterhour.assessing.glance import of_answer
from quarterhour.briefing.shown import map_data
from quarterhour.errors import InputError, QuarterhourError
from quarterhour.manifest import manifest_of
from quarterhour.render.gis.exchange import SUFFIXES, write_formats
from quarterhour.render.summary import to_json
from quarterhour.siting.answered import Answered, answered
from quarterhour.siting.areas import all_reasons, areas_of
from quarterhour.siting.before import as_it_is
from quarterhour.siting.candidates import GENERATED
from quarterhour.siting.closing import (
    CLOSE,
    CLOSING,
    check_closing,
    close_with,
)
from quarterhour.siting.for_targets import targets_with
from quarterhour.siting.more import check_more, with_total
from quarterhour.siting.on_map import drawn_of, looking_at
from quarterhour.siting.result import SiteResult
from quarterhour.siting.shared import check_shared, shared_with
from quarterhour.siting.site import candidates_for, proposed, site_with
from quarterhour.siting.solve import Towns
from quarterhour.siting.why import refused
from quarterhour.sources.facilities.candidates import Candidates, for_services, read_candidates
from quarterhour.sources.roads.cache import file_sha256
from quarterhour.sources.units.towns import town_of
from quarterhour.study import prepare_study
from quarterhour.study_file.settings import input_path
from quarterhour.study_file.site_parts import SitePart
from quarterhour.whatif.choice import model_of, with_people

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.siting.answered import Result
    from quarterhour.study import Prepared
    from quarterhour.study_file.settings import Study

    Steps = Callable[[str, int, int], None]
    Found = Callable[[float, float], None]

OUTPUTS = (
    "map.html", "results.gpkg", "report.xlsx", "report.html", "sites.csv", "sites.geojson",
    "summary.json", "manifest.json",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRun:
    """A finished siting run: the study as it was read, the answer, and the files written."""

    prepared: Prepared
    part: SitePart
    result: Result
    answered: Answered
    summary: dict[str, Any]
    written: tuple[Path, ...] = ()

    def _repr_html_(self) -> str:
        """The answer as notebooks show a value."""
        if isinstance(self.result, SiteResult):
            return self.result._repr_html_()
        name = self.prepared.study.study.name
        return of_answer(name, self.answered.answers, self.answered.shown)


def run_site(
    path: str | Path,
    out: str | Path | None = None,
    *,
    n_sites: int | None = None,
    budget: float | None = None,
    seconds: float | None = None,
    close: int | None = None,
    threads: int | None = None,
    store: bool = True,
    progress: Steps | None = None,
    found: Found | None = None,
) -> SiteRun:
    """Answer the [site] of a study; with `out`, write map, layers, tables and summary there.

    `n_sites`, `budget` (万元), `seconds`: instead of those of the study. `close`: instead of its
    problem, which so many existing facilities close at least loss. `found`: called with the best
    objective so far and the bound.

    Raises
    ------
    QuarterhourError
        Something in the study cannot be used, no choice meets the requirements, or `out` cannot be
        written.
    """
    if out is not None and Path(out).is_file():
        raise InputError(f"{out}: is a file; choose a folder for the results with --out")
    ready = prepare_study(path, store=store, progress=progress)
    part = _question(ready.study, n_sites, budget, seconds, close)
    services = _services(ready.study, part)
    k = services[0]
    need = ready.study.service[k].need_share
    if (part.size or part.capacity) and part.need_share is None and need:
        part = part.model_copy(update={"need_share": need})
    wanted = None if part.problem == CLOSE else _candidates(ready, part)
    # before the searches: a wrong name is told at once
    every = [as_it_is(ready.laid, j, ready.facilities[j], threads=threads) for j in services]
    given = every[0]
    language = ready.study.study.language
    result: Result
    if len(services) > 1:
        assert wanted is not None  # noqa: S101 - several services close nothing
        result = shared_with(
            part, every, wanted, language=language, threads=threads, progress=progress, found=found
        )
    elif part.problem in CLOSING:
        result = close_with(
            part, given,
            None if wanted is None else candidates_for(part, given, wanted, threads=threads),
            lambda every, rows: proposed(every, rows, language),
            threads=threads, progress=progress, found=found,
        )  # fmt: skip
    elif part.problem == "targets":
        assert wanted is not None  # noqa: S101 - read above
        result = targets_with(
            part, ready.laid, k, given, wanted, threads=threads, progress=progress, found=found
        )
    else:
        assert wanted is not None  # noqa: S101 - read above
        result = site_with(
            part, given, wanted, towns=_towns(ready, part), language=language, threads=threads,
            progress=progress, found=found,
        )  # fmt: skip
        if result.why:
            why = all_reasons(result, areas_of(ready.laid))
            raise refused(why)
    told = answered(result, language=language, areas=areas_of(ready.laid))
    run = SiteRun(
        prepared=ready, part=part, result=result, answered=told, summary=_summary(ready, told)
    )
    if out is None:
        return run
    return dataclasses.replace(run, written=write_site(run, Path(out), progress))


def _question(
    study: Study,
    n_sites: int | None,
    budget: float | None,
    seconds: float | None,
    close: int | None,
) -> SitePart:
    """[site] with what the command line says instead."""
    part: SitePart = study.site or SitePart()
    if close is not None:
        if n_sites is not None or budget is not None:
            raise InputError("--close goes without --sites and --budget; ask for one of them")
        # of the study only what a closing needs: where the service is, and what must stay
        part = SitePart(
            service=part.service, problem="close", keep=part.keep, seconds=part.seconds,
            nodes=part.nodes,
        )  # fmt: skip
        n_sites = close
    told = {"n_sites": n_sites, "budget": budget, "seconds": seconds}
    for key, value in told.items():
        if value is not None and not (np.isfinite(value) and value > 0):
            name = "close" if key == "n_sites" and close is not None else key
            raise InputError(f"{name} is {value:g}; a number above 0 is needed")
    part = with_total(part.model_copy(update={k: v for k, v in told.items() if v is not None}))
    check_more(part)
    check_closing(part)
    if part.problem not in {"everyone", "targets"} and part.n_sites is None and part.budget is None:
        raise InputError(
            f'[site] problem = "{part.problem}" needs n_sites or budget: how many sites may be'
            " built (--sites), or what they may cost in 万元 (--budget)"
        )
    return part


def _services(study: Study, part: SitePart) -> list[int]:
    """Indices of the services that are asked about."""
    names = [s.name for s in study.service]
    if part.service is None:
        if len(names) > 1:
            raise InputError(
                "[site] does not say which service gets new sites; needed is service = one of"
                f" {', '.join(names)}"
            )
        return [0]
    for name in part.service:
        if name not in names:
            raise InputError(f"[site] names the service {name!r}; the study has {', '.join(names)}")
    check_shared(part)
    return [names.index(name) for name in part.service]


def _candidates(ready: Prepared, part: SitePart) -> Candidates | str:
    if part.candidates in GENERATED:
        return part.candidates
    if not Path(part.candidates).suffix:
        raise InputError(
            f"[site] candidates is {part.candidates!r}; needed is a file such as idle.xlsx, or one"
            f" of {', '.join(GENERATED)}"
        )
    inputs = ready.laid.inputs
    try:
        found = read_candidates(
            input_path(inputs.home, part.candidates),
            sheet=part.sheet,
            layer=part.layer,
            columns=part.columns,
            coordinates=part.coordinates,
            near=inputs._near(),  # noqa: SLF001 - the same view of the roads as of all points
            resolve=inputs._resolve(),  # noqa: SLF001
        )
    except InputError as error:
        raise InputError(f"[site] candidates: {error}") from error
    return for_services(found, [one.name for one in ready.study.service])


def _towns(ready: Prepared, part: SitePart) -> Towns | None:
    """Town of every place, None where none is asked for."""
    towns = ready.laid.inputs.towns() if part.share_each_town is not None else None
    if towns is None:
        return None
    demand = ready.ground.demand
    names = tuple(town.town for town in towns.register.towns)
    return Towns(of=town_of(demand.lon, demand.lat, towns), names=names)


def _summary(ready: Prepared, told: Answered) -> dict[str, Any]:
    study = ready.study.study
    document = results.summary_of(
        told.assessments,
        study={
            "name": study.name,
            "language": study.language,
            "synthetic": study.synthetic,
            "data_date": study.data_date,
            "attribution": publish.attribution(ready.study, ready.ground.network),
        },
        set_aside=ready.set_aside + told.set_aside,
        notes=(*ready.notes, *told.answers),
        changes=(*ready.changes, *(c for one in told.candidates for c in one.at.changes)),
        fits=[
            *ready.fits, *(("candidates", one.at.file, one.at.fit) for one in told.candidates)
        ],
        spread=ready.laid.inputs.spread(),
    )  # fmt: skip
    document["site"] = told.summary
    return document


def _manifest(run: SiteRun) -> dict[str, Any]:
    """What went into the run, with the candidates and the question as it was asked."""
    manifest = manifest_of(run.prepared)
    part, home = run.part, run.prepared.path.parent
    name = part.candidates.replace("\\", "/").rsplit("/", 1)[-1]
    if part.candidates not in GENERATED:
        digest = file_sha256(input_path(home, part.candidates))
        manifest["inputs"].append({"role": "candidates", "file": name, "sha256": digest})
    manifest["options"]["site"] = part.model_dump(mode="json") | {"candidates": name}
    return manifest


def write_site(run: SiteRun, out: Path, progress: Steps | None = None) -> tuple[Path, ...]:
    """Write everything beside its place, then move it there; the files as in `OUTPUTS`.

    Raises
    ------
    QuarterhourError
        The folder cannot be written.
    """
    from pyogrio.errors import DataSourceError  # noqa: PLC0415 - heavy

    try:
        out.mkdir(parents=True, exist_ok=True)
        for left in out.glob(".writing-*"):  # of a run that was killed
            shutil.rmtree(left, ignore_errors=True)
        for name in OUTPUTS:
            if (out / name).is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")
        with tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
            temporary = Path(folder)
            manifest = _manifest(run)
            key = hashlib.sha256(to_json(manifest).encode()).hexdigest()[:12]
            if progress is not None:
                progress("map", 0, 1)
            _write_all(run, temporary, key)
            more = write_formats(temporary, layers_of(run), run.prepared.study.study.formats)
            publish.require_free_in(out, more)
            found = publish.files_in_folders(out)
            kept = {name: found[name] for name in SUFFIXES}
            (out / "manifest.json").unlink(missing_ok=True)
            hashes, files = {}, []
            for name in OUTPUTS[:-1]:
                digest = file_sha256(temporary / name)
                files.append(place := publish.placed(temporary / name, out / name))
                hashes[place.name] = digest if place.name == name else file_sha256(place)
            manifest["outputs"] = hashes | publish.place_in_folders(out, more, kept)
            _text(temporary / "manifest.json", to_json(manifest))
            files.append(publish.placed(temporary / "manifest.json", out / "manifest.json"))
    except (OSError, sqlite3.Error, DataSourceError) as error:
        why = getattr(error, "strerror", None) or error
        raise QuarterhourError(
            f"{out}: the results cannot be written ({why}); choose another folder with --out, or"
            " close the program that has a file in it open"
        ) from error
    return (*files, *(out / name for name in SUFFIXES if name in more))


def layers_of(run: SiteRun) -> dict[str, results.Layer]:
    """Layers of the GeoPackage by name: those of the answer, then those of the study."""
    return {**run.answered.layers, **results.layers_of(run.answered.assessments)}


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_all(run: SiteRun, folder: Path, key: str) -> None:
    from quarterhour.render.book.workbook import write_workbook  # noqa: PLC0415 - heavy
    from quarterhour.render.gis.geopackage import write_geopackage  # noqa: PLC0415 - heavy
    from quarterhour.render.map.html import write_map  # noqa: PLC0415 - heavy
    from quarterhour.render.report.page import Report, write_report_html  # noqa: PLC0415

    ready, told = run.prepared, run.answered
    study = ready.study.study
    title = f"{study.name}：选址" if study.language != "en" else f"{study.name}: new sites"
    credit = publish.attribution(ready.study, ready.ground.network)
    made_from = f"Quarterhour {_version()} · {key}"
    looking = looking_at(ready.laid, told.assessments)
    looking = with_people(looking, study, told.assessments)
    drawn = drawn_of(run.result, told, looking=looking, language=study.language)
    write_map(
        folder / "map.html",
        map_data(
            told.assessments,
            title=title,
            language=study.language,
            districts=ready.districts,
            scenery=ready.scenery,
            data_date=study.data_date,
            attribution=credit,
            notes=ready.notes,
            synthetic=study.synthetic,
            tiles=study.tiles,
            tiles_attribution=study.tiles_attribution,
            study_key=key,
            looking=looking,
            proposed=drawn.proposed,
            proposal=drawn.proposal,
            optimum=drawn.optimum,
            public=study.public,
            approval_no=study.approval_no,
            made_by=study.made_by,
            boundaries=study.boundaries,
            what_if=model_of(ready.study, told.assessments, looking),
        ),
    )
    write_geopackage(folder / "results.gpkg", layers_of(run), project=title)
    write_workbook(
        folder / "report.xlsx", told.tables, title=title, language=study.language,
        notes=ready.notes, generated_from=made_from, answers=told.answers,
    )  # fmt: skip
    write_report_html(
        folder / "report.html",
        Report(
            title=title, language=study.language, tables=told.tables, answers=told.answers,
            assumptions=ready.notes, sources=tuple(credit), generated_from=made_from,
            synthetic=study.synthetic,
        ),
    )  # fmt: skip
    _text(folder / "sites.csv", told.csv)
    _text(folder / "sites.geojson", told.geojson)
    _text(folder / "summary.json", to_json(run.summary))


def _version() -> str:
    from quarterhour._version import __version__  # noqa: PLC0415 - as elsewhere

    return __version__
