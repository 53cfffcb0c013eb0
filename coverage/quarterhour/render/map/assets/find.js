// What lies under the pointer, looked up in the data in the order in which it is drawn.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const CELLS = 1024; // along a side at most
  const EACH = 4; // places in a cell, where they are spread evenly

  // A grid over the places of one layer; those of a cell are one after the other in `rows`.
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
      const n = (this.side = Math.max(1, Math.min(CELLS, Math.ceil(Math.sqrt(dots.n / EACH)))));
      this.step = Math.max(x1 - x0, y1 - y0, 1e-9) / n;
      const key = new Int32Array(dots.n), first = (this.first = new Int32Array(n * n + 1));
      for (let i = 0; i < dots.n; i++) {
        key[i] = this.cell(dots.x[i], this.x0) * n + this.cell(dots.y[i], this.y0);
        first[key[i] + 1]++;
      }
      for (let c = 0; c < n * n; c++) first[c + 1] += first[c];
      const next = first.slice();
      this.rows = new Int32Array(dots.n);
      for (let i = 0; i < dots.n; i++) this.rows[next[key[i]]++] = i;
    }
    cell(value, from) { return Math.max(0, Math.min(this.side - 1, Math.floor((value - from) / this.step))); }
    // The nearest place within `reach` world units, or -1.
    near(x, y, reach) {
      let best = -1, least = reach * reach;
      const last = this.cell(x + reach, this.x0), low = this.cell(y - reach, this.y0);
      const high = this.cell(y + reach, this.y0);
      for (let cx = this.cell(x - reach, this.x0); cx <= last; cx++) {
        const to = this.first[cx * this.side + high + 1];
        for (let k = this.first[cx * this.side + low]; k < to; k++) {
          const i = this.rows[k], dx = this.dots.x[i] - x, dy = this.dots.y[i] - y, d = dx * dx + dy * dy;
          // of equally near ones the last, which is drawn above the others
          if (d < least || (d === least && i > best)) {
            least = d;
            best = i;
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
