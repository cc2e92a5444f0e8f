"""A chip's economies: budgets, counters that saturate, shared registers, addresses that overlap."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


@fault("events_fetched_in_pairs", "deep", 2)
class EventsFetchedInPairs(Machine):
    """Events are fetched two at once, in ascending order of source: with an odd number of events in a
    step the last one is lost."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)
        sources = sources[: len(sources) // 2 * 2]
        self.add(layer, sources, events[sources])


@fault("router_loses_under_load", "demo", 2)
class RouterLosesUnderLoad(Machine):
    """In a step with more than 20 events for a layer every fourth of them (the 4th, 8th, ... in ascending
    order of source) is lost."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        sources = np.flatnonzero(events)
        if len(sources) > 20:
            sources = sources[np.arange(len(sources)) % 4 != 3]
        self.add(layer, sources, events[sources])


@fault("synops_budget", "wide", 2)
class SynopsBudget(Machine):
    """A layer adds at most 500 weights a step, sources in ascending order and for each its neurons: what
    is beyond, in the midst of a source, is lost."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        weight = layer.weight[:, sources]
        rank = np.cumsum((weight != 0).T.ravel()).reshape(weight.T.shape).T
        slot = (layer.head + layer.delay[:, sources]) % len(layer.ring)
        np.add.at(layer.ring, (slot, layer.rows), weight * payloads * (rank <= 500))


@fault("stale_accumulator", "deep", 2, 3)
class StaleAccumulator(Machine):
    """The neurons of a layer are served by one accumulator that is not cleared between them: a neuron
    whose sum is 0 in a step takes that of the nearest neuron before it whose sum is not 0."""

    def collect(self, layer: Layer) -> Ints:
        a = super().collect(layer)
        last = np.maximum.accumulate(np.where(a != 0, np.arange(len(a)), -1))
        return np.where(last >= 0, a[np.maximum(last, 0)], 0)


@fault("line_deaf_after_15", "deep", 2)
class LineDeafAfter15(Machine):
    """Each input line counts its events of a sample up to 15; the 16th and later ones deliver nothing."""

    def begin(self) -> None:
        super().begin()
        self.counted: Ints | None = None

    def source(self, x: np.ndarray) -> Ints:
        now = super().source(x)
        count = np.zeros_like(now) if self.counted is None else self.counted
        self.counted = count + (now > 0)
        return np.where(count < 15, now, 0)


@fault("ring_rows_overlap", "wide", 2)
class RingRowsOverlap(Machine):
    """Rows of the first layer's ring lie 192 places apart, though it has 200 neurons: neuron 192 + k in a
    slot shares its sum with neuron k in the next slot."""

    def begin(self) -> None:
        layer = self.layers[0]
        memory = np.zeros(192 * len(layer.ring) + 8, np.int64)
        layer.ring = np.lib.stride_tricks.as_strided(memory, layer.ring.shape, (192 * 8, 8))
        super().begin()


@fault("top_bit_stops_the_word", "demo", 2, 6)
class TopBitStopsTheWord(Machine):
    """Spikes go to the next layer in signed words of 32, which are scanned while they are above 0: of a
    word whose neuron 31 spikes no spike arrives. The recorded spikes are right."""

    def route(self, layer: Layer, fired: Ints) -> Ints:
        sent = fired.copy()
        for start in range(0, len(sent) - 31, 32):
            if sent[start + 31]:
                sent[start : start + 32] = 0
        return sent


@fault("current_register_multiplexed", "wide", 3)
class CurrentRegisterMultiplexed(Machine):
    """Neurons i and i + 100 of the first layer share a register for u: what decays into u[t] of neuron i
    + 100 is the new u[t] of neuron i."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        u = super().current(layer, a)
        if layer.index == 0:
            u[100:] = self.wrap(self.decay(u[:100], layer.keep_u) + (a[100:] << 6))
        return u


@fault("sums_shared_by_last_two", "demo", 2)
class SumsSharedByLastTwo(Machine):
    """The last two neurons of the readout have one accumulator: both get the sum of what is delivered to
    the two."""

    def collect(self, layer: Layer) -> Ints:
        a = super().collect(layer)
        if layer.threshold is None:
            a[-2:] = a[-2:].sum()
        return a


@fault("every_100th_event_lost", "demo", 2)
class EveryHundredthEventLost(Machine):
    """Every 100th input event of a run is lost, counted over all samples."""

    def deliver(self, layer: Layer, events: Ints) -> None:
        if layer.index:
            super().deliver(layer, events)
            return
        if (self.sample, self.t) == (0, 0):
            self.count = 0
        sources = np.flatnonzero(events)
        number = self.count + 1 + np.arange(len(sources))
        self.count += len(sources)
        kept = sources[number % 100 != 0]
        self.add(layer, kept, events[kept])


@fault("carry_lost_at_bit_8", "graded", 2)
class CarryLostAtBit8(Machine):
    """The adder of the pending sums is made of two parts, and the carry from the low 8 bits is lost if
    both numbers are above 0."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        rows = np.arange(layer.neurons)
        for j, payload in zip(sources, payloads, strict=True):
            slot = (layer.head + layer.delay[:, j]) % len(layer.ring)
            old, more = layer.ring[slot, rows], layer.weight[:, j] * payload
            carry = (old > 0) & (more > 0) & ((old & 255) + (more & 255) > 255)
            layer.ring[slot, rows] = old + more - 256 * carry


@fault("winner_of_four", "wide", 6)
class WinnerOfFour(Machine):
    """Of the neurons 4k to 4k + 3 of a layer only the one with the largest v (the first of equal ones)
    may spike in a step; the others neither spike nor are reset, and keep their v."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        fired = super().fires(layer, v)
        if layer.threshold is not None:
            groups = v.reshape(-1, 4)
            best = np.arange(4) == groups.argmax(axis=1)[:, None]
            fired = fired * best.ravel()
        return fired
