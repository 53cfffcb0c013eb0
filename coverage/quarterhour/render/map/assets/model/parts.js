// Which parts of the streets are reached, cut exactly where the cutoff falls, as core.pieces.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { Column } = parts.search;

  // The largest offset from the tail whose time is at most `budget`, which is not negative.
  function furthest(cut, times, e, budget) {
    const last = cut.firstPiece[e + 1] - 1;
    for (let k = cut.firstPiece[e]; k <= last; k++) {
      const endMs = k < last ? times.piece[k + 1] : times.edge[e];
      const endMm = k < last ? cut.pieceStart[k + 1] : cut.length[e];
      if (endMs <= budget && k < last) continue;
      const ms = endMs - times.piece[k], mm = endMm - cut.pieceStart[k];
      const left = budget - times.piece[k];
      if (left >= ms) return endMm;
      return cut.pieceStart[k] + Math.floor(((left + 1) * mm - 1 - Math.floor(mm / 2)) / ms);
    }
    return cut.length[e];
  }

  // The smallest offset from the tail whose time is at least `need`.
  function earliest(cut, times, e, need) {
    const last = cut.firstPiece[e + 1] - 1;
    for (let k = cut.firstPiece[e]; k <= last; k++) {
      const endMs = k < last ? times.piece[k + 1] : times.edge[e];
      const endMm = k < last ? cut.pieceStart[k + 1] : cut.length[e];
      if (endMs < need && k < last) continue;
      const ms = endMs - times.piece[k], mm = endMm - cut.pieceStart[k];
      const left = need - times.piece[k];
      if (left <= 0) return cut.pieceStart[k];
      return cut.pieceStart[k] + Math.floor((left * mm - Math.floor(mm / 2) + ms - 1) / ms);
    }
    return cut.length[e];
  }

  // Ascending, merged where they touch; those without a length are left out.
  function merged(spans) {
    if (spans.length === 1) return spans[0][1] > spans[0][0] ? spans : [];
    spans.sort((a, b) => a[0] - b[0]);
    const out = [];
    for (const [from, to] of spans) {
      const last = out[out.length - 1];
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else out.push([from, to]);
    }
    return out.filter(([from, to]) => to > from);
  }

  // Parts of streets as columns: `edge` ascending, and on an edge `from_mm` ascending.
  class Spans {
    constructor(room) {
      for (const key of ["edge", "from", "to"]) this[key] = new Column(room);
    }
    get n() {
      return this.edge.n;
    }
    add(e, from, to) {
      if (to <= from) return;
      this.edge.push(e);
      this.from.push(from);
      this.to.push(to);
    }
    list() {
      const { edge, from, to, n } = this;
      return Array.from({ length: n }, (_, i) => ({
        edge: edge.data[i], from_mm: from.data[i], to_mm: to.data[i],
      }));
    }
  }

  // Reached parts. `label`: milliseconds per node; `nodes`: those that may be reached, null for all;
  // `stops`: the sources.
  function reached(walk, label, nodes, stops, cutoff) {
    const { net, cut, out, in: into, outOpen, inOpen } = walk, { tail, head, length } = net;
    const own = new Map(), found = new Spans(nodes === null ? net.nEdges : 256);
    for (let s = 0; s < stops.n; s++) {
      const e = stops.edge.data[s];
      if (!own.has(e)) own.set(e, []);
      own.get(e).push(s);
    }
    const one = (e) => {
      const byTail = outOpen[e] ? cutoff - label[tail[e]] : -1;
      const byHead = inOpen[e] ? cutoff - label[head[e]] : -1;
      if ((byTail >= 0 && out.edge[e] <= byTail) || (byHead >= 0 && into.edge[e] <= byHead)) {
        found.add(e, 0, length[e]);
        return;
      }
      const ahead = byTail >= 0 ? furthest(cut, out, e, byTail) : 0;
      const back = byHead >= 0 ? earliest(cut, into, e, into.edge[e] - byHead) : length[e];
      const here = own.get(e);
      if (!here) {
        if (ahead >= back) found.add(e, 0, length[e]);
        else {
          found.add(e, 0, ahead);
          found.add(e, back, length[e]);
        }
        return;
      }
      const spans = [[0, ahead], [back, length[e]]];
      for (const s of here) {
        const left = cutoff - stops.access.data[s], mm = stops.mm.data[s];
        if (left < 0) continue;
        spans.push([
          inOpen[e] ? earliest(cut, into, e, stops.in.data[s] - left) : mm,
          outOpen[e] ? furthest(cut, out, e, stops.out.data[s] + left) : mm,
        ]);
      }
      for (const [from, to] of merged(spans)) found.add(e, from, to);
    };
    if (nodes === null) {
      for (let e = 0; e < net.nEdges; e++) {
        const far = label[tail[e]] > cutoff && label[head[e]] > cutoff;
        if (!far || (own.size && own.has(e))) one(e);
      }
    } else {
      const seen = new Set(own.keys());
      for (const node of nodes) {
        for (let a = walk.firstArc[node]; a < walk.firstArc[node + 1]; a++) {
          seen.add(walk.arcSide[a] >> 1);
        }
      }
      Int32Array.from(seen).sort().forEach(one);
    }
    return found;
  }

  parts.parts = { Spans, reached };
})(typeof window !== "undefined" ? window : globalThis);
