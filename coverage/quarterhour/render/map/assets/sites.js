// Proposed sites: service areas under the gaps, pins with their rank, facilities that close crossed
// out, and the table beside the map.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const WIDE = 30, HIGH = 38;
  const CROSS = "M-9-9L9 9M-9 9L9-9";
  const NAMES_FROM_ZOOM = 15;
  const OUTLINES_FROM_ZOOM = 14.5;

  // Scenarios that are drawn now, with what each has for the service that is shown.
  function drawn(app) {
    return app.data.scenarios
      .map((plan, number) => ({ plan, number, one: plan.services[app.at] }))
      .filter((it) => app.showsPlan(it.number));
  }

  function prepare(one, step) {
    const D = QH.decode;
    one.areas = D.shapes(one.areas, step);
    for (const site of one.sites) {
      site.x = D.worldX(site.at[1]);
      site.y = D.worldY(site.at[0]);
    }
  }

  function areas(view, app) {
    const colour = app.data.colours.site, ctx = view.ctx;
    for (const { plan, one } of drawn(app)) {
      if (!one.sites.length) continue;
      for (const shape of one.areas) {
        QH.paint.tint(view, [shape], colour, plan.proposed === "other" ? 0.1 : 0.22);
      }
      // seen from afar the outlines would be all that is seen
      const near = view.zoom >= OUTLINES_FROM_ZOOM;
      QH.paint.outline(view, one.areas, {
        colour, width: near ? 1.8 : 1, dash: plan.proposed === "other" ? [7, 4] : [],
        halo: near ? "rgba(255,255,255,.8)" : null,
      });
    }
    ctx.globalAlpha = 1;
  }

  // The service area of the site that is chosen, above the areas of all.
  function outline(view, shape) {
    QH.paint.outline(view, [shape], { colour: "#20103A", width: 2.4, halo: "rgba(255,255,255,.9)" });
  }

  function pin(rank, colour, hollow, size) {
    const S = QH.symbols.svg, high = size || HIGH;
    const text = S("text", {
      x: 15, y: 15, dy: "0.36em", "text-anchor": "middle", "font-weight": 700,
      "font-size": String(rank).length > 2 ? 10 : 13, fill: hollow ? colour : "#FFFFFF",
    });
    text.textContent = rank;
    const d = "M15 37C12.5 30.5 3 24.5 3 14.5A12 12 0 0 1 27 14.5C27 24.5 17.5 30.5 15 37Z";
    return S("svg", {
      viewBox: "0 0 30 38", width: (high * WIDE) / HIGH, height: high, "aria-hidden": "true",
    }, [
      S("path", { d, fill: "none", stroke: "#FFFFFF", "stroke-width": 4, "stroke-linejoin": "round" }),
      S("path", {
        d, fill: hollow ? "#FFFFFF" : colour, stroke: hollow ? colour : "#20103A",
        "stroke-width": hollow ? 2.6 : 1.2,
        "stroke-dasharray": "none", "stroke-linejoin": "round",
      }),
      text,
    ]);
  }

  function cross(colour) {
    const S = QH.symbols.svg;
    const out = S("svg", { viewBox: "-13 -13 26 26", "aria-hidden": "true" }, [
      S("path", { d: CROSS, stroke: "#FFFFFF", "stroke-width": 7, "stroke-linecap": "round" }),
      S("path", { d: CROSS, stroke: colour, "stroke-width": 3.6, "stroke-linecap": "round" }),
    ]);
    out.classList.add("qh-cross");
    return out;
  }

  // The sign of a facility that closes, for the legend.
  function crossed(app) {
    const service = app.service(), T = QH.text;
    const sign = QH.symbols.facility(service.shape, service.colour, "used", 20);
    return T.el("span", "qh-crossed", [sign, cross(app.data.colours.lost)]);
  }

  function drops(app, service, row) {
    return drawn(app).filter((it) => it.plan.services[service].dropped.indexOf(row) >= 0);
  }

  function siteOf(app, found) {
    return app.data.scenarios[found.plan].services[found.service].sites[found.row];
  }

  function areaOf(app, found) {
    return app.data.scenarios[found.plan].services[found.service].areas[found.row];
  }

  // Label and value pairs of a site's card.
  function facts(app, found) {
    const T = QH.text, it = siteOf(app, found), unit = app.data.unit, rows = [];
    for (const [zh, en, n] of it.added) {
      rows.push([unit === "people" ? T.after("site_added_of", zh, en) : T.word("site_added"), T.measured(n)]);
    }
    rows.push([T.word("site_reach"), T.measured(it.reached)]);
    if (it.cost !== null) {
      rows.push([T.word("site_cost"), T.el("span", "", [it.cost, " ", T.word("wan_yuan")])]);
    }
    if (it.size) rows.push([T.word("site_size"), it.size]);
    if (it.capacity !== null) rows.push([T.word("site_capacity"), T.amount(it.capacity)]);
    if (it.when) rows.push([T.word("site_when"), it.when]);
    return rows;
  }

  function title(app, found) {
    const T = QH.text, it = siteOf(app, found);
    return T.el("span", "", [
      T.el("b", "qh-rank", String(it.rank)), " ", T.pair(it.name[0], it.name[1]),
    ]);
  }

  QH.Sites = class {
    constructor(app) {
      this.app = app;
      this.made = {};
      this.group = L.layerGroup().addTo(app.map);
      this.section = document.getElementById("qh-proposal");
      if (this.section) this.bind();
      app.map.on("popupclose", () => this.mark(null));
    }

    markers(number, at) {
      const key = number + "-" + at, app = this.app;
      if (!this.made[key]) {
        const plan = app.data.scenarios[number];
        this.made[key] = plan.services[at].sites.map((site, row) =>
          this.marker(plan, site, { what: "site", plan: number, service: at, row }));
      }
      return this.made[key];
    }

    marker(plan, site, found) {
      const app = this.app, T = QH.text, where = L.latLng(site.at);
      const marker = L.marker(site.at, {
        keyboard: true, riseOnHover: true, zIndexOffset: 2000 - 10 * site.rank,
        icon: L.divIcon({
          className: "qh-site", iconSize: [WIDE, HIGH], iconAnchor: [WIDE / 2, HIGH - 1],
          html: pin(site.rank, app.data.colours.site, plan.proposed === "other"),
        }),
      });
      marker.on("add", () => {
        const element = marker.getElement(), kind = app.data.words.site_one;
        element.setAttribute("role", "button");
        element.setAttribute("aria-label", [
          T.line(kind[0] + " " + site.rank, kind[1] + " " + site.rank), T.line(...site.name),
        ].join(", "));
        element.dataset.site = found.row;
        element.addEventListener("focus", () => app.hover(found, where));
        element.addEventListener("blur", () => app.hover(null));
        element.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          this.open(found, element);
        });
      });
      marker.on("mouseover", () => app.hover(found, where));
      marker.on("mouseout", () => app.hover(null));
      marker.on("click", () => this.open(found));
      return marker;
    }

    open(found, opener) {
      this.app.select(found, L.latLng(siteOf(this.app, found).at), opener);
      this.mark(found);
    }

    draw() {
      const app = this.app, wanted = new Set(), closed = new Set();
      for (const { number, one } of drawn(app)) {
        this.markers(number, app.at).forEach((marker) => wanted.add(marker));
        one.dropped.forEach((row) => closed.add(row));
      }
      this.group.eachLayer((marker) => { if (!wanted.has(marker)) this.group.removeLayer(marker); });
      wanted.forEach((marker) => { if (!this.group.hasLayer(marker)) this.group.addLayer(marker); });
      const state = app.stages.state(), gone = new Set(state.view ? state.view.closed : []);
      app.marks.group(app.at).forEach((marker, row) =>
        this.cross(marker, closed.has(row), gone.has(row)));
      app.added.draw();
      const main = app.data.scenarios.findIndex((plan) => plan.shown);
      const is = main >= 0 && Boolean(app.showsPlan(main));
      document.querySelectorAll("#qh-head .qh-has-plan").forEach((section) => {
        section.classList.toggle("qh-plan-now", is);
      });
      if (!this.section) return;
      // what is not built yet in the year that is drawn steps back in the table
      this.section.querySelectorAll("tr[data-site]").forEach((row) => {
        const plan = Number(row.closest("table").dataset.plan);
        const later = app.data.scenarios[plan].among && this.plan(plan, Number(row.dataset.site)) < 0;
        row.classList.toggle("qh-later", Boolean(later));
      });
    }

    // The scenario that is drawn and has the site of a row: the table's or another of its kind;
    // -1 for none.
    plan(number, row) {
      const app = this.app, plans = app.data.scenarios, among = plans[number].among;
      return plans.findIndex((plan, k) => app.showsPlan(k) &&
        (k === number || (among && plan.among === among)) && plan.services[app.at].sites.length > row);
    }

    // A facility that closes is crossed out, for the eye and for a reader aloud; `gone`: it closes in
    // the state that is shown, which may have a sign of its own on the sheet.
    cross(marker, is, gone) {
      const element = marker.getElement(), T = QH.text;
      if (!element) return;
      const sign = element.querySelector(".qh-cross"), old = element.dataset.closes || "";
      const closes = is ? "site_closed" : gone ? "facility_closes" : "";
      if (closes !== old) {
        const said = (key) => (key ? ", " + T.plain(key) : ""), label = element.getAttribute("aria-label");
        element.setAttribute("aria-label", label.replace(said(old), "") + said(closes));
        element.dataset.closes = closes;
      }
      if (Boolean(sign) === is) return;
      if (is) element.appendChild(cross(this.app.data.colours.lost));
      else sign.remove();
      element.classList.toggle("qh-crossed", is);
    }

    // Boxes of the pins, which lie above the sheets.
    boxes(view, state) {
      const out = this.app.added.boxes(view), app = this.app;
      const found = app.compare.on && state && state.kind === "scenario" ?
        [{ one: app.data.scenarios[state.number].services[state.at] }] : drawn(app);
      for (const { one } of found) {
        for (const site of one.sites) {
          const x = site.x * view.scale - view.left, y = site.y * view.scale - view.top;
          out.push([x - WIDE / 2, y - HIGH, x + WIDE / 2, y]);
        }
      }
      return out;
    }

    labels(view, taken) {
      this.app.added.labels(view, taken);
      if (view.zoom < NAMES_FROM_ZOOM) return;
      const language = document.documentElement.dataset.language;
      for (const { one } of drawn(this.app)) {
        QH.paint.labels(view, one.sites.map((site) => ({
          name: site.name[language === "en" ? 1 : 0], x: site.x, y: site.y,
        })), taken, { size: 12, weight: 700, align: "left", shift: 18, colour: "#3D1B5E" });
      }
    }

    bind() {
      this.section.querySelectorAll("table[data-plan]").forEach((table) => {
        const plan = Number(table.dataset.plan);
        table.querySelectorAll("tbody tr").forEach((row) => {
          const button = row.querySelector("button");
          row.addEventListener("click", () => this.zoom(plan, row.dataset, button));
          button.addEventListener("keydown", (event) => {
            const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling };
            if (!(event.key in next)) return;
            event.preventDefault();
            if (next[event.key]) next[event.key].querySelector("button").focus();
          });
        });
      });
    }

    // To a site or to a facility that closes, from the table.
    zoom(plan, { site, closed }, opener) {
      const app = this.app, service = app.at;
      const now = site === undefined ? -1 : this.plan(plan, Number(site));
      if (now >= 0) plan = now;
      else if (!app.showsPlan(plan)) QH.scenarios.choose(app, plan, true);
      if (document.body.classList.contains("qh-reading")) {
        document.getElementById("qh-panel-button").click();
      }
      app.map.invalidateSize(false);
      if (site !== undefined) {
        const found = { what: "site", plan, service, row: Number(site) };
        this.go(areaOf(app, found), siteOf(app, found).at);
        this.open(found, opener);
        return;
      }
      const row = Number(closed), it = app.service().facilities[row];
      this.go(it.area ? app.service().areas[it.area - 1] : null, it.at);
      app.select({ what: "facility", service, row }, L.latLng(it.at), opener);
    }

    go(shape, at) {
      const map = this.app.map, size = map.getSize();
      if (!shape || !shape.rings.length) {
        map.setView(at, Math.max(map.getZoom(), 15), { animate: false });
        return;
      }
      const [west, north, east, south] = shape.box;
      const lon = (x) => x * 360 - 180;
      const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
      map.fitBounds([[lat(south), lon(west)], [lat(north), lon(east)]], {
        // clear of the bar below and the buttons beside
        paddingTopLeft: [24, 24],
        paddingBottomRight: [Math.min(70, 0.15 * size.x), Math.min(110, 0.2 * size.y)],
        maxZoom: 16, animate: false,
      });
    }

    // Which row of the table is the chosen one.
    mark(found) {
      if (!this.section) return;
      this.section.querySelectorAll("tr[data-site]").forEach((row) => {
        const table = row.closest("table"), home = row.closest("[data-service]");
        row.classList.toggle("qh-chosen", Boolean(found) &&
          this.plan(Number(table.dataset.plan), found.row) === found.plan && Number(row.dataset.site) === found.row &&
          Number(home.dataset.service) === found.service);
      });
    }
  };

  QH.sites = { drawn, prepare, areas, outline, areaOf, pin, crossed, drops, facts, title };
})();
