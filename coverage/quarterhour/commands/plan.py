"""The commands about plans and runs: a plan's own arithmetic, and two runs against each other."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer looks at it
from typing import TYPE_CHECKING, Annotated

import typer

from quarterhour.errors import InputError
from quarterhour.measures import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quarterhour.inputs import Note
    from quarterhour.plans.site_table import GivenSites
    from quarterhour.targets.findings import Finding

AsJson = Annotated[bool, typer.Option("--json", help="print the findings as JSON")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="print nothing but errors")]
Language = Annotated[str, typer.Option(help="zh, en or both")]

LANGUAGES = ("zh", "en", "both")

MOST_NAMED = 20
"""Rows of the list that are named in a sentence."""


def reconcile(
    plan: Annotated[
        str,
        typer.Argument(
            help="ziyang, anon_city, dazhou_draft, hechuan, yinzhou, or a figure file (.toml)",
            show_default=False,
        ),
    ],
    *,
    write: Annotated[
        Path | None,
        typer.Option(help="workbook of the planned facilities, to be filled with coordinates"),
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="write only the facilities of elderly or childcare care")
    ] = None,
    sites: Annotated[
        Path | None, typer.Option(help="table of the sites of the list, checked against its sums")
    ] = None,
    zone: Annotated[
        list[str] | None, typer.Option(help="county of a functional zone, such as 经开区=达川区")
    ] = None,
    language: Language = "zh",
    json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check a plan's own arithmetic: its targets against its project list and its population."""
    from quarterhour.plans.planned import check_plan, read_plan  # noqa: PLC0415 - start-up stays quick
    from quarterhour.plans.project_sites import write_workbook  # noqa: PLC0415
    from quarterhour.plans.site_table import read_sites  # noqa: PLC0415
    from quarterhour.render.summary import set_aside_rows, to_json  # noqa: PLC0415
    from quarterhour.targets.findings import summary_of  # noqa: PLC0415

    _check_language(language)
    if domain is not None and write is None:
        raise InputError(
            f"--domain is {domain!r} and --write is not given; --domain says which facilities"
            " --write writes: give both or neither"
        )
    found = read_plan(plan)
    findings = check_plan(found, zones=_zones(zone or []))
    given = None if sites is None else read_sites(sites, found)
    number = 0 if write is None else write_workbook(write, found, domain=domain)
    aside = (*found.set_aside, *(() if given is None else given.set_aside))
    document = summary_of(found, findings)
    document["set_aside"] = set_aside_rows(aside)
    if given is not None:
        document["sites"] = len(given.sites)
        document["sites_agree"] = list(given.agree)
        document["sites_unsure"] = list(given.unsure)
    if json:
        sys.stdout.write(to_json(document))
    elif not quiet:
        say = _writer(language)
        say(f"{found.zh}  {found.document}", f"{found.en}  {found.document}")
        _print_findings(findings, len(found.projects), say)
        if given is not None:
            _print_sites(f"{sites}", given, say)
        if write is not None:
            say(
                f"{write}：{number} 行待填坐标，填好后可作为设施表使用",
                f"{write}: {counted(number, 'row')} to be filled with coordinates; then a facility"
                " table",
            )
    if not quiet:
        for row in aside:
            typer.echo(f"set aside: {row.line()}", err=True)


def compare(
    before: Annotated[Path, typer.Argument(help="folder of the earlier run", show_default=False)],
    after: Annotated[Path, typer.Argument(help="folder of the later run", show_default=False)],
    *,
    out: Annotated[
        Path | None, typer.Option(help="folder for a layer of the places that gain and lose")
    ] = None,
    language: Language = "zh",
    json: Annotated[bool, typer.Option("--json", help="print the comparison as JSON")] = False,
    quiet: Quiet = False,
) -> None:
    """Compare two runs: what changed, for whom, and where."""
    from quarterhour.answers.compare import compare_runs, write_changes  # noqa: PLC0415
    from quarterhour.answers.compare_words import print_comparison, summary_of  # noqa: PLC0415
    from quarterhour.render.summary import to_json  # noqa: PLC0415

    _check_language(language)
    found = compare_runs(before, after)
    written = None if out is None else write_changes(found, out)
    if json:
        sys.stdout.write(to_json(summary_of(found)))
    elif not quiet:
        say = _writer(language)
        print_comparison(found, say)
        if written is not None:
            typer.echo(f"{written}")
        elif out is not None:
            say(
                f"{out / 'changes.gpkg'}：没有逐点的变化可写，该处没有这个文件（以前的已删除）",
                f"{out / 'changes.gpkg'}: no place changes, nothing was written (an older one is"
                " removed)",
            )


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise InputError(f"--language is {language!r}; needed is one of {', '.join(LANGUAGES)}")


