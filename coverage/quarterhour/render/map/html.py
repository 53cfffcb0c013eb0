"""One self-contained HTML file from a finished analysis, built with folium, for use offline.

folium makes the Leaflet map; its links to other hosts are replaced by the same versions of Leaflet
and jQuery from installed packages, written into the page. What the page may load is stated in a
content security policy and checked before the file is written.
"""

from __future__ import annotations

import base64
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quarterhour.errors import InputError
from quarterhour.render.guard import refuse_external
from quarterhour.render.map.gaps import gap_section, gap_tabs
from quarterhour.render.map.licences import LICENCES
from quarterhour.render.map.page import esc, foot, head, notices, panel, plain
from quarterhour.render.map.payload import check, payload, safe_json, styles, view_bounds
from quarterhour.render.map.print_page import sheet
from quarterhour.render.map.sites import head_parts, proposal_section
from quarterhour.render.map.what_if import what_if_notices, what_if_section, what_if_tab
from quarterhour.render.whole_file import whole_file

if TYPE_CHECKING:
    import os

    from quarterhour.render.map.layers import MapData

_SCRIPTS: Final = (
    "decode.js",
    "model/bytes.js",
    "model/coder.js",
    "model/net.js",
    "model/people.js",
    "model/shape.js",
    "model/walk.js",
    "model/places.js",
    "model/search.js",
    "model/link.js",
    "model/joined.js",
    "model/parts.js",
    "model/alter.js",
    "model/test.js",
    "model/bench.js",
    "model/model.js",
    "text.js",
    "symbols.js",
    "sheet.js",
    "paint.js",
    "find.js",
    "levels.js",
    "scenarios.js",
    "sites.js",
    "added.js",
    "gaps.js",
    "gap_states.js",
    "gap_table.js",
    "stages.js",
    "headline.js",
    "compare.js",
    "search.js",
    "scene.js",
    "rebuilt.js",
    "route.js",
    "cards.js",
    "gap_list.js",
    "layers.js",
    "reach.js",
    "gather.js",
    "members.js",
    "marks.js",
    "frame.js",
    "print/poster.js",
    "print/print.js",
    "print/picture.js",
    "print/brief_legend.js",
    "print/brief_mode.js",
    "print/outputs.js",
    "whatif/plan.js",
    "whatif/sums.js",
    "whatif/crowd.js",
    "whatif/streets.js",
    "whatif/halo.js",
    "whatif/paint.js",
    "whatif/pins.js",
    "whatif/tools.js",
    "whatif/result.js",
    "whatif/shares.js",
    "whatif/best.js",
    "whatif/terms.js",
    "whatif/file.js",
    "whatif/fresh.js",
    "whatif/drawing.js",
    "whatif/banner.js",
    "whatif/begin.js",
    "whatif/panel.js",
    "whatif/open.js",
    "main.js",
)
_STYLES: Final = (
    "page.css",
    "map.css",
    "sites.css",
    "print/print.css",
    "print/brief.css",
    "whatif/whatif.css",
)
_SLOT: Final = "<!--quarterhour:{}-->"
_TILES: Final = re.compile(r"https://[A-Za-z0-9.{}:-]+/[^\s\"'<>`\\]*")
_TILE_RANGE: Final = re.compile(r"\{(\w)-(\w)\}")
_START: Final = (
    "{% macro script(this, kwargs) %}"
    "Quarterhour.start({{ this._parent.get_name() }});"
    "{% endmacro %}"
)


def _asset(name: str) -> str:
    file = resources.files("quarterhour.render.map").joinpath("assets", name)
    return file.read_text(encoding="utf-8")


def _script(text: str) -> str:
    """A script element: nothing in the text can end it, and it names no source map."""
    text = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)
    text = re.sub(r"<(?=/script|!--)", r"\\x3C", text, flags=re.IGNORECASE)
    return f"<script>\n{text.strip()}\n</script>"


def _style(text: str) -> str:
    return "<style>\n" + re.sub(r"</(?=style)", r"<\\/", text, flags=re.IGNORECASE) + "\n</style>"


def _library() -> tuple[str, str, str]:
    """Leaflet's style, Leaflet and jQuery, in folium's versions, with no file beside them."""
    data = resources.files("xstatic.pkg.leaflet") / "data"
    query = resources.files("xstatic.pkg.jquery") / "data" / "jquery.min.js"
    css = (data / "leaflet.css").read_text(encoding="utf-8")

    def inline(found: re.Match[str]) -> str:
        # The layer switch and the pin pictures are not used on this map; only for old Internet
        # Explorer is the vector behaviour, which is not a file.
        name = found.group(1)
        if not name.endswith(".png"):
            return "none"
        picture = base64.b64encode((data / name).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{picture})"

    css = re.sub(r"url\([\"']?([^)\"']+)[\"']?\)", inline, css)
    js = (data / "leaflet.js").read_text(encoding="utf-8")
    return css, js, query.read_text(encoding="utf-8")


def library_scripts() -> tuple[str, str]:
    """The script elements of the page that are not ours: Leaflet and jQuery."""
    _, leaflet, jquery = _library()
    return _script(leaflet), _script(jquery)


