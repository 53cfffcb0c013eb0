// The streets as one kind of walker has them at any speed: what each piece is worth on the flat, which
// way is open, what meets at a node. A change of the network computes only what is new in it.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { STEPS, TUNNEL, FERRY, LIFT } = parts.net;
  const MS_PER_HOUR = 3600000;

  function pieceEnd(net, e, k) {
    return k + 1 < net.firstPiece[e + 1] ? net.pieceStart[k + 1] : net.length[e];
  }

  // The last piece that begins at or before an offset.
  function pieceAt(cut, e, offset) {
    let lo = cut.firstPiece[e], hi = cut.firstPiece[e + 1] - 1;
    while (lo < hi) {
      const middle = (lo + hi + 1) >> 1;
      if (cut.pieceStart[middle] <= offset) lo = middle;
      else hi = middle - 1;
    }
    return lo;
  }

  // Edges of steps that meet where no third one does are one flight: its length for each of them.
  function flightLengths(net) {
    const top = new Int32Array(net.nEdges).fill(-1), at = new Map();
    const find = (e) => {
      while (top[e] !== e) e = top[e] = top[top[e]];
      return e;
    };
    const meet = (node, e) => {
      const ends = at.get(node);
      if (ends) ends.push(e);
      else at.set(node, [e]);
    };
    for (let e = 0; e < net.nEdges; e++) {
      if (!(net.kind[e] & STEPS)) continue;
      top[e] = e;
      meet(net.tail[e], e);
      meet(net.head[e], e);
    }
    at.forEach((ends) => {
      if (ends.length === 2) top[find(ends[0])] = find(ends[1]);
    });
    const sum = new Float64Array(net.nEdges), out = new Float64Array(net.nEdges);
    for (let e = 0; e < net.nEdges; e++) if (top[e] >= 0) sum[find(e)] += net.length[e];
    for (let e = 0; e < net.nEdges; e++) if (top[e] >= 0) out[e] = sum[find(e)];
    return out;
  }

  // `values` with room for more at the end.
  function longer(values, n) {
    const out = new values.constructor(n);
    out.set(values);
    return out;
  }

  // Pieces cut around the millimetres that hold a wait; other edges keep theirs, in long rows.
  function cutAround(net, waits) {
    const order = Array.from(waits.edge.keys()).sort((a, b) => waits.edge[a] - waits.edge[b] || a - b);
    const firstPiece = new Int32Array(net.nEdges + 1), rows = [], edges = [], fresh = [];
    let total = 0, from = 0;
    const keep = (lo, hi) => {
      const shift = total - net.firstPiece[lo];
      for (let e = lo; e < hi; e++) firstPiece[e] = net.firstPiece[e] + shift;
      rows.push([net.firstPiece[lo], net.firstPiece[hi], total]);
      total += net.firstPiece[hi] - net.firstPiece[lo];
    };
    for (let i = 0; i < order.length; ) {
      const e = waits.edge[order[i]], here = [];
      for (; i < order.length && waits.edge[order[i]] === e; i++) here.push(order[i]);
      keep(from, e);
      from = e + 1;
      firstPiece[e] = total;
      const cuts = new Set();
      for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) cuts.add(net.pieceStart[k]);
      for (const w of here) cuts.add(waits.mm[w]).add(waits.mm[w] + 1);
      let waitedAll = 0;
      for (const w of here) waitedAll += waits.ms[w];
      for (const mm of Array.from(cuts).filter((v) => v < net.length[e]).sort((a, b) => a - b)) {
        const k = pieceAt(net, e, mm), by = Math.max(pieceEnd(net, e, k) - net.pieceStart[k], 1);
        let waited = 0;
        for (const w of here) if (waits.mm[w] + 1 <= mm) waited += waits.ms[w];
        fresh.push({ at: total++, mm, k, into: mm - net.pieceStart[k], by, waited });
      }
      edges.push({ e, waited: waitedAll });
    }
    keep(from, net.nEdges);
    firstPiece[net.nEdges] = total;
    const pieceStart = new Int32Array(total);
    for (const [lo, hi, at] of rows) pieceStart.set(net.pieceStart.subarray(lo, hi), at);
    for (const it of fresh) pieceStart[it.at] = it.mm;
    return { rows, edges, fresh, cut: { firstPiece, pieceStart, length: net.length } };
  }

  class Shape {
    // `base` is the shape of the network before edges were appended to it and some were shut.
    constructor(net, walker, waits, toward, base) {
      this.net = net;
      this.walker = walker;
      this.toward = toward;
      this.rule = Boolean(walker.rule_m);
      const from = base ? base.net.nEdges : 0, nPieces = net.pieceStart.length;
      // without slopes the way back is as long as the way there
      this.level = this.rule || !net.slope;
      this.there = base ? longer(base.there, nPieces) : new Float64Array(nPieces);
      this.back = this.level ? this.there :
        base ? longer(base.back, nPieces) : new Float64Array(nPieces);
      this.flats(from);
      this.open(base, from);
      this.steps = this.rule || !walker.steps_penalty_s ? null : this.flights();
      this.waits = waits.edge.length ? cutAround(net, waits) : null;
      this.cut = this.waits ? this.waits.cut : net;
      this.pieceLength = this.lengths();
      this.arcs();
    }

    // What a piece is worth on the flat: from tail to head, and back.
    flats(from) {
      const { net, there, back, level, rule } = this, factor = this.walker.steps_factor;
      const middle = net.ratio ? (net.ratio.length - 1) / 2 : 0;
      for (let e = from; e < net.nEdges; e++) {
        const steps = net.kind[e] & STEPS && !rule, flat = level || net.kind[e] & LIFT;
        for (let k = net.firstPiece[e], last = net.firstPiece[e + 1]; k < last; k++) {
          const mm = (k + 1 < last ? net.pieceStart[k + 1] : net.length[e]) - net.pieceStart[k];
          if (steps) there[k] = back[k] = Math.floor(mm * factor + 0.5);
          else if (flat) there[k] = back[k] = mm;
          else {
            there[k] = Math.floor(mm / net.ratio[middle + net.slope[k]] + 0.5);
            back[k] = Math.floor(mm / net.ratio[middle - net.slope[k]] + 0.5);
          }
        }
      }
    }

    // Millimetres of each piece, at least one.
    lengths() {
      const { firstPiece, pieceStart, length } = this.cut, out = new Int32Array(pieceStart.length);
      for (let e = 0; e + 1 < firstPiece.length; e++) {
        const last = firstPiece[e + 1] - 1;
        for (let k = firstPiece[e]; k < last; k++) out[k] = Math.max(pieceStart[k + 1] - pieceStart[k], 1);
        if (last >= firstPiece[e]) out[last] = Math.max(length[e] - pieceStart[last], 1);
      }
      return out;
    }

    open(base, from) {
      const { net, walker, toward } = this, n = net.nEdges;
      for (const key of ["outOpen", "inOpen", "linkable"]) {
        this[key] = base ? longer(base[key], n) : new Uint8Array(n);
      }
      const one = (e) => {
        const kind = net.kind[e], shut = kind & FERRY || (kind & STEPS && !walker.steps);
        const back = net.oneway[e] ? 0 : 1;
        this.outOpen[e] = shut ? 0 : toward ? back : 1;
        this.inOpen[e] = shut ? 0 : toward ? 1 : back;
        this.linkable[e] = shut || kind & (TUNNEL | LIFT) ? 0 : 1;
      };
      for (let e = from; e < n; e++) one(e);
      for (const e of net.gone || []) one(e);
    }

    // Pieces of steps, for what the whole flight costs.
    flights() {
      const { net } = this, long = flightLengths(net), out = [];
      for (let e = 0; e < net.nEdges; e++) {
        if (!(net.kind[e] & STEPS)) continue;
        for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) {
          out.push({ k, start: net.pieceStart[k], end: pieceEnd(net, e, k), flight: Math.max(long[e], 1) });
        }
      }
      return out;
    }

    // The flat millimetres of a walker who loses the time of a flight at a speed.
    flatAt(flat, speed) {
      if (!this.steps) return flat;
      const out = flat.slice(), flightMm = (this.walker.steps_penalty_s * 1000 * speed) / MS_PER_HOUR;
      for (const { k, start, end, flight } of this.steps) {
        const perMm = flightMm / flight;
        out[k] += Math.floor(end * perMm + 0.5) - Math.floor(start * perMm + 0.5);
      }
      return out;
    }

    arcs() {
      const { net, outOpen, inOpen } = this, { nNodes, nEdges, tail, head } = net;
      const first = new Int32Array(nNodes + 1), firstEnd = new Int32Array(nNodes + 1);
      for (let e = 0; e < nEdges; e++) {
        if (!outOpen[e] && !inOpen[e]) continue;
        first[tail[e] + 1] += outOpen[e];
        first[head[e] + 1] += inOpen[e];
        firstEnd[tail[e] + 1]++;
        firstEnd[head[e] + 1]++;
      }
      for (let v = 0; v < nNodes; v++) {
        first[v + 1] += first[v];
        firstEnd[v + 1] += firstEnd[v];
      }
      const at = first.slice(), atEnd = firstEnd.slice();
      this.firstArc = first;
      this.arcTo = new Int32Array(first[nNodes]);
      this.arcSide = new Int32Array(first[nNodes]);
      // every usable edge at a node, also one that may not be walked from there: 2 e, or 2 e + 1
      // where its head is there
      this.firstEnd = firstEnd;
      this.end = new Int32Array(firstEnd[nNodes]);
      for (let e = 0; e < nEdges; e++) {
        if (!outOpen[e] && !inOpen[e]) continue;
        if (outOpen[e]) {
          const a = at[tail[e]]++;
          this.arcTo[a] = head[e];
          this.arcSide[a] = 2 * e;
        }
        if (inOpen[e]) {
          const a = at[head[e]]++;
          this.arcTo[a] = tail[e];
          this.arcSide[a] = 2 * e + 1;
        }
        this.end[atEnd[tail[e]]++] = 2 * e;
        this.end[atEnd[head[e]]++] = 2 * e + 1;
      }
    }

    // Calls `found` with every (edge, offset) that a position is: at the very end of a one-way edge
    // it is a node, and there at the end of every usable edge.
    positions(e, offset, found) {
      found(e, offset);
      if (this.outOpen[e] === this.inOpen[e]) return;
      this.ends(e, offset, found);
    }

    // The same position as an end of the other edges there.
    ends(e, offset, found) {
      for (const [end, node] of [[0, this.net.tail[e]], [this.net.length[e], this.net.head[e]]]) {
        if (offset !== end) continue;
        for (let i = this.firstEnd[node]; i < this.firstEnd[node + 1]; i++) {
          const edge = this.end[i] >> 1;
          found(edge, this.end[i] & 1 ? this.net.length[edge] : 0);
        }
      }
    }
  }

  parts.shape = { Shape, pieceAt, longer, MS_PER_HOUR };
})(typeof window !== "undefined" ? window : globalThis);
