"""Trace: everything an executor computed, by layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.errors import StageError
from snnc.stages.answer import Answer
from snnc.stages.layer_trace import LayerTrace
from snnc.stages.quantized import QuantizedGraph


@dataclass(frozen=True, slots=True)
class Trace:
    """Trace of a whole network by one executor; `info` holds what it wants to say of itself.

    `answers`: what its programs say of each sample beside their states. An executor whose program decodes
    classes gives them there, for `verify` to compare.
    """

    executor: str
    layers: tuple[LayerTrace, ...]
    info: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

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

    def part(self, rows: slice) -> Trace:
        """The samples `rows`; how often they saturated is not known then."""
        layers = (layer.part(rows) for layer in self.layers)
        answers = tuple(answer.part(rows) for answer in self.answers)
        return Trace(self.executor, tuple(layers), self.info, answers)

    @property
    def others(self) -> tuple[Trace, ...]:
        """The states among the answers, each as a trace by what gives them."""
        return tuple(Trace(each.by, each.states) for each in self.answers if each.states is not None)

    @property
    def samples(self) -> int:
        return int(self.layers[0].v.shape[0])

    @property
    def readout(self) -> npt.NDArray[np.int32]:
        """v of the last layer, int32 [samples, T, classes]."""
        return self.layers[-1].v

    def __iter__(self) -> Iterator[LayerTrace]:
        return iter(self.layers)


def check_input(graph: QuantizedGraph, spikes: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Input as uint8 [samples, T, inputs] of 0 .. `graph.payload_max`, checked against `graph`.

    Raises
    ------
    StageError
        If the shape is not [samples, graph.time_steps, graph.inputs] or a value is none of these.
    """
    array = np.asarray(spikes)
    expected = (graph.time_steps, graph.inputs)
    if array.ndim != 3 or array.shape[1:] != expected:
        raise StageError(
            f"input: shape {array.shape}, expected [samples, {expected[0]} steps, {expected[1]} lines]"
        )
    most = graph.payload_max
    allowed = "0 and 1" if most == 1 else f"whole numbers 0..{most}"
    if array.dtype.kind not in "biuf":
        raise StageError(f"input: holds {array.dtype} values, expected {allowed}")
    within = not array.size or (array.min() >= 0 and array.max() <= most)  # nan is not
    payload = array.astype(np.uint8) if within else None
    if payload is None or (array.dtype.kind == "f" and not np.array_equal(payload, array)):
        remedy = "binarise the event counts" if most == 1 else "export with a larger --payload-max"
        raise StageError(f"input: holds values other than {allowed}; {remedy}")
    return payload
