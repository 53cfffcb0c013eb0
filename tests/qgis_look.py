"""Run by a Python that has QGIS: what QGIS makes of a GeoPackage, as JSON, and a picture."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


NAMES = ("residential", "service_areas", "service_area_lines", "people", "facilities")


def look(package: str, picture: str, names: Sequence[str] = NAMES) -> dict[str, object]:
    from qgis.core import (
        QgsApplication,
        QgsMapRendererParallelJob,
        QgsMapSettings,
        QgsVectorLayer,
    )
    from qgis.PyQt.QtCore import QSize

    app = QgsApplication([], False)
    app.initQgis()
    found: dict[str, object] = {}
    layers = []
    for name in names:
        layer = QgsVectorLayer(f"{package}|layername={name}", name, "ogr")
        renderer = layer.renderer() if layer.isValid() else None
        kind = renderer.type() if renderer else ""
        # symbols belong to their categories: these are kept for as long as the symbols are asked
        categories = renderer.categories() if kind == "categorizedSymbol" else []
        if categories:
            colours = [str(c.symbol().color().name()) for c in categories]
        else:
            colours = [str(renderer.symbol().color().name())] if renderer else []
        found[name] = {
            "valid": layer.isValid(),
            "features": layer.featureCount(),
            "crs": layer.crs().authid(),
            "renderer": kind,
            "attribute": renderer.classAttribute() if categories else "",
            "colours": colours,
            "labels": layer.labeling().settings().fieldName if layer.labelsEnabled() else "",
        }
        layers.append(layer)
    settings = QgsMapSettings()
    settings.setLayers(layers[::-1])
    settings.setOutputSize(QSize(600, 450))
    settings.setExtent(layers[-1].extent().buffered(0.01))
    settings.setDestinationCrs(layers[0].crs())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    found["inked"] = sum(
        image.pixelColor(x, y).lightness() < 250 for x in range(0, 600, 5) for y in range(0, 450, 5)
    )
    return found


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.stdout.write(json.dumps(look(sys.argv[1], sys.argv[2], sys.argv[3:] or NAMES)) + "\n")
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while it is taken down; all is said
