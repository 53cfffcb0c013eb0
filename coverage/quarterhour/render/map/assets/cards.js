// Tooltips and detail cards, built from elements; no data is ever parsed as markup.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});

  const ASKED = 200; // places of a symbol that are asked for one by one

  function join(...parts) { return QH.text.el("span", "", parts); }

  function card(title, rows, kind) {
    const T = QH.text;
    const list = T.el("dl");
    for (const [label, value] of rows) {
      list.appendChild(T.el("dt", "", label));
      list.appendChild(T.el("dd", "", value));
    }
    return T.el("div", "qh-card", [
      kind ? T.el("p", "qh-kind", kind) : null, T.el("h3", "", title), list,
    ]);
  }

  // Also in the state that is shown, where it opens or closes there.
  function status(app, service, row) {
    const T = QH.text, state = app.stages.state(), own = app.data.services[state.at] === service;
    const view = own && !app.compare.on ? state.view : null, it = service.facilities[row];
    const opens = view && view.opened.indexOf(row) >= 0;
    const gone = view && state.kind === "year" && view.closed.indexOf(row) >= 0;
    const now = T.word("facility_" + it.status);
    if (!opens && !gone) return now;
    return join(T.word(opens ? "facility_used" : "facility_closes"), " · ", T.pair(...state.name),
      T.el("small", "qh-was", [" ", T.word("today"), ": ", now]));
  }

  function facility(app, service, row) {
    const T = QH.text, it = service.facilities[row];
    const rows = [];
    if (it.kind) rows.push([T.word("kind"), it.kind]);
    rows.push([T.word("status"), status(app, service, row)]);
    for (const [zh, en, n] of it.reached) {
      const label = app.data.unit === "people" ? T.after("reached", zh, en) : T.word("reached");
      rows.push([label, T.measured(n)]);
    }
    if (it.link !== null) {
      rows.push([T.word("link_m"), join(T.count(it.link), " ", T.word("metres"))]);
    }
    if (it.position !== "own") rows.push([T.word("position"), T.word("position_" + it.position)]);
    for (const { plan } of QH.sites.drops(app, app.data.services.indexOf(service), row)) {
      rows.push([T.pair(plan.label[0], plan.label[1]), T.word("site_closed")]);
    }
    return card(it.name || T.word("unnamed"), rows, service.name);
  }

  function reasonKey(app, dots, i) {
    const key = app.data.reasons[dots.reason[i]];
    return key === "unlinked" ? "no_road" : key;
  }

  // Why a place is not covered; where its time is known in a state, as it is there.
  function reasonIn(app, dots, i, told) {
    if (!told) return reasonKey(app, dots, i);
    if (!told.beyond) return "far";
    return isNaN((dots.today || dots).minutes[i]) ? reasonKey(app, dots, i) : "beyond_limit";
  }

  // Minutes and nearest facility in a state or a trial, and those of today where they are others.
  function toldRows(told, service, dots, i) {
    const T = QH.text, say = (minutes, name) => join(T.minutes(minutes), " ", T.word("minutes"), name ? " · " : "", name || "");
    const listed = dots.today || dots, was = listed.minutes[i], near = service.facilities[listed.nearest[i]];
    const rows = [[T.word("to_nearest"), told.beyond ? T.word("walk_beyond") :
      say(told.minutes, told.to.name || T.word("unnamed"))]];
    const same = told.beyond ? isNaN(was) : Math.abs(was - told.minutes) < 0.06;
    if (!same) rows.push([T.word("today"), isNaN(was) ? T.word("walk_beyond") : say(was, near && near.name)]);
    return rows;
  }

  function nearestRows(service, dots, i, told) {
    if (told) return toldRows(told, service, dots, i);
    const T = QH.text, rows = [];
    if (!isNaN(dots.minutes[i])) {
      rows.push([T.word("to_nearest"), join(T.minutes(dots.minutes[i]), " ", T.word("minutes"))]);
    }
    const near = service.facilities[dots.nearest[i]];
    if (near) rows.push([T.word("nearest"), near.name || T.word("unnamed")]);
    return rows;
  }

  // People of places, with a word where these are rounded.
  function people(app, amount) {
    const T = QH.text, told = T.measured(amount);
    if (app.data.rounding) told.appendChild(T.el("small", "qh-was", [" ", T.word("rounded_place")]));
    return told;
  }

  function kindOf(what) {
    return {
      unlinked: "unlinked", covered: "covered_place", gained: "stage_gained", lost: "stage_lost",
    }[what] || "uncovered_place";
  }

  const left = (what) => what === "uncovered" || what === "unlinked";

  function place(app, service, dots, i, found) {
    const told = QH.reach.other(app, found) ? QH.reach.tell(app, found, i) : null;
    const what = found.what !== "place" ? found.what : told && told.inside ? "covered" : "uncovered";
    const T = QH.text, title = people(app, dots.amount[i]);
    const rows = app.data.unit === "people" ? [[T.word("group"), T.pair(service.group[0], service.group[1])]] : [];
    rows.push(...nearestRows(service, dots, i, told));
    // beyond the cutoff: the minutes say so, and leave room for the walk
    if (left(what) && (!told || told.beyond)) rows.push([T.word("reason"), T.word(reasonIn(app, dots, i, told))]);
    return card(title, rows, T.word(kindOf(what)));
  }

  // Minutes and nearest facility of each of several places, in their state where it is known.
  function timesOf(app, dots, members, found) {
    const { facilities } = app.data.services[found.service];
    const asked = members.length <= ASKED && QH.reach.other(app, found);
    return members.map((i) => {
      const told = asked ? QH.reach.tell(app, found, i) : null;
      const reason = reasonIn(app, dots, i, told);
      if (told && told.beyond) return [NaN, null, reason];
      if (told) return [told.minutes, { key: told.to.at.join(), name: told.to.name }, reason];
      const near = facilities[dots.nearest[i]];
      return [dots.minutes[i], near ? { key: near.at.join(), name: near.name } : null, reason];
    });
  }

  // Several places that are drawn as one.
  function gathered(app, service, dots, members, found) {
    const { what } = found, times = timesOf(app, dots, members, found);
    const T = QH.text, total = members.reduce((sum, i) => sum + dots.amount[i], 0);
    const rows = app.data.unit === "people" ? [[T.word("group"), T.pair(service.group[0], service.group[1])]] : [];
    rows.push([T.word("places"), T.count(members.length)]);
    const minutes = times.map((it) => it[0]).filter((m) => !isNaN(m));
    if (minutes.length) {
      const low = T.minutes(Math.min(...minutes)), high = T.minutes(Math.max(...minutes));
      rows.push([
        T.word("to_nearest"), join(low === high ? low : low + "–" + high, " ", T.word("minutes")),
      ]);
    }
    const near = Array.from(new Map(times.map((it) => [it[1] && it[1].key, it[1]])).values());
    if (near.length === 1 && near[0]) rows.push([T.word("nearest"), near[0].name || T.word("unnamed")]);
    const reasons = !left(what) ? [] : Array.from(new Set(times.map((it) => it[2]))).sort();
    reasons.forEach((key) => rows.push([T.word("reason"), T.word(key)]));
    return card(people(app, total), rows, T.word(kindOf(what)));
  }

  // In another state also how it is today, where that is otherwise.
  function area(app, service, i, state) {
    const T = QH.text, now = service.residential, then = state && state.view;
    const areas = then ? then.residential : now, status = (it) => T.word(app.data.statuses[it.status[i]]);
    const rows = [[T.word("status"), status(areas)]];
    if (then) rows[0][1] = join(status(areas), " · ", T.pair(state.name[0], state.name[1]));
    if (then && now.status[i] !== areas.status[i]) rows.push([T.word("today"), status(now)]);
    if (areas.share[i] !== null && app.data.statuses[areas.status[i]] !== "unlinked") {
      rows.push([T.word("share_inside"), T.percent(areas.share[i])]);
    }
    if (areas.tenths[i]) {
      rows.push([
        T.word("median_minutes"),
        join(T.minutes((areas.tenths[i] - 1) / 10), " ", T.word("minutes")),
      ]);
    }
    return card(now.name[i] || T.word("unnamed"), rows, T.word("residential_one"));
  }

  // A gap; whole with its evidence, else a glance.
  function gap(app, gaps, row, whole) {
    const T = QH.text, service = app.service(), rows = [];
    const who = app.data.unit === "people" ?
      T.pair(service.group[0], service.group[1]) : T.word("uncovered");
    rows.push([who, T.measured(gaps.people[row])]);
    if (whole && gaps.everyone[row] !== null) {
      rows.push([T.word("all"), T.measured(gaps.everyone[row])]);
    }
    if (gaps.tenths[row]) {
      const minutes = T.minutes((gaps.tenths[row] - 1) / 10);
      rows.push([T.word("to_nearest"), join(minutes, " ", T.word("minutes"))]);
      if (whole) {
        rows.push([T.word("walk"), join(T.count(gaps.metres[row]), " ", T.word("metres"))]);
        rows.push([T.word("nearest"), gaps.nearest[row] || T.word("unnamed")]);
      }
    }
    const [zh, en] = gaps.reasons[gaps.reason[row]];
    rows.push([T.word("reason"), T.pair(zh, en)]);
    const title = T.el("span", "", [
      T.el("b", "qh-number", String(row + 1)), " ", T.pair(gaps.name[row][0], gaps.name[row][1]),
    ]);
    const out = card(title, rows, join(T.word("gap_one"), " · ", service.name));
    if (!whole) return out;
    const told = gaps.told[row];
    if (told) out.appendChild(T.el("p", "qh-told", T.pair(told[0], told[1])));
    else if (gaps.tenths[row]) out.appendChild(T.el("p", "qh-told", T.word("gap_no_route")));
    return out;
  }

  QH.gapCard = (app, row) => gap(app, app.gapList.gaps(), row, true);

  // What a found thing says.
  QH.card = function (app, found) {
    const service = app.data.services[found.service], T = QH.text;
    if (found.what === "site") {
      return card(QH.sites.title(app, found), QH.sites.facts(app, found),
        join(T.word("site_one"), " · ", service.name));
    }
    if (found.what === "added") {
      return card(QH.added.title(app, found), QH.added.facts(app, found), service.name);
    }
    if (found.what === "gap") return gap(app, app.gapsOf(found), found.row, false);
    if (found.what === "facility") return facility(app, service, found.row);
    if (found.what === "area") return area(app, service, found.row, app.stateOf(found));
    const dots = QH.reach.dotsOf(app, found), row = QH.route.rowOf(dots, found);
    return row >= 0 ? place(app, service, dots, row, found) :
      gathered(app, service, dots, dots.levels.level(found.times).members[found.row], found);
  };
})();
