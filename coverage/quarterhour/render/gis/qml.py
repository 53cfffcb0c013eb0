"""QGIS styles of the result layers, as QML: the colours and signs of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from quarterhour.render.gis import symbols
from quarterhour.render.gis.aliases import alias_of, base_of, codes_of
from quarterhour.render.gis.drawings import DRAWN
from quarterhour.render.gis.looks import Look, look_of
from quarterhour.render.gis.rules import sayable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.render.gis.looks import Layer


def style_of(name: str, columns: Mapping[str, Any], look: Look) -> str | None:
    """The style of a layer of the results, None where there is none.

    Places outside the study area are drawn as those inside, and the sites of a service with a
    number as those of a single one: `sites_chosen_2` as `sites_chosen`.
    """
    found = body_of(name, columns, look)
    if found is None:
        return None
    return sayable(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22" styleCategories="Symbology|Labeling|Fields|Forms|Rendering"'
        f' labelsEnabled="{int("<labeling" in found)}">{found}</qgis>'
    )


def styles_of(layers: Mapping[str, Layer]) -> dict[str, str]:
    """The styles of all layers that have one, by name."""
    look = look_of(layers)
    made = {name: style_of(name, columns, look) for name, (_, _, columns) in layers.items()}
    return {name: style for name, style in made.items() if style is not None}


def body_of(name: str, columns: Mapping[str, Any], look: Look) -> str | None:
    """What stands in a style and in a layer of a project alike; None where there is none."""
    make = DRAWN.get(base_of(name))
    if make is None:
        return None
    drawing, more = make(columns, look)
    given = [f"<alias index={quoteattr(str(k))} field={quoteattr(c)} name={quoteattr(alias)}/>"
             for k, c in enumerate(columns) if (alias := alias_of(name, c))]  # fmt: skip
    edits = "".join(_codes(c, codes) for c in columns if (codes := codes_of(name, c)))
    title = next((c for c in ("name", "unit", "facility", "nearest") if c in columns), "")
    shown = f'<previewExpression>"{title}"</previewExpression>' if title else ""
    opacity = "" if "<layerOpacity>" in more else "<layerOpacity>1</layerOpacity>"
    return (
        f"{drawing}{more}<blendMode>0</blendMode><featureBlendMode>0</featureBlendMode>{opacity}"
        f"<fieldConfiguration>{edits}</fieldConfiguration>"
        f"<aliases>{''.join(given)}</aliases>{shown}"
    )


def _codes(column: str, codes: Sequence[tuple[str, str, str]]) -> str:
    """What the codes of a column mean, for tables and for asking a feature."""
    rows = "".join(
        f'<Option type="Map">{symbols.option(f"{zh} {en}", value)}</Option>'
        for value, zh, en in codes
    )
    return (
        f'<field name={quoteattr(column)}><editWidget type="ValueMap"><config><Option type="Map">'
        f'<Option type="List" name="map">{rows}</Option></Option></config></editWidget></field>'
    )
