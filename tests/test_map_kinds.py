"""Kinds of facilities within a service: each has a shape, told in legend, card and figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from browser import chromium, ready, settle, visit
from map_kinds import DAY, HOME, NONE, kinds_of, kinds_town
from map_town import service, town
from quarterhour.render.map.html import map_html, write_map
from quarterhour.render.map.kinds import MOST, REST, SHAPES, service_looks
from quarterhour.render.picture.map_figure import write_figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kinds") / "map.html"
    write_map(file, kinds_town("both"))
    return file


def with_kinds(*names: tuple[str, str]) -> list[tuple[str, str, int]]:
    sites = [(100.0 * k, 0.0) for k in range(len(names))]
    layer = kinds_of(service("养老", sites, residential=False), *names)
    look = service_looks(town("zh", services=(layer,)))[0]
    assert sorted(look.of) == sorted(k for k, kind in enumerate(look.kinds) for _ in range(kind.n))
    return [(kind.name[0], kind.shape, kind.n) for kind in look.kinds]


def test_the_most_frequent_kind_keeps_the_shape_of_its_service() -> None:
    assert with_kinds(DAY, HOME, HOME) == [("养老院", "circle", 2), ("日间照料中心", "square", 1)]
    # of equally frequent ones the first that comes
    assert with_kinds(DAY, HOME) == [("日间照料中心", "circle", 1), ("养老院", "square", 1)]


def test_one_kind_changes_nothing() -> None:
    assert with_kinds(HOME, HOME) == []
    assert with_kinds(NONE, NONE) == []
    # what has no kind beside one kind is no second kind
    assert with_kinds(HOME, NONE) == []


def test_many_kinds_share_the_last_shape() -> None:
    kinds = [(f"类{k}", f"kind {k}") for k in range(8)]
    told = with_kinds(*kinds, *kinds[:5])
    assert [name for name, _, _ in told] == ["类0", "类1", "类2", "类3", "类4", REST[0]]
    assert [n for _, _, n in told] == [2, 2, 2, 2, 2, 3]
    # six that fit are all named, and those without a kind are with the rest
    assert [name for name, _, _ in with_kinds(*kinds[:6])] == [f"类{k}" for k in range(6)]
    assert with_kinds(HOME, HOME, DAY, NONE)[-1][::2] == (REST[0], 1)


@given(
    st.lists(
        st.lists(st.sampled_from([NONE, *[(f"类{k}", f"k{k}") for k in range(9)]]), max_size=20),
        min_size=1, max_size=2,
    )
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_two_kinds_of_a_map_look_alike(named: list[list[tuple[str, str]]]) -> None:
    bare = service("x", [(0.0, 0.0)], residential=False)
    mark = bare.facilities[0]
    services = tuple(
        replace(
            bare, name=f"服务{k}", facilities=tuple(replace(mark, kind_name=kind) for kind in names)
        )
        for k, names in enumerate(named)
    )
    looks = service_looks(town("zh", services=services))
    every = [kind.shape for look in looks for kind in look.kinds]
    alone = [look.shape for look in looks if not look.kinds]
    shapes = every + alone
    if len(shapes) <= len(SHAPES):
        assert len(set(shapes)) == len(shapes)
    for look, names in zip(looks, named, strict=True):
        assert sum(kind.n for kind in look.kinds) in {0, len(names)}
        assert len(look.kinds) <= MOST + 1


def test_layers_of_one_service_share_the_shapes_of_its_kinds() -> None:
    one = kinds_of(service("养老", [(0, 0), (500, 0)], residential=False), HOME, DAY)
    looks = service_looks(town("zh", services=(one, replace(one, walker="other"))))
    assert looks[0] == looks[1]


def test_legend_and_card_tell_the_kinds(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        rows = page.locator(".qh-layer:has(> .qh-row > #qh-layer-facilities) .qh-children .qh-row")
        told = [text.split("\n")[0] for text in rows.all_inner_texts()]
        assert [text.split()[0] for text in told] == ["养老院", "日间照料中心", "老年食堂"]
        signs = rows.locator("svg path:first-child").evaluate_all(
            "all => all.map((path) => path.getAttribute('d'))"
        )
        assert len(set(signs)) == 3
        drawn = page.locator(".qh-facility svg path:first-child").evaluate_all(
            "all => all.map((path) => path.getAttribute('d'))"
        )
        assert sorted(drawn) == sorted([signs[0]] * 2 + [signs[1]] * 2 + [signs[2]])
        # the switch of a kind takes its symbols away, and its row has no sign then
        page.click("#qh-layer-kind-0-1")
        settle(seen)
        assert page.locator(".qh-facility").count() == 3
        label = page.locator(".qh-facility").first.get_attribute("aria-label")
        assert "care home" in label
        assert "养老院" in label
        # a search brings the kind back
        page.evaluate("Quarterhour.app.goFacility(0, 1, null)")
        settle(seen)
        assert page.locator("#qh-layer-kind-0-1").is_checked()
        assert "日间照料中心" in page.inner_text(".qh-popup")
        assert seen.quiet(), (seen.console, seen.errors)


def test_the_briefing_has_a_legend_of_what_it_shows(browser: Browser, file: Path) -> None:
    with visit(browser, file, reduced_motion="reduce") as seen:
        page = ready(seen)
        legend = page.locator(".qh-b-legend")
        assert legend.is_hidden()
        page.evaluate("Quarterhour.app.brief.start()")
        settle(seen)
        first = legend.inner_text()
        assert "老年食堂" in first
        assert "≤ 15" not in first
        page.keyboard.press("ArrowRight")
        settle(seen)
        second = legend.inner_text()
        assert "≤ 15" in second
        assert "底图" not in second
        # it lies within the map, above nothing that is a button
        box, frame = legend.bounding_box(), page.locator(".folium-map").bounding_box()
        assert box["x"] >= frame["x"]
        assert box["y"] + box["height"] <= frame["y"] + frame["height"]
        page.keyboard.press("Escape")
        settle(seen)
        assert legend.is_hidden()
        assert seen.quiet(), (seen.console, seen.errors)


@pytest.mark.parametrize("size", [(390, 844), (844, 390)])
def test_on_a_phone_the_panel_of_the_briefing_stands_still(
    browser: Browser, file: Path, size: tuple[int, int]
) -> None:
    with visit(browser, file, size, reduced_motion="reduce") as seen:
        page = ready(seen)
        page.evaluate("Quarterhour.app.brief.start()")
        boxes = []
        for _ in range(4):
            settle(seen)
            box = page.locator("#qh-brief").bounding_box()
            boxes.append((box["y"], box["height"]))
            page.keyboard.press("ArrowRight")
        assert len(set(boxes)) == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


@pytest.mark.parametrize("portrait", [False, True])
def test_the_figure_draws_every_kind(tmp_path: Path, portrait: bool) -> None:
    target = tmp_path / "map.png"
    sizes = []
    for data in (kinds_town(), _without(kinds_town())):
        write_figure(map_html(data), target, name="m", kind="png", paper="A4", portrait=portrait)
        sizes.append(target.read_bytes())
    assert sizes[0] != sizes[1]
    assert sizes[0][:4] == b"\x89PNG"


def _without(data: object) -> object:
    services = tuple(
        replace(s, facilities=tuple(replace(m, kind_name=NONE) for m in s.facilities))
        for s in data.services
    )
    return replace(data, services=services)
