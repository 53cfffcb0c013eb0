"""The demo as a visitor meets it: the command, and the map that stands in the repository."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from quarterhour.render.sentences import count

ROOT = Path(__file__).parents[1]


def test_the_map_in_the_repository_is_that_of_the_demo(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quarterhour", "demo", "--out", str(tmp_path / "demo"), "--json"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["study"]["synthetic"] is True
    made = (tmp_path / "demo" / "map.html").read_text("utf-8")
    kept = (ROOT / "maps" / "demo.html").read_text("utf-8")
    # the key of a study also depends on the versions of the libraries; the figures do not
    for service in summary["services"]:
        row = service["cutoffs"][-1]["groups"][service["group"]]
        for page in (made, kept):
            assert service["name"] in page
            assert f"{count(row['covered'])} / {count(row['total'])}" in page
            assert "SYNTHETIC DATA" in page
    assert abs(len(made) - len(kept)) < 2_000, "maps/demo.html is old: run scripts/demo.sh"
    assert (ROOT / "maps" / "demo.png").read_bytes().startswith(b"\x89PNG")


def test_the_demo_does_not_need_its_repository(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from quarterhour.demo_study import demo_study"
        "; demo_study(Path('s'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert {"study.toml", "roads.osm.pbf", "facilities.xlsx", "SOURCE.md"} <= {
        p.name for p in (tmp_path / "s").iterdir()
    }
