"""Take a picture of a map with an installed browser: picture.py MAP.html PICTURE.png.

Without a browser nothing is written and the reason is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
            "microsoft-edge", "msedge")  # fmt: skip


def take(page: Path, picture: Path, *, width: int = 1400, height: int = 900) -> bool:
    """Write `picture` of `page`; False where no browser is installed."""
    told = os.environ.get("QUARTERHOUR_CHROMIUM")
    browser = told or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("no browser was found, so no picture was taken (Chromium, Chrome or Edge)")
        return False
    # a browser started by the administrator refuses its own sandbox
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        subprocess.run(
            [browser, "--headless=new", *root, "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={folder}/profile",
             f"--window-size={width},{height}", "--virtual-time-budget=5000",
             f"--screenshot={shot}", page.resolve().as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        shutil.move(shot, picture)
    print(f"picture: {picture}")
    return True


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    take(Path(sys.argv[1]), Path(sys.argv[2]))
