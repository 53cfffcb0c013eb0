// Search by name: as it is written, by pinyin, by the initials of pinyin, or mixed.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MOST = 12;
  const NEAR_ZOOM = 16;
  const ORDER = ["facility", "district", "area", "place", "street", "gap"];

  // Characters to the syllables that they may be read as.
  function readingsOf(sent) {
    const out = new Map();
    for (const syllable of Object.keys(sent)) {
      for (const character of Array.from(sent[syllable])) {
        if (!out.has(character)) out.set(character, []);
        out.get(character).push(syllable);
      }
    }
    return out;
  }

  const plain = (text) => text.toLowerCase().replace(/[\s·'’()（）“”"-]+/g, "");

  class Matcher {
    constructor(readings) { this.readings = readings; }

    // Whether the query can be read from the characters from a place on: every character as it is,
    // as a whole syllable, or as its initial; the last syllable may be unfinished.
    from(characters, at, query, done) {
      if (done === query.length) return true;
      if (at === characters.length) return false;
      const c = characters[at], rest = query.length - done;
      if (query.startsWith(c, done) && this.from(characters, at + 1, query, done + c.length)) return true;
      for (const syllable of this.readings.get(c) || []) {
        let same = 0;
        while (same < syllable.length && same < rest && syllable[same] === query[done + same]) same++;
        if (!same) continue;
        if (same === rest) return true;
        if (same === syllable.length && this.from(characters, at + 1, query, done + same)) return true;
        if (this.from(characters, at + 1, query, done + 1)) return true;
      }
      return false;
    }

    // 0 for the best match, larger for worse, -1 for none.
    rank(entry, query) {
      if (entry.english.indexOf(query) >= 0) return entry.english.indexOf(query) ? 3 : 1;
      const found = entry.plain.indexOf(query);
      if (found === 0) return entry.plain.length === query.length ? 0 : 1;
      if (this.from(entry.characters, 0, query, 0)) return 2;
      if (found > 0) return 3;
      for (let at = 1; at < entry.characters.length; at++) {
        if (this.from(entry.characters, at, query, 0)) return 4;
      }
      return -1;
    }
  }

  function entriesOf(app) {
    const data = app.data, out = [], seen = new Set(), areas = new Set();
    // `english`: another name of the same thing.
    const add = (kind, name, told, go, english) => {
      if (!name) return;
      const short = plain(name);
      out.push({
        kind, name, told, go, plain: short, english: plain(english || ""), number: out.length,
        both: [name, english || name], characters: Array.from(short),
      });
    };
    data.services.forEach((service, at) => {
      const named = [service.name, service.name];
      if (!seen.has(service.name)) {
        service.facilities.forEach((it, row) => {
          add("facility", it.name, named, (from) => app.goFacility(at, row, from));
        });
      }
      seen.add(service.name);
      // gaps of the state that is shown, and of other services as they are today
      const places = service.residential, own = at === app.at ? app.stages.state() : null;
      const gaps = own ? QH.gapStates.of(app, own) : service.gaps;
      (places ? places.name : []).forEach((name, row) => {
        if (areas.has(row + name)) return;
        areas.add(row + name);
        add("area", name, null, (from) => app.goArea(row, from));
      });
      for (let row = 0; gaps && row < gaps.n; row++) {
        const rank = service.name + " " + (row + 1), state = own && own.view ? own : null;
        const told = state ? state.name.map((name) => rank + " · " + name) : [rank, rank];
        const [zh, en] = gaps.name[row];
        add("gap", zh, told, (from) => app.goGap(at, row, from, own && own.key), en);
      }
    });
    data.scenarios.forEach((plan, number) => plan.services.forEach((one, at) => {
      one.added.forEach((it, row) => {
        add("facility", it.name, plan.label, (from) => app.added.go(number, at, row, from));
      });
    }));
    app.placeNames.forEach(([, names, kind]) => names.forEach((it) => {
      add(kind === "street" ? "street" : "place", it.name, null, () => app.goName(it));
    }));
    app.districtNames.forEach((it) => {
      add("district", it.name, null, () => app.goDistrict(it.row));
    });
    return out;
  }

  const KIND_WORDS = {
    street: "street", place: "place_name", facility: "facility", district: "district", area: "residential_one", gap: "gap_one",
  };

  QH.Search = class {
    constructor(app) {
      this.app = app;
      this.matcher = new Matcher(readingsOf(app.data.readings));
      this.shown = [];
      this.at = -1;
      this.build();
    }

    find(text) {
      const query = plain(text);
      if (!query) return [];
      const key = this.app.at + " " + this.app.stages.key;
      if (key !== this.entriesAt) this.entries = entriesOf(this.app);
      this.entriesAt = key;
      const found = [];
      for (const entry of this.entries) {
        const rank = this.matcher.rank(entry, query);
        if (rank >= 0) found.push([rank, entry]);
      }
      found.sort((a, b) => a[0] - b[0] ||
        ORDER.indexOf(a[1].kind) - ORDER.indexOf(b[1].kind) ||
        a[1].characters.length - b[1].characters.length || a[1].number - b[1].number);
      this.total = found.length;
      return found.slice(0, MOST).map((it) => it[1]);
    }

    build() {
      const T = QH.text, input = (this.input = T.el("input"));
      input.type = "search";
      input.id = "qh-search-input";
      input.autocomplete = "off";
      input.spellcheck = false;
      input.placeholder = T.plain("search");
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-label", T.plain("search"));
      input.setAttribute("aria-autocomplete", "list");
      input.setAttribute("aria-expanded", "false");
      input.setAttribute("aria-controls", "qh-search-list");
      this.list = T.el("ul");
      this.list.id = "qh-search-list";
      this.list.hidden = true;
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", T.plain("search"));
      this.told = T.el("p", "qh-unseen");
      this.told.setAttribute("role", "status");
      const box = T.el("div", "", [input, this.list, this.told]);
      box.id = "qh-search";
      box.setAttribute("role", "search");
      this.app.stages.bar.insertAdjacentElement("beforebegin", box);
      input.addEventListener("input", () => this.show());
      input.addEventListener("focus", () => { if (input.value) this.show(); });
      input.addEventListener("blur", () => this.hide());
      input.addEventListener("keydown", (event) => this.key(event));
      // the list must not take the keyboard from the field before a result is chosen
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.list.addEventListener("click", (event) => {
        const item = event.target.closest("[role=option]");
        if (item) this.choose(Number(item.dataset.at));
      });
    }

    key(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        if (this.list.hidden) this.show();
        const n = this.shown.length;
        if (n) this.mark(this.at < 0 && step < 0 ? n - 1 : (this.at + step + n) % n);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (this.shown.length && !this.list.hidden) this.choose(Math.max(0, this.at));
      } else if (event.key === "Escape") {
        event.preventDefault(); // a browser would empty the field at once
        event.stopPropagation();
        if (this.list.hidden) this.input.value = "";
        this.hide();
      }
    }

    show() {
      const T = QH.text;
      this.shown = this.find(this.input.value);
      this.at = -1;
      this.list.textContent = "";
      this.input.removeAttribute("aria-activedescendant");
      const asked = this.input.value.trim() !== "";
      this.shown.forEach((entry, at) => {
        const kind = T.el("small", "", [
          T.word(KIND_WORDS[entry.kind]),
          entry.told ? T.el("span", "", [" · ", T.pair(entry.told[0], entry.told[1])]) : null,
        ]);
        const item = T.el("li", "", [T.pair(entry.both[0], entry.both[1]), kind]);
        item.id = "qh-found-" + at;
        item.dataset.at = at;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        this.list.appendChild(item);
      });
      if (asked && !this.shown.length) {
        const none = T.el("li", "qh-none", T.word("search_none"));
        none.setAttribute("role", "presentation");
        this.list.appendChild(none);
      }
      this.list.hidden = !asked;
      this.input.setAttribute("aria-expanded", String(asked));
      this.told.textContent = !asked ? "" : this.shown.length ?
        this.total + " " + T.plain("search_found") : T.plain("search_none");
    }

    hide() {
      this.list.hidden = true;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }

    mark(at) {
      this.at = at;
      Array.from(this.list.children).forEach((item, i) => {
        item.setAttribute("aria-selected", String(i === at));
        if (i === at) item.scrollIntoView({ block: "nearest" });
      });
      this.input.setAttribute("aria-activedescendant", "qh-found-" + at);
    }

    choose(at) {
      const entry = this.shown[at];
      this.input.value = document.documentElement.dataset.language === "en" ? entry.both[1] : entry.name;
      this.hide();
      entry.go(this.input);
    }
  };

  // How an app goes to what was found; `from` gets the keyboard back when the card is closed.
  QH.going = {
    NEAR_ZOOM,
    toService(at) { if (this.at !== at) this.choose(at); },
    look(latlng) {
      this.map.setView(latlng, Math.max(NEAR_ZOOM, this.map.getZoom()), { animate: false });
    },
    goFacility(at, row, from) {
      this.toService(at);
      const it = this.service().facilities[row];
      const kind = this.layers.kindId(this.service(), row);
      this.layers.show("facilities", "facilities-" + it.status, ...(kind ? [kind] : []));
      this.look(it.at);
      this.select({ what: "facility", service: at, row }, L.latLng(it.at), from);
    },
    goArea(row, from) {
      this.layers.show("residential");
      const b = this.service().residential.shapes[row].box;
      const at = QH.decode.latLng((b[0] + b[2]) / 2, (b[1] + b[3]) / 2);
      this.look(at);
      this.select({ what: "area", service: this.at, row }, L.latLng(at), from);
    },
    // `state`: the key of the state whose gap it is, else today's.
    goGap(at, row, from, state) {
      this.toService(at);
      this.compare.close();
      this.stages.choose(state || "today");
      this.gapList.choose(row, { opener: from });
    },
    goName(it) {
      this.layers.show("names");
      this.look([it.lat, it.lon]);
    },
    goDistrict(row) {
      this.layers.show("districts");
      const shape = this.districts[row];
      if (shape && shape.rings.length) {
        const b = shape.box, D = QH.decode;
        this.map.fitBounds([D.latLng(b[0], b[3]), D.latLng(b[2], b[1])], { animate: false });
      } else {
        this.look(this.data.districts.at[row]);
      }
    },
  };
})();
