"""A QGIS project inside the GeoPackage: the layers in the order of the map, by service."""

from __future__ import annotations

import io
import re
import sqlite3
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely

from quarterhour.render.gis.aliases import LAYERS, base_of, title_of
from quarterhour.render.gis.looks import different, look_of
from quarterhour.render.gis.qml import body_of
from quarterhour.render.gis.rules import equal, sayable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.render.gis.looks import Layer, Look

WGS84: Final = "EPSG:4326"
NAME: Final = "quarterhour"
"""Of the project, as the browser of QGIS shows it below the file."""

SHOWN: Final = (
    "facilities", "gaps", "service_areas", "sites_chosen", "sites_closed",
    "sites_areas", "no_longer_covered",
)  # fmt: skip
"""Layers that are drawn when the project opens, those of the first service; others can be."""

READ: Final = frozenset(
    ("service", "status", "reason", "change", "scenario", "level", "kind_zh", "kind_en")
)
"""Columns whose values the drawings look at; of the others only the name counts."""

MARGIN: Final = 0.05
FIXED: Final = (1980, 1, 1, 0, 0, 0)
"""The time of a file in the archive: outputs carry no clock."""


def write_project(path: Path, layers: Mapping[str, Layer], title: str) -> None:
    """Put a project with the layers of the GeoPackage at `path` into it.

    It opens with a double click in the browser of QGIS, or by Project > Open From > GeoPackage.
    """
    text = project_of(layers, title, file=path.name)
    if not text:
        return
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"
        )
        base.execute(
            "INSERT INTO qgis_projects VALUES (?, ?, ?)",
            (NAME, '{"last_modified_time": "2000-01-01T00:00:00", "last_modified_user": ""}',
             _packed(text)),
        )  # fmt: skip


def aim_project(path: Path) -> None:
    """Let the project in a GeoPackage name that very file, after it got another name."""

    def aimed(_: re.Match[str]) -> str:
        return escape(f"./{path.name}|layername")

    with closing(sqlite3.connect(path)) as base, base:
        if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'qgis_projects'").fetchall():
            return
        rows = base.execute("SELECT content FROM qgis_projects WHERE name = ?", (NAME,)).fetchall()
        for (content,) in rows:
            with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as packed:
                text = packed.read(f"{NAME}.qgs").decode()
            found = re.sub(r"\./[^|<>\"]+\|layername", aimed, text)
            base.execute("UPDATE qgis_projects SET content = ?", (_packed(found),))


