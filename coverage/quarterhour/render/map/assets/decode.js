// Packed geometry to typed arrays in world units: 0 to 1 across the Web Mercator square.
(function () {
  "use strict";
  const QH = (window.Quarterhour = window.Quarterhour || {});
  const LINES_PER_BLOCK = 40;

  class Stream {
    constructor(text) {
      const raw = atob(text);
      this.bytes = new Uint8Array(raw.length);
      for (let i = 0; i < raw.length; i++) this.bytes[i] = raw.charCodeAt(i);
      this.at = 0;
    }
    // Multiplied, not shifted: shifts would wrap at 32 bits.
    next() {
      let value = 0, factor = 1, byte;
      do {
        byte = this.bytes[this.at++];
        value += (byte & 127) * factor;
        factor *= 128;
      } while (byte > 127);
      return value;
    }
    signed() {
      const value = this.next();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    column(n) {
      const out = new Float64Array(n);
      for (let i = 0; i < n; i++) out[i] = this.next();
      return out;
    }
    running(n, step) {
      const out = new Float64Array(n);
      let sum = 0;
      for (let i = 0; i < n; i++) out[i] = (sum += this.signed()) * step;
      return out;
    }
  }

  function worldX(lon) { return (lon + 180) / 360; }
  function worldY(lat) {
    const s = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
    return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
  }

  function latLng(x, y) {
    return [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, x * 360 - 180];
  }

  function vertices(stream, n, step) {
    const x = new Float64Array(n), y = new Float64Array(n);
    let lon = 0, lat = 0;
    for (let i = 0; i < n; i++) {
      lon += stream.signed();
      lat += stream.signed();
      x[i] = worldX(lon * step);
      y[i] = worldY(lat * step);
    }
    return { x, y };
  }

  function boxOf(x, y, from, to) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = from; i < to; i++) {
      if (x[i] < box[0]) box[0] = x[i];
      if (y[i] < box[1]) box[1] = y[i];
      if (x[i] > box[2]) box[2] = x[i];
      if (y[i] > box[3]) box[3] = y[i];
    }
    return box;
  }

  // Lines come sorted by rank and place, so a run of them is a small box that can be skipped whole.
  function roads(text, step) {
    const stream = new Stream(text);
    const byRank = Array.from(stream.column(5));
    const nLines = byRank.reduce((a, b) => a + b, 0);
    const start = new Int32Array(nLines + 1);
    for (let i = 0; i < nLines; i++) start[i + 1] = start[i] + stream.next();
    const { x, y } = vertices(stream, start[nLines], step);
    const blocks = [];
    let line = 0;
    byRank.forEach((n, rank) => {
      for (const end = line + n; line < end; ) {
        const last = Math.min(line + LINES_PER_BLOCK, end);
        blocks.push({ rank, from: line, to: last, box: boxOf(x, y, start[line], start[last]) });
        line = last;
      }
    });
    return { x, y, start, blocks, byRank };
  }

  function shapes(text, step) {
    if (!text) return [];
    const stream = new Stream(text);
    const out = [];
    let total = 0;
    const n = stream.next();
    for (let i = 0; i < n; i++) {
      const rings = [];
      for (let left = stream.next(); left > 0; left--) {
        const head = stream.next();
        rings.push({ from: total, to: (total += Math.floor(head / 2)), closed: head % 2 === 1 });
      }
      out.push({ rings });
    }
    const { x, y } = vertices(stream, total, step);
    for (const shape of out) {
      shape.x = x;
      shape.y = y;
      const first = shape.rings.length ? shape.rings[0].from : 0;
      const last = shape.rings.length ? shape.rings[shape.rings.length - 1].to : 0;
      shape.box = boxOf(x, y, first, last);
    }
    return out;
  }

  // Most people first, so that small symbols are drawn over large ones.
  // `sent.step`: degrees, where not the usual ones; `sent.bare`: without reasons.
  function places(sent, usual) {
    const step = sent.step || usual;
    const stream = new Stream(sent.packed), n = sent.n;
    const lon = stream.running(n, step), lat = stream.running(n, step);
    const amount = stream.column(n), tenths = stream.column(n);
    const nearest = stream.column(n), reason = sent.bare ? new Float64Array(n) : stream.column(n);
    const order = Array.from({ length: n }, (_, i) => i).sort(
      (a, b) => amount[b] - amount[a] || a - b
    );
    const out = { n, x: new Float64Array(n), y: new Float64Array(n), lon: [], lat: [] };
    out.hidden = Boolean(sent.hidden); // there are some, and none is told
    for (const key of ["amount", "minutes", "nearest", "reason"]) out[key] = new Float64Array(n);
    order.forEach((from, to) => {
      out.x[to] = worldX(lon[from]);
      out.y[to] = worldY(lat[from]);
      out.lon.push(lon[from]);
      out.lat.push(lat[from]);
      out.amount[to] = amount[from] / 10;
      out.minutes[to] = tenths[from] ? (tenths[from] - 1) / 10 : NaN;
      out.nearest[to] = nearest[from] - 1;
      out.reason[to] = reason[from];
    });
    return out;
  }

  QH.decode = { Stream, worldX, worldY, latLng, roads, shapes, places };
})();
