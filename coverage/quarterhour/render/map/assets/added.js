// Facilities that a scenario adds: symbols that can be pointed at, reached with the keyboard, named
// on the map and found by name like the others. They are there while the scenario is drawn.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const SIZE = 24;
  const NAMES_FROM_ZOOM = 15;

  function symbol(colour) {
    const S = QH.symbols.svg;
    return S("svg", { viewBox: "-13 -13 26 26", width: SIZE, height: SIZE, "aria-hidden": "true" }, [
      S("circle", { r: 11.5, fill: "#FFFFFF" }),
      S("circle", { r: 9, fill: "#FFFFFF", stroke: colour, "stroke-width": 3 }),
      S("path", { d: "M-4.5 0H4.5M0-4.5V4.5", stroke: colour, "stroke-width": 3, "stroke-linecap": "round" }),
    ]);
  }

  function itOf(app, found) {
    return app.data.scenarios[found.plan].services[found.service].added[found.row];
  }

  // Label and value pairs of its card.
  function facts(app, found) {
    const T = QH.text, it = itOf(app, found), plan = app.data.scenarios[found.plan], rows = [];
    if (it.kind) rows.push([T.word("kind"), it.kind]);
    rows.push([T.word("status"), T.el("span", "", [
      T.word("added_one"), " · ", T.pair(plan.label[0], plan.label[1]),
    ])]);
    for (const [zh, en, n] of it.reached) {
      rows.push([app.data.unit === "people" ? T.after("reached", zh, en) : T.word("reached"), T.measured(n)]);
    }
    return rows;
  }

  const title = (app, found) => itOf(app, found).name || QH.text.word("unnamed");

  QH.Added = class {
    constructor(app) {
      this.app = app;
      this.made = {};
      this.group = L.layerGroup().addTo(app.map);
    }

    markers(plan, number, service) {
      const key = number + "-" + service, app = this.app, T = QH.text, it = app.data.services[service];
      if (!this.made[key]) {
        this.made[key] = plan.services[service].added.map((one, row) => app.marks.marker(
          { what: "added", plan: number, service, row }, L.latLng(one.at), {
            size: SIZE, above: 800, html: symbol(it.colour),
            said: [
              one.name || T.plain("unnamed"), it.name, T.plain("added_one"), T.line(...plan.label),
            ].join(", "),
          }
        ));
      }
      return this.made[key];
    }

    draw() {
      const app = this.app, wanted = new Set();
      for (const { plan, number } of QH.sites.drawn(app)) {
        this.markers(plan, number, app.at).forEach((marker) => wanted.add(marker));
      }
      this.group.eachLayer((marker) => { if (!wanted.has(marker)) this.group.removeLayer(marker); });
      wanted.forEach((marker) => { if (!this.group.hasLayer(marker)) this.group.addLayer(marker); });
    }

    boxes(view) {
      const half = SIZE / 2, out = [];
      for (const { one } of QH.sites.drawn(this.app)) {
        for (const it of one.added) {
          const x = it.x * view.scale - view.left, y = it.y * view.scale - view.top;
          out.push([x - half, y - half, x + half, y + half]);
        }
      }
      return out;
    }

    labels(view, taken) {
      if (view.zoom < NAMES_FROM_ZOOM) return;
      for (const { one } of QH.sites.drawn(this.app)) {
        QH.paint.labels(view, one.added, taken, {
          size: 12, weight: 700, align: "left", shift: 18, shifts: [0, -15, 15], colour: "#20262B",
        });
      }
    }

    // From the search: the scenario is drawn, and its facility chosen.
    go(number, service, row, from) {
      const app = this.app, found = { what: "added", plan: number, service, row };
      app.toService(service);
      app.compare.close();
      if (!app.showsPlan(number)) app.stages.choose("scenario-" + number);
      const at = itOf(app, found).at;
      app.look(at);
      app.select(found, L.latLng(at), from);
    }
  };

  QH.added = { facts, title };
})();
