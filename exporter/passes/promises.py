"""What the checks of passes share: the chain that stays, and how a broken promise is named."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.stages import DiscreteModel, QuantizedGraph, QuantizedLayer, TrainedModel

Chain = TrainedModel | DiscreteModel | QuantizedGraph
Flags = npt.NDArray[np.bool_]


def keeps_chain(before: Chain, after: Chain) -> None:
    """Raise `PassError` unless layers, their sizes, steps and classes are as before."""

    def frame(model: Chain) -> tuple[object, ...]:
        layers = [(layer.name, layer.weight.shape, layer.threshold is None) for layer in model.layers]
        return layers, model.time_steps, model.bin_s, model.class_names

    for old, new in zip(frame(before), frame(after), strict=True):
        if old != new:
            raise PassError(f"{old} became {new}")


def every_synapse(right: Flags, layer: str, value: npt.NDArray[np.generic], problem: str) -> None:
    """Raise `PassError` with the first synapse that is not `right`; all [neurons, inputs]."""
    if not right.all():
        neuron, source = np.argwhere(~right)[0].tolist()
        raise PassError(f"{layer}, synapse {source} -> {neuron}: {value[neuron, source]} is {problem}")


def every_neuron(right: Flags, layer: str, value: npt.NDArray[np.generic], problem: str) -> None:
    """Raise `PassError` with the first neuron that is not `right`; all [neurons]."""
    if not right.all():
        neuron = int(np.flatnonzero(~right)[0])
        raise PassError(f"{layer}, neuron {neuron}: {value[neuron]} is {problem}")


def equal(layer: str, what: str, found: object, promised: object) -> None:
    """Raise `PassError` unless they are equal."""
    if found != promised:
        raise PassError(f"{layer}: {what} is {found}, not {promised}")


def same_network(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Raise `PassError` unless what is of the whole network is as before."""
    for what in ("time_steps", "bin_s", "readout_scale", "class_names", "payload_max"):
        equal("network", what, getattr(after, what), getattr(before, what))


def same_frame(before: QuantizedGraph, after: QuantizedGraph) -> None:
    """Raise `PassError` unless all but the numbers of the layers is as before."""
    keeps_chain(before, after)
    same_network(before, after)


def same_neurons(old: QuantizedLayer, new: QuantizedLayer, *, biases: bool = True) -> None:
    """Raise `PassError` unless threshold and decays of a layer are as before, and its `biases`."""
    for what in ("decay_u", "decay_v", "threshold", *(["bias_exp"] if biases else [])):
        equal(new.name, what, getattr(new, what), getattr(old, what))
    if biases:
        every_neuron(new.bias_mant == old.bias_mant, new.name, new.bias_mant, "not the bias from before")


def same_synapses(old: QuantizedLayer, new: QuantizedLayer, *, some_gone: bool = False) -> None:
    """Raise `PassError` unless weights and delays of a layer are as before; with `some_gone`, those left."""
    gone = (new.weight == 0) & some_gone
    every_synapse(gone | (new.weight == old.weight), new.name, new.weight, "not the weight from before")
    every_synapse(gone | (new.delay == old.delay), new.name, new.delay, "not the delay from before")
