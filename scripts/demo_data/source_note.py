"""The note that travels with the demo data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo_data.frame import Floats
    from demo_data.places import Facility

_NOTE = """# The demo district

**Synthetic.** No place, street, facility or person here is real. The district lies around
105.60 E, 30.30 N only because it has to lie somewhere; nothing that is really there is meant.
Everything is made from a fixed seed by

    python scripts/make_demo_data.py

and is under the MIT licence of this repository. The same library versions write the same bytes.
`study.toml` and `__init__.py` are written by hand. Coordinates are WGS 84 degrees throughout.

| file | what it is |
|---|---|
| `roads.osm.pbf` | streets, lanes, steps, paths, gates, river, parks, houses, named places |
| `population.tif` | people per 3 arc-second cell; bands `population`, `age_60_plus`, `age_0_3` |
| `residential.gpkg` | residential areas: name, kind, town |
| `districts.gpkg` | the eight units: name, kind (街道, 镇, 乡), county |
| `communities.gpkg` | communities (社区) and villages (村) of each unit: name, kind, town, county |
| `urban.gpkg` | the urban area: the three 街道 |
| `district.gpkg` | the study area, the union of the units |
| `facilities.xlsx` | care facilities, sheets 养老设施 and 托育设施 |
| `dem.tif` | terrain of 1 arc-second, metres |
| `study.toml` | what to compute with them |

| count | |
|---|---|
{rows}

What to look for: the river has two bridges only, so the estates of 江南 lie a stone's throw
from the facilities of 北城 and a long walk away. Estates are walled and are entered through
their gates. Hill villages hang on one winding road. One nursery, {lost}, stands about
250 m from any road; nine cells of people are farther away still. One street is closed to walkers
(foot=no), one is private, some are one-way for cars. The ground is cut and filled along rural
roads. Roads run on beyond the study area; people do not. The people of each group were set to
22 % and 2.2 % of all and are spread by area: older in the old town and the villages, younger in
the new estates.
"""


def source_note(
    counts: dict[str, int], people: Floats, facilities: list[Facility], lengths_m: list[float]
) -> str:
    """Return the text of SOURCE.md with the counts of this run."""
    rows = [f"| {name} | {count:,} |" for name, count in counts.items()]
    rows.append(f"| kilometres of walkable ways | {sum(lengths_m) / 1000:,.0f} |")
    for label, value in zip(
        ("people", "people of 60 and more", "children under 3"), people, strict=True
    ):
        rows.append(f"| {label} | {value:,.1f} |")
    for sheet in ("养老设施", "托育设施"):
        own = [f for f in facilities if f.sheet == sheet]
        today = sum(f.status == "现状" for f in own)
        rows.append(f"| {sheet} | {len(own)} ({today} 现状, {len(own) - today} 规划) |")
    lost = next(f.name for f in facilities if f.address.endswith("云岭"))
    return _NOTE.format(rows="\n".join(rows), lost=lost)
