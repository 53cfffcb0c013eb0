"""What is wrong with the file of a plan, in one sentence that names indicator and key."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from quarterhour.targets.words import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError


def sentence(error: ValidationError, raw: dict[str, Any], known: Mapping[str, list[str]]) -> str:
    """The first fault in plain words; `known`: keys by section and by rule."""
    faults = error.errors()
    first = min(faults, key=lambda f: f["type"] != "extra_forbidden")
    loc = [p for p in first["loc"] if p not in RULES]
    where, model = _where(loc, raw)
    more = f" ({len(faults) - 1} more after this)" if len(faults) > 1 else ""
    kind, limits = first["type"], first.get("ctx", {})
    if kind == "extra_forbidden":
        rule = next((str(p) for p in first["loc"] if p in RULES), "")
        allowed = known[rule if model == "part" else model]
        near = difflib.get_close_matches(str(loc[-1]), allowed, 1, 0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"{where}: unknown key; {hint}allowed are {', '.join(allowed)}{more}"
    if kind == "missing":
        return f"{where} is missing{more}"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        rules = ", ".join(RULES)
        found = first["input"].get("rule") if isinstance(first["input"], dict) else None
        return f"{where} rule is {found!r}; allowed are {rules}{more}"
    needed = {
        "greater_than": f"a number above {_plain(limits.get('gt'))} is needed",
        "greater_than_equal": f"a number of {_plain(limits.get('ge'))} or more is needed",
        "less_than_equal": f"a number of at most {_plain(limits.get('le'))} is needed",
        "finite_number": "a finite number is needed",
        "float_type": "a number without quotes is needed",
        "int_type": "a whole number is needed",
        "string_type": "a text in quotes is needed",
        "string_too_short": "a text that is not empty is needed",
        "string_pattern_mismatch": "a word of small letters, figures and _ is needed",
        "bool_type": "true or false is needed",
        "list_type": "a list is needed",
        "too_short": f"a list of at least {limits.get('min_length')} is needed",
        "model_type": "a section with keys is needed",
        "model_attributes_type": "a section with keys is needed",
        "literal_error": f"allowed are {limits.get('expected')}",
    }.get(kind)
    told = first["msg"].removeprefix("Value error, ")
    if needed is None:
        return f"{where}: {told}{more}"
    shown = repr(first["input"])
    return f"{where} is {shown if len(shown) <= 80 else shown[:77] + '...'}: {needed}{more}"


def _plain(limit: object) -> str:
    """A limit without .0, its thousands separated."""
    return f"{limit:,.15g}" if isinstance(limit, (int, float)) else str(limit)


def _where(loc: list[Any], raw: dict[str, Any]) -> tuple[str, str]:
    """A key as the user wrote it, and which section it belongs to."""
    if len(loc) > 1 and loc[0] == "indicator" and isinstance(loc[1], int):
        entries = raw.get("indicator")
        entry = entries[loc[1]] if isinstance(entries, list) and loc[1] < len(entries) else {}
        name = entry.get("id") if isinstance(entry, dict) else None
        label = f"indicator {name}" if isinstance(name, str) else f"[[indicator]] {loc[1] + 1}"
        rest, model = loc[2:], "indicator"
        if len(rest) > 1 and rest[0] == "part":
            label, rest, model = f"{label} part {rest[1] + 1}", rest[2:], "part"
            if len(rest) > 1 and rest[0] == "targets":
                label, rest, model = f"{label} targets (entry {rest[1] + 1})", rest[2:], "targets"
    elif loc and loc[0] == "plan" and len(loc) > 1:
        label, rest, model = "[plan]", loc[1:], "plan"
    else:
        label, rest, model = "", loc, ""
    return " ".join([label, *(str(p) for p in rest)]).strip(), model
