"""Script for a page under test: works every control that a reader can see, and says what it saw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

START = """() => {
  window.print = () => {
    window.dispatchEvent(new Event("beforeprint"));
    window.dispatchEvent(new Event("afterprint"));
  };
  const click = HTMLAnchorElement.prototype.click;
  window.saved = [];
  HTMLAnchorElement.prototype.click = function () {
    if (this.download) window.saved.push(this.download);
    else click.call(this);
  };
  const choose = HTMLInputElement.prototype.click;
  HTMLInputElement.prototype.click = function () {
    if (this.type !== "file") choose.call(this);
  };
  Element.prototype.requestFullscreen = () => Promise.resolve();
  return true;
}"""
"""Printing, saving and the whole screen need a hand on the mouse; they do not stop the walk."""

DRIVE = """async ([most, queries]) => {
  const done = new Set(), told = [], texts = new Set(), changed = [];
  const frame = () => new Promise((ready) => {
    requestAnimationFrame(() => requestAnimationFrame(ready));
  });
  const send = (it, ...names) => {
    for (const name of names) it.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const keyOf = (it) => [
    it.tagName, it.type || "", it.id, it.className.baseVal || it.className, it.name || "",
    JSON.stringify(it.dataset), (it.getAttribute("aria-label") || it.textContent).slice(0, 60),
  ].join("|");
  const seen = (it) => {
    const box = it.getBoundingClientRect(), style = getComputedStyle(it);
    return box.width > 0 && box.height > 0 && style.visibility !== "hidden" && !it.disabled;
  };
  const read = () => { texts.add(document.body.innerText); };
  read();
  // what leads to another part of the page is worked last, and again at the end
  const opens = "[role=tab], [data-choose], [data-language], [data-stage], #qh-panel-button," +
    " .qh-compare-open, .qh-buttons button, .qh-panel-choice button";
  const left = () => Array.from(document.querySelectorAll(
    "button, input, select, summary, [role=button], [role=radio], [role=tab], [role=option]," +
    " .leaflet-interactive, tbody tr[tabindex]"
  )).filter((it) => it.type !== "file" && seen(it) && !done.has(keyOf(it)));
  const find = () => {
    const all = left();
    return all.find((it) => !it.matches(opens)) || all[0];
  };
  const open = async () => {
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    for (const it of Array.from(document.querySelectorAll(opens)).filter(seen)) {
      if (it.matches(".qh-buttons button, .qh-compare-open")) continue;
      it.click();
      await frame();
      const next = find();
      if (next) return next;
    }
    return null;
  };
  while (told.length < most) {
    const next = find() || await open();
    if (!next) break;
    const key = keyOf(next);
    done.add(key);
    if (next.type === "range") {
      for (const value of [next.min, next.max, next.defaultValue]) {
        next.value = value;
        send(next, "input", "change");
        await frame();
      }
    } else if (next.type === "checkbox") {
      next.click();
      await frame();
      const again = next.id ? document.getElementById(next.id) : next;
      if (again) again.click();
    } else if (next.tagName === "INPUT" && next.type !== "radio") {
      for (const value of [...queries, ""]) {
        next.value = value;
        next.focus();
        send(next, "input", "change");
        await frame();
        read();
      }
    } else if (next.tagName === "SELECT") {
      for (const option of Array.from(next.options)) {
        next.value = option.value;
        send(next, "input", "change");
        await frame();
      }
    } else {
      next.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      next.dispatchEvent(
        new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
    }
    await frame();
    read();
    told.push(key);
    const wide = document.documentElement.scrollWidth;
    if (wide > window.innerWidth + 1) changed.push(wide + " px wide after " + key);
  }
  await new Promise((ready) => setTimeout(ready, 300));
  read();
  return { told, texts: Array.from(texts), wide: changed };
}"""

MAP_BOX = """() => {
  const b = Quarterhour.app.map.getContainer().getBoundingClientRect();
  return [b.left, b.top, b.right, b.bottom];
}"""
"""Where the map stands in the window."""

HARMED = """() => ({
  taken: window.taken || 0,
  strangers: document.querySelectorAll(
    "iframe, object, embed, link, base, body script[src], img[onerror], [onload], [onerror]," +
    " [onclick], [onmouseover], [onfocus]").length,
  scripts: document.scripts.length,
  turned: /[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.documentElement.innerHTML),
})"""
"""Whether a name became code or an element, or turns the text beside it round."""

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]")


def flat(text: str) -> str:
    """The text as a reader sees it: white space as one blank, signs that have no look left out."""
    return re.sub(r"\s+", " ", UNSEEN.sub("", text)).strip()


def unread(names: dict[str, str], texts: list[str]) -> list[str]:
    """Which names cannot be read whole in any of the texts."""
    page = "\n".join(flat(text) for text in texts)
    return [key for key, name in names.items() if flat(name) not in page]


def require_drawn(image: Image.Image, box: Sequence[float]) -> None:
    """The map's part of a screenshot is drawn, in many colours, with the gaps among them."""
    part = image.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))
    assert part.width * part.height > 0.25 * image.width * image.height
    colours = part.getcolors(1 << 24)
    assert len(colours) > 200
    assert max(n for n, _ in colours) < 0.93 * part.width * part.height, "nearly all one colour"
    assert any(near(rgb, (0xD5, 0x5E, 0x00), 12) for _, rgb in colours), "no gap is drawn"


def near(one: tuple[int, ...], other: tuple[int, ...], most: int) -> bool:
    return all(abs(a - c) <= most for a, c in zip(one, other, strict=True))
