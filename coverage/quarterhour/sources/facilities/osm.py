"""Facilities straight from an OpenStreetMap file, by their tags."""

from __future__ import annotations

import math
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from quarterhour.errors import InputError
from quarterhour.inputs import Change, ColumnUse, Facilities, Note, Reading
from quarterhour.sources.facilities.kinds import (
    KINDS,
    kind_keys,
    matches,
    nearest_kinds,
    wanted_key,
)
from quarterhour.sources.facilities.osm_objects import Found, gates_of, none_found, read_objects
from quarterhour.sources.facilities.osm_tags import (
    TagFilter,
    address_of,
    best_filter,
    default_filters,
    kinds_of_tags,
    name_of,
    tag_filter,
)
from quarterhour.sources.files.osm_faults import osm_faults
from quarterhour.sources.files.vector import require_file
from quarterhour.sources.rows.cells import cell_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TEXTS = {
    "county": ("addr:district", "addr:county"),
    "town": ("addr:subdistrict", "addr:town"),
    "city": ("addr:city",),
    "operator": ("operator",),
    "operator_type": ("operator:type",),
}
"""Tags of further attributes, the first that is there."""

GROUPS = frozenset({"elderly_facility", "childcare_facility"})
"""Kinds that say only whom a facility serves."""


def read_osm_facilities(
    source: str | Path,
    *,
    tags: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    entrances: bool = False,
) -> Facilities:
    """Facilities of an OSM file, nodes first, then ways and relations, each by its number.

    A node stands where it is, a closed way or multipolygon at a point inside it. `kind` is the
    value of the tag that says what it is, such as kindergarten; `attributes` hold the OSM id
    ("way/123"), address, operator, places or beds (capacity) and open_year (start_date), where any
    object has them. An object that is mapped twice is read twice: see
    `sources.facilities.duplicates`.

    Parameters
    ----------
    source
        .osm.pbf, .osm, .osm.gz or .osm.bz2.
    tags
        Filters such as "amenity=kindergarten", an object meets one of them; see
        `osm_tags.tag_filter`. Default: all that the table of kinds knows of care for older people
        and children. OpenStreetMap says seldom what is meant for whom: look at what is found.
    kinds
        Only objects of these kinds, named as in `kinds.matches`.
    entrances
        Whether gates and entrances on the outline of a facility become its `entrances`; those that
        are locked to everybody (access=no) or for emergencies are left out.

    Raises
    ------
    InputError
        The file cannot be read, a filter is none, a kind is not known, or nothing is found.
    """
    path = Path(source)
    require_file(path, "an OpenStreetMap file")
    filters = default_filters() if tags is None else tuple(tag_filter(text) for text in tags)
    for wanted in kinds or ():
        if wanted_key(wanted) is None and tags is None:
            near = nearest_kinds(wanted)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise InputError(
                f"{path}: kinds names {wanted!r}, which is no kind of facility that is known{hint}"
            )
    with _understood(path):
        found, aside = read_objects(path, filters)
        missing = "" if found or aside else none_found(path, filters, tags)
    said = [_said(each, filters) for each in found]
    chosen = [k for k in range(len(found)) if kinds is None or _is_one(said[k], kinds)]
    if found and not chosen:
        missing = _none_chosen(path, kinds or (), said)
    if missing:
        raise InputError(missing)
    with _understood(path):
        gates = gates_of(path, [found[k] for k in chosen]) if entrances else None
    made = _facilities(path, [found[k] for k in chosen], [said[k] for k in chosen])
    return replace(
        made,
        other_kinds=len(found) - len(chosen),
        set_aside=tuple(aside),
        entrances=gates,
        reading=_reading(path, found, filters, len(found) + len(aside)),
    )


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Errors of libosmium as ours."""
    try:
        yield
    except osm_faults() as error:
        raise InputError(
            f"{path}: cannot be read as OpenStreetMap data ({' '.join(str(error).split())[:200]});"
            " the file may be truncated or of another kind: download it again, or name a .osm.pbf,"
            " .osm, .osm.gz or .osm.bz2"
        ) from error


class _Said(NamedTuple):
    """What an object is: `kind` in the words of its tags, `keys`, and whether its name says so."""

    kind: str
    keys: tuple[str, ...]
    by_name: bool


def _said(each: Found, filters: Sequence[TagFilter]) -> _Said:
    best = best_filter(filters, each.tags)
    keys = kinds_of_tags(each.tags)
    # 宝莲日间照料中心 is often tagged as a social facility for seniors, and no more
    named = kind_keys(name_of(each.tags)) if set(keys) <= GROUPS else ()
    return _Said(best.kind_of(each.tags) if best else "", named or keys, bool(named))


def _is_one(said: _Said, kinds: Sequence[str]) -> bool:
    wanted = {wanted_key(kind) for kind in kinds}
    broader = {above for key in said.keys for above in (key, *KINDS[key].broader)}
    return bool(wanted & broader) or matches(said.kind, kinds)


def _none_chosen(path: Path, kinds: Sequence[str], said: list[_Said]) -> str:
    count = Counter(said_.kind for said_ in said)
    found = ", ".join(f"{kind} ({n})" for kind, n in count.most_common(10))
    return (
        f"{path}: no object is {' or '.join(map(repr, kinds))}; found are {found}: name other"
        " kinds, or use a list of facilities"
    )


def _facilities(path: Path, found: list[Found], said: list[_Said]) -> Facilities:
    n = len(found)
    names = [name_of(each.tags) for each in found]
    changes: list[Change] = []

    def change(k: int, kind: str, zh: str, en: str) -> None:
        changes.append(
            Change(layer="facilities", file=path.name, sheet="", row=k + 1, name=names[k],
                   kind=kind, detail=Note(zh, en))
        )  # fmt: skip

    for k in range(n):
        if said[k].by_name:
            kinds = [KINDS[key] for key in said[k].keys]
            change(
                k,
                "kind_from_name",
                f"类型按名称认定为{'、'.join(kind.zh for kind in kinds)}",
                f"its kind was taken from its name: {', '.join(kind.en for kind in kinds)}",
            )
    attributes: dict[str, tuple[Any, ...]] = {
        "id": tuple(each.osm_id for each in found),
        "address": tuple(address_of(each.tags) for each in found),
    }
    for meaning, sources in TEXTS.items():
        attributes[meaning] = tuple(
            next((each.tags[key].strip() for key in sources if key in each.tags), "")
            for each in found
        )
    attributes |= _numbers(found, said, change)
    at = np.array([each.at for each in found], np.float64).reshape(n, 2)
    return Facilities(
        name=tuple(names),
        kind=tuple(each.kind for each in said),
        status=("",) * n,
        lon=at[:, 0].copy(),
        lat=at[:, 1].copy(),
        row=np.arange(1, n + 1, dtype=np.int64),
        serving=np.ones(n, bool),
        file=path.name,
        attributes={m: values for m, values in attributes.items() if any(map(_filled, values))},
        kind_keys=tuple(each.keys for each in said),
        changes=tuple(changes),
    )


def _filled(value: object) -> bool:
    return value != "" and not (isinstance(value, float) and math.isnan(value))


def _numbers(
    found: list[Found], said: list[_Said], change: Callable[[int, str, str, str], None]
) -> dict[str, tuple[float, ...]]:
    """Places of children, beds and opening years; what cannot be read is told."""
    values: dict[str, list[float]] = {
        meaning: [math.nan] * len(found) for meaning in ("places", "beds", "open_year")
    }
    for k, each in enumerate(found):
        domains = {KINDS[key].domain for key in said[k].keys}
        capacity = "places" if "childcare" in domains else "beds"
        for tag, meaning in (("capacity", capacity), ("beds", "beds"), ("start_date", "open_year")):
            text = each.tags.get(tag, "").strip()
            number = _year(text) if tag == "start_date" else cell_number(text)
            if number is not None and number >= 0:
                values[meaning][k] = number
            elif text:
                change(k, "unread", f"{tag} 为“{text}”（看不懂，按空白处理）",
                       f"{tag} {text!r} is not understood and left blank")  # fmt: skip
    return {meaning: tuple(numbers) for meaning, numbers in values.items()}


def _year(text: str) -> float | None:
    found = re.match(r"~?(\d{4})(?:-\d{2}(?:-\d{2})?)?$", text)
    return float(found[1]) if found else None


def _reading(path: Path, found: list[Found], filters: Sequence[TagFilter], rows: int) -> Reading:
    """The tags that were used, as if they were columns."""
    meanings = {
        **{key: "kind" for each in filters for key in each.keys},
        "name": "name", "addr:street": "address", "addr:housenumber": "address",
        **{key: meaning for meaning, sources in TEXTS.items() for key in sources},
        "capacity": "places", "beds": "beds", "start_date": "open_year",
    }  # fmt: skip
    examples = {
        key: next((each.tags[key] for each in found if each.tags.get(key)), "") for key in meanings
    }
    return Reading(
        layer="facilities", file=path.name, form="OpenStreetMap", rows=rows, coordinates="wgs84",
        columns=tuple(
            ColumnUse(key, meaning, "recognised", examples[key])
            for key, meaning in meanings.items()
            if examples[key]
        ),
    )  # fmt: skip
