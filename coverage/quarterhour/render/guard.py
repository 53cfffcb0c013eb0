"""The last look at a page before it is written: whether anything in it reaches elsewhere.

Two walls. The page has a content security policy with which a browser refuses every request; here
it is asked for, before anything that could make one. And the text of the page is read for all that
makes requests, so that a slip is told to whoever writes the map, not to whoever opens it. Markup
that browsers and this reader could read in different ways is refused too.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from quarterhour.errors import InputError
from quarterhour.render.guard_code import LONGEST, ending, in_script, in_style
from quarterhour.render.markup import SOURCE_LINK_CLASS

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOADING: Final = frozenset({
    "src", "srcset", "href", "xlink:href", "action", "formaction", "poster", "data", "background",
    "manifest", "ping", "cite", "srcdoc", "imagesrcset", "codebase", "classid", "archive", "code",
    "longdesc", "profile", "lowsrc", "dynsrc", "attributionsrc", "icon", "usemap", "object",
    "movie", "filename", "csp", "nohref",
})  # fmt: skip
_HARMLESS: Final = re.compile(r"\s*(?:data:(?:image|font)/[\w.+-]+[;,]|#)", re.IGNORECASE)
_FOLLOWED: Final = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
_TAGS: Final = frozenset({
    "iframe", "frame", "frameset", "object", "embed", "applet", "base", "portal", "fencedframe",
    "link", "video", "audio", "source", "track", "animate", "animatetransform",
    "animatemotion", "set", "foreignobject", "use", "feimage", "bgsound", "basefont", "isindex",
    "keygen", "param", "template", "math",
    # what stands in these is no markup for some readers and markup for others
    "xmp", "noembed", "noframes", "plaintext", "listing", "textarea",
})  # fmt: skip
_SCRIPTS: Final = frozenset({"", "text/javascript", "application/javascript"})
_DATA: Final = frozenset({"application/json", "text/plain", "application/octet-stream"})
_EQUIV: Final = frozenset({"content-security-policy", "content-type", "x-dns-prefetch-control"})
_RAW: Final = ("script", "style")
_NEEDED: Final = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
_LOOSE: Final = re.compile(
    r"\*(?!\.)|\b(?:https?|wss?|file|ftp):(?!//)|'unsafe-eval'|'strict-dynamic'"
)
_HASH: Final = re.compile(r"'sha(?:256|384|512)-[a-z0-9+/]+=*'")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self.policies: list[str] = []
        self.late = False
        self._into: list[str] | None = None
        self._active = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = [(name.lower(), value or "") for name, value in attrs]
        # of two attributes of one name, a browser takes the first
        first = dict(reversed(values))
        self._into = None
        raw = self.get_starttag_text() or ""
        if "<" in raw[1:]:
            self.found.append(f"<{tag} with a < inside>")
        if tag == "meta":
            self._meta(first)
        elif tag in {"html", "head", "title", "body"}:
            pass
        else:
            self._active = True
        if tag == "style":
            self._into = self._next(self.styles)
        elif tag == "script":
            kind = first.get("type", "").strip().lower()
            if kind in _SCRIPTS:
                self._into = self._next(self.scripts)
            elif kind not in _DATA:
                self.found.append(f'<script type="{kind[:LONGEST]}">')
        if tag in _TAGS:
            self.found.append(f"<{tag}>")
        followed = tag == "a" and first.get("class") == SOURCE_LINK_CLASS
        for name, value in values:
            self._attribute(tag, name, value, followed=followed)

    def _next(self, texts: list[str]) -> list[str]:
        texts.append("")
        return texts

    def _meta(self, first: dict[str, str]) -> None:
        kind = first.get("http-equiv")
        if kind is None:
            return
        if kind.strip().lower() not in _EQUIV:
            self.found.append(f"<meta {kind[:LONGEST]}>")
        elif kind.strip().lower() == "content-security-policy":
            self.late = self.late or self._active
            self.policies.append(first.get("content", ""))

    def _attribute(self, tag: str, name: str, value: str, *, followed: bool) -> None:
        told = f'<{tag} {name}="{value[:LONGEST]}">'
        if name.startswith("on"):
            self.found.append(f"<{tag} {name}=…>")
        elif name in _LOADING:
            link = followed and name == "href" and _FOLLOWED.fullmatch(value)
            if tag == "script" or not (link or _HARMLESS.match(value)):
                self.found.append(told)
        elif next(in_style(value), None) is not None and name not in {"content", "title"}:
            # presentation attributes of drawings take url() as styles do
            self.found.append(told)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # to a browser the slash means nothing, except in a drawing
        self.handle_starttag(tag, attrs)
        if tag in _RAW:
            self.found.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class gives the tag
        self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data[:LONGEST]}-->")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.found.append(f"<!{decl[:LONGEST]}>")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data[:LONGEST]}>")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data[:LONGEST]}]>")


def external(page: str, *, tiles: str | None = None, libraries: Sequence[str] = ()) -> list[str]:
    """Every place of the page that would load or send something elsewhere, as short texts.

    Followed links of class `SOURCE_LINK_CLASS` load nothing and pass, and so does the one tile
    address in `tiles`. Data in script elements of another type and written text are not run.
    `libraries`: script elements whose code may know how to make requests, since nothing of ours
    calls it; they may name no address either.
    """
    return _external(_read(page), tiles, libraries)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def _external(reader: _Reader, tiles: str | None, libraries: Sequence[str]) -> list[str]:
    found = list(reader.found)
    for text in reader.styles:
        found += [*ending(text), *in_style(text)]
    known = {_inside(text) for text in libraries}
    for text in reader.scripts:
        code = text if tiles is None else text.replace(tiles, "")
        found += [*ending(text), *in_script(code, own=text.strip() not in known)]
    return list(dict.fromkeys(found))


def _inside(element: str) -> str:
    """The text of a script element."""
    return re.sub(r"\A<script>|</script>\Z", "", element.strip()).strip()


def policy_faults(page: str, *, host: str | None = None) -> list[str]:
    """What is wrong with the page's content security policy, as short texts.

    It must come before everything that could load, refuse by default, and name no place but the
    `host` of the tiles, and that for pictures only.
    """
    return _faults(_read(page), host)


def _faults(reader: _Reader, host: str | None) -> list[str]:
    if not reader.policies or reader.late:
        return ["no content security policy before the rest of the page"]
    parts = [part.split() for part in reader.policies[0].lower().split(";") if part.split()]
    # of two directives of one name, a browser takes the first
    rules = {part[0]: part[1:] for part in reversed(parts)}
    found = [f"{k} is not {v}" for k, v in _NEEDED.items() if rules.get(k) != [v]]
    for name, sources in rules.items():
        for source in sources:
            tiles = name == "img-src" and host is not None and source == host.lower()
            # the letters of a hash are no address, whatever they spell
            hashed = _HASH.fullmatch(source)
            if not tiles and not hashed and (_LOOSE.search(source) or "//" in source):
                found.append(f"{name} {source}")
    return found


def refuse_external(
    page: str, *, tiles: str | None = None, host: str | None = None, libraries: Sequence[str] = ()
) -> None:
    """Raises InputError when the page would need, or be let load, anything that is not in it."""
    reader = _read(page)
    found = _external(reader, tiles, libraries) + _faults(reader, host)
    if found:
        message = (
            f"the page would load from elsewhere: {'; '.join(found[:5])}. A map must be one file; "
            "put the asset into the page or leave it out"
        )
        raise InputError(message)
