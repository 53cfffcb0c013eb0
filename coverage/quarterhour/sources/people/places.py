"""Places with people or with weights, before they become demand, and the arithmetic on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from quarterhour import units
from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Change, DatumFit, Demand, Note, Reading, SetAside
from quarterhour.model import _Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

MOST_AT_A_PLACE = 1e9
"""More than this is not a number of people: an undeclared no-data value, or a wrong column."""

AT_PLACES = Note("处", "places")

MOST_PEOPLE = 1e11


PEOPLE = Note("原有人口", "the people of the source")
"""What totals are spread by where the source counts people itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places(_Frozen):
    """Positions of a source with what it says about them.

    `people`: float persons by group, empty for a source that only carries weights. `weight`: what
    totals are spread by, in any unit; `weighed`: what that is, in Chinese and English. `row`, `x`,
    `y`, `coordinates`: as in `Demand`.
    """

    lon: FloatArray
    lat: FloatArray
    row: NDArray[np.int64]
    people: dict[str, FloatArray] = field(default_factory=dict)
    weight: FloatArray | None = None
    weighed: Note = PEOPLE
    names: tuple[str, ...] = ()
    file: str = ""
    sheet: str = ""
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[Note, ...] = ()
    changes: tuple[Change, ...] = ()
    readings: tuple[Reading, ...] = ()
    coordinates: str = "wgs84"
    x: FloatArray | None = None
    y: FloatArray | None = None
    fit: DatumFit | None = None

    def __len__(self) -> int:
        return len(self.lon)


def demand_of(
    places: Places,
    amounts: dict[str, NDArray[np.int64]],
    *,
    notes: tuple[Note, ...] = (),
    keep: NDArray[np.int64] | None = None,
) -> Demand:
    """The places with `amounts` in millionths; `keep`: indexes of those that are used."""
    at = np.arange(len(places)) if keep is None else keep
    return Demand(
        kind="people",
        lon=places.lon[at],
        lat=places.lat[at],
        amounts={group: micro[at] for group, micro in amounts.items()},
        row=places.row[at],
        names=tuple(places.names[k] for k in at.tolist()) if places.names else (),
        file=places.file,
        sheet=places.sheet,
        set_aside=places.set_aside,
        notes=places.notes + notes,
        coordinates=places.coordinates,
        x=None if places.x is None else places.x[at],
        y=None if places.y is None else places.y[at],
        changes=places.changes,
        readings=places.readings,
        fit=places.fit,
    )


def amounts_of(
    people: Mapping[str, FloatArray],
    groups: Mapping[str, float | str],
    where: str | Path,
    grain: int = 1,
) -> dict[str, NDArray[np.int64]]:
    """Millionths of a person by group, `EVERYONE` first; shares are apportioned over the places.

    All are multiples of `grain`.

    Raises
    ------
    InputError
        More people than there are.
    """
    for values in people.values():
        if values.sum() > MOST_PEOPLE:
            raise InputError(
                f"{where}: holds {values.sum():.3g} people, more than there are; check the column"
                " or band of the people"
            )
    amounts = {EVERYONE: units.micro_people(people[EVERYONE], grain)}
    total = int(amounts[EVERYONE].sum())
    for name, value in groups.items():
        if isinstance(value, str):
            amounts[name] = units.micro_people(people[name], grain)
        else:
            whole = units.share_of(total, value, grain)
            amounts[name] = units.apportion(amounts[EVERYONE], whole, grain)
    return amounts


def larger_groups(
    file: str, people: Mapping[str, FloatArray], rows: Note = AT_PLACES
) -> tuple[Note, ...]:
    """A note for every group that somewhere has more people than there are; `rows`: in what."""
    notes = []
    for group, values in people.items():
        more = int((values > people[EVERYONE]).sum())
        if more:
            notes.append(
                Note(
                    f"{file}：{more} {rows.zh}的 {group} 多于总人口，请检查这两列",
                    f"{file}: {more} {rows.en} have more {group} than people: check the columns",
                )
            )
    return tuple(notes)
