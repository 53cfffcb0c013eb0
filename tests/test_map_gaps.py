"""Gaps on the map page: what it is told, and the ranked table that needs no script."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gap_towns import assessed, facilities, homes
from map_gaps import gap, gap_town, hostile_gaps, listed, many_gaps
from map_town import HOSTILE, nobody, service, town
from quarterhour.answers.gaps import find_gaps
from quarterhour.briefing.shown import map_data
from quarterhour.errors import InputError
from quarterhour.render.map.gaps import FIRST, LISTED, minutes_tenths
from quarterhour.render.map.html import map_html, write_map
from quarterhour.render.map.payload import payload

if TYPE_CHECKING:
    from pathlib import Path


def rows(page: str, number: int = 0) -> list[list[str]]:
    """The cells of the ranked table of a service, without markup."""
    section = page[page.index('<section id="qh-gaps"') :]
    mine = section.split(f'data-service="{number}">')[1].split("</table>")[0]
    return [
        [
            html.unescape(re.sub("<[^>]*>", " ", cell)).strip()
            for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", line, re.DOTALL)
        ]
        for line in mine.split("<tr data-gap")[1:]
    ]


def number_of_shapes(packed: str) -> int:
    """The first number of a stream of shapes."""
    value = shift = 0
    for byte in base64.b64decode(packed):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    return value


def test_what_the_page_is_told() -> None:
    told = payload(gap_town())["services"][0]["gaps"]
    assert told["n"] == 15
    assert told["name"][1] == ["东街道300号院一带", "East Street, yard 300"]
    assert told["people"][:4] == [400, 300, 200, 40]
    assert told["everyone"][0] == 1600
    # just beyond the 15 minutes must not read as 15.0; no walk is 0
    assert told["tenths"][:3] == [151 + 1, 213 + 1, 0]
    assert told["metres"][:3] == [1276, 1276, None]
    assert told["look"][:3] == [0, 1, 2]
    assert [told["reasons"][k][1] for k in told["reason"][:3]] == [
        "detour", "at the edge of the data", "far from any road",
    ]  # fmt: skip
    assert (number_of_shapes(told["packed"]), number_of_shapes(told["routes"])) == (15, 14)
    assert told["walk"][:4] == [0, 1, -1, 2]
    # without gaps there is neither a table nor a tab
    assert payload(town())["services"][0]["gaps"] is None
    assert 'id="qh-gaps"' not in map_html(town())
    assert 'role="tab"' not in map_html(town())


@pytest.mark.parametrize(
    ("minutes", "tenths"), [(15.0, 150), (15.004, 151), (15.04, 151), (15.06, 151), (18.34, 183)]
)
def test_a_walk_beyond_the_cutoff_never_reads_as_within_it(minutes: float, tenths: int) -> None:
    assert minutes_tenths(gap(0, 0, 9, 1, minutes=minutes), 15.0) == tenths + 1
    assert minutes_tenths(gap(0, 0, 9, 1, minutes=None), 15.0) == 0


def test_the_table_can_be_read_without_a_script() -> None:
    page = map_html(gap_town("both"))
    found = rows(page)
    assert len(found) == 15
    assert [line[0] for line in found] == [str(k + 1) for k in range(15)]
    assert "东街道400号院一带" in found[0][1]
    assert "East Street, yard 400" in found[0][1]
    assert "绕行过远" in found[0][1]
    assert "detour" in found[0][1]
    assert found[0][2:] == ["400", "15.1"]
    assert found[2][2:] == ["200", "–"]
    text = html.unescape(re.sub("<[^>]*>", "", page[page.index('<section id="qh-gaps"') :]))
    # all people in all gaps, and those that the table does not name
    assert "17 处共 1,500 人（60岁以上），含未能连接路网者" in text
    assert "places within 300 m of each other along the streets are one gap" in text
    left = 1500 - 900 - sum(40 - k for k in range(12))
    assert f"其余 2 处共 {left} 人" in text
    assert f"2 more with {left} people" in text
    assert len(rows(page, 1)) == 1


def test_only_the_first_gaps_are_listed_and_have_a_walk_in_the_file() -> None:
    data = many_gaps(LISTED + 30)
    told = payload(data)["services"][0]["gaps"]
    assert told["n"] == number_of_shapes(told["packed"]) == LISTED + 30
    assert told["listed"] == number_of_shapes(told["routes"]) == LISTED
    assert [told["walk"][k] for k in (LISTED - 1, LISTED)] == [LISTED - 1, -1]
    page = map_html(data)
    assert len(rows(page)) == LISTED
    assert f"显示全部</span> ({LISTED})" in page
    assert f'data-first="{FIRST}"' in page
    assert "其余 30 处共 465 人" in page


def test_hostile_names_are_escaped_in_the_table() -> None:
    page = map_html(hostile_gaps())
    section = page[page.index('<section id="qh-gaps"') :].split("</section>")[0]
    assert "<img" not in section
    assert "<script" not in section
    assert "{% raw %}" in section
    name = rows(page)[0][1]
    assert "`${alert(1)}`" in name
    assert name.count("<img src=x onerror=alert(2)>") == 2
    assert HOSTILE[:12] in name


def test_same_gaps_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        write_map(tmp_path / name, gap_town("both"))
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"look": "dotted"}, "look is 'dotted'"),
        ({"people": -1.0}, "no finite position and count"),
        ({"lon": float("nan")}, "no finite position and count"),
    ],
)
def test_gaps_that_cannot_be_shown_are_refused(change: dict[str, object], match: str) -> None:
    base = gap_town()
    mark = replace(gap(0, 0, 100, 5), **change)
    with pytest.raises(InputError, match=match):
        map_html(replace(base, services=(replace(base.services[0], gaps=listed(mark)),)))


def test_a_total_below_the_gaps_given_is_refused() -> None:
    base = gap_town()
    wrong = listed(gap(0, 0, 100, 5), total=0)
    with pytest.raises(InputError, match="are 1 and their total is 0"):
        map_html(replace(base, services=(replace(base.services[0], gaps=wrong),)))


def test_a_service_without_gaps_says_so() -> None:
    layer = replace(service("养老服务", [(0.0, 0.0)]), uncovered=nobody(), gaps=listed())
    page = map_html(town("both", services=(layer,)))
    assert "0 处共 0 人" in page
    assert "0 gaps with 0 people" in page


# a street of 4 km with its facility in the west: 900 m in 15 minutes
STREET = [[(0.0, 0.0), (4000.0, 0.0)]]


def test_gaps_that_were_found_reach_the_map() -> None:
    people = homes((500, 0), (2000, 0), (2100, 0), (2000, 900), old=[1, 3, 4, 2])
    a = assessed(STREET, people, facilities((0, 0), names=["西院"]))
    found = find_gaps(a)
    data = map_data([a], title="街", language="both", gaps=[found])
    gaps = data.services[0].gaps
    assert gaps is not None
    # those on the street are one gap; 900 m beside it nobody is linked
    assert [(m.people, m.everyone, m.look) for m in gaps.marks] == [
        (7.0, 20.0, "plain"), (2.0, 10.0, "unlinked"),
    ]  # fmt: skip
    assert (gaps.total, gaps.people, gaps.join_m) == (2, 9.0, 300.0)
    one, two = gaps.marks
    # 2,100 m at 1 m/s
    assert one.minutes == pytest.approx(35.0, abs=0.01)
    assert one.walk_m == pytest.approx(2100, abs=1)
    assert (one.nearest, one.reason) == ("西院", ("附近没有设施", "no facility near"))
    assert one.route is not None
    assert one.extent.contains(one.route.interpolate(0))
    assert (two.minutes, two.walk_m, two.route, two.nearest) == (None, None, None, "")
    # people of all gaps: everyone who is not covered
    count = a.counts[-1]["old"]
    assert gaps.people * 1_000_000 == count.uncovered + count.unlinked
    assert "35.0" in rows(map_html(data))[0][3]
    assert map_data([a], title="街").services[0].gaps is None


def test_gaps_of_another_assessment_are_refused() -> None:
    people = homes((500, 0), (2000, 0))
    one, two = (assessed(STREET, people, facilities((0, 0))) for _ in range(2))
    with pytest.raises(InputError, match="gaps of 'care' are of no assessment of this map"):
        map_data([one], title="街", gaps=[find_gaps(two)])
