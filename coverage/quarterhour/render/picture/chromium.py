"""A Chromium, Chrome or Edge that is installed here, to print a page or take its picture.

Nothing is downloaded and nothing of the user's is touched: it runs without a window, with a profile
of its own that is thrown away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from quarterhour.errors import QuarterhourError
from quarterhour.render.whole_file import whole_file

NAMED: Final = "QUARTERHOUR_CHROMIUM"
"""The environment's word for which browser to use; set and empty: none."""

NAMES: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge",
)  # fmt: skip

SECONDS: Final = 120
"""A browser that is not done by then is ended."""

_MAC: Final = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_LINUX: Final = ("/opt/google/chrome/chrome", "/opt/microsoft/msedge/msedge", "/snap/bin/chromium")
_WINDOWS: Final = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
# What a browser would otherwise do besides: ask, update, report, draw with a graphics card.
_QUIET: Final = (
    "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-crash-reporter",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--run-all-compositor-stages-before-draw",
    "--virtual-time-budget=8000",
)  # fmt: skip
_PX_PER_MM: Final = 96 / 25.4
PAPER_MM: Final = {"A4": (297, 210), "A3": (420, 297)}
SHARP: Final = 2
"""Pixels of a picture for each of the page's pixels, of 96 to the inch."""


class BrowserError(QuarterhourError):
    """The browser that was found did not do its work."""


def find_browser() -> Path | None:
    """The browser that the environment names, else one on the PATH or in its usual place.

    Raises
    ------
    QuarterhourError
        The environment names a file that is not there.
    """
    named = os.environ.get(NAMED)
    if named is not None:
        if not named.strip():
            return None
        found = shutil.which(named)
        if found is None:
            raise QuarterhourError(
                f"{NAMED} is {named!r}, which is no program; name a Chromium, Chrome or Edge, or"
                " leave it empty for none"
            )
        return Path(found)
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    if on_path is not None:
        return Path(on_path)
    return next((place for place in _places() if place.is_file()), None)


def _places() -> list[Path]:
    """Where browsers are installed without being on the PATH."""
    if sys.platform == "darwin":
        roots = [Path("/Applications"), Path.home() / "Applications"]
        return [root / name for name in _MAC for root in roots]
    if sys.platform == "win32":
        variables = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        folders = [Path(os.environ[key]) for key in variables if os.environ.get(key)]
        return [folder / name for name in _WINDOWS for folder in folders]
    return [Path(place) for place in _LINUX]


def sheet_address(page: Path, *, paper: str, portrait: bool, language: str) -> str:
    """The address of a map that opens as its printed sheet; `language`: "" for the page's own."""
    way = "portrait" if portrait else "landscape"
    more = f"-{language}" if language else ""
    return f"{page.resolve().as_uri()}#sheet={paper}-{way}{more}"


def print_pdf(browser: Path, address: str, target: Path) -> None:
    """Print what is at an address to a PDF, whole or not at all.

    Raises
    ------
    BrowserError
        The browser failed, was not done in time, or wrote no PDF.
    OSError
        `target` cannot be written.
    """
    with whole_file(target) as fresh:
        _run(browser, [f"--print-to-pdf={fresh}", "--no-pdf-header-footer"], address)
        _require(browser, fresh, b"%PDF-", "PDF")


def take_picture(
    browser: Path,
    address: str,
    target: Path,
    *,
    paper: str,
    portrait: bool,
) -> None:
    """A PNG of the sheet at an address, of the size of its paper.

    Raises
    ------
    BrowserError, OSError
        As `print_pdf`.
    """
    sides = [round(side * _PX_PER_MM) for side in PAPER_MM[paper]]
    wide, high = sides[::-1] if portrait else sides
    size = [f"--window-size={wide},{high}", f"--force-device-scale-factor={SHARP}"]
    with whole_file(target) as fresh:
        _run(browser, [f"--screenshot={fresh}", *size], address)
        _require(browser, fresh, b"\x89PNG", "PNG")


def _run(browser: Path, words: list[str], address: str) -> None:
    # a browser started by the administrator refuses its own sandbox
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        line = [str(browser), *_QUIET, *root, f"--user-data-dir={profile}", *words, address]
        try:
            subprocess.run(  # noqa: S603 - a browser of this computer, and words of our own
                line, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as error:
            raise BrowserError(f"{browser} was not done after {SECONDS:g} s") from error
        except subprocess.CalledProcessError as error:
            raise BrowserError(f"{browser} ended with code {error.returncode}") from error
        except OSError as error:
            raise BrowserError(f"{browser} cannot be started ({error.strerror})") from error


def _require(browser: Path, path: Path, begins: bytes, kind: str) -> None:
    """What a browser was asked for is there: one that refuses may still end with code 0."""
    if not path.is_file() or not path.read_bytes()[: len(begins)] == begins:
        raise BrowserError(f"{browser} wrote no {kind}")
