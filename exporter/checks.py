"""What every pass promises to keep, checked on the stages before and after it by other means than its own.

A stage checks its own arrays when it is made. Here stand the promises between two stages; a broken one is a
fault of the pass, not of the model.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.provenance import graph_hash
from snnc.stages import (
    DiscreteLayer,
    DiscreteModel,
    PlacedProgram,
    QuantizedGraph,
    TrainedLayer,
    TrainedModel,
)

Chain = TrainedModel | DiscreteModel | QuantizedGraph
Matrix = npt.NDArray[np.bool_]


def of_discretise(before: TrainedModel | DiscreteModel, after: DiscreteModel) -> None:
    """The chain stays; delays are at most half a step from those learned, and sums are those of batch norm.

    Of layers that training finished in integers the delays need only be possible: training chose them. An
    imported network stays as it is.

    Raises
    ------
    PassError
        It names the layer, and the synapse or neuron.
    """
    if isinstance(before, DiscreteModel):
        if after is not before:
            raise PassError("a network that is discrete already became another one")
        return
    _keeps_chain(before, after)
    for old, new in zip(before.layers, after.layers, strict=True):
        possible = (new.delay >= 0) & (new.delay < old.kernel_size)
        _every_synapse(possible, new.name, new.delay, f"no delay of 0..{old.kernel_size - 1}")
        if new.scale is None:
            half = old.kernel_size // 2
            learned = half - np.clip(old.position.astype(np.float64), -half, half)
            _every_synapse(
                abs(new.delay - learned) <= 0.5, new.name, new.delay, "not the learned delay, rounded"
            )
            _same_sums(old, new)


def of_quantise(before: DiscreteModel, after: QuantizedGraph) -> None:
    """The chain stays; synapses that are left keep their delay and the sign of their weight, none is new.

    Raises
    ------
    PassError
        It names the layer and the synapse.
    """
    _keeps_chain(before, after)
    for old, new in zip(before.layers, after.layers, strict=True):
        left = new.weight != 0
        same_sign = np.sign(new.weight) == np.sign(old.weight)
        _every_synapse(same_sign | ~left, new.name, new.weight, "a weight of another sign than before")
        _every_synapse((new.delay == old.delay) | ~left, new.name, new.delay, "not the delay from before")


def of_prune(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Synapses may be gone; all other numbers stay.

    Raises
    ------
    PassError
        If another number changed.
    """
    _keeps_chain(before, after)
    layers = tuple(
        replace(old, weight=np.where(new.weight != 0, old.weight, 0))
        for old, new in zip(before.layers, after.layers, strict=True)
    )
    if graph_hash(replace(before, layers=layers)) != graph_hash(after):
        raise PassError("more changed than which synapses there are")


def of_whole_bias(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Biases may move by half a weight step; all other numbers stay.

    Raises
    ------
    PassError
        If one moved farther, or another number changed.
    """
    _keeps_chain(before, after)
    layers = []
    for old, new in zip(before.layers, after.layers, strict=True):
        farthest = int(np.abs(old.bias - new.bias).max())
        if farthest > 32:
            raise PassError(f"{new.name}: a bias moved by {farthest} of 64ths of a weight step")
        layers.append(replace(old, bias_mant=new.bias_mant, bias_exp=new.bias_exp))
    if graph_hash(replace(before, layers=tuple(layers))) != graph_hash(after):
        raise PassError("more changed than biases")


def of_place(before: QuantizedGraph, after: PlacedProgram) -> None:
    """Placement does not touch the graph.

    Raises
    ------
    PassError
        If it did.
    """
    if graph_hash(before) != graph_hash(after.graph):
        raise PassError("the placed graph is another one")


def _keeps_chain(before: Chain, after: Chain) -> None:
    def frame(model: Chain) -> tuple[object, ...]:
        layers = [(layer.name, layer.weight.shape, layer.threshold is None) for layer in model.layers]
        return layers, model.time_steps, model.bin_s, model.class_names

    for old, new in zip(frame(before), frame(after), strict=True):
        if old != new:
            raise PassError(f"{old} became {new}")


def _same_sums(old: TrainedLayer, new: DiscreteLayer) -> None:
    """Compares the drive that some input gives, before and after batch norm was folded."""
    some_input = np.random.default_rng(0).random(old.weight.shape[1])
    before = old.weight.astype(np.float64) @ some_input
    size = np.abs(old.weight).astype(np.float64) @ some_input
    norm = old.batch_norm
    if norm is not None:
        spread = np.sqrt(norm.var.astype(np.float64) + norm.eps)
        before = norm.gamma * ((before - norm.mean) / spread) + norm.beta
        size = np.abs(norm.gamma) * (size + np.abs(norm.mean)) / spread + np.abs(norm.beta)
    after = new.weight @ some_input + new.bias
    wrong = np.abs(after - before) > 1e-9 * size
    if wrong.any():
        neuron = int(wrong.argmax())
        raise PassError(
            f"{new.name}, neuron {neuron}: a sum of {before[neuron]:.9g} became {after[neuron]:.9g}"
        )


def _every_synapse(right: Matrix, layer: str, value: npt.NDArray[np.int32], problem: str) -> None:
    if not right.all():
        neuron, source = np.argwhere(~right)[0].tolist()
        raise PassError(f"{layer}, synapse {source} -> {neuron}: {value[neuron, source]} is {problem}")
