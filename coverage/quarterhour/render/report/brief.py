"""What a printed briefing shows of a table: some columns, some rows, and what stands elsewhere.

A table of a known key has a rule; any other shows its first rows and as many columns as a page of
A4 holds. Nothing is lost: the whole tables are in report.xlsx, and the briefing says where.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from quarterhour.inputs import Note
from quarterhour.render.report.brief_pivot import meanings_beside, targets_with_evidence
from quarterhour.render.values import decimals_of, shown, value_of, verdict_of, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.tabular import Column, Table

MOST_ROWS: Final = 15
"""Rows of a table, or of each part of it, in the briefing. Totals are always shown."""

PLACES: Final = 122
"""Signs of a table's font beside each other on a page of A4; Chinese signs take two."""

PAD: Final = 2
"""Places between two columns."""

WIDEST: Final = 46
"""What a column asks for at most; longer texts take several lines."""


_BRIEF_ZH, _BRIEF_EN, _BESIDE, _CHINESE = 20, 28, 12, 0x2E7F
_ONE_LINE: Final = 14
"""Places of a heading that is not broken where there is room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a table is shortened.

    `keep`: beginnings of the keys of the columns that are shown, in the table's order; none for
    all. `most`: rows of each part. `by`: the rows with most of this column. `apart`: a part for
    each value of this column. `once`: one row for each value of this column. `needs`: rows without
    a value in this column are left out. `picture`: whether its figure is shown. `out`: the table
    stands in report.xlsx only.
    """

    keep: tuple[str, ...] = ()
    most: int = MOST_ROWS
    by: str = ""
    apart: str = ""
    once: str = ""
    needs: str = ""
    picture: bool = False
    out: bool = False


OUT = Rule(out=True)
RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("summary", Rule(apart="service", most=18)),
    ("meanings", Rule(most=20)),
    ("uncovered_areas", Rule(
        apart="service", by="people",
        keep=("name", "town", "status", "people", "everyone", "minutes", "nearest", "reason"),
    )),
    ("gap_reasons", Rule(apart="service", keep=("group", "reason", "gaps", "people", "share"),
                         picture=True)),
    ("gaps_full", OUT),
    ("gaps", Rule(apart="service", needs="rank",
                  keep=("name", "people", "everyone", "reason", "nearest", "minutes", "detour"))),
    ("redundancy", Rule(once="cutoff")),
    ("facilities", Rule(by="unique", needs="unique", keep=(
        "name", "kind", "reached", "unique", "farther", "extra", "beds", "places",
    ))),
    ("capacity", Rule(keep=("capacity", "group", "amount", "people", "per_1000", "facilities"))),
    ("supply", Rule()),
    ("supply_access", OUT),
    ("supply_facilities", OUT),
    ("tiers", Rule(keep=("tier", "share", "need", "supply", "gap", "met"))),
    ("equity_units", Rule(keep=("level", "lowest", "highest", "gini", "nobody"))),
    ("equity", Rule(keep=("group", "covered", "fewest", "most", "gini", "minutes", "without",
                          "worst_minutes"))),
    ("target_evidence", OUT),
    ("targets", Rule(apart="plan", most=200, picture=True)),
    ("timeline", Rule(most=20, picture=True)),
    ("set_aside", Rule(most=10, keep=("file", "sheet", "row", "name", "reason", "detail"))),
    ("changes", Rule(most=10, keep=("file", "sheet", "row", "name", "kind", "detail"))),
    ("method", Rule(most=60)),
)  # fmt: skip
"""Beginnings of keys and their rules; the first that fits holds."""

