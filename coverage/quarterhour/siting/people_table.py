"""Who is covered before and after something is built, closed or moved, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.answers.answer_words import group_note
from quarterhour.inputs import Note
from quarterhour.siting.demand import told_of, whole_of
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quarterhour.assessing.assessment import Assessment


def people_table(
    given: Assessment,
    figures: Mapping[str, Mapping[str, Any]],
    *,
    title: Note,
    change: Sequence[Column],
    share_after: str,
    source: Note,
) -> Table:
    """A row of persons for each group of `figures`, which are by the keys of the columns.

    `change`: the columns between the cover of today and the shares. `share_after`: what the last
    column is called in Chinese. `source`: what the figures after come from.
    """
    columns = (
        Column("group", "人群", "group"),
        Column("total", "总数", "total", "people"),
        Column("covered_before", "现状覆盖", "covered before", "people"),
        *change,
        Column("share_before", "现状覆盖率", "share before", "percent"),
        Column("share_after", share_after, "share after", "percent"),
    )
    whole = whole_of(given)
    return Table(
        key="site_people",
        title=title,
        columns=columns,
        rows=tuple(
            (group_note(given, group), *(found[column.key] for column in columns[1:]))
            for group, exact in figures.items()
            for found in [told_of(given, exact)]
        ),
        notes=(Note(f"{whole.zh}；{source.zh}", f"{whole.en}; {source.en}"),),
    )
