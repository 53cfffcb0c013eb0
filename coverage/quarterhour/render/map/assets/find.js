// What lies under the pointer, looked up in the data in the order in which it is drawn.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const CELLS = 128;

  // A grid over the places of one layer.
  class Index {
    constructor(dots) {
      this.dots = dots;
      let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = 0; i < dots.n; i++) {
        x0 = Math.min(x0, dots.x[i]);
        y0 = Math.min(y0, dots.y[i]);
        x1 = Math.max(x1, dots.x[i]);
        y1 = Math.max(y1, dots.y[i]);
      }
      this.x0 = x0;
      this.y0 = y0;
      this.step = Math.max(x1 - x0, y1 - y0, 1e-9) / CELLS;
      this.cells = new Map();
      for (let i = 0; i < dots.n; i++) {
        const key = this.cell(dots.x[i], this.x0) * 1000 + this.cell(dots.y[i], this.y0);
        if (!this.cells.has(key)) this.cells.set(key, []);
        this.cells.get(key).push(i);
      }
    }
    cell(value, from) { return Math.max(0, Math.min(CELLS, Math.floor((value - from) / this.step))); }
    // The nearest place within `reach` world units, or -1.
    near(x, y, reach) {
      let best = -1, least = reach * reach;
      const last = this.cell(x + reach, this.x0), low = this.cell(y - reach, this.y0);
      const high = this.cell(y + reach, this.y0);
      for (let cx = this.cell(x - reach, this.x0); cx <= last; cx++) {
        for (let cy = low; cy <= high; cy++) {
          for (const i of this.cells.get(cx * 1000 + cy) || []) {
            const dx = this.dots.x[i] - x, dy = this.dots.y[i] - y, d = dx * dx + dy * dy;
            if (d <= least) {
              least = d;
              best = i;
            }
          }
        }
      }
      return best;
    }
  }

  function inside(shape, x, y) {
    const b = shape.box;
    if (x < b[0] || x > b[2] || y < b[1] || y > b[3]) return false;
    let odd = false;
    for (const ring of shape.rings) {
      for (let i = ring.from, j = ring.to - 1; i < ring.to; j = i++) {
        const yi = shape.y[i], yj = shape.y[j];
        if (yi > y !== yj > y &&
            x < ((shape.x[j] - shape.x[i]) * (y - yi)) / (yj - yi) + shape.x[i]) {
          odd = !odd;
        }
      }
    }
    return odd;
  }

  function shapeAt(shapes, x, y) {
    for (let i = shapes.length - 1; i >= 0; i--) if (inside(shapes[i], x, y)) return i;
    return -1;
  }

  QH.find = { Index, inside, shapeAt };
})();
