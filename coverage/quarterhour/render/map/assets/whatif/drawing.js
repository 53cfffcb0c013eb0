// The trial on the map. The streets that are reached and the places that gain have a sheet of their
// own, below the gaps and their numbers, which then lie on one above it: a step paints only what it
// changes. What is closed and added lies above all.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  const REST_MS = 200;
  const STREET_PX = 2.2;
  const OVER = 0.9; // a little smaller than what lies there today

  function dots(view, chosen, kind, colour) { QH.paint.places(view, chosen, kind, colour); }

  class Drawing {
    constructor(panel) {
      this.panel = panel;
      const app = panel.app, map = app.map;
      this.reached = [];
      this.gained = this.lost = null;
      this.nodes = this.filled = this.fresh = null;
      this.overIs = "[[],[],null]";
      const sheet = (name, z, paint, padding) => {
        const pane = map.createPane(name);
        pane.style.zIndex = z;
        pane.style.pointerEvents = "none";
        return new QH.Sheet(paint, Object.assign({ pane: name }, padding)).addTo(map);
      };
      // on paper and in pictures all is on one sheet
      const apart = (view) => this.split && !("paper" in view);
      this.split = false;
      this.middle = sheet("qh-trial", 452, (view) => {
        if (apart(view)) this.paint(view);
      }, { padding: 0 }); // a step costs what its sheet is large
      this.over = sheet("qh-over", 454, (view) => {
        if (apart(view)) app.paintOver(view, app.stages.state());
      });
      this.above = sheet("qh-made", 460, (view) => this.paintTop(view));
      app.sheet.on("painted", () => {
        if (this.split) [this.middle, this.over].forEach((it) => it.now());
      });
      this.show();
    }

    show() {
      for (const it of [this.middle, this.over]) it.getPane().style.display = this.split ? "" : "none";
    }

    // Whether the sheet that is being painted leaves the trial, and what lies above it, to theirs.
    parts(view, today) {
      if ("paper" in view) return false;
      const can = this.panel.plan.active() || !document.getElementById("qh-whatif").hidden;
      this.split = Boolean(today && can);
      this.under = this.underKey();
      this.show();
      return this.split;
    }

    // What of the trial shows on the map's own sheet.
    underKey() {
      return [this.panel.app.at, this.split, ...["areas", "residential", "places"].map((it) => this.hides(it))].join();
    }

    on() { return this.panel.shows(); }

    // What a result draws; the reached streets are asked for once for each plan.
    set(result) {
      const panel = this.panel, service = panel.app.at, W = QH.whatIf;
      const crowd = panel.sums.crowd(service);
      // what is known of another service is not shown for this one
      if (service !== this.service) this.filled = this.fresh = null;
      this.service = service;
      // streets that gain are seen as streets that are reached
      const streets = panel.app.data.unit === "street_metres";
      this.gained = result.gained > 0 && !streets ? crowd.choose(result.mark, W.GAINED, OVER) : null;
      this.lost = result.lost > 0 ? crowd.choose(result.mark, W.LOST, OVER) : null;
      this.reached = panel.drag ?
        [panel.drag.spans, this.reachedOf(panel.drag.without)].filter(Boolean) :
        [this.reachedOf(panel.sums.now(service))].filter(Boolean);
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.rest(result), REST_MS);
    }

    // Once the steps rest, the gaps that nobody is left in are no gaps any more.
    rest(result) {
      this.waiting = null;
      const panel = this.panel, { app } = panel, people = panel.sums.gaps(app.at), rows = new Set();
      if (people && panel.plan.active()) {
        result.left.forEach((n, row) => { if (n <= 0 && people.people[row] > 0) rows.add(row); });
      }
      app.gapList.tellTrial();
      this.fresh = panel.plan.active() ? QH.whatIf.fresh.of(panel, result) : null;
      if (this.fresh && panel.result.listed !== this.fresh) panel.result.drawLeft(result);
      // numbers make room for the pins
      const pins = panel.plan.ofService(app.at, "add").map((it) => [it.at.lat, it.at.lon]);
      const key = JSON.stringify([Array.from(rows), pins, this.fresh]);
      if (key === this.overIs) return;
      this.overIs = key;
      this.filled = rows.size ? rows : null;
      if (this.split) this.over.now();
      else app.sheet.now();
      panel.drawLegend();
    }

    // All sources where today's areas are no longer true, else the pins only; null for none.
    reachedOf(state) {
      const panel = this.panel, service = panel.app.at;
      if (!panel.plan.active()) return null;
      const whole = panel.sums.whole(service);
      const key = whole ? "reachedAll" : "reachedPins";
      if (!state[key]) {
        const pins = state.options.pins || [];
        state[key] = whole ? panel.model.coveredSpans(state) :
          pins.length ? panel.model.reachedSpans(service, pins, state.options) : null;
      }
      return state[key];
    }

    // Today's service areas are not drawn where they are no longer true, nor are today's places and
    // verdicts on residential areas in any trial. People of the trial are, but not over the gain.
    hides(layer) {
      const panel = this.panel, active = panel.plan.active();
      if (!this.on()) return false;
      if (panel.best.surface()) return true;
      if (layer === "residential" || layer === "places") return active;
      return layer === "areas" && active && panel.sums.whole(panel.app.at);
    }

    // Who is not covered in the trial; while a pin is dragged, without it.
    paintLeft(view, streets) {
      const panel = this.panel, service = panel.app.at;
      if (streets) {
        // over today's uncovered streets
        QH.whatIf.lines(view, panel.streets, this.reached, this.colour(), STREET_PX);
        return;
      }
      const state = panel.drag ? panel.drag.without : panel.sums.now(service);
      if (!state.left) state.left = panel.sums.crowd(service).choose(state.inside, 0);
      dots(view, state.left, "dot", panel.app.data.colours.gap);
    }

    // Facilities that do not serve in the trial.
    cross() {
      const panel = this.panel, at = panel.app.at, marks = panel.app.marks.group(at);
      const shut = new Set(this.on() ? panel.plan.closedRows(at) : []);
      marks.forEach((marker, row) => {
        const element = marker.getElement();
        if (element) element.classList.toggle("qh-shut", shut.has(row));
      });
    }

    colour() {
      const panel = this.panel, app = panel.app;
      return panel.sums.whole(app.at) ? app.service().colour : app.data.colours.gained;
    }

    paint(view) {
      const panel = this.panel, P = QH.whatIf.paint, heat = !panel.drag && panel.best.surface();
      if (!this.on()) return;
      if (heat) {
        const nodes = this.nodeXY();
        P.heat(view, nodes.x, nodes.y, heat.gains, heat.levels);
        return;
      }
      if (!panel.plan.active()) return;
      const left = panel.app.layers.on.uncovered && !panel.best.surface();
      const streets = panel.app.data.unit === "street_metres";
      QH.whatIf.halo(view, panel.streets, this.reached, this.colour(), left && streets);
      if (left) this.paintLeft(view, streets);
      this.paintPlaces(view);
    }

    nodeXY() {
      if (!this.nodes) {
        const net = this.panel.model.network, D = QH.decode;
        this.nodes = {
          x: Float64Array.from(net.node_lon, D.worldX), y: Float64Array.from(net.node_lat, D.worldY),
        };
      }
      return this.nodes;
    }

    paintPlaces(view) {
      const C = this.panel.app.data.colours;
      if (this.lost) dots(view, this.lost, "loss", C.lost);
      if (this.gained) dots(view, this.gained, "gain", C.gained);
    }

    // Whether anything lies on the sheet above.
    hasTop() {
      const { drag, tools, plan, best, app } = this.panel, surface = best.surface();
      return Boolean(drag || tools.from || best.stars().length || (surface && surface.at)) ||
        (this.on() && plan.now.items.some((it) => it.what !== "close" &&
          (it.what !== "add" || it.service === app.at)));
    }

    paintTop(view) {
      this.inked = this.hasTop();
      const panel = this.panel, P = QH.whatIf.paint, D = QH.decode, C = panel.app.data.colours;
      const world = (at) => ({ x: D.worldX(at.lon), y: D.worldY(at.lat) });
      const px = (at) => [at.x * view.scale - view.left, at.y * view.scale - view.top];
      if (this.on()) {
        for (const it of panel.plan.now.items) {
          if (it.what === "link") P.link(view, world(it.from), world(it.to), C.gained);
          else if (it.what === "cut") P.cut(view, world(it.at), C.lost);
          else if (it.what === "add" && it.service === panel.app.at) this.pinLeg(view, it, world);
        }
      }
      if (panel.tools.from) P.knob(view.ctx, ...px(world(panel.tools.from)), C.gained);
      panel.best.stars().forEach((at) => P.star(view.ctx, ...px(world(at)), 12, "#FFFFFF", "#440154"));
      if ("paper" in view) this.mark(view);
      const heat = panel.best.surface();
      if (heat && heat.at) P.star(view.ctx, ...px(world(heat.at)), 13, "#FFE48A", "#20262B");
    }

    // On paper and in pictures the line over the map is part of the map.
    mark(view) {
      const panel = this.panel, ctx = view.ctx;
      if (!panel.plan.active() || !panel.shows()) return;
      const text = panel.banner.text(), high = 30;
      ctx.font = "700 14px " + QH.paint.FONT;
      const wide = Math.min(ctx.measureText(text).width + 32, view.width - 90);
      ctx.fillStyle = "#20262B";
      ctx.fillRect(12, 12, wide, high);
      ctx.fillStyle = "#FFFFFF";
      ctx.textAlign = "left";
      ctx.textBaseline = "middle";
      ctx.fillText(text, 28, 12 + high / 2, wide - 32);
      // facilities lie above this sheet: the cross is wider than their symbols
      const marks = panel.app.service().facilities, D = QH.decode;
      for (const row of panel.plan.closedRows(panel.app.at)) {
        const at = { x: D.worldX(marks[row].at[1]), y: D.worldY(marks[row].at[0]) };
        QH.whatIf.paint.cross(view, at, panel.app.data.colours.lost, 19);
      }
    }

    pinLeg(view, it, world) {
      const panel = this.panel, drag = panel.drag && panel.drag.id === it.id ? panel.drag : null;
      const at = drag ? drag.at || null : it.at;
      if (it.from !== null) this.moved(view, it.from, world(drag ? drag.at || it.at : it.at));
      if (!at || !at.on) return;
      QH.whatIf.paint.leg(view, world(at), world({ lat: at.on[0], lon: at.on[1] }));
    }

    // From where a facility is today to its pin.
    moved(view, row, to) {
      const mark = this.panel.app.service().facilities[row], D = QH.decode;
      const from = { x: D.worldX(mark.at[1]), y: D.worldY(mark.at[0]) };
      QH.whatIf.paint.leg(view, from, to, [6, 4]);
    }

    // In the same frame as the figures.
    step() {
      const { sheet } = this.panel.app;
      if (!this.split) sheet.now();
      else {
        if (this.under !== this.underKey()) sheet.touch();
        this.middle.touch();
      }
      this.stepTop();
    }

    stepTop() { if (this.inked || this.hasTop()) this.above.touch(); }

    // What the legend says, as a key: it is made anew when this changes.
    legendKey() {
      const panel = this.panel, items = panel.plan.now.items, at = panel.app.at;
      return JSON.stringify([
        at, this.on(), panel.plan.active(), panel.sums.whole(at), this.reached.some((it) => it.n),
        Boolean(this.gained), Boolean(this.lost), items.some((it) => it.what === "cut"),
        items.some((it) => it.what === "link"), Boolean(panel.best.surface()), Boolean(this.filled),
        Boolean(this.fresh),
      ]);
    }

    legend(layers) {
      this.legendIs = this.legendKey();
      const panel = this.panel, S = QH.symbols.swatch, C = panel.app.data.colours, T = QH.text;
      const { app } = panel;
      if (!panel.plan.active() || app.compare.on || app.stages.state().view) return;
      const has = (what) => panel.plan.now.items.some((it) => it.what === what);
      const whole = panel.sums.whole(panel.app.at);
      const items = [
        [this.reached.some((it) => it.n), S.fill(this.colour(), QH.whatIf.HALO_OPACITY), whole ? "trial_whole" : "trial_area"],
        [this.gained, S.signed(C.gained, true), "trial_gained"],
        [this.lost, S.signed(C.lost, false), "trial_lost"],
        [this.filled, S.line(C.gained, 1.8, "3 4"), "trial_filled"],
        [this.fresh, S.plate("A", C.lost), "trial_fresh"],
        [has("cut"), S.ring(C.lost), "trial_shut"],
        [has("link"), S.line(C.gained, 3.2, "6 4"), "trial_link"],
      ].filter((it) => it[0]).map((it) => [it[1], T.word(it[2])]);
      layers.layer("trial", "", T.word("trial_banner"), layers.parts(items));
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Drawing = Drawing;
})();
