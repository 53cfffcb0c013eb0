"""A file of changes that changes nothing is refused; one in another encoding is read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.errors import InputError
from quarterhour.render.check.faults import fault_zh
from quarterhour.sources.scenario.pins import read_pins
from small_study import command, lonlat, small_study

if TYPE_CHECKING:
    from pathlib import Path

PLANS = [{"name": "试", "pins": "pins.geojson"}]


def changes(*features: dict[str, Any], **about: Any) -> str:
    return json.dumps(
        {"type": "FeatureCollection", "quarterhour": about, "features": list(features)},
        ensure_ascii=False,
    )


def point(kind: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(lonlat(x, y))},
        "properties": {"quarterhour": kind, **more},
    }


NEW = point("facility", 1190, 8, name="东站", service="养老")
ELSEWHERE = point("facility", 1190, 8, name="东站", service="托育")
AREA = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}, "properties": {}}


@pytest.mark.parametrize(
    ("text", "found", "zh"),
    [
        (changes(), "holds no change at all", "没有任何改动"),
        # other minutes alone are no change of a scenario
        (changes(terms=[{"service": "养老"}]), "holds no change at all", "没有任何改动"),
        (
            changes(ELSEWHERE),
            "its only feature '东站' cannot be used: is for the service '托育'",
            "都不能用",
        ),
        (changes(AREA, ELSEWHERE), "none of its 2 features can be used (the first: is", "都不能用"),
    ],
)
def test_a_file_without_a_change_that_can_be_used_is_refused(
    text: str, found: str, zh: str, tmp_path: Path, capfd: Any
) -> None:
    study = small_study(tmp_path, {"scenario": PLANS}, {"pins.geojson": text})
    code, _, err = command(capfd, "run", study)
    assert code == 1
    assert len(err.strip().splitlines()) == 1
    assert found in err
    assert "needed is the GeoJSON file that the map writes" in err
    with pytest.raises(InputError) as refused:
        read_pins(tmp_path / "pins.geojson", ["养老"])
    assert zh in (fault_zh(str(refused.value)) or "")
    code, out, err = command(capfd, "check", study)
    assert code != 0
    assert zh in out  # a check speaks the language of the study


@pytest.mark.parametrize(
    "feature",
    [
        point("cut", 9_000, 9_000),
        point("facility", 9_000, 9_000, name="远站", service="养老"),
        point("close_facility", 0, 10, name="别处", service="养老"),
    ],
)
def test_changes_that_take_no_effect_are_refused(
    feature: dict[str, Any], tmp_path: Path, capfd: Any
) -> None:
    study = small_study(tmp_path, {"scenario": PLANS}, {"pins.geojson": changes(feature)})
    code, _, err = command(capfd, "run", study)
    assert code == 1
    assert "[[scenario]] 试: pins.geojson: of its 1 change none takes effect" in err
    assert len(err.strip().splitlines()) == 1


def test_what_can_be_used_counts_and_the_rest_is_set_aside(tmp_path: Path, capfd: Any) -> None:
    text = changes(AREA, ELSEWHERE, NEW, point("close_facility", 0, 10, name="别处"))
    study = small_study(tmp_path, {"scenario": PLANS}, {"pins.geojson": text})
    code, _, err = command(capfd, "run", study, "--out", tmp_path / "out")
    assert code == 0, err
    (scenario,) = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["scenarios"]
    assert [row["row"] for row in scenario["set_aside"] if row["reason"] == "bad_pin"] == [1, 2]
    assert {row["kind"] for row in scenario["changes"]} >= {"added_pin", "not_closed"}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gbk", "gb18030"]
)
def test_every_encoding_that_tables_are_read_in(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "pins.geojson"
    path.write_bytes(changes(NEW).encode(encoding))
    (pin,) = read_pins(path, ["养老"]).pins
    assert (pin.name, pin.service) == ("东站", "养老")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"{\0\0", b"\xff\xff\xff{}", b"\0", b""])
def test_no_text_at_all_is_no_traceback(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "pins.geojson"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"is no JSON; needed is the GeoJSON file"):
        read_pins(path, ["养老"])
