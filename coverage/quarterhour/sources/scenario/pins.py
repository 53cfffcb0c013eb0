"""The file that the page writes when somebody has tried changes out: pins, closures and links.

It is GeoJSON, so that it can be looked at in QGIS. Each feature says by `quarterhour` what it is:

    facility        a new facility; `moved_name`, `moved_lon`, `moved_lat` name the one that it was
    close_facility  an existing facility, by its `name` and place, is closed
    cut             a street is closed at a point
    link            a new street between two points

Positions on the streets (`edge` and millimetres) count where `network` is the study's; else, and
where a point was moved by hand, the point is linked as any other.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Exact, Facilities, SetAside
from quarterhour.sources.files.sheets import decoded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_BYTES = 5_000_000
KINDS = ("facility", "close_facility", "cut", "link")
LONGEST_MM = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One feature: `row` counted from 1; `lon`, `lat` of each of its points.

    `spots`: edge and millimetres from its tail of each point, edge -1 where it is not told.
    `moved`: name and place of the facility that it was.
    """

    row: int
    kind: str
    name: str
    service: str
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    spots: tuple[tuple[int, int], ...]
    access_mm: int = 0
    length_mm: int = -1
    moved: tuple[str, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What a page changed.

    `network`: key of its network. `terms`: whether it also had another speed or other minutes,
    which a scenario does not take.
    """

    file: str
    network: str
    pins: tuple[Pin, ...]
    set_aside: tuple[SetAside, ...]
    terms: bool

    def of(self, kind: str, service: str | None = None) -> list[Pin]:
        """Those of a kind, for a service or for all; one that names none is for every service."""
        return [
            p
            for p in self.pins
            if p.kind == kind and (service is None or p.service in {"", service})
        ]


def read_pins(path: Path, services: Sequence[str]) -> Pins:
    """What the page wrote; features that cannot be used are set aside.

    `services`: the study's; a feature for another one is set aside.

    Raises
    ------
    InputError
        The file is not of the page, or nothing in it can be used.
    """
    needed = "needed is the GeoJSON file that the map writes (试一试, What if)"
    if not path.is_file():
        raise InputError(f"{path}: file not found; {needed}")
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise InputError(f"{path}: is larger than 5 MB; {needed}")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {needed}") from error
    try:
        found = json.loads(_decoded(data))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is no JSON; {needed}") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list):
        raise InputError(f"{path}: is no GeoJSON FeatureCollection; {needed}")
    about = found.get("quarterhour")
    about = about if isinstance(about, dict) else {}
    pins: list[Pin] = []
    aside: list[SetAside] = []
    for row, feature in enumerate(features, 1):
        try:
            pins.append(_pin(row, feature, services))
        except _BadFeatureError as bad:
            aside.append(
                SetAside(
                    layer="facilities", file=path.name, sheet="", row=row, name=bad.name,
                    reason="bad_pin", detail=str(bad),
                )
            )  # fmt: skip
    if not pins:
        raise InputError(f"{path}: {_nothing(aside)}; {needed} with at least one change")
    return Pins(
        file=path.name,
        network=_text(about.get("network")),
        pins=tuple(pins),
        set_aside=tuple(aside),
        terms=bool(about.get("terms")),
    )


def _decoded(data: bytes) -> str:
    """The text of JSON in UTF-8, UTF-16, UTF-32 or GB18030 (GBK); raises ValueError."""
    if b"\0" in data:
        return data.decode(json.detect_encoding(data))
    found = decoded(data)
    if found is None:
        raise ValueError("neither UTF-8 nor GB18030")
    return found[0]


def _nothing(aside: Sequence[SetAside]) -> str:
    """What was found in a file without anything that can be used."""
    if not aside:
        return "holds no change at all"
    first, n = aside[0], len(aside)
    named = f" {first.name!r}" if first.name else ""
    if n == 1:
        return f"its only feature{named} cannot be used: {first.detail}"
    return f"none of its {n:,} features can be used (the first{named}: {first.detail})"


class _BadFeatureError(Exception):
    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


def _text(value: object) -> str:
    return value.strip()[:200] if isinstance(value, str) else ""


def _whole(value: object, most: int) -> int:
    """A whole number from 0 to `most`, -1 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return -1
    if not math.isfinite(value):
        return -1
    return int(value) if value == math.floor(value) and 0 <= value <= most else -1


def _point(value: object) -> tuple[float, float]:
    """Longitude and latitude."""
    numbers = value[:2] if isinstance(value, list) and len(value) >= 2 else []
    good = len(numbers) == 2 and all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in numbers
    )
    if not good or abs(numbers[0]) > 180 or abs(numbers[1]) > 90:
        raise _BadFeatureError("has no longitude and latitude")
    return float(numbers[0]), float(numbers[1])


