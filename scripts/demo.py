"""Run the demo from a bare clone, on any system: python scripts/demo.py [options of the demo].

Writes its results to out/demo, and its map (with a picture, where there is a browser) to maps/.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

from environment import ROOT, prepare, program


def main() -> None:
    """Prepare the environment, run the demo, copy its map."""
    environment = prepare()
    out = ROOT / "out" / "demo"
    done = subprocess.run(
        [str(program(environment, "quarterhour")), "demo", "--out", "out/demo", *sys.argv[1:]],
        check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.returncode)
    maps = ROOT / "maps"
    maps.mkdir(exist_ok=True)
    shutil.copyfile(out / "map.html", maps / "demo.html")
    subprocess.run(
        [str(program(environment, "python")), "scripts/picture.py", "maps/demo.html",
         "maps/demo.png"],
        check=True, cwd=ROOT,
    )  # fmt: skip
    print("open maps/demo.html in a browser")


if __name__ == "__main__":
    main()
