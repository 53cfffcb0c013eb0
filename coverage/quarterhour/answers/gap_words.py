"""The reasons of gaps in words, in Chinese and English, each with its evidence in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quarterhour.inputs import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

REASON_WORDS = {
    "far_from_road": Note("附近没有道路", "far from any road"),
    "behind_barrier": Note("被隔断，接不到道路", "cut off from the roads beside it"),
    "edge": Note("位于数据边缘", "at the edge of the data"),
    "disconnected": Note("路网断开", "road network broken"),
    "walker": Note("只有台阶可走", "steps that this walker cannot use"),
    "hill": Note("坡度", "hill"),
    "barrier": Note("障碍阻隔", "barrier"),
    "detour": Note("绕行过远", "detour"),
    "beyond": Note("设施不远，步行超时限", "near, but the walk is too long"),
    "no_facility": Note("附近没有设施", "no facility near"),
    "full": Note("设施已满", "facility there but full"),
}

KIND_WORDS = {
    "water": Note("水面", "water"),
    "railway": Note("铁路", "a railway"),
    "expressway": Note("快速路", "an expressway"),
    "wall": Note("围墙", "a wall"),
    "cliff": Note("陡坎", "a cliff"),
    "barrier": Note("给定的障碍", "a given barrier"),
}

LAYER_WORDS = {"roads": Note("道路", "roads"), "facilities": Note("设施", "facilities")}


def listed(words: Iterable[Note]) -> Note:
    """Several words as one."""
    every = list(words)
    return Note("、".join(w.zh for w in every), " and ".join(w.en for w in every))


def metres(value: float | None) -> Note:
    """Metres, or kilometres from 10 km on."""
    if value is None:
        return Note("很远", "far away")
    if value >= 9_999.5:
        return Note(f"{value / 1000:.1f} 公里", f"{value / 1000:.1f} km")
    return Note(f"{value:,.0f} 米", f"{value:,.0f} m")


def sentence(reason: str, e: dict[str, Any], *, cutoff_min: float) -> Note:
    """The evidence of a reason as one sentence; `e` as `gap_evidence.evidence` gives it."""
    return {
        "far_from_road": _far_from_road,
        "behind_barrier": _behind_barrier,
        "edge": _edge,
        "disconnected": _disconnected,
        "walker": _walker,
        "hill": _hill,
        "barrier": _barrier,
        "detour": _barrier,
        "beyond": _beyond,
        "no_facility": _no_facility,
        "full": _full,
    }[reason](e, cutoff_min)


def _walk(e: dict[str, Any]) -> Note:
    """The walk to the nearest facility."""
    if e["minutes"] is None:
        return Note(
            f"{e['limit_min']:g} 分钟内走不到任何设施",
            f"no facility is within a walk of {e['limit_min']:g} min",
        )
    walk = metres(e["walk_m"])
    return Note(
        f"步行最近的{e['facility'].zh}要走 {walk.zh}、{e['minutes']:.1f} 分钟",
        f"the nearest on foot, {e['facility'].en}, is {walk.en} and {e['minutes']:.1f} min away",
    )


def _far_from_road(e: dict[str, Any], _: float) -> Note:
    road = metres(e["road_m"])
    return Note(
        f"最近的道路在 {road.zh}以外，超过 {e['link_limit_m']:g} 米的连接限距",
        f"the nearest road is {road.en} away; places are linked up to {e['link_limit_m']:g} m",
    )


def _behind_barrier(e: dict[str, Any], _: float) -> Note:
    what = (
        listed(KIND_WORDS[k] for k in e["crosses"]) if e["crosses"] else Note("障碍", "a barrier")
    )
    road = metres(e["road_m"])
    return Note(
        f"最近的道路在 {road.zh}处，中间隔着{what.zh}",
        f"the nearest road is {road.en} away, behind {what.en}",
    )


def _edge(e: dict[str, Any], cutoff_min: float) -> Note:
    what = listed(LAYER_WORDS[layer] for layer in e["layers"])
    walk = _walk(e)
    return Note(
        f"靠近数据边缘：边缘以外的{what.zh}可能使其在 {cutoff_min:g} 分钟以内；现有数据中{walk.zh}",
        f"near the edge of the data: {what.en} beyond it could bring it within {cutoff_min:g} min;"
        f" in these data {walk.en}",
    )


def _disconnected(e: dict[str, Any], _: float) -> Note:
    km = e["part_km"]
    zh, en = f"所在路网只有 {km:.2f} 公里，与有设施的路网不连通", (
        f"its part of the network, {km:.2f} km, is not joined to any with a facility"
    )  # fmt: skip
    if e["away_m"] is not None:
        zh += f"，最近处相隔 {e['away_m']:.1f} 米"
        en += f"; the nearest is {e['away_m']:.1f} m away"
    if e["joint_m"] is not None:
        zh += f"；若为漏接，补接 {e['joint_m']:.1f} 米即可连通"
        en += f"; if that is a mistake of the data, a joint of {e['joint_m']:.1f} m repairs it"
    return Note(zh, en)


def _walker(e: dict[str, Any], _: float) -> Note:
    if not e["linked"]:
        return Note("附近只有台阶，没有平路", "beside it there are only steps")
    told = Note("只有经台阶才能走到有设施的路网", "only steps lead to a street with a facility")
    if e["steps_min"] is not None:
        told = Note(
            f"能走台阶的人 {e['steps_min']:.1f} 分钟可到",
            f"who uses steps gets there in {e['steps_min']:.1f} min",
        )
    walk = _walk(e)
    return Note(f"{told.zh}，不走台阶则{walk.zh}", f"{told.en}; without steps {walk.en}")


def _hill(e: dict[str, Any], _: float) -> Note:
    walk = _walk(e)
    return Note(
        f"平路只需 {e['flat_min']:.1f} 分钟，因坡度{walk.zh}",
        f"on the flat it would take {e['flat_min']:.1f} min, but with the slopes {walk.en}",
    )


def _near_but(e: dict[str, Any]) -> Note:
    near, walk = metres(e["straight_m"]), _walk(e)
    if e["same"]:  # its name stands at the beginning
        way = metres(e["walk_m"])
        walk = Note(
            f"步行要走 {way.zh}、{e['minutes']:.1f} 分钟",
            f"the walk to it is {way.en} and takes {e['minutes']:.1f} min",
        )
    to = e["straight_facility"]
    return Note(
        f"直线 {near.zh}就有{to.zh}，但{walk.zh}",
        f"{to.en} is {near.en} away in a straight line, but {walk.en}",
    )


def _beyond(e: dict[str, Any], cutoff_min: float) -> Note:
    zh, en = _near_but(e)
    return Note(f"{zh}，超过 {cutoff_min:g} 分钟", f"{en}, more than {cutoff_min:g} min")


def _barrier(e: dict[str, Any], _: float) -> Note:
    zh, en = _near_but(e)
    if e["detour"] is not None:
        zh += f"，为直线的 {e['detour']:.1f} 倍"
        en += f", {e['detour']:.1f} times as far"
    if e["crosses"]:
        what = listed(KIND_WORDS[k] for k in e["crosses"])
        zh, en = f"{zh}；直线穿过{what.zh}", f"{en}; the straight line crosses {what.en}"
    return Note(zh, en)


def _no_facility(e: dict[str, Any], _: float) -> Note:
    walk = _walk(e)
    if e["straight_m"] is None:
        return Note("没有可用的设施", "there is no facility in use")
    near = metres(e["straight_m"])
    return Note(
        f"{walk.zh}（最近的设施直线距离 {near.zh}）",
        f"{walk.en} (the nearest in a straight line: {near.en})",
    )


def _full(e: dict[str, Any], cutoff_min: float) -> Note:
    walk = _walk(e)
    if e["minutes"] is None or e["minutes"] > cutoff_min:
        return Note(
            f"{cutoff_min:g} 分钟内的设施没有床位（托位）；有床位（托位）的设施中，{walk.zh}",
            f"the facilities within {cutoff_min:g} min have no beds or places; of those that have"
            f" any, {walk.en}",
        )
    return Note(
        f"{cutoff_min:g} 分钟内有设施，但已无余位；{walk.zh}",
        f"there are facilities within {cutoff_min:g} min, but no room in them; {walk.en}",
    )
