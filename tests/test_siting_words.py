"""What is said of an answer is what it is: figures of several services, proofs, and fewer sites."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from quarterhour.errors import InputError
from quarterhour.siting.closing import ClosingResult
from quarterhour.siting.closing_tables import bound_note, closing_answers
from quarterhour.siting.map_facts import facts_of
from quarterhour.siting.on_map import drawn_of
from quarterhour.siting.result import SiteResult
from quarterhour.siting.run import SiteRun, run_site
from quarterhour.siting.shared import SharedResult
from quarterhour.siting.wide import Ask
from siting_town import siting_study, with_cells
from test_site_services import answer, shared_study
from test_siting_closed import closing_study

if TYPE_CHECKING:
    from pathlib import Path


def asked(folder: Path, site: dict[str, Any], sites: str | None = None) -> SiteRun:
    return run_site(siting_study(folder, site, sites=sites))


def told(run: SiteRun) -> list[str]:
    return [note.en for note in run.answered.answers]


def test_the_map_counts_people_of_several_services_and_not_shares(tmp_path: Path) -> None:
    fair = answer(tmp_path / "fair", n_sites=3, aim_of_services="fair")
    facts = {label[1]: value[1] for label, value in facts_of(fair)}
    # 东口 40 and 路口 20 for 养老, 北坡 15 for 托育; 70 of 112 and 35 of 56
    assert facts["Newly covered, all services"] == "75 people, summed over services"
    assert facts["Objective"] == "62.5% of the service that is worst off"
    assert facts["Proven upper bound"] == "62.5% of the service that is worst off (gap 0)"
    heavy = answer(tmp_path / "heavy", n_sites=2, service_weights={"托育": 3})
    facts = {label[1]: value[1] for label, value in facts_of(heavy)}
    # 40 for 养老 and 15 for 托育, which count three times
    assert facts["Newly covered, all services"] == "55 people, summed over services"
    assert facts["Objective"] == "85 people, weighted"
    plain = answer(tmp_path / "plain", n_sites=2)
    assert "Objective" not in {label[1] for label, _ in facts_of(plain)}


def test_fewer_sites_than_were_allowed_are_explained(tmp_path: Path) -> None:
    apart = asked(tmp_path / "apart", {"n_sites": 3, "apart_m": 20_000})
    assert (
        "3 sites were allowed and 1 is used: within the distance between sites more sites would"
        " make it no better"
    ) in told(apart)
    # 西口 reaches nobody who is not covered
    enough = asked(tmp_path / "enough", {"n_sites": 5})
    assert "5 sites were allowed and 4 are used: more sites would make it no better" in told(enough)
    assert not any("were allowed" in one for one in told(asked(tmp_path / "all", {"n_sites": 4})))
    least = asked(tmp_path / "least", {"n_sites": 5, "problem": "everyone"})
    assert not any("were allowed" in one for one in told(least))


def test_a_proof_for_some_candidates_is_not_told_as_one_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = asked(tmp_path / "whole", {"problem": "center", "n_sites": 2}).result
    assert isinstance(whole, SiteResult)
    assert whole.among is None
    monkeypatch.setattr(Ask, "too_many", lambda _: True)  # as if the town had thousands
    run = asked(tmp_path / "some", {"problem": "center", "n_sites": 2})
    some = run.result
    assert isinstance(some, SiteResult)
    assert some.among is not None
    verdict = f"among the {some.among} candidates that were chosen from: proven best"
    assert told(run)[1].startswith(verdict)
    assert run.summary["site"]["among"] == some.among
    drawn = drawn_of(some, run.answered)
    assert not drawn.proposal.proven
    assert drawn.proposal.verdict.en.startswith(verdict)
    assert [one.status for one in drawn.optimum] == ["feasible"]
    labels = [label[1] for label, _ in drawn.proposal.facts]
    assert f"Proven lower bound (among {some.among} candidates)" in labels
    answers = next(table for table in run.answered.tables if table.key == "site_answer")
    assert "proven bound" not in [row[0].en for row in answers.rows]


def test_a_proof_for_some_candidates_of_moves_and_of_several_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Ask, "too_many", lambda _: True)
    moved = run_site(closing_study(tmp_path / "moved", {"problem": "move", "n_sites": 1}))
    shared = run_site(shared_study(tmp_path / "shared", {"n_sites": 2}))
    for run in (moved, shared):
        assert isinstance(run.result, ClosingResult | SharedResult)
        among = run.result.among
        assert among is not None
        verdict = f"among the {among} candidates that were chosen from: proven best"
        assert any(one.startswith(verdict) for one in told(run))
        assert not any(one.startswith("proven best") for one in told(run))
        assert run.summary["site"]["among"] == among
        drawn = drawn_of(run.result, run.answered)
        assert not drawn.proposal.proven
        assert any(f"(among {among} candidates)" in label[1] for label, _ in drawn.proposal.facts)
        answers = next(table for table in run.answered.tables if table.key == "site_answer")
        assert "proven bound" not in [row[0].en for row in answers.rows]


def test_moves_that_may_bring_people_are_not_told_to_lose_some(tmp_path: Path) -> None:
    run = run_site(closing_study(tmp_path, {"problem": "move", "n_sites": 1}))
    result = run.result
    assert isinstance(result, ClosingResult)
    assert result.least_lost < 0  # the best move brings more people than it takes from
    gain = -result.least_lost // 10**6
    stopped = dataclasses.replace(
        result, solution=dataclasses.replace(result.solution, status="feasible", by_clock=True)
    )
    assert bound_note(stopped) in closing_answers(stopped)
    assert bound_note(stopped).en == f"no choice gains more than {gain} people, on balance"
    before = result.given.counts[-1][result.given.group].covered
    even = dataclasses.replace(result.solution, bound=float(before))
    nothing = dataclasses.replace(result, solution=even)
    assert bound_note(nothing).en == "no choice loses less"


def test_that_there_is_no_other_choice_is_proven_for_all_candidates_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 东口 reaches 40 people, the next best 30
    alone = "no other choice covers 99% of what this one does"
    assert f"{alone} (proven)" in told(asked(tmp_path / "whole", {"n_sites": 1}))
    monkeypatch.setattr(Ask, "too_many", lambda _: True)
    some = told(asked(tmp_path / "some", {"n_sites": 1}))
    assert not any("proven)" in one for one in some)
    assert any("that there is none is not proven" in one for one in some)


@pytest.mark.parametrize(
    ("cost", "budget", "hint"), [(32, 5, False), (400_000, 100, True), (400_000, 25, False)]
)
def test_a_cost_is_taken_for_yuan_only_where_it_may_be(
    tmp_path: Path, cost: int, budget: int, *, hint: bool
) -> None:
    # 400,000 yuan are 40 万元, which 100 pay for and 25 do not
    sites = with_cells({}, "造价", default=(cost,))
    with pytest.raises(InputError, match=rf"costs {cost}; raise the budget") as error:
        asked(tmp_path, {"budget": budget}, sites)
    assert ("head the column 造价（元）" in str(error.value)) == hint


def test_a_number_that_cannot_be_is_called_as_it_was_asked(tmp_path: Path) -> None:
    study = siting_study(tmp_path, {"n_sites": 1})
    with pytest.raises(InputError, match=r"^close is 0; a number above 0 is needed"):
        run_site(study, close=0)
    with pytest.raises(InputError, match=r"^n_sites is -1; a number above 0 is needed"):
        run_site(study, n_sites=-1)
