"""What went into a run: versions, options, and the hash of every input."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour._version import __version__
from quarterhour.gather.ground import OSM
from quarterhour.sources.roads.cache import file_sha256, network_sha256
from quarterhour.study_file.settings import STAND_INS, Study, input_path

if TYPE_CHECKING:
    from quarterhour.study import Prepared


def manifest_of(ready: Prepared) -> dict[str, Any]:
    """What went into the run: enough to repeat it and to see whether anything changed."""
    home = ready.path.parent
    study = ready.study
    inputs = [{"role": "study", "file": ready.path.name, "sha256": file_sha256(ready.path)}]
    for role, source in _named(study):
        if source is not None and source not in WORDS:
            inputs.append(
                {
                    "role": role,
                    "file": _portable(source),
                    "sha256": file_sha256(input_path(home, source)),
                }
            )
    if study.roads.source is None:
        told = f"place {study.roads.place}" if study.roads.place else f"bbox {study.roads.bbox}"
        inputs.append(
            {"role": "roads", "file": told, "sha256": network_sha256(ready.ground.network)}
        )
    libraries: tuple[str, ...] = (
        "numpy", "scipy", "numba", "shapely", "pyproj", "geopandas", "pyogrio", "osmium",
        "rasterio", "folium", "openpyxl", "matplotlib", "highspy",
    )  # fmt: skip
    if "geoparquet" in study.study.formats:
        libraries = (*libraries, "pyarrow")
    return {
        "quarterhour": __version__,
        "libraries": {name: importlib.metadata.version(name) for name in libraries},
        "inputs": inputs,
        "options": _portable_options(study.model_dump(mode="json")),
        "crs": ready.ground.crs.proj4,
        "output_crs": "EPSG:4326",
    }


WORDS = frozenset({OSM, "none", *STAND_INS})
"""What a study may write in the place of a file."""

FILES = frozenset({
    "source", "area", "areas", "facilities", "entrances", "barriers", "close", "open", "plans",
    "candidates",
})  # fmt: skip
"""Keys of a study that name files."""


def _named(study: Study) -> list[tuple[str, str | None]]:
    """Every file that a study names, by what it is for."""
    people, areas = study.people, study.residential
    totals = people.totals if people else None
    return [
        ("roads", study.roads.source),
        ("barriers", study.roads.barriers),
        ("area", study.study.area),
        ("people", people.source if people else None),
        ("totals", totals.source if totals else None),
        ("totals areas", totals.areas if totals else None),
        ("residential", areas.source if areas else None),
        ("residential entrances", areas.entrances if areas else None),
        ("terrain", study.terrain.source if study.terrain else None),
        ("towns", study.towns.source if study.towns else None),
        ("districts", study.districts.source if study.districts else None),
        *((f"service {s.name}", s.facilities) for s in study.service),
        *((f"service {s.name} entrances", s.entrances) for s in study.service),
        ("urban", study.urban.source if study.urban else None),
        *((f"units {u.level}", u.source) for u in study.units),
        *(("targets", name.partition("#")[0]) for name in study.targets.facilities),
        *(("plan", name) for name in study.targets.plans if name.lower().endswith(".toml")),
        *((f"scenario {s.name} closed", s.close) for s in study.scenario),
        *((f"scenario {s.name} opened", s.open) for s in study.scenario),
        *((f"scenario {s.name} facilities", s.facilities) for s in study.scenario),
        *((f"scenario {s.name} pins", s.pins) for s in study.scenario),
    ]


def _portable(source: str) -> str:
    """A path as the study has it, or only the name where it is absolute."""
    is_absolute = Path(source).is_absolute() or source[1:3] in {":\\", ":/"}
    return source.replace("\\", "/").rsplit("/", 1)[-1] if is_absolute else source


def _portable_options(options: dict[str, Any]) -> dict[str, Any]:
    for key, value in options.items():
        if isinstance(value, dict):
            _portable_options(value)
        elif isinstance(value, list):
            if key in FILES:
                options[key] = [_portable(part) for part in value]
            for part in value:
                if isinstance(part, dict):
                    _portable_options(part)
        elif key in FILES and isinstance(value, str):
            options[key] = _portable(value)
    return options
