"""A whole run on the tiny town, where every number can be worked out on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quarterhour.study import StudyResult, run_study
from small_study import (
    FACILITIES,
    PEOPLE,
    STREETS,
    box,
    facilities_text,
    lonlat,
    osm_text,
    people_text,
    small_study,
    write_layer,
    write_raster,
)

if TYPE_CHECKING:
    from pathlib import Path

METRES = 0.02
"""OSM files keep positions to a centimetre."""


def places(result: StudyResult, service: int = 0) -> dict[str, tuple[str | None, float, str]]:
    """Nearest facility, metres to it at the walker's speed, and reason, by name of the place."""
    a = result.assessments[service]
    reason = a.demand.reason(a.cutoff_ms)
    found = {}
    for k, name in enumerate(a.ground.demand.names):
        of = int(a.demand.nearest[k])
        metres = a.demand.ms[k] / 1000 * a.walker.speed_mps if of >= 0 else np.nan
        found[name] = (a.facilities.name[of] if of >= 0 else None, float(metres), str(reason[k]))
    return found


def counts(result: StudyResult, cutoff: int = -1, service: int = 0, group: str = "all") -> Any:
    row = result.summary["services"][service]["cutoffs"][cutoff]["groups"][group]
    assert row["covered"] + row["uncovered"] + row["unlinked"] == pytest.approx(row["total"])
    return row["total"], row["covered"], row["uncovered"], row["unlinked"]


def test_who_is_covered_by_whom_after_how_many_metres(tmp_path: Path) -> None:
    result = run_study(small_study(tmp_path))
    near = pytest.approx
    assert places(result) == {
        "甲": ("西院", near(10 + 100, abs=METRES), ""),
        "乙": ("西院", near(10 + 500 + 20, abs=METRES), ""),
        "丙": ("北站", near(100, abs=METRES), ""),
        "丁": ("北站", near(500 + 600, abs=METRES), "far"),
        "岛": (None, near(np.nan, nan_ok=True), "disconnected"),
        "山": (None, near(np.nan, nan_ok=True), "unlinked"),
    }
    a = result.assessments[0]
    assert a.facility_link_m == near([10, 0], abs=METRES)
    # 5, 10 and 15 minutes are 360, 720 and 1080 m
    assert counts(result, 0) == (112, 10 + 30, 20 + 40 + 5, 7)
    assert counts(result, 1) == (112, 10 + 20 + 30, 40 + 5, 7)
    assert counts(result, 2) == (112, 10 + 20 + 30, 40 + 5, 7)
    assert a.share_covered == near(60 / 112)
    reached = {f["name"]: f["reached"]["all"] for f in result.summary["services"][0]["facilities"]}
    assert reached == {"西院": 10 + 20, "北站": 10 + 20 + 30}  # overlaps count for both
    streets = [c["reached_street_km"] for c in result.summary["services"][0]["cutoffs"]]
    west, north = 350, 360 + 100  # along the main street, and down and up the side street
    assert streets[0] == near((west + north) / 1000, abs=0.001)
    north = 100 + 500 + 2 * 220  # 720 m: down to the main street and 220 m each way
    assert streets[1] == near((710 + north - (710 - 380)) / 1000, abs=0.001)


def test_cutoff_is_inclusive_and_the_search_goes_on_beyond_it(tmp_path: Path) -> None:
    rows = [("前", 348, 0, 1), ("后", 352, 0, 2), ("远", 400, 0, 4)]
    base = {"service.0.cutoffs_min": [5]}
    files = {"people.csv": people_text(rows)}
    result = run_study(small_study(tmp_path, base, files))
    assert counts(result) == (7, 1, 6, 0)
    assert places(result)["后"][1] == pytest.approx(362, abs=METRES)
    short = run_study(small_study(tmp_path, {**base, "study.limit_min": 5.5}, files))
    assert counts(short) == counts(result)
    assert places(short)["远"][2] == "beyond_limit"  # 410 m, searched to 396 m
    assert places(short)["后"][2] == "far"


