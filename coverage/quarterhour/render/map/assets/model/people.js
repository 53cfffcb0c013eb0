// People, gaps and waits of the model, as pack_places describes them.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { broken, running } = parts.bytes;
  const { Lately } = parts.coder;
  const { TUNNEL, FERRY } = parts.net;
  const MICRO_PER_MM = 1000, LATELY = 63, LATELY_BITS = 6, UNKNOWN = -2;

  function readRegular(net, about, coder, out) {
    const { kind, length } = net;
    let n = 0, at = 0, seen = 0;
    const pieces = (e) =>
      kind[e] & (FERRY | TUNNEL) ? 0 : Math.max(Math.ceil(length[e] / about.stretch_mm), 1);
    for (let e = 0; e < net.nEdges; e++) n += pieces(e);
    const some = coder.spells(n), columns = about.groups.map((group) => out.amounts[group]);
    for (let e = 0; e < net.nEdges; e++) {
      for (let k = 0, count = pieces(e); k < count; k++) {
        if (!some[seen++]) continue;
        const from = Math.floor((length[e] * k) / count);
        const to = Math.floor((length[e] * (k + 1)) / count);
        out.edge[at] = e;
        out.offset[at] = Math.floor((from + to) / 2);
        for (const amounts of columns) amounts[at] = (to - from) * MICRO_PER_MM;
        at++;
      }
    }
    if (at !== about.regular) throw broken("stretches of street are missing");
  }

  // One of the values that were lately there, or a new one.
  function lately(coder) {
    const rank = coder.symbols(LATELY_BITS), fresh = coder.numbers(), values = new Lately(LATELY);
    return () => {
      const known = coder.symbol(rank, LATELY_BITS);
      return known ? values.known(known) : values.fresh(coder.number(fresh));
    };
  }

  function at(a, u, v) {
    return a[0] + a[1] * u + a[2] * v + a[3] * (u * u) + a[4] * (u * v) + a[5] * (v * v);
  }

  // Column and row of the lower end of an edge, on the grid of the places.
  function lowerEnd(net, grid, e) {
    const a = net.tail[e], b = net.head[e], { nodeX: x, nodeY: y } = net, [, , byX, byY] = grid;
    const row = Math.floor(at(byY, x[a], y[a]) + 0.5), other = Math.floor(at(byY, x[b], y[b]) + 0.5);
    return other < row
      ? [Math.floor(at(byX, x[b], y[b]) + 0.5), other]
      : [Math.floor(at(byX, x[a], y[a]) + 0.5), row];
  }

  // Where x, y in steps links to the drawn edge: millimetres from its tail, and to it.
  function linked(net, e, px, py) {
    const first = net.firstVertex[e], last = net.firstVertex[e + 1] - 1, { x, y, drawnMm } = net;
    let best = Infinity, nearest = first, share = 0;
    for (let v = first; v < last; v++) {
      const dx = x[v + 1] - x[v], dy = y[v + 1] - y[v], size = dx * dx + dy * dy;
      let t = size > 0 ? ((px - x[v]) * dx + (py - y[v]) * dy) / size : 0;
      t = Math.min(Math.max(t, 0), 1);
      const bx = x[v] + t * dx - px, by = y[v] + t * dy - py, away = bx * bx + by * by;
      if (away < best) {
        best = away;
        nearest = v;
        share = t;
      }
    }
    const low = drawnMm[nearest], along = low + share * (drawnMm[nearest + 1] - low);
    const mm = Math.floor((along * net.length[e]) / Math.max(drawnMm[last], 1) + 0.5);
    return [
      Math.min(mm, net.length[e]),
      Math.floor(Math.sqrt(best) * (net.stepM * 1000) + 0.5),
    ];
  }

  function readPlaces(net, about, coder, out) {
    const { grid } = about, { edge, offset, access } = out, { length } = net;
    const by = { ahead: coder.numbers(3) };
    if (grid) {
      by.on = coder.symbols(1);
      by.down = coder.numbers(2);
      by.column = coder.numbers(3);
      by.mm = coder.numbers(2);
      by.leg = coder.numbers(2);
    }
    by.access = coder.numbers();
    let e = 0, step = 0, column = 0, row = 0, before = -1;
    for (let p = about.regular; p < about.n; p++) {
      step = coder.number(by.ahead, Math.min(step, 2));
      edge[p] = e += step;
      if (!(e < net.nEdges)) throw broken("a place lies on no street");
      if (!grid || !coder.symbol(by.on, 1)) {
        offset[p] = coder.uniform(length[e] + 1);
        access[p] = coder.number(by.access);
        continue;
      }
      const again = e === before;
      if (!again) [column, row] = lowerEnd(net, grid, (before = e));
      const down = coder.signed(by.down, again ? 1 : 0);
      row += down;
      column += coder.signed(by.column, again ? (down ? 2 : 1) : 0);
      const x = at(grid[0], column, row), y = at(grid[1], column, row);
      const [mm, leg] = linked(net, e, x, y), end = mm === 0 || mm === length[e] ? 1 : 0;
      offset[p] = mm + coder.signed(by.mm, end);
      access[p] = leg + coder.signed(by.leg, end);
      if (!(offset[p] >= 0 && offset[p] <= length[e])) throw broken("a place lies on no street");
    }
  }

  // Places of demand; people in millionths, as doubles.
  function demand(net, about, number, coder) {
    const n = about.n, m = about.regular;
    if (!(m >= 0 && n >= m && n < 4e7)) throw broken("there is too much of them");
    const out = {
      n, edge: new Int32Array(n), offset: new Int32Array(n), access: new Int32Array(n),
      amounts: {}, unlinked: about.unlinked, groups: about.groups,
    };
    for (const group of about.groups) out.amounts[group] = new Float64Array(n);
    if (about.stretch_mm) readRegular(net, about, coder, out);
    readPlaces(net, about, coder, out);
    const everyone = out.amounts[about.groups[0]];
    about.groups.forEach((group, k) => {
      const share = about.shares[group], unit = about.units[group], amounts = out.amounts[group];
      const next = k ? null : lately(coder), beside = k ? coder.numbers() : null;
      for (let i = 0; i < n - m; i++) {
        const own = k ? Math.floor(everyone[m + i] * share + 0.5) + coder.signed(beside) : next();
        amounts[m + i] = own * unit;
      }
    });
    coder.demands = coder.demands || [];
    coder.demands[number] = out;
    return out;
  }

  // The rank of the gap that each of n places is in, by quarterhour's own list; null where none was
  // made.
  function gaps(sent, number, coder, n) {
    if (!sent.gaps) return null;
    const { net } = coder, { edge } = coder.demands[sent.demand], out = new Int32Array(n);
    const seen = new Int32Array(net.nNodes).fill(UNKNOWN);
    const same = coder.symbols(1, 12), other = coder.symbols(1), next = lately(coder);
    for (let p = 0; p < n; ) {
      const e = edge[p], tail = net.tail[e], head = net.head[e], first = p, ahead = seen[head];
      for (; p < n && edge[p] === e; p++) {
        const begin = p === first;
        let usual = p ? out[p - 1] : -1;
        if (begin && seen[tail] !== UNKNOWN) usual = seen[tail];
        else if (begin && ahead !== UNKNOWN) usual = ahead;
        const hint = ahead === UNKNOWN ? 0 : ahead === usual ? 1 : 2;
        if (coder.symbol(same, 1, hint + (usual === -1 ? 3 : 0) + (begin ? 6 : 0))) out[p] = usual;
        else if (hint === 2 && coder.symbol(other, 1)) out[p] = ahead;
        else out[p] = next() - 1;
      }
      seen[tail] = out[first];
      seen[head] = out[p - 1];
    }
    return out;
  }

  function waits(number, coder) {
    const n = coder.array(1)[0], edge = running(coder.array(n, true)), mm = coder.array(n);
    const ms = new Int32Array(n), next = lately(coder);
    for (let i = 0; i < n; i++) ms[i] = next();
    return { edge, mm, ms };
  }

  Object.assign(parts.net, { demand, gaps, waits });
})(typeof window !== "undefined" ? window : globalThis);
