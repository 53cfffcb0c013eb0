"""Make the synthetic demo district of Quarterhour.

A hill town that does not exist: river, streets, walled estates, villages, people and facilities.
The seed is fixed, so the same library versions write the same bytes. ``python
scripts/make_demo_data.py`` rewrites data/demo; ``--out DIR`` writes elsewhere.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Point
from shapely.ops import unary_union

from demo_data.blocks import Fabric, fill_blocks, quarter_houses
from demo_data.communities import make_communities
from demo_data.files import write_layer, write_people, write_terrain, write_workbook
from demo_data.frame import coords
from demo_data.land import Land, make_land
from demo_data.names import Names
from demo_data.network import Road, node_roads
from demo_data.osmfile import OsmWriter, add_roads
from demo_data.people import make_people
from demo_data.places import make_facilities, make_homes, make_units
from demo_data.rural import Village, graded, rural_roads, shortcuts
from demo_data.source_note import source_note
from demo_data.streets import grow, main_roads, motorway, park_paths, with_steps

if TYPE_CHECKING:
    from shapely.geometry import LineString

    from demo_data.frame import Floats

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "data" / "demo"
# Written by hand; the study file says what to do with the data and grows with the product.
BY_HAND = ("study.toml", "__init__.py")
SUBURBS_M = [("老城", -1150, 60), ("北城", 1000, 1640), ("新区", 2950, 560), ("江南", 900, 90),
             ("白塔", -1900, -1280), ("石桥镇", -4250, 1560), ("柳溪镇", 4380, -1820),
             ("双河镇", -1980, -3860), ("青岭乡", -1500, 3200), ("东坪乡", 1950, 3420)]  # fmt: skip


def open_to_walkers(road: Road) -> bool:
    """Say whether a road counts when the distance of a place from the network is measured."""
    return road.highway != "motorway" and "foot" not in road.tags


def main_component(roads: list[Road]) -> tuple[list[Road], list[Floats]]:
    """Return the roads that hang together, and the motorway, with their shared vertices."""
    noded = node_roads(roads)
    number: dict[tuple[float, float], int] = {}
    tails, heads = [], []
    for xy in noded:
        ids = [number.setdefault((float(x), float(y)), len(number)) for x, y in xy]
        tails += ids[:-1]
        heads += ids[1:]
    size = len(number)
    links = coo_matrix((np.ones(len(tails)), (tails, heads)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    biggest = np.bincount(label).argmax()
    keep = [
        k for k, (road, xy) in enumerate(zip(roads, noded, strict=True))
        if road.highway == "motorway" or label[number[float(xy[0, 0]), float(xy[0, 1])]] == biggest
    ]  # fmt: skip
    return [roads[k] for k in keep], [noded[k] for k in keep]


def write_osm(
    path: Path,
    *,
    land: Land,
    network: tuple[list[Road], list[Floats]],
    fabric: Fabric,
    villages: list[Village],
) -> dict[str, int]:
    """Write the network and the ground cover; return counts by kind."""
    roads, noded = network
    writer = OsmWriter()
    add_roads(writer, roads, noded)
    writer.polygon(land.river, {"natural": "water", "water": "river", "name": "岚江"})
    writer.way(coords(land.river_line), {"waterway": "river", "name": "岚江"})
    for name, park in fabric.parks:
        writer.polygon(park, {"leisure": "park", "name": name})
    for ground in [*(h.ground for h in fabric.homes), *(v.ground for v in villages)]:
        writer.polygon(ground, {"landuse": "residential"})
    for house in fabric.buildings:
        writer.polygon(house, {"building": "yes"})
    for name, x, y in SUBURBS_M:
        kind = "town" if name.endswith(("镇", "乡")) else "suburb"
        writer.place(x, y, {"place": kind, "name": name})
    for village in villages:
        # One metre aside: the village square itself is a node of the road.
        writer.place(village.x_m + 1, village.y_m + 1, {"place": "village", "name": village.name})
    writer.write(path)
    return {
        "ways of the road network": len(roads),
        "steps": sum(r.highway == "steps" for r in roads),
        "gates": sum(len(r.marks) for r in roads),
        "buildings": len(fabric.buildings),
        "villages": len(villages),
    }


def make(out: Path) -> None:
    """Make everything and write it to a folder."""
    out.mkdir(parents=True, exist_ok=True)
    names = Names()
    land = make_land()
    town = main_roads(land)
    streets, lanes = grow(land, town)
    lanes = with_steps(lanes, land)
    fabric = fill_blocks(land, town + streets, lanes, names)
    inner = [road for _, park in fabric.parks for road in park_paths(park)] + fabric.roads
    joinable: list[LineString] = [
        r.line for r in town + streets
        if open_to_walkers(r) and "access" not in r.tags and "tunnel" not in r.tags
    ]  # fmt: skip
    country, villages = rural_roads(land, joinable, names)
    height = graded(land, country)
    footpaths = with_steps(shortcuts(land, villages, [r.line for r in streets + lanes]), land)
    quarter_houses(fabric, lanes + country, villages, 1100)
    surface = town + streets + lanes + country + footpaths
    roads = surface + inner + motorway(land, surface)
    roads, noded = main_component(roads)

    units = make_units(land)
    area = unary_union([polygon for _, _, polygon in units])
    homes = make_homes(fabric.homes, villages, units)
    walkable = [r for r in roads if open_to_walkers(r)]
    bands = make_people([home for home, _ in homes], area, [r.line for r in walkable])
    inside = [v for v in villages if area.contains(Point(v.x_m, v.y_m))]
    facilities = make_facilities(walkable, inside, units)

    counts = write_osm(
        out / "roads.osm.pbf",
        land=land,
        network=(roads, noded),
        fabric=fabric,
        villages=villages,
    )
    write_people(out / "population.tif", bands)
    write_terrain(out / "dem.tif", height)
    write_layer(
        out / "residential.gpkg", "residential",
        {"name": [h.name for h, _ in homes], "kind": [h.kind for h, _ in homes],
         "town": [unit for _, unit in homes]},
        [h.ground for h, _ in homes],
    )  # fmt: skip
    write_layer(
        out / "districts.gpkg", "districts",
        {"name": [name for name, _, _ in units], "kind": [kind for _, kind, _ in units],
         "county": ["示例区" for _ in units]},
        [polygon for _, _, polygon in units],
    )  # fmt: skip
    communities = make_communities(homes, units)
    write_layer(
        out / "communities.gpkg", "communities",
        {"name": [c[0] for c in communities], "kind": [c[1] for c in communities],
         "town": [c[2] for c in communities], "county": ["示例区" for _ in communities]},
        [c[3] for c in communities],
    )  # fmt: skip
    streets_only = unary_union([polygon for _, kind, polygon in units if kind == "街道"])
    write_layer(out / "urban.gpkg", "urban", {"name": ["城区"]}, [streets_only])
    write_layer(out / "district.gpkg", "area", {"name": ["示例区"]}, [area])
    write_workbook(out / "facilities.xlsx", facilities)
    counts["residential areas"] = len(homes)
    people = np.where(bands < 0, 0, bands).sum(axis=(1, 2))
    note = source_note(counts, people, facilities, [road.line.length for road in walkable])
    (out / "SOURCE.md").write_text(note, encoding="utf-8")
    for name in BY_HAND:
        if out.resolve() != DEMO and (DEMO / name).exists():
            shutil.copyfile(DEMO / name, out / name)


def main() -> int:
    """Read the command line and make the data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DEMO, help="folder to write to")
    out = parser.parse_args().out.resolve()
    make(out)
    for path in sorted(out.iterdir()):
        if path.is_file():
            print(f"{path.stat().st_size:>9,} {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