@pytest.mark.parametrize(("cutoff", "covered"), [(0.5, 0), (1.5, 30), (1.53, 40), (120, 100)])
def test_short_and_long_cutoffs(tmp_path: Path, cutoff: float, covered: int) -> None:
    result = run_study(small_study(tmp_path, {"service.0.cutoffs_min": [cutoff]}))
    assert counts(result) == (112, covered, 105 - covered, 7)


def test_walkers(tmp_path: Path) -> None:
    """The distance rule: 500 m in 10 minutes. A stroller takes no steps. A speed of one's own."""
    study = small_study(tmp_path, {"service.0.walker": "standard_1000m"})
    assert [counts(run_study(study), k)[1] for k in range(3)] == [40, 40, 60]
    steps = osm_text(STREETS).replace(
        '<tag k="highway" v="residential"/><tag k="name" v="支路"/>', '<tag k="highway" v="steps"/>'
    )
    change = {"service.0.walker": "caregiver_with_stroller", "service.0.link_limit_m": 1000}
    stairs = run_study(small_study(tmp_path, change, {"roads.osm": steps}))
    found = places(stairs)
    assert found["甲"][:2] == ("西院", pytest.approx(110, abs=METRES))
    assert found["丙"][2] == "unlinked"  # the only road near it is stairs
    slow = run_study(small_study(tmp_path, {"service.0.speed_mps": 0.4}))
    assert counts(slow)[1] == 40  # 360 m in 15 minutes


def test_people_outside_the_area_are_counted_apart_and_facilities_there_serve(
    tmp_path: Path,
) -> None:
    study = small_study(tmp_path, {"study.area": "area.gpkg", "study.limit_min": 15})
    area = gpd.GeoDataFrame(geometry=[box(50, -50, 550, 550)], crs=4326).to_crs(32648)
    area.to_file(tmp_path / "area.gpkg")
    result = run_study(study, tmp_path / "out")
    assert counts(result) == (37, 30, 0, 7)  # 甲 and 乙, both by 西院, which stands outside
    assert result.summary["study"]["outside_area"]["all"] == 75
    assert result.summary["study"]["area_given"] is True
    assert places(result)["乙"][0] == "西院"
    reached = [f["reached"]["all"] for f in result.summary["services"][0]["facilities"]]
    assert reached == [30, 30]  # 丙, who stands outside, is not counted for 北站
    for layer, people in (("people", 37), ("people_outside", 75)):
        rows = gpd.read_file(tmp_path / "out" / "results.gpkg", layer=layer)
        assert rows["people"].sum() == people


def test_facility_beyond_the_guard_zone_is_set_aside(tmp_path: Path) -> None:
    study = small_study(
        tmp_path,
        {"study.limit_min": 15, "study.area": "area.gpkg"},
        {"facilities.csv": facilities_text([*FACILITIES, ("远", 5000, 0, "养老院", "现状")])},
    )
    write_layer(tmp_path / "area.gpkg", [box(50, -50, 550, 550)])
    (aside,) = run_study(study).summary["services"][0]["set_aside"]
    assert (aside["name"], aside["reason"]) == ("远", "outside_area")


@pytest.mark.parametrize("shape", ["bow tie", "with a hole", "two parts", "overlapping"])
def test_odd_study_areas(tmp_path: Path, shape: str) -> None:
    whole = box(-50, -50, 1250, 650)
    parts = {
        "bow tie": [shapely.Polygon([lonlat(*c) for c in
                    ((-50, -50), (150, 50), (150, -50), (-50, 50))])],
        "with a hole": [whole.difference(box(400, -40, 700, 640))],
        "two parts": [box(-50, -50, 150, 50), box(1100, -50, 1250, 50)],
        "overlapping": [box(-50, -50, 1250, 150), box(-50, -50, 1250, 650)],
    }[shape]  # fmt: skip
    study = small_study(tmp_path, {"study.area": "area.geojson"})
    write_layer(tmp_path / "area.geojson", parts)
    inside = {"bow tie": 10, "with a hole": 57, "two parts": 50, "overlapping": 107}[shape]
    total = counts(run_study(study))[0]
    assert total == inside
    assert run_study(study).summary["study"]["outside_area"]["all"] == 112 - inside


