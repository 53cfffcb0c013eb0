// Puts the page together: data, sheets, facilities, list of layers, pointer, service, language.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const REACH_PX = 7;
  const NAMES_FROM_ZOOM = 15;
  const DISTRICT = { colour: "#84708F", width: 1.4, dash: [9, 3, 2, 3] };

  function prepare(data) {
    const D = QH.decode, step = data.steps.shape;
    for (const service of data.services) {
      service.shapes = D.shapes(service.dissolved, step);
      service.areas = D.shapes(service.own, step);
      service.streets = D.shapes(service.streets, step);
      service.names = service.facilities.map((it) => ({
        name: it.name, x: D.worldX(it.at[1]), y: D.worldY(it.at[0]),
      }));
      for (const key of ["uncovered", "unlinked"]) {
        const dots = (service[key] = D.places(service[key], step));
        dots.levels = new QH.Levels(dots);
        if (service.gaps && service.gaps.n) dots.levels.shrink = QH.gaps.DOTS;
      }
      if (service.residential) {
        service.residential.shapes = D.shapes(service.residential.packed, step);
      }
    }
    QH.gaps.prepare(data);
    QH.scenarios.prepare(data);
  }

  class App {
    constructor(map, data) {
      const D = QH.decode, step = data.steps.shape;
      this.map = map;
      this.data = data;
      this.at = 0;
      this.selected = null;
      prepare(data);
      this.roads = D.roads(data.roads, data.steps.road);
      this.water = D.shapes(data.water, step);
      this.green = D.shapes(data.green, step);
      this.streams = D.shapes(data.streams, step);
      this.boundary = D.shapes(data.boundary, step);
      this.districts = D.shapes(data.districts.packed, step);
      this.districtNames = data.districts.name
        .map((name, i) => ({ name, at: data.districts.at[i] }))
        .filter((it) => it.at)
        .map((it) => ({ name: it.name, x: D.worldX(it.at[1]), y: D.worldY(it.at[0]) }));
      this.layers = new QH.Layers(this, document.getElementById("qh-layers"));
      this.gapList = new QH.GapList(this);
      this.marks = new QH.Marks(this);
      this.sites = new QH.Sites(this);
      this.base = new QH.Sheet((view) => this.paintBase(view), { pane: "qh-base" }).addTo(map);
      this.sheet = new QH.Sheet((view) => this.paintData(view), { pane: "qh-data" }).addTo(map);
      this.tip = L.tooltip({ className: "qh-tip", offset: [12, 0], opacity: 1 });
      this.popup = L.popup({
        className: "qh-popup", maxWidth: 290, minWidth: 200, autoPanPaddingTopLeft: [10, 48],
      });
      map.on("mousemove", (event) => this.point(event));
      map.on("mouseout movestart", () => this.hover(null));
      map.on("click", (event) => {
        const found = this.findAt(event.latlng);
        if (!found) return;
        if (found.what === "gap") this.gapList.choose(found.row);
        else if (found.gap >= 0) this.gapList.choose(found.gap, { under: found });
        else this.select(found, event.latlng);
      });
      map.on("zoomend", () => this.layers.drawSizes());
      map.on("popupclose", () => this.clear());
      document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        if (this.popup.isOpen()) this.popup.close();
        else this.gapList.clear();
      });
      this.choose(0);
    }

    // Pixels across the world at the zoom that is shown.
    scale() { return 256 * Math.pow(2, this.map.getZoom()); }

    service() { return this.data.services[this.at]; }

    paintBase(view) {
      if (this.layers.on.scenery) QH.paint.scenery(view, this);
      if (this.layers.on.roads) QH.paint.roads(view, this.roads);
    }

    paintData(view) {
      const P = QH.paint, on = this.layers.on, service = this.service(), C = this.data.colours;
      const taken = [];
      if (on.districts) P.outline(view, this.districts, DISTRICT);
      P.bands(view, service, this.layers.bands(service));
      if (on.residential && service.residential) {
        P.residential(view, service.residential, this.data.statuses, C);
      }
      if (on.boundary) {
        P.outline(view, this.boundary, {
          colour: "#2B3237", width: 2, dash: [9, 6], halo: "rgba(255,255,255,.7)",
        });
      }
      QH.sites.areas(view, this);
      const own = this.ownArea();
      if (own) P.highlight(view, own, service.bands[0]);
      if (on.uncovered) P.streets(view, service.streets, C.gap);
      if (on.unlinked) P.places(view, service.unlinked.levels, "ring", C.unlinked);
      if (on.uncovered) P.places(view, service.uncovered.levels, "dot", C.gap);
      const gaps = on.gaps && service.gaps, chosen = this.gapList.row;
      if (gaps) QH.gaps.paint(view, gaps, C, chosen);
      QH.scenarios.paint(view, this);
      if (gaps) {
        if (chosen >= 0) QH.gaps.route(view, gaps, chosen, taken);
        QH.gaps.numbers(view, gaps, taken.concat(this.markBoxes(view)), C, chosen);
        for (const it of gaps.drawn) taken.push(it.box);
      }
      taken.push(...this.sites.boxes(view));
      if (on.districts) {
        P.labels(view, this.districtNames, taken, {
          size: 13, weight: 600, align: "center", colour: "#566068",
        });
      }
      this.sites.labels(view, taken);
      if (on.facilities && view.zoom >= NAMES_FROM_ZOOM) {
        P.labels(view, service.names, taken, {
          size: 12, weight: 500, align: "left", shift: 16, colour: "#20262B",
        });
      }
    }

    // Where facilities lie, which are above the sheets.
    markBoxes(view) {
      if (!this.layers.on.facilities) return [];
      const half = this.marks.size(this.service()) / 2;
      return this.service().names.map((it) => {
        const x = it.x * view.scale - view.left, y = it.y * view.scale - view.top;
        return [x - half, y - half, x + half, y + half];
      });
    }

    ownArea() {
      const found = this.selected;
      if (found && found.what === "site") return QH.sites.areaOf(this, found);
      if (!found || found.what !== "facility" || found.service !== this.at) return null;
      const number = this.service().facilities[found.row].area;
      return number ? this.service().areas[number - 1] : null;
    }

    repaint() {
      const tiles = this.data.tiles && this.tileLayer();
      if (tiles) {
        if (this.layers.on.tiles) tiles.addTo(this.map);
        else tiles.remove();
      }
      this.base.repaint();
      this.sheet.repaint();
      this.marks.draw();
      this.sites.draw();
    }

    tileLayer() {
      this.map.eachLayer((layer) => { if (layer instanceof L.TileLayer) this.tiles = layer; });
      return this.tiles;
    }

    // What lies at a place, and the gap that it lies in.
    findAt(latlng) {
      const x = QH.decode.worldX(latlng.lng), y = QH.decode.worldY(latlng.lat);
      const gaps = this.layers.on.gaps && this.service().gaps, scale = this.scale();
      if (!gaps) return this.findPlace(x, y, scale);
      const number = QH.gaps.numberAt(gaps, x, y, scale);
      if (number >= 0) return { what: "gap", service: this.at, row: number };
      const found = this.findPlace(x, y, scale), gap = QH.gaps.extentAt(gaps, x, y);
      if (found) return Object.assign(found, { gap });
      return gap >= 0 ? { what: "gap", service: this.at, row: gap } : null;
    }

    findPlace(x, y, scale) {
      const F = QH.find, on = this.layers.on, service = this.service(), px = 1 / scale;
      for (const what of ["uncovered", "unlinked"]) {
        if (!on[what]) continue;
        const levels = service[what].levels, dots = levels.at(scale);
        const most = QH.Levels.radius(dots, Infinity, scale);
        const row = dots.index.near(x, y, Math.max(REACH_PX, most) * px);
        if (row >= 0) {
          const r = QH.Levels.radius(dots, dots.amount[row], scale);
          const dx = dots.x[row] - x, dy = dots.y[row] - y;
          if (Math.sqrt(dx * dx + dy * dy) <= Math.max(REACH_PX, r + 2) * px) {
            return { what, service: this.at, row, times: levels.times(scale) };
          }
        }
      }
      if (on.residential && service.residential) {
        const row = F.shapeAt(service.residential.shapes, x, y);
        if (row >= 0) return { what: "area", service: this.at, row };
      }
      return null;
    }

    point(event) {
      if (event.originalEvent.target.closest(".qh-facility,.qh-site,.leaflet-popup,.leaflet-control")) return;
      this.hover(this.findAt(event.latlng), event.latlng);
    }

    // `found` is what the tooltip tells about, null for none.
    hover(found, latlng) {
      this.map.getContainer().classList.toggle("qh-over", Boolean(found));
      if (!found) {
        this.told = "";
        this.tip.remove();
        return;
      }
      const key = JSON.stringify(found);
      if (key !== this.told) this.tip.setContent(this.glance(found));
      this.told = key;
      this.tip.setLatLng(latlng).addTo(this.map);
    }

    glance(found) {
      const card = QH.card(this, found), T = QH.text;
      if (!(found.gap >= 0)) return card;
      const name = this.service().gaps.name[found.gap];
      card.appendChild(T.el("p", "qh-in", [
        T.word("gap_one"), " " + (found.gap + 1) + " · ", T.pair(name[0], name[1]),
      ]));
      return card;
    }

    // `opener` is the element that gets the keyboard back when the card is closed.
    select(found, latlng, opener) {
      this.popup.remove();
      this.hover(null);
      this.selected = found;
      this.popup.options.offset = found.what === "site" ? [0, -26] : [0, 7];
      this.popup.options.maxHeight = Math.max(120, 0.6 * this.map.getSize().y);
      this.popup.setLatLng(latlng).setContent(QH.card(this, found)).openOn(this.map);
      this.opener = opener || null;
      const close = this.popup.getElement().querySelector(".leaflet-popup-close-button");
      close.setAttribute("aria-label", QH.text.plain("close"));
      if (opener) close.focus({ preventScroll: true });
      this.sheet.repaint();
    }

    clear() {
      this.selected = null;
      if (this.opener) this.opener.focus({ preventScroll: true });
      this.opener = null;
      this.sheet.repaint();
    }

    choose(at) {
      this.popup.remove();
      this.gapList.clear();
      this.at = at;
      document.querySelectorAll("[data-service]").forEach((element) => {
        element.hidden = Number(element.dataset.service) !== at;
      });
      document.querySelectorAll("[data-choose]").forEach((button) => {
        const is = Number(button.dataset.choose) === at;
        button.setAttribute("aria-checked", String(is));
        button.tabIndex = is ? 0 : -1;
      });
      this.layers.draw();
      this.repaint();
    }
  }

  // folium's script calls this with the map it has made.
  QH.start = function (map) {
    const data = JSON.parse(document.getElementById("qh-data").textContent);
    QH.text.init(data.words, data.language);
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      Object.assign(map.options, { zoomAnimation: false, fadeAnimation: false, inertia: false });
      map._zoomAnimated = false;
      map.panBy = (by) => L.Map.prototype.panBy.call(map, by, { animate: false });
    }
    QH.frame(map, data);
    const app = (QH.app = new App(map, data));
    QH.controls(app);
    QH.started = true;
  };
})();
