"""What arrives at a node of a NIR graph: spikes by way of weights, kernels and delays, and a bias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError
from snnc.exporter.nir.kernels import Kernel, composed
from snnc.exporter.nir.lines import At, Lines
from snnc.stages import FloatConvolution, FloatSynapses

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Shape = tuple[int, ...]

UNROLL_LIMIT = 1 << 22
"""Most synapses of a convolution that are made one by one, where no other kernel stands for them."""


@dataclass(frozen=True, slots=True)
class Term:
    """The spikes of the population `source` by way of `part`. `delayed`: a `Delay` lies on the way."""

    source: str
    part: Lines | FloatConvolution
    delayed: bool = False

    @property
    def lines(self) -> int:
        return self.part.lines if isinstance(self.part, Lines) else self.part.post_neurons

    def synapses(self) -> FloatSynapses:
        return self.part.synapses() if isinstance(self.part, Lines) else self.part


@dataclass(frozen=True, slots=True)
class Signal:
    """The sum of `terms` and of `bias`, float64 [lines]; the lines form an array of `shape`."""

    terms: tuple[Term, ...]
    bias: FloatArray
    shape: Shape

    @classmethod
    def of_population(cls, source: str, shape: Shape) -> Signal:
        lines = prod(shape)
        return cls((Term(source, Lines.straight(lines)),), np.zeros(lines), shape)

    @classmethod
    def total(cls, at: At, signals: Sequence[Signal], lines: int | None = None) -> Signal:
        """What arrives together at a node that has `lines` lines, or as many as arrive."""
        lines = signals[0].lines if lines is None else lines
        for signal in signals:
            if signal.lines != lines:
                raise InputError(
                    f"node {at.name!r}: {signal.lines} lines of the shape {list(signal.shape)} arrive from "
                    f"{signal.sources}, expected {lines}; connect it to as many"
                )
        terms = [term for signal in signals for term in signal.terms]
        bias = sum((signal.bias for signal in signals), np.zeros(lines))
        return cls(tuple(terms), bias, signals[0].shape if signals else (lines,))

    @property
    def lines(self) -> int:
        return len(self.bias)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        parts = (term.part for term in self.terms)
        sizes = (len(part.line) if isinstance(part, Lines) else part.kernel.size for part in parts)
        return self.lines + sum(sizes)

    @property
    def sources(self) -> str:
        """For messages."""
        return ", ".join(dict.fromkeys(repr(term.source) for term in self.terms)) or "a bias"

    def weighed(self, at: At, weight: FloatArray, bias: FloatArray) -> Signal:
        """By a matrix [lines, lines of this], and a bias [lines]."""
        if weight.shape[1] != self.lines:
            raise InputError(
                f"node {at.name!r}: its weights are for {weight.shape[1]} lines, but {self.lines} of the "
                f"shape {list(self.shape)} arrive from {self.sources}; connect it to as many"
            )
        return self._mapped(at, Lines.of_matrix(weight), bias, (len(weight),))

    def mapped(self, at: At, own: Lines) -> Signal:
        """By a map of as many sources as this has lines."""
        return self._mapped(at, own, np.zeros(own.lines), (own.lines,))

    def convolved(self, at: At, kernel: Kernel, rows: bool) -> Signal:
        """By a kernel; without `rows`, its only row is no dimension of the result."""
        own = kernel.convolution()
        channels, *size = own.grid_out
        shape = (channels, *size) if rows else (channels, size[1])
        bias = np.repeat(kernel.bias, own.blocks)
        terms = tuple(replace(term, part=_convolved(at, term.part, kernel, own)) for term in self.terms)
        if self.bias.any():
            bias = bias + _unrolled(at, own).applied(self.bias)
        return Signal(terms, bias, shape)

    def scaled(self, at: At, factor: FloatArray) -> Signal:
        """`factor` [lines]."""

        def part(of: Lines | FloatConvolution) -> Lines | FloatConvolution:
            if isinstance(of, Lines):
                return of.scaled(factor)
            if _same_in_blocks(factor, of.blocks):
                return of.with_weights(of.weights * of.by_neuron(factor))
            return _unrolled(at, of).scaled(factor)

        terms = tuple(replace(term, part=part(term.part)) for term in self.terms)
        return replace(self, terms=terms, bias=self.bias * factor)

    def delayed(self, at: At, steps: IntArray) -> Signal:
        """`steps` [lines] later."""
        late = np.flatnonzero((self.bias != 0) & (steps != 0))
        if len(late):
            raise InputError(
                f"node {at.name!r}, line {late[0]}: delays a bias by {steps[late[0]]} steps; in the contract "
                "a bias acts from the first step, put it after the delay"
            )

        def part(of: Lines | FloatConvolution) -> Lines | FloatConvolution:
            if isinstance(of, Lines):
                return of.delayed(steps)
            if _same_in_blocks(steps, of.blocks):
                later = steps[:: of.blocks, None, None, None]
                return replace(of, delay=(of.delay + later).astype(np.int32))
            return _unrolled(at, of).delayed(steps)

        terms = tuple(replace(term, part=part(term.part), delayed=True) for term in self.terms)
        return replace(self, terms=terms)

    def _mapped(self, at: At, own: Lines, bias: FloatArray, shape: Shape) -> Signal:
        def lines(part: Lines | FloatConvolution) -> Lines:
            return part if isinstance(part, Lines) else _unrolled(at, part)

        terms = tuple(replace(term, part=own.after(at, lines(term.part))) for term in self.terms)
        return Signal(terms, bias + own.applied(self.bias), shape)


def _convolved(
    at: At, part: Lines | FloatConvolution, kernel: Kernel, own: FloatConvolution
) -> Lines | FloatConvolution:
    """`kernel` of what `part` gives: as one kernel where there is one."""
    if isinstance(part, FloatConvolution):
        made = composed(part, kernel)
        return made if made is not None else _unrolled(at, own).after(at, _unrolled(at, part))
    channels, rows, columns = kernel.grid
    gain = part.weight
    plain = part.is_straight and len(set(part.delay.tolist())) == 1
    if plain and _same_in_blocks(gain, rows * columns):
        factor = gain[:: rows * columns].reshape(kernel.groups, 1, channels // kernel.groups, 1, 1)
        weight = kernel.weight.reshape(kernel.groups, -1, *kernel.weight.shape[1:]) * factor
        changed: Any = {"kernel": weight.reshape(kernel.weight.shape), "delay": part.delay[0]}
        return replace(own, **changed)
    return _unrolled(at, own).after(at, part)


def _unrolled(at: At, convolution: FloatConvolution) -> Lines:
    if convolution.count > UNROLL_LIMIT:
        raise InputError(
            f"node {at.name!r}: together with the convolution before it, it is no single convolution, and "
            f"that one has {convolution.count} synapses, more than the {UNROLL_LIMIT} that are made one by "
            "one; put neurons between them"
        )
    return Lines.of_list(convolution.as_list())


def _same_in_blocks(value: npt.NDArray[np.generic], size: int) -> bool:
    blocks = value.reshape(-1, size)
    return bool((blocks == blocks[:, :1]).all())
