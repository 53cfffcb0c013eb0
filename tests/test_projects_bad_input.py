"""Project lists and figure files as they come: broken cells, broken rows, typing errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quarterhour.errors import InputError
from quarterhour.plans.planned import check_plan, planned_of, read_plan
from quarterhour.targets.project_list import COLUMNS, MOST_SITES, sites_named
from quarterhour.targets.projects import PLANS, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.targets.projects import Plan

HEAD = ",".join(COLUMNS)
ONE = "E1,甲养老院,elderly,养老院,new,2023,2024,甲区,东镇,60,,,5,,民政局"
TWO = "E2,乙养老院,elderly,养老院,new,2023,2025,甲区,西镇,30,,,5,,民政局"
FIGURES = """[plan]
target_year = 2025
list = "list.csv"
[figure]
beds = { value = 100 }
base = { value = 10 }
"""
CHECK = '[[check]]\nkey = "c"\nrule = "stock"\ntarget = "beds"\nbase = "base"\nmeasure = "beds"\n'


def plan_of(folder: Path, *rows: str, figures: str = FIGURES, head: str = HEAD) -> Plan:
    (folder / "list.csv").write_bytes("\n".join([head, *rows, ""]).encode())
    (folder / "plan.toml").write_text(figures, "utf-8")
    return read_plan(str(folder / "plan.toml"))


def told(plan: Plan) -> str:
    """What is said about single rows, in Chinese and English."""
    found = [f for f in check_plan(plan) if f.status == "doubtful"]
    return "\n".join(f"{f.sentence.zh}\n{f.sentence.en}" for f in found)


@pytest.mark.parametrize("plan", PLANS)
def test_nothing_is_odd_in_the_lists_that_ship(plan: str) -> None:
    found = read_plan(plan)
    assert found.set_aside == ()
    assert [p.no for p in found.projects if p.doubts] == []


@pytest.mark.parametrize(
    ("name", "sites"),
    [
        ("新建托位3000个", 1),
        ("新增托位约120个", 1),
        ("新增3000个托位", 1),
        ("120个普惠托位建设项目", 1),
        ("新建床位100张的养老院", 1),
        ("建筑面积3000平方米，5个站点", 5),
        ("5个社区托位建设项目", 5),
        ("12个月完成的养老院", 1),
        ("1,200个家庭", 1),
        ("200个社区养老服务站", 200),
        ("201个社区养老服务站", 1),
        ("建" + "9" * 5000 + "个站", 1),
        ("１５个社区站", 15),
    ],
)
def test_numbers_in_a_name_that_are_no_sites(name: str, sites: int) -> None:
    assert sites_named(name, 0) == sites


@given(st.text(alphabet="0123456789个所张托位床,，约镇", max_size=30), st.integers(0, 5))
@example("9" * 5000 + "个", 2)
@example("150个镇150个站", 1)
def test_never_more_sites_than_a_row_can_have(name: str, towns: int) -> None:
    assert max(towns, 1) <= sites_named(name, towns) <= MOST_SITES


def test_a_number_that_is_refused_is_told_with_its_row(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ONE, TWO.replace("乙养老院", "建设100000000个养老院"))
    assert [p.sites for p in plan.projects] == [1, 1]
    assert len(planned_of(plan)) == 2
    assert "E2 建设100000000个养老院（第 3 行）：名称中的“100000000个”多于 200 处" in told(plan)
    assert "(row 3): 100000000个 in its name are more than 200 sites" in told(plan)


def test_only_an_end_of_line_ends_a_row(tmp_path: Path) -> None:
    # signs that str.splitlines takes for an end of line, and a line break in quotation marks
    odd = "甲\u2028养\x85老\u2029院"
    rows = (ONE.replace("甲养老院", odd), TWO.replace("乙养老院", '"乙\n养老院"'),
            TWO.replace("E2", "E3"))  # fmt: skip
    plan = plan_of(tmp_path, *rows)
    assert [(p.no, p.row, p.name) for p in plan.projects] == [
        ("E1", 2, odd), ("E2", 3, "乙\n养老院"), ("E3", 5, "乙养老院"),
    ]  # fmt: skip
    # rows ended by carriage returns are rows, too
    (tmp_path / "list.csv").write_bytes(f"{HEAD}\r\n{ONE}\r\n\r\n{TWO}\r\n".encode())
    again = read_plan(str(tmp_path / "plan.toml"))
    assert [(p.no, p.row) for p in again.projects] == [("E1", 2), ("E2", 4)]


def test_blank_rows_and_a_byte_order_mark(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ONE, "", "," * 14, " , ,", TWO)
    assert [(p.no, p.row) for p in plan.projects] == [("E1", 2), ("E2", 6)]
    for name in ("list.csv", "plan.toml"):
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [p.no for p in read_plan(str(tmp_path / "plan.toml")).projects] == ["E1", "E2"]


def test_a_number_used_twice_is_set_aside(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ONE, TWO, ONE.replace("甲养老院", "丙养老院"))
    assert [p.name for p in plan.projects] == ["甲养老院", "乙养老院"]
    assert [r.line() for r in plan.set_aside] == [
        "list.csv row 4 '丙养老院': the number 'E1' is that of row 2; give it one of its own"
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("E2,乙", ["只有 2 格，表头有 15 格", "(row 3): it has 2 cells and the headings 15"]),
        (TWO + ",又一格,,再一格", ["多出 2 格（又一格、再一格），没有使用", "be shifted"]),
        (TWO.replace("elderly", "cats"), ["domain 写作“cats”", "the domain is 'cats'"]),
        (TWO.replace("乙养老院", "乙\x07养\u202e老院"), ["控制字符，已去掉", "were taken out"]),
        (TWO.replace(",30,", ",约六十,"), ["写作“约六十”，不是 0 以上的数", "not a number from 0"]),
        (TWO.replace(",30,", ",-30,"), ["床位写作“-30”，不是 0 以上的数"]),
        (TWO.replace(",30,", ",1e308,"), ["床位写作“1e308”"]),
        (TWO.replace(",30,", ",nan,"), ["床位写作“nan”"]),
        (TWO.replace("2025", "99999"), ["建成年份写作“99999”，不是 1900 至 2200", "1900 to"]),
        (TWO.replace("2023", "二〇二三"), ["开工年份写作“二〇二三”"]),
    ],
)  # fmt: skip
def test_odd_rows_are_kept_and_told(tmp_path: Path, row: str, said: list[str]) -> None:
    plan = plan_of(tmp_path, ONE, row)
    assert [p.no for p in plan.projects] == ["E1", "E2"]
    for words in said:
        assert words in told(plan)
    assert "\x07" not in plan.named("E2").name
    assert told(plan_of(tmp_path, ONE, TWO)) == ""


def test_blank_surplus_cells_and_words_for_a_domain(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ONE + ",,", TWO.replace("elderly", "Elderly"),
                   ONE.replace("E1", "E3").replace("elderly", "养老"))  # fmt: skip
    assert told(plan) == ""
    assert {p.domain for p in plan.projects} == {"elderly"}
    assert len(planned_of(plan)) == 3
    stranger = plan_of(tmp_path, ONE, TWO.replace("elderly", "cats"))
    assert [one.no for one in planned_of(stranger)] == ["E1"]


def test_lists_that_cannot_be_read(tmp_path: Path) -> None:
    for rows, head, fault in (
        ([ONE.replace("甲", "甲" * 200_000)], HEAD, r"list\.csv: line 2: field larger than"),
        ([], "", r"has no column no; needed are .*; found are \(none\)"),
        ([ONE.replace(",", ";")], HEAD.replace(",", ";"), "found are no;name;domain"),
    ):
        with pytest.raises(InputError, match=fault) as error:
            plan_of(tmp_path, *rows, head=head)
        assert str(tmp_path / "list.csv") in str(error.value)


TWO_HEADS = (
    '[[head]]\nkey = "h"\nselect = ["*"]\ncost = 1\nparts = ["g"]\n'
    '[[head]]\nkey = "g"\nselect = ["*"]\nbeds = 90\n'
)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (CHECK + 'select = ["Z*"]\n', "the check 'c' selects 'Z\\*', and .* list.csv"),
        (CHECK + 'select = ["E2-E1"]\n', "the check 'c' selects 'E2-E1'"),
        (CHECK + 'select = ["E1", "E9"]\n', "the check 'c' selects 'E9'"),
        ('[[head]]\nkey = "h"\nselect = ["2"]\n', "the head 'h' selects '2'"),
        ('[[head]]\nkey = "h"\nselect = ["*"]\ncounties = ["丁区"]\n', "the county '丁区'"),
        ('[[head]]\nkey = "h"\nselect = ["*"]\ncost = 1\nparts = ["x"]\n', "'h' has the part 'x'"),
        ('[[head]]\nkey = "h"\nselect = ["*"]\ncost = 1\nparts = ["h"]\n', "'h' has the part 'h'"),
        (
            TWO_HEADS,
            "the head 'h' has a cost, and its part 'g' has none",
        ),
    ],
)  # fmt: skip
def test_typing_errors_in_a_selection_are_errors(tmp_path: Path, more: str, fault: str) -> None:
    plan = plan_of(tmp_path, ONE, TWO, figures=FIGURES + more)
    with pytest.raises(InputError, match=fault) as error:
        check_plan(plan)
    assert str(error.value).startswith(str(tmp_path / "plan.toml"))


def test_selections_of_all_and_of_some(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ONE, TWO)
    assert [p.no for p in rows_of(plan, "it", ["E1-E2"])] == ["E1", "E2"]
    assert [p.no for p in rows_of(plan, "it", ["E*"], ["甲区"])] == ["E1", "E2"]
    assert rows_of(plan_of(tmp_path), "it", ["*"]) == []


def test_heads_without_names(tmp_path: Path) -> None:
    # the difference of one head is the cost of another, and neither has a name
    figures = FIGURES + (
        '[[head]]\nkey = "h"\nselect = ["*"]\ncost = 16\n'
        '[[head]]\nkey = "g"\nselect = ["E1"]\ncost = 6\n'
    )
    found = {f.key: f for f in check_plan(plan_of(tmp_path, ONE, TWO, figures=figures))}
    assert "差额 6 等于“g”" in found["head_h"].sentence.zh


DEEP = "x = " + "[" * 20_000


@pytest.mark.parametrize(
    ("figures", "fault"),
    [
        (FIGURES + DEEP, r"is no TOML file \(brackets in brackets without end\)"),
        (FIGURES + "x = " + "9" * 5000, "has a number of thousands of digits"),
        (FIGURES.replace("100", "0x" + "f" * 5000), "beds value is a number of thousands"),
        (FIGURES.replace("100", "1e400"), "beds value is inf; needed is"),
        (FIGURES.replace("100", "1e308"), r"beds value is 1e\+308; needed is a number not above"),
        (FIGURES.replace("100", "0"), "beds value is 0; needed is a number above 0$"),
        (FIGURES.replace("100", "nan"), "beds value is nan; needed is a"),
        (FIGURES.replace("100", '"100"'), "beds value is '100'; needed is a number without"),
        (FIGURES.replace("2025", "5"), "target_year is 5; needed is a number not below 1900$"),
        (FIGURES.replace("2025", "2025.5"), "target_year is 2025.5; needed is a whole number"),
        (FIGURES + CHECK + "select = []\n", "select is .*; needed is a list with something in it"),
        (FIGURES + CHECK + 'select = "E*"\n', "needed is a list in brackets, such as"),
        (FIGURES.replace("[plan]", '[plan]\nzh = ""'), "zh is ''; needed is some text"),
        (FIGURES.replace("[plan]", "[plan]\nzh = 5"), "zh is 5; needed is text in quotation"),
        (FIGURES.replace("{ value = 100 }", "100"), "needed is a table in braces"),
        (FIGURES.replace("[plan]", '[plan]\nother_version = "x"'), "other_version is 'x'; needed"),
    ],
)  # fmt: skip
def test_figure_files_that_are_wrong(tmp_path: Path, figures: str, fault: str) -> None:
    with pytest.raises(InputError, match=fault) as error:
        plan_of(tmp_path, ONE, figures=figures)
    said = str(error.value)
    assert said.startswith(str(tmp_path / "plan.toml"))
    assert len(said) < 500
    for word in ("valid", "should be", "pydantic", "sys."):
        assert word not in said


def test_another_version_stands_beside_the_figure_file(tmp_path: Path) -> None:
    (tmp_path / "earlier.toml").write_text(
        '[plan]\ntarget_year = 2025\nzh = "旧稿"\n[figure]\nbeds = { value = 90 }\n', "utf-8"
    )
    figures = FIGURES.replace("[plan]", '[plan]\nother_version = "earlier.toml"')
    found = {f.key: f for f in check_plan(plan_of(tmp_path, ONE, figures=figures))}
    assert found["version_beds"].numbers == {"here": 100, "there": 90}


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters='\r\n,"'), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=15, max_size=15), max_size=4))
def test_any_cells_are_read_or_told(tmp_path_factory: Any, rows: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("list")
    plan = plan_of(folder, *(",".join(cells) for cells in rows))
    filled = [cells for cells in rows if any(cell.strip() for cell in cells)]
    assert len(plan.projects) + len(plan.set_aside) == len(filled)
    for finding in check_plan(plan):
        assert finding.sentence.zh
    for project in plan.projects:
        assert 1 <= project.sites <= MOST_SITES
