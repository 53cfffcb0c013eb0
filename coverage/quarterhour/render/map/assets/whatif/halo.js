// The streets that are reached, as wide soft bands. A path of thousands of wide strokes takes a browser
// a tenth of a second, so the bands are filled here, on a coarse grid of coverage that is drawn larger.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const HALO_M = 60; // about as wide as what a street serves
  const HALO_PX = [5, 46];
  const HALO_OPACITY = 0.3;
  const METRES_AROUND = 40075016.7;
  const CELLS_WIDE = 3; // so many cells across a band
  const MANY = 1500; // from here on the thin lines are hairlines

  // Coverage of 0 to 255, row by row.
  class Grid {
    fit(wide, high) {
      this.wide = wide;
      this.high = high;
      if (!this.cell || this.cell.length < wide * high) this.cell = new Uint8Array(wide * high);
      else this.cell.fill(0, 0, wide * high);
    }

    // All within `r` of the line from (x0, y0) to (x1, y1), with an edge that is one cell soft.
    capsule(x0, y0, x1, y1, r) {
      const { wide, high, cell } = this, far = r + 0.5;
      const left = Math.max(0, Math.floor(Math.min(x0, x1) - far));
      const right = Math.min(wide - 1, Math.ceil(Math.max(x0, x1) + far));
      const top = Math.max(0, Math.floor(Math.min(y0, y1) - far));
      const bottom = Math.min(high - 1, Math.ceil(Math.max(y0, y1) + far));
      const dx = x1 - x0, dy = y1 - y0, size = dx * dx + dy * dy, per = size > 0 ? 1 / size : 0;
      const inner = Math.max(0, r - 0.5) * Math.max(0, r - 0.5), outer = far * far;
      for (let y = top; y <= bottom; y++) {
        const py = y + 0.5 - y0;
        for (let x = left, at = y * wide + left; x <= right; x++, at++) {
          if (cell[at] === 255) continue;
          const px = x + 0.5 - x0;
          let t = (px * dx + py * dy) * per;
          t = t < 0 ? 0 : t > 1 ? 1 : t;
          const ex = px - t * dx, ey = py - t * dy, d = ex * ex + ey * ey;
          if (d <= inner) cell[at] = 255;
          else if (d < outer) {
            const v = (far - Math.sqrt(d)) * 255;
            if (v > cell[at]) cell[at] = v;
          }
        }
      }
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
    const width = widthOf(view), cellPx = Math.max(1, Math.round(width / CELLS_WIDE));
    grid.fit(Math.ceil(view.width / cellPx), Math.ceil(view.height / cellPx));
    const r = width / 2 / cellPx;
    const scale = view.scale / cellPx, left = view.left / cellPx, top = view.top / cellPx;
    const step = (x0, y0, x1, y1) => grid.capsule(x0, y0, x1, y1, r);
    for (const spans of all) streets.walk(view, spans, width, scale, left, top, step);
    const ctx = view.ctx;
    ctx.save();
    ctx.globalAlpha = HALO_OPACITY;
    ctx.imageSmoothingEnabled = cellPx > 1 || view.ratio > 1;
    ctx.drawImage(picture(colour), 0, 0, grid.wide * cellPx, grid.high * cellPx);
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

  function halo(view, streets, all, colour) {
    const n = all.reduce((sum, spans) => sum + spans.n, 0), on = view.ctx;
    if (!n) return;
    ("paper" in view ? strokes : bands)(view, streets, all, colour);
    on.beginPath();
    for (const spans of all) streets.path(view, spans);
    const many = n > MANY && !("paper" in view);
    on.lineCap = many ? "butt" : "round";
    on.lineJoin = many ? "bevel" : "round";
    on.strokeStyle = colour;
    on.globalAlpha = 0.75;
    // a browser draws lines of one pixel ten times as fast as wider ones
    on.lineWidth = many ? 1 / view.ratio :
      Math.max(0.8, Math.min(2, 1.3 * Math.pow(2, (view.zoom - 14.5) * 0.5)));
    on.stroke();
    on.globalAlpha = 1;
    on.lineCap = "butt";
  }

  QH.whatIf = QH.whatIf || {};
  Object.assign(QH.whatIf, { halo, HALO_OPACITY });
})();
