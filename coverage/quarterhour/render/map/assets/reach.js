// Minutes and nearest facility of a place in every state: from the page's own network, which has all
// places. What the page lists of a place is compared with it before it is told.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MS_PER_MIN = 60000, MM_PER_M = 1000, MICRO = 1e6;
  const SAME_MIN = 0.15; // minutes are written in tenths
  const SAME_MM = 4000; // drawn streets are simplified
  const REACH_PX = 7;
  const AIMED_FROM_ZOOM = 15;

  // Minutes of the engine's milliseconds; by a distance rule as model.Walker.minutes has it.
  function minutesOf(walker, ms) {
    if (!walker.rule_m) return ms / MS_PER_MIN;
    const points = [[0, 0]].concat(walker.rule_m), last = points.length - 1;
    let part = 1;
    while (part < last && points[part][1] * MM_PER_M < ms) part++;
    const [from, start] = points[part - 1], [to, end] = points[part];
    return from + ((ms - start * MM_PER_M) / ((end - start) * MM_PER_M)) * (to - from);
  }

  // never rounded down: beyond the cutoff by a second must not read as if inside it
  const tenths = (minutes) => Math.ceil(minutes * 10 - 1e-6) / 10;

  function stateOf(app, k) {
    const states = (app.todayStates = app.todayStates || {});
    return (states[k] = states[k] || app.whatIf.model.state(k));
  }

  function column(rows, of) { return Float64Array.from(rows, of); }

  // All places as they are, under no other: what a symbol of several is to places that are drawn.
  function single(dots) {
    const level = { n: dots.n, x: dots.x, y: dots.y, amount: dots.amount, members: null };
    level.index = new QH.find.Index(level);
    return { dots, level: () => level, at: () => level, times: () => 1 };
  }

  function build(app, k, rows, state, far) {
    const D = QH.decode, model = app.whatIf.model, demand = model.demand(k), service = model.services[k];
    const amounts = demand.amounts[service.group];
    const dots = {
      n: rows.length, lon: column(rows, (p) => demand.lon[p]), lat: column(rows, (p) => demand.lat[p]),
      x: column(rows, (p) => D.worldX(demand.lon[p])), y: column(rows, (p) => D.worldY(demand.lat[p])),
      amount: column(rows, (p) => amounts[p] / MICRO), nearest: column(rows, (p) => state.source[p]),
      minutes: column(rows, (p) => tenths(minutesOf(service.walker, state.ms[p]))),
      reason: column(rows, () => far), place: rows,
    };
    dots.levels = single(dots);
    return dots;
  }

  // {covered, uncovered} of a service as it is today, null for what the page lists itself; null
  // without a network, or while it is not ready.
  function of(app, k) {
    const service = app.data.services[k], trial = app.whatIf;
    if (service.asked) return service.asked;
    if (!trial || !trial.ready || service.covered) return null;
    const state = stateOf(app, k), model = trial.model, cutoff = model.services[k].cutoff_ms;
    const amounts = model.demand(k).amounts[model.services[k].group], near = [], far = [];
    for (let p = 0; p < state.ms.length; p++) {
      if (!(amounts[p] > 0) || state.ms[p] < 0) continue;
      (state.ms[p] <= cutoff ? near : far).push(p);
    }
    const reason = app.data.reasons.indexOf("far"), streets = app.data.unit === "street_metres";
    service.asked = {
      covered: build(app, k, near, state, reason),
      uncovered: streets ? build(app, k, far, state, reason) : null,
    };
    return service.asked;
  }

  // The lists of today's places, those that are covered first.
  function listOf(app, k, from) {
    const service = app.data.services[k], asked = service.covered ? null : of(app, k);
    if (from === "covered") return service.covered || (asked && asked.covered);
    return asked && asked.uncovered ? asked.uncovered : service.uncovered;
  }

  // The places that a found one is among; `place`: of today's lists, in whatever state it was found.
  function dotsOf(app, found) {
    return found.what === "place" ? listOf(app, found.service, found.from) : app.dotsOf(found);
  }

  // The number of a listed place in the model, -1 where that is not certain.
  function placeOf(app, k, dots, i) {
    if (dots.place) return dots.place[i];
    const known = (dots.known = dots.known || new Map());
    if (!known.has(i)) known.set(i, look(app.whatIf.model, k, dots.lat[i], dots.lon[i]));
    return known.get(i);
  }

  // The longest leg beside a street.
  function farthest(model, k) {
    const demand = model.demands[model.services[k].sent.demand];
    if (demand.farthest === undefined) {
      demand.farthest = SAME_MM + demand.access.reduce((most, mm) => Math.max(most, mm), 0);
    }
    return demand.farthest;
  }

  function look(model, k, lat, lon) {
    const demand = model.demand(k), at = model.link(k, lat, lon, { limit_mm: farthest(model, k) });
    if (!at || at.edge === undefined) return -1;
    const { begin, end, owner } = model.bench(k).places;
    let best = -1, least = SAME_MM;
    for (let i = begin[at.edge]; i < end[at.edge]; i++) {
      const p = owner[i];
      if (demand.edge[p] !== at.edge) continue;
      const far = Math.abs(demand.offset[p] - at.offset_mm) + Math.abs(demand.access[p] - at.access_mm);
      if (far < least || (far === least && p < best)) {
        best = p;
        least = far;
      }
    }
    return best;
  }

  // Whether a time of the model is what the page lists.
  function agrees(rebuilt, p, minutes, nearest) {
    const { state, model, at } = rebuilt, ms = state.ms[p];
    if (isNaN(minutes)) return ms < 0;
    if (ms < 0 || Math.abs(minutesOf(model.services[at].walker, ms) - minutes) > SAME_MIN) return false;
    return !(nearest >= 0) || rebuilt.to(state.source[p]).row === nearest;
  }

  // Whether a found one is in another state than today's, as it is in a trial.
  function other(app, found) {
    const state = app.whatIf && app.whatIf.ready ? app.stateOf(found) : null;
    return Boolean(state && (state.view || QH.rebuilt.trialOf(app, state)));
  }

  // Of the place in row `i` of its list, in the state in which it was found: {rebuilt, place, ms,
  // minutes, to}; null where it is not known, `beyond` where nobody is within the limit.
  function tell(app, found, i) {
    const state = app.stateOf(found), rebuilt = state && QH.rebuilt.of(app, state);
    if (!rebuilt || found.what === "unlinked") return null;
    const k = found.service, dots = dotsOf(app, found), p = placeOf(app, k, dots, i);
    if (p < 0 || (rebuilt.apart && rebuilt.apart.has(p))) return null;
    const gained = found.what === "gained", listed = dots.today || dots;
    const whose = gained ? rebuilt : QH.rebuilt.today(app, k);
    if (!agrees(whose, p, listed.minutes[i], listed.nearest[i])) return null;
    const ms = rebuilt.state.ms[p];
    if (ms < 0) return { rebuilt, place: p, beyond: true };
    return {
      rebuilt, place: p, ms, minutes: tenths(minutesOf(rebuilt.model.services[rebuilt.at].walker, ms)),
      to: rebuilt.to(rebuilt.state.source[p]), inside: ms <= rebuilt.state.cutoff_ms,
    };
  }

  // The nearest of today's places that are not drawn in another state, or in a trial.
  function hidden(app, state, x, y) {
    let best = null, least = REACH_PX / app.scale();
    for (const from of ["covered", "uncovered"]) {
      // covered places can be asked for although they are not drawn
      const shown = from === "covered" || app.layers.on.uncovered;
      const dots = shown ? listOf(app, state.at, from) : null;
      if (!dots || !dots.n) continue;
      dots.alone = dots.alone || single(dots);
      const row = dots.alone.level().index.near(x, y, least);
      if (row < 0) continue;
      least = Math.hypot(dots.x[row] - x, dots.y[row] - y);
      best = { what: "place", from, service: state.at, row, times: 1, state: state.key, hidden: true };
    }
    return best;
  }

  // What lies at a position: as it is drawn, then places that are not, where their time is known.
  function under(app, latlng) {
    const found = app.findAt(latlng), state = app.stateAt(latlng);
    const other = app.whatIf && app.whatIf.ready && (state.view || QH.rebuilt.trialOf(app, state));
    if (!other || (found && found.what !== "gap")) return found;
    const x = QH.decode.worldX(latlng.lng), y = QH.decode.worldY(latlng.lat);
    if (found) {
      const gaps = QH.gapStates.of(app, state);
      const number = gaps && QH.gaps.numberAt(gaps, x, y, app.scale()) >= 0;
      if (number || app.map.getZoom() < AIMED_FROM_ZOOM) return found;
    }
    const own = hidden(app, state, x, y);
    if (!own || !tell(app, own, own.row)) return found;
    return found ? Object.assign(own, { gap: found.row }) : own;
  }

  QH.reach = { of, stateOf, minutesOf, single, dotsOf, other, tell, under };
})();
