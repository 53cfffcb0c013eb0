// One service at one speed on one network: who is reached from where, in whole milliseconds.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { Walk } = parts.walk;
  const { checkSpot } = parts.alter;
  const { UNREACHED, Stops, Search, nearest, onEdges, within } = parts.search;
  const KEPT_TIMES = 4;

  class Bench {
    // `known`: the bench of the same speed on the network as it is sent.
    constructor(model, k, speed, { altered, shape, places }, known) {
      const service = model.services[k];
      this.altered = altered;
      this.service = service;
      this.sent = model.net;
      this.walk = new Walk(shape, speed);
      this.search = new Search(this.walk);
      this.demand = model.demands[service.sent.demand];
      this.inside = service.sent.inside_ms;
      this.places = places.at(this.walk, known && !shape.waits && !shape.steps ? known.places : null);
      // cleared by whoever writes into it
      this.best = this.demand.best = this.demand.best || new Int32Array(this.demand.n).fill(UNREACHED);
      this.found = new Map();
    }

    // Everybody's nearest source, kept: other minutes ask for the same times.
    times(closed, pins, limit) {
      const key = JSON.stringify([closed, pins, limit]);
      let it = this.found.get(key);
      if (it) return it;
      const stops = this.sources(closed, pins), before = this.before(closed, pins, limit);
      const found = before ? this.joined(before.found, closed, pins, stops, limit) :
        nearest(this.walk, this.search, stops, this.places, this.demand.n, limit);
      it = { stops, found };
      this.found.set(key, it);
      if (this.found.size > KEPT_TIMES) this.found.delete(this.found.keys().next().value);
      return it;
    }

    // The same sources without the last pin, where they are kept.
    before(closed, pins, limit) {
      return pins.length ? this.found.get(JSON.stringify([closed, pins.slice(0, -1), limit])) : null;
    }

    // One more pin: only what it reaches sooner than all before it changes. It is the last source, so
    // at equal times it is behind them.
    joined(found, closed, pins, stops, limit) {
      const { walk, places } = this, { outOpen, inOpen, net } = walk, { tail, head } = net;
      const who = this.service.facilities.length + pins.length - 1, last = new Stops(walk);
      const ms = found.ms.slice(), source = found.source.slice();
      const label = found.labels.label.slice(), by = found.labels.source.slice();
      this.add(last, who, pins[pins.length - 1]);
      const nodes = this.search.improve(last, limit, label, by), seen = new Set();
      const take = (owner, t) => {
        if (t > limit || (ms[owner] >= 0 && ms[owner] <= t)) return;
        ms[owner] = t;
        source[owner] = who;
      };
      for (const node of nodes) {
        for (let i = walk.firstEnd[node]; i < walk.firstEnd[node + 1]; i++) seen.add(walk.end[i] >> 1);
      }
      const { begin, end, owner, access } = places, into = walk.in.edge;
      seen.forEach((e) => {
        const t = outOpen[e] && by[tail[e]] === who ? label[tail[e]] : -1;
        const h = inOpen[e] && by[head[e]] === who ? label[head[e]] + into[e] : -1;
        for (let p = begin[e]; p < end[e]; p++) {
          if (t >= 0) take(owner[p], t + places.out[p] + access[p]);
          if (h >= 0) take(owner[p], h - places.in[p] + access[p]);
        }
      });
      onEdges(walk, last, places, limit, take);
      return { ms, source, labels: { label, source: by } };
    }

    // A position of the network as it is sent, on the network as it is changed.
    place(e, offset) {
      return this.altered ? this.altered.place(e, offset) : [e, offset];
    }

    add(stops, owner, position) {
      checkSpot(this.sent, position);
      const [e, mm] = this.place(position.edge, position.offset_mm);
      stops.add(owner, e, mm, this.walk.accessMs(position.access_mm || 0) + this.inside);
    }

    sources(closed, pins) {
      const stops = new Stops(this.walk), shut = new Set(closed);
      const [owner, edge, offset, access] = this.service.sent.gates;
      for (let i = 0; i < owner.length; i++) {
        if (shut.has(owner[i])) continue;
        this.add(stops, owner[i], { edge: edge[i], offset_mm: offset[i], access_mm: access[i] });
      }
      const first = this.service.facilities.length;
      pins.forEach((pin, i) => this.add(stops, first + i, pin));
      return stops;
    }

    // One byte for each place: whether it is covered.
    covered(ms, cutoff) {
      const out = new Uint8Array(ms.length);
      for (let p = 0; p < ms.length; p++) out[p] = ms[p] >= 0 && ms[p] <= cutoff ? 1 : 0;
      return out;
    }

    count(group, inside) {
      const { amounts, unlinked: apart, linked } = this.demand, amount = amounts[group];
      let covered = 0;
      for (let p = 0; p < amount.length; p++) if (inside[p]) covered += amount[p];
      const unlinked = apart[group], all = linked[group];
      return { total: all + unlinked, covered, uncovered: all - covered, unlinked };
    }

    // Places within the cutoff of a position, ascending, and their milliseconds.
    within(position, cutoff) {
      const stops = new Stops(this.walk), best = this.best, touched = [];
      this.add(stops, 0, position);
      this.search.bounded((found) => stops.seeds(found), cutoff);
      within(this.walk, this.search, stops, this.places, cutoff, (p, t) => {
        if (best[p] === UNREACHED) touched.push(p);
        if (t < best[p]) best[p] = t;
      });
      this.search.clean();
      const place = new Int32Array(touched).sort(), ms = new Int32Array(place.length);
      for (let i = 0; i < place.length; i++) {
        ms[i] = best[place[i]];
        best[place[i]] = UNREACHED;
      }
      return { stops, place, ms };
    }

    reachedParts(positions, cutoff) {
      const stops = new Stops(this.walk), search = this.search;
      for (const position of positions) this.add(stops, 0, position);
      const nodes = search.bounded((found) => stops.seeds(found), cutoff).values();
      const found = parts.parts.reached(this.walk, search.label, nodes, stops, cutoff);
      search.clean();
      return this.asSent(found);
    }

    // Parts of streets on the network as it is sent; new links are left out, they have no shape.
    asSent(found) {
      if (!this.altered) return found;
      const out = new parts.parts.Spans(found.n + 1), { edge, from, to, n } = found, { origin } = this.altered;
      for (let i = 0; i < n; i++) {
        const { e, start } = origin(edge.data[i]);
        if (e >= 0) out.add(e, from.data[i] + start, to.data[i] + start);
      }
      return out;
    }

    // The places whom nothing covers, by street; `sum`: their people, `far`: the longest leg.
    missing(group, ms, cutoff) {
      const { places, demand } = this, amount = demand.amounts[group], nEdges = this.walk.net.nEdges;
      const first = new Int32Array(nEdges + 1), at = [];
      const sum = new Float64Array(nEdges), far = new Int32Array(nEdges);
      for (let e = 0; e < nEdges; e++) {
        for (let i = places.begin[e]; i < places.end[e]; i++) {
          const p = places.owner[i];
          if (!(amount[p] > 0) || (ms[p] >= 0 && ms[p] <= cutoff)) continue;
          at.push(i);
          sum[e] += amount[p];
          if (places.access[i] > far[e]) far[e] = places.access[i];
        }
        first[e + 1] = at.length;
      }
      const taken = { first, amount, sum, far, seen: new Int32Array(nEdges).fill(-1) };
      for (const key of ["owner", "out", "in", "access"]) {
        taken[key] = Int32Array.from(at, (i) => places[key][i]);
      }
      return taken;
    }

    gainAt(node, cutoff, missing) {
      const { walk, search } = this, { firstArc, arcSide } = walk;
      const { data, n } = search.bounded((found) => found(node, this.inside), cutoff);
      const touched = [];
      let sum = 0;
      for (let i = 0; i < n; i++) {
        for (let a = firstArc[data[i]], end = firstArc[data[i] + 1]; a < end; a++) {
          const e = arcSide[a] >> 1;
          if (missing.seen[e] === node || missing.first[e] === missing.first[e + 1]) continue;
          missing.seen[e] = node;
          sum += this.gainOn(e, cutoff, missing, touched);
        }
      }
      for (const owner of touched) this.best[owner] = UNREACHED;
      search.clean();
      return sum;
    }

    // People of one street within the cutoff of what was searched from; a place that is at several
    // positions counts once.
    gainOn(e, cutoff, missing, touched) {
      const { walk, places, best } = this, { net, outOpen, inOpen } = walk;
      const { label } = this.search;
      const tail = outOpen[e] ? cutoff - label[net.tail[e]] : -1;
      const head = inOpen[e] ? cutoff - label[net.head[e]] : -1;
      const out = walk.out.edge[e], into = walk.in.edge[e], far = missing.far[e];
      if (places.once && (out + far <= tail || into + far <= head)) return missing.sum[e];
      let sum = 0;
      for (let p = missing.first[e], last = missing.first[e + 1]; p < last; p++) {
        const access = missing.access[p], owner = missing.owner[p];
        if (missing.out[p] + access > tail && into - missing.in[p] + access > head) continue;
        if (!places.once) {
          if (best[owner] !== UNREACHED) continue;
          best[owner] = 0;
          touched.push(owner);
        }
        sum += missing.amount[owner];
      }
      return sum;
    }
  }

  parts.bench = { Bench };
})(typeof window !== "undefined" ? window : globalThis);
