// Pins to streets: the nearest position of a drawn street whose straight leg crosses no barrier.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const CELL_M = 60, CONTACT_M = 0.5, SEARCH_M = 5000;

  // Squares of CELL_M metres, each with the segments that touch it, row by row.
  class Grid {
    constructor(ax, ay, bx, by) {
      const n = ax.length;
      this.ax = ax;
      this.ay = ay;
      this.bx = bx;
      this.by = by;
      this.x0 = Infinity;
      this.y0 = Infinity;
      let x1 = -Infinity, y1 = -Infinity;
      for (let s = 0; s < n; s++) {
        this.x0 = Math.min(this.x0, ax[s], bx[s]);
        this.y0 = Math.min(this.y0, ay[s], by[s]);
        x1 = Math.max(x1, ax[s], bx[s]);
        y1 = Math.max(y1, ay[s], by[s]);
      }
      this.cell = CELL_M;
      if (n) this.cell = Math.max(CELL_M, Math.sqrt(((x1 - this.x0) * (y1 - this.y0)) / (16 * Math.max(n, 4096))));
      this.nx = n ? Math.floor((x1 - this.x0) / this.cell) + 1 : 0;
      this.ny = n ? Math.floor((y1 - this.y0) / this.cell) + 1 : 0;
      const first = new Int32Array(this.nx * this.ny + 1), box = new Int32Array(4);
      for (let s = 0; s < n; s++) {
        this.box(ax[s], ay[s], bx[s], by[s], box);
        for (let j = box[2]; j <= box[3]; j++) {
          for (let i = box[0]; i <= box[1]; i++) first[j * this.nx + i + 1]++;
        }
      }
      for (let c = 0; c + 1 < first.length; c++) first[c + 1] += first[c];
      const at = first.slice();
      this.first = first;
      this.member = new Int32Array(n ? first[first.length - 1] : 0);
      for (let s = 0; s < n; s++) {
        this.box(ax[s], ay[s], bx[s], by[s], box);
        for (let j = box[2]; j <= box[3]; j++) {
          for (let i = box[0]; i <= box[1]; i++) this.member[at[j * this.nx + i]++] = s;
        }
      }
    }
    // First and last column, first and last row of the squares that a segment may touch.
    box(ax, ay, bx, by, out) {
      const of = (v, low, n) => Math.max(Math.min(Math.floor((v - low) / this.cell), n - 1), 0);
      out[0] = of(Math.min(ax, bx), this.x0, this.nx);
      out[1] = of(Math.max(ax, bx), this.x0, this.nx);
      out[2] = of(Math.min(ay, by), this.y0, this.ny);
      out[3] = of(Math.max(ay, by), this.y0, this.ny);
    }
    cells(ax, ay, bx, by, found) {
      const box = new Int32Array(4);
      this.box(ax, ay, bx, by, box);
      for (let j = box[2]; j <= box[3]; j++) {
        for (let i = box[0]; i <= box[1]; i++) found(j * this.nx + i);
      }
    }
  }

  // Whether the leg from the place p to the street position q crosses a barrier, as core.crossing.
  function crossed(grid, entered, px, py, qx, qy) {
    const dx = qx - px, dy = qy - py, length = Math.sqrt(dx * dx + dy * dy);
    const latest = length - CONTACT_M;
    if (latest < 0 || !grid.ax.length) return false;
    let hit = false;
    grid.cells(px, py, qx, qy, (c) => {
      for (let m = grid.first[c]; !hit && m < grid.first[c + 1]; m++) {
        const s = grid.member[m];
        const ex = grid.bx[s] - grid.ax[s], ey = grid.by[s] - grid.ay[s];
        const turn = dx * ey - dy * ex;
        if (turn === 0 || (entered[s] && turn < 0)) continue;
        const wx = grid.ax[s] - px, wy = grid.ay[s] - py;
        const u = (wx * dy - wy * dx) / turn;
        if (!(u >= -1e-9 && u <= 1 + 1e-9)) continue;
        const along = ((wx * ey - wy * ex) / turn) * length;
        if (along >= (entered[s] ? 0 : CONTACT_M) && along <= latest) hit = true;
      }
    });
    return hit;
  }

  class Linker {
    constructor(net, linkable, barriers) {
      let n = 0;
      for (let e = 0; e < net.nEdges; e++) {
        if (linkable[e]) n += net.firstVertex[e + 1] - net.firstVertex[e] - 1;
      }
      const ends = Array.from({ length: 4 }, () => new Float64Array(n));
      this.net = net;
      this.edge = new Int32Array(n);
      this.vertex = new Int32Array(n);
      for (let e = 0, s = 0; e < net.nEdges; e++) {
        if (!linkable[e]) continue;
        for (let v = net.firstVertex[e]; v + 1 < net.firstVertex[e + 1]; v++, s++) {
          this.edge[s] = e;
          this.vertex[s] = v;
          ends[0][s] = net.x[v] * net.stepM;
          ends[1][s] = net.y[v] * net.stepM;
          ends[2][s] = net.x[v + 1] * net.stepM;
          ends[3][s] = net.y[v + 1] * net.stepM;
        }
      }
      this.grid = new Grid(...ends);
      this.walls = new Grid(barriers.ax, barriers.ay, barriers.bx, barriers.by);
      this.entered = barriers.entered;
    }

    // The nearest segment within `limit` metres, ring by ring of squares; `free` also looks through
    // barriers.
    nearest(x, y, limit, free) {
      const g = this.grid, ci = Math.floor((x - g.x0) / g.cell), cj = Math.floor((y - g.y0) / g.cell);
      let best = limit * limit, found = null;
      const rings = Math.ceil(limit / g.cell) + 1;
      for (let ring = 0; ring <= rings; ring++) {
        const away = (ring - 1) * g.cell;
        if (away > 0 && away * away > best) break;
        for (let j = Math.max(cj - ring, 0); j <= Math.min(cj + ring, g.ny - 1); j++) {
          const whole = j === cj - ring || j === cj + ring;
          for (let i = ci - ring; i <= ci + ring; i += whole || !ring ? 1 : 2 * ring) {
            if (i < 0 || i >= g.nx) continue;
            const c = j * g.nx + i;
            for (let m = g.first[c]; m < g.first[c + 1]; m++) {
              const s = g.member[m], dx = g.bx[s] - g.ax[s], dy = g.by[s] - g.ay[s];
              const size = dx * dx + dy * dy;
              let t = size > 0 ? ((x - g.ax[s]) * dx + (y - g.ay[s]) * dy) / size : 0;
              t = Math.min(Math.max(t, 0), 1);
              const qx = g.ax[s] + t * dx, qy = g.ay[s] + t * dy;
              const d = (qx - x) * (qx - x) + (qy - y) * (qy - y);
              if (d > best || (d === best && found && found.s <= s)) continue;
              if (!free && crossed(this.walls, this.entered, x, y, qx, qy)) continue;
              best = d;
              found = { s, t, qx, qy, metres: Math.sqrt(d) };
            }
          }
        }
      }
      return found;
    }

    // A position on the network, or why there is none.
    link(lat, lon, limitMm, plane) {
      if (!Number.isFinite(lat) || !Number.isFinite(lon)) return { far: null, blocked: false };
      const x = ((lon - plane.lon[0]) / plane.lon[1]) * this.net.stepM;
      const y = ((lat - plane.lat[0]) / plane.lat[1]) * this.net.stepM;
      const limit = limitMm / 1000;
      const found = this.nearest(x, y, limit, false);
      if (!found || Math.floor(found.metres * 1000 + 0.5) > limitMm) {
        const far = this.nearest(x, y, SEARCH_M, true);
        return {
          far: far ? far.metres : null,
          blocked: Boolean(far && Math.floor(far.metres * 1000 + 0.5) <= limitMm),
        };
      }
      const net = this.net, e = this.edge[found.s], first = net.firstVertex[e];
      let total = 0, before = 0;
      for (let v = first; v + 1 < net.firstVertex[e + 1]; v++) {
        const dx = net.x[v + 1] - net.x[v], dy = net.y[v + 1] - net.y[v];
        const size = Math.sqrt(dx * dx + dy * dy);
        if (v < this.vertex[found.s]) before += size;
        if (v === this.vertex[found.s]) before += size * found.t;
        total += size;
      }
      const share = total > 0 ? before / total : 0;
      const degrees = (metres, [zero, step]) => zero + (metres / net.stepM) * step;
      return {
        edge: e,
        offset_mm: Math.min(Math.floor(net.length[e] * share + 0.5), net.length[e]),
        access_mm: Math.floor(found.metres * 1000 + 0.5),
        lat, lon,
        on: [degrees(found.qy, plane.lat), degrees(found.qx, plane.lon)],
      };
    }
  }

  parts.link = { Linker };
})(typeof window !== "undefined" ? window : globalThis);
