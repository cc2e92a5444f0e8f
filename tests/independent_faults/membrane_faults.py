"""Faults of the arithmetic of a neuron: decay, current, membrane (clauses 3, 4, 5)."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine
from independent_faults.memory_faults import signed


@fault("decay_of_v_rounds_down", "demo", 4)
class DecayOfVRoundsDown(Machine):
    """The decay of v shifts a signed product: below 0 it rounds toward minus infinity."""

    def decay_v(self, layer: Layer, v: Ints) -> Ints:
        return v * layer.keep_v >> 12


@fault("decay_rounds_to_nearest", "deep", 4)
class DecayRoundsToNearest(Machine):
    """Every decay rounds to the nearest whole number, halves away from zero."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return np.sign(x) * (np.abs(x) * keep + 2048 >> 12)


@fault("decay_subtracts_the_loss", "demo", 4)
class DecaySubtractsTheLoss(Machine):
    """A decay computes x - trunc(x k / 4096): what is lost is rounded toward zero, so what is kept is rounded
    away from zero."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return x - np.sign(x) * (np.abs(x) * (4096 - keep) >> 12)


@fault("decay_product_32_bits", "deep", 4)
class DecayProduct32Bits(Machine):
    """The product |x| (4096 - k) is kept in 32 bits, unsigned: it is wrong once it reaches 2^32 (|x| above
    about 2^20)."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return np.sign(x) * ((np.abs(x) * keep & 0xFFFFFFFF) >> 12)


@fault("decay_in_float32", "deep", 4)
class DecayInFloat32(Machine):
    """A decay multiplies x by (4096 - k) / 4096 in single precision and cuts off: where the product needs
    more than 24 bits it may come out one too large in magnitude."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return np.trunc(x.astype(np.float32) * np.float32(keep / 4096)).astype(np.int64)


@fault("decay_of_u_rounds_up", "graded", 4)
class DecayOfURoundsUp(Machine):
    """The decay of u rounds away from zero."""

    def decay_u(self, layer: Layer, u: Ints) -> Ints:
        return np.sign(u) * (np.abs(u) * layer.keep_u + 4095 >> 12)


@fault("current_decays_only_on_arrival", "deep", 3)
class CurrentDecaysOnlyOnArrival(Machine):
    """u of a neuron is not decayed in a step in which its synapses' sum is 0."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        return np.where(a == 0, layer.u, super().current(layer, a))


@fault("input_decays_too", "wide", 3)
class InputDecaysToo(Machine):
    """u[t] = decay(u[t-1] + (a << 6)): what arrives is decayed in the step in which it arrives."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        return self.wrap(self.decay_u(layer, layer.u + (a << 6)))


@fault("current_twos_complement", "limits", 3)
class CurrentTwosComplement(Machine):
    """u is a two's complement number of 24 bits: 2^23 becomes -2^23, and -2^23 is not corrected."""

    def wrap(self, x: Ints) -> Ints:
        return signed(x, 24)


@fault("current_saturates", "limits", 3)
class CurrentSaturates(Machine):
    """u saturates at -2^23 + 1 and 2^23 instead of wrapping."""

    def wrap(self, x: Ints) -> Ints:
        return np.clip(x, -(2**23) + 1, 2**23)


@fault("shifted_sum_16_bits", "demo", 3)
class ShiftedSum16Bits(Machine):
    """a << 6 is kept in 16 bits, two's complement: it wraps once |a| is 512 or more."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        return self.wrap(self.decay_u(layer, layer.u) + signed(a << 6, 16))


@fault("sum_saturates_in_order", "demo", 2)
class SumSaturatesInOrder(Machine):
    """Each pending sum saturates at -512 and 511 after every single addition, sources in ascending order."""

    def add(self, layer: Layer, sources: Ints, payloads: Ints) -> None:
        rows = np.arange(layer.neurons)
        for j, payload in zip(sources, payloads, strict=True):
            slot = (layer.head + layer.delay[:, j]) % len(layer.ring)
            layer.ring[slot, rows] = np.clip(layer.ring[slot, rows] + layer.weight[:, j] * payload, -512, 511)


@fault("sum_in_float16", "graded", 2)
class SumInFloat16(Machine):
    """The sum a is rounded to half precision: from 2048 on to a multiple of 2, from 4096 on of 4, and so
    on."""

    def collect(self, layer: Layer) -> Ints:
        return super().collect(layer).astype(np.float16).astype(np.int64)


@fault("membrane_wraps", "limits", 5)
class MembraneWraps(Machine):
    """v wraps in 24 bits, two's complement, instead of being clipped."""

    def clip(self, v: Ints) -> Ints:
        return signed(v, 24)