def _pin(row: int, feature: object, services: Sequence[str]) -> Pin:
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        raise _BadFeatureError("is no feature with a geometry")
    given = feature.get("properties")
    told: dict[str, Any] = given if isinstance(given, dict) else {}
    name = _text(told.get("name"))
    kind = told.get("quarterhour", "facility")
    if kind not in KINDS:
        raise _BadFeatureError(f"quarterhour is {kind!r}; known are {', '.join(KINDS)}", name)
    service = _text(told.get("service"))
    if service and service not in services:
        raise _BadFeatureError(
            f"is for the service {service!r}; the study has {', '.join(services)}", name
        )
    if not service and len(services) > 1 and kind in {"facility", "close_facility"}:
        raise _BadFeatureError(f"names no service; the study has {', '.join(services)}", name)
    shape, coordinates = feature["geometry"].get("type"), feature["geometry"].get("coordinates")
    wanted = "LineString" if kind == "link" else "Point"
    if shape != wanted:
        raise _BadFeatureError(f"is a {shape}; needed is a {wanted} for {kind}", name)
    points = [coordinates]
    if kind == "link":
        if not isinstance(coordinates, list) or len(coordinates) != 2:
            raise _BadFeatureError("needed are two points for a link", name)
        points = coordinates
    places = [_point(p) for p in points]
    ends = ("from_", "to_") if kind == "link" else ("",)
    spots = []
    for end in ends:
        edge = _whole(told.get(f"{end}edge"), 2**31 - 1)
        offset = _whole(told.get(f"{end}offset_mm"), LONGEST_MM)
        spots.append((edge, offset) if edge >= 0 and offset >= 0 else (-1, 0))
    moved = None
    if "moved_lon" in told:
        moved = (_text(told.get("moved_name")), *_point([told["moved_lon"], told.get("moved_lat")]))
    return Pin(
        row=row,
        kind=str(kind),
        name=name,
        service=service,
        lon=tuple(lon for lon, _ in places),
        lat=tuple(lat for _, lat in places),
        spots=tuple(spots),
        access_mm=_whole(told.get("access_mm"), LONGEST_MM),
        length_mm=_whole(told.get("length_mm"), LONGEST_MM),
        moved=moved,
    )


def facilities_of(
    pins: Pins, service: str, on: dict[int, tuple[float, float]] | None = None
) -> Facilities:
    """The new facilities of a service, in the order of the file.

    `on`: by feature, degrees of its position on the street.
    """
    some = pins.of("facility", service)
    n = len(some)
    spots = [p.spots[0] if p.access_mm >= 0 else (-1, 0) for p in some]
    known = [(on or {}).get(p.row, (math.nan, math.nan)) for p in some]
    return Facilities(
        name=tuple(p.name for p in some),
        kind=("",) * n,
        status=("",) * n,
        lon=np.array([p.lon[0] for p in some], np.float64),
        lat=np.array([p.lat[0] for p in some], np.float64),
        row=np.array([p.row for p in some], np.int64),
        serving=np.ones(n, bool),
        file=pins.file,
        exact=Exact(
            network=pins.network,
            edge=np.array([edge for edge, _ in spots], np.int64),
            offset_mm=np.array([offset for _, offset in spots], np.int64),
            access_mm=np.array([max(p.access_mm, 0) for p in some], np.int64),
            on_lon=np.array([lon for lon, _ in known], np.float64),
            on_lat=np.array([lat for _, lat in known], np.float64),
        ),
    )
