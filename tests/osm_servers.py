"""Servers that stand in for Nominatim and Overpass, with a small town to give away."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from road_files import lonlat

WAYS = [
    ([1, 2, 3], {"highway": "residential", "oneway": "yes"}),
    ([4, 2], {"highway": "steps"}),
    ([2, 5], {"highway": "service", "access": "private", "foot": "yes"}),
    ([5, 6], {"highway": "motorway"}),
    ([5, 7], {"highway": "path", "foot": "no"}),
    ([3, 8], {"highway": "path"}),
    ([4, 9], {"route": "ferry"}),
]
PLACES = {
    1: (-300.0, 0.0),
    2: (0.0, 0.0),
    3: (500.0, 0.0),
    4: (0.0, -200.0),
    5: (0.0, 400.0),
    6: (400.0, 400.0),
    7: (-300.0, 400.0),
    8: (2500.0, 0.0),
    9: (0.0, -600.0),
}
OUTLINE = [lonlat(*xy) for xy in ((-400, -700), (700, -700), (700, 500), (-400, 500), (-400, -700))]


class StandIn(ThreadingHTTPServer):
    """Answers as Nominatim (/search) and Overpass (/api/interpreter) do, and counts."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[str] = []
        self.spoiled: tuple[int, bytes] | None = None
        self.remark: str | None = None

    def search(self, query: dict[str, list[str]]) -> Any:
        if "Nowhere" in query["q"][0]:
            return []
        found = {"place_id": 1, "osm_type": "relation", "osm_id": 2, "lat": "30.12",
                 "lon": "104.65", "importance": 0.5, "display_name": query["q"][0],
                 "boundingbox": ["30.11", "30.13", "104.64", "104.66"]}  # fmt: skip
        if "Point" in query["q"][0]:
            return [found | {"geojson": {"type": "Point", "coordinates": OUTLINE[0]}}]
        return [found | {"geojson": {"type": "Polygon", "coordinates": [OUTLINE]}}]

    def interpreter(self, query: str) -> Any:
        key = "route" if '"route"="ferry"' in query else "highway"
        ways = [
            {"type": "way", "id": 101 + k, "nodes": refs, "tags": tags}
            for k, (refs, tags) in enumerate(WAYS)
            if key in tags and "104.6" in query
        ]
        refs = {ref for way in ways for ref in way["nodes"]}
        nodes = []
        for ref in sorted(refs):
            lon, lat = lonlat(*PLACES[ref])
            nodes.append({"type": "node", "id": ref, "lon": lon, "lat": lat})
        answer: dict[str, Any] = {"version": 0.6, "elements": nodes + ways}
        return answer if self.remark is None else answer | {"remark": self.remark}


class Answers(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        at = urlsplit(self.path)
        self.server.asked.append(at.path)
        assert at.path == "/search"
        self._send(self.server.search(parse_qs(at.query)))

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        assert self.path == "/api/interpreter"
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._send(self.server.interpreter(form["data"][0]))

    def _send(self, answer: Any) -> None:
        status, body = self.server.spoiled or (200, json.dumps(answer).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass
