// Briefing mode: scripted views, one sentence and one figure each, for a room that looks at a
// screen. What the map showed before comes back when the reader leaves.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const PLAIN = {
    facilities: true, "facilities-used": true, "facilities-planned": true,
    "facilities-unlinked": true, gaps: false, uncovered: false, unlinked: false, covered: false,
    areas: false, residential: false, gained: true, lost: true, boundary: true, districts: true,
    roads: true, scenery: true, trial: false,
  };
  // What each kind of view turns on beyond the plain map.
  const LEFT = ["areas", "gaps", "uncovered", "unlinked"]; // who is left out, in the state of the view
  const SHOWS = {
    district: [], coverage: LEFT, gaps: LEFT, gap: LEFT, scenario: LEFT, years: LEFT, plan: ["areas"], closing: LEFT,
  };
  const STEPS = {
    ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, Enter: 1,
    ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Backspace: -1,
  };
  const CLOSEST = 16;
  const SMALLEST = 0.5; // of the letters, when a text is long

  function boxOf(boxes) {
    const low = (k) => Math.min(...boxes.map((box) => box[k]));
    const high = (k) => Math.max(...boxes.map((box) => box[k]));
    const lon = (x) => x * 360 - 180;
    const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
    return [[lat(high(3)), lon(low(0))], [lat(low(1)), lon(high(2))]];
  }

  // Ends a movement of the map, as the reader may have begun one.
  function land(map) {
    map.stop();
    map._onZoomTransitionEnd();
  }

  QH.BriefMode = class {
    constructor(app) {
      this.app = app;
      this.views = app.data.story;
      this.at = -1;
      document.addEventListener("keydown", (event) => this.key(event), true);
      window.addEventListener("resize", () => { if (this.on) this.fit(); });
      app.map.on("zoomend", () => { if (this.on && this.legend) this.legend.fill(); });
    }

    get on() { return this.at >= 0; }

    build() {
      const T = QH.text, panel = T.el("section", "");
      panel.id = "qh-brief";
      panel.setAttribute("aria-label", T.plain("brief_view"));
      this.count = T.el("p", "qh-b-count");
      this.text = T.el("div", "qh-b-text");
      this.text.setAttribute("aria-live", "polite");
      this.text.setAttribute("aria-atomic", "true");
      const button = (sign, key, act, name) => {
        const out = T.el("button", name || "", sign);
        out.type = "button";
        out.title = T.plain(key);
        out.setAttribute("aria-label", T.plain(key));
        out.addEventListener("click", act);
        return out;
      };
      this.previous = button("‹", "brief_previous", () => this.go(this.at - 1), "qh-b-step");
      this.next = button("›", "brief_next", () => this.go(this.at + 1), "qh-b-step");
      this.dots = this.views.map((view, i) => {
        const dot = button("", "brief_pages", () => this.go(i));
        const label = T.plain("brief_of").split("{n}").join(i + 1)
          .split("{total}").join(this.views.length);
        dot.setAttribute("aria-label", label);
        dot.title = label;
        return dot;
      });
      const frame = QH.symbols.svg("svg", {
        viewBox: "0 0 18 18", width: 20, height: 20, "aria-hidden": "true",
      }, [QH.symbols.svg("path", {
        d: "M2 7V2H7M11 2H16V7M16 11V16H11M7 16H2V11", fill: "none", stroke: "currentColor",
        "stroke-width": 2,
      })]);
      const full = button(frame, "brief_full", () => this.fullScreen(), "qh-b-tool");
      full.hidden = !document.fullscreenEnabled;
      const leave = button("×", "brief_leave", () => this.leave(), "qh-b-tool");
      const bar = T.el("div", "qh-b-bar", [
        this.previous, T.el("div", "qh-b-dots", this.dots), this.next,
      ]);
      panel.appendChild(T.el("div", "qh-b-top", [this.count, full, leave]));
      panel.appendChild(this.text);
      panel.appendChild(bar);
      document.body.appendChild(panel);
      return panel;
    }

    start() {
      if (this.on) return;
      land(this.app.map);
      this.before = this.keep();
      this.panel = this.panel || this.build();
      this.legend = this.legend || new QH.BriefLegend(this.app);
      this.panel.hidden = false;
      this.app.popup.remove();
      this.app.gapList.clear();
      this.app.compare.close();
      document.body.classList.add("qh-briefing");
      this.app.map.invalidateSize(false);
      this.go(0);
      this.next.focus({ preventScroll: true });
    }

    // Everything that a view may change.
    keep() {
      const app = this.app, map = app.map;
      return {
        at: app.at, on: Object.assign({}, app.layers.on),
        cutoffs: Object.assign({}, app.layers.cutoffs), centre: map.getCenter(), zoom: map.getZoom(),
        gap: app.gapList.row, opener: app.gapList.opener, focus: document.activeElement,
        found: app.popup.isOpen() ? app.selected : null, place: app.popup.getLatLng(),
        stage: app.stages.key, share: app.compare.share,
        compared: app.compare.on ? app.compare.keys.slice() : null,
      };
    }

    leave() {
      if (!this.on) return;
      const app = this.app, old = this.before;
      this.at = -1;
      app.popup.remove();
      app.gapList.clear();
      this.panel.hidden = true;
      this.legend.hide();
      document.body.classList.remove("qh-briefing", "qh-black");
      if (document.fullscreenElement) document.exitFullscreen();
      land(app.map);
      app.map.invalidateSize(false);
      app.choose(old.at);
      app.stages.choose(old.stage);
      if (old.compared) app.compare.open(...old.compared);
      app.compare.put(old.share);
      app.layers.on = old.on;
      app.layers.cutoffs = old.cutoffs;
      app.layers.draw();
      const animated = app.map._zoomAnimated; // a movement that begins now would end elsewhere
      app.map._zoomAnimated = false;
      if (old.gap >= 0) app.gapList.choose(old.gap, { opener: old.opener });
      app.map.setView(old.centre, old.zoom, { animate: false });
      app.map._zoomAnimated = animated;
      if (old.found) app.select(old.found, old.place);
      app.repaint();
      if (old.focus && old.focus.focus) old.focus.focus({ preventScroll: true });
    }

    go(at) {
      if (at < 0 || at >= this.views.length) return;
      this.at = at;
      const view = this.views[at], app = this.app;
      app.popup.remove();
      app.gapList.clear();
      if (app.at !== view.service) app.choose(view.service);
      app.stages.stop();
      app.stages.choose(this.stage(view));
      this.layers(view);
      app.gapList.row = view.gap;
      app.layers.draw();
      this.write(view);
      land(app.map);
      app.map.invalidateSize(false);
      this.legend.fill();
      const size = app.map.getSize(), edge = Math.min(34, 0.06 * size.x);
      app.map.fitBounds(this.bounds(view), {
        paddingTopLeft: [edge, Math.max(edge, 0.06 * size.y)],
        paddingBottomRight: [Math.max(edge, 20), edge + this.legend.height()],
        maxZoom: CLOSEST, animate: false,
      });
      app.repaint();
    }

    // The state of the service that a view shows: today's, a scenario's, the last year's.
    stage(view) {
      if (view.scenario >= 0) return "scenario-" + view.scenario;
      const years = this.app.stages.states().filter((it) => it.kind === "year");
      return view.kind === "years" && years.length ? years[years.length - 1].key : "today";
    }

    layers(view) {
      const on = this.app.layers.on;
      Object.assign(on, PLAIN);
      Object.keys(on).forEach((key) => {
        if (/^(scenario|other)-/.test(key)) on[key] = false;
        if (/^kind-/.test(key)) on[key] = true;
      });
      SHOWS[view.kind].forEach((key) => { on[key] = true; });
      this.app.layers.cutoffs = {};
    }

    bounds(view) {
      const app = this.app;
      if (view.gap >= 0) return QH.gaps.bounds(app.service().gaps, view.gap);
      if (view.scenario < 0) return app.data.bounds;
      const plan = app.data.scenarios[view.scenario], one = plan.services[view.service];
      if (one.gained.hidden || one.lost.hidden) return app.data.bounds; // it is not told where
      const spots = plan.cuts.concat(one.added, one.sites || []);
      const boxes = plan.closed.concat(plan.opened).filter((shape) => shape.rings.length)
        .map((shape) => shape.box).concat(spots.map((it) => [it.x, it.y, it.x, it.y]));
      for (const dots of [one.gained, one.lost]) {
        for (let i = 0; i < dots.n; i++) boxes.push([dots.x[i], dots.y[i], dots.x[i], dots.y[i]]);
      }
      const whole = boxes.filter((box) => box.every(isFinite));
      return whole.length ? boxOf(whole) : app.data.bounds;
    }

    write(view) {
      const T = QH.text, last = this.views.length - 1, both = (it) => T.pair(it[0], it[1]);
      this.text.textContent = "";
      this.text.appendChild(T.el("h2", "", both(view.title)));
      if (view.figure) {
        this.text.appendChild(T.el("p", "qh-b-figure", [
          T.el("b", "", view.figure), T.el("small", "", both(view.of)),
        ]));
      }
      this.text.appendChild(T.el("p", "qh-b-said", both(view.said)));
      if (view.lines) {
        this.text.appendChild(T.el("ul", "", view.lines.map((line) => T.el("li", "", both(line)))));
      }
      const label = (zh, en) => T.pair(zh.replace("{n}", this.at + 1).replace("{total}", last + 1),
        en.replace("{n}", this.at + 1).replace("{total}", last + 1));
      this.count.textContent = "";
      this.count.appendChild(label(...this.app.data.words.brief_of));
      this.dots.forEach((dot, i) => {
        dot.classList.toggle("qh-b-past", i < this.at);
        if (i === this.at) dot.setAttribute("aria-current", "step");
        else dot.removeAttribute("aria-current");
      });
      this.previous.setAttribute("aria-disabled", String(this.at === 0));
      this.next.setAttribute("aria-disabled", String(this.at === last));
      this.fit();
    }

    // Letters as large as the panel holds.
    fit() {
      const text = this.text;
      let size = 1;
      const over = () => text.scrollHeight > text.clientHeight + 1 ||
        text.scrollWidth > text.clientWidth + 1;
      text.style.setProperty("--letters", "1");
      while (over() && size > SMALLEST) {
        size -= 0.05;
        text.style.setProperty("--letters", size.toFixed(2));
      }
    }

    fullScreen() {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    }

    // Presenters' remote controls send arrows, PageUp, PageDown, F5, Escape and a full stop.
    key(event) {
      if (!this.on || event.ctrlKey || event.altKey || event.metaKey) return;
      const button = event.target.closest && event.target.closest("#qh-brief button");
      if (button && (event.key === " " || event.key === "Enter")) return;
      const act = {
        Escape: () => this.leave(), Home: () => this.go(0), End: () => this.go(this.views.length - 1),
        F5: () => {}, ".": () => this.black(), b: () => this.black(), f: () => this.fullScreen(),
      }[event.key];
      const step = STEPS[event.key];
      if (!act && !step) return;
      event.preventDefault();
      event.stopPropagation();
      if (act) act();
      else this.go(this.at + step);
    }

    black() { document.body.classList.toggle("qh-black"); }
  };
})();
