"""How many bits the synapses of one layer take on one core. Estimates: no chip's tables are copied here.

A slice is the part of a layer that one core holds: `neurons` of it, which have `synapses` synapses from
`sources` different sources (input lines or neurons of the layer before). One weight takes `weight_bits`,
one delay `delay_bits`; both are one format for the whole layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snnc.stages import QuantizedLayer


def weight_bits(layer: QuantizedLayer) -> int:
    """Bits of the narrowest signed format that holds every weight of `layer`."""
    return signed_bits(int(layer.weight.min()), int(layer.weight.max()))


def signed_bits(low: int, high: int) -> int:
    """Bits of the narrowest signed format that holds `low` up to `high`."""
    return max((~low if low < 0 else low).bit_length(), high.bit_length() if high > 0 else 0) + 1


def dense_bits(neurons: int, sources: int, weight_bits: int, delay_bits: int) -> int:
    """A table [sources, neurons] of weight and delay; absent synapses take their place too.

    neurons · sources · (weight_bits + delay_bits)
    """
    return neurons * sources * (weight_bits + delay_bits)


def sparse_bits(
    neurons: int, sources: int, synapses: int, weight_bits: int, delay_bits: int, of_a_pair: int = 1
) -> int:
    """For each source the number of its synapses, then for each of these: neuron, weight and delay.

    synapses · (weight_bits + delay_bits + bits of a neuron's number 0 .. neurons-1)
    + sources · bits of a count 0 .. neurons · of_a_pair

    A projection may have up to `of_a_pair` synapses from one neuron to one.
    """
    number_bits = (neurons - 1).bit_length() if neurons else 0
    count_bits = (neurons * of_a_pair).bit_length()
    return synapses * (weight_bits + delay_bits + number_bits) + sources * count_bits


def is_dense(
    neurons: int, sources: int, synapses: int, weight_bits: int, delay_bits: int, of_a_pair: int = 1
) -> bool:
    """Whether the table is chosen: if it has a place for every synapse, and is not larger than the list."""
    dense = dense_bits(neurons, sources, weight_bits, delay_bits)
    sparse = sparse_bits(neurons, sources, synapses, weight_bits, delay_bits, of_a_pair)
    return of_a_pair <= 1 and dense <= sparse


def slice_bytes(
    neurons: int, sources: int, synapses: int, weight_bits: int, delay_bits: int, of_a_pair: int = 1
) -> int:
    """Whole bytes of the encoding that is chosen. It never falls when a neuron is added."""
    if is_dense(neurons, sources, synapses, weight_bits, delay_bits, of_a_pair):
        return -(-dense_bits(neurons, sources, weight_bits, delay_bits) // 8)
    return -(-sparse_bits(neurons, sources, synapses, weight_bits, delay_bits, of_a_pair) // 8)


def least_bytes(synapses: int, weight_bits: int, delay_bits: int) -> int:
    """No encoding above takes less for `synapses` synapses, however they are spread over cores."""
    return -(-synapses * (weight_bits + delay_bits) // 8)
