"""People of places as multiples of a number: sums stay, and where they stand is near."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterhour.demo_study import demo_study
from quarterhour.study import run_study
from quarterhour.units import MICRO
from quarterhour.whatif.build import what_if
from quarterhour.whatif.rounding import in_blocks, line_of, rounded_people, status_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quarterhour.answers.gaps import Gaps
    from quarterhour.study import StudyResult

    Ints = NDArray[np.int64]

TEN = 10 * MICRO


def people(*numbers: float) -> Ints:
    return np.array([round(n * MICRO) for n in numbers], np.int64)


def tens(**groups: Ints) -> dict[str, list[int]]:
    """Tens of people that stand at every place of a line."""
    return {g: (v // TEN).tolist() for g, v in in_blocks(groups, TEN).items()}


def test_a_block_stands_where_its_middle_falls() -> None:
    # the middles of the blocks are the 5th, the 15th and the 25th of thirty people
    assert tens(all=people(4, 4, 4, 4, 4, 4, 4, 2)) == {"all": [0, 1, 0, 1, 0, 0, 1, 0]}
    assert tens(all=people(30)) == {"all": [3]}
    assert tens(all=people(4.9)) == {"all": [0]}, "fewer than a half of ten are nobody"
    assert tens(all=people(1, 1, 1, 1, 1)) == {"all": [0, 0, 0, 0, 1]}
    assert tens(all=people()) == {"all": []}


def test_a_group_of_whom_few_live_at_any_place_does_not_fade() -> None:
    # a hundred places of 20, everywhere one of them is a child: ten tens of children in all
    found = in_blocks({"all": people(*[20] * 100), "kids": people(*[1] * 100)}, TEN)
    assert int(found["kids"].sum()) == 100 * MICRO
    halves = [int(found["kids"][part].sum()) // TEN for part in (slice(50), slice(50, 100))]
    assert halves == [5, 5]
    assert (found["kids"] <= found["all"]).all()


def test_a_group_that_is_everyone_stands_where_everyone_does() -> None:
    line = people(3, 0, 8.5, 21, 0.2, 7)
    found = in_blocks({"all": line, "same": line.copy(), "none": line * 0}, TEN)
    assert found["same"].tolist() == found["all"].tolist()
    assert not found["none"].any()


def test_a_group_that_the_data_have_larger_than_everyone_keeps_its_total() -> None:
    found = in_blocks({"all": people(10, 10), "more": people(30, 40)}, TEN)
    assert found["all"].tolist() == [TEN, TEN]
    assert int(found["more"].sum()) == 7 * TEN


@given(
    line=st.lists(st.integers(0, 9_000_000_000), min_size=1, max_size=14),
    shares=st.lists(st.integers(0, 100), min_size=14, max_size=14),
    unit=st.sampled_from([1, 3, 10, 50, 1000]),
)
@settings(max_examples=200, deadline=None)
def test_every_stretch_of_a_line_keeps_its_people(
    line: list[int], shares: list[int], unit: int
) -> None:
    every, micro = np.array(line, np.int64), unit * MICRO
    group = every * np.array(shares[: len(line)], np.int64) // 100
    found = in_blocks({"all": every, "some": group}, micro)
    for exact, made, most in ((every, found["all"], 1), (group, found["some"], 3)):
        assert not (made % micro).any()
        assert (made >= 0).all()
        assert int(made.sum()) == (int(exact.sum()) + micro // 2) // micro * micro
        off = np.concatenate([[0], np.cumsum(made - exact)])  # of all that are before
        assert int(off.max() - off.min()) <= most * micro
    assert (found["some"] <= found["all"]).all()
    assert not found["all"][every == 0].any(), "where nobody is, nobody stands"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run_study(demo_study(tmp_path_factory.mktemp("demo")))


def gaps_of(result: StudyResult) -> list[Gaps]:
    assert result.answers is not None
    return [one.gaps for one in result.answers.services]


@pytest.mark.parametrize("unit", [5, 10, 50])
def test_what_the_model_covers_today_is_nearly_the_report_s(demo: StudyResult, unit: int) -> None:
    found, gaps = demo.assessments, gaps_of(demo)
    rows = rounded_people(found, gaps, unit)
    model = what_if(found, gaps=gaps, rounding_people=unit)
    assert model.rounding_people == unit
    for a, service, off in zip(found, model.services, model.off, strict=True):
        exact, made = a.ground.demand.amounts[a.group], rows[a.group]
        inside = a.ground.inside
        for status in (0, 1, 2):
            mine = inside & (status_of(a) == status)
            apart = abs(int(made[mine].sum()) - int(exact[mine].sum()))
            assert apart <= 3 * unit * MICRO, (a.name, status)
        covered = inside & (status_of(a) == 0)
        assert off == int(made[covered].sum()) - int(exact[covered].sum())
        # the engine itself, on the places that the page holds
        demand = model.demands[service.demand]
        today = next(it for it in model.answers if it["ask"] == "state" and not it["pins"])
        if service is model.services[0]:
            assert today["people"][a.group] == int(exact[covered].sum()) + off
        assert sum(map(int, demand.amounts[a.group])) + demand.unlinked[a.group] == made.sum()
        for place in demand.amounts.values():
            assert not (place % (unit * MICRO)).any()
        kept = np.zeros(len(demand.edge), bool)
        for place in demand.amounts.values():
            kept |= place > 0
        assert kept.all(), "places that keep nobody are not in the file"


@pytest.mark.parametrize("unit", [10, 50])
def test_gaps_keep_their_people(demo: StudyResult, unit: int) -> None:
    gaps = gaps_of(demo)
    rows = rounded_people(demo.assessments, gaps, unit)
    for one in gaps:
        group = one.assessment.group
        off = [int(rows[group][g.places].sum()) - g.people[group] for g in one.gaps]
        assert max(map(abs, off)) <= 3 * unit * MICRO
        assert abs(float(np.mean(off))) <= unit * MICRO / 10, "as many too few as too many"


def test_rows_of_one_kind_stand_together(demo: StudyResult) -> None:
    found = demo.assessments
    line = line_of(found, gaps_of(demo))
    assert sorted(line.tolist()) == np.flatnonzero(found[0].ground.inside).tolist()
    kind = np.stack([status_of(a)[line] for a in found])
    changes = int((np.diff(kind, axis=1) != 0).any(axis=0).sum())
    assert changes == len(np.unique(kind, axis=1).T) - 1


def test_the_same_study_is_rounded_alike(demo: StudyResult) -> None:
    first, again = (rounded_people(demo.assessments, gaps_of(demo), 10) for _ in range(2))
    assert all((first[g] == again[g]).all() for g in first)


def test_what_is_not_people_is_not_rounded(demo: StudyResult) -> None:
    a = demo.assessments[0]
    demand = dataclasses.replace(a.ground.demand, kind="buildings")
    ground = dataclasses.replace(a.ground, demand=demand)
    model = what_if([dataclasses.replace(a, ground=ground)], rounding_people=10)
    assert (model.rounding_people, model.off) == (0, ())
