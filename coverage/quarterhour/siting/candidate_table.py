"""The candidates of an answer by what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.inputs import Note
from quarterhour.siting.words import STATUS
from quarterhour.tabular import Column, Table

if TYPE_CHECKING:
    from quarterhour.siting.result import SiteResult


def candidate_table(result: SiteResult) -> Table:
    """How many candidates are chosen, could be, or cannot, and where they come from."""
    states = ["chosen" if k in set(result.chosen.tolist()) else s
              for k, s in enumerate(result.status)]  # fmt: skip
    return Table(
        key="site_candidates",
        title=Note("候选点", "Candidates"),
        columns=(
            Column("status", "状态", "status"),
            Column("number", "数量", "number", "integer"),
        ),
        rows=tuple((STATUS[s], states.count(s)) for s in STATUS if s in states),
        notes=(
            Note(
                f"来源：{_source(result).zh}",
                f"source: {_source(result).en}",
            ),
        ),
    )


def _source(result: SiteResult) -> Note:
    c = result.candidates
    return {
        "network": Note(
            f"沿街生成，每段不超过 {result.part.spacing_m:g} 米取一处",
            f"along the streets, one on every stretch of at most {result.part.spacing_m:g} m",
        ),
        "places": Note("研究范围内每个有需求的位置", "every place of demand in the study area"),
    }.get(c.source, Note(c.at.file, c.at.file))