def _zones(pairs: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        zone, sign, county = pair.partition("=")
        if not (zone.strip() and sign and county.strip()):
            raise InputError(f"--zone is {pair!r}; needed is zone=county, such as 经开区=达川区")
        before = found.setdefault(zone.strip(), county.strip())
        if before != county.strip():
            raise InputError(
                f"--zone gives {zone.strip()} to {before} and to {county.strip()}; needed is one"
                " county for each zone"
            )
    return found


def _print_sites(label: str, given: GivenSites, say: Callable[[str, str], None]) -> None:
    """What was read of a table of sites, and how much of it could be held against the list."""
    from quarterhour.targets.findings import listed  # noqa: PLC0415 - start-up stays quick

    n, agree, unsure = len(given.sites), len(given.agree), len(given.unsure)
    if not n:
        say(f"{label}：没有读到可用的点位，无从核对", f"{label}: no usable site, nothing to check")
        return
    zh = f"{label}：{n} 处，属清单 {agree + unsure} 行"
    en = f"{label}: {counted(n, 'site')} of {counted(agree + unsure, 'row')} of the list"
    if not unsure:
        say(f"{zh}，各行合计与清单一致", f"{en}, their sums are those of the list")
        return
    say(
        f"{zh}：{agree} 行合计与清单一致，{unsure} 行床位或托位没有填全，无法核对："
        f"{'、'.join(given.unsure[:MOST_NAMED])}{' …' if unsure > MOST_NAMED else ''}",
        f"{en}: the sums of {agree} are those of the list, {unsure} cannot be checked for want of"
        f" beds or places: {listed(given.unsure, most=MOST_NAMED)}",
    )


def _writer(language: str) -> Callable[[str, str], None]:
    """A function that prints a line in the language, in both one under the other."""

    def say(zh: str, en: str) -> None:
        for text in {"zh": (zh,), "en": (en,)}.get(language, (zh, en) if zh != en else (zh,)):
            typer.echo(text)

    return say


def _print_findings(
    findings: Sequence[Finding], rows: int, say: Callable[[str, str], None]
) -> None:
    """What does not fit, numbered by how bad it is; of what fits, how much it is."""
    from quarterhour.targets.findings import STATUS  # noqa: PLC0415

    if rows:
        say(f"项目清单 {rows} 行", f"project list: {counted(rows, 'row')}")
    else:
        say("没有项目清单", "no project list")
    for status, label in STATUS.items():
        of = [f for f in findings if f.status == status]
        if of and status == "agrees":
            _agreed(of, label, say)
            continue
        if of:
            say(f"{label.zh} {len(of)}", f"{label.en}: {len(of)}")
        for k, finding in enumerate(of, 1):
            # all names of towns are held against one list, which the table of findings names
            town = finding.key.startswith("town_")
            clause = ", ".join(finding.rows) if town else finding.clause
            where = f"  [{clause}]" if clause else ""
            say(f"  {k}. {finding.sentence.zh}{where}", f"  {k}. {finding.sentence.en}{where}")


def _agreed(of: Sequence[Finding], label: Note, say: Callable[[str, str], None]) -> None:
    """What fits: in one line where it is a printed head, otherwise by itself."""
    heads = [f for f in of if f.key.startswith("head_")]
    say(f"{label.zh} {len(of)}", f"{label.en}: {len(of)}")
    for finding in of:
        if finding not in heads:
            say(f"  {finding.sentence.zh}", f"  {finding.sentence.en}")
    if heads:
        say(
            f"  清单中 {len(heads)} 个小计、合计与逐行相加一致",
            f"  {len(heads)} printed sums of the list are those of their rows",
        )
