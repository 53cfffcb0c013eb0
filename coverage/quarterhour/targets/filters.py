"""Which rows of a table pass the conditions of a plan: yes, no, or not to be told.

A column that a table does not have leaves its rows undecided; a cell that is empty is a no, and is
counted. Conditions combine as in Kleene's logic: a no decides over what is not known.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from quarterhour.targets.data import Rows

YES = frozenset({"yes", "true", "是", "有", "1", "y", "√", "✓"})
NO = frozenset({"no", "false", "否", "无", "0", "n", "×"})
OPERATORS = ("min", "max", "above", "below", "contains", "not", "filled")
SIGN = re.compile(r"\s*(?:[<>=≤≥≦≧＜＞＝]|!=|不少于|不低于|不超过)")
"""How a text begins that was meant as a comparison of numbers."""
LARGEST = 1e12
NUMBER = re.compile(r"\d+(?:\.\d+)?")
LETTERS = re.compile(r"[aA]{1,5}级?")
FIGURES = {c: k for k, c in enumerate("零一二三四五六七八九十")} | {"两": 2}

Value = bool | Fraction | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One condition of a column; `op`: is, one_of or one of `OPERATORS`."""

    column: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """All of these must hold; of `alternatives` one. Nothing at all lets every row pass.

    Of `known_alternatives` one must hold that can be told, and of `if_known` all that can be told:
    what needs a column that is missing is left out there.
    """

    kinds: tuple[str, ...] = ()
    domain: str = ""
    tests: tuple[Test, ...] = ()
    alternatives: tuple[Filter, ...] = ()
    known_alternatives: tuple[Filter, ...] = ()
    if_known: tuple[Filter, ...] = ()

    @property
    def _inner(self) -> tuple[Filter, ...]:
        return (*self.alternatives, *self.known_alternatives, *self.if_known)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the conditions need, in their order."""
        own = [t.column for t in self.tests]
        return tuple(dict.fromkeys([*own, *(c for f in self._inner for c in f.columns)]))

    @property
    def all_kinds(self) -> tuple[str, ...]:
        """Kinds that any condition names."""
        inner = (k for f in self._inner for k in f.all_kinds)
        return tuple(dict.fromkeys([*self.kinds, *inner]))

    @property
    def domains(self) -> tuple[str, ...]:
        """Domains that any condition names."""
        inner = (d for f in self._inner for d in f.domains)
        return tuple(dict.fromkeys([*([self.domain] if self.domain else []), *inner]))


@dataclass(slots=True, kw_only=True)
class Judged:
    """`yes` per row; `open`: rows that a missing column leaves undecided.

    `missing`: (table, column) pairs that do; `blank`: rows with an empty cell by table and column;
    `left_out`: pairs for want of which a condition was left out.
    """

    yes: list[bool]
    open: list[bool]
    missing: dict[tuple[int, str], None]
    blank: dict[tuple[int, str], list[int]]
    left_out: dict[tuple[int, str], None]


def parse(raw: Mapping[str, Any]) -> Filter:
    """The conditions of a table of a plan file.

    Raises
    ------
    ValueError
        A condition that is none; the message says which and what is allowed.
    """
    if not isinstance(raw, dict):
        raise ValueError("a table of conditions in braces { } is needed")  # noqa: TRY004 - pydantic
    kinds: tuple[str, ...] = ()
    domain = ""
    tests: list[Test] = []
    several: dict[str, tuple[Filter, ...]] = {}
    for key, value in raw.items():
        if key == "kinds":
            kinds = _texts(key, value)
        elif key == "domain":
            if value not in {"elderly", "childcare", "both", "other"}:
                raise ValueError(
                    f"domain is {value!r}; allowed are elderly, childcare, both and other"
                )
            domain = value
        elif key in {"any", "any_known"}:
            if not isinstance(value, list) or not value:
                raise ValueError(f"{key} needs a list of tables of conditions: [ {{ ... }}, ... ]")
            several[key] = tuple(parse(v) for v in value)
        elif key == "if_known":
            if not isinstance(value, dict) or not value:
                raise ValueError("if_known needs a table of conditions: { ... }")
            several[key] = tuple(parse({k: v}) for k, v in value.items())
        else:
            tests += _tests(key, value)
    return Filter(
        kinds=kinds,
        domain=domain,
        tests=tuple(tests),
        alternatives=several.get("any", ()),
        known_alternatives=several.get("any_known", ()),
        if_known=several.get("if_known", ()),
    )


def _texts(key: str, value: object) -> tuple[str, ...]:
    many = [value] if isinstance(value, str) else value
    if not isinstance(many, list) or not many or not all(isinstance(v, str) and v for v in many):
        raise ValueError(f"{key} is {value!r}; a list of texts in quotes is needed")
    for text in many:
        if SIGN.match(text):
            raise ValueError(
                f"{key} is {text!r}, a text that begins with a sign; of numbers write for example"
                f" {key.split(maxsplit=1)[0]} = {{ min = 100 }}, with min, max, above or below"
            )
    return tuple(many)


def _tests(column: str, value: object) -> list[Test]:
    if isinstance(value, bool):
        return [Test(column=column, op="is", value=value)]
    if isinstance(value, (int, float)):
        return [Test(column=column, op="is", value=_number(column, value))]
    if isinstance(value, str):
        return [Test(column=column, op="one_of", value=_texts(column, value))]
    if isinstance(value, list):
        return [Test(column=column, op="one_of", value=_texts(column, value))]
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{column} is {value!r}; a value or a table of conditions is needed")
    found = []
    for op, limit in value.items():
        if op not in OPERATORS:
            raise ValueError(
                f"{column} has the condition {op!r}; allowed are {', '.join(OPERATORS)}"
            )
        if op in {"contains", "not"}:
            found.append(Test(column=column, op=op, value=_texts(f"{column} {op}", limit)))
        elif op == "filled":
            if not isinstance(limit, bool):
                raise ValueError(f"{column} filled is {limit!r}; true or false is needed")
            found.append(Test(column=column, op=op, value=limit))
        else:
            if isinstance(limit, bool) or not isinstance(limit, (int, float)):
                raise ValueError(f"{column} {op} is {limit!r}; a number without quotes is needed")
            found.append(Test(column=column, op=op, value=_number(f"{column} {op}", limit)))
    return found


def _number(key: str, value: float) -> Fraction:
    if not abs(value) <= LARGEST:
        raise ValueError(f"{key} is {value!r}; a number of at most {LARGEST:,.0f} is needed")
    return exact(value)


def exact(value: float) -> Fraction:
    """The number as it is written: 4.55 is 455/100, not the float next to it."""
    return Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)


def empty(value: object) -> bool:
    """Whether a cell says nothing."""
    return value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))


def number_of(value: object) -> Fraction | None:
    """The number of a cell: 300, 三星级, ★★★ and AAA (3); None where it holds none."""
    if empty(value):
        return None
    if isinstance(value, (int, float)):
        return exact(float(value))
    text = str(value)
    digits = NUMBER.search(text)
    if digits is not None:
        return Fraction(digits[0])
    if "★" in text:
        return Fraction(text.count("★"))
    if LETTERS.fullmatch(text.strip()):
        return Fraction(text.upper().count("A"))
    return next((Fraction(FIGURES[c]) for c in text if c in FIGURES), None)


def _holds(value: object, test: Test) -> bool:
    """Whether a filled cell fulfils a condition."""
    wanted = test.value
    text = str(value).strip().casefold()
    if isinstance(wanted, bool):
        if test.op == "filled":
            return wanted
        if isinstance(value, (int, float)):
            return (value != 0) == wanted
        return text in (YES if wanted else NO)
    if isinstance(wanted, tuple):
        words = [w.casefold() for w in wanted]
        if test.op == "contains":
            return any(w in text for w in words)
        return not any(w in text for w in words) if test.op == "not" else text in words
    number = number_of(value)
    if number is None or isinstance(wanted, str):
        return False
    return {
        "is": number == wanted,
        "min": number >= wanted,
        "max": number <= wanted,
        "above": number > wanted,
        "below": number < wanted,
    }[test.op]


def judge(condition: Filter, rows: Rows, among: Iterable[int]) -> Judged:
    """The rows `among` that pass; those not among are neither yes nor open."""
    n = len(rows)
    result = Judged(yes=[False] * n, open=[False] * n, missing={}, blank={}, left_out={})
    for k in among:
        seen = _Seen()
        verdict = _row(condition, rows, k, seen)
        result.yes[k] = verdict is True
        result.open[k] = verdict is None
        if verdict is None:
            result.missing.update(dict.fromkeys(seen.missing))
        elif verdict is False:
            for at in dict.fromkeys(seen.blank):
                result.blank.setdefault(at, []).append(k)
        else:
            result.left_out.update(dict.fromkeys(seen.left_out))
    return result


@dataclass(slots=True)
class _Seen:
    """Tables and columns met with one row."""

    missing: list[tuple[int, str]] = field(default_factory=list)
    blank: list[tuple[int, str]] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def _row(condition: Filter, rows: Rows, k: int, seen: _Seen) -> bool | None:
    """True, False, or None where a column that decides is missing."""
    table = rows.table[k]
    verdicts: list[bool | None] = []
    # what a row is comes first: of another kind, its empty cells say nothing
    if condition.kinds or condition.domain:
        own = _is_of(condition, rows, k)
        if own is False:
            return False
        verdicts.append(own)
        if own is None:
            seen.missing.append((table, "kind"))
    inner = _Seen(left_out=seen.left_out)
    for test in condition.tests:
        if test.column not in rows.columns[table]:
            verdicts.append(None)
            inner.missing.append((table, test.column))
            continue
        value = rows.values[test.column][k]
        if empty(value):
            inner.blank.append((table, test.column))
            verdicts.append(test.op == "filled" and test.value is False)
        else:
            verdicts.append(_holds(value, test))
    if condition.alternatives:
        found = [_row(f, rows, k, inner) for f in condition.alternatives]
        verdicts.append(True if True in found else None if None in found else False)
    if condition.known_alternatives:
        verdicts.append(_known(condition.known_alternatives, rows, k, inner))
    for one in condition.if_known:
        verdict = _known((one,), rows, k, inner, may_lack=True)
        verdicts.append(verdict)
    seen.missing += inner.missing
    if False not in verdicts:
        return None if None in verdicts else True
    # an empty cell is told where nothing but it stands in the way
    if sum(v is False for v in verdicts) <= len(inner.blank):
        seen.blank += inner.blank
    return False


def _known(
    several: tuple[Filter, ...], rows: Rows, k: int, seen: _Seen, *, may_lack: bool = False
) -> bool | None:
    """Whether one holds of those whose columns are there; None (or True) where none are."""
    verdicts = []
    missing: list[tuple[int, str]] = []
    for one in several:
        inner = _Seen(left_out=seen.left_out)
        verdicts.append(_row(one, rows, k, inner))
        missing += inner.missing if verdicts[-1] is None else []
        seen.blank += inner.blank
    told = [v for v in verdicts if v is not None]
    if not told and not may_lack:
        seen.missing += missing
        return None
    seen.left_out += missing
    return True in told if told else True


def _is_of(condition: Filter, rows: Rows, k: int) -> bool | None:
    kinds, domains = rows.kinds[k], rows.domains[k]
    if not kinds and "kind" not in rows.columns[rows.table[k]]:
        return None
    if condition.kinds and not kinds.intersection(condition.kinds):
        return False
    return not condition.domain or condition.domain in domains
