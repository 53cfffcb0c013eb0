"""Second looks at inputs that can be read: likely duplicates, the soundness of the roads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quarterhour import units
from quarterhour.inputs import EVERYONE, Note
from quarterhour.measures import counted
from quarterhour.render.check.words import is_background

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from quarterhour.assessing.assessment import Assessment
    from quarterhour.assessing.ground import Ground
    from quarterhour.core.diagnosis import RoadDiagnosis, Spots
    from quarterhour.inputs import DatumFit, Demand, Facilities
    from quarterhour.model import RoadNetwork

MOST_PARTS = 20
"""Parts of the network, and places of one kind on it, that a report lists."""

NEAR_DEG = 0.05
"""About 5 km: what lies farther from all roads is of another place."""

APART = 0.01
"""Share of the linked demand on lesser parts of the network from which on the check says so."""


ROADS_END_ZH = "道路数据在研究范围边缘处留得不够"
"""How the sentence on roads that end too near begins."""

STAND_INS = {
    kind: Note(
        f"未给出人口，以{zh}代替；结果不报人数",
        f"no people were given: {en} stand in for them, and no people are reported",
    )
    for kind, zh, en in (
        ("residential_land", "居住用地面积", "hectares of residential land"),
        ("buildings", "建筑栋数", "buildings"),
        ("street_metres", "街道长度", "metres of street"),
    )
}
"""What is said where a study has no people, by what is counted instead."""


def datum_note(file: str, fit: DatumFit) -> Note | None:
    """What to look at where points fit another system better, or none; None where they fit."""
    if fit.verdict == "fits":
        return None
    if fit.note is not None:
        return Note(f"{file}：{fit.note.zh}", f"{file}: {fit.note.en}")
    if fit.verdict == "other":
        stated, best = fit.median_m.get(fit.stated, np.nan), fit.median_m.get(fit.best, np.nan)
        return Note(
            f"{file}：坐标写明为 {fit.stated}，但按 {fit.best} 与道路更吻合（到道路的中位距离"
            f" {stated:.0f} 米对 {best:.0f} 米），请核对 coordinates",
            f"{file}: stated as {fit.stated}, but fits the roads better as {fit.best} (median"
            f" {stated:.0f} m against {best:.0f} m): check coordinates",
        )
    return Note(
        f"{file}：由道路无法判断坐标系，按 {fit.used} 读取，请核对",
        f"{file}: the roads do not tell its coordinate system; it is read as {fit.used}: please"
        " check",
    )


def elsewhere(network: RoadNetwork, layer: Facilities | Demand) -> str | None:
    """The fault that no point of a layer lies where there are roads; None where some do."""
    roads = [(v.min(), v.max()) for v in (network.vertex_lon, network.vertex_lat)]
    near = [
        (values >= low - NEAR_DEG) & (values <= high + NEAR_DEG)
        for values, (low, high) in zip((layer.lon, layer.lat), roads, strict=True)
    ]
    if not len(layer) or (near[0] & near[1]).any():
        return None
    where = layer.file + (f" sheet {layer.sheet}" if layer.sheet else "")
    at = f"{np.median(layer.lon):.2f}, {np.median(layer.lat):.2f}"
    cover = ", ".join(f"{roads[k][side]:.2f}" for side in (0, 1) for k in (0, 1))
    return (
        f"{where}: none of its {len(layer)} places is where the roads are; they stand around {at}"
        f" and the roads cover {cover}: check the coordinates and their system"
    )


def pairs_of(
    tables: Sequence[tuple[str, Facilities]],
) -> tuple[list[dict[str, Any]], list[tuple[str, str, Note]]]:
    """Rows that may be one facility, and a warning (part, service, note) per table that has some.

    `tables`: the facilities of each service, by its name.
    """
    from quarterhour.sources.facilities.duplicates import find_duplicates  # noqa: PLC0415 - only here

    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    warned: list[tuple[str, str, Note]] = []
    for service, facilities in tables:
        found = find_duplicates(facilities)
        for p in found:
            key = (facilities.file, facilities.sheet, p.row_a, p.row_b)
            row = rows.setdefault(key, {
                "file": facilities.file, "sheet": facilities.sheet, "services": [],
                "row_a": p.row_a, "name_a": p.name_a, "row_b": p.row_b, "name_b": p.name_b,
                "distance_m": p.distance_m, "similarity": p.similarity, "rule": p.rule,
                "zh": p.why.zh, "en": p.why.en,
            })  # fmt: skip
            row["services"].append(service)
        if found:
            where = facilities.file + (f" {facilities.sheet}" if facilities.sheet else "")
            many = f"{len(found)} pairs of rows" if len(found) > 1 else "1 pair of rows"
            warned.append(("duplicates", service, Note(
                f"{where}：{len(found)} 对疑似重复的设施，都按两处计入；确为同一处的，请删去一行，"
                '或写 duplicates = "merge"',
                f"{where}: {many} may be one facility; both count: delete one of them, or set"
                ' duplicates = "merge"',
            )))  # fmt: skip
    return list(rows.values()), warned


def edge_told(made: Sequence[Assessment]) -> list[tuple[tuple[str, ...], Note, bool]]:
    """What the edge of the data leaves open: services, sentences, whether it asks for nothing.

    A sentence of several services stands once, and the sentences of the same services stand
    together, a line for each. Roads that end too near ask for nothing where no result depends on
    them.
    """
    tells: dict[Note, list[Assessment]] = {}
    for one in made:
        for note in one.edge.notes if one.edge else ():
            tells.setdefault(note, []).append(one)
    together: dict[tuple[tuple[str, ...], bool], list[Note]] = {}
    for note, ones in tells.items():
        is_calm = is_background(note.zh) or (
            note.zh.startswith(ROADS_END_ZH)
            and all(any(is_background(n.zh) for n in a.edge.notes) for a in ones if a.edge)
        )
        together.setdefault((tuple(a.name for a in ones), is_calm), []).append(note)
    return [
        (names, Note("\n".join(n.zh for n in notes), "\n".join(n.en for n in notes)), is_calm)
        for (names, is_calm), notes in together.items()
    ]


def diagnosis_of(
    network: RoadNetwork, ground: Ground | None, made: Assessment | None
) -> tuple[dict[str, Any], list[Note]]:
    """The diagnosis of the roads as a part of the document, and its warnings.

    `ground`: in whose study area the roads are looked at; without it all of `network` is. `made`:
    an assessment, whose walker's links say where the people are.
    """
    from quarterhour.core.diagnosis import diagnose, diagnosis_notes  # noqa: PLC0415 - compiled

    if ground is None:
        from quarterhour.frames import MetricCrs, bounds_of  # noqa: PLC0415 - heavy

        lonlat = network.vertex_lon, network.vertex_lat
        found = diagnose(network, *MetricCrs(bounds_of(lonlat)).metres(*lonlat))
    else:
        demand = None
        if made is not None:
            demand = ground.link("demand", ground.impedance(made.walker).linkable, None)
        found = diagnose(
            ground.network,
            ground.x_m,
            ground.y_m,
            demand=demand,
            amount=np.where(ground.inside, ground.demand.amounts[EVERYONE], 0),
            zone_m=ground.zone_m,
        )
    parts = found.parts
    told = {
        "length_km": round(found.length_m / 1000, 3),
        "parts": len(parts),
        "dead_ends": found.dead_ends,
        "cut_ends": found.cut_ends,
        "closed_gates": found.closed_gates,
        "joints": found.joints,
        "largest_parts": [
            {
                "length_m": round(float(parts.length_m[k]), 1),
                "edges": int(parts.n_edges[k]),
                "people": units.persons(int(parts.amount[k])) if found.has_amount else None,
                "lon": round(float(parts.lon[k]), 6),
                "lat": round(float(parts.lat[k]), 6),
                "gated": bool(parts.gated[k]),
            }
            for k in range(min(len(parts), MOST_PARTS))
        ],
        "near_misses": _spots(found.near_misses),
        "gaps": _spots(found.gaps),
        "crossings": _spots(found.crossings),
        "half_bridges": _spots(found.half_bridges),
        "notes": [note._asdict() for note in diagnosis_notes(found)],
    }
    return told, list(_warnings(found))


def _spots(spots: Spots) -> dict[str, Any]:
    """How many there are, and the most important of them."""
    rows = [
        {
            "lon": round(float(spots.lon[k]), 6),
            "lat": round(float(spots.lat[k]), 6),
            "gap_m": _finite(spots.gap_m[k]),
            "detour_m": _finite(spots.detour_m[k]),
            "joins_m": round(float(spots.joins_m[k]), 1) if spots.joins[k] else None,
            "people": units.persons(int(spots.joins_amount[k])) if spots.joins[k] else None,
        }
        for k in range(min(len(spots), MOST_PARTS))
    ]
    return {"total": spots.total, "rows": rows}


def _finite(value: float) -> float | None:
    return round(float(value), 1) if np.isfinite(value) else None


def _warnings(found: RoadDiagnosis) -> Iterator[Note]:
    """Where a part of the network holds people, or a joint would connect something."""
    amount = found.parts.amount
    every, apart = int(amount.sum()), int(amount[1:].sum())
    if found.has_amount and every and apart > APART * every:
        share = f"{apart / every:.1%}"
        yield Note(
            f"{share} 的需求位于与主路网不连通的道路上，走不到主路网上的设施；见“道路诊断”",
            f"{share} of the demand is on roads that are not connected to the main network, and"
            " cannot reach facilities there; see the diagnosis of the roads",
        )
    joins = int(found.near_misses.joins.sum() + found.gaps.joins.sum())
    if joins:
        widest = max(
            float(spots.gap_m[spots.joins].max())
            for spots in (found.near_misses, found.gaps)
            if spots.joins.any()
        )
        yield Note(
            f"道路有 {joins} 处断口（最宽 {widest:.1f} 米），接上后可连通原先不通的部分；"
            "确为漏接的，请修正道路，或用 [roads] 的 repair_m 补接；见“道路诊断”",
            f"{counted(joins, 'gap parts', 'gaps part')} the roads into pieces (up to"
            f" {widest:.1f} m); where that is a mistake correct the roads, or join them with"
            " repair_m under [roads]; see the diagnosis of the roads",
        )
