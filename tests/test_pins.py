"""The file that the page writes, as a scenario: the figures of the page are those of the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from model_node import ask, position
from quarterhour.errors import InputError
from quarterhour.sources.scenario.pins import read_pins
from quarterhour.study import run_study
from small_study import command, lonlat, small_study
from test_model_pack import data_of

if TYPE_CHECKING:
    from pathlib import Path

MINUTES = [5, 10, 15]


def feature(kind: str, points: list[list[float]], **properties: Any) -> dict[str, Any]:
    shape = {"type": "LineString", "coordinates": points}
    if len(points) == 1:
        shape = {"type": "Point", "coordinates": points[0]}
    properties = {"quarterhour": kind, **properties}
    return {"type": "Feature", "geometry": shape, "properties": properties}


def written(network: str, *features: dict[str, Any], **about: Any) -> str:
    """The text of a file as the page writes it."""
    return json.dumps({
        "type": "FeatureCollection", "features": list(features),
        "quarterhour": {"format": 1, "network": network, **about},
    })  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The model of the small town's map, and its network."""
    folder = tmp_path_factory.mktemp("page")
    run_study(small_study(folder, {"service.0.walker": "elderly"}), out=folder / "out")
    packed = data_of(folder / "out" / "map.html")["what_if"]
    network, demand = ask(packed, [{"do": "network"}, {"do": "demand", "k": 0}])
    return {"packed": packed, "network": network, "demand": demand}


def pinned(page: dict[str, Any], x: float, y: float) -> dict[str, Any]:
    """A pin of the page at a point of the town."""
    lon, lat = lonlat(x, y)
    (found,) = ask(page["packed"], [{"do": "link", "k": 0, "lat": lat, "lon": lon}])
    assert "edge" in found
    return dict(found)


def scenario_of(folder: Path, text: str, **changes: Any) -> dict[str, Any]:
    """The scenario of a run of the small town with a file of pins."""
    given = {
        "service.0.walker": "elderly", "scenario": [{"name": "试", "pins": "pins.geojson"}],
        **changes,
    }  # fmt: skip
    run_study(small_study(folder, given, {"pins.geojson": text}), out=folder / "out")
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    return dict(summary["scenarios"][0])


def covered(scenario: dict[str, Any]) -> list[float]:
    return [c["groups"]["all"]["covered_after"] for c in scenario["services"][0]["cutoffs"]]


def page_covered(page: dict[str, Any], **options: Any) -> list[float]:
    found = ask(page["packed"], [
        {"do": "state", "k": 0, "options": {**options, "cutoff_ms": m * 60_000}} for m in MINUTES
    ])  # fmt: skip
    return [one["counts"]["all"]["covered"] / 1_000_000 for one in found]


def at(pin: dict[str, Any]) -> dict[str, int]:
    return position(pin["edge"], pin["offset_mm"], pin["access_mm"])


