"""The exporter against pages that reach out; a browser without any policy says which really do."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

import browser as b
from map_town import town
from quarterhour.errors import InputError
from quarterhour.render.guard import external, policy_faults, refuse_external
from quarterhour.render.map.html import library_scripts, map_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Route

OUT = "https://elsewhere.invalid"
REQUESTS = [
    f'<img src="{OUT}/a.png">',
    '<img src="a.png">',
    f'<img src="{OUT}/a.png" src="data:image/png;base64,">',
    f'<img/src="{OUT}/a.png">',
    f"<img src={OUT[6:]}/a.png>",
    '<img src="ht&#10;tps:/&#9;/elsewhere.invalid/a.png">',
    '<img src="&#104;ttps://elsewhere.invalid/a.png">',
    f'<img srcset="{OUT}/a.png 2x">',
    f'<picture><source srcset="{OUT}/a.png"><img></picture>',
    f'<image src="{OUT}/a.png">',
    f'<svg><image href="{OUT}/a.png"></image></svg>',
    f'<svg><image xlink:href="{OUT}/a.png"/></svg>',
    f'<svg><feImage href="{OUT}/a.png"/></svg>',
    f'<svg><use href="{OUT}/a.svg#a"/></svg>',
    f'<svg><image><set attributeName="href" to="{OUT}/a.png"/></image></svg>',
    f'<script src="{OUT}/a.js"></script>',
    f'<script type="module">import "{OUT}/a.js"</script>',
    f'<script type="speculationrules">{{"prefetch":[{{"urls":["{OUT}/a"]}}]}}</script>',
    f'<link rel="stylesheet" href="{OUT}/a.css">',
    f'<link rel="preload" as="image" href="{OUT}/a.png">',
    f'<link rel="prefetch" href="{OUT}/a">',
    f'<link rel="preload" as="image" imagesrcset="{OUT}/a.png 1x">',
    f'<iframe src="{OUT}/"></iframe>',
    f'<iframe srcdoc="<img src={OUT}/a.png>"></iframe>',
    f'<object data="{OUT}/a.svg"></object>',
    f'<embed src="{OUT}/a.svg">',
    f'<video poster="{OUT}/a.png"></video>',
    f'<video src="{OUT}/a.webm"></video>',
    f'<audio src="{OUT}/a.ogg" preload="auto"></audio>',
    f'<video preload="auto"><source src="{OUT}/a.webm"></video>',
    f'<input type="image" src="{OUT}/a.png">',
    f'<table background="{OUT}/a.png"><tr><td>x</table>',
    f'<body background="{OUT}/a.png">',
    f'<meta http-equiv="refresh" content="0;url={OUT}/">',
    f'<base href="{OUT}/"><img src="a.png">',
    f"<style>@import '{OUT}/a.css';</style>",
    "<style>@import url(a.css);</style>",
    f"<style>@\\69mport '{OUT}/a.css';</style>",
    f"<style>body{{background:url({OUT}/a.png)}}</style>",
    f"<style>body{{background:u\\72l({OUT}/a.png)}}</style>",
    f"<style>body{{background:u\\000072 l( '{OUT}/a.png' )}}</style>",
    f"<style>body{{background:image-set('{OUT}/a.png' 1x)}}</style>",
    f"<style>body{{background:-webkit-image-set(url('{OUT}/a.png') 1x)}}</style>",
    f"<style>body{{--a:url({OUT}/a.png);background:var(--a)}}</style>",
    f"<style>@font-face{{font-family:q;src:url({OUT}/a.woff2)}}body{{font-family:q}}</style>x",
    '<i style="background:url(a.png)">x</i>',
    f'<i style="background:&#117;rl({OUT}/a.png)">x</i>',
    f"<svg><style>rect{{fill:url({OUT}/a.svg#b)}}</style><rect/></svg>",
    f'<b title="</title><img src={OUT}/a.png>" onfocus="x" autofocus tabindex="0">x</b><img src=a>',
    f"<!--x--!><img src={OUT}/a.png><!---->",
    f"<!--><img src={OUT}/a.png>-->",
    f"<![CDATA[x><img src={OUT}/a.png>]]>",
    f"<?x <img title='> <img src={OUT}/a.png>' ?>",
    f'<noscript><p title="</noscript><img src={OUT}/a.png>"></noscript>',
    f'<textarea title="</textarea><img src={OUT}/a.png>"></textarea><img src="{OUT}/b.png">',
    f'<div><template shadowrootmode="open"><img src="{OUT}/a.png"></template></div>',
    "<script>fetch('a.json').catch(() => 0)</script>",
    f"<script>\\u0066etch('{OUT}/a')</script>",
    f"<script>new Image().src='{OUT}/a.png'</script>",
    "<script>new Image().src='a.png'</script>",
    "<script>var i=new Image();i.setAttribute('src','a.png')</script>",
    f"<script>navigator.sendBeacon('{OUT}/a', 'x')</script>",
    f"<script>new EventSource('{OUT}/a')</script>",
    "<script>var x=new XMLHttpRequest();x.open('GET','a.json');try{x.send()}catch(e){}</script>",
    f"<script>import('{OUT}/a.js').catch(() => 0)</script>",
    f"<script>location.href='{OUT}/a'</script>",
    "<script>new Image().src='//elsewhere.invalid/a.png'</script>",
    "<script>document.body.append(Object.assign(document.createElement('link'),{rel:'stylesheet',href:'a'}))</script>",
    "<script>document.write('<img src=a.png>')</script>",
    "<script>document.documentElement.style.background='url(a.png)'</script>",
    "<script>/*<!--*/</script><img src=a.png>",
]
"""Each makes a request in a browser, or would when it is touched."""

SILENT = [
    f'<svg><rect fill="url({OUT}/a.svg#a)" width="9" height="9"/></svg>',
    f'<a href="{OUT}/" class="qh-source">x</a><a ping="{OUT}/" href="#x">y</a>',
    f'<a href="{OUT}/">without the class of a source</a>',
    '<a href="javascript:fetch(1)" class="qh-source">x</a>',
    f'<form action="{OUT}/"><button>x</button></form>',
    f'<button formaction="{OUT}/">x</button>',
    f'<map><area href="{OUT}/"></map>',
    f'<html manifest="{OUT}/a">',
    f'<blockquote cite="{OUT}/">x</blockquote>',
    f'<img attributionsrc="{OUT}/a">',
    '<script type="importmap">{"imports":{}}</script>',
    "<script>onclick=function(){new WebSocket('ws://elsewhere.invalid')}</script>",
    "<script>function f(){new RTCPeerConnection()}</script>",
    "<script>function f(){new Worker('a.js')}</script>",
    "<script>function f(){navigator.serviceWorker.register('a.js')}</script>",
    "<script>function f(){$.getJSON(x)}</script>",
    "<script>function f(){eval('1')}</script>",
    "<script>function f(){new Function('1')}</script>",
    "<script>function f(){window.open(x)}</script>",
    '<b onclick="x()">b</b>',
    '<iframe srcdoc="x"></iframe>',
    "<plaintext>",
]
"""None makes a request by being opened, each could by a touch, a name or the next change."""

FINE = [
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<svg><a href="#x"><rect fill="url(#hatch)" width="9" height="9"/></a></svg>',
    "<style>i{background:url(data:image/png;base64,iVBORw0KGgo=)}b{clip-path:url(#x)}</style>",
    f'<a class="qh-source" href="{OUT}/">followed by hand</a>',
    f"<p>see {OUT}/a.png and fetch('it'), or <code>url(a.png)</code></p>",
    '<script type="application/json" id="x">{"a": "https://elsewhere.invalid/a.png"}</script>',
    "<script>var a = { src: 1 }, b = a.src; // an import of https and of fetch\n</script>",
    "<script>var u = URL.createObjectURL(new Blob(['x']));</script>",
    '<p title="url(a.png) is a text">x</p>',
    '<form><input type="search"></form>',
]


class Bare:
    """A browser that opens pages without any policy, and what they ask for."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.file = folder / "page.html"
        self.context = browser.new_context()
        self.context.route("**/*", self.stop)

    def stop(self, way: Route) -> None:
        if way.request.url == self.file.as_uri():
            way.continue_()
        else:
            way.abort()

    def requests_of(self, markup: str, wait_ms: int) -> list[str]:
        """What is asked for when a page of this markup is opened."""
        self.file.write_text(START + markup, encoding="utf-8")
        seen: list[str] = []
        page = self.context.new_page()
        page.on("request", lambda request: seen.append(request.url))
        page.goto(self.file.as_uri(), wait_until="commit")
        page.wait_for_timeout(wait_ms)
        page.close()
        own = (self.file.as_uri(), "data:", "about:")
        return [url for url in seen if not url.startswith(own)]


