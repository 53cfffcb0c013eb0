// One walker on the network: milliseconds per street and direction, by quarterhour's own formulas.
// Whole numbers in doubles; every product stays below 2^53, and none is cut to 32 bits.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { pieceAt, MS_PER_HOUR } = parts.shape;

  function walkMs(mm, speed) {
    return Math.floor((mm * MS_PER_HOUR + Math.floor(speed / 2)) / speed);
  }

  // Milliseconds of each edge, of each piece, and of the way from the tail to the start of a piece.
  function along(net, speed, flat) {
    const n = net.nEdges, first = net.firstPiece, half = Math.floor(speed / 2);
    const edge = new Int32Array(n), piece = new Int32Array(flat.length);
    const lasts = new Int32Array(flat.length);
    for (let e = 0; e < n; e++) {
      let ms = 0;
      for (let k = first[e], last = first[e + 1]; k < last; k++) {
        const long = Math.floor((flat[k] * MS_PER_HOUR + half) / speed);
        piece[k] = ms;
        lasts[k] = long;
        ms += long;
      }
      edge[e] = ms;
    }
    return { edge, piece, lasts };
  }

  // The same with the waits in their millimetres.
  function waiting(times, { rows, edges, fresh, cut }) {
    const total = cut.pieceStart.length, edge = times.edge.slice();
    const piece = new Int32Array(total), lasts = new Int32Array(total);
    for (const [lo, hi, at] of rows) {
      piece.set(times.piece.subarray(lo, hi), at);
      lasts.set(times.lasts.subarray(lo, hi), at);
    }
    for (const { at, k, into, by, waited } of fresh) {
      const ms = times.lasts[k] * into + Math.floor(by / 2);
      piece[at] = times.piece[k] + Math.floor(ms / by) + waited;
    }
    for (const { e, waited } of edges) {
      edge[e] += waited;
      for (let k = cut.firstPiece[e], last = cut.firstPiece[e + 1]; k < last; k++) {
        lasts[k] = (k + 1 < last ? piece[k + 1] : edge[e]) - piece[k];
      }
    }
    return { edge, piece, lasts };
  }

  // A search grows from its sources: out along an edge from tail to head, in from head to tail.
  class Walk {
    constructor(shape, speed) {
      this.shape = shape;
      this.speed = speed;
      for (const key of ["net", "cut", "outOpen", "inOpen", "linkable", "firstArc", "arcTo", "arcSide",
        "firstEnd", "end"]) {
        this[key] = shape[key];
      }
      const at = (flat) => {
        const times = along(shape.net, speed, shape.flatAt(flat, speed));
        return shape.waits ? waiting(times, shape.waits) : times;
      };
      const there = at(shape.there), back = shape.level ? there : at(shape.back);
      this.out = shape.toward ? back : there;
      this.in = shape.toward ? there : back;
      const { arcSide } = this, out = this.out.edge, into = this.in.edge, n = arcSide.length;
      this.arcMs = new Int32Array(n);
      for (let a = 0; a < n; a++) {
        const side = arcSide[a];
        this.arcMs[a] = side & 1 ? into[side >> 1] : out[side >> 1];
      }
    }

    // Milliseconds between the tail and a position, growing out and growing in.
    both(e, offset) {
      const cut = this.cut, first = cut.firstPiece[e], next = cut.firstPiece[e + 1];
      const k = next - first > 1 ? pieceAt(cut, e, offset) : first;
      const into = offset - cut.pieceStart[k], by = this.shape.pieceLength[k], half = by >> 1;
      this.outMs = this.out.piece[k] + Math.floor((this.out.lasts[k] * into + half) / by);
      this.inMs = this.in.piece[k] + Math.floor((this.in.lasts[k] * into + half) / by);
    }

    usable() {
      return this.outOpen.map((open, e) => (open || this.inOpen[e] ? 1 : 0));
    }

    accessMs(mm) {
      return walkMs(mm, this.speed);
    }

    // Calls `found` with every position that (edge, offset) is, and its times.
    positions(e, offset, found) {
      this.shape.positions(e, offset, (edge, mm) => {
        this.both(edge, mm);
        found(edge, mm, this.outMs, this.inMs);
      });
    }
  }

  parts.walk = { Walk, walkMs };
})(typeof window !== "undefined" ? window : globalThis);
