"""Results that cannot be put in their place: another name and a sentence, never a crash.

On Windows a file that Excel or QGIS holds open can neither be replaced nor removed. Here a rename
that is refused for the names of such files stands for it, and once, where the machine allows it, a
file that the file system itself keeps from being replaced.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from quarterhour.errors import QuarterhourError
from quarterhour.publish import OUTPUTS, placed, renamed
from quarterhour.study import run_study
from small_study import small_study

if TYPE_CHECKING:
    from collections.abc import Iterator


class Locks:
    """Names that another program holds open."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def check(self, given: str | Path) -> None:
        path = Path(given)
        if path.name in self.names and not path.parent.name.startswith(".writing-"):
            raise PermissionError(13, "Permission denied", str(path))


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Locks]:
    held = Locks()
    replace, unlink = os.replace, os.unlink

    def locked_replace(source: str, target: str) -> None:
        held.check(target)
        replace(source, target)

    def locked_unlink(path: str, **more: int) -> None:
        held.check(path)
        unlink(path, **more)

    monkeypatch.setattr(os, "replace", locked_replace)
    monkeypatch.setattr(os, "unlink", locked_unlink)
    yield held
    held.names.clear()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(path: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(path.read_text("utf-8"))["outputs"]
    figures = {name for name in found if name.startswith("figures/")}
    assert figures == {f"figures/{p.name}" for p in (path.parent / "figures").iterdir()}
    for name in figures:
        assert found.pop(name) == digest(path.parent / name)
    return found


def test_a_file_that_is_open_is_written_beside_its_place(tmp_path: Path, locks: Locks) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    assert run_study(study, out).written == tuple(out / name for name in OUTPUTS)
    for name in OUTPUTS:
        (out / name).write_bytes(b"old")
    (out / "results.gpkg-wal").write_bytes(b"of the program that has it open")
    locks.names = {"map.html", "results.gpkg"}
    written = run_study(study, out).written
    assert [path.name for path in written] == [
        "map-2.html", "results-2.gpkg", "summary.json", "report.xlsx", "report.html",
        "manifest.json",
    ]  # fmt: skip
    # what is open is not touched, and the manifest tells of the files of this run
    assert (out / "map.html").read_bytes() == (out / "results.gpkg").read_bytes() == b"old"
    assert (out / "results.gpkg-wal").exists()
    assert manifest(out / "manifest.json") == {
        path.name: digest(path) for path in written if path.name != "manifest.json"
    }
    notes = renamed(written)
    assert [note.en.split()[0] for note in notes] == ["map.html", "results.gpkg"]
    assert "map-2.html" in notes[0].zh
    assert "results-2.gpkg" in notes[1].en
    # closed again: the next run takes the usual names, and nothing old lies about
    locks.names = set()
    written = run_study(study, out).written
    assert written == tuple(out / name for name in OUTPUTS)
    assert not renamed(written)
    assert names(out) == sorted(OUTPUTS)


def test_every_file_may_be_open(tmp_path: Path, locks: Locks) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    run_study(study, out)
    locks.names = {*OUTPUTS, "map-2.html"}
    written = run_study(study, out).written
    assert [path.name for path in written] == [
        "map-3.html", "results-2.gpkg", "summary-2.json", "report-2.xlsx", "report-2.html",
        "manifest-2.json",
    ]  # fmt: skip
    assert manifest(out / "manifest-2.json").keys() == {
        "map-3.html", "results-2.gpkg", "summary-2.json", "report-2.xlsx", "report-2.html",
    }  # fmt: skip
    assert len(renamed(written)) == 6
    (out / "map-2.html").write_bytes(b"a copy that somebody made")
    locks.names = set()
    run_study(study, out)
    assert names(out) == sorted([*OUTPUTS, "map-2.html"])


def test_a_run_does_not_take_the_names_of_another_for_old(tmp_path: Path, locks: Locks) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    locks.names = {"map.html"}
    first = run_study(study, out).written
    assert run_study(study, out).written == first
    assert (out / "map-2.html").exists()
    assert names(out) == sorted({*OUTPUTS, "map-2.html"} - {"map.html"})


def test_a_damaged_manifest_is_no_hindrance(tmp_path: Path) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    out.mkdir()
    for k, text in enumerate([b"", b"{", b"[1]", b'{"outputs": 3}', b'{"outputs": [null, 7]}']):
        (out / "manifest.json").write_bytes(text)
        (out / f"manifest-{k}.json").write_bytes(text)
        run_study(study, out)
        assert manifest(out / "manifest.json").keys() == set(OUTPUTS[:-1])


def test_a_file_is_moved_whole_or_the_error_is_told(tmp_path: Path, locks: Locks) -> None:
    source = tmp_path / "new"
    source.write_text("new")
    locks.names = {"a.txt", *(f"a-{k}.txt" for k in range(2, 200))}
    with pytest.raises(PermissionError, match="Permission denied"):
        placed(source, tmp_path / "a.txt")
    assert names(tmp_path) == ["new"]
    locks.names = {"a.txt"}
    assert placed(source, tmp_path / "a.txt") == tmp_path / "a-2.txt"
    assert (tmp_path / "a-2.txt").read_text() == "new"


def test_a_folder_that_refuses_everything_is_one_sentence(tmp_path: Path, locks: Locks) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    locks.names = {"map.html", *(f"map-{k}.html" for k in range(2, 200))}
    with pytest.raises(QuarterhourError, match=r"cannot be written \(Permission denied\); "):
        run_study(study, out)
    assert names(out) == []


def test_a_file_that_the_file_system_keeps(tmp_path: Path) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    run_study(study, out)
    old = digest(out / "map.html")
    tool = shutil.which("chattr")
    kept = tool and subprocess.run([tool, "+i", out / "map.html"], capture_output=True, check=False)
    if not kept or kept.returncode:
        pytest.skip("no file can be kept from being replaced here (chattr +i)")
    try:
        written = run_study(study, out).written
    finally:
        subprocess.run([str(tool), "-i", out / "map.html"], check=True)
    assert written[0] == out / "map-2.html"
    assert digest(out / "map.html") == old
    assert manifest(out / "manifest.json")["map-2.html"] == digest(out / "map-2.html")


def test_only_pictures_of_an_earlier_run_are_taken_away(tmp_path: Path) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    figures = out / "figures"
    figures.mkdir(parents=True)
    (figures / "holiday.png").write_bytes(b"mine")
    run_study(study, out)
    made = {path.name for path in figures.iterdir()}
    assert "holiday.png" in made
    # a picture that the manifest lists and this run does not draw
    told = json.loads((out / "manifest.json").read_text("utf-8"))
    told["outputs"] |= {"figures/of_before.png": "0", "figures/../holiday.png": "0"}
    (out / "manifest.json").write_text(json.dumps(told), "utf-8")
    for path in (figures / "of_before.png", out / "holiday.png"):
        path.write_bytes(b"old")
    run_study(study, out)
    assert {path.name for path in figures.iterdir()} == made
    assert (figures / "holiday.png").read_bytes() == b"mine"
    assert (out / "holiday.png").exists()


@pytest.mark.parametrize("name", ["figures", "figures/x", "report.xlsx"])
def test_what_stands_in_the_way_is_named_before_anything_is_moved(
    tmp_path: Path, name: str
) -> None:
    study, out = small_study(tmp_path / "s"), tmp_path / "out"
    run_study(study, out)
    if name == "figures":
        shutil.rmtree(out / name)
        (out / name).write_text("mine")
        words = "figures is a file there"
    else:
        drawn = min((out / "figures").iterdir()).name
        name = name.replace("figures/x", f"figures/{drawn}")
        (out / name).unlink()
        (out / name).mkdir()
        words = f"{name} is a folder there"
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    with pytest.raises(QuarterhourError, match=words):
        run_study(study, out)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="a limit for the size of a file is set by a shell")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    rows = "".join(f"{104.65 + k * 1e-7:.7f},30.12,1\n" for k in range(20_000))
    study = small_study(tmp_path / "s", {}, {"people.csv": "lon,lat,population\n" + rows})
    out = tmp_path / "out"
    # 1.5 MB are enough for the map of so many places, and not for their layers
    line = f"ulimit -f 1500; exec {sys.executable} -m quarterhour run {study} --out {out} -q"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (told,) = done.stderr.strip().splitlines()
    assert told.startswith(f"error: {out}: the results cannot be written (")
    assert not names(out)
    assert not list(out.glob(".writing*"))
