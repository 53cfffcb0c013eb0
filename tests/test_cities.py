"""Real cities, each run whole and compared with an independent plain Dijkstra."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest

from oracle import Oracle, Segment, read_lines, read_osm
from quarterhour.publish import OUTPUTS
from quarterhour.study import run_study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quarterhour.study import StudyResult

N_PLACES = 200
MB = 1024 * 1024

STUDY = """
[study]
name = "{name}"
language = "both"
synthetic = {synthetic}

[roads]
source = "{roads}"
{people}
[[service]]
name = "{service}"
facilities = "{facilities}"
walker = "{walker}"
cutoffs_min = [5, 10, 15]
link_limit_m = {link_m}
"""


@dataclass(frozen=True)
class City:
    """A study of a city: what is read, and who walks."""

    roads: str
    facilities: str
    walker: str
    speed_mps: float
    steps: bool = True
    people: str = ""
    column: str = ""
    total: float | None = None
    synthetic: bool = False
    link_m: float = 200.0


CITIES = {
    "Porto Alegre": City(
        "porto_alegre/poa_osm.pbf", "schools.csv", "adult", 1.2,
        people="porto_alegre/poa_population.tif", total=812_935,
    ),
    "Porto Alegre by hexagons": City(
        "porto_alegre/poa_osm.pbf", "schools.csv", "elderly_75_plus", 0.8,
        people="porto_alegre/poa_hexgrid.csv", column="population", total=812_935,
    ),
    "Helsinki": City(
        "helsinki/Helsinki.osm.pbf", "points.csv", "frail", 0.65,
        people="helsinki/helsinki_population_grid_2020.gpkg", total=71_724, synthetic=True,
    ),
    "Heidelberg": City(
        "heidelberg/heidelberg.osm.pbf", "heidelberg/heidelberg_facilities.csv",
        "caregiver_with_stroller", 1.0, steps=False,
    ),
    "Liechtenstein": City(
        "liechtenstein/liechtenstein-latest.osm.pbf",
        "liechtenstein/liechtenstein_facilities.csv", "elderly", 1.0,
    ),
    "Wuhan": City(
        "wuhan/wuhan_roads.parquet", "points.csv", "adult", 1.2, people="people.csv",
        column="people", synthetic=True,
    ),
}  # fmt: skip

BOXES = {"Helsinki": (24.936, 60.165, 24.952, 60.178), "Wuhan": (114.15, 30.45, 114.45, 30.70)}


def write_csv(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_points(home: Path, name: str, shared: Path) -> None:
    """What a study needs and no file has: schools of hexagons, or seeded synthetic points."""
    if name.startswith("Porto Alegre"):
        with (shared / "porto_alegre/poa_hexgrid.csv").open(encoding="utf-8") as file:
            cells = [r for r in csv.DictReader(file) if float(r["schools"]) > 0]
        rows: list[list[object]] = [[r["id"], r["lon"], r["lat"]] for r in cells]
        assert len(rows) == 177
        write_csv(home / "schools.csv", ["name", "lon", "lat"], rows)
    if name in BOXES:
        west, south, east, north = BOXES[name]
        rng = np.random.default_rng(20)
        for file_name, n in (("points.csv", 40 if name == "Wuhan" else 4), ("people.csv", 3_000)):
            lon, lat = rng.uniform(west, east, n).round(6), rng.uniform(south, north, n).round(6)
            people = rng.integers(1, 400, n)
            synthetic = [f"synthetic {k + 1}" for k in range(n)]
            columns = (synthetic, lon.tolist(), lat.tolist(), people.tolist())
            write_csv(home / file_name, ["name", "lon", "lat", "people"],
                      [list(row) for row in zip(*columns, strict=True)])  # fmt: skip


def write_study(home: Path, name: str, shared: Path) -> Path:
    city = CITIES[name]

    def at(source: str) -> str:
        return (shared / source).resolve().as_posix() if "/" in source else source

    people = ""
    if city.people:
        column = f'people = "{city.column}"\n' if city.column else ""
        people = f'\n[people]\nsource = "{at(city.people)}"\n{column}'
    write_points(home, name, shared)
    path = home / "study.toml"
    path.write_text(
        STUDY.format(
            name=name, roads=at(city.roads), people=people, service="care 托育",
            facilities=at(city.facilities), walker=city.walker, link_m=city.link_m,
            synthetic=str(city.synthetic).lower(),
        ),
        encoding="utf-8",
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def ran(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[StudyResult, Path]]:
    """Runs a city once: the result, and the folder of its outputs."""
    done: dict[str, tuple[StudyResult, Path]] = {}

    def run(name: str) -> tuple[StudyResult, Path]:
        if name not in done:
            home = tmp_path_factory.mktemp(name.replace(" ", "-"))
            study = write_study(home, name, shared)
            done[name] = (run_study(study, home / "out", threads=2), home / "out")
        return done[name]

    return run


@pytest.fixture(scope="module")
def segments(shared: Path) -> Callable[[str], list[Segment]]:
    """Reads the roads of a city for the oracle."""
    done: dict[str, list[Segment]] = {}

    def read(source: str) -> list[Segment]:
        if source not in done:
            path = shared / source
            done[source] = read_lines(path) if path.suffix == ".parquet" else read_osm(path)
        return done[source]

    return read


@pytest.mark.parametrize("name", CITIES)
def test_times_agree_with_a_plain_dijkstra(
    name: str,
    ran: Callable[[str], tuple[StudyResult, Path]],
    segments: Callable[[str], list[Segment]],
) -> None:
    city = CITIES[name]
    (assessment,) = ran(name)[0].assessments
    oracle = Oracle(segments(city.roads), speed_mps=city.speed_mps, steps=city.steps)
    f = assessment.facilities
    facilities = [
        spot
        for lon, lat in zip(f.lon, f.lat, strict=True)
        if (spot := oracle.link(lon, lat, city.link_m)) is not None
    ]
    assert len(facilities) == len(assessment.used) > 0
    limit_s = assessment.limit_min * 60
    times = oracle.times_to(facilities, limit_s)
    demand, at = assessment.ground.demand, assessment.demand
    rng = np.random.default_rng(1)
    linked = np.flatnonzero(at.linked & assessment.ground.inside)
    places = rng.choice(linked, min(N_PLACES, len(linked)), replace=False)
    apart, reached = [], 0
    for k in places:
        spot = oracle.link(demand.lon[k], demand.lat[k], 200.5)
        assert spot is not None
        expected = oracle.seconds(spot, facilities, times)
        found = at.ms[k] / 1000 if at.nearest[k] >= 0 else np.inf
        reached += bool(np.isfinite(found))
        both_beyond = found == np.inf and expected > limit_s - 1
        if not both_beyond and not abs(found - expected) <= 1:
            apart.append((int(k), float(demand.lon[k]), float(demand.lat[k]), found, expected))
    assert reached > len(places) / 4
    assert len(apart) <= len(places) // N_PLACES, apart


@pytest.mark.parametrize("name", CITIES)
def test_people_add_up_and_outputs_are_whole(
    name: str, ran: Callable[[str], tuple[StudyResult, Path]]
) -> None:
    city = CITIES[name]
    out = ran(name)[1]
    assert sorted(p.name for p in out.iterdir()) == sorted([*OUTPUTS, "figures"])
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    (service,) = summary["services"]
    assert [c["cutoff_min"] for c in service["cutoffs"]] == [5, 10, 15]
    covered = []
    for cutoff in service["cutoffs"]:
        g = cutoff["groups"]["all"]
        assert g["covered"] + g["uncovered"] + g["unlinked"] == pytest.approx(
            g["total"], rel=0, abs=1e-6
        )
        assert g["share_covered"] == pytest.approx(g["covered"] / g["total"], rel=1e-9)
        covered.append(g["covered"])
        if city.total is not None:
            assert g["total"] == pytest.approx(city.total, rel=1e-6)
    assert 0 < covered[0] < covered[1] < covered[2]
    kind = summary["study"]["demand"]["kind"]
    assert (kind == "people") == bool(city.people)

    layers = dict(pyogrio.list_layers(out / "results.gpkg"))
    places = "people" if city.people else "demand"
    assert {"service_areas", "service_area_lines", "facilities", places} <= layers.keys()
    for layer, columns in {
        "service_areas": {"service", "cutoff_min", "facility", "offset_m"},
        "facilities": {
            "service",
            "name",
            "link_m",
            "status",
            "people_reached" if city.people else "demand_reached",
        },
        places: {"service", "nearest", "minutes", "status", "reason"},
    }.items():
        assert columns <= set(pyogrio.read_info(out / "results.gpkg", layer=layer)["fields"])
    rows = pyogrio.read_dataframe(out / "results.gpkg", layer=places)
    if not city.people:  # the stand-in for people is named by its kind
        rows = rows.rename(columns={kind: "people"})
    by_status = rows.groupby("status")["people"].sum()
    for status in ("covered", "uncovered", "unlinked"):
        assert by_status.get(status, 0) == pytest.approx(
            service["cutoffs"][-1]["groups"]["all"][status], abs=1e-3
        )
    assert (rows["minutes"][rows["status"] == "covered"] <= 15).all()
    assert not (rows["minutes"][rows["status"] != "covered"] <= 15).any()
    assert rows["minutes"][rows["status"] == "unlinked"].isna().all()
    areas = pyogrio.read_dataframe(out / "results.gpkg", layer="service_areas")
    assert areas.geometry.is_valid.all()
    size = (out / "map.html").stat().st_size
    assert size > 100_000
    if name == "Heidelberg":
        assert size <= 15 * MB


def test_two_runs_are_the_same_to_the_byte_in_any_folder_and_on_any_number_of_threads(
    ran: Callable[[str], tuple[StudyResult, Path]], shared: Path, tmp_path: Path
) -> None:
    first = ran("Helsinki")[1]
    other = tmp_path / "一个 other place"
    other.mkdir()
    run_study(write_study(other, "Helsinki", shared), other / "结果", threads=1)
    for name in OUTPUTS:
        assert (first / name).read_bytes() == (other / "结果" / name).read_bytes(), name


def test_both_sources_of_porto_alegre_tell_nearly_the_same(
    ran: Callable[[str], tuple[StudyResult, Path]],
) -> None:
    # people in cells and people at hexagon centres: the same totals, other walkers
    (adults,) = ran("Porto Alegre")[0].assessments
    (old,) = ran("Porto Alegre by hexagons")[0].assessments
    assert adults.total == pytest.approx(old.total, rel=1e-6)
    assert adults.covered > old.covered
