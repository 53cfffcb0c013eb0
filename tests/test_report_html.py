"""report.html and the report of a run: every answer in its place, safe from its data, printable."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from browser import chromium, visit
from quarterhour.inputs import Note
from quarterhour.render.guard import external
from quarterhour.render.report.brief import MOST_ROWS
from quarterhour.render.report.page import (
    Report,
    figures_of,
    in_order,
    report_html,
    section_of,
    write_report_html,
)
from quarterhour.report import document_of, write_report
from quarterhour.study import StudyResult, run_study
from quarterhour.tabular import Column
from report_tables_town import BAD, ROWS, many_rows, town_table, verdict_table, year_table
from small_study import FACILITIES, facilities_text, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """A run of the small town with a facility whose coordinates are missing."""
    folder = tmp_path_factory.mktemp("town")
    rows = facilities_text(FACILITIES) + f"{BAD},养老院,现状,,\n"
    return run_study(small_study(folder, {"study.name": f"小镇{BAD}"}, {"facilities.csv": rows}))


def report(*tables: Any, language: str = "zh", **more: Any) -> Report:
    return Report(title="小镇", language=language, tables=tables or (town_table(),), **more)


def text_of(page: str) -> str:
    body = page.split("<main>", 1)[1]
    return html.unescape(re.sub(r"\s*<[^>]*>\s*", "\n", body))


def test_hostile_names_are_only_text() -> None:
    note = Note(BAD, BAD)
    hostile = town_table(
        title=note, notes=(note,), rows=((BAD, *ROWS[0][1:]), ROWS[1]), total=0,
        columns=(Column("town", BAD, BAD), *town_table().columns[1:]),
    )  # fmt: skip
    page = report_html(
        report(
            hostile,
            language="both",
            asked=((note, note),),
            answers=(note,),
            assumptions=(note,),
            sources=(BAD, f"https://example.org/{BAD}"),
            generated_from=BAD,
            figures=figures_of([hostile], language="both"),
        )
    )
    assert "<img src=x" not in page
    assert 'src="data:image/png;base64,' in page
    assert "<script" not in page
    assert external(page) == []
    assert text_of(page).count(BAD) >= 10


def test_the_policy_allows_this_style_and_these_pictures_only() -> None:
    page = report_html(report())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy is not None
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )
    assert " style=" not in page, "the policy would not apply it"


@pytest.mark.parametrize(("language", "tongue"), [("zh", "zh-CN"), ("en", "en"), ("both", "zh-CN")])
def test_languages(language: str, tongue: str) -> None:
    page = report_html(report(language=language))
    assert f'<html lang="{tongue}" data-language="{language}">' in page
    text = text_of(page)
    assert ("分母：60岁以上人口" in text) == (language != "en")
    assert ("Denominator: people aged 60 and over" in text) == (language != "zh")


def test_sections_follow_the_questions() -> None:
    tables = in_order([year_table(), many_rows(3), verdict_table(), town_table(),
                       town_table(key="something_else"), town_table(key="method"),
                       town_table(key="gaps_1"), town_table(key="summary")])  # fmt: skip
    assert [table.key for table in tables] == [
        "summary", "by_town", "residential", "gaps_1", "targets_town", "timeline",
        "something_else", "method",
    ]  # fmt: skip
    text = text_of(report_html(report(*tables, answers=(Note("结论", "answer"),))))
    titles = ["主要结论", "覆盖情况", "分乡镇（街道）、社区情况", "未覆盖的居住区",
              "服务空白及原因", "规划指标", "时间线", "其他结果", "方法与资料来源"]  # fmt: skip
    at = [text.index(f"\n{title}\n") for title in titles]
    assert at == sorted(at)


@pytest.mark.parametrize(
    ("key", "section"),
    [
        ("by_community_2", "units"), ("redundancy_1", "facilities"), ("facilities_1", "facilities"),
        ("supply_facilities_1", "supply"), ("tiers_1", "supply"), ("capacity_1", "supply"),
        ("equity_units_1", "equity"), ("meanings_1", "coverage"), ("gaps_1", "gaps"),
        ("residential_1", "residential"), ("uncovered_areas", "residential"),
        ("targets_ziyang", "targets"), ("reconcile_ziyang", "targets"),
        ("timeline_1", "timeline"), ("scenarios", "scenarios"),
        ("set_aside", "set_aside"), ("changes", "set_aside"), ("xyz", "further"),
    ],
)  # fmt: skip
def test_the_section_of_a_key(key: str, section: str) -> None:
    assert section_of(key) == section


def test_a_long_table_shows_its_first_rows_its_totals_and_where_the_others_are() -> None:
    rows = (*many_rows(120).rows, ("合计", 7140))
    page = report_html(report(many_rows(121, rows=rows, total=1)))
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    assert body.count("<tr") == MOST_ROWS + 1
    assert body.endswith("<tr class=total><td>合计</td><td class=n>7,140</td></tr>")
    assert "另有 105 行，见 report.xlsx 工作表“未覆盖的居住区”。" in text_of(page)


def test_numbers_are_written_like_in_the_workbook() -> None:
    text = text_of(report_html(report(town_table(key="further"))))
    assert re.search(r"城南街道\n+4,000\n+3,000\n+75.0%\n+7.2\n", text)
    assert "nan" not in text.lower()


def test_verdicts_have_a_sign_and_a_word() -> None:
    page = report_html(report(verdict_table()))
    for kind, sign, word in (("pass", "✓", "达标"), ("fail", "✗", "未达标"),
                             ("unknown", "?", "无法判断")):  # fmt: skip
        mark = f'<span class="verdict {kind}"><b aria-hidden="true">{sign}</b>'
        assert f'{mark}<span lang="zh-CN">{word}</span></span>' in page


def test_a_text_of_a_file_is_no_verdict() -> None:
    table = town_table(rows=tuple(("unknown", *row[1:]) for row in ROWS), total=0, chart=None)
    assert 'class="verdict' not in report_html(report(table))
    assert figures_of([table], language="zh") == {}


def test_indicators_of_a_plan_are_counted_not_their_parts(result: StudyResult) -> None:
    plan = {"zh": "甲市规划", "en": "Plan A", "pass": 1, "fail": 2, "unknown": 0}
    told = {"plans": [{**plan, "indicators": [{}, {}, {}]}]}
    document = document_of(result.assessments, {**result.summary, "targets": told})
    assert document.answers[-1] == Note(
        "甲市规划：3 项指标中 1 项达标、2 项未达标、0 项无法判断",
        "Plan A: of 3 indicators 1 passes, 2 fail, 0 cannot be judged",
    )


def test_an_empty_table_says_so() -> None:
    text = text_of(report_html(report(town_table(rows=(), total=0), language="en")))
    assert "There are none." in text


@pytest.mark.parametrize("language", ["zh", "both"])
def test_a_browser_shows_and_prints_it(browser: Browser, tmp_path: Path, language: str) -> None:
    tables = (town_table(), many_rows(80), verdict_table(), year_table())
    wide = town_table(
        key="facilities_1", rows=tuple((*r, *r) for r in ROWS), total=0, chart=None,
        columns=(*town_table().columns, *(c._replace(key=f"{c.key}2") for c in
                                          town_table().columns)),
    )  # fmt: skip
    tables = in_order([*tables, wide])
    path = tmp_path / "report.html"
    given = report(*tables, language=language, figures=figures_of(tables, language=language))
    write_report_html(path, given)
    with visit(browser, path, (1000, 900)) as seen:
        page = seen.page
        assert page.locator("table").count() == 5
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "26px"
        assert page.evaluate("[...document.images].every(i => i.naturalWidth > 1000)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.emulate_media(media="print")
        style = "getComputedStyle(document.querySelector('{}')).{}"
        assert page.evaluate(style.format("thead", "display")) == "table-header-group"
        assert page.evaluate(style.format("tbody tr", "breakInside")) == "avoid"
        for paper in (640, 400):  # narrower than A4: still no cell is cut
            page.set_viewport_size({"width": paper, "height": 900})
            assert page.evaluate(
                "[...document.querySelectorAll('td, th, table, p, li, img')].every(e =>"
                " e.getBoundingClientRect().right <= innerWidth + 1)"
            )
        pdf = page.pdf(prefer_css_page_size=True)
        boxes = {tuple(map(float, box)) for box in
                 re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)}  # fmt: skip
        assert {width < height for width, height in boxes} == {True}
        quiet = seen.quiet()
    assert quiet


def test_a_run_gives_its_own_tables(result: StudyResult) -> None:
    document = document_of(result.assessments, result.summary, study_key="abc")
    assert [table.key for table in document.tables] == ["summary", "set_aside", "method"]
    coverage, aside, method = document.tables
    (service,) = result.summary["services"]
    counted = [
        (c["cutoff_min"], g["total"], g["covered"], g["uncovered"], g["unlinked"])
        for c in service["cutoffs"]
        for g in c["groups"].values()
    ]
    assert [(row[1], *row[3:7]) for row in coverage.rows] == counted
    assert [(row[1], row[3], row[4]) for row in aside.rows] == [
        ("facilities.csv", 4, BAD), ("people.csv", 7, "山"),
    ]  # fmt: skip
    assert aside.rows[0][5].zh == "缺少坐标"
    values = [value.zh if isinstance(value, Note) else value for *_, value in method.rows]
    assert "abc" in values
    assert any("步速 " in str(value) for value in values)


def test_answers_give_shares_with_what_they_are_shares_of(result: StudyResult) -> None:
    document = document_of(result.assessments, result.summary, [verdict_table()])
    count = result.assessments[0].counts[-1][result.assessments[0].group]
    first = document.answers[0]
    assert f"/ {count.total / 1e6:,.0f} 人" in first.zh
    assert f"of {count.total / 1e6:,.0f} people" in first.en
    assert document.headlines is not None
    headings = [column.key for column in document.headlines.columns]
    assert headings.index("total") > headings.index("share_covered") > 0


def test_a_report_is_written_whole_and_always_the_same(result: StudyResult, tmp_path: Path) -> None:
    document = document_of(
        result.assessments, result.summary, [town_table(), year_table()],
        notes=[Note("须知", "know")] * 2,
    )  # fmt: skip
    written = {}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        paths = write_report(tmp_path / name, document)
        written[name] = {p.relative_to(tmp_path / name).as_posix(): p.read_bytes() for p in paths}
    assert list(written["a"]) == [
        "report.xlsx", "report.html", "figures/by_town.png", "figures/timeline.png",
    ]  # fmt: skip
    assert written["a"] == written["b"]
    page = written["a"]["report.html"].decode()
    assert external(page) == []
    text = text_of(page)
    assert text.count("\n须知\n") == 1, "a note is told once"
    book = openpyxl.load_workbook(tmp_path / "a" / "report.xlsx")
    assert book.sheetnames == ["概要", "各服务可达情况", "分乡镇可达情况", "历年覆盖", "未采用的行",
                               "参数与来源"]  # fmt: skip
    assert book["概要"]["A1"].value == f"小镇{BAD}"
    assert f"小镇{BAD}" in text


def test_two_tables_of_one_key_are_our_mistake(result: StudyResult) -> None:
    with pytest.raises(AssertionError, match="share a key"):
        document_of(result.assessments, result.summary, [town_table(), town_table()])


def test_streets_are_not_called_people(tmp_path: Path) -> None:
    run = run_study(small_study(tmp_path, {"people": None}))
    document = document_of(run.assessments, run.summary)
    assert document.answers[0].zh == (
        "养老：15分钟内可达：1,775 米街道 / 2,100 米街道（占 84.5%）；未能连接路网 0 米街道，单列"
    )
    text = text_of(report_html(document))
    assert "单位：米街道" in text
    assert "全部人口" not in text
