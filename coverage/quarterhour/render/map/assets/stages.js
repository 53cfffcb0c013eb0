// States of a service: as it is today, in a later year, in a scenario, with another walker. The bar
// of buttons goes from one to the next; what a state draws is here too.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const STEP_MS = 2200;
  const NEW_OPACITY = 0.42;

  function prepare(data) {
    const D = QH.decode, step = data.steps.shape;
    for (const view of data.views) {
      view.services = view.services.map((one, at) => {
        if (!one) return null;
        if (one.same) return data.views[one.same[0]].services[one.same[1]];
        for (const key of ["gained", "lost"]) {
          const dots = (one[key] = D.places(one[key], step));
          dots.levels = new QH.Levels(dots, data.services[at].uncovered.levels);
        }
        one.areas = D.shapes(one.area, step);
        one.residential = QH.gapStates.areas(data.services[at], one.residential);
        one.spots = [];
        return one;
      });
    }
  }

  // A scenario of the map as a state: what is drawn with it comes from scenarios.js.
  function ofScenario(data, plan, at) {
    const one = plan.services[at];
    if (one.state) return one.state;
    const D = QH.decode, today = data.services[at].shapes;
    const whole = D.shapes(one.area, data.steps.shape);
    one.state = {
      figure: one.figure, gained: one.gained, lost: one.lost, opened: one.opened,
      closed: one.dropped, spots: one.added, sites: one.sites, gaps: one.gaps, walk: one.walk,
      residential: QH.gapStates.areas(data.services[at], one.residential),
      areas: whole.length ? whole : today.slice(-1).concat(one.areas || []),
    };
    return one.state;
  }

  // Every state of the service at a place; the first is today's.
  function statesOf(app, at) {
    const data = app.data, words = data.words, service = data.services[at];
    if (service.states) return service.states;
    const out = [{ key: "today", kind: "today", name: words.today, at, view: null }];
    data.views.forEach((view, number) => {
      if (view.kind !== "year") return;
      out.push({ key: "view-" + number, kind: "year", name: view.name, at, view: view.services[at] });
    });
    data.scenarios.forEach((plan, number) => {
      const name = plan.label || (Array.isArray(plan.name) ? plan.name : [plan.name, plan.name]);
      out.push({
        key: "scenario-" + number, kind: "scenario", name, at, number, view: ofScenario(data, plan, at),
        proposed: plan.proposed,
      });
    });
    data.views.forEach((view, number) => {
      if (view.kind !== "walker" || !view.services[at]) return;
      out.push({ key: "view-" + number, kind: "walker", name: view.name, at, view: view.services[at] });
    });
    data.services.forEach((other, k) => {
      if (k === at || other.name !== service.name) return;
      out.push({ key: "service-" + k, kind: "walker", name: other.walker, at: k, view: null });
    });
    service.states = out;
    return out;
  }

  function figureOf(app, state) {
    const figures = app.data.services[state.at].figures;
    return state.view ? state.view.figure : figures[figures.length - 1] || null;
  }

  // Places that are still not covered: those of today without those who gain, and who loses.
  function leftOver(service, view) {
    if (view.left) return view.left;
    const key = (dots, i) => dots.lon[i].toFixed(6) + "," + dots.lat[i].toFixed(6);
    const gone = new Set();
    for (let i = 0; i < view.gained.n; i++) gone.add(key(view.gained, i));
    const rows = [];
    for (const dots of [service.uncovered, view.lost]) {
      for (let i = 0; i < dots.n; i++) if (!gone.has(key(dots, i))) rows.push([dots, i]);
    }
    rows.sort((a, b) => b[0].amount[b[1]] - a[0].amount[a[1]]);
    const out = { n: rows.length, lon: [], lat: [] };
    for (const name of ["x", "y", "amount", "minutes", "nearest", "reason"]) {
      out[name] = Float64Array.from(rows, ([dots, i]) => dots[name][i]);
    }
    for (const name of ["lon", "lat"]) out[name] = rows.map(([dots, i]) => dots[name][i]);
    // the times are those of today
    out.today = { minutes: out.minutes.slice(), nearest: out.nearest.slice() };
    // and of who loses they are not said: it is not known how far it is then
    rows.forEach(([dots], i) => {
      if (dots !== view.lost) return;
      out.minutes[i] = NaN;
      out.nearest[i] = -1;
    });
    out.levels = new QH.Levels(out, service.uncovered.levels);
    if (service.gaps) out.levels.shrink = QH.gaps.DOTS;
    return (view.left = out);
  }

  // The places that can be pointed at in a state: what they are, in the order of painting, last first.
  function placesOf(app, state) {
    const service = app.data.services[state.at], on = app.layers.on, out = [];
    if (state.view) {
      const view = state.view;
      if (on.gained) out.push(["gained", view.gained]);
      if (on.lost) out.push(["lost", view.lost]);
      if (on.uncovered) out.push(["uncovered", leftOver(service, view)]);
    } else if (on.uncovered) {
      out.push(["uncovered", service.uncovered]);
    }
    if (on.unlinked) out.push(["unlinked", service.unlinked]);
    return out;
  }

  function halo(view, service, rows, colour, crossed) {
    const ctx = view.ctx;
    for (const it of QH.gather.rings(service, rows, crossed, view.scale)) {
      const x = it.x * view.scale - view.left, y = it.y * view.scale - view.top;
      for (const [ink, width] of [["#FFFFFF", 6], [colour, 3.4]]) {
        ctx.beginPath();
        ctx.arc(x, y, 16, 0, 7);
        if (crossed) {
          ctx.moveTo(x - 13, y - 13);
          ctx.lineTo(x + 13, y + 13);
        }
        ctx.strokeStyle = ink;
        ctx.lineWidth = width;
        ctx.stroke();
      }
    }
  }

  function tone(service) { return service.bands[service.bands.length >> 1]; }

  // Whether there are any places, also where none may be told.
  const some = (dots) => dots.n > 0 || dots.hidden;

  // The service area of a state against today's: what is new and what is no longer reached.
  function areas(view, service, state, colours) {
    const P = QH.paint, today = service.shapes.slice(-1), then = state.view.areas;
    P.layered(view, P.BAND_OPACITY, (ctx, inner) => P.solid(inner, then, tone(service)));
    if (some(state.view.gained) || state.view.opened.length) {
      P.layered(view, NEW_OPACITY, (ctx, inner) => {
        P.solid(inner, then, colours.gained);
        ctx.globalCompositeOperation = "destination-out";
        P.solid(inner, today, "#000000");
      });
    }
    if (some(state.view.lost) || state.view.closed.length) {
      P.layered(view, 0.75, (ctx, inner) => {
        P.solid(inner, today, P.hatch(ctx, colours.lost));
        ctx.globalCompositeOperation = "destination-out";
        P.solid(inner, then, "#000000");
      });
    }
    if (view.zoom >= 14) P.outline(view, then, { colour: service.bands[0], width: 0.9 });
  }

  function residential(view, app, service, state) {
    const one = state.view, data = app.data;
    if (!app.layers.on.residential || !service.residential || !one.residential) return;
    const then = Object.assign({}, service.residential, { status: one.residential.status });
    QH.paint.residential(view, then, data.statuses, data.colours);
  }

  // Places stand above areas and streets, and below the gaps.
  function paint(view, app, state, gaps) {
    const P = QH.paint, on = app.layers.on, C = app.data.colours;
    const service = app.data.services[state.at], one = state.view;
    if (on.areas) {
      P.cached(view, "state-" + state.at + state.key, "", (inner) => areas(inner, service, state, C));
    }
    residential(view, app, service, state);
    if (on.unlinked) P.places(view, service.unlinked.levels, "ring", C.unlinked);
    if (on.uncovered) P.places(view, leftOver(service, one).levels, "dot", C.gap);
    if (gaps) QH.gaps.paint(view, gaps, C, app.gapList.row);
    if (state.kind === "scenario") {
      QH.scenarios.paint(view, app, [state.number]);
      // pins lie above the whole map, not on one of two sides
      if (app.compare.on) app.compare.sites(view, app.data.scenarios[state.number].services[state.at]);
    } else {
      if (on.lost) P.places(view, one.lost.levels, "loss", C.lost);
      if (on.gained) P.places(view, one.gained.levels, "gain", C.gained);
    }
    if (on.facilities) {
      halo(view, service, one.opened, C.gained, false);
      halo(view, service, one.closed, C.lost, true);
    }
  }

  // What a state covers, of how many, and how much more than today.
  function told(app, state) {
    const T = QH.text, figure = figureOf(app, state), today = figureOf(app, statesOf(app, app.at)[0]);
    if (!figure) return T.word("no_figures");
    const share = figure.share === null ? "" : T.percent(figure.share);
    const parts = [
      T.el("b", "", share), " ", T.whole(figure.covered) + " / " + T.whole(figure.total) + " ",
      T.word(T.unit()),
    ];
    const more = figure.covered - today.covered;
    if (state.kind !== "today" && today.total === figure.total) {
      const sign = more > 0.05 ? "+" : more < -0.05 ? "−" : "±";
      parts.push(T.el("span", "qh-more" + (more < -0.05 ? " qh-fewer" : ""), [
        T.word("than_today"), " ", T.el("b", "", sign + T.whole(Math.abs(more))),
      ]));
    }
    return T.el("span", "", parts);
  }

  QH.Stages = class {
    constructor(app) {
      this.app = app;
      const first = app.data.scenarios.findIndex((plan) => plan.shown);
      this.key = first < 0 ? "today" : "scenario-" + first;
      this.still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.timer = 0;
      this.bar = QH.text.el("div");
      this.bar.id = "qh-stages";
      this.bar.setAttribute("role", "region");
      this.bar.setAttribute("aria-label", QH.text.plain("stages"));
      // before the map: the keyboard need not pass every facility to get here
      app.map.getContainer().insertAdjacentElement("beforebegin", this.bar);
    }

    states() { return statesOf(this.app, this.app.at); }

    stops() { return this.states().filter((it) => it.kind !== "walker"); }

    state() { return this.states().find((it) => it.key === this.key) || this.states()[0]; }

    // The state that is drawn, unless it is like today.
    drawn() { return this.state(); }

    choose(key) {
      const before = this.state();
      this.key = key;
      if (this.state() === before) return;
      const app = this.app;
      app.popup.remove();
      app.gapList.clear(); // each state has its own
      app.gapList.refresh();
      app.layers.draw();
      app.repaint();
      this.mark();
      QH.headline(app, this.state());
      QH.rebuilt.soon(app, this.state());
    }

    // For a service that is chosen anew: the same state where it has it.
    draw() {
      const T = QH.text, stops = this.stops(), years = stops.filter((it) => it.kind === "year");
      const several = this.states().length > 1;
      this.stop();
      QH.headline(this.app, this.state());
      this.bar.textContent = "";
      this.bar.hidden = !several;
      if (!several) return;
      const run = T.el("div", "qh-run");
      if (years.length) run.appendChild(this.player());
      if (stops.length > 1) run.appendChild(this.buttons(stops));
      this.output = T.el("output", "qh-stage-told");
      if (stops.length > 1) this.bar.appendChild(this.output);
      this.bar.appendChild(run);
      const compare = T.el("button", "qh-compare-open", [QH.symbols.swipe(), " ", T.word("compare")]);
      compare.type = "button";
      compare.title = T.plain("compare");
      compare.setAttribute("aria-label", T.plain("compare"));
      compare.addEventListener("click", () => this.app.compare.open());
      run.appendChild(compare);
      this.mark();
    }

    player() {
      const T = QH.text, key = this.still ? "next_stage" : "play";
      this.play = T.el("button", "qh-play");
      this.play.type = "button";
      this.play.addEventListener("click", () => {
        if (this.still) this.step();
        else if (this.timer) this.stop();
        else this.start();
      });
      this.face(key);
      return this.play;
    }

    face(key) {
      if (!this.play) return;
      // drawn, as letters of these shapes are of several sizes
      const d = { play: "M3 1.5L12 7L3 12.5Z", pause: "M2.5 1.5H5.5V12.5H2.5ZM8.5 1.5H11.5V12.5H8.5Z", next_stage: "M2 1.5L9 7L2 12.5ZM10 1.5H12V12.5H10Z" }[key];
      this.play.textContent = "";
      this.play.appendChild(QH.symbols.svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" },
        [QH.symbols.svg("path", { d, fill: "currentColor" })]));
      this.play.title = QH.text.plain(key);
      this.play.setAttribute("aria-label", QH.text.plain(key));
    }

    start() {
      const years = this.stops().filter((it) => it.kind !== "scenario");
      if (this.key === years[years.length - 1].key) this.choose(years[0].key);
      this.face("pause");
      this.timer = window.setInterval(() => {
        if (this.step()) this.stop();
      }, STEP_MS);
    }

    stop() {
      window.clearInterval(this.timer);
      this.timer = 0;
      if (this.play) this.face(this.still ? "next_stage" : "play");
    }

    // To the next year, from the last to today; whether the last is reached.
    step() {
      const years = this.stops().filter((it) => it.kind !== "scenario");
      const at = years.findIndex((it) => it.key === this.key);
      this.choose(years[(at + 1) % years.length].key);
      return at + 2 >= years.length;
    }

    buttons(stops) {
      const T = QH.text, group = T.el("div", "qh-stops");
      group.setAttribute("role", "radiogroup");
      group.setAttribute("aria-label", T.plain("stages"));
      stops.forEach((it, at) => {
        const button = T.el("button", "qh-stop-" + it.kind, T.pair(it.name[0], it.name[1]));
        button.type = "button";
        button.dataset.stage = it.key;
        button.setAttribute("role", "radio");
        button.addEventListener("click", () => {
          this.stop();
          this.choose(it.key);
        });
        button.addEventListener("keydown", (event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (!step) return;
          event.preventDefault();
          const next = stops[(at + step + stops.length) % stops.length];
          this.stop();
          this.choose(next.key);
          group.querySelector('[data-stage="' + next.key + '"]').focus();
        });
        group.appendChild(button);
      });
      return group;
    }

    mark() {
      const now = this.state();
      this.bar.querySelectorAll("[data-stage]").forEach((button) => {
        const is = button.dataset.stage === now.key;
        button.setAttribute("aria-checked", String(is));
        button.tabIndex = is ? 0 : -1;
      });
      if (!this.output) return;
      // what is so today stands beside the map
      this.output.hidden = now.kind === "today";
      this.output.textContent = "";
      this.output.appendChild(told(this.app, now));
    }
  };

  QH.stages = { prepare, statesOf, figureOf, placesOf, leftOver, paint, told, tone };
})();
