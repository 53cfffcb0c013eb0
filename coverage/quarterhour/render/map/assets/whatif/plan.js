// What the reader has changed, as steps that can be taken back. Nothing here draws or computes.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MOST = 400; // a drag is followed at once with so many

  const EMPTY = { items: [], terms: {} };

  // An item is one line of the list:
  //   add    {service, name, at, from}        at: position with lat and lon; from: row it was moved from
  //   close  {service, row}
  //   cut    {at}
  //   link   {from, to, length_mm}
  // terms: by service {speed_mmph, cutoff_ms}
  class Plan {
    constructor(changed) {
      this.now = EMPTY;
      this.past = [];
      this.future = [];
      this.changed = changed;
      this.last = 0;
    }

    // `merge`: a step of the same kind as the one before, such as a key held down, is one step.
    set(next, merge) {
      if (!merge || merge !== this.merging) this.past.push(this.now);
      this.merging = merge || null;
      this.future = [];
      this.now = next;
      this.changed();
    }

    // The last step as if it had not been made.
    takeBack() {
      this.now = this.past.pop() || EMPTY;
      this.merging = null;
      this.changed();
    }

    undo() { this.step(this.past, this.future); }
    redo() { this.step(this.future, this.past); }

    step(from, to) {
      if (!from.length) return;
      to.push(this.now);
      this.now = from.pop();
      this.merging = null;
      this.changed();
    }

    reset() { if (this.active()) this.set(EMPTY); }

    active() { return this.now.items.length > 0 || Object.keys(this.now.terms).length > 0; }

    full() { return this.now.items.length >= MOST; }

    find(id) { return this.now.items.find((it) => it.id === id) || null; }

    // Items of several kinds at once, such as a file that was read, are one step.
    add(items, terms) {
      const made = items.map((it) => Object.assign({}, it, { id: ++this.last }));
      this.set({
        items: this.now.items.concat(made),
        terms: terms ? Object.assign({}, this.now.terms, terms) : this.now.terms,
      });
      return made;
    }

    change(id, values, merge) {
      this.set({
        items: this.now.items.map((it) => (it.id === id ? Object.assign({}, it, values) : it)),
        terms: this.now.terms,
      }, merge && merge + id);
    }

    remove(id) {
      this.set({ items: this.now.items.filter((it) => it.id !== id), terms: this.now.terms });
    }

    // `terms` null: those of today.
    setTerms(service, terms, merge) {
      const all = Object.assign({}, this.now.terms);
      if (terms) all[service] = terms;
      else delete all[service];
      this.set({ items: this.now.items, terms: all }, merge && merge + service);
    }

    // The names already used are not used again.
    nextName() {
      const taken = new Set(this.now.items.map((it) => it.name));
      for (let n = 1; ; n++) {
        const name = QH.whatIf.text("pin_new", { n });
        if (!taken.has(name)) return name;
      }
    }

    ofService(service, kind) {
      return this.now.items.filter((it) => it.what === kind && it.service === service);
    }

    // Facilities of a service that do not serve in the trial.
    closedRows(service) {
      const moved = this.ofService(service, "add").filter((it) => it.from !== null);
      return this.ofService(service, "close").map((it) => it.row).concat(moved.map((it) => it.from));
    }

    // The item that closed or moved a facility, null where it serves.
    closerOf(service, row) {
      return this.now.items.find((it) => it.service === service &&
        ((it.what === "close" && it.row === row) || (it.what === "add" && it.from === row))) || null;
    }
  }

  Plan.MOST = MOST;
  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Plan = Plan;

  // Metres between two places on the ellipsoid of WGS-84, for distances within a city.
  QH.whatIf.metres = function (a, b) {
    const axis = 6378137, e2 = 0.0066943799901413165, turn = Math.PI / 180;
    const middle = ((a.lat + b.lat) / 2) * turn, w = 1 - e2 * Math.sin(middle) * Math.sin(middle);
    const north = (axis * (1 - e2)) / (w * Math.sqrt(w)) * (b.lat - a.lat) * turn;
    const east = (axis / Math.sqrt(w)) * Math.cos(middle) * (b.lon - a.lon) * turn;
    return Math.hypot(north, east);
  };

  // A word of the table with its gaps filled, as one line in the language that the reader sees.
  function put(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
  }

  function pairOf(key) { return QH.app ? QH.app.data.words[key] : QH.whatIf.words[key]; }

  QH.whatIf.text = function (key, values) {
    const [zh, en] = pairOf(key), now = document.documentElement.dataset.language;
    return put(now === "en" ? en : zh, values || {});
  };

  // The same as an element with both languages where the page has both. A value may be a pair.
  QH.whatIf.told = function (key, values) {
    const [zh, en] = pairOf(key), pick = (at) => {
      const out = {};
      for (const name of Object.keys(values || {})) {
        out[name] = Array.isArray(values[name]) ? values[name][at] : values[name];
      }
      return out;
    };
    const one = put(en, pick(1)).replace(/(^|[^\d.,])1 people\b/g, "$11 person");
    return QH.text.pair(put(zh, pick(0)), one);
  };
})();
