"""Tables of answers laid out anew for a briefing: parts beside each other, evidence in a word."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from quarterhour.inputs import Note
from quarterhour.render.values import verdict_of
from quarterhour.tabular import Column

if TYPE_CHECKING:
    from quarterhour.tabular import Table

MOST_NAMES: Final = 2
"""Names of units or facilities that are given as evidence."""

LONGEST: Final = 40
"""Signs of a reason in the briefing; report.xlsx has all of it."""

_END = re.compile(r"[；。;]|\. |[，：]请在|，需要 \[|: add |: needs \[")
"""Where the first sentence ends, or where it turns to what must be written in the study file."""

_KEY = re.compile(r" ?[（(][a-z_0-9]+[）)]")


def _note(value: Any) -> Note:  # noqa: ANN401 - a text, a note or None
    return value if isinstance(value, Note) else Note(str(value or ""), str(value or ""))


def meanings_beside(table: Table) -> Table:
    """Each meaning in one row, the whole area, urban and rural shares beside each other.

    Amounts are those of the whole area, which is the first part; a meaning that the study has no
    data for is told by its note only. Definitions and where they come
    from follow as notes, each once, with the meanings that they define.
    """
    keys = [column.key for column in table.columns]
    at = {key: keys.index(key) for key in ("meaning", "part", "minutes", "numerator",
                                           "denominator", "unit", "share", "definition",
                                           "source")}  # fmt: skip
    parts = list(dict.fromkeys(row[at["part"]] for row in table.rows))
    by_meaning: dict[Any, dict[Any, tuple[Any, ...]]] = {}
    for row in table.rows:
        by_meaning.setdefault(row[at["meaning"]], {})[row[at["part"]]] = row
    minutes = {
        part: next((_note(r[at["minutes"]]) for r in table.rows
                    if r[at["part"]] == part and r[at["minutes"]]), None)
        for part in parts
    }  # fmt: skip
    rows = []
    for meaning, found in by_meaning.items():
        whole = found.get(parts[0], next(iter(found.values())))
        if all(row[at["denominator"]] is None for row in found.values()):
            continue  # what is missing is told by its note
        shares = (found[p][at["share"]] if p in found else None for p in parts)
        cells = (whole[at[key]] for key in ("numerator", "denominator", "unit"))
        rows.append((meaning, *cells, *shares))
    defined: dict[tuple[Note, Note], list[Note]] = {}
    for row in table.rows:
        if row[at["definition"]] is not None:
            pair = _note(row[at["definition"]]), _note(row[at["source"]])
            named = defined.setdefault(pair, [])
            named += [_note(row[at["meaning"]])] * (_note(row[at["meaning"]]) not in named)
    notes = [
        Note(
            f"{'、'.join(n.zh for n in named)}：{what.zh}" + (f"。{of.zh}" if of.zh else ""),
            f"{', '.join(n.en for n in named)}: {what.en}" + (f". {of.en}" if of.en else ""),
        )
        for (what, of), named in defined.items()
    ]
    heads = [
        table.columns[at["meaning"]],
        table.columns[at["numerator"]]._replace(form="people"),  # whole people, hectares, units
        table.columns[at["denominator"]]._replace(form="people"),
        table.columns[at["unit"]],
    ]
    for k, part in enumerate(parts):
        name, after = _note(part), minutes[part]
        zh, en = name.zh, name.en
        if after is not None and after.zh:
            zh, en = f"{zh} {after.zh} 分钟", f"{en}, {after.en} min"
        heads.append(Column(f"share_{k}", zh, en, "percent"))
    return replace(
        table, columns=tuple(heads), rows=tuple(rows), notes=(*notes, *table.notes), total=0
    )


def targets_with_evidence(table: Table, evidence: Table | None) -> Table:
    """The indicators with value and unit, target, distance and the first evidence."""
    keys = [column.key for column in table.columns]
    at = {key: k for k, key in enumerate(keys)}
    if not {"plan", "id", "indicator", "result", "why"} <= set(at):
        return table
    names = _names(evidence)
    seen: dict[tuple[Any, Any], int] = {}
    kept = [k for k in ("plan", "id", "indicator", "result", "value", "target", "distance", "unit",
                        "year") if k in at]  # fmt: skip
    rows = []
    for row in table.rows:
        key = (row[at["plan"]], row[at["id"]])
        seen[key] = seen.get(key, 0) + 1
        found = verdict_of(row[at["result"]])
        said: Note | None = None
        if found is None or found[0] == "unknown":
            said = _first(_note(row[at["why"]]))
        elif found[0] == "fail":
            more = row[at["more"]] if "more" in at else None
            said = _lacking(_note(more) if more else None, names.get((*key, seen[key]), []))
        cells = (row[at[k]] for k in kept)
        rows.append((*(_joined(c) for c in cells), said))
    columns = (*(table.columns[at[k]] for k in kept), Column("evidence", "依据", "Evidence"))
    return replace(table, columns=columns, rows=tuple(rows), total=0)


def _joined(value: Any) -> Any:  # noqa: ANN401 - whatever a table holds
    """A target such as ≥ 9,830 with a space that no line breaks at."""
    is_target = isinstance(value, str) and value[:1] in "≥≤=<>"
    return value.replace(" ", "\u00a0") if is_target else value


def _names(evidence: Table | None) -> dict[tuple[Any, Any, int], list[str]]:
    """Names of the units that miss a target, by plan, indicator and part of it."""
    found: dict[tuple[Any, Any, int], list[str]] = {}
    if evidence is None:
        return found
    at = {column.key: k for k, column in enumerate(evidence.columns)}
    for row in evidence.rows:
        if not _note(row[at["role"]]).en.startswith("counted"):
            key = (row[at["plan"]], row[at["id"]], int(row[at["part"]] or 1))
            found.setdefault(key, []).append(str(row[at["name"]] or ""))
    return found


def _lacking(more: Note | None, names: list[str]) -> Note | None:
    """What is missing, and the first names of those that miss it."""
    some = [name for name in names if name][:MOST_NAMES]
    if not some:
        return None if more is None else Note(f"差 {more.zh}", f"short of {more.en}")
    zh, en = "、".join(some), ", ".join(some)
    if len(names) > len(some):
        zh, en = f"{zh}等", f"{en} and others"
    return Note(zh, en) if more is None else Note(f"{more.zh}：{zh}", f"{more.en}: {en}")


def _first(why: Note) -> Note:
    """The first sentence of a reason, no longer than a briefing can hold."""

    def cut(text: str, most: int) -> str:
        first = _KEY.sub("", _END.split(text, maxsplit=1)[0]).strip()
        return first if len(first) <= most else first[: most - 1] + "…"

    return Note(cut(why.zh, LONGEST), cut(why.en, 2 * LONGEST))
