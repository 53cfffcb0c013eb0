"""Longitudes and latitudes as they are written in cells: degrees, minutes and seconds, pairs."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from quarterhour.sources.rows.cells import cell_number, cell_text, plain_text, width_of

_NUMBER = r"\d+(?:\.\d+)?"
_MARKED = re.compile(
    rf"(?P<sign>[+-]?)(?P<d>{_NUMBER})°(?:(?P<m>{_NUMBER})'(?:(?P<s>{_NUMBER})(?:\"|'')?)?)?"
)
_BARE = re.compile(
    rf"(?P<sign>[+-]?)(?P<d>\d{{1,3}})(?P<by>[-: ])(?P<m>\d{{1,2}})(?P=by)(?P<s>{_NUMBER})"
)
_PLAIN = re.compile(rf"[+-]?{_NUMBER}")
_WORDS = (
    ("东经", "E"), ("西经", "W"), ("北纬", "N"), ("南纬", "S"), ("经度", "L"), ("纬度", "B"),
    ("longitude", "L"), ("latitude", "B"), ("long", "L"), ("lng", "L"), ("lon", "L"), ("lat", "B"),
    ("经", "L"), ("纬", "B"), ("东", "E"), ("西", "W"), ("北", "N"), ("南", "S"), ("x", "L"),
    ("y", "B"), ("degrees", "°"), ("度", "°"), ("分", "'"), ("秒", '"'),
)  # fmt: skip
"""Words for a letter: E W N S for a half of the earth, L and B for an axis, signs for units."""


class Angle(NamedTuple):
    """Degrees; `axis`: lon or lat where the cell says so; `how`: "" or the key of a change."""

    degrees: float
    axis: str
    how: str


class Pair(NamedTuple):
    """Two numbers of one cell in their order; `first`: lon, lat, or "" where it is not said."""

    a: float
    b: float
    first: str
    how: str


def _clean(value: object) -> str:
    text = plain_text(value).lower()
    for word, letter in _WORDS:
        if word in text:
            text = text.replace(word, letter)
    return re.sub(r"[ \t\r\n]+", " ", text.replace("''", '"')).strip()


def read_angle(value: object) -> Angle | None:
    """One coordinate; None where the cell holds none.

    106.28, 106°16′48″E, 106-16-48, 106度16分48秒, E106.28, 东经106.28度.
    """
    number = cell_number(value)
    if number is not None:
        text = cell_text(value)
        return Angle(number, "", width_of(text) or ("comma" if "," in text else ""))
    text = _clean(value).lstrip("'\"").rstrip(",;")
    return _angle(text) if text else None


def _angle(text: str) -> Angle | None:
    letter = ""
    found = re.match(r"([lb]?)[ :=]*([ewns]?)[ :=]*(?=[-+\d])", text.lower())
    if found and found[0]:
        letter, text = found[1] + found[2], text[found.end() :]
    else:
        found = re.search(r"(?<=[\d°'\"])[ ]*([ewns])$", text.lower())
        if found:
            letter, text = found[1], text[: found.start()]
    half = letter[-1:]
    axis = {"e": "lon", "w": "lon", "l": "lon", "n": "lat", "s": "lat", "b": "lat"}.get(half, "")
    text = text.strip()
    if _PLAIN.fullmatch(text):
        degrees, how = float(text), "hemisphere" if letter else "plain"
    else:
        tight = re.sub(r"\s*([°'\"])\s*", r"\1", text)
        match = _MARKED.fullmatch(tight) or _BARE.fullmatch(text)
        if match is None:
            return None
        minutes, seconds = float(match["m"] or 0), float(match["s"] or 0)
        if minutes >= 60 or seconds >= 60:
            return None
        degrees = float(match["d"]) + minutes / 60 + seconds / 3600
        degrees = -degrees if match["sign"] == "-" else degrees
        how = "dms"
    if half in {"w", "s"}:
        degrees = -abs(degrees)
    # three hundred figures in a row are no place
    return Angle(degrees, axis, how) if math.isfinite(degrees) else None


def read_pair(value: object) -> Pair | None:
    """Both coordinates of one cell; None where it does not hold exactly two.

    "106.28,30.01", "30.01，106.28", "(106.28 30.01)", "POINT(106.28 30.01)",
    "经度:106.28 纬度:30.01", "E106°16′48″ N30°1′12″".
    """
    raw = plain_text(value)
    if not any(c.isdigit() for c in raw):
        return None
    lowered = raw.lower()
    well_known = "point" in lowered
    text = re.sub(r"point\s*z?\s*m?", " ", lowered)
    text = re.sub(
        r"[\"']\s*([a-z]+)\s*[\"']\s*:", r" \1:", text
    )  # of {"lng": 106.28, "lat": 30.01}
    text = re.sub(r"[(){}\[\]<>]", " ", text)
    text = _clean(text)
    parts = _parts(text)
    if parts is None:
        return None
    first, second = (_angle(p.strip(" :=,")) for p in parts)
    if first is None or second is None:
        return None
    order = "lon" if well_known else first.axis
    if not order and second.axis:
        order = "lat" if second.axis == "lon" else "lon"
    if first.axis and first.axis == second.axis:
        return None
    how = "dms" if "dms" in {first.how, second.how} else "one_cell"
    return Pair(first.degrees, second.degrees, order, how)


def _parts(text: str) -> tuple[str, str] | None:
    """The two halves of a cell that holds a pair."""
    for sign in (";", "|", "/", ",", "\n"):
        pieces = [p for p in text.split(sign) if p.strip()]
        if len(pieces) == 2:
            return pieces[0], pieces[1]
    letters = [m.start() for m in re.finditer(r"[EWNSLB]+", text)]
    if len(letters) == 2:
        if letters[0] == 0:  # E106.28 N30.01
            return text[: letters[1]], text[letters[1] :]
        return text[: letters[0] + 1], text[letters[0] + 1 :]  # 106.28E 30.01N
    small = [m.start() for m in re.finditer(r"[ewns](?![a-z])", text)]
    if len(small) == 2:
        if small[0] == 0:
            return text[: small[1]], text[small[1] :]
        return text[: small[0] + 1], text[small[0] + 1 :]
    words = text.split()
    if len(words) in {2, 6}:
        half = len(words) // 2
        return " ".join(words[:half]), " ".join(words[half:])
    tight = re.sub(r"\s*([°'\"])\s*", r"\1", text)
    marked = list(_MARKED.finditer(tight))
    if len(marked) == 2 and not _MARKED.sub("", tight).strip():
        return marked[0][0], marked[1][0]
    return None
