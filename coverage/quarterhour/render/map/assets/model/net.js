// The walking network of the model, as pack_network describes it.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { broken, running } = parts.bytes;
  const STEPS = 1, TUNNEL = 4, FERRY = 8, LIFT = 16;
  const SIZES = 20;

  // Bits of a number, as a context.
  function bitsOf(value) {
    return Math.min(32 - Math.clz32(Math.abs(value)), SIZES - 1);
  }

  function readEdges(net, coder) {
    const n = net.nEdges, seen = new Uint8Array(net.nNodes);
    const ahead = coder.numbers(), span = coder.numbers(4), turned = coder.symbols(1);
    const look = coder.symbols(8, 256), oneway = coder.symbols(1);
    net.tail = new Int32Array(n);
    net.head = new Int32Array(n);
    net.kind = new Uint8Array(n);
    net.rank = new Uint8Array(n);
    net.oneway = new Uint8Array(n);
    for (let e = 0, low = 0; e < n; e++) {
      const step = coder.number(ahead), high = (low += step) + coder.number(span, Math.min(step, 3));
      if (!(high < net.nNodes)) throw broken("a street ends nowhere");
      const turn = coder.symbol(turned, 1), how = coder.symbol(look, 8, seen[low]);
      seen[low] = seen[high] = how;
      net.tail[e] = turn ? high : low;
      net.head[e] = turn ? low : high;
      net.kind[e] = how & 31;
      net.rank[e] = how >> 5;
      net.oneway[e] = coder.symbol(oneway, 1);
    }
  }

  // Nodes from the last lower node that a street leads to.
  function readNodes(net, coder) {
    const n = net.nNodes, near = new Int32Array(n), { tail, head } = net;
    const x = (net.nodeX = new Int32Array(n)), y = (net.nodeY = new Int32Array(n));
    for (let v = 1; v < n; v++) near[v] = v - 1;
    for (let e = 0; e < net.nEdges; e++) {
      if (tail[e] < head[e]) near[head[e]] = tail[e];
      else if (head[e] < tail[e]) near[tail[e]] = head[e];
    }
    const inX = coder.numbers(), inY = coder.numbers(SIZES);
    for (let v = 0; v < n; v++) {
      const dx = coder.signed(inX), dy = coder.signed(inY, bitsOf(dx));
      x[v] = x[near[v]] + dx;
      y[v] = y[near[v]] + dy;
    }
  }

  // Inner vertices of an edge: along the longer direction to its head, and beside the line there.
  function readInner(coder, x, y, first, last, alongBy, besideBy) {
    for (let v = first + 1; v < last; v++) {
      const wayX = x[last] - x[v - 1], wayY = y[last] - y[v - 1], left = last - v + 1;
      const steep = Math.abs(wayY) > Math.abs(wayX), way = steep ? wayY : wayX;
      const other = steep ? wayX : wayY, run = way || 1;
      const size = bitsOf(Math.floor((Math.abs(way) + Math.abs(other)) / left));
      const along = coder.signed(alongBy, size) + Math.floor((2 * way + left) / (2 * left));
      const beside =
        coder.signed(besideBy, bitsOf(along)) + Math.floor((2 * along * other + run) / (2 * run));
      x[v] = x[v - 1] + (steep ? beside : along);
      y[v] = y[v - 1] + (steep ? along : beside);
    }
  }

  function degrees(steps, [zero, step]) {
    const out = new Float64Array(steps.length);
    for (let i = 0; i < out.length; i++) out[i] = zero + steps[i] * step;
    return out;
  }

  // Shapes from tail to head in steps; lengths lie beside the length of the shape.
  function readShapes(net, head, coder) {
    const n = net.nEdges;
    readNodes(net, coder);
    const inner = coder.array(n), firstVertex = (net.firstVertex = new Int32Array(n + 1));
    for (let e = 0; e < n; e++) firstVertex[e + 1] = firstVertex[e] + inner[e] + 2;
    if (!(firstVertex[n] < 4e7)) throw broken("there is too much of them");
    const x = (net.x = new Int32Array(firstVertex[n])), y = (net.y = new Int32Array(firstVertex[n]));
    const mm = (net.drawnMm = new Int32Array(firstVertex[n]));
    const along = coder.numbers(SIZES), beside = coder.numbers(SIZES), perStep = head.step_m * 1000;
    for (let e = 0; e < n; e++) {
      const first = firstVertex[e], last = firstVertex[e + 1] - 1;
      x[first] = net.nodeX[net.tail[e]];
      y[first] = net.nodeY[net.tail[e]];
      x[last] = net.nodeX[net.head[e]];
      y[last] = net.nodeY[net.head[e]];
      readInner(coder, x, y, first, last, along, beside);
      for (let v = first + 1; v <= last; v++) {
        const dx = x[v] - x[v - 1], dy = y[v] - y[v - 1];
        mm[v] = mm[v - 1] + Math.floor(perStep * Math.sqrt(dx * dx + dy * dy) + 0.5);
      }
    }
    net.length = coder.array(n, true);
    for (let e = 0; e < n; e++) {
      net.length[e] += mm[firstVertex[e + 1] - 1];
      if (net.length[e] < 0) throw broken("a street has no length");
    }
    net.lon = degrees(x, head.lon);
    net.lat = degrees(y, head.lat);
    net.nodeLon = degrees(net.nodeX, head.lon);
    net.nodeLat = degrees(net.nodeY, head.lat);
  }

  // Where the runs of even pieces end, ascending by edge: `first` of each edge, its head left out.
  function readEnds(net, coder) {
    const { nEdges, firstVertex, drawnMm, length } = net, nInner = drawnMm.length - 2 * nEdges;
    const near = coder.flags(nInner);
    let nNear = 0;
    for (let i = 0; i < nInner; i++) nNear += near[i];
    const beside = coder.array(nNear, true), more = coder.array(nEdges + nNear);
    let total = nNear;
    for (let i = 0; i < more.length; i++) total += more[i];
    if (!(total < 4e7)) throw broken("there is too much of them");
    const first = new Int32Array(nEdges + 1), ends = new Int32Array(total);
    for (let e = 0, i = 0, told = 0, stretch = 0, at = 0; e < nEdges; e++) {
      const last = firstVertex[e + 1] - 1, whole = Math.max(drawnMm[last], 1);
      let before = 0;
      for (let v = firstVertex[e] + 1; v <= last; v++) {
        if (v < last && !near[i++]) continue;
        const end =
          v < last ? Math.floor((drawnMm[v] * length[e]) / whole + 0.5) + beside[told++] : length[e];
        for (let k = more[stretch++]; k > 0; k--) {
          if (!(end >= before)) throw broken("a piece of a street has no length");
          ends[at++] = before += coder.uniform(end - before + 1);
        }
        if (v < last) ends[at++] = before = end;
      }
      first[e + 1] = at;
    }
    return { first, ends };
  }

  function readPieces(net, head, coder) {
    const n = net.nEdges, { first, ends } = readEnds(net, coder), nRuns = ends.length + n;
    const cut = head.cut_mm, plain = cut ? null : coder.array(nRuns);
    const other = cut ? coder.symbols(2) : null, odd = cut ? coder.numbers() : null;
    const count = new Int32Array(nRuns);
    let total = 0;
    for (let e = 0, run = 0; e < n; e++) {
      for (let k = first[e]; k <= first[e + 1]; k++, run++) {
        if (plain) count[run] = plain[run] + 1;
        else {
          const begin = k > first[e] ? ends[k - 1] : 0, end = k < first[e + 1] ? ends[k] : net.length[e];
          const how = coder.symbol(other, 2);
          count[run] = how === 0 ? Math.ceil((end - begin) / cut) : how === 1 ? 1 : coder.number(odd) + 1;
        }
        total += count[run];
      }
    }
    if (!(total < 4e7)) throw broken("there is too much of them");
    net.firstPiece = new Int32Array(n + 1);
    net.pieceStart = new Int32Array(total);
    for (let e = 0, run = 0, at = 0; e < n; e++) {
      for (let k = first[e]; k <= first[e + 1]; k++, run++) {
        const begin = k > first[e] ? ends[k - 1] : 0;
        const long = (k < first[e + 1] ? ends[k] : net.length[e]) - begin;
        for (let p = 0; p < count[run]; p++) {
          net.pieceStart[at++] = begin + Math.floor((long * p) / count[run]);
        }
      }
      net.firstPiece[e + 1] = at;
    }
    readSlopes(net, head, coder);
  }

  // Thousandths from the piece before; ratios of speeds from the three before.
  function readSlopes(net, head, coder) {
    net.ratio = net.slope = null;
    if (!head.ratios) return;
    const change = coder.numbers(SIZES + 2), slope = (net.slope = new Int32Array(net.pieceStart.length));
    for (let e = 0; e < net.nEdges; e++) {
      const first = net.firstPiece[e];
      for (let k = first, before = 0, last = 0; k < net.firstPiece[e + 1]; k++) {
        last = coder.signed(change, k - first > 1 ? bitsOf(last) + 2 : k - first);
        slope[k] = before += last;
      }
    }
    const by = coder.numbers(), ratio = (net.ratio = new Float64Array(head.ratios));
    for (let i = 0; i < ratio.length; i++) ratio[i] = coder.signed(by);
    for (let order = 0; order < 3; order++) running(ratio);
    for (let i = 0; i < ratio.length; i++) ratio[i] /= 1e12;
    const steepest = (ratio.length - 1) / 2;
    for (let k = 0; k < slope.length; k++) {
      if (!(Math.abs(slope[k]) <= steepest)) throw broken("a street is too steep");
    }
  }

  function network(head, coder) {
    const net = { nNodes: head.n_nodes, nEdges: head.n_edges, key: head.key, stepM: head.step_m };
    if (!(net.nNodes >= 0 && net.nNodes < 4e7 && net.nEdges >= 0 && net.nEdges < 4e7)) {
      throw broken("there is too much of them");
    }
    readEdges(net, coder);
    readShapes(net, head, coder);
    readPieces(net, head, coder);
    coder.net = net;
    return net;
  }

  // Segments that no leg crosses, in metres of the plane.
  function barriers(net, head, coder) {
    const n = head.barriers, out = { ax: [], ay: [], bx: [], by: [], entered: [] };
    if (n) readBarriers(net, coder, n, out);
    coder.end();
    return out;
  }

  function readBarriers(net, coder, n, out) {
    const size = coder.array(n), line = [], inX = coder.numbers(), inY = coder.numbers(SIZES);
    for (let i = 0, x = 0, y = 0; i < n; i++) {
      if (!(size[i] < 4e7)) throw broken("there is too much of them");
      for (let k = 0; k < size[i]; k++) {
        const dx = coder.signed(inX), fromX = x * net.stepM, fromY = y * net.stepM;
        x += dx;
        y += coder.signed(inY, bitsOf(dx));
        if (!k) continue;
        line.push(i);
        out.ax.push(fromX);
        out.ay.push(fromY);
        out.bx.push(x * net.stepM);
        out.by.push(y * net.stepM);
      }
    }
    const entered = coder.flags(n);
    for (const i of line) out.entered.push(entered[i]);
  }

  parts.net = { network, barriers, bitsOf, STEPS, TUNNEL, FERRY, LIFT };
})(typeof window !== "undefined" ? window : globalThis);
