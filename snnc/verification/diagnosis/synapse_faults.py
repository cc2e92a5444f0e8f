"""The faults of a whole layer in what arrives at it: spikes, delays, weights (clauses 1 and 2)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snnc.verification.diagnosis.hypothesis import Change, Generator, Variants, arrays, fixed, replaced
from snnc.verification.diagnosis.layer_model import Integers, LayerModel


def late(signal: Integers) -> Integers:
    return np.concatenate([np.zeros_like(signal[:1]), signal[:-1]])


def early(signal: Integers) -> Integers:
    return np.concatenate([signal[1:], np.zeros_like(signal[:1])])


def _moved(steps: int) -> Callable[[Integers], Integers]:
    """Later by `steps`, earlier if that is negative."""

    def moved(signal: Integers) -> Integers:
        for _ in range(abs(steps)):
            signal = late(signal) if steps > 0 else early(signal)
        return signal

    return moved


def _delay_limits(model: LayerModel) -> Variants:
    for limit in range(int(model.delay.max()) - 1, 0, -1):
        yield f"limit {limit}", _clipped("delay", 0, limit)


def _clipped(name: str, least: int, most: int) -> Change:
    return arrays(**{name: lambda values: np.clip(values, least, most)})


def _ring_lengths(model: LayerModel) -> Variants:
    for length in range(int(model.delay.max()), 1, -1):
        yield f"{length} slots", _in_ring(length, 0)
        yield f"{length} slots, written after they are read", _in_ring(length, 1)


def _in_ring(length: int, least: int) -> Change:
    """Delays from `least` on come round after `length` steps."""
    return arrays(delay=lambda delay: np.where(delay >= least, (delay - least) % length + least, delay))


def _uncleared(model: LayerModel) -> Variants:
    """The ring that is just long enough, the next power of two, and the others."""
    longest = int(model.delay.max())
    for length in dict.fromkeys((longest + 1, 1 << longest.bit_length(), *range(1, longest + 3))):
        yield f"of {length} slots", replaced(uncleared=length)


WAYS: dict[str, Callable[[Integers], Integers]] = {
    "neurons reversed": lambda array: array[::-1],
    "inputs reversed": lambda array: array[:, ::-1],
    "neurons and inputs reversed": lambda array: array[::-1, ::-1],
    "written in the order of the other axis": lambda array: array.T.reshape(array.shape),
    "read in the order of the other axis": lambda array: array.reshape(array.shape[::-1]).T,
    "those of the first neuron for all": lambda array: np.broadcast_to(array[:1], array.shape),
    "those of the first input for all": lambda array: np.broadcast_to(array[:, :1], array.shape),
    "those of the neuron before": lambda array: np.roll(array, 1, 0),
    "those of the neuron after": lambda array: np.roll(array, -1, 0),
    "those of the input before": lambda array: np.roll(array, 1, 1),
    "those of the input after": lambda array: np.roll(array, -1, 1),
}
"""How an array [neurons, inputs] gets out of step with another."""


def _transposed(name: str) -> Generator:
    return fixed(*((where, arrays(**{name: way})) for where, way in WAYS.items()))


def _low_bits(model: LayerModel) -> Variants:
    for bits in (1, 2, 3, 4):
        text = f"{bits} bit{'s' * (bits > 1)}"
        yield f"{text}, toward zero", _truncated(bits)
        yield f"{text}, down", _floored(bits)


def _truncated(bits: int) -> Change:
    return arrays(weight=lambda weight: np.sign(weight) * (np.abs(weight) >> bits << bits))


def _floored(bits: int, name: str = "weight") -> Change:
    return arrays(**{name: lambda values: values >> bits << bits})


def _weight_limits(model: LayerModel) -> Variants:
    """Smaller ranges, two's complement or symmetric: those of whole bits, then others of small weights."""
    most = int(np.abs(model.weight).max())
    whole_bits = [(1 << bits) - 1 for bits in range(most.bit_length(), 0, -1)]
    others = [limit for limit in range(most, 0, -1) if limit not in whole_bits] if most <= 256 else []
    for limit in (*whole_bits, *others):
        for least in (-limit - 1, -limit):
            if model.weight.min() < least or model.weight.max() > limit:
                yield f"{least} .. {limit}", _clipped("weight", least, limit)


def _cast_weights(model: LayerModel) -> Variants:
    """Kept in fewer bits than they have, or read as another type."""
    bits = 1 + max(int(model.weight.max()), ~int(model.weight.min())).bit_length()
    for n in range(bits - 1, 1, -1):
        yield f"the lowest {n} bits, signed", arrays(weight=_register(n))
    for n in dict.fromkeys((8, 16, bits)):
        yield f"as unsigned, of {n} bits", arrays(weight=_unsigned(n))
    yield "their magnitude", arrays(weight=np.abs)


def _register(bits: int) -> Callable[[Integers], Integers]:
    half = 1 << (bits - 1)
    return lambda values: (values + half) % (2 * half) - half


