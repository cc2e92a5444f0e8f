"""Clause 2 in a step: what arrives at each population, from what its sources have sent.

Of each source a history is kept: its spikes of as many steps as a delay reaches, int32 [steps * neurons,
batch], the newest step first. A population that is computed after its source reads the history with the
present step in it. One that is computed before, as in a cycle, reads what the step before left: its delays
are at least 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from snnc.stages import Convolution, Population, Projection, QuantizedGraph, SynapseList, SynapseMatrix
from snnc.stages.population import INPUT
from snnc.targets.onnx.block import BATCH, Array, Step
from snnc.targets.onnx.kernels import delays, kernels
from snnc.targets.onnx.synapses import live_synapses, synapse_tables

if TYPE_CHECKING:
    from snnc.targets.onnx.synapses import SynapseTable


class Arrivals:
    """Adds to `step` the nodes of clause 2."""

    def __init__(self, step: Step, graph: QuantizedGraph) -> None:
        self.step, self.steps, self.together = step, graph.time_steps, graph.is_chain
        self.projections = stored_projections(graph)
        self.populations = {each.name: each for each in graph.populations}
        self.numbers = {each.name: number for number, each in enumerate(graph.populations)}
        self.places = {name: place for place, name in enumerate(graph.order)}
        self.sent: dict[str, str] = {}
        """Population -> its spikes in this step, int32 [neurons, batch], of those computed so far."""
        self.lengths: dict[str, int] = {}
        """Source -> length of its history, of those that have one so far."""
        self.joined: set[str] = set()
        """Those whose history has the present step."""

    def at(self, population: Population, index: int) -> str:
        """The name of a[t] of `population`, int64 [neurons, batch]; without projections [neurons, 1]."""
        step, into = self.step, [each for each in self.projections if each.destination == population.name]
        parts: list[str] = []
        for number, projection in enumerate(into):
            part = self._delivered(projection, f"{index}" if len(into) == 1 else f"{index}.{number}")
            if part and projection.weight_exp:
                factor = step.constant(f"{part}.factor", 1 << projection.weight_exp, np.int32)
                part = step("Mul", part, factor, name=f"{part}.times")
            parts += [part] if part else []
        if population.input_bias.any() or not parts:
            bias = population.input_bias[:, None]
            parts.append(step.constant(f"input_bias_{index}", bias, np.int32))
        total = parts[0]
        for number, part in enumerate(parts[1:], 1):
            total = step("Add", total, part, name=f"a_{index}.sum{number}")
        return step.cast(total, "INT64", f"a_{index}.wide")

    def finish(self) -> None:
        """Take the present step into all histories, also those that only earlier populations read."""
        for source in self.lengths:
            self._join(source)

    def _delivered(self, projection: Projection, tag: str) -> str:
        """What `projection` delivers, without its exponent, int32 [neurons, batch]; "" if it is nothing."""
        if isinstance(projection.synapses, Convolution):
            return self._convolved(projection, projection.synapses, tag)
        inputs = projection.synapses.pre_neurons
        assert isinstance(projection.synapses, SynapseList | SynapseMatrix)
        tables = synapse_tables(
            projection.synapses,
            inputs,
            self.steps,
            together=self.together,
            sooner=self._sooner(projection),
        )
        if len(tables) == 1:
            return self._gathered(projection, tables[0], tag)
        parts = [self._gathered(projection, each, f"{tag}.{number}") for number, each in enumerate(tables)]
        joined = self.step("Concat", *parts, name=f"a_{tag}.sorted", axis=0)
        order = np.argsort(np.concatenate([each.rows for each in tables]))
        return self.step("Gather", joined, self.step.constant(f"order_{tag}", order), name=f"a_{tag}", axis=0)

    def _gathered(self, projection: Projection, table: SynapseTable, tag: str) -> str:
        step = self.step
        place = step.constant(f"place_{tag}", table.place, np.int32)
        weight = step.constant(f"weight_{tag}", table.weight[:, None, :], table.weight.dtype)
        weight = step.cast(weight, "INT32", f"{weight}.wide")
        history = self._history(projection)
        step("Gather", history, place, name=f"a_{tag}.delivered", axis=0)  # [neurons, fan_in, batch]
        step("MatMul", weight, f"a_{tag}.delivered", name=f"a_{tag}.row")  # [neurons, 1, batch]
        return step("Squeeze", f"a_{tag}.row", "second", name=f"a_{tag}")

    def _convolved(self, projection: Projection, of: Convolution, tag: str) -> str:
        """Convolutions in float32, one for each delay, which are exact.

        Weights and events are whole numbers, and by clause 2 the sum of |weight| * event into a neuron is
        2**18 at most, so every sum of some of these products, in whatever order, is a whole number below
        2**24: float32 holds it, and nothing is rounded.
        """
        step, parts = self.step, []
        for delay, kernel in kernels(of, self.steps).items():
            name = f"a_{tag}.{delay}"
            weight = step.constant(f"kernel_{tag}.{delay}", kernel, kernel.dtype)
            weight = step.cast(weight, "FLOAT", f"{weight}.float")
            events = self._images(projection, of, delay, name)
            parts.append(
                step(
                    "Conv",
                    events,
                    weight,
                    name=f"{name}.images",
                    kernel_shape=of.kernel.shape[2:],
                    strides=of.stride,
                    pads=of.padding * 2,
                    group=of.groups,
                )
            )
        if not parts:
            return ""
        total = parts[0] if len(parts) == 1 else step("Sum", *parts, name=f"a_{tag}.images")
        whole = step.cast(total, "INT32", f"a_{tag}.whole")
        shape = step.constant(f"a_{tag}.shape", [0, of.post_neurons])
        flat = step("Reshape", whole, shape, name=f"a_{tag}.flat")  # [batch, neurons]
        return step("Transpose", flat, name=f"a_{tag}", perm=[1, 0])

    def _images(self, projection: Projection, of: Convolution, delay: int, name: str) -> str:
        """The source's spikes `delay` steps ago, float32 [batch, C, H, W]."""
        step, inputs = self.step, of.pre_neurons
        history = self._history(projection)
        first = (delay - self._sooner(projection)) * inputs
        begin = step.constant(f"{name}.begin", [first])
        end = step.constant(f"{name}.end", [first + inputs])
        step("Slice", history, begin, end, "first", name=f"{name}.then")
        step(
            "Transpose",
            step.cast(f"{name}.then", "FLOAT", f"{name}.events"),
            name=f"{name}.rows",
            perm=[1, 0],
        )
        shape = step.constant(f"{name}.shape", [0, *of.grid])  # 0: as it is
        return step("Reshape", f"{name}.rows", shape, name=f"{name}.grid")

    def _sooner(self, projection: Projection) -> int:
        """1 if the destination is computed before the source in a step, or is the source; else 0."""
        return int(self.places[projection.source] >= self.places[projection.destination])

    def _history(self, projection: Projection) -> str:
        """The history that `projection` reads, which becomes a state of the step."""
        source = projection.source
        if source not in self.lengths:
            reach = max(reached(each, self.steps) for each in self.projections if each.source == source)
            length = self.populations[source].neurons * (reach + 1)
            self.lengths[source] = length
            self.step.states.append(Array(f"history_{self.numbers[source]}", "INT32", (length, BATCH)))
        if self._sooner(projection):
            return f"history_{self.numbers[source]}.before"
        return self._join(source)

    def _join(self, source: str) -> str:
        """The history with the present step, and without the oldest."""
        step, history = self.step, f"history_{self.numbers[source]}"
        if source not in self.joined:
            self.joined.add(source)
            length = step.constant(f"{history}.length", [self.lengths[source]])
            longer = step("Concat", self.sent[source], f"{history}.before", name=f"{history}.longer", axis=0)
            step("Slice", longer, "first", length, "first", name=f"{history}.after")
        return f"{history}.after"


def stored_projections(graph: QuantizedGraph) -> tuple[Projection, ...]:
    """The projections of `graph`, as a convolution, a list or a matrix; those of a chain as matrices."""
    if graph.is_chain:
        into = {each.destination: each for each in graph.projections}
        return tuple(replace(into[layer.name], synapses=layer.synapses) for layer in graph.layers)
    known = Convolution | SynapseList | SynapseMatrix
    return tuple(
        each if isinstance(each.synapses, known) else replace(each, synapses=each.synapses.as_list())
        for each in graph.projections
    )


def reached(projection: Projection, time_steps: int) -> int:
    """The longest delay of a synapse of `projection` whose spikes can arrive within `time_steps`."""
    if isinstance(projection.synapses, Convolution):
        return max(delays(projection.synapses, time_steps), default=0)
    assert isinstance(projection.synapses, SynapseList | SynapseMatrix)
    return live_synapses(projection.synapses, time_steps).reach


def inputs_of(graph: QuantizedGraph) -> list[Population]:
    """The input populations in the order of their lines."""
    return [each for each in graph.populations if each.model == INPUT]
