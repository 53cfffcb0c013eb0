// Places that belong together along the streets, as quarterhour's own gaps: neighbours are at most so
// many millimetres of walking apart, both ways, without the legs beside the road (core/gaps.py).
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { UNREACHED, Search } = parts.search;
  const FEW = 60000; // as many numbers as a function takes at once

  // The streets of a walk by their length, both ways over every one that can be used at all.
  function lengths(walk) {
    if (walk.byLength) return walk.byLength;
    const { net, firstEnd, end } = walk, n = end.length;
    const arcTo = new Int32Array(n), arcMs = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const e = end[i] >> 1;
      arcTo[i] = end[i] & 1 ? net.tail[e] : net.head[e];
      arcMs[i] = net.length[e];
    }
    return (walk.byLength = { net, firstArc: firstEnd, arcTo, arcMs });
  }

  // Positions of some places on the network of a bench, and their order along it.
  class Spots {
    constructor(bench, rows) {
      const { edge, offset } = bench.demand, n = rows.length;
      this.bench = bench;
      this.n = n;
      this.edge = new Int32Array(n);
      this.at = new Int32Array(n);
      for (let k = 0; k < n; k++) {
        const [e, mm] = bench.place(edge[rows[k]], offset[rows[k]]);
        this.edge[k] = e;
        this.at[k] = mm;
      }
      this.order = Int32Array.from(this.edge.keys())
        .sort((a, b) => this.edge[a] - this.edge[b] || this.at[a] - this.at[b] || a - b);
      this.search = new Search(lengths(bench.walk));
    }

    // Calls `found(e, from, to)` for the places of each street, which are order[from] to order[to - 1].
    streets(found) {
      const { order, edge, n } = this;
      for (let from = 0, to = 0; from < n; from = to) {
        const e = edge[order[from]];
        for (to = from + 1; to < n && edge[order[to]] === e; ) to++;
        found(e, from, to);
      }
    }
  }

  function rootOf(root, a) {
    while (root[a] !== a) a = root[a] = root[root[a]];
    return a;
  }

  function union(root, a, b) {
    a = rootOf(root, a);
    b = rootOf(root, b);
    if (a < b) root[b] = a;
    else root[a] = b;
  }

  // The number of every one's lowest member, from 0 in the order of those.
  function numbered(lowest) {
    const known = new Map(), out = new Int32Array(lowest.length);
    for (let k = 0; k < out.length; k++) {
      if (!known.has(lowest[k])) known.set(lowest[k], known.size);
      out[k] = known.get(lowest[k]);
    }
    return out;
  }

  // Cluster of every place of `rows`, numbered by its lowest one.
  function joined(bench, rows, joinMm) {
    const spots = new Spots(bench, rows), { walk } = bench, { net } = walk;
    const { tail, head, length } = net, { order, at, n } = spots, half = Math.floor(joinMm / 2);
    const root = Int32Array.from({ length: n }, (none, k) => k);
    const { label, source } = spots.search.fromAll({
      seeds(found) {
        spots.streets((e, from, to) => {
          const first = order[from], last = order[to - 1];
          if (at[first] <= half) found(tail[e], at[first], first);
          if (length[e] - at[last] <= half) found(head[e], length[e] - at[last], last);
        });
      },
    }, half);
    const own = new Uint8Array(net.nEdges);
    const meet = (k, node, away) => {
      if (label[node] !== UNREACHED && label[node] + away <= joinMm) union(root, k, source[node]);
    };
    spots.streets((e, from, to) => {
      own[e] = 1;
      for (let i = from; i + 1 < to; i++) {
        if (at[order[i + 1]] - at[order[i]] <= joinMm) union(root, order[i], order[i + 1]);
      }
      meet(order[from], tail[e], at[order[from]]);
      meet(order[to - 1], head[e], length[e] - at[order[to - 1]]);
    });
    for (let e = 0; e < net.nEdges; e++) {
      if (own[e] || !(walk.outOpen[e] || walk.inOpen[e])) continue;
      const t = label[tail[e]], h = label[head[e]];
      if (t === UNREACHED || h === UNREACHED || t + length[e] + h > joinMm) continue;
      union(root, source[tail[e]], source[head[e]]);
    }
    for (let k = 0; k < n; k++) root[k] = rootOf(root, k);
    return numbered(root);
  }

  // The point with the least sum of straight metres to all points times their weight, of equal ones
  // the first; as `middle` of core/gaps.py: each point that is tried gives a plane below the sum.
  function middle(x, y, weight) {
    const n = x.length, whole = weight.reduce((a, b) => a + b, 0);
    const w = weight.map((v) => (whole > 0 ? v / whole : 1 / n));
    const mx = x.reduce((sum, v, k) => sum + w[k] * v, 0), my = y.reduce((sum, v, k) => sum + w[k] * v, 0);
    let at = 0, best = Infinity;
    for (let k = 1; k < n; k++) {
      const far = (j) => (x[j] - mx) * (x[j] - mx) + (y[j] - my) * (y[j] - my);
      if (far(k) < far(at)) at = k;
    }
    const below = new Float64Array(n), total = new Float64Array(n).fill(Infinity);
    for (let tries = Math.min(n, 200); tries > 0; tries--) {
      let slopeX = 0, slopeY = 0, metres = 0;
      for (let k = 0; k < n; k++) {
        const dx = x[at] - x[k], dy = y[at] - y[k], away = Math.sqrt(dx * dx + dy * dy);
        if (!(away > 0)) continue;
        metres += w[k] * away;
        slopeX += (w[k] * dx) / away;
        slopeY += (w[k] * dy) / away;
      }
      total[at] = metres;
      best = Math.min(best, metres);
      let next = -1;
      for (let k = 0; k < n; k++) {
        below[k] = Math.max(below[k], metres - slopeX * (x[at] - x[k]) - slopeY * (y[at] - y[k]));
        if (total[k] !== Infinity || below[k] > best + 1e-6) continue;
        if (next < 0 || below[k] < below[next]) next = k;
      }
      if (next < 0) break;
      at = next;
    }
    return Math.max(0, total.findIndex((v) => v <= best + 1e-6));
  }

  // Rows by the weight in the nine squares around, then by how near they are to its middle; as
  // `_densest_first` of core/parting.py.
  function densestFirst(rows, x, y, cluster, weight, reachM) {
    const side = reachM / 2, least = (v) => rows.reduce((low, k) => Math.min(low, v[k]), Infinity);
    const x0 = least(x), y0 = least(y), sums = new Map();
    const square = (k) => [Math.floor((x[k] - x0) / side), Math.floor((y[k] - y0) / side)];
    const key = (k, col, row) => cluster[k] + " " + col + " " + row;
    for (const k of rows) {
      const name = key(k, ...square(k)), w = weight[k] + 1e-3, it = sums.get(name) || [0, 0, 0];
      sums.set(name, [it[0] + w, it[1] + w * x[k], it[2] + w * y[k]]);
    }
    const around = new Map(), of = (k) => {
      const [col, row] = square(k), name = key(k, col, row);
      if (!around.has(name)) {
        const out = [0, 0, 0];
        for (const dx of [-1, 0, 1]) {
          for (const dy of [-1, 0, 1]) {
            const it = sums.get(key(k, col + dx, row + dy));
            if (it) it.forEach((v, i) => { out[i] += v; });
          }
        }
        around.set(name, out);
      }
      return around.get(name);
    };
    // a millimetre and a millionth are no difference
    const known = rows.map((k) => {
      const [total, sx, sy] = of(k), off = Math.hypot(x[k] - sx / total, y[k] - sy / total);
      return { k, total: Math.round(total / 10), off: Math.round(off * 1000) };
    });
    return known.sort((a, b) => b.total - a.total || a.off - b.off || a.k - b.k).map((it) => it.k);
  }

  // Clusters parted so that every place of a part is within `reachMm` of its core, one of its own
  // places, and no other core is nearer (core/parting.py). `x`, `y`: metres of every place.
  function parted(bench, rows, cluster, reachMm, x, y, weight) {
    const spots = new Spots(bench, rows), { walk } = bench, { tail, head, length } = walk.net;
    const { order, edge, at, n, search } = spots, here = new Map();
    const core = new Int32Array(n).fill(-1), away = new Float64Array(n).fill(Infinity);
    spots.streets((e, from, to) => here.set(e, [from, to]));
    const take = (p, e, mmOf) => {
      const [from, to] = here.get(e) || [0, 0];
      for (let i = from; i < to; i++) {
        const q = order[i], mm = mmOf(at[q]);
        if (cluster[q] !== cluster[p] || mm > reachMm || mm >= away[q]) continue;
        away[q] = mm;
        core[q] = p;
      }
    };
    const grow = (p) => {
      const e = edge[p];
      const reached = search.bounded((found) => {
        found(tail[e], at[p]);
        found(head[e], length[e] - at[p]);
      }, reachMm);
      take(p, e, (mm) => Math.abs(mm - at[p]));
      for (let i = 0; i < reached.n; i++) {
        const node = reached.data[i], from = search.label[node];
        for (let k = walk.firstEnd[node]; k < walk.firstEnd[node + 1]; k++) {
          const f = walk.end[k] >> 1, byHead = walk.end[k] & 1;
          take(p, f, (mm) => from + (byHead ? length[f] - mm : mm));
        }
      }
      search.clean();
    };
    const members = [], reachM = reachMm / 1000;
    for (let k = 0; k < n; k++) (members[cluster[k]] = members[cluster[k]] || []).push(k);
    const wide = (v, all) => Math.max(...all.map((k) => v[k])) - Math.min(...all.map((k) => v[k]));
    for (const all of members) {
      // what is wider than two reaches has no such middle
      if (all.length > FEW || wide(x, all) > 2 * reachM || wide(y, all) > 2 * reachM) continue;
      const pick = (v) => all.map((k) => v[k]);
      grow(all[all.length > 1 ? middle(pick(x), pick(y), pick(weight)) : 0]);
    }
    const lacking = new Set();
    for (let k = 0; k < n; k++) if (core[k] < 0) lacking.add(cluster[k]);
    const again = [];
    for (let k = 0; k < n; k++) {
      if (!lacking.has(cluster[k])) continue;
      core[k] = -1;
      away[k] = Infinity;
      again.push(k);
    }
    for (const p of densestFirst(again, x, y, cluster, weight, reachM)) if (core[p] < 0) grow(p);
    return numbered(core);
  }

  parts.joined = { joined, parted, middle };
})(typeof window !== "undefined" ? window : globalThis);
