"""A simulator's short cuts that are almost right: lazy updates, caches, lists of what is active."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


def power(x: Ints, keep: int, steps: Ints) -> Ints:
    """sign(x) * floor(|x| (keep / 4096)^steps), exact: one rounding for all steps."""
    size = [abs(int(one)) * keep ** int(k) >> 12 * int(k) for one, k in zip(x, steps, strict=True)]
    return np.sign(x) * np.array(size, np.int64)


@fault("lazy_current", "deep", 3, 4)
class LazyCurrent(Machine):
    """u decays lazily: after k steps without an arrival it is |u| (4096 - du)^k >> 12 k, rounded once,
    and not rounded in each of the k steps."""

    def begin(self) -> None:
        super().begin()
        self.base = [layer.u.copy() for layer in self.layers]
        self.age = [layer.u.copy() for layer in self.layers]

    def current(self, layer: Layer, a: Ints) -> Ints:
        age = self.age[layer.index] = self.age[layer.index] + 1
        u = self.wrap(power(self.base[layer.index], layer.keep_u, age) + (a << 6))
        self.base[layer.index] = np.where(a != 0, u, self.base[layer.index])
        self.age[layer.index] = np.where(a != 0, 0, age)
        return u


@fault("idle_steps_by_closed_form", "demo", 4, 5)
class IdleStepsByClosedForm(Machine):
    """v of a neuron after k steps with u = 0 is v r^k + bias (1 - r^k) / (1 - r), r = (4096 - dv) / 4096,
    in floating point and cut off toward zero, from the v before those steps."""

    def begin(self) -> None:
        super().begin()
        self.base = [layer.v.copy() for layer in self.layers]
        self.idle = [layer.v.copy() for layer in self.layers]

    def membrane(self, layer: Layer) -> Ints:
        quiet, k, r = layer.u == 0, self.idle[layer.index] + 1, layer.keep_v / 4096
        closed = np.trunc(self.base[layer.index] * r**k + layer.bias * (1 - r**k) / (1 - r)).astype(np.int64)
        self.idle[layer.index] = np.where(quiet, k, 0)
        return np.where(quiet, closed, super().membrane(layer))

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        after = super().reset(layer, v, fired)
        fresh = (self.idle[layer.index] == 0) | (fired == 1)
        self.base[layer.index] = np.where(fresh, after, self.base[layer.index])
        self.idle[layer.index] = np.where(fresh, 0, self.idle[layer.index])
        return after


@fault("only_reached_neurons_compared", "deep", 6)
class OnlyReachedNeuronsCompared(Machine):
    """The threshold is compared only in steps in which the sum that arrives at the neuron is not 0: a v
    that u or bias lift above the threshold waits for the next arrival."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        self.reached = a != 0
        return super().current(layer, a)

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, v) * self.reached


@fault("settled_neurons_frozen", "demo", 5)
class SettledNeuronsFrozen(Machine):
    """A neuron at which nothing arrives and whose v would change by less than 16 counts as settled: v
    keeps its value in this step."""

    def membrane(self, layer: Layer) -> Ints:
        v = super().membrane(layer)
        return np.where((layer.u == 0) & (np.abs(v - layer.v) < 16), layer.v, v)


@fault("same_frame_skipped", "deep", 2)
class SameFrameSkipped(Machine):
    """A step whose events in a layer are exactly those of the step before is taken for a repeated frame
    and delivers nothing; the frame after it is compared with it."""

    def begin(self) -> None:
        super().begin()
        self.frames: dict[int, Ints] = {}

    def deliver(self, layer: Layer, events: Ints) -> None:
        before, self.frames[layer.index] = self.frames.get(layer.index), events.copy()
        if before is None or not np.array_equal(before, events):
            super().deliver(layer, events)


@fault("cached_by_count_and_first", "demo", 2)
class CachedByCountAndFirst(Machine):
    """What a step delivers is cached by the number of its events and its lowest source: a later step of
    the same sample with equal two delivers the events of the earlier one."""

    def begin(self) -> None:
        super().begin()
        self.known: dict[tuple[int, int, int], Ints] = {}

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)
        if len(sources):
            events = self.known.setdefault((layer.index, len(sources), int(sources[0])), events.copy())
        super().deliver(layer, events)


@fault("equal_synapses_merged", "deep", 2)
class EqualSynapsesMerged(Machine):
    """Additions of one step to one neuron that have the same weight and the same delay are merged: of
    sources that are alike in both only the lowest counts."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        weight, delay = layer.weight[:, sources], layer.delay[:, sources]
        alike = (weight[:, :, None] == weight[:, None, :]) & (delay[:, :, None] == delay[:, None, :])
        counts = ~np.tril(alike, -1).any(axis=2)
        slot = (layer.head + delay) % len(layer.ring)
        np.add.at(layer.ring, (slot, layer.rows), weight * payloads * counts)


@fault("pending_sums_expire", "wide", 2)
class PendingSumsExpire(Machine):
    """When a layer has got no event in 5 steps in a row its pending sums are thrown away, though delays
    reach further."""

    def begin(self) -> None:
        super().begin()
        self.quiet = [0] * len(self.layers)

    def deliver(self, layer: Layer, events: Ints) -> None:
        self.quiet[layer.index] = 0 if events.any() else self.quiet[layer.index] + 1
        if self.quiet[layer.index] == 5:
            layer.ring[:] = 0
        super().deliver(layer, events)


@fault("wrong_slot_cleared", "deep", 2)
class WrongSlotCleared(Machine):
    """After a slot is read the next one is cleared instead: what was pending for the next step is lost,
    except what the next step itself delivers with delay 0, and what was read arrives again a round
    later."""

    def collect(self, layer: Layer) -> Ints:
        a = layer.ring[layer.head].copy()
        layer.head = (layer.head + 1) % len(layer.ring)
        layer.ring[layer.head] = 0
        return a


@fault("position_shared_by_layers", "deep", 2)
class PositionSharedByLayers(Machine):
    """All layers take their ring's position from the first layer's, modulo their own length: it jumps
    when the first layer's ring of 31 begins anew (in step 31), and pending sums are then found early or
    late."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        if layer.index:
            layer.head = self.t % len(self.layers[0].ring) % len(layer.ring)
        super().deliver(layer, events)


@fault("layer_sleeps_until_an_event", "wide", 2, 5)
class LayerSleepsUntilAnEvent(Machine):
    """A layer in which nothing is in flight and whose last event is more steps ago than half its longest
    delay is not updated until the next event: u and v keep their values, without decay and bias."""

    def begin(self) -> None:
        super().begin()
        self.since = [0] * len(self.layers)

    def update(self, layer: Layer, events: Ints) -> Ints:
        self.since[layer.index] = 0 if events.any() else self.since[layer.index] + 1
        if self.since[layer.index] > int(layer.delay.max()) // 2 and not layer.ring.any():
            layer.head = (layer.head + 1) % len(layer.ring)
            return np.zeros(layer.neurons, np.int64)
        return super().update(layer, events)


@fault("bias_every_other_step", "deep", 5)
class BiasEveryOtherStep(Machine):
    """The bias acts in even steps with twice its amount, and in odd steps not at all."""

    def membrane(self, layer: Layer) -> Ints:
        bias = 2 * layer.bias * (self.t % 2 == 0)
        return self.clip(self.decay_v(layer, layer.v) + layer.u + bias)
