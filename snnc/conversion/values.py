"""What a traced tensor is: a sum of spikes of earlier steps by way of linear operations, and a bias."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from snnc.conversion.axes import Axes, AxesError
from snnc.exporter.nir.lines import At
from snnc.exporter.nir.signals import Signal

FloatArray = npt.NDArray[np.float64]
SPIKES, MEMBRANE, ONE = "spikes", "membrane", "one"
"""What a population gives; ONE is a constant, of which a bias is made."""
SOFTMAX, LOG_SOFTMAX = "softmax", "log_softmax"


BEHIND_MAXIMUM = "The contract has nothing behind a maximum: give the largest as it is, and train with it"
IN_EACH_STEP = "Add it to what each step gives"
NO_CONSTANT = (
    "Leave the constant out, and train with a bias of the weights before these neurons in its place: the "
    "contract adds none to a membrane"
)


@dataclass(frozen=True, slots=True)
class Source:
    """`what` the population `population` gives."""

    population: str
    what: str = SPIKES


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """A linear map of lines. `apply` does it to a signal; equal `parts` are the same map.

    `picks`: the former line of each line, -1 for nothing, of a map that only moves lines.
    """

    name: str
    parts: tuple[object, ...]
    apply: Callable[[Signal, At], Signal] = field(repr=False)
    picks: npt.NDArray[np.int64] | None = field(default=None, repr=False)

    def same(self, other: Operation) -> bool:
        if self is other:
            return True
        if self.name != other.name or len(self.parts) != len(other.parts):
            return False
        return all(
            a is b
            or (np.array_equal(a, b) if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else a == b)
            for a, b in zip(self.parts, other.parts, strict=True)
        )

    @property
    def keeps_order(self) -> bool:
        """Whether each line is one former line times a factor that is not negative, or nothing."""
        if self.name == "gain":
            (weight,) = self.parts
        elif self.name == "matrix" and len(self.parts) == 4:
            _, line, _, weight = self.parts
            if len(np.unique(np.asarray(line))) < np.size(line):  # type: ignore[arg-type]
                return False
        else:
            return False
        return bool((np.asarray(weight) >= 0).all())


def same_operations(some: Sequence[Operation], others: Sequence[Operation]) -> bool:
    return len(some) == len(others) and all(a.same(b) for a, b in zip(some, others, strict=True))


@dataclass(frozen=True, slots=True)
class Path:
    """`operations`, first to last, of what `source` gives.

    Place i along the time of the value is step i + `step` of the source; without a time, `step` is the step
    itself. The source counts from step `first` up to, but without, `stop`, where it is known.
    """

    source: Source
    step: int
    operations: tuple[Operation, ...] = ()
    first: int = 0
    stop: int | None = None
    taken: str = field(default="", compare=False)
    """Where an index took these steps, as "in Net.forward (line 12 of net.py), gather"."""

    @property
    def is_constant(self) -> bool:
        """Whether it is a bias, the same in every step."""
        return self.source.what == ONE

    def then(self, operation: Operation) -> Path:
        return replace(self, operations=(*self.operations, operation))

    def same_way(self, other: Path) -> bool:
        """Whether both differ in their steps at most."""
        return self.source == other.source and same_operations(self.operations, other.operations)


def same_paths(some: Sequence[Path], others: Sequence[Path]) -> bool:
    """Whether both are the same sum."""
    left = list(others)
    for path in some:
        for number, other in enumerate(left):
            if path.step == other.step and path.same_way(other):
                del left[number]
                break
        else:
            return False
    return not left


@dataclass(frozen=True, slots=True)
class Value:
    """The sum of `paths`, a tensor with `axes`.

    `over_time`: a decoder's operation that took the time away, "sum", "mean", "max" or "last", of
    `decoded_steps`, where they are known; `softmax`: whether one of each step stands before it; `ranked`: the
    tensor is a softmax of this sum, so that only the classes are the same.
    `score`: SOFTMAX or LOG_SOFTMAX, if the tensor is exactly this of one step. `of_mean`: the time
    went by a mean, which the contract reads by a decoder of the same classes.
    """

    axes: Axes
    paths: tuple[Path, ...]
    over_time: str | None = None
    softmax: bool = False
    ranked: bool = False
    score: str = ""
    decoded_steps: int = 0
    of_mean: bool = False

    @property
    def is_scores(self) -> bool:
        """Whether a softmax was taken: what is linear before it is not behind it."""
        return self.softmax or self.ranked

    @property
    def is_decoded(self) -> bool:
        return self.over_time is not None or self.is_scores

    def then(self, operation: Operation, axes: Axes | None = None, bias: FloatArray | None = None) -> Value:
        """`operation` of it, and a `bias` [lines]. Raises `AxesError` behind a softmax, or a maximum."""
        if self.is_scores:
            raise AxesError("it changes scores of a softmax", "Leave the softmax to the end of the module")
        if self.over_time == "max" and not operation.keeps_order:
            raise AxesError(
                "it weighs the largest of all steps, or changes its sign",
                BEHIND_MAXIMUM,
            )
        paths = tuple(path.then(operation) for path in self.paths)
        after = replace(self, axes=self.axes if axes is None else axes, paths=paths)
        return after if bias is None else after.plus(bias)

    def plus(self, bias: FloatArray) -> Value:
        """`bias` [lines] is added. Raises `AxesError` behind a decoder."""
        if not bias.any():
            return self
        if self.is_decoded:
            of_v = any(path.source.what == MEMBRANE for path in self.paths)
            raise AxesError("it adds a constant to scores", NO_CONSTANT if of_v else IN_EACH_STEP)
        return replace(self, paths=(*self.paths, Path(Source("", ONE), 0, (_constant(bias),))))

    def decoded(self, axes: Axes, how: str) -> Value:
        """`how` of all steps, whose time is gone in `axes`."""
        steps = self.axes.steps
        paths = (
            path
            if path.is_constant
            else replace(
                path, stop=min(path.step + steps, path.step + steps if path.stop is None else path.stop)
            )
            for path in self.paths
        )
        return replace(self, axes=axes, paths=tuple(paths), over_time=how, decoded_steps=steps)

    def shifted(self, steps: int, first: int = 0, length: int | None = None) -> Value:
        """Place 0 is the former place `steps`; of the former places, `length` from `first` on count."""
        paths = []
        for path in self.paths:
            if path.is_constant:
                paths.append(path)
                continue
            stop = None if length is None else first + length + path.step
            stops = [each for each in (stop, path.stop) if each is not None]
            begin = path.first if length is None else max(path.first, first + path.step)
            paths.append(
                replace(path, step=path.step + steps, first=begin, stop=min(stops) if stops else None)
            )
        return replace(self, paths=tuple(paths))


@dataclass(frozen=True, slots=True)
class Unknown:
    """A tensor that depends on the input by something that is not linear: `why`, and what to do `instead`."""

    why: str
    instead: str | None = None


def _constant(bias: FloatArray) -> Operation:
    def apply(signal: Signal, at: At) -> Signal:
        return Signal((), bias.reshape(-1), (bias.size,))

    return Operation("bias", (bias,), apply)
