"""Walking areas as Valhalla draws them, as a program of its own, in whatever Python has pyvalhalla.

    python scripts/bench_valhalla.py roads.osm.pbf points.json OUT_FOLDER REPEAT

The points are [longitude, latitude] in a list. Tiles are built of the same road file first. The
walker makes 1.2 m/s and all that Valhalla adds for turns, crossings and steps is left as it is. The
last line it prints is JSON: seconds for the tiles, seconds of every run over all points, and the
polygons of the first run, one list of rings per point.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

WALKING_KMH = 1.2 * 3.6
MINUTES = 15


def main() -> None:
    """Build the tiles, draw the areas, print the findings."""
    import valhalla

    roads, points, out, repeat = (*(Path(a).resolve() for a in sys.argv[1:4]), int(sys.argv[4]))
    tiles = out / "tiles"
    tiles.mkdir(parents=True)
    config = valhalla.get_config(tile_extract="", tile_dir=str(tiles))
    (out / "valhalla.json").write_text(json.dumps(config), encoding="utf-8")
    program = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    began = time.perf_counter()
    subprocess.run(
        [str(program), "-c", str(out / "valhalla.json"), str(roads)],
        check=True, stdout=sys.stderr,
    )  # fmt: skip
    built_s = time.perf_counter() - began
    actor = valhalla.Actor(config)

    def area(lon: float, lat: float) -> list[list[list[float]]]:
        answer = actor.isochrone({
            "locations": [{"lon": lon, "lat": lat}],
            "costing": "pedestrian",
            "costing_options": {"pedestrian": {"walking_speed": WALKING_KMH}},
            "contours": [{"time": MINUTES}],
            "polygons": True,
        })  # fmt: skip
        rings: list[list[list[float]]] = answer["features"][0]["geometry"]["coordinates"]
        return rings

    where = json.loads(points.read_text(encoding="utf-8"))
    taken = []
    for _ in range(repeat + 1):
        began = time.perf_counter()
        areas = [area(lon, lat) for lon, lat in where]
        taken.append(time.perf_counter() - began)
    # the first run reads the tiles
    print(json.dumps({"tiles_s": built_s, "seconds": taken[1:], "areas": areas}))


if __name__ == "__main__":
    main()
