"""What went into a run: versions, options, and the hash of every input."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quarterhour._version import __version__
from quarterhour.settings import input_path
from quarterhour.sources.cache import file_sha256, network_sha256

if TYPE_CHECKING:
    from quarterhour.study import Prepared


def manifest_of(ready: Prepared) -> dict[str, Any]:
    """What went into the run: enough to repeat it and to see whether anything changed."""
    home = ready.path.parent
    study = ready.study
    named: list[tuple[str, str | None]] = [
        ("roads", study.roads.source),
        ("area", study.study.area),
        ("people", study.people.source if study.people else None),
        ("residential", study.residential.source if study.residential else None),
        ("terrain", study.terrain.source if study.terrain else None),
        ("districts", study.districts.source if study.districts else None),
        *((f"service {s.name}", s.facilities) for s in study.service),
    ]
    inputs = [{"role": "study", "file": ready.path.name, "sha256": file_sha256(ready.path)}]
    for role, source in named:
        if source is not None and not (role == "residential" and source == "osm"):
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
    libraries = ("numpy", "scipy", "numba", "shapely", "pyproj", "geopandas", "pyogrio", "osmium",
                 "rasterio", "folium")  # fmt: skip
    return {
        "quarterhour": __version__,
        "libraries": {name: importlib.metadata.version(name) for name in libraries},
        "inputs": inputs,
        "options": _portable_options(study.model_dump(mode="json")),
        "crs": ready.ground.crs.proj4,
        "output_crs": "EPSG:4326",
    }


def _portable(source: str) -> str:
    """A path as the study has it, or only the name where it is absolute."""
    is_absolute = Path(source).is_absolute() or source[1:3] in {":\\", ":/"}
    return source.replace("\\", "/").rsplit("/", 1)[-1] if is_absolute else source


def _portable_options(options: dict[str, Any]) -> dict[str, Any]:
    for part in (options["study"], options["roads"], options["people"], options["residential"],
                 options["districts"], options["terrain"], *options["service"]):  # fmt: skip
        for key in ("source", "area", "facilities"):
            if part and isinstance(part.get(key), str):
                part[key] = _portable(part[key])
    return options
