"""Plan files with numbers and words that cannot be meant: refused, with indicator and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from quarterhour.errors import InputError
from quarterhour.targets.schema import load_plan
from test_targets_schema import PLAN

if TYPE_CHECKING:
    from pathlib import Path

REACH = 'rule = "share_in_reach"\nminutes = {}\n'


def complaint(folder: Path, text: str) -> str:
    path = folder / "plan.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load_plan(path)
    told = str(caught.value)
    assert told.startswith(f"{path}: indicator T-1")
    assert "\n" not in told
    return told


def one_part(lines: str) -> str:
    """The plan with one part of these lines."""
    return PLAN.partition("[[indicator.part]]")[0] + "[[indicator.part]]\n" + lines


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('rule = "total"\ntargets = [{ value = nan }]', "value is nan: a finite number is needed"),
        ('rule = "total"\ntargets = [{ value = -5 }]', "value is -5: a number of 0 or more"),
        (
            'rule = "total"\ntargets = [{ value = 1e308 }]',
            "value is 1e+308: a number of at most 1,000,000,000,000 is needed",
        ),
        (REACH.format("1e308"), "minutes is 1e+308: a number of at most 1,440 is needed"),
        (REACH.format('15\nwalker = "ghost"'), "walker: unknown walker 'ghost'; known are adult"),
        ('rule = "total"\nscale = 1e-300', "scale is 1e-300: a number of 1e-09 or more is needed"),
        ('rule = "total"\nscale = 1e308', "scale is 1e+308: a number of at most 1,000,000,000"),
        ('rule = "ratio"\nper = 1e308', "per is 1e+308: a number of at most 1,000,000,000"),
        (
            'rule = "presence"\nlevel = "town"\nat_least = 99999999999999999999',
            "at_least is 99999999999999999999: a number of at most 1,000,000 is needed",
        ),
        (
            REACH.format("15") + "targets = [{ value = 101 }]",
            "has the target 101; share_in_reach is a percentage: needed is a value from 0 to 100",
        ),
        (
            (
                'rule = "share_of"\nhaving = { beds = { min = 1 } }\nscale = 100\n'
                "targets = [{ value = 1.5 }]"
            ),
            "has the target 1.5; share_of is a percentage",
        ),
        ('rule = "total"\nfacilities = { beds = ">= 30" }', "beds is '>= 30', a text that begins"),
        ('rule = "total"\nfacilities = { beds = "≥30" }', "write for example beds = { min = 100 }"),
        ('rule = "total"\nfacilities = { beds = ["<5"] }', "beds is '<5', a text that begins"),
        ('rule = "total"\nfacilities = { beds = inf }', "beds is inf; a number of at most"),
        ('rule = "total"\nfacilities = { beds = { min = nan } }', "beds min is nan; a number of"),
        ('rule = "total"\nfacilities = { name = "" }', "name is ''; a list of texts"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, lines: str, words: str) -> None:
    if "targets" not in lines:
        lines = f"{lines}\ntargets = [{{ value = 1 }}]"
    assert words in complaint(tmp_path, one_part(lines + "\n"))


def test_a_share_of_a_whole_may_be_written_as_a_fraction(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    lines = 'rule = "share_of"\nhaving = { beds = { min = 1 } }\nscale = 100\n'
    path.write_text(one_part(lines + "targets = [{ value = 0.6 }]\n"), "utf-8")
    assert load_plan(path).indicator[0].part[0].scale == 100
