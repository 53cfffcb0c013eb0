// The streets that are reached, as wide soft bands. A path of thousands of wide strokes takes a browser
// a tenth of a second, so the bands are filled here, on a coarse grid of coverage that is drawn larger.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const HALO_M = 60; // about as wide as what a street serves
  const HALO_PX = [5, 46];
  const HALO_OPACITY = 0.3;
  const METRES_AROUND = 40075016.7;
  const FEW_PX = 14; // wider bands are few, and seen from near: their grid is fine
  const REACH = 5, SIDE = 2 * REACH + 1; // cells of a disc around the one of its centre
  const PHASES = 4;
  const APART = 1.4, APART_R = 0.6; // least cells between discs, and in radii: their line has no waist that is seen
  const MANY = 1500; // from here on the thin lines are hairlines

  // Coverage of 0 to 255, row by row, with a border of REACH cells on every side.
  class Grid {
    constructor() { this.is = ""; }

    fit(wide, high, r) {
      this.wide = wide + 2 * REACH;
      this.high = high + 2 * REACH;
      const n = this.wide * this.high;
      if (!this.cell || this.cell.length < n) this.cell = new Uint8Array(n);
      else this.cell.fill(0, 0, n);
      this.endX = this.endY = NaN;
      this.apart = Math.max(APART, APART_R * r);
      const is = r + " " + this.wide;
      if (is !== this.is) this.stamps = this.discs(r);
      this.is = is;
    }

    // Discs with an edge that is one cell soft, for centres in each of PHASES by PHASES parts of a cell.
    discs(r) {
      const out = [];
      for (let k = 0; k < PHASES * PHASES; k++) {
        const cx = (k % PHASES + 0.5) / PHASES, cy = (Math.floor(k / PHASES) + 0.5) / PHASES;
        const at = [], ink = [];
        for (let i = 0; i < SIDE * SIDE; i++) {
          const column = i % SIDE, row = Math.floor(i / SIDE);
          const away = Math.hypot(column - REACH + 0.5 - cx, row - REACH + 0.5 - cy);
          if (away >= r + 0.5) continue;
          at.push(row * this.wide + column);
          ink.push(255 * Math.min(1, r + 0.5 - away));
        }
        out.push({ at: Int32Array.from(at), ink: Uint8Array.from(ink), n: at.length });
      }
      return out;
    }

    stamp(x, y) {
      const ix = Math.floor(x), iy = Math.floor(y), { wide, high, cell } = this;
      if (ix < 0 || iy < 0 || ix + SIDE > wide || iy + SIDE > high) return;
      const phase = Math.floor((y - iy) * PHASES) * PHASES + Math.floor((x - ix) * PHASES);
      const { at, ink, n } = this.stamps[phase], from = iy * wide + ix;
      for (let k = 0; k < n; k++) {
        const c = from + at[k];
        if (ink[k] > cell[c]) cell[c] = ink[k];
      }
    }

    // Discs along a line, so close that it has no waist.
    line(x0, y0, x1, y1) {
      const dx = x1 - x0, dy = y1 - y0, n = Math.max(1, Math.ceil(Math.hypot(dx, dy) / this.apart));
      // where a line goes on, its first disc is there already
      const first = x0 === this.endX && y0 === this.endY ? 1 : 0;
      for (let i = first; i <= n; i++) this.stamp(x0 + (dx * i) / n, y0 + (dy * i) / n);
      this.endX = x1;
      this.endY = y1;
    }
  }

  const grid = new Grid();
  let small = null, image = null;

  // The grid in one colour on a canvas of its own.
  function picture(colour) {
    const { wide, high, cell } = grid;
    small = small || document.createElement("canvas");
    if (small.width !== wide || small.height !== high || !image) {
      small.width = wide;
      small.height = high;
      image = new ImageData(wide, high);
    }
    const rgb = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)), data = image.data;
    const pixels = new Uint32Array(data.buffer);
    data.set([rgb[0], rgb[1], rgb[2], 0]); // in the order of bytes of this machine
    const ink = pixels[0];
    data.set([0, 0, 0, 255]);
    const alpha = pixels[0] / 255;
    for (let i = 0, n = wide * high; i < n; i++) pixels[i] = cell[i] ? ink + alpha * cell[i] : 0;
    small.getContext("2d").putImageData(image, 0, 0);
    return small;
  }

  function widthOf(view) {
    const lat = 0.5 - (view.box[1] + view.box[3]) / 2;
    const metre = (view.scale / METRES_AROUND) * Math.cosh(2 * Math.PI * lat);
    return Math.max(HALO_PX[0], Math.min(HALO_PX[1], HALO_M * metre));
  }

  // `all`: spans of several sources.
  function bands(view, streets, all, colour) {
    const width = widthOf(view);
    const cellPx = width < FEW_PX ? Math.max(2, Math.min(3, Math.round(width / 3))) : Math.round(width / 7);
    // cells begin at the same places of the world on every sheet, and wherever the map is moved
    const scale = view.scale / cellPx, x = Math.floor(view.left / cellPx), y = Math.floor(view.top / cellPx);
    const right = Math.ceil((view.left + view.width) / cellPx);
    const bottom = Math.ceil((view.top + view.height) / cellPx);
    grid.fit(right - x, bottom - y, width / 2 / cellPx);
    const step = (x0, y0, x1, y1) => grid.line(x0, y0, x1, y1);
    for (const spans of all) streets.walk(view, spans, width, scale, x, y, step);
    const ctx = view.ctx;
    ctx.save();
    ctx.globalAlpha = HALO_OPACITY;
    const from = (cell, edge) => (cell - REACH) * cellPx - edge;
    ctx.drawImage(picture(colour), from(x, view.left), from(y, view.top),
      grid.wide * cellPx, grid.high * cellPx);
    ctx.restore();
  }

  let spare = null;
  // On paper: exact strokes on a canvas of their own, laid on once, so that crossings are no darker.
  function strokes(view, streets, all, colour) {
    const target = view.ctx.canvas;
    spare = spare || document.createElement("canvas");
    if (spare.width !== target.width || spare.height !== target.height) {
      spare.width = target.width;
      spare.height = target.height;
    }
    const ctx = spare.getContext("2d"), inner = Object.assign({}, view, { ctx });
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, spare.width, spare.height);
    ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    ctx.beginPath();
    for (const spans of all) streets.path(inner, spans);
    ctx.lineCap = ctx.lineJoin = "round";
    ctx.strokeStyle = colour;
    ctx.lineWidth = widthOf(view);
    ctx.stroke();
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.globalAlpha = HALO_OPACITY;
    view.ctx.drawImage(spare, 0, 0);
    view.ctx.restore();
    spare.width = spare.height = 0; // paper is large
  }

  // `bare`: without the thin lines.
  function halo(view, streets, all, colour, bare) {
    if (!all.some((spans) => spans.n)) return;
    ("paper" in view ? strokes : bands)(view, streets, all, colour);
    if (!bare) lines(view, streets, all, colour);
  }

  // The same as thin lines. A browser draws lines of one pixel ten times as fast as wider ones.
  function lines(view, streets, all, colour, wide) {
    const on = view.ctx, n = all.reduce((sum, spans) => sum + spans.n, 0);
    on.beginPath();
    for (const spans of all) streets.path(view, spans);
    const many = n > MANY && !("paper" in view);
    on.lineCap = many ? "butt" : "round";
    on.lineJoin = many ? "bevel" : "round";
    on.strokeStyle = colour;
    on.globalAlpha = wide ? 1 : 0.75;
    on.lineWidth = many ? 1 / view.ratio :
      wide || Math.max(0.8, Math.min(2, 1.3 * Math.pow(2, (view.zoom - 14.5) * 0.5)));
    on.save();
    on.stroke();
    for (const by of wide && many ? [-0.7, 0.7] : []) {
      on.translate(by, by);
      on.stroke();
    }
    on.restore();
    on.globalAlpha = 1;
    on.lineCap = "butt";
  }

  QH.whatIf = QH.whatIf || {};
  Object.assign(QH.whatIf, { halo, lines, HALO_OPACITY });
})();
