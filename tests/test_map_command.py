"""`quarterhour map`: a page, a picture, a printed sheet; with a browser and without; bad input."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from browser import find_browser, need
from print_town import GROUND, inked, near, pages_of, picture, print_file, print_town
from quarterhour.demo_study import demo_study
from quarterhour.render import palette

if TYPE_CHECKING:
    from pathlib import Path

NO_BROWSER = {"QUARTERHOUR_CHROMIUM": "", "PATH": ""}


@dataclass
class Done:
    code: int
    out: str
    err: str


def run(*words: object, **environment: str) -> Done:
    """The command in a process of its own."""
    line = [sys.executable, "-m", "quarterhour", "map", *map(str, words)]
    done = subprocess.run(
        line, capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return print_file(tmp_path_factory.mktemp("map"))


@pytest.fixture(scope="module")
def browser() -> str:
    found = find_browser()
    need(found, "no Chromium, Chrome or Edge on the PATH (or set QUARTERHOUR_CHROMIUM)")
    assert found is not None
    return found


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_browser_prints_and_takes_the_picture(page: Path, browser: str, tmp_path: Path) -> None:
    pdf, png = tmp_path / "map.pdf", tmp_path / "map.png"
    done = run(page, "--pdf", pdf, "--png", png, "--paper", "a3", QUARTERHOUR_CHROMIUM=browser)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"{png}  (A3 landscape, with {browser})",
        f"{pdf}  (A3 landscape, with {browser})",
    ]
    assert pages_of(pdf.read_bytes()) == [(420, 297)]
    pixels = picture(png.read_bytes())
    # 420 by 297 mm at 96 to the inch, twice as sharp
    assert pixels.shape[:2] == (2246, 3174)
    for colour in (palette.SERVICES[0][0], palette.GAP, palette.GAP_NUMBER, "#2B3237"):
        assert near(pixels, colour) > 1000, colour
    assert left_over(tmp_path) == ["map.pdf", "map.png"]


def test_upright_paper_and_another_language(page: Path, browser: str, tmp_path: Path) -> None:
    both, zh = tmp_path / "both.png", tmp_path / "zh.png"
    for path, words in ((both, []), (zh, ["--language", "zh"])):
        done = run(page, "--png", path, "--portrait", *words, QUARTERHOUR_CHROMIUM=browser)
        assert done.code == 0, done.err
        assert "A4 portrait" in done.out
    one, two = picture(both.read_bytes()), picture(zh.read_bytes())
    assert one.shape == two.shape == (2246, 1588, 3)
    assert (one != two).any()


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_without_a_browser_a_figure_is_drawn_and_said_to_be_one(
    page: Path, tmp_path: Path, kind: str
) -> None:
    target = tmp_path / f"map.{kind}"
    done = run(page, f"--{kind}", target, **NO_BROWSER)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"{target}  (A4 landscape, a plain figure drawn with matplotlib: "
        "no Chromium, Chrome or Edge was found)\n"
    )
    assert target.read_bytes()[:4] == {"png": b"\x89PNG", "pdf": b"%PDF"}[kind]
    assert left_over(tmp_path) == [target.name]
    if kind == "png":
        assert inked(picture(target.read_bytes()), GROUND) > 0.3


def test_a_browser_that_fails_is_told_and_a_figure_is_drawn(page: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.pdf"
    # a program that ends well and writes nothing, and one that ends badly
    for program, why in (("true", "wrote no PDF"), ("false", "ended with code 1")):
        done = run(page, "--pdf", target, QUARTERHOUR_CHROMIUM=program)
        assert done.code == 0
        assert "drawn with matplotlib" in done.out
        assert why in done.out
        assert target.read_bytes().startswith(b"%PDF")


def test_a_study_gives_its_map_alone(tmp_path: Path) -> None:
    study = demo_study(tmp_path / "study")
    out = tmp_path / "new.html"
    done = run(study, "--out", out, "--language", "en", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")
    text = out.read_text(encoding="utf-8")
    assert '<html lang="en" data-language="en">' in text
    assert left_over(tmp_path) == ["new.html", "study"]
    png = tmp_path / "new.png"
    done = run(study, "--png", png, "-q", **NO_BROWSER)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert left_over(tmp_path) == ["new.html", "new.png", "study"]


def test_a_map_of_one_language_cannot_be_printed_in_another(tmp_path: Path) -> None:
    path = print_file(tmp_path, "zh")
    done = run(path, "--pdf", tmp_path / "x.pdf", "--language", "en", **NO_BROWSER)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "map.html: the map is in 'zh' alone; leave out --language" in done.err
    assert left_over(tmp_path) == ["map.html"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing.html", "--png", "a.png"], "nothing.html: there is no such file"),
        ([".", "--png", "a.png"], ".: is a folder; give the study file or the map.html in it"),
        (["page.html", "--png", "a.png"], "page.html: is not a map"),
        (["damaged.html", "--png", "a.png"], "damaged.html: the data of this map are damaged"),
        (["old.html", "--pdf", "a.pdf"], "old.html: was written by another version"),
        (["binary.html", "--pdf", "a.pdf"], "binary.html: cannot be read as a map"),
        (["map.html"], "is a map already; say what to make of it: --png or --pdf"),
        (["map.html", "--out", "b.html"], "is a map already; --out is for the map of a study"),
        (["map.html", "--png", "folder"], "folder: is a folder; give the name of a file in it"),
        (["map.html", "--png", "no/a.png"], "there is no folder no; make it first"),
        (["map.html", "--png", "map.html"], "map.html: is named twice"),
        (["map.html", "--png", "a.x", "--pdf", "a.x"], "a.x: is named twice"),
        (["map.html", "--png", "a.png", "--paper", "A5"], "--paper is 'A5'; it must be A4 or A3"),
        (["map.html", "--png", "a.png", "--language", "fr"], "--language is 'fr'"),
        (["words.toml", "--png", "a.png"], "words.toml"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    files = {
        "map.html": text,
        "page.html": "<!DOCTYPE html><p>A page</p>",
        "old.html": text.replace('"story":', '"tale":', 1),
        "damaged.html": text.replace('"services":', '"services"', 1),
        "words.toml": "no study",
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "binary.html").write_bytes(b"\xff\xfe\x00\x81<html>")
    (tmp_path / "folder").mkdir()
    before = left_over(tmp_path)
    done = run(*words, **NO_BROWSER)
    assert done.code == 1
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert told in done.err
    assert left_over(tmp_path) == before


def test_a_browser_that_is_named_and_not_there(page: Path, tmp_path: Path) -> None:
    done = run(page, "--png", tmp_path / "a.png", QUARTERHOUR_CHROMIUM="/no/such/browser")
    assert done.code == 1
    assert "QUARTERHOUR_CHROMIUM is '/no/such/browser', which is no program" in done.err


def test_an_older_file_stays_when_nothing_new_can_be_made(tmp_path: Path) -> None:
    path = print_file(tmp_path)
    text = path.read_text(encoding="utf-8")
    # a stream of the gaps with signs that none has
    at = text.index('"packed":"', text.index('"gaps":{')) + len('"packed":"')
    path.write_text(text[:at] + "!!!!" + text[at + 4 :], encoding="utf-8")
    old = tmp_path / "old.png"
    old.write_bytes(b"old")
    done = run(path, "--png", old, **NO_BROWSER)
    assert done.code == 1
    assert "are damaged; run the study again" in done.err
    assert old.read_bytes() == b"old"
    assert left_over(tmp_path) == ["map.html", "old.png"]


def test_the_same_map_gives_the_same_figure(tmp_path: Path) -> None:
    path = print_file(tmp_path, data=print_town("zh"))
    made = []
    for name in ("one", "two"):
        target = tmp_path / f"{name}.png"
        assert run(path, "--png", target, "--paper", "A3", **NO_BROWSER).code == 0
        made.append(target.read_bytes())
    assert made[0] == made[1]