def tile_source(template: str) -> tuple[str, str, str]:
    """A tile template in Leaflet's form, its subdomains, and the host for the security policy.

    `{a-c}` and `{0-7}` are read as ranges of subdomains. Raises InputError for anything but an
    https address with `{z}`, `{x}` and `{y}`.
    """
    good = _TILES.fullmatch(template) and all(part in template for part in ("{z}", "{x}", "{y}"))
    if not good:
        message = (
            f"tiles is {template!r}; give an https address with {{z}}, {{x}} and {{y}}, "
            "or leave it out for a map that makes no request"
        )
        raise InputError(message)
    names = "abc"
    found = _TILE_RANGE.search(template)
    if found:
        low, high = (ord(end) for end in found.groups())
        names = "".join(chr(code) for code in range(low, high + 1))
        template = _TILE_RANGE.sub("{s}", template, count=1)
    host = template.split("/")[2]
    # A policy accepts a wildcard only as the whole first label.
    first, _, rest = host.partition(".")
    if "{" in first:
        host = f"*.{rest}"
    if "{" in host:
        message = f"tiles is {template!r}; only the first part of its host may vary"
        raise InputError(message)
    return template, names, f"https://{host}"


def _policy(tile_host: str | None) -> str:
    pictures = "data: blob:" + (f" {tile_host}" if tile_host else "")
    return (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        f"img-src {pictures}; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _skeleton(data: MapData) -> str:
    """The page as folium makes it, with slots where our parts go, and no text from the data."""
    # Heavy, and not needed by whoever only asks for a sentence or a table.
    import folium  # noqa: PLC0415
    from branca.element import Element, Figure, MacroElement  # noqa: PLC0415
    from jinja2 import Template  # noqa: PLC0415

    west, south, east, north = view_bounds(data)
    figure = Figure()
    the_map = folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        tiles=None,
        zoom_start=13,
        zoom_control=False,
        prefer_canvas=True,
        attributionControl=False,
        maxZoom=19,
        minZoom=8,
        zoomSnap=0.25,
        wheelPxPerZoomLevel=90,
    )
    # Own empty lists: the lists of the class belong to every other map in this process.
    the_map.default_js = []
    the_map.default_css = []
    figure.add_child(the_map)
    figure.header.add_child(Element(_SLOT.format("head")), name="quarterhour_head")
    figure.html.add_child(Element(_SLOT.format("body")), name="quarterhour_body")
    starter: Any = MacroElement
    if data.tiles is not None:
        template, names, _ = tile_source(data.tiles)
        folium.TileLayer(
            tiles=template, attr="-", name="tiles", subdomains=names, max_zoom=19
        ).add_to(the_map)
    for name, z_index in (("qh-base", 250), ("qh-data", 450)):
        folium.map.CustomPane(name, z_index=z_index, pointer_events=False).add_to(the_map)
    start = starter()
    start._template = Template(_START)  # noqa: SLF001 - how folium's elements get their script
    the_map.add_child(start)
    _number(figure)
    text: str = figure.render()
    return text


def _number(root: Any) -> None:  # noqa: ANN401 - branca's elements are untyped
    """Give the element and all below it ids in order, in place of random ones."""
    todo, number = [root], 0
    while todo:
        element = todo.pop()
        element._id = f"{number:04d}"  # noqa: SLF001 - it has no other handle
        number += 1
        todo += list(element._children.values())  # noqa: SLF001 - the same


def map_html(data: MapData) -> str:
    """The page for `data`: the same text for the same data.

    Raises InputError when the data cannot be shown or when the page would load anything from
    elsewhere that was not asked for.
    """
    check(data)
    css, leaflet, jquery = _library()
    tile_host = None if data.tiles is None else tile_source(data.tiles)[2]
    colours = styles(data)
    top = "\n".join(
        (
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(tile_host)}">',
            '<meta http-equiv="x-dns-prefetch-control" content="off">',
            '<meta name="renderer" content="webkit">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{esc(data.title)}</title>",
            _style(css),
            *(_style(_asset(name)) for name in _STYLES),
            _script(leaflet),
            _script(jquery),
            *(_script(_asset(name)) for name in _SCRIPTS),
        )
    )
    body = "\n".join(
        (
            f'<script type="application/json" id="qh-data">{safe_json(payload(data))}</script>',
            notices(data) + what_if_notices(data),
            head(data, colours, told=head_parts(data)),
            panel(
                data,
                LICENCES.strip(),
                tabs=gap_tabs(data, more=what_if_tab(data)),
                gaps=gap_section(data) + what_if_section(data),
                proposal=proposal_section(data),
            ),
            foot(data),
            sheet(data),
        )
    )
    parts = {"head": top, "body": body}
    page = re.sub(r"<!--quarterhour:(\w+)-->", lambda m: parts[m.group(1)], _skeleton(data))
    # folium's own viewport forbids zooming by hand.
    page = re.sub(r'<meta name="viewport" content="[^"]*maximum-scale[^"]*" />', "", page)
    tongue = "en" if data.language == "en" else "zh-CN"
    page = page.replace("<html>", f'<html lang="{tongue}" data-language="{data.language}">', 1)
    page = page.replace(
        'class="folium-map"',
        f'class="folium-map" role="region" aria-label="{plain("map", data.language)}"',
        1,
    )
    page = page.replace("</html>", _script(_asset("last.js")) + "\n</html>")
    refuse_external(
        page,
        tiles=data.tiles if data.tiles is None else tile_source(data.tiles)[0],
        host=tile_host,
        libraries=library_scripts(),
    )
    return page


def write_map(path: str | os.PathLike[str], data: MapData) -> None:
    """Write the page to `path`; a reader sees the old file or the whole new one, never a part.

    Raises InputError as `map_html` does, and OSError when the folder cannot be written.
    """
    content = map_html(data).encode("utf-8", "replace")
    with whole_file(Path(path)) as fresh:
        fresh.write_bytes(content)
