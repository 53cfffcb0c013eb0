"""Symbols of QGIS: the fills, lines and facility signs of the map, as QML."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping

INK: Final = "#20262B"
WHITE: Final = "#FFFFFF"
UNIT_MM: Final = 0.22
"""Of a sign: the map's signs are drawn in a box of 26 units, here of 5.7 mm."""

SIMPLE: Final[Mapping[str, tuple[str, float, float]]] = {
    "circle": ("circle", 14.8, 0),
    "square": ("square", 13.0, 0),
    "triangle": ("triangle", 17.0, 0),
    "down": ("triangle", 17.0, 180),
    "diamond": ("diamond", 18.8, 0),
    "pentagon": ("pentagon", 17.6, 0),
    "hexagon": ("hexagon", 16.8, 0),
    "plus": ("cross_fill", 18.0, 0),
    "star": ("star", 21.2, 0),
}
"""Shapes that QGIS draws by itself: its name, the size in units, and the turn in degrees."""

BAR: Final = (20.8, 9.2)
HOUSE: Final = "M0-9.4L8.4-2.2V7.6H-8.4V-2.2Z"
PIN: Final = "M15 37C12.5 30.5 3 24.5 3 14.5A12 12 0 0 1 27 14.5C27 24.5 17.5 30.5 15 37Z"


def rgba(colour: str, alpha: int = 255) -> str:
    """A colour #RRGGBB as QGIS writes it."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + f",{alpha}"


def option(name: str, value: str) -> str:
    """A setting of a symbol layer."""
    return f'<Option type="QString" name={quoteattr(name)} value={quoteattr(value)}/>'


def _layer(kind: str, options: Mapping[str, str]) -> str:
    body = "".join(option(name, value) for name, value in options.items())
    return (
        f'<layer class="{kind}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{body}</Option></layer>'
    )


def _symbol(kind: str, *layers: str) -> str:
    return (
        f'<symbol name="{{name}}" type="{kind}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f"{''.join(layers)}</symbol>"
    )


def fill(
    colour: str,
    alpha: int,
    *,
    edge: str = "#6E6E6E",
    edge_alpha: int = 160,
    width_mm: float = 0.15,
    edge_style: str = "solid",
) -> str:
    """An area; `alpha`: 0 to 255."""
    return _symbol(
        "fill",
        _layer(
            "SimpleFill",
            {"color": rgba(colour, alpha), "outline_color": rgba(edge, edge_alpha),
             "outline_width": f"{width_mm:g}", "outline_width_unit": "MM",
             "outline_style": edge_style, "joinstyle": "round",
             "style": "solid" if alpha else "no"},
        ),
    )  # fmt: skip


def line(colour: str, width_mm: float, *, dash: str = "solid") -> str:
    """A line with round ends."""
    return _symbol(
        "line",
        _layer(
            "SimpleLine",
            {"line_color": rgba(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM",
             "line_style": dash, "capstyle": "round", "joinstyle": "round"},
        ),
    )  # fmt: skip


def dot(colour: str, size_mm: float, *, edge: str = WHITE) -> str:
    """A place."""
    return _symbol("marker", _simple("circle", size_mm, 0, colour, edge, 0.2))


def facility(shape: str, colour: str, status: str = "used") -> str:
    """The sign of a facility as on the map: full where it serves, hollow where it does not.

    One that is not linked is crossed, one outside the study area is hollow and grey.
    """
    whole = status == "used"
    layers = [_sign(shape, INK, INK, 4.2), _sign(shape, WHITE, WHITE, 2.2)]
    if whole:
        layers.append(_sign(shape, colour, colour, 0))
    else:
        layers.append(_sign(shape, WHITE, "#8A8A8A" if status == "outside" else colour, 3))
    if status == "unlinked":
        layers.append(_cross(INK, 8, 2.2))
    return _symbol("marker", *layers)


def crossed(colour: str) -> str:
    """What closes: a cross with a white edge, to stand on the sign of the facility."""
    return _symbol("marker", _cross(WHITE, 18, 7), _cross(colour, 18, 3.6))


def left_out() -> str:
    """A candidate that was not asked."""
    return _symbol("marker", _simple("cross2", 1.6, 0, "#8A8A8A", "#8A8A8A", 0.3))


def pin(colour: str) -> str:
    """A proposed site, standing on its place; its number is written on it by the label."""
    drawing = _drawing(PIN, "-1 -1 32 40", high=40)
    return _symbol(
        "marker",
        _layer("SimpleMarker", {
            "name": "circle", "color": rgba(INK), "size": "1.2", "size_unit": "MM",
            "outline_style": "no",
        }),
        _layer("SvgMarker", {
            "name": drawing, "size": "6.4", "size_unit": "MM", "color": rgba(colour),
            "outline_color": rgba(WHITE), "outline_width": "0.35", "outline_width_unit": "MM",
            "vertical_anchor_point": "2", "horizontal_anchor_point": "1",
        }),
    )  # fmt: skip


def _sign(shape: str, colour: str, edge: str, width: float) -> str:
    """One layer of a sign; `width`: of its edge, in units of the drawing."""
    width_mm = width * UNIT_MM
    if shape == "bar":
        wide, high = (side * UNIT_MM for side in BAR)
        return _layer("EllipseMarker", {
            "symbol_name": "rectangle", "symbol_width": f"{wide:g}", "symbol_width_unit": "MM",
            "symbol_height": f"{high:g}", "symbol_height_unit": "MM", "color": rgba(colour),
            **_edge(edge, width_mm),
        })  # fmt: skip
    if shape == "house":
        return _layer("SvgMarker", {
            "name": _drawing(HOUSE, "-13 -13 26 26"), "size": f"{26 * UNIT_MM:g}",
            "size_unit": "MM", "color": rgba(colour), **_edge(edge, width_mm),
        })  # fmt: skip
    name, size, turn = SIMPLE.get(shape, SIMPLE["circle"])
    return _simple(name, size * UNIT_MM, turn, colour, edge, width_mm)


def _simple(name: str, size_mm: float, turn: float, colour: str, edge: str, width_mm: float) -> str:
    return _layer("SimpleMarker", {
        "name": name, "angle": f"{turn:g}", "size": f"{size_mm:g}", "size_unit": "MM",
        "color": rgba(colour), **_edge(edge, width_mm), "joinstyle": "round",
    })  # fmt: skip


def _cross(colour: str, size: float, width: float) -> str:
    return _simple("cross2", size * UNIT_MM, 0, colour, colour, width * UNIT_MM)


def _edge(colour: str, width_mm: float) -> dict[str, str]:
    return {
        "outline_color": rgba(colour), "outline_width": f"{width_mm:g}",
        "outline_width_unit": "MM", "outline_style": "solid" if width_mm else "no",
    }  # fmt: skip


def _drawing(path: str, box: str, *, high: int = 32) -> str:
    """A drawing inside the style, whose colours QGIS can change."""
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="32" height="{high}">'
        f'<path d="{path}" fill="param(fill)" stroke="param(outline)"'
        ' stroke-width="param(outline-width)" stroke-linejoin="round"/></svg>'
    )
    return "base64:" + base64.b64encode(text.encode()).decode()