_UNITS = Rule(by="uncovered", picture=True, most=20, keep=(
    "unit", "total", "covered", "uncovered", "unlinked", "share", "land_share", "facilities",
    "beds", "places",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows under a heading of their own, which is None where the table has one part only."""

    name: Any
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A table as it is printed; `left_rows` and `left_columns` stand in report.xlsx only.

    `by`: the column by which the rows were chosen, None for the first rows. `widths`: of each
    column in places.
    """

    table: Table
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    left_rows: int
    left_columns: int
    by: Column | None
    picture: bool
    widths: tuple[float, ...]

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """All rows that are printed, part by part."""
        return [row for part in self.parts for row in (*part.rows, *part.totals)]


def briefs_of(tables: Sequence[Table], language: str) -> dict[str, Brief | None]:
    """What is printed of each table, by key; None for those that stand in report.xlsx only."""
    by_key = {table.key: table for table in tables}
    shown_units = _levels(tables)
    out: dict[str, Brief | None] = {}
    for table in tables:
        rule = rule_of(table.key)
        if rule is _UNITS and table.key not in shown_units:
            rule = OUT
        given = table
        if table.key.startswith("meanings"):
            given = meanings_beside(table)
            rule = rule if given.rows else OUT
        elif table.key == "targets":
            given = targets_with_evidence(table, by_key.get("target_evidence"))
        out[table.key] = None if rule.out else shortened(given, rule, language, of=table)
    return out


def rule_of(key: str) -> Rule:
    """The rule of a table's key; one that shows the first rows where there is none."""
    if key.startswith("by_"):
        return OUT if "_people" in key else _UNITS
    for start, rule in RULES:
        if key == start or (key.startswith(start + "_") and key[len(start) + 1 :].isdigit()):
            return rule
    return Rule(picture=True)


def _levels(tables: Sequence[Table]) -> set[str]:
    """Towns, counties where there are several, and another level only where neither is known."""
    found: set[str] = set()
    services: dict[str, list[Table]] = {}
    for table in tables:
        if rule_of(table.key) is _UNITS:
            services.setdefault(table.key.rsplit("_", 1)[-1], []).append(table)
    for levels in services.values():
        several = [t for t in levels if len(t.rows) - t.total > 1]
        first = [t.key for t in several if t.key.startswith(("by_town", "by_county"))]
        found.update(first or [t.key for t in (several or levels)[:1]])
    return found


def shortened(table: Table, rule: Rule, language: str, *, of: Table | None = None) -> Brief:
    """The rows and columns that a rule leaves, no wider than a page.

    `of`: the table as it stands in report.xlsx, where `table` was made from it.
    """
    whole = table if of is None else of
    keys = [column.key for column in table.columns]
    body = list(table.rows[: len(table.rows) - table.total])
    totals = table.rows[len(table.rows) - table.total :]
    if rule.needs in keys:
        at = keys.index(rule.needs)
        body = [row for row in body if row[at] is not None]
    if rule.once in keys:
        at = keys.index(rule.once)
        body = list({str(row[at]): row for row in reversed(body)}.values())[::-1]
    apart = keys.index(rule.apart) if rule.apart in keys else None
    names = list(dict.fromkeys(row[apart] for row in body)) if apart is not None else [None]
    by = keys.index(rule.by) if rule.by in keys else None
    parts, sorted_ = [], False
    for name in names or [None]:
        rows = [row for row in body if apart is None or row[apart] == name]
        if by is not None and len(rows) > rule.most:
            rows = [row for row in rows if isinstance(row[by], int | float)]
            rows.sort(key=lambda row: -float(row[by]))
            sorted_ = True
        last = totals if name == (names or [None])[-1] else ()
        parts.append(Part(name=name, rows=tuple(rows[: rule.most]), totals=tuple(last)))
    parts = [part for part in parts if part.rows or part.totals]
    kept = _columns(table, rule, apart, parts)
    kept, widths = _fitting(table, kept, parts, language)
    chosen = tuple(
        replace(
            part,
            rows=tuple(tuple(row[k] for k in kept) for row in part.rows),
            totals=tuple(tuple(row[k] for k in kept) for row in part.totals),
        )
        for part in parts
    )
    n = sum(len(part.rows) + len(part.totals) for part in parts)
    left = len(whole.columns) - len(kept) - (apart is not None)
    return Brief(
        table=whole if of is None else replace(whole, notes=table.notes),
        columns=tuple(table.columns[k] for k in kept),
        parts=chosen,
        left_rows=max(len(table.rows) - n, 0),
        left_columns=max(left, 0) if of is None or of is table else 1,  # laid out anew
        by=table.columns[by] if by is not None and sorted_ else None,
        picture=rule.picture,
        widths=tuple(widths),
    )


def _columns(table: Table, rule: Rule, apart: int | None, parts: Sequence[Part]) -> list[int]:
    """The columns that a rule keeps and that say something in the rows that are shown."""
    rows = [row for part in parts for row in (*part.rows, *part.totals)]
    kept = []
    for k, column in enumerate(table.columns):
        if k == apart or (k and rule.keep and not _kept(column.key, rule.keep)):
            continue
        if rows and k and all(row[k] is None or row[k] == "" for row in rows):
            continue
        kept.append(k)
    ratios = [k for k in kept if "_per_1000_" in table.columns[k].key]
    return [k for k in kept if k not in ratios[1:]] or [0]  # of the group, not of everybody


def _kept(key: str, starts: Sequence[str]) -> bool:
    return any(key == s or (s in {"beds", "places", "lowest", "highest"} and key.startswith(s))
               for s in starts)  # fmt: skip


def _fitting(
    table: Table, kept: list[int], parts: Sequence[Part], language: str
) -> tuple[list[int], list[float]]:
    """The columns that fit on a page beside each other, and the width of each in places."""
    rows = [row for part in parts for row in (*part.rows, *part.totals)]
    tongue = "zh" if language == "both" else language
    sizes: dict[int, tuple[float, float]] = {}
    for k in kept:
        column = table.columns[k]
        values = [value_of(row[k], tongue) for row in rows]
        decimals = decimals_of(column, values)
        texts = [shown(v, column.form, decimals) for v in values]
        notes = [row[k] for row in rows if isinstance(row[k], Note)]
        head = column.en if language == "en" else column.zh
        wholes = [_size(t) for t in texts]
        if language == "both":
            wholes += [_both_size(note) for note in notes]
        across = _size(head) if _size(head) <= _ONE_LINE else _size(head) / 2 + 2
        pieces = [p for t in texts for p in (_unbroken(t) if column.form == "text" else [t])]
        least = max([_size(p) for p in pieces] + [_heading_least(column, language)])
        want = max([*wholes, across, least])
        if any(verdict_of(row[k]) for row in rows):
            least, want = least + 5, want + 5  # the sign in its box
        if column.form == "text":
            least = min(max(least, max(wholes, default=0.0)) if k == kept[0] else least, 14.0)
        sizes[k] = (least, min(want, max(WIDEST, least)))
    while len(kept) > 2 and sum(sizes[k][0] + PAD for k in kept) > PLACES:
        kept = kept[:-1]
    floors, wishes = [sizes[k][0] for k in kept], [sizes[k][1] for k in kept]
    room = PLACES - PAD * len(kept)
    if sum(wishes) <= room:
        return kept, [wish + PAD for wish in wishes]
    rest, missing = max(room - sum(floors), 0.0), sum(wishes) - sum(floors)
    if missing <= 0:  # two columns of endless words: they are broken
        return kept, [PLACES / len(kept)] * len(kept)
    return kept, [
        had + (wish - had) * rest / missing + PAD for had, wish in zip(floors, wishes, strict=True)
    ]


def is_told_twice(note: Note) -> bool:
    """Whether a text of a cell is short enough to be told in both languages."""
    fits = width(note.zh) <= _BRIEF_ZH and width(note.en) <= _BRIEF_EN
    return fits and note.zh != note.en and not any(ord(sign) > _CHINESE for sign in note.en)


def is_one_line(note: Note) -> bool:
    """Whether both languages stand on one line."""
    return width(note.zh) + width(note.en) <= _BESIDE


def _size(text: str) -> float:
    """Places of a text in print: Latin letters and figures take a little more than half a sign."""
    return max((width(line) + 0.12 * sum(map(str.isascii, line)) for line in text.split("\n")),
               default=0.0)  # fmt: skip


def _both_size(note: Note) -> float:
    if not is_told_twice(note):
        return 0.0
    return _size(note.zh) + 1 + len(note.en) if is_one_line(note) else float(len(note.en) + 1)


def _unbroken(text: str) -> list[str]:
    """Pieces that a line does not break: words of Latin letters, and three Chinese signs."""
    pieces = [""]
    for sign in text:
        if ord(sign) > _CHINESE or sign in " \n\t":
            pieces += ["", ""] if sign in " \n\t" else [sign * 3, ""]
        else:
            pieces[-1] += sign
    return [piece for piece in pieces if piece]


def _heading_least(column: Column, language: str) -> float:
    least = 0.0
    if language != "en":
        least = max(map(_size, _unbroken(column.zh)), default=0.0)
    if language != "zh":
        least = max(least, *(len(word) + 1.0 for word in column.en.split() or [""]))
    return min(max(least, 6.0), 13.0)
