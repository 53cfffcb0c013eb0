"""The last look at a page before it is written: whether anything in it reaches elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from quarterhour.errors import InputError
from quarterhour.render.page import SOURCE_LINK_CLASS

_LOADING: Final = frozenset(
    (
        *("src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data"),
        *("background", "manifest", "ping", "cite"),
    )
)
_REMOTE: Final = re.compile(r"(?:https?|wss?|ftp|file):|//", re.IGNORECASE)
_IN_STYLE: Final = re.compile(
    r"@import|url\(\s*[\"']?\s*(?!data:|[\"']?#)[^)]*\)|image-set", re.IGNORECASE
)
_IN_SCRIPT: Final = re.compile(
    r"https?:\\?/\\?/[^\s\"'`<>\\]*"
    r"|\bfetch\s*\(|\bimport\s*\(|\bimportScripts\b|\bnew\s+(?:WebSocket|EventSource|SharedWorker)"
    r"|\bsendBeacon\b",
    re.IGNORECASE,
)
# Names, not requests: XML namespaces, and the banner and (switched off) footer text of Leaflet.
_NAMES: Final = frozenset({"http://www.w3.org/2000/svg", "https://leafletjs.com"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._into = None
        if tag == "style":
            self._into = self.styles
        elif tag == "script" and values.get("type", "") in {"", "text/javascript", "module"}:
            self._into = self.scripts
        if tag in {"iframe", "object", "embed", "base"}:
            self.found.append(f"<{tag}>")
        followed = tag == "a" and values.get("class") == SOURCE_LINK_CLASS
        for name, value in values.items():
            if name.startswith("on"):
                self.found.append(f"<{tag} {name}=…>")
            elif name in _LOADING and _REMOTE.match(value.strip()) and not followed:
                self.found.append(f'<{tag} {name}="{value[:80]}">')
            elif name == "style" and _IN_STYLE.search(value):
                self.found.append(f'<{tag} style="{value[:80]}">')
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.found.append("<meta refresh>")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class gives the tag
        self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)


def external(page: str, *, tiles: str | None = None) -> list[str]:
    """Every place of the page that would load or send something elsewhere, as short texts.

    Followed links of class `SOURCE_LINK_CLASS` load nothing and pass, and so does the one tile
    address in `tiles`. Data in script elements of another type and written text are not run.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = list(reader.found)
    found += [m.group()[:80] for text in reader.styles for m in _IN_STYLE.finditer(text)]
    scripts = "\n".join(reader.scripts)
    if tiles is not None:
        scripts = scripts.replace(tiles, "")
    found += [m.group()[:80] for m in _IN_SCRIPT.finditer(scripts) if m.group() not in _NAMES]
    return found


def refuse_external(page: str, *, tiles: str | None = None) -> None:
    """Raises InputError when the page would need anything that is not in it."""
    found = external(page, tiles=tiles)
    if found:
        message = (
            f"the page would load from elsewhere: {'; '.join(found[:5])}. A map must be one file; "
            "put the asset into the page or leave it out"
        )
        raise InputError(message)
