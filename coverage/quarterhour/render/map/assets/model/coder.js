// Whole numbers from the bytes of core.range_coder: every choice is read with the chance that it has
// had so far in its place. What is read must be asked for in the order in which it was written.
(function (root) {
  "use strict";
  const QH = (root.Quarterhour = root.Quarterhour || {});
  const parts = (QH.modelParts = QH.modelParts || {});
  const { broken } = parts.bytes;
  const SHORT = 31, NUMBER_PLACES = 32 + 48 * 8, SEAL = 29011;

  // The chances of some contexts, `size` places for each.
  class Chances {
    constructor(contexts, size) {
      this.size = size;
      this.fast = new Uint16Array(contexts * size).fill(32768);
      this.slow = new Uint16Array(contexts * size).fill(32768);
    }
  }

  class Coder {
    constructor(bytes) {
      this.bytes = bytes;
      // range and code: 32 bits without a sign, which an array holds without a box for each
      this.state = new Uint32Array([4294967295, 0]);
      for (let k = 1; k < 5; k++) this.state[1] = this.state[1] * 256 + (bytes[k] || 0);
      this.at = 5;
    }

    symbols(bits, contexts) {
      return new Chances(contexts || 1, 1 << bits);
    }

    numbers(contexts) {
      return new Chances(contexts || 1, NUMBER_PLACES);
    }

    // A symbol of `bits` bits; `place`: where its chances begin.
    tree(chances, place, bits) {
      const { bytes, state } = this, { fast, slow } = chances;
      let range = state[0], code = state[1], at = this.at, node = 1;
      for (let k = 0; k < bits; k++) {
        const i = place + node, quick = fast[i], calm = slow[i];
        const bound = (range >>> 12) * ((quick + calm) >>> 5);
        if (code < bound) {
          range = bound;
          fast[i] = quick + ((65536 - quick) >>> 4);
          slow[i] = calm + ((65536 - calm) >>> 7);
          node <<= 1;
        } else {
          code -= bound;
          range -= bound;
          fast[i] = quick - (quick >>> 4);
          slow[i] = calm - (calm >>> 7);
          node = (node << 1) | 1;
        }
        while (range < 16777216) {
          range = (range << 8) >>> 0;
          code = ((code << 8) | bytes[at++]) >>> 0;
        }
      }
      state[0] = range;
      state[1] = code;
      this.at = at;
      return node - (1 << bits);
    }

    // One of n equal chances, at most 2^16.
    even(n) {
      return this.take((this.state[0] / n) >>> 0, n);
    }

    take(part, n) {
      const { bytes, state } = this;
      const value = Math.min((state[1] / part) >>> 0, n - 1);
      let range = part, code = state[1] - part * value, at = this.at;
      while (range < 16777216) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | bytes[at++]) >>> 0;
      }
      state[0] = range;
      state[1] = code;
      this.at = at;
      return value;
    }

    bits(n) {
      let value = 0;
      for (let factor = 1; n > 0; n -= 16, factor *= 65536) {
        value += this.even(n > 16 ? 65536 : 1 << n) * factor;
      }
      return value;
    }

    symbol(chances, bits, context) {
      return this.tree(chances, (context || 0) * chances.size, bits);
    }

    // Most of what there is: the choices of `tree`, for the bits and then for those that follow.
    number(chances, context) {
      const { bytes, state } = this, { fast, slow } = chances;
      let range = state[0], code = state[1], at = this.at;
      let place = (context || 0) * NUMBER_PLACES, node = 1, end = 32, bits = 0;
      for (;;) {
        const i = place + node, quick = fast[i], calm = slow[i];
        const bound = (range >>> 12) * ((quick + calm) >>> 5);
        if (code < bound) {
          range = bound;
          fast[i] = quick + ((65536 - quick) >>> 4);
          slow[i] = calm + ((65536 - calm) >>> 7);
          node <<= 1;
        } else {
          code -= bound;
          range -= bound;
          fast[i] = quick - (quick >>> 4);
          slow[i] = calm - (calm >>> 7);
          node = (node << 1) | 1;
        }
        while (range < 16777216) {
          range = (range << 8) >>> 0;
          code = ((code << 8) | bytes[at++]) >>> 0;
        }
        if (node < end) continue;
        if (bits) break;
        bits = node - 32;
        if (bits < 2 || bits === SHORT) break;
        place += 32 + bits * 8;
        end = bits < 5 ? 1 << (bits - 1) : 2;
        node = 1;
      }
      state[0] = range;
      state[1] = code;
      this.at = at;
      if (bits < 2) return bits;
      if (bits === SHORT) return this.long(chances, place);
      return bits < 5 ? node : this.rest(node, bits - 2);
    }

    rest(high, bits) {
      return bits < 17
        ? (high << bits) + this.take(this.state[0] >>> bits, 1 << bits)
        : high * Math.pow(2, bits) + this.bits(bits);
    }

    long(chances, place) {
      const bits = SHORT + this.even(32);
      if (bits > 47) throw broken("a number is too large");
      return this.rest(2 + this.tree(chances, place + 32 + bits * 8, 1), bits - 2);
    }

    signed(chances, context) {
      const value = this.number(chances, context);
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }

    // One of n equal chances.
    uniform(n) {
      let rest = 0, high = n - 1;
      for (; high >= 65536; rest++) high = Math.floor(high / 2);
      const value = this.even(high + 1) * Math.pow(2, rest);
      return value + this.bits(rest);
    }

    // Arrays of n numbers, or of n bits, of one kind.
    array(n, signed) {
      if (!(n >= 0 && n <= 4e7)) throw broken("there is too much of them");
      const chances = this.numbers(), out = new Int32Array(n);
      for (let i = 0; i < n; i++) out[i] = signed ? this.signed(chances) : this.number(chances);
      return out;
    }

    flags(n) {
      const chances = this.symbols(1), out = new Uint8Array(n);
      for (let i = 0; i < n; i++) out[i] = this.tree(chances, 0, 1);
      return out;
    }

    // n bits that seldom change: how many of each kind, 0 first.
    spells(n) {
      const out = new Uint8Array(n), chances = this.numbers();
      let at = 0;
      for (let left = this.number(chances), value = 0; left > 0; left--, value = 1 - value) {
        const long = this.number(chances);
        if (!(at + long <= n)) throw broken("there is too much of them");
        if (value) out.fill(1, at, at + long);
        at += long;
      }
      if (at !== n) throw broken("they are cut off");
      return out;
    }

    // At the end: whether exactly what was written has been read.
    end() {
      if (this.even(65536) !== SEAL || this.at !== this.bytes.length) throw broken("they are cut off");
    }
  }

  // The values that were lately there, the latest first, as `recency` counts them.
  class Lately {
    constructor(most) {
      this.values = new Float64Array(most);
      this.n = 0;
    }

    put(value, at) {
      const { values } = this;
      for (let k = at; k > 0; k--) values[k] = values[k - 1];
      return (values[0] = value);
    }

    known(rank) {
      if (rank > this.n) throw broken("a value never was");
      return this.put(this.values[rank - 1], rank - 1);
    }

    fresh(value) {
      if (this.n < this.values.length) this.n++;
      return this.put(value, this.n - 1);
    }
  }

  parts.coder = { Coder, Lately };
})(typeof window !== "undefined" ? window : globalThis);