def test_filters_of_kind_and_status(tmp_path: Path) -> None:
    rows = [*FACILITIES, ("新院", 1200, 0, "养老院", "规划"), ("学校", 1200, 0, "小学", "现状")]
    files = {"facilities.csv": facilities_text(rows)}
    plain = run_study(small_study(tmp_path, None, files))
    assert "1 row has a status such as 规划" in str(plain.summary["study"]["notes"])
    assert counts(plain)[1] == 100
    change = {"service.0.kinds": ["养老院", "日间照料"], "service.0.status": "现状"}
    chosen = run_study(small_study(tmp_path, change, files))
    assert counts(chosen)[1] == 60
    service = chosen.summary["services"][0]
    assert [f["name"] for f in service["facilities"]] == ["西院", "北站"]
    n = [service[f"facilities_{k}"] for k in ("used", "planned", "of_other_kinds")]
    assert n == [2, 1, 1]
    assert sum(n) + len(service["set_aside"]) == len(rows)  # nobody vanished
    hopeful = small_study(tmp_path, {"service.0.kinds": ["养老院", "敬老院"]}, files)
    assert "敬老院" in str(run_study(hopeful).summary["study"]["notes"])


def test_services_of_one_file_with_their_own_groups(tmp_path: Path) -> None:
    """A share of everyone, and a column; the group of a service is what its facilities reach."""
    lines = people_text().splitlines()
    young = [lines[0] + ",age_0_3", *(f"{line},{k}" for k, line in enumerate(lines[1:], 1))]
    study = small_study(
        tmp_path,
        {
            "people.groups": {"old": 0.25, "young": "age_0_3"},
            "service.0.group": "old",
            "service.1": {"name": "托育", "facilities": "facilities.csv", "group": "young",
                          "kinds": "养老院", "cutoffs_min": [10]},
        },
        {"people.csv": "\n".join(young)},
    )  # fmt: skip
    result = run_study(study, tmp_path / "out")
    assert counts(result, group="old") == (28, 15, 11.25, 1.75)
    assert counts(result, service=1, group="young") == (21, 1 + 2, 3 + 4 + 5, 6)
    assert counts(result, service=1) == (112, 30, 75, 7)
    reached = [f["reached"] for f in result.summary["services"][1]["facilities"]]
    assert reached == [{"all": 30, "old": 7.5, "young": 3}]
    people = gpd.read_file(tmp_path / "out" / "results.gpkg", layer="people")
    assert people.groupby("service")["young"].sum().to_dict() == {"养老": 21, "托育": 21}
    facilities = gpd.read_file(tmp_path / "out" / "results.gpkg", layer="facilities")
    assert facilities["people_reached"].tolist() == [7.5, 15, 3]


@pytest.mark.parametrize("how", ["float32", "int16", "uint8", "rotated", "degrees", "no nodata"])
def test_rasters(tmp_path: Path, how: str) -> None:
    """13 by 8 cells of 100 m; 10 people each along the main street, three bands."""
    import rasterio

    dtype = how if how in {"float32", "int16", "uint8"} else "float64"
    bands = np.zeros((2, 8, 13), dtype)
    bands[0, 6], bands[1, 6, :3] = 10, 5
    more: dict[str, Any] = {"nodata": 0} if how == "uint8" else {}
    if how == "rotated":  # by a quarter turn about the corner: rows run east, columns run south
        more["transform"] = rasterio.Affine(0, 100, -100, -100, 0, 700)
        bands = np.ascontiguousarray(bands.transpose(0, 2, 1))
        more |= {"height": 13, "width": 8}
    if how == "degrees":
        (west, north), (east, south) = lonlat(-100, 700), lonlat(1200, -100)
        wide, high = (east - west) / 13, (south - north) / 8
        more |= {"crs": "EPSG:4326", "transform": rasterio.Affine(wide, 0, west, 0, high, north)}
    write_raster(tmp_path / "p.tif", bands, **more)
    with rasterio.open(tmp_path / "p.tif", "r+") as raster:
        raster.set_band_description(1, "population")
        raster.set_band_description(2, "age_0_3")
    people = {"source": "p.tif", "people": "population", "groups": {"young": "age_0_3", "old": 0.5}}
    result = run_study(small_study(tmp_path, {"people": people}))
    assert counts(result)[0] == 130
    assert counts(result, group="young")[0] == 15
    assert counts(result, group="old")[0] == 65
    # centres at x = -50, 50 ... 1150 and y = 50: all link to the main street
    expected = 10 * sum(min(10 + 50 + max(x, 0) + (50 if x < 0 else 0), 550 + abs(x - 600)) <= 1080
                        for x in range(-50, 1200, 100))  # fmt: skip
    assert counts(result)[1] == pytest.approx(expected)


