"""Synapses with real weights, in the geometry of those with whole ones, and their rounding to such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from snnc.arrays import same
from snnc.brief import brief
from snnc.stages.bounds import IntArray
from snnc.stages.convolution import Convolution
from snnc.stages.synapses import SynapseList, SynapseMatrix, Synapses

FloatArray = npt.NDArray[np.float64]


class FloatSynapses(Synapses, Protocol):
    """As `Synapses`, with weights in float64; `sums` is float64 then."""

    @property
    def weights(self) -> FloatArray:
        """What is stored: [synapses], [post, pre] or [O, I, kh, kw]."""

    @property
    def blocks(self) -> int:
        """How many neurons of the destination, one after another, share their weights."""

    def by_neuron(self, value: FloatArray) -> FloatArray:
        """`value` float64 [post], equal in each of `blocks`, as it stands beside `weights` (broadcasts)."""

    def largest(self) -> FloatArray:
        """float64 [post], the largest |weight| into each neuron."""

    def with_weights(self, weight: FloatArray) -> FloatSynapses:
        """The same synapses with other weights."""

    def rounded(self, weight: IntArray) -> Synapses:
        """The same synapses with whole weights."""


@dataclass(frozen=True, slots=True, eq=False)
class FloatList(SynapseList):
    """A `SynapseList` with `weight` float64."""

    __repr__ = brief

    NUMBER: ClassVar[type[np.generic]] = np.float64

    @property
    def weights(self) -> FloatArray:
        return self.weight  # type: ignore[return-value]  # NUMBER says so

    @property
    def blocks(self) -> int:
        return 1

    def by_neuron(self, value: FloatArray) -> FloatArray:
        return value[self.post]

    def largest(self) -> FloatArray:
        found = np.zeros(self.post_neurons)
        np.maximum.at(found, self.post, np.abs(self.weight))
        return found

    def with_weights(self, weight: FloatArray) -> FloatList:
        return FloatList(self.pre, self.post, weight, self.delay, self.pre_neurons, self.post_neurons)  # type: ignore[arg-type]

    def rounded(self, weight: IntArray) -> SynapseList:
        return SynapseList(self.pre, self.post, weight, self.delay, self.pre_neurons, self.post_neurons)

    def as_matrix(self) -> FloatMatrix:
        number = self.rounded(np.arange(1, self.count + 1, dtype=np.int32)).as_matrix()
        weight = np.append(0.0, self.weights)[number.weight]
        return FloatMatrix(weight, number.delay)  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, slots=True, eq=False)
class FloatMatrix(SynapseMatrix):
    """A `SynapseMatrix` with `weight` float64."""

    __repr__ = brief

    NUMBER: ClassVar[type[np.generic]] = np.float64

    @property
    def weights(self) -> FloatArray:
        return self.weight  # type: ignore[return-value]

    @property
    def blocks(self) -> int:
        return 1

    def by_neuron(self, value: FloatArray) -> FloatArray:
        return value[:, None]

    def largest(self) -> FloatArray:
        found: FloatArray = np.abs(self.weights).max(axis=1)
        return found

    def with_weights(self, weight: FloatArray) -> FloatMatrix:
        return FloatMatrix(weight, self.delay)  # type: ignore[arg-type]

    def rounded(self, weight: IntArray) -> SynapseMatrix:
        return SynapseMatrix(weight, self.delay)

    def as_list(self) -> FloatList:
        pre, post = (index.astype(np.int32) for index in np.nonzero(self.weight.T))
        weight, delay = self.weight[post, pre], self.delay[post, pre]
        return FloatList(pre, post, weight, delay, self.pre_neurons, self.post_neurons)

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, slots=True, eq=False)
class FloatConvolution(Convolution):
    """A `Convolution` with `kernel` float64."""

    __repr__ = brief

    LIST: ClassVar[type[SynapseList]] = FloatList

    @property
    def weights(self) -> FloatArray:
        return self.kernel  # type: ignore[return-value]

    @property
    def blocks(self) -> int:
        _, rows, columns = self.grid_out
        return rows * columns

    def by_neuron(self, value: FloatArray) -> FloatArray:
        return value[:: self.blocks, None, None, None]

    def largest(self) -> FloatArray:
        return np.repeat(np.abs(self.weights).max(axis=(1, 2, 3)), self.blocks)

    def with_weights(self, weight: FloatArray) -> FloatConvolution:
        return FloatConvolution(weight, *self._geometry())  # type: ignore[arg-type]

    def rounded(self, weight: IntArray) -> Convolution:
        return Convolution(weight, *self._geometry())

    def _geometry(
        self,
    ) -> tuple[IntArray, tuple[int, int, int], tuple[int, int], tuple[int, int], int]:
        return self.delay, self.grid, self.stride, self.padding, self.groups

    def __eq__(self, other: object) -> bool:
        return same(self, other)
