"""Run by a Python that has QGIS: what QGIS makes of a GeoPackage, as JSON, and a picture.

Arguments: the package, the picture, and names of layers, or `--project` for the project inside.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("service_areas", "service_area_lines", "residential", "people", "facilities")
SIZE = (600, 450)


def symbol_of(symbol: Any) -> dict[str, Any]:
    """The topmost layer of a symbol: what it is, its shape, fill and edge."""
    top = symbol.symbolLayer(symbol.symbolLayerCount() - 1)
    told = top.properties()
    return {
        "layer": top.layerType(),
        "shape": str(told.get("name", told.get("symbol_name", "")))[:20],
        "colour": top.color().name(),
        "edge": top.strokeColor().name() if hasattr(top, "strokeColor") else "",
    }


def rule_of(rule: Any) -> dict[str, Any]:
    broken = rule.filter() is not None and rule.filter().hasParserError()
    return {
        "label": rule.label(),
        "filter": rule.filterExpression(),
        "broken": rule.filter().parserErrorString() if broken else "",
        "on": rule.active(),
        "symbol": symbol_of(rule.symbol()) if rule.symbol() else None,
        "below": [rule_of(one) for one in rule.children()],
    }


def layer_of(layer: Any) -> dict[str, Any]:
    from qgis.core import QgsValueMapFieldFormatter

    renderer = layer.renderer() if layer.isValid() else None
    kind = renderer.type() if renderer else ""
    rules = []
    if kind == "RuleRenderer":
        rules = [rule_of(one) for one in renderer.rootRule().children()]
    elif renderer:
        rules = [{"label": "", "symbol": symbol_of(renderer.symbol()), "below": [], "on": True}]
    codes = {}
    for at, field in enumerate(layer.fields()):
        setup = layer.editorWidgetSetup(at)
        if setup.type() == "ValueMap":
            tell = QgsValueMapFieldFormatter().representValue
            used = sorted(str(v) for v in layer.uniqueValues(at) if v)
            codes[field.name()] = {v: tell(layer, at, setup.config(), None, v) for v in used}
    return {
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": kind,
        "rules": rules,
        "labels": layer.labeling().settings().fieldName if layer.labelsEnabled() else "",
        "aliases": {field.name(): field.alias() for field in layer.fields()},
        "codes": codes,
        "title": layer.name(),
        "source": layer.source(),
    }


def draw(layers: Sequence[Any], extent: Any, crs: Any, picture: str) -> int:
    """Draw layers, the first on top; how many of the places that are looked at have ink."""
    from qgis.core import (
        QgsExpressionContext,
        QgsExpressionContextUtils,
        QgsMapRendererSequentialJob,
        QgsMapSettings,
    )
    from qgis.PyQt.QtCore import QSize

    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setOutputSize(QSize(*SIZE))
    settings.setExtent(extent)
    settings.setDestinationCrs(crs)
    context = QgsExpressionContext()
    context.appendScope(QgsExpressionContextUtils.globalScope())
    context.appendScope(QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    across, down = range(0, SIZE[0], 5), range(0, SIZE[1], 5)
    return sum(image.pixelColor(x, y).lightness() < 235 for x in across for y in down)


def look(package: str, picture: str, names: Sequence[str] = NAMES) -> dict[str, Any]:
    from qgis.core import QgsVectorLayer

    layers = [QgsVectorLayer(f"{package}|layername={name}", name, "ogr") for name in names]
    found: dict[str, Any] = {n: layer_of(one) for n, one in zip(names, layers)}  # noqa: B905
    extent = layers[-1].extent().buffered(0.01)
    found["inked"] = draw(layers[::-1], extent, layers[0].crs(), picture)
    return found


def project(package: str, picture: str) -> dict[str, Any]:
    from qgis.core import QgsLayerTreeLayer, QgsProject

    opened = QgsProject.instance()
    read = opened.read(f"geopackage:{Path(package).resolve()}?projectName=quarterhour")

    def tree_of(group: Any) -> list[dict[str, Any]]:
        return [
            {"name": one.name(), "on": one.isVisible(),
             **({"layer": layer_of(one.layer()) if one.layer() else None}
                if isinstance(one, QgsLayerTreeLayer) else {"below": tree_of(one)})}
            for one in group.children()
        ]  # fmt: skip

    root = opened.layerTreeRoot()
    box = opened.viewSettings().defaultViewExtent()
    drawn = root.checkedLayers()
    return {
        "read": read,
        "title": opened.title(),
        "crs": opened.crs().authid(),
        "metric": opened.crs().isValid() and not opened.crs().isGeographic(),
        "extent": [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()],
        "tree": tree_of(root),
        "inked": draw(drawn, box, opened.crs(), picture),
    }


def main() -> None:
    from qgis.core import QgsApplication

    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], False)
    app.initQgis()
    package, picture, *names = sys.argv[1:]
    found = project(package, picture) if names == ["--project"] else look(
        package, picture, names or NAMES
    )  # fmt: skip
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while it is taken down; all is said


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    main()
