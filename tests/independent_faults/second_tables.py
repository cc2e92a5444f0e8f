"""Parameters on another grid, in another row, or two of them wrong at once."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Layer, Machine


@fault("long_delays_coarse", "deep", 1)
class LongDelaysCoarse(Machine):
    """Delays of 16 and more are rounded to the nearest multiple of 4, halves up; shorter ones are
    right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.where(delay >= 16, (delay + 2) // 4 * 4, delay)


@fault("eight_delays_a_neuron", "wide", 1)
class EightDelaysANeuron(Machine):
    """A neuron of the first layer has room for 8 different delays, those of its first synapses: every
    other delay is taken as the nearest of these, the shorter of two as near."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        if index:
            return weight, delay
        moved = delay.copy()
        for row, (w, d) in enumerate(zip(weight, delay, strict=True)):
            known = np.sort(np.array(list(dict.fromkeys(d[w != 0].tolist()))[:8]))
            moved[row] = known[np.abs(d[:, None] - known).argmin(axis=1)]
        return weight, moved


@fault("inhibition_without_delay", "deep", 1)
class InhibitionWithoutDelay(Machine):
    """Synapses with a weight below 0 have delay 0; the others are right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.where(weight < 0, 0, delay)


@fault("weights_6_bits_by_row", "deep", 1)
class Weights6BitsByRow(Machine):
    """The weights of each neuron are rounded to 31 steps up to the largest magnitude of its row, and from
    there to whole numbers again."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        step = np.abs(weight).max(axis=1, keepdims=True) / 31
        return np.round(np.round(weight / step) * step).astype(np.int64), delay


@fault("odd_weights_toward_zero", "graded", 1)
class OddWeightsTowardZero(Machine):
    """In the first layer the lowest bit of a weight's magnitude is lost: odd weights are 1 nearer to
    0."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        even = np.sign(weight) * (np.abs(weight) & ~1)
        return (weight if index else even), delay


@fault("weights_saturate_at_100", "demo", 1)
class WeightsSaturateAt100(Machine):
    """Weights saturate at -100 and 100."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return np.clip(weight, -100, 100), delay


@fault("rows_repeat_from_64", "demo", 1)
class RowsRepeatFrom64(Machine):
    """From neuron 64 of the first layer on the rows of weights and delays are one too early: neuron 64
    has those of neuron 63, and so on."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        row = np.arange(len(weight))
        row = np.where(row >= 64, row - 1, row)
        return weight[row], delay[row]


@fault("one_synapse_of_the_other_sign", "wide", 1)
class OneSynapseOfTheOtherSign(Machine):
    """The first synapse of neuron 120 of the first layer has the opposite sign."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        weight = weight.copy()
        if index == 0:
            weight[120, np.flatnonzero(weight[120])[0]] *= -1
        return weight, delay


@fault("one_synapse_missing_one_doubled", "deep", 1)
class OneSynapseMissingOneDoubled(Machine):
    """At neuron 4 of the second layer source 9 has weight 0, and source 10 has its own weight and delay
    and that of source 9 on top of its weight."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        weight = weight.copy()
        if index == 1:
            weight[4, 10] += weight[4, 9]
            weight[4, 9] = 0
        return weight, delay


@fault("weight_and_delay_of_one_synapse", "deep", 1)
class WeightAndDelayOfOneSynapse(Machine):
    """The synapse from source 7 to neuron 11 of the first layer has a weight 5 too small and a delay 2
    too long."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        weight, delay = weight.copy(), delay.copy()
        if index == 0:
            weight[11, 7] -= 5
            delay[11, 7] += 2
        return weight, delay


@fault("small_biases_dropped", "demo", 5)
class SmallBiasesDropped(Machine):
    """Bias mantissas of less than 16 in magnitude are taken as 0."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, np.where(np.abs(mantissa) < 16, 0, mantissa), exponent)


@fault("biases_5_bits_of_the_largest", "deep", 5)
class Biases5BitsOfTheLargest(Machine):
    """Biases of a layer are rounded to 16 steps up to the largest magnitude among them."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        step = int(np.abs(mantissa).max()) / 16
        return super().bias(index, np.round(np.round(mantissa / step) * step).astype(np.int64), exponent)


@fault("negative_biases_lost", "wide", 5)
class NegativeBiasesLost(Machine):
    """Biases are read as unsigned and saturate: one below 0 acts as 0."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, np.maximum(mantissa, 0), exponent)


@fault("exponent_applied_to_the_threshold", "deep", 6)
class ExponentAppliedToTheThreshold(Machine):
    """The threshold is vth << (5 + bias_exp): right only where the layer's bias exponent is 1."""

    def threshold(self, index: int, mantissa: int) -> int:
        return mantissa << (5 + self.graph.layers[index].bias_exp)


@fault("threshold_4_digits", "graded", 6)
class ThresholdFourDigits(Machine):
    """Of the threshold mantissa the four leading binary digits are kept, the rest is rounded."""

    def threshold(self, index: int, mantissa: int) -> int:
        unit = 1 << max(0, mantissa.bit_length() - 4)
        return super().threshold(index, (mantissa + unit // 2) // unit * unit)


@fault("threshold_and_bias_of_one_neuron", "deep", 5, 6)
class ThresholdAndBiasOfOneNeuron(Machine):
    """Neuron 3 of the first layer has no bias and a threshold mantissa that is 300 lower."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        bias = super().bias(index, mantissa, exponent)
        bias[3] *= index > 0
        return bias

    def fires(self, layer: Layer, v: Ints) -> Ints:
        fired = super().fires(layer, v)
        if layer.index == 0:
            fired[3] = v[3] > (layer.threshold or 0) - 300 * 64
        return fired


@fault("bias_here_weight_there", "deep", 1, 5)
class BiasHereWeightThere(Machine):
    """Two faults: the bias mantissa of neuron 8 of the first layer is 1 higher, and the weight from
    source 2 to neuron 5 of the readout is 1 higher."""

    def bias(self, index: int, mantissa: Ints, exponent: int) -> Ints:
        return super().bias(index, mantissa + (np.arange(len(mantissa)) == 8) * (index == 0), exponent)

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        weight = weight.copy()
        weight[5, 2] += index == 2
        return weight, delay


@fault("decay_of_one_block", "wide", 3)
class DecayOfOneBlock(Machine):
    """u of neurons 64 to 127 of the first layer decays with du of the readout."""

    def decay_u(self, layer: Layer, u: Ints) -> Ints:
        left = super().decay_u(layer, u)
        if layer.index == 0:
            left[64:128] = self.decay(u[64:128], self.layers[-1].keep_u)
        return left
