"""report.html: the answers as a text that can be printed on A4; one file, no script, no request.

Sections follow the keys of the tables: a table of an unknown key comes before the method. Long
tables show their first rows and say where the others are. Every text passes through `esc`.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Final

from quarterhour.inputs import Note
from quarterhour.render.figures import figure_png
from quarterhour.render.guard import refuse_external
from quarterhour.render.page import esc, linked, pair
from quarterhour.render.sheet_names import sheet_names
from quarterhour.render.values import (
    columns_of,
    decimals_of,
    heading,
    shown,
    verdict_of,
    width,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from quarterhour.render.values import Cell
    from quarterhour.tabular import Table

MOST_ROWS: Final = 50
"""Rows of a table in the report; all of them are in report.xlsx. Totals are always shown."""

MOST_COLUMNS: Final = 8
"""A section with a table of more columns is printed on landscape pages."""

_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'"
)
_LONG, _SHORT = 60, 10

SECTIONS: Final[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = (
    ("coverage", "覆盖情况", "Coverage", ("summary", "coverage", "meaning", "walker")),
    (
        "units", "分乡镇（街道）、社区情况", "By town and other units",
        ("town", "by_town", "unit", "by_unit", "community", "county", "district", "urban", "level"),
    ),
    ("residential", "未覆盖的居住区", "Residential areas not covered",
     ("residential", "uncovered", "area")),
    ("gaps", "服务空白及原因", "Gaps and their reasons", ("gap",)),
    ("facilities", "现有设施", "Existing facilities",
     ("facilit", "marginal", "redundan", "reach", "closing")),
    ("supply", "供给与需求", "Supply and demand",
     ("supply", "capacity", "tier", "beds", "places", "need")),
    ("equity", "均衡程度", "Equity", ("equity", "gini")),
    ("targets", "规划指标", "Targets of the plans",
     ("target", "plan", "indicator", "verdict", "reconcile", "project")),
    ("timeline", "时间线", "Time line", ("time", "year", "phase")),
    ("scenarios", "方案比较", "Scenarios compared", ("scenario", "compar")),
    ("further", "其他结果", "Further results", ()),
    ("set_aside", "未采用和改动的数据", "Data set aside or changed", ("set_aside", "change")),
    ("method", "方法与资料来源", "Method and sources", ("method", "source", "datum")),
)  # fmt: skip
"""Key, Chinese and English title, and how the keys of a section's tables begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the report of a study shows, as text and tables.

    `asked`: what was asked, as names and values. `answers`: sentences, shares with what they are
    shares of. `headlines`: key figures for the cover of the workbook. `assumptions`: what was
    assumed or must be known. `sources`: lines of attribution. `generated_from`: version and key.
    """

    title: str
    language: str
    tables: tuple[Table, ...]
    asked: tuple[tuple[Note, Note], ...] = ()
    answers: tuple[Note, ...] = ()
    headlines: Table | None = None
    assumptions: tuple[Note, ...] = ()
    sources: tuple[str, ...] = ()
    generated_from: str = ""
    synthetic: bool = False
    figures: dict[str, bytes] = field(default_factory=dict)


def section_of(key: str) -> str:
    """The section that a table belongs to, by the beginning of its key, then of its words."""
    for name, _, _, starts in SECTIONS:
        if any(key.startswith(start) for start in starts):
            return name
    words = key.split("_")
    for name, _, _, starts in SECTIONS:
        if any(word.startswith(start) for word in words for start in starts):
            return name
    return "further"


def in_order(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The tables in the order of the sections, and as given within a section."""
    place = {name: number for number, (name, *_) in enumerate(SECTIONS)}
    return tuple(sorted(tables, key=lambda table: place[section_of(table.key)]))