def _unsigned(bits: int) -> Callable[[Integers], Integers]:
    return lambda values: values % (1 << bits)


def _delay_maps(model: LayerModel) -> Variants:
    longest = int(model.delay.max(initial=0))
    for more in (2, 3, -2, -3):
        yield f"{abs(more)} {'longer' if more > 0 else 'shorter'}", _clipped_after(more)
    yield "twice as long", arrays(delay=lambda delay: 2 * delay)
    yield "half as long", arrays(delay=lambda delay: delay >> 1)
    yield f"{longest} less the delay", arrays(delay=lambda delay: longest - delay)


def _clipped_after(more: int) -> Change:
    return arrays(delay=lambda delay: np.maximum(delay + more, 0))


def _payloads(model: LayerModel) -> Variants:
    """What an event of payload x counts, where it is not x."""
    most = int(model.signal.max(initial=0))
    if most < 2:
        return
    functions: dict[str, Callable[[Integers], Integers]] = {
        "x * x": lambda x: x * x,
        "the number of bits of x": lambda x: np.ceil(np.log2(x + 1)).astype(np.int64),
        "the logarithm of x, whole": lambda x: np.floor(np.log2(np.maximum(x, 1))).astype(np.int64),
        "2 to the x": lambda x: np.where(x > 0, 1 << np.minimum(x, 40), 0),
        "the root of x, whole": lambda x: np.floor(np.sqrt(x)).astype(np.int64),
        "x + 1": lambda x: x + (x > 0),
        "x - 1": lambda x: x - (x > 0),
        "2 x": lambda x: 2 * x,
        "the ones in x": lambda x: np.array([bin(k).count("1") for k in range(256)])[x],
    }
    for text, function in functions.items():
        yield text, arrays(signal=function)
    for limit in range(most - 1, 1, -1):
        yield f"x, at most {limit}", _clipped("signal", 0, limit)
    for bits in range(most.bit_length() - 1, 0, -1):
        yield f"the lowest {bits} bits of x", arrays(signal=_unsigned(bits))
        yield f"the lowest {bits + 1} bits of x, signed", arrays(signal=_register(bits + 1))
        yield f"x without its lowest {bits} bits", _floored(bits, "signal")
        yield f"x shifted down by {bits}", arrays(signal=_shifted_down(bits))


def _shifted_down(bits: int) -> Callable[[Integers], Integers]:
    return lambda values: values >> bits


def _without_source(source: int) -> Callable[[Integers], Integers]:
    def without(signal: Integers) -> Integers:
        signal = signal.copy()
        signal[:, source] = 0
        return signal

    return without


FAULTS: dict[str, Generator] = {
    "input-one-step-late": fixed(("", arrays(signal=late))),
    "input-one-step-early": fixed(("", arrays(signal=early))),
    "input-shifted": fixed(
        *((f"{n} steps late", arrays(signal=_moved(n))) for n in (2, 3)),
        *((f"{n} steps early", arrays(signal=_moved(-n))) for n in (2, 3)),
    ),
    "input-missing": fixed(("", arrays(signal=np.zeros_like))),
    "inputs-permuted": fixed(
        ("in reverse order", arrays(signal=lambda signal: signal[:, ::-1])),
        ("each is the one before", arrays(signal=lambda signal: np.roll(signal, 1, 1))),
        ("each is the one after", arrays(signal=lambda signal: np.roll(signal, -1, 1))),
    ),
    "delays-ignored": fixed(("", arrays(delay=np.zeros_like))),
    "delays-one-longer": fixed(
        ("", arrays(delay=lambda delay: delay + 1)),
        ("those of 0 alone", arrays(delay=lambda delay: np.maximum(delay, 1))),
        ("all but those of 0", arrays(delay=lambda delay: delay + (delay > 0))),
    ),
    "delays-one-shorter": fixed(("", arrays(delay=lambda delay: np.maximum(delay - 1, 0)))),
    "delays-clipped": _delay_limits,
    "ring-too-short": _ring_lengths,
    "ring-not-cleared": _uncleared,
    "delays-transposed": _transposed("delay"),
    "weights-transposed": _transposed("weight"),
    "weights-lose-low-bit": _low_bits,
    "weights-negated": fixed(("", arrays(weight=np.negative))),
    "weights-clipped": _weight_limits,
    "payload-ignored": fixed(("", arrays(signal=lambda signal: np.minimum(signal, 1)))),
    "source-missing": fixed(
        ("the first source", arrays(signal=_without_source(0))),
        ("the last source", arrays(signal=_without_source(-1))),
    ),
    "payload-function": _payloads,
    "weights-cast": _cast_weights,
    "delays-mapped": _delay_maps,
}

ABOUT_THE_SOURCE = {"input-one-step-late", "input-one-step-early", "input-shifted", "inputs-permuted"}
"""These say nothing of other layers."""
