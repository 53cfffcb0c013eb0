"""A town of which every walk can be added up by eye, with a facility and three that may open.

    (600,600) 丙 30
        |
    (0,0) 甲 10 --- 乙 20 (500) ==== (600,0) ==== (1200,0) 丁 40

At 1 m/s and 5 minutes a facility reaches 300 m along the street.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour.gather.laying import assess_service
from quarterhour.study import prepare_study
from small_study import facilities_text, small_study

if TYPE_CHECKING:
    from pathlib import Path

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.gather.laying import Laid
    from quarterhour.inputs import Facilities

    Town = tuple[Laid, Facilities]

PLACES = [
    # name, x, y, kind, status; whom it reaches in 5 minutes
    ("西院", 0, 0, "养老院", "现状"),  # 甲 10
    ("东站", 1200, 0, "日间照料", "规划"),  # 丁 40
    ("北站", 600, 500, "日间照料", "规划"),  # 丙 30
    ("中站", 390, 0, "日间照料", "规划"),  # 甲 10 and 乙 20
]
NAN = float("nan")


def year_town(folder: Path, more: dict[str, Any] | None = None) -> Town:
    """The town's ground and its facilities; `more`: further keys of the study."""
    study = small_study(
        folder,
        {
            "service.0.walker": "elderly",
            "service.0.cutoffs_min": [5],
            "service.0.status": ["现状"],
            **(more or {}),
        },
        {"facilities.csv": facilities_text(PLACES)},
    )
    ready = prepare_study(study, store=False)
    return ready.laid, ready.facilities[0]


def assessed(town: Town, serving: Any = None, **columns: Any) -> Assessment:
    """The town with other columns of its facilities, and with others that serve."""
    laid, facilities = town
    changed = dataclasses.replace(facilities, attributes={**facilities.attributes, **columns})
    if serving is not None:
        changed = dataclasses.replace(changed, serving=np.asarray(serving, bool))
    return assess_service(laid, 0, changed)
