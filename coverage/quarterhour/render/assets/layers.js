// Legend and layer switches in one list: a row that is off shows neither its symbol nor its parts,
// so the legend always says what is on the map.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

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
        facilities: true, gaps: true, uncovered: true, unlinked: true, areas: true, residential: true,
        boundary: true, districts: true, roads: true, scenery: true, tiles: true, others: false,
      };
      app.data.scenarios.forEach((plan, i) => { this.on["scenario-" + i] = plan.shown; });
      this.cutoffs = {};
    }

    // Which cutoffs of a service are drawn, in its order.
    bands(service) {
      return service.cutoffs.map((label) => this.on.areas && this.cutoffs[label] !== false);
    }

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
        this.app.repaint();
      });
      this.list.appendChild(out);
      return out;
    }

    layer(id, swatch, label, parts) {
      return this.row(id, swatch, label, this.on[id], (is) => { this.on[id] = is; }, parts);
    }

    parts(items) {
      const T = QH.text;
      if (!items.length) return null;
      return T.el("ul", "qh-parts", items.map(([swatch, label]) =>
        T.el("li", "", [T.el("span", "qh-swatch", swatch), T.el("span", "qh-label", label)])));
    }

    // Turns a layer on, wherever the reader asked for something in it.
    show(id) {
      this.on[id] = true;
      this.draw();
      this.app.repaint();
    }

    draw() {
      const app = this.app, data = app.data, service = app.service(), T = QH.text;
      const S = QH.symbols, C = data.colours;
      this.list.textContent = "";
      QH.scenarios.rows(this, true);
      this.drawFacilities(service);
      this.drawGaps(service);
      if (service.uncovered.n) {
        const scale = T.el("div", "qh-sizes");
        this.sizes = scale;
        this.layer("uncovered", S.swatch.dot(C.gap), this.who("uncovered_", service), scale);
        this.drawSizes();
      }
      if (service.streets.some((shape) => shape.rings.length)) {
        this.layer("uncovered", S.swatch.line(C.gap, 2), this.who("uncovered_", service));
      }
      if (service.unlinked.n) {
        this.layer("unlinked", S.swatch.ring(C.unlinked), this.who("unlinked_", service));
      }
      this.drawBands(service);
      if (service.residential) {
        const areas = service.residential;
        const items = data.statuses
          .map((status, i) => [status, areas.status.indexOf(i) >= 0])
          .filter((entry) => entry[1])
          .map(([status]) => [
            S.swatch.fill(C[status], QH.paint.COVER, status === "uncovered" || status === "unlinked"),
            T.word(status),
          ]);
        this.layer("residential", "", T.word("residential"), this.parts(items));
      }
      QH.scenarios.rows(this, false);
      if (app.boundary.length) {
        this.layer("boundary", S.swatch.line("#2B3237", 2, "6 4"), T.word("boundary"));
      }
      if (app.districts.length) {
        this.layer("districts", S.swatch.line("#84708F", 1.6, "8 3 2 3"), T.word("districts"));
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
      if (data.tiles) this.layer("tiles", "", T.word("tiles"));
    }

    drawFacilities(service) {
      const T = QH.text, S = QH.symbols, data = this.app.data;
      const sign = (it, status) => S.facility(it.shape, it.colour, status, 20);
      const present = ["used", "planned", "unlinked"]
        .filter((status) => service.facilities.some((it) => it.status === status));
      const more = present.length > 1 || (present.length && present[0] !== "used");
      const items = more ?
        present.map((status) => [sign(service, status), T.word("facility_" + status)]) : [];
      if (service.facilities.length) {
        const label = T.el("span", "", [T.word("facilities"), " · " + service.name]);
        this.layer("facilities", sign(service, "used"), label, this.parts(items));
      }
      const others = data.services.filter((it) => it.name !== service.name && it.facilities.length);
      if (others.length) {
        const seen = {};
        const rows = others.filter((it) => !seen[it.name] && (seen[it.name] = true));
        this.layer("others", "", T.word("other_facilities"),
          this.parts(rows.map((it) => [sign(it, "used"), it.name])));
      }
    }

    drawGaps(service) {
      const T = QH.text, S = QH.symbols.swatch, C = this.app.data.colours, gaps = service.gaps;
      if (!gaps || !gaps.n) return;
      const items = ["plain", "edge", "unlinked"]
        .map((look, i) => [gaps.look.indexOf(i) >= 0, S.gap(C.gap, QH.gaps.DASHES[i]), "gap_" + look])
        .concat([[gaps.routes.some(QH.gaps.drawn), S.line("#20262B", 3), "gap_route"]])
        .filter((item) => item[0]).map((item) => [item[1], T.word(item[2])]);
      this.row("gaps", "", T.word("gaps"), this.on.gaps, (is) => {
        this.on.gaps = is;
        if (!is) this.app.gapList.clear();
      }, this.parts(items));
    }

    drawBands(service) {
      const T = QH.text, S = QH.symbols;
      this.layer("areas", "", T.word("service_areas")).classList.add("qh-group");
      service.cutoffs.forEach((label, i) => {
        this.row(
          "cutoff-" + i,
          S.swatch.fill(service.bands[i], QH.paint.BAND_OPACITY + 0.1),
          T.el("span", "", ["≤ " + label + " ", T.word("minutes")]),
          this.cutoffs[label] !== false,
          (is) => { this.cutoffs[label] = is; }
        ).classList.add("qh-child");
      });
    }

    who(kind, service) {
      const T = QH.text, unit = this.app.data.unit;
      if (unit !== "people") return T.word(kind + unit);
      return T.el("span", "", [
        T.word(kind + unit), " · ", T.pair(service.group[0], service.group[1]),
      ]);
    }

    // Sample sizes belong to the zoom that is shown.
    drawSizes() {
      const app = this.app, service = app.service(), T = QH.text;
      const scale = app.scale(), level = service.uncovered.levels.at(scale);
      const reference = level.reference;
      if (!this.sizes || !(reference > 0)) return;
      const amounts = [1, 0.25, 0.05].map((part) => nice(reference * part))
        .filter((value, i, all) => value >= 0.1 && all.indexOf(value) === i);
      const radii = amounts.map((value) => QH.Levels.radius(level, value, scale));
      this.sizes.textContent = "";
      this.sizes.appendChild(QH.symbols.sizes(app.data.colours.gap, radii));
      this.sizes.appendChild(T.el("span", "", [
        amounts.map((value) => T.amount(value)).join(" · ") + " ", T.word(app.data.unit),
      ]));
    }
  };
})();
