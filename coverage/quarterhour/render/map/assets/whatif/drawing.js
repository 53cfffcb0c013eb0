// The trial on the map. At rest, the streets that are reached and the places that gain are painted on
// the map's own sheet, below the gaps and below their numbers. While a pin is dragged that sheet is
// left alone, and they are painted on one above it together with what is closed and added.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  class Drawing {
    constructor(panel) {
      this.panel = panel;
      const app = panel.app, map = app.map;
      this.parts = [];
      this.gained = this.lost = null;
      this.nodes = null;
      const pane = map.createPane("qh-trial");
      pane.style.zIndex = 460;
      pane.style.pointerEvents = "none";
      this.above = new QH.Sheet((view) => this.paintTop(view), { pane: "qh-trial" }).addTo(map);
    }

    on() { return this.panel.shows(); }

    // What a result draws; the reached streets are asked for once for each plan.
    set(result) {
      const panel = this.panel, service = panel.app.at;
      const demand = panel.model.demand(service), amounts = panel.sums.amounts(service);
      const like = panel.app.data.services[service].uncovered.levels, P = QH.whatIf.paint;
      // streets that gain are seen as streets that are reached
      const streets = panel.app.data.unit === "street_metres";
      this.gained = result.gained.length && !streets ? P.dots(demand, amounts, result.gained, like) : null;
      this.lost = result.lost.length ? P.dots(demand, amounts, result.lost, like) : null;
      if (panel.drag) {
        this.parts = panel.drag.added ? panel.drag.edges : [];
        this.rest = this.reachedOf(panel.drag.without);
      } else {
        this.parts = this.reachedOf(panel.sums.now(service));
        this.rest = [];
      }
    }

    // All sources where today's areas are no longer true, else the pins only.
    reachedOf(state) {
      const panel = this.panel, service = panel.app.at;
      if (!panel.plan.active()) return [];
      const whole = panel.sums.whole(service);
      const key = whole ? "reachedAll" : "reachedPins";
      if (!state[key]) {
        const pins = state.options.pins || [];
        state[key] = whole ? panel.model.covered(state) :
          pins.length ? panel.model.reached(service, pins, state.options) : [];
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
    paintLeft(view) {
      const panel = this.panel, service = panel.app.at;
      if (!this.on() || panel.best.surface() || panel.app.data.unit === "street_metres") return;
      const state = panel.drag ? panel.drag.without : panel.sums.now(service);
      if (!state.leftDots || state.leftAt !== panel.sums.cutoff(service)) {
        const is = panel.sums.covered(service, state, panel.sums.cutoff(service)), places = [];
        const amounts = panel.sums.amounts(service);
        for (let p = 0; p < is.length; p++) if (!is[p] && amounts[p] > 0) places.push(p);
        const like = panel.app.data.services[service].uncovered.levels;
        state.leftDots = QH.whatIf.paint.dots(panel.model.demand(service), amounts, places, like);
        state.leftDots.levels.shrink = like.shrink;
        state.leftAt = panel.sums.cutoff(service);
      }
      QH.paint.places(view, state.leftDots.levels, "dot", panel.app.data.colours.gap);
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

    paintArea(view) {
      const panel = this.panel, P = QH.whatIf.paint;
      if (!this.on()) return;
      const heat = !panel.drag && panel.best.surface();
      if (heat) {
        const nodes = this.nodeXY();
        P.heat(view, nodes.x, nodes.y, heat.gains, heat.levels);
        return;
      }
      if (!panel.plan.active()) return;
      P.halo(view, panel.streets, this.rest.concat(this.parts), this.colour());
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

    // Places gained and lost.
    paintPlaces(view) {
      const panel = this.panel, C = panel.app.data.colours, P = QH.paint;
      if (!this.on() || (panel.best.surface() && !panel.drag)) return;
      if (this.lost) P.places(view, this.lost.levels, "loss", C.lost);
      if (this.gained) P.places(view, this.gained.levels, "gain", C.gained);
    }

    paintTop(view) {
      const panel = this.panel, P = QH.whatIf.paint, D = QH.decode, C = panel.app.data.colours;
      if (panel.drag) {
        this.paintArea(view);
        this.paintPlaces(view);
      }
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

    step() {
      this.above.repaint();
      if (!this.clean) {
        // what was there before the drag began is not left on the map's own sheet
        this.clean = true;
        this.panel.app.sheet.repaint();
      }
    }

    repaint() {
      this.clean = false;
      this.above.repaint();
    }

    legend(layers) {
      const panel = this.panel, S = QH.symbols.swatch, C = panel.app.data.colours, T = QH.text;
      if (!panel.plan.active()) return;
      const has = (what) => panel.plan.now.items.some((it) => it.what === what);
      const whole = panel.sums.whole(panel.app.at);
      const items = [
        [this.parts.length, S.fill(this.colour(), QH.whatIf.paint.HALO_OPACITY), whole ? "trial_whole" : "trial_area"],
        [this.gained, S.signed(C.gained, true), "trial_gained"],
        [this.lost, S.signed(C.lost, false), "trial_lost"],
        [has("cut"), S.ring(C.lost), "trial_shut"],
        [has("link"), S.line(C.gained, 3.2, "6 4"), "trial_link"],
      ].filter((it) => it[0]).map((it) => [it[1], T.word(it[2])]);
      layers.layer("trial", "", T.word("trial_banner"), layers.parts(items));
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Drawing = Drawing;
})();
