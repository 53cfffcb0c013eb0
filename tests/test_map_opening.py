"""Without a browser a map is drawn in the state that its page opens with, as the page tells it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from map_gaps import gap, listed
from map_town import ground
from map_views import views_town
from print_town import near, picture
from quarterhour.render import palette
from quarterhour.render.map.html import map_html
from quarterhour.render.map.pack import SHAPE_STEP_DEG, pack_shapes
from quarterhour.render.picture import unpack
from quarterhour.render.picture.map_figure import write_figure
from quarterhour.render.picture.opening import area_of, opening_of, rings_of
from quarterhour.render.picture.proposed import told
from quarterhour.render.picture.written import Pen
from test_map_proposal import proposal

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.render.map.layers import MapData


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> MapData:
    """The map of an answer of two sites, with two gaps today and one of them left then."""
    data = proposal(tmp_path_factory.mktemp("proposal"), n_sites=2)
    x, y = data.roads.lon.mean(), data.roads.lat.mean()
    one, two = (
        replace(gap(0, 0, 90, n), extent=box(x, y, x + d, y + d), lon=x, lat=y, route=None)
        for n, d in ((60, 0.002), (20, 0.001))
    )
    now = replace(data.services[0], gaps=listed(one, two))
    plans = [
        replace(plan, services=(replace(plan.services[0], gaps=listed(two)), *plan.services[1:]))
        for plan in data.scenarios
    ]
    return replace(data, services=(now, *data.services[1:]), scenarios=tuple(plans))


def drawn(data: MapData, folder: Path, **sheet: object) -> np.ndarray:
    target = folder / "map.png"
    choice = {"kind": "png", "paper": "A4", "portrait": False, "language": "zh"}
    write_figure(map_html(data), target, name="map.html", **{**choice, **sheet})
    return picture(target.read_bytes())


def test_today_is_drawn_where_nothing_is_proposed() -> None:
    page = unpack.page_data(map_html(views_town()), "map.html")
    found = opening_of(page)
    assert (found.name, found.plan, found.one) == (None, None, None)
    assert len(found.left) == page["services"][0]["uncovered"]["n"] == 4
    assert len(found.gained) == len(found.lost) == 0


def test_a_proposal_is_read_as_the_map_has_it(proposed: MapData) -> None:
    plan = next(one for one in proposed.scenarios if one.shown)
    page = unpack.page_data(map_html(proposed), "map.html")
    found = opening_of(page)
    assert found.name == list(plan.label or ())
    one = plan.services[0]
    now = proposed.services[0].uncovered
    gains = len(one.gained.reason)
    assert gains > 0
    # who is left: those of today without those who gain, to the place
    assert len(found.gained) == gains
    assert len(found.left) == len(now.reason) - gains + len(one.lost.reason)
    gone = {(round(x, 5), round(y, 5)) for x, y in found.gained.tolist()}
    assert not gone & {(round(x, 5), round(y, 5)) for x, y in found.left.tolist()}
    assert found.gaps is not None
    assert one.gaps is not None
    assert found.gaps["total"] == one.gaps.total
    assert (found.gaps["n"], found.gaps["people"]) == (1, [20])
    share, of, left = told(found, page, Pen("en").pair, Pen("en").word)
    assert share == f"{100 * one.before.share_covered:.1f}% → {100 * one.after.share_covered:.1f}%"
    more = round(one.after.covered) - round(one.before.covered)
    assert f"{round(one.after.covered):,} / {round(one.after.total):,}" in of
    assert of.endswith(f"+{more:,}")
    assert f"Not covered {found.one['figure']['uncovered']:,.0f}" in left if found.one else False


@pytest.mark.parametrize("portrait", [False, True])
def test_its_sites_and_who_gains_are_drawn(
    proposed: MapData, tmp_path: Path, portrait: bool
) -> None:
    sheet = drawn(proposed, tmp_path, portrait=portrait)
    plain = drawn(replace(proposed, scenarios=(), proposal=None), tmp_path, portrait=portrait)
    for colour in (palette.SITE, palette.GAINED):  # the town has three places that gain
        assert near(sheet, colour) > 100, colour
        assert near(plain, colour, 4) == 0, colour
    assert near(sheet, palette.GAP_NUMBER, 8) > 0
    assert near(sheet, "#9B1C1C") > 100, "the mark that the map is internal"
    assert (drawn(proposed, tmp_path, portrait=portrait) == sheet).all()


def test_streets_and_facilities_that_change_are_drawn(tmp_path: Path) -> None:
    """A plan of the study that is shown unasked: closed and opened streets, a cut, a facility."""
    data = views_town("zh")
    street = ground(LineString([(-1500.0, -1500.0), (1500.0, -1500.0)]))
    bridge = ground(LineString([(-1500.0, 1500.0), (1500.0, 1500.0)]))
    plan = data.scenarios[0]
    own = replace(plan.services[0], dropped=(0,), gaps=listed(gap(1500, 300, 90, 77)))
    spot = np.array([[own.added[0].lon, own.added[0].lat + 0.003]])
    shown = replace(
        plan, shown=True, closed=(street,), opened=(bridge,), cuts=spot,
        services=(own, plan.services[1]),
    )  # fmt: skip
    now = replace(data.services[0], gaps=listed(gap(1500, 300, 90, 99)))
    data = replace(data, services=(now, data.services[1]))
    found = opening_of(unpack.page_data(map_html(replace(data, scenarios=(shown,))), "map.html"))
    assert found.gaps is not None
    assert found.gaps["people"] == [77]
    sheet = drawn(replace(data, scenarios=(shown,)), tmp_path)
    bare = drawn(data, tmp_path)
    for colour in (palette.LOST, palette.GAINED):
        assert near(sheet, colour) > near(bare, colour, 4) + 1000, colour


def test_rings_become_the_polygons_that_they_were() -> None:
    whole = MultiPolygon([
        Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 3, 3).exterior]), box(1.5, 1.5, 2.5, 2.5),
        box(6, 6, 7, 7),
    ])  # fmt: skip
    back = area_of(unpack.shapes(pack_shapes([whole]), SHAPE_STEP_DEG))
    assert back.area == pytest.approx(16 - 4 + 1 + 1, abs=1e-4)
    assert shapely.area(area_of(rings_of(back)) ^ back) < 1e-9
    assert area_of([]).is_empty
    assert rings_of(area_of([])) == []
