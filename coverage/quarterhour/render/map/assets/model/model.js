// What if: the study's own engine in the page. Positions are {edge, offset_mm, access_mm}; times are
// whole milliseconds, people whole millionths, all equal to what quarterhour itself computes.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = QH.modelParts;
  const { walkMs } = parts.walk;
  const { checkTerms, checkChange } = parts.alter;
  const { Bench } = parts.bench;
  const KEPT_WALKS = 8, KEPT_SHAPES = 6;
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
      this.bound = head.bound;
      this.demands = head.demands.map((about, k) => parts.net.demand(net, about, k, array));
      for (const demand of this.demands) {
        demand.linked = {};
        for (const group of demand.groups) demand.linked[group] = demand.amounts[group].reduce((a, b) => a + b, 0);
      }
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
      this.shapes = new Map();
      this.linkers = new Map();
    }

    // The same with another walker in the place of a service's own; it has that one service only.
    guest(k, walker, inside_ms) {
      const own = this.services[k], out = Object.create(this), rule = walker.rule_m.length > 0;
      const none = { edge: [], mm: [], ms: [] };
      const sent = Object.assign({}, own.sent, { inside_ms, waits: 0 });
      return Object.assign(out, {
        benches: new Map(), shapes: new Map(), linkers: new Map(), gaps: [this.gaps[k]],
        waits: [rule ? none : this.waits[own.sent.waits]],
        services: [Object.assign({}, own, {
          sent, walker: Object.assign({}, walker, { rule_m: rule ? walker.rule_m : null }),
        })],
      });
    }

    // Everything that depends on service, speed and changes of the network, kept for the next step.
    bench(k, options) {
      const service = this.services[k], more = options || {};
      checkTerms(more);
      const speed = more.speed_mmph || service.walker.speed_mmph;
      const changed = (more.cuts && more.cuts.length) || (more.links && more.links.length);
      const change = changed ? JSON.stringify([more.cuts || [], more.links || [], more.parts]) : "";
      const key = [k, speed, change].join("|");
      let bench = this.benches.get(key);
      if (bench) {
        this.benches.delete(key);
      } else {
        checkChange(this.net, more);
        const known = change ? this.benches.get([k, speed, ""].join("|")) : null;
        bench = new Bench(this, k, speed, this.shape(k, change, more), known);
      }
      this.benches.set(key, bench);
      if (this.benches.size > KEPT_WALKS) this.benches.delete(this.benches.keys().next().value);
      return bench;
    }

    // What no speed changes, kept too.
    shape(k, change, options) {
      const { sent, walker } = this.services[k], key = k + change;
      let it = this.shapes.get(key);
      if (it) return it;
      const base = change ? this.shape(k, "") : null;
      const altered = change ? parts.alter.altered(this, k, options) : null;
      const waits = altered ? altered.waits : this.waits[sent.waits];
      const net = altered ? altered.net : this.net, demand = this.demands[sent.demand];
      const shape = new parts.shape.Shape(net, walker, waits, sent.toward, base && base.shape);
      it = { altered, shape, places: new parts.places.Places(shape, demand, altered, base && base.places) };
      this.shapes.set(key, it);
      if (this.shapes.size > KEPT_SHAPES + this.services.length) {
        this.shapes.delete(Array.from(this.shapes.keys()).find((old) => /\D/.test(old)));
      }
      return it;
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

    // The position of a pin; with `any` the nearest street of any kind, whatever lies between. Places
    // of people may lie farther from a street than facilities: `limit_mm`.
    link(k, lat, lon, options) {
      const any = Boolean(options && options.any), service = this.services[k];
      const key = any ? "any" : service.walker.steps;
      if (!this.linkers.has(key)) {
        const { walk } = this.bench(k), open = any ? walk.usable() : walk.linkable;
        const walls = any ? { ax: [], ay: [], bx: [], by: [], entered: [] } : this.barriers;
        this.linkers.set(key, new parts.link.Linker(this.net, open, walls));
      }
      const limit = any ? ANY_LIMIT_MM : (options && options.limit_mm) || service.link_limit_mm;
      return this.linkers.get(key).link(lat, lon, limit, this.head);
    }

    // Everybody's nearest facility or pin. Sources are numbered facilities first, then pins.
    state(k, options) {
      const more = options || {}, bench = this.bench(k, more), service = this.services[k];
      const cutoff = more.cutoff_ms === undefined ? service.cutoff_ms : more.cutoff_ms;
      const limit = Math.max(cutoff, more.limit_ms || service.limit_ms);
      const { stops, found } = bench.times(more.closed || [], more.pins || [], limit);
      const state = {
        k, bench, stops, options: more, cutoff_ms: cutoff, limit_ms: limit,
        speed_mmph: bench.walk.speed, ms: found.ms, source: found.source, labels: found.labels,
        counts: {},
      };
      const inside = (state.inside = bench.covered(found.ms, cutoff));
      for (const group of service.groups) state.counts[group] = bench.count(group, inside);
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
        get spans() {
          return bench.reachedParts([position], cutoff);
        },
        get edges() {
          return this.spans.list();
        },
        stops,
      };
    }

    // Reached parts of the streets around one position or several, or of a whole state, as objects
    // {edge, from_mm, to_mm} or as columns.
    reached(k, positions, options) {
      return this.reachedSpans(k, positions, options).list();
    }

    reachedSpans(k, positions, options) {
      if (positions.labels) return this.coveredSpans(positions);
      const more = options || {};
      const cutoff = more.cutoff_ms === undefined ? this.services[k].cutoff_ms : more.cutoff_ms;
      const list = Array.isArray(positions) ? positions : [positions];
      return this.bench(k, more).reachedParts(list, cutoff);
    }

    covered(state) {
      return this.coveredSpans(state).list();
    }

    coveredSpans(state) {
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

  Model.walkMs = walkMs;
  QH.Model = Model;
  if (typeof module !== "undefined" && module.exports) module.exports = Model;
})(typeof window !== "undefined" ? window : globalThis);
