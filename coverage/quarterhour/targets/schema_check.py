"""What one part of the file of a plan says about another."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from quarterhour.errors import InputError
from quarterhour.targets.words import LEVELS, SHARES

if TYPE_CHECKING:
    from quarterhour.targets.schema import Plan


def check_parts(plan: Plan, where: str) -> None:
    """Raise `InputError` where ids, levels, percentages or years cannot be meant."""
    seen: set[str] = set()
    for one in plan.indicator:
        at = f"{where}: indicator {one.id}"
        if one.id in seen:
            raise InputError(f"{at}: the id is used twice; give every indicator its own")
        seen.add(one.id)
        for k, part in enumerate(one.part):
            spot = at + (f" part {k + 1}" if len(one.part) > 1 else "")
            known = [*LEVELS, *plan.plan.levels]
            for level in part.level:
                if level in known:
                    continue
                near = difflib.get_close_matches(level, known, 1, 0.5)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise InputError(
                    f"{spot} level is {level!r}; known are {', '.join(known)}, others are said"
                    f" with levels under [plan]{hint}"
                )
            for value in (t.value for t in part.targets if t.value is not None):
                if part.rule in SHARES and value * part.scale > 100:
                    raise InputError(
                        f"{spot} has the target {value:g}; {part.rule} is a percentage: needed is"
                        " a value from 0 to 100"
                    )
            years = [t.year for t in part.targets]
            if len(set(years)) < len(years) or sorted(years) != years:
                raise InputError(
                    f"{spot} targets have the years {years}; every year once, in ascending order"
                )
