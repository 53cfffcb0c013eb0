"""Contrast measured: every sign on every ground that it may lie on, and every text of the page.

Contrast is that of WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of the relative luminances; 3 for
signs or the rim that parts them from the ground, 4.5 for text. Colours and opacities are read from
the sources that draw with them.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from quarterhour.render import palette
from test_page_acceptance_looks import SEEN_BY, lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Colour = NDArray[np.float64]

ASSETS = Path(palette.__file__).parent / "map" / "assets"
SIGN, TEXT = 3.0, 4.5
WHITE, INK = "#FFFFFF", "#20262B"
APART = 20
"""Lab distance from which two colours are told apart without a shape."""


def rgb(code: str) -> Colour:
    digits = code.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * sign for sign in digits)
    return np.array([int(digits[k : k + 2], 16) for k in (0, 2, 4)], np.float64)


def over(code: str, opacity: float, ground: Colour) -> Colour:
    return opacity * rgb(code) + (1 - opacity) * ground


def luminance(colour: Colour) -> float:
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: Colour, two: Colour) -> float:
    high, low = sorted([luminance(one), luminance(two)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def source(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def value(name: str, pattern: str) -> float:
    """A number that a script draws with."""
    found = re.search(pattern, source(name))
    assert found, f"{name} no longer has {pattern}"
    return float(found.group(1))


def grounds() -> Iterator[tuple[str, Colour]]:
    """What a sign may lie on: the map's ground, water, green, streets, areas over them."""
    paint = source("paint.js")
    paper = re.search(r"\.leaflet-container \{ background: (#\w+)", source("map.css"))
    assert paper
    plain = {"paper": rgb(paper.group(1)), "white": rgb(WHITE)}
    for name in ("water", "green"):
        found = re.search(rf'{name}: "(#\w+)"', paint)
        assert found
        plain[name] = rgb(found.group(1))
    block = paint[paint.index("const ROADS = [") :].split("];")[0]
    roads = re.findall(r'colour: "(#\w+)"', block)
    assert len(roads) == 5
    yield from plain.items()
    yield from ((f"street {k}", rgb(code)) for k, code in enumerate(roads))
    band = value("paint.js", r"BAND_OPACITY = ([\d.]+)")
    cover = value("paint.js", r"COVER = ([\d.]+)")
    new = value("stages.js", r"NEW_OPACITY = ([\d.]+)")
    for under, ground in plain.items():
        for status, code in palette.STATUS.items():
            yield f"{status} on {under}", over(code, cover, ground)
        for service, number in itertools.product(palette.SERVICES, range(1, 5)):
            for k, tone in enumerate(palette.bands(service[0], number)):
                filled = over(tone, band, ground)
                yield f"{service[0]} band {k + 1} of {number} on {under}", filled
                yield f"new on {service[0]} on {under}", over(palette.GAINED, new, filled)
                yield (
                    f"{service[0]} band {k + 1} and houses on {under}",
                    over(palette.STATUS["covered"], cover, filled),
                )


GROUNDS = list(grounds())


