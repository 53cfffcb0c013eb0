"""The check as a page: problems first, then warnings, then what was read and what became of it.

One file without a script and without a request; every text from a file passes through `esc`.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from quarterhour.inputs import Note
from quarterhour.render.check import sentences as say
from quarterhour.render.check.words import HOW, PARTS, meaning_pair
from quarterhour.render.guard import refuse_external
from quarterhour.render.map.page import esc, pair
from quarterhour.render.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

MANY: Final = 30
"""A list with more rows than this is closed when the page is opened."""

MOST_ROWS: Final = 5000
"""Rows of one list that are written into the page; all of them are in the output of --json."""

SPOTS: Final = {
    "near_misses": ("断头路与另一条路相距很近", "Dead ends that just miss another road"),
    "gaps": ("两条断头路相对", "Dead ends that face each other"),
    "crossings": ("相交而没有交点", "Crossings without a joint"),
    "half_bridges": ("一端悬空的桥梁、隧道", "Bridges and tunnels that end in the air"),
}


class _Page:
    """The parts of the page in one language, or in both."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.language: str = document["study"]["language"]

    def text(self, zh: str, en: str) -> str:
        return pair(zh, en, self.language)

    def note(self, note: Note) -> str:
        return pair(note.zh, note.en, self.language)

    def told(self, note: Note) -> str:
        """Sentences, a line for each; in both languages one under the other."""
        return f'<span class="two">{self.note(note)}</span>'.replace("\n", "<br>")

    def table(
        self, heads: Sequence[Note], rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()
    ) -> str:
        """A table of markup that scrolls in its box; `right`: columns of numbers."""

        def cell(tag: str, k: int, content: str, more: str = "") -> str:
            side = ' class="n"' if k in right else ""
            return f"<{tag}{more}{side}>{content}</{tag}>"

        head = "".join(cell("th", k, self.note(h), ' scope="col"') for k, h in enumerate(heads))
        body = "".join(
            f"<tr>{''.join(cell('td', k, c) for k, c in enumerate(row))}</tr>" for row in rows
        )
        return (
            f'<div class="box" tabindex="0"><table><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table></div>"
        )

    def section(self, zh: str, en: str, body: str, *, rows: int = 0, count: str = "") -> str:
        """A part that can be folded; long ones are folded when the page is opened."""
        if not body:
            return ""
        is_open = "" if rows > MANY else " open"
        number = f' <small class="count">{esc(count)}</small>' if count else ""
        return (
            f"<details{is_open}><summary>{self.text(zh, en)}{number}</summary>"
            f"<div>{body}</div></details>"
        )

    def head(self) -> str:
        document, study = self.document, self.document["study"]
        state = "bad" if document["problems"] else "warn" if document["warnings"] else "good"
        return (
            f'<header><p class="kicker">{self.text("输入检查", "Input check")} · '
            f"{esc(study['file'])}</p><h1>{esc(study['name'])}</h1>"
            f'<p class="verdict {state}">{self.told(say.verdict(document))}</p></header>'
        )

    def entries(self, key: str) -> str:
        """Problems or warnings as a numbered list."""
        entries = self.document[key]
        if not entries:
            return ""
        zh, en = {
            "problems": ("必须解决的问题", "Problems to be solved"),
            "warnings": ("需要核对", "Please check"),
            "notes": ("供参考，不需处理", "Good to know, nothing to do"),
        }[key]
        items = "".join(
            f'<li><b class="about">{self.note(say.about(e))}</b>'
            f"{self.told(Note(e['zh'], e['en']))}</li>"
            for e in entries
        )
        return f'<section class="{key}"><h2>{self.text(zh, en)}</h2><ol>{items}</ol></section>'

    def overview(self) -> str:
        """What there is, one line for each input."""
        lines = say.overview(self.document)
        if not lines:
            return ""
        rows = "".join(
            f"<dt>{self.note(what)}</dt><dd>{self.told(told)}</dd>" for what, told in lines
        )
        return f"<section><h2>{self.text('概况', 'Overview')}</h2><dl>{rows}</dl></section>"

    def readings(self) -> str:
        body = "".join(self.reading(entry) for entry in self.document["readings"])
        return self.section("读取的文件和列", "Files and columns", body)

    def reading(self, entry: dict[str, Any]) -> str:
        part = Note(*PARTS.get(entry["layer"], (entry["layer"], entry["layer"])))
        services = esc("、".join(entry["services"]))
        title = f"{self.note(part)}{' · ' + services if services else ''}"
        out = f"<h3>{title}</h3><p>{self.told(say.reading(entry))}</p>"
        if not entry["columns"]:
            return out
        heads = (Note("列名", "Heading"), Note("含义", "Taken as"), Note("依据", "How"),
                 Note("第一个值", "First value"))  # fmt: skip
        order = sorted(entry["columns"], key=lambda c: c["how"] == "unused")
        rows = [
            (
                esc(c["heading"]),
                self.text(*meaning_pair(c["meaning"])) if c["meaning"] else "–",
                self.how(c["how"]),
                esc(c["example"]),
            )
            for c in order
        ]
        # what was guessed is what is most likely wrong
        used = [c for c in order if c["meaning"]]
        first = next((c for c in used if c["how"] == "guessed"), used[0] if used else order[0])
        key, heading = first["meaning"] or "name", first["heading"].replace('"', '\\"')
        code = f'<code>columns = {{ {esc(key)} = "{esc(heading)}" }}</code>'
        hint = self.text(
            "认错了？在研究文件的这一段写明，例如", "Wrong? Say so in the study, for example"
        )
        if entry["layer"] == "people" and key == "people":
            code = f'<code>people = "{esc(heading.removeprefix("band "))}"</code>'
        return f'{out}{self.table(heads, rows)}<p class="hint">{hint} {code}</p>'

    def how(self, how: str) -> str:
        """Whether a column was named, recognised or guessed; what was guessed stands out."""
        return f'<i class="how {esc(how)}">{self.text(*HOW.get(how, (how, how)))}</i>'

    def datum(self) -> str:
        fits = self.document["datum"]
        body = ""
        for fit in fits:
            body += f"<h3>{esc(say.place_of(fit))}</h3><p>{self.told(say.fit(fit))}</p>"
            body += self.medians(fit)
            for part in fit["parts"]:
                body += f"<h4>{esc(part['part'])}</h4><p>{self.told(say.fit(part))}</p>"
        return self.section("坐标系与道路的吻合", "Coordinates against the roads", body)

    def medians(self, fit: dict[str, Any]) -> str:
        """Bars of the median metres to the road under each system: the shorter the better."""
        if len(fit["median_m"]) < 2:
            return ""
        longest = max(*fit["median_m"].values(), 1.0)
        heads = (
            Note("坐标系", "System"),
            Note("到道路（中位，米）", "Metres to the road (median)"),
            Note("", ""),
        )
        rows = [
            (
                f"<b>{esc(key)}</b>" if key == fit["used"] else esc(key),
                esc(say.number(metres)),
                (
                    f'<span class="bar{" used" if key == fit["used"] else ""}" '
                    f'style="width:{max(2, round(160 * metres / longest))}px"></span>'
                ),
            )
            for key, metres in sorted(fit["median_m"].items(), key=lambda item: item[1])
        ]
        return self.table(heads, rows, right=(1,))

    def links(self) -> str:
        """Facilities of each service, and how far from the road they stand."""
        heads = (
            Note("服务", "Service"), Note("可用", "Usable"), Note("规划", "Planned"),
            Note("离路太远", "Too far"), Note("范围以外", "Outside"),
            Note("未采用", "Set aside"), Note("到道路中位（米）", "Median leg (m)"),
            Note("最远（米）", "Longest (m)"), Note("限值（米）", "Limit (m)"),
        )  # fmt: skip
        keys = ("facilities_used", "facilities_planned", "facilities_unlinked",
                "facilities_outside")  # fmt: skip
        rows = [
            (
                esc(s["name"]),
                *(say.number(s[key]) for key in keys),
                str(len(s["set_aside"])),
                say.number(s["link_median_m"]),
                say.number(s["link_max_m"]),
                f"{s['link_limit_m']:g}",
            )
            for s in self.document["services"]
            if s["facilities_used"] is not None
        ]
        people = self.document["people"]
        more = ""
        if people is not None and people["link_median_m"] is not None:
            more = f"<p>{self.told(say.people_links(people))}</p>"
        body = self.table(heads, rows, right=range(1, 9)) if rows else ""
        return self.section("与道路的连接", "Links to the roads", body + more)

    def roads(self) -> str:
        """What is doubtful about the roads: parts, and places where a joint may be missing."""
        found = (self.document["roads"] or {}).get("diagnosis")
        if found is None:
            return ""
        body = (
            "<ul>" + "".join(f"<li>{self.told(Note(**n))}</li>" for n in found["notes"]) + "</ul>"
        )
        if found["parts"] > 1:
            heads = (Note("长度（米）", "Metres"), Note("段数", "Edges"), self.demand(),
                     Note("位置（经度, 纬度）", "At (lon, lat)"), Note("", ""))  # fmt: skip
            rows = [
                (
                    say.number(p["length_m"]), str(p["edges"]), say.number(p["people"]), say.at(p),
                    # every gated part is cut off from the first, which is not cut off itself
                    self.text("主路网", "main network") if k == 0
                    else self.text("门禁隔开", "behind a gate") if p["gated"] else "",
                )
                for k, p in enumerate(found["largest_parts"])
            ]  # fmt: skip
            table = self.table(heads, rows, right=(0, 1, 2))
            body += self.section(
                "互不连通的部分", "Parts that no road joins", table, count=str(found["parts"])
            )
        for key, (zh, en) in SPOTS.items():
            body += self.spots(found[key], zh, en)
        return self.section("道路诊断", "Diagnosis of the roads", body)

    def demand(self) -> Note:
        """The heading of a column of people, or of what stands in for them."""
        is_people = (self.document["people"] or {}).get("unit", "people") == "people"
        return Note("其上人口", "People there") if is_people else Note("其上需求", "Demand there")

    def spots(self, found: dict[str, Any], zh: str, en: str) -> str:
        if not found["total"]:
            return ""
        heads = (
            Note("位置（经度, 纬度）", "At (lon, lat)"),
            Note("间隔（米）", "Gap (m)"),
            Note("现在绕行（米）", "Way round (m)"),
            Note("接上可连通（米）", "Would join (m)"),
            self.demand(),
        )
        rows = [
            (say.at(s), *(say.number(s[k]) for k in ("gap_m", "detour_m", "joins_m", "people")))
            for s in found["rows"]
        ]
        table = self.table(heads, rows, right=(1, 2, 3, 4))
        return self.section(zh, en, table, rows=MANY + 1, count=str(found["total"]))

    def duplicates(self) -> str:
        pairs = self.document["duplicates"]
        if not pairs:
            return ""
        heads = (Note("文件", "File"), Note("行", "Row"), Note("名称", "Name"), Note("行", "Row"),
                 Note("名称", "Name"), Note("理由", "Why"))  # fmt: skip
        rows = [
            (
                esc(say.place_of(p)), str(p["row_a"]), esc(p["name_a"]), str(p["row_b"]),
                esc(p["name_b"]), self.text(p["zh"], p["en"]),
            )
            for p in pairs[:MOST_ROWS]
        ]  # fmt: skip
        table = self.table(heads, rows, right=(1, 3))
        return self.section(
            "疑似重复的设施", "Possible duplicates", table, rows=len(pairs), count=str(len(pairs))
        )

    def conservation(self) -> str:
        entries = self.document["conservation"]
        items = "".join(f"<li>{self.told(Note(e['zh'], e['en']))}</li>" for e in entries)
        return self.section(
            "人口总数核对", "Totals of people, checked", f"<ul>{items}</ul>" if items else ""
        )

    def changes(self) -> str:
        body = ""
        total = sum(kind["count"] for kind in self.document["changes"])
        for kind in self.document["changes"]:
            rows = [
                (self.note(say.place(r)), self.note(Note(r["detail_zh"], r["detail_en"])))
                for r in kind["rows"][:MOST_ROWS]
            ]
            heads = (Note("位置", "Where"), Note("改动", "What was made of it"))
            body += self.section(
                *say.change_kind(kind["kind"]), self.table(heads, rows),
                rows=len(rows), count=str(kind["count"]),
            )  # fmt: skip
        return self.section(
            "改动和推断", "What was changed or guessed", body, rows=total, count=str(total)
        )

    def set_aside(self) -> str:
        rows = say.all_set_aside(self.document)
        if not rows:
            return ""
        heads = (Note("文件", "File"), Note("工作表", "Sheet"), Note("行", "Row"),
                 Note("名称", "Name"), Note("原因", "Reason"))  # fmt: skip
        cells = [
            (
                esc(r["file"]),
                esc(r["sheet"]),
                "" if r["row"] is None else str(r["row"]),
                esc(r["name"]),
                self.note(say.reason(r)),
            )
            for r in rows[:MOST_ROWS]
        ]
        lead = f"<p>{self.told(say.reasons(rows))}</p>"
        return self.section(
            "未采用的行", "Rows set aside", lead + self.table(heads, cells, right=(2,)),
            rows=len(rows), count=str(len(rows)),
        )  # fmt: skip

    def foot(self) -> str:
        return (
            "<footer>"
            + self.text(
                "本页由“一刻钟”生成，不联网；“未采用”的行不计入结果，原文件没有改动。",
                "Made by Quarterhour; needs no network. Rows set aside do not count; no file was"
                " changed.",
            )
            + f" {esc(self.document['quarterhour'])}</footer>"
        )


