"""Faults of spike, reset, sending on and recording (clauses 6 and 7)."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine
from independent_faults.memory_faults import signed


@fault("fires_at_equality", "demo", 6)
class FiresAtEquality(Machine):
    """A neuron spikes at v >= vth << 6."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, v + 1)


@fault("compared_before_the_bias", "demo", 6)
class ComparedBeforeTheBias(Machine):
    """The threshold is compared with v without the bias of this step; the bias is added and v reset as they
    should be."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, v - layer.bias)


@fault("compares_the_magnitude", "demo", 6)
class ComparesTheMagnitude(Machine):
    """A neuron also spikes, and is reset, where v is below -(vth << 6): |v| is compared."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, np.abs(v))


@fault("compares_16_bits", "demo", 6)
class Compares16Bits(Machine):
    """The comparison with the threshold sees the low 16 bits of v, as a signed number."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, signed(v, 16))


@fault("reset_subtracts", "demo", 6)
class ResetSubtracts(Machine):
    """A spike subtracts vth << 6 from v instead of setting it to 0."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        return v - fired * (layer.threshold or 0)


@fault("one_neuron_resets_softly", "demo", 6)
class OneNeuronResetsSoftly(Machine):
    """Neuron 10 of the first layer alone subtracts vth << 6 on a spike; all others are set to 0."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        after = super().reset(layer, v, fired)
        if layer.index == 0 and len(v) > 10:
            after[10] = v[10] - fired[10] * (layer.threshold or 0)
        return after


@fault("recorded_before_the_reset", "demo", 6)
class RecordedBeforeTheReset(Machine):
    """The recorded v is that before the reset; the state is right."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        self.seen = v
        return super().reset(layer, v, fired)

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        super().probe(layer, fired, record)
        record[layer.index][1][self.sample, self.t] = self.seen


@fault("reset_only_recorded", "wide", 6)
class ResetOnlyRecorded(Machine):
    """The reset reaches the recorded v alone: the neuron goes on from the value before the reset."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        return v

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        super().probe(layer, fired, record)
        record[layer.index][1][self.sample, self.t][fired == 1] = 0


@fault("reset_clears_the_current", "deep", 6)
class ResetClearsTheCurrent(Machine):
    """A spike sets u to 0, too, from the next step on; the recorded u of the step is right."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        layer.u = np.where(self.fired_before[layer.index] == 1, 0, layer.u)
        return super().current(layer, a)

    def begin(self) -> None:
        super().begin()
        self.fired_before = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        self.fired_before[layer.index] = fired
        return super().reset(layer, v, fired)


@fault("reset_to_the_bias", "graded", 6)
class ResetToTheBias(Machine):
    """A spike sets v to the bias of the neuron instead of 0."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        return np.where(fired == 1, layer.bias, v)


@fault("refractory_step", "deep", 6)
class RefractoryStep(Machine):
    """In the step after a spike v of the neuron stays 0 and it does not spike."""

    def begin(self) -> None:
        super().begin()
        self.resting = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def membrane(self, layer: Layer) -> Ints:
        return np.where(self.resting[layer.index] == 1, 0, super().membrane(layer))

    def fires(self, layer: Layer, v: Ints) -> Ints:
        self.resting[layer.index] = super().fires(layer, v)
        return self.resting[layer.index]


@fault("upper_neurons_never_reset", "wide", 6)
class UpperNeuronsNeverReset(Machine):
    """Neurons with an index of 128 and more are not reset by their spikes."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        return np.where(np.arange(len(v)) < 128, super().reset(layer, v, fired), v)


@fault("readout_is_reset", "demo", 7)
class ReadoutIsReset(Machine):
    """v of the readout is set to 0 where it exceeds the threshold of the layer before it; no spike is
    recorded."""

    def reset(self, layer: Layer, v: Ints, fired: Ints) -> Ints:
        if layer.threshold is not None or layer.index == 0:
            return super().reset(layer, v, fired)
        return np.where(v > (self.layers[layer.index - 1].threshold or 0), 0, v)


@fault("readout_recorded_a_step_late", "demo", 7)
class ReadoutRecordedAStepLate(Machine):
    """v of the readout is recorded before the update of the step: it is v[t-1], and 0 in the first step."""

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        super().probe(layer, fired, record)
        if layer.threshold is None:
            now = record[layer.index][1][self.sample, self.t]
            seen = now.copy()
            now[:] = 0 if self.t == 0 else self.last
            self.last = seen


@fault("current_recorded_a_step_late", "deep", 3)
class CurrentRecordedAStepLate(Machine):
    """The recorded u of a step is that of the step before, 0 in the first; the state is right."""

    def begin(self) -> None:
        super().begin()
        self.old = [layer.u.copy() for layer in self.layers]

    def probe(self, layer: Layer, fired: Ints, record: list) -> None:
        super().probe(layer, fired, record)
        record[layer.index][0][self.sample, self.t] = self.old[layer.index]
        self.old[layer.index] = layer.u.copy()


@fault("spike_bits_reversed", "demo", 6)
class SpikeBitsReversed(Machine):
    """Spikes go to the next layer in bytes whose bits are read in the other order: the spike of neuron 8k + b
    arrives as that of neuron 8k + 7 - b. The recorded spikes are right."""

    def route(self, layer: Layer, fired: Ints) -> Ints:
        order = np.arange(len(fired))
        whole = len(fired) // 8 * 8
        order[:whole] = order[:whole].reshape(-1, 8)[:, ::-1].ravel()
        return fired[order]


@fault("remainder_not_updated", "demo", 5)
class RemainderNotUpdated(Machine):
    """Neurons are updated 16 at once, and what remains behind the last 16 is not: in a layer of 20 neurons 16
    to 19 stay at 0."""

    def update(self, layer: Layer, events: Ints) -> Ints:
        fired = super().update(layer, events)
        rest = layer.neurons // 16 * 16
        layer.u[rest:] = layer.v[rest:] = fired[rest:] = 0
        return fired


@fault("arbiter_of_pairs", "demo", 6)
class ArbiterOfPairs(Machine):
    """Where neurons 2k and 2k + 1 spike in one step, only the spike of 2k goes to the next layer; both are
    recorded and reset."""

    def route(self, layer: Layer, fired: Ints) -> Ints:
        sent = fired.copy()
        pairs = len(fired) // 2 * 2
        sent[1:pairs:2] &= 1 - fired[0:pairs:2]
        return sent


@fault("spike_sent_twice", "deep", 6)
class SpikeSentTwice(Machine):
    """A neuron that spikes in two steps in a row sends the second spike with twice the weight."""

    def begin(self) -> None:
        super().begin()
        self.before = [np.zeros(layer.neurons, np.int64) for layer in self.layers]

    def route(self, layer: Layer, fired: Ints) -> Ints:
        before, self.before[layer.index] = self.before[layer.index], fired
        return fired + fired * before


@fault("spikes_decided_a_step_late", "graded", 6)
class SpikesDecidedAStepLate(Machine):
    """A spike is decided on v[t-1], the value kept from the step before, and resets v[t]."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        return super().fires(layer, layer.v)
