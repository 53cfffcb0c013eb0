"""Results at a glance, as notebooks show them: figures with their denominators and a sketch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from quarterhour.inputs import EVERYONE
from quarterhour.measures import counted
from quarterhour.render.card import card, figures, framed, sentences, sketch, table_of
from quarterhour.render.sentences import count, percent, plain_minutes
from quarterhour.render.words import WORDS, group_pair
from quarterhour.tabular import Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.inputs import Note
    from quarterhour.siting.result import SiteResult
    from quarterhour.tabular import Table

COLUMNS: Final = (
    Column("cutoff", "时限", "Cutoff", "minutes"),
    Column("group", "人群", "Group"),
    Column("covered", "可达", "Covered", "people"),
    Column("total", "总量", "Total", "people"),
    Column("share", "可达占比", "Share covered", "percent"),
    Column("uncovered", "未覆盖", "Not covered", "people"),
    Column("unlinked", "未连路网", "Unlinked", "people"),
)
SHARE: Final = (
    "可达占比 = 可达 ÷ 总量（含未连路网者）；走得到不等于有床位或学位",
    "share = covered / total, unlinked included; within reach does not mean a free bed or place",
)
MAP: Final = (
    '地图：qh.write_map("map.html", …)，一个文件，离线可开',
    'for the map: qh.write_map("map.html", …), one file that opens offline',
)
COLOURS: Final = (
    "图：蓝色为服务区（深色较近）与设施，橙色为未覆盖人口，紫色为建议选址；仅供示意",
    "sketch: blue service areas (dark: near) and facilities, orange not covered, purple proposed",
)


def of_assessment(a: Assessment) -> str:
    """HTML of one assessment: covered of total by cutoff and group, and a sketch."""
    unit = WORDS[a.ground.demand.kind]
    walker = a.walker
    terms = (
        f"{walker.label_zh}；单位：{unit[0]}；设施 {len(a.used)} 处在用",
        (
            f"{walker.label_en}; in {unit[1]};"
            f" {counted(len(a.used), 'facility serves', 'facilities serve')}"
        ),
    )
    return card(a.name or "Quarterhour", _table(a), _sketch(a), notes=(terms, SHARE, COLOURS, MAP))


def of_study(
    name: str, assessments: Sequence[Assessment], page: str, written: Sequence[Path] = ()
) -> str:
    """HTML of a run: a table for each service, its map where `page` is small, else a sketch."""
    shown = framed(page)
    parts = [card(a.name, _table(a), "" if shown else _sketch(a)) for a in assessments]
    size = f"{len(page.encode('utf-8', 'replace')) / 1e6:.1f}"
    place = next((path.as_posix() for path in written if path.name.startswith("map")), "")
    notes = [SHARE]
    if not shown:
        notes.append(COLOURS)
        zh = f"请打开 {place}" if place else '用 run_study(…, "out") 写成文件'
        en = f"open {place}" if place else 'run_study(…, "out") writes it'
        told = f"地图 {size} MB，不在此处显示；{zh}", f"a map of {size} MB is not shown here; {en}"
        notes.append(told)
    return card(name, *parts, shown, notes=notes)


def of_site(result: SiteResult, told: Sequence[Note], tables: Sequence[Table]) -> str:
    """HTML of proposed sites: the answer in sentences, the sites, before and after, a sketch."""
    change = result.change
    after = result.after
    first = len(result.given.facilities)
    new = [s for s in after.areas[-1][first:] if s is not None] if change is not None else []
    drawn = _sketch(
        after, was=result.given, added=new,
        sites=np.column_stack([result.sites.lon, result.sites.lat]),
    )  # fmt: skip
    both = [
        *_rows(result.given, mark=("现状", "today"), last=True),
        *_rows(after, mark=("建成后", "with the sites"), last=True),
    ]
    state = Column("state", "状态", "State")
    return card(
        result.given.name,
        sentences(told),
        figures((state, *COLUMNS), both),
        *(table_of(table) for table in tables),
        drawn,
        notes=(SHARE, COLOURS),
    )


def of_answer(name: str, told: Sequence[Note], tables: Sequence[Table]) -> str:
    """HTML of any other answer: sentences and tables."""
    return card(name, sentences(told), *(table_of(table) for table in tables), notes=(SHARE,))


def _table(a: Assessment) -> str:
    return figures(COLUMNS, _rows(a))


def _rows(
    a: Assessment, *, mark: tuple[str, str] | None = None, last: bool = False
) -> list[list[str]]:
    """Written figures of the service's group and of everyone, by cutoff."""
    kind = a.ground.demand.kind
    rows = []
    for cutoff, counts in list(zip(a.cutoffs_min, a.counts, strict=True))[-1 if last else 0 :]:
        for group in dict.fromkeys((a.group, EVERYONE)):
            c = counts[group]
            told = c.told()
            zh, en = group_pair(group, kind)
            share = c.share_covered
            rows.append(
                [
                    *([] if mark is None else [f"{mark[0]} {mark[1]}"]),
                    f"{plain_minutes(cutoff)} min",
                    zh if zh == en else f"{zh} {en}",
                    count(told.covered),
                    count(told.total),
                    "–" if share is None else percent(share),
                    count(told.uncovered),
                    count(told.unlinked),
                ]
            )
    return rows


def _sketch(
    a: Assessment,
    *,
    was: Assessment | None = None,
    added: Sequence[object] = (),
    sites: NDArray[np.float64] | None = None,
) -> str:
    import shapely  # noqa: PLC0415 - only what is drawn needs it

    of, demand = was or a, a.ground.demand
    left = np.flatnonzero(~a.demand.covered(a.cutoff_ms) & a.ground.inside)
    most = demand.amounts[a.group][left]
    left = left[most > 0][np.argsort(-most[most > 0], kind="stable")]
    used = of.used
    return sketch(
        of.dissolved,
        facilities=np.column_stack([of.facilities.lon[used], of.facilities.lat[used]]),
        uncovered=np.column_stack([demand.lon[left], demand.lat[left]]),
        added=shapely.union_all(list(added)) if added else None,
        sites=sites,
    )