def _packed(text: str) -> str:
    """A .qgz as QGIS keeps it in a table: hexadecimal digits."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        one = zipfile.ZipInfo(f"{NAME}.qgs", FIXED)
        one.compress_type = zipfile.ZIP_DEFLATED
        one.external_attr = 0o644 << 16
        archive.writestr(one, text.encode())
    return packed.getvalue().hex()


def project_of(layers: Mapping[str, Layer], title: str, *, file: str) -> str:
    """The project as XML; empty where no layer has a style."""
    look = look_of(layers)
    names = sorted(
        (n for n in layers if base_of(n) in LAYERS),
        key=lambda n: (list(LAYERS).index(base_of(n)), n),
    )
    bounds = _bounds(layers)
    if not names or bounds is None:
        return ""
    services = list(look.services)
    split = len(services) > 1
    alone = [n for n in names if not split or "service" not in layers[n][2]]
    top = [_entry(n, layers, look, file) for n in alone]
    tree, drawn = "".join(t for t, _ in top), "".join(m for _, m in top)
    for k, service in enumerate(services if split else ()):
        own = [
            _entry(n, layers, look, file, service=service, number=k + 1)
            for n in names
            if n not in alone and service in different(layers[n][2]["service"])
        ]
        on = "Qt::Checked" if k == 0 else "Qt::Unchecked"
        tree += (
            f'<layer-tree-group name={quoteattr(service or "–")} checked="{on}"'
            f' expanded="{int(k == 0)}"><customproperties/>{"".join(t for t, _ in own)}'
            "</layer-tree-group>"
        )
        drawn += "".join(m for _, m in own)
    crs, extent = _shown(bounds)
    return sayable(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis projectname={quoteattr(title)} version="3.22.0">'
        f'<homePath path=""/><title>{escape(title)}</title><projectCrs>{crs}</projectCrs>'
        f"<layer-tree-group><customproperties/>{tree}</layer-tree-group>"
        '<mapcanvas name="theMapCanvas" annotationsVisible="1"><units>meters</units>'
        f"{_extent(extent)}<rotation>0</rotation><destinationsrs>{crs}</destinationsrs>"
        "</mapcanvas>"
        f"<projectlayers>{drawn}</projectlayers>"
        '<properties><Paths><Absolute type="bool">false</Absolute></Paths>'
        '<Measurement><DistanceUnits type="QString">meters</DistanceUnits>'
        '<AreaUnits type="QString">ha</AreaUnits></Measurement>'
        '<Gui><CanvasColorRedPart type="int">246</CanvasColorRedPart>'
        '<CanvasColorGreenPart type="int">245</CanvasColorGreenPart>'
        '<CanvasColorBluePart type="int">240</CanvasColorBluePart></Gui>'
        '<SpatialRefSys><ProjectionsEnabled type="int">1</ProjectionsEnabled></SpatialRefSys>'
        "</properties>"
        f'<ProjectViewSettings UseProjectScales="0"><Scales/><DefaultViewExtent'
        f" {_sides(extent)}>{crs}</DefaultViewExtent></ProjectViewSettings>"
        "</qgis>\n"
    )


def _entry(
    name: str,
    layers: Mapping[str, Layer],
    look: Look,
    file: str,
    *,
    service: str | None = None,
    number: int = 0,
) -> tuple[str, str]:
    """A layer in the tree and the layer itself; with `service` only its rows."""
    _, kind, columns = layers[name]
    source = f"./{file}|layername={name}"
    if service is not None:
        own = np.asarray(columns["service"], object) == service
        columns = {
            key: np.asarray(values, object)[own] if key in READ else ()
            for key, values in columns.items()
        }
        source += f"|subset={equal('service', service)}"
    # QGIS gives a layer with a short id another one, and then misses it in the tree
    given, title = f"{NAME}_{name}_{number}", title_of(name)
    on = "Qt::Checked" if base_of(name) in SHOWN else "Qt::Unchecked"
    geometry = {"Point": "Point", "LineString": "Line", "MultiLineString": "Line"}
    tree = (
        f'<layer-tree-layer id={quoteattr(given)} name={quoteattr(title)} checked="{on}"'
        f' expanded="{int(base_of(name) in {"facilities", "gaps"} and number < 2)}"'
        f' providerKey="ogr" source={quoteattr(source)}><customproperties/></layer-tree-layer>'
    )
    body = body_of(name, columns, look) or ""
    layer = (
        f'<maplayer type="vector" geometry="{geometry.get(kind, "Polygon")}"'
        f' labelsEnabled="{int("<labeling" in body)}" styleCategories="AllStyleCategories">'
        f"<id>{escape(given)}</id><datasource>{escape(source)}</datasource>"
        f"<layername>{escape(title)}</layername><srs>{_crs(WGS84)}</srs>"
        f'<provider encoding="UTF-8">ogr</provider>{body}</maplayer>'
    )
    return tree, layer


def _bounds(layers: Mapping[str, Layer]) -> NDArray[np.float64] | None:
    """West, south, east and north of what was asked about, degrees."""
    for names in (("people", "demand", "units", "service_areas"), tuple(layers)):
        for name in names:
            shapes: Any = layers.get(name, ((),))[0]
            found = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
            if np.isfinite(found).all():
                return np.asarray(found, np.float64)
    return None


def _shown(bounds: NDArray[np.float64]) -> tuple[str, tuple[float, float, float, float]]:
    """A metric system for the middle of the study area, and the area in it with a margin."""
    from pyproj import Transformer  # noqa: PLC0415 - heavy

    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    zone = min(int((lon + 180) // 6) + 1, 60)
    code = (32600 if lat >= 0 else 32700) + zone
    made = Transformer.from_crs(WGS84, f"EPSG:{code}", always_xy=True)
    west, south, east, north = made.transform_bounds(*bounds.tolist())
    wide = max(east - west, north - south, 1.0) * MARGIN
    box = (west - wide, south - wide, east + wide, north + wide)
    south_of = "" if lat >= 0 else " +south"
    proj = f"+proj=utm +zone={zone}{south_of} +datum=WGS84 +units=m +no_defs"
    return _crs(f"EPSG:{code}", proj), (round(box[0], 1), round(box[1], 1), round(box[2], 1),
                                  round(box[3], 1))  # fmt: skip


def _crs(code: str, proj: str = "+proj=longlat +datum=WGS84 +no_defs") -> str:
    # by its code alone QGIS 3.22 takes it for unknown
    name = (
        "WGS 84" if code == WGS84 else f"WGS 84 / UTM {code[-2:]}{'S' if code[-3] == '7' else 'N'}"
    )
    return (
        f"<spatialrefsys><proj4>{proj}</proj4><srid>{code[5:]}</srid><authid>{code}</authid>"
        f"<description>{name}</description>"
        f"<geographicflag>{str(code == WGS84).lower()}</geographicflag></spatialrefsys>"
    )


def _extent(box: tuple[float, float, float, float]) -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    return f"<extent>{''.join(f'<{name}>{value}</{name}>' for name, value in sides)}</extent>"


def _sides(box: tuple[float, float, float, float]) -> str:
    sides = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    return " ".join(f'{name}="{value}"' for name, value in sides)
