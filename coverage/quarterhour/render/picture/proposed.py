"""What a state changes, drawn in the figure of a map: areas, places, streets, facilities, sites."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from quarterhour.render.picture import unpack
from quarterhour.render.picture.opening import area_of, rings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from quarterhour.render.picture.opening import Opening

    Page = dict[str, Any]

_NEW: Final = 0.42
_GONE: Final = 0.75
_PIN_PT: Final = 38.0
"""Twice the height of a pin: a marker's size is told from its middle."""


def _of(data: Page) -> tuple[Any, float, Any]:
    """The first service, the step of its shapes in degrees, and the colours."""
    return data["services"][0], data["steps"]["shape"], data["colours"]


def areas(
    opened: Opening,
    data: Page,
    fill: Callable[..., None],
    word: Callable[[str], str],
) -> list[Any]:
    """Draw the service area of a state, and what of it is new or gone; rows of the legend."""
    from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

    service, step, colours = _of(data)
    one, tone = opened.one, service["bands"][len(service["bands"]) // 2]
    assert one is not None  # noqa: S101 - of today there is nothing new
    today = area_of(unpack.shapes(service["dissolved"], step)[-1:])
    whole = unpack.shapes(one["area"], step)
    then = area_of(whole) if whole else today | area_of(unpack.shapes(one["areas"], step))
    new, gone = then - today, today - then
    fill(rings_of(then), facecolor=tone, alpha=0.55)
    rows = [Patch(facecolor=tone, alpha=0.7, label=word("stage_area"))]
    if len(opened.gained) or one["gained"].get("hidden"):
        fill(rings_of(new), facecolor=colours["gained"], alpha=_NEW)
        rows.append(Patch(facecolor=colours["gained"], alpha=_NEW, label=word("stage_new")))
    if len(opened.lost) or one["lost"].get("hidden"):
        look = {"facecolor": "none", "edgecolor": colours["lost"], "hatch": "xxxx", "alpha": _GONE}
        fill(rings_of(gone), **look)
        rows.append(Patch(**look, label=word("stage_gone")))
    return rows


def changes(
    axes: Any,  # noqa: ANN401 - matplotlib's
    opened: Opening,
    data: Page,
    em: float,
    word: Callable[[str], str],
) -> list[Any]:
    """Draw who gains and loses, the streets and facilities that change, and the sites."""
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy

    service, step, colours = _of(data)
    plan, one = opened.plan, opened.one
    assert plan is not None  # noqa: S101 - of today nothing changes
    assert one is not None  # noqa: S101
    rows: list[Any] = []

    def put(at: Any, key: str, zorder: float, **look: Any) -> None:  # noqa: ANN401
        if not len(at):
            return
        x, y = np.asarray(at, np.float64).T
        axes.plot(x, y, zorder=zorder, **look)
        rows.append(Line2D([], [], label=word(key), **look))

    for key, colour, dash in (("closed", "lost", "--"), ("opened", "gained", "-")):
        look = {"color": colours[colour], "lw": 2.0 * em, "ls": dash}
        lines = [line for shape in unpack.shapes(plan[key], step) for line in shape]
        for closed, line in lines:
            axes.plot(*(np.vstack([line, line[:1]]) if closed else line).T, zorder=5, **look)
        if lines:
            rows.append(Line2D([], [], label=word(f"scenario_{key}"), **look))

    def signs(colour: str, marker: str, size: float) -> dict[str, Any]:
        return {"marker": marker, "ls": "", "ms": size * em, "mew": 0.4 * em, "mec": "white",
                "color": colours[colour]}  # fmt: skip

    put(opened.lost, "stage_lost", 3.2, **signs("lost", "X", 4.4))
    put(opened.gained, "stage_gained", 3.3, **signs("gained", "P", 4.4))
    cuts = [(lon, lat) for lat, lon in plan["cuts"]]
    cross = {"marker": "x", "ls": "", "ms": 6 * em, "mew": 1.8 * em, "color": colours["lost"]}
    if cuts:
        axes.plot(*np.array(cuts).T, zorder=6.5, **cross)
    added = [it["at"][::-1] for it in one["added"]]
    ring = {"marker": "o", "ls": "", "ms": 12 * em, "mfc": "none", "mew": 2 * em}
    own = {"marker": "P", "ls": "", "ms": 9 * em, "mew": 0.9, "mec": "white",
           "color": service["colour"]}  # fmt: skip
    put(added, "scenario_added", 6.4, **own)
    where = [it["at"][::-1] for it in service["facilities"]]
    put([where[k] for k in one["opened"]], "stage_opened", 6.4, mec=colours["gained"], **ring)
    shut = [where[k] for k in one["dropped"]]
    if shut:
        axes.plot(*np.array(shut).T, zorder=6.5, **(cross | {"ms": 12 * em}))
    key = "scenario_dropped" if plan["proposed"] else "stage_closed"
    put(shut, key, 6.4, mec=colours["lost"], **ring)
    return _sites(axes, one["sites"], colours["site"], em, word, plan) + rows


def _pin() -> Any:  # noqa: ANN401 - matplotlib's
    """A drop whose tip is at the place."""
    from matplotlib.path import Path as Outline  # noqa: PLC0415 - heavy

    turns = np.linspace(-0.25 * math.pi, 1.25 * math.pi, 25)
    round_ = np.column_stack([np.cos(turns), np.sin(turns) + 1.5])
    return Outline(np.vstack([[0, 0], round_, [0, 0]]), closed=True)


def _sites(axes: Any, sites: Any, colour: str, em: float, word: Any, plan: Any) -> list[Any]:  # noqa: ANN401
    from matplotlib.lines import Line2D  # noqa: PLC0415 - heavy

    if not sites:
        return []
    look = {"marker": _pin(), "ls": "", "ms": _PIN_PT * em, "mew": 1.2, "mec": "white",
            "color": colour}  # fmt: skip
    for site in sorted(sites, key=lambda it: -it["rank"]):  # the first lies above the others
        lat, lon = site["at"]
        axes.plot([lon], [lat], zorder=8 - 0.001 * site["rank"], **look)
        # the middle of the drop's head
        axes.annotate(
            str(site["rank"]), (lon, lat), (0, 0.3 * _PIN_PT * em), textcoords="offset points",
            ha="center", va="center", fontsize=7 * em, fontweight="bold", color="white",
            zorder=8 - 0.001 * site["rank"], annotation_clip=True,
        )  # fmt: skip
    key = "site_other" if plan["proposed"] == "other" else "site_best"
    return [Line2D([], [], label=word(key), **(look | {"ms": 20 * em}))]


def told(
    opened: Opening, data: Page, pair: Callable[[Any], str], word: Callable[[str], str]
) -> tuple[str, str, str]:
    """The share of a state after today's, what it is a share of, and who is left out."""
    service, (unit, per) = data["services"][0], data["told_in"]
    assert opened.one is not None  # noqa: S101 - of today the views tell
    figure, today = opened.one["figure"], service["figures"][-1]
    both = [it["share"] for it in (today, figure)]
    share = " → ".join("–" if it is None else f"{100 * it:.1f}%" for it in both)
    who = pair(service["group"]) if unit == "people" else ""
    of = f"{figure['covered'] / per:,.0f} / {figure['total'] / per:,.0f} {word(unit)} {who}".strip()
    more = figure["covered"] - today["covered"]
    sign = "+" if more > 0 else "−" if more < 0 else "±"
    left = [f"{word(key)} {figure[key] / per:,.0f}" for key in ("uncovered", "unlinked")]
    return share, f"{of} · {word('than_today')} {sign}{abs(more) / per:,.0f}", " · ".join(left)
