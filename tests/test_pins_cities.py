"""The page's changes as a scenario of a real city: equal to the person, on slopes too.

Streets that are cut or linked have their slopes worked out anew by the run, from the heights; the
page keeps those it has. What that may change is measured here: less than two seconds of a walk.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from model_cities import PORTO_ALEGRE
from model_node import ask, position
from quarterhour.core.slope import position_lonlat
from quarterhour.gather.laying import assess_service
from quarterhour.render.map.pack_model import pack_model
from quarterhour.scenarios.scenario import run_scenario
from quarterhour.sources.roads.read import read_roads
from quarterhour.study import prepare_study
from quarterhour.study_file.parts import ScenarioPart
from quarterhour.whatif.build import what_if
from quarterhour.whatif.places import demand_of
from test_pins import feature, written

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.gather.inputs import Gather
    from quarterhour.scenarios.scenario import ServiceChange

N_FACILITIES = 40
SAME_MS = 1
SLOPES_MS = 2000


class City(NamedTuple):
    """A city as it is: what was read, its one service, and the page's model of it."""

    inputs: Gather
    found: Assessment
    packed: dict[str, Any]
    key: str
    folder: Path
    hilly: bool


@pytest.fixture(scope="module", params=["flat", "hilly"])
def city(
    request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> City:
    folder = tmp_path_factory.mktemp(request.param)
    roads = shared / "porto_alegre" / "poa_osm.pbf"
    people = PORTO_ALEGRE.format(data=shared)
    hilly = request.param == "hilly"
    file = folder / "study.toml"
    file.write_text(
        f'[study]\nname = "city"\n[roads]\nsource = "{roads}"\n'
        + (people if hilly else people[: people.index("[terrain]")])
        + '[[service]]\nname = "s"\nfacilities = "f.csv"\nwalker = "elderly"\n'
        "signal_s = 20\ninside_min = 1\n",
        encoding="utf-8",
    )
    net = read_roads(roads, cache=False)
    at = np.random.default_rng(6).choice(len(net.vertex_lon), N_FACILITIES, replace=False)
    rows = [f"f{k},{net.vertex_lon[v]:.7f},{net.vertex_lat[v]:.7f}" for k, v in enumerate(at)]
    (folder / "f.csv").write_text("\n".join(["name,lon,lat", *rows, ""]), encoding="utf-8")
    ready = prepare_study(file, store=False)
    found = assess_service(ready.laid, 0, ready.facilities[0])
    model = what_if([found])
    return City(ready.laid.inputs, found, pack_model(model), model.network.key, folder, hilly)


def positions(city: City, n: int, seed: int) -> list[dict[str, Any]]:
    """Positions on streets near people, with their place on the map."""
    a = city.found
    net, random = a.ground.network, np.random.default_rng(seed)
    link = a.ground.link("demand", a.ground.impedance(a.walker).linkable, None)
    edge = random.choice(np.unique(link.edge), n, replace=False).astype(np.int64)
    offset = (net.edge_length_mm[edge] * random.uniform(0.2, 0.8, n)).astype(np.int64)
    lon, lat = position_lonlat(net, edge, offset)
    return [
        {**position(e, o), "on": [float(x), float(y)]}
        for e, o, x, y in zip(edge, offset, lon, lat, strict=True)
    ]


def bare(spot: dict[str, Any]) -> dict[str, int]:
    return {"edge": spot["edge"], "offset_mm": spot["offset_mm"]}


def changed(city: City, *features: dict[str, Any]) -> ServiceChange:
    """The service in a scenario of the run."""
    (city.folder / "pins.geojson").write_text(written(city.key, *features), encoding="utf-8")
    part = ScenarioPart(name="试", pins="pins.geojson")
    return run_scenario(city.inputs, [city.found], part).services[0]


def apart(city: City, after: Assessment, **options: Any) -> tuple[np.ndarray, bool]:
    """Milliseconds by which every place differs, and whether all counts are equal."""
    (state,) = ask(city.packed, [{"do": "state", "k": 0, "options": options}])
    a = city.found
    link = a.ground.link("demand", a.ground.impedance(a.walker).linkable, None)
    _, of_row = demand_of(a.ground, link)
    rows = of_row >= 0
    run = np.where(after.demand.nearest >= 0, after.demand.ms.astype(np.int64), -1)[rows]
    counts = {g: dataclasses.asdict(c) for g, c in after.counts[-1].items()}
    return np.abs(run - np.array(state["ms"])[of_row[rows]]), counts == state["counts"]


def pins_of(city: City) -> tuple[list[dict[str, Any]], list[dict[str, int]]]:
    """Three pins as features and as positions, linked by the page."""
    a, random = city.found, np.random.default_rng(9)
    lon, lat = (v[a.ground.inside] for v in (a.ground.demand.lon, a.ground.demand.lat))
    tasks = [
        {"do": "link", "k": 0, "lat": float(lat[k]), "lon": float(lon[k])}
        for k in random.choice(len(lon), 12, replace=False)
    ]
    found = [pin for pin in ask(city.packed, tasks) if "edge" in pin][:3]
    where = [position(p["edge"], p["offset_mm"], p["access_mm"]) for p in found]
    return [
        feature("facility", [[p["lon"], p["lat"]]], name=f"pin {k}", service="s", **at)
        for k, (p, at) in enumerate(zip(found, where, strict=True))
    ], where


def test_pins_and_closed_facilities_are_equal_to_the_person(city: City) -> None:
    features, where = pins_of(city)
    facilities, shown = city.found.facilities, []
    for k in (3, 17):
        spot = [round(float(v[k]), 6) for v in (facilities.lon, facilities.lat)]
        shown.append(feature("close_facility", [spot], name=facilities.name[k], service="s"))
    after = changed(city, *features, *shown).after
    assert after.facility_status[-3:] == ("used",) * 3
    differ, equal = apart(city, after, pins=where, closed=[3, 17])
    assert equal
    assert not differ.any()
    assert after.counts != city.found.counts


def test_streets_cut_and_linked(city: City) -> None:
    spots = positions(city, 24, 3)
    cuts = spots[:20]
    # a footbridge between two streets that are near each other
    links = [{"from": bare(spots[20]), "to": bare(spots[21]), "length_mm": 30_000}]
    features = [feature("cut", [p["on"]], **bare(p)) for p in cuts]
    after = changed(city, *features).after
    differ, equal = apart(city, after, cuts=[bare(p) for p in cuts])
    assert equal
    assert differ.max() <= (SLOPES_MS if city.hilly else SAME_MS)
    assert (differ > SAME_MS).mean() < 0.005
    if city.hilly:
        return  # the run lets a link climb between its ends, the page takes it as level
    ends = {f"{key}_{name}": v for key in ("from", "to") for name, v in links[0][key].items()}
    line = feature("link", [spots[20]["on"], spots[21]["on"]], length_mm=30_000, **ends)
    pins, where = pins_of(city)
    after = changed(city, *features, line, *pins).after
    differ, equal = apart(city, after, cuts=[bare(p) for p in cuts], links=links, pins=where)
    assert equal
    assert differ.max() <= SAME_MS
    assert json.loads((city.folder / "pins.geojson").read_text("utf-8"))["features"]
