// Facilities whose symbols would lie over one another are drawn as one symbol with their number.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const FEW = 60; // facilities that are always drawn one by one, but for those at one place
  const TOUCH = 0.5; // of a symbol's width: closer ones hide one another
  const SAME_PX = 1.5;
  const CHANGED = { closed: 32, opened: 32 }; // pixels: of a ring around a symbol

  // Those that share a symbol, in the order of their first row: {x, y, rows, sort}. Only what is of
  // one sort is put together: `sort` of a row is a word, `near` of a sort the pixels within which two
  // symbols are one. `scale`: pixels across the world.
  function groups(spots, rows, sort, near, scale) {
    const cells = new Map(), out = [];
    for (const row of rows) {
      const { x, y } = spots[row], kind = sort(row), reach = near(kind) / scale;
      const key = (cx, cy) => kind + "|" + Math.floor(x / reach + cx) + "," + Math.floor(y / reach + cy);
      let best = null, least = reach * reach;
      for (let cx = -1; cx <= 1; cx++) {
        for (let cy = -1; cy <= 1; cy++) {
          for (const one of cells.get(key(cx, cy)) || []) {
            const d = (one.x - x) * (one.x - x) + (one.y - y) * (one.y - y);
            if (d >= least && (d > least || !best || one.rows[0] > best.rows[0])) continue;
            least = d;
            best = one;
          }
        }
      }
      if (best) {
        best.rows.push(row);
        continue;
      }
      const one = { x, y, rows: [row], sort: kind };
      out.push(one);
      if (!cells.has(key(0, 0))) cells.set(key(0, 0), []);
      cells.get(key(0, 0)).push(one);
    }
    for (const one of out) {
      for (const axis of ["x", "y"]) {
        one[axis] = one.rows.reduce((sum, row) => sum + spots[row][axis], 0) / one.rows.length;
      }
    }
    return out;
  }

  // Facilities of a service as they are drawn. `size`: of a symbol in pixels.
  function facilities(service, rows, sort, size, scale) {
    const usual = rows.length > FEW ? TOUCH * size : SAME_PX;
    return groups(service.names, rows, sort, (kind) => (kind in CHANGED ? CHANGED[kind] : usual), scale);
  }

  // Facilities that a state opens or closes, which have a ring around them.
  function rings(service, rows, crossed, scale) {
    const kind = crossed ? "closed" : "opened";
    return groups(service.names, rows, () => kind, () => CHANGED[kind], scale);
  }

  // One spot of each square of `px` pixels: more signs there would only be a blot.
  function thinned(spots, px, scale) {
    const seen = new Set();
    return spots.filter(({ x, y }) => {
      const key = Math.floor((x * scale) / px) + "," + Math.floor((y * scale) / px), is = !seen.has(key);
      seen.add(key);
      return is;
    });
  }

  // Larger than a single one, and always with a number. `crossed`: the colour of what closes, "" for
  // what does not; the ring around it has the line.
  function symbol(service, rows, size, crossed) {
    const S = QH.symbols.svg;
    const full = !crossed && rows.some((row) => service.facilities[row].status === "used");
    const text = S("text", {
      x: 0, y: 0.5, "text-anchor": "middle", "dominant-baseline": "central", "font-weight": 700,
      "font-size": rows.length > 99 ? 10 : 13, fill: full ? "#FFFFFF" : crossed || "#20262B",
    });
    text.textContent = String(rows.length);
    return S("svg", { viewBox: "-15 -15 30 30", width: size, height: size, "aria-hidden": "true" }, [
      S("circle", { r: 13.6, fill: "#20262B" }),
      S("circle", { r: 12.2, fill: "#FFFFFF" }),
      S("circle", {
        r: 10.6, fill: full ? service.colour : "#FFFFFF", stroke: crossed || service.colour, "stroke-width": 1.6,
      }),
      text,
    ]);
  }

  QH.gather = { facilities, rings, thinned, symbol };
})();
