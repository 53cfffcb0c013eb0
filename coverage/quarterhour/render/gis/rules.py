"""Renderers of QGIS whose legend is a tree: rules with filters, in QML."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence


_UNSAYABLE: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def sayable(text: str) -> str:
    """XML without the characters that it cannot hold: tables from old programs have some."""
    return _UNSAYABLE.sub("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of the legend: rows below it, or a symbol of `gis.symbols`.

    `where`: an expression of QGIS, empty for all. `on`: drawn as long as nobody turns it on or off.
    """

    label: str
    where: str = ""
    symbol: str = ""
    below: tuple[Rule, ...] = field(default=())
    on: bool = True


def rules(tree: Sequence[Rule], *, order: str = "") -> str:
    """A rule-based renderer; `order`: a column by whose falling values rows are drawn."""
    symbols: list[str] = []
    body = "".join(_rule(rule, f"{k}", symbols) for k, rule in enumerate(tree))
    drawn = ""
    if order:
        drawn = (
            f'<orderby><orderByClause asc="0" nullsFirst="0">"{order}"</orderByClause></orderby>'
        )
    return (
        '<renderer-v2 type="RuleRenderer" symbollevels="0"'
        f' enableorderby="{int(bool(order))}" forceraster="0">'
        f'<rules key="{{rules}}">{body}</rules><symbols>{"".join(symbols)}</symbols>'
        f"{drawn}</renderer-v2>"
    )


def _rule(rule: Rule, key: str, symbols: list[str]) -> str:
    given = f'key="{{rule-{key}}}" label={quoteattr(rule.label)}'
    if rule.where:
        given += f" filter={quoteattr(rule.where)}"
    if not rule.on:
        given += ' checkstate="0"'
    if rule.symbol:
        given += f' symbol="{len(symbols)}"'
        symbols.append(rule.symbol.replace("{name}", str(len(symbols)), 1))
    body = "".join(_rule(one, f"{key}-{k}", symbols) for k, one in enumerate(rule.below))
    return f"<rule {given}>{body}</rule>" if body else f"<rule {given}/>"


def single(symbol: str) -> str:
    """One symbol for all."""
    return (
        '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">'
        f"<symbols>{symbol.replace('{name}', '0', 1)}</symbols></renderer-v2>"
    )


def quoted(value: str) -> str:
    """A text in an expression."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def equal(column: str, value: float | str | None) -> str:
    """That a column has this value; None and the empty text are one."""
    if value is None or value == "":
        return f"coalesce(\"{column}\", '') = ''"
    told = quoted(value) if isinstance(value, str) else f"{value:.10g}"
    return f'"{column}" = {told}'


def both(*parts: str) -> str:
    """That all hold; empty ones say nothing."""
    return " AND ".join(f"({part})" for part in parts if part)


FONTS = (
    "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC",
    "WenQuanYi Micro Hei", "sans-serif",
)  # fmt: skip
"""Of labels, the first that there is."""


def labels(
    expression: str,
    *,
    size_pt: float = 9,
    colour: str = "32,38,43,255",
    bold: bool = False,
    edge: bool = True,
    placement: str = 'placement="1"',
    nearer_than: int = 0,
    rank: str = "",
) -> str:
    """Labels by an expression; `nearer_than`: only at scales larger than 1 to this number.

    `placement`: attributes of QGIS. `rank`: a column whose low values are written first.
    """
    fonts = "".join(f"<family name={quoteattr(name)}/>" for name in FONTS)
    limits = f' scaleVisibility="1" scaleMin="1" scaleMax="{nearer_than}"' if nearer_than else ""
    first = ""
    if rank:
        first = (
            '<dd_properties><Option type="Map"><Option name="name" value="" type="QString"/>'
            '<Option name="properties" type="Map"><Option name="Priority" type="Map">'
            '<Option name="active" value="true" type="bool"/><Option name="expression" value='
            f'{quoteattr(f"10 - min(10, {rank} / 10)")} type="QString"/>'
            '<Option name="type" value="3" type="int"/></Option></Option>'
            '<Option name="type" value="collection" type="QString"/></Option></dd_properties>'
        )
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName={quoteattr(expression)} isExpression="1" fontSize="{size_pt:g}"'
        f' fontSizeUnit="Point" fontFamily="{FONTS[0]}" fontWeight="{75 if bold else 50}"'
        f' namedStyle="{"Bold" if bold else ""}" textColor="{colour}" multilineHeight="1">'
        f"<families>{fonts}</families>"
        f'<text-buffer bufferDraw="{int(edge)}" bufferSize="0.8" bufferSizeUnits="MM"'
        ' bufferColor="255,255,255,255" bufferOpacity="0.9"/></text-style>'
        f'<placement {placement} priority="5"/>'
        f'<rendering drawLabels="1" obstacle="0"{limits}/>{first}</settings></labeling>'
    )
