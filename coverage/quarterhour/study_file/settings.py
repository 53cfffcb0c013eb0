"""The study file: what it may say, checked before anything is read."""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from quarterhour.errors import InputError
from quarterhour.inputs import EVERYONE
from quarterhour.study_file.parts import MANY, PARTS, TAKEN, Study
from quarterhour.study_file.settings_answers import check_answers, check_names
from quarterhour.study_file.words import sentence, toml_hint
from quarterhour.walkers import check_cutoffs, walker

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PARTS", "STAND_INS", "Study", "input_path", "load_study"]


def load_study(path: Path) -> Study:
    """The checked study file.

    Raises
    ------
    InputError
        The file is missing or not TOML, or a key is unknown, missing or has a value that is not
        allowed. The message names the key, what was found and what is allowed.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; needed is a study file such as study.toml")
    if not path.exists():
        raise InputError(f"{path}: file not found; needed is a study file (study.toml)")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save the study file as UTF-8") from error
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); check its permissions"
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid TOML: {error}{toml_hint(error, text)}") from error
    if not raw:
        raise InputError(
            f"{path}: the study file is empty; needed are [study], [roads], [[service]]"
        )
    for name in PARTS.keys() & raw.keys():
        many = isinstance(raw[name], list)
        if name in MANY and isinstance(raw[name], dict):
            raise InputError(f"{path}: found [{name}]; write [[{name}]], once for every {name}")
        if name not in MANY and many:
            raise InputError(f"{path}: found [[{name}]]; write [{name}], which a study has once")
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise InputError(f"{path}: {sentence(error, raw)}") from error
    study = _with_plans(study)
    _check(study, path)
    return study


def _with_plans(study: Study) -> Study:
    """The study with the plans of [study] among those of [targets]."""
    more = [name for name in study.study.plan if name not in study.targets.plans]
    if not more:
        return study
    targets = study.targets.model_copy(update={"plans": [*study.targets.plans, *more]})
    return study.model_copy(update={"targets": targets})


def input_path(home: Path, name: str) -> Path:
    """The file that a study in the folder `home` names; backslashes are separators, too.

    Raises
    ------
    InputError
        No file can have this name.
    """
    if any(ord(letter) < 32 for letter in name) or len(name) > 1000:
        raise InputError(
            f"{name[:100]!r} cannot be the name of a file; in a study file a backslash in double"
            " quotes starts a special character: write paths with /"
        )
    path = home / name
    try:
        if "\\" in name and not path.exists():
            return home / name.replace("\\", "/")
        path.exists()
    except OSError as error:
        raise InputError(f"{path}: cannot be the name of a file ({error.strerror})") from error
    return path


def _check(study: Study, path: Path) -> None:
    """What one part says about another."""
    lower: dict[str, str] = {}
    for group, value in study.people.groups.items() if study.people else ():
        at = f"{path}: [people] groups.{group}"
        percent = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*[%％]\s*", str(value))
        if percent is not None:
            raise InputError(
                f"{at} is {value!r}: a share between 0 and 1 without quotes is needed;"
                f" {percent[1]} percent is {float(percent[1]) / 100:g}"
            )
        if group == EVERYONE:
            raise InputError(f"{at}: {EVERYONE} is everyone already; choose another name")
        if not group.strip() or group.lower() in TAKEN:
            raise InputError(f"{at}: this name is a column of the results; choose another")
        if group.lower() in lower:
            raise InputError(f"{at}: differs from {lower[group.lower()]} only by its capitals")
        lower[group.lower()] = group
    if study.study.tiles is not None:
        from quarterhour.render.map.html import tile_source  # noqa: PLC0415 - only for online maps

        try:
            tile_source(study.study.tiles)
        except InputError as error:
            raise InputError(f"{path}: [study] {error}") from error
    _check_public(study, path)
    for k, name in enumerate(study.study.walkers):
        if name in study.study.walkers[:k]:
            raise InputError(f"{path}: [study] walkers names {name!r} twice; leave one out")
        try:
            walker(name)
        except InputError as error:
            raise InputError(f"{path}: [study] walkers: {error}") from error
    ways = {k: getattr(study.roads, k) for k in ("source", "place", "bbox")}
    given = [k for k, v in ways.items() if v is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise InputError(
            f"{path}: [roads] needs exactly one of source, place and bbox; found {found}"
        )
    _check_people(study, path)
    check_names([s.name for s in study.scenario], "scenario", path)
    check_names([s.name for s in study.service], "service", path)
    for k, service in enumerate(study.service):
        at = f"{path}: [[service]] number {k + 1} ({service.name})"
        if len(set(service.cutoffs_min)) < len(service.cutoffs_min):
            raise InputError(f"{at}: cutoffs_min names a cutoff twice: {service.cutoffs_min}")
        try:
            check_cutoffs(service.who(), tuple(service.cutoffs_min))
            if service.rural_cutoff_min is not None:
                check_cutoffs(service.who(), (service.rural_cutoff_min,))
        except InputError as error:
            raise InputError(f"{at}: {error}") from error
        if service.inside_min >= service.cutoffs_min[-1]:
            raise InputError(
                f"{at}: inside_min is {service.inside_min:g} and the last of cutoffs_min is"
                f" {service.cutoffs_min[-1]:g}: nobody could get there in time"
            )
        if service.inside_min and service.who().rule_m:
            raise InputError(
                f"{at}: inside_min adds minutes, and the walker {service.walker!r} is a rule of"
                " metres: leave one of them out"
            )
        if service.place_by_town and study.towns is None:
            raise InputError(
                f"{at}: place_by_town needs the polygons of the towns; add [towns] with a source"
            )
        if service.rural_cutoff_min is not None and study.urban is None:
            raise InputError(
                f"{at}: rural_cutoff_min needs to know what is urban; add [urban] with a source"
            )
        if (
            service.rural_cutoff_min is not None
            and service.rural_cutoff_min < service.cutoffs_min[-1]
        ):
            raise InputError(
                f"{at}: rural_cutoff_min is {service.rural_cutoff_min:g}, and in urban places the"
                f" last of cutoffs_min counts, {service.cutoffs_min[-1]:g}: needed is at least as"
                " much"
            )
        groups = ["all", *(study.people.groups if study.people else {})]
        if service.group not in groups:
            near = difflib.get_close_matches(service.group, groups, 1, 0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(
                f"{at}: group {service.group!r} is not in [people.groups]; known are"
                f" {', '.join(groups)}{hint}"
            )
    check_answers(study, path)


def _check_public(study: Study, path: Path) -> None:
    """A map that may leave the house: before the long work, not after it."""
    from quarterhour.render.map.approval import require_approval  # noqa: PLC0415 - a drawer

    parts = (("[study] area", study.study.area), ("[districts]", study.districts))
    try:
        require_approval(
            public=study.study.public,
            approval_no=study.study.approval_no,
            boundaries=study.study.boundaries,
            drawn=[name for name, part in parts if part is not None],
            tiles=study.study.tiles is not None,
        )
    except InputError as error:
        raise InputError(f"{path}: [study] {error}") from error


def _check_people(study: Study, path: Path) -> None:
    """What [people] needs of the other parts."""
    people = study.people
    if people is None:
        return
    at = f"{path}: [people]"
    if people.totals is None:
        for source in STAND_INS:
            if people.source == source:
                raise InputError(
                    f'{at} source = "{source}" says where people live, not how many; add'
                    " [people.totals] with a table of totals"
                )
        if people.weight is not None:
            raise InputError(
                f"{at} weight says how totals are spread, and there is no [people.totals]; add it,"
                " or leave weight out"
            )
    elif people.totals.areas is None and study.towns is None:
        raise InputError(
            f"{at[:-1]}.totals] needs the polygons of its units; name them with areas, or add"
            " [towns]"
        )
    if people.source == "residential" and study.residential is None:
        raise InputError(f'{at} source = "residential" needs [residential]; add it')


STAND_INS = ("residential", "buildings")
"""Values of [people] source that stand for areas of the study, not for a file."""
