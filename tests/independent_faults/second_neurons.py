"""Arithmetic of a neuron that is wrong at edges or in parts: decay, current, membrane."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import V_MOST, Ints, Layer, Machine


@fault("decay_by_shifts", "deep", 4)
class DecayByShifts(Machine):
    """A decay adds up |x| shifted right for each bit of 4096 - k, each cut off for itself: it comes out
    some units too small."""

    def decay(self, x: Ints, keep: int) -> Ints:
        parts = [np.abs(x) >> 12 - bit for bit in range(13) if keep >> bit & 1]
        return np.sign(x) * sum(parts, np.zeros_like(x))


@fault("small_membranes_flushed", "demo", 4)
class SmallMembranesFlushed(Machine):
    """What the decay leaves of v is set to 0 if its magnitude is below 64."""

    def decay_v(self, layer: Layer, v: Ints) -> Ints:
        left = super().decay_v(layer, v)
        return np.where(np.abs(left) < 64, 0, left)


@fault("decay_takes_at_least_1", "edges", 4)
class DecayTakesAtLeast1(Machine):
    """A decay makes |x| smaller by at least 1, even where k is 0."""

    def decay(self, x: Ints, keep: int) -> Ints:
        left = np.abs(super().decay(x, keep))
        return np.sign(x) * np.minimum(left, np.maximum(np.abs(x) - 1, 0))


@fault("decay_0_means_unset", "edges", 4)
class Decay0MeansUnset(Machine):
    """A decay constant of 0 is taken for one that was not given, and acts as 4096."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return super().decay(x, 0 if keep == 4096 else keep)


@fault("decay_constant_12_bits", "demo", 3, 4)
class DecayConstant12Bits(Machine):
    """Decay constants are kept in 12 bits: 4096 acts as 0, and u keeps all of itself."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return super().decay(x, 4096 if keep == 0 else keep)


@fault("decay_of_large_values_coarse", "deep", 4)
class DecayOfLargeValuesCoarse(Machine):
    """Where |x| has 16 bits or more its low 4 bits are cut off before it is multiplied."""

    def decay(self, x: Ints, keep: int) -> Ints:
        size = np.abs(x)
        return super().decay(np.sign(x) * np.where(size >= 1 << 15, size & ~15, size), keep)


@fault("negative_current_does_not_decay", "graded", 3, 4)
class NegativeCurrentDoesNotDecay(Machine):
    """u decays while it is above 0; below 0 it keeps all of itself."""

    def decay_u(self, layer: Layer, u: Ints) -> Ints:
        return np.where(u < 0, u, super().decay_u(layer, u))


@fault("wraps_above_alone", "limits", 3)
class WrapsAboveAlone(Machine):
    """u is corrected where it exceeds 2^23, but not below -2^23 + 1."""

    def wrap(self, x: Ints) -> Ints:
        return np.where(x > 2**23, x - 2**24, x)


@fault("clipped_twice", "limits", 5)
class ClippedTwice(Machine):
    """v is clipped after u is added, and again after the bias is added."""

    def membrane(self, layer: Layer) -> Ints:
        return self.clip(self.clip(self.decay_v(layer, layer.v) + layer.u) + layer.bias)


@fault("clipped_neuron_sticks", "limits", 5)
class ClippedNeuronSticks(Machine):
    """A neuron whose v stands at a limit of the clip stays at that limit to the end of the sample."""

    def membrane(self, layer: Layer) -> Ints:
        stuck = np.abs(layer.v) == V_MOST
        return np.where(stuck, layer.v, super().membrane(layer))


@fault("neuron_skipped_once", "deep", 5)
class NeuronSkippedOnce(Machine):
    """In step 31 of every sample neuron 5 of the second layer is not updated: u and v keep their values,
    what arrives is lost, and it does not spike."""

    def update(self, layer: Layer, events: Ints) -> Ints:
        u, v = layer.u.copy(), layer.v.copy()
        fired = super().update(layer, events)
        if (self.t, layer.index) == (31, 1):
            layer.u[5], layer.v[5], fired[5] = u[5], v[5], 0
        return fired


@fault("inhibited_bias", "deep", 5)
class InhibitedBias(Machine):
    """The bias is not added where v after decay and current is below 0."""

    def membrane(self, layer: Layer) -> Ints:
        v = self.decay_v(layer, layer.v) + layer.u
        return self.clip(v + layer.bias * (v >= 0))
