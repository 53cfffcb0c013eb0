"""Other years and other walkers for the map, each equal to a run of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from quarterhour.answers.timeline import timeline
from quarterhour.assessing.analysis import assess_on
from quarterhour.briefing.states import Looking
from quarterhour.briefing.views import tallies_of, views_of
from quarterhour.study import run_study
from small_study import box, small_study, write_layer
from year_town import NAN, assessed, year_town

if TYPE_CHECKING:
    from quarterhour.assessing.assessment import Assessment
    from quarterhour.render.map.layers import Verdicts
    from quarterhour.render.map.views import View
    from year_town import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: Any) -> Town:
    folder = tmp_path_factory.mktemp("town")
    write_layer(
        folder / "homes.gpkg", [box(60, -40, 140, 40), box(1100, -40, 1240, 40)], name=["西", "东"]
    )
    return year_town(
        folder,
        {
            "study.walkers": ["frail", "standard_1000m"],
            "residential": {"source": "homes.gpkg"},
        },
    )


def views(town: Town, kind: str, **columns: Any) -> list[View]:
    a = assessed(town, **columns)
    found = views_of([a], [timeline(a, data_year=2025)], looking=Looking(gates=town[0].gates))
    return [view for view in found if view.kind == kind]


def test_what_a_year_opens_and_closes(town: Town) -> None:
    years = views(
        town, "year", open_year=(NAN, 2026.0, 2028.0, NAN), close_year=(2028.0, NAN, NAN, NAN)
    )
    assert [view.name for view in years] == [(y, y) for y in ("2026", "2027", "2028")]
    first, second, last = (view.services[0] for view in years)
    assert first is second  # nothing changes in between, and nothing is repeated
    assert first is not None
    assert last is not None
    assert (first.figure.covered, last.figure.covered) == (50, 70)
    assert (first.figure.total, last.figure.total) == (112, 112)
    assert (first.opened, first.closed) == ((1,), ())
    assert (last.opened, last.closed) == ((1, 2), (0,))
    assert list(first.gained.amount) == [40]
    assert first.gained.minutes[0] == pytest.approx(0, abs=0.2)
    assert list(first.gained.nearest) == [1]
    assert sorted(last.gained.amount) == [30, 40]
    assert list(last.lost.amount) == [10]
    # 甲 stands 100 m from the facility that serves it today
    assert last.lost.minutes[0] == pytest.approx(100 / 60, abs=0.05)
    assert [one.residential.status for one in (first, last)] == [
        ("covered",) * 2, ("uncovered", "covered"),
    ]  # fmt: skip


def same(found: Verdicts | None, own: Assessment) -> None:
    """Verdicts, shares and times of residential areas are those of an assessment."""
    at = own.residential_times
    assert found is not None
    assert at is not None
    assert found.status == tuple(own.residential[-1].status)
    np.testing.assert_array_equal(found.share, np.nan_to_num(own.residential[-1].share))
    there = at.nearest >= 0
    np.testing.assert_array_equal(np.isnan(found.minutes), ~there)
    np.testing.assert_array_equal(found.minutes[there], own.walker.minutes(at.ms)[there])


def test_a_year_without_any_facility_covers_nobody(town: Town) -> None:
    (view,) = views(town, "year", close_year=(2026.0, NAN, NAN, NAN))
    one = view.services[0]
    assert one is not None
    assert (one.figure.covered, one.figure.share_covered) == (0, 0)
    assert one.figure.uncovered + one.figure.unlinked == 112
    assert one.area is not None
    assert one.area.is_empty
    assert list(one.lost.amount) == [10]


@pytest.mark.parametrize(
    "serving", [(1, 1, 0, 0), (1, 0, 1, 0), (0, 1, 0, 1), (1, 1, 1, 1), (0, 0, 1, 0)]
)
def test_a_year_is_like_a_study_of_it(town: Town, serving: tuple[int, ...]) -> None:
    columns = {
        "open_year": tuple(2026.0 if is_on and k else NAN for k, is_on in enumerate(serving)),
        "close_year": (NAN if serving[0] else 2026.0, NAN, NAN, NAN),
    }
    one = views(town, "year", **columns)[-1].services[0]
    own = assessed(town, serving=serving)
    assert one is not None
    count = own.counts[-1]["all"]
    assert one.figure.covered == count.covered / 1e6
    assert one.figure.unlinked == count.unlinked / 1e6
    assert shapely.equals(one.area, own.dissolved[-1])
    same(one.residential, own)


def test_a_walker_is_like_a_study_with_it(town: Town) -> None:
    today = assessed(town)
    found = views(town, "walker")
    assert [view.name for view in found] == [
        (b.walker.label_zh, b.walker.label_en) for b in today.beside
    ]
    for view, beside in zip(found, today.beside, strict=True):
        one = view.services[0]
        assert one is not None
        assert one.figure.covered == beside.counts[-1]["all"].covered / 1e6
        gained, lost = one.gained.amount.sum(), one.lost.amount.sum()
        assert one.figure.covered == today.covered + gained - lost
        assert (one.opened, one.closed) == ((), ())
        own = assess_on(
            town[0].ground, today.facilities, cutoffs_min=[5], walker=beside.walker,
            link_limit_m=today.link_limit_m,
        )  # fmt: skip
        assert shapely.equals(one.area, own.dissolved[-1])
        same(one.residential, own)


def test_a_service_without_changes_has_no_view(town: Town) -> None:
    a = assessed(town)
    assert timeline(a, data_year=2025) is None
    assert [view.kind for view in views_of([a], [None])] == ["walker"] * len(a.beside)


def test_plans_are_counted(tmp_path: Any) -> None:
    assert tallies_of(None) == ()
    result = run_study(small_study(tmp_path, {"targets.plans": ["ziyang"]}))
    assert result.answers is not None
    (tally,) = tallies_of(result.answers.targets)
    told = result.summary["targets"]["plans"][0]
    assert tally.name == (told["zh"], told["en"])
    assert (tally.passed, tally.failed, tally.unknown) == tuple(
        told[key] for key in ("pass", "fail", "unknown")
    )
    assert tally.unknown > 0
