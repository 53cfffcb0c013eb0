// The walking network and the people of the model, as the packer describes them.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { broken, running, firstOf } = parts.bytes;
  const STEPS = 1, TUNNEL = 4, FERRY = 8, LIFT = 16;
  const MICRO_PER_MM = 1000;

  function readEdges(net, array) {
    const n = net.nEdges;
    const low = running(array("low", n)), span = array("span", n), turned = array("turned", n);
    const look = array("look", n);
    net.tail = new Int32Array(n);
    net.head = new Int32Array(n);
    net.kind = new Uint8Array(n);
    net.rank = new Uint8Array(n);
    net.oneway = array("oneway", n);
    for (let e = 0; e < n; e++) {
      const high = low[e] + span[e];
      if (low[e] < 0 || high >= net.nNodes) throw broken("a street ends nowhere");
      net.tail[e] = turned[e] ? high : low[e];
      net.head[e] = turned[e] ? low[e] : high;
      net.kind[e] = look[e] & 31;
      net.rank[e] = look[e] >> 5;
    }
  }

  // One of `steps` even steps, half up.
  function even(way, steps) {
    return Math.floor((2 * way + steps) / (2 * steps));
  }

  // Shapes from tail to head in steps; lengths lie beside the length of the shape.
  function readShapes(net, head, array) {
    const n = net.nEdges;
    const nodeX = running(array("node_x", net.nNodes));
    const nodeY = running(array("node_y", net.nNodes));
    const inner = array("inner", n), firstInner = firstOf(inner);
    const innerX = array("inner_x", firstInner[n]), innerY = array("inner_y", firstInner[n]);
    const beside = array("length", n);
    net.firstVertex = new Int32Array(n + 1);
    for (let e = 0; e < n; e++) net.firstVertex[e + 1] = net.firstVertex[e] + inner[e] + 2;
    net.x = new Int32Array(net.firstVertex[n]);
    net.y = new Int32Array(net.firstVertex[n]);
    net.length = new Int32Array(n);
    net.nodeX = nodeX;
    net.nodeY = nodeY;
    const perStep = head.step_m * 1000;
    for (let e = 0; e < n; e++) {
      let x = nodeX[net.tail[e]], y = nodeY[net.tail[e]], mm = 0;
      const first = net.firstVertex[e], last = net.firstVertex[e + 1] - 1;
      net.x[first] = x;
      net.y[first] = y;
      for (let v = first + 1, i = firstInner[e]; v <= last; v++, i++) {
        const endX = nodeX[net.head[e]], endY = nodeY[net.head[e]], left = last - v + 1;
        const toX = v < last ? x + even(endX - x, left) + innerX[i] : endX;
        const toY = v < last ? y + even(endY - y, left) + innerY[i] : endY;
        mm += Math.floor(perStep * Math.sqrt((toX - x) * (toX - x) + (toY - y) * (toY - y)) + 0.5);
        net.x[v] = x = toX;
        net.y[v] = y = toY;
      }
      net.length[e] = mm + beside[e];
      if (net.length[e] < 0) throw broken("a street has no length");
    }
    const [lon0, lonStep] = head.lon, [lat0, latStep] = head.lat;
    net.lon = Float64Array.from(net.x, (v) => lon0 + v * lonStep);
    net.lat = Float64Array.from(net.y, (v) => lat0 + v * latStep);
    net.nodeLon = Float64Array.from(nodeX, (v) => lon0 + v * lonStep);
    net.nodeLat = Float64Array.from(nodeY, (v) => lat0 + v * latStep);
  }

  function readPieces(net, head, array) {
    const n = net.nEdges;
    const runs = array("runs", n);
    let nRuns = 0;
    for (let e = 0; e < n; e++) nRuns += runs[e] + 1;
    const pieces = array("run_pieces", nRuns), mm = array("run_mm", nRuns - n);
    let total = 0;
    for (let r = 0; r < nRuns; r++) total += pieces[r] + 1;
    net.firstPiece = new Int32Array(n + 1);
    net.pieceStart = new Int32Array(total);
    let at = 0, run = 0, inner = 0;
    for (let e = 0; e < n; e++) {
      let begin = 0;
      for (let left = runs[e]; left >= 0; left--, run++) {
        const long = left ? mm[inner++] : net.length[e] - begin;
        const count = pieces[run] + 1;
        for (let k = 0; k < count; k++) {
          net.pieceStart[at++] = begin + Math.floor((long * k) / count);
        }
        begin += long;
      }
      net.firstPiece[e + 1] = at;
    }
    net.ratio = head.ratio ? Float64Array.from(head.ratio) : null;
    net.slope = net.ratio ? array("slope", total) : null;
    if (!net.slope) return;
    const steepest = (net.ratio.length - 1) / 2;
    for (let e = 0; e < n; e++) {
      for (let k = net.firstPiece[e]; k < net.firstPiece[e + 1]; k++) {
        if (k > net.firstPiece[e]) net.slope[k] += net.slope[k - 1];
        if (Math.abs(net.slope[k]) > steepest) throw broken("a street is too steep");
      }
    }
  }

  function network(head, array) {
    const net = { nNodes: head.n_nodes, nEdges: head.n_edges, key: head.key, stepM: head.step_m };
    readEdges(net, array);
    readShapes(net, head, array);
    readPieces(net, head, array);
    return net;
  }

  function readRegular(net, about, array, name, out) {
    const some = array(name + "some");
    let at = 0, seen = 0;
    for (let e = 0; e < net.nEdges; e++) {
      if (net.kind[e] & (FERRY | TUNNEL)) continue;
      const length = net.length[e];
      const count = Math.max(Math.ceil(length / about.stretch_mm), 1);
      for (let k = 0; k < count; k++) {
        if (!some[seen++]) continue;
        const from = Math.floor((length * k) / count);
        const to = Math.floor((length * (k + 1)) / count);
        out.edge[at] = e;
        out.offset[at] = Math.floor((from + to) / 2);
        for (const group of about.groups) out.amounts[group][at] = (to - from) * MICRO_PER_MM;
        at++;
      }
    }
    if (at !== about.regular) throw broken("stretches of street are missing");
  }

  // Places of demand; people in millionths, as doubles.
  function demand(net, about, number, array) {
    const name = "demand" + number + "_", n = about.n, m = about.regular;
    const out = {
      n, edge: new Int32Array(n), offset: new Int32Array(n), access: new Int32Array(n),
      amounts: {}, unlinked: about.unlinked, groups: about.groups,
    };
    for (const group of about.groups) out.amounts[group] = new Float64Array(n);
    if (about.stretch_mm) readRegular(net, about, array, name, out);
    out.edge.set(running(array(name + "edge", n - m)), m);
    out.offset.set(array(name + "mm", n - m), m);
    out.access.set(array(name + "access", n - m), m);
    about.groups.forEach((group, k) => {
      const values = array(name + "people" + k, n - m), share = about.shares[group];
      const everyone = out.amounts[about.groups[0]];
      for (let i = 0; i < n - m; i++) {
        const guess = k ? Math.floor(everyone[m + i] * share + 0.5) : 0;
        out.amounts[group][m + i] = guess + values[i];
      }
    });
    for (let p = 0; p < n; p++) {
      const e = out.edge[p];
      if (!(e >= 0 && e < net.nEdges) || out.offset[p] > net.length[e]) {
        throw broken("a place lies on no street");
      }
    }
    return out;
  }

  // The rank of the gap that each of n places is in, by quarterhour's own list; null where none was
  // made.
  function gaps(sent, number, array, n) {
    if (!sent.gaps) return null;
    const name = "gap" + number + "_", places = array(name + "places");
    const back = array(name + "back", places.length), fresh = array(name + "new");
    const out = new Int32Array(n), lately = [];
    let at = 0, seen = 0;
    for (let run = 0; run < places.length; run++) {
      const known = back[run] ? lately.splice(back[run] - 1, 1) : [fresh[seen++] - 1];
      if (!(known[0] >= -1) || at + places[run] > n) throw broken("a gap is unknown");
      lately.unshift(known[0]);
      out.fill(known[0], at, (at += places[run]));
    }
    if (at !== n) throw broken("places without a gap are missing");
    return out;
  }

  function waits(number, array) {
    const name = "wait" + number + "_";
    const edge = running(array(name + "edge"));
    return { edge, mm: array(name + "mm", edge.length), ms: array(name + "ms", edge.length) };
  }

  // Segments that no leg crosses, in metres of the plane.
  function barriers(net, head, array) {
    const n = head.barriers, out = { ax: [], ay: [], bx: [], by: [], entered: [] };
    if (!n) return out;
    const size = array("barrier_size", n), x = running(array("barrier_x"));
    const y = running(array("barrier_y", x.length)), entered = array("barrier_entered", n);
    let at = 0;
    for (let line = 0; line < n; line++, at++) {
      for (const end = at + size[line] - 1; at < end; at++) {
        out.ax.push(x[at] * net.stepM);
        out.ay.push(y[at] * net.stepM);
        out.bx.push(x[at + 1] * net.stepM);
        out.by.push(y[at + 1] * net.stepM);
        out.entered.push(entered[line]);
      }
    }
    return out;
  }

  parts.net = { network, demand, gaps, waits, barriers, STEPS, TUNNEL, FERRY, LIFT };
})(typeof window !== "undefined" ? window : globalThis);
