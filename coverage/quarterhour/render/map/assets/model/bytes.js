// The packed what-if model to typed arrays. Any damage is an Error: no array is ever half read.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const FORMAT = 2;
  const LETTERS =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%:()*+-;.=,?@^_`[|]~";

  function broken(why) {
    return new Error("The what-if data of this page cannot be used: " + why);
  }

  function bytesOf(text) {
    if (typeof text !== "string" || !text) throw broken("they are missing");
    const digit = new Int16Array(128).fill(-1), n = text.length;
    for (let i = 0; i < 85; i++) digit[LETTERS.charCodeAt(i)] = i;
    const out = new Uint8Array(4 * Math.ceil(n / 5));
    let wrong = false;
    for (let i = 0, at = 0; i < n; i += 5, at += 4) {
      let value = 0;
      for (let k = i; k < i + 5; k++) {
        const code = k < n ? text.charCodeAt(k) : 126, found = code < 128 ? digit[code] : -1;
        if (found < 0) wrong = true;
        value = value * 85 + found;
      }
      if (value > 4294967295) wrong = true;
      for (let k = 3; k >= 0; k--, value = Math.floor(value / 256)) out[at + k] = value % 256;
    }
    if (wrong || n % 5 === 1) throw broken("they are no base 85");
    return out.subarray(0, out.length - ((5 - (n % 5)) % 5));
  }

  async function inflate(bytes) {
    if (typeof DecompressionStream === "undefined") throw broken("this browser is too old");
    const chunks = [];
    let size = 0;
    try {
      const unzip = new DecompressionStream("gzip");
      const reader = new Blob([bytes]).stream().pipeThrough(unzip).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        chunks.push(value);
        size += value.length;
      }
    } catch (error) {
      throw broken("they do not unpack");
    }
    const out = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }

  // Above 24 bits doubles: shifts would wrap, and amounts of people have more than 32.
  function fromPlanes(bytes, at, n, planes, signed) {
    const out = planes > 3 ? new Float64Array(n) : new Int32Array(n);
    let factor = 1;
    for (let k = 0; k < planes; k++, factor *= 256) {
      const base = at + k * n;
      for (let i = 0; i < n; i++) out[i] += bytes[base + i] * factor;
    }
    if (signed) {
      for (let i = 0; i < n; i++) out[i] = out[i] % 2 ? -(out[i] + 1) / 2 : out[i] / 2;
    }
    return out;
  }

  function fromBits(bytes, at, n) {
    const out = new Uint8Array(n);
    for (let i = 0; i < n; i++) out[i] = (bytes[at + (i >> 3)] >> (i & 7)) & 1;
    return out;
  }

  // The head and a function that gives each array once, of the length that is expected.
  async function unpack(sent) {
    if (!sent || sent.format !== FORMAT) throw broken("they have another format");
    const bytes = await inflate(bytesOf(sent.gzip));
    if (bytes.length < 4) throw broken("they are too short");
    const length = new DataView(bytes.buffer).getUint32(0, true);
    let head;
    try {
      head = JSON.parse(new TextDecoder("utf-8").decode(bytes.subarray(4, 4 + length)));
    } catch (error) {
      throw broken("their head is no JSON");
    }
    let at = 4 + length;
    const found = new Map();
    for (const [name, n, planes, signed] of head.arrays || []) {
      const size = planes ? n * planes : Math.ceil(n / 8);
      if (!(n >= 0) || !(planes <= 6) || at + size > bytes.length) throw broken(name + " is cut off");
      found.set(name, { at, n, planes, signed });
      at += size;
    }
    if (at !== bytes.length) throw broken("there is more than their head names");
    function array(name, n) {
      const it = found.get(name);
      if (!it) throw broken(name + " is missing");
      if (n !== undefined && it.n !== n) throw broken(name + " has another length");
      return it.planes
        ? fromPlanes(bytes, it.at, it.n, it.planes, it.signed)
        : fromBits(bytes, it.at, it.n);
    }
    return { head, array };
  }

  // Running sums, as whole numbers.
  function running(values) {
    for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
    return values;
  }

  function firstOf(counts) {
    const out = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) out[i + 1] = out[i] + counts[i];
    return out;
  }

  parts.bytes = { broken, unpack, running, firstOf };
})(typeof window !== "undefined" ? window : globalThis);
