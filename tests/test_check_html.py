"""The page of a check: problems first, safe from its data, quiet, readable on paper and screens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from browser import chromium, visit
from quarterhour.checks.checking import check_study
from quarterhour.checks.report import document
from quarterhour.render.check.page import MANY, check_html
from quarterhour.render.guard import external
from small_study import FACILITIES, facilities_text, lonlat, small_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

BAD = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def broken(folder: Path, **changes: Any) -> Path:
    """A study with two problems, a hostile name, a bad row and a likely duplicate."""
    rows = [*FACILITIES, ("西院", 30, 10, "养老院", "现状"), (BAD, 0, 9000, BAD, "现状")]
    return small_study(
        folder,
        {
            "study.name": f"小镇 {BAD}",
            "people.people": "populaton",
            "service.1": {"name": BAD, "facilities": "nowhere.csv"},
            **changes,
        },
        {"facilities.csv": facilities_text(rows) + f"坏,{BAD},现状,,\n"},
    )


def page_of(study: Path) -> str:
    return check_html(document(check_study(study)))


def text_of(page: str) -> str:
    return re.sub(r"<[^>]*>", "\n", page.split("<main>", 1)[1])


def test_problems_come_before_warnings_before_details(tmp_path: Path) -> None:
    text = text_of(page_of(broken(tmp_path)))
    order = [
        "还不能运行：2 个问题", "必须解决的问题", "nowhere.csv：找不到这个文件", "需要核对",
        "概况\n", "未采用的行\n", "缺少坐标", "疑似重复的设施\n", "读取的文件和列", "道路诊断",
    ]  # fmt: skip
    at = [text.index(words) for words in order]
    assert at == sorted(at), list(zip(order, at, strict=True))


def test_a_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    page = page_of(broken(tmp_path))
    assert external(page) == []
    assert "<script" not in page
    assert "<img" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert str(tmp_path) not in page, "no whole paths"


@pytest.mark.parametrize(("language", "tongue"), [("zh", "zh-CN"), ("en", "en"), ("both", "zh-CN")])
def test_languages(tmp_path: Path, language: str, tongue: str) -> None:
    page = page_of(small_study(tmp_path, {"study.language": language, "study.name": "Town",
                                          "service.0.name": "Care"}))  # fmt: skip
    assert f'<html lang="{tongue}" data-language="{language}">' in page
    body = page.split("<main>", 1)[1]
    assert ("概况" in body) == (language != "en")
    assert ("Overview" in body) == (language != "zh")


def test_columns_say_what_to_write_where_they_are_wrong(tmp_path: Path) -> None:
    page = page_of(small_study(tmp_path))
    assert 'columns = { name = "设施名称" }' in page
    assert "由列名识别" in page


def test_a_long_list_is_folded_and_complete(tmp_path: Path) -> None:
    rows = "".join(f"坏{k},养老院,现状,,\n" for k in range(MANY + 10))
    page = page_of(small_study(tmp_path, files={"facilities.csv": facilities_text() + rows}))
    assert re.search('<details><summary><span lang="zh-CN">未采用的行', page)
    assert page.count("<td>坏") == MANY + 10
    few = page_of(small_study(tmp_path, files={"facilities.csv": facilities_text() + "坏,x,x,,\n"}))
    assert re.search('<details open><summary><span lang="zh-CN">未采用的行', few)


def test_hostile_names_are_text_in_a_real_browser(tmp_path: Path, browser: Browser) -> None:
    file = tmp_path / "check.html"
    file.write_text(page_of(broken(tmp_path / "s")), encoding="utf-8")
    with visit(browser, file) as seen:
        assert seen.quiet(), (seen.requests, seen.console, seen.errors, seen.dialogs)
        assert seen.page.locator("h1").inner_text() == f"小镇 {BAD}"
        assert seen.page.locator("img").count() == 0


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_only_tables_scroll_sideways(tmp_path: Path, browser: Browser, width: int) -> None:
    long = "很长的名称" * 30
    lon, lat = lonlat(0, 10)
    head = "设施名称,类型,状态,经度,纬度," + ",".join(f"栏目{k}" for k in range(30))
    text = f"{head}\n{long},养老院,现状,{lon},{lat}{',x' * 30}\n{long},养老院,现状,,{',y' * 30}\n"
    study = small_study(tmp_path, {"study.language": "both"}, {"facilities.csv": text})
    file = tmp_path / "check.html"
    file.write_text(page_of(study), encoding="utf-8")
    with visit(browser, file, (width, 900)) as seen:
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"the page is {wide} px wide in a window of {width}"


def test_on_paper_folded_lists_are_printed(tmp_path: Path, browser: Browser) -> None:
    rows = "".join(f"坏{k},养老院,现状,,\n" for k in range(MANY + 10))
    file = tmp_path / "check.html"
    study = small_study(tmp_path / "s", files={"facilities.csv": facilities_text() + rows})
    file.write_text(page_of(study), encoding="utf-8")
    with visit(browser, file) as seen:
        last = seen.page.get_by_text(f"坏{MANY + 9}", exact=True)
        assert not last.is_visible()
        seen.page.emulate_media(media="print")
        assert last.is_visible()


def test_the_datum_is_shown_with_its_numbers(tmp_path: Path) -> None:
    found = document(check_study(small_study(tmp_path)))
    fit = {
        "layer": "facilities", "services": ["养老"], "file": "f.xlsx", "sheet": "养老",
        "stated": "wgs84", "used": "wgs84", "verdict": "other", "best": "gcj02", "sure": 0.98,
        "n_points": 25, "median_m": {"wgs84": 160.0, "gcj02": 8.0, "bd09": 320.0}, "zh": "",
        "en": "",
    }  # fmt: skip
    found["datum"] = [{**fit, "parts": [{"part": "高德", **fit, "parts": []}]}]
    page = check_html(found)
    assert "按写明的 wgs84；按 gcj02 更吻合（把握 98%）" in page
    bars = re.findall(r"<tr><td>(?:<b>)?(\w+)(?:</b>)?</td>.*?width:(\d+)px", page)
    assert bars == [("gcj02", "4"), ("wgs84", "80"), ("bd09", "160")], "the best first"
    assert page.count("<b>wgs84</b>") == 1, "the system that is used stands out"
