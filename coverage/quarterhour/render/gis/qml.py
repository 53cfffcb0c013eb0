"""QGIS styles of the result layers, as QML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

GREEN, ORANGE, GREY, AMBER, BLUE = "0,158,115", "213,94,0", "120,120,120", "230,159,0", "0,114,178"
GAINED, LOST = "11,122,59", "161,18,63"


def _option(name: str, value: str) -> str:
    return f'<Option type="QString" name={quoteattr(name)} value={quoteattr(value)}/>'


def _symbol(key: str, kind: str, layer: str, options: dict[str, str]) -> str:
    body = "".join(_option(name, value) for name, value in options.items())
    return (
        f'<symbol name="{key}" type="{kind}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0"><Option type="Map">{body}</Option>'
        "</layer></symbol>"
    )


def _fill(key: str, rgb: str, alpha: int, outline: str = "110,110,110,160") -> str:
    return _symbol(
        key, "fill", "SimpleFill",
        {"color": f"{rgb},{alpha}", "outline_color": outline, "outline_width": "0.15",
         "outline_width_unit": "MM", "outline_style": "solid", "style": "solid"},
    )  # fmt: skip


def _marker(key: str, rgb: str, size: float, shape: str = "circle") -> str:
    return _symbol(
        key, "marker", "SimpleMarker",
        {"color": f"{rgb},255", "name": shape, "size": f"{size:g}", "size_unit": "MM",
         # a cross is nothing but its outline
         "outline_color": f"{rgb},255" if shape.startswith("cross") else "255,255,255,255",
         "outline_width": "0.4" if shape.startswith("cross") else "0.2",
         "outline_style": "solid"},
    )  # fmt: skip


def _line(key: str, rgb: str, width: float) -> str:
    return _symbol(
        key, "line", "SimpleLine",
        {"line_color": f"{rgb},255", "line_width": f"{width:g}", "line_width_unit": "MM",
         "line_style": "solid", "capstyle": "round", "joinstyle": "round"},
    )  # fmt: skip


def _categorised(attribute: str, entries: list[tuple[str, str, str]]) -> str:
    categories = "".join(
        f'<category symbol="{k}" value={quoteattr(value)} label={quoteattr(label)} render="true"/>'
        for k, (value, label, _) in enumerate(entries)
    )
    symbols = "".join(symbol for _, _, symbol in entries)
    return _qml(
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(attribute)} symbollevels="0"'
        f' enableorderby="0" forceraster="0"><categories>{categories}</categories>'
        f"<symbols>{symbols}</symbols></renderer-v2>"
    )


def _single(symbol: str) -> str:
    return _qml(
        '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">'
        f"<symbols>{symbol}</symbols></renderer-v2>"
    )


def _qml(renderer: str) -> str:
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28" styleCategories="Symbology|Labeling">'
        f"{renderer}<blendMode>0</blendMode><featureBlendMode>0</featureBlendMode></qgis>"
    )


def _status(make: str, *, partly: bool) -> str:
    entries: list[tuple[str, str, str]] = []
    colours = [
        ("covered", "covered 已覆盖", GREEN),
        ("partly", "partly covered 部分覆盖", AMBER),
        ("uncovered", "uncovered 未覆盖", ORANGE),
        ("unlinked", "not linked 未连接", GREY),
    ]
    for value, label, rgb in colours:
        if value == "partly" and not partly:
            continue
        key = str(len(entries))
        symbol = _fill(key, rgb, 120) if make == "fill" else _marker(key, rgb, 1.6)
        entries.append((value, escape(label), symbol))
    return _categorised("status", entries)


REASONS = (
    ("beyond", "near, but the walk is too long 设施不远，步行超时限", "244,165,130"),
    ("no_facility", "no facility near 附近没有设施", ORANGE),
    ("detour", "detour 绕行过远", AMBER),
    ("barrier", "barrier 障碍阻隔", "204,121,167"),
    ("hill", "hill 坡度", "160,120,60"),
    ("walker", "steps only 只有台阶可走", "120,94,240"),
    ("disconnected", "road network broken 路网断开", "168,67,0"),
    ("edge", "edge of the data 数据边缘", "240,228,66"),
    ("far_from_road", "far from any road 附近没有道路", GREY),
    ("behind_barrier", "cut off from roads 被隔断", "74,74,74"),
    ("full", "full 设施已满", BLUE),
)  # fmt: skip


def _gaps() -> str:
    """By reason, with the rank written on it."""
    entries = [
        (value, escape(label), _fill(str(k), rgb, 70, f"{rgb},255"))
        for k, (value, label, rgb) in enumerate(REASONS)
    ]
    text = (
        '<text-style fieldName="rank" isExpression="0" fontSize="9" fontSizeUnit="Point"'
        ' fontWeight="75" textColor="32,38,43,255" multilineHeight="1">'
        '<text-buffer bufferDraw="1" bufferSize="1" bufferSizeUnits="MM"'
        ' bufferColor="255,255,255,255"/></text-style>'
    )
    labels = (
        f'<labeling type="simple"><settings calloutType="simple">{text}'
        '<placement placement="1" priority="5"/>'
        '<rendering drawLabels="1" obstacle="0"/></settings></labeling>'
    )
    return _categorised("reason", entries).replace("<blendMode>", labels + "<blendMode>")


def _verdict(make: str) -> str:
    """Whether a unit has a facility."""
    entries = [
        ("yes", "facility present 有设施", GREEN),
        ("no", "none 无设施", ORANGE),
        ("", "not known 未知", GREY),
    ]
    symbols = [
        _fill(str(k), rgb, 90) if make == "fill" else _marker(str(k), rgb, 3.0)
        for k, (_, _, rgb) in enumerate(entries)
    ]
    told = [(v, escape(label), s) for (v, label, _), s in zip(entries, symbols, strict=True)]
    return _categorised("present", told)


def _change() -> str:
    """Places that gain or lose cover."""
    return _categorised(
        "change",
        [
            ("gained", "gained 新增可达", _marker("0", GAINED, 2.0)),
            ("lost", "lost 不再可达", _marker("1", LOST, 2.0)),
        ],
    )


def _candidates() -> str:
    """Where something could be built: what was chosen and what was left."""
    return _categorised(
        "status",
        [
            ("chosen", "chosen 选中", _marker("0", GAINED, 4.2, "star")),
            ("usable", "possible 可选", _marker("1", GREY, 1.8)),
            ("", "left out 未参与", _marker("2", "170,170,170", 1.6, "cross2")),
        ],
    )


STYLES = {
    "service_areas": _single(_fill("0", BLUE, 45, "0,114,178,200")),
    "service_area_lines": _single(_line("0", BLUE, 0.4)),
    "facilities": _categorised(
        "status",
        [
            ("used", "serving 在用", _marker("0", BLUE, 3.6, "square")),
            ("planned", "planned 规划", _marker("1", "86,180,233", 3.2, "diamond")),
            ("unlinked", "not linked 未连接", _marker("2", GREY, 3.2, "cross2")),
            ("outside", "outside 区外", _marker("3", GREY, 3.2, "cross")),
        ],
    ),
    "people": _status("marker", partly=False),
    "demand": _status("marker", partly=False),
    "residential": _status("fill", partly=True),
    "gaps": _gaps(),
    "gap_routes": _single(_line("0", "32,38,43", 0.5)),
    "units": _verdict("fill"),
    "unit_points": _verdict("marker"),
    "changes": _change(),
    "scenario_changes": _change(),
    "sites_chosen": _single(_marker("0", GAINED, 4.6, "star")),
    "sites_areas": _single(_fill("0", GAINED, 40, f"{GAINED},220")),
    "sites_candidates": _candidates(),
    "sites_closed": _single(_marker("0", LOST, 4.2, "cross2")),
    "newly_covered": _single(_marker("0", GAINED, 2.0)),
    "no_longer_covered": _single(_marker("0", LOST, 2.0)),
    "still_uncovered": _single(_marker("0", ORANGE, 1.6)),
}
"""QML by layer name; the layer `demand` takes the place of `people` in studies without people."""


def style_of(layer: str) -> str | None:
    """The style of a layer of the results, None where there is none.

    Places outside the study area are drawn as those inside, and the sites of a service with a
    number as those of a single one: `sites_chosen_2` as `sites_chosen`.
    """
    name = re.sub(r"(_outside|_\d+)$", "", layer)
    return STYLES.get(layer) or STYLES.get(name)
