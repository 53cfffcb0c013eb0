"""What a study reads: facilities, demand and areas in WGS-84, with every row that was set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Change:
    """Something that was read otherwise than it is written, so that it can be checked and undone.

    `layer`, `file`, `sheet`, `row`, `name`: as in `SetAside`; `row` is None where the whole file is
    meant. `kind`: a short key, such as swapped, dms, one_cell, datum, merged, placed_by_town.
    `detail`: what was found and what was made of it, in Chinese and English.
    """

    layer: str
    file: str
    sheet: str
    row: int | None
    name: str
    kind: str
    detail: Note

    def line(self) -> str:
        """One line for a terminal, in English."""
        sheet = f" sheet {self.sheet}" if self.sheet else ""
        row = f" row {self.row}" if self.row is not None else ""
        name = f" {self.name!r}" if self.name else ""
        return f"{self.file}{sheet}{row}{name}: {self.detail.en}"


class ColumnUse(NamedTuple):
    """What a column was taken to be.

    `meaning`: a key of `sources.rows.columns`, or a people group; "" where the column is not used.
    `how`: named (in the study), recognised (by its heading), guessed (by its content) or unused.
    `example`: the text of its first filled cell.
    """

    heading: str
    meaning: str
    how: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one file was understood.

    `layer`: facilities, people, totals, residential, districts, towns, entrances or roads. `form`:
    workbook, text in an encoding, or the kind of GIS file. `header_row`: counted from 1, None where
    there is none. `rows`: rows of data that were found. `coordinates`: the system they are taken to
    be in; "" for a table without. `sheets`: all sheets or layers of the file.
    """

    layer: str
    file: str
    sheet: str = ""
    form: str = ""
    header_row: int | None = None
    rows: int = 0
    coordinates: str = ""
    columns: tuple[ColumnUse, ...] = ()
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatumFit:
    """How well points lie on the roads in each coordinate system that they may be in.

    `stated`: the system of the study, or auto. `used`: the one that was taken. `verdict`: fits,
    other (another one fits clearly better than the stated one) or undecided. `median_m`: median
    metres from the points to the nearest road, by system. `n_points`: points that were looked at.
    `best`: the system that fits best. `sure`: probability that `best` is right among those looked
    at. `parts`: fits of parts of the rows (what the part is, its fit) where they disagree.
    """

    stated: str
    used: str
    verdict: str
    median_m: dict[str, float]
    n_points: int
    best: str
    sure: float
    note: Note | None = None
    parts: tuple[tuple[str, DatumFit], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrances(_Frozen):
    """Gates of facilities or of areas in WGS-84; `owner`: int64 row of what they belong to."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    owner: NDArray[np.int64]
    name: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.lon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact(_Frozen):
    """Positions on the streets that are known to the millimetre, one per row of facilities.

    `network`: key of the network that they are on (`core.identity`). `edge` (-1 for a row without),
    `offset_mm`, `access_mm`: int64. `on_lon`, `on_lat`: degrees of the position on the street, by
    which it is found again on a network whose streets were cut; NaN where it is not known.
    """

    network: str
    edge: NDArray[np.int64]
    offset_mm: NDArray[np.int64]
    access_mm: NDArray[np.int64]
    on_lon: NDArray[np.float64]
    on_lat: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facilities(_Frozen):
    """Facility rows that have a position.

    `serving`: bool, False for rows that the service's `status` filter leaves out (they are drawn as
    planned). `row`: int64 as in `SetAside`. `other_kinds`: rows left out by the `kinds` filter.
    `x`, `y`: the coordinates as they are written, in the system `coordinates`, east and north; None
    where they are not the source of lon and lat. `attributes`: further columns by meaning (beds,
    places, town ...), one value per row: float (NaN for none) or text. `kind_keys`: what each row's
    kind was recognised as, see `sources.facilities.kinds`. `approximate`: bool, stands somewhere in
    its town for want of coordinates; None for no row. `entrances`: gates of some rows; the others
    stand at their own position. `exact`: where rows are on the streets, where that is known
    beforehand.
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
    coordinates: str = "wgs84"
    x: NDArray[np.float64] | None = None
    y: NDArray[np.float64] | None = None
    attributes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    kind_keys: tuple[tuple[str, ...], ...] = ()
    approximate: NDArray[np.bool_] | None = None
    entrances: Entrances | None = None
    exact: Exact | None = None
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None
    gates_reading: Reading | None = None
    fit: DatumFit | None = None

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(_Frozen):
    """Places with the demand at them.

    `kind`: people, residential_land (hectares), buildings (number) or street_metres. `x`, `y`,
    `coordinates`: as in `Facilities`.
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
    coordinates: str = "wgs84"
    x: NDArray[np.float64] | None = None
    y: NDArray[np.float64] | None = None
    changes: tuple[Change, ...] = ()
    readings: tuple[Reading, ...] = ()
    fit: DatumFit | None = None

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
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSet(_Frozen):
    """Units that results and targets are counted by: counties, towns, communities, estates ...

    `level`: county, town, community, village, new_residential, old_residential or a word of the
    study. `geometry`: polygons or points (longitude, latitude), None for a row without a position.
    `county`, `kind`: text, "" where not known; `kind` of a town is street (街道), town (镇) or
    township (乡). `attributes`: as in `Facilities`. `row`: int64 as in `SetAside`.
    """

    level: str
    name: tuple[str, ...]
    county: tuple[str, ...]
    kind: tuple[str, ...]
    geometry: NDArray[Any]
    row: NDArray[np.int64]
    attributes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    file: str = ""
    sheet: str = ""
    set_aside: tuple[SetAside, ...] = ()
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None

    def __len__(self) -> int:
        return len(self.name)


class PlaceName(NamedTuple):
    """A name to write on a map; `kind`: town, village or street."""

    name: str
    lon: float
    lat: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery(_Frozen):
    """Backdrop of a map (longitude, latitude): `water` and `green` areas, `stream` lines, `names`.

    `names`: of towns, villages and main streets, the more important first.
    """

    water: NDArray[Any]
    green: NDArray[Any]
    stream: NDArray[Any]
    names: tuple[PlaceName, ...] = ()
