// The ranked table and the card of the gap that is chosen; both belong to the map beside them.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const WIDE = 0.62; // a card that takes more of the map's width lies at its foot, not beside it

  QH.GapList = class {
    constructor(app) {
      this.app = app;
      this.row = -1;
      this.card = QH.text.el("div", "qh-gap");
      this.card.setAttribute("aria-live", "polite");
      this.card.hidden = true;
      const Corner = L.Control.extend({
        onAdd: () => {
          L.DomEvent.disableClickPropagation(this.card);
          L.DomEvent.disableScrollPropagation(this.card);
          return this.card;
        },
      });
      new Corner({ position: "bottomright" }).addTo(app.map);
      this.section = document.getElementById("qh-gaps");
      this.tabs();
      if (this.section) this.bind(this.section);
    }

    // Those of the state that is shown.
    gaps() { return QH.gapStates.of(this.app, this.app.stages.state()); }

    // The table of the service and the state that are shown.
    refresh() {
      if (!this.section) return;
      const app = this.app, gaps = this.gaps(), block = this.table();
      if (block && app.service().gaps) QH.gapTable.show(app, block, gaps, (part) => this.bind(part));
      QH.gapTable.name(app, this.section, app.stages.state(), gaps);
      this.mark();
    }

    table() {
      return this.section && this.section.querySelector('[data-service="' + this.app.at + '"]');
    }

    bind(part) {
      part.querySelectorAll("tr[data-gap]").forEach((row) => {
        const number = Number(row.dataset.gap), button = row.querySelector("button");
        row.addEventListener("click", () => this.choose(number, { opener: button }));
        button.addEventListener("keydown", (event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const all = Array.from(row.parentNode.querySelectorAll("tr:not([hidden]) button"));
          const next = all[all.indexOf(button) + step];
          if (next) next.focus();
        });
      });
      part.querySelectorAll(".qh-all").forEach((button) => {
        button.hidden = false;
        this.fold(button, false);
        button.addEventListener("click", () => {
          this.fold(button, button.getAttribute("aria-expanded") !== "true");
        });
      });
    }

    fold(button, open) {
      button.setAttribute("aria-expanded", String(open));
      const rows = button.parentNode.querySelectorAll("tr[data-gap]");
      rows.forEach((row, i) => { row.hidden = !open && i >= Number(button.dataset.first); });
      button.children[0].hidden = open;
      button.children[1].hidden = !open;
    }

    tabs() {
      const bar = document.querySelector(".qh-tabs");
      if (!bar) return;
      const tabs = Array.from(bar.querySelectorAll("[role=tab]"));
      const show = (at) => tabs.forEach((tab, i) => {
        tab.setAttribute("aria-selected", String(i === at));
        tab.tabIndex = i === at ? 0 : -1;
        document.getElementById(tab.getAttribute("aria-controls")).hidden = i !== at;
      });
      tabs.forEach((tab, i) => {
        const panel = document.getElementById(tab.getAttribute("aria-controls"));
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", tab.id);
        tab.addEventListener("click", () => {
          show(i);
          if (i) this.reveal();
        });
        tab.addEventListener("keydown", (event) => {
          if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
          event.preventDefault();
          const step = event.key === "ArrowRight" ? 1 : -1;
          const next = (i + step + tabs.length) % tabs.length;
          show(next);
          tabs[next].focus();
        });
      });
      bar.hidden = false;
      document.getElementById("qh-panel").classList.add("qh-tabbed");
      show(0);
    }

    // `opener` gets the keyboard back; `state`: the key of the state whose gap it is, else of the one
    // that is shown.
    choose(row, { opener, state } = {}) {
      const app = this.app, map = app.map;
      app.compare.close();
      if (state) app.stages.choose(state);
      const gaps = this.gaps();
      app.popup.remove();
      app.hover(null);
      if (!app.layers.on.gaps) app.layers.show("gaps");
      this.row = row;
      this.opener = opener || null;
      this.fill();
      this.mark();
      const small = this.card.offsetWidth > WIDE * map.getSize().x;
      const reading = document.body.classList.contains("qh-reading");
      // on a small screen the words make room for the walk
      if (reading) document.getElementById("qh-panel-button").click();
      document.body.classList.toggle("qh-walking", small);
      map.invalidateSize(false);
      map.fitBounds(QH.gaps.bounds(gaps, row), this.free(small));
      app.sheet.repaint();
    }

    // The part of the map that the card leaves free, however small the window.
    free(small) {
      const size = this.app.map.getSize(), side = small ? 26 : 48;
      const x = Math.min(side, 0.12 * size.x), y = Math.min(side, 0.12 * size.y);
      return {
        paddingTopLeft: [x, y],
        paddingBottomRight: small ? [x, Math.min(this.card.offsetHeight + y, 0.7 * size.y)] :
          [Math.min(this.card.offsetWidth + x, 0.7 * size.x), y],
        maxZoom: 16.5,
      };
    }

    fill() {
      const T = QH.text, close = T.el("button", "qh-gap-close", "×");
      close.type = "button";
      close.setAttribute("aria-label", T.plain("close"));
      close.addEventListener("click", () => this.clear());
      this.card.textContent = "";
      this.card.appendChild(close);
      this.card.appendChild(QH.gapCard(this.app, this.row));
      this.tellTrial();
      this.card.hidden = false;
      this.card.scrollTop = 0;
    }

    // What is left of the gap while something is tried.
    tellTrial() {
      const trial = this.app.whatIf, T = QH.text;
      const left = this.row >= 0 && trial ? trial.leftIn(this.row) : null;
      let line = this.card.querySelector(".qh-gap-trial");
      if (left === null) {
        if (line) line.remove();
        return;
      }
      if (!line) {
        const before = this.card.querySelector("dl");
        line = before.parentNode.insertBefore(T.el("p", "qh-gap-trial"), before);
      }
      T.renew(line, T.el("p", "", [QH.whatIf.told(left > 0 ? "left_here" : "left_none", {
        n: QH.whatIf.amount(left), unit: this.app.data.words[T.unit()],
      }), T.el("small", "", T.word("left_below"))]));
    }

    // Which row of the table is the chosen one.
    mark() {
      if (!this.section) return;
      this.section.querySelectorAll("tr[data-gap]").forEach((row) => {
        const is = Number(row.dataset.gap) === this.row && this.table().contains(row);
        row.classList.toggle("qh-chosen", is);
        row.querySelector("button").setAttribute("aria-pressed", String(is));
      });
      if (!this.section.hidden) this.reveal();
    }

    reveal() {
      const row = this.row >= 0 && this.table().querySelector('[data-gap="' + this.row + '"]');
      if (!row) return;
      if (row.hidden) this.fold(this.table().querySelector(".qh-all"), true);
      row.scrollIntoView({ block: "nearest" });
    }

    clear() {
      if (this.row < 0) return;
      const held = this.card.contains(document.activeElement);
      this.row = -1;
      this.card.hidden = true;
      this.card.textContent = "";
      document.body.classList.remove("qh-walking");
      this.mark();
      this.app.map.invalidateSize(false);
      this.app.sheet.repaint();
      if (held) {
        const back = this.opener || this.app.map.getContainer();
        const shown = back.offsetParent !== null;
        (shown ? back : document.getElementById("qh-panel-button")).focus({ preventScroll: true });
      }
      this.opener = null;
    }
  };
})();
