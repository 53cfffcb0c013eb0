// Puts the page together: data, sheets, facilities, list of layers, pointer, service, language.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  function prepare(data) {
    const D = QH.decode, step = data.steps.shape;
    for (const service of data.services) {
      service.shapes = D.shapes(service.dissolved, step);
      service.areas = D.shapes(service.own, step);
      service.streets = D.shapes(service.streets, step);
      service.names = service.facilities.map((it) => ({
        name: it.name, x: D.worldX(it.at[1]), y: D.worldY(it.at[0]),
      }));
      for (const key of ["uncovered", "unlinked", "covered"]) {
        if (!service[key]) continue;
        const dots = (service[key] = D.places(service[key], step));
        dots.levels = new QH.Levels(dots);
        if (service.gaps && service.gaps.n) dots.levels.shrink = QH.gaps.DOTS;
      }
      if (service.residential) {
        service.residential.shapes = D.shapes(service.residential.packed, step);
      }
    }
    QH.gapStates.prepare(data);
    QH.scenarios.prepare(data);
    QH.stages.prepare(data);
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
        .map((name, row) => ({ name, row, at: data.districts.at[row] }))
        .filter((it) => it.at)
        .map((it) => ({
          name: it.name, row: it.row, x: D.worldX(it.at[1]), y: D.worldY(it.at[0]),
        }));
      const spot = ([name, lat, lon]) => ({ name, lat, lon, x: D.worldX(lon), y: D.worldY(lat) });
      this.placeNames = [[10, "town"], [13.5, "village"], [14.5, "street"]]
        .map(([least, kind]) => [least, data.names[kind].map(spot)
          // what the lines of districts have is not written twice
          .filter((it) => data.districts.name.indexOf(it.name) < 0), kind])
        .filter((it) => it[1].length);
      this.stages = new QH.Stages(this);
      this.compare = new QH.Compare(this);
      this.search = new QH.Search(this);
      this.layers = new QH.Layers(this, document.getElementById("qh-layers"));
      this.gapList = new QH.GapList(this);
      this.marks = new QH.Marks(this);
      this.added = new QH.Added(this);
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
        if (this.whatIf && this.whatIf.took(event.latlng)) return;
        const found = QH.reach.under(this, event.latlng);
        if (!found) return;
        if (found.what === "gap") this.gapList.choose(found.row, { state: found.state });
        else this.select(found, event.latlng);
      });
      map.on("zoomend", () => this.layers.drawSizes());
      map.on("popupclose", () => this.clear());
      document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        if (this.popup.isOpen()) this.popup.close();
        else if (this.gapList.row >= 0) this.gapList.clear();
        else this.compare.close();
      });
      this.choose(0);
    }

    // Pixels across the world at the zoom that is shown.
    scale() { return 256 * Math.pow(2, this.map.getZoom()); }

    service() { return this.data.services[this.at]; }

    // The walk of the place that was chosen, as long as it is true of what the map shows.
    get walk() { return this.traced && QH.route.holds(this, this.traced) ? this.traced : null; }

    set walk(found) { this.traced = found; }

    repaint() {
      const tiles = this.data.tiles && this.tileLayer();
      if (tiles) {
        if (this.layers.on.tiles) tiles.addTo(this.map);
        else tiles.remove();
      }
      this.base.repaint();
      this.sheet.repaint();
      if (this.marks.draw()) this.layers.draw();
      this.sites.draw();
      if (this.whatIf) this.whatIf.follow();
    }

    tileLayer() {
      this.map.eachLayer((layer) => { if (layer instanceof L.TileLayer) this.tiles = layer; });
      return this.tiles;
    }

    point(event) {
      if (this.whatIf && this.whatIf.aiming()) return;
      if (event.originalEvent.target.closest(".qh-pin,.qh-facility,.qh-site,.leaflet-popup,.leaflet-control")) return;
      this.hover(QH.reach.under(this, event.latlng), event.latlng);
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
      if (found.what === "facilities") return QH.members.facilities(this, found, false);
      const card = QH.card(this, found), T = QH.text;
      if (!(found.gap >= 0)) return card;
      const name = this.gapsOf(found).name[found.gap];
      card.appendChild(T.el("p", "qh-in", [
        T.word("gap_one"), " " + (found.gap + 1) + " · ", T.pair(name[0], name[1]),
      ]));
      return card;
    }

    // `opener` is the element that gets the keyboard back when the card is closed.
    select(found, latlng, opener) {
      if (this.whatIf && this.whatIf.tookFacility(found)) return;
      this.popup.remove();
      this.hover(null);
      this.selected = found;
      this.walk = null;
      if (found.times !== undefined) {
        this.gapList.clear();
        QH.route.watch(this);
        this.walk = QH.route.walkOf(this, found);
        if (this.walk) this.bring(this.walk.routes[0].box, 0);
      }
      // clear of the buttons beside and the bar below
      const size = this.map.getSize(), small = size.x < 500;
      Object.assign(this.popup.options, {
        offset: found.what === "site" ? [0, -26] : this.walk ? [0, -4] : [0, 7],
        className: "qh-popup" + (this.walk ? " qh-aside" : ""),
        maxHeight: Math.max(120, 0.6 * size.y), maxWidth: small ? size.x - 130 : 290,
        minWidth: small ? 150 : 200, autoPanPaddingBottomRight: small ? [64, 96] : [70, 90],
      });
      // above the whole walk, which it would hide
      this.popup.setLatLng(this.walk ? this.walk.above : latlng).setContent(this.cardOf(found)).openOn(this.map);
      if (this.walk && !small) this.bring(this.walk.routes[0].box, this.popup.getElement().offsetHeight);
      document.body.classList.add("qh-asking");
      this.opener = opener || null;
      const close = this.popup.getElement().querySelector(".leaflet-popup-close-button");
      close.setAttribute("aria-label", QH.text.plain("close"));
      const first = this.popup.getElement().querySelector(".qh-members button");
      if (opener) (first || close).focus({ preventScroll: true });
      this.sheet.repaint();
    }

    // With what can be tried with it.
    cardOf(found) {
      if (found.what === "facilities") return QH.members.facilities(this, found, true);
      const card = QH.members.extend(this, QH.card(this, found), found, this.walk);
      if (this.whatIf) this.whatIf.extend(card, found);
      return card;
    }

    // Moves the map only where a box in world units is not seen whole below a card so high.
    bring(box, high) {
      const D = QH.decode, size = this.map.getSize(), edge = Math.min(48, 0.1 * size.x);
      const bounds = L.latLngBounds(D.latLng(box[0], box[3]), D.latLng(box[2], box[1]));
      // the card stands above, the years below
      const top = Math.max(Math.min(250, 0.42 * size.y), Math.min(high + 64, 0.75 * size.y)), low = Math.min(90, 0.15 * size.y);
      const seen = L.latLngBounds(this.map.containerPointToLatLng([edge, size.y - low]),
        this.map.containerPointToLatLng([size.x - edge, top]));
      if (seen.contains(bounds)) return;
      this.map.fitBounds(bounds, {
        paddingTopLeft: [edge, top], paddingBottomRight: [edge, low], maxZoom: this.map.getZoom(), animate: false,
      });
    }

    clear() {
      this.selected = this.walk = null;
      document.body.classList.remove("qh-asking");
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
      this.compare.refresh();
      this.stages.draw();
      this.gapList.refresh();
      this.layers.draw();
      this.repaint();
      if (this.whatIf) this.whatIf.serviceChanged();
    }
  }
  Object.assign(App.prototype, QH.scene, QH.going);

  // folium's script calls this with the map it has made.
  QH.start = function (map) {
    const data = JSON.parse(document.getElementById("qh-data").textContent);
    QH.text.init(data.words, data.language, data);
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      Object.assign(map.options, { zoomAnimation: false, fadeAnimation: false, inertia: false });
      map._zoomAnimated = map._fadeAnimated = false; // read from the options when the map was made
      map.panBy = (by) => L.Map.prototype.panBy.call(map, by, { animate: false });
    }
    QH.frame(map, data);
    const app = (QH.app = new App(map, data));
    QH.controls(app);
    QH.fit(map, data); // again: what lies on the map takes room
    QH.outputs(app);
    if (data.what_if) {
      app.whatIf = new QH.WhatIf(app);
      requestAnimationFrame(() => setTimeout(() => app.whatIf.open(), 0));
    }
    QH.started = true;
  };
})();
