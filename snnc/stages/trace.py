"""Trace: everything an executor computed, by population, and what its programs answer beside their states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc import no_events
from snnc.arrays import frozen
from snnc.brief import brief
from snnc.errors import LARGER_EVENTS, ExecutorError, StageError
from snnc.stages.quantized import QuantizedGraph


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """State of one layer, or of one population that is no input, in every step of every sample.

    `u`, `v`: int32 [samples, T, neurons], v after the reset. `spikes`: bool, same shape; all False
    where the model never spikes. `u_wraps`, `v_clips`: how often clause 3 wrapped and clause 5 clipped, or
    None where the executor cannot count them. `w`: int32, same shape, and `w_clips`, how often clause 5a
    clipped it; None where the model has no w.
    """

    u: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]
    spikes: npt.NDArray[np.bool_]
    u_wraps: int | None = None
    v_clips: int | None = None
    w: npt.NDArray[np.int32] | None = None
    w_clips: int | None = None

    def __post_init__(self) -> None:
        shape = np.shape(self.v)
        if len(shape) != 3:
            raise StageError(f"trace: v has shape {shape}, expected [samples, T, neurons]")
        object.__setattr__(self, "u", frozen(self.u, np.int32, name="trace u", shape=shape))
        object.__setattr__(self, "v", frozen(self.v, np.int32, name="trace v"))
        object.__setattr__(self, "spikes", frozen(self.spikes, np.bool_, name="trace spikes", shape=shape))
        if self.w is not None:
            object.__setattr__(self, "w", frozen(self.w, np.int32, name="trace w", shape=shape))
        elif self.w_clips is not None:
            raise StageError(f"trace: w_clips is {self.w_clips}, but there is no w; give both or none")

    @property
    def saturations(self) -> int | None:
        """How often a state left its range; None where the executor cannot count all of that."""
        counts = [self.u_wraps, self.v_clips, *(() if self.w is None else (self.w_clips,))]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def __repr__(self) -> str:
        samples, steps, neurons = self.v.shape
        return f"LayerTrace({samples} samples, {steps} steps, {neurons} neurons, {self.spikes.sum()} spikes)"

    def part(self, rows: slice) -> LayerTrace:
        """The samples `rows`; how often they saturated is not known then."""
        w = None if self.w is None else self.w[rows]
        return LayerTrace(self.u[rows], self.v[rows], self.spikes[rows], w=w)


NAMES = ("names", "said")
"""Fields that hold text."""
OF_THE_NETWORK = ("names", "facts")
"""Fields that are of no sample."""
WHOSE = ("by", "of")
"""Fields that say whose answer it is."""
OF_NO_READOUT = ("states", "facts")
"""Fields that are not of a readout."""

Fact = int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the program or file called `by` answers; None where it gives no such thing.

    One is of one readout: of the population `of`, or of the only one there is (None). An executor gives one
    for each program and readout; `states` and `facts` are of the whole network, and stand in any of them.

    `readout`: what that readout is decoded from, v or spikes, int32 [samples, T, classes], by another way
    than the trace; `states`: all of the trace, by layer, so. By its decoder of clause 7, `scores` [samples,
    classes], float64 or float32, the type that it computed in, or of spikes int64; and `classes`, int64
    [samples]; `scores_so_far` [samples, T, classes] and `classes_so_far` [samples, T] are those after each
    step. `names` of all classes; `said`: the name of each sample's class as the program prints it.
    `facts`: what the program tells of the network, by the names of `snnc.verification.facts`.
    """

    __repr__ = brief

    by: str
    readout: npt.NDArray[np.int32] | None = None
    scores: npt.NDArray[np.float64] | npt.NDArray[np.float32] | npt.NDArray[np.int64] | None = None
    classes: npt.NDArray[np.int64] | None = None
    names: tuple[str, ...] | None = None
    said: tuple[str, ...] | None = None
    states: tuple[LayerTrace, ...] | None = None
    scores_so_far: npt.NDArray[np.float64] | npt.NDArray[np.float32] | npt.NDArray[np.int64] | None = None
    classes_so_far: npt.NDArray[np.int64] | None = None
    facts: Mapping[str, Fact] | None = field(default=None, hash=False)
    of: str | None = None

    def __post_init__(self) -> None:
        for name, kinds, dimensions in (
            ("readout", "ib", 3),
            ("scores", "fi", 2),
            ("classes", "i", 1),
            ("scores_so_far", "fi", 3),
            ("classes_so_far", "i", 2),
        ):
            if getattr(self, name) is None:
                continue
            array = np.array(getattr(self, name))
            if array.dtype.kind not in kinds or array.ndim != dimensions or array.dtype == np.float16:
                raise StageError(f"answer of {self.by}: {name} is {array.dtype} {array.shape}")
            if array.dtype.kind != "f":  # NaN among the scores is for the comparison
                array = array.astype(np.int64)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        for name in NAMES:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(map(str, getattr(self, name))))
        if self.facts is not None:
            object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))
        if len({self._samples_of(name) for name in self._by_sample}) > 1:
            raise StageError(f"answer of {self.by}: {', '.join(self._by_sample)} differ in samples")
        if not self.gives:
            raise StageError(f"answer of {self.by}: is empty")

    @property
    def gives(self) -> tuple[str, ...]:
        """Names of the fields that are there, as "scores"."""
        names = (each.name for each in fields(self) if each.name not in WHOSE)
        return tuple(name for name in names if getattr(self, name) is not None)

    @property
    def decodes(self) -> bool:
        """Whether it gives anything of a readout."""
        return any(name not in OF_NO_READOUT for name in self.gives)

    @property
    def samples(self) -> int | None:
        """How many samples it is of; None if it holds nothing by sample."""
        return self._samples_of(self._by_sample[0]) if self._by_sample else None

    def part(self, rows: slice) -> Answer:
        """The samples `rows`."""
        kept: dict[str, Any] = {
            name: getattr(self, name)[rows] for name in self._by_sample if name != "states"
        }
        if self.states is not None:
            kept["states"] = tuple(layer.part(rows) for layer in self.states)
        return Answer(self.by, names=self.names, facts=self.facts, of=self.of, **kept)

    @property
    def _by_sample(self) -> list[str]:
        return [name for name in self.gives if name not in OF_THE_NETWORK]

    def _samples_of(self, name: str) -> int:
        return len(self.states[0].v if name == "states" and self.states else getattr(self, name))


