// The walk of one place to its nearest facility in the state that is shown, traced through the
// network that the page carries. It is drawn only where it takes the time that the study has for the
// place, to the same facility; in a trial, where it takes the time that the model has.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const UNREACHED = 2147483647;

  // How a position of the network is reached from the sources of a state: its milliseconds, the
  // source, and through which end of its street; null where it is not.
  function arrival(state, at) {
    const { walk } = state.bench, { label, source } = state.labels;
    const [e, spot] = state.bench.place(at.edge, at.offset_mm);
    let best = null;
    const take = (ms, who, by) => {
      if (!best || ms < best.ms || (ms === best.ms && who < best.who)) best = { ms, who, by };
    };
    walk.positions(e, spot, (edge, mm, out, into) => {
      const tail = walk.net.tail[edge], head = walk.net.head[edge];
      const reached = (node) => label[node] < UNREACHED;
      if (walk.outOpen[edge] && reached(tail)) {
        take(label[tail] + out, source[tail], { node: tail, edge, from: 0, to: mm });
      }
      if (walk.inOpen[edge] && reached(head)) {
        const length = walk.net.length[edge];
        const ms = label[head] + walk.in.edge[edge] - into;
        take(ms, source[head], { node: head, edge, from: length, to: mm });
      }
      const stops = state.stops;
      for (let i = 0; i < stops.n; i++) {
        if (stops.edge.data[i] !== edge) continue;
        const from = stops.mm.data[i], open = mm >= from ? walk.outOpen[edge] : walk.inOpen[edge];
        if (!open) continue;
        const ms = mm >= from ? out - stops.out.data[i] : stops.in.data[i] - into;
        take(ms + stops.access.data[i], stops.owner.data[i], { node: -1, edge, from, to: mm });
      }
    });
    return best;
  }

  // The part of a street by which a source enters a node with its label, null where it does not.
  function seedAt(state, node) {
    const { walk } = state.bench, stops = state.stops, ms = state.labels.label[node];
    for (let i = 0; i < stops.n; i++) {
      if (stops.owner.data[i] !== state.labels.source[node]) continue;
      const e = stops.edge.data[i], mm = stops.mm.data[i], access = stops.access.data[i];
      if (walk.net.tail[e] === node && (walk.inOpen[e] || mm === 0) &&
          access + stops.in.data[i] === ms) return { edge: e, from: mm, to: 0 };
      if (walk.net.head[e] === node && (walk.outOpen[e] || mm === walk.net.length[e]) &&
          access + walk.out.edge[e] - stops.out.data[i] === ms) {
        return { edge: e, from: mm, to: walk.net.length[e] };
      }
    }
    return null;
  }

  // The street by which a node got its label, and the node before it.
  function before(state, node) {
    const { walk } = state.bench, { label, source } = state.labels, net = walk.net;
    for (let i = walk.firstEnd[node]; i < walk.firstEnd[node + 1]; i++) {
      const e = walk.end[i] >> 1, atHead = walk.end[i] & 1, other = atHead ? net.tail[e] : net.head[e];
      const open = atHead ? walk.outOpen[e] : walk.inOpen[e];
      const ms = atHead ? walk.out.edge[e] : walk.in.edge[e];
      if (!open || source[other] !== source[node] || label[other] + ms !== label[node]) continue;
      if (label[other] === label[node] && other > node) continue; // a street of no length, once
      const length = net.length[e];
      return { node: other, edge: e, from: atHead ? 0 : length, to: atHead ? length : 0 };
    }
    return null;
  }

  // Parts of streets from the place to its source: {edge, from_mm, to_mm} in the order of the walk.
  function trace(state, at) {
    const found = arrival(state, at);
    if (!found) return null;
    found.ms += state.bench.walk.accessMs(at.access_mm || 0);
    const parts = [{ edge: found.by.edge, from_mm: found.by.to, to_mm: found.by.from }];
    let node = found.by.node;
    for (let left = state.labels.label.length; node >= 0 && left > 0; left--) {
      const seed = seedAt(state, node);
      if (seed) {
        parts.push({ edge: seed.edge, from_mm: seed.to, to_mm: seed.from });
        return { ms: found.ms, who: found.who, parts };
      }
      const step = before(state, node);
      if (!step) return null;
      parts.push({ edge: step.edge, from_mm: step.to, to_mm: step.from });
      node = step.node;
    }
    return node < 0 ? { ms: found.ms, who: found.who, parts } : null;
  }

  // A part of a street as it is sent, as latitudes and longitudes in the order of the walk.
  function shapeOn(model, e, from, to) {
    const net = model.network, low = Math.min(from, to), high = Math.max(from, to);
    const length = net.length_mm[e], first = net.first_vertex[e], last = net.first_vertex[e + 1] - 1;
    const size = [0];
    for (let v = first; v < last; v++) {
      const dx = (net.lon[v + 1] - net.lon[v]) * Math.cos((net.lat[v] * Math.PI) / 180);
      size.push(size[v - first] + Math.hypot(dx, net.lat[v + 1] - net.lat[v]));
    }
    const whole = size[size.length - 1], at = (v) => (whole ? (size[v - first] / whole) * length : 0);
    const spot = (mm) => model.spot(e, mm);
    const out = [spot(low)];
    for (let v = first; v <= last; v++) if (at(v) > low && at(v) < high) out.push([net.lat[v], net.lon[v]]);
    out.push(spot(high));
    return from <= to ? out : out.reverse();
  }

  // The same of a part of the network as it is changed; a new street has the shape that is told.
  function shapeOf({ model, state, roads }, { edge, from_mm: from, to_mm: to }) {
    const { altered } = state.bench;
    if (!altered) return shapeOn(model, edge, from, to);
    const { e, start } = altered.origin(edge);
    if (e >= 0) return shapeOn(model, e, from + start, to + start);
    const { shape } = roads[edge - (altered.net.nEdges - roads.length)];
    return from <= to ? shape : shape.slice().reverse();
  }

  // The one place that a found one stands for, -1 where it stands for several.
  function rowOf(dots, found) {
    const members = found.what === "place" ? null : dots.levels.level(found.times).members;
    const own = members ? members[found.row] : [found.row];
    return own.length === 1 ? own[0] : -1;
  }

  // What gaps.js draws as the walk of a gap, for one place; null where it cannot be told for sure.
  function walkOf(app, found) {
    const trial = app.whatIf, dots = trial && trial.ready ? QH.reach.dotsOf(app, found) : null;
    const i = dots ? rowOf(dots, found) : -1, told = i < 0 ? null : QH.reach.tell(app, found, i);
    if (!told || told.beyond) return null;
    const { rebuilt } = told, demand = rebuilt.model.demand(rebuilt.at), p = told.place;
    const at = { edge: demand.edge[p], offset_mm: demand.offset[p], access_mm: demand.access[p] };
    const walk = trace(rebuilt.state, at);
    if (!walk || walk.ms !== told.ms || walk.who !== rebuilt.state.source[p]) return null;
    const D = QH.decode, points = [].concat(...walk.parts.map((part) => shapeOf(rebuilt, part)));
    points.unshift([dots.lat[i], dots.lon[i]]);
    points.push(told.to.at);
    const x = points.map((one) => D.worldX(one[1])), y = points.map((one) => D.worldY(one[0]));
    const mm = walk.parts.reduce((sum, part) => sum + Math.abs(part.to_mm - part.from_mm), at.access_mm);
    return {
      routes: [{ x, y, rings: [{ from: 0, to: x.length, closed: false }],
        box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)] }],
      tenths: [Math.round(told.minutes * 10) + 1], metres: [mm / 1000 + (told.to.link_m || 0)],
      parts: walk.parts, ms: walk.ms, to: told.to, key: rebuilt.key, state: found.state, service: found.service,
      above: L.latLng(D.latLng((Math.min(...x) + Math.max(...x)) / 2, Math.min(...y))),
    };
  }

  // Whether a walk is still one of what the map shows: of a state that is drawn, or of the trial as
  // it is now.
  function holds(app, walk) {
    const keys = app.compare.on ? app.compare.keys : [app.stages.state().key];
    const state = QH.stages.statesOf(app, app.at).find((it) => it.key === walk.state);
    if (!state || state.at !== walk.service || keys.indexOf(walk.state) < 0) return false;
    const trial = QH.rebuilt.trialOf(app, state), plan = app.whatIf.plan;
    if (!state.view && state.at === app.at && app.whatIf.drag) return false;
    return trial ? walk.key === plan.now : typeof walk.key === "string";
  }

  // The card of a place tells of the trial as it was: with the next step it is closed.
  function watch(app) {
    const plan = app.whatIf && app.whatIf.plan;
    if (!plan || app.watched === plan) return;
    app.watched = plan;
    const then = plan.changed;
    plan.changed = () => {
      if (app.selected && app.selected.times !== undefined) app.popup.remove();
      then();
    };
  }

  QH.route = { trace, walkOf, holds, rowOf, watch };
})();
