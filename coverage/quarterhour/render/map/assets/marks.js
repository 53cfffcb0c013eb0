// Facilities as elements: they can be reached with the keyboard and always lie above the sheets.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MANY = 200;
  const SMALL = 500;
  const WIDER = 1.1; // a symbol of several against one of one

  QH.Marks = class {
    constructor(app) {
      this.app = app;
      this.groups = {};
      this.several = new Map();
      this.kept = {};
      this.shown = [];
      this.own = L.layerGroup().addTo(app.map);
      this.others = L.layerGroup().addTo(app.map);
      this.gathered = false;
      app.map.on("zoomend", () => this.zoomed());
    }

    // Pixels of a symbol; many on a small map would hide it, and shapes need more than a disc.
    size(service) {
      const many = this.app.map.getSize().x < SMALL ? MANY / 5 : MANY;
      const n = service.facilities.length;
      return n <= many / 2 ? 24 : n <= many ? 19 : service.kinds.length ? 18 : 16;
    }

    // Every facility of a service by itself, in the order of its rows.
    group(at) {
      if (this.groups[at]) return this.groups[at];
      const service = this.app.data.services[at];
      const size = this.size(service);
      this.groups[at] = service.facilities.map((it, row) => this.mark(at, service, it, row, size));
      return this.groups[at];
    }

    mark(at, service, it, row, size) {
      const kind = QH.symbols.kindOf(service, row), T = QH.text;
      const said = [
        it.name || T.plain("unnamed"), service.name, ...(kind ? [T.line(...kind.name)] : []),
        T.plain("facility_" + it.status),
      ];
      return this.marker({ what: "facility", service: at, row }, L.latLng(it.at), {
        size, said: said.join(", "), row, above: it.status === "used" ? 500 : 0,
        html: QH.symbols.facilityOf(service, row, it.status, size),
      });
    }

    // A symbol for several facilities, kept while they stay together.
    severalOf(at, one) {
      const key = at + one.sort + ":" + one.rows.join(), app = this.app, T = QH.text, shut = one.sort === "closed";
      if (!this.several.has(key)) {
        const service = app.data.services[at], size = Math.round(WIDER * this.size(service));
        const [lat, lon] = QH.decode.latLng(one.x, one.y), n = one.rows.length;
        const said = T.line(n + " 处设施", n + " facilities");
        this.several.set(key, this.marker(
          { what: "facilities", service: at, rows: one.rows }, L.latLng(lat, lon),
          { size, above: 600, several: n,
            said: [said, service.name, ...(shut ? [T.plain("stage_closed")] : [])].join(", "),
            html: QH.gather.symbol(service, one.rows, size, shut ? app.data.colours.lost : "") }
        ));
      }
      return this.several.get(key);
    }

    marker(found, where, { size, said, row, above, several, html }) {
      const app = this.app;
      const marker = L.marker(where, {
        keyboard: true, riseOnHover: true, zIndexOffset: above,
        icon: L.divIcon({
          className: several ? "qh-facility qh-several" : "qh-facility", iconSize: [size, size], html,
        }),
      });
      marker.on("add", () => {
        const element = marker.getElement();
        element.setAttribute("role", "button");
        element.setAttribute("aria-label", said);
        if (row !== undefined) element.dataset.row = row;
        element.addEventListener("focus", () => app.hover(found, where));
        element.addEventListener("blur", () => app.hover(null));
        element.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          app.select(found, where, element);
        });
      });
      marker.on("mouseover", () => app.hover(found, where));
      marker.on("mouseout", () => app.hover(null));
      marker.on("click", () => app.select(found, where));
      return marker;
    }

    // What is not as today by row: opened or closed; what a trial closes keeps a symbol of its own.
    sorts() {
      const app = this.app, view = app.stages.state().view, out = new Map();
      const put = (rows, sort) => rows.forEach((row) => out.set(row, sort === "trial" ? sort + row : sort));
      if (view) put(view.opened, "opened");
      if (view) put(view.closed, "closed");
      app.data.scenarios.forEach((plan, number) => {
        if (app.showsPlan(number)) put(plan.services[app.at].dropped || [], "closed");
      });
      if (app.whatIf && app.whatIf.ready) put(app.whatIf.plan.closedRows(app.at), "trial");
      return out;
    }

    // Which rows of the chosen service are drawn.
    rows() {
      const app = this.app, on = app.layers.on, service = app.service();
      if (!on.facilities) return [];
      // what changes in a state is shown whatever its kind
      const view = app.stages.state().view, changed = new Set(view ? view.opened.concat(view.closed) : []);
      return service.facilities.map((it, row) => row).filter((row) => changed.has(row) ||
        (on["facilities-" + service.facilities[row].status] && app.layers.showsKind(service, row)));
    }

    // Symbols of the chosen service at a scale: the place of each and the rows that share it.
    spots(scale) {
      const service = this.app.service(), sorts = this.sorts(), rows = this.rows(), size = this.size(service);
      const key = [this.app.at, scale, size, Array.from(sorts).join(), rows.join()].join("|");
      // asked several times for each frame, with thousands of facilities
      if (this.kept.key !== key) {
        const found = QH.gather.facilities(service, rows, (row) => sorts.get(row) || "", size, scale);
        this.kept = { key, found };
      }
      return this.kept.found;
    }

    // Facilities of other services that are drawn.
    beside() {
      const out = [], D = QH.decode;
      this.others.eachLayer((marker) => {
        const at = marker.getLatLng();
        out.push({ x: D.worldX(at.lng), y: D.worldY(at.lat) });
      });
      return out;
    }

    // `scale`: of what is drawn, else of the map as it is seen.
    draw(scale) {
      const app = this.app, on = app.layers.on, now = app.service(), own = this.group(app.at);
      const spots = (this.shown = this.spots(scale || app.scale()));
      this.fill(this.own, spots.map((one) =>
        (one.rows.length > 1 ? this.severalOf(app.at, one) : own[one.rows[0]])));
      const gathered = spots.some((one) => one.rows.length > 1);
      const others = [];
      for (const { it, at } of app.layers.others(now)) {
        const all = this.group(at);
        others.push(...all.filter((marker, row) => on["other-" + at + "-" + it.facilities[row].status]));
      }
      this.fill(this.others, others);
      this.restyle(app.stages.state().view);
      const changed = gathered !== this.gathered;
      this.gathered = gathered;
      return changed;
    }

    zoomed() {
      if (!QH.started || !this.app.sites) return;
      if (this.draw()) this.app.layers.draw();
      this.app.sites.draw();
      if (this.app.whatIf) this.app.whatIf.follow();
    }

    // Facilities that a state opens look like those that serve.
    restyle(view) {
      const app = this.app, service = app.service(), opened = new Set(view ? view.opened : []);
      const size = this.size(service);
      this.group(app.at).forEach((marker, row) => {
        const element = marker.getElement();
        if (!element) return;
        const status = opened.has(row) ? "used" : service.facilities[row].status;
        if ((element.dataset.status || service.facilities[row].status) === status) return;
        const old = element.dataset.status || service.facilities[row].status;
        element.setAttribute("aria-label", element.getAttribute("aria-label")
          .replace(QH.text.plain("facility_" + old), QH.text.plain("facility_" + status)));
        element.dataset.status = status;
        const sign = element.querySelector("svg:not(.qh-cross)");
        sign.replaceWith(QH.symbols.facilityOf(service, row, status, size));
      });
    }

    fill(group, markers) {
      const wanted = new Set(markers);
      group.eachLayer((marker) => { if (!wanted.has(marker)) group.removeLayer(marker); });
      markers.forEach((marker) => { if (!group.hasLayer(marker)) group.addLayer(marker); });
    }
  };
})();
