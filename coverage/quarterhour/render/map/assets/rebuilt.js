// Other states of a service, made again by the page's own model: other facilities, streets or another
// walker, or what is being tried. A state of the study counts only where the sum of all its
// milliseconds is the study's own; places of which that is not known have no time in it.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const WEIGHTS = 1009; // as in whatif.answers
  const KEPT = 4;

  // The trial, where it is what the map shows of a state.
  function trialOf(app, state) {
    const trial = app.whatIf;
    return trial && trial.ready && !state.view && state.at === app.at && !trial.drag &&
      trial.plan.active() && trial.shows() ? trial : null;
  }

  function facilityOf(app, k, row) {
    const it = app.data.services[k].facilities[row];
    return { row, name: it.name, at: it.at, link_m: it.link };
  }

  function today(app, k) {
    const { model } = app.whatIf;
    return {
      key: "today", model, k, at: k, state: QH.reach.stateOf(app, k), apart: null, roads: [],
      to: (who) => facilityOf(app, k, model.services[k].facilities[who].mark),
    };
  }

  function tried(app, trial, k) {
    const { model, plan, sums } = trial, own = model.services[k].facilities.length;
    const pins = plan.ofService(k, "add"), links = plan.now.items.filter((it) => it.what === "link");
    return {
      key: plan.now, model, k, at: k, state: sums.now(k), apart: null,
      roads: links.map((it) => ({ shape: [[it.from.lat, it.from.lon], [it.to.lat, it.to.lon]] })),
      to(who) {
        if (who < own) return facilityOf(app, k, model.services[k].facilities[who].mark);
        const it = pins[who - own];
        return { row: -1, name: it.name, at: [it.at.lat, it.at.lon], link_m: (it.at.access_mm || 0) / 1000 };
      },
    };
  }

  // Where facilities are entered in a state, in the study's order.
  function gates(sent, service) {
    const [owner, edge, offset, access] = service.sent.gates, shut = new Set(sent.shut);
    const rows = sent.more.slice();
    owner.forEach((who, i) => {
      if (!shut.has(who)) rows.push([who, edge[i], offset[i], access[i]]);
    });
    return rows.map((row, i) => [row, i]).sort((a, b) => a[0][0] - b[0][0] || a[1] - b[1]).map((it) => it[0]);
  }

  const end = ([edge, at]) => (edge < 0 ? { fresh: at } : { edge, offset_mm: at, access_mm: 0 });

  // What the model is asked; every facility is a pin, so that equal times go to the first of them.
  function options(sent, rows, n) {
    const out = {
      closed: Array.from({ length: n }, (none, i) => i), limit_ms: sent.limit,
      pins: rows.map(([, edge, offset_mm, access_mm]) => ({ edge, offset_mm, access_mm })),
      cuts: (sent.cuts || []).map(([edge, offset_mm]) => ({ edge, offset_mm, access_mm: 0 })),
      links: (sent.roads || []).map((road) => ({
        from: end(road.from), to: end(road.to), length_mm: road.mm, kind: road.kind, rank: road.rank,
        pieces: road.pieces, waits: road.waits,
      })),
      parts: sent.parts,
    };
    if (sent.cutoff !== undefined) out.cutoff_ms = sent.cutoff;
    return out;
  }

  function running(steps) {
    let at = 0;
    return new Set(steps.map((step) => (at += step)));
  }

  function same(sent, ms, apart) {
    let n = 0, sum = 0;
    for (let p = 0; p < ms.length; p++) {
      if (ms[p] < 0 || apart.has(p)) continue;
      n += 1;
      sum += ((p % WEIGHTS) + 1) * (ms[p] + 1);
    }
    return n === sent.n && sum === sent.sum;
  }

  // What a facility that today's map does not have is called: a site of a proposal, or one added.
  function ownOf(view, at) {
    const here = (it) => it.at[0] === at[0] && it.at[1] === at[1];
    const site = (view.sites || []).find(here), more = view.spots.find(here);
    return site ? QH.text.pair(site.name[0], site.name[1]) : more ? more.name : "";
  }

  function make(app, state) {
    const k = state.at, sent = state.view.walk, whole = app.whatIf.model;
    const model = sent.walker ? whole.guest(k, sent.walker, sent.inside) : whole;
    const at = sent.walker ? 0 : k, service = model.services[at], n = service.facilities.length;
    const rows = gates(sent, service), apart = running(sent.apart);
    const found = model.state(at, options(sent, rows, n));
    if (!same(sent, found.ms, apart)) return null;
    return {
      key: state.key, model, k, at, state: found, apart, roads: sent.roads || [],
      to(source) {
        const [who, , , access] = rows[source - n];
        if (who < n) return Object.assign(facilityOf(app, k, service.facilities[who].mark), { link_m: access / 1000 });
        const spot = sent.own[who - n];
        return { row: -1, name: ownOf(state.view, spot), at: spot, link_m: access / 1000 };
      },
    };
  }

  // {model, at: number of the service there, state, to(source), ...} of a state of the map; null
  // where the page cannot make it.
  function of(app, state) {
    const trial = app.whatIf;
    if (!trial || !trial.ready || !state) return null;
    const view = state.view;
    if (!view) {
      const on = trialOf(app, state);
      return on ? tried(app, on, state.at) : today(app, state.at);
    }
    if (!view.walk) return null;
    if (view.rebuilt === undefined) {
      try {
        view.rebuilt = make(app, state);
      } catch (error) {
        view.rebuilt = null; // the model refuses what it cannot answer
      }
      // the streets of a city are large: the last ones are kept
      const kept = (app.rebuilt = app.rebuilt || []);
      if (view.rebuilt && kept.push(view) > KEPT) kept.shift().rebuilt = undefined;
    }
    return view.rebuilt && Object.assign({}, view.rebuilt, { key: state.key });
  }

  // Before anybody points at a place of a state.
  function soon(app, state) {
    const idle = window.requestIdleCallback || ((then) => setTimeout(then, 300));
    if (app.whatIf && state.view) idle(() => { if (app.stages.state() === state) of(app, state); });
  }

  QH.rebuilt = { of, soon, today, trialOf };
})();
