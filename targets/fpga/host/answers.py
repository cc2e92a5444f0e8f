"""What the board says of a sample: its spikes, the states of readouts, the classes.

The bytes on the line: board/snnc_results.v.
"""

from __future__ import annotations

from binascii import crc_hqx
from typing import Any

from decoding import classes, of_spikes  # beside this file

SPIKES, VALUES, STEP, HELLO, MISTAKE = 0x90, 0xA0, 0xB0, 0xC0, 0xD0
MISTAKES = {
    1: "an unknown command",
    2: "a line or a payload that the network does not have",
    3: "lines of a step that do not rise",
    4: "a step that ends within an event",
    5: "bytes that were broken or lost on the way",
    6: "bytes after the last step of a sample",
    7: "bytes before the start of a sample",
    8: "bytes that do not fit their sum; check the line to it for noise",
    9: "no synapse words of this network; write board/words.bin to its flash (make program)",
}
SUMMED = {STEP, HELLO, MISTAKE}
"""Records that end with a sum: of all bytes since the last one, or since START."""
SEED = 0xFFFF
SUM_BYTES = 3


class BoardError(Exception):
    """The board told of a mistake, answered otherwise than it should, or not at all."""


def number_of(data: bytes) -> int:
    """Of 7 bits in each byte, the highest first."""
    number = 0
    for each in data:
        number = number << 7 | each
    return number


def sevens(number: int, count: int) -> bytes:
    """`count` bytes of 7 bits, the highest first."""
    return bytes((number >> (7 * place)) & 0x7F for place in reversed(range(count)))


def with_sum(data: bytes, before: bytes = b"") -> bytes:
    """`data` and its sum, to which `before` counts, too: the 16 bits of CRC-16/CCITT, then five zeros."""
    return data + sevens(crc_hqx(before + data, SEED) << 5, SUM_BYTES)


class Answers:
    """Takes bytes of the board and makes records of them: (kind, bytes without the sum)."""

    def __init__(self, network: dict[str, Any], started: bool = False) -> None:
        group = -(-network["group_bits"] // 7)
        lanes = network["lanes"]
        self._length = {
            SPIKES: group - (-lanes // 7),
            VALUES: group + 4 * lanes,
            STEP: 6 + SUM_BYTES,
            HELLO: 8 + SUM_BYTES,
            MISTAKE: 1 + SUM_BYTES,
        }
        self._since = bytearray()  # bytes that the next sum is of, and the sum itself
        self._kind: int | None = None
        self._data = bytearray()
        self._started = started  # what comes before the first answer to START belongs to nobody

    def take(self, byte: int) -> tuple[int, bytes] | None:
        """The record that `byte` completes, if it does.

        Raises `BoardError` for a byte that fits nowhere, and for bytes that do not fit their sum.
        """
        if byte in self._length:  # a record begins; only START may have cut the one before short
            if self._started and self._kind is not None and byte != HELLO:
                raise BoardError(f"a record {self._kind:02x} of the board is cut short; bytes were lost")
            self._kind, self._data = byte, bytearray()
            if byte == HELLO:
                self._since.clear()
            self._since.append(byte)
            return None
        if self._kind is None or byte & 0x80:
            if self._started:
                raise BoardError(f"the board sent {byte:02x} where a record should begin")
            return None
        self._data.append(byte)
        self._since.append(byte)
        if len(self._data) < self._length[self._kind]:
            return None
        kind, data, self._kind = self._kind, bytes(self._data), None
        self._started |= kind == HELLO
        if not self._started:
            return None
        if kind not in SUMMED:
            return kind, data
        since = bytes(self._since)
        self._since.clear()
        if since != with_sum(since[:-SUM_BYTES]):
            raise BoardError("the board's answer does not fit its sum; check the line to it for noise")
        return kind, data[:-SUM_BYTES]


class Sampled:
    """What the board said of a sample.

    `spikes` and `v` are by step, then by the number of a population: the neurons that spiked, and a list of
    v. `cycles` are those of each step in which the core did not wait for events; `wrapped`, `clipped`: the
    steps in which a state was changed so.
    """

    def __init__(self, network: dict[str, Any]) -> None:
        self._network = network
        self.spikes: list[dict[int, list[int]]] = []
        self.v: list[dict[int, list[int]]] = []
        self.cycles: list[int] = []
        self.wrapped: list[int] = []
        self.clipped: list[int] = []
        self._begin()

    def _begin(self) -> None:
        self._spikes: dict[int, list[int]] = {}
        self._v: dict[int, list[int]] = {}

    def take(self, kind: int, data: bytes) -> None:
        network = self._network
        if kind == STEP:
            self._check_v()
            self.wrapped += [len(self.cycles)] if data[5] & 1 else []
            self.clipped += [len(self.cycles)] if data[5] & 2 else []
            self.cycles.append(number_of(data[:5]))
            self.spikes.append(self._spikes)
            self.v.append(self._v)
            self._begin()
            return
        size = -(-network["group_bits"] // 7)
        group = number_of(data[:size])
        place = next((p for p in network["places"] if p["first"] <= group < p["first"] + p["groups"]), None)
        if place is None:
            raise BoardError(f"the board sent results of group {group}, which there is not")
        first = (group - place["first"]) * network["lanes"]
        count = min(network["lanes"], place["neurons"] - first)
        if kind == SPIKES:
            mask = number_of(data[size:])
            found = [first + lane for lane in range(count) if mask >> lane & 1]
            self._spikes.setdefault(place["population"], []).extend(found)
        else:
            values = (number_of(data[size + 4 * lane : size + 4 * lane + 4]) for lane in range(count))
            signed = [value - (1 << 28) if value >> 27 else value for value in values]
            self._v.setdefault(place["population"], []).extend(signed)

    def _check_v(self) -> None:
        neurons = {each["population"]: each["neurons"] for each in self._network["places"]}
        for readout in self._network["readouts"]:
            population = readout["population"]
            count = len(self._v.get(population, ()))
            if not of_spikes(readout) and count != neurons[population]:
                raise BoardError(
                    f"the board sent {count} states of population {population} in step {len(self.cycles)}, "
                    f"expected {neurons[population]}"
                )

    def classes(self) -> list[int]:
        """The class of each readout."""
        return classes(self._network, self.spikes, self.v)
