"""When a map may leave the house: with the number of its review, or without any boundary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.render.map.layers import MapData


def require_approval(
    *, public: bool, approval_no: str, boundaries: bool, drawn: Sequence[str], tiles: bool
) -> None:
    """Raises InputError for a public map with boundaries that nobody has reviewed.

    `drawn`: what has a boundary, as the reader of the message knows it; `boundaries`: whether it is
    drawn. An online base map shows boundaries of its own.
    """
    if not public or approval_no.strip():
        return
    shown = [*(drawn if boundaries else ()), *(["the online base map of tiles"] if tiles else [])]
    if not shown:
        return
    ways = "give approval_no (审图号, the number of the map's review)"
    if boundaries and drawn:
        ways += ", or boundaries = false to draw none"
    if tiles:
        ways += ", or leave tiles out" if not (boundaries and drawn) else " and leave tiles out"
    message = (
        f"public = true, and the map would show administrative boundaries ({', '.join(shown)})"
        f" without a number of their review; {ways}"
    )
    raise InputError(message)


def check_approval(data: MapData) -> None:
    """The rule for a finished map; raises InputError."""
    drawn = []
    if data.area is not None and not data.area.is_empty:
        drawn.append("the study boundary")
    if data.districts:
        drawn.append("the district lines")
    require_approval(
        public=data.public, approval_no=data.approval_no, boundaries=data.boundaries,
        drawn=drawn, tiles=data.tiles is not None,
    )  # fmt: skip
