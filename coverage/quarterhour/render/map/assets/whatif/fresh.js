// Gaps that are new in a trial: people who are covered today and no longer are, joined along the
// streets as today's gaps are, and parted so that one facility in a part would be near to all of it.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const FEW = 3000; // places that are joined within a step
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const PLATE_PX = 20;

  // Which places are lost, and by how much a bounded walk on the flat gets.
  function lostOf(panel, mark) {
    const rows = [];
    for (let p = 0; p < mark.length; p++) if (mark[p] === QH.whatIf.LOST) rows.push(p);
    return Int32Array.from(rows);
  }

  function reachMm(state, walker) {
    if (walker.rule_m && walker.rule_m.length) return Math.round(1000 * walker.rule_m[walker.rule_m.length - 1][1]);
    return Math.floor((state.cutoff_ms * state.speed_mmph) / 3600000);
  }

  // The place nearest to the middle of the people of each cluster, and all places by their people.
  function orders(cluster, x, y, weight) {
    const n = cluster.length, sums = [];
    for (let k = 0; k < n; k++) {
      const it = (sums[cluster[k]] = sums[cluster[k]] || { x: 0, y: 0, w: 0, best: -1, least: Infinity });
      const w = weight[k] + 1;
      it.x += w * x[k];
      it.y += w * y[k];
      it.w += w;
    }
    for (let k = 0; k < n; k++) {
      const it = sums[cluster[k]], d = Math.hypot(x[k] - it.x / it.w, y[k] - it.y / it.w);
      if (d < it.least) {
        it.least = d;
        it.best = k;
      }
    }
    const first = Array.from({ length: n }, (none, k) => k).sort((a, b) => weight[b] - weight[a] || a - b);
    return { middle: sums.map((it) => it.best), first };
  }

  // A name that planners know: that of the nearest facility which has one.
  function nearName(facilities, lat, lon) {
    let best = "", least = Infinity;
    const wide = Math.cos((lat * Math.PI) / 180);
    for (const it of facilities) {
      const d = it.name ? Math.hypot(it.at[0] - lat, (it.at[1] - lon) * wide) : Infinity;
      if (d < least) {
        least = d;
        best = it.name;
      }
    }
    return best;
  }

  // [{letter, people, at, near}], the most people first; null where there are none, or too many to be
  // joined within a step while `whole` is false.
  function of(panel, result, whole = true) {
    if (result.fresh !== undefined) return result.fresh;
    const service = panel.app.at, gaps = panel.app.data.services[service].gaps;
    if (!result.left || !result.lost || !gaps) return null;
    const rows = lostOf(panel, result.mark);
    if (!whole && rows.length > FEW) return null;
    const { joined, parted } = QH.modelParts.joined, state = panel.sums.now(service), bench = state.bench;
    const demand = panel.model.demand(service), amounts = panel.sums.amounts(service);
    const weight = Array.from(rows, (p) => amounts[p]), { walker } = panel.model.services[service];
    const x = Array.from(rows, (p) => demand.lon[p] * Math.cos((demand.lat[rows[0]] * Math.PI) / 180));
    const y = Array.from(rows, (p) => demand.lat[p]);
    const cluster = joined(bench, rows, Math.round(1000 * gaps.join_m));
    const { middle, first } = orders(cluster, x, y, weight);
    const part = parted(bench, rows, cluster, reachMm(state, walker), middle, first), found = [];
    const heart = orders(part, x, y, weight).middle;
    for (let k = 0; k < rows.length; k++) {
      found[part[k]] = found[part[k]] || { people: 0, row: rows[heart[part[k]]], part: part[k] };
      found[part[k]].people += weight[k];
    }
    const list = found.filter((it) => it.people > 0).sort((a, b) => b.people - a.people || a.part - b.part);
    result.fresh = list.map(({ people, row }, i) => ({
      letter: i < LETTERS.length ? LETTERS[i] : String(i + 1), people,
      at: [demand.lat[row], demand.lon[row]],
      near: nearName(panel.app.service().facilities, demand.lat[row], demand.lon[row]),
    }));
    return result.fresh;
  }

  // Their letters, where there is room; the boxes that they take.
  function paint(view, fresh, taken, colours) {
    const D = QH.decode, ctx = view.ctx, boxes = [];
    ctx.font = "700 12px " + QH.paint.FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const { letter, at } of fresh.slice(0, LETTERS.length)) {
      const x0 = D.worldX(at[1]) * view.scale - view.left, y0 = D.worldY(at[0]) * view.scale - view.top;
      if (x0 < 0 || y0 < 0 || x0 > view.width || y0 > view.height) continue;
      for (const [dx, dy] of [[0, 0], [0, -1], [0, 1], [1, 0], [-1, 0]]) {
        const x = x0 + dx * PLATE_PX, y = y0 + dy * PLATE_PX, r = PLATE_PX / 2;
        const box = [x - r - 2, y - r - 2, x + r + 2, y + r + 2];
        if (taken.concat(boxes).some((other) => !QH.paint.apart(other, box))) continue;
        boxes.push(box);
        QH.gaps.plate(ctx, x, y, PLATE_PX, PLATE_PX, colours.lost, "#FFFFFF");
        ctx.fillStyle = "#FFFFFF";
        ctx.fillText(letter, x, y + 0.5);
        break;
      }
    }
    return boxes;
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.fresh = { of, paint };
})();
