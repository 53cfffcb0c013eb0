// What is drawn on the sheets, bottom to top. Every function draws world units into a view.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const FONT = '"Microsoft YaHei","PingFang SC","Source Han Sans SC","Noto Sans CJK SC",' +
    '"WenQuanYi Micro Hei",sans-serif';
  // Per rank: colour, width in pixels at zoom 14, dash. Steps are dotted from zoom 15.
  const ROADS = [
    { colour: "#BFC5C9", width: 2.3 },
    { colour: "#D3D8DB", width: 1.25 },
    { colour: "#DBDFE1", width: 0.8 },
    { colour: "#BCC2C7", width: 0.9, dots: [1.5, 2.5] },
    { colour: "#8FAFC4", width: 1.2, dash: [7, 6] },
  ];
  const SCENERY = { water: "#CFE0EA", green: "#E3EBDD" };
  const COVER = 0.26; // light enough for the service areas below to be seen
  const MOST = 24;
  const BAND_OPACITY = 0.55;
  const SIGNED = 2.5; // pixels: smaller dots have no room for a plus or minus, and green and crimson are alike to some
  // Yellow is too light for a line on white.
  const EDGES = { partly: "#8A6800" };
  const OUTLINES_FROM_ZOOM = 13.5;

  const apart = (a, b) => a[0] > b[2] || a[2] < b[0] || a[1] > b[3] || a[3] < b[1];

  function line(view, x, y, from, to) {
    const ctx = view.ctx, scale = view.scale, left = view.left, top = view.top;
    let px = x[from] * scale - left, py = y[from] * scale - top;
    ctx.moveTo(px, py);
    for (let i = from + 1; i < to; i++) {
      const nx = x[i] * scale - left, ny = y[i] * scale - top;
      // Steps below a pixel cannot be seen, except that the last one must close the line.
      if (i < to - 1 && Math.abs(nx - px) + Math.abs(ny - py) < 0.9) continue;
      ctx.lineTo((px = nx), (py = ny));
    }
  }

  function roads(view, net) {
    const ctx = view.ctx, grow = Math.pow(2, (view.zoom - 14) * 0.6);
    ctx.lineJoin = "round";
    [2, 3, 4, 1, 0].forEach((rank) => {
      if (!net.byRank[rank]) return;
      const look = ROADS[rank];
      ctx.beginPath();
      for (const block of net.blocks) {
        if (block.rank !== rank || apart(block.box, view.box)) continue;
        for (let i = block.from; i < block.to; i++) {
          line(view, net.x, net.y, net.start[i], net.start[i + 1]);
        }
      }
      const dotted = look.dots && view.zoom >= 15;
      ctx.setLineDash(dotted ? look.dots : look.dash || []);
      ctx.lineCap = look.dash || dotted ? "butt" : "round";
      ctx.strokeStyle = look.colour;
      ctx.lineWidth = Math.max(0.35, (dotted ? 2.2 : 1) * look.width * grow);
      ctx.stroke();
    });
    ctx.setLineDash([]);
  }

  function scenery(view, land) {
    const ctx = view.ctx;
    for (const [shapes, colour] of [[land.green, SCENERY.green], [land.water, SCENERY.water]]) {
      ctx.beginPath();
      for (const shape of shapes) if (!apart(shape.box, view.box)) trace(view, shape);
      ctx.fillStyle = colour;
      ctx.fill("evenodd");
    }
    ctx.beginPath();
    for (const shape of land.streams) if (!apart(shape.box, view.box)) trace(view, shape);
    ctx.lineJoin = ctx.lineCap = "round";
    ctx.strokeStyle = SCENERY.water;
    ctx.lineWidth = Math.max(1, 2.5 * Math.pow(2, (view.zoom - 14) * 0.5));
    ctx.stroke();
  }

  function trace(view, shape) {
    for (const ring of shape.rings) {
      line(view, shape.x, shape.y, ring.from, ring.to);
      // Drawn back to its beginning: closePath measures the whole path so far in some browsers,
      // which for thousands of rings takes longer than all the rest.
      if (ring.closed) {
        view.ctx.lineTo(
          shape.x[ring.from] * view.scale - view.left, shape.y[ring.from] * view.scale - view.top
        );
      }
    }
  }

  let spare = null;
  // Bands are painted solid on a spare canvas, far to near, and laid on once: their tones stay
  // those of the legend although each lies inside the next.
  function bands(view, service, on) {
    const target = view.ctx.canvas;
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
    for (let i = service.shapes.length - 1; i >= 0; i--) {
      if (!on[i] || apart(service.shapes[i].box, view.box)) continue;
      ctx.beginPath();
      trace(inner, service.shapes[i]);
      ctx.fillStyle = service.bands[i];
      ctx.fill("evenodd");
    }
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.globalAlpha = BAND_OPACITY;
    view.ctx.drawImage(spare, 0, 0);
    view.ctx.restore();
    // seen from afar the outlines would be all that is seen
    if (view.zoom < OUTLINES_FROM_ZOOM) return;
    for (let i = service.shapes.length - 1; i >= 0; i--) {
      if (!on[i] || apart(service.shapes[i].box, view.box)) continue;
      view.ctx.beginPath();
      trace(view, service.shapes[i]);
      view.ctx.globalAlpha = 0.55;
      view.ctx.lineWidth = 0.9;
      view.ctx.strokeStyle = service.bands[0];
      view.ctx.stroke();
      view.ctx.globalAlpha = 1;
    }
  }

  const layer = document.createElement("canvas");
  // What `draw` paints on a canvas of its own, laid on the view as a whole.
  function layered(view, opacity, draw) {
    const target = view.ctx.canvas, ctx = layer.getContext("2d");
    if (layer.width !== target.width || layer.height !== target.height) {
      layer.width = target.width;
      layer.height = target.height;
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, layer.width, layer.height);
    ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    draw(ctx, Object.assign({}, view, { ctx }));
    ctx.globalCompositeOperation = "source-over";
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.globalAlpha = opacity;
    view.ctx.drawImage(layer, 0, 0);
    view.ctx.restore();
  }

  const MOST_KEPT = 4;
  const kept = new Map();
  // What `draw` paints, kept while the view is the same: areas of a whole city take their time, and
  // the line between two states moves many times over them. `about`: what else it depends on.
  function cached(view, name, about, draw) {
    const key = [about, view.left, view.top, view.scale, view.width, view.height, view.ratio].join();
    const found = kept.get(name) || { canvas: document.createElement("canvas"), key: "" };
    kept.delete(name);
    kept.set(name, found);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
    if (found.key !== key) {
      const target = view.ctx.canvas, ctx = found.canvas.getContext("2d");
      found.canvas.width = target.width;
      found.canvas.height = target.height;
      ctx.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      draw(Object.assign({}, view, { ctx }));
      found.key = key;
    }
    view.ctx.save();
    view.ctx.setTransform(1, 0, 0, 1, 0, 0);
    view.ctx.drawImage(found.canvas, 0, 0);
    view.ctx.restore();
  }

  // Shapes of one tone; where they lie over one another it is no darker.
  function solid(view, shapes, fill) {
    const ctx = view.ctx;
    ctx.fillStyle = fill;
    for (const shape of shapes) {
      if (apart(shape.box, view.box)) continue;
      ctx.beginPath();
      trace(view, shape);
      ctx.fill("evenodd");
    }
  }

  function hatch(ctx, colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 7;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = 1.3;
    pen.beginPath();
    for (const shift of [-7, 0, 7]) {
      pen.moveTo(shift - 1, 8);
      pen.lineTo(shift + 8, -1);
    }
    pen.stroke();
    return ctx.createPattern(tile, "repeat");
  }

  function residential(view, areas, statuses, colours) {
    const ctx = view.ctx;
    statuses.forEach((status, number) => {
      ctx.beginPath();
      areas.shapes.forEach((shape, i) => {
        if (areas.status[i] === number && !apart(shape.box, view.box)) trace(view, shape);
      });
      const hatched = status === "uncovered" || status === "unlinked";
      ctx.globalAlpha = hatched ? 0.16 : COVER;
      ctx.fillStyle = colours[status];
      ctx.fill("evenodd");
      if (hatched) {
        ctx.globalAlpha = 0.75;
        ctx.fillStyle = hatch(ctx, colours[status]);
        ctx.fill("evenodd");
      }
      ctx.globalAlpha = 0.95;
      ctx.strokeStyle = EDGES[status] || colours[status];
      ctx.lineWidth = 1.1;
      ctx.stroke();
      ctx.globalAlpha = 1;
    });
  }

  function streets(view, shapes, colour) {
    const ctx = view.ctx;
    ctx.beginPath();
    for (const shape of shapes) if (!apart(shape.box, view.box)) trace(view, shape);
    ctx.lineJoin = "round";
    ctx.globalAlpha = 0.8;
    ctx.strokeStyle = colour;
    ctx.lineWidth = Math.max(0.5, 1.4 * Math.pow(2, (view.zoom - 15) * 0.6));
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  function outline(view, shapes, look) {
    const ctx = view.ctx;
    ctx.beginPath();
    for (const shape of shapes) if (!apart(shape.box, view.box)) trace(view, shape);
    ctx.lineJoin = "round";
    if (look.halo) {
      ctx.strokeStyle = look.halo;
      ctx.lineWidth = look.width + 3;
      ctx.stroke();
    }
    ctx.setLineDash(look.dash || []);
    ctx.strokeStyle = look.colour;
    ctx.lineWidth = look.width;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  function highlight(view, shape, colour) {
    const ctx = view.ctx;
    ctx.beginPath();
    trace(view, shape);
    ctx.globalAlpha = 0.22;
    ctx.fillStyle = colour;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    outline(view, [shape], { colour: "#20262B", width: 2.2, halo: "rgba(255,255,255,.9)" });
  }

  // Areas under a light tone; lines have no inside.
  function veil(view, shapes, colour) { tint(view, shapes, colour, 0.22); }

  function tint(view, shapes, colour, opacity) {
    const ctx = view.ctx;
    ctx.beginPath();
    for (const shape of shapes) {
      if (shape.rings.every((ring) => ring.closed) && !apart(shape.box, view.box)) trace(view, shape);
    }
    ctx.globalAlpha = opacity;
    ctx.fillStyle = colour;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
  }

  // Labels that would touch one already drawn are left out; zooming in brings them.
  function labels(view, names, taken, look) {
    const ctx = view.ctx;
    ctx.font = look.weight + " " + look.size + "px " + FONT;
    ctx.textBaseline = "middle";
    ctx.textAlign = look.align;
    ctx.lineJoin = "round";
    for (const label of names) {
      const text = label.name.length > MOST ? label.name.slice(0, MOST) + "…" : label.name;
      const x = label.x * view.scale - view.left + (look.shift || 0);
      const at = label.y * view.scale - view.top;
      if (x < 0 || at < 0 || x > view.width || at > view.height) continue;
      const wide = ctx.measureText(text).width;
      const from = look.align === "center" ? x - wide / 2 : x;
      const boxAt = (shift) => [from - 4, at + shift - look.size, from + wide + 4, at + shift + look.size];
      const free = (shift) => {
        const box = boxAt(shift), clear = (other) => apart(other, box);
        // on paper nobody moves the map to read the rest of a name
        const cut = view.paper &&
          (box[0] < 0 || box[1] < 0 || box[2] > view.width || box[3] > view.height);
        return !cut && taken.every(clear) && (look.beside || []).every(clear);
      };
      const shift = (look.shifts || [0]).find(free);
      if (shift === undefined) continue;
      const box = boxAt(shift), y = at + shift;
      taken.push(box);
      ctx.strokeStyle = "rgba(255,255,255,.92)";
      ctx.lineWidth = 3.5;
      ctx.strokeText(text, x, y);
      ctx.fillStyle = look.colour;
      ctx.fillText(text, x, y);
    }
  }

  // A plus or a minus in white: who gains and who loses is told by more than colour.
  function sign(ctx, kind, c, r) {
    ctx.beginPath();
    ctx.moveTo(c - 0.6 * r, c);
    ctx.lineTo(c + 0.6 * r, c);
    if (kind === "gain") {
      ctx.moveTo(c, c - 0.6 * r);
      ctx.lineTo(c, c + 0.6 * r);
    }
    ctx.strokeStyle = "#FFFFFF";
    ctx.lineWidth = Math.max(1, 0.3 * r);
    ctx.stroke();
  }

  // A canvas as a picture that nobody can change: a browser need not ask each time whether it has.
  function still(canvas) {
    if (typeof OffscreenCanvas === "undefined") return canvas;
    const other = new OffscreenCanvas(canvas.width, canvas.height), ctx = other.getContext("2d");
    if (!ctx || !other.transferToImageBitmap) return canvas;
    ctx.drawImage(canvas, 0, 0);
    return other.transferToImageBitmap();
  }

  const sprites = new Map();
  function sprite(kind, colour, r, ratio) {
    const step = Math.round(r * 2) / 2, key = [kind, colour, step, ratio].join();
    if (sprites.has(key)) return sprites.get(key);
    const size = Math.ceil(2 * step + 4), image = document.createElement("canvas");
    image.width = image.height = size * ratio;
    const ctx = image.getContext("2d"), c = size / 2;
    ctx.scale(ratio, ratio);
    ctx.beginPath();
    if (kind !== "ring") {
      ctx.arc(c, c, step, 0, 7);
      ctx.fillStyle = colour;
      ctx.globalAlpha = 0.88;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.strokeStyle = "rgba(255,255,255,.9)";
      ctx.lineWidth = step > 3 ? 1 : 0.5;
      ctx.stroke();
      if (kind !== "dot" && step > 2) sign(ctx, kind, c, step);
    } else {
      ctx.rect(c - step, c - step, 2 * step, 2 * step);
      ctx.fillStyle = "#FFFFFF";
      ctx.fill();
      ctx.moveTo(c - step, c - step);
      ctx.lineTo(c + step, c + step);
      ctx.moveTo(c + step, c - step);
      ctx.lineTo(c - step, c + step);
      ctx.strokeStyle = colour;
      ctx.lineWidth = step > 3 ? 1.4 : 1;
      ctx.stroke();
    }
    const made = { image: still(image), size };
    sprites.set(key, made);
    return made;
  }

  function places(view, levels, kind, colour) {
    const ctx = view.ctx, dots = levels.at(view.scale), ratio = view.ratio, stamps = new Map();
    const stampOf = (r) => {
      const step = Math.round(r * 2);
      if (!stamps.has(step)) stamps.set(step, sprite(kind, colour, r, ratio));
      return stamps.get(step);
    };
    for (let i = 0; i < dots.n; i++) {
      const x = dots.x[i] * view.scale - view.left, y = dots.y[i] * view.scale - view.top;
      if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
      const r = kind !== "ring" ? Math.max(kind === "dot" ? 0 : SIGNED, QH.Levels.radius(dots, dots.amount[i], view.scale)) :
        Math.min(5, Math.max(3, 0.5 * QH.Levels.largest(dots, view.scale)));
      const stamp = stampOf(r), half = stamp.size / 2;
      // on whole pixels a browser copies, between them it computes
      ctx.drawImage(stamp.image, Math.round((x - half) * ratio) / ratio,
        Math.round((y - half) * ratio) / ratio, stamp.size, stamp.size);
    }
  }

  QH.paint = {
    EDGES, cached, layered, solid, hatch, roads, scenery, streets, bands, residential, outline, veil, tint, highlight, labels, places, BAND_OPACITY,
    apart, FONT, ROADS, SCENERY, COVER,
  };
})();
