"""The report of a study: its tables in order, and report.xlsx, report.html and the figures."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from quarterhour._version import __version__
from quarterhour.answers.answer_words import group_note
from quarterhour.inputs import Note
from quarterhour.measures import counted
from quarterhour.render.book.workbook import write_workbook
from quarterhour.render.map.layers import Figure
from quarterhour.render.report.page import Report, figures_of, in_order, write_report_html
from quarterhour.render.sentences import circle_sentence, coverage_sentence
from quarterhour.render.words import WORDS
from quarterhour.report_tables import (
    changes_table,
    coverage_table,
    headline_table,
    method_table,
    set_aside_table,
    walker_note,
)
from quarterhour.units import persons

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.tabular import Table

FILES: Final = ("report.xlsx", "report.html")
"""Files of a report, beside the folder `FIGURES`."""

FIGURES: Final = "figures"


def document_of(
    assessments: Sequence[Assessment],
    summary: dict[str, Any],
    tables: Sequence[Table] = (),
    *,
    notes: Sequence[Note] = (),
    study_key: str = "",
) -> Report:
    """The report of a run: tables in the order in which they are read, and the main sentences.

    `summary`: the document of `render.summary`. `tables`: those of the answers, which come between
    the coverage and the rows set aside. `notes`: assumptions and what should be known.
    """
    study = summary["study"]
    own = [coverage_table(assessments), set_aside_table(summary), changes_table(summary),
           method_table(assessments, summary, study_key=study_key)]  # fmt: skip
    kept = [table for table in own if table.rows]
    ordered = in_order([*kept[:1], *tables, *kept[1:]])
    keys = [table.key for table in ordered]
    assert len(set(keys)) == len(keys), f"two tables of one report share a key: {keys}"  # noqa: S101
    version = f"Quarterhour 一刻钟 {__version__}"
    return Report(
        title=study["name"],
        language=study["language"],
        tables=ordered,
        asked=_asked(assessments, summary),
        answers=(*_answers(assessments), *_verdicts(summary)),
        headlines=headline_table(assessments),
        assumptions=tuple(dict.fromkeys(notes)),
        sources=tuple(study["attribution"]),
        generated_from=f"{version} · {study_key}" if study_key else version,
        synthetic=study["synthetic"],
    )


def write_report(folder: Path, report: Report) -> tuple[Path, ...]:
    """Write report.xlsx, report.html and figures/*.png into a folder; returns them in this order.

    Raises
    ------
    InputError
        The page would load something from elsewhere.
    OSError
        A file cannot be written.
    """
    drawn = figures_of(report.tables, language=report.language)
    report = dataclasses.replace(report, figures=drawn)
    book, page = (folder / name for name in FILES)
    lost = write_workbook(
        book,
        report.tables,
        title=report.title,
        language=report.language,
        notes=report.assumptions,
        generated_from=report.generated_from,
        headlines=report.headlines,
        answers=report.answers,
    )
    report = dataclasses.replace(report, assumptions=(*report.assumptions, *lost))
    write_report_html(page, report)
    written = [book, page]
    for key, png in drawn.items():
        path = folder / FIGURES / f"{key}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png)
        written.append(path)
    return tuple(written)


def _asked(
    assessments: Sequence[Assessment], summary: dict[str, Any]
) -> tuple[tuple[Note, Note], ...]:
    """What was asked: who, for which service, within how many minutes, where, with which data."""
    study = summary["study"]
    told = []
    for a in assessments:
        group, walker = group_note(a, a.group), walker_note(a)
        minutes = "、".join(f"{c:g}" for c in a.cutoffs_min)
        told.append(
            (
                Note(a.name, a.name),
                Note(
                    f"{group.zh}：步行 {minutes} 分钟内能否到达；{walker.zh}；"
                    f"{len(a.used)} 处现有设施",
                    f"{group.en}: whether it is reached on foot within"
                    f" {minutes.replace('、', ', ')} min; {walker.en};"
                    f" {counted(len(a.used), 'facility', 'facilities')}",
                ),
            )
        )
    unit = WORDS[assessments[0].ground.demand.kind]
    told.append(
        (
            Note("需求", "Demand"),
            Note(
                f"{study['places']:,} 处（{unit[0]}）",
                f"{counted(study['places'], 'place')} ({unit[1]})",
            ),
        )
    )
    if study["data_date"]:
        told.append((Note(*WORDS["data_date"]), Note(study["data_date"], study["data_date"])))
    return tuple(told)


def _answers(assessments: Sequence[Assessment]) -> list[Note]:
    """Who is covered at the last cutoff, what circles would count, and the residential areas."""
    told = []
    for a in assessments:
        count, unit = a.counts[-1][a.group], a.ground.demand.kind
        figure = Figure(
            cutoff_min=a.cutoffs_min[-1],
            group=a.group,
            total=persons(count.total),
            covered=persons(count.covered),
            uncovered=persons(count.uncovered),
            unlinked=persons(count.unlinked),
            share_covered=count.share_covered,
        )
        zh, en = coverage_sentence(figure, unit)
        told.append(Note(f"{a.name}：{zh}", f"{a.name}: {en}"))
        if a.circles:
            circle = a.circles[-1]
            circled = circle_sentence(
                dataclasses.replace(
                    figure,
                    circle_m=circle.radius_m,
                    circle_counted=persons(circle.counted[a.group]),
                    circle_wrongly=persons(circle.wrongly[a.group]),
                ),
                unit,
            )
            if circled is not None:
                told.append(Note(f"{a.name}：{circled[0]}", f"{a.name}: {circled[1]}"))
        if a.residential:
            told.append(_areas(a))
    return told


def _areas(a: Assessment) -> Note:
    """How many residential areas there are, and how many of them are in reach."""
    status = list(a.residential[-1].status)
    n, minutes = len(status), f"{a.cutoffs_min[-1]:g}"
    covered, partly, uncovered, unlinked = (
        status.count(s) for s in ("covered", "partly", "uncovered", "unlinked")
    )
    return Note(
        f"{a.name}：{minutes}分钟内，{n:,} 个居住区中 {covered:,} 个可达、{partly:,} 个部分可达、"
        f"{uncovered:,} 个未覆盖、{unlinked:,} 个未连路网",
        f"{a.name}: within {minutes} min, of {counted(n, 'residential area')}"
        f" {counted(covered, 'is', 'are')} covered,"
        f" {partly:,} partly covered, {uncovered:,} not covered, {unlinked:,} not linked",
    )


def _verdicts(summary: dict[str, Any]) -> list[Note]:
    """Of each plan, how many indicators pass, fail and are unknown."""
    return [
        Note(
            f"{plan['zh']}：{len(plan['indicators'])} 项指标中 {plan['pass']} 项达标、"
            f"{plan['fail']} 项未达标、{plan['unknown']} 项无法判断",
            f"{plan['en']}: of {counted(len(plan['indicators']), 'indicator')}"
            f" {counted(plan['pass'], 'passes', 'pass')}, {counted(plan['fail'], 'fails', 'fail')},"
            f" {plan['unknown']} cannot be judged",
        )
        for plan in summary.get("targets", {}).get("plans", [])
    ]
