// What several things under one symbol are: how many of each kind, and a list from which one is
// chosen. A place that is chosen shows its own walk.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const STATUSES = ["used", "planned", "unlinked"];
  const FIRST = 40; // members listed; zooming in parts the others

  function count(n) { return QH.text.el("span", "qh-count", QH.text.count(n)); }

  // [symbol, words, number] by kind, else by status.
  function parts(service, rows) {
    const T = QH.text, S = QH.symbols, out = [];
    const size = (of) => rows.filter(of).length;
    service.kinds.forEach((kind, k) => {
      const n = size((row) => service.kind_of[row] === k);
      if (n) out.push([S.facility(kind.shape, service.colour, "used", 18), T.pair(...kind.name), n]);
    });
    const present = STATUSES.filter((status) => size((row) => service.facilities[row].status === status));
    if (out.length && present.length < 2) return out;
    const shape = out.length ? "circle" : service.shape;
    for (const status of present) {
      const n = size((row) => service.facilities[row].status === status);
      const tone = out.length && service.kinds.length ? "#5B666E" : service.colour;
      out.push([S.facility(shape, tone, status, 18), T.word("facilities_" + status), n]);
    }
    return out;
  }

  // Facilities that are drawn as one; `whole`: with the list of all.
  function facilities(app, found, whole) {
    const T = QH.text, service = app.data.services[found.service], n = found.rows.length;
    const list = T.el("ul", "qh-sorts", parts(service, found.rows).map(([sign, words, many]) =>
      T.el("li", "", [T.el("span", "qh-swatch", sign), T.el("span", "", words), count(many)])));
    const out = T.el("div", "qh-card", [
      T.el("p", "qh-kind", service.name), T.el("h3", "", T.pair(T.count(n) + " 处设施", T.count(n) + " facilities")), list,
    ]);
    if (!whole) return out;
    out.appendChild(buttons(found.rows.map((row) => {
      const it = service.facilities[row], kind = QH.symbols.kindOf(service, row);
      return {
        sign: QH.symbols.facilityOf(service, row, it.status, 18), name: it.name || T.word("unnamed"),
        more: kind ? T.pair(...kind.name) : null, at: L.latLng(it.at),
        found: { what: "facility", service: found.service, row, back: found },
      };
    }), app, found));
    return out;
  }

  // The places of a symbol, most people first; null where it stands for one.
  function rowsOf(app, found) {
    if (found.times === undefined || found.what === "place") return null;
    const members = app.dotsOf(found).levels.level(found.times).members;
    return members && members[found.row].length > 1 ? members[found.row] : null;
  }

  function places(app, found, rows) {
    const T = QH.text, dots = app.dotsOf(found), service = app.data.services[found.service];
    const order = rows.slice().sort((a, b) => dots.amount[b] - dots.amount[a] || a - b);
    return buttons(order.map((i) => {
      const told = QH.reach.other(app, found) ? QH.reach.tell(app, found, i) : null;
      const near = told ? told.to : service.facilities[dots.nearest[i]];
      const ms = told ? told.minutes : dots.minutes[i];
      const minutes = !(ms >= 0) ? null : T.el("span", "", [T.minutes(ms) + " ", T.word("minutes")]);
      return {
        name: T.el("span", "", [T.amount(dots.amount[i]) + " ", T.word(app.data.unit),
          app.data.rounding ? T.el("small", "qh-was", [" ", T.word("rounded_place")]) : ""]),
        more: T.el("span", "", [minutes, minutes && near ? " · " : "", near ? near.name : ""]),
        at: L.latLng(dots.lat[i], dots.lon[i]),
        found: { what: found.what, service: found.service, row: i, times: 1, state: found.state, back: found },
      };
    }), app, found);
  }

  // The keyboard goes from one to the next with the arrow keys as with Tab. No click goes on to the
  // map: the card that it came from is gone by then, and the map would take it for one of its own.
  function buttons(items, app, parent) {
    const T = QH.text, shown = items.slice(0, FIRST), list = T.el("ul", "qh-members");
    shown.forEach(({ sign, name, more, at, found }) => {
      const button = T.el("button", "", [
        sign ? T.el("span", "qh-swatch", sign) : null,
        T.el("span", "", [T.el("b", "", name), more ? T.el("small", "", more) : null]),
      ]);
      button.type = "button";
      button.addEventListener("click", (event) => {
        event.stopPropagation();
        found.back.at = app.popup.getLatLng();
        app.select(found, at, app.opener || app.map.getContainer());
      });
      button.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const all = Array.from(list.querySelectorAll("button"));
        const next = all[all.indexOf(button) + step];
        if (next) next.focus();
      });
      list.appendChild(T.el("li", "", button));
    });
    const out = T.el("div", "qh-choose", [
      T.el("p", "qh-kind", T.word(parent.what === "facilities" ? "members_facility" : "members_place")), list,
    ]);
    if (items.length > FIRST) {
      out.appendChild(T.el("p", "qh-kind", [
        T.el("span", "", "+" + T.count(items.length - FIRST) + " "), T.word("members_more"),
      ]));
    }
    return out;
  }

  // Back to the symbol from which one of several was chosen.
  function back(app, found) {
    const T = QH.text, out = T.el("button", "qh-link", ["‹ ", T.word("members_back")]);
    out.type = "button";
    out.addEventListener("click", (event) => {
      event.stopPropagation();
      app.select(found.back, found.back.at, app.opener || app.map.getContainer());
    });
    return out;
  }

  // Which walk the map shows for a place, and the way to its gap.
  function walk(app, found, shown) {
    const T = QH.text, dots = QH.reach.dotsOf(app, found), out = [];
    const single = !rowsOf(app, found), state = app.stateOf(found), trial = app.whatIf;
    if (shown) {
      const near = shown.to;
      out.push(T.el("p", "qh-walk", [
        QH.symbols.swatch.line("#20262B", 3),
        T.el("span", "", [T.word("walk_own"), " ", T.el("b", "", [T.count(shown.metres[0]), " ", T.word("metres")]),
          near && near.name ? T.el("span", "", [" → ", near.name]) : ""]),
      ]));
    } else if (single && found.what !== "unlinked") {
      const row = QH.route.rowOf(dots, found), told = QH.reach.tell(app, found, row);
      const walks = told ? !told.beyond : (dots.today || dots).minutes[row] >= 0;
      const lost = trial && trial.ready && state && state.view && !QH.rebuilt.of(app, state);
      const why = trial && !trial.ready ? "walk_wait" : lost ? "walk_state" : "walk_none";
      if (walks) out.push(T.el("p", "qh-kind", T.word(why)));
    }
    if (!(found.gap >= 0)) return out;
    const name = app.gapsOf(found).name[found.gap];
    const button = T.el("button", "qh-link", [
      T.word("gap_in"), " ", T.el("b", "qh-number", String(found.gap + 1)), " ", T.pair(name[0], name[1]), " ›",
    ]);
    button.type = "button";
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      app.gapList.choose(found.gap, { opener: app.opener, state: found.state });
    });
    out.push(button);
    return out;
  }

  // What stands below the card of what was chosen.
  function extend(app, card, found, shown) {
    if (found.times !== undefined) {
      const rows = rowsOf(app, found);
      walk(app, found, shown).forEach((part) => card.appendChild(part));
      if (rows) card.appendChild(places(app, found, rows));
    }
    if (found.back) card.appendChild(back(app, found));
    return card;
  }

  QH.members = { facilities, extend, parts };
})();
