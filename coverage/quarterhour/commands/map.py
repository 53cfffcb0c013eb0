"""The command of the map alone: as a page, a picture or a printed sheet."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quarterhour.errors import InputError, QuarterhourError

if TYPE_CHECKING:
    from collections.abc import Callable

LANGUAGES = ("zh", "en", "both")
PAPERS = ("A4", "A3")
PAGES = (".html", ".htm")
USUAL = Path("map.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What is asked of the sheet; `language`: "" for the map's own."""

    paper: str
    portrait: bool
    language: str


def map_(
    source: Annotated[
        Path, typer.Argument(help="study file (TOML) or map.html", show_default=False)
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="the map of a study as a page", show_default="map.html, if alone"),
    ] = None,
    png: Annotated[
        Path | None, typer.Option(help="the map as a picture", show_default=False)
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option(help="the map as a printed sheet", show_default=False)
    ] = None,
    paper: Annotated[str, typer.Option(help="A4 or A3")] = "A4",
    portrait: Annotated[bool, typer.Option("--portrait", help="upright paper")] = False,
    language: Annotated[str, typer.Option(help="zh, en or both", show_default="the study's")] = "",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="print nothing but errors")] = False,
    threads: Annotated[
        int | None, typer.Option(help="processors to use", min=1, show_default="all")
    ] = None,
) -> None:
    """Write only the map: of a study as a page, of either as a picture or a printed sheet."""
    sheet = _Sheet(paper=_paper(paper), portrait=portrait, language=_language(language))
    _require_file(source)
    is_map = _is_map(source)
    if is_map and out is not None:
        raise InputError(f"{source}: is a map already; --out is for the map of a study")
    if is_map and png is None and pdf is None:
        raise InputError(f"{source}: is a map already; say what to make of it: --png or --pdf")
    if not is_map and out is None and png is None and pdf is None:
        out = USUAL
    _require_places(source, [path for path in (out, png, pdf) if path is not None])

    def say(text: str, *, err: bool = False) -> None:
        if not quiet:
            typer.echo(text, err=err)

    if is_map:
        _export(source, source.name, png, pdf, sheet, say)
        return
    with tempfile.TemporaryDirectory() as folder:
        page = out or Path(folder) / USUAL
        _write(source, page, sheet.language, quiet=quiet, threads=threads)
        if out is not None:
            say(f"{out}")
        _export(page, source.name, png, pdf, sheet, say)


def _paper(text: str) -> str:
    if text.upper() not in PAPERS:
        raise InputError(f"--paper is {text!r}; it must be A4 or A3")
    return text.upper()


def _language(text: str) -> str:
    if text and text not in LANGUAGES:
        raise InputError(f"--language is {text!r}; it must be one of {', '.join(LANGUAGES)}")
    return text


def _require_file(source: Path) -> None:
    if source.is_dir():
        raise InputError(f"{source}: is a folder; give the study file or the map.html in it")
    if not source.is_file():
        raise InputError(f"{source}: there is no such file; give a study file or a map.html")


def _is_map(source: Path) -> bool:
    """Whether a file is a page rather than a study, by its name or its first sign."""
    if source.suffix.lower() in PAGES:
        return True
    try:
        with source.open("rb") as file:
            return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror})") from error


def _require_places(source: Path, places: list[Path]) -> None:
    """Before the work, not after it: every file can be where it is asked for."""
    seen: set[Path] = {source.resolve()}
    for place in places:
        if place.is_dir():
            raise InputError(f"{place}: is a folder; give the name of a file in it")
        if not place.parent.is_dir():
            raise InputError(f"{place}: there is no folder {place.parent}; make it first")
        if place.resolve() in seen:
            raise InputError(f"{place}: is named twice; give every file a name of its own")
        seen.add(place.resolve())


def _write(study: Path, page: Path, language: str, *, quiet: bool, threads: int | None) -> None:
    """Run a study and write its map alone."""
    from quarterhour.manifest import manifest_of  # noqa: PLC0415 - start-up stays quick
    from quarterhour.publish import key_of, map_of  # noqa: PLC0415
    from quarterhour.render.map.html import write_map  # noqa: PLC0415
    from quarterhour.study import run_study  # noqa: PLC0415
    from quarterhour.terminal import progress_bar  # noqa: PLC0415

    with progress_bar(quiet=quiet) as progress:
        result = run_study(study, threads=threads, progress=progress)
    key = key_of(manifest_of(result.prepared))
    with _told_of(page):
        write_map(page, map_of(result, key, language=language))


class _told_of:  # noqa: N801 - reads as a word: with _told_of(path)
    """Turns a fault of the disk into a sentence about the file that was being written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise QuarterhourError(
                f"{self.path}: cannot be written ({error.strerror}); choose another place, or close"
                " the program that has it open"
            ) from error


def _export(
    page: Path,
    name: str,
    png: Path | None,
    pdf: Path | None,
    sheet: _Sheet,
    say: Callable[..., None],
) -> None:
    """Write the picture and the sheet of a map; with a browser, else as a figure."""
    if png is None and pdf is None:
        return
    from quarterhour.render.picture.chromium import (  # noqa: PLC0415 - start-up stays quick
        BrowserError,
        find_browser,
        print_pdf,
        sheet_address,
        take_picture,
    )
    from quarterhour.render.picture.map_figure import write_figure  # noqa: PLC0415
    from quarterhour.render.picture.unpack import page_data  # noqa: PLC0415

    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: cannot be read as a map; run the study again") from error
    own = page_data(text, name)["language"]
    if sheet.language and own not in {"both", sheet.language}:
        raise InputError(
            f"{name}: the map is in {own!r} alone; leave out --language, or run the study again"
            ' with language = "both"'
        )
    browser = find_browser()
    address = sheet_address(
        page, paper=sheet.paper, portrait=sheet.portrait, language=sheet.language
    )
    for target, kind in ((png, "png"), (pdf, "pdf")):
        if target is None:
            continue
        why = "no Chromium, Chrome or Edge was found"
        with _told_of(target):
            try:
                if browser is not None:
                    if kind == "pdf":
                        print_pdf(browser, address, target)
                    else:
                        take_picture(
                            browser, address, target, paper=sheet.paper, portrait=sheet.portrait
                        )
                    say(f"{target}  ({_form(sheet)}, with {browser})")
                    continue
            except BrowserError as error:
                why = str(error)
            write_figure(
                text, target, name=name, kind=kind, paper=sheet.paper, portrait=sheet.portrait,
                language=sheet.language,
            )  # fmt: skip
        say(f"{target}  ({_form(sheet)}, a plain figure drawn with matplotlib: {why})")


def _form(sheet: _Sheet) -> str:
    return f"{sheet.paper} {'portrait' if sheet.portrait else 'landscape'}"
