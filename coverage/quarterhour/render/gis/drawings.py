"""What each layer looks like in QGIS: its legend as rules with symbols, and its labels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from quarterhour.render import palette
from quarterhour.render.gis import symbols
from quarterhour.render.gis.aliases import (
    CANDIDATE_STATUS,
    CHANGES,
    FACILITY_STATUS,
    REASONS,
    STATUS,
)
from quarterhour.render.gis.looks import Look, different
from quarterhour.render.gis.rules import Rule, both, equal, labels, rules, single
from quarterhour.render.map.kinds import REST, ServiceLook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NAMES_FROM: Final = 15_000
GAP_NAMES_FROM: Final = 12_000
SEEN: Final = 0.6
"""Opacity of service areas: streets and land below them are still seen."""

REASON_COLOURS: Final = {
    "beyond": "#F4A582", "no_facility": palette.GAP, "detour": "#E69F00", "barrier": "#CC79A7",
    "hill": "#A0783C", "walker": "#785EF0", "disconnected": "#A84300", "edge": "#F0E442",
    "far_from_road": "#8A8A8A", "behind_barrier": "#4A4A4A", "full": "#0072B2",
}  # fmt: skip
VERDICTS: Final = (
    ("yes", "有设施 facility present", palette.STATUS["covered"]),
    ("no", "无设施 none", palette.STATUS["uncovered"]),
    ("", "未知 not known", palette.STATUS["unlinked"]),
)


Drawn = tuple[str, str]
"""A renderer, and what stands beside it: labels and opacity."""


def _by_service(
    columns: Mapping[str, Any],
    look: Look,
    rows: Callable[[str, ServiceLook], Sequence[Rule]],
    *,
    all_on: bool = True,
) -> list[Rule]:
    """`rows`(name, look) below each service; without a heading where there is one service.

    Where services lie upon each other (`all_on` False) only the first is drawn at first.
    """
    have = different(columns.get("service", ("",)))
    names = [n for n in look.services if n in have] + [n for n in have if n not in look.services]
    plain = ServiceLook(colour=palette.SERVICES[0][0], shape=palette.SERVICES[0][1])
    of = {name: tuple(rows(name, look.services.get(name, plain))) for name in names}
    if len(names) == 1:
        return list(of[names[0]])
    return [
        Rule(label=name or "–", where=equal("service", name), below=of[name], on=all_on or k == 0)
        for k, name in enumerate(names)
    ]


def _minutes(value: float) -> str:
    return f"{value:g} 分钟 min"


def _areas(columns: Mapping[str, Any], look: Look) -> Drawn:
    def rows(name: str, one: ServiceLook) -> list[Rule]:
        cutoffs = look.cutoffs_min[name]
        tones = palette.bands(one.colour, len(cutoffs))
        together = [
            Rule(label=_minutes(c), where=both(equal("cutoff_min", c), equal("scope", "all")),
                 symbol=symbols.fill(tone, 255, edge=one.colour, edge_alpha=255))
            for c, tone in zip(cutoffs, tones, strict=True)
        ]  # fmt: skip
        own = Rule(
            label="单个设施 each facility",
            where=equal("scope", "facility"),
            symbol=symbols.fill(one.colour, 0, edge=one.colour, edge_alpha=255, width_mm=0.3),
            on=False,
        )
        return [*together, own]

    tree = _by_service(columns, look, rows, all_on=False)
    return rules(tree, order="cutoff_min"), f"<layerOpacity>{SEEN}</layerOpacity>"


def _lines(columns: Mapping[str, Any], look: Look) -> Drawn:
    def rows(name: str, one: ServiceLook) -> list[Rule]:
        cutoffs = look.cutoffs_min[name]
        tones = palette.bands(one.colour, len(cutoffs))
        together = [
            Rule(label=_minutes(c), where=both(equal("cutoff_min", c), equal("scope", "all")),
                 symbol=symbols.line(tone, 0.5))
            for c, tone in zip(cutoffs, tones, strict=True)
        ]  # fmt: skip
        own = Rule(
            label="单个设施 each facility",
            where=equal("scope", "facility"),
            symbol=symbols.line(one.colour, 0.4),
            on=False,
        )
        return [*together, own]

    return rules(_by_service(columns, look, rows, all_on=False), order="cutoff_min"), ""


def _facilities(columns: Mapping[str, Any], look: Look) -> Drawn:
    """By service, kind and status; statuses that no facility has are not in the legend."""
    told = set(
        zip(columns["service"], columns["kind_zh"], columns["kind_en"], columns["status"],
            strict=True)
    )  # fmt: skip

    def rows(name: str, one: ServiceLook) -> list[Rule]:
        named = [(k.name, k.shape) for k in one.kinds if k.name != REST]
        rest = next((k.shape for k in one.kinds if k.name == REST), one.shape)
        found = []
        for kind, shape in named:
            own = {s for service, zh, en, s in told if service == name and (zh, en) == kind}
            where = both(equal("kind_zh", kind[0]), equal("kind_en", kind[1]))
            found += _states(_pair(*kind), where, shape, one.colour, own)
        known = {kind for kind, _ in named}
        left = {s for service, zh, en, s in told if service == name and (zh, en) not in known}
        if left:
            label = " ".join(REST) if named else "设施 facilities"
            found += _states(label, "" if not named else "ELSE", rest, one.colour, left)
        return found

    drawing = rules(_by_service(columns, look, rows))
    text = labels('"name"', size_pt=8, nearer_than=NAMES_FROM,
                  placement='placement="6" offsetType="1" dist="0.6" distUnits="MM"'
                            ' predefinedPositionOrder="R,L,TR,BR,TL,BL,TSR,BSR"')  # fmt: skip
    return drawing, text


def _states(label: str, where: str, shape: str, colour: str, own: set[str]) -> list[Rule]:
    """A row for a kind all of which serves, else a heading and a row for each state."""
    below = [
        Rule(label=f"{zh} {en}", where=equal("status", status),
             symbol=symbols.facility(shape, colour, status))
        for status, zh, en in FACILITY_STATUS if status in own
    ]  # fmt: skip
    if own <= {"used"}:
        return [Rule(label=label, where=where, symbol=symbols.facility(shape, colour))]
    return [Rule(label=label, where=where, below=tuple(below))]


def _pair(zh: str, en: str) -> str:
    return zh if zh == en else f"{zh} {en}"


def _coded(
    column: str, codes: Sequence[tuple[str, str, str]], made: Sequence[str], only: set[Any]
) -> list[Rule]:
    """A row for each code with its symbol; those of `only` where it is not empty."""
    return [
        Rule(label=f"{zh} {en}", where=equal(column, value), symbol=symbol)
        for (value, zh, en), symbol in zip(codes, made, strict=True)
        if value in only or not only
    ]


def _status_points(columns: Mapping[str, Any], look: Look) -> Drawn:
    sizes = {"covered": 1.0, "partly": 1.3, "uncovered": 1.6, "unlinked": 1.3}
    made = [symbols.dot(palette.STATUS[status], sizes[status]) for status, _, _ in STATUS]
    rows = _coded("status", STATUS, made, set(columns["status"]))
    return rules(_by_service(columns, look, lambda _n, _l: rows, all_on=False)), ""


def _status_areas(columns: Mapping[str, Any], look: Look) -> Drawn:
    made = [symbols.fill(palette.STATUS[status], 120) for status, _, _ in STATUS]
    rows = _coded("status", STATUS, made, set(columns["status"]))
    drawing = rules(_by_service(columns, look, lambda _n, _l: rows, all_on=False))
    if "name" not in columns:
        return drawing, ""
    return drawing, labels('"name"', size_pt=7.5, nearer_than=8_000)


def _gaps(columns: Mapping[str, Any], look: Look) -> Drawn:
    """By reason, with the rank written on it, and the name where there is room."""
    made = [
        symbols.fill(REASON_COLOURS[reason], 90, edge=palette.GAP_NUMBER, edge_alpha=255,
                     width_mm=0.4, edge_style="dash" if reason == "full" else "solid")
        for reason, _, _ in REASONS
    ]  # fmt: skip
    rows = [
        # these lie where people are covered, and have ranks of their own
        dataclasses.replace(rule, on=False) if rule.where == equal("reason", "full") else rule
        for rule in _coded("reason", REASONS, made, set(columns["reason"]))
    ]
    named = "name" in columns
    text = (
        f'if(@map_scale < {GAP_NAMES_FROM}, "rank" || \' \' || "name", "rank")'
        if named
        else '"rank"'
    )
    told = labels(text, size_pt=9, bold=True, colour=symbols.rgba(palette.GAP_NUMBER),
                  placement='placement="1"', rank='"rank"')  # fmt: skip
    return rules(_by_service(columns, look, lambda _n, _l: rows, all_on=False)), told


def _routes(columns: Mapping[str, Any], look: Look) -> Drawn:
    rows = [Rule(label="步行路线 walk", symbol=symbols.line(symbols.INK, 0.5, dash="dash"))]
    text = labels("round(\"minutes\", 1) || ' min'", size_pt=7.5, nearer_than=GAP_NAMES_FROM,
                  placement='placement="2" placementFlags="10"')  # fmt: skip
    drawing = rules(_by_service(columns, look, lambda _n, _l: rows, all_on=False))
    return drawing, text if "minutes" in columns else ""


def _units(columns: Mapping[str, Any], look: Look) -> Drawn:
    return _verdicts(columns, look, lambda colour: symbols.fill(colour, 70, edge="#3B444C"))


def _unit_points(columns: Mapping[str, Any], look: Look) -> Drawn:
    return _verdicts(columns, look, lambda colour: symbols.dot(colour, 3.0))


def _verdicts(columns: Mapping[str, Any], look: Look, make: Callable[[str], str]) -> Drawn:
    """Whether a unit has a facility; levels lie upon each other, so that one is drawn at first."""
    verdicts = [
        Rule(label=label, where=equal("present", value), symbol=make(colour))
        for value, label, colour in VERDICTS
    ]

    def rows(_name: str, _one: ServiceLook) -> list[Rule]:
        levels = different(columns.get("level", ()))
        if len(levels) < 2:
            return verdicts
        return [
            Rule(label=_pair(*LEVELS.get(level, (level, level))), where=equal("level", level),
                 below=tuple(verdicts), on=k == 0)
            for k, level in enumerate(levels)
        ]  # fmt: skip

    text = labels('"unit"', size_pt=8, nearer_than=60_000) if "unit" in columns else ""
    return rules(_by_service(columns, look, rows, all_on=False)), text


def _changes(columns: Mapping[str, Any], look: Look) -> Drawn:
    """Places that gain or lose cover, by scenario where there are several."""
    made = [symbols.dot(palette.GAINED, 2.0), symbols.dot(palette.LOST, 2.0)]
    rows = _coded("change", CHANGES, made, set())
    plans = different(columns.get("scenario", ()))
    if len(plans) > 1:
        rows = [
            Rule(label=name, where=equal("scenario", name), below=tuple(rows), on=k == 0)
            for k, name in enumerate(plans)
        ]
    return rules(_by_service(columns, look, lambda _n, _l: rows, all_on=False)), ""


def _candidates(columns: Mapping[str, Any], _look: Look) -> Drawn:
    """Where something could be built: what was chosen, what could be, and what was left out."""
    have = set(columns["status"])
    rows = [
        Rule(label="可选 possible", where=equal("status", "usable"),
             symbol=symbols.dot("#8A8A8A", 1.2)),
        Rule(label="选中 chosen", where=equal("status", "chosen"),
             symbol=symbols.dot(palette.SITE, 3.0)),
    ]  # fmt: skip
    rows += [
        Rule(label=f"{zh} {en}", where=equal("status", value), symbol=symbols.left_out())
        for value, zh, en in CANDIDATE_STATUS
        if value in have and value not in {"usable", "chosen"}
    ]
    return rules(rows), ""


def _sites(columns: Mapping[str, Any], _look: Look) -> Drawn:
    """Pins with their rank; near, their names too."""
    if "order" not in columns:
        return single(symbols.pin(palette.SITE)), ""
    text = labels(
        '"order"', size_pt=8, bold=True, colour="255,255,255,255", edge=False,
        placement='placement="1" quadOffset="4" xOffset="0" yOffset="-4.7" offsetUnits="MM"',
    )  # fmt: skip
    return single(symbols.pin(palette.SITE)), text


def _one(symbol: str) -> Callable[[Mapping[str, Any], Look], Drawn]:
    return lambda _columns, _look: (single(symbol), "")


LEVELS: Final[Mapping[str, tuple[str, str]]] = {
    "county": ("区县", "county"), "town": ("镇街", "town"), "village": ("村", "village"),
    "community": ("社区", "community"), "new_residential": ("新建居住区", "new residential"),
    "hospital": ("医院", "hospital"),
}  # fmt: skip

DRAWN: Final[Mapping[str, Callable[[Mapping[str, Any], Look], Drawn]]] = {
    "service_areas": _areas,
    "service_area_lines": _lines,
    "facilities": _facilities,
    "people": _status_points,
    "demand": _status_points,
    "people_outside": _status_points,
    "demand_outside": _status_points,
    "residential": _status_areas,
    "gaps": _gaps,
    "gap_routes": _routes,
    "units": _units,
    "unit_points": _unit_points,
    "changes": _changes,
    "scenario_changes": _changes,
    "sites_chosen": _sites,
    "sites_areas": _one(symbols.fill(palette.SITE, 60, edge=palette.SITE, edge_alpha=255,
                                     width_mm=0.4)),
    "sites_candidates": _candidates,
    "sites_closed": _one(symbols.crossed(palette.LOST)),
    "newly_covered": _one(symbols.dot(palette.GAINED, 2.0)),
    "no_longer_covered": _one(symbols.dot(palette.LOST, 2.0)),
    "still_uncovered": _one(symbols.dot(palette.GAP, 1.6)),
}  # fmt: skip
"""What makes the drawing and the labels of a layer, by its name."""