START = "<!DOCTYPE html><meta charset=utf-8><body>"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    with b.chromium() as browser:
        yield Bare(browser, tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def page() -> str:
    return map_html(town())


@pytest.mark.parametrize("part", REQUESTS + SILENT)
def test_it_is_refused_in_a_whole_page(page: str, part: str) -> None:
    with pytest.raises(InputError, match="from elsewhere"):
        refuse_external(page.replace("<footer", part + "<footer", 1), libraries=library_scripts())


def test_the_page_itself_is_let_pass(page: str) -> None:
    refuse_external(page, libraries=library_scripts())


def test_what_is_refused_really_reaches_out(bare: Bare) -> None:
    """Or the list above would prove nothing."""
    assert [part for part in REQUESTS if not bare.requests_of(part, 60)] == []


@pytest.mark.parametrize("part", FINE)
def test_what_is_fine_passes_and_is_silent(bare: Bare, part: str) -> None:
    assert external(part) == []
    assert bare.requests_of(part, 60) == []


def test_pieces_in_any_order_never_get_past_it(bare: Bare) -> None:
    """Half tags, quotes and comments put together: whatever asks for something is refused."""
    pieces = [
        "<img src=a.png>", "<b title='", "'>", '"', "</title>", "<title>", "<!--", "-->", "--!>",
        "<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<![CDATA[", "]]>",
        "<noscript>", "</noscript>", "<p ", ">", "</script x>", "<?", "/", "<", "=", " x",
        "<math>", "<mtext>", "<table>", "<textarea>", "</textarea>", "</style/x>", "\x00",
    ]  # fmt: skip
    random.seed(20)
    reached = 0
    for _ in range(150):
        parts = random.choices(pieces, k=random.randint(2, 9))  # noqa: S311 - no secret
        parts.insert(random.randint(0, len(parts)), pieces[0])  # noqa: S311
        markup = "".join(parts)
        if bare.requests_of(markup, 10):
            reached += 1
            assert external(START + markup), markup
    assert reached > 30, "the pieces hardly ever asked for anything"


def with_policy(page: str, policy: str) -> str:
    return re.sub(
        r'(http-equiv="Content-Security-Policy" content=")[^"]*"', rf'\g<1>{policy}"', page
    )


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "script-src 'unsafe-inline'",
        "default-src 'self'; base-uri 'none'; form-action 'none'",
        "default-src 'none'; form-action 'none'",
        "default-src 'none'; base-uri 'none'; form-action 'none'; connect-src *",
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src https:",
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src https://a.example",
        "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'unsafe-eval'",
        "default-src *; default-src 'none'; base-uri 'none'; form-action 'none'",
    ],
)
def test_a_loose_policy_is_refused(page: str, policy: str) -> None:
    assert policy_faults(page) == []
    assert policy_faults(with_policy(page, policy))


