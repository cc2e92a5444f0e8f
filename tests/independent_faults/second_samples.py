"""Faults that depend on the sample: what is cleared between samples, what changes from one to the next."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


@fault("last_neuron_not_cleared", "deep", 8)
class LastNeuronNotCleared(Machine):
    """Between samples u and v of the last neuron of each layer are not cleared; all else is."""

    def begin(self) -> None:
        kept = [(layer.u[-1], layer.v[-1]) for layer in self.layers]
        super().begin()
        for layer, (u, v) in zip(self.layers, kept, strict=True):
            layer.u[-1], layer.v[-1] = u, v


@fault("negative_membranes_survive", "wide", 8)
class NegativeMembranesSurvive(Machine):
    """Between samples v is cleared where it is above 0; a v below 0 is kept."""

    def begin(self) -> None:
        kept = [np.minimum(layer.v, 0) for layer in self.layers]
        super().begin()
        for layer, v in zip(self.layers, kept, strict=True):
            layer.v = v


@fault("only_neurons_that_spiked_cleared", "graded", 8)
class OnlyNeuronsThatSpikedCleared(Machine):
    """Between samples u and v are cleared for the neurons of spiking layers that spiked in the sample and
    for the readout: others count as untouched."""

    def begin(self) -> None:
        kept = [(layer.u.copy(), layer.v.copy()) for layer in self.layers]
        super().begin()
        for layer, (u, v) in zip(self.layers, kept, strict=True):
            if self.sample and layer.threshold is not None:
                layer.u = np.where(self.touched[layer.index], 0, u)
                layer.v = np.where(self.touched[layer.index], 0, v)
        self.touched = [np.zeros(layer.neurons, bool) for layer in self.layers]

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        self.touched[layer.index] |= fired == 1
        return super().reset(layer, v, fired)


@fault("no_reset_after_a_silent_sample", "demo", 8)
class NoResetAfterASilentSample(Machine):
    """After a sample without input events nothing is cleared, as if the biases had not acted."""

    def begin(self) -> None:
        if self.sample == 0 or self.active:
            super().begin()

    def source(self, x: np.ndarray) -> Ints:
        self.active = bool(x.any())
        return super().source(x)


@fault("membrane_decays_between_samples", "deep", 8)
class MembraneDecaysBetweenSamples(Machine):
    """Instead of being cleared, v of the readout decays for 8 steps between samples, without bias and
    input."""

    def begin(self) -> None:
        readout = self.layers[-1]
        v = readout.v.copy()
        super().begin()
        for _ in range(8):
            v = self.decay_v(readout, v)
        readout.v = v


@fault("threshold_drifts", "wide", 6)
class ThresholdDrifts(Machine):
    """The threshold mantissa rises by 1 after every sample of a run."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, v - 64 * self.sample)


@fault("line_dead_from_sample_8", "demo", 1)
class LineDeadFromSample8(Machine):
    """From sample 8 of a run on events of input line 20 are not delivered."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        if layer.index == 0 and self.sample >= 8:
            events = np.where(np.arange(len(events)) == 20, 0, events)
        super().deliver(layer, events)


@fault("odd_samples_a_step_late", "graded", 2)
class OddSamplesAStepLate(Machine):
    """In samples 1, 3, 5, ... of a run the input comes a step late; its last step is lost."""

    def source(self, x: np.ndarray) -> Ints:
        if self.sample % 2 == 0:
            return super().source(x)
        return x[self.t - 1].astype(np.int64) if self.t else np.zeros(x.shape[1], np.int64)
