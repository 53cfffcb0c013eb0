// The packed what-if model to typed arrays. Any damage is an Error: no array is ever half read.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const FORMAT = 3;
  const LETTERS =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%:()*+-;.=,?@^_`[|]~";

  function broken(why) {
    return new Error("The what-if data of this page cannot be used: " + why);
  }

  function bytesOf(text) {
    if (typeof text !== "string" || !text) throw broken("they are missing");
    const digit = new Uint8Array(256).fill(255), n = text.length;
    for (let i = 0; i < 85; i++) digit[LETTERS.charCodeAt(i)] = i;
    const out = new Uint8Array(4 * Math.ceil(n / 5)), five = [0, 0, 0, 0, 0];
    let wrong = false;
    for (let i = 0, at = 0; i < n; i += 5, at += 4) {
      for (let k = 0; k < 5; k++) {
        const code = i + k < n ? text.charCodeAt(i + k) : 126, found = code < 128 ? digit[code] : 255;
        if (found > 84) wrong = true;
        five[k] = found;
      }
      const four = ((five[0] * 85 + five[1]) * 85 + five[2]) * 85 + five[3];
      const value = four * 85 + five[4], whole = value >>> 0;
      if (value !== whole) wrong = true;
      out[at] = whole >>> 24;
      out[at + 1] = whole >>> 16;
      out[at + 2] = whole >>> 8;
      out[at + 3] = whole;
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

  // The head, and what reads the arrays behind it one after the other.
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
    return { head, array: new parts.coder.Coder(bytes.subarray(4 + length)) };
  }

  // Running sums, as whole numbers.
  function running(values) {
    for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
    return values;
  }

  parts.bytes = { broken, unpack, running };
})(typeof window !== "undefined" ? window : globalThis);
