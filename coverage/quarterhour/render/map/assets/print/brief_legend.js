// What the signs of a view mean, on the map of the briefing: only what is drawn, and no switches.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  function item(signs, label) {
    return QH.text.el("li", "", [
      ...signs.map((sign) => QH.text.el("span", "qh-swatch", sign.cloneNode(true))), label,
    ]);
  }

  // Without numbers, and without the group, which the panel beside the map says.
  function labelOf(row) {
    const label = row.querySelector(".qh-label").cloneNode(true), inner = label.querySelector(".qh-label > span");
    label.querySelectorAll(".qh-count").forEach((count) => count.remove());
    if (inner && inner.childNodes.length > 2 && inner.childNodes[1].nodeValue === " · ") {
      while (inner.childNodes.length > 1) inner.lastChild.remove();
    }
    return label;
  }

  // Service areas by minutes as one row: near to far.
  function bands(branch) {
    const T = QH.text, out = T.el("li", "", []);
    const rows = Array.from(branch.querySelectorAll('.qh-row input[id^="qh-layer-cutoff-"]'), (input) =>
      input.closest(".qh-row")).filter((row) => !row.closest(".qh-off"));
    if (!rows.length) return null;
    rows.forEach((row) => {
      const minutes = QH.poster.textOf(row.querySelector(".qh-label")).match(/[\d.]+/);
      out.appendChild(T.el("span", "qh-swatch", row.querySelector("svg").cloneNode(true)));
      out.appendChild(T.el("span", "qh-b-upto", "≤ " + (minutes ? minutes[0] : "")));
    });
    out.appendChild(T.word("minutes"));
    return out;
  }

  QH.BriefLegend = class {
    constructor(app) {
      this.app = app;
      this.list = QH.text.el("ul", "qh-b-legend");
      this.list.setAttribute("aria-label", QH.text.plain("legend"));
      this.list.hidden = true;
      const list = this.list;
      const Corner = L.Control.extend({
        onAdd() {
          L.DomEvent.disableClickPropagation(list);
          L.DomEvent.disableScrollPropagation(list);
          return list;
        },
      });
      new Corner({ position: "bottomleft" }).addTo(app.map);
    }

    // From the list of layers, which says what is on the map; without its base map.
    fill() {
      const list = this.list, size = this.app.map.getSize(), walks = QH.poster.walks(this.app);
      const walk = QH.text.word("gap_route").textContent, part = QH.text.word("gap_unlinked").textContent;
      list.textContent = "";
      let band = false;
      document.querySelectorAll("#qh-layers .qh-row, #qh-layers .qh-parts > li").forEach((row) => {
        const sign = row.querySelector("svg"), branch = row.closest(".qh-branch");
        if (!sign || row.closest(".qh-off") || (branch && /-(base|service-\d+)$/.test(branch.id))) return;
        const text = row.querySelector(".qh-label").textContent;
        // the outline of those without a road tells what their own sign tells
        if ((text === walk && !walks) || text === part) return;
        if (text === walk) {
          list.appendChild(item([sign], QH.text.el("span", "qh-label", QH.text.word("gap_walk"))));
        } else if (!row.querySelector('input[id^="qh-layer-cutoff-"]')) {
          list.appendChild(item([sign], labelOf(row)));
        } else if (!band) {
          band = true;
          list.appendChild(bands(branch));
        }
      });
      list.hidden = !list.childElementCount;
      list.style.maxWidth = Math.max(120, size.x - 28) + "px";
      list.style.maxHeight = Math.round(0.34 * size.y) + "px";
    }

    // Pixels of the map's foot that it takes.
    height() { return this.list.hidden ? 0 : this.list.offsetHeight + 10; }

    hide() { this.list.hidden = true; }
  };
})();
