"""What is wrong with a study file, in one sentence that names the key as the user wrote it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from quarterhour.study_file.parts import MANY, PARTS

if TYPE_CHECKING:
    from pydantic import ValidationError


def sentence(error: ValidationError, raw: dict[str, Any]) -> str:
    """The first fault in plain words, and how many there are."""
    faults = error.errors()
    # an unknown key explains more than the missing one it was meant to be
    first = min(faults, key=lambda f: f["type"] != "extra_forbidden")
    loc = [
        p
        for p in first["loc"]
        if not (isinstance(p, str) and ("[" in p or p in {"float", "str", "bool"}))
    ]
    where = _where(loc, raw)
    more = f" ({len(faults) - 1} more after this)" if len(faults) > 1 else ""
    kind, found = first["type"], first["input"]
    if kind == "extra_forbidden":
        names = [str(p) for p in loc[:-1] if isinstance(p, str)]
        section = ".".join(names) if ".".join(names) in PARTS else next(iter(names), "")
        known = list(PARTS[section].model_fields) if section in PARTS else []
        key = str(loc[-1])
        near = difflib.get_close_matches(key, known, 1, 0.5)
        homes = [_label(s) for s, part in PARTS.items() if s and key in part.model_fields]
        hint = f"did you mean {near[0]!r}? " if near else ""
        if homes:
            hint = f"it belongs under {' or '.join(homes)}; "
        return f"unknown key {where}; {hint}allowed are {', '.join(known)}{more}"
    if kind == "missing":
        always = len(loc) == 1 or loc[0] in {"study", "roads", "service"}
        needs = "every study needs it" if always else "its part needs it: add it, or leave all out"
        return f"{where} is missing; {needs}{more}"
    message = first["msg"].removeprefix("Value error, ")
    limits = first.get("ctx", {})
    needed = {
        "greater_than": "a number above 0 is needed",
        "greater_than_equal": f"a number of {_plain(limits.get('ge'))} or more is needed",
        "less_than_equal": f"a number of at most {_plain(limits.get('le'))} is needed",
        "finite_number": "a finite number is needed",
        "float_type": "a number without quotes is needed",
        "string_type": "a text in quotes is needed",
        "string_too_short": "a text that is not empty is needed",
        "bool_type": "true or false is needed",
        "list_type": "a list in brackets [ ] is needed",
        "too_short": f"a list of at least {limits.get('min_length')} is needed",
        "too_long": f"a list of at most {limits.get('max_length')} is needed",
        "dict_type": "a section with keys is needed",
        "model_type": "a section with keys is needed",
        "literal_error": f"allowed are {limits.get('expected')}",
    }.get(kind, message[:1].lower() + message[1:])
    shown = repr(found)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return f"{where} is {shown}: {needed}{more}"


def _plain(limit: Any) -> str:  # noqa: ANN401 - a number of any kind
    """A limit without needless decimals: 1 and not 1.0."""
    return f"{limit:,.10g}" if isinstance(limit, float) else f"{limit:,}" if limit else f"{limit}"


def _label(section: str) -> str:
    return f"[[{section}]]" if section in MANY else f"[{section}]"


def _where(loc: list[Any], raw: dict[str, Any]) -> str:
    """A key as the user wrote it: [roads] source, [[service]] number 2 (托育) walker."""
    if len(loc) < 2:
        return _label(str(loc[0])) if loc and loc[0] in PARTS else str(loc[0] if loc else "file")
    section, *rest = loc
    if rest and f"{section}.{rest[0]}" in PARTS and len(rest) > 1:
        section, *rest = (f"{section}.{rest[0]}", *rest[1:])
    label = _label(str(section))
    if section in MANY and isinstance(rest[0], int):
        number, *rest = rest
        entries = raw.get(section, [])
        entry = entries[number] if isinstance(entries, list) and number < len(entries) else {}
        name = entry.get("name") if isinstance(entry, dict) else None
        label += f" number {number + 1}" + (f" ({name})" if name else "")
    entry_of = [f"(entry {p + 1})" if isinstance(p, int) else f".{p}" for p in rest]
    return " ".join([label, " ".join(entry_of).replace(" .", ".").removeprefix(".")]).strip()


WIDE_SIGNS = {"“": '"', "”": '"', "‘": "'", "’": "'", "＂": '"', "＝": "=", "，": ",", "【": "[",
              "】": "]", "［": "[", "］": "]", "｛": "{", "｝": "}", "＃": "#"}  # fmt: skip
"""Signs of a Chinese keyboard that are taken for those of TOML."""


def toml_hint(error: Exception, text: str) -> str:
    """What is likely wrong with the faulty line: a backslash in a path, or a Chinese sign."""
    at = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines()
    if at is None or int(at[1]) > len(lines):
        return ""
    line = lines[int(at[1]) - 1]
    bare = re.sub(r'"[^"]*"|#.*', "", line)  # what stands in straight quotes may be any sign
    wide = next((sign for sign in bare if sign in WIDE_SIGNS), None)
    if wide is not None:
        return f"; write {WIDE_SIGNS[wide]} instead of {wide}, with the keyboard set to English"
    return "; write paths with / instead of a backslash" if "\\" in line else ""
