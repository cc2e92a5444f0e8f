"""Faults between samples and in their first step (clauses 5 and 8)."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


@fault("late_spikes_reach_the_next_sample", "demo", 8)
class LateSpikesReachTheNextSample(Machine):
    """Spikes in flight at the end of a sample arrive in the next one."""

    def begin(self) -> None:
        for layer in self.layers:
            layer.u[:] = layer.v[:] = 0


@fault("current_not_cleared", "deep", 8)
class CurrentNotCleared(Machine):
    """u is not cleared between samples."""

    def begin(self) -> None:
        for layer in self.layers:
            layer.ring[:] = layer.v[:] = 0


@fault("hidden_membrane_not_cleared", "demo", 8)
class HiddenMembraneNotCleared(Machine):
    """v of the spiking layers is not cleared between samples; that of the readout is."""

    def begin(self) -> None:
        kept = [layer.v.copy() for layer in self.layers]
        super().begin()
        for layer, v in zip(self.layers, kept, strict=True):
            if layer.threshold is not None:
                layer.v = v


@fault("three_rings_in_turn", "deep", 8)
class ThreeRingsInTurn(Machine):
    """Samples use three rings in turn, which are not cleared: from sample 3 of a run on, a sample gets the
    spikes that were in flight at the end of the sample three before it."""

    pool: dict[int, list[Ints]]

    def begin(self) -> None:
        if self.sample == 0:
            self.pool = {}
        for layer in self.layers:
            if self.sample < 3:
                layer.ring = np.zeros_like(layer.ring)
                self.pool.setdefault(layer.index, []).append(layer.ring)
            layer.ring = self.pool[layer.index][self.sample % 3]
            layer.u[:] = layer.v[:] = layer.head = 0


@fault("blocks_of_8_not_reset", "demo", 8)
class BlocksOf8NotReset(Machine):
    """Samples run in blocks of 8, and v is not cleared at the border of two blocks."""

    def begin(self) -> None:
        kept = [layer.v.copy() for layer in self.layers]
        super().begin()
        if self.sample and self.sample % 8 == 0:
            for layer, v in zip(self.layers, kept, strict=True):
                layer.v = v


@fault("bias_acts_before_the_sample", "demo", 5, 8)
class BiasActsBeforeTheSample(Machine):
    """The bias acts in a step before the first: v starts each sample at the bias instead of 0."""

    def begin(self) -> None:
        super().begin()
        for layer in self.layers:
            layer.v = layer.bias.copy()


@fault("bias_not_in_the_first_step", "demo", 5)
class BiasNotInTheFirstStep(Machine):
    """The bias acts from step 1 on, not in step 0."""

    def membrane(self, layer: Layer) -> Ints:
        return self.clip(self.decay_v(layer, layer.v) + layer.u + layer.bias * (self.t > 0))


@fault("soft_error", "demo", 5)
class SoftError(Machine):
    """Once in a run, in step 40 of sample 5, bit 12 of v of neuron 5 of the first layer is inverted after the
    update."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        after = super().reset(layer, v, fired)
        if (self.sample, self.t, layer.index) == (5, 40, 0) and len(v) > 5:
            after[5] ^= 1 << 12
        return after


@fault("input_register_keeps_a_sample", "demo", 8)
class InputRegisterKeepsASample(Machine):
    """Step 0 of a sample gets the input of the last step of the sample before; that of its own step 0 is
    lost. The first sample of a run gets none in step 0."""

    last: Ints | None = None

    def source(self, x: np.ndarray) -> Ints:
        now = super().source(x)
        if self.t == 0:
            now = np.zeros_like(now) if self.last is None else self.last
        if self.t == len(x) - 1:
            self.last = super().source(x)
        return now


@fault("silent_samples_skipped", "demo", 5, 8)
class SilentSamplesSkipped(Machine):
    """A sample without input events is not run: all of its u, v and spikes are 0, whatever the biases."""

    def source(self, x: np.ndarray) -> Ints:
        self.skipped = not x.any()
        return super().source(x)

    def step(self, events: Ints, record: list) -> None:
        if not self.skipped:
            super().step(events, record)


@fault("reset_after_the_first_input", "wide", 8)
class ResetAfterTheFirstInput(Machine):
    """The state is cleared after the first step of each sample instead of before it: step 0 starts from what
    the sample before left, and is forgotten, with all that it sent on its way, when step 1 begins."""

    def begin(self) -> None:
        pass

    def source(self, x: np.ndarray) -> Ints:
        if self.t == 1:
            super().begin()
        return super().source(x)
