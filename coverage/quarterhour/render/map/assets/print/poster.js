// The map painted once more, of any size and sharpness, on one canvas: for paper and for pictures.
// The map on the screen is neither moved nor resized for it.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const GROUND = "#F5F5F2";
  const INK = "#20262B";
  const MOST_PIXELS = 20e6; // of a canvas: more is refused by small computers
  const EARTH_M = 40075016.686;
  const HATCH = 8; // pixels from line to line
  const EDGE = 14; // pixels between the area and the frame

  // What to show: all of the study where all of it is seen, else what the window shows.
  function extent(app) {
    const whole = L.latLngBounds(app.data.bounds), seen = app.map.getBounds();
    const near = seen.contains(whole) && app.map.getBoundsZoom(whole) - app.map.getZoom() < 1;
    return near ? { bounds: whole, edge: EDGE } : { bounds: seen, edge: 0 };
  }

  // How a part of the world is drawn on a sheet of so many pixels.
  function view({ bounds, edge }, width, height) {
    const D = QH.decode;
    const x0 = D.worldX(bounds.getWest()), x1 = D.worldX(bounds.getEast());
    const y0 = D.worldY(bounds.getNorth()), y1 = D.worldY(bounds.getSouth());
    const scale = Math.min((width - 2 * edge) / (x1 - x0), (height - 2 * edge) / (y1 - y0),
      256 * Math.pow(2, 19));
    const left = ((x0 + x1) / 2) * scale - width / 2, top = ((y0 + y1) / 2) * scale - height / 2;
    const corner = L.point(0, 0), size = L.point(width, height);
    return {
      scale, left, top, width, height, zoom: Math.log(scale / 256) / Math.LN2,
      shown: { size, from: corner, to: size },
      box: [left / scale, top / scale, (left + width) / scale, (top + height) / scale],
    };
  }

  const number = (element, name, other) => {
    const value = parseFloat(element.getAttribute(name));
    return isNaN(value) ? other : value;
  };

  function shapeOf(element) {
    const n = (name) => number(element, name, 0), path = new Path2D();
    if (element.tagName === "path") return new Path2D(element.getAttribute("d"));
    if (element.tagName === "circle") path.arc(n("cx"), n("cy"), n("r"), 0, 7);
    if (element.tagName === "rect") path.rect(n("x"), n("y"), n("width"), n("height"));
    if (element.tagName === "line") {
      path.moveTo(n("x1"), n("y1"));
      path.lineTo(n("x2"), n("y2"));
    }
    return path;
  }

  // A small SVG element of the page (a symbol, a swatch) drawn with its middle at a point.
  function symbol(ctx, svg, x, y, wider) {
    const box = (svg.getAttribute("viewBox") || "").split(" ").map(Number);
    const width = wider || number(svg, "width", 16), height = wider || number(svg, "height", 16);
    const [left, top, wide] = box.length === 4 ? box : [0, 0, width];
    ctx.save();
    ctx.translate(x - width / 2, y - height / 2);
    ctx.scale(width / wide, width / wide);
    ctx.translate(-left, -top);
    svg.querySelectorAll("path,circle,rect,line,text").forEach((element) => {
      const get = (name) => element.getAttribute(name);
      const colour = (name) => (get(name) === "currentColor" ? INK : get(name));
      if (element.tagName === "text") {
        ctx.font = (get("font-weight") || 400) + " " + number(element, "font-size", 12) + "px " +
          QH.paint.FONT;
        ctx.textAlign = get("text-anchor") === "middle" ? "center" : "left";
        ctx.textBaseline = get("dominant-baseline") ? "middle" : "alphabetic";
        ctx.fillStyle = colour("fill") || INK;
        ctx.fillText(element.textContent, number(element, "x", 0), number(element, "y", 0));
        return;
      }
      const path = shapeOf(element), dash = (get("stroke-dasharray") || "").split(/[ ,]+/);
      if (get("fill") !== "none") {
        ctx.globalAlpha = number(element, "fill-opacity", 1);
        ctx.fillStyle = colour("fill") || INK;
        ctx.fill(path);
      }
      if (get("stroke") && get("stroke") !== "none") {
        ctx.globalAlpha = number(element, "stroke-opacity", 1);
        ctx.strokeStyle = colour("stroke");
        ctx.lineWidth = number(element, "stroke-width", 1);
        ctx.lineCap = get("stroke-linecap") || "butt";
        ctx.lineJoin = get("stroke-linejoin") || "miter";
        ctx.setLineDash(dash.map(Number).filter((v) => v > 0));
        ctx.stroke(path);
        ctx.setLineDash([]);
      }
      ctx.globalAlpha = 1;
    });
    ctx.restore();
  }

  // Everything that stands on the map as an element: facilities, pins.
  function marks(ctx, app, at) {
    const found = [];
    app.map.eachLayer((layer) => {
      const element = layer instanceof L.Marker && layer.getElement();
      const drawn = element ? element.querySelectorAll("svg") : [];
      if (drawn.length) found.push({ layer, drawn, z: Number(element.style.zIndex) || 0 });
    });
    found.sort((a, b) => a.z - b.z);
    for (const { layer, drawn } of found) {
      const where = layer.getLatLng(), options = layer.options.icon.options;
      const size = L.point(options.iconSize || [0, 0]);
      const anchor = options.iconAnchor ? L.point(options.iconAnchor) : size.divideBy(2);
      const x = QH.decode.worldX(where.lng) * at.scale - at.left;
      const y = QH.decode.worldY(where.lat) * at.scale - at.top;
      if (x < -40 || y < -40 || x > at.width + 40 || y > at.height + 40) continue;
      // a second one crosses the first out
      drawn.forEach((svg, i) => symbol(
        ctx, svg, x - anchor.x + size.x / 2, y - anchor.y + size.y / 2, i ? size.x + 8 : 0
      ));
    }
  }

  function nice(value) {
    const power = Math.pow(10, Math.floor(Math.log(value) / Math.LN10)), lead = value / power;
    return (lead >= 5 ? 5 : lead >= 2 ? 2 : 1) * power;
  }

  // Length in metres and in pixels of a scale bar no longer than `most` pixels.
  function bar(at, most) {
    const middle = (at.top + at.height / 2) / at.scale;
    const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * middle)));
    const metres = (EARTH_M * Math.cos(lat)) / at.scale; // of a pixel
    const length = nice(metres * most);
    return { length, px: length / metres };
  }

  // The scale bar stands at the left, or at the right where it hides fewer facilities.
  function scaleBar(ctx, at, app) {
    const { length, px } = bar(at, Math.min(170, at.width / 4)), y = at.height - 18, wide = px + 58;
    const spots = app.layers.on.facilities ? app.service().names : [];
    const hidden = (from) => spots.filter((it) => {
      const left = it.x * at.scale - at.left, top = it.y * at.scale - at.top;
      return left > from - 10 && left < from + wide + 10 && top > y - 30 && top < at.height;
    }).length;
    const right = at.width - wide - 8, x = (hidden(right) < hidden(8) ? right : 8) + 8;
    ctx.fillStyle = "rgba(255,255,255,.85)";
    ctx.fillRect(x - 8, y - 20, wide, 32);
    ctx.lineWidth = 1;
    for (let k = 0; k < 4; k++) {
      ctx.fillStyle = k % 2 ? "#FFFFFF" : INK;
      ctx.fillRect(x + (k * px) / 4, y, px / 4, 5);
    }
    ctx.strokeStyle = INK;
    ctx.strokeRect(x, y, px, 5);
    ctx.fillStyle = INK;
    ctx.font = "11px " + QH.paint.FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "alphabetic";
    const km = length >= 1000, last = km ? length / 1000 : length;
    ctx.fillText("0", x, y - 5);
    ctx.fillText(String(last / 2), x + px / 2, y - 5);
    ctx.textAlign = "left";
    ctx.fillText(last + (km ? " km" : " m"), x + px - 4, y - 5);
  }

  function north(ctx, at) {
    const x = at.width - 26, y = 14;
    ctx.lineJoin = "round";
    const half = (side) => {
      ctx.beginPath();
      ctx.moveTo(x, y + 12);
      ctx.lineTo(x + side, y + 42);
      ctx.lineTo(x, y + 36);
      ctx.closePath();
    };
    ctx.strokeStyle = "#FFFFFF";
    ctx.lineWidth = 5;
    for (const side of [9, -9]) {
      half(side);
      ctx.stroke();
    }
    for (const side of [9, -9]) {
      half(side);
      ctx.fillStyle = side > 0 ? INK : "#FFFFFF";
      ctx.fill();
      ctx.strokeStyle = INK;
      ctx.lineWidth = 1;
      ctx.stroke();
    }
    ctx.font = "700 13px " + QH.paint.FONT;
    ctx.textAlign = "center";
    ctx.textBaseline = "alphabetic";
    ctx.strokeStyle = "#FFFFFF";
    ctx.lineWidth = 3.5;
    ctx.strokeText("N", x, y + 9);
    ctx.fillStyle = INK;
    ctx.fillText("N", x, y + 9);
  }

  // Lines from the upper left to the lower right, as sharp as the canvas.
  function hatch(ctx, colour, ratio) {
    const tile = document.createElement("canvas"), size = Math.round(HATCH * ratio);
    tile.width = tile.height = size;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = ratio;
    pen.beginPath();
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift - 1, -1);
      pen.lineTo(shift + size + 1, size + 1);
    }
    pen.stroke();
    const pattern = ctx.createPattern(tile, "repeat");
    if (pattern.setTransform) pattern.setTransform(new DOMMatrix([1 / ratio, 0, 0, 1 / ratio, 0, 0]));
    return pattern;
  }

  // Between two states that are compared: the line, and what is on either side.
  function sides(ctx, app, at) {
    const x = app.compare.at(at);
    for (const [colour, width] of [["#FFFFFF", 6], [INK, 2]]) {
      ctx.beginPath();
      ctx.moveTo(x, 0);
      ctx.lineTo(x, at.height);
      ctx.strokeStyle = colour;
      ctx.lineWidth = width;
      ctx.stroke();
    }
    ctx.font = "600 14px " + QH.paint.FONT;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    [0, 1].forEach((side) => {
      const [zh, en] = app.compare.state(side).name, now = document.documentElement.dataset.language;
      const text = now === "zh" || zh === en ? zh : now === "en" ? en : zh + " " + en;
      const wide = ctx.measureText(text).width + 16, from = side ? x + 10 : x - 10 - wide;
      ctx.fillStyle = INK;
      ctx.fillRect(from, 12, wide, 26);
      ctx.fillStyle = "#FFFFFF";
      ctx.fillText(text, from + 8, 25);
    });
  }

  // Sheets lie in panes; the lower pane first.
  function sheets(app) {
    const found = [];
    app.map.eachLayer((layer) => { if (layer instanceof QH.Sheet) found.push(layer); });
    const z = (sheet) => Number(getComputedStyle(sheet.getPane()).zIndex) || 0;
    return found.sort((a, b) => z(a) - z(b));
  }

  // A canvas of `width` by `height` pixels of the page, `ratio` times as sharp. `paper`: what is
  // told apart by colour alone on a screen gets lines too.
  function paint(app, width, height, ratio, paper) {
    const canvas = document.createElement("canvas");
    const sharp = Math.min(ratio, Math.sqrt(MOST_PIXELS / (width * height)));
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const ctx = canvas.getContext("2d");
    const at = Object.assign(view(extent(app), width, height), {
      ctx, ratio: sharp, paper: Boolean(paper),
    });
    const fresh = () => ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
    fresh();
    ctx.fillStyle = GROUND;
    ctx.fillRect(0, 0, width, height);
    // what the painting notes for the pointer belongs to the map on the screen
    const putBack = QH.gapStates.kept();
    for (const sheet of sheets(app)) {
      ctx.save();
      sheet._paint(at);
      ctx.restore();
      fresh();
    }
    putBack();
    // symbols that touch on the screen may have room on paper, and the reverse
    app.marks.draw(at.scale);
    app.sites.draw();
    marks(ctx, app, at);
    app.marks.draw();
    app.sites.draw();
    if (app.compare.on) sides(ctx, app, at);
    scaleBar(ctx, at, app);
    north(ctx, at);
    return canvas;
  }

  // What the language that is chosen leaves of an element's text.
  function textOf(node) {
    const now = document.documentElement.dataset.language;
    if (node.nodeType === 3) return node.nodeValue;
    if (node.nodeType !== 1 || node.hidden || node.tagName === "svg") return "";
    if (node.lang && now !== "both" && node.lang.slice(0, 2) !== now) return "";
    return Array.from(node.childNodes, (it) => (it.nodeType === 1 ? " " : "") + textOf(it)).join("");
  }

  // Whether somebody's walk is drawn: of a place or of the gap that is chosen.
  function walks(app) {
    const gaps = QH.gapStates.of(app, app.stages.state()), row = app.gapList.row;
    return Boolean(app.walk) || Boolean(app.layers.on.gaps && gaps && row >= 0 && QH.gaps.drawn(gaps.routes[row]));
  }

  // The rows of the legend that are on: [element of the symbol or null, text, level].
  function legend(app) {
    const rows = [], chosen = walks(app), tidy = (text) => text.replace(/\s+/g, " ").trim();
    const walk = tidy(textOf(QH.text.word("gap_route"))); // in the list before any walk is drawn
    const said = tidy(textOf(QH.text.word("gap_walk")));
    const inner = (row) => {
      let level = 0;
      for (let at = row; at.id !== "qh-layers"; at = at.parentNode) {
        if (at.classList.contains("qh-children") || at.classList.contains("qh-parts")) level += 1;
      }
      return level;
    };
    document.querySelectorAll("#qh-layers .qh-twig, #qh-layers .qh-row, #qh-layers .qh-parts > li, #qh-layers .qh-sizes")
      .forEach((row) => {
        if (row.closest(".qh-off") || row.classList.contains("qh-told")) return;
        const twig = row.classList.contains("qh-twig"), sizes = row.classList.contains("qh-sizes");
        const label = twig || sizes ? row : row.querySelector(".qh-label");
        const text = label ? tidy(textOf(label)) : "";
        if (!text || (text === walk && !chosen)) return;
        rows.push([row.querySelector("svg"), text === walk ? said : text, twig ? -1 : inner(row) + (sizes ? 1 : 0)]);
      });
    // a heading says nothing when nothing of it is on
    return rows.filter(([svg, , level], i) => {
      const next = rows[i + 1];
      return (svg && level >= 0) || (next && next[2] > level);
    }).map(([svg, text, level]) => [svg, text, Math.max(0, level)]);
  }

  // The same for a map of this size, where other symbols touch than on the screen.
  function legendOf(app, width, height) {
    const { scale } = view(extent(app), width, height);
    if (app.marks.draw(scale)) app.layers.draw();
    app.layers.drawSizes(scale); // and symbols of people are of other sizes
    const rows = legend(app);
    if (app.marks.draw()) app.layers.draw();
    app.layers.drawSizes();
    return rows;
  }

  QH.poster = { paint, symbol, legend, legendOf, walks, textOf, bar, view, hatch };
})();
