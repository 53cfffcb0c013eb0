"""Real cities assessed and packed for the page, some of their streets made one-way."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from model_node import ask
from quarterhour import units
from quarterhour.assessing.analysis import assess_on
from quarterhour.core.impedance import Impedance, impedance
from quarterhour.inputs import EVERYONE, Facilities
from quarterhour.render.map.pack_model import pack_model
from quarterhour.study import prepare_study
from quarterhour.walkers import walker
from quarterhour.whatif.build import what_if

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground

LINK_LIMIT_M = 60.0


class City(NamedTuple):
    """A city assessed and packed; `of_row`: place of the model of every row of demand, or -1."""

    name: str
    found: Assessment
    packed: dict[str, Any]
    of_row: np.ndarray
    demand: dict[str, Any]


PORTO_ALEGRE = """
[people]
source = "{data}/porto_alegre/poa_population.tif"
[people.groups]
age_60_plus = 0.2819
[terrain]
source = "{data}/porto_alegre/poa_elevation.tif"
"""
LIECHTENSTEIN = """
[residential]
source = "osm"
"""
ROADS = {
    "porto alegre": ("porto_alegre/poa_osm.pbf", PORTO_ALEGRE),
    "heidelberg": ("heidelberg/heidelberg.osm.pbf", ""),
    "liechtenstein": ("liechtenstein/liechtenstein-latest.osm.pbf", LIECHTENSTEIN),
    "wuhan": ("wuhan/wuhan_roads.parquet", ""),
}
WALKERS = {
    "porto alegre": walker("elderly", signal_s=20, crossing_s=10, lift_s=5, steps_penalty_s=12.5),
    "heidelberg": walker("adult", steps_factor=2.25, signal_s=15),
    "liechtenstein": walker("caregiver_with_stroller"),
    "wuhan": walker("elderly", steps_penalty_s=8),
}


def facilities_on(ground: Ground, n: int) -> Facilities:
    """Facilities beside random corners of the streets."""
    random = np.random.default_rng(8)
    vertex = random.choice(len(ground.network.vertex_lon), n, replace=False)
    return Facilities(
        name=tuple(f"f{k}" for k in range(n)), kind=("",) * n, status=("",) * n,
        lon=ground.network.vertex_lon[vertex] + random.normal(0, 2e-4, n),
        lat=ground.network.vertex_lat[vertex] + random.normal(0, 2e-4, n),
        row=np.arange(2, n + 2), serving=np.ones(n, bool),
    )  # fmt: skip


def city_of(name: str, shared: Path, folder: Path) -> City:
    """A city with some of its streets made one-way: few maps have paths that are."""
    roads, more = ROADS[name]
    file = folder / "study.toml"
    file.write_text(
        f'[study]\nname = "city"\n[roads]\nsource = "{shared}/{roads}"\n'
        + more.format(data=shared)
        + '[[service]]\nname = "s"\nfacilities = "f.csv"\nlink_limit_m = 60\n',
        encoding="utf-8",
    )
    (folder / "f.csv").write_text("name,lon,lat\na,0,0\n", encoding="utf-8")
    ground = prepare_study(file, store=False).ground
    net = ground.network
    oneway = net.edge_oneway | (np.random.default_rng(4).random(net.n_edges) < 0.05)
    ground.network = dataclasses.replace(net, edge_oneway=oneway)
    found = assess_on(
        ground, facilities_on(ground, 60), cutoffs_min=(5, 10, 15),
        walker=WALKERS[name], link_limit_m=LINK_LIMIT_M, limit_min=40, inside_min=1.5,
        direction="from" if name == "heidelberg" else "to",
    )  # fmt: skip
    packed = pack_model(what_if([found]))
    (demand,) = ask(packed, [{"do": "demand", "k": 0}])
    return City(name, found, packed, places_of_rows(found, demand), demand)


def places_of_rows(a: Assessment, demand: dict[str, Any]) -> np.ndarray:
    """The page's place of every row of demand, by its position on the streets."""
    link = a.ground.link("demand", costs_of(a).linkable, None)
    where = list(zip(demand["edge"], demand["offset"], demand["access"], strict=True))
    number = {at: k for k, at in enumerate(where)}
    assert len(number) == len(where), "one place for each position"
    result = np.full(link.n_owners, -1, np.int64)
    for row, *at in zip(link.owner, link.edge, link.offset_mm, link.access_mm, strict=True):
        result[row] = number.get(tuple(int(v) for v in at), -1)
    amount = np.where(a.ground.inside, a.ground.demand.amounts[EVERYONE], 0)
    linked = np.isin(np.arange(link.n_owners), link.owner)
    assert not amount[linked & (result < 0)].any(), "nobody near a street is missing"
    return result


def costs_of(a: Assessment, speed_mmph: int | None = None) -> Impedance:
    if speed_mmph is None:
        return a.ground.impedance(a.walker, toward=a.direction == "to")
    who = dataclasses.replace(a.walker, speed_mps=speed_mmph / units.MS_PER_HOUR)
    return impedance(a.ground.network, who, toward=a.direction == "to")
