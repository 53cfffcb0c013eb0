// The trial on the map: streets reached as a halo, places gained and lost, streets closed and added.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const INK = "#20262B";
  const CELL_PX = 9;
  // viridis: told apart by lightness alone, the darkest is the most
  const HEAT = ["#FDE725", "#7AD151", "#22A884", "#2A788E", "#414487", "#440154"];
  const HEAT_OPACITY = 0.72;

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
    HEAT_OPACITY,
    paint: { cut, cross, link, knob, leg, star, heat, classes, shades },
  });
})();