def test_polygons_of_people_and_of_facilities(tmp_path: Path) -> None:
    change = {"people.source": "p.gpkg", "service.0.facilities": "f.geojson"}
    study = small_study(tmp_path, change)
    write_layer(tmp_path / "p.gpkg", [box(90, 0, 110, 20)], population=[9.5], name=["甲"])
    write_layer(tmp_path / "f.geojson", [box(-10, 0, 10, 20)], name=["西院"])
    result = run_study(study)
    assert counts(result) == (9.5, 9.5, 0, 0)
    assert places(result)["甲"][1] == pytest.approx(10 + 100 + 10, abs=METRES)


def buildings_text() -> str:
    """The town with four buildings, and residential land, as OpenStreetMap has them."""
    plots = [(20, 10), (320, 10), (820, 10), (1120, 10)]
    nodes, ways = [], []
    for k, (x, y) in enumerate(plots):
        corners = [(x, y), (x + 20, y), (x + 20, y + 20), (x, y + 20)]
        for j, corner in enumerate(corners):
            lon, lat = lonlat(*corner)
            nodes.append(f'<node id="{900 + 4 * k + j}" version="1" lat="{lat}" lon="{lon}"/>')
        ring = [900 + 4 * k + j for j in (0, 1, 2, 3, 0)]
        tag = ("building", "yes") if k < 3 else ("landuse", "residential")
        ways.append(
            f'<way id="{90 + k}" version="1">' + "".join(f'<nd ref="{r}"/>' for r in ring)
            + f'<tag k="{tag[0]}" v="{tag[1]}"/></way>'
        )  # fmt: skip
    streets = osm_text({"主街": STREETS["主街"]})
    return streets.replace("<way", "\n".join(nodes) + "<way", 1).replace(
        "</osm>", "".join(ways) + "</osm>"
    )


@pytest.mark.parametrize(
    ("change", "kind", "unit", "total"),
    [
        ({"residential.source": "homes.gpkg"}, "residential_land", "hectares", 2),
        ({"residential.source": "osm"}, "residential_land", "hectares", 0.04),
        ({}, "buildings", "buildings", 3),
        ({"roads.source": "roads.geojson"}, "street_metres", "metres of street", 1200),
    ],
)
def test_without_people_something_else_is_counted_and_called_so(
    tmp_path: Path, change: dict[str, Any], kind: str, unit: str, total: float
) -> None:
    study = small_study(tmp_path, {"people": None, **change}, {"roads.osm": buildings_text()})
    write_layer(tmp_path / "homes.gpkg", [box(0, 0, 100, 100), box(1100, 0, 1200, 100)])
    write_layer(
        tmp_path / "roads.geojson", [shapely.LineString([lonlat(*p) for p in STREETS["主街"]])]
    )
    result = run_study(study, tmp_path / "out")
    assert result.summary["study"]["demand"]["kind"] == kind
    assert unit in result.summary["study"]["demand"]["unit"]
    assert counts(result)[0] == pytest.approx(total, rel=0.001)
    assert f"no people were given: {kind} stand in for them" in str(
        result.summary["study"]["notes"]
    )
    layers = gpd.list_layers(tmp_path / "out" / "results.gpkg")["name"].tolist()
    assert "people" not in layers
    demand = gpd.read_file(tmp_path / "out" / "results.gpkg", layer="demand")
    assert demand[kind].sum() == pytest.approx(total, rel=0.001)
    assert "people" not in demand.columns


