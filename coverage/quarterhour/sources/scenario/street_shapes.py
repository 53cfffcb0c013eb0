"""Shapes that change the streets, as they stand in files: what closes them, and new ones."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.core.crossing import CONTACT_M, LAYER, Barriers
from quarterhour.errors import InputError
from quarterhour.frames import MetricCrs
from quarterhour.inputs import Change, Note, SetAside
from quarterhour.model import BRIDGE, LIFT, STEPS, TUNNEL
from quarterhour.sources.datum import coordinates as datum
from quarterhour.sources.files.vector import TABLE_SUFFIXES, read_vector, to_wgs84
from quarterhour.sources.rows.cells import cell_text, understood_flag
from quarterhour.sources.rows.columns import find_column
from quarterhour.sources.rows.points import read_points
from quarterhour.sources.units.areas import polygons_only

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.sources.rows.point_rows import Resolve

KINDS: dict[str, tuple[str, ...]] = {
    "steps": ("steps", "stairs", "台阶", "楼梯", "梯道", "踏步"),
    "bridge": ("bridge", "footbridge", "overpass", "天桥", "人行天桥", "桥", "连廊"),
    "tunnel": ("tunnel", "underpass", "subway", "地道", "人行地道", "地下通道", "隧道"),
    "lift": ("lift", "elevator", "电梯", "直梯"),
    "path": ("path", "footway", "street", "road", "步道", "道路", "街道", "人行道", "通道", "巷道"),
}
"""Words of the column of kinds."""

TAGGED = {"bridge": ("bridge", "桥梁", "天桥", "桥"), "tunnel": ("tunnel", "隧道", "地道")}
"""Headings of columns that say yes or no, as those of OpenStreetMap do."""

ABOVE = re.compile(r"天桥|人行桥|廊桥|连廊|桥$|桥[（(]|footbridge|overpass|bridge$", re.IGNORECASE)
BELOW = re.compile(r"地道|地下通道|隧道|下穿通道|underpass|tunnel$", re.IGNORECASE)
STREET = re.compile(r"(?:路|街|巷|弄|胡同|大道|小区|社区|村|站|street|road)$", re.IGNORECASE)
"""What ends so is not a bridge but a street named after one."""

INSET_M = CONTACT_M + 0.1
"""A leg may touch a barrier this close to where it ends; see `core.crossing`."""

ALL_TAGGED = frozenset(h for headings in TAGGED.values() for h in headings)

BITS = {"steps": STEPS, "bridge": BRIDGE, "tunnel": TUNNEL, "lift": LIFT, "path": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """Features of a file in WGS-84, with their names, kinds and rows as the user sees them.

    `tags`: which of `TAGGED` the columns of each feature name, with commas.
    """

    geometry: NDArray[Any]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    row: tuple[int, ...]
    file: str
    tags: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    changes: tuple[Change, ...] = ()


def read_closures(
    path: Path,
    *,
    layer: str | None = None,
    coordinates: str = "wgs84",
    resolve: Resolve | None = None,
) -> Shapes:
    """Points, lines and polygons that close streets: a GIS layer, or a table of points.

    Raises
    ------
    InputError
        The file cannot be used.
    """
    needed = "closed streets (points, lines or polygons)"
    if path.suffix.lower() in TABLE_SUFFIXES:
        rows = read_points(
            path, layer="closures", needed=needed, sheet=layer, coordinates=coordinates,
            resolve=resolve,
        )  # fmt: skip
        return _or_empty(Shapes(
            geometry=shapely.points(rows.lon, rows.lat),
            name=tuple(rows.text("name") or [""] * len(rows.row)),
            kind=("",) * len(rows.row),
            row=tuple(rows.row.tolist()),
            file=path.name,
            set_aside=rows.set_aside,
            changes=rows.changes,
        ))  # fmt: skip
    return _or_empty(_layer(path, layer, coordinates, resolve, "closures", needed, (0, 1, 2)))


def _or_empty(found: Shapes) -> Shapes:
    """The shapes; where there is none, that is told: the file may be the wrong one."""
    if len(found.geometry):
        return found
    told = Change(
        layer="closures", file=found.file, sheet="", row=None, name="", kind="none_closed",
        detail=Note(
            "没有可用的图形或行，没有封闭任何道路，请核对文件和图层",
            "holds nothing that could close a street, and closes none: check the file and its"
            " layer",
        ),
    )  # fmt: skip
    return dataclasses.replace(found, changes=(*found.changes, told))


def read_openings(
    path: Path,
    *,
    layer: str | None = None,
    coordinates: str = "wgs84",
    resolve: Resolve | None = None,
) -> Shapes:
    """New streets as lines of a GIS layer; a column kind (类型) may say what they are.

    Without a kind, columns bridge and tunnel say so, or a name such as 人行天桥; that is told.

    Raises
    ------
    InputError
        The file cannot be used, holds no line, or a kind that is not known.
    """
    needed = "new streets (lines)"
    found = _layer(path, layer, coordinates, resolve, "openings", needed, (1,))
    if not len(found.geometry):
        raise InputError(f"{path}: holds no lines; needed are new streets as lines")
    kinds = []
    for text, row in zip(found.kind, found.row, strict=True):
        parts = [p for p in text.lower().replace("，", ",").replace("、", ",").split(",") if p]
        known = [key for p in parts for key, words in KINDS.items() if p.strip() in words]
        if len(known) < len(parts):
            raise InputError(
                f"{path} row {row}: the kind {text!r} is not known; needed is one of"
                f" {', '.join(words[0] for words in KINDS.values())}"
                " (台阶、天桥、地道、电梯、步道), or nothing"
            )
        kinds.append(",".join(known))
    return _kinds_guessed(dataclasses.replace(found, kind=tuple(kinds)))


def _kinds_guessed(found: Shapes) -> Shapes:
    """New streets without a kind as what their columns or names say, and what was made of it."""
    kinds, told = list(found.kind), []
    for k, (kind, tag, name) in enumerate(zip(found.kind, found.tags, found.name, strict=True)):
        if kind or not (tag or _kind_of_name(name)):
            continue
        kinds[k] = tag or _kind_of_name(name)
        zh = "、".join({"bridge": "桥", "tunnel": "地道"}[key] for key in kinds[k].split(","))
        by_zh, by_en = ("属性列", "its columns") if tag else ("名称", "its name")
        told.append(
            Change(
                layer="openings", file=found.file, sheet="", row=found.row[k], name=name,
                kind="kind_guessed",
                detail=Note(
                    f"没有类型，按{by_zh}视为{zh}；不是的，请在“类型”列写明“步道”",
                    f"has no kind and is taken as a {kinds[k].replace(',', ' and ')} by {by_en}; if"
                    ' it is none, write "path" in a column kind',
                ),
            )
        )  # fmt: skip
    return dataclasses.replace(found, kind=tuple(kinds), changes=(*found.changes, *told))


def _kind_of_name(name: str) -> str:
    """bridge or tunnel where a name says so, else nothing."""
    text = name.strip()
    if not text or STREET.search(text):
        return ""
    if BELOW.search(text):
        return "tunnel"
    return "bridge" if ABOVE.search(text) else ""


def _tags_of(columns: dict[str, list[Any]], k: int) -> str:
    """Which of `TAGGED` the columns of row `k` say yes to."""
    found = []
    for key, headings in TAGGED.items():
        for heading, values in columns.items():
            if heading.strip().lower() in headings:
                text = cell_text(values[k]).strip().lower()
                no = not text or understood_flag(text)[0] == "no" or text == "building_passage"
                if not no and key not in found:
                    found.append(key)
    return ",".join(found)


def _layer(
    path: Path,
    layer: str | None,
    coordinates: str,
    resolve: Resolve | None,
    what: str,
    needed: str,
    dimensions: tuple[int, ...],
) -> Shapes:
    """Simple features of a GIS layer, one row per part; features of other kinds are set aside."""
    frame = read_vector(path, layer=layer, needed=needed)
    # metres are in the system that the layer names; degrees may be shifted, whatever it says
    is_open = coordinates == datum.AUTO and frame.crs.is_geographic
    frame = to_wgs84(frame)
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    names = {str(c) for c in frame.columns if c != frame.geometry.name}
    text: dict[str, list[str]] = {}
    for meaning in ("name", "kind"):
        heading = find_column(sorted(names), meaning)
        values = [""] * len(frame) if heading is None else frame[heading].tolist()
        text[meaning] = [cell_text(v) for v in values]
    tagged = {h: frame[h].tolist() for h in sorted(names) if h.strip().lower() in ALL_TAGGED}
    aside, rows, shapes = [], [], []
    mended: list[int] = []
    for k, shape in enumerate(geometry):
        why, reason = "", "no_geometry"
        if shape is None or shapely.is_empty(shape):
            why = "the feature has no geometry"
        elif not (np.abs(shapely.get_coordinates(shape)) <= (180.0, 90.0)).all():
            why = "the feature lies outside the earth"
        simple = [] if why else _simple(shape)
        parts = [p for p in simple if shapely.get_dimensions(p) in dimensions]
        if parts and dimensions == (1,):
            parts = [p for p in parts if shapely.length(p) > 0]
            why, reason = ("", "") if parts else ("the line has no length", "no_length")
        whole = [p for part in parts for p in _whole(part)]
        if parts and not whole:
            why = "the polygon has no area"
        if any(not shapely.is_valid(p) for p in parts if shapely.get_dimensions(p) == 2):
            mended.append(k)
        if not whole:
            aside.append(
                SetAside(
                    layer=what, file=path.name, sheet="", row=k + 1, name=text["name"][k],
                    reason=reason, detail=why or f"is none of {needed}",
                )
            )  # fmt: skip
        rows += [k] * len(whole)
        shapes += whole
    found = np.array(shapes, object)
    told = [_mended(what, path.name, k + 1, text["name"][k]) for k in mended if k in rows]
    changes: tuple[Change, ...] = ()
    if is_open and len(found):
        coordinates, changes = _by_roads(found, resolve, path, what)
    if coordinates in {"gcj02", "bd09"} and len(found):
        found = shapely.transform(
            found, lambda xy: np.column_stack(datum.to_wgs84(xy[:, 0], xy[:, 1], coordinates))
        )
    return Shapes(
        geometry=found,
        name=tuple(text["name"][k] for k in rows),
        kind=tuple(text["kind"][k] for k in rows),
        row=tuple(k + 1 for k in rows),
        file=path.name,
        tags=tuple(_tags_of(tagged, k) for k in rows),
        set_aside=tuple(aside),
        changes=(*changes, *told),
    )


def _mended(what: str, file: str, row: int, name: str) -> Change:
    return Change(
        layer=what, file=file, sheet="", row=row, name=name, kind="mended",
        detail=Note(
            "多边形自相交，已修正为各块闭合的面，请核对",
            "the polygon crosses itself; it is taken as the areas that its outline encloses:"
            " please check",
        ),
    )  # fmt: skip


def _whole(shape: Any) -> list[Any]:  # noqa: ANN401 - shapely geometry
    """A simple geometry, or the polygons that an outline encloses which crosses itself."""
    if shapely.get_dimensions(shape) < 2 or shapely.is_valid(shape):
        return [shape]
    mended = polygons_only(np.array([shapely.make_valid(shape)], object))[0]
    return [p for p in _simple(mended) if shapely.get_dimensions(p) == 2 and p.area > 0]


def _by_roads(
    shapes: NDArray[Any], resolve: Resolve | None, path: Path, what: str
) -> tuple[str, tuple[Change, ...]]:
    """The system in which the vertices of shapes lie best on the roads, and what is told of it."""
    if resolve is None:
        raise InputError(f"{path}: {datum.NEEDS_ROADS}")
    xy = np.unique(shapely.get_coordinates(shapes), axis=0)
    fit = resolve(xy[:, 0], xy[:, 1], datum.AUTO)
    system = "wgs84" if fit.used == datum.AUTO else fit.used
    if fit.note is not None:
        told = fit.note
    else:
        told = Note(f"由道路判断坐标系为 {system}", f"by the roads its coordinates are {system}")
    if fit.verdict != "fits":
        told = Note(
            f"{told.zh}；按 {system} 读取，请核对，或写明 coordinates",
            f"{told.en}; it is read as {system}: check it, or name its coordinates",
        )
    return system, (
        Change(
            layer=what, file=path.name, sheet="", row=None, name="", kind="datum", detail=told
        ),
    )  # fmt: skip


def _simple(shape: Any) -> list[Any]:  # noqa: ANN401 - shapely geometry
    parts = []
    for part in shapely.get_parts(shape):
        parts += _simple(part) if shapely.get_type_id(part) >= 4 else [part]
    return parts


def walled(base: Barriers | None, shut: Shapes) -> Barriers | None:
    """`base` with the outlines of the polygons that close ground, which no access leg crosses.

    They are drawn `INSET_M` inside: streets end at the outline, and who stands outside may walk to
    such an end, while nobody inside is linked to it.
    """
    rings: list[Any] = []
    for shape in shut.geometry[shapely.get_dimensions(shut.geometry) == 2]:
        crs = MetricCrs(tuple(shapely.bounds(shape)))
        ground = crs.geometry_m(shape)
        ground = ground if ground.is_valid else shapely.make_valid(ground)
        inner = ground.buffer(-INSET_M, join_style="mitre")
        kept = ground if inner.is_empty else inner
        rings += [crs.geometry_lonlat(r) for p in _simple(kept) for r in shapely.get_rings(p)]
    if not rings:
        return base
    xy, line = shapely.get_coordinates(np.array(rings, object), return_index=True)
    parts = {
        "lon": xy[:, 0].copy(),
        "lat": xy[:, 1].copy(),
        "kind": np.full(len(rings), LAYER, np.uint8),
        "entered": np.zeros(len(rings), bool),
    }
    first = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=len(rings)))])
    if base is None:
        return Barriers(first=first.astype(np.int64), file=shut.file, **parts)
    return Barriers(
        first=np.concatenate([base.first, base.first[-1] + first[1:]]).astype(np.int64),
        file=base.file or shut.file,
        **{key: np.concatenate([getattr(base, key), own]) for key, own in parts.items()},
    )
