// Facilities as elements: they can be reached with the keyboard and always lie above the sheets.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MANY = 200;
  const SMALL = 500;

  QH.Marks = class {
    constructor(app) {
      this.app = app;
      this.groups = {};
      this.own = L.layerGroup().addTo(app.map);
      this.others = L.layerGroup().addTo(app.map);
    }

    // Pixels of a symbol; many on a small map would hide it.
    size(service) {
      const many = this.app.map.getSize().x < SMALL ? MANY / 5 : MANY;
      return service.facilities.length > many ? 16 : 24;
    }

    group(at) {
      if (this.groups[at]) return this.groups[at];
      const service = this.app.data.services[at];
      const size = this.size(service);
      this.groups[at] = service.facilities.map((it, row) => this.mark(at, service, it, row, size));
      return this.groups[at];
    }

    mark(at, service, it, row, size) {
      const app = this.app, found = { what: "facility", service: at, row };
      const marker = L.marker(it.at, {
        keyboard: true, riseOnHover: true,
        zIndexOffset: it.status === "used" ? 500 : 0,
        icon: L.divIcon({
          className: "qh-facility", iconSize: [size, size],
          html: QH.symbols.facility(service.shape, service.colour, it.status, size),
        }),
      });
      marker.on("add", () => {
        const element = marker.getElement();
        element.setAttribute("role", "button");
        element.setAttribute("aria-label", [
          it.name || QH.text.plain("unnamed"), service.name,
          QH.text.plain("facility_" + it.status),
        ].join(", "));
        element.dataset.row = row;
        element.addEventListener("focus", () => app.hover(found, marker.getLatLng()));
        element.addEventListener("blur", () => app.hover(null));
        element.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          app.select(found, marker.getLatLng(), element);
        });
      });
      marker.on("mouseover", () => app.hover(found, marker.getLatLng()));
      marker.on("mouseout", () => app.hover(null));
      marker.on("click", () => app.select(found, marker.getLatLng()));
      return marker;
    }

    draw() {
      const app = this.app, on = app.layers.on, now = app.data.services[app.at];
      // what changes in a state is shown whatever its kind
      const state = app.stages.state(), view = state.view;
      const changed = new Set(view ? view.opened.concat(view.closed) : []);
      this.fill(this.own, !on.facilities ? [] : this.group(app.at).filter((marker, row) =>
        changed.has(row) || on["facilities-" + now.facilities[row].status]));
      const others = [];
      for (const { it, at } of app.layers.others(now)) {
        const all = this.group(at);
        others.push(...all.filter((marker, row) => on["other-" + at + "-" + it.facilities[row].status]));
      }
      this.fill(this.others, others);
      this.restyle(view);
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
        element.dataset.status = status;
        const sign = element.querySelector("svg:not(.qh-cross)");
        sign.replaceWith(QH.symbols.facility(service.shape, service.colour, status, size));
      });
    }

    fill(group, markers) {
      const wanted = new Set(markers);
      group.eachLayer((marker) => { if (!wanted.has(marker)) group.removeLayer(marker); });
      markers.forEach((marker) => { if (!group.hasLayer(marker)) group.addLayer(marker); });
    }
  };
})();