def facility(pin: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    where = {key: pin[key] for key in ("edge", "offset_mm", "access_mm")}
    return feature(
        "facility", [[pin["lon"], pin["lat"]]], name=name, service="养老", **where, **more
    )


def test_pins_closed_and_moved_facilities(page: dict[str, Any], tmp_path: Path) -> None:
    # 西院 (0, 10) is closed, 北站 (600, 500) moves to the far end, and one more is at the island
    far, island = pinned(page, 1190, 8), pinned(page, 100, -790)
    west, north = lonlat(0, 10), lonlat(600, 500)
    text = written(
        page["network"]["key"],
        feature("close_facility", [list(west)], name="西院", service="养老", facility=0),
        facility(far, "北站", moved_name="北站", moved_lon=north[0], moved_lat=north[1]),
        facility(island, "岛站"),
    )
    found = scenario_of(tmp_path, text)
    assert covered(found) == page_covered(page, pins=[at(far), at(island)], closed=[0, 1])
    # 丁 (40, at 1200) and 岛 (5) in five minutes; 乙 (20, at 500) in fifteen, 丙 (600, 600) not
    assert covered(found) == [45, 45, 65]
    assert found["services"][0]["facilities_after"] == 2
    closed = [row["name"] for row in found["changes"] if row["kind"] == "closed_pin"]
    assert closed == ["西院", "北站"]
    # each new one with its row, its name, its service and where it is
    added = [row for row in found["changes"] if row["kind"] == "added_pin"]
    assert [(row["row"], row["name"]) for row in added] == [(2, "北站"), (3, "岛站")]
    for row, pin in zip(added, (far, island), strict=True):
        where = f"{pin['lon']:.6f}, {pin['lat']:.6f}"
        assert row["detail_en"].startswith(f"adds a facility of '养老' at {where}")
        assert row["detail_zh"].startswith(f"为“养老”新增设施，位于 {where}")
    assert added[0]["detail_en"].endswith(", moved from '北站'")


def test_a_closed_street_and_a_link(page: dict[str, Any], tmp_path: Path) -> None:
    net = page["network"]
    main = pinned(page, 250, 0)
    shore = pinned(page, 300, -800)
    cut = {"edge": main["edge"], "offset_mm": main["offset_mm"]}
    start, end = pinned(page, 500, 0), shore
    link = {"from": at(start), "to": at(end), "length_mm": 123_456}
    text = written(
        net["key"],
        feature("cut", [[main["lon"], main["lat"]]], **cut),
        feature(
            "link", [[start["lon"], start["lat"]], [end["lon"], end["lat"]]],
            from_edge=start["edge"], from_offset_mm=start["offset_mm"], to_edge=end["edge"],
            to_offset_mm=end["offset_mm"], length_mm=123_456,
        ),
    )  # fmt: skip
    found = scenario_of(tmp_path, text)
    assert covered(found) == page_covered(page, cuts=[cut], links=[link])
    # 岛 is reached from 北站: 500 m to the corner, 100 to the link, 123 over it, 150 on the island
    assert covered(found)[-1] - page_covered(page)[-1] == 5
    kinds = {row["kind"] for row in found["changes"]}
    assert {"closed", "opened"} <= kinds


def test_another_network_links_by_coordinates_and_says_so(
    page: dict[str, Any], tmp_path: Path
) -> None:
    pin = pinned(page, 1190, 8)
    # as if from another map: an edge that means something else here
    wrong = {**pin, "edge": 0, "offset_mm": 1, "access_mm": 1}
    found = scenario_of(tmp_path, written("another", facility(wrong, "东站")))
    assert covered(found) == page_covered(page, pins=[at(pin)])
    assert "other_network" in {row["kind"] for row in found["changes"]}


def test_a_point_moved_by_hand_is_linked_where_it_stands(
    page: dict[str, Any], tmp_path: Path
) -> None:
    pin, elsewhere = pinned(page, 1190, 8), pinned(page, 100, -790)
    moved = {**pin, "lon": elsewhere["lon"], "lat": elsewhere["lat"]}
    found = scenario_of(tmp_path, written(page["network"]["key"], facility(moved, "站")))
    assert covered(found) == page_covered(page, pins=[at(elsewhere)])


def test_other_minutes_and_unknown_facilities_are_told(
    page: dict[str, Any], tmp_path: Path
) -> None:
    pin = pinned(page, 1190, 8)
    text = written(
        page["network"]["key"],
        feature("close_facility", [list(lonlat(0, 10))], name="别处", service="养老"),
        facility(pin, "东站"),
        terms=[{"service": "养老", "speed_mmph": 3_000_000}],
    )
    found = scenario_of(tmp_path, text)
    assert {"other_terms", "not_closed"} <= {row["kind"] for row in found["changes"]}
    assert covered(found) == page_covered(page, pins=[at(pin)])


BAD = {
    "no feature": 7,
    "no place": feature("facility", [["east", 30.1]], name="x", service="养老"),
    "nowhere": feature("facility", [[1e400, 30.1]], name="x", service="养老"),
    "a line": feature("facility", [[104.6, 30.1], [104.7, 30.1]], name="x", service="养老"),
    "a point": feature("link", [[104.6, 30.1]]),
    "unknown": feature("bomb", [[104.6, 30.1]]),
    "service": feature("facility", [[104.6, 30.1]], name="x", service="托育"),
}


def test_bad_features_are_set_aside_and_the_rest_counts(
    page: dict[str, Any], tmp_path: Path
) -> None:
    pin = pinned(page, 1190, 8)
    odd = {**pin, "edge": -5, "offset_mm": 1.5, "access_mm": True}
    text = written(page["network"]["key"], *BAD.values(), facility(odd, "东站"))
    found = scenario_of(tmp_path, text)
    assert len([row for row in found["set_aside"] if row["reason"] == "bad_pin"]) == len(BAD)
    assert covered(found) == page_covered(page, pins=[at(pin)])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"features": 3}', "no json", "[" * 100_000, '{"features": null}']
)
def test_a_file_that_is_none_of_the_page_is_one_sentence(
    text: str, tmp_path: Path, capfd: Any
) -> None:
    plans = [{"name": "试", "pins": "pins.geojson"}]
    study = small_study(tmp_path, {"scenario": plans}, {"pins.geojson": text})
    for verb in ("run", "check"):
        code, out, err = command(capfd, verb, study)
        assert code != 0
        assert "pins.geojson" in out + err
        assert "Traceback" not in out + err


def test_streets_closed_twice_over_are_refused(page: dict[str, Any], tmp_path: Path) -> None:
    cut = feature("cut", [list(lonlat(250, 0))])
    plans = [{"name": "试", "pins": "pins.geojson", "close": "people.csv"}]
    study = small_study(
        tmp_path, {"scenario": plans}, {"pins.geojson": written(page["network"]["key"], cut)}
    )
    with pytest.raises(InputError, match="close or open"):
        run_study(study, out=tmp_path / "out")


def test_check_looks_at_the_file(page: dict[str, Any], tmp_path: Path, capfd: Any) -> None:
    text = written(page["network"]["key"], facility(pinned(page, 1190, 8), "东站"))
    plans = [{"name": "试", "pins": "pins.geojson"}]
    study = small_study(tmp_path, {"scenario": plans}, {"pins.geojson": text})
    code, out, err = command(capfd, "check", study)
    assert code == 0, out + err
    assert read_pins(tmp_path / "pins.geojson", ["养老"]).of("facility")[0].name == "东站"


def test_positions_are_those_of_the_page(page: dict[str, Any], tmp_path: Path) -> None:
    """A pin half a metre off the page's position would change a boundary minute: it does not."""
    pin = pinned(page, 1190, 8)
    pin["offset_mm"] += 700 if pin["offset_mm"] < 100_000 else -700
    text = written(page["network"]["key"], facility(pin, "东站"))
    given = {
        "service.0.walker": "elderly", "scenario": [{"name": "试", "pins": "pins.geojson"}]
    }  # fmt: skip
    result = run_study(small_study(tmp_path, given, {"pins.geojson": text}))
    after = result.scenarios[0].services[0].after
    (state,) = ask(page["packed"], [{"do": "state", "k": 0, "options": {"pins": [at(pin)]}}])
    times = sorted(t for t in state["ms"] if t >= 0)
    assert sorted(after.demand.ms[after.demand.nearest >= 0].tolist()) == times
    assert np.isfinite(after.facility_link_m[2])
