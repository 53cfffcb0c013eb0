"""The size of the map of a large city: 4,000 residential areas, 2,500 places, 100,000 vertices."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import chromium, ready, visit
from quarterhour.render.map.html import map_html

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
import bench_page

if TYPE_CHECKING:
    from quarterhour.render.map.layers import MapData


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> MapData:
    return bench_page.city_map(tmp_path_factory.mktemp("city"), what_if=True)


def test_the_city_is_as_large_as_it_says(city: MapData) -> None:
    service = city.services[0]
    assert service.residential is not None
    assert len(service.residential.name) == bench_page.HOMES
    vertices = set(zip(city.roads.lon, city.roads.lat, strict=True))
    assert len(vertices) == pytest.approx(bench_page.VERTICES, rel=0.05)
    covered = 0 if service.covered is None else len(service.covered.lon)
    places = len(service.uncovered.lon) + len(service.unlinked.lon) + covered
    assert places <= bench_page.POINTS
    assert places > 0.6 * bench_page.POINTS


@pytest.mark.parametrize("what_if", [False, True])
def test_it_is_at_most_five_megabytes_and_opens(
    city: MapData, tmp_path: Path, *, what_if: bool
) -> None:
    assert city.what_if is not None
    page = map_html(city if what_if else replace(city, what_if=None)).encode()
    assert len(page) <= bench_page.MOST_BYTES
    file = tmp_path / "map.html"
    file.write_bytes(page)
    with chromium() as browser, visit(browser, file) as seen:
        drawn = ready(seen).evaluate(
            "() => { const a = Quarterhour.app, s = a.service();"
            " return [s.residential.shapes.length, a.roads.x.length, Boolean(a.data.what_if)]; }"
        )
        assert drawn[0] == bench_page.HOMES
        assert drawn[1] > bench_page.VERTICES
        assert drawn[2] is what_if
        assert seen.quiet(), (seen.console, seen.errors)
