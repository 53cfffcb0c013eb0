"""What is doubtful about the years of facilities, in words that name file, row and years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from quarterhour.inputs import Facilities

MOST_NAMED = 8
"""Facilities that a sentence names."""


def year_notes(
    f: Facilities,
    opens: NDArray[np.float64],
    closes: NDArray[np.float64],
    *,
    first: int,
    last: int,
    data_year: int | None,
) -> tuple[Note, ...]:
    """Sentences on the facilities whose years are missing, contradictory or past.

    `opens`, `closes`: years, NaN for none. `first`, `last`: years of the line.
    """
    return tuple(_notes(f, opens, closes, first, last, data_year))


def _notes(
    f: Facilities,
    opens: NDArray[np.float64],
    closes: NDArray[np.float64],
    first: int,
    last: int,
    data_year: int | None,
) -> Iterator[Note]:
    planned = ~f.serving
    undated = planned & np.isnan(opens)
    against = np.where(planned, closes <= opens, closes < opens)

    def some(rows: NDArray[np.bool_], zh: str, en: str) -> Iterator[Note]:
        if rows.any():
            n, (told_zh, told_en) = int(rows.sum()), _named(f, opens, closes, rows)
            yield Note(f"{n} {zh.format(told_zh)}", en.format(n, told_en))

    yield from some(
        undated,
        "处规划设施没有建成年份，任何年份都不计入：{}",
        "planned facilities have no year of opening and never serve ({}): {}",
    )
    yield from some(
        planned & against,
        "处规划设施的关闭年份不晚于建成年份，任何年份都不计入：{}；请核对",
        "planned facilities close before they open, or in the same year, and never serve ({}): {};"
        " correct the years",
    )
    over = planned & ~against & (closes <= first)
    yield from some(
        over,
        f"处规划设施在时间线的第一年 {first} 或更早就要关闭，任何年份都不计入：{{}}；请核对",
        f"planned facilities close in {first}, the first year of the line, or earlier, and never"
        " serve ({}): {}; correct the years or the status",
    )
    yield from some(
        f.serving & against,
        "处现状设施的关闭年份早于建成年份，按现状计入，到关闭年份为止：{}；请核对",
        "facilities of today close before they open; they are counted today, and until they close"
        " ({}): {}; correct the years",
    )
    if data_year is None:
        # nobody can tell what is past; what opens within the line is not of today
        yield from some(
            f.serving & (opens > first) & ~against,
            f"处设施的建成年份晚于时间线的第一年 {first}，但按现状计入：{{}}；"
            '只计现状请写 status = ["现状"]',
            f"facilities open after {first}, the first year of the line, and are counted today"
            " ({}): {}; set status to leave out what is planned",
        )
        yield from some(
            f.serving & (closes == first) & ~against,
            f"处现状设施在时间线的第一年 {first} 关闭：{{}}；"
            "如果数据比这更晚，请写 data_date 并核对",
            f"facilities of today close in {first}, the first year of the line ({{}}): {{}}; if the"
            " data are of a later year, write data_date and correct the years",
        )
    else:
        yield from _against_the_data(some, f.serving, over, opens, closes, data_year)
    yield from some(
        (planned & (opens > last)) | (closes > last),
        f"处设施的年份晚于时间线的最后一年 {last}，没有计入变化：{{}}；请核对",
        f"facilities change after {last}, the last year of the line, and are not followed there"
        " ({}): {}; correct the years",
    )


def _against_the_data(
    some: Callable[[NDArray[np.bool_], str, str], Iterator[Note]],
    serving: NDArray[np.bool_],
    over: NDArray[np.bool_],
    opens: NDArray[np.float64],
    closes: NDArray[np.float64],
    data_year: int,
) -> Iterator[Note]:
    yield from some(
        ~serving & ~over & (opens < data_year) & ~(closes <= opens),
        f"处规划设施的建成年份早于数据年份 {data_year}，按时间线的第一年建成：{{}}；请核对状态",
        f"planned facilities should have opened before {data_year}, the year of the data, and open"
        " in the first year of the line ({}): {}",
    )
    yield from some(
        serving & (opens > data_year) & ~(closes < opens),
        f"处设施的建成年份晚于数据年份 {data_year}，但按现状计入：{{}}；"
        '只计现状请写 status = ["现状"]',
        f"facilities open after {data_year}, the year of the data, and are counted today ({{}}):"
        " {}; set status to leave out what is planned",
    )
    yield from some(
        serving & (closes < data_year) & ~(closes < opens),
        f"处设施的关闭年份早于数据年份 {data_year}，但按现状计入，在时间线的第一年关闭：{{}}；"
        "请核对",
        f"facilities closed before {data_year}, the year of the data, and are counted today; they"
        " close in the first year of the line ({}): {}",
    )


def _named(
    f: Facilities,
    opens: NDArray[np.float64],
    closes: NDArray[np.float64],
    rows: NDArray[np.bool_],
) -> tuple[str, str]:
    """The facilities with file, row and years, in Chinese and English."""
    zh, en = [], []
    at = np.flatnonzero(rows).tolist()
    for k in at[:MOST_NAMED]:
        name, row = f.name[k], int(f.row[k])
        years_zh = [f"{y:.0f} 年{word}" for y, word in ((opens[k], "建成"), (closes[k], "关闭"))
                    if np.isfinite(y)]  # fmt: skip
        years_en = [f"{word} {y:.0f}" for y, word in ((opens[k], "opens"), (closes[k], "closes"))
                    if np.isfinite(y)]  # fmt: skip
        where_zh = f"{f.file} 第 {row} 行".strip() if not f.sheet else (
            f"{f.file} {f.sheet} 第 {row} 行")  # fmt: skip
        where_en = f"{f.file} {f'sheet {f.sheet} ' if f.sheet else ''}row {row}".strip()
        zh.append(f"{name}（{'，'.join([where_zh, *years_zh])}）")
        en.append(f"{name} ({', '.join([where_en, *years_en])})")
    more = "…" if len(at) > MOST_NAMED else ""
    return "、".join([*zh, *([more] if more else [])]), ", ".join([*en, *([more] if more else [])])
