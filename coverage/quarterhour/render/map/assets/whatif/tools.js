// The tool in hand: what a click on the map, or Enter with the keyboard, does there.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const STREET_PX = 14; // farther from the street than this, a click means something else

  class Tools {
    constructor(panel) {
      this.panel = panel;
      this.map = panel.app.map;
      this.held = null;
      this.from = null;
      this.cross = QH.text.el("div", "qh-wi-cross");
      this.cross.setAttribute("aria-hidden", "true");
      this.cross.hidden = true;
      this.box = this.map.getContainer();
      this.box.appendChild(this.cross);
      this.buttons = Array.from(document.querySelectorAll("#qh-whatif [data-tool]"));
      this.streets = panel.app.data.unit === "street_metres";
      if (this.streets) this.withoutStreets();
      for (const what of ["mousedown", "touchstart"]) {
        this.box.addEventListener(what, (event) => this.pull(event), true);
      }
      this.buttons.forEach((button) => {
        button.insertBefore(QH.whatIf.icon(button.dataset.tool), button.firstChild);
      });
      this.buttons.forEach((button) => button.addEventListener("click", (event) => {
        // a click without a pointer comes from the keyboard, which goes on with the map
        this.take(this.held === button.dataset.tool ? null : button.dataset.tool, !event.detail);
      }));
      this.box.addEventListener("keydown", (event) => {
        if (!this.held || event.target !== this.box) return;
        this.keyboard = true;
        this.aim();
        if (event.key !== "Enter") return;
        event.preventDefault();
        this.use(this.map.getCenter());
      });
      this.box.addEventListener("pointerdown", () => {
        this.keyboard = false;
        this.aim();
      }, true);
      for (const what of ["focus", "blur"]) {
        this.box.addEventListener(what, () => this.aim(), true);
      }
    }

    // Where street length stands in for people, a run could not repeat what is done to streets.
    withoutStreets() {
      const note = QH.text.el("p", "qh-told qh-wi-note", QH.text.word("tools_streets"));
      note.id = "qh-wi-no-streets";
      const mine = this.buttons.filter((it) => it.dataset.tool === "cut" || it.dataset.tool === "link");
      mine.forEach((button) => {
        button.disabled = true;
        button.setAttribute("aria-describedby", note.id);
      });
      mine[0].parentNode.parentNode.insertBefore(note, mine[0].parentNode.nextSibling);
    }

    // With the tool for moving in hand, a facility is dragged from where it stands.
    pull(event) {
      const element = event.target.closest && event.target.closest(".qh-facility[data-row]");
      if (this.held !== "move" || !element || event.button > 0 || (event.touches && event.touches.length > 1)) return;
      const panel = this.panel, row = Number(element.dataset.row);
      if (panel.plan.full() || !panel.serves(panel.app.at, row) || panel.plan.closerOf(panel.app.at, row)) return;
      this.take(null);
      if (!panel.toggle(row, true)) return;
      // what follows belongs to the pin, also the click where it is let go; with the drag it is one step
      this.pulled = true;
      panel.plan.merging = "pull" + panel.pins.chosen;
      const done = () => setTimeout(() => { this.pulled = false; }, 0);
      document.addEventListener(event.type === "mousedown" ? "mouseup" : "touchend", done, { once: true });
      event.stopPropagation();
      panel.pins.marks.get(panel.pins.chosen).layer.dragging._draggable._onDown(event);
    }

    aim() {
      this.cross.hidden = !(this.held && this.keyboard && document.activeElement === this.box);
    }

    take(tool, keyboard) {
      this.held = tool;
      this.from = null;
      this.keyboard = Boolean(keyboard);
      this.buttons.forEach((button) => {
        button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
      });
      this.box.classList.toggle("qh-aiming", Boolean(tool));
      if (tool) {
        this.panel.app.popup.remove();
        this.panel.app.gapList.clear();
        this.panel.app.hover(null);
        this.panel.shrink();
      }
      this.panel.sayAll([tool ? ["hint_" + tool] : null, tool && keyboard ? ["hint_keys"] : null]);
      if (tool && keyboard) this.box.focus({ preventScroll: true });
      this.aim();
      this.panel.repaintTop();
    }

    // A message stays until the next one; on the map it is seen where the reader looks.
    say(key, values, wrong) { this.panel.say(key, values, wrong); }

    // True when the click was for the tool.
    click(latlng) {
      if (this.pulled) return true;
      if (!this.held) return false;
      this.use(latlng);
      return true;
    }

    use(latlng) {
      if (this.panel.plan.full()) {
        this.say("too_many", { n: QH.whatIf.Plan.MOST }, true);
        return;
      }
      if (this.held === "add") this.add(latlng);
      else if (this.held === "cut") this.cut(latlng);
      else if (this.held === "link") this.link(latlng);
      else this.facility(this.nearest(latlng));
    }

    // The row of the facility under a point, for those who come without a pointer.
    nearest(latlng) {
      const at = this.map.latLngToContainerPoint(latlng);
      let best = -1, least = 24;
      this.panel.app.service().facilities.forEach((it, row) => {
        const d = this.map.latLngToContainerPoint(it.at).distanceTo(at);
        if (d < least) {
          least = d;
          best = row;
        }
      });
      return best;
    }

    // True when a facility that was clicked is what the tool asks for.
    facility(row) {
      if (this.pulled) return true;
      if (!this.held) return false;
      if (this.held !== "close" && this.held !== "move") return this.onto(row);
      if (row >= 0) {
        const move = this.held === "move";
        if (this.panel.toggle(row, move)) this.take(null);
      }
      return true;
    }

    // A tool for any place, on a facility: one that does not serve is tried with its own name.
    onto(row) {
      const panel = this.panel;
      if (this.held === "add" && !panel.serves(panel.app.at, row)) {
        this.take(null);
        panel.startPlanned(row);
      } else {
        this.use(L.latLng(panel.app.service().facilities[row].at));
      }
      return true;
    }

    add(latlng) {
      const panel = this.panel, found = panel.place(latlng);
      if (!found) return;
      this.take(null);
      panel.addPin(found, panel.plan.nextName(), null);
    }

    // A street within reach of the pointer, null with a message where there is none.
    street(latlng) {
      const found = this.panel.model.link(this.panel.app.at, latlng.lat, latlng.lng, { any: true });
      if (found && found.on) {
        const a = this.map.latLngToContainerPoint(found.on);
        const b = this.map.latLngToContainerPoint(latlng);
        if (a.distanceTo(b) <= STREET_PX) {
          return {
            edge: found.edge, offset_mm: found.offset_mm, lat: found.on[0], lon: found.on[1],
          };
        }
      }
      this.say("no_street", {}, true);
      return null;
    }

    cut(latlng) {
      const at = this.street(latlng);
      if (!at) return;
      this.take(null);
      this.panel.plan.add([{ what: "cut", at }]);
    }

    link(latlng) {
      const at = this.street(latlng);
      if (!at) return;
      if (!this.from) {
        this.from = at;
        this.say("hint_link_end");
        this.panel.repaintTop();
        return;
      }
      const from = this.from;
      if (from.edge === at.edge && from.offset_mm === at.offset_mm) {
        this.say("link_same", {}, true);
        return;
      }
      const metres = QH.whatIf.metres(from, at);
      this.take(null);
      this.panel.plan.add([{
        what: "link", from, to: at, length_mm: Math.max(1, Math.round(metres * 1000)),
      }]);
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Tools = Tools;
})();
