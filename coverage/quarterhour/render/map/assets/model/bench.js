// One service at one speed on one network: who is reached from where, in whole milliseconds.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { Walk } = parts.walk;
  const { checkSpot } = parts.alter;
  const { UNREACHED, Stops, Search, nearest, within } = parts.search;
  const KEPT_TIMES = 4;

  class Bench {
    constructor(model, k, speed, { altered, shape, places }) {
      const service = model.services[k];
      this.altered = altered;
      this.service = service;
      this.sent = model.net;
      this.walk = new Walk(shape, speed);
      this.search = new Search(this.walk);
      this.demand = model.demands[service.sent.demand];
      this.inside = service.sent.inside_ms;
      this.places = places.at(this.walk);
      // cleared by whoever writes into it
      this.best = this.demand.best = this.demand.best || new Int32Array(this.demand.n).fill(UNREACHED);
      this.found = new Map();
    }

    // Everybody's nearest source, kept: other minutes ask for the same times.
    times(closed, pins, limit) {
      const key = JSON.stringify([closed, pins, limit]);
      let it = this.found.get(key);
      if (it) return it;
      const stops = this.sources(closed, pins);
      const found = nearest(this.walk, this.search, stops, this.places, this.demand.n, limit);
      it = { stops, found };
      this.found.set(key, it);
      if (this.found.size > KEPT_TIMES) this.found.delete(this.found.keys().next().value);
      return it;
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
      const out = new parts.parts.Spans(), { edge, from, to, n } = found, { origin } = this.altered;
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
