// The map as a picture file: title, what the map shows, legend and sources on one canvas.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const INK = "#20262B", SOFT = "#5B666E", RULE = "#C9D0D4", MARK = "#9B1C1C";
  const SHARP = 2;
  const SMALLEST = [720, 520]; // pixels of the map
  const EDGE = 20;
  const ROW = 22;

  // Lines of a text no wider than `most` pixels; Chinese may be broken anywhere.
  function broken(ctx, text, most) {
    const lines = [];
    let line = "";
    for (const part of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) || []) {
      if (line && ctx.measureText(line + part.trim()).width > most) {
        lines.push(line.trim());
        line = "";
      }
      line += part;
      // a word longer than a line, such as an address
      while (ctx.measureText(line).width > most && line.length > 1) {
        let n = line.length - 1;
        while (n > 1 && ctx.measureText(line.slice(0, n)).width > most) n -= 1;
        lines.push(line.slice(0, n));
        line = line.slice(n);
      }
    }
    if (line.trim()) lines.push(line.trim());
    return lines;
  }

  // A column of texts from `y` down; where it ends. Without a canvas it is only measured.
  function write(ctx, texts, x, y, most, draw) {
    for (const { text, size, weight, colour } of texts) {
      ctx.font = (weight || 400) + " " + size + "px " + QH.paint.FONT;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      ctx.fillStyle = colour || INK;
      for (const line of broken(ctx, text, most)) {
        y += size * 1.42;
        if (draw) ctx.fillText(line, x, y - size * 0.3);
      }
    }
    return y;
  }

  const shown = (element) => QH.poster.textOf(element).replace(/\s+/g, " ").trim();

  function words(app) {
    const sheet = document.getElementById("qh-print");
    const all = (selector) => Array.from(sheet.querySelectorAll(selector), shown).filter(Boolean);
    const head = (selector) => {
      const found = document.querySelector("#qh-head .qh-service:not([hidden]) " + selector);
      return found ? shown(found) : "";
    };
    const sides = app.compare.on ? [0, 1].map((side) => {
      const it = app.compare.state(side), T = QH.text;
      return shown(T.pair(...it.name)) + "  " + shown(QH.stages.told(app, it));
    }).join("  |  ") : "";
    const today = head(".qh-within") ?
      head(".qh-within") + "  " + [head(".qh-share"), head(".qh-left")].join("  ·  ") : head(".qh-told");
    const figures = sides || today;
    const marks = Array.from(sheet.querySelectorAll(".qh-p-foot b, .qh-p-synthetic"), shown);
    return {
      top: [
        { text: all("h2")[0] || "", size: 24, weight: 700 },
        { text: all(".qh-p-head > .qh-service:not([hidden])").join(" "), size: 14, colour: SOFT },
        { text: figures, size: 15, weight: 600 },
      ].filter((it) => it.text),
      marks,
      foot: all(".qh-p-foot > span").filter((text) => !marks.includes(text)).join("  ·  "),
    };
  }

  function legend(ctx, rows, x, y, most, draw) {
    const title = shown(document.querySelector(".qh-p-legend h3"));
    y = write(ctx, [{ text: title, size: 15, weight: 700 }], x, y, most, draw) + 6;
    for (const [svg, text, level] of rows) {
      const from = x + (level ? 12 : 0), box = svg ? [svg.getAttribute("width"), svg.getAttribute("height")] : [0, 0];
      // sizes of symbols, side by side, take the room that they need
      const free = svg && !svg.hasAttribute("viewBox"), row = free ? Math.max(ROW, Number(box[1]) + 4) : ROW;
      const wide = free ? Number(box[0]) + 8 : svg ? 34 : 0;
      ctx.font = "13px " + QH.paint.FONT;
      const lines = broken(ctx, text, most - (from - x) - wide);
      if (draw) {
        if (svg) QH.poster.symbol(ctx, svg, from + (free ? wide / 2 - 4 : 14), y + row / 2);
        ctx.font = (svg || level ? "" : "600 ") + "13px " + QH.paint.FONT;
        ctx.fillStyle = INK;
        ctx.textBaseline = "middle";
        lines.forEach((line, k) => ctx.fillText(line, from + wide, y + row / 2 + k * 17));
      }
      y += row + (lines.length - 1) * 17;
    }
    return y;
  }

  // The picture of what the map shows now.
  function picture(app) {
    document.querySelector(".qh-p-date").textContent = QH.today();
    const size = app.map.getSize(), said = words(app);
    const wide = Math.max(size.x, SMALLEST[0]), side = 250;
    const full = wide + side + 3 * EDGE, most = full - 2 * EDGE;
    const test = document.createElement("canvas").getContext("2d");
    const top = write(test, said.top, 0, EDGE * 0.6, most, false) + 10;
    let high = Math.max(size.y, SMALLEST[1]), rows = QH.poster.legendOf(app, wide, high);
    high = Math.max(high, legend(test, rows, 0, 0, side, false));
    rows = QH.poster.legendOf(app, wide, high); // where the map is larger fewer symbols touch
    const small = [{ text: said.foot, size: 11.5, colour: SOFT }];
    const marked = said.marks.length ? 26 : 0;
    const foot = write(test, small, 0, 0, most, false) + marked;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(full * SHARP);
    canvas.height = Math.round((top + high + foot + 1.6 * EDGE) * SHARP);
    const map = QH.poster.paint(app, wide, high, SHARP), ctx = canvas.getContext("2d");
    ctx.scale(SHARP, SHARP);
    ctx.fillStyle = "#FFFFFF";
    ctx.fillRect(0, 0, canvas.width, canvas.height);
    write(ctx, said.top, EDGE, EDGE * 0.6, most, true);
    ctx.drawImage(map, EDGE, top, wide, high);
    ctx.strokeStyle = RULE;
    ctx.lineWidth = 1;
    ctx.strokeRect(EDGE, top, wide, high);
    legend(ctx, rows, wide + 2 * EDGE, top - 4, side, true);
    if (marked) {
      ctx.font = "600 13px " + QH.paint.FONT;
      ctx.textBaseline = "middle";
      ctx.textAlign = "left";
      ctx.fillStyle = MARK;
      ctx.fillText(said.marks.join("   "), EDGE, top + high + 18);
    }
    write(ctx, small, EDGE, top + high + 6 + marked, most, true);
    return canvas;
  }

  function named(app) {
    const plain = app.data.title.replace(/[^\w\u2e80-\uffef-]+/g, " ").trim().slice(0, 60);
    return (plain || "map") + " " + QH.today() + ".png";
  }

  function save(app) {
    picture(app).toBlob((blob) => {
      if (!blob) return;
      const link = document.createElement("a"), address = URL.createObjectURL(blob);
      link.href = address;
      link.download = named(app);
      document.body.appendChild(link);
      link.click();
      link.remove();
      window.setTimeout(() => URL.revokeObjectURL(address), 60000);
    }, "image/png");
  }

  QH.picture = { picture, save, named };
})();
