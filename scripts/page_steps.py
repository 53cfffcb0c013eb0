"""How long a step of "what if" takes in a map, from the event to the end of its frame.

Steps are what a hand does: a pin dragged by the mouse, the sliders moved, a facility closed, a
street cut or added, all of it taken back. What counts is the work of the page's main thread: the
event itself, and the frames that follow until nothing more is asked for. Also as a program:

    python scripts/page_steps.py map.html …
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STEPS = 24
ZOOM = 14.5
READY = "Boolean(window.Quarterhour && Quarterhour.app && Quarterhour.app.whatIf.ready)"
WATCH = """(() => {
  const ask = window.requestAnimationFrame.bind(window);
  const stop = window.cancelAnimationFrame.bind(window), asked = new Set();
  window.nextFrame = ask;
  window.framesAsked = asked;
  window.requestAnimationFrame = (then) => {
    const id = ask((at) => { asked.delete(id); then(at); });
    asked.add(id);
    return id;
  };
  window.cancelAnimationFrame = (id) => { asked.delete(id); stop(id); };
})()"""
WORK = """async ([n, zoom]) => {
  const app = Quarterhour.app, panel = app.whatIf, map = app.map, out = {}, k = app.at;
  const model = panel.model, gates = model.services[k].facilities;
  // the message comes after the frame has been painted
  const frame = () => new Promise((done) => window.nextFrame(() => {
    const from = performance.now(), after = new MessageChannel();
    after.port1.onmessage = () => done(performance.now() - from);
    after.port2.postMessage(0);
  }));
  const step = async (name, act) => {
    await frame();
    await frame();
    const first = frame(), from = performance.now();
    act();
    let work = performance.now() - from + await first;
    for (let i = 0; window.framesAsked.size && i < 20; i++) work += await frame();
    (out[name] = out[name] || []).push(work);
  };
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const middle = (key) => gates.map((it) => it[key]).sort((a, b) => a - b)[gates.length >> 1];
  const lat = middle("lat"), lon = middle("lon");
  const spot = (any) => {
    for (;;) {
      const at = [lat + 0.02 * (random() - 0.5), lon + 0.02 * (random() - 0.5)];
      const it = model.link(k, at[0], at[1], any && { any: true });
      if (!it || it.edge === undefined) continue;
      return any ? { edge: it.edge, offset_mm: it.offset_mm, lat: it.on[0], lon: it.on[1] } :
        { ...it, lat: at[0], lon: at[1] };
    }
  };
  const fire = (type, x, y, target) => {
    const box = map.getContainer().getBoundingClientRect();
    (target || map.getContainer()).dispatchEvent(new MouseEvent(type, {
      bubbles: true, cancelable: true, clientX: box.left + x, clientY: box.top + y, button: 0,
      buttons: 1, view: window,
    }));
  };
  const slide = (id, value) => {
    const slider = document.getElementById(id);
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  map.setView([lat, lon], zoom, { animate: false });
  document.getElementById("qh-tab-whatif").click();
  await frame();
  panel.addPin(spot(), "pin", null);
  await frame();
  const layer = panel.pins.marks.get(panel.pins.chosen).layer, size = map.getSize();
  let { x, y } = map.latLngToContainerPoint(layer.getLatLng()), dx = 5, dy = 3;
  fire("mousedown", x, y - 10, layer.getElement());
  for (let i = 0; i < n; i++) {
    if (x + dx < 60 || x + dx > size.x - 60) dx = -dx;
    if (y + dy < 60 || y + dy > size.y - 60) dy = -dy;
    await step("pin dragged", () => fire("mousemove", (x += dx), (y += dy) - 10));
  }
  fire("mouseup", x, y - 10);
  panel.plan.reset();
  for (let i = 0; i < n; i++) await step("pin added", () => panel.addPin(spot(), "pin " + i, null));
  for (let i = 0; i < n; i++) await step("change taken back", () => panel.plan.undo());
  for (let i = 0; i < n; i++) await step("minutes", () => slide("qh-wi-minutes", 6 + i % 20));
  for (let i = 0; i < n; i++) {
    await step("walking speed", () => slide("qh-wi-speed", (0.5 + 0.05 * (i % 20)).toFixed(2)));
  }
  panel.plan.reset();
  const serving = gates.map((_, row) => row).filter((row) => panel.serves(k, row));
  for (let i = 0; i < Math.min(n, serving.length - 1); i++) {
    await step("facility closed", () => panel.toggle(serving[i], false));
  }
  panel.plan.reset();
  for (let i = 0; i < n; i++) {
    const at = spot(true);
    await step("street closed", () => panel.plan.add([{ what: "cut", at }]));
  }
  panel.plan.reset();
  for (let i = 0; i < n; i++) {
    const from = spot(true), to = spot(true);
    const length_mm = Math.max(1, Math.round(1000 * Quarterhour.whatIf.metres(from, to)));
    await step("street added", () => panel.plan.add([{ what: "link", from, to, length_mm }]));
  }
  const net = model.network;
  return { steps: out, size: [net.n_nodes, net.lon.length, model.demand(k).n] };
}"""


def steps_of(browser: Browser, file: Path, n: int = STEPS) -> dict[str, Any]:
    """Milliseconds of every step by kind, and nodes, vertices and places of the model."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, offline=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    try:
        page.goto(file.resolve().as_uri())
        for _ in range(2000):
            if page.evaluate(READY):
                break
            page.wait_for_timeout(20)
        found: dict[str, Any] = page.evaluate(WORK, [n, ZOOM])
        return found
    finally:
        context.close()


def high(values: list[float]) -> float:
    """The 95th of a hundred."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def main() -> None:
    """Prints the steps of every map that is named."""
    from playwright.sync_api import sync_playwright

    from bench_page import browser_path

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for name in sys.argv[1:]:
            found = steps_of(browser, Path(name))
            nodes, vertices, places = found["size"]
            print(f"{name}: {nodes:,} nodes, {vertices:,} vertices, {places:,} places")
            for kind, ms in found["steps"].items():
                told = (min(ms), statistics.median(ms), high(ms))
                print(
                    f"  {kind:20} least {told[0]:6.1f}  median {told[1]:6.1f}  p95 {told[2]:6.1f}"
                )
        browser.close()


if __name__ == "__main__":
    main()
