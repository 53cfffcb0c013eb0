"""Texts as markup: escaped, in one language or both, with web addresses that can be followed."""

from __future__ import annotations

import html
import re
from typing import Final

from quarterhour.render.words import WORDS

SOURCE_LINK_CLASS: Final = "qh-source"
_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+[^\s<>\"'`.,;:)）。，；]")
# Characters that reorder or hide the text around them, or that HTML does not allow.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


def esc(value: str) -> str:
    """Text safe between tags and inside a quoted attribute."""
    return html.escape(legible(value), quote=True)


def legible(value: str) -> str:
    """Text without characters that turn round or hide what stands beside them."""
    return _UNSEEN.sub("\ufffd", value)


def pair(zh: str, en: str, language: str, tag: str = "span") -> str:
    """A text in the page's language, or in both with Chinese first."""
    out = []
    if language != "en":
        out.append(f'<{tag} lang="zh-CN">{esc(zh)}</{tag}>')
    if language != "zh" and (language == "en" or zh != en):
        out.append(f'<{tag} lang="en">{esc(en)}</{tag}>')
    if language == "both" and zh == en:
        return f"<{tag}>{esc(zh)}</{tag}>"
    return " ".join(out)


def word(key: str, language: str) -> str:
    """A word of the table as markup."""
    return pair(*WORDS[key], language)


def plain(key: str, language: str) -> str:
    """A word of the table for an attribute: one line, both languages when asked."""
    zh, en = WORDS[key]
    return esc({"zh": zh, "en": en}.get(language, f"{zh} {en}"))


def linked(value: str) -> str:
    """A source text whose web addresses can be followed."""
    out, last = [], 0
    for found in _ADDRESS.finditer(value):
        address = esc(found.group())
        out.append(esc(value[last : found.start()]))
        out.append(
            f'<a class="{SOURCE_LINK_CLASS}" href="{address}" target="_blank" '
            f'rel="noopener noreferrer">{address}</a>'
        )
        last = found.end()
    return "".join(out) + esc(value[last:])
