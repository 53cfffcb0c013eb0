"""Places of two runs, read from their layers and matched by where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE, Note
from quarterhour.model import _Frozen
from quarterhour.units import MICRO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Layer = tuple[NDArray[Any], str, dict[str, Any]]

LAYERS = ("people", "demand")
"""What the layer of places is called."""

DEGREES = 1e6
"""Positions are the same to a millionth of a degree, a tenth of a metre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange(_Frozen):
    """The places of a service that gain and lose cover, at the last cutoff of each run.

    `lon`, `lat`, `gained` (bool, otherwise lost), `minutes_before`, `minutes_after` (NaN for none
    within the limit), `nearest_before`, `nearest_after` (text or None). `amounts`: int64 millionths
    by group. `n_places`: all places that were compared.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    gained: NDArray[np.bool_]
    amounts: dict[str, NDArray[np.int64]]
    minutes_before: NDArray[np.float64]
    minutes_after: NDArray[np.float64]
    nearest_before: NDArray[Any]
    nearest_after: NDArray[Any]
    n_places: int

    def total(self, group: str, *, gained: bool) -> float:
        """People of a group at the places that gain, or lose."""
        return int(self.amounts[group][self.gained == gained].sum()) / MICRO


def places_of_run(path: Path) -> Any:  # noqa: ANN401 - a GeoDataFrame
    """The layer of places of a run, all its services.

    Raises
    ------
    InputError
        The file is no GeoPackage of a run.
    """
    return read_layer(path, next((n for n in LAYERS if n in layers_in(path)), LAYERS[0]))


def layers_in(path: Path) -> list[str]:
    """Names of the layers of a run; raises `InputError` where the file is no GeoPackage."""
    import pyogrio  # noqa: PLC0415 - heavy
    from pyogrio.errors import DataSourceError  # noqa: PLC0415

    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except DataSourceError as error:
        raise InputError(f"{path}: is no GeoPackage; needed is results.gpkg of a run") from error


def read_layer(path: Path, layer: str) -> Any:  # noqa: ANN401 - a GeoDataFrame
    """A layer of a run; raises `InputError` where it cannot be read."""
    import pyogrio  # noqa: PLC0415 - heavy
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    try:
        return pyogrio.read_dataframe(path, layer=layer)
    except (DataLayerError, DataSourceError) as error:
        raise InputError(
            f"{path}: has no layer {layer!r} that can be read; needed is results.gpkg of a run"
        ) from error


def same_places(
    before: Any,  # noqa: ANN401 - GeoDataFrames
    after: Any,  # noqa: ANN401
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    kind: str,
    groups: Sequence[str],
) -> tuple[PlaceChange | None, Note | None]:
    """The places of service `a` against those of `b`; None and why, where they are not the same."""
    one, two = _ordered(before, str(a["name"])), _ordered(after, str(b["name"]))
    if one is None or two is None:
        return None, Note(
            f"{a['name']}：图层中没有逐点结果，只比较合计",
            f"{a['name']}: the layers have no places of it, only totals are compared",
        )
    if len(one[0]) != len(two[0]) or not np.array_equal(one[1], two[1]):
        return None, Note(
            f"两次运行的人口位置不同（{len(one[0]):,} 处和 {len(two[0]):,} 处），只比较合计",
            f"the runs count other places ({len(one[0]):,} and {len(two[0]):,}): only totals are"
            " compared",
        )
    columns = {g: (kind if g == EVERYONE and kind != "people" else
                   "people" if g == EVERYONE else g) for g in groups}  # fmt: skip
    amounts = {}
    for group, column in columns.items():
        if column not in one[0].columns or column not in two[0].columns:
            continue
        mine, theirs = (_micro(frame[column]) for frame, _ in (one, two))
        if not np.array_equal(mine, theirs):
            return None, Note(
                f"两次运行同一位置的人数不同（{group}），只比较合计",
                f"the runs count other amounts of {group} at the same places: only totals are"
                " compared",
            )
        amounts[group] = theirs
    old, new = (frame["status"].to_numpy() == "covered" for frame, _ in (one, two))
    at = np.flatnonzero(old != new)
    place = two[0].geometry.to_numpy()[at]
    return (
        PlaceChange(
            lon=shapely.get_x(place), lat=shapely.get_y(place), gained=new[at],
            amounts={g: v[at] for g, v in amounts.items()},
            minutes_before=one[0]["minutes"].to_numpy(np.float64)[at],
            minutes_after=two[0]["minutes"].to_numpy(np.float64)[at],
            nearest_before=one[0]["nearest"].to_numpy(object)[at],
            nearest_after=two[0]["nearest"].to_numpy(object)[at],
            n_places=len(old),
        ),
        None,
    )  # fmt: skip


def _micro(values: Any) -> NDArray[np.int64]:  # noqa: ANN401 - a Series
    return np.asarray(np.floor(np.nan_to_num(values.to_numpy(np.float64)) * MICRO + 0.5), np.int64)


def _ordered(frame: Any, service: str) -> tuple[Any, NDArray[np.int64]] | None:  # noqa: ANN401
    """Rows of a service in the order of their positions, and these; None where there are none."""
    needed = {"service", "status", "minutes", "nearest"}
    if not needed <= set(frame.columns):
        return None
    own = frame[frame["service"] == service]
    if not len(own):
        return None
    geometry = own.geometry.to_numpy()
    at = np.column_stack([shapely.get_x(geometry), shapely.get_y(geometry)])
    at = np.asarray(np.floor(at * DEGREES + 0.5), np.int64)
    row = own["source_row"].to_numpy(np.float64) if "source_row" in own.columns else at[:, 0] * 0.0
    order = np.lexsort((np.arange(len(own)), np.nan_to_num(row, nan=-1), at[:, 1], at[:, 0]))
    return own.iloc[order], at[order]


def layer_of(changes: Sequence[tuple[str, PlaceChange]]) -> Layer | None:
    """Places that gain and lose as a layer (geometries, type, columns); None for no place."""
    parts = []
    groups = [g for g in changes[0][1].amounts if all(g in c.amounts for _, c in changes)] if (
        changes) else []  # fmt: skip
    for name, change in changes:
        n = len(change.gained)
        parts.append({
            "service": np.full(n, name, object),
            "change": np.where(change.gained, "gained", "lost"),
            **{"people" if g == EVERYONE else g: change.amounts[g] / MICRO for g in groups},
            "minutes_before": change.minutes_before,
            "minutes_after": change.minutes_after,
            "nearest_before": change.nearest_before,
            "nearest_after": change.nearest_after,
            "geometry": shapely.points(change.lon, change.lat),
        })  # fmt: skip
    if not any(len(part["geometry"]) for part in parts):
        return None
    columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return columns.pop("geometry"), "Point", columns
