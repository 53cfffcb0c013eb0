"""What is said about how points fit the roads, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quarterhour.inputs import Note
from quarterhour.measures import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quarterhour.inputs import DatumFit

SURE_AT_MOST = 0.99
"""A fit is evidence, not proof: nothing is said to be surer than this."""

LABELS = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": "CGCS2000"}


def label(system: str) -> str:
    """How a system is written in a sentence."""
    return LABELS.get(system, system.upper())


def percent(sure: float) -> str:
    """A probability as whole per cent, rounded down, never 100."""
    return f"{int(min(sure, SURE_AT_MOST) * 100 + 1e-9)}%"


def medians(fit: DatumFit, far_m: float) -> Note:
    """Median metres to the nearest road under each system."""
    zh, en = [], []
    for system, metres in fit.median_m.items():
        far = metres >= far_m
        zh.append(f"{label(system)} {'超过 ' if far else ''}{metres:.0f} 米")
        en.append(f"{label(system)} {'over ' if far else ''}{metres:.0f} m")
    return Note(
        f"{fit.n_points} 个点到最近道路距离的中位数：{'，'.join(zh)}",
        f"median distance of {counted(fit.n_points, 'point')} to the nearest road: {', '.join(en)}",
    )


def chance(systems: Sequence[str], as_good: Sequence[float], n: int) -> Note:
    """How many of `n` other positions of the same points fit as well as each system does."""
    share = []
    for system, part in zip(systems, as_good, strict=True):
        digits = 1 if 0.0 < part < 0.01 else 0
        share.append((label(system), f"{100 * part:.{digits}f}%"))
    zh = "，".join(f"不亚于 {name} 的占 {part}" for name, part in share)
    en = ", ".join(f"as {name} in {part}" for name, part in share)
    return Note(
        f"把同一批点平移到周围 {n} 处作对照，吻合程度{zh}。",
        f" Moved to {counted(n, 'other place')} nearby, the same points fit as well {en} of them.",
    )


def described(system: str) -> Note:
    """A system with what its code stands for."""
    name = label(system)
    code = int(system[5:]) if system.upper().startswith("EPSG:") and system[5:].isdigit() else 0
    if 4513 <= code <= 4533:
        zone = code - 4513 + 25
        return Note(
            f"{name}（CGCS2000 高斯-克吕格 3 度带第 {zone} 带，横坐标带带号）",
            f"{name} (CGCS2000 Gauss-Krüger, 3-degree zone {zone}, its number before the easting)",
        )
    if 4534 <= code <= 4554:
        meridian = 75 + 3 * (code - 4534)
        return Note(
            f"{name}（CGCS2000 高斯-克吕格 3 度带，中央经线 {meridian}°，不带带号）",
            f"{name} (CGCS2000 Gauss-Krüger, 3-degree zone of {meridian}° E)",
        )
    if 32601 <= code <= 32660:
        return Note(f"{name}（WGS-84 UTM {code - 32600}N）", f"{name} (WGS-84 UTM {code - 32600}N)")
    return Note(name, name)


def write(system: str) -> str:
    """The line for the study file."""
    return f'coordinates = "{system}"'


def sentence(fit: DatumFit, far_m: float) -> Note:
    """The verdict with its numbers."""
    told = medians(fit, far_m)
    best, used, stated = label(fit.best), label(fit.used), label(fit.stated)
    sure = percent(fit.sure)
    named = described(fit.best)
    if fit.verdict == "fits" and fit.stated != fit.best:
        return Note(
            f"坐标系自动判定为 {named.zh}（把握 {sure}）；{told.zh}。",
            f"Coordinates were found to be {named.en} ({sure} sure); {told.en}.",
        )
    if fit.verdict == "fits":
        return Note(
            f"坐标与所写的 {stated} 相符（把握 {sure}）；{told.zh}。",
            f"The coordinates fit {stated}, as stated ({sure} sure); {told.en}.",
        )
    if fit.verdict == "other":
        return Note(
            f"坐标写明是 {stated}，但按 {named.zh} 与道路吻合得明显更好（把握 {sure}）；{told.zh}。"
            f"现仍按 {stated} 计算；如经核实确为 {best}，请在研究文件中写 {write(fit.best)}。",
            f"The coordinates are stated to be {stated} but fit the roads clearly better as"
            f" {named.en} ({sure} sure); {told.en}. {stated} is kept; if {best} is right, write"
            f" {write(fit.best)} in the study file.",
        )
    if fit.stated == "auto":
        return Note(
            f"仅凭道路无法判定坐标系，暂按 {used} 处理；{told.zh}。"
            f"请查明来源，并在研究文件中写明 coordinates。",
            f"The roads cannot tell the coordinate system, {used} is taken for now; {told.en}."
            " Find out where the table comes from, and state coordinates in the study file.",
        )
    return Note(
        f"仅凭道路无法判定坐标系，按所写的 {stated} 处理；{told.zh}。",
        f"The roads cannot tell the coordinate system, {stated} is kept as stated; {told.en}.",
    )


def too_few(n: int, needed: int, used: str) -> Note:
    """Too few points for any verdict."""
    return Note(
        f"道路范围内只有 {n} 个不同位置的点（至少需要 {needed} 个），无法判定坐标系，"
        f"按 {label(used)} 处理。",
        f"Only {counted(n, 'point lies', 'points at different places lie')} within the roads (at"
        f" least {needed} are needed):"
        f" the coordinate system cannot be judged, {label(used)} is taken.",
    )


def alone(fit: DatumFit, far_m: float) -> Note:
    """There is nothing else that the coordinates could be."""
    told, named = medians(fit, far_m), described(fit.used)
    return Note(
        f"此处没有别的常见坐标系可与 {named.zh} 比较，未作判定；{told.zh}。",
        f"Here no other usual system competes with {named.en}, so none was compared; {told.en}.",
    )


def only(fit: DatumFit, far_m: float) -> Note:
    """The stated system leads away from the roads, and one other leads there."""
    told, stated, best = medians(fit, far_m), label(fit.stated), label(fit.best)
    named = described(fit.best)
    return Note(
        f"按所写的 {stated}，这些点不在道路数据范围内，按 {named.zh} 则在其中；{told.zh}。"
        f"如经核实确为 {best}，请在研究文件中写 {write(fit.best)}。",
        f"As {stated}, which is stated, the points do not lie within the road data; as"
        f" {named.en} they do; {told.en}. If {best} is right, write {write(fit.best)} in the study"
        " file.",
    )


def nowhere(stated: str, *, exchanged: bool) -> Note:
    """No system puts the points at the roads."""
    hint = Note("", "")
    if exchanged:
        hint = Note(
            "但交换东、北（经度、纬度）两列后在道路范围内：请核对列名。",
            " With east and north (longitude and latitude) exchanged they would lie there: check"
            " the headings of the columns.",
        )
    what = Note("任何已知坐标系", "any known system") if stated == "auto" else None
    what = what or Note(f" {label(stated)} 或其他已知坐标系", f"{label(stated)} or another system")
    return Note(
        f"按{what.zh}，这些点都不在道路数据范围内。{hint.zh}",
        f"The points do not lie within the road data in {what.en}.{hint.en}",
    )


def outside(n: int, *, about: bool) -> Note:
    """Points beyond the road data."""
    return Note(
        f"另有{'约' if about else ''} {n} 个点在道路数据范围之外，未计入。",
        f" {'About ' if about else ''}{counted(n, 'more point lies', 'more points lie')} outside"
        " the road data, not counted.",
    )


def sampled(n: int, total: int) -> Note:
    """Not all points were looked at."""
    return Note(
        f"（从 {total} 个不同位置的点中均匀抽取 {n} 个。）",
        f" ({n} of {total} points at different places were looked at, evenly spaced in the file.)",
    )


def mixed(
    parts: Sequence[tuple[str, DatumFit]], used: str, *, by: str, rows: Sequence[str]
) -> Note:
    """Parts of the rows are in different systems.

    `by`: group or place. `rows`: the rows of each part, or nothing.
    """
    zh, en = [], []
    for k, (name, fit) in enumerate(parts):
        metres = fit.median_m.get(fit.best, 0.0)
        what = Note("无法判定", "cannot be told")
        if fit.verdict != "undecided":
            what = Note(
                f"{label(fit.best)}（中位数 {metres:.0f} 米，把握 {percent(fit.sure)}）",
                f"{label(fit.best)} (median {metres:.0f} m, {percent(fit.sure)} sure)",
            )
        at = Note(f"（第 {rows[k]} 行）", f" (rows {rows[k]})") if rows else Note("", "")
        near = Note(f"{name} 附近", f"around {name}") if by == "place" else Note(name, name)
        zh.append(f"{near.zh}{at.zh}：{fit.n_points} 个点，{what.zh}")
        en.append(f"{near.en}{at.en}: {counted(fit.n_points, 'point')}, {what.en}")
    which = Note("各来源", "groups of rows") if by == "group" else Note("各片区", "places")
    return Note(
        f"同一文件混有不同的坐标系，{which.zh}不一致：{'；'.join(zh)}。"
        f"现统一按 {label(used)} 处理，其中一部分必有偏移："
        "请按坐标系把文件拆开，分别写明 coordinates。",
        f"The file mixes coordinate systems, its {which.en} disagree: {'; '.join(en)}. All rows are"
        f" taken as {label(used)} for now, so that some are displaced: split the file by system and"
        " state coordinates for each.",
    )


def blurred(fit: DatumFit, first: str, second: str, share: float, far_m: float) -> Note:
    """A mixture that cannot be attributed; `share`: of the points that fit `second`."""
    part = f"{round(share * 10) * 10}%"
    told = medians(fit, far_m)
    return Note(
        f"同一文件似乎混有不同的坐标系：约 {part} 的点符合 {label(second)}，其余符合"
        f" {label(first)}，但无法判定哪些行属于哪一种；暂按 {label(fit.used)} 处理；{told.zh}。"
        "请查明各行来源，增加“来源”一列或把文件拆开。",
        f"The file seems to mix coordinate systems: about {part} of the points fit {label(second)},"
        f" the others {label(first)}, but which rows are which is undecidable; {label(fit.used)} is"
        f" taken for now; {told.en}. Find out where the rows come from, and add a column with their"
        " source or split the file.",
    )


def joined(*notes: Note) -> Note:
    """One note of several."""
    return Note("".join(n.zh for n in notes), "".join(n.en for n in notes))


def rows_text(rows: Sequence[int], *, most: int = 6) -> str:
    """Numbers of rows as ranges: 2-14, 17, 20-31; cut after some."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row <= runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    told = [str(a) if a == b else f"{a}-{b}" for a, b in runs[:most]]
    return ", ".join(told) + (" …" if len(runs) > most else "")
