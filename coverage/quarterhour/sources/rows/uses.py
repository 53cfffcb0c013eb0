"""What became of every column, and whether an id column is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.inputs import ColumnUse
from quarterhour.measures import counted
from quarterhour.sources.rows.cells import cell_text
from quarterhour.sources.rows.coordinate_columns import example

if TYPE_CHECKING:
    from quarterhour.sources.rows.changes import ChangeLog
    from quarterhour.sources.rows.columns import Columns
    from quarterhour.sources.rows.coordinate_columns import Used

COORDINATES = frozenset({"lon", "lat", "east", "north", "position"})


def uses_of(
    table: dict[str, list[Any]], understood: Columns, used: Used | None, log: ChangeLog
) -> tuple[dict[str, str], tuple[ColumnUse, ...]]:
    """Heading by meaning as it is used in the end, and the use of every column in their order.

    `used`: the coordinate columns; None for a layer, whose geometries are the coordinates.
    """
    heading = {m: h for m, h in understood.heading.items() if m not in COORDINATES}
    if used is not None and used.east:
        pair = ("lon", "lat") if used.north else ("position",)
        for meaning, told in zip(pair, (used.east, used.north), strict=False):
            heading = {m: h for m, h in heading.items() if h != told} | {meaning: told}
        if used.guessed:
            told = "、".join(h for h in (used.east, used.north) if h)
            what = ("经度、纬度", "longitude and latitude")
            log.whole(
                "guessed",
                f"表头没有说明坐标，按内容把“{told}”当作{what[0]}",
                f"no heading says so; by their content {told} were taken for {what[1]}",
            )
    place = {column: k for k, column in enumerate(table)}
    heading = dict(sorted(heading.items(), key=lambda item: place[item[1]]))
    for meaning, others in understood.rivals.items():
        pool = (understood.heading[meaning], *others)
        rest = [h for h in pool if h not in heading.values()]
        if meaning not in heading or not rest:
            continue
        told = ", ".join(rest)
        log.whole(
            "column",
            f"“{heading[meaning]}”当作 {meaning}；“{told}”也可以是，没有采用",
            f"{heading[meaning]} was taken for {meaning}; {told} could be it too and is not used:"
            f" to choose, say columns = {{ {meaning} = {rest[0]!r} }}",
        )
    meaning_of = {h: m for m, h in heading.items()}
    uses = []
    for column, values in table.items():
        meaning = meaning_of.get(column, "")
        named = any(understood.heading[m] == column for m in understood.named)
        if not meaning:
            how = "unused"
        elif named:
            how = "named"
        elif used is not None and used.guessed and column in {used.east, used.north}:
            how = "guessed"
        else:
            how = "recognised"
        uses.append(ColumnUse(column, meaning, how, example(values)))
    return heading, tuple(uses)


def repeated_ids(
    table: dict[str, list[Any]],
    heading: str | None,
    names: list[str],
    position: dict[int, list[float]],
    faults: dict[int, tuple[str, str]],
    numbers: list[int],
    log: ChangeLog,
) -> None:
    """Take rows out of `position` that repeat an id, unless the column is no id at all.

    Numbers that begin again in every district repeat often and with other names: they are told,
    and every row stays.
    """
    if heading is None:
        return
    seen: dict[str, int] = {}
    again: list[tuple[int, str]] = []
    for k in sorted(position):
        key = cell_text(table[heading][k])
        if key and key in seen:
            again.append((k, key))
        elif key:
            seen[key] = k
    renamed = [k for k, key in again if names and names[k] != names[seen[key]]]
    if len(again) >= 3 and 5 * len(again) > len(seen) and 2 * len(renamed) > len(again):
        log.whole(
            "serial",
            f"“{heading}”列有 {len(again)} 行重复而名称不同，按流水号处理，没有去掉任何行",
            f"{heading} repeats in {counted(len(again), 'row')} with other names: it was taken for"
            " a serial number, not an id, and no row was left out",
        )
        return
    for k, key in again:
        faults[k] = ("duplicate_id", f"id {key!r} is already used in row {numbers[seen[key]]}")
        del position[k]
