"""The memories of a core as `.hex` files: synapse words, rows, parameters of neurons, levels, sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.stages.population import INPUT, OLD, RESETS
from snnc.targets.fpga.bound import most_cycles
from snnc.targets.fpga.layout import Layout
from snnc.targets.fpga.shape import Shape

IntArray = npt.NDArray[np.int64]

CHUNK = 1 << 12
"""Words that are written at once."""


class Field(NamedTuple):
    """Numbers [words] or [words, lanes], the bits of each, and whether they are two's complement."""

    values: npt.NDArray[np.integer]
    bits: int
    signed: bool = False


def memories(of: Layout, shape: Shape) -> Mapping[str, bytes]:
    """Name -> content of all files in `mem/` for a core of `shape`."""
    decay, threshold = _parameters(of, shape)
    levels = [
        Field(np.array([each.last for each in of.levels]), shape.group_bits),
        Field(np.array([each.spikes for each in of.levels], np.int64), 1),
    ]
    return {
        **_banks(of, shape),
        "row.hex": hexadecimal(_rows(of, shape)),
        "decay.hex": hexadecimal(decay),
        "threshold.hex": hexadecimal(threshold),
        "bias.hex": hexadecimal(_biases(of, shape)),
        "level.hex": hexadecimal(levels),
        "sizes.hex": sizes(of, most_cycles(of)),
    }


def sizes(of: Layout, limit: int) -> bytes:
    """`sizes.hex`: steps, slots, last group and ring address, first row of inputs, most cycles of a step."""
    numbers = (of.graph.time_steps, of.slots, of.groups - 1, of.groups * of.slots - 1, of.input_row, limit)
    return hexadecimal([Field(np.array(numbers), 32)])


def _banks(of: Layout, shape: Shape) -> dict[str, bytes]:
    """`synapse_0.hex`, ...: the synapse words, bank by bank."""
    bank, found = 1 << shape.bank_bits, {}
    for number, first in enumerate(range(0, shape.words, bank)):
        part = slice(first, first + bank)
        weight = Field(of.words.weight[part], shape.weight_bits, signed=True)
        delay = Field(of.words.delay[part], shape.delay_bits)
        place = Field(of.words.group[part] * of.slots, shape.ring_bits)
        if shape.lane_delays:
            fields = _by_lane(weight, delay)
        else:
            fields = [*_by_lane(weight), delay._replace(values=delay.values.max(axis=1))]
        found[f"synapse_{number}.hex"] = hexadecimal([*fields, place])
    return found


def _rows(of: Layout, shape: Shape) -> list[Field]:
    fields = [Field(of.words.start, shape.word_bits), Field(of.words.count, shape.count_bits)]
    if shape.input_ends:
        end = np.full(of.rows, of.graph.time_steps)
        for population in of.graph.populations:
            if population.model == INPUT:
                lines = of.graph.lines(population.name)
                end[of.input_row + lines.start : of.input_row + lines.stop] = of.graph.end(population.name)
        fields.append(Field(end, shape.time_bits))
    return fields


def _parameters(of: Layout, shape: Shape) -> tuple[list[Field], list[Field]]:
    """The fields of `decay.hex` and `threshold.hex`: a word for each group.

    It has the parameters of each lane where the neurons of a population differ, else those of lane 0.
    """
    lanes = slice(None) if shape.per_neuron else slice(0, 1)

    def table(name: str) -> IntArray:
        values: IntArray = of.by_lane(name)[:, lanes]
        return values

    keep_u, keep_v = (formats.DECAY_ONE - table(name) for name in ("decay_u", "decay_v"))
    fields = [Field(keep_u, 13), Field(keep_v, 13)]
    if shape.adapt:
        ka = table("ka")
        fields += [
            Field(formats.DECAY_ONE - table("decay_w"), 13),
            Field(np.abs(ka), 13),
            Field((ka < 0).astype(np.int64), 1),
        ]
    decay = _by_lane(*fields)
    threshold = _by_lane(Field(table("threshold"), 17), Field(table("reset_by"), 17))
    populations = [each.population for each in of.places for _ in range(each.groups)]
    spikes = [int(each.spikes) for each in populations]
    reset = [0 if each.reset is None else RESETS.index(each.reset) for each in populations]
    end = [of.graph.end(each.name) for each in populations]
    threshold += [
        Field(np.array(spikes), 1),
        Field(np.array(reset), 2),
        Field(np.array(end), shape.time_bits),
    ]
    return decay, threshold


def _biases(of: Layout, shape: Shape) -> list[Field]:
    """The fields of `bias.hex`: those of each lane, and whether w is that of the step before."""
    fields = [
        Field(of.by_lane("input_bias"), shape.input_bias_bits, signed=True),
        Field(of.by_lane("bias"), shape.bias_bits, signed=True),
    ]
    if shape.adapt:
        fields.append(Field(of.by_lane("kb"), shape.kb_bits, signed=True))
    old = np.array([each.population.order == OLD for each in of.places for _ in range(each.groups)], np.int64)
    return [*_by_lane(*fields), *([Field(old, 1)] if shape.old else [])]


def _by_lane(*fields: Field) -> list[Field]:
    """The fields of lane 0, then those of lane 1, and so on."""
    lanes = range(fields[0].values.shape[1])
    return [each._replace(values=each.values[:, lane]) for lane in lanes for each in fields]


def hexadecimal(fields: Sequence[Field]) -> bytes:
    """A line for each word; the first of `fields` is its lowest bits.

    Raises `ValueError` for a number that its field does not hold.
    """
    for values, bits, signed in fields:
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        if len(values) and not (low <= values.min() and values.max() <= high):
            raise ValueError(
                f"a field of {low} .. {high} does not hold the numbers {values.min()} .. {values.max()}"
            )
    words = len(fields[0].values)
    return b"".join(line for first in range(0, words, CHUNK) for line in _lines(fields, first))


def _lines(fields: Sequence[Field], first: int) -> Iterator[bytes]:
    """Those of `CHUNK` words from `first` on."""
    width = sum(each.bits for each in fields)
    digits = -(-width // 8) * 8
    words = len(fields[0].values[first : first + CHUNK])
    ones = np.zeros((words, digits), np.uint8)
    at = 0
    for values, bits, _ in fields:
        value = values[first : first + CHUNK].astype(np.int64)
        ones[:, at : at + bits] = (value[:, None] >> np.arange(bits)) & 1
        at += bits
    for row in np.packbits(ones[:, ::-1], axis=1):
        yield row.tobytes().hex()[(digits - width) // 4 :].encode() + b"\n"
