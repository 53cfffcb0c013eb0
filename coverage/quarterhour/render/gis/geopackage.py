"""Results as a GeoPackage with QGIS styles inside, the same bytes for the same results."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.render.gis.aliases import title_of
from quarterhour.render.gis.project import write_project
from quarterhour.render.gis.qml import styles_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

FIXED_DATE = "2000-01-01T00:00:00.000Z"
"""Written where GeoPackage wants the time of writing: outputs carry no clock."""


def write_geopackage(
    path: Path,
    layers: Mapping[str, tuple[NDArray[Any], str, Mapping[str, Any]]],
    *,
    project: str = "",
) -> None:
    """Write layers in WGS-84 (EPSG:4326) to a new file at `path`, and their QGIS styles.

    `layers`: by name, (geometries, geometry type, columns). `project`: the title of a QGIS project
    inside that shows them all, none without.
    """
    import geopandas as gpd  # noqa: PLC0415 - heavy

    with no_clock():
        for name, (geometry, kind, columns) in layers.items():
            frame = gpd.GeoDataFrame(dict(columns), geometry=geometry, crs=4326)
            frame.to_file(
                path, layer=name, driver="GPKG", engine="pyogrio", geometry_type=kind,
                use_arrow=True, layer_options={"IDENTIFIER": title_of(name)},
            )  # fmt: skip
    _add_styles(path, styles_of(layers))
    if project:
        write_project(path, layers, project)


@contextmanager
def no_clock() -> Iterator[None]:
    """GDAL with a fixed date and one thread, so that files do not depend on either."""
    import pyogrio  # noqa: PLC0415

    wanted = {"OGR_CURRENT_DATE": FIXED_DATE, "OGR_GPKG_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1"}
    before = {key: pyogrio.get_gdal_config_option(key) for key in wanted}
    pyogrio.set_gdal_config_options(wanted)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _add_styles(path: Path, styles: Mapping[str, str]) -> None:
    """The table `layer_styles` as QGIS writes it, one default style per layer."""
    with sqlite3.connect(path) as base:
        base.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            " f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),"
            " f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,"
            " useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),"
            " update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description,"
            " last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (FIXED_DATE,),
        )
        for name, style in styles.items():
            base.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
                " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,"
                " owner, ui, update_time) VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '', NULL, ?)",
                (name, f"quarterhour {name}"[:30], style, FIXED_DATE),
            )
    base.close()


def text_column(values: Any) -> NDArray[Any]:  # noqa: ANN401 - any sequence of texts
    """Texts as an object column."""
    return np.array(list(values), object)
