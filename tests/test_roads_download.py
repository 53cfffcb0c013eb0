"""Roads by place and by box: downloaded once, kept, and one clear sentence where that fails."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import osmnx as ox
import pytest
import requests

from osm_servers import OUTLINE, PLACES, StandIn
from quarterhour.core import graph
from quarterhour.errors import InputError, OfflineError
from quarterhour.model import FERRY, STEPS
from quarterhour.sources.roads.read import read_roads
from quarterhour.sources.roads.through_osmnx import _settings, download, lines_of_graph
from road_files import length_m, lonlat, n_components, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandIn]:
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        _point_to(server.server_port, monkeypatch, tmp_path)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As without a network: nothing listens where the servers should be."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _point_to(port, monkeypatch, tmp_path)


def _point_to(port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ox.settings, "nominatim_url", f"http://127.0.0.1:{port}/")
    monkeypatch.setattr(ox.settings, "overpass_url", f"http://127.0.0.1:{port}/api")
    monkeypatch.setenv("QUARTERHOUR_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


BBOX = (OUTLINE[0][0], OUTLINE[0][1], OUTLINE[2][0], OUTLINE[2][1])


def check_town(network: Any) -> None:
    """Open: the street, both ways; steps; the private way with foot=yes; the ferry; the long path.

    The path leads out of the place and is kept as far as its next node.
    """
    metres = np.round(network.edge_length_mm / 1000).tolist()
    assert sorted(zip(metres, network.edge_kind.tolist(), strict=True)) == [
        (200, STEPS), (300, 0), (400, 0), (400, FERRY), (500, 0), (2000, 0),
    ]  # fmt: skip
    assert not network.edge_oneway.any()
    assert n_components(network) == 1


def test_a_place_is_downloaded_once(servers: StandIn) -> None:
    check_town(read_roads(place="Yanjiang, Ziyang, China"))
    assert servers.asked == ["/search", "/api/interpreter", "/api/interpreter"]
    check_town(read_roads(place="Yanjiang, Ziyang, China"))
    assert len(servers.asked) == 3


def test_a_box_is_downloaded_once_and_then_needs_no_network(servers: StandIn) -> None:
    check_town(read_roads(bbox=BBOX))
    assert servers.asked == ["/api/interpreter", "/api/interpreter"]
    servers.shutdown()
    servers.server_close()
    check_town(read_roads(bbox=BBOX))


def test_roads_around_a_place_come_with_a_guard(servers: StandIn) -> None:
    far = PLACES[8]
    assert far[0] > 2000
    inside = (lonlat(-100, -50)[0], lonlat(0, -50)[1], lonlat(100, 0)[0], lonlat(0, 50)[1])
    near = read_roads(bbox=inside)
    wide = read_roads(bbox=inside, guard_m=600.0)
    assert length_m(near) < length_m(wide)
    assert len(servers.asked) == 4


def test_the_settings_of_osmnx_are_left_as_they_were(servers: StandIn) -> None:
    def settings() -> dict[str, Any]:
        return {k: v for k, v in vars(ox.settings).items() if k.islower() and not k.startswith("_")}

    ox.settings.use_cache, before_cache = False, ox.settings.use_cache
    try:
        before, resolve = settings(), socket.getaddrinfo
        download(bbox=BBOX)
        refusal(lambda: download(place="Nowhere"), InputError)
        assert settings() == before
        assert socket.getaddrinfo is resolve
    finally:
        ox.settings.use_cache = before_cache
    assert servers.asked


def test_nothing_is_left_in_the_working_folder(servers: StandIn, tmp_path: Path) -> None:
    download(bbox=BBOX)
    assert [item.name for item in tmp_path.iterdir()] == ["cache"]
    assert len(list((tmp_path / "cache" / "osmnx").glob("*.json"))) == 2
    assert servers.asked


def test_a_damaged_answer_on_disk_is_asked_for_again(servers: StandIn, tmp_path: Path) -> None:
    download(bbox=BBOX)
    for file in (tmp_path / "cache" / "osmnx").glob("*.json"):
        file.write_text(file.read_text(encoding="utf-8")[:50], encoding="utf-8")
    check_town(read_roads(bbox=BBOX))
    assert len(servers.asked) == 4


def test_a_cache_that_cannot_be_written_is_done_without(servers: StandIn, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "osmnx").write_text("in the way", encoding="utf-8")
    assert length_m(graph.build(lines_of_graph(download(bbox=BBOX)))) > 0
    assert len(servers.asked) == 2


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("what", [{"place": "Yanjiang, Ziyang"}, {"bbox": BBOX}])
def test_offline_a_download_fails_soon_and_says_to_use_a_file(what: dict[str, Any]) -> None:
    begin = time.monotonic()
    text = refusal(lambda: read_roads(**what), OfflineError)
    assert time.monotonic() - begin < 5.0
    assert "cannot be reached" in text
    assert 'source = "city.osm.pbf"' in text


def test_without_name_service_a_download_fails_soon_and_asks_nobody_else(
    servers: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = f"http://127.0.0.1:{servers.server_port}/resolve?name={{hostname}}"
    monkeypatch.setattr(ox.settings, "doh_url_template", other)
    # names that never resolve (RFC 6761)
    monkeypatch.setattr(ox.settings, "overpass_url", "http://overpass.invalid/api")
    monkeypatch.setattr(ox.settings, "nominatim_url", "http://nominatim.invalid/")
    begin = time.monotonic()
    for what in ({"place": "Ziyang"}, {"bbox": BBOX}):
        text = refusal(lambda what=what: read_roads(**what), OfflineError)
        assert "cannot be reached" in text
    assert time.monotonic() - begin < 25.0
    assert servers.asked == []


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ((504, b"<html>Gateway Timeout</html>"), "504"),
        ((403, b"<html>Blocked</html>"), "403"),
        ((500, b"{}"), "500"),
        ((200, b"<html>Please sign in</html>"), "not from OpenStreetMap"),
        ((200, b'{"error": "no"}'), "not from OpenStreetMap"),
        ((200, b"[]"), "not from OpenStreetMap"),
        ((200, b"[1, 2]"), "not from OpenStreetMap"),
    ],
)
def test_servers_that_refuse_are_told_apart_from_missing_roads(
    servers: StandIn, spoiled: tuple[int, bytes], said: str
) -> None:
    servers.spoiled = spoiled
    begin = time.monotonic()
    text = refusal(lambda: read_roads(bbox=BBOX), OfflineError)
    assert said in text
    assert "city.osm.pbf" in text
    assert time.monotonic() - begin < 5.0
    servers.spoiled = None
    check_town(read_roads(bbox=BBOX))  # nothing wrong was stored


def test_a_refusal_for_too_many_requests_is_waited_out_once(
    servers: StandIn, tmp_path: Path
) -> None:
    servers.spoiled = (429, b"")
    with _settings(tmp_path):
        url, more = f"{ox.settings.nominatim_url}search", ox.settings.requests_kwargs
        assert requests.get(url, {"q": "Ziyang"}, timeout=5, **more).status_code == 429
        with pytest.raises(requests.exceptions.HTTPError, match="429"):
            requests.get(url, {"q": "Ziyang"}, timeout=5, **more)


def test_half_an_answer_is_not_taken_for_a_whole_one(servers: StandIn) -> None:
    servers.remark = 'runtime error: Query timed out in "query" at line 1 after 180 seconds.'
    assert "Query timed out" in refusal(lambda: read_roads(bbox=BBOX), OfflineError)


@pytest.mark.parametrize("place", ["Nowhere at all", "Point of a place"])
def test_an_unknown_place_says_so(servers: StandIn, place: str) -> None:
    text = refusal(lambda: read_roads(place=place), InputError)
    assert f"roads of place {place!r}" in text
    assert "no such place" in text
    assert servers.asked == ["/search"]


def test_a_place_has_a_name() -> None:
    assert "the name is empty" in refusal(lambda: read_roads(place="  "), InputError)


def test_a_box_without_roads_says_so(servers: StandIn) -> None:
    text = refusal(lambda: read_roads(bbox=(10.0, 50.0, 10.01, 50.01)), InputError)
    assert "no roads in it" in text
    assert servers.asked


@pytest.mark.parametrize(
    "box", [(2.0, 1.0, 1.0, 2.0), (1.0, 2.0, 2.0, 1.0), (104.0, 91.0, 105.0, 92.0),
            (500_000.0, 0.0, 600_000.0, 1.0), (float("nan"), 1.0, 2.0, 3.0), (1.0, 2.0, 3.0)],
)  # fmt: skip
def test_a_box_that_is_none_says_so(box: tuple[float, ...]) -> None:
    text = refusal(lambda: read_roads(bbox=box), InputError)  # type: ignore[arg-type]
    assert "west, south, east and north" in text
