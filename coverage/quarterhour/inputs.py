"""What a study reads: facilities, demand and areas in WGS-84, with every row that was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from quarterhour.model import _Frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EVERYONE = "all"
"""The group that holds every unit of demand."""


class Note(NamedTuple):
    """Something about a result that should be known, in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A row that is not used, and why.

    `layer`: facilities, people or residential. `row`: as the user sees it: the row of a sheet or
    text file counted from 1, the feature of a GIS layer counted from 1, None for a raster cell.
    `reason`: a short key; `detail`: the sentence.
    """

    layer: str
    file: str
    sheet: str
    row: int | None
    name: str
    reason: str
    detail: str

    def line(self) -> str:
        """One line for a terminal."""
        sheet = f" sheet {self.sheet}" if self.sheet else ""
        row = f" row {self.row}" if self.row is not None else ""
        name = f" {self.name!r}" if self.name else ""
        return f"{self.file}{sheet}{row}{name}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities(_Frozen):
    """Facility rows that have a position.

    `serving`: bool, False for rows that the service's `status` filter leaves out (they are drawn as
    planned). `row`: int64 as in `SetAside`. `other_kinds`: rows left out by the `kinds` filter.
    """

    name: tuple[str, ...]
    kind: tuple[str, ...]
    status: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    row: NDArray[np.int64]
    serving: NDArray[np.bool_]
    file: str = ""
    sheet: str = ""
    other_kinds: int = 0
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(_Frozen):
    """Places with the demand at them.

    `kind`: people, residential_land (hectares), buildings (number) or street_metres.
    `amounts`: int64 millionths of a unit by group, `EVERYONE` first. `row`: int64 as in `SetAside`,
    -1 for raster cells and positions. `names`: empty, or one per place.
    """

    kind: str
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    amounts: dict[str, NDArray[np.int64]]
    row: NDArray[np.int64]
    names: tuple[str, ...] = ()
    file: str = ""
    sheet: str = ""
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.lon)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaSet(_Frozen):
    """Named areas (longitude, latitude): residential areas or districts.

    `kind`: as in the source; `row`: int64 as in `SetAside`.
    """

    geometry: NDArray[Any]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    row: NDArray[np.int64]
    file: str = ""
    set_aside: tuple[SetAside, ...] = ()

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery(_Frozen):
    """Backdrop of a map (longitude, latitude): `water` and `green` areas, `stream` lines."""

    water: NDArray[Any]
    green: NDArray[Any]
    stream: NDArray[Any]
