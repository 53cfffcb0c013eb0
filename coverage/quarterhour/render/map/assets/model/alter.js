// Streets closed at a point and new links: the network with its edges cut up, as core.splice cuts
// them. Where a street is closed nobody passes; a link is a level street between two positions.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const FERRY = parts.net.FERRY;

  const LEAST_MMPH = 36000, MOST_MMPH = 1e9, MOST_MS = 1e9, MOST_MM = 1e9;

  // What cannot be answered is refused: a figure for something else would be worse than none.
  function whole(value, low, high, what) {
    if (!Number.isInteger(value) || value < low || value > high) throw new Error("no such " + what);
  }

  function checkSpot(net, at) {
    whole(at.edge, 0, net.nEdges - 1, "street");
    whole(at.offset_mm, 0, net.length[at.edge], "position on the street");
    if (at.access_mm !== undefined) whole(at.access_mm, 0, MOST_MM, "leg beside the street");
  }

  function checkTerms({ cutoff_ms: cutoff, speed_mmph: speed }) {
    if (cutoff !== undefined) whole(cutoff, 0, MOST_MS, "cutoff");
    if (speed !== undefined) whole(speed, LEAST_MMPH, MOST_MMPH, "speed");
  }

  function checkChange(net, { cuts, links }) {
    for (const cut of cuts || []) checkSpot(net, cut);
    for (const link of links || []) {
      checkSpot(net, link.from);
      checkSpot(net, link.to);
      whole(link.length_mm, 0, MOST_MM, "length of a link");
    }
  }

  // Cuts and ends of links by edge: {cuts: [offset], joins: [offset]}, each ascending and once.
  function wanted(net, cuts, links) {
    const of = new Map();
    const note = (at, key) => {
      if (!of.has(at.edge)) of.set(at.edge, { cuts: new Set(), joins: new Set() });
      of.get(at.edge)[key].add(at.offset_mm);
    };
    for (const cut of cuts) note(cut, "cuts");
    for (const link of links) {
      note(link.from, "joins");
      note(link.to, "joins");
    }
    return of;
  }

  // What remains of an edge, from tail to head, with the nodes at the ends of each part.
  function split(net, e, { cuts, joins }, newNode) {
    const length = net.length[e], found = [];
    const stops = Array.from(new Set([...cuts, ...joins])).sort((a, b) => a - b);
    let start = 0, tail = net.tail[e];
    for (const at of stops) {
      if (!cuts.has(at) && (at === 0 || at === length)) continue; // the node is there already
      const before = newNode(), after = cuts.has(at) ? newNode() : before;
      if (at > start) found.push({ start, end: at, tail, head: before });
      start = at;
      tail = after;
    }
    if (length > start) found.push({ start, end: length, tail, head: net.head[e] });
    return found;
  }

  function altered(model, k, options) {
    const net = model.net, links = options.links || [], n = net.nEdges;
    const of = wanted(net, options.cuts || [], links), made = new Map(), more = [];
    let nNodes = net.nNodes;
    of.forEach((want, e) => {
      const kept = split(net, e, want, () => nNodes++).map((part) => Object.assign(part, { e }));
      const numbers = kept.map((part, i) => (i ? n + more.push(part) - 1 : e));
      made.set(e, { kept, numbers });
    });

    // The part that a position lies on; at the end of two, the first of them.
    function place(e, offset) {
      const here = made.get(e);
      if (!here || !here.kept.length) return [e, offset];
      let i = 0;
      while (i + 1 < here.kept.length && offset > here.kept[i].end) i++;
      return [here.numbers[i], offset - here.kept[i].start];
    }

    // What an edge was cut from: {e, start}, e is -1 for a link.
    function origin(number) {
      if (number >= n) return more[number - n];
      const here = made.get(number);
      return here && here.kept.length ? here.kept[0] : { e: number, start: 0 };
    }

    function node(at) {
      const [number, offset] = place(at.edge, at.offset_mm), part = origin(number);
      const ends = part.end === undefined ? { tail: net.tail[number], head: net.head[number] } : part;
      return offset <= 0 ? ends.tail : ends.head;
    }
    const roads = links.map((link) => ({
      e: -1, start: 0, end: link.length_mm,
      tail: node(link.from), head: node(link.to),
    }));
    more.push(...roads);
    return {
      net: fresh(net, made, more, nNodes), place, origin, waits: waitsOf(model, k, made),
    };
  }

  // Pieces of a part: those of its street that lie in it, the first from its beginning.
  function piecesOf(net, part, found) {
    if (part.e < 0) return found(0, 0);
    const to = net.firstPiece[part.e + 1];
    let first = true;
    for (let k = net.firstPiece[part.e]; k < to; k++) {
      const end = k + 1 < to ? net.pieceStart[k + 1] : net.length[part.e];
      if (end <= part.start && k + 1 < to) continue;
      if (!first && net.pieceStart[k] >= part.end) break;
      found(first ? 0 : net.pieceStart[k] - part.start, net.slope ? net.slope[k] : 0);
      first = false;
    }
    return undefined;
  }

  function fresh(net, made, more, nNodes) {
    const nOld = net.nEdges, n = nOld + more.length;
    const out = { nNodes, nEdges: n, ratio: net.ratio, stepM: net.stepM };
    for (const key of ["tail", "head", "length", "kind", "rank", "oneway"]) {
      out[key] = new net[key].constructor(n);
      out[key].set(net[key]);
    }
    const set = (number, part) => {
      out.tail[number] = part.tail;
      out.head[number] = part.head;
      out.length[number] = part.end - part.start;
      for (const key of ["kind", "rank", "oneway"]) {
        out[key][number] = part.e < 0 ? 0 : net[key][part.e];
      }
    };
    made.forEach(({ kept }, e) => {
      if (kept.length) set(e, kept[0]);
      else out.kind[e] = FERRY; // nothing is left of it
    });
    more.forEach((part, i) => set(nOld + i, part));
    // streets that are not cut keep their pieces, in long rows
    const start = [], slope = [], firstPiece = (out.firstPiece = new Int32Array(n + 1));
    const cutEdges = Array.from(made.keys()).sort((a, b) => a - b), rows = [];
    let total = 0, from = 0;
    const whole = (lo, hi) => {
      const shift = total - net.firstPiece[lo];
      for (let e = lo; e < hi; e++) firstPiece[e] = net.firstPiece[e] + shift;
      rows.push([net.firstPiece[lo], net.firstPiece[hi], total]);
      total += net.firstPiece[hi] - net.firstPiece[lo];
    };
    const part = (number, it) => {
      firstPiece[number] = total;
      piecesOf(net, it, (mm, s) => {
        start.push([total++, mm]);
        slope.push(s);
      });
    };
    for (const e of cutEdges) {
      whole(from, e);
      const { kept } = made.get(e);
      part(e, kept.length ? kept[0] : { e, start: 0, end: net.length[e] });
      from = e + 1;
    }
    whole(from, nOld);
    more.forEach((it, i) => part(nOld + i, it));
    firstPiece[n] = total;
    out.pieceStart = new Int32Array(total);
    out.slope = net.slope ? new net.slope.constructor(total) : null;
    for (const [lo, hi, at] of rows) {
      out.pieceStart.set(net.pieceStart.subarray(lo, hi), at);
      if (out.slope) out.slope.set(net.slope.subarray(lo, hi), at);
    }
    start.forEach(([at, mm], i) => {
      out.pieceStart[at] = mm;
      if (out.slope) out.slope[at] = slope[i];
    });
    return out;
  }

  function waitsOf(model, k, of_edge) {
    const sent = model.waits[model.services[k].sent.waits];
    const edge = Int32Array.from(sent.edge), mm = Int32Array.from(sent.mm);
    for (let i = 0; i < edge.length; i++) {
      const made = of_edge.get(edge[i]);
      if (!made) continue;
      const at = made.kept.findIndex((part) => part.start <= mm[i] && mm[i] < part.end);
      if (at < 0) continue;
      edge[i] = made.numbers[at];
      mm[i] -= made.kept[at].start;
    }
    return { edge, mm, ms: sent.ms };
  }

  parts.alter = { altered, checkSpot, checkTerms, checkChange };
})(typeof window !== "undefined" ? window : globalThis);