def check_html(document: dict[str, Any]) -> str:
    """The page of a check's document.

    Raises InputError where the page would load anything from elsewhere.
    """
    page = _Page(document)
    tongue = "en" if page.language == "en" else "zh-CN"
    css = resources.files("quarterhour.render.check").joinpath("check.css")
    parts = (
        page.head(),
        page.entries("problems"),
        page.entries("warnings"),
        page.overview(),
        page.entries("notes"),
        page.set_aside(),
        page.changes(),
        page.duplicates(),
        page.readings(),
        page.datum(),
        page.links(),
        page.roads(),
        page.conservation(),
        page.foot(),
    )
    made = (
        f'<!DOCTYPE html>\n<html lang="{tongue}" data-language="{page.language}"><head>'
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="renderer" content="webkit"><meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{esc(document['study']['name'])} · 输入检查 check</title>"
        f"<style>\n{css.read_text(encoding='utf-8')}</style></head><body><main>"
        + "\n".join(part for part in parts if part)
        + "</main></body></html>\n"
    )
    refuse_external(made)
    return made


def write_check(path: Path, document: dict[str, Any]) -> None:
    """Write the page whole, or raise OSError."""
    content = check_html(document).encode("utf-8", "replace")
    with whole_file(path) as fresh:
        fresh.write_bytes(content)