class _Page:
    """The parts of the report in one language, or in both."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.language = report.language
        self.sheets = dict(
            zip(
                (table.key for table in report.tables),
                sheet_names(report.tables, report.language),
                strict=True,
            )
        )

    def text(self, zh: str, en: str) -> str:
        return pair(zh, en, self.language)

    def note(self, note: Note) -> str:
        return pair(note.zh, note.en, self.language)

    def head(self) -> str:
        report = self.report
        mark = ""
        if report.synthetic:
            mark = f'<p class="synthetic">{self.text("合成数据", "SYNTHETIC DATA")}</p>'
        return (
            f'<header><p class="kicker">{self.text("可达性评估报告", "Accessibility report")}</p>'
            f"<h1>{esc(report.title)}</h1>{mark}</header>"
        )

    def asked(self) -> str:
        rows = "".join(
            f"<dt>{self.note(what)}</dt><dd>{self.note(said)}</dd>"
            for what, said in self.report.asked
        )
        return self.section("asked", "评估内容", "What was asked", f"<dl>{rows}</dl>" * bool(rows))

    def answers(self) -> str:
        items = "".join(f"<li>{self.note(a)}</li>" for a in self.report.answers)
        body = f'<ul class="answers">{items}</ul>' if items else ""
        return self.section("answers", "主要结论", "Main answers", body)

    def section(self, key: str, zh: str, en: str, body: str, *, wide: bool = False) -> str:
        if not body:
            return ""
        kind = ' class="wide"' if wide else ""
        return f'<section id="{key}"{kind}><h2>{self.text(zh, en)}</h2>{body}</section>'

    def sections(self) -> str:
        out = []
        for key, zh, en, _ in SECTIONS:
            tables = [table for table in self.report.tables if section_of(table.key) == key]
            body = "".join(self.table(table) for table in tables)
            if key == "method":
                body += self.method()
            wide = any(len(table.columns) > MOST_COLUMNS for table in tables)
            out.append(self.section(key, zh, en, body, wide=wide))
        return "".join(out)

    def method(self) -> str:
        out = ""
        for title, items in (
            (Note("假定与须知", "Assumptions and what should be known"),
             [self.note(n) for n in self.report.assumptions]),
            (Note("资料来源", "Sources"), [linked(s) for s in self.report.sources]),
        ):  # fmt: skip
            if items:
                listed = "".join(f"<li>{item}</li>" for item in items)
                out += f"<h3>{self.note(title)}</h3><ul>{listed}</ul>"
        return out

    def figure(self, table: Table) -> str:
        png = self.report.figures.get(table.key)
        if png is None:
            return ""
        title = table.title if table.chart is None else table.chart.title
        data = base64.b64encode(png).decode("ascii")
        return (
            f'<figure><img src="data:image/png;base64,{data}"'
            f' alt="{esc(heading(title, self.language))}"></figure>'
        )

    def table(self, table: Table) -> str:
        """Title, figure, rows, how many more there are, and what must be known to read it."""
        columns = columns_of(table, self.language)
        places = [decimals_of(c, v) for c, v in zip(table.columns, columns, strict=True)]
        numeric = [column.form != "text" for column in table.columns]
        body = len(table.rows) - table.total
        first = list(range(min(body, MOST_ROWS)))
        rows = "".join(
            self.row(table, columns, places, k, total=k >= body)
            for k in (*first, *range(body, len(table.rows)))
        )
        heads = "".join(
            f'<th scope="col" class="{"n " * n}{"k" * (width(c.zh) <= _SHORT)}">'
            f"{self.note(Note(c.zh, c.en))}</th>"
            for c, n in zip(table.columns, numeric, strict=True)
        )
        out = f"<h3>{self.note(table.title)}</h3>{self.figure(table)}"
        if table.rows:
            out += (
                f'<div class="box" tabindex="0"><table><thead><tr>{heads}</tr></thead>'
                f"<tbody>{rows}</tbody></table></div>"
            )
        else:
            out += f"<p>{self.text('没有记录。', 'There are none.')}</p>"
        if body > MOST_ROWS:
            sheet, more = self.sheets[table.key], f"{body - MOST_ROWS:,}"
            told = self.text(
                f"此处列出前 {MOST_ROWS} 行，另有 {more} 行见 report.xlsx 工作表“{sheet}”。",
                f"The first {MOST_ROWS} rows; {more} more are in report.xlsx, sheet {sheet}.",
            )
            out += f'<p class="more">{told}</p>'
        if table.notes:
            listed = "".join(f"<li>{self.note(note)}</li>" for note in table.notes)
            out += f'<ul class="about">{listed}</ul>'
        return f'<article id="t-{esc(table.key)}">{out}</article>'

    def row(
        self,
        table: Table,
        columns: list[list[Cell]],
        places: list[int],
        k: int,
        *,
        total: bool,
    ) -> str:
        cells = []
        for at, column in enumerate(table.columns):
            raw, value = table.rows[k][at], columns[at][k]
            found = verdict_of(raw)
            if found is not None:
                kind, sign = found
                cells.append(
                    f'<td><span class="verdict {kind}"><b aria-hidden="true">{sign}</b>'
                    f"{self.note(raw)}</span></td>"
                )
                continue
            if isinstance(raw, Note):
                content = self.note(raw)
            else:
                content = esc(shown(value, column.form, places[at])).replace("\n", "<br>")
            kind = "n" if column.form != "text" and not isinstance(value, str) else ""
            if isinstance(value, str):
                kind = "long" if len(value) > _LONG else "t" if width(value) > _SHORT else "s"
            cells.append(f'<td class="{kind}">{content}</td>' if kind else f"<td>{content}</td>")
        return f"<tr{' class=total' if total else ''}>{''.join(cells)}</tr>"

    def foot(self) -> str:
        said = self.text(
            "本报告由“一刻钟”生成，不联网；完整数据见同一文件夹中的 report.xlsx。",
            "Made by Quarterhour, needs no network; all rows are in report.xlsx beside it.",
        )
        return f"<footer>{said} {esc(self.report.generated_from)}</footer>"


def figures_of(
    tables: Sequence[Table],
    *,
    language: str,
    draw: Callable[..., bytes | None] = figure_png,
) -> dict[str, bytes]:
    """PNG by key of every table that has a chart or verdicts."""
    drawn = {table.key: draw(table, language=language) for table in tables}
    return {key: png for key, png in drawn.items() if png is not None}


def report_html(report: Report) -> str:
    """The report as a page; raises InputError where it would load anything from elsewhere."""
    page = _Page(report)
    tongue = "en" if report.language == "en" else "zh-CN"
    asset = resources.files("quarterhour.render").joinpath("assets", "report.css")
    css = "\n" + asset.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii")
    made = (
        f'<!DOCTYPE html>\n<html lang="{tongue}" data-language="{report.language}"><head>'
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(digest)}">'
        '<meta name="renderer" content="webkit"><meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{esc(report.title)}</title><style>{css}</style></head><body><main>"
        f"{page.head()}{page.asked()}{page.answers()}{page.sections()}{page.foot()}"
        "</main></body></html>\n"
    )
    refuse_external(made)
    return made


def write_report_html(path: Path, report: Report) -> None:
    """Write the page, or raise OSError."""
    path.write_bytes(report_html(report).encode("utf-8", "replace"))
