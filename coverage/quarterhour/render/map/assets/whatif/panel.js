// "What if": ties the tools, the pins, the model and the figures together.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const by = (id) => document.getElementById(id);
  const SMALL = "(max-width: 760px)";

  class Panel {
    constructor(app) {
      this.app = app;
      this.ready = false;
      this.drag = null;
      this.shown = null;
      // while the panel is read, the head of the column makes room for it
      const section = by("qh-whatif"), here = () => {
        document.body.classList.toggle("qh-tab-whatif", !section.hidden);
        if (this.ready && !section.hidden) this.begin.opened();
        app.map.invalidateSize(false);
      };
      if (window.MutationObserver) {
        new MutationObserver(here).observe(section, { attributes: true, attributeFilter: ["hidden"] });
      }
    }

    // A click on the map, or on a facility, that a tool in hand asked for.
    took(latlng) { return this.ready && this.tools.click(latlng); }

    tookFacility(found) {
      return this.ready && found.what === "facility" && found.service === this.app.at &&
        this.tools.facility(found.row);
    }

    aiming() { return this.ready && Boolean(this.tools.held || this.drag); }

    // Layers of today that would say what is not so in the trial.
    hides(layer) { return this.ready && this.drawing.hides(layer); }

    // Whether the trial and what lies above it have sheets of their own.
    parts(view, today) { return this.ready && this.drawing.parts(view, today); }

    // Rows of today's gaps that the trial leaves nobody in, null where none is tried.
    filled(service) {
      return this.ready && service === this.app.at && this.shows() ? this.drawing.filled : null;
    }

    pinBoxes(view) { return this.ready && this.shows() ? this.pins.boxes(view) : []; }

    // Letters of the gaps that are new in the trial; the boxes that they take.
    paintFresh(view, taken) {
      return this.ready && this.shows() && this.drawing.fresh ?
        QH.whatIf.fresh.paint(view, this.drawing.fresh, taken, this.app.data.colours) : [];
    }

    // People left in a gap in the trial, null where none is tried.
    leftIn(row) {
      const left = this.ready && this.plan.active() && this.shows() && this.shown && this.shown.left;
      return left ? left[row] : null;
    }

    paintTrial(view) { if (this.ready) this.drawing.paint(view); }

    legend(layers) { if (this.ready) this.drawing.legend(layers); }

    // The trial belongs to today's state; in other years or plans it is not shown.
    shows() {
      const app = this.app, state = app.stages.state();
      return app.layers.on.trial && !app.compare.on && !state.view && state.at === app.at;
    }

    follow() {
      if (!this.ready) return;
      this.begin.follow();
      this.banner.active(this.plan.active() && this.shows());
      this.pins.show(this.shows());
      this.drawing.cross();
      this.drawing.stepTop();
      this.app.gapList.tellTrial();
    }

    start(model) {
      const QW = QH.whatIf, app = this.app, map = app.map;
      this.model = model;
      this.streets = new QW.Streets(model.network);
      this.plan = new QW.Plan(() => this.changed());
      this.sums = new QW.Sums(model, this.plan, app.data);
      this.banner = new QW.Banner(this);
      this.shares = new QW.Shares(this);
      this.result = new QW.Result(this);
      this.pins = new QW.Pins(this);
      this.tools = new QW.Tools(this);
      this.best = new QW.Best(this);
      this.terms = new QW.Terms(this);
      this.drawing = new QW.Drawing(this);
      this.begin = new QW.Begin(this);
      QW.files.bind(this);
      by("qh-wi-undo").addEventListener("click", () => this.plan.undo());
      by("qh-wi-redo").addEventListener("click", () => this.plan.redo());
      by("qh-wi-reset").addEventListener("click", () => this.plan.reset());
      by("qh-wi-left").addEventListener("toggle", () => { if (this.shown) this.result.drawLeft(this.shown); });
      document.addEventListener("keydown", (event) => {
        if (document.body.classList.contains("qh-briefing")) return;
        if (this.drag) {
          // a drag ends with its pin; Escape takes it back
          if (event.key === "Escape") this.dragBack();
          return;
        }
        if (event.key === "Escape" && this.tools.held) this.tools.take(null);
        const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
        if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
        event.preventDefault();
        if (event.shiftKey) this.plan.redo();
        else this.plan.undo();
      });
      map.on("click", () => { if (!this.tools.held && !this.drag) this.hush(); });
      // whose figures the others are
      const mark = () => QH.text.el("p", "qh-today-mark", QH.text.word("today_figures"));
      document.querySelectorAll("#qh-head .qh-service").forEach((section) => {
        section.insertBefore(mark(), section.querySelector(".qh-big"));
      });
      const gaps = by("qh-gaps");
      if (gaps) gaps.insertBefore(mark(), gaps.firstChild.nextSibling);
      this.ready = true;
      this.changed();
      if (this.begin.seen()) this.begin.opened();
    }

    // Everything that follows from a change of the plan.
    changed() {
      const app = this.app;
      if (this.drag && !this.plan.find(this.drag.id)) this.drag = null;
      if (this.plan.active() && !this.shows()) {
        app.layers.on.trial = true;
        app.compare.close();
        app.stages.choose("today");
      }
      this.banner.active(this.plan.active() && this.shows());
      this.pins.show(this.shows());
      this.pins.draw();
      this.result.drawList();
      this.terms.draw();
      this.compute();
      this.best.draw();
      this.drawing.cross();
      this.drawLegend();
      this.repaintAll();
      this.shares.later();
    }

    drawLegend() {
      const key = this.drawing.legendKey();
      if (key !== this.drawing.legendIs) this.app.layers.draw();
    }

    // The figures of what is changed now, or of a pin that is being dragged.
    compute(outside) {
      const service = this.app.at;
      this.shown = this.drag && !outside ?
        this.sums.result(service, this.drag.without, this.drag.added) :
        this.sums.result(service, this.sums.now(service));
      this.result.draw(this.shown, outside);
      this.begin.draw(outside ? null : this.shown);
      this.drawing.set(this.shown);
    }

    serviceChanged() {
      if (!this.ready) return;
      this.tools.take(null);
      this.changed();
    }

    // The part of the network where a pin can be, with what lies in the way as a message.
    place(latlng) {
      const service = this.app.at, found = this.model.link(service, latlng.lat, latlng.lng);
      if (found && found.edge !== undefined) {
        return {
          edge: found.edge, offset_mm: found.offset_mm, access_mm: found.access_mm,
          lat: latlng.lat, lon: latlng.lng, on: found.on,
        };
      }
      const limit = Math.round(this.model.services[service].link_limit_mm / 1000);
      if (found && found.blocked) this.say("far_blocked", {}, true);
      else if (found && found.far !== null && found.far !== undefined) {
        this.say("far_some", { far: QH.text.count(Math.ceil(found.far)), limit: QH.text.count(limit) }, true);
      } else this.say("far_none", { limit: QH.text.count(limit) }, true);
      return null;
    }

    addPin(at, name, from) {
      if (this.plan.full()) {
        this.say("too_many", { n: QH.whatIf.Plan.MOST }, true);
        return;
      }
      const [made] = this.plan.add([{ what: "add", service: this.app.at, name, at, from }]);
      this.say("hint_drag");
      this.pins.choose(made.id);
      this.pins.focus(made.id);
    }

    // A facility of today is closed, opened again, or made a pin; false where it does not serve.
    toggle(row, move) {
      const service = this.app.at, closer = this.plan.closerOf(service, row);
      if (closer) {
        this.plan.remove(closer.id);
        return true;
      }
      if (!this.serves(service, row)) {
        this.say("not_serving", {}, true);
        return false;
      }
      if (!move) {
        if (!this.plan.full()) this.plan.add([{ what: "close", service, row }]);
        return true;
      }
      const it = this.app.service().facilities[row];
      const at = this.place(L.latLng(it.at));
      if (!at) return false;
      this.addPin(at, it.name || QH.whatIf.text("pin_moved", { n: row + 1 }), row);
      return true;
    }

    serves(service, row) {
      const marks = this.app.data.services[service].facilities;
      return Number.isInteger(row) && row >= 0 && row < marks.length && marks[row].status === "used";
    }

    remove(id) {
      this.plan.remove(id);
      this.hush();
    }

    // One step of the keyboard; false where there is no street.
    move(id, latlng, merge) {
      const at = this.place(latlng);
      if (!at) return false;
      this.hush();
      this.plan.change(id, { at }, merge);
      return true;
    }

    dragStart(id) {
      this.tools.take(null);
      this.app.hover(null);
      this.app.popup.remove();
      this.shares.clear();
      this.drag = { id, without: this.sums.without(this.app.at, id), added: null, spans: null, at: null,
        pulled: this.tools.pulled && "pull" };
      this.hush();
    }

    // At most one step for each frame, for the place where the pointer is then.
    dragTo(id, latlng) {
      this.drag.latlng = latlng;
      if (this.drag.frame) return;
      this.drag.frame = requestAnimationFrame(() => {
        if (!this.drag) return;
        this.drag.frame = null;
        this.step(id);
      });
    }

    step(id) {
      const drag = this.drag, service = this.app.at, at = this.place(drag.latlng);
      drag.at = at;
      drag.added = drag.spans = null;
      this.pins.outside(id, !at);
      if (at) {
        this.hush();
        const found = this.model.add(drag.without, at);
        drag.added = { places: found.place, gained: found.gained };
        drag.spans = found.spans;
      }
      this.compute(!at);
      this.drawing.step();
      return service;
    }

    dragEnd(id, latlng) {
      const drag = this.drag;
      if (!drag) return;
      if (drag.frame) cancelAnimationFrame(drag.frame);
      drag.latlng = latlng;
      const at = drag.back ? null : this.place(latlng);
      this.drag = null;
      this.pins.outside(id, false);
      // off the network it goes back to where it was, and the message stays
      if (at) this.plan.change(id, { at }, drag.pulled);
      else if (drag.pulled) this.plan.takeBack();
      else this.changed();
    }

    // Lets go of what is dragged, and nothing is changed.
    dragBack() {
      this.drag.back = true;
      const mark = this.pins.marks.get(this.drag.id);
      mark.layer.dragging._draggable.finishDrag(true);
    }

    // Minutes of the model's time; a distance rule counts metres and knows its own minutes.
    minutesOf(service, cutoff_ms) {
      const own = this.model.services[service], at = (own.cutoffs_ms || []).indexOf(cutoff_ms);
      return at >= 0 ? own.cutoffs_min[at] : cutoff_ms / 60000;
    }

    checkTerms(service, given) { return this.terms.check(service, given); }

    linkedOnly() { return by("qh-whatif").dataset["base" + this.app.at] === "share_of_linked"; }

    say(key, values, wrong) {
      this.sayAll([[key, values]], wrong);
      return null;
    }

    hush() { this.sayAll([]); }

    sayAll(told, wrong) {
      this.banner.say(told.filter(Boolean).map((it) => QH.whatIf.told(it[0], it[1])), wrong);
    }

    // The panel makes room for the map on a small screen.
    shrink() {
      const button = by("qh-panel-button");
      if (window.matchMedia(SMALL).matches && button.getAttribute("aria-expanded") === "true") {
        button.click();
      }
    }

    go(it) {
      this.shrink();
      const map = this.app.map, spot = (at) => [at.lat, at.lon];
      if (it.what === "link") map.fitBounds([spot(it.from), spot(it.to)], { maxZoom: 16, padding: [60, 60] });
      else if (it.what === "close") map.panTo(this.app.data.services[it.service].facilities[it.row].at);
      else map.panTo(spot(it.at));
      if (it.service !== undefined && it.service !== this.app.at) this.app.choose(it.service);
      if (it.what === "add") this.pins.focus(it.id);
    }

    // All changes in one view, and further places.
    showAll(more) {
      const at = (more || []).map((it) => [it.lat, it.lon]);
      for (const it of this.plan.now.items) {
        if (it.what === "link") at.push([it.from.lat, it.from.lon], [it.to.lat, it.to.lon]);
        else if (it.what === "close") at.push(this.app.data.services[it.service].facilities[it.row].at);
        else at.push([it.at.lat, it.at.lon]);
      }
      if (at.length) this.app.map.fitBounds(at, { padding: [80, 80], maxZoom: 15 });
    }

    repaintTop() { this.drawing.stepTop(); }

    repaintAll() { this.drawing.step(); }

    // Buttons in the card of a facility that serves, or did before the trial.
    extend(card, found) {
      const row = found.row, service = this.app.at;
      if (this.ready && found.what === "site") {
        card.appendChild(QH.text.el("p", "qh-wi-card", QH.whatIf.button("", QH.text.word("begin_site"), () => {
          this.app.popup.remove();
          this.begin.site(found);
        })));
      }
      if (!this.ready || found.what !== "facility" || found.service !== service) return;
      const QW = QH.whatIf, closer = this.plan.closerOf(service, row), T = QH.text;
      const button = (key, act) => QW.button("", T.word(key), () => {
        this.app.popup.remove();
        by("qh-tab-whatif").click();
        this.begin.opened();
        act();
      });
      card.appendChild(T.el("p", "qh-wi-card", !this.serves(service, row) ?
        [button("whatif_start", () => this.startPlanned(row))] : closer ?
          [button("whatif_open", () => this.toggle(row, false))] :
          [button("whatif_close", () => this.toggle(row, false)), button("whatif_move", () => this.toggle(row, true))]));
    }

    // A facility that does not serve today, tried as a new one at its place.
    startPlanned(row) {
      const it = this.app.service().facilities[row], at = this.place(L.latLng(it.at));
      if (at) this.addPin(at, it.name || this.plan.nextName(), null);
    }
  }

  QH.WhatIf = Panel;
})();
