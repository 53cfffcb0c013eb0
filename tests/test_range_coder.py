"""The range coder against a reader that knows only its description, and against the page's own."""

from __future__ import annotations

import base64
import json
import subprocess
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_node import need_node
from quarterhour.core.range_coder import (
    MOST_BITS,
    NUMBER,
    NUMBER_PLACES,
    SYMBOL,
    UNIFORM,
    encode,
    recency,
)

BITS = 7
"""Of the symbols of these tests."""

PLACES = NUMBER_PLACES + (1 << BITS)

Choice = tuple[int, int, int]
"""Kind, value, size."""

CHOICES = st.lists(
    st.one_of(
        st.integers(0, (1 << BITS) - 1).map(lambda v: (SYMBOL, v, BITS)),
        st.integers(0, MOST_BITS).flatmap(
            lambda bits: st.integers(0, (1 << bits) - 1).map(lambda v: (NUMBER, v, 0))
        ),
        st.integers(1, 1 << 40).flatmap(
            lambda n: st.integers(0, n - 1).map(lambda v: (UNIFORM, v, n))
        ),
    ),
    max_size=300,
)

NODE = """
const fs = require("fs"), vm = require("vm");
const [folder, given] = process.argv.slice(1);
for (const name of ["bytes.js", "coder.js"]) {
  vm.runInThisContext(fs.readFileSync(folder + "/" + name, "utf8"));
}
const { bytes, kind, size, bits } = JSON.parse(given);
const coder = new Quarterhour.modelParts.coder.Coder(new Uint8Array(Buffer.from(bytes, "base64")));
const numbers = coder.numbers(), symbols = coder.symbols(bits);
const read = kind.map((k, i) =>
  k === 0 ? coder.symbol(symbols, bits) : k === 1 ? coder.number(numbers) : coder.uniform(size[i]));
console.log(JSON.stringify({ read, left: coder.bytes.length - coder.at }));
"""


def coded(choices: list[Choice]) -> bytes:
    kind, value, size = np.array(choices, np.int64).reshape(-1, 3).T
    place = np.where(kind == SYMBOL, NUMBER_PLACES, 0)
    return encode(kind, place, value, size, PLACES)


class Reader:
    """A range decoder in whole numbers of any size: the code as a fraction of the whole range."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at, self.range = raw, 5, 0xFFFFFFFF
        self.code = int.from_bytes(raw[:5], "big")
        self.chance = [[1 << 15, 1 << 15] for _ in range(PLACES)]

    def take(self, low: int, size: int) -> None:
        self.code -= low
        self.range = size
        while self.range < 1 << 24:
            self.range *= 256
            self.code = self.code * 256 + self.raw[self.at]
            self.at += 1

    def symbol(self, place: int, bits: int) -> int:
        node = 1
        for _ in range(bits):
            chance = self.chance[place + node]
            bound = self.range // 4096 * (sum(chance) // 32)
            bit = self.code >= bound
            self.take(bound if bit else 0, self.range - bound if bit else bound)
            for k, shift in enumerate((4, 7)):
                step = chance[k] if bit else 65536 - chance[k]
                chance[k] += (-1 if bit else 1) * (step >> shift)
            node = 2 * node + bit
        return node - (1 << bits)

    def even(self, n: int) -> int:
        part = self.range // n
        value = self.code // part
        self.take(part * value, part)
        return value

    def bits(self, n: int) -> int:
        value = 0
        for at in range(0, n, 16):
            value += self.even(1 << min(n - at, 16)) << at
        return value

    def uniform(self, n: int) -> int:
        rest = max((n - 1).bit_length() - 16, 0)
        high = self.even(((n - 1) >> rest) + 1)
        return (high << rest) + self.bits(rest)

    def number(self) -> int:
        bits = self.symbol(0, 5)
        if bits == 31:
            bits += self.even(32)
        if bits < 2:
            return bits
        top = bits - 1 if bits < 5 else 1
        high = (1 << top) + self.symbol(32 + bits * 8, top)
        rest = bits - 1 - top
        return (high << rest) + self.bits(rest)


def read(raw: bytes, choices: list[Choice]) -> tuple[list[int], int]:
    """The values, and how many bytes nobody has read."""
    reader, found = Reader(raw), []
    for kind, _, size in choices:
        found.append(
            reader.symbol(NUMBER_PLACES, BITS) if kind == SYMBOL
            else reader.number() if kind == NUMBER else reader.uniform(size)
        )  # fmt: skip
    return found, len(raw) - reader.at


@given(choices=CHOICES)
@settings(deadline=None)
def test_what_is_written_is_read(choices: list[Choice]) -> None:
    raw = coded(choices)
    assert read(raw, choices) == ([value for _, value, _ in choices], 0)
    assert coded(choices) == raw


@pytest.mark.parametrize("seed", range(3))
def test_the_page_reads_it_too(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 4000
    kind = random.integers(0, 3, n)
    large = (2.0 ** random.uniform(0, [8, 20, 46][seed], n)).astype(np.int64)
    value = np.where(kind == SYMBOL, random.integers(0, 1 << BITS, n), random.integers(0, large))
    size = np.where(kind == SYMBOL, BITS, large)
    choices = list(zip(kind.tolist(), value.tolist(), size.tolist(), strict=True))
    given_ = {"bytes": base64.b64encode(coded(choices)).decode(), "kind": kind.tolist(),
              "size": size.tolist(), "bits": BITS}  # fmt: skip
    folder = resources.files("quarterhour.render.map") / "assets" / "model"
    done = subprocess.run(
        [need_node(), "-e", NODE, str(folder), json.dumps(given_)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == {"read": value.tolist(), "left": 0}


def test_what_is_usual_costs_little() -> None:
    often = coded([(NUMBER, 5, 0)] * 10_000)
    assert len(often) < 400, "hardly more than a quarter of a bit each"
    evenly = coded([(UNIFORM, k % 1000, 1000) for k in range(8_000)])
    assert 9_965 <= len(evenly) <= 10_000, "8,000 times the logarithm of 1,000 to the base 2"


def test_a_long_carry() -> None:
    """Ones at the end of a range that is nearly full run through many bytes that waited."""
    choices = [(UNIFORM, 65_535, 65_536)] * 50 + [(SYMBOL, 127, BITS)] * 50
    assert read(coded(choices), choices)[0] == [value for _, value, _ in choices]


@given(values=st.lists(st.integers(-1, 6), max_size=60), most=st.integers(1, 5))
@settings(deadline=None)
def test_how_lately_a_value_was_there(values: list[int], most: int) -> None:
    found = recency(np.array(values, np.int64), most).tolist()
    for k, (value, rank) in enumerate(zip(values, found, strict=True)):
        before = values[:k][::-1]
        since = before[: before.index(value)] if value in before else before
        others = len(set(since))
        assert rank == (others + 1 if value in before and others < most else 0)
