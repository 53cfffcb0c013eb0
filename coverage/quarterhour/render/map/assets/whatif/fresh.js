// Gaps that are new in a trial: people who are covered today and no longer are, joined along the
// streets as today's gaps are, and parted so that one facility in a part would be near to all of it.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const FEW = 3000; // places that are joined within a step
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const METRES = 111200; // of a degree: near enough to tell which places are close together
  const SHOWN = LETTERS.length; // on the map
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

  // A to Z, AA, AB and so on.
  const letters = (i) => (i < LETTERS.length ? "" : letters(Math.floor(i / LETTERS.length) - 1)) +
    LETTERS[i % LETTERS.length];

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
    const { joined, parted, middle } = QH.modelParts.joined, state = panel.sums.now(service), { bench } = state;
    const demand = panel.model.demand(service), amounts = panel.sums.amounts(service);
    const weight = Array.from(rows, (p) => amounts[p]), { walker } = panel.model.services[service];
    const across = METRES * Math.cos((demand.lat[rows[0]] * Math.PI) / 180);
    const x = Array.from(rows, (p) => demand.lon[p] * across), y = Array.from(rows, (p) => demand.lat[p] * METRES);
    const cluster = joined(bench, rows, Math.round(1000 * gaps.join_m));
    const part = parted(bench, rows, cluster, reachMm(state, walker), x, y, weight), found = [];
    for (let k = 0; k < rows.length; k++) {
      const it = (found[part[k]] = found[part[k]] || { people: 0, part: part[k], members: [] });
      it.people += weight[k];
      it.members.push(k);
    }
    for (const it of found) {
      const pick = (v) => it.members.map((k) => v[k]);
      it.row = rows[it.members[middle(pick(x), pick(y), pick(weight))]];
    }
    const list = found.filter((it) => it.people > 0).sort((a, b) => b.people - a.people || a.part - b.part);
    result.fresh = list.map(({ people, row }, i) => ({
      letter: letters(i), people,
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
    for (const { letter, at } of fresh.slice(0, SHOWN)) {
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
  QH.whatIf.fresh = { of, paint, SHOWN };
})();
