"""Results in a notebook: a table with its denominators, a sketch, and a map where it is small.

Every part is plain markup with its style on itself: nothing runs, nothing is asked for, and
nothing of the notebook around it changes. Texts are in Chinese and English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from quarterhour.measures import counted
from quarterhour.render import palette
from quarterhour.render.markup import esc, pair
from quarterhour.render.values import columns_of, decimals_of, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from quarterhour.inputs import Note
    from quarterhour.tabular import Column, Table

LARGEST_MAP: Final = 3_000_000
"""Bytes of a page that is put into a notebook; a larger one is named with its place instead."""

MOST_ROWS: Final = 12
MOST_POINTS: Final = 600
LONGEST_NAME: Final = 80
_WIDTH, _HEIGHT = 360, 260
_TEXT: Final = (
    "font:13px/1.5 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;color:#20262B"
)
_CELL: Final = "padding:3px 9px;border-bottom:1px solid #D9DDE0;text-align:{};white-space:nowrap"
_SMALL: Final = "color:#5B6670;font-size:12px;margin:4px 0"


def card(title: str, *parts: str, notes: Sequence[tuple[str, str]] = ()) -> str:
    """Parts under a title; `notes` (Chinese, English) stand below, in small letters."""
    told = "".join(f'<p style="{_SMALL}">{pair(zh, en, "both")}</p>' for zh, en in notes)
    return (
        f'<div style="{_TEXT};background:#fff;padding:10px 12px;max-width:900px;overflow:auto">'
        f'<div style="font-size:15px;font-weight:700;overflow-wrap:anywhere">{_named(title)}</div>'
        '<div style="display:flex;flex-wrap:wrap;gap:12px 20px;align-items:flex-start">'
        f"{''.join(parts)}</div>{told}</div>"
    )


def _named(text: str) -> str:
    """A name of any length in a little room; the whole of it stands behind."""
    if len(text) <= LONGEST_NAME:
        return esc(text)
    return f'<span title="{esc(text)}">{esc(text[:LONGEST_NAME])}…</span>'


def sentences(notes: Sequence[Note]) -> str:
    """Sentences in both languages, one below the other."""
    lines = "".join(
        f'<p style="margin:3px 0;overflow-wrap:anywhere">{pair(n.zh, n.en, "both")}</p>'
        for n in notes
    )
    return f'<div style="flex:1 1 100%">{lines}</div>'


def table_of(table: Table) -> str:
    """A table of results with its title, its first rows, and how many there are."""
    values = columns_of(table, "both")
    rows = [
        [
            shown(values[c][k], column.form, decimals_of(column, values[c]))
            for c, column in enumerate(table.columns)
        ]
        for k in range(min(len(table.rows), MOST_ROWS))
    ]
    more = len(table.rows) - len(rows)
    left = f'<p style="{_SMALL}">{pair(f"另有 {more} 行", counted(more, "more row"), "both")}</p>'
    caption = pair(table.title.zh, table.title.en, "both")
    return _table(caption, table.columns, rows) + (left if more > 0 else "")


def figures(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """Rows of written figures under headings in both languages."""
    return _table("", columns, rows)


def _table(caption: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    def side(column: Column) -> str:
        return _CELL.format("left" if column.form == "text" else "right")

    broken = "white-space:normal;vertical-align:bottom;font-weight:600"
    heads = "".join(
        f'<th scope="col" style="{side(c)};{broken}">{pair(c.zh, c.en, "both")}</th>'
        for c in columns
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{side(c)}">{_named(cell)}</td>'
            for c, cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    above = f'<caption style="text-align:left;{_SMALL}">{caption}</caption>' if caption else ""
    return (
        f'<table style="border-collapse:collapse;{_TEXT}">{above}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def sketch(
    areas: Sequence[BaseGeometry | None],
    *,
    facilities: NDArray[np.float64],
    uncovered: NDArray[np.float64],
    added: BaseGeometry | None = None,
    sites: NDArray[np.float64] | None = None,
) -> str:
    """A drawing without words for a glance: areas (nearest first), facilities, who is left out.

    Points are longitude and latitude (n, 2); of `uncovered`, in the order of their weight, the
    first `MOST_POINTS` are drawn. `added`, `sites`: what is proposed. Empty where nothing is there.
    """
    sites = np.empty((0, 2)) if sites is None else sites
    shapes = [s for s in (*areas, added) if s is not None and not shapely.is_empty(s)]
    corners = [np.reshape(shapely.bounds(s), (2, 2)) for s in shapes]
    every = np.concatenate([*corners, facilities, uncovered, sites])
    if not len(every):
        return ""
    low, high = every.min(axis=0), every.max(axis=0)
    middle = (low + high) / 2
    across = np.cos(np.radians(middle[1]))
    span = np.maximum((high - low) * [across, 1.0], 1e-4)
    scale = min(_WIDTH / span[0], _HEIGHT / span[1]) * 0.94

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(
            (points - middle) * [across * scale, -scale] + [_WIDTH / 2, _HEIGHT / 2], np.float64
        )

    tones = palette.bands(palette.SERVICES[0][0], max(len(areas), 1))
    drawn = [
        _path(area, place, tone) for area, tone in reversed(list(zip(areas, tones, strict=True)))
    ]
    drawn += [_path(added, place, palette.SITE)]
    drawn += _dots(place(uncovered[:MOST_POINTS]), 1.6, palette.GAP)
    drawn += _dots(place(facilities), 3.4, palette.SERVICES[0][0])
    drawn += _dots(place(sites), 4.6, palette.SITE)
    return (
        f'<svg role="img" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'aria-label="服务区示意 sketch of the service area" '
        f'style="background:#F6F5F0;border:1px solid #D9DDE0;flex:none">{"".join(drawn)}</svg>'
    )


def _path(shape: BaseGeometry | None, place: Any, colour: str) -> str:  # noqa: ANN401 - a function
    if shape is None or shapely.is_empty(shape):
        return ""
    on_paper = shapely.simplify(shapely.transform(shape, place), 0.7)
    rings = []
    for ring in shapely.get_rings(shapely.get_parts(on_paper)):
        points = np.rint(shapely.get_coordinates(ring)[:-1] * 2) / 2
        if len(points) > 2:
            rings.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points.tolist()) + "Z")
    return (
        f'<path d="{"".join(rings)}" fill="{colour}" fill-opacity=".45" fill-rule="evenodd" '
        f'stroke="{colour}" stroke-width=".6"/>'
    )


def _dots(points: NDArray[np.float64], radius: float, colour: str) -> list[str]:
    edge = ' stroke="#fff" stroke-width="1"' if radius > 2 else ""
    return [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"{edge}/>'
        for x, y in points.tolist()
    ]


def framed(page: str) -> str:
    """The map itself, shut in: it can neither reach the notebook nor be reached by it.

    Empty for a page above `LARGEST_MAP`.
    """
    if len(page.encode("utf-8", "replace")) > LARGEST_MAP:
        return ""
    return (
        f'<iframe sandbox="allow-scripts allow-popups allow-downloads allow-modals" '
        f'title="地图 map" style="width:100%;height:560px;border:1px solid #D9DDE0" '
        f'srcdoc="{esc(page)}"></iframe>'
    )
