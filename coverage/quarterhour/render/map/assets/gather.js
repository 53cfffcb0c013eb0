// Facilities whose symbols would lie over one another are drawn as one symbol with their number.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const FEW = 60; // facilities that are always drawn one by one, but for those at one place
  const TOUCH = 0.5; // of a symbol's width: closer ones hide one another
  const SAME_PX = 1.5;

  // Lists of the rows that share a symbol, in the order of their first row. `alone`: rows that keep
  // a symbol of their own. `px`: the width of a symbol, `scale`: pixels across the world.
  function groups(spots, rows, alone, px, scale) {
    const near = (rows.length > FEW ? TOUCH * px : SAME_PX) / scale, cells = new Map(), out = [];
    const key = (x, y) => Math.floor(x / near) + "," + Math.floor(y / near);
    const around = (x, y) => {
      let best = null, least = near * near;
      for (let dx = -1; dx <= 1; dx++) {
        for (let dy = -1; dy <= 1; dy++) {
          for (const one of cells.get(key(x + dx * near, y + dy * near)) || []) {
            const d = (one.x - x) * (one.x - x) + (one.y - y) * (one.y - y);
            if (d < least || (d === least && best && one.rows[0] < best.rows[0])) {
              least = d;
              best = one;
            }
          }
        }
      }
      return best;
    };
    for (const row of rows) {
      const { x, y } = spots[row], found = alone.has(row) ? null : around(x, y);
      if (found) {
        found.rows.push(row);
        continue;
      }
      const one = { x, y, rows: [row] };
      out.push(one);
      if (alone.has(row)) continue;
      const cell = key(x, y);
      if (!cells.has(cell)) cells.set(cell, []);
      cells.get(cell).push(one);
    }
    for (const one of out) {
      for (const axis of ["x", "y"]) {
        one[axis] = one.rows.reduce((sum, row) => sum + spots[row][axis], 0) / one.rows.length;
      }
    }
    return out;
  }

  // Larger than a single one, and always with a number.
  function symbol(service, rows, size) {
    const S = QH.symbols.svg, used = rows.some((row) => service.facilities[row].status === "used");
    const text = S("text", {
      x: 0, y: 0.5, "text-anchor": "middle", "dominant-baseline": "central", "font-weight": 700,
      "font-size": rows.length > 99 ? 10 : 12.5, fill: used ? "#FFFFFF" : "#20262B",
    });
    text.textContent = String(rows.length);
    return S("svg", { viewBox: "-15 -15 30 30", width: size, height: size, "aria-hidden": "true" }, [
      S("circle", { r: 13.6, fill: "#20262B" }),
      S("circle", { r: 12.2, fill: "#FFFFFF" }),
      S("circle", {
        r: 10.6, fill: used ? service.colour : "#FFFFFF", stroke: service.colour, "stroke-width": 1.6,
      }),
      text,
    ]);
  }

  QH.gather = { groups, symbol, FEW };
})();
