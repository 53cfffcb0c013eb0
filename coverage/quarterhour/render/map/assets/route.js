// The walk of one place to its nearest facility, traced through the network that the page carries.
// It is drawn only where it takes the time that the study has for the place, to the same facility.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const UNREACHED = 2147483647;
  const SAME_MIN = 0.15; // minutes are written in tenths

  // How a position of the network is reached from the sources of a state: its milliseconds, the
  // source, and through which end of its street; null where it is not.
  function arrival(state, at) {
    const { walk } = state.bench, { label, source } = state.labels, e = at.edge;
    let best = null;
    const take = (ms, who, by) => {
      if (!best || ms < best.ms || (ms === best.ms && who < best.who)) best = { ms, who, by };
    };
    walk.positions(e, at.offset_mm, (edge, mm, out, into) => {
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

  // A part of a street as longitudes and latitudes, in the order of the walk.
  function shapeOf(model, part) {
    const net = model.network, e = part.edge, low = Math.min(part.from_mm, part.to_mm);
    const high = Math.max(part.from_mm, part.to_mm), length = net.length_mm[e];
    const first = net.first_vertex[e], last = net.first_vertex[e + 1] - 1;
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
    return part.from_mm <= part.to_mm ? out : out.reverse();
  }

  // What gaps.js draws as the walk of a gap, for one place; null where it cannot be told for sure.
  function walkOf(app, found) {
    const trial = app.whatIf, dots = found.service === app.at ? app.dotsOf(found) : null;
    if (!trial || !trial.ready || !dots || app.stateOf(found).view) return null;
    const members = dots.levels.level(found.times).members;
    const own = members ? members[found.row] : [found.row];
    if (own.length !== 1) return null;
    const i = own[0], model = trial.model, k = found.service;
    const at = dots.spots ? dots.spots[i] : model.link(k, dots.lat[i], dots.lon[i]);
    if (!at || at.far !== undefined) return null;
    const state = QH.reach.stateOf(app, k), walk = trace(state, at);
    const same = walk && model.services[k].facilities[walk.who].mark === dots.nearest[i] &&
      Math.abs(QH.reach.minutesOf(model.services[k].walker, walk.ms) - dots.minutes[i]) <= SAME_MIN;
    if (!same) return null;
    const D = QH.decode, points = [].concat(...walk.parts.map((part) => shapeOf(model, part)));
    points.unshift([dots.lat[i], dots.lon[i]]);
    const it = app.service().facilities[dots.nearest[i]];
    points.push(it.at);
    const x = points.map((p) => D.worldX(p[1])), y = points.map((p) => D.worldY(p[0]));
    const metres = walk.parts.reduce((sum, part) => sum + Math.abs(part.to_mm - part.from_mm), 0);
    return {
      routes: [{ x, y, rings: [{ from: 0, to: x.length, closed: false }],
        box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)] }],
      tenths: [Math.ceil(dots.minutes[i] * 10 - 1e-6) + 1], metres: [(metres + (at.access_mm || 0)) / 1000 + (it.link || 0)],
      parts: walk.parts, ms: walk.ms, to: dots.nearest[i],
      above: L.latLng(D.latLng((Math.min(...x) + Math.max(...x)) / 2, Math.min(...y))),
    };
  }

  QH.route = { trace, walkOf };
})();
