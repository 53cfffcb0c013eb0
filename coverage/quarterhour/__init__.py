"""Quarterhour 一刻钟: who can and who cannot walk to care within fifteen minutes.

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quarterhour._version import __version__ as __version__
    from quarterhour.assessing.analysis import assess as assess
    from quarterhour.briefing.shown import write_map as write_map
    from quarterhour.errors import InputError as InputError
    from quarterhour.errors import LinkError as LinkError
    from quarterhour.errors import MissingDependencyError as MissingDependencyError
    from quarterhour.errors import OfflineError as OfflineError
    from quarterhour.errors import QuarterhourError as QuarterhourError
    from quarterhour.errors import QuarterhourWarning as QuarterhourWarning
    from quarterhour.siting.matrix import site_matrix as site_matrix
    from quarterhour.siting.run import run_site as run_site
    from quarterhour.siting.site import site as site
    from quarterhour.sources.facilities.candidates import read_candidates as read_candidates
    from quarterhour.sources.facilities.read import read_facilities as read_facilities
    from quarterhour.sources.people.read import read_people as read_people
    from quarterhour.sources.roads.read import read_roads as read_roads
    from quarterhour.sources.units.areas import read_areas as read_areas
    from quarterhour.sources.units.areas import read_boundary as read_boundary
    from quarterhour.sources.units.areas import read_osm_areas as read_osm_areas
    from quarterhour.study import run_study as run_study
    from quarterhour.walkers import WALKERS as WALKERS
    from quarterhour.walkers import walker as walker

_HOME = {
    "__version__": "_version",
    "assess": "assessing.analysis",
    "write_map": "briefing.shown",
    "InputError": "errors",
    "LinkError": "errors",
    "MissingDependencyError": "errors",
    "OfflineError": "errors",
    "QuarterhourError": "errors",
    "QuarterhourWarning": "errors",
    "read_areas": "sources.units.areas",
    "read_boundary": "sources.units.areas",
    "read_osm_areas": "sources.units.areas",
    "read_facilities": "sources.facilities.read",
    "read_people": "sources.people.read",
    "read_roads": "sources.roads.read",
    "read_candidates": "sources.facilities.candidates",
    "run_site": "siting.run",
    "run_study": "study",
    "site": "siting.site",
    "site_matrix": "siting.matrix",
    "WALKERS": "walkers",
    "walker": "walkers",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - a list all the same

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _HOME:
        raise AttributeError(f"module 'quarterhour' has no attribute {name!r}")
    return getattr(importlib.import_module(f"quarterhour.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__]
