"""A made-up town with every layer, its page, and what is on a printed sheet."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from browser import need, ready, settle
from map_gaps import gap, listed
from map_town import town
from quarterhour.render.map.html import write_map

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from browser import Visit
    from quarterhour.render.map.layers import MapData

GROUND = (245, 245, 242)
LAYERS = ("facilities", "gaps", "uncovered", "unlinked", "areas", "residential", "boundary",
          "districts", "roads")  # fmt: skip


def print_town(language: str = "both") -> MapData:
    """The town of the map's tests, with twelve gaps of which one lies at the edge."""
    base = town(language)
    marks = [
        gap(-1500 + 270 * k, 1500 - 230 * k, 160, 400 - 10 * k, look="edge" if k == 1 else "plain")
        for k in range(12)
    ]
    first = replace(base.services[0], gaps=listed(*marks, total=14, people=5000.0))
    return replace(base, services=(first, base.services[1]))


def print_file(folder: Path, language: str = "both", data: MapData | None = None) -> Path:
    path = folder / "map.html"
    write_map(path, data or print_town(language))
    return path


def opened(seen: Visit) -> Page:
    """The page once its sheet stands there with its picture."""
    for _ in range(500):
        if seen.page.evaluate("document.documentElement.dataset.sheet === 'ready'"):
            break
        seen.page.wait_for_timeout(20)
    assert seen.page.evaluate("document.documentElement.dataset.sheet") == "ready"
    return ready(seen)


def only(seen: Visit, *layers: str) -> None:
    """Turns every layer off but these."""
    seen.page.evaluate(
        """(wanted) => {
          const { app } = Quarterhour;
          for (const key of Object.keys(app.layers.on)) {
            app.layers.on[key] = wanted.includes(key) ||
              (key.startsWith("facilities-") && wanted.includes("facilities"));
          }
          app.layers.draw();
          app.repaint();
        }""",
        list(layers),
    )
    settle(seen)


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height in millimetres of every page of a PDF that a browser wrote."""
    found = re.findall(rb"/Type\s*/Page\b(?!s).*?/MediaBox\s*\[([^\]]*)\]", pdf, re.DOTALL)
    boxes = [[float(part) for part in box.split()] for box in found]
    return [
        (round((x1 - x0) / 72 * 25.4), round((y1 - y0) / 72 * 25.4)) for x0, y0, x1, y1 in boxes
    ]


def picture(data: bytes) -> np.ndarray:
    """Red, green and blue of every pixel of a PNG."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int64)


def rendered(pdf: Path, dpi: int = 60) -> np.ndarray:
    """The first page of a PDF as pixels."""
    tool = shutil.which("pdftoppm")
    need(tool, "no pdftoppm (poppler-utils) to look at a PDF with")
    done = subprocess.run(
        [tool, "-r", str(dpi), "-f", "1", "-l", "1", "-png", str(pdf)],
        check=True, capture_output=True,
    )  # fmt: skip
    return picture(done.stdout)


def inked(pixels: np.ndarray, ground: tuple[int, int, int] = GROUND) -> float:
    """The share of pixels that are not the ground's colour."""
    return float((np.abs(pixels - np.array(ground)).max(axis=2) > 6).mean())


def near(pixels: np.ndarray, colour: str, apart: int = 14) -> int:
    """How many pixels have a colour."""
    wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
    return int((np.abs(pixels - wanted).max(axis=2) <= apart).sum())
