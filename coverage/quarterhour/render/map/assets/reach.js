// Places that the page does not list, because they are too many or are streets, asked for their
// minutes and nearest facility: from the page's own network, which has them all.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const MS_PER_MIN = 60000, MM_PER_M = 1000, MICRO = 1e6;

  // Minutes of the engine's milliseconds; by a distance rule as model.Walker.minutes has it.
  function minutesOf(walker, ms) {
    if (!walker.rule_m) return ms / MS_PER_MIN;
    const points = [[0, 0]].concat(walker.rule_m), last = points.length - 1;
    let part = 1;
    while (part < last && points[part][1] * MM_PER_M < ms) part++;
    const [from, start] = points[part - 1], [to, end] = points[part];
    return from + ((ms - start * MM_PER_M) / ((end - start) * MM_PER_M)) * (to - from);
  }

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
      // never rounded down: beyond the cutoff by a second must not read as if inside it
      minutes: column(rows, (p) => Math.ceil(minutesOf(service.walker, state.ms[p]) * 10 - 1e-6) / 10),
      reason: column(rows, () => far),
      spots: rows.map((p) => ({ edge: demand.edge[p], offset_mm: demand.offset[p], access_mm: demand.access[p] })),
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

  QH.reach = { of, stateOf, minutesOf, single };
})();
