// Gaps: outlines, rank numbers, and the walk of the one that is chosen; all above coverage.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const INK = "#20262B";
  const NUMBERS = 30; // at a time at most, fewer on a small map; zooming in brings the others
  const ROOM_PX = 18000; // square pixels of map for each
  const NUMBER_PX = 20;
  const LED = 10; // numbers that may stand farther off, on a line
  const FARTHER = [40, 60].flatMap((far) => [-90, -45, 0, 45, 90, 135, 180, -135].map((turn) => [
    far * Math.cos((turn * Math.PI) / 180), far * Math.sin((turn * Math.PI) / 180),
  ]));
  // The style of the line tells what colour does not: a person's colours may differ.
  const DASHES = [[], [8, 4], [1.6, 3.6]];
  const FILLED = [3, 5];
  const NEAR = 13.5; // from this zoom on, every outline can be told apart
  const FAR = 12.2; // a region rather than a city: the outlines would be all that is seen
  const DOTS = 0.7; // where gaps are drawn, the dots of their people are smaller

  // `gaps.filled`: rows of the gaps that a trial leaves nobody in.
  const isFilled = (gaps, row) => Boolean(gaps.filled && gaps.filled.has(row));
  const drawn = (route) => Boolean(route && route.rings.length);

  function trace(view, shape) {
    const ctx = view.ctx;
    ctx.beginPath();
    for (const ring of shape.rings) {
      for (let i = ring.from; i < ring.to; i++) {
        const x = shape.x[i] * view.scale - view.left, y = shape.y[i] * view.scale - view.top;
        if (i === ring.from) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
      }
      if (ring.closed) ctx.closePath();
    }
  }

  // A gap whose people a trial reaches: nothing is missing there, but it is still to be found.
  function filled(view, shape, colour) {
    const ctx = view.ctx;
    trace(view, shape);
    ctx.lineJoin = "round";
    ctx.strokeStyle = "rgba(255,255,255,.85)";
    ctx.lineWidth = 3.2;
    ctx.stroke();
    ctx.setLineDash(FILLED);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.6;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  // `weight`: 0 to 1; seen from afar, gaps with few people step back.
  function extent(view, shape, look, colour, weight) {
    const ctx = view.ctx, near = view.zoom >= NEAR;
    trace(view, shape);
    // what lies below it belongs to a smaller gap: outlines that cross cannot be read
    ctx.globalCompositeOperation = "destination-out";
    ctx.fill("evenodd");
    ctx.globalCompositeOperation = "source-over";
    ctx.fillStyle = colour;
    ctx.globalAlpha = near ? 0.1 : 0.05 + 0.2 * weight;
    ctx.fill("evenodd");
    if (view.paper) {
      // a printer without colours must tell gaps from service areas
      ctx.fillStyle = QH.poster.hatch(ctx, colour, view.ratio);
      ctx.globalAlpha = 0.5;
      ctx.fill("evenodd");
    }
    ctx.globalAlpha = near ? 1 : (0.45 + 0.55 * weight) * (view.zoom < FAR ? 0.45 : 1);
    ctx.lineJoin = "round";
    ctx.lineCap = look === 2 ? "round" : "butt";
    if (near) {
      ctx.strokeStyle = "rgba(255,255,255,.85)";
      ctx.lineWidth = 3.6;
      ctx.stroke();
    }
    ctx.setLineDash(DASHES[look]);
    ctx.strokeStyle = colour;
    ctx.lineWidth = near ? 1.8 : view.zoom < FAR ? 0.8 : 1.1;
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }

  function chosenOne(view, shape, look, colour) {
    const ctx = view.ctx;
    trace(view, shape);
    ctx.globalAlpha = 0.14;
    ctx.fillStyle = colour;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.lineJoin = "round";
    ctx.lineCap = look === 2 ? "round" : "butt";
    ctx.strokeStyle = "rgba(255,255,255,.9)";
    ctx.lineWidth = 6.5;
    ctx.stroke();
    ctx.setLineDash(DASHES[look]);
    ctx.strokeStyle = INK;
    ctx.lineWidth = 2.8;
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineCap = "butt";
  }

  let spare = null;
  // The smallest first, so that nothing hides a larger one; on a canvas of their own, so that what
  // one takes from another is not taken from the map.
  function paint(view, gaps, colours, chosen) {
    const target = view.ctx.canvas, most = Math.sqrt(gaps.people[0] || 1);
    spare = spare || document.createElement("canvas");
    if (spare.width !== target.width || spare.height !== target.height) {
      spare.width = target.width;
      spare.height = target.height;
    }
    const ctx = spare.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, spare.width, spare.height);
    ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    const inner = Object.assign({}, view, { ctx });
    for (let i = gaps.n - 1; i >= 0; i--) {
      if (QH.paint.apart(gaps.shapes[i].box, view.box)) continue;
      if (isFilled(gaps, i)) filled(inner, gaps.shapes[i], colours.gained);
      else extent(inner, gaps.shapes[i], gaps.look[i], colours.gap, Math.sqrt(gaps.people[i]) / most);
    }
    ctx.lineCap = "butt";
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.drawImage(spare, 0, 0);
    view.ctx.restore();
    if (chosen >= 0) chosenOne(view, gaps.shapes[chosen], gaps.look[chosen], colours.gap);
  }

  function middleOf(view, shape) {
    const ring = shape.rings[0], at = [];
    let whole = 0;
    for (let i = ring.from; i < ring.to; i++) {
      const p = [shape.x[i] * view.scale - view.left, shape.y[i] * view.scale - view.top];
      if (at.length) whole += Math.hypot(p[0] - at[at.length - 1][0], p[1] - at[at.length - 1][1]);
      at.push(p);
    }
    let left = whole / 2;
    for (let i = 1; i < at.length; i++) {
      const [a, b] = [at[i - 1], at[i]], d = Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (left <= d && d > 0) {
        return [a[0] + ((b[0] - a[0]) * left) / d, a[1] + ((b[1] - a[1]) * left) / d];
      }
      left -= d;
    }
    return at[0];
  }

  function plate(ctx, x, y, wide, high, fill, edge) {
    const r = Math.min(high, wide) / 2;
    ctx.beginPath();
    ctx.moveTo(x - wide / 2 + r, y - high / 2);
    ctx.arcTo(x + wide / 2, y - high / 2, x + wide / 2, y + high / 2, r);
    ctx.arcTo(x + wide / 2, y + high / 2, x - wide / 2, y + high / 2, r);
    ctx.arcTo(x - wide / 2, y + high / 2, x - wide / 2, y - high / 2, r);
    ctx.arcTo(x - wide / 2, y - high / 2, x + wide / 2, y - high / 2, r);
    ctx.closePath();
    ctx.fillStyle = fill;
    ctx.fill();
    ctx.strokeStyle = edge;
    ctx.lineWidth = 1.6;
    ctx.stroke();
  }

  // What the walk takes, in the language that the reader sees.
  function walked(gaps, row) {
    const T = QH.text;
    return T.shown("minutes", T.minutes((gaps.tenths[row] - 1) / 10)) + " · " +
      T.shown("metres", T.count(gaps.metres[row]));
  }

  function spot(ctx, x, y, r, fill) {
    ctx.beginPath();
    ctx.arc(x, y, r, 0, 7);
    ctx.fillStyle = fill;
    ctx.fill();
    ctx.strokeStyle = fill === INK ? "#FFFFFF" : INK;
    ctx.lineWidth = 2.4;
    ctx.stroke();
  }

  // `today`: while something is tried, the walk of today is told apart and says whose it is.
  function route(view, gaps, row, taken, today) {
    const shape = gaps.routes[row], ctx = view.ctx;
    if (!drawn(shape)) return;
    QH.paint.outline(view, [shape], {
      colour: INK, width: 3.4, halo: "rgba(255,255,255,.95)", dash: today ? [7, 5] : [],
    });
    const ring = shape.rings[0];
    const end = (i) => [shape.x[i] * view.scale - view.left, shape.y[i] * view.scale - view.top];
    spot(ctx, ...end(ring.from), 4.5, INK);
    spot(ctx, ...end(ring.to - 1), 5.5, "#FFFFFF");
    const [x, y] = middleOf(view, shape);
    const text = (today ? QH.text.plain("today") + " · " : "") + walked(gaps, row);
    ctx.font = "600 13px " + QH.paint.FONT;
    const wide = ctx.measureText(text).width + 20, high = 24;
    plate(ctx, x, y, wide, high, "#FFFFFF", INK);
    ctx.fillStyle = INK;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y + 0.5);
    taken.push([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2]);
  }

  function leader(ctx, x, y, toX, toY, colour) {
    for (const [ink, width] of [["rgba(255,255,255,.9)", 4], [colour, 1.6]]) {
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.lineTo(toX, toY);
      ctx.strokeStyle = ink;
      ctx.lineWidth = width;
      ctx.stroke();
    }
  }

  // Numbers by rank where there is room: beside the middle when something is there already.
  function numbers(view, gaps, taken, colours, chosen) {
    const ctx = view.ctx, order = [], lines = [], plates = [];
    if (chosen >= 0) order.push(chosen);
    for (let i = 0; i < gaps.n; i++) if (i !== chosen) order.push(i);
    ctx.font = "700 12px " + QH.paint.FONT;
    gaps.drawn = [];
    const { size, from, to } = view.shown;
    const most = Math.min(NUMBERS, Math.ceil((size.x * size.y) / ROOM_PX));
    let seen = 0;
    for (const i of order) {
      if (seen >= most) break;
      const x = gaps.x[i] * view.scale - view.left, y = gaps.y[i] * view.scale - view.top;
      if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
      const text = (isFilled(gaps, i) ? "✓ " : "") + (i + 1);
      const wide = Math.max(NUMBER_PX, ctx.measureText(text).width + 11), high = NUMBER_PX;
      const steps = [[0, 0], [0, -high], [0, high], [wide, 0], [-wide, 0]];
      if (i < LED || i === chosen) steps.push(...FARTHER);
      for (const [dx, dy] of steps) {
        const box = [x + dx - wide / 2, y + dy - high / 2, x + dx + wide / 2, y + dy + high / 2];
        const grown = [box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2];
        if (taken.some((other) => !QH.paint.apart(other, grown))) continue;
        taken.push(grown);
        if (Math.hypot(dx, dy) > 1.5 * high) lines.push([x, y, x + dx, y + dy]);
        if (x > from.x && x < to.x && y > from.y && y < to.y) seen += 1;
        gaps.drawn.push({ row: i, box, left: view.left, top: view.top });
        plates.push([text, x + dx, y + dy, wide, high, i === chosen ? INK : isFilled(gaps, i) ? colours.gained : colours.number]);
        break;
      }
    }
    // no line strikes a number out
    for (const line of lines) leader(ctx, ...line, colours.number);
    ctx.font = "700 12px " + QH.paint.FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const [text, x, y, wide, high, fill] of plates) {
      plate(ctx, x, y, wide, high, fill, "#FFFFFF");
      ctx.fillStyle = "#FFFFFF";
      ctx.fillText(text, x, y + 0.5);
    }
  }

  // The row of the number under a point in world units, -1 for none.
  function numberAt(gaps, x, y, scale) {
    const found = gaps.drawn.find(({ box, left, top }) => {
      const px = x * scale - left, py = y * scale - top;
      return px >= box[0] && px <= box[2] && py >= box[1] && py <= box[3];
    });
    return found ? found.row : -1;
  }

  // The largest gap there, -1 for none.
  function extentAt(gaps, x, y) {
    return gaps.shapes.findIndex((shape) => QH.find.inside(shape, x, y));
  }

  // South-west and north-east of a gap and its walk.
  function bounds(gaps, row) {
    const boxes = [gaps.shapes[row].box];
    if (drawn(gaps.routes[row])) boxes.push(gaps.routes[row].box);
    const low = (k) => Math.min(...boxes.map((box) => box[k]));
    const high = (k) => Math.max(...boxes.map((box) => box[k]));
    const lon = (x) => x * 360 - 180;
    const lat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
    return [[lat(high(3)), lon(low(0))], [lat(low(1)), lon(high(2))]];
  }

  QH.gaps = {
    paint, route, plate, numbers, numberAt, extentAt, bounds, drawn, DASHES, DOTS,
  };
})();
