"""Thresholds, resets and spikes that go wrong for some: by count, by neighbour, by history; and payloads."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine
from independent_faults.memory_faults import signed


@fault("silent_after_7_spikes", "deep", 6)
class SilentAfter7Spikes(Machine):
    """A neuron spikes at most 7 times a sample: later v stays above the threshold without spike and
    reset."""

    def begin(self) -> None:
        super().begin()
        self.count = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def fires(self, layer: Layer, v: Ints) -> Ints:
        fired = super().fires(layer, v) * (self.count[layer.index] < 7)
        self.count[layer.index] += fired
        return fired


@fault("threshold_adapts", "demo", 6)
class ThresholdAdapts(Machine):
    """With each spike of a neuron its threshold mantissa is 1 higher for the rest of the sample."""

    def begin(self) -> None:
        super().begin()
        self.more = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def fires(self, layer: Layer, v: Ints) -> Ints:
        fired = super().fires(layer, v - self.more[layer.index])
        self.more[layer.index] += 64 * fired
        return fired


@fault("threshold_halved_from_step_32", "wide", 6)
class ThresholdHalvedFromStep32(Machine):
    """From step 32 of a sample on the threshold of neurons 40 to 43 of the first layer is half as
    high."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        fired = super().fires(layer, v)
        if layer.index == 0 and self.t >= 32:
            fired[40:44] = v[40:44] > (layer.threshold or 0) // 2
        return fired


@fault("reset_leaves_low_bits", "deep", 6)
class ResetLeavesLowBits(Machine):
    """A spike clears v but for its low 6 bits."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        return np.where(fired == 1, v & 63, v)


@fault("reset_reaches_the_neighbour", "demo", 6)
class ResetReachesTheNeighbour(Machine):
    """The reset of neuron 2k sets v of neuron 2k + 1 to 0, too, whether that spikes or not."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        after = super().reset(layer, v, fired)
        after[1::2] = np.where(fired[0::2] == 1, 0, after[1::2])
        return after


@fault("reset_a_step_late", "graded", 6)
class ResetAStepLate(Machine):
    """A spike sets v to 0 a step late: at the end of the following step, in which v went on from above
    the threshold, and could spike again."""

    def begin(self) -> None:
        super().begin()
        self.due = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        due, self.due[layer.index] = self.due[layer.index], fired
        return super().reset(layer, v, due)


@fault("second_spike_in_a_row_not_reset", "deep", 6)
class SecondSpikeInARowNotReset(Machine):
    """A neuron that spikes in two steps in a row is not reset by the second spike."""

    def begin(self) -> None:
        super().begin()
        self.before = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        before, self.before[layer.index] = self.before[layer.index], fired
        return super().reset(layer, v, fired * (1 - before))


@fault("spikes_weighted_by_overshoot", "demo", 2, 6)
class SpikesWeightedByOvershoot(Machine):
    """A spike counts in the next layer as often as the threshold goes into v before the reset, 1 to 15
    times: once in most cases, more where v was twice the threshold or above."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        self.often = np.clip(v // (layer.threshold or 1), 1, 15)
        return super().reset(layer, v, fired)

    def route(self, layer: Layer, fired: Ints) -> Ints:
        return fired * self.often


@fault("crowded_spikes_lost", "deep", 6)
class CrowdedSpikesLost(Machine):
    """In a step in which more than half of the first layer's neurons spike, none of these spikes reaches
    the next layer; they are recorded, and the neurons are reset."""

    def route(self, layer: Layer, fired: Ints) -> Ints:
        return fired * (layer.index > 0 or 2 * int(fired.sum()) <= len(fired))


@fault("payload_added", "graded", 2)
class PayloadAdded(Machine):
    """A payload p is added to the weight instead of multiplying it: w + p - 1, right for p = 1."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        slot = (layer.head + layer.delay[:, sources]) % len(layer.ring)
        weight = layer.weight[:, sources]
        np.add.at(layer.ring, (slot, layer.rows), np.where(weight != 0, weight + payloads - 1, 0))


@fault("product_10_bits", "graded", 2)
class Product10Bits(Machine):
    """The product of weight and payload saturates at -512 and 511."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        slot = (layer.head + layer.delay[:, sources]) % len(layer.ring)
        product = np.clip(layer.weight[:, sources] * payloads, -512, 511)
        np.add.at(layer.ring, (slot, layer.rows), product)


@fault("payload_of_the_first_event", "graded", 2)
class PayloadOfTheFirstEvent(Machine):
    """All input events of a step carry the payload of the one with the lowest source."""

    def source(self, x: np.ndarray) -> Ints:
        now = super().source(x)
        return np.where(now > 0, now[np.flatnonzero(now)[:1]].sum(), 0)


@fault("payload_int8", "limits", 2)
class PayloadInt8(Machine):
    """Payloads are cast to signed bytes: 128 counts as -128, all others are right."""

    def source(self, x: np.ndarray) -> Ints:
        return signed(super().source(x), 8)


@fault("payload_to_a_power_of_two", "graded", 2)
class PayloadToAPowerOfTwo(Machine):
    """A payload acts as the largest power of two that is not above it."""

    def source(self, x: np.ndarray) -> Ints:
        now = super().source(x)
        return sum((np.where(now >> bit == 1, 1 << bit, 0) for bit in range(8)), np.zeros_like(now))
