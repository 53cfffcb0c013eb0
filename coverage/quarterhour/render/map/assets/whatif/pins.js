// Pins as elements: dragged with the pointer, moved with the arrow keys, named for a screen reader.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const STEP_PX = 8;
  const ARROWS = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  };

  // A pin with its number; hollow where a facility of today has been moved.
  function symbol(colour, number, moved) {
    const S = QH.symbols.svg;
    const text = S("text", {
      x: 0, y: 0.4, "text-anchor": "middle", "font-size": number > 9 ? 11 : 12.5, "font-weight": 700,
      fill: moved ? colour : "#FFFFFF",
    });
    text.textContent = number;
    return S("svg", { viewBox: "-15 -19 30 40", width: 30, height: 40, "aria-hidden": "true" }, [
      S("path", {
        d: "M0 19C-4 12-13 5-13-4A13 13 0 1 1 13-4C13 5 4 12 0 19Z",
        fill: "#FFFFFF", stroke: "#20262B", "stroke-width": 2.2,
      }),
      S("circle", {
        cx: 0, cy: -4, r: moved ? 8.2 : 9.4, fill: moved ? "#FFFFFF" : colour, stroke: colour,
        "stroke-width": moved ? 2.6 : 0,
      }),
      text,
    ]);
  }

  const ICONS = {
    add: "M8 2.5V13.5M2.5 8H13.5",
    move: "M2 8H14M5 5L2 8L5 11M11 5L14 8L11 11",
    close: "M3.5 3.5L12.5 12.5M12.5 3.5L3.5 12.5",
    cut: "M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2M3.8 3.8L12.2 12.2",
    link: "M3.5 12.5L12.5 3.5M3.5 12.5V12.4M12.5 3.5V3.6",
    terms: "M8 2A6 6 0 1 1 8 14A6 6 0 1 1 8 2M8 4.5V8L10.5 9.5",
    go: "M8 1.5V4.5M8 11.5V14.5M1.5 8H4.5M11.5 8H14.5M8 4.5A3.5 3.5 0 1 1 8 11.5A3.5 3.5 0 1 1 8 4.5",
  };

  function icon(name) {
    const S = QH.symbols.svg;
    return S("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, [
      S("path", {
        d: ICONS[name], fill: "none", stroke: "currentColor",
        "stroke-width": name === "link" ? 2.6 : 1.7, "stroke-linecap": "round",
      }),
    ]);
  }

  class Pins {
    constructor(panel) {
      this.panel = panel;
      this.map = panel.app.map;
      this.group = L.layerGroup().addTo(this.map);
      this.marks = new Map();
      this.chosen = null;
    }

    // The pins of the service that is shown; those that stay keep their element and the keyboard.
    draw() {
      const app = this.panel.app, items = this.panel.plan.ofService(app.at, "add");
      const wanted = new Set(items.map((it) => it.id));
      this.marks.forEach((mark, id) => {
        if (wanted.has(id) && mark.service === app.at) return;
        this.group.removeLayer(mark.layer);
        this.marks.delete(id);
      });
      items.forEach((it, i) => {
        const mark = this.marks.get(it.id) || this.make(it, app);
        if (!mark.dragging) mark.layer.setLatLng([it.at.lat, it.at.lon]);
        this.look(mark, it, i + 1);
      });
      if (this.chosen !== null && !this.marks.has(this.chosen)) this.chosen = null;
    }

    // Where they lie, which are above the sheets.
    boxes(view) {
      const D = QH.decode;
      return Array.from(this.marks.values(), ({ layer }) => {
        const { lat, lng } = layer.getLatLng();
        const x = D.worldX(lng) * view.scale - view.left, y = D.worldY(lat) * view.scale - view.top;
        return [x - 15, y - 39, x + 15, y + 1];
      });
    }

    show(is) {
      if (is === this.map.hasLayer(this.group)) return;
      if (!is) this.group.remove();
      else {
        // their elements are new
        this.group.addTo(this.map);
        this.draw();
      }
    }

    make(item, app) {
      const layer = L.marker([item.at.lat, item.at.lon], {
        draggable: true, autoPan: true, keyboard: true, riseOnHover: true, zIndexOffset: 2000,
        icon: L.divIcon({ className: "qh-pin", iconSize: [30, 40], iconAnchor: [15, 39], html: "" }),
      });
      const mark = { layer, service: app.at, dragging: false };
      this.marks.set(item.id, mark);
      // each time that it comes to the map it has a new element
      layer.on("add", () => {
        const element = layer.getElement();
        mark.look = "";
        element.setAttribute("role", "button");
        element.dataset.pin = item.id;
        element.addEventListener("focus", () => this.choose(item.id));
        element.addEventListener("keydown", (event) => this.key(event, item.id));
      });
      layer.addTo(this.group);
      layer.on("dragstart", () => {
        mark.dragging = true;
        this.choose(item.id);
        this.panel.dragStart(item.id);
      });
      layer.on("drag", () => this.panel.dragTo(item.id, layer.getLatLng()));
      layer.on("dragend", () => {
        mark.dragging = false;
        this.panel.dragEnd(item.id, layer.getLatLng());
      });
      layer.on("click", () => {
        // a tool in hand does there what it does elsewhere
        if (this.panel.took(layer.getLatLng())) return;
        this.choose(item.id);
        layer.getElement().focus({ preventScroll: true });
      });
      return mark;
    }

    look(mark, item, number) {
      const service = this.panel.app.service(), element = mark.layer.getElement();
      if (!element) return; // not on the map now
      const look = [service.colour, number, item.from !== null].join();
      if (mark.look !== look) {
        element.textContent = "";
        element.appendChild(symbol(service.colour, number, item.from !== null));
        mark.look = look;
      }
      element.setAttribute("aria-label", item.name + ", " + service.name + ". " +
        QH.whatIf.text("hint_drag"));
      element.classList.toggle("qh-pin-chosen", this.chosen === item.id);
    }

    key(event, id) {
      const arrow = ARROWS[event.key], panel = this.panel;
      if (panel.drag) return;
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        panel.remove(id);
        return;
      }
      if (!arrow) return;
      event.preventDefault();
      event.stopPropagation();
      const step = event.shiftKey ? 1 : STEP_PX, item = panel.plan.find(id);
      const from = this.map.latLngToContainerPoint([item.at.lat, item.at.lon]);
      const to = this.map.containerPointToLatLng(
        from.add(L.point(arrow[0] * step, arrow[1] * step))
      );
      if (panel.move(id, to, "keys")) this.keep(to);
    }

    // A pin that is moved with the keyboard stays in the window.
    keep(latlng) { this.map.panInside(latlng, { padding: [60, 60], animate: false }); }

    choose(id) {
      if (this.chosen === id) return;
      this.chosen = id;
      this.marks.forEach((mark, key) => {
        const element = mark.layer.getElement();
        if (element) element.classList.toggle("qh-pin-chosen", key === id);
      });
    }

    focus(id) {
      const mark = this.marks.get(id), element = mark && mark.layer.getElement();
      if (element) element.focus({ preventScroll: true });
    }

    // Where it cannot be linked a pin looks so.
    outside(id, is) {
      const mark = this.marks.get(id), element = mark && mark.layer.getElement();
      if (element) element.classList.toggle("qh-pin-off", is);
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Pins = Pins;
  QH.whatIf.pinSymbol = symbol;
  QH.whatIf.icon = icon;
})();
