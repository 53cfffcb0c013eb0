"""A small town with a later year, a closed street and a new bridge, in which states are compared.

西院 stands beside (0,0), 东站 from 2027 beside (1100,0). A scenario closes the main street at
(300,0), another joins the island at (0,-800) to (0,0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from quarterhour.study import run_study
from small_study import lonlat, small_study, write_layer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pytest


def facilities_text() -> str:
    lines = ["设施名称,类型,状态,建成年份,经度,纬度"]
    for name, x, y, status, year in (("西院", 0, 10, "现状", ""), ("东站", 1100, 10, "规划", 2027)):
        lon, lat = lonlat(x, y)
        lines.append(f"{name},养老院,{status},{year},{lon:.9f},{lat:.9f}")
    return "\n".join([*lines, ""])


def state_study(folder: Path, files: Mapping[str, str], changes: Mapping[str, Any]) -> Path:
    """The study written into a folder; `files`, `changes`: as in `small_study`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_layer(folder / "closed.gpkg", [shapely.Point(lonlat(300, 0))])
    line = shapely.LineString([lonlat(0, -800), lonlat(0, -400), lonlat(0, -3)])
    write_layer(folder / "bridge.gpkg", [line], kind=["天桥"])
    given = {
        "scenario": [
            {"name": "封路", "close": "closed.gpkg"}, {"name": "新桥", "open": "bridge.gpkg"},
        ],
        "study.data_date": "2026-01", "study.walkers": ["frail"], "service.0.walker": "elderly",
        "service.0.status": ["现状"], **changes,
    }  # fmt: skip
    return small_study(folder, given, {"facilities.csv": facilities_text(), **files})


def protected_pages(
    folders: pytest.TempPathFactory, study_of: Callable[..., Path]
) -> dict[str, Path]:
    """Maps with every place of people, with none, without the network, and with rounded places."""
    made = {}
    for name, study in (
        ("plain", {}), ("none", {"what_if": False}), ("places", {"what_if": "places"}),
        ("tens", {"what_if_rounding": 10}),
    ):  # fmt: skip
        folder = folders.mktemp(name)
        run_study(study_of(folder, **study), folder / "out")
        made[name] = folder / "out" / "map.html"
    return made
