"""Faults of tables in memory: weights, delays, biases, thresholds as they are packed, addressed and read."""

from __future__ import annotations

import numpy as np

from independent_faults.catalogue import fault
from independent_faults.contract import Ints, Machine


def signed(byte: Ints, bits: int) -> Ints:
    """The low `bits` bits as two's complement."""
    low = byte & ((1 << bits) - 1)
    return np.where(low >= 1 << (bits - 1), low - (1 << bits), low)


@fault("nibbles_swapped", "demo", 1)
class NibblesSwapped(Machine):
    """The two nibbles of every weight of an odd source are exchanged, before the byte is read as two's
    complement."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        byte = weight & 255
        swapped = signed((byte >> 4) | ((byte & 15) << 4), 8)
        return np.where(np.arange(weight.shape[1]) % 2 == 1, swapped, weight), delay


@fault("weights_7_bits", "demo", 1)
class Weights7Bits(Machine):
    """Weights are kept in 7 bits, two's complement: what is outside -64 to 63 wraps by 128."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return signed(weight, 7), delay


@fault("weights_sign_magnitude", "deep", 1)
class WeightsSignMagnitude(Machine):
    """Bytes of weights are read as sign and magnitude: a weight w below 0 acts as -(w + 128)."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return np.where(weight < 0, -((weight & 255) & 127), weight), delay


@fault("readout_ones_complement", "demo", 1)
class ReadoutOnesComplement(Machine):
    """In the readout alone weights below 0 are one nearer to 0: they were negated in one's complement."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        if index == len(self.graph.layers) - 1:
            weight = np.where(weight < 0, weight + 1, weight)
        return weight, delay


@fault("small_weights_dropped", "demo", 1)
class SmallWeightsDropped(Machine):
    """Synapses with a weight of -2 to 2 are left out by the loader."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return np.where(np.abs(weight) <= 2, 0, weight), delay


@fault("rows_padded_to_16", "demo", 1)
class RowsPaddedTo16(Machine):
    """Rows of weights are written with a stride padded to a multiple of 16 and read with one that is not
    (first layer: 144 and 140): neuron i gets the row shifted right by 4i places. Delays are right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        neurons, inputs = weight.shape
        padded = np.pad(weight, ((0, 0), (0, -inputs % 16))).ravel()
        return padded[: neurons * inputs].reshape(neurons, inputs), delay


@fault("delays_column_major", "demo", 1)
class DelaysColumnMajor(Machine):
    """The delay table of the readout is read in column-major order, though it was written in rows; weights
    are right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        if index == len(self.graph.layers) - 1:
            delay = delay.ravel().reshape(delay.shape, order="F")
        return weight, delay


@fault("delays_sorted", "deep", 1)
class DelaysSorted(Machine):
    """The delays of each neuron are sorted in ascending order over its sources, and the weights are not."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.sort(delay, axis=1)


@fault("delays_4_bits", "demo", 1)
class Delays4Bits(Machine):
    """Delays are kept in 4 bits: 16 and more act as 16 less."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, delay & 15


@fault("delays_clipped_to_31", "wide", 1)
class DelaysClippedTo31(Machine):
    """Delays above 31 are taken as 31."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.minimum(delay, 31)


@fault("delays_in_units_of_2", "demo", 1)
class DelaysInUnitsOf2(Machine):
    """Delays are stored in units of two steps, rounded down: an odd delay is one step too short."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, delay & ~1


@fault("delay_of_the_source", "deep", 1)
class DelayOfTheSource(Machine):
    """All synapses of a source have one delay, that of its synapse to neuron 0 of the layer."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.broadcast_to(delay[:1], delay.shape).copy()


@fault("delay_of_the_neuron", "graded", 1)
class DelayOfTheNeuron(Machine):
    """All synapses of a neuron have one delay, the longest of them (a dendritic delay)."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.broadcast_to(delay.max(axis=1, keepdims=True), delay.shape).copy()


@fault("first_layer_a_step_late", "demo", 1, 2)
class FirstLayerAStepLate(Machine):
    """Every delay of the first layer is one step longer; other layers are right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, delay + (index == 0)


@fault("delays_counted_from_1", "wide", 1)
class DelaysCountedFrom1(Machine):
    """Every delay of 1 and more is one step too short; 0 stays 0."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        return weight, np.maximum(delay - 1, 0)


@fault("one_weight_bit_stuck", "demo", 1)
class OneWeightBitStuck(Machine):
    """One synapse of the readout, from source 33 to neuron 7, has bit 5 of its weight inverted."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        weight = weight.copy()
        if index == 1 and weight.shape > (7, 33) and weight.shape[1] > 33:
            weight[7, 33] ^= 32
        return weight, delay


@fault("one_delay_wrong", "demo", 1)
class OneDelayWrong(Machine):
    """One synapse of the first layer, from source 77 to neuron 40, has a delay three steps too long."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        delay = delay.copy()
        if index == 0 and weight.shape[0] > 40 and weight.shape[1] > 77:
            delay[40, 77] += 3
        return weight, delay


@fault("fan_in_of_128", "demo", 1)
class FanInOf128(Machine):
    """A neuron has room for 128 synapses: those of its highest sources beyond are left out."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        rank = np.cumsum(weight != 0, axis=1)
        return np.where(rank > 128, 0, weight), delay


@fault("two_delay_rows_exchanged", "demo", 1)
class TwoDelayRowsExchanged(Machine):
    """Neurons 60 and 61 of the first layer have each other's delays; weights are right."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        delay = delay.copy()
        if index == 0 and len(delay) > 61:
            delay[[60, 61]] = delay[[61, 60]]
        return weight, delay


@fault("two_inputs_exchanged", "demo", 1)
class TwoInputsExchanged(Machine):
    """Input lines 30 and 31 are exchanged."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        if index == 0 and weight.shape[1] > 31:
            order = np.arange(weight.shape[1])
            order[[30, 31]] = 31, 30
            weight, delay = weight[:, order], delay[:, order]
        return weight, delay


@fault("delays_packed_without_gaps", "wide", 1)
class DelaysPackedWithoutGaps(Machine):
    """In a row with absent synapses the delays were packed without gaps: the k-th synapse of a neuron has the
    k-th entry of its row of delays, absent ones (0) included at the end."""

    def synapses(self, index: int, weight: Ints, delay: Ints) -> tuple[Ints, Ints]:
        packed = delay.copy()
        for row, (w, d) in enumerate(zip(weight, delay, strict=True)):
            present = np.flatnonzero(w)
            packed[row] = 0
            packed[row, : len(present)] = d[present]
        return weight, packed
