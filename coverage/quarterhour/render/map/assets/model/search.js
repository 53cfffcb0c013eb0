// Bounded shortest paths in whole milliseconds, as quarterhour's own searches: nodes wait in buckets
// of 2^14 ms, and one whose label improves inside its bucket is taken again, so the result is exact.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const UNREACHED = 2147483647;
  const BITS = 14;

  // A row of numbers that grows.
  class Column {
    constructor(room) {
      this.data = new Int32Array(room);
      this.n = 0;
    }
    push(value) {
      if (this.n === this.data.length) {
        const bigger = new Int32Array(2 * this.n);
        bigger.set(this.data);
        this.data = bigger;
      }
      this.data[this.n++] = value;
    }
    values() {
      return this.data.subarray(0, this.n);
    }
  }

  // Positions of some owners on the streets, with the times that a search needs.
  class Stops {
    constructor(walk) {
      this.walk = walk;
      for (const key of ["owner", "edge", "mm", "out", "in", "access"]) this[key] = new Column(64);
    }
    add(owner, e, offset, accessMs) {
      this.walk.positions(e, offset, (edge, mm, out, into) => {
        this.owner.push(owner);
        this.edge.push(edge);
        this.mm.push(mm);
        this.out.push(out);
        this.in.push(into);
        this.access.push(accessMs);
      });
    }
    get n() {
      return this.owner.n;
    }
    // The ends of their edges that the stops are open to, or at.
    seeds(found) {
      const { outOpen, inOpen, net, out } = this.walk;
      for (let i = 0; i < this.n; i++) {
        const e = this.edge.data[i], mm = this.mm.data[i], access = this.access.data[i];
        if (inOpen[e] || mm === 0) {
          found(net.tail[e], access + this.in.data[i], this.owner.data[i]);
        }
        if (outOpen[e] || mm === net.length[e]) {
          found(net.head[e], access + out.edge[e] - this.out.data[i], this.owner.data[i]);
        }
      }
    }
    // The stops of an edge as a chain: of(e) counts them, `first` and `next` lead through them.
    byEdge() {
      const heads = new Map(), next = new Int32Array(this.n);
      for (let i = this.n - 1; i >= 0; i--) {
        const e = this.edge.data[i], known = heads.get(e);
        next[i] = known ? known.first : -1;
        heads.set(e, { first: i, n: known ? known.n + 1 : 1 });
      }
      const here = new Uint8Array(this.walk.net.nEdges);
      heads.forEach((it, e) => { here[e] = 1; });
      return {
        next, first: -1,
        of(e) {
          if (!here[e]) return 0;
          const it = heads.get(e);
          this.first = it.first;
          return it.n;
        },
      };
    }
  }

  // Milliseconds between two positions along their one edge, -1 where that way is closed.
  function along(walk, e, fromMm, fromOut, fromIn, toMm, toOut, toIn) {
    if (walk.outOpen[e] && toMm >= fromMm) return toOut - fromOut;
    if (walk.inOpen[e] && toMm <= fromMm) return fromIn - toIn;
    return -1;
  }

  class Search {
    constructor(walk) {
      this.walk = walk;
      this.label = new Int32Array(walk.net.nNodes).fill(UNREACHED);
      this.reached = new Column(1024);
      this.room(4096);
      this.head = new Int32Array(0);
      this.used = 0;
    }

    room(n) {
      for (const key of ["entryNode", "entryMs", "following"]) {
        const bigger = new Int32Array(n);
        if (this[key]) bigger.set(this[key]);
        this[key] = bigger;
      }
    }

    begin(limit) {
      const buckets = Math.floor(limit / (1 << BITS)) + 1;
      if (this.head.length < buckets) this.head = new Int32Array(buckets).fill(-1);
      this.bucket = buckets;
      this.last = -1;
      this.used = 0;
    }

    put(node, ms) {
      if (this.used === this.following.length) this.room(2 * this.used);
      const bucket = ms >> BITS, at = this.used++;
      this.entryNode[at] = node;
      this.entryMs[at] = ms;
      this.following[at] = this.head[bucket];
      this.head[bucket] = at;
      if (bucket < this.bucket) this.bucket = bucket;
      if (bucket > this.last) this.last = bucket;
    }

    // Nodes within `limit`, in `reached`; their labels stay until `clean`.
    bounded(seeds, limit) {
      const { firstArc, arcTo, arcMs } = this.walk, label = this.label;
      this.begin(limit);
      this.reached.n = 0;
      seeds((node, ms) => {
        if (ms > limit || ms >= label[node]) return;
        if (label[node] === UNREACHED) this.reached.push(node);
        label[node] = ms;
        this.put(node, ms);
      });
      for (; this.bucket <= this.last; this.bucket++) {
        for (let at; (at = this.head[this.bucket]) >= 0; ) {
          this.head[this.bucket] = this.following[at];
          const node = this.entryNode[at], ms = this.entryMs[at];
          if (ms > label[node]) continue;
          for (let a = firstArc[node], end = firstArc[node + 1]; a < end; a++) {
            const to = arcTo[a], t = ms + arcMs[a];
            if (t > limit || t >= label[to]) continue;
            if (label[to] === UNREACHED) this.reached.push(to);
            label[to] = t;
            const b = firstArc[to];
            if (firstArc[to + 1] - b === 1 && arcTo[b] === node) continue; // a dead end
            this.put(to, t);
          }
        }
      }
      return this.reached;
    }

    clean() {
      const { data, n } = this.reached;
      for (let i = 0; i < n; i++) this.label[data[i]] = UNREACHED;
      this.reached.n = 0;
    }

    // Smallest (milliseconds, source) of every node, by time and then by source.
    fromAll(stops, limit) {
      const { nNodes } = this.walk.net;
      const label = new Int32Array(nNodes).fill(UNREACHED);
      const source = new Int32Array(nNodes).fill(UNREACHED);
      this.improve(stops, limit, label, source);
      return { label, source };
    }

    // Makes labels better by some stops; the nodes that changed, some of them several times.
    improve(stops, limit, label, source) {
      const { firstArc, arcTo, arcMs } = this.walk, changed = this.reached;
      this.begin(limit);
      changed.n = 0;
      stops.seeds((node, ms, who) => {
        if (ms > limit || ms > label[node] || (ms === label[node] && who >= source[node])) return;
        label[node] = ms;
        source[node] = who;
        changed.push(node);
        this.put(node, ms);
      });
      for (; this.bucket <= this.last; this.bucket++) {
        for (let at; (at = this.head[this.bucket]) >= 0; ) {
          this.head[this.bucket] = this.following[at];
          const node = this.entryNode[at], ms = this.entryMs[at];
          if (ms > label[node]) continue;
          const who = source[node];
          for (let a = firstArc[node], end = firstArc[node + 1]; a < end; a++) {
            const to = arcTo[a], t = ms + arcMs[a];
            if (t > limit || t > label[to] || (t === label[to] && who >= source[to])) continue;
            label[to] = t;
            source[to] = who;
            changed.push(to);
            const b = firstArc[to];
            if (firstArc[to + 1] - b === 1 && arcTo[b] === node) continue; // a dead end
            this.put(to, t);
          }
        }
      }
      const nodes = changed.values().slice();
      changed.n = 0;
      return nodes;
    }
  }

  // Smallest (milliseconds, source) of every place; -1 for none within the limit.
  function nearest(walk, search, sources, places, nPlaces, limit) {
    const { outOpen, inOpen, net } = walk, into = walk.in.edge, { tail, head, nEdges } = net;
    const labels = search.fromAll(sources, limit), { label, source } = labels;
    const from = sources.byEdge();
    const bestMs = new Int32Array(nPlaces).fill(-1), best = new Int32Array(nPlaces).fill(-1);
    const { begin, end, owner, access, once } = places, outMs = places.out, inMs = places.in;
    for (let e = 0; e < nEdges; e++) {
      const last = end[e];
      let p = begin[e];
      if (p === last) continue;
      const byTail = outOpen[e] ? label[tail[e]] : UNREACHED;
      const byHead = inOpen[e] ? label[head[e]] : UNREACHED, own = from.of(e);
      if (byTail === UNREACHED && byHead === UNREACHED && own === 0) continue;
      const whoTail = source[tail[e]], whoHead = source[head[e]];
      const back = byHead === UNREACHED ? UNREACHED : byHead + into[e];
      for (; p < last; p++) {
        let ms = UNREACHED, who = UNREACHED;
        if (byTail !== UNREACHED) {
          ms = byTail + outMs[p];
          who = whoTail;
        }
        if (byHead !== UNREACHED) {
          const t = back - inMs[p];
          if (t < ms || (t === ms && whoHead < who)) {
            ms = t;
            who = whoHead;
          }
        }
        for (let i = 0, s = from.first; i < own; i++, s = from.next[s]) {
          let t = along(
            walk, e, sources.mm.data[s], sources.out.data[s], sources.in.data[s], places.mm(p),
            outMs[p], inMs[p]
          );
          if (t < 0) continue;
          t += sources.access.data[s];
          const by = sources.owner.data[s];
          if (t < ms || (t === ms && by < who)) {
            ms = t;
            who = by;
          }
        }
        ms += access[p];
        if (who === UNREACHED || ms > limit) continue;
        const it = owner[p];
        if (once || best[it] < 0 || ms < bestMs[it] || (ms === bestMs[it] && who < best[it])) {
          bestMs[it] = ms;
          best[it] = who;
        }
      }
    }
    return { ms: bestMs, source: best, labels };
  }

  // Places on the edges of stops, straight along them.
  function onEdges(walk, stops, places, limit, found) {
    for (let s = 0; s < stops.n; s++) {
      const e = stops.edge.data[s];
      for (let p = places.begin[e]; p < places.end[e]; p++) {
        let t = along(
          walk, e, stops.mm.data[s], stops.out.data[s], stops.in.data[s], places.mm(p),
          places.out[p], places.in[p]
        );
        if (t < 0) continue;
        t += stops.access.data[s] + places.access[p];
        if (t <= limit) found(places.owner[p], t);
      }
    }
  }

  // Places within the limit of stops whose nodes `search` has reached: calls `found(place, ms)`,
  // possibly several times for a place.
  function within(walk, search, stops, places, limit, found) {
    const { firstArc, arcSide } = walk, into = walk.in.edge, label = search.label;
    const { data, n } = search.reached;
    for (let i = 0; i < n; i++) {
      const node = data[i], from = label[node];
      for (let a = firstArc[node], end = firstArc[node + 1]; a < end; a++) {
        const e = arcSide[a] >> 1, byHead = arcSide[a] & 1;
        for (let p = places.begin[e], last = places.end[e]; p < last; p++) {
          const t = from + (byHead ? into[e] - places.in[p] : places.out[p]) + places.access[p];
          if (t <= limit) found(places.owner[p], t);
        }
      }
    }
    onEdges(walk, stops, places, limit, found);
  }

  parts.search = { UNREACHED, Column, Stops, Search, nearest, onEdges, within };
})(typeof window !== "undefined" ? window : globalThis);
