// Places gathered into cells while they would lie over one another, so that a whole city can be read
// at a glance: a symbol stands for all people of its cell. Cells are a whole multiple of the usual
// distance between places, which keeps the cells of a population grid equally full.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const APART_PX = 10;
  const CELL_PX = 17;
  const SAMPLE = 200;

  // The median distance from a place to the one nearest to it, from a spread sample.
  function usualDistance(dots) {
    if (dots.n < 2) return Infinity;
    const found = [], step = Math.max(1, Math.floor(dots.n / SAMPLE));
    for (let i = 0; i < dots.n; i += step) {
      let least = Infinity;
      for (let j = 0; j < dots.n; j++) {
        if (j === i) continue;
        const dx = dots.x[j] - dots.x[i], dy = dots.y[j] - dots.y[i], d = dx * dx + dy * dy;
        if (d > 0 && d < least) least = d;
      }
      found.push(Math.sqrt(least));
    }
    return found.sort((a, b) => a - b)[Math.floor(found.length / 2)];
  }

  function finish(level) {
    level.reference = level.n ? level.amount[Math.floor(level.n * 0.05)] : 0;
    level.index = new QH.find.Index(level);
    return level;
  }

  function gather(dots, cell) {
    const cells = new Map();
    for (let i = 0; i < dots.n; i++) {
      const key = Math.floor(dots.x[i] / cell) + "," + Math.floor(dots.y[i] / cell);
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(i);
    }
    const out = Array.from(cells.values(), (members) => {
      let x = 0, y = 0, weight = 0, amount = 0;
      for (const i of members) {
        const w = dots.amount[i] || 1e-9;
        x += w * dots.x[i];
        y += w * dots.y[i];
        weight += w;
        amount += dots.amount[i];
      }
      return { members, x: x / weight, y: y / weight, amount };
    }).sort((a, b) => b.amount - a.amount || a.members[0] - b.members[0]);
    return finish({
      n: out.length, cell,
      x: out.map((it) => it.x), y: out.map((it) => it.y),
      amount: out.map((it) => it.amount), members: out.map((it) => it.members),
    });
  }

  QH.Levels = class {
    // `like`: other levels whose cells and sizes these share, so that equal amounts look equal.
    constructor(dots, like) {
      this.dots = dots;
      this.like = like && like.dots.n > 1 ? like : null;
      this.distance = this.like ? this.like.distance : usualDistance(dots);
      this.made = {};
      // Places under other symbols are drawn smaller.
      this.shrink = like ? like.shrink : 1;
    }

    // How many usual distances a cell is wide at a scale (pixels per world); 1 for no cells.
    times(scale) {
      const px = this.distance * scale;
      return px >= APART_PX ? 1 : Math.ceil(CELL_PX / px);
    }

    level(times) {
      if (!this.made[times]) {
        this.made[times] = times === 1 ?
          finish({
            n: this.dots.n, cell: this.distance, x: this.dots.x, y: this.dots.y,
            amount: this.dots.amount, members: null,
          }) : gather(this.dots, times * this.distance);
        this.made[times].shrink = this.shrink;
        if (this.like) this.made[times].reference = this.like.level(times).reference;
      }
      return this.made[times];
    }

    at(scale) { return this.level(this.times(scale)); }

    // The radius in pixels of the usual large symbol: its own ground, and never a blot.
    static largest(level, scale) {
      return level.shrink * Math.max(4, Math.min(12, 0.44 * level.cell * scale));
    }

    static radius(level, amount, scale) {
      const top = QH.Levels.largest(level, scale);
      const share = level.reference > 0 ? amount / level.reference : 1;
      return Math.max(1.4, Math.min(1.4 * top, top * Math.sqrt(share)));
    }
  };
})();
