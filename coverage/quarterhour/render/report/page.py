"""report.html: the answers as a briefing to be printed on A4; one file, no script, no request.

Sections follow the keys of the tables: a table of an unknown key comes before the method. Of each
table the page shows what `brief` leaves of it, and says where the whole is: in report.xlsx. In both
languages long texts in cells are Chinese only. Every text passes through `esc`.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.render.book.sheet_names import book_order, sheet_names
from quarterhour.render.guard import refuse_external
from quarterhour.render.map.page import esc, linked, pair
from quarterhour.render.report.brief import PLACES, Brief, briefs_of, is_one_line, is_told_twice
from quarterhour.render.report.figures import figure_png
from quarterhour.render.values import (
    decimals_of,
    heading,
    shown,
    value_of,
    verdict_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.tabular import Column, Table

_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'"
)
_SIZES: Final = (50, 75)
"""Widths in percent of tables that do not need the whole page."""
_SMALL: Final = 6
"""Rows of a table that stays on one page."""

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
                (table.key for table in book_order(report.tables)),
                sheet_names(book_order(report.tables), report.language),
                strict=True,
            )
        )

        self.briefs = briefs_of(report.tables, report.language)
        self.told: set[Note] = set()
        self.used: set[int] = set()

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

    def cards(self) -> str:
        """The key figure of each service, large, with what it is a share of."""
        given = self.report.headlines
        if given is None or not {"share_covered", "covered", "total"} <= {
            column.key for column in given.columns
        }:
            return ""
        at = {column.key: k for k, column in enumerate(given.columns)}
        cards = []
        for row in given.rows:
            if row[at["share_covered"]] is None:
                continue
            share = shown(row[at["share_covered"]], "percent", 1)
            covered, total = (shown(row[at[k]], "people", 0) for k in ("covered", "total"))
            about = (self.plain(row[at[k]]) for k in ("service", "group") if k in at)
            cards.append(
                f'<div class="card"><p>{" · ".join(about)}</p><b>{share}</b>'
                f"<p>{covered} / {total}</p></div>"
            )
        return f'<div class="cards">{"".join(cards)}</div>' if cards else ""

    def answers(self) -> str:
        items = "".join(f"<li>{self.note(a)}</li>" for a in self.report.answers)
        body = self.cards() + (f'<ul class="answers">{items}</ul>' if items else "")
        return self.section("answers", "主要结论", "Main answers", body)

    def section(self, key: str, zh: str, en: str, body: str) -> str:
        if not body:
            return ""
        return f'<section id="{key}"><h2>{self.text(zh, en)}</h2>{body}</section>'

    def sections(self) -> str:
        out = []
        for key, zh, en, _ in SECTIONS:
            tables = [table for table in self.report.tables if section_of(table.key) == key]
            body = "".join(self.table(brief) for t in tables if (brief := self.briefs[t.key]))
            more = [self.sheets[t.key] for t in tables if self.is_longer(t)]
            if more:
                body += f'<p class="more">{self.elsewhere(more)}</p>'
            if key == "method":
                body += self.method()
            self.told.clear()
            out.append(self.section(key, zh, en, body))
        return "".join(out)

    def is_longer(self, table: Table) -> bool:
        """Whether a table stands in report.xlsx only, or has more columns there."""
        brief = self.briefs[table.key]
        return brief is None or bool(brief.left_columns and not brief.left_rows)

    def elsewhere(self, sheets: Sequence[str]) -> str:
        if self.language == "en":
            return esc(f"Whole tables are in report.xlsx: {', '.join(sheets)}.")
        more = " / Whole tables are in report.xlsx" if self.language == "both" else ""
        names = "、".join(f"“{s}”" for s in sheets)
        return esc(f"完整的表见 report.xlsx 工作表{more}：{names}")

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

    def table(self, brief: Brief) -> str:
        """Title, figure, rows, where the others are, and what must be known to read it."""
        table, columns = brief.table, brief.columns
        rows = brief.rows
        values = [[value_of(row[k], self.language) for row in rows] for k in range(len(columns))]
        places = [decimals_of(c, v) for c, v in zip(columns, values, strict=True)]
        whole = sum(brief.widths)
        shares = [max(round(100 * w / whole), 1) for w in brief.widths]
        size = next((s for s in _SIZES if whole <= PLACES * s / 100), 100)
        self.used |= {*shares, size}
        cols = "".join(f'<col class="c{share}">' for share in shares)
        heads = "".join(
            f'<th scope="col"{" class=n" * (c.form != "text")}>{self.note(Note(c.zh, c.en))}</th>'
            for c in columns
        )
        out = f"<h3>{self.note(table.title)}</h3>{self.figure(table) if brief.picture else ''}"
        if rows:
            body = ""
            for part in brief.parts:
                if part.name is not None:
                    body += (
                        f'<tr class="part"><th scope="rowgroup" colspan="{len(columns)}">'
                        f"{self.plain(part.name)}</th></tr>"
                    )
                body += "".join(self.row(columns, row, places, total=False) for row in part.rows)
                body += "".join(self.row(columns, row, places, total=True) for row in part.totals)
            out += (
                f'<div class="box" tabindex="0"><table class="c{size}"><colgroup>{cols}</colgroup>'
                f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
            )
        else:
            out += f"<p>{self.text('没有记录。', 'There are none.')}</p>"
        out += self.more(brief)
        notes = [note for note in table.notes if note not in self.told]
        self.told.update(notes)
        if notes:
            listed = "".join(f"<li>{self.note(note)}</li>" for note in notes)
            out += f'<ul class="about">{listed}</ul>'
        small = ' class="small"' if len(rows) <= _SMALL else ""
        return f'<article id="t-{esc(table.key)}"{small}>{out}</article>'

    def more(self, brief: Brief) -> str:
        """How many rows are not printed, and where they are."""
        if not brief.left_rows:
            return ""
        zh, en, sheet = "", "", self.sheets[brief.table.key]
        if brief.by is not None:
            zh = f"按“{brief.by.zh}”从多到少；"
            en = f'Those with most of "{brief.by.en}"; '
        told = self.text(
            f"{zh}另有 {brief.left_rows:,} 行，见 report.xlsx 工作表“{sheet}”。",
            f"{en}{counted(brief.left_rows, 'more row is', 'more rows are')} in report.xlsx, sheet"
            f" {sheet}.",
        )
        return f'<p class="more">{told}</p>'

    def plain(self, value: Any) -> str:  # noqa: ANN401 - whatever a table holds
        """A text of a table as markup."""
        if isinstance(value, Note):
            return self.note(value)
        said = value_of(value, self.language)
        return esc("" if said is None else f"{said}")

    def row(
        self, columns: Sequence[Column], row: Sequence[Any], places: Sequence[int], *, total: bool
    ) -> str:
        cells = []
        for column, raw, decimals in zip(columns, row, places, strict=True):
            found = verdict_of(raw)
            if found is not None:
                kind, sign = found
                cells.append(
                    f'<td><span class="verdict {kind}"><b aria-hidden="true">{sign}</b>'
                    f"{self.note(raw)}</span></td>"
                )
            elif isinstance(raw, Note):
                cells.append(f"<td>{self.word(raw)}</td>")
            else:
                value = value_of(raw, self.language)
                content = esc(shown(value, column.form, decimals)).replace("\n", "<br>")
                number = column.form != "text" and not isinstance(value, str)
                cells.append(f"<td class=n>{content}</td>" if number else f"<td>{content}</td>")
        return f"<tr{' class=total' if total else ''}>{''.join(cells)}</tr>"

    def word(self, note: Note) -> str:
        """A text of a cell: in both languages where both are short, else Chinese."""
        if self.language != "both":
            return self.note(note)
        if not is_told_twice(note):
            return f'<span lang="zh-CN">{esc(note.zh)}</span>'
        return f"<span>{self.note(note)}</span>" if is_one_line(note) else self.note(note)

    def widths(self) -> str:
        """The classes of the widths of columns: a style of an element is not allowed."""
        return "".join(f".c{k} {{ width: {k}%; }}\n" for k in sorted(self.used))

    def foot(self) -> str:
        said = self.text(
            "本报告由“一刻钟”生成，不联网；完整数据见同一文件夹中的 report.xlsx。",
            "Made by Quarterhour, needs no network; all rows are in report.xlsx beside it.",
        )
        return f"<footer>{said} {esc(self.report.generated_from)}</footer>"


def figures_of(tables: Sequence[Table], *, language: str) -> dict[str, bytes]:
    """PNG by key of every table that has a chart or verdicts."""
    drawn = {table.key: figure_png(table, language=language) for table in tables}
    return {key: png for key, png in drawn.items() if png is not None}


def report_html(report: Report) -> str:
    """The report as a page; raises InputError where it would load anything from elsewhere."""
    page = _Page(report)
    tongue = "en" if report.language == "en" else "zh-CN"
    body = f"{page.head()}{page.asked()}{page.answers()}{page.sections()}{page.foot()}"
    asset = resources.files("quarterhour.render.report").joinpath("report.css")
    css = "\n" + asset.read_text(encoding="utf-8") + page.widths()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii")
    made = (
        f'<!DOCTYPE html>\n<html lang="{tongue}" data-language="{report.language}"><head>'
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(digest)}">'
        '<meta name="renderer" content="webkit"><meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{esc(report.title)}</title><style>{css}</style></head><body><main>"
        f"{body}</main></body></html>\n"
    )
    refuse_external(made)
    return made


def write_report_html(path: Path, report: Report) -> None:
    """Write the page, or raise OSError."""
    path.write_bytes(report_html(report).encode("utf-8", "replace"))
