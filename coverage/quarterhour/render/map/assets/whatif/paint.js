// The trial on the map: streets reached as a halo, places gained and lost, streets closed and added.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const HALO_M = 60; // about as wide as what a street serves
  const HALO_PX = [5, 46];
  const HALO_OPACITY = 0.3;
  const METRES_AROUND = 40075016.7;
  const INK = "#20262B";
  const CELL_PX = 9;
  // viridis: told apart by lightness alone, the darkest is the most
  const HEAT = ["#FDE725", "#7AD151", "#22A884", "#2A788E", "#414487", "#440154"];
  const HEAT_OPACITY = 0.72;

  // Streets in world units with the length along each drawn line.
  class Streets {
    constructor(network) {
      const n = network.lon.length, D = QH.decode;
      this.first = network.first_vertex;
      this.length_mm = network.length_mm;
      this.x = new Float64Array(n);
      this.y = new Float64Array(n);
      this.along = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        this.x[i] = D.worldX(network.lon[i]);
        this.y[i] = D.worldY(network.lat[i]);
      }
      for (let e = 0; e + 1 < this.first.length; e++) {
        for (let i = this.first[e] + 1; i < this.first[e + 1]; i++) {
          this.along[i] = this.along[i - 1] +
            Math.hypot(this.x[i] - this.x[i - 1], this.y[i] - this.y[i - 1]);
        }
      }
    }

    // The part of an edge from one position to another, as a path on the view.
    trace(view, edge, from_mm, to_mm) {
      const a = this.first[edge], b = this.first[edge + 1] - 1, whole = this.along[b];
      const length = this.length_mm[edge] || 1;
      const low = (whole * from_mm) / length, high = (whole * to_mm) / length;
      const box = view.box;
      let started = false;
      const ctx = view.ctx, scale = view.scale, left = view.left, top = view.top;
      // an edge far away from the view on one side is not drawn
      if ((this.x[a] < box[0] && this.x[b] < box[0] && b === a + 1) ||
          (this.x[a] > box[2] && this.x[b] > box[2] && b === a + 1)) return;
      for (let i = a; i < b; i++) {
        const l0 = this.along[i], l1 = this.along[i + 1];
        if (l1 < low || l0 > high) continue;
        const span = l1 - l0 || 1;
        const t0 = Math.max(0, (low - l0) / span), t1 = Math.min(1, (high - l0) / span);
        const dx = this.x[i + 1] - this.x[i], dy = this.y[i + 1] - this.y[i];
        if (!started) {
          ctx.moveTo((this.x[i] + t0 * dx) * scale - left, (this.y[i] + t0 * dy) * scale - top);
          started = true;
        }
        ctx.lineTo((this.x[i] + t1 * dx) * scale - left, (this.y[i] + t1 * dy) * scale - top);
      }
    }

    // Left, top, width and height in pixels of the part of a view that edges may take.
    window(view, parts, margin) {
      let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
      for (const { edge } of parts) {
        for (let i = this.first[edge]; i < this.first[edge + 1]; i++) {
          x0 = Math.min(x0, this.x[i]);
          y0 = Math.min(y0, this.y[i]);
          x1 = Math.max(x1, this.x[i]);
          y1 = Math.max(y1, this.y[i]);
        }
      }
      const clamp = (v, most) => Math.max(0, Math.min(most, v));
      const left = Math.floor(clamp(x0 * view.scale - view.left - margin, view.width));
      const top = Math.floor(clamp(y0 * view.scale - view.top - margin, view.height));
      return [
        left, top,
        Math.ceil(clamp(x1 * view.scale - view.left + margin, view.width)) - left,
        Math.ceil(clamp(y1 * view.scale - view.top + margin, view.height)) - top,
      ];
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

  let spare = null;
  // Wide and round on a canvas of its own, laid on once, so that crossings are no darker.
  function halo(view, streets, parts, colour) {
    if (!parts.length) return;
    const target = view.ctx.canvas;
    spare = spare || document.createElement("canvas");
    if (spare.width !== target.width || spare.height !== target.height) {
      spare.width = target.width;
      spare.height = target.height;
    }
    const ctx = spare.getContext("2d"), inner = Object.assign({}, view, { ctx });
    const lat = 0.5 - (view.box[1] + view.box[3]) / 2;
    const metre = (view.scale / METRES_AROUND) * Math.cosh(2 * Math.PI * lat);
    const width = Math.max(HALO_PX[0], Math.min(HALO_PX[1], HALO_M * metre));
    // only where something is drawn: a pin's area is a small part of a large window
    const [x, y, wide, high] = streets.window(view, parts, width).map((v) => Math.round(v * view.ratio));
    if (wide <= 0 || high <= 0) return;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(x, y, wide, high);
    ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    ctx.beginPath();
    for (const part of parts) streets.trace(inner, part.edge, part.from_mm, part.to_mm);
    ctx.lineCap = ctx.lineJoin = "round";
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.globalAlpha = HALO_OPACITY;
    view.ctx.drawImage(spare, x, y, wide, high, x, y, wide, high);
    view.ctx.restore();
    const on = view.ctx;
    on.beginPath();
    for (const part of parts) streets.trace(view, part.edge, part.from_mm, part.to_mm);
    on.lineCap = on.lineJoin = "round";
    on.strokeStyle = colour;
    on.globalAlpha = 0.75;
    on.lineWidth = Math.max(0.8, Math.min(2, 1.3 * Math.pow(2, (view.zoom - 14.5) * 0.5)));
    on.stroke();
    on.globalAlpha = 1;
    on.lineCap = "butt";
  }

  // Places of the model as the symbols that the map has for people: same cells, same sizes.
  function dots(demand, amounts, places, like) {
    const order = places.slice().sort((a, b) => amounts[b] - amounts[a] || a - b);
    const out = { n: order.length, x: [], y: [], lon: [], lat: [], amount: [], minutes: [] };
    for (const p of order) {
      out.x.push(QH.decode.worldX(demand.lon[p]));
      out.y.push(QH.decode.worldY(demand.lat[p]));
      out.amount.push(amounts[p] / QH.whatIf.MICRO);
    }
    out.levels = new QH.Levels(out, like);
    out.levels.shrink = 0.9; // over what lies there today
    return out;
  }

  function stroke(ctx, look, path) {
    for (const [ink, width] of [["rgba(255,255,255,.92)", look.width + 3], [look.colour, look.width]]) {
      ctx.beginPath();
      path();
      ctx.setLineDash(ink === look.colour && look.dash ? look.dash : []);
      ctx.strokeStyle = ink;
      ctx.lineWidth = width;
      ctx.lineCap = "round";
      ctx.stroke();
    }
    ctx.setLineDash([]);
    ctx.lineCap = "butt";
  }

  function cut(view, at, colour) {
    const x = at.x * view.scale - view.left, y = at.y * view.scale - view.top, ctx = view.ctx;
    ctx.beginPath();
    ctx.arc(x, y, 9, 0, 7);
    ctx.fillStyle = "#FFFFFF";
    ctx.fill();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2.6;
    ctx.stroke();
    cross(view, at, colour, 4);
  }

  function cross(view, at, colour, r) {
    const x = at.x * view.scale - view.left, y = at.y * view.scale - view.top, ctx = view.ctx;
    stroke(ctx, { colour, width: 2.6 }, () => {
      ctx.moveTo(x - r, y - r);
      ctx.lineTo(x + r, y + r);
      ctx.moveTo(x + r, y - r);
      ctx.lineTo(x - r, y + r);
    });
  }

  function link(view, from, to, colour) {
    const p = (at) => [at.x * view.scale - view.left, at.y * view.scale - view.top], ctx = view.ctx;
    stroke(ctx, { colour, width: 3.4, dash: [9, 5] }, () => {
      ctx.moveTo(...p(from));
      ctx.lineTo(...p(to));
    });
    for (const at of [from, to]) knob(ctx, ...p(at), colour);
  }

  function knob(ctx, x, y, colour) {
    ctx.beginPath();
    ctx.arc(x, y, 4.5, 0, 7);
    ctx.fillStyle = "#FFFFFF";
    ctx.fill();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2.4;
    ctx.stroke();
  }

  // From a pin to the street that it is linked to, or to where it stood.
  function leg(view, pin, on, dash) {
    const p = (at) => [at.x * view.scale - view.left, at.y * view.scale - view.top];
    const [a, b] = [p(pin), p(on)], ctx = view.ctx;
    if (Math.hypot(a[0] - b[0], a[1] - b[1]) < 4) return;
    stroke(ctx, { colour: INK, width: 1.4, dash: dash || [2, 3] }, () => {
      ctx.moveTo(...a);
      ctx.lineTo(...b);
    });
  }

  // A star, outlined: a position that nobody has placed.
  function star(ctx, x, y, size, fill, edge) {
    ctx.beginPath();
    for (let i = 0; i < 10; i++) {
      const r = i % 2 ? 0.45 * size : size, turn = (i * Math.PI) / 5 - Math.PI / 2;
      ctx.lineTo(x + r * Math.cos(turn), y + r * Math.sin(turn));
    }
    ctx.closePath();
    ctx.lineJoin = "round";
    ctx.strokeStyle = "rgba(255,255,255,.95)";
    ctx.lineWidth = 6;
    ctx.stroke();
    ctx.fillStyle = fill;
    ctx.fill();
    ctx.strokeStyle = edge;
    ctx.lineWidth = 2.2;
    ctx.stroke();
  }

  function nice(value) {
    const power = Math.pow(10, Math.floor(Math.log10(value))), lead = value / power;
    return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
  }

  // Lower ends of the classes, the highest last; whole numbers of people that are easy to say.
  function classes(most) {
    const top = nice(most), out = [top];
    for (let at = top; out.length < HEAT.length - 1 && at > 0; ) {
      const lead = at / Math.pow(10, Math.floor(Math.log10(at) + 1e-9));
      at = Math.round(lead) === 5 ? at / 2.5 : at / 2;
      if (at < 1) break;
      out.push(at);
    }
    return [0].concat(out.reverse());
  }

  // The largest gain of each cell of the screen, so that no good position is hidden by a poor one.
  function heat(view, x, y, gains, levels) {
    const cells = new Map(), wide = Math.ceil(view.width / CELL_PX) + 1;
    const cell = CELL_PX / view.scale;
    const x0 = Math.floor(view.box[0] / cell), y0 = Math.floor(view.box[1] / cell);
    for (let i = 0; i < gains.length; i++) {
      if (!(gains[i] > 0)) continue;
      const cx = Math.floor(x[i] / cell) - x0, cy = Math.floor(y[i] / cell) - y0;
      if (cx < 0 || cy < 0 || cx >= wide || cy * CELL_PX > view.height) continue;
      const key = cy * wide + cx;
      if (!(cells.get(key) >= gains[i])) cells.set(key, gains[i]);
    }
    const ctx = view.ctx, colours = shades(levels.length);
    ctx.globalAlpha = HEAT_OPACITY;
    cells.forEach((gain, key) => {
      let k = 0;
      while (k + 1 < levels.length && gain >= levels[k + 1] * QH.whatIf.MICRO) k += 1;
      ctx.fillStyle = colours[k];
      const cx = key % wide, cy = Math.floor(key / wide);
      ctx.fillRect(
        (x0 + cx) * CELL_PX - view.left, (y0 + cy) * CELL_PX - view.top, CELL_PX - 1, CELL_PX - 1
      );
    });
    ctx.globalAlpha = 1;
  }

  // So many colours, light to dark, always from end to end.
  function shades(n) {
    return Array.from({ length: n }, (_, i) =>
      HEAT[n === 1 ? HEAT.length - 1 : Math.round((i * (HEAT.length - 1)) / (n - 1))]);
  }

  QH.whatIf = QH.whatIf || {};
  Object.assign(QH.whatIf, {
    Streets, HEAT_OPACITY,
    paint: { halo, dots, cut, cross, link, knob, leg, star, heat, classes, shades, HALO_OPACITY },
  });
})();
