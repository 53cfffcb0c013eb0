"""Results as a notebook shows them: the markup alone, opened in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import browser as b
from hostile_city import NAMES, hostile_city
from page_driver import HARMED, flat
from quarterhour.assessing import glance
from quarterhour.render import card
from quarterhour.siting.run import run_site
from quarterhour.study import run_study
from siting_town import ADDED, siting_study
from small_study import small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from quarterhour.study import StudyResult


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with b.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    return run_study(hostile_city(tmp_path_factory.mktemp("city") / "study"))


def opened(folder: Path, markup: str) -> Path:
    """The markup as the output of a cell: inside a page that has scripts of its own."""
    file = folder / "cell.html"
    file.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><body><script>window.mine = 1;</script>{markup}",
        encoding="utf-8",
    )
    return file


def test_an_assessment_says_covered_of_total_in_both_languages(tmp_path: Path) -> None:
    a = run_study(small_study(tmp_path)).assessments[0]
    found = flat(re.sub(r"<[^>]*>", " ", a._repr_html_()))
    for cutoff, counts in zip(a.cutoffs_min, a.counts, strict=True):
        c = counts["all"]
        covered, total = c.covered // 10**6, c.total // 10**6
        share = f"{100 * covered / total:.1f}%"
        assert total == 112
        assert f"{cutoff:g} min 全部人口 everyone {covered} {total} {share}" in found
    assert "可达占比 = 可达 ÷ 总量（含未连路网者）" in found
    assert "share = covered / total, unlinked included" in found
    assert "<svg" in a._repr_html_()
    assert "<script" not in a._repr_html_()


def test_proposed_sites_show_before_and_after_and_their_proof(tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path, {"n_sites": 2}))
    markup = run._repr_html_()
    found = flat(re.sub(r"<[^>]*>", " ", markup))
    assert "现状 today 5 min 全部人口 everyone 10 112 8.9%" in found
    assert "建成后 with the sites 5 min 全部人口 everyone 80 112 71.4%" in found
    for name in ("东口", "北坡"):
        assert re.search(rf"{name} \S+ \S+ {ADDED[name]}", found)
    assert "已证明最优" in found
    assert "proven best" in found
    assert markup == run.result._repr_html_()


def test_other_answers_are_sentences_and_tables(tmp_path: Path) -> None:
    run = run_site(siting_study(tmp_path, {"problem": "everyone"}))
    assert len(run._repr_html_()) > 500
    text = glance.of_answer("<b>x</b>", run.answered.answers, run.answered.shown)
    assert "<b>x</b>" not in text
    assert flat(run.answered.answers[0].zh) in flat(re.sub(r"<[^>]*>", " ", text))


@pytest.mark.parametrize("which", ["assessment", "other", "study"])
def test_hostile_names_stay_names_in_a_notebook(
    browser: Browser, tmp_path: Path, city: StudyResult, which: str
) -> None:
    value = {"assessment": city.assessments[0], "other": city.assessments[1], "study": city}[which]
    file = opened(tmp_path, value._repr_html_())
    with b.visit(browser, file) as seen:
        page = seen.page
        page.wait_for_timeout(300)
        harmed = page.evaluate(HARMED)
        assert harmed["taken"] == 0
        assert not harmed["turned"]
        assert harmed["scripts"] == 1
        assert harmed["strangers"] == (1 if which == "study" else 0), "only the map's own frame"
        titles = page.evaluate(
            "() => Array.from(document.querySelectorAll('[title]')).map((it) => it.title)"
        )
        told = flat(page.inner_text("body") + " ".join(titles))
        shown = {"assessment": "service", "other": "other", "study": "title"}[which]
        assert flat(NAMES[shown]) in told
        assert page.evaluate("document.documentElement.scrollWidth") <= 1400
        assert seen.requests[0] == file.as_uri()
        assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
        assert seen.errors == seen.dialogs == []


def test_the_map_in_a_notebook_runs_and_cannot_reach_out_of_its_frame(
    browser: Browser, tmp_path: Path, city: StudyResult
) -> None:
    with b.visit(browser, opened(tmp_path, city._repr_html_())) as seen:
        frame = seen.page.frames[1]
        for _ in range(500):
            if frame.evaluate("Boolean(window.Quarterhour && Quarterhour.started)"):
                break
            seen.page.wait_for_timeout(20)
        assert frame.evaluate("Quarterhour.started") is True
        assert frame.evaluate("Quarterhour.app.data.services.length") == 2
        reached = frame.evaluate(
            "() => { try { return parent.mine; } catch (e) { return e.name; } }"
        )
        assert reached == "SecurityError"
        assert not seen.errors


def test_a_large_map_is_named_and_not_carried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    study = small_study(tmp_path / "s")
    result = run_study(study, tmp_path / "out")
    assert "<iframe" in result._repr_html_()
    assert "<svg" not in result._repr_html_().split("<iframe", maxsplit=1)[0]
    monkeypatch.setattr(card, "LARGEST_MAP", 1000)
    markup = result._repr_html_()
    assert "<iframe" not in markup
    assert markup.count("<svg role") == len(result.assessments), "a sketch stands in for the map"
    assert (tmp_path / "out" / "map.html").as_posix() in markup
    assert "run_study(…" in run_study(study)._repr_html_()


def test_a_long_table_and_long_names_are_cut_and_say_so() -> None:
    from quarterhour.inputs import Note
    from quarterhour.tabular import Column, Table

    rows = tuple((f"{k}" + "长" * 200, float(k)) for k in range(40))
    columns = (Column("name", "名称", "Name"), Column("people", "人数", "People", "people"))
    text = card.table_of(Table(key="t", title=Note("表", "table"), columns=columns, rows=rows))
    assert text.count("<tr>") == card.MOST_ROWS + 1
    assert f"{40 - card.MOST_ROWS} more rows" in text
    assert max(len(part) for part in re.findall(r">([^<]*)<", text)) <= card.LONGEST_NAME + 1


def test_a_sketch_of_nothing_is_nothing_and_one_of_much_stays_small() -> None:
    import numpy as np
    import shapely

    none = np.empty((0, 2))
    assert card.sketch([None], facilities=none, uncovered=none) == ""
    ring = shapely.Point(106.5, 29.5).buffer(0.1, quad_segs=20_000)
    many = np.column_stack([np.linspace(106, 107, 50_000), np.linspace(29, 30, 50_000)])
    text = card.sketch([ring, ring.buffer(0.1)], facilities=none, uncovered=many)
    assert len(text) < 80_000
    assert text.count("<circle") == card.MOST_POINTS
    numbers = [float(n) for n in re.findall(r'c[xy]="(-?[\d.]+)"', text)]
    assert min(numbers) >= 0
    assert max(numbers) <= 360
