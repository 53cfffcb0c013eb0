// The network's streets in world units, with the length along each drawn line.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const LEAST_PX = 2;
  const LEAST_CELLS = 1.2; // smaller steps of a drawn line cannot be seen

  class Streets {
    constructor(network) {
      const n = network.lon.length, D = QH.decode, nEdges = network.first_vertex.length - 1;
      this.first = network.first_vertex;
      this.length_mm = network.length_mm;
      this.x = new Float64Array(n);
      this.y = new Float64Array(n);
      this.along = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        this.x[i] = D.worldX(network.lon[i]);
        this.y[i] = D.worldY(network.lat[i]);
      }
      for (const key of ["west", "north", "east", "south"]) this[key] = new Float64Array(nEdges);
      for (let e = 0; e < nEdges; e++) {
        const a = this.first[e];
        let [west, east, north, south] = [this.x[a], this.x[a], this.y[a], this.y[a]];
        for (let i = a + 1; i < this.first[e + 1]; i++) {
          const x = this.x[i], y = this.y[i];
          this.along[i] = this.along[i - 1] + Math.hypot(x - this.x[i - 1], y - this.y[i - 1]);
          if (x < west) west = x;
          else if (x > east) east = x;
          if (y < north) north = y;
          else if (y > south) south = y;
        }
        this.west[e] = west;
        this.east[e] = east;
        this.north[e] = north;
        this.south[e] = south;
      }
    }

    // Calls `point(x, y, begins)` along every span that comes near the view, in the pixels of a scale.
    trace(view, spans, margin, scale, left, top, point) {
      const { first, x, y, along } = this, { n } = spans, out = margin / view.scale;
      const [w, nn, e, s] = [view.box[0] - out, view.box[1] - out, view.box[2] + out, view.box[3] + out];
      const edges = spans.edge.data, from = spans.from.data, to = spans.to.data;
      for (let k = 0; k < n; k++) {
        const edge = edges[k];
        if (this.east[edge] < w || this.west[edge] > e || this.south[edge] < nn || this.north[edge] > s) continue;
        const a = first[edge], b = first[edge + 1] - 1, length = this.length_mm[edge] || 1;
        const low = (along[b] * from[k]) / length, high = (along[b] * to[k]) / length;
        let begins = true;
        for (let i = a; i < b; i++) {
          const l0 = along[i], l1 = along[i + 1];
          if (l1 < low || l0 > high) continue;
          const span = l1 - l0 || 1, dx = x[i + 1] - x[i], dy = y[i + 1] - y[i];
          const t0 = l0 < low ? (low - l0) / span : 0, t1 = l1 > high ? (high - l0) / span : 1;
          if (begins) point((x[i] + t0 * dx) * scale - left, (y[i] + t0 * dy) * scale - top, true, false);
          begins = false;
          const last = i + 1 === b || along[i + 1] >= high;
          point((x[i] + t1 * dx) * scale - left, (y[i] + t1 * dy) * scale - top, false, last);
        }
      }
    }

    // Every step of the spans that can be seen, as (x0, y0, x1, y1) in the cells of a grid.
    walk(view, spans, margin, scale, left, top, step) {
      let px = 0, py = 0;
      this.trace(view, spans, margin, scale, left, top, (x, y, begins, last) => {
        if (begins) {
          px = x;
          py = y;
          return;
        }
        if (!last && Math.abs(x - px) + Math.abs(y - py) < LEAST_CELLS) return;
        step(px, py, x, y);
        px = x;
        py = y;
      });
    }

    // The same as a path on the view.
    path(view, spans) {
      const ctx = view.ctx, least = "paper" in view ? 0 : LEAST_PX;
      let px = 0, py = 0;
      this.trace(view, spans, 20, view.scale, view.left, view.top, (x, y, begins, last) => {
        if (!begins && !last && Math.abs(x - px) + Math.abs(y - py) < least) return;
        if (begins) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
        px = x;
        py = y;
      });
    }

    // Degrees of a position on an edge.
    degrees(edge, offset_mm) {
      const a = this.first[edge], b = this.first[edge + 1] - 1;
      const want = (this.along[b] * offset_mm) / (this.length_mm[edge] || 1);
      let i = a;
      while (i < b - 1 && this.along[i + 1] < want) i += 1;
      const span = this.along[i + 1] - this.along[i] || 1;
      const t = Math.max(0, Math.min(1, (want - this.along[i]) / span));
      const x = this.x[i] + t * (this.x[i + 1] - this.x[i]);
      const y = this.y[i] + t * (this.y[i + 1] - this.y[i]);
      return { lon: x * 360 - 180, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI };
    }
  }

  QH.whatIf = QH.whatIf || {};
  QH.whatIf.Streets = Streets;
})();