@dataclass(frozen=True, slots=True)
class Trace:
    """Trace of a whole network by one executor; `info` holds what it wants to say of itself.

    `layers`: one of each population that is no input, in the order of the graph's list.
    `answers`: what its programs say of each sample beside their states. An executor whose program decodes
    classes gives them there, for `verify` to compare. `failed`: what was wrong with the run beside its
    states, or None; where the states are right `verify` says that the executor failed.
    """

    executor: str
    layers: tuple[LayerTrace, ...]
    info: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    failed: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "answers", tuple(self.answers))
        object.__setattr__(self, "info", MappingProxyType(dict(self.info)))
        if not self.layers:
            raise StageError(f"trace of {self.executor}: has no layers")
        if len({layer.v.shape[:2] for layer in self.layers}) != 1:
            raise StageError(f"trace of {self.executor}: layers differ in samples or steps")
        for answer in self.answers:
            if answer.samples not in (None, self.samples):
                raise StageError(
                    f"trace of {self.executor}: the answer of {answer.by} is of {answer.samples} samples, "
                    f"the states are of {self.samples}"
                )

    def __repr__(self) -> str:
        return f"Trace({self.executor}, {self.samples} samples, {len(self.layers)} layers)"

    def part(self, rows: slice) -> Trace:
        """The samples `rows`; how often they saturated is not known then."""
        layers = (layer.part(rows) for layer in self.layers)
        answers = tuple(answer.part(rows) for answer in self.answers)
        return Trace(self.executor, tuple(layers), self.info, answers, self.failed)

    def checked(self) -> Trace:
        """The trace itself. Raises `ExecutorError` if something was wrong with the run."""
        if self.failed is not None:
            raise ExecutorError(self.failed)
        return self

    @property
    def others(self) -> tuple[Trace, ...]:
        """The states among the answers, each as a trace by what gives them."""
        return tuple(Trace(each.by, each.states) for each in self.answers if each.states is not None)

    @property
    def samples(self) -> int:
        return int(self.layers[0].v.shape[0])

    @property
    def readout(self) -> npt.NDArray[np.int32]:
        """v of the last layer, int32 [samples, T, classes]: the readout of a chain."""
        return self.layers[-1].v

    def __iter__(self) -> Iterator[LayerTrace]:
        return iter(self.layers)


def check_input(graph: QuantizedGraph, spikes: npt.ArrayLike, first: int = 0) -> npt.NDArray[np.uint8]:
    """Input as uint8 [samples, T, inputs], checked against `graph`: 0 .. `payload_max` of each population.

    Errors name samples; `first` is the number of the first one.

    Raises
    ------
    StageError
        If the shape is not [samples, graph.time_steps, graph.inputs] or a value is none of these.
    """
    array = np.asarray(spikes)
    expected = (graph.time_steps, graph.inputs)
    if array.ndim != 3:
        raise StageError(
            f"input: has the shape {list(array.shape)}, expected [samples, {expected[0]} steps, "
            f"{expected[1]} lines]"
        )
    if array.shape[1:] != expected:
        raise StageError(
            f"input: sample {first} has {array.shape[1]} steps of {array.shape[2]} lines, the network takes "
            f"{expected[0]} steps of {expected[1]} lines; give [samples, steps, lines]"
        )
    inputs = [each for each in graph.populations if each.payload_max is not None]
    parts = [
        _events("input" if len(inputs) == 1 else f"input of {each.name}", part, each.payload_max or 1, first)
        for each in inputs
        for part in [array[:, :, graph.lines(each.name)]]
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([array[:, :, :0].astype(np.uint8), *parts], axis=2)


def _events(name: str, array: npt.NDArray[Any], most: int, start: int) -> npt.NDArray[np.uint8]:
    """Events of one population as uint8; raise unless each is 0 .. `most`."""
    allowed = "0 and 1" if most == 1 else f"whole numbers 0..{most}"
    if array.dtype.kind not in "biuf":
        raise StageError(f"{name}: holds {array.dtype} values, expected {allowed}")
    within = not array.size or (array.min() >= 0 and array.max() <= most)  # nan is not
    payload = array.astype(np.uint8) if within else None
    if payload is None or (array.dtype.kind == "f" and not np.array_equal(payload, array)):
        at = no_events.first_beyond(array, most)
        assert at is not None
        if no_events.cause(array[at]):
            remedy = f"such values are no events: {no_events.remedy(array[at], 'them')}"
        else:
            remedy = f"{'binarise the event counts, or ' if most == 1 else ''}{LARGER_EVENTS}"
        raise StageError(
            f"{name}: holds values other than {allowed}, first {no_events.told(array, at)} in sample "
            f"{start + at[0]}, step {at[1]}, line {at[2]}; {remedy}"
        )
    return payload
