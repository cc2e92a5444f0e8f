"""What lies between two neuron nodes of a NIR graph, as one weight and one delay a pair of neurons.

`Linear`, `Affine`, `Scale` and `Delay` are folded one after the other. First there are wires: each line is
one source, scaled and delayed. A `Linear` that adds lines up makes sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wires:
    """Line k carries `gain[k] * x[source[k]]`, `delay[k]` steps later, plus `bias[k]`; `inputs` sources."""

    inputs: int
    source: IntArray
    gain: FloatArray
    delay: IntArray
    bias: FloatArray

    @classmethod
    def straight(cls, inputs: int) -> Wires:
        zero = np.zeros(inputs)
        return cls(inputs, np.arange(inputs), zero + 1, zero.astype(np.int64), zero)

    @property
    def lines(self) -> int:
        return len(self.source)

    def scaled(self, factor: FloatArray) -> Wires:
        return replace(self, gain=self.gain * factor, bias=self.bias * factor)

    def delayed(self, name: str, steps: IntArray) -> Wires:
        _refuse_delayed_bias(name, self.bias, steps)
        return replace(self, delay=self.delay + steps)

    def weighed(self, name: str, weight: FloatArray, bias: FloatArray) -> Wires | Sums:
        bias = bias + weight @ self.bias
        if (np.count_nonzero(weight, axis=1) <= 1).all():
            line = np.argmax(weight != 0, axis=1)
            gain = weight[np.arange(len(weight)), line] * self.gain[line]
            return Wires(self.inputs, self.source[line], gain, self.delay[line], bias)
        neuron, line = np.nonzero(weight * self.gain)
        shape = (len(weight), self.inputs)
        pair, delay = neuron * self.inputs + self.source[line], self.delay[line]
        carried = weight[neuron, line] * self.gain[line]
        total = np.bincount(pair, carried, shape[0] * shape[1]).astype(np.float64)
        longest = np.zeros(shape[0] * shape[1], np.int64)
        np.maximum.at(longest, pair, delay)
        other = np.flatnonzero(delay != longest[pair])
        if len(other):
            first = other[0]
            raise InputError(
                f"node {name!r}: neuron {neuron[first]} hears source {self.source[line[first]]} with delays "
                f"of {delay[first]} and {longest[pair[first]]} steps; the contract has one delay a pair"
            )
        return Sums(total.reshape(shape), longest.reshape(shape), bias)

    def sums(self) -> Sums:
        weight = np.zeros((self.lines, self.inputs))
        delay = np.zeros(weight.shape, np.int64)
        weight[np.arange(self.lines), self.source] = self.gain
        delay[np.arange(self.lines), self.source] = self.delay
        return Sums(weight, delay, self.bias)


@dataclass(frozen=True, slots=True)
class Sums:
    """`weight` and `delay` in steps, [lines, sources], and `bias` [lines]."""

    weight: FloatArray
    delay: IntArray
    bias: FloatArray

    @property
    def lines(self) -> int:
        return len(self.weight)

    def scaled(self, factor: FloatArray) -> Sums:
        return replace(self, weight=self.weight * factor[:, None], bias=self.bias * factor)

    def delayed(self, name: str, steps: IntArray) -> Sums:
        _refuse_delayed_bias(name, self.bias, steps)
        return replace(self, delay=self.delay + steps[:, None])

    def weighed(self, name: str, weight: FloatArray, bias: FloatArray) -> Sums:
        axonal = np.where(self.weight != 0, self.delay, 0).max(axis=0)
        if ((self.weight != 0) & (self.delay != axonal)).any():
            raise InputError(
                f"node {name!r}: adds up sums of synapses whose delays differ, which gives a pair of neurons "
                "several delays; the contract has one"
            )
        total = weight @ self.weight
        return Sums(total, np.broadcast_to(axonal, total.shape), bias + weight @ self.bias)

    def sums(self) -> Sums:
        return self


def _refuse_delayed_bias(name: str, bias: FloatArray, steps: IntArray) -> None:
    late = np.flatnonzero((bias != 0) & (steps != 0))
    if len(late):
        line = late[0]
        raise InputError(
            f"node {name!r}, line {line}: delays a bias by {steps[line]} steps; in the contract a bias acts "
            "from the first step, put it behind the delay"
        )
