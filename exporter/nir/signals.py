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
from snnc.exporter.nir.layers import one_for_each
from snnc.exporter.nir.lines import At, Lines, delays_in_bounds
from snnc.exporter.nir.shapes import same_lines
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
    def total(cls, at: At, signals: Sequence[Signal], shape: Shape | None = None) -> Signal:
        """What arrives together at a node that has lines of `shape`, or of that which arrives."""
        shape = signals[0].shape if shape is None else shape
        for signal in signals:
            if not same_lines(signal.shape, shape):
                raise InputError(
                    f"node {at.name!r}: {signal.lines} lines of the shape {list(signal.shape)} arrive from "
                    f"{signal.sources}, expected {prod(shape)} of {list(shape)}; connect it to as many of "
                    "the same shape, or put a Flatten between them"
                )
        terms = [term for signal in signals for term in signal.terms]
        bias = sum((signal.bias for signal in signals), np.zeros(prod(shape)))
        return cls(tuple(terms), bias, shape)

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
    def present(self) -> tuple[Term, ...]:
        """The terms without weights of 0."""
        return tuple(
            replace(term, part=term.part.present) if isinstance(term.part, Lines) else term
            for term in self.terms
        )

    @property
    def sources(self) -> str:
        """For messages."""
        return ", ".join(dict.fromkeys(repr(term.source) for term in self.terms)) or "a bias"

    def for_each(self, at: At, field: str, value: object) -> FloatArray:
        """float64 [lines], the `value` of a node, one number or an array of the shape of this.

        Raises `InputError` for others.
        """
        found = np.asarray(value)
        if found.size == self.lines and not same_lines(found.shape, self.shape):
            raise InputError(
                f"node {at.name!r}: {field} has the shape {list(found.shape)}, but lines of the shape "
                f"{list(self.shape)} arrive; give it this shape"
            )
        return one_for_each(at.name, field, found.reshape(-1), self.lines)

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
                return of.delayed(at, steps)
            if _same_in_blocks(steps, of.blocks):
                later = of.delay + steps[:: of.blocks, None, None, None]
                return replace(of, delay=delays_in_bounds(at, later))
            return _unrolled(at, of).delayed(at, steps)

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
            f"node {at.name!r}: makes no single convolution of what is before it, and the convolution here "
            f"or there has {convolution.count} synapses, more than the {UNROLL_LIMIT} that are made one by "
            "one; put neurons between them"
        )
    return Lines.of_list(convolution.as_list())


def _same_in_blocks(value: npt.NDArray[np.generic], size: int) -> bool:
    blocks = value.reshape(-1, size)
    return bool((blocks == blocks[:, :1]).all())
