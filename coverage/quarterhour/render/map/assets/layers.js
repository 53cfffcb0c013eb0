// Legend and layer switches in one tree, by service: what is off shows neither its symbol nor its
// parts, so the legend always says what is on the map.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const STATUSES = ["used", "planned", "unlinked"];
  const GENERAL = "#5B666E";

  function nice(value) {
    const power = Math.pow(10, Math.floor(Math.log10(value)));
    const lead = value / power;
    return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
  }

  QH.Layers = class {
    constructor(app, host) {
      this.app = app;
      this.list = QH.text.el("div", "qh-list");
      host.appendChild(this.list);
      this.on = {
        facilities: true, "facilities-used": true, "facilities-planned": true,
        "facilities-unlinked": true, gaps: true, uncovered: true, unlinked: true, covered: false,
        areas: true, residential: true, gained: true, lost: true, boundary: true, districts: true,
        roads: true, scenery: true, names: true, tiles: true,
      };
      app.data.services.forEach((service, at) => service.kinds.forEach((kind, k) => {
        this.on["kind-" + at + "-" + k] = true;
      }));
      this.cutoffs = {};
      this.open = {};
    }

    // The switch of the kind of a facility, "" where the service has only one kind.
    kindId(service, row) {
      const at = this.app.data.services.indexOf(service);
      return service.kinds.length ? "kind-" + at + "-" + service.kind_of[row] : "";
    }

    showsKind(service, row) {
      const id = this.kindId(service, row);
      return !id || this.on[id];
    }

    // Which cutoffs of a service are drawn, in its order.
    bands(service) {
      return service.cutoffs.map((label) => this.on.areas && this.cutoffs[label] !== false);
    }

    // A switch, at the end of the tree or of the branch that is being drawn.
    row(id, swatch, label, checked, change, parts) {
      const T = QH.text, input = T.el("input");
      input.type = "checkbox";
      input.id = "qh-layer-" + id;
      input.checked = checked;
      const symbol = T.el("span", "qh-swatch", swatch);
      const line = T.el("label", "qh-row", [input, symbol, T.el("span", "qh-label", label)]);
      const out = T.el("div", "qh-layer" + (checked ? "" : " qh-off"), line);
      if (parts) out.appendChild(parts);
      input.addEventListener("change", () => {
        change(input.checked);
        out.classList.toggle("qh-off", !input.checked);
        if (id === "trial" && this.gain) this.gain(); // comes and goes with it
        this.app.repaint();
      });
      (this.branch || this.list).appendChild(out);
      return out;
    }

    layer(id, swatch, label, parts) {
      return this.row(id, swatch, label, Boolean(this.on[id]), (is) => { this.on[id] = is; }, parts);
    }

    // A branch that can be closed; `fill` draws what is in it.
    twig(id, label, opened, fill) {
      const T = QH.text, open = id in this.open ? this.open[id] : opened;
      const button = T.el("button", "qh-twig", label), inner = T.el("div", "qh-branch");
      button.type = "button";
      button.id = "qh-twig-" + id;
      inner.id = "qh-branch-" + id;
      button.setAttribute("aria-controls", inner.id);
      const set = (is) => {
        this.open[id] = is;
        button.setAttribute("aria-expanded", String(is));
        inner.hidden = !is;
      };
      button.addEventListener("click", () => set(inner.hidden));
      this.list.appendChild(button);
      this.list.appendChild(inner);
      this.branch = inner;
      fill();
      this.branch = null;
      if (!inner.childElementCount) {
        button.remove();
        inner.remove();
      }
      set(open);
    }

    parts(items) {
      const T = QH.text;
      if (!items.length) return null;
      return T.el("ul", "qh-parts", items.map(([swatch, label]) =>
        T.el("li", "", [T.el("span", "qh-swatch", swatch), T.el("span", "qh-label", label)])));
    }

    // Turns layers on, wherever the reader asked for something in them.
    show(...ids) {
      for (const id of ids) this.on[id] = true;
      this.draw();
      this.app.repaint();
    }

    draw() {
      const app = this.app, data = app.data, service = app.service(), T = QH.text;
      const S = QH.symbols, state = app.stages.state(), held = document.activeElement;
      const focus = held && this.list.contains(held) ? held.id : "";
      this.list.textContent = "";
      this.branch = null;
      if (app.whatIf) app.whatIf.legend(this);
      if (app.whatIf && app.whatIf.ready) this.drawGain(app.whatIf.best);
      QH.scenarios.rows(this, true);
      const title = T.el("span", "", [S.facility(service.shape, service.colour, "used", 18), " ", service.name]);
      this.twig("service", title, true, () => this.drawService(service, state));
      this.drawOthers(service);
      this.twig("plans", T.word("scenarios_own"), true, () => {
        if (!state.view && !app.compare.on) QH.scenarios.rows(this, false);
      });
      this.twig("base", T.word("base_map"), true, () => this.drawBase(data));
      const back = focus && document.getElementById(focus);
      if (back) back.focus({ preventScroll: true });
    }

    // The surface of gains, once it is computed.
    drawGain(best) {
      const T = QH.text, it = best.found, { app } = this;
      if (!it || it.service !== app.at || it.node < 0 || app.compare.on || app.stages.state().view) return;
      const label = T.el("span", "", [T.word("best_legend"), " · ", T.word(T.unit())]);
      const star = [QH.symbols.swatch.star("#FFE48A"), T.word("best_star")];
      const out = this.row("gain", "", label, best.shown, (is) => best.show(is), this.parts(best.scale(it).concat([star])));
      (this.gain = () => { // as it is drawn
        out.hidden = !app.whatIf.shows();
        out.classList.toggle("qh-off", out.hidden || !best.shown);
      })();
    }

    drawService(service, state) {
      const S = QH.symbols, C = this.app.data.colours, T = QH.text;
      const compared = this.app.compare.on, view = state.view || compared;
      this.drawFacilities(service);
      this.drawGaps(compared ? [0, 1].map((side) => this.app.compare.state(side)) : [state]);
      if (view) this.drawView(service);
      if (service.uncovered.n && !view && !(this.app.whatIf && this.app.whatIf.hides("people"))) {
        const scale = T.el("div", "qh-sizes");
        this.sizes = scale;
        this.layer("uncovered", S.swatch.dot(C.gap), this.who("uncovered_", service), scale);
        this.drawSizes();
      }
      if (!view && service.streets.some((shape) => shape.rings.length)) {
        this.layer("uncovered", S.swatch.line(C.gap, 2), this.who("uncovered_", service));
      }
      if (service.unlinked.n) {
        this.layer("unlinked", S.swatch.ring(C.unlinked), this.who("unlinked_", service));
      }
      if (!view && service.covered && service.covered.n) {
        this.layer("covered", S.swatch.dot(C.covered), this.who("covered_", service));
      }
      const trial = this.app.whatIf || { hides: () => false };
      if ((!view || compared) && !trial.hides("areas")) this.drawBands(service);
      if (!trial.hides("residential")) this.drawResidential(service);
    }

    // What a state otherwise than today shows.
    drawView(service) {
      const T = QH.text, S = QH.symbols.swatch, C = this.app.data.colours, tone = QH.stages.tone(service);
      const states = this.app.compare.on ? [0, 1].map((side) => this.app.compare.state(side)) :
        [this.app.stages.state()];
      const views = states.map((state) => state.view).filter((view) => view);
      const some = (key) => views.some((view) => view[key].n || view[key].hidden || view[key].length);
      const drawn = (key) => views.some((view) => view[key].n);
      if (!views.length) return;
      const areas = [
        [S.fill(tone, 0.65), T.word("stage_area")],
        ...(some("gained") || some("opened") ? [[S.fill(C.gained, 0.5), T.word("stage_new")]] : []),
        ...(some("lost") || some("closed") ? [[S.fill(C.lost, 0.1, true), T.word("stage_gone")]] : []),
      ];
      if (!this.app.compare.on) this.layer("areas", "", T.word("service_areas"), this.parts(areas));
      else this.extra(areas);
      if (drawn("gained")) this.layer("gained", S.signed(C.gained, true), this.whose("stage_gained", service));
      if (drawn("lost")) this.layer("lost", S.signed(C.lost, false), this.whose("stage_lost", service));
      if (views.some((view) => QH.stages.leftOver(service, view).n)) {
        this.layer("uncovered", S.dot(C.gap), this.whose("stage_left", service));
      }
      // a proposal has rows of its own
      const plans = states.filter((it) => it.number !== undefined && !it.proposed)
        .map((it) => this.app.data.scenarios[it.number]);
      const any = (of) => plans.some((plan) => of(plan).length);
      const marks = [
        [any((it) => it.closed.concat(it.cuts)), S.line(C.lost, 3, "5 3"), T.word("scenario_closed")],
        [any((it) => it.opened), S.line(C.gained, 3.4), T.word("scenario_opened")],
        [any((it) => it.services[this.app.at].added), S.plus(service.colour), T.word("scenario_added")],
        [some("opened"), S.halo(C.gained, false), T.word("stage_opened")],
        [some("closed"), S.halo(C.lost, true), T.word("stage_closed")],
      ].filter((item) => item[0]).map((item) => item.slice(1));
      this.extra(marks);
      const unknown = states.every((state) => state.view && state.view.gaps === null);
      if (unknown && service.gaps.n) this.branch.appendChild(T.el("p", "qh-note", T.word("stage_note")));
    }

    extra(items) {
      const parts = this.parts(items);
      if (parts) this.branch.appendChild(parts);
    }

    drawResidential(service) {
      const T = QH.text, data = this.app.data, areas = service.residential, state = this.app.stages.state();
      if (!areas || (state.view && !state.view.residential)) return;
      const shown = state.view ? state.view.residential.status : areas.status;
      const items = data.statuses
        .map((status, i) => [status, shown.indexOf(i) >= 0])
        .filter((entry) => entry[1])
        .map(([status]) => [
          QH.symbols.swatch.fill(data.colours[status], QH.paint.COVER,
            status === "uncovered" || status === "unlinked", QH.paint.EDGES[status]),
          T.word(status),
        ]);
      this.layer("residential", "", T.word("residential"), this.parts(items));
    }

    drawFacilities(service) {
      const T = QH.text, S = QH.symbols;
      const view = this.app.compare.on ? null : this.app.stages.state().view;
      const opened = new Set(view ? view.opened : []);
      const now = (it, row) => (opened.has(row) ? "used" : it.status);
      const count = (status) => service.facilities.filter((it, row) => now(it, row) === status).length;
      const present = STATUSES.filter(count);
      if (!present.length) return;
      // where shapes tell kinds, filled and hollow are told without the colour of any
      const tone = service.kinds.length ? GENERAL : service.colour;
      const sign = (status) => S.facility(service.kinds.length ? "circle" : service.shape, tone, status, 20);
      const label = (word, n) => T.el("span", "", [T.word(word), T.el("small", "qh-count", String(n))]);
      const kinds = service.kinds, alone = present.length < 2 && !kinds.length;
      const out = this.layer("facilities", alone ? sign(present[0]) : "",
        label("facilities", service.facilities.length));
      const several = this.app.marks && this.app.marks.gathered;
      if (several) {
        out.appendChild(this.parts([[QH.gather.symbol(service, this.several(service), 26), T.word("facilities_several")]]));
      }
      if (alone) return;
      this.within(out, () => {
        kinds.forEach((kind, k) => {
          const n = service.kind_of.filter((it) => it === k).length;
          this.layer("kind-" + this.app.at + "-" + k, S.facility(kind.shape, service.colour, "used", 20),
            T.el("span", "", [T.pair(...kind.name), T.el("small", "qh-count", String(n))]));
        });
        for (const status of present.length > 1 ? present : []) {
          this.layer("facilities-" + status, sign(status), label("facilities_" + status, count(status)));
        }
      });
    }

    // A symbol of several, for the legend: the first that is drawn.
    several(service) {
      const found = this.app.marks.shown.find((one) => one.rows.length > 1);
      return found ? found.rows : service.facilities.map((it, row) => row);
    }

    // Switches under a switch.
    within(out, fill) {
      const outer = this.branch;
      this.branch = out.appendChild(QH.text.el("div", "qh-children"));
      fill();
      this.branch = outer;
    }

    // Services beside the one that is shown: their facilities and the outline of their areas.
    others(service) {
      const seen = {}, all = this.app.data.services;
      return all.map((it, at) => ({ it, at }))
        .filter(({ it }) => it.name !== service.name && !seen[it.name] && (seen[it.name] = true));
    }

    drawOthers(service) {
      const T = QH.text, S = QH.symbols;
      for (const { it, at } of this.others(service)) {
        const title = T.el("span", "", [S.facility(it.shape, it.colour, "used", 18), " ", it.name]);
        this.twig("service-" + at, title, false, () => {
          const ids = [];
          // shapes of kinds mean something as long as some of the facilities are drawn
          const kinds = this.parts(it.kinds.map((kind) => [S.facility(kind.shape, it.colour, "used", 18), T.pair(...kind.name)]));
          const told = () => { if (kinds) kinds.classList.toggle("qh-off", !ids.some((id) => this.on[id])); };
          for (const status of STATUSES) {
            const n = it.facilities.filter((mark) => mark.status === status).length, id = "other-" + at + "-" + status;
            if (!n) continue;
            ids.push(id);
            this.row(id, S.facility(it.shape, it.colour, status, 20),
              T.el("span", "", [T.word("facilities_" + status), T.el("small", "qh-count", String(n))]),
              Boolean(this.on[id]), (is) => {
                this.on[id] = is;
                told();
              });
          }
          if (kinds) this.branch.appendChild(kinds);
          told();
          const last = it.cutoffs[it.cutoffs.length - 1];
          this.layer("other-" + at + "-area", S.swatch.line(it.colour, 2.2, "2 3"),
            T.el("span", "", [T.word("service_areas"), " ≤ " + last + " ", T.word("minutes")]));
        });
      }
    }

    paintOthers(view) {
      for (const { it, at } of this.others(this.app.service())) {
        if (!this.on["other-" + at + "-area"]) continue;
        QH.paint.outline(view, it.shapes.slice(-1), {
          colour: it.colour, width: 2, dash: [2, 4], halo: "rgba(255,255,255,.8)",
        });
      }
    }

    drawBase(data) {
      const app = this.app, T = QH.text, S = QH.symbols;
      if (app.boundary.length) {
        this.layer("boundary", S.swatch.line("#2B3237", 2, "6 4"), T.word("boundary"));
      }
      if (app.districtNames.length || app.districts.length) {
        const line = app.districts.length ? S.swatch.line("#84708F", 1.6, "8 3 2 3") : "";
        this.layer("districts", line, T.word("districts"));
      }
      const ferry = app.roads.byRank[4] ?
        this.parts([[S.swatch.line(QH.paint.ROADS[4].colour, 2, "5 4"), T.word("ferry")]]) : null;
      this.layer("roads", S.swatch.line(QH.paint.ROADS[0].colour, 2.4), T.word("roads"), ferry);
      if (app.water.length || app.green.length || app.streams.length) {
        const look = QH.paint.SCENERY;
        const items = [
          [app.water.length + app.streams.length, S.swatch.fill(look.water, 1), "water"],
          [app.green.length, S.swatch.fill(look.green, 1), "green"],
        ].filter((item) => item[0]).map((item) => [item[1], T.word(item[2])]);
        this.layer("scenery", "", T.word("scenery"), this.parts(items));
      }
      if (app.placeNames.length) this.layer("names", "", T.word("place_names"));
      if (data.tiles) this.layer("tiles", "", T.word("tiles"));
    }

    // Of the states that are drawn.
    drawGaps(states) {
      const T = QH.text, S = QH.symbols.swatch, C = this.app.data.colours;
      const lists = states.map((state) => QH.gapStates.of(this.app, state)).filter((gaps) => gaps && gaps.n);
      if (!lists.length) return;
      const some = (is) => lists.some(is);
      const items = ["plain", "edge", "unlinked"]
        .map((look, i) => [some((gaps) => gaps.look.indexOf(i) >= 0), S.gap(C.gap, QH.gaps.DASHES[i]), "gap_" + look])
        .concat([[some((gaps) => gaps.routes.some(QH.gaps.drawn)), S.line("#20262B", 3), "gap_route"]])
        .filter((item) => item[0]).map((item) => [item[1], T.word(item[2])]);
      this.row("gaps", "", T.word("gaps"), this.on.gaps, (is) => {
        this.on.gaps = is;
        if (!is) this.app.gapList.clear();
      }, this.parts(items));
    }

    drawBands(service) {
      const T = QH.text, S = QH.symbols;
      this.within(this.layer("areas", "", T.word("service_areas")), () => {
        service.cutoffs.forEach((label, i) => this.row(
          "cutoff-" + i,
          S.swatch.fill(service.bands[i], QH.paint.BAND_OPACITY + 0.1),
          T.el("span", "", ["≤ " + label + " ", T.word("minutes")]),
          this.cutoffs[label] !== false,
          (is) => { this.cutoffs[label] = is; }
        ));
      });
    }

    who(kind, service) { return this.whose(kind + this.app.data.unit, service); }

    // What a word says of, where people are counted.
    whose(key, service) {
      const T = QH.text;
      if (this.app.data.unit !== "people") return T.word(key);
      return T.el("span", "", [T.word(key), " · ", T.pair(service.group[0], service.group[1])]);
    }

    // Sample sizes belong to the zoom that is shown, or to that of a sheet.
    drawSizes(wanted) {
      const app = this.app, service = app.service(), T = QH.text;
      const scale = wanted || app.scale(), level = service.uncovered.levels.at(scale);
      const reference = level.reference;
      if (!this.sizes || !(reference > 0)) return;
      // where people are rounded nobody is fewer
      const least = app.data.rounding || 0;
      const amounts = [1, 0.25, 0.05].map((part) => Math.max(nice(reference * part), least))
        .filter((value, i, all) => value >= 0.1 && all.indexOf(value) === i);
      const radii = amounts.map((value) => QH.Levels.radius(level, value, scale));
      this.sizes.textContent = "";
      this.sizes.appendChild(QH.symbols.sizes(app.data.colours.gap, radii));
      this.sizes.appendChild(T.el("span", "", [
        amounts.map((value) => T.quantity(value)).join(" · ") + " ", T.word(T.unit()),
      ]));
    }
  };
})();
