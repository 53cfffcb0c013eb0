"""Firefox for the tests of the page, through the protocol that it speaks itself (WebDriver BiDi).

Playwright drives a Firefox of its own making only; here the one of the system is asked.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("firefox-esr", "firefox")
PREFS = {
    # every address goes to a port where nobody listens: there is no network
    "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "", "network.proxy.allow_hijacking_localhost": False,
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False, "app.update.enabled": False, "layers.acceleration.disabled":
    True, "browser.download.folderList": 2, "browser.aboutwelcome.enabled": False,
    "remote.prefs.recommended": True,
}  # fmt: skip


class Fox:
    """One window of Firefox and all that the pages in it asked for, said and got wrong."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.number = 0
        self.requests: list[str] = []
        self.console: list[str] = []
        self.ask("session.new", capabilities={})
        self.context = self.ask("browsingContext.create", type="tab")["context"]
        self.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to a command; what happens meanwhile is kept."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            told = json.loads(self.socket.recv(timeout=120))
            if told.get("id") == self.number:
                assert told["type"] == "success", told
                result: dict[str, Any] = told["result"]
                return result
            self._keep(told)

    def _keep(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        if told.get("method") == "network.beforeRequestSent":
            url = params["request"]["url"]
            if not url.startswith(("data:", "blob:", "about:", "resource:", "chrome:")):
                self.requests.append(url)
        elif told.get("method") == "log.entryAdded":
            self.console.append(f"{params.get('level')}: {params.get('text')}")

    def open(self, file: Path, size: tuple[int, int]) -> None:
        """Open a file in a window of this size and forget what was before."""
        self.ask("browsingContext.setViewport", context=self.context,
                 viewport={"width": size[0], "height": size[1]})  # fmt: skip
        self.requests.clear()
        self.console.clear()
        self.ask("browsingContext.navigate", context=self.context, url=file.resolve().as_uri(),
                 wait="complete")  # fmt: skip

    def run(self, function: str, *given: Any) -> Any:
        """What a function of the page returns, as plain data."""
        call = f"async () => JSON.stringify((await ({function})(...{json.dumps(given)})) ?? null)"
        told = self.ask(
            "script.callFunction", functionDeclaration=call, awaitPromise=True,
            target={"context": self.context}, userActivation=True,
        )  # fmt: skip
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def ready(self) -> None:
        """Until the page has started."""
        for _ in range(1000):
            if self.run("() => Boolean(window.Quarterhour && Quarterhour.started === true)"):
                break
            time.sleep(0.02)
        else:
            pytest.fail(f"the page has not started: {self.console}")
        self.run("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")

    def screenshot(self) -> bytes:
        """The window as PNG."""
        told = self.ask("browsingContext.captureScreenshot", context=self.context)
        return base64.b64decode(told["data"])


@contextmanager
def firefox(folder: Path) -> Iterator[Fox]:
    """A headless Firefox with a new profile and no network.

    Skips where there is none, or nothing to speak with it (fails with
    QUARTERHOUR_REQUIRE_FIREFOX=1).
    """
    path = os.environ.get("QUARTERHOUR_FIREFOX") or next(
        (found for name in NAMES if (found := shutil.which(name))), None
    )
    if path is None:
        _none("no Firefox on the PATH (or set QUARTERHOUR_FIREFOX)")
    try:
        from websockets.sync.client import connect
    except ImportError:
        _none("the package websockets is not installed")
    lines = [f'user_pref("{key}", {json.dumps(value)});' for key, value in PREFS.items()]
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        [str(path), "--headless", "--no-remote", "--profile", str(folder),
         "--remote-debugging-port", "0", "about:blank"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        address = None
        for line in process.stderr:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", line)
            if found:
                address = found[1]
                break
        assert address, "Firefox ended before it said where it listens"
        with connect(f"{address}/session", max_size=None, proxy=None) as socket:
            yield Fox(socket)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _none(reason: str) -> None:
    if os.environ.get("QUARTERHOUR_REQUIRE_FIREFOX") == "1":
        pytest.fail(f"{reason}; QUARTERHOUR_REQUIRE_FIREFOX=1 asks for it")
    pytest.skip(reason)
