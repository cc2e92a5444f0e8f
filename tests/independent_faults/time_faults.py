"""Faults in time: first and last step, delays of 0, the ring, order of layers."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


@fault("events_of_step_0_lost", "demo", 2)
class EventsOfStep0Lost(Machine):
    """Input events of step 0 of each sample are lost."""

    def source(self, x: np.ndarray) -> Ints:
        return super().source(x) * (self.t > 0)


@fault("events_of_last_step_lost", "demo", 2)
class EventsOfLastStepLost(Machine):
    """Input events of the last step of each sample are lost."""

    def source(self, x: np.ndarray) -> Ints:
        return super().source(x) * (self.t < len(x) - 1)


@fault("input_read_ahead", "demo", 2)
class InputReadAhead(Machine):
    """Step t gets the input of step t + 1, and the last step gets none."""

    def source(self, x: np.ndarray) -> Ints:
        return x[self.t + 1].astype(np.int64) if self.t + 1 < len(x) else np.zeros(x.shape[1], np.int64)


@fault("layers_in_a_pipeline", "deep", 2)
class LayersInAPipeline(Machine):
    """Every layer but the first gets the spikes that the layer before it sent in the step before."""

    def begin(self) -> None:
        super().begin()
        self.sent = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def route(self, layer: Layer, fired: Ints) -> Ints:
        before, self.sent[layer.index] = self.sent[layer.index], fired
        return before


@fault("delay_0_is_delay_1", "demo", 2)
class Delay0IsDelay1(Machine):
    """A synapse of delay 0 delivers in the next step; all other delays are right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.maximum(delay, 1)


@fault("read_before_delivery", "demo", 2)
class ReadBeforeDelivery(Machine):
    """The slot of the present step is read before the events of the step are delivered: what has delay 0
    arrives when the ring has gone round once, longest delay of the layer + 1 steps later."""

    def update(self, layer: Layer, events: Ints) -> Ints:
        early = layer.ring[layer.head].copy()
        layer.ring[layer.head] = 0
        self.deliver(layer, events)
        layer.head = (layer.head + 1) % len(layer.ring)
        layer.u = self.current(layer, early)
        v = self.membrane(layer)
        fired = self.fires(layer, v)
        layer.v = self.reset(layer, v, fired)
        return fired


@fault("ring_one_slot_short", "wide", 2)
class RingOneSlotShort(Machine):
    """The ring has as many slots as the longest delay: a spike with the layer's longest delay arrives at
    once, as with delay 0."""

    def slots(self, delay: Ints) -> int:
        return max(1, super().slots(delay) - 1)


@fault("ring_of_a_power_of_two", "wide", 2)
class RingOfAPowerOfTwo(Machine):
    """The ring of every layer has 32 slots: delays of 32 and more act as 32 less."""

    def slots(self, delay: Ints) -> int:
        return 32


@fault("delay_line_gated", "demo", 2)
class DelayLineGated(Machine):
    """In a step in which a layer gets no event its delay line is not clocked: nothing arrives in it, and all
    that is in flight comes a step later."""

    def update(self, layer: Layer, events: Ints) -> Ints:
        self.idle = not events.any()
        return super().update(layer, events)

    def collect(self, layer: Layer) -> Ints:
        return np.zeros(layer.neurons, np.int64) if self.idle else super().collect(layer)


@fault("slot_kept_after_a_spike", "demo", 2)
class SlotKeptAfterASpike(Machine):
    """The ring slot of a neuron is not cleared in a step in which the neuron spikes: the same sum arrives
    again when the ring has gone round (longest delay + 1 steps later), with what was added since."""

    def update(self, layer: Layer, events: Ints) -> Ints:
        self.deliver(layer, events)
        head, a = layer.head, layer.ring[layer.head].copy()
        layer.head = (head + 1) % len(layer.ring)
        layer.u = self.current(layer, a)
        v = self.membrane(layer)
        fired = self.fires(layer, v)
        layer.ring[head] = np.where(fired == 1, a, 0)
        layer.v = self.reset(layer, v, fired)
        return fired


@fault("second_half_a_step_late", "wide", 2)
class SecondHalfAStepLate(Machine):
    """Spikes of sources 100 and above reach the next layer a step late (a second core sends after the
    barrier)."""

    def begin(self) -> None:
        super().begin()
        self.late: dict[int, Ints] = {}

    def route(self, layer: Layer, fired: Ints) -> Ints:
        far = np.arange(len(fired)) >= 100
        sent = np.where(far, self.late.get(layer.index, 0), fired)
        self.late[layer.index] = fired
        return sent


@fault("sample_ends_when_quiet", "demo", 5, 8)
class SampleEndsWhenQuiet(Machine):
    """Once the input of a sample has ended and no spike is in flight in any layer, no neuron is updated any
    more: u and v keep their values to the last step, without decay and bias."""

    def source(self, x: np.ndarray) -> Ints:
        pending = any(layer.ring.any() for layer in self.layers)
        self.over = not pending and not x[self.t :].any()
        return super().source(x)

    def step(self, events: Ints, record: list) -> None:
        if not self.over:
            super().step(events, record)
            return
        for layer in self.layers:
            self.probe(layer, np.zeros(layer.neurons, np.int64), record)
