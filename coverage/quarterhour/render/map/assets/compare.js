// Two states of a service on one map, on either side of a line that can be moved: by pointer, by
// finger, and with the keys. Each side says what it shows, and how many it covers.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const STEP = 0.05;
  const KINDS = ["today", "year", "scenario", "walker"];

  QH.Compare = class {
    constructor(app) {
      this.app = app;
      this.on = false;
      this.share = 0.5;
      this.keys = ["today", "today"];
      app.map.on("move resize", () => { if (this.on) app.sheet.repaint(); });
      this.build();
    }

    build() {
      const T = QH.text, box = this.app.map.getContainer();
      this.line = T.el("div", "qh-swipe", T.el("span", "qh-swipe-grip", QH.symbols.swipe()));
      this.line.tabIndex = 0;
      this.line.setAttribute("role", "slider");
      this.line.setAttribute("aria-label", T.plain("compare_line"));
      this.line.setAttribute("aria-orientation", "horizontal");
      this.line.setAttribute("aria-valuemin", "0");
      this.line.setAttribute("aria-valuemax", "100");
      this.line.hidden = true;
      box.appendChild(this.line);
      L.DomEvent.disableClickPropagation(this.line);
      this.line.addEventListener("pointerdown", (event) => this.hold(event));
      this.line.addEventListener("keydown", (event) => this.key(event));
      this.panel = T.el("div");
      this.panel.id = "qh-compare";
      this.panel.hidden = true;
      this.panel.setAttribute("role", "region");
      this.panel.setAttribute("aria-label", T.plain("compare"));
      box.insertAdjacentElement("beforebegin", this.panel);
    }

    hold(event) {
      event.preventDefault();
      this.line.focus();
      this.line.setPointerCapture(event.pointerId);
      const move = (now) => {
        const box = this.app.map.getContainer().getBoundingClientRect();
        this.put((now.clientX - box.left) / box.width);
      };
      const end = () => {
        this.line.removeEventListener("pointermove", move);
        this.line.removeEventListener("pointerup", end);
        this.line.removeEventListener("pointercancel", end);
      };
      this.line.addEventListener("pointermove", move);
      this.line.addEventListener("pointerup", end);
      this.line.addEventListener("pointercancel", end);
    }

    key(event) {
      const by = {
        ArrowLeft: this.share - STEP, ArrowDown: this.share - STEP, ArrowRight: this.share + STEP,
        ArrowUp: this.share + STEP, Home: 0, End: 1,
      }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.put(by);
    }

    put(share) {
      this.share = Math.max(0, Math.min(1, share));
      this.line.style.left = 100 * this.share + "%";
      this.line.setAttribute("aria-valuenow", String(Math.round(100 * this.share)));
      this.app.sheet.repaint();
    }

    states() { return QH.stages.statesOf(this.app, this.app.at); }

    state(side) {
      return this.states().find((it) => it.key === this.keys[side]) || this.states()[0];
    }

    // Opens with two states, by default today and what is shown, or else the last year or the first
    // other state; the keyboard is on the choice of the left side.
    open(left, right) {
      const app = this.app, states = this.states();
      if (states.length < 2) return;
      const years = states.filter((it) => it.kind === "year");
      const shown = app.stages.key !== "today" ? app.stages.key : "";
      const other = (years[years.length - 1] || states[1]).key;
      app.stages.stop();
      app.stages.choose("today");
      app.gapList.clear();
      app.popup.remove();
      this.keys = [left || "today", right || shown || other];
      this.on = true;
      this.line.hidden = this.panel.hidden = false;
      document.body.classList.add("qh-comparing");
      this.fill();
      this.put(0.5);
      app.layers.draw();
      app.repaint();
      this.panel.querySelector("select").focus({ preventScroll: true });
    }

    close() {
      if (!this.on) return;
      const app = this.app, held = this.panel.contains(document.activeElement) ||
        this.line.contains(document.activeElement);
      this.on = false;
      app.popup.remove();
      this.line.hidden = this.panel.hidden = true;
      document.body.classList.remove("qh-comparing");
      app.layers.draw();
      app.repaint();
      const back = document.querySelector(".qh-compare-open");
      if (held && back) back.focus({ preventScroll: true });
    }

    // A service that is chosen anew is compared only where it has what is compared.
    refresh() {
      if (!this.on) return;
      const has = (key) => this.states().some((it) => it.key === key);
      if (this.keys.every(has)) this.fill();
      else this.close();
    }

    fill() {
      const T = QH.text, close = T.el("button", "qh-compare-close", T.word("compare_end"));
      close.type = "button";
      close.addEventListener("click", () => this.close());
      this.panel.textContent = "";
      ["left", "right"].forEach((name, side) => {
        const told = T.el("output", "qh-side-told", QH.stages.told(this.app, this.state(side)));
        const select = this.select(name, side, told);
        const box = T.el("div", "qh-side qh-side-" + name, [select, told]);
        this.panel.appendChild(box);
        if (!side) this.panel.appendChild(close);
      });
      this.panel.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.close();
      });
    }

    select(name, side, told) {
      const T = QH.text, data = this.app.data, out = T.el("select");
      const walkers = this.states().some((state) => state.kind === "walker");
      out.id = "qh-side-" + name;
      out.setAttribute("aria-label", T.plain("compare_" + name));
      for (const kind of KINDS) {
        for (const it of this.states().filter((state) => state.kind === kind)) {
          const own = kind === "today" && walkers ? data.services[it.at].walker : null;
          const [zh, en] = own ? it.name.map((name, i) => name + " · " + own[i]) : it.name;
          const option = T.el("option", "", T.line(zh, en));
          option.value = it.key;
          option.selected = it.key === this.keys[side];
          out.appendChild(option);
        }
      }
      out.addEventListener("change", () => {
        this.keys[side] = out.value;
        this.app.popup.remove();
        told.textContent = "";
        told.appendChild(QH.stages.told(this.app, this.state(side)));
        this.app.layers.draw();
        this.app.sheet.repaint();
      });
      return out;
    }

    // Pixels from the left edge of a sheet to the line, which parts the same places on every sheet:
    // paper shows more or less of the map than the window does.
    at(view) {
      if (this.share <= 0 || this.share >= 1) return this.share <= 0 ? 0 : view.width;
      const map = this.app.map, there = map.containerPointToLatLng([this.share * map.getSize().x, 0]);
      const x = QH.decode.worldX(there.lng) * view.scale - view.left;
      return Math.max(0, Math.min(view.width, x));
    }

    paint(view, draw) {
      const ctx = view.ctx, x = this.at(view);
      [[0, x], [x, view.width]].forEach(([from, to], side) => {
        if (to <= from) return;
        ctx.save();
        ctx.beginPath();
        ctx.rect(from, 0, to - from, view.height);
        ctx.clip();
        draw(view, this.state(side));
        ctx.restore();
      });
    }

    // Proposed sites on their side, with their rank.
    sites(view, one) {
      const ctx = view.ctx, colour = this.app.data.colours.site;
      for (const site of one.sites || []) {
        const x = site.x * view.scale - view.left, y = site.y * view.scale - view.top;
        ctx.beginPath();
        ctx.arc(x, y, 11, 0, 7);
        ctx.fillStyle = colour;
        ctx.fill();
        ctx.strokeStyle = "#FFFFFF";
        ctx.lineWidth = 2.4;
        ctx.stroke();
        ctx.fillStyle = "#FFFFFF";
        ctx.font = "700 12px " + QH.paint.FONT;
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.fillText(String(site.rank), x, y + 0.5);
      }
    }

    // The state that is drawn at a point of the window.
    stateAt(point) {
      return this.state(point.x < this.share * this.app.map.getSize().x ? 0 : 1);
    }
  };
})();
