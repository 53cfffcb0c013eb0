// The gaps of every state of a service. The page has each gap once: a state names its own by rank.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const byRank = (rank) => ["空白区 " + rank, "gap " + rank]; // a gap without a name of its own
  const lists = [];

  // A sentence in both languages from its phrase and what stands in the gaps of that.
  function said(pool, [phrase, ...parts]) {
    const texts = pool.phrases[phrase];
    if (!parts.length) return texts;
    const fill = (whole, k) => (typeof parts[k] === "number" ? pool.names[parts[k]] : parts[k]);
    return texts.map((text) => text.replace(/\{(\d+)\}/g, fill));
  }

  // Gaps by rank; `sent`: how many there are and what is said of them, names that differ by rank.
  function listOf(pool, rows, sent) {
    const D = QH.decode, pick = (column) => rows.map((row) => column[row]);
    const own = sent.rows ? sent.name : {};
    const name = rows.map((row, k) => own[k] || pool.name[row] || byRank(k + 1));
    const told = rows.map((row) => said(pool, pool.texts[pool.told[row]]));
    const at = pick(pool.at);
    const list = {
      n: rows.length, listed: Math.min(rows.length, pool.listed), join_m: pool.join_m, total: sent.total, all: sent.all,
      said: sent.said, rest: sent.rest, name, at, people: pick(pool.people),
      everyone: pick(pool.everyone), tenths: pick(pool.tenths), metres: pick(pool.metres),
      nearest: rows.map((row) => pool.names[pool.nearest[row]]), reasons: pool.reasons,
      reason: pick(pool.reason), look: pick(pool.look),
      told: told.map((it) => (it[0] || it[1] ? it : null)),
      shapes: rows.map((row) => pool.shapes[pool.shape[row]]),
      routes: rows.map((row) => (pool.walk[row] < 0 ? null : pool.walks[pool.walk[row]])),
      x: at.map((it) => D.worldX(it[1])), y: at.map((it) => D.worldY(it[0])), drawn: [],
    };
    lists.push(list);
    return list;
  }

  function prepare(data) {
    const D = QH.decode, step = data.steps.shape;
    for (const service of data.services) {
      const pool = (service.pool = service.gaps);
      if (!pool) continue;
      pool.shapes = D.shapes(pool.packed, step);
      pool.walks = D.shapes(pool.routes, step);
      service.gaps = listOf(pool, Array.from({ length: pool.n }, (none, row) => row), pool);
    }
  }

  // Of a state of a service; null where nobody looked for gaps.
  function of(app, state) {
    const service = app.data.services[state.at];
    if (!service.gaps || state.kind === "today" || (!state.view && state.kind === "walker")) {
      return service.gaps;
    }
    if (state.view && state.view.gaps === null) return null;
    if (!state.gaps) {
      const sent = state.view && state.view.gaps;
      let row = -1;
      state.gaps = sent ? listOf(service.pool, sent.rows.map((step) => (row += step + 1)), sent) :
        Object.assign({}, service.gaps, { drawn: [] }); // the same, drawn on its own side of a line
      if (!sent) lists.push(state.gaps);
    }
    return state.gaps;
  }

  // What was drawn last, to be put back by the function that is returned.
  function kept() {
    const old = lists.map((list) => list.drawn);
    return () => old.forEach((drawn, i) => { lists[i].drawn = drawn; });
  }

  // For a state as it was sent: its residential areas by the columns of today's, null where they
  // were not judged.
  function areas(service, sent) {
    const now = service.residential;
    if (!now || !sent) return null;
    const out = { status: now.status.slice(), share: now.share.slice(), tenths: now.tenths.slice() };
    for (const [row, status, share, tenths] of sent) {
      out.status[row] = status;
      out.share[row] = share;
      out.tenths[row] = tenths;
    }
    return out;
  }

  QH.gapStates = { prepare, of, kept, areas };
})();
