"""What style sheets and scripts may not contain: everything with which they could load or send."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 80
"""Characters of what was found that are told."""

_SAFE: Final = r"(?!\s*[\"']?\s*(?:data:|blob:|#))"
_STYLE: Final = re.compile(
    rf"@import|(?<![\w-])(?:url|src)\(\s*{_SAFE}[^)]*\)?|image-set\s*\(|cross-fade\s*\(",
    re.IGNORECASE,
)
_STYLE_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\n\r\f]?|(.))", re.DOTALL)
_STYLE_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)

_ADDRESS: Final = re.compile(
    r"(?:https?|wss?|ftp|file):\\?/\\?/[^\s\"'`<>\\]*"
    r"|[\"'`]\s*//[\w-]+[.:][^\s\"'`<>]*",
    re.IGNORECASE,
)
_LOADING: Final = r"(?:src|srcset|href|action|formAction|poster|data|background|cite|ping)"
_TAGS: Final = (
    "link|script|iframe|frame|object|embed|applet|base|audio|video|source|track|portal|meta"
)
_CALLS: Final = re.compile(
    r"\b(?:fetch|fetchLater|importScripts|sendBeacon|eval|execScript)\s*\("
    r"|(?<![\w\"'`.$-])(?:import\s*[\"'(*{]|import\s+\w+\s+from\b|export\s+[*{][^;]*\bfrom\s*[\"'])"
    r"|\b(?:XMLHttpRequest|WebSocket|WebSocketStream|EventSource|WebTransport|SharedWorker"
    r"|RTCPeerConnection|webkitRTCPeerConnection|serviceWorker|PaymentRequest|FontFace)\b"
    r"|(?:\$|\bjQuery)\s*\.\s*(?:ajax|get|post|getJSON|getScript)\s*\("
    r"|\bnew\s+(?:Function|Audio)\s*\(|\bnew\s+Worker\s*\((?!\s*URL\.createObjectURL\b)"
    r"|\bdocument\s*\.\s*write(?:ln)?\s*\(|\bwindow\s*\.\s*open\s*\("
    r"|\blocation\s*(?:\.\s*href\s*)?=(?!=)|\blocation\s*\.\s*(?:assign|replace)\s*\("
    rf"|\.\s*{_LOADING}\s*=\s*[\"'`](?!\s*(?:data:|blob:|#|[\"'`]))"
    rf"|\bsetAttribute(?:NS)?\s*\((?:[^,()]*,)?\s*[\"'`](?i:(?:xlink:)?{_LOADING})[\"'`]\s*,"
    r"\s*[\"'`](?!\s*(?:data:|blob:|#))"
    rf"|\bcreateElement(?:NS)?\s*\((?:[^,()]*,)?\s*[\"'`](?i:{_TAGS})[\"'`]"
    r"|(?<![\w-])(?i:url)\(\s*[\"']?(?!\s*(?:data:|blob:))[\w./]"
    r"|@(?i:import)\b"
)
_SCRIPT_ESCAPE: Final = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))"
)
_SCRIPT_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_ENDS: Final = re.compile(r"</(?:script|style)|<!--", re.IGNORECASE)

# Names, not requests: XML namespaces, and the banner and (switched off) footer text of Leaflet.
_NAMES: Final = frozenset({"http://www.w3.org/2000/svg", "https://leafletjs.com"})


def in_style(text: str) -> Iterator[str]:
    """What a style sheet or a `style` would load; escapes are read and comments left out first."""

    def plain(found: re.Match[str]) -> str:
        code = found.group(1)
        return found.group(2) if code is None else _character(code)

    for seen in (text, _STYLE_COMMENT.sub("", _STYLE_ESCAPE.sub(plain, text))):
        yield from (m.group()[:LONGEST] for m in _STYLE.finditer(seen))


def in_script(text: str, *, own: bool = True) -> Iterator[str]:
    """What a script could load, send or open; only addresses where it is not our `own`.

    A slip is found here, not malice: a script can put any word together from pieces. What stops
    that is the page's policy, which `guard` asks for.
    """

    def plain(found: re.Match[str]) -> str:
        return _character(next(code for code in found.groups() if code is not None))

    text = _SCRIPT_ESCAPE.sub(plain, text)
    yield from (m.group()[:LONGEST] for m in _ADDRESS.finditer(text) if m.group() not in _NAMES)
    if own:
        bare = _SCRIPT_COMMENT.sub("", text)
        for seen in (text,) if bare == text else (text, bare):  # most have no such comment
            yield from (m.group()[:LONGEST] for m in _CALLS.finditer(seen))


def ending(text: str) -> Iterator[str]:
    """What could end the element that a script or a style stands in, or hide its end."""
    yield from (m.group() for m in _ENDS.finditer(text))


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if 0 < number <= 0x10FFFF else "\ufffd"
