// Which parts of the streets are reached, cut exactly where the cutoff falls, as core.pieces.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { UNREACHED } = parts.search;

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

  // Reached parts as {edge, from_mm, to_mm}. `label`: milliseconds per node; `nodes`: those that
  // may be reached, null for all; `stops`: the sources.
  function reached(walk, label, nodes, stops, cutoff) {
    const { net, cut, out, in: into, outOpen, inOpen } = walk;
    const own = new Map(), found = [], seen = new Set();
    for (let s = 0; s < stops.n; s++) {
      const e = stops.edge.data[s];
      if (!own.has(e)) own.set(e, []);
      own.get(e).push(s);
    }
    const one = (e) => {
      if (seen.has(e)) return;
      seen.add(e);
      const spans = [];
      const tail = label[net.tail[e]], head = label[net.head[e]];
      if (outOpen[e] && tail <= cutoff) spans.push([0, furthest(cut, out, e, cutoff - tail)]);
      if (inOpen[e] && head <= cutoff) {
        spans.push([earliest(cut, into, e, into.edge[e] - (cutoff - head)), net.length[e]]);
      }
      for (const s of own.get(e) || []) {
        const left = cutoff - stops.access.data[s], mm = stops.mm.data[s];
        if (left < 0) continue;
        spans.push([
          inOpen[e] ? earliest(cut, into, e, stops.in.data[s] - left) : mm,
          outOpen[e] ? furthest(cut, out, e, stops.out.data[s] + left) : mm,
        ]);
      }
      for (const [from_mm, to_mm] of merged(spans)) found.push({ edge: e, from_mm, to_mm });
    };
    if (nodes === null) {
      for (let e = 0; e < net.nEdges; e++) {
        if (label[net.tail[e]] !== UNREACHED || label[net.head[e]] !== UNREACHED) one(e);
      }
    } else {
      for (const node of nodes) {
        for (let a = walk.firstArc[node]; a < walk.firstArc[node + 1]; a++) one(walk.arcSide[a] >> 1);
      }
    }
    own.forEach((_, e) => one(e));
    return found.sort((a, b) => a.edge - b.edge || a.from_mm - b.from_mm);
  }

  parts.parts = { reached };
})(typeof window !== "undefined" ? window : globalThis);