def test_residential_areas_by_status(tmp_path: Path) -> None:
    """North of the tee, 15 minutes from 西院 end at x = 1070; positions lie on a 25 m grid."""
    study = small_study(
        tmp_path,
        {"residential.source": "homes.gpkg"},
        {"facilities.csv": facilities_text(FACILITIES[:1])},
    )
    plots = [box(100, 0, 200, 50), box(950, 0, 1150, 50), box(1150, 5, 1190, 50),
             box(300, 350, 340, 390), box(130, -790, 170, -760)]  # fmt: skip
    names = ["近", "半", "远", "山", "岛"]
    write_layer(tmp_path / "homes.gpkg", plots, name=names)
    result = run_study(study, tmp_path / "out")
    row = result.summary["services"][0]["cutoffs"][-1]["residential"]
    assert row == {"areas": 5, "covered": 1, "partly": 1, "uncovered": 2, "unlinked": 1}
    layer = gpd.read_file(tmp_path / "out" / "results.gpkg", layer="residential")
    found = zip(layer["name"], layer["status"], layer["reason"], strict=True)
    assert list(found) == [
        ("近", "covered", ""),
        ("半", "partly", ""),
        ("远", "uncovered", "far"),
        ("山", "unlinked", "unlinked"),
        ("岛", "uncovered", "disconnected"),
    ]
    assert layer["area_ha"].tolist() == pytest.approx([0.5, 1.0, 0.18, 0.16, 0.12], rel=1e-4)
    outside = [*plots, box(90_000, 0, 90_100, 100)]
    write_layer(tmp_path / "homes.gpkg", outside, name=[*names, "外"])
    again = run_study(study).summary
    assert again["services"][0]["cutoffs"][-1]["residential"] == row
    told = "not reported, as outside the study area: 1 residential area"
    assert told in str(again["study"]["notes"])


def test_much_demand_without_roads_is_told(tmp_path: Path) -> None:
    words = "of the demand has no road within 200 m: do the roads cover the whole study area?"
    assert words not in str(run_study(small_study(tmp_path)).summary["study"]["notes"])
    files = {"people.csv": people_text([*PEOPLE, ("野", 300, 420, 21)])}
    notes = run_study(small_study(tmp_path, None, files)).summary["study"]["notes"]
    assert f"21% {words}" in str(notes)  # 28 of 133


@settings(
    max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    people=st.lists(
        st.tuples(st.integers(-100, 1300), st.integers(-900, 700), st.floats(0.001, 1e6)),
        min_size=1, max_size=12,
    ),
    at=st.lists(st.integers(0, 1200), min_size=1, max_size=4),
    cutoffs=st.lists(st.floats(0.1, 40), min_size=2, max_size=3, unique=True).map(sorted),
)  # fmt: skip
def test_nobody_is_lost_and_more_time_or_facilities_never_uncover_anyone(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[tuple[int, int, float]],
    at: list[int],
    cutoffs: list[float],
) -> None:
    rows = [("甲", 0, 0, 1.0), *((f"p{k}", *p) for k, p in enumerate(people))]
    total = round(sum(r[3] for r in rows), 6)
    before = -1.0
    for n in range(1, len(at) + 1):
        sites = [(f"f{k}", x, 0, "", "") for k, x in enumerate(at[:n])]
        study = small_study(
            tmp_path_factory.mktemp("rule"),
            {"service.0.cutoffs_min": cutoffs, "people.groups": {"third": 1 / 3}},
            {"people.csv": people_text(rows), "facilities.csv": facilities_text(sites)},
        )
        result = run_study(study)
        table = [result.assessments[0].counts[k] for k in range(len(cutoffs))]
        for row in table:
            for group in ("all", "third"):
                count = row[group]
                assert count.covered + count.uncovered + count.unlinked == count.total
            assert row["all"].total == pytest.approx(total * 1e6, abs=2)
        covered = [row["all"].covered for row in table]
        assert covered == sorted(covered)
        assert covered[-1] >= before
        before = covered[-1]
