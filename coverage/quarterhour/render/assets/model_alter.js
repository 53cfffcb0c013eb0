// Streets closed at a point and new links: the network with its edges cut up, as core.splice cuts
// them. Where a street is closed nobody passes; a link is a level street between two positions.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const FERRY = parts.net.FERRY;

  // Cuts and ends of links by edge: {cuts: [offset], joins: [offset]}, each ascending and once.
  function wanted(net, cuts, links) {
    const of = new Map();
    const note = (at, key) => {
      if (!(at.edge >= 0 && at.edge < net.nEdges)) throw new Error("no such street");
      if (!of.has(at.edge)) of.set(at.edge, { cuts: new Set(), joins: new Set() });
      of.get(at.edge)[key].add(Math.min(Math.max(at.offset_mm, 0), net.length[at.edge]));
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
    const net = model.net, links = options.links || [];
    const of = wanted(net, options.cuts || [], links);
    let nNodes = net.nNodes;
    const whole = (e) => ({ e, start: 0, end: net.length[e], tail: net.tail[e], head: net.head[e] });
    const rows = Array.from({ length: net.nEdges }, (_, e) => whole(e)), of_edge = new Map();
    const more = [], gone = new Set();
    of.forEach((want, e) => {
      const kept = split(net, e, want, () => nNodes++).map((part) => Object.assign(part, { e }));
      const numbers = kept.map((part, i) => {
        if (i === 0) rows[e] = part;
        else more.push(part);
        return i === 0 ? e : net.nEdges + more.length - 1;
      });
      if (!kept.length) gone.add(e);
      of_edge.set(e, { kept, numbers });
    });
    rows.push(...more);

    // The part that a position lies on; at the end of two, the first of them.
    function place(e, offset) {
      const made = of_edge.get(e);
      if (!made || !made.kept.length) return [e, offset];
      let i = 0;
      while (i + 1 < made.kept.length && offset > made.kept[i].end) i++;
      return [made.numbers[i], offset - made.kept[i].start];
    }

    function node(at) {
      const [e, offset] = place(at.edge, at.offset_mm);
      return offset <= 0 ? rows[e].tail : rows[e].head;
    }
    for (const link of links) {
      const length = Math.max(Math.floor(link.length_mm), 0);
      rows.push({ e: -1, start: 0, end: length, tail: node(link.from), head: node(link.to) });
    }
    return { net: fresh(net, rows, nNodes, gone), place, rows, waits: waitsOf(model, k, of_edge) };
  }

  function fresh(net, rows, nNodes, gone) {
    const n = rows.length, column = (Type, value) => Type.from(rows, value);
    const taken = (values) => column(Uint8Array, (row) => (row.e < 0 ? 0 : values[row.e]));
    const out = {
      nNodes, nEdges: n, ratio: net.ratio, stepM: net.stepM,
      tail: column(Int32Array, (row) => row.tail),
      head: column(Int32Array, (row) => row.head),
      length: column(Int32Array, (row) => row.end - row.start),
      kind: taken(net.kind), rank: taken(net.rank), oneway: taken(net.oneway),
      firstPiece: new Int32Array(n + 1),
    };
    gone.forEach((e) => { out.kind[e] = FERRY; });
    const start = [], slope = [];
    for (let i = 0; i < n; i++) {
      const row = rows[i], from = row.e < 0 ? 0 : net.firstPiece[row.e];
      const to = row.e < 0 ? 0 : net.firstPiece[row.e + 1];
      let first = true;
      for (let k = from; k < to; k++) {
        const end = k + 1 < to ? net.pieceStart[k + 1] : net.length[row.e];
        if (end <= row.start && k + 1 < to) continue;
        if (!first && net.pieceStart[k] >= row.end) break;
        start.push(first ? 0 : net.pieceStart[k] - row.start);
        if (net.slope) slope.push(net.slope[k]);
        first = false;
      }
      if (first) {
        start.push(0);
        slope.push(0);
      }
      out.firstPiece[i + 1] = start.length;
    }
    out.pieceStart = Int32Array.from(start);
    out.slope = net.slope ? Int32Array.from(slope) : null;
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

  parts.alter = { altered };
})(typeof window !== "undefined" ? window : globalThis);
