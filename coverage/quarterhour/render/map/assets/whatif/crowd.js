// Places of the model as the symbols that the map has for people: same cells, same sizes. Which place
// is in which cell is found once for a scale; a choice of places is then summed cell by cell.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const SAMPLE = 4000;
  const KEPT = 3;

  // Chosen places at any scale, as the map's own levels are asked for them.
  class Chosen {
    // `is`: one byte for each place; `want` is its value where a place is chosen.
    constructor(crowd, is, want, shrink) {
      Object.assign(this, { crowd, is, want, shrink, made: {} });
    }

    at(scale) {
      const times = this.crowd.like.times(scale);
      if (!this.made[times]) this.made[times] = this.crowd.sums(times, this.is, this.want, this.shrink);
      return this.made[times];
    }
  }

  class Crowd {
    // `like`: the levels of the map whose cells and sizes these share.
    constructor(demand, amounts, micro, like) {
      const n = demand.n, D = QH.decode;
      this.n = n;
      this.x = Float64Array.from(demand.lon, D.worldX);
      this.y = Float64Array.from(demand.lat, D.worldY);
      this.amount = Float64Array.from(amounts, (v) => v / micro);
      this.like = like && like.dots.n > 1 ? like : this.own();
      this.shrink = like ? like.shrink : 1;
      this.grids = new Map();
    }

    // Where the map has no places of its own to be like.
    own() {
      const n = Math.min(this.n, SAMPLE), some = (values) => Array.from(values.subarray(0, n));
      return new QH.Levels({ n, x: some(this.x), y: some(this.y), amount: some(this.amount) });
    }

    // The cell of every place, the one with most people first.
    grid(times) {
      if (this.grids.has(times)) return this.grids.get(times);
      const cell = times * this.like.distance, known = new Map(), n = this.n, total = [];
      const of = new Int32Array(n);
      for (let p = 0; p < n; p++) {
        if (!(this.amount[p] > 0)) {
          of[p] = -1;
          continue;
        }
        // two numbers below 2^26 as one
        const key = Math.floor(this.x[p] / cell) * 67108864 + Math.floor(this.y[p] / cell);
        let c = known.get(key);
        if (c === undefined) known.set(key, (c = total.push(0) - 1));
        of[p] = c;
        total[c] += this.amount[p];
      }
      const order = Array.from(total.keys()).sort((a, b) => total[b] - total[a] || a - b);
      const rank = new Int32Array(total.length);
      order.forEach((c, i) => { rank[c] = i; });
      for (let p = 0; p < n; p++) if (of[p] >= 0) of[p] = rank[of[p]];
      const made = { of, n: total.length };
      this.grids.set(times, made);
      if (this.grids.size > KEPT) this.grids.delete(this.grids.keys().next().value);
      return made;
    }

    choose(is, want, shrink) {
      return new Chosen(this, is, want, shrink || this.shrink);
    }

    sums(times, is, want, shrink) {
      const out = times === 1 ? this.each(is, want) : this.cells(this.grid(times), is, want);
      out.cell = times * this.like.distance;
      out.shrink = shrink;
      out.reference = this.like.level(times).reference;
      return out;
    }

    each(is, want) {
      const x = [], y = [], amount = [];
      for (let p = 0; p < this.n; p++) {
        if (is[p] !== want || !(this.amount[p] > 0)) continue;
        x.push(this.x[p]);
        y.push(this.y[p]);
        amount.push(this.amount[p]);
      }
      return { n: x.length, x, y, amount };
    }

    cells({ of, n }, is, want) {
      const x = new Float64Array(n), y = new Float64Array(n), amount = new Float64Array(n);
      for (let p = 0; p < this.n; p++) {
        const c = of[p];
        if (c < 0 || is[p] !== want) continue;
        const w = this.amount[p];
        x[c] += w * this.x[p];
        y[c] += w * this.y[p];
        amount[c] += w;
      }
      let k = 0;
      for (let c = 0; c < n; c++) {
        if (!(amount[c] > 0)) continue;
        x[k] = x[c] / amount[c];
        y[k] = y[c] / amount[c];
        amount[k++] = amount[c];
      }
      return { n: k, x: x.subarray(0, k), y: y.subarray(0, k), amount: amount.subarray(0, k) };
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Crowd = Crowd;
})();
