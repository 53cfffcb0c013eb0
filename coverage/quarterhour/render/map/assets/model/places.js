// Places of demand in the order of their edges, one entry for each position that a place is. Where they
// lie is known before any speed; `at` gives their times for a walker. The entries of an edge e are
// those from begin[e] up to, but not including, end[e].
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { pieceAt, longer, MS_PER_HOUR } = parts.shape;
  const COLUMNS = ["owner", "piece", "into"];

  class Places {
    // `changed`: a change of the network, and the places on it before the change.
    constructor(shape, demand, changed, before) {
      this.shape = shape;
      this.demand = demand;
      if (!changed || !before || !before.once || !this.patch(changed, before)) {
        this.whole(changed ? changed.place : null);
      }
    }

    // Where a place is, and at the end of a one-way street its other positions.
    positions(p, place, found) {
      const { edge, offset } = this.demand;
      if (place) {
        const [e, mm] = place(edge[p], offset[p]);
        this.shape.positions(e, mm, found);
      } else this.shape.positions(edge[p], offset[p], found);
    }

    room(n) {
      for (const key of COLUMNS) this[key] = new Int32Array(n);
    }

    put(i, p, e, mm) {
      const k = pieceAt(this.shape.cut, e, mm);
      this.owner[i] = p;
      this.piece[i] = k;
      this.into[i] = mm - this.shape.cut.pieceStart[k];
    }

    whole(place) {
      const { shape, demand } = this, nEdges = shape.net.nEdges, n = demand.n;
      const first = new Int32Array(nEdges + 1), own = new Int32Array(n), ownMm = new Int32Array(n);
      const more = [];
      for (let p = 0; p < n; p++) {
        let e = -1;
        this.positions(p, place, (edge, mm) => {
          first[edge + 1]++;
          if (e >= 0) more.push([p, edge, mm]);
          else {
            own[p] = e = edge;
            ownMm[p] = mm;
          }
        });
      }
      for (let e = 0; e < nEdges; e++) first[e + 1] += first[e];
      const next = first.slice();
      this.room(n + more.length);
      for (let p = 0; p < n; p++) this.put(next[own[p]]++, p, own[p], ownMm[p]);
      for (const [p, e, mm] of more) this.put(next[e]++, p, e, mm);
      this.once = more.length === 0;
      this.begin = first.subarray(0, nEdges);
      this.end = first.subarray(1);
    }

    // Entries of the edges that were cut up stand behind the others; false where one is needed
    // among those.
    patch(changed, before) {
      const nEdges = this.shape.net.nEdges, from = before.shape.net.nEdges, n = before.owner.length;
      const moved = [];
      let good = true;
      for (const e of changed.touched) {
        for (let i = before.begin[e]; i < before.end[e]; i++) {
          let seen = 0;
          this.positions(before.owner[i], changed.place, (edge, mm) => {
            if (edge < from || seen++) good = false;
            moved.push([before.owner[i], edge, mm]);
          });
        }
      }
      if (!good) return false;
      moved.sort((a, b) => a[1] - b[1]);
      for (const key of COLUMNS) this[key] = longer(before[key], n + moved.length);
      this.renumber(before, n);
      this.begin = longer(before.begin, nEdges);
      this.end = longer(before.end, nEdges);
      for (const e of changed.touched) this.begin[e] = this.end[e] = 0;
      moved.forEach(([p, e, mm], at) => {
        const i = n + at;
        this.put(i, p, e, mm);
        if (this.begin[e] === this.end[e]) this.begin[e] = this.end[e] = i;
        this.end[e] = i + 1;
      });
      this.once = true;
      this.kept = n;
      return true;
    }

    // Waits that moved to a part have taken pieces out of their old edge.
    renumber(before, n) {
      const now = this.shape.cut.firstPiece, was = before.shape.cut.firstPiece;
      if (now === was) return;
      for (let e = 0; e < before.shape.net.nEdges; e++) {
        const shift = now[e] - was[e];
        if (!shift) continue;
        for (let i = before.begin[e]; i < before.end[e]; i++) this.piece[i] += shift;
      }
    }

    // Milliseconds of every entry from the tail, growing out and growing in, and of its leg. `known`:
    // the same at the same speed before the change.
    at(walk, known) {
      const n = this.owner.length, { piece, into, owner, shape } = this, speed = walk.speed;
      const kept = known && this.kept !== undefined ? this.kept : 0;
      const room = (values) => (kept ? longer(values, n) : new Int32Array(n));
      const half = Math.floor(speed / 2), out = room(kept && known.out), by = shape.pieceLength;
      const access = room(kept && known.access), leg = this.demand.access;
      const same = walk.in === walk.out, inward = same ? out : room(kept && known.in);
      const from = walk.out.piece, long = walk.out.lasts;
      const fromIn = walk.in.piece, longIn = walk.in.lasts;
      for (let i = kept; i < n; i++) {
        const k = piece[i], mm = into[i], whole = by[k], middle = whole >> 1, mine = leg[owner[i]];
        out[i] = from[k] + Math.floor((long[k] * mm + middle) / whole);
        if (!same) inward[i] = fromIn[k] + Math.floor((longIn[k] * mm + middle) / whole);
        access[i] = mine ? Math.floor((mine * MS_PER_HOUR + half) / speed) : 0;
      }
      const start = shape.cut.pieceStart;
      return {
        begin: this.begin, end: this.end, owner, once: this.once, out, in: inward, access,
        mm: (i) => start[piece[i]] + into[i],
      };
    }
  }

  parts.places = { Places };
})(typeof window !== "undefined" ? window : globalThis);
