// What if: the study's own engine in the page. Positions are {edge, offset_mm, access_mm}; times are
// whole milliseconds, people whole millionths, all equal to what quarterhour itself computes.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = QH.modelParts;
  const { Walk, walkMs } = parts.walk;
  const { checkSpot, checkTerms, checkChange } = parts.alter;
  const { UNREACHED, Stops, Search, placesOf, nearest, within } = parts.search;
  const KEPT_WALKS = 8;
  const SLICE_MS = 12;
  const ANY_LIMIT_MM = 1000000;

  class Model {
    static async open(sent) {
      const { head, array } = await parts.bytes.unpack(sent);
      return new Model(head, array);
    }

    constructor(head, array) {
      const net = (this.net = parts.net.network(head, array));
      this.head = head;
      this.rounding = head.rounding;
      this.demands = head.demands.map((about, k) => parts.net.demand(net, about, k, array));
      this.gaps = head.services.map((sent, k) =>
        parts.net.gaps(sent, k, array, this.demands[sent.demand].n)
      );
      this.waits = Array.from({ length: head.waits }, (_, k) => parts.net.waits(k, array));
      this.barriers = parts.net.barriers(net, head, array);
      this.services = head.services.map((sent) => ({
        name: sent.name,
        group: sent.group,
        groups: head.demands[sent.demand].groups,
        walker: Object.assign({}, sent.walker, {
          rule_m: sent.walker.rule_m.length ? sent.walker.rule_m : null,
        }),
        cutoffs_min: sent.cutoffs_min,
        cutoffs_ms: sent.cutoffs_ms,
        cutoff_ms: sent.cutoffs_ms[sent.cutoffs_ms.length - 1],
        limit_ms: sent.limit_ms,
        link_limit_mm: sent.link_limit_mm,
        facilities: sent.facilities.map(([name, lon, lat, row, status], mark) => ({
          name, lat, lon, row, mark, status, closed: false,
        })),
        sent,
      }));
      const linkable = Uint8Array.from(net.kind, (kind) =>
        kind & (parts.net.FERRY | parts.net.TUNNEL | parts.net.LIFT) ? 0 : 1
      );
      this.network = {
        n_nodes: net.nNodes, n_edges: net.nEdges, key: net.key, lon: net.lon, lat: net.lat,
        first_vertex: net.firstVertex, length_mm: net.length, rank: net.rank, kind: net.kind,
        oneway: net.oneway, tail: net.tail, head: net.head, linkable,
        node_lon: net.nodeLon, node_lat: net.nodeLat,
      };
      this.benches = new Map();
      this.linkers = new Map();
    }

    // Everything that depends on service, speed and changes of the network, kept for the next step.
    bench(k, options) {
      const service = this.services[k], more = options || {};
      checkTerms(more);
      const speed = more.speed_mmph || service.walker.speed_mmph;
      const changed = (more.cuts && more.cuts.length) || (more.links && more.links.length);
      const change = changed ? JSON.stringify([more.cuts || [], more.links || []]) : "";
      const key = [k, speed, change].join("|");
      let bench = this.benches.get(key);
      if (bench) {
        this.benches.delete(key);
      } else {
        checkChange(this.net, more);
        bench = new Bench(this, k, speed, changed ? parts.alter.altered(this, k, more) : null);
      }
      this.benches.set(key, bench);
      if (this.benches.size > KEPT_WALKS) this.benches.delete(this.benches.keys().next().value);
      return bench;
    }

    // Packed places of a service with where they are on the streets, and the gap each is in today.
    demand(k) {
      const demand = this.demands[this.services[k].sent.demand];
      if (!demand.lon) {
        demand.lon = new Float64Array(demand.n);
        demand.lat = new Float64Array(demand.n);
        for (let p = 0; p < demand.n; p++) {
          [demand.lat[p], demand.lon[p]] = this.spot(demand.edge[p], demand.offset[p]);
        }
      }
      return Object.assign({ gap: this.gaps[k] }, demand);
    }

    // A node as a position: the end of the first street there, one for pins where there is one.
    at(node) {
      if (!this.edgeOf) this.edgeOf = this.endsOf();
      const net = this.net, e = this.edgeOf[node], tail = net.tail[e] === node;
      const { node_lat: lat, node_lon: lon } = this.network;
      return {
        edge: e, offset_mm: tail ? 0 : net.length[e], access_mm: 0,
        lat: lat[node], lon: lon[node],
      };
    }

    endsOf() {
      const net = this.net, out = new Int32Array(net.nNodes).fill(-1), { linkable } = this.network;
      for (let e = 0; e < net.nEdges; e++) {
        for (const node of [net.tail[e], net.head[e]]) {
          if (out[node] < 0 || (linkable[e] && !linkable[out[node]])) out[node] = e;
        }
      }
      return out;
    }

    // Latitude and longitude of a position on the drawn shape of a street.
    spot(e, offset) {
      const net = this.net, first = net.firstVertex[e], last = net.firstVertex[e + 1] - 1;
      let total = 0;
      const size = (v) => {
        const dx = net.x[v + 1] - net.x[v], dy = net.y[v + 1] - net.y[v];
        return Math.sqrt(dx * dx + dy * dy);
      };
      for (let v = first; v < last; v++) total += size(v);
      let left = net.length[e] ? (offset / net.length[e]) * total : 0, v = first;
      while (v + 1 < last && left > size(v)) left -= size(v++);
      const t = size(v) ? Math.min(left / size(v), 1) : 0;
      const between = (values) => values[v] + (values[v + 1] - values[v]) * t;
      return [between(net.lat), between(net.lon)];
    }

    // The position of a pin; with `any` the nearest street of any kind, whatever lies between.
    link(k, lat, lon, options) {
      const any = Boolean(options && options.any), service = this.services[k];
      const key = any ? "any" : service.walker.steps;
      if (!this.linkers.has(key)) {
        const { walk } = this.bench(k), open = any ? walk.usable() : walk.linkable;
        const walls = any ? { ax: [], ay: [], bx: [], by: [], entered: [] } : this.barriers;
        this.linkers.set(key, new parts.link.Linker(this.net, open, walls));
      }
      const limit = any ? ANY_LIMIT_MM : service.link_limit_mm;
      return this.linkers.get(key).link(lat, lon, limit, this.head);
    }

    // Everybody's nearest facility or pin. Sources are numbered facilities first, then pins.
    state(k, options) {
      const more = options || {}, bench = this.bench(k, more), service = this.services[k];
      const stops = bench.sources(more.closed || [], more.pins || []);
      const cutoff = more.cutoff_ms === undefined ? service.cutoff_ms : more.cutoff_ms;
      const limit = Math.max(cutoff, more.limit_ms || service.limit_ms);
      const found = nearest(
        bench.walk, bench.search, stops, bench.places, bench.demand.n, limit
      );
      const state = {
        k, bench, stops, options: more, cutoff_ms: cutoff, limit_ms: limit,
        speed_mmph: bench.walk.speed, ms: found.ms, source: found.source, labels: found.labels,
        counts: {},
      };
      for (const group of service.groups) state.counts[group] = bench.count(group, found.ms, cutoff);
      return state;
    }

    // What one more source would change: one bounded search.
    add(state, position) {
      const { bench, cutoff_ms: cutoff } = state;
      const { stops, place, ms } = bench.within(position, cutoff);
      const gained = {};
      for (const group of bench.demand.groups) {
        const amount = bench.demand.amounts[group];
        let sum = 0;
        for (let i = 0; i < place.length; i++) {
          const now = state.ms[place[i]];
          if (now < 0 || now > cutoff) sum += amount[place[i]];
        }
        gained[group] = sum;
      }
      return {
        place, at_ms: ms, gained,
        get ms() {
          return Array.from(place, (p, i) => ({ place: p, ms: ms[i] }));
        },
        get edges() {
          return bench.reachedParts([position], cutoff);
        },
        stops,
      };
    }

    // Reached parts of the streets around one position or several, or of a whole state.
    reached(k, positions, options) {
      if (positions.labels) return this.covered(positions);
      const more = options || {};
      const cutoff = more.cutoff_ms === undefined ? this.services[k].cutoff_ms : more.cutoff_ms;
      const list = Array.isArray(positions) ? positions : [positions];
      return this.bench(k, more).reachedParts(list, cutoff);
    }

    // Reached parts of the streets of a whole state.
    covered(state) {
      const { bench, stops, cutoff_ms: cutoff } = state;
      return bench.asSent(
        parts.parts.reached(bench.walk, state.labels.label, null, stops, cutoff)
      );
    }

    // Gain of a facility at every node: people of the group whom it would newly cover. Sliced, so
    // that the page stays alive; null where it was cancelled.
    async gains(k, state, options) {
      const more = options || {}, bench = state.bench;
      const group = more.group || this.services[k].group, n = this.net.nNodes;
      const out = new Float64Array(n), missing = bench.missing(group, state.ms, state.cutoff_ms);
      for (let node = 0; node < n; ) {
        for (const until = Date.now() + SLICE_MS; node < n && Date.now() <= until; ) {
          for (const end = Math.min(node + 8, n); node < end; node++) {
            out[node] = bench.gainAt(node, state.cutoff_ms, missing);
          }
        }
        if (more.onProgress) more.onProgress(node / n);
        if (node < n) await new Promise((go) => setTimeout(go, 0));
        if (more.cancelled && more.cancelled()) return null;
      }
      return out;
    }

    selftest() {
      return parts.selftest.run(this);
    }
  }

  // One service at one speed on one network.
  class Bench {
    constructor(model, k, speed, altered) {
      const service = model.services[k], sent = service.sent;
      this.altered = altered;
      this.service = service;
      this.sent = model.net;
      const net = altered ? altered.net : model.net;
      const walker = Object.assign({}, service.walker, { speed_mmph: speed });
      const waits = altered ? altered.waits : model.waits[sent.waits];
      this.walk = new Walk(net, walker, waits, sent.toward);
      this.search = new Search(this.walk);
      this.demand = model.demands[sent.demand];
      this.inside = sent.inside_ms;
      this.places = placesOf(this.walk, this.demand, altered ? altered.place : null);
      this.best = new Int32Array(this.demand.n).fill(UNREACHED);
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

    count(group, ms, cutoff) {
      const amount = this.demand.amounts[group], unlinked = this.demand.unlinked[group];
      let covered = 0, linked = 0;
      for (let p = 0; p < amount.length; p++) {
        linked += amount[p];
        if (ms[p] >= 0 && ms[p] <= cutoff) covered += amount[p];
      }
      return { total: linked + unlinked, covered, uncovered: linked - covered, unlinked };
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
      const out = [];
      for (const { edge, from_mm, to_mm } of found) {
        const { e, start } = this.altered.origin(edge);
        if (e >= 0) out.push({ edge: e, from_mm: from_mm + start, to_mm: to_mm + start });
      }
      return out;
    }

    // The places whom nothing covers, by street; `sum`: their people, `far`: the longest leg.
    missing(group, ms, cutoff) {
      const { places, demand } = this, amount = demand.amounts[group], nEdges = this.walk.net.nEdges;
      const first = new Int32Array(nEdges + 1), at = [];
      const sum = new Float64Array(nEdges), far = new Int32Array(nEdges);
      for (let e = 0; e < nEdges; e++) {
        for (let i = places.first[e]; i < places.first[e + 1]; i++) {
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

  Model.walkMs = walkMs;
  QH.Model = Model;
  if (typeof module !== "undefined" && module.exports) module.exports = Model;
})(typeof window !== "undefined" ? window : globalThis);
