"""Constant tables of a layer's synapses and biases, in the smallest C types that hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedLayer

UNSIGNED = {"uint8_t": 1 << 8, "uint16_t": 1 << 16, "uint32_t": 1 << 32}
SIGNED = {"int8_t": 1 << 7, "int16_t": 1 << 15, "int32_t": 1 << 31}
LINE = 110
"""Most characters of a line of numbers."""


@dataclass(frozen=True, slots=True)
class Table:
    """A constant array of whole numbers, not empty."""

    name: str
    values: npt.NDArray[np.int64]

    @property
    def type(self) -> str:
        """The smallest of C's types of fixed width for all values; signed for weights and biases."""
        least, most = int(self.values.min()), int(self.values.max())
        if self.name.startswith(("weight", "bias")):
            return smallest_signed(least, most)
        return next(name for name, end in UNSIGNED.items() if most < end)

    @property
    def bytes(self) -> int:
        return len(self.values) * int(self.type.strip("uint_")) // 8

    @property
    def text(self) -> str:
        """Its definition in C."""
        lines, line = [], "   "
        for number in self.values.tolist():
            word = f" {number},"
            if len(line) + len(word) > LINE:
                lines.append(line)
                line = "   "
            line += word
        body = "\n".join([*lines, line])
        return f"static const {self.type} {self.name}[{len(self.values)}] = {{\n{body}\n}};\n"


def smallest_signed(least: int, most: int) -> str:
    """The smallest of C's signed fixed-width types that holds `least` .. `most`."""
    return next(name for name, end in SIGNED.items() if -end <= least and most < end)


@dataclass(frozen=True, slots=True)
class SynapseTables:
    """Synapses of a layer, sorted by source.

    `count` synapses; `slots` rows of the ring, one more than the longest delay. `sparse`: `start`
    [inputs + 1] says which entries of `target`, `delay` and `weight` are each source's; else `delay` and
    `weight` are [inputs, neurons]. No `delay` where all are 0, and no table where there is no synapse.
    """

    count: int
    slots: int
    sparse: bool
    tables: tuple[Table, ...]


def synapse_tables(layer: QuantizedLayer, index: int, time_steps: int) -> SynapseTables:
    """Tables of layer number `index` for samples of `time_steps`: sparse or dense, whichever is smaller."""
    weight = np.where(layer.delay < time_steps, layer.weight, 0).T.astype(np.int64)
    delay = np.where(weight != 0, layer.delay.T, 0).astype(np.int64)
    source, target = np.nonzero(weight)  # in order of source, then target
    if len(source) == 0:
        return SynapseTables(0, 1, False, ())
    start = np.searchsorted(source, np.arange(layer.inputs + 1))
    each = (("delay", delay), ("weight", weight))[0 if delay.any() else 1 :]
    dense = tuple(Table(f"{name}{index}", values.ravel()) for name, values in each)
    sparse = (
        Table(f"start{index}", start.astype(np.int64)),
        Table(f"target{index}", target.astype(np.int64)),
        *(Table(f"{name}{index}", values[source, target]) for name, values in each),
    )
    smaller = sum(table.bytes for table in sparse) < sum(table.bytes for table in dense)
    return SynapseTables(len(source), int(delay.max()) + 1, smaller, sparse if smaller else dense)