def test_the_measure_is_the_known_one() -> None:
    """Black on white 21, the grey that is just readable 4.54, and the same colour 1."""
    assert contrast(rgb("#000"), rgb("#FFF")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#FFF")) == pytest.approx(4.54, abs=0.01)
    assert contrast(rgb("#D55E00"), rgb("#D55E00")) == 1
    assert len(GROUNDS) > 500


@pytest.mark.parametrize("place", range(len(palette.SERVICES)))
def test_a_facility_stands_out_of_every_ground(place: int) -> None:
    """A dark rim against the ground, white inside it, and the colour of the service in that."""
    colour, _ = palette.SERVICES[place]
    assert 'stroke: INK, "stroke-width": 4.2' in source("symbols.js")
    assert 'stroke: "#FFFFFF", "stroke-width": 2.2' in source("symbols.js")
    assert contrast(rgb(colour), rgb(WHITE)) >= SIGN
    assert contrast(rgb(INK), rgb(WHITE)) >= SIGN
    for name, ground in GROUNDS:
        # the white between rim and colour is as good as the rim, whatever lies around
        best = max(contrast(rgb(INK), ground), contrast(rgb(WHITE), ground))
        assert best >= SIGN, name


@pytest.mark.parametrize(
    "code", [palette.GAP, palette.GAINED, palette.LOST], ids=["left", "gained", "lost"]
)
def test_a_place_of_people_stands_out_of_every_ground(code: str) -> None:
    """Its dot against the ground, or against the pale rim that parts it from that."""
    body = value("paint.js", r"globalAlpha = (0\.88);")
    rim = value("paint.js", r'strokeStyle = "rgba\(255,255,255,(\.9)\)";\s+ctx.lineWidth = step')
    for name, ground in GROUNDS:
        dot, edge = over(code, body, ground), over(WHITE, rim, ground)
        assert max(contrast(dot, ground), contrast(dot, edge)) >= SIGN, name


@pytest.mark.parametrize("code", [palette.GAP, palette.LOST, palette.GAINED])
def test_a_line_has_a_pale_one_below_it(code: str) -> None:
    """Outlines of gaps seen from near, streets that close and open."""
    assert 'halo: "rgba(255,255,255,.85)"' in source("scenarios.js")
    halo = value("gaps.js", r'if \(near\) \{\n\s+ctx.strokeStyle = "rgba\(255,255,255,(\.\d+)\)"')
    for name, ground in GROUNDS:
        assert contrast(rgb(code), over(WHITE, halo, ground)) >= SIGN, name


@pytest.mark.parametrize(
    "code", [palette.UNLINKED, palette.SITE, palette.GAINED, palette.LOST, palette.GAP_NUMBER]
)
def test_what_lies_in_white_stands_out_of_it(code: str) -> None:
    """Squares of the unlinked, pins, rings of what opens and closes, plates of numbers."""
    assert contrast(rgb(code), rgb(WHITE)) >= SIGN


@pytest.mark.parametrize("code", [palette.GAP_NUMBER, palette.SITE, palette.GAINED])
def test_white_figures_can_be_read_on_their_plates(code: str) -> None:
    assert contrast(rgb(code), rgb(WHITE)) >= TEXT


def test_covered_and_not_covered_in_the_bar_are_told_from_white_and_the_text_apart() -> None:
    for key in ("covered", "uncovered", "unlinked"):
        assert contrast(rgb(palette.STATUS[key]), rgb(WHITE)) >= SIGN, key


SIGNS = {
    "left": (palette.GAP, "dot"),
    "gained": (palette.GAINED, "plus"),
    "lost": (palette.LOST, "minus"),
    "unlinked": (palette.UNLINKED, "crossed square"),
    "site": (palette.SITE, "pin"),
    "number": (palette.GAP_NUMBER, "plate"),
    **{f"service {k}": look for k, look in enumerate(palette.SERVICES)},
}


@pytest.mark.parametrize("who", [who for who in SEEN_BY if who != "everyone else"])
def test_any_two_signs_differ_for_every_eye(who: str) -> None:
    """By shape or by far enough colours: green and crimson are 6 apart to a deutan eye."""
    for (one, a), (two, b) in itertools.combinations(SIGNS.items(), 2):
        apart = np.linalg.norm(lab(rgb(a[0]), SEEN_BY[who]) - lab(rgb(b[0]), SEEN_BY[who]))
        assert a[1] != b[1] or apart >= APART, (one, two, apart)
    # every dot of who gains or loses has room for its plus or minus
    least = value("paint.js", r"const SIGNED = ([\d.]+);")
    assert 'Math.max(kind === "dot" ? 0 : SIGNED,' in source("paint.js")
    assert least > value("paint.js", r'kind !== "dot" && step > (\d)\) sign\(')


STYLES = sorted(str(path.relative_to(ASSETS)) for path in ASSETS.rglob("*.css"))
EXEMPT = re.compile(r":disabled|aria-disabled|\.qh-pin-off")
"""What cannot be used need not be read."""


def rules(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Selectors and what they set, in and out of the conditions of a style sheet."""
    text = re.sub(r"/\*.*?\*/", "", source(name), flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        parts = (part.split(":", 1) for part in body.split(";") if ":" in part)
        yield selector.strip(), {key.strip(): what.strip() for key, what in parts}


def colour_in(text: str) -> Colour | None:
    """The colour that a style names, of its own or by one of the page's four names."""
    names = dict(re.findall(r"--(\w+): (#\w+)", source("page.css")))
    text = re.sub(r"var\(--(\w+)\)", lambda found: names.get(found.group(1), ""), text)
    found = re.search(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b", text)
    return rgb(found.group()) if found and "gradient" not in text else None


@pytest.mark.parametrize("name", STYLES)
def test_every_text_of_the_page_can_be_read(name: str) -> None:
    """Against its own background, else against white, or if it is pale against the dark bars."""
    n = 0
    for selector, style in rules(name):
        text = colour_in(style.get("color", ""))
        if text is None or EXEMPT.search(selector):
            continue
        own = colour_in(style.get("background", style.get("background-color", "")))
        usual = rgb(WHITE) if luminance(text) < 0.4 else rgb(INK)
        assert contrast(text, usual if own is None else own) >= TEXT, selector
        n += 1
    assert n > 0 or "color:" not in source(name)


def test_the_page_s_usual_letters_can_be_read_on_each_of_its_pale_boxes() -> None:
    boxes = set()
    for name in STYLES:
        for _, style in rules(name):
            found = colour_in(style.get("background", ""))
            if found is not None and luminance(found) > 0.7:
                boxes.add(tuple(found))
    assert len(boxes) > 8
    for box in boxes:
        assert contrast(rgb(INK), np.array(box)) >= TEXT, box
        assert contrast(rgb("#5B666E"), np.array(box)) >= TEXT, box
