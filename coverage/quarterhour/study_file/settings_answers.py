"""What the parts of a study beyond coverage say about each other, checked before data are read."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE
from quarterhour.targets.groups import same_group
from quarterhour.targets.schema import Plan, load_plan, shipped_plans
from quarterhour.targets.words import SHARES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.study_file.answer_parts import SupplyPart
    from quarterhour.study_file.parts import ServicePart, Study

MOST_PEOPLE = 10_000_000_000
"""More than live on the earth."""

MOST_THRESHOLD = 1_000_000_000
"""The largest number that a target without one of its own may be judged by."""

LINE_BREAK = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def check_answers(study: Study, path: Path) -> None:
    """Raise `InputError` where units, supply or targets of a study file cannot be meant.

    The message names the study file and the key.
    """
    for service in study.service:
        _check_need(study, service, f"{path}: [[service]] {service.name}")
    try:
        check_shares(study.supply)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    _check_levels(study, path)
    _check_targets(study, path)


def check_names(names: Sequence[str], what: str, path: Path) -> None:
    """Raise `InputError` where a name has two lines or none, or is that of another one.

    Names are the same where they differ only by capitals and spaces: they become names of files,
    layers and columns.
    """
    known: dict[str, str] = {}
    for k, name in enumerate(names):
        at = f"{path}: [[{what}]] number {k + 1}"
        if LINE_BREAK.search(name):
            shown = " ".join(name.split())[:60]
            raise InputError(f"{at} name has a line break ({shown!r}); write it in one line")
        plain = " ".join(name.split()).casefold()
        if not plain:
            raise InputError(f"{at} name is {name!r}: a text that is not empty is needed")
        if plain in known:
            same = "" if known[plain] == name else f" (here as {known[plain]!r})"
            raise InputError(
                f"{at} ({name}): the name is used twice{same}; give every {what} its own name"
            )
        known[plain] = name


def check_shares(part: SupplyPart) -> None:
    """Raise `InputError` unless home, community and institution add up to 1."""
    shares = (part.home_share, part.community_share, part.institution_share)
    total = sum(shares)
    if abs(total - 1) > 1e-9:
        raise InputError(
            "[supply] home_share, community_share and institution_share are"
            f" {', '.join(f'{s:g}' for s in shares)} and add up to {total:g}; needed is 1, for"
            " everybody is cared for in one of the three: change one of them"
        )


def _check_need(study: Study, service: ServicePart, at: str) -> None:
    """Somebody has to need the beds or places that are to be shared out."""
    if service.need_share == 0:
        raise InputError(
            f"{at} need_share is 0; needed is a share above 0 and up to 1, for example 0.03 for 3"
            " percent"
        )
    if service.supply is None or service.need_share is not None:
        return
    key = "institution_share" if service.supply == "beds" else "nursery_wish"
    if getattr(study.supply, key) == 0:
        raise InputError(
            f"{at} says supply, and [supply] {key} is 0, so that nobody needs any; give it a share"
            " above 0, or need_share under the service"
        )


def _check_levels(study: Study, path: Path) -> None:
    """Every level of units is given once."""
    from quarterhour.sources.units.town_units import level_named  # noqa: PLC0415 - heavy

    given: dict[str, str] = {} if study.towns is None else {"town": "[towns]"}
    for k, part in enumerate(study.units):
        at = f"{path}: [[units]] number {k + 1}"
        if not part.level.strip() or LINE_BREAK.search(part.level):
            raise InputError(f"{at} level is {part.level!r}: a word in one line is needed")
        level = level_named(part.level)
        if level in given:
            raise InputError(
                f"{at} level = {part.level!r} ({part.source}) is there twice: {given[level]} gives"
                " this level already; keep one of them"
            )
        given[level] = f"[[units]] number {k + 1}"


def _check_targets(study: Study, path: Path) -> None:
    """Plans are known, and thresholds and people are of their indicators and groups."""
    part, at = study.targets, f"{path}: [targets]"
    for k, name in enumerate(part.plans):
        if name in part.plans[:k]:
            raise InputError(f"{at} plans names {name!r} twice; leave one out")
    for group, people in part.people.items():
        if not 1 <= people <= MOST_PEOPLE:
            raise InputError(
                f"{at} people.{group} is {people:g}; needed is a number of people from 1 to"
                f" {MOST_PEOPLE:,}"
            )
    for key, value in part.thresholds.items():
        if not math.isfinite(value) or not 0 <= value <= MOST_THRESHOLD:
            raise InputError(
                f"{at} thresholds.{key} is {value:g}; needed is a number from 0 to"
                f" {MOST_THRESHOLD:,}"
            )
    plans, complete = _plans(study, path, at)
    require_one_of_each(plans, at)
    if part.plans and complete:  # without, the plan is named on the command line
        require_thresholds(part.thresholds, plans, at)
    if complete:
        _check_groups(study, plans, at)


def _plans(study: Study, path: Path, at: str) -> tuple[list[Plan], bool]:
    """The plans that can be read, and whether these are all; a word that is no plan is told."""
    plans: list[Plan] = []
    for name in study.targets.plans:
        own = path.parent / name.replace("\\", "/")
        is_word = not re.search(r"[./\\]", name)
        try:
            if name in shipped_plans():
                plans.append(load_plan(name))
            elif own.is_file():
                plans.append(load_plan(own))
            elif is_word:
                _unknown_plan(name, at)
        except (OSError, ValueError) as error:
            if is_word:
                raise
            # what is wrong with a plan of one's own is said when it is read
            del error
    return plans, len(plans) == len(study.targets.plans)


def require_one_of_each(plans: Sequence[Plan], at: str) -> None:
    """Raise `InputError` where two plans have one key: their results could not be told apart."""
    seen: dict[str, str] = {}
    for plan in plans:
        key = plan.plan.key
        if key in seen:
            raise InputError(
                f"{at} plans has two plans with the key {key!r} ({seen[key]} and"
                f" {plan.plan.zh}); give each a key of its own under [plan], or leave one out"
            )
        seen[key] = plan.plan.zh


def _unknown_plan(name: str, at: str) -> None:
    try:
        load_plan(name)
    except InputError as error:
        raise InputError(f"{at} plans: {error}") from error


def require_thresholds(thresholds: dict[str, float], plans: Sequence[Plan], at: str) -> None:
    """Raise `InputError` where a threshold is of no indicator, or above 100 for a percentage.

    The indicators of all shipped plans are known besides those of `plans`.
    """
    if not thresholds:
        return
    every = [*(load_plan(key) for key in shipped_plans()), *plans]
    known = {one.id: one for plan in every for one in plan.indicator}
    for key, value in thresholds.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"{at} thresholds names {key}; no plan has such an indicator: write its id, such"
                f" as Z-02{hint}"
            )
        if value > 100 and all(part.rule in SHARES for part in known[key].part):
            raise InputError(
                f"{at} thresholds.{key} is {value:g}; this indicator is a percentage: needed is a"
                " number from 0 to 100"
            )


def _check_groups(study: Study, plans: Sequence[Plan], at: str) -> None:
    """[targets] people are of groups that the study or one of its plans knows."""
    own = [EVERYONE, *(study.people.groups if study.people else {})]
    asked = [
        getattr(p, "group", None) for plan in plans for one in plan.indicator for p in one.part
    ]
    known = list(dict.fromkeys([*own, *(str(g) for g in asked if g)]))
    for group in study.targets.people:
        if same_group(group, known) is None:
            near = difflib.get_close_matches(group, known, 1, 0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"{at} people names the group {group!r}, which neither [people.groups] nor a plan"
                f" has; known are {', '.join(known)}{hint}"
            )