def test_two_strokes_in_a_hash_are_no_address(page: str) -> None:
    name = "c//" + 40 * "x" + "="
    for source, fine in ((f"'sha256-{name}'", True), (f"sha256-{name}", False)):
        policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src " + source
        assert (policy_faults(with_policy(page, policy)) == []) == fine


def test_a_policy_that_comes_late_is_refused(page: str) -> None:
    found = re.search(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", page)
    assert found
    assert policy_faults(page.replace(found[0], "")) != []
    late = page.replace(found[0], "").replace("</head>", f"{found[0]}</head>")
    assert policy_faults(late) != []


def test_only_the_tiles_that_were_asked_for() -> None:
    tiles = "https://{s}.tile.example/{z}/{x}/{y}.png"
    page = map_html(town(tiles=tiles, tiles_attribution="x"))
    assert "https://*.tile.example" in page
    assert policy_faults(page, host="https://*.tile.example") == []
    assert policy_faults(page, host="https://other.example") != []
    assert policy_faults(page) != []
    assert external(page, tiles=tiles, libraries=library_scripts()) == []
    assert external(page, libraries=library_scripts()) != []


def test_a_library_may_not_be_changed(page: str) -> None:
    """Code that knows how to ask is let pass only where it is the library to the letter."""
    leaflet, jquery = library_scripts()
    assert external(page, libraries=(leaflet, jquery)) == []
    assert external(page.replace("XMLHttpRequest", "XMLHttpRequest ", 1), libraries=(leaflet,))
    assert external(page) != []
