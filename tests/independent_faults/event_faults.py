"""Faults in how events are queued, found and delivered (clause 2), and in payloads."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


@fault("last_addition_wins", "demo", 2)
class LastAdditionWins(Machine):
    """Where several spikes of one step reach the same neuron in the same later step, only the contribution of
    the source with the highest index is added; the others are lost."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        slot = (layer.head + layer.delay[:, sources]) % len(layer.ring)
        rows = np.broadcast_to(layer.rows, slot.shape)
        for k in range(len(sources)):  # what was read before the step is written back with one addition
            later = (slot[:, k + 1 :] == slot[:, k : k + 1]) & (layer.weight[:, sources[k + 1 :]] != 0)
            alone = ~later.any(axis=1)
            amount = layer.weight[:, sources[k]] * payloads[k]
            layer.ring[slot[alone, k], rows[alone, k]] += amount[alone]


@fault("queue_of_32", "demo", 2)
class QueueOf32(Machine):
    """A layer takes at most 32 events a step, those of the lowest sources; further events are dropped."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)[:32]
        self.add(layer, sources, events[sources])


@fault("queue_served_by_24", "demo", 2)
class QueueServedBy24(Machine):
    """A layer serves 24 events a step from a queue; what is beyond waits and is served in a later step, with
    its delay counted from then."""

    def begin(self) -> None:
        super().begin()
        self.queues: list[list[tuple[int, int]]] = [[] for _ in self.layers]

    def deliver(self, layer: Layer, events: Ints) -> None:
        queue = self.queues[layer.index]
        queue += [(int(j), int(events[j])) for j in np.flatnonzero(events)]
        served, self.queues[layer.index] = queue[:24], queue[24:]
        for j, payload in served:
            self.add(layer, np.array([j]), np.array([payload]))


@fault("bank_border_twice", "demo", 2)
class BankBorderTwice(Machine):
    """A spike of a source whose index is a multiple of 64, source 0 excepted, is delivered twice."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        border = (sources > 0) & (sources % 64 == 0)
        super().add(layer, sources, payloads * np.where(border, 2, 1))


@fault("address_0_ends_the_list", "demo", 2)
class AddressZeroEndsTheList(Machine):
    """In a step in which source 0 of a layer spikes, none of the layer's events of that step is delivered."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        if not events[0]:
            super().deliver(layer, events)


@fault("rising_edge", "demo", 2)
class RisingEdge(Machine):
    """An input line that was active in the step before delivers nothing: only rising edges count as events
    (first layer alone)."""

    def source(self, x: np.ndarray) -> Ints:
        now = super().source(x)
        return now if self.t == 0 else np.where(x[self.t - 1] > 0, 0, now)


@fault("empty_word_stops", "demo", 2)
class EmptyWordStops(Machine):
    """Sources are scanned in words of 32 and the scan stops at the first word without a spike; spikes of
    sources behind it are lost."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        kept = events.copy()
        for start in range(0, len(events), 32):
            if not events[start : start + 32].any():
                kept[start:] = 0
                break
        super().deliver(layer, kept)


@fault("event_counter_8_bits", "demo", 2)
class EventCounter8Bits(Machine):
    """The first layer takes 256 events a sample; those after the 256th are lost."""

    def begin(self) -> None:
        super().begin()
        self.count = 0

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)
        if layer.index == 0:
            sources = sources[: max(0, 256 - self.count)]
            self.count += len(sources)
        self.add(layer, sources, events[sources])


@fault("source_address_7_bits", "demo", 2)
class SourceAddress7Bits(Machine):
    """A spike of source j of 128 and more is delivered through the synapses of source j - 128."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        super().add(layer, sources % 128, payloads)


@fault("one_spike_in_flight", "deep", 2)
class OneSpikeInFlight(Machine):
    """A synapse holds one spike in flight: if its source spikes again before the spike has arrived, the old
    one is lost and only the new one arrives, after the whole delay."""

    def begin(self) -> None:
        super().begin()
        self.left = [np.full(layer.weight.shape, -1) for layer in self.layers]
        self.carried = [np.zeros(layer.weight.shape, np.int64) for layer in self.layers]

    def deliver(self, layer: Layer, events: Ints) -> None:
        fired = np.flatnonzero(events)
        self.left[layer.index][:, fired] = layer.delay[:, fired]
        self.carried[layer.index][:, fired] = events[fired]

    def collect(self, layer: Layer) -> Ints:
        left = self.left[layer.index]
        arrives = left == 0
        left[left >= 0] -= 1
        return (layer.weight * self.carried[layer.index] * arrives).sum(axis=1)


@fault("repeated_source_dropped", "wide", 2)
class RepeatedSourceDropped(Machine):
    """An event with the same source as the event before it in the queue of the layer (the last one of an
    earlier step) is taken for a retransmission and dropped."""

    def begin(self) -> None:
        super().begin()
        self.last = [-1] * len(self.layers)

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)
        if len(sources):
            repeated = sources[0] == self.last[layer.index]
            self.last[layer.index] = int(sources[-1])
            sources = sources[1:] if repeated else sources
        self.add(layer, sources, events[sources])


@fault("rings_share_memory", "demo", 2)
class RingsShareMemory(Machine):
    """The readout keeps its pending sums in the memory of the first layer's: what is delivered to neuron i of
    one layer for a step is also in the sum of neuron i of the other, and is cleared by whichever reads it
    first."""

    def begin(self) -> None:
        for layer in self.layers[1:]:
            first = self.layers[0].ring
            if layer.neurons <= first.shape[1] and len(layer.ring) == len(first):
                layer.ring = first[:, : layer.neurons]
        super().begin()


@fault("payload_ignored", "graded", 2)
class PayloadIgnored(Machine):
    """An input event counts as 1, whatever its payload."""

    def source(self, x: np.ndarray) -> Ints:
        return (x[self.t] > 0).astype(np.int64)


@fault("payload_3_bits", "graded", 2)
class Payload3Bits(Machine):
    """Payloads above 7 are taken as 7."""

    def source(self, x: np.ndarray) -> Ints:
        return np.minimum(super().source(x), 7)


@fault("payload_signed_nibble", "graded", 2)
class PayloadSignedNibble(Machine):
    """Payloads are read as signed 4-bit numbers: 8 to 15 count as -8 to -1."""

    def source(self, x: np.ndarray) -> Ints:
        now = super().source(x)
        return np.where(now > 7, now - 16, now)


@fault("payload_at_arrival", "graded", 2)
class PayloadAtArrival(Machine):
    """The event is delayed but its payload is not: a delayed event multiplies the weight by the payload that
    its input line has in the step of arrival (0 if the line is silent then)."""

    def begin(self) -> None:
        super().begin()
        self.history: list[Ints] = []

    def deliver(self, layer: Layer, events: Ints) -> None:
        if layer.index:
            super().deliver(layer, events)
            return
        self.history.insert(0, events)
        for j in np.flatnonzero(events):
            for d in np.unique(layer.delay[:, j]):
                before = self.history[d][j] if d < len(self.history) else 0
                rows = layer.delay[:, j] == d
                if before:
                    layer.ring[layer.head, rows] += layer.weight[rows, j] * events[j]
