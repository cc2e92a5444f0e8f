"""The synapses of a projection: as a list, as a matrix, or whatever else gives the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from snnc.arrays import frozen, same
from snnc.brief import brief
from snnc.errors import StageError
from snnc.stages.bounds import IntArray, whole
from snnc.stages.population import NEURON_LIMIT

Sums = npt.NDArray[np.int64]

COLUMNS = ("pre", "post", "weight", "delay")
MATRIX_LIMIT = 1 << 28
"""Most elements of a matrix that is made of a list: 2 GB with their delays."""


class Synapses(Protocol):
    """Synapses between `pre_neurons` and `post_neurons` neurons. Those of weight 0 do not exist (clause 1).

    What stores them makes no difference: two that compute the same have an equal `as_list()`.
    """

    @property
    def pre_neurons(self) -> int: ...

    @property
    def post_neurons(self) -> int: ...

    @property
    def count(self) -> int:
        """How many synapses there are."""

    @property
    def max_delay(self) -> int:
        """The longest delay of one, in steps; 0 if there is none."""

    @property
    def has_delay_0(self) -> bool:
        """Whether one acts in the step of its spike."""

    def sums(self) -> Sums:
        """int64 [post_neurons], the sum of |weight| into each neuron."""

    def as_list(self) -> SynapseList:
        """All of them."""

    def no_matrix(self) -> str:
        """Why a matrix cannot hold them, or "": told without making it, or the list."""


@dataclass(frozen=True, slots=True)
class SynapseList:
    """Synapse k leads from neuron `pre[k]` of the source to `post[k]` of the destination.

    `pre`, `post`, `weight`, `delay`: int32 [synapses]. They may be given in any order, and with weights of 0;
    kept are those of other weights, sorted by pre, then post, then delay. Two with the same pre, post and
    delay are refused.
    """

    __repr__ = brief

    NUMBER: ClassVar[type[np.generic]] = np.int32
    """Of weights; another of the same geometry in `float_synapses.py`."""

    pre: IntArray
    post: IntArray
    weight: IntArray
    delay: IntArray
    pre_neurons: int
    post_neurons: int

    def __post_init__(self) -> None:
        shape = np.shape(self.weight)
        if len(shape) != 1:
            raise StageError(f"synapses: weight has shape {shape}, expected one number for each synapse")
        for side in ("pre", "post"):
            neurons = whole("synapses", f"{side}_neurons", getattr(self, f"{side}_neurons"), 1, NEURON_LIMIT)
            object.__setattr__(self, f"{side}_neurons", neurons)
        for name in COLUMNS:
            value = frozen(getattr(self, name), self._type(name), name=f"synapses: {name}", shape=shape)
            object.__setattr__(self, name, value)
        for side, neurons in (("pre", self.pre_neurons), ("post", self.post_neurons)):
            at = getattr(self, side)
            wrong = (at < 0) | (at >= neurons)
            if wrong.any():
                first = int(wrong.argmax())
                raise StageError(
                    f"synapse {first}: {side} is neuron {at[first]}, the population has 0..{neurons - 1}; "
                    "correct the number"
                )
        check_delays(self.delay)
        self._sort()

    def _type(self, column: str) -> type[np.generic]:
        return self.NUMBER if column == "weight" else np.int32

    def _sort(self) -> None:
        if not self.weight.all():
            self._keep(np.flatnonzero(self.weight))
        place = self.pre.astype(np.int64) * self.post_neurons + self.post
        later = self.max_delay + 1
        if self.pre_neurons * self.post_neurons * later < 1 << 63:
            place = place * later + self.delay  # one key sorts in half the time of three columns
            if not (place[1:] > place[:-1]).all():
                order = np.argsort(place, kind="stable")  # what stores them in runs is merged: 4 times faster
                self._keep(order)
                place = place[order]
        else:
            order = np.lexsort((self.delay, place))
            self._keep(order)
            place = place[order]
            place = np.cumsum((np.diff(place, prepend=-1) != 0) | (np.diff(self.delay, prepend=-1) != 0))
        twice = place[1:] == place[:-1]
        if twice.any():
            k = int(twice.argmax())
            raise StageError(
                f"synapses: there are two from neuron {self.pre[k]} to {self.post[k]} with the delay "
                f"{self.delay[k]}, a projection has at most one; add up their weights"
            )

    def _keep(self, which: npt.NDArray[np.intp]) -> None:
        for name in COLUMNS:
            value = frozen(getattr(self, name)[which], self._type(name), name=f"synapses: {name}")
            object.__setattr__(self, name, value)

    @property
    def count(self) -> int:
        return len(self.weight)

    @property
    def max_delay(self) -> int:
        return int(self.delay.max(initial=0))

    @property
    def has_delay_0(self) -> bool:
        return bool((self.delay == 0).any())

    @property
    def most_of_a_pair(self) -> int:
        """Most synapses that lead from one neuron to one, with different delays; 0 if there are none."""
        other = (np.diff(self.pre) != 0) | (np.diff(self.post) != 0)
        ends = np.flatnonzero(np.concatenate([[True], other, [True]])) if self.count else np.zeros(1, int)
        return int(np.diff(ends).max(initial=0))

    def sums(self) -> Sums:
        sizes = magnitudes(self.weight)
        total: Sums = np.zeros(self.post_neurons, sum_type(sizes))
        np.add.at(total, self.post, sizes)
        return total

    def as_list(self) -> SynapseList:
        return self

    def no_matrix(self) -> str:
        if reason := too_large(self.pre_neurons, self.post_neurons):
            return reason
        twice = (self.pre[1:] == self.pre[:-1]) & (self.post[1:] == self.post[:-1])
        if not twice.any():
            return ""
        k = int(twice.argmax())
        return (
            f"synapses: several lead from neuron {self.pre[k]} to {self.post[k]}, a matrix holds one; "
            "keep the list"
        )

    def as_matrix(self) -> SynapseMatrix:
        """The same as a matrix; raise `StageError` if two lead from one neuron to one, or it is too large."""
        if reason := self.no_matrix():
            raise StageError(reason)
        weight, delay = np.zeros((2, self.post_neurons, self.pre_neurons), np.int32)
        weight[self.post, self.pre] = self.weight
        delay[self.post, self.pre] = self.delay
        return SynapseMatrix(weight, delay)

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, slots=True)
class SynapseMatrix:
    """At most one synapse between each two neurons.

    `weight`, `delay`: int32 [post, pre]; the delay of a weight 0 is set to 0, so two that compute the same
    are equal.
    """

    __repr__ = brief

    NUMBER: ClassVar[type[np.generic]] = np.int32

    weight: IntArray
    delay: IntArray
    _sums: Sums | None = field(init=False, default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        shape = np.shape(self.weight)
        if len(shape) != 2 or 0 in shape:
            raise StageError(f"synapses: weight has shape {shape}, expected [post, pre], none zero")
        for name, kind in (("weight", self.NUMBER), ("delay", np.int32)):
            value = frozen(getattr(self, name), kind, name=f"synapses: {name}", shape=shape)
            object.__setattr__(self, name, value)
        check_delays(self.delay)
        object.__setattr__(self, "delay", present_delays(self.weight, self.delay))

    @property
    def pre_neurons(self) -> int:
        return int(self.weight.shape[1])

    @property
    def post_neurons(self) -> int:
        return int(self.weight.shape[0])

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.weight))

    @property
    def max_delay(self) -> int:
        return int(self.delay.max(initial=0))

    @property
    def has_delay_0(self) -> bool:
        return bool(((self.delay == 0) & (self.weight != 0)).any())

    def sums(self) -> Sums:
        if self._sums is None:
            sizes = magnitudes(self.weight)
            total = sizes.sum(axis=1, dtype=sum_type(sizes))
            object.__setattr__(self, "_sums", frozen(total, total.dtype, name="synapses: sums"))
        assert self._sums is not None
        return self._sums

    def as_list(self) -> SynapseList:
        pre, post = (index.astype(np.int32) for index in np.nonzero(self.weight.T))
        weight, delay = self.weight[post, pre], self.delay[post, pre]
        return SynapseList(pre, post, weight, delay, self.pre_neurons, self.post_neurons)

    def no_matrix(self) -> str:
        return ""

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def too_large(pre_neurons: int, post_neurons: int) -> str:
    """Why there is no matrix of so many neurons, or ""."""
    if pre_neurons * post_neurons <= MATRIX_LIMIT:
        return ""
    return (
        f"synapses: a matrix of {post_neurons} x {pre_neurons} is larger than {MATRIX_LIMIT} elements; keep "
        "the list"
    )


def check_delays(delay: IntArray) -> None:
    """Raise `StageError` if one is negative."""
    if (delay < 0).any():
        raise StageError(f"synapses: a delay is {int(delay.min())} steps, expected >= 0; correct it")


def present_delays(weight: IntArray, delay: IntArray) -> IntArray:
    """`delay`, and 0 where the weight is 0."""
    present = weight != 0
    if (present | (delay == 0)).all():
        return delay
    left = delay * present
    left.flags.writeable = False
    return frozen(left, np.int32, name="synapses: delay")


def magnitudes(weight: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """|weight|: of whole numbers uint32, since 32 bits with a sign do not hold that of the least one."""
    sizes: npt.NDArray[Any] = np.abs(weight)
    return sizes.view(np.uint32) if sizes.dtype.kind == "i" else sizes


def sum_type(sizes: npt.NDArray[Any]) -> type[np.generic]:
    """In which `magnitudes` are added up."""
    return np.int64 if sizes.dtype.kind == "u" else np.float64
