"""A font with Chinese signs for figures, where this computer has one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

CHINESE: Final = (
    "Microsoft YaHei", "PingFang SC", "Source Han Sans SC", "Source Han Sans CN",
    "Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei",
    "Hiragino Sans GB", "Heiti SC", "Noto Serif CJK SC", "SimSun", "Songti SC",
    "Noto Sans CJK JP", "Noto Serif CJK JP",
)  # fmt: skip
"""Best first. Older matplotlib sees only the first face of a collection of fonts, the Japanese."""

OTHERS: Final = "DejaVu Sans"
"""Comes with matplotlib; has what a Chinese font may lack."""

_PROBE = "覆盖率"
_BOX = "□"


@functools.cache
def chinese_font() -> str | None:
    """Name of the first font of `CHINESE` that this computer has; None where it has none."""
    from matplotlib import font_manager  # noqa: PLC0415 - heavy, and looks through all fonts

    found = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE if name in found and not _lacks(name, _PROBE)), None)


def _lacks(name: str, text: str) -> bool:
    return any(ord(sign) not in signs_of(name) for sign in text)


@functools.cache
def signs_of(name: str) -> frozenset[int]:
    """Code points that a font can draw; none where its file is gone or damaged."""
    from matplotlib import font_manager  # noqa: PLC0415 - heavy

    path = font_manager.findfont(name, fallback_to_default=True)
    try:
        return frozenset(font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError):  # matplotlib remembers fonts that were removed since
        return frozenset()


def drawable(text: str, fonts: Iterable[str]) -> str:
    """The text with a box for each sign that none of the fonts has, and in one line."""
    known = [signs_of(name) for name in fonts]
    return "".join(
        " " if sign in "\n\t" else sign if any(ord(sign) in one for one in known) else _BOX
        for sign in text
    )
