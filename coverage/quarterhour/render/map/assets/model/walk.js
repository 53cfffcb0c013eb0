// One walker on the network: milliseconds per street and direction, by quarterhour's own formulas.
// Whole numbers in doubles; every product stays below 2^53, and none is cut to 32 bits.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { STEPS, TUNNEL, FERRY, LIFT } = parts.net;
  const MS_PER_HOUR = 3600000;

  function walkMs(mm, speed) {
    return Math.floor((mm * MS_PER_HOUR + Math.floor(speed / 2)) / speed);
  }

  function pieceEnd(net, e, k) {
    return k + 1 < net.firstPiece[e + 1] ? net.pieceStart[k + 1] : net.length[e];
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

  // What a piece is worth on the flat: from tail to head, and back.
  function flatMm(net, walker) {
    const n = net.pieceStart.length;
    const there = new Float64Array(n), back = new Float64Array(n);
    const rule = Boolean(walker.rule_m);
    const middle = net.ratio ? (net.ratio.length - 1) / 2 : 0;
    const penalty = rule ? 0 : walker.steps_penalty_s;
    const flight = penalty ? flightLengths(net) : null;
    const flightMm = (penalty * 1000 * walker.speed_mmph) / MS_PER_HOUR;
    for (let e = 0; e < net.nEdges; e++) {
      const steps = net.kind[e] & STEPS, level = rule || net.kind[e] & LIFT || !net.slope;
      const perMm = flight ? flightMm / Math.max(flight[e], 1) : 0;
      for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) {
        const start = net.pieceStart[k], end = pieceEnd(net, e, k), mm = end - start;
        if (steps && !rule) {
          let worth = Math.floor(mm * walker.steps_factor + 0.5);
          if (flight) {
            worth += Math.floor(end * perMm + 0.5) - Math.floor(start * perMm + 0.5);
          }
          there[k] = back[k] = worth;
        } else if (level) {
          there[k] = back[k] = mm;
        } else {
          there[k] = Math.floor(mm / net.ratio[middle + net.slope[k]] + 0.5);
          back[k] = Math.floor(mm / net.ratio[middle - net.slope[k]] + 0.5);
        }
      }
    }
    return [there, back];
  }

  // Milliseconds of each edge, and of the way from its tail to the start of each piece.
  function along(net, speed, flat) {
    const edge = new Int32Array(net.nEdges), piece = new Int32Array(flat.length);
    for (let e = 0; e < net.nEdges; e++) {
      let ms = 0;
      for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) {
        piece[k] = ms;
        ms += walkMs(flat[k], speed);
      }
      edge[e] = ms;
    }
    return { edge, piece };
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

  // Milliseconds between the tail and a position.
  function positionMs(cut, times, e, offset) {
    const k = pieceAt(cut, e, offset), last = k + 1 === cut.firstPiece[e + 1];
    const mm = (last ? cut.length[e] : cut.pieceStart[k + 1]) - cut.pieceStart[k];
    const ms = (last ? times.edge[e] : times.piece[k + 1]) - times.piece[k];
    const into = offset - cut.pieceStart[k];
    return times.piece[k] + Math.floor((ms * into + Math.floor(mm / 2)) / Math.max(mm, 1));
  }

  // Pieces cut around the millimetres that hold a wait, and the times with the waits in them.
  function withWaits(net, waits, both) {
    if (!waits.edge.length) return { cut: net, both };
    const of = new Map();
    for (let i = 0; i < waits.edge.length; i++) {
      if (!of.has(waits.edge[i])) of.set(waits.edge[i], []);
      of.get(waits.edge[i]).push(i);
    }
    const firstPiece = new Int32Array(net.nEdges + 1), start = [];
    const fresh = both.map((times) => ({ edge: Int32Array.from(times.edge), piece: [] }));
    for (let e = 0; e < net.nEdges; e++) {
      const here = of.get(e);
      if (!here) {
        for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) {
          start.push(net.pieceStart[k]);
          both.forEach((times, way) => fresh[way].piece.push(times.piece[k]));
        }
      } else {
        const cuts = new Set();
        for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) cuts.add(net.pieceStart[k]);
        for (const i of here) cuts.add(waits.mm[i]).add(waits.mm[i] + 1);
        const sorted = Array.from(cuts).filter((mm) => mm < net.length[e]).sort((a, b) => a - b);
        for (const mm of sorted) {
          let waited = 0;
          for (const i of here) if (waits.mm[i] + 1 <= mm) waited += waits.ms[i];
          start.push(mm);
          both.forEach((times, way) => {
            fresh[way].piece.push(positionMs(net, times, e, mm) + waited);
          });
        }
        for (const i of here) for (const times of fresh) times.edge[e] += waits.ms[i];
      }
      firstPiece[e + 1] = start.length;
    }
    for (const times of fresh) times.piece = Int32Array.from(times.piece);
    const cut = Object.assign({}, net, { firstPiece, pieceStart: Int32Array.from(start) });
    return { cut, both: fresh };
  }

  // A search grows from its sources: out along an edge from tail to head, in from head to tail.
  class Walk {
    constructor(net, walker, waits, toward) {
      const speed = (this.speed = walker.speed_mmph);
      const { cut, both } = withWaits(
        net, waits, flatMm(net, walker).map((flat) => along(net, speed, flat))
      );
      this.net = net;
      this.cut = cut;
      this.out = toward ? both[1] : both[0];
      this.in = toward ? both[0] : both[1];
      const n = net.nEdges;
      this.outOpen = new Uint8Array(n);
      this.inOpen = new Uint8Array(n);
      this.linkable = new Uint8Array(n);
      for (let e = 0; e < n; e++) {
        const kind = net.kind[e];
        if (kind & FERRY || (kind & STEPS && !walker.steps)) continue;
        const back = net.oneway[e] ? 0 : 1;
        this.outOpen[e] = toward ? back : 1;
        this.inOpen[e] = toward ? 1 : back;
        this.linkable[e] = kind & (TUNNEL | LIFT) ? 0 : 1;
      }
      this.arcs();
    }

    arcs() {
      const { nNodes, nEdges, tail, head } = this.net;
      const first = new Int32Array(nNodes + 1), firstEnd = new Int32Array(nNodes + 1);
      for (let e = 0; e < nEdges; e++) {
        if (this.outOpen[e]) first[tail[e] + 1]++;
        if (this.inOpen[e]) first[head[e] + 1]++;
        if (!this.outOpen[e] && !this.inOpen[e]) continue;
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
      this.arcMs = new Int32Array(first[nNodes]);
      this.arcSide = new Int32Array(first[nNodes]);
      // every usable edge at a node, also one that may not be walked from there: 2 e, or 2 e + 1
      // where its head is there
      this.firstEnd = firstEnd;
      this.end = new Int32Array(firstEnd[nNodes]);
      for (let e = 0; e < nEdges; e++) {
        if (this.outOpen[e]) {
          const a = at[tail[e]]++;
          this.arcTo[a] = head[e];
          this.arcMs[a] = this.out.edge[e];
          this.arcSide[a] = 2 * e;
        }
        if (this.inOpen[e]) {
          const a = at[head[e]]++;
          this.arcTo[a] = tail[e];
          this.arcMs[a] = this.in.edge[e];
          this.arcSide[a] = 2 * e + 1;
        }
        if (!this.outOpen[e] && !this.inOpen[e]) continue;
        this.end[atEnd[tail[e]]++] = 2 * e;
        this.end[atEnd[head[e]]++] = 2 * e + 1;
      }
    }

    // Milliseconds between the tail and a position, growing out and growing in.
    both(e, offset) {
      const cut = this.cut, first = cut.firstPiece[e], next = cut.firstPiece[e + 1];
      let k = first;
      if (next - first > 1) k = pieceAt(cut, e, offset);
      const last = k + 1 === next, start = cut.pieceStart[k];
      const mm = (last ? cut.length[e] : cut.pieceStart[k + 1]) - start, into = offset - start;
      const half = Math.floor(mm / 2), by = Math.max(mm, 1);
      const out = this.out.piece[k], behind = this.in.piece[k];
      const outMs = (last ? this.out.edge[e] : this.out.piece[k + 1]) - out;
      const inMs = (last ? this.in.edge[e] : this.in.piece[k + 1]) - behind;
      this.outMs = out + Math.floor((outMs * into + half) / by);
      this.inMs = behind + Math.floor((inMs * into + half) / by);
    }

    usable() {
      return this.outOpen.map((open, e) => (open || this.inOpen[e] ? 1 : 0));
    }

    accessMs(mm) {
      return walkMs(mm, this.speed);
    }

    // Calls `found` with every position that (edge, offset) is: at the very end of a one-way edge it
    // is a node, and there at the end of every usable edge.
    positions(e, offset, found) {
      const one = (edge, mm) => {
        this.both(edge, mm);
        found(edge, mm, this.outMs, this.inMs);
      };
      one(e, offset);
      if (this.outOpen[e] === this.inOpen[e]) return;
      this.ends(e, offset, one);
    }

    // The same position as an end of the other edges there.
    ends(e, offset, one) {
      for (const [end, node] of [[0, this.net.tail[e]], [this.net.length[e], this.net.head[e]]]) {
        if (offset !== end) continue;
        for (let i = this.firstEnd[node]; i < this.firstEnd[node + 1]; i++) {
          const edge = this.end[i] >> 1;
          one(edge, this.end[i] & 1 ? this.net.length[edge] : 0);
        }
      }
    }
  }

  parts.walk = { Walk, walkMs };
})(typeof window !== "undefined" ? window : globalThis);
