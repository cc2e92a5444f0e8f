"""Faults of a neuron's parameters: bias, threshold and decay registers."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine
from independent_faults.memory_faults import signed


@fault("bias_mantissa_12_bits", "demo", 5)
class BiasMantissa12Bits(Machine):
    """Bias mantissas are kept in 12 bits, two's complement: what is outside -2048 to 2047 wraps by 4096."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, signed(mantissa, 12), exponent)


@fault("bias_not_sign_extended", "deep", 5)
class BiasNotSignExtended(Machine):
    """In the second layer the 13 bits of a bias mantissa below 0 are read without their sign: 8192 too
    much."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, mantissa & 8191 if index == 1 else mantissa, exponent)


@fault("one_exponent_for_all_layers", "deep", 5)
class OneExponentForAllLayers(Machine):
    """All layers use the bias exponent of the first layer."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, mantissa, self.graph.layers[0].bias_exp)


@fault("bias_in_16_bits", "limits", 5)
class BiasIn16Bits(Machine):
    """The shifted bias is kept in 16 bits, two's complement, and wraps."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return signed(super().bias(index, mantissa, exponent), 16)


@fault("bias_table_7_bit_index", "wide", 5)
class BiasTable7BitIndex(Machine):
    """Neuron i of 128 and more has the bias of neuron i - 128."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, mantissa, exponent)[np.arange(len(mantissa)) % 128]


@fault("last_bias_never_written", "demo", 5)
class LastBiasNeverWritten(Machine):
    """The last neuron of every layer has no bias."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        bias = super().bias(index, mantissa, exponent)
        bias[-1] = 0
        return bias


@fault("biases_one_neuron_off", "demo", 5)
class BiasesOneNeuronOff(Machine):
    """In the readout neuron i has the bias of neuron i - 1, and neuron 0 that of the last."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        bias = super().bias(index, mantissa, exponent)
        return np.roll(bias, 1) if index == len(self.graph.layers) - 1 else bias


@fault("bias_rounded_to_weight_steps", "demo", 5)
class BiasRoundedToWeightSteps(Machine):
    """Biases are whole weight steps: the bias is rounded down to a multiple of 64."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, mantissa, exponent) >> 6 << 6


@fault("threshold_16_bits", "limits", 6)
class Threshold16Bits(Machine):
    """The threshold mantissa is kept in 16 bits: 65536 and more act as 65536 less."""

    def threshold(self, index: int, mantissa: int) -> int:
        return super().threshold(index, mantissa & 65535)


@fault("threshold_one_up_for_one", "demo", 6)
class ThresholdOneUpForOne(Machine):
    """Neuron 41 of the first layer has a threshold mantissa that is one higher."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        fired = super().fires(layer, v)
        if layer.index == 0 and layer.threshold is not None and len(v) > 41:
            fired[41] = v[41] > layer.threshold + 64
        return fired


@fault("threshold_of_the_first_layer", "deep", 6)
class ThresholdOfTheFirstLayer(Machine):
    """All spiking layers have the threshold of the first layer."""

    def threshold(self, index: int, mantissa: int) -> int:
        return super().threshold(index, self.graph.layers[0].threshold or 0)


@fault("threshold_in_steps_of_16", "wide", 6)
class ThresholdInStepsOf16(Machine):
    """The threshold is compared in its upper bits: v has to exceed it by reaching the next multiple of
    1024."""

    def fires(self, layer: Layer, v: Ints) -> Ints:
        if layer.threshold is None:
            return super().fires(layer, v)
        return (v >> 10 > layer.threshold >> 10).astype(np.int64)


@fault("decays_exchanged", "deep", 3, 5)
class DecaysExchanged(Machine):
    """u decays with the constant of v, and v with that of u."""

    def decay_u(self, layer: Layer, u: Ints) -> Ints:
        return self.decay(u, layer.keep_v)

    def decay_v(self, layer: Layer, v: Ints) -> Ints:
        return self.decay(v, layer.keep_u)


@fault("current_keeps_what_it_should_lose", "wide", 3)
class CurrentKeepsWhatItShouldLose(Machine):
    """u keeps du / 4096 of itself where it should keep (4096 - du) / 4096."""

    def decay_u(self, layer: Layer, u: Ints) -> Ints:
        return self.decay(u, 4096 - layer.keep_u)


@fault("decay_constant_plus_1", "graded", 4)
class DecayConstantPlus1(Machine):
    """Both decay constants of every layer act as one larger: 4095 - k is kept where it should be 4096 - k."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return super().decay(x, max(0, keep - 1))


@fault("decay_8_bits", "deep", 4)
class Decay8Bits(Machine):
    """What is kept, 4096 - k, has 8 bits: it is rounded down to a multiple of 16 before it multiplies."""

    def decay(self, x: Ints, keep: int) -> Ints:
        return super().decay(x, keep & ~15)


@fault("decay_v_of_the_layer_before", "deep", 5)
class DecayVOfTheLayerBefore(Machine):
    """v of every layer but the first decays with the constant of the layer before it."""

    def decay_v(self, layer: Layer, v: Ints) -> Ints:
        return self.decay(v, self.layers[max(0, layer.index - 1)].keep_v)
