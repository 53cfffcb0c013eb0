// Streets closed at a point and new links: the network with its edges cut up, as core.splice cuts
// them. Where a street is closed nobody passes; a link is a level street between two positions, or
// what is said of it: its kind, pieces, slopes and waits. An end {fresh} is a node of its own.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { FERRY, LIFT } = parts.net;
  const { longer } = parts.shape;

  const LEAST_MMPH = 36000, MOST_MMPH = 1e9, MOST_MS = 1e9, MOST_MM = 1e9;
  const MOST_FRESH = 1e6;

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
      for (const end of [link.from, link.to]) {
        if (end.fresh === undefined) checkSpot(net, end);
        else whole(end.fresh, 0, MOST_FRESH, "node");
      }
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
      for (const end of [link.from, link.to]) if (end.fresh === undefined) note(end, "joins");
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

  // The network with its cut edges shut and their parts, and the links, behind all others: what was
  // not touched keeps its number.
  function altered(model, k, options) {
    const net = model.net, links = options.links || [], n = net.nEdges;
    const of = wanted(net, options.cuts || [], links), made = new Map(), more = [];
    let nNodes = net.nNodes;
    of.forEach((want, e) => {
      const kept = split(net, e, want, () => nNodes++).map((part) => Object.assign(part, { e }));
      // an end of a link at the end of a street cuts nothing
      if (kept.length === 1 && kept[0].tail === net.tail[e] && kept[0].head === net.head[e]) return;
      made.set(e, { kept, first: n + more.length });
      more.push(...kept);
    });

    // The part that a position lies on; at the end of two, the first of them.
    function place(e, offset) {
      const here = made.get(e);
      if (!here || !here.kept.length) return [e, offset];
      let i = 0;
      while (i + 1 < here.kept.length && offset > here.kept[i].end) i++;
      return [here.first + i, offset - here.kept[i].start];
    }

    // What an edge was cut from: {e, start}, e is -1 for a link.
    function origin(number) {
      return number >= n ? more[number - n] : { e: number, start: 0 };
    }

    const own = new Map();
    function node(at) {
      if (at.fresh !== undefined) {
        if (!own.has(at.fresh)) own.set(at.fresh, nNodes++);
        return own.get(at.fresh);
      }
      const [number, offset] = place(at.edge, at.offset_mm);
      const ends = number >= n ? more[number - n] : { tail: net.tail[number], head: net.head[number] };
      return offset <= 0 ? ends.tail : ends.head;
    }
    const roads = links.map((link) => ({
      e: -1, start: 0, end: link.length_mm, tail: node(link.from), head: node(link.to),
      kind: link.kind || 0, rank: link.rank || 0, pieces: link.pieces,
    }));
    // pieces as the plan has them, where its ground was laid anew
    for (const [e, start, mm, slope] of options.parts || []) {
      const part = more.find((it) => it.e === e && it.start === start);
      if (part) part.pieces = [mm, slope];
    }
    const firstRoad = n + more.length;
    more.push(...roads);
    const touched = Array.from(made.keys());
    return {
      net: fresh(net, touched, more, nNodes), place, origin, touched,
      waits: waitsOf(model, k, made, links, firstRoad),
    };
  }

  // Pieces of a part: those of its street that lie in it, the first from its beginning.
  function piecesOf(net, part, found) {
    if (part.pieces) return part.pieces[0].forEach((mm, i) => found(mm, part.pieces[1][i]));
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

  function fresh(net, touched, more, nNodes) {
    const nOld = net.nEdges, n = nOld + more.length;
    const out = { nNodes, nEdges: n, ratio: net.ratio, stepM: net.stepM, gone: touched };
    for (const key of ["tail", "head", "length", "kind", "rank", "oneway"]) {
      out[key] = longer(net[key], n);
    }
    for (const e of touched) out.kind[e] = FERRY; // its parts stand for it
    out.firstPiece = longer(net.firstPiece, n + 1);
    const start = [], slope = [], before = net.pieceStart.length;
    more.forEach((part, i) => {
      const e = nOld + i;
      out.tail[e] = part.tail;
      out.head[e] = part.head;
      out.length[e] = part.end - part.start;
      for (const key of ["kind", "rank", "oneway"]) {
        out[key][e] = part.e < 0 ? part[key] || 0 : net[key][part.e];
      }
      piecesOf(net, part, (mm, s) => {
        start.push(mm);
        slope.push(s);
      });
      out.firstPiece[e + 1] = before + start.length;
    });
    out.pieceStart = longer(net.pieceStart, before + start.length);
    out.pieceStart.set(start, before);
    out.slope = net.slope ? longer(net.slope, before + start.length) : null;
    if (out.slope) out.slope.set(slope, before);
    return out;
  }

  function waitsOf(model, k, made, links, firstRoad) {
    const sent = model.waits[model.services[k].sent.waits];
    const edge = Array.from(sent.edge), mm = Array.from(sent.mm), ms = Array.from(sent.ms);
    for (let i = 0; i < edge.length; i++) {
      const here = made.get(edge[i]);
      if (!here) continue;
      const at = here.kept.findIndex((part) => part.start <= mm[i] && mm[i] < part.end);
      if (at < 0) continue;
      edge[i] = here.first + at;
      mm[i] -= here.kept[at].start;
    }
    if (links.length && sent.edge.length) {
      const halfAt = halves(model.net, sent);
      links.forEach((link, i) => {
        const length = link.length_mm, ends = [[link.from, 0], [link.to, length - 1]];
        if (link.waits) return;
        for (const [at, where] of length > 0 ? ends : []) {
          const half = halfAt(at);
          if (!half) continue;
          edge.push(firstRoad + i);
          mm.push(where);
          ms.push(half);
        }
      });
    }
    links.forEach((link, i) => {
      const [at, wait] = link.waits || [[], []];
      at.forEach((where, j) => {
        edge.push(firstRoad + i);
        mm.push(where);
        ms.push(wait[j]);
      });
    });
    return { edge, mm, ms };
  }

  // Half of the wait at a position: every street that meets at a point holds one, a new one too.
  function halves(net, { edge, mm, ms }) {
    const node = new Map(), inner = new Map();
    const note = (at, key, half) => at.set(key, Math.max(at.get(key) || 0, half));
    for (let i = 0; i < edge.length; i++) {
      const e = edge[i];
      if (net.kind[e] & LIFT) continue;
      if (mm[i] === 0) note(node, net.tail[e], ms[i]);
      if (mm[i] === net.length[e] - 1) note(node, net.head[e], ms[i]);
      note(inner, e + " " + mm[i], ms[i]);
    }
    return ({ edge: e, offset_mm: at }) => {
      if (at === 0) return node.get(net.tail[e]) || 0;
      if (at === net.length[e]) return node.get(net.head[e]) || 0;
      // both millimetres beside a point hold it
      return Math.min(inner.get(e + " " + (at - 1)) || 0, inner.get(e + " " + at) || 0);
    };
  }

  parts.alter = { altered, checkSpot, checkTerms, checkChange };
})(typeof window !== "undefined" ? window : globalThis);
