// Changes as GeoJSON: written for `quarterhour run` and for this page, read with distrust.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MOST_MB = 5;
  const NAME = 80;
  const APART_M = 30; // drawn streets are simplified
  const PLAIN = /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufeff]/g;

  const point = (at) => ({ type: "Point", coordinates: [at.lon, at.lat] });

  function write(panel) {
    const model = panel.model, data = panel.app.data, plan = panel.plan.now, features = [];
    const add = (geometry, properties) => features.push({ type: "Feature", geometry, properties });
    for (const it of plan.items) {
      const service = it.service === undefined ? undefined : model.services[it.service].name;
      if (it.what === "add") {
        const mark = it.from === null ? null : data.services[it.service].facilities[it.from];
        const from = !mark ? {} : {
          moved_from: it.from, moved_name: mark.name, moved_lon: mark.at[1], moved_lat: mark.at[0],
        };
        add(point(it.at), Object.assign({
          quarterhour: "facility", name: it.name, service, number: it.service, edge: it.at.edge,
          offset_mm: it.at.offset_mm, access_mm: it.at.access_mm, network: model.network.key,
        }, from));
      } else if (it.what === "close") {
        const mark = data.services[it.service].facilities[it.row];
        add({ type: "Point", coordinates: [mark.at[1], mark.at[0]] }, {
          quarterhour: "close_facility", name: mark.name, service, number: it.service,
          facility: it.row,
          network: model.network.key,
        });
      } else if (it.what === "cut") {
        add(point(it.at), {
          quarterhour: "cut", edge: it.at.edge, offset_mm: it.at.offset_mm,
          network: model.network.key,
        });
      } else {
        add({
          type: "LineString",
          coordinates: [[it.from.lon, it.from.lat], [it.to.lon, it.to.lat]],
        }, {
          quarterhour: "link", from_edge: it.from.edge, from_offset_mm: it.from.offset_mm,
          to_edge: it.to.edge, to_offset_mm: it.to.offset_mm, length_mm: it.length_mm,
          network: model.network.key,
        });
      }
    }
    const terms = Object.keys(plan.terms).map((k) => Object.assign(
      { service: model.services[k].name, number: Number(k) }, plan.terms[k]
    ));
    return JSON.stringify({
      type: "FeatureCollection",
      quarterhour: {
        format: 1, network: model.network.key, title: data.title,
        study: (document.querySelector(".qh-key") || {}).textContent || "", terms,
      },
      features,
    }, null, 1) + "\n";
  }

  function save(panel) {
    const blob = new Blob([write(panel)], { type: "application/geo+json" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = "quarterhour-what-if.geojson";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
  const text = (value) => (typeof value === "string" ? value.replace(PLAIN, " ").trim().slice(0, NAME) : "");

  function degrees(value) {
    return Array.isArray(value) && value.length >= 2 && typeof value[0] === "number" &&
      typeof value[1] === "number" && Math.abs(value[0]) <= 180 && Math.abs(value[1]) <= 90 ?
      { lon: value[0], lat: value[1] } : null;
  }

  class Reader {
    constructor(panel, sent) {
      this.panel = panel;
      this.model = panel.model;
      this.same = Boolean(sent.quarterhour) && sent.quarterhour.network === panel.model.network.key;
      this.items = [];
      this.linked = 0;
      this.left = this.again = 0;
    }

    // The exact position of the file where it is of this network, else the nearest street.
    position(at, edge, offset, access) {
      const net = this.model.network;
      if (this.same && whole(edge, 0, net.length_mm.length - 1) &&
          whole(offset, 0, net.length_mm[edge]) && whole(access, 0, 1e7) &&
          this.near(at, edge, offset, access)) {
        return { edge, offset_mm: offset, access_mm: access, lat: at.lat, lon: at.lon, exact: true };
      }
      const found = this.model.link(this.service === undefined ? 0 : this.service, at.lat, at.lon);
      if (!found || found.edge === undefined) return null;
      return {
        edge: found.edge, offset_mm: found.offset_mm, access_mm: found.access_mm,
        lat: at.lat, lon: at.lon, on: found.on, exact: false,
      };
    }

    // Whether the position is where the map would draw it: else the degrees are believed.
    near(at, edge, offset, access) {
      const there = this.panel.streets.degrees(edge, offset);
      const metres = QH.whatIf.metres(at, there);
      return Math.abs(metres - access / 1000) <= APART_M;
    }

    // Where a feature names no service it is for the one that is shown; services for other walkers
    // have the same name and another number.
    serviceOf(given, number) {
      const names = this.model.services.map((it) => it.name), at = this.panel.app.at;
      if (given === undefined || given === null) return at;
      if (this.same && whole(number, 0, names.length - 1) && names[number] === given) return number;
      return names[at] === given ? at : names.indexOf(given);
    }

    feature(it) {
      if (!it || typeof it !== "object" || !it.geometry) return false;
      const p = it.properties && typeof it.properties === "object" ? it.properties : {};
      const kind = p.quarterhour === undefined ? "facility" : p.quarterhour;
      const c = it.geometry.coordinates;
      this.service = this.serviceOf(p.service, p.number);
      if (this.service < 0) return false;
      if (this.panel.tools.streets && (kind === "link" || kind === "cut")) return false;
      if (kind === "link" && it.geometry.type === "LineString") return this.road(p, c);
      const at = it.geometry.type === "Point" ? degrees(c) : null;
      if (!at) return false;
      if (kind === "facility") return this.facility(p, at);
      if (kind === "close_facility") return this.closing(p, at);
      return kind === "cut" ? this.cut(p, at) : false;
    }

    count(at) {
      if (!at.exact) this.linked += 1;
      const out = Object.assign({}, at);
      delete out.exact;
      return out;
    }

    facility(p, at) {
      // where this walker may not stand, or too far from the street, the degrees are linked anew
      const { walk } = this.model.bench(this.service), most = this.model.services[this.service];
      const fits = walk.linkable[p.edge] && p.access_mm <= most.link_limit_mm;
      const found = this.position(at, fits ? p.edge : -1, p.offset_mm, p.access_mm);
      if (!found) return false;
      const row = this.same && this.panel.serves(this.service, p.moved_from) ? p.moved_from : null;
      const taken = row === null ? null : this.taken(row);
      const same = taken && taken.what === "add" && taken.at.edge === found.edge &&
        taken.at.offset_mm === found.offset_mm;
      if (taken) return same && this.known();
      const name = text(p.name) || text(p["名称"]) || text(p["设施名称"]);
      this.items.push({ what: "add", service: this.service, name, at: this.count(found), from: row });
      return true;
    }

    // What closed or moved a facility already, null where nothing did.
    taken(row) {
      const mine = (it) => it.service === this.service &&
        ((it.what === "close" && it.row === row) || (it.what === "add" && it.from === row));
      return this.items.find(mine) || this.panel.plan.closerOf(this.service, row);
    }

    // Tried already: twice would be another change.
    known() {
      this.again += 1;
      return true;
    }

    closing(p, at) {
      const marks = this.panel.app.data.services[this.service].facilities;
      const near = (mark) => Math.abs(mark.at[0] - at.lat) < 2e-6 && Math.abs(mark.at[1] - at.lon) < 2e-6;
      let row = whole(p.facility, 0, marks.length - 1) && near(marks[p.facility]) ? p.facility : -1;
      if (row < 0) row = marks.findIndex((mark) => mark.name === p.name && near(mark));
      if (!this.panel.serves(this.service, row)) return false;
      const taken = this.taken(row);
      if (taken) return taken.what === "close" && this.known();
      this.items.push({ what: "close", service: this.service, row });
      return true;
    }

    cut(p, at) {
      const found = this.position(at, p.edge, p.offset_mm, 0);
      if (!found) return false;
      const it = this.count(found);
      this.items.push({ what: "cut", at: this.bare(it) });
      return true;
    }

    bare(it) {
      return { edge: it.edge, offset_mm: it.offset_mm, lat: it.on ? it.on[0] : it.lat, lon: it.on ? it.on[1] : it.lon };
    }

    road(p, c) {
      const ends = Array.isArray(c) ? [degrees(c[0]), degrees(c[c.length - 1])] : [];
      if (!ends[0] || !ends[1]) return false;
      const from = this.position(ends[0], p.from_edge, p.from_offset_mm, 0);
      const to = this.position(ends[1], p.to_edge, p.to_offset_mm, 0);
      if (!from || !to || (from.edge === to.edge && from.offset_mm === to.offset_mm)) return false;
      const exact = from.exact && to.exact && whole(p.length_mm, 1, 1e8);
      const metres = QH.whatIf.metres(from, to);
      if (!exact) this.linked += 1;
      this.items.push({
        what: "link", from: this.bare(from), to: this.bare(to),
        length_mm: exact ? p.length_mm : Math.max(1, Math.round(metres * 1000)),
      });
      return true;
    }

    terms(sent) {
      const out = {}, given = sent.quarterhour && Array.isArray(sent.quarterhour.terms) ?
        sent.quarterhour.terms : [];
      for (const it of given.slice(0, 50)) {
        if (!it || typeof it !== "object") continue;
        const own = this.model.services[it.number];
        if (!own || own.name !== it.service) continue;
        const found = this.panel.checkTerms(it.number, it);
        const now = this.panel.plan.now.terms[it.number];
        if (found && now && now.cutoff_ms === found.cutoff_ms && now.speed_mmph === found.speed_mmph) this.known();
        else if (found) out[it.number] = found;
      }
      return out;
    }
  }

  // What makes two changes the same.
  function sameAs(it) {
    const spot = (at) => at && [at.edge, at.offset_mm];
    const from = it.what === "link" ? spot(it.from) : it.from;
    return JSON.stringify([it.what, it.service, it.row, spot(it.at), from, spot(it.to)]);
  }

  // Takes over what can be used; a file that makes no sense gives one sentence.
  function read(panel, content) {
    let sent = null;
    try {
      sent = JSON.parse(content.replace(/^\ufeff/, ""));
    } catch (error) {
      return panel.say("files_wrong", {}, true);
    }
    if (!sent || sent.type !== "FeatureCollection" || !Array.isArray(sent.features)) {
      return panel.say("files_wrong", {}, true);
    }
    const reader = new Reader(panel, sent), Plan = QH.whatIf.Plan;
    const room = Plan.MOST - panel.plan.now.items.length;
    const known = new Set(panel.plan.now.items.map(sameAs));
    for (const feature of sent.features.slice(0, 5000)) {
      const before = reader.items.length;
      if (before >= room || !reader.feature(feature)) reader.left += 1;
      else if (reader.items.length > before) {
        const made = reader.items[before], key = sameAs(made);
        if (known.has(key)) {
          reader.items.pop();
          reader.known();
        } else if (made.what !== "add") known.add(key); // two facilities may have one place
      }
    }
    const terms = reader.terms(sent), nTerms = Object.keys(terms).length;
    const n = reader.items.length + nTerms;
    if (!n && reader.again) return panel.say("files_again", { n: reader.again }, true);
    if (!n) return panel.say(sent.features.length ? "files_none" : "files_wrong", {}, true);
    const names = new Set();
    for (const it of reader.items) {
      if (it.what !== "add" || it.name) continue;
      it.name = QH.whatIf.text("pin_new", { n: panel.plan.last + names.size + 1 });
      names.add(it.name);
    }
    panel.plan.add(reader.items, terms);
    panel.sayAll([
      ["files_done", { n }],
      reader.linked ? ["files_linked", { n: reader.linked }] : null,
      reader.again ? ["files_again", { n: reader.again }] : null,
      reader.left ? ["files_left", { n: reader.left }] : null,
    ]);
    panel.showAll();
    return null;
  }

  function take(panel, file) {
    if (!file) return;
    if (file.size > MOST_MB * 1e6) {
      panel.say("files_large", { n: MOST_MB }, true);
      return;
    }
    const reader = new FileReader();
    reader.onload = () => read(panel, String(reader.result));
    reader.onerror = () => panel.say("files_wrong", {}, true);
    reader.readAsText(file);
  }

  // Buttons, and files dropped on the panel or on the map.
  function bind(panel) {
    const input = document.getElementById("qh-wi-file");
    document.getElementById("qh-wi-export").addEventListener("click", () => save(panel));
    document.getElementById("qh-wi-import").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      take(panel, input.files[0]);
      input.value = "";
    });
    for (const box of [document.getElementById("qh-whatif"), panel.app.map.getContainer()]) {
      box.addEventListener("dragover", (event) => {
        if (!event.dataTransfer || Array.from(event.dataTransfer.types).indexOf("Files") < 0) return;
        event.preventDefault();
        box.classList.add("qh-dropping");
      });
      box.addEventListener("dragleave", () => box.classList.remove("qh-dropping"));
      box.addEventListener("drop", (event) => {
        box.classList.remove("qh-dropping");
        if (!event.dataTransfer || !event.dataTransfer.files.length) return;
        event.preventDefault();
        take(panel, event.dataTransfer.files[0]);
      });
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.files = { write, read, bind };
})();
