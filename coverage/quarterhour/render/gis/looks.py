"""What the services of a study look like, read from the layers of its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.render.map.kinds import ServiceLook, looks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Layer = tuple[NDArray[Any], str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the services of a study look: colour, sign and kinds by name, and their cutoffs."""

    services: Mapping[str, ServiceLook]
    cutoffs_min: Mapping[str, tuple[float, ...]]


def look_of(layers: Mapping[str, Layer]) -> Look:
    """The looks of the services in the layers, those of the map of the same study."""
    areas = layers.get("service_areas", (None, "", {}))[2]
    found = layers.get("facilities", (None, "", {}))[2]
    names = different(areas.get("service", found.get("service", ())))
    told: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    if "kind_zh" in found:
        rows = zip(
            found["service"], found["kind_zh"], found["kind_en"], found["status"], strict=True
        )
        for service, zh, en, status in rows:
            if status != "outside":  # nor does the map show these
                told.setdefault(service, []).append((zh, en))
    looks = looks_of(list(told.items()))
    return Look(
        services=dict(zip(told, looks, strict=True)),
        cutoffs_min={name: _cutoffs(areas, name) for name in told},
    )


def different(values: Iterable[Any]) -> list[Any]:
    """Each value once, in the order of its first row."""
    return list(dict.fromkeys(values))


def _cutoffs(areas: Mapping[str, Any], service: str) -> tuple[float, ...]:
    if "cutoff_min" not in areas:
        return ()
    own = np.asarray(areas["service"], object) == service
    return tuple(sorted(set(np.asarray(areas["cutoff_min"], float)[own].tolist())))