@fault("membrane_clips_at_minus_2_23", "limits", 5)
class MembraneClipsAtMinus2To23(Machine):
    """v is clipped to -2^23 below, not to -(2^23 - 1)."""

    def clip(self, v: Ints) -> Ints:
        return np.clip(v, -(2**23), 2**23 - 1)


@fault("clipped_before_the_bias", "limits", 5)
class ClippedBeforeTheBias(Machine):
    """v is clipped before the bias is added, and not after."""

    def membrane(self, layer: Layer) -> Ints:
        return self.clip(self.decay_v(layer, layer.v) + layer.u) + layer.bias


@fault("membrane_21_bits", "deep", 5)
class Membrane21Bits(Machine):
    """v saturates at 2^20 - 1 and -2^20: a register of 21 bits."""

    def clip(self, v: Ints) -> Ints:
        return np.clip(v, -(2**20), 2**20 - 1)


@fault("readout_16_bits", "demo", 7)
class Readout16Bits(Machine):
    """v of the readout saturates at -32768 and 32767."""

    def membrane(self, layer: Layer) -> Ints:
        v = super().membrane(layer)
        return np.clip(v, -32768, 32767) if layer.threshold is None else v


@fault("bias_before_decay", "deep", 5)
class BiasBeforeDecay(Machine):
    """v[t] = clip(decay(v[t-1] + bias) + u[t]): the bias is decayed with v."""

    def membrane(self, layer: Layer) -> Ints:
        return self.clip(self.decay_v(layer, layer.v + layer.bias) + layer.u)


@fault("bias_into_the_current", "deep", 3, 5)
class BiasIntoTheCurrent(Machine):
    """The bias is added to u in every step, where it also decays with u, and not to v."""

    def current(self, layer: Layer, a: Ints) -> Ints:
        return self.wrap(self.decay_u(layer, layer.u) + (a << 6) + layer.bias)

    def membrane(self, layer: Layer) -> Ints:
        return self.clip(self.decay_v(layer, layer.v) + layer.u)


@fault("membrane_takes_old_current", "deep", 5)
class MembraneTakesOldCurrent(Machine):
    """v[t] takes u[t-1] where the contract has u[t]."""

    def update(self, layer: Layer, events: Ints) -> Ints:
        self.deliver(layer, events)
        v = self.membrane(layer)
        layer.u = self.current(layer, self.collect(layer))
        fired = self.fires(layer, v)
        layer.v = self.reset(layer, v, fired)
        return fired


@fault("current_added_before_decay", "demo", 5)
class CurrentAddedBeforeDecay(Machine):
    """v[t] = clip(decay(v[t-1] + u[t]) + bias): u is decayed with v."""

    def membrane(self, layer: Layer) -> Ints:
        return self.clip(self.decay_v(layer, layer.v + layer.u) + layer.bias)


@fault("idle_neurons_skipped", "demo", 5)
class IdleNeuronsSkipped(Machine):
    """A neuron whose u is 0 in a step is not updated in it: v neither decays nor gets the bias, and the
    neuron does not spike."""

    def membrane(self, layer: Layer) -> Ints:
        return np.where(layer.u == 0, layer.v, super().membrane(layer))


@fault("bias_skipped_when_idle", "graded", 5)
class BiasSkippedWhenIdle(Machine):
    """In a step in which nothing arrives at a neuron (a is 0) and the step before was such a step, too, the
    bias is not added to its v."""

    def begin(self) -> None:
        super().begin()
        self.quiet = [np.zeros(layer.neurons, bool) for layer in self.layers]

    def current(self, layer: Layer, a: Ints) -> Ints:
        self.skip = self.quiet[layer.index] & (a == 0)
        self.quiet[layer.index] = a == 0
        return super().current(layer, a)

    def membrane(self, layer: Layer) -> Ints:
        bias = np.where(self.skip, 0, layer.bias)
        return self.clip(self.decay_v(layer, layer.v) + layer.u + bias)


@fault("membrane_floor", "demo", 5)
class MembraneFloor(Machine):
    """v of a spiking layer does not fall below -(vth << 6)."""

    def membrane(self, layer: Layer) -> Ints:
        v = super().membrane(layer)
        return v if layer.threshold is None else np.maximum(v, -layer.threshold)


@fault("one_neuron_decays_twice", "wide", 5)
class OneNeuronDecaysTwice(Machine):
    """v of neuron 150 of the first layer is decayed twice in every step."""

    def decay_v(self, layer: Layer, v: Ints) -> Ints:
        once = super().decay_v(layer, v)
        if layer.index == 0 and len(v) > 150:
            once[150] = self.decay(once, layer.keep_v)[150]
        return once
