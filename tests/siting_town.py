"""The small town with candidates for new sites, at 1 m/s and five minutes: 300 m.

Covered by 西院 at (0, 10): 甲 (10 people). Within 300 m of the candidates:

    东口  (1100, 0)     丁 40
    北坡  (600, 400)    丙 30
    路口  (600, 0)      乙 20
    岛上  (150, -700)   岛 5, over 100 m off its road
    岛心  (150, -790)   岛 5
    西口  (200, 0)      甲 10, who is covered already, and 乙 at 300 + 20 m is not reached

Uncovered are 乙 20, 丙 30, 丁 40, 岛 5; 山 (7) is not linked to any road.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from small_study import lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SITES: dict[str, tuple[float, float]] = {
    "东口": (1100, 0),
    "北坡": (600, 400),
    "路口": (600, 0),
    "岛心": (150, -790),
    "西口": (200, 0),
}

ADDED = {"东口": 40, "北坡": 30, "路口": 20, "岛心": 5, "西口": 0}
"""People that each site covers beyond 甲; no two of them cover the same person."""


def sites_text(
    rows: Iterable[tuple[Any, ...]] = tuple((n, *at) for n, at in SITES.items()),
    *columns: str,
) -> str:
    """csv of candidates: name, x, y, and further cells under `columns`."""
    lines = [",".join(["名称", "经度", "纬度", *columns])]
    for name, x, y, *more in rows:
        lon, lat = lonlat(x, y)
        lines.append(",".join([name, f"{lon:.9f}", f"{lat:.9f}", *map(str, more)]))
    return "\n".join([*lines, ""])


def with_cells(cells: dict[str, Any], *columns: str, default: tuple[Any, ...] = ("",)) -> str:
    """The candidates with further cells by name; one that is not named has the default ones."""
    rows = []
    for name, at in SITES.items():
        more = cells.get(name, default)
        rows.append((name, *at, *(more if isinstance(more, tuple) else (more,))))
    return sites_text(rows, *columns)


def siting_study(
    folder: Path,
    site: dict[str, Any],
    *,
    sites: str | None = None,
    changes: dict[str, Any] | None = None,
    files: dict[str, Any] | None = None,
) -> Path:
    """The study of the town with [site], candidates in sites.csv unless `site` says otherwise."""
    given = {
        "service.0.walker": "elderly", "service.0.cutoffs_min": [5],
        "service.0.kinds": "养老院", "study.language": "zh",
        "site": {"candidates": "sites.csv", **site}, **(changes or {}),
    }  # fmt: skip
    return small_study(folder, given, {"sites.csv": sites or sites_text(), **(files or {})})
