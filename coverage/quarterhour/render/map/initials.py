"""How the names on a map are read aloud: so that they are found by pinyin or its initials."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def readings(texts: Iterable[str]) -> dict[str, str]:
    """By syllable without its tone, all characters of the texts that can be read so.

    A character with several readings stands under each, so that 重 is found as chong and as zhong.
    In the order of the alphabet.
    """
    characters = sorted({c for text in texts for c in text if c >= "\u3400"})
    if not characters:
        return {}
    # Heavy: its dictionaries take a quarter of a second to load.
    import pypinyin  # noqa: PLC0415

    found: dict[str, list[str]] = {}
    for character in characters:
        said = pypinyin.pinyin(
            character, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore"
        )
        for syllable in sorted({s.replace("ü", "v") for syllables in said for s in syllables}):
            if syllable.isascii() and syllable.isalpha():
                found.setdefault(syllable, []).append(character)
    return {syllable: "".join(found[syllable]) for syllable in sorted(found)}
