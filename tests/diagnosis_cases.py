"""Faults as scalar mutants, with the cause that a diagnosis should name, and nets that show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from more_cases import MORE, of
from scalar_mutants import Record, Scalar, mutant

from snnc.stages import QuantizedGraph, QuantizedLayer


class FaultCase(NamedTuple):
    """`fault` acts in every layer, by `name` and `where` of the cause; it shows in `net`."""

    name: str
    where: str
    fault: Callable[[], Scalar]
    net: str = "plain"


def _layer(rng: np.random.Generator, name: str, shape: tuple[int, int], **fields: Any) -> QuantizedLayer:
    given = {
        "weight": rng.integers(-60, 90, shape) * (rng.random(shape) < 0.8) * fields.pop("scale", 1),
        "delay": rng.integers(0, 10, shape),
        "bias_mant": rng.integers(-90, 90, shape[0]) * fields.pop("bias", 1),
        "bias_exp": 3,
        "decay_u": 1500,
        "decay_v": 400,
        "threshold": 150,
    }
    return QuantizedLayer(name=name, **given | fields)


def net(
    steps: int = 40, payload_max: int = 1, density: float = 0.1, **fields: Any
) -> tuple[QuantizedGraph, np.ndarray]:
    """A net of 9-8-8-3 that fires, and two samples uint8 [2, T, 9]."""
    rng = np.random.default_rng(4)
    chain = (
        _layer(rng, "hidden1", (8, 9), **fields),
        _layer(rng, "hidden2", (8, 8), **fields),
        _layer(rng, "readout", (3, 8), **fields | {"threshold": None}),
    )
    graph = QuantizedGraph.chain(chain, steps, 0.001, 1.0, ("a", "b", "c"), payload_max)
    shape = (2, steps, 9)
    inputs = rng.integers(1, payload_max + 1, shape) * (rng.random(shape) < density)
    return graph, inputs.astype(np.uint8)


def one_neuron(weights: list[int], **fields: Any) -> tuple[QuantizedGraph, np.ndarray]:
    """A neuron that hears each of `weights` once, input j in step j, and forgets; then one to read it."""
    given: dict[str, Any] = {"bias_mant": [0], "bias_exp": 0, "decay_u": 4096, "decay_v": 4096}
    given |= {"threshold": 131071} | fields
    hidden = QuantizedLayer(name="hidden1", weight=[weights], delay=[[0] * len(weights)], **given)
    readout = QuantizedLayer("readout", [[1]], [[0]], [0], 0, 4096, 4096, None)
    graph = QuantizedGraph.chain((hidden, readout), len(weights), 0.001, 1.0, ("a",))
    return graph, np.eye(len(weights), dtype=np.uint8)[None].repeat(2, axis=0)


NETS: dict[str, Callable[[], tuple[QuantizedGraph, np.ndarray]]] = {
    "plain": net,
    # v is a sum of weights, and meets its threshold.
    "exact": lambda: net(bias=0, decay_u=4096, decay_v=0, threshold=86),
    "saturating": lambda: net(scale=300, decay_u=100, decay_v=0, density=0.4, threshold=100000),
    "payloads": lambda: net(payload_max=255, threshold=20000),
    "dense": lambda: net(density=0.5),
    # u is 2**23 and -2**23, which wraps to 2**23; v is clipped from there.
    # v is one above the threshold.
    "near": lambda: one_neuron([1], bias_mant=[1], threshold=1),
    "boundaries": lambda: one_neuron([1 << 17, -(1 << 17)]),
    "below": lambda: one_neuron([-(1 << 17) + 1, -(1 << 17) + 1], decay_v=0),
}


def _delay(change: Callable[[int], int]) -> Callable[[], Scalar]:
    return lambda: mutant(delay=lambda self, i, j: change(int(self.layer.delay[i, j])))


def _weight(change: Callable[[int], int]) -> Callable[[], Scalar]:
    return lambda: mutant(weight=lambda self, i, j: change(int(self.layer.weight[i, j])))


def _delay_of(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Scalar]:
    return lambda: mutant(delay=lambda self, i, j: int(change(self.layer.delay)[i, j]))


def _bias_of(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Scalar]:
    return lambda: mutant(bias=lambda self, i, t: int(change(self.layer.bias_mant)[i]) << self.layer.bias_exp)


def _floor(x: int, k: int) -> int:
    return x * (4096 - k) // 4096


def _signed(size: int, x: int) -> int:
    return -size if x < 0 else size


def _late(signal: np.ndarray) -> np.ndarray:
    return np.vstack([np.zeros_like(signal[:1]), signal[:-1]])


def _early(signal: np.ndarray) -> np.ndarray:
    return np.vstack([signal[1:], np.zeros_like(signal[:1])])


def _last_zero(record: Record) -> Record:
    return {name: np.vstack([values[:-1], 0 * values[-1:]]) for name, values in record.items()}


def _last_repeated(record: Record) -> Record:
    zeros = _last_zero(record)
    return zeros if len(record["u"]) == 1 else {n: np.vstack([x[:-1], x[-2:-1]]) for n, x in record.items()}


def _without_last(signal: np.ndarray) -> np.ndarray:
    return np.vstack([signal[:-1], np.zeros_like(signal[:1])])


def _resets_before_it_compares() -> Scalar:
    """A neuron that fired has v = 0 in the next step before it is compared."""

    def start(self: Any, i: int) -> tuple[int, int]:
        self.fired = False
        return 0, 0

    def clip(self: Any, x: int) -> int:
        return 0 if self.fired else Scalar.clip(self, x)

    def fires(self: Any, v: int, threshold: int) -> bool:
        self.fired = v > threshold
        return self.fired

    return mutant(start=start, clip=clip, fires=fires, reset=lambda self, u, v: (u, v))


def _never_cleared(self: Any, i: int, signal: np.ndarray) -> list[int]:
    """Ten slots, each step adds to what was there ten steps before."""
    slots, delivered = [0] * 10, []
    for t, a in enumerate(Scalar.sums(self, i, signal)):
        slots[t % 10] += a
        delivered.append(slots[t % 10])
    return delivered


def _even(w: int) -> int:
    return w // 2 * 2 if w >= 0 else -(-w // 2 * 2)


def _per_step(slot: list[tuple[int, int]]) -> int:
    return sum(dict(slot).values())


CASES = (
    FaultCase("threshold-greater-or-equal", "", of(fires=lambda self, v, th: v >= th), "exact"),
    FaultCase(
        "threshold-off-by-one",
        "+64 in the units of v",
        of(threshold=lambda self: self.layer.threshold * 64 + 64),
    ),
    FaultCase(
        "threshold-off-by-one",
        "-64 in the units of v",
        of(threshold=lambda self: self.layer.threshold * 64 - 64),
    ),
    FaultCase(
        "threshold-off-by-one",
        "+1 in the units of v",
        of(threshold=lambda self: self.layer.threshold * 64 + 1),
        "near",
    ),
    FaultCase("threshold-scale", "by 0 bits instead of 6", of(threshold=lambda self: self.layer.threshold)),
    FaultCase(
        "threshold-scale", "by 7 bits instead of 6", of(threshold=lambda self: self.layer.threshold * 128)
    ),
    FaultCase("decay-rounds-down", "in the decay of u and v", of(decay=lambda self, x, k: _floor(x, k))),
    FaultCase("decay-rounds-down", "in the decay of u", of(decay_u=lambda self, x, k: _floor(x, k))),
    FaultCase("decay-rounds-down", "in the decay of v", of(decay_v=lambda self, x, k: _floor(x, k))),
    FaultCase(
        "decay-rounds-to-nearest",
        "in the decay of u and v, half to even",
        of(decay=lambda self, x, k: round(x * (4096 - k) / 4096)),
    ),
    FaultCase(
        "decay-rounds-to-nearest",
        "in the decay of v, half up",
        of(decay_v=lambda self, x, k: (x * (4096 - k) + 2048) // 4096),
    ),
    FaultCase(
        "decay-rounds-away",
        "in the decay of u and v, away from zero",
        of(decay=lambda self, x, k: x - (x * k // 4096 if x >= 0 else -(-x * k // 4096))),
    ),
    FaultCase(
        "decay-rounds-away", "in the decay of u and v, up", of(decay=lambda self, x, k: x - x * k // 4096)
    ),
    FaultCase("decay-loses-sign", "in the decay of v", of(decay_v=lambda self, x, k: _floor(abs(x), k))),
    FaultCase(
        "decay-loses-low-bits",
        "in the decay of u and v",
        of(decay=lambda self, x, k: (abs(x) // 4096) * (4096 - k) * (1 if x > 0 else -1)),
    ),
    FaultCase(
        "decay-overflows",
        "in the decay of u and v, in 32 bits",
        of(decay=lambda self, x, k: _signed((abs(x) * (4096 - k) & 0xFFFFFFFF) >> 12, x)),
        "saturating",
    ),
    FaultCase(
        "decay-overflows",
        "in the decay of u and v, in 31 bits and a sign",
        of(decay=lambda self, x, k: _signed(int(np.int64(abs(x) * (4096 - k)).astype(np.int32)) >> 12, x)),
        "saturating",
    ),
    FaultCase(
        "decays-swapped",
        "",
        of(
            decay_u=lambda self, x, k: self.decay(x, self.layer.decay_v),
            decay_v=lambda self, x, k: self.decay(x, self.layer.decay_u),
        ),
    ),
    FaultCase("decay-off-by-one", "du +1", of(decay_u=lambda self, x, k: self.decay(x, k + 1))),
    FaultCase("decay-off-by-one", "dv -1", of(decay_v=lambda self, x, k: self.decay(x, k - 1))),
    FaultCase("no-reset", "", of(reset=lambda self, u, v: (u, v))),
    FaultCase("reset-by-subtraction", "", of(reset=lambda self, u, v: (u, v - self.threshold()))),
    FaultCase("reset-clears-current", "", of(reset=lambda self, u, v: (0, 0))),
    FaultCase("v-before-reset", "", of(shown=lambda self, before, v: before)),
    FaultCase(
        "reset-one-step-late",
        "after the comparison of the next step",
        of(reset=lambda self, u, v: (u, v), late_reset=lambda self, v, fired: 0 if fired else v),
    ),
    FaultCase("reset-one-step-late", "before the comparison of the next step", _resets_before_it_compares),
    FaultCase(
        "input-one-step-late",
        "",
        of(arriving=lambda self, signal: signal if self.index else _late(signal)),
    ),
    FaultCase(
        "input-one-step-early",
        "",
        of(arriving=lambda self, signal: signal if self.index else _early(signal)),
    ),
    FaultCase(
        "last-step-missing",
        "step 39 is recorded as zeros",
        of(recorded=lambda self, record: _last_zero(record)),
    ),
    FaultCase(
        "last-step-missing",
        "step 39 repeats the one before",
        of(recorded=lambda self, record: _last_repeated(record)),
    ),
    FaultCase(
        "last-step-missing",
        "nothing sent in step 39 arrives",
        of(arriving=lambda self, signal: _without_last(signal)),
        "dense",
    ),
    FaultCase(
        "record-one-step-late",
        "u and v and spikes",
        of(recorded=lambda self, record: {name: _late(values) for name, values in record.items()}),
    ),
    FaultCase(
        "record-one-step-late",
        "spikes",
        of(recorded=lambda self, record: record | {"spikes": _late(record["spikes"])}),
    ),
    FaultCase(
        "inputs-permuted",
        "in reverse order",
        of(arriving=lambda self, signal: signal if self.index else np.fliplr(signal)),
    ),
    FaultCase(
        "silent-steps-skipped",
        "",
        of(integrate=lambda self, u, v, a, i, t: Scalar.integrate(self, u, v, a, i, t) if a else (u, v)),
    ),
    FaultCase("delays-ignored", "", _delay(lambda d: 0)),
    FaultCase("delays-one-longer", "", _delay(lambda d: d + 1)),
    FaultCase("delays-one-longer", "those of 0 alone", _delay(lambda d: max(d, 1))),
    FaultCase("delays-one-longer", "all but those of 0", _delay(lambda d: d + 1 if d else 0)),
    FaultCase("delays-one-shorter", "", _delay(lambda d: max(d - 1, 0))),
    FaultCase("delays-clipped", "limit 6", _delay(lambda d: min(d, 6))),
    FaultCase("ring-too-short", "8 slots", _delay(lambda d: d % 8)),
    FaultCase(
        "ring-too-short", "8 slots, written after they are read", _delay(lambda d: d if d <= 8 else d - 8)
    ),
    FaultCase("ring-not-cleared", "of 10 slots", of(sums=_never_cleared)),
    FaultCase(
        "weights-transposed",
        "those of the input before",
        of(weight=lambda self, i, j: int(self.layer.weight[i, j - 1])),
    ),
    FaultCase("delays-transposed", "neurons reversed", _delay_of(lambda delay: np.flipud(delay))),
    FaultCase("delays-transposed", "inputs reversed", _delay_of(lambda delay: np.fliplr(delay))),
    FaultCase(
        "delays-transposed",
        "read in the order of the other axis",
        _delay_of(
            lambda delay: np.reshape(delay, delay.shape, order="C").ravel().reshape(delay.shape, order="F")
        ),
    ),
    FaultCase(
        "delays-transposed",
        "written in the order of the other axis",
        _delay_of(lambda delay: delay.ravel(order="F").reshape(delay.shape)),
    ),
    FaultCase("weights-lose-low-bit", "1 bit, toward zero", _weight(_even)),
    FaultCase("weights-lose-low-bit", "1 bit, down", _weight(lambda w: w - w % 2)),
    FaultCase("weights-lose-low-bit", "2 bits, down", _weight(lambda w: w - w % 4)),
    FaultCase("weights-negated", "", _weight(lambda w: -w)),
    FaultCase("weights-clipped", "-64 .. 63", _weight(lambda w: max(-64, min(63, w)))),
    FaultCase("weights-clipped", "-32 .. 31", _weight(lambda w: max(-32, min(31, w)))),
    FaultCase("payload-ignored", "", of(payload=lambda self, value: 1), "payloads"),
    FaultCase(
        "spikes-merged",
        "the last one sent",
        of(total=lambda self, slot: slot[-1][1] if slot else 0),
        "dense",
    ),
    FaultCase(
        "spikes-merged",
        "the first one sent",
        of(total=lambda self, slot: slot[0][1] if slot else 0),
        "dense",
    ),
    FaultCase(
        "spikes-merged",
        "of those sent together, the last source",
        of(total=lambda self, slot: _per_step(slot)),
        "dense",
    ),
    FaultCase(
        "spikes-merged",
        "of those sent together, the first source",
        of(total=lambda self, slot: _per_step(slot[::-1])),
        "dense",
    ),
    FaultCase("current-scale", "by 0 bits instead of 6", of(current=lambda self, a: a)),
    FaultCase("current-scale", "by 7 bits instead of 6", of(current=lambda self, a: 128 * a)),
    FaultCase("no-wrap", "on both sides", of(wrap=lambda self, x: x), "saturating"),
    FaultCase(
        "no-wrap", "above", of(wrap=lambda self, x: x if x > 0 else Scalar.wrap(self, x)), "saturating"
    ),
    FaultCase(
        "wrap-saturates",
        "on both sides",
        of(wrap=lambda self, x: max(-8388607, min(8388608, x))),
        "saturating",
    ),
    FaultCase(
        "wrap-saturates",
        "on both sides of -8388607 .. 8388607",
        of(wrap=lambda self, x: Scalar.clip(self, x)),
        "saturating",
    ),
    FaultCase(
        "wrap-boundary",
        "u in -8388608 .. 8388607",
        of(wrap=lambda self, x: (x + 8388608) % 16777216 - 8388608),
        "boundaries",
    ),
    FaultCase("no-clip", "on both sides", of(clip=lambda self, x: x), "saturating"),
    FaultCase("no-clip", "below", of(clip=lambda self, x: min(x, 8388607)), "saturating"),
    FaultCase(
        "clip-boundary",
        "v in -8388608 .. 8388607",
        of(clip=lambda self, x: max(-8388608, min(8388607, x))),
        "below",
    ),
    FaultCase(
        "v-wraps", "on both sides", of(clip=lambda self, x: (x + 8388608) % 16777216 - 8388608), "saturating"
    ),
    FaultCase("bias-missing", "", of(bias=lambda self, i, t: 0)),
    FaultCase("bias-exponent-ignored", "", of(bias=lambda self, i, t: int(self.layer.bias_mant[i]))),
    FaultCase(
        "biases-permuted", "of the neuron before", _bias_of(lambda bias: bias[np.arange(len(bias)) - 1])
    ),
    FaultCase("biases-permuted", "in reverse order", _bias_of(lambda bias: np.flip(bias))),
    FaultCase("bias-one-step-early", "", of(start=lambda self, i: (0, self.bias(i, 0)))),
    FaultCase(
        "bias-one-step-early",
        "and not in the last",
        of(
            start=lambda self, i: (0, Scalar.bias(self, i, 0)),
            bias=lambda self, i, t: Scalar.bias(self, i, t) * (t < self.steps - 1),
        ),
        "dense",
    ),
    FaultCase("bias-one-step-late", "", of(bias=lambda self, i, t: Scalar.bias(self, i, t) if t else 0)),
    FaultCase(
        "synapse-missing",
        "synapse from 1: weight 84",
        of(weight=lambda self, i, j: 0 if (self.index, i, j) == (0, 3, 1) else int(self.layer.weight[i, j])),
    ),
    FaultCase(
        "source-missing",
        "source 8",
        of(arriving=lambda self, signal: signal * (np.arange(signal.shape[1]) < 8)),
    ),
    FaultCase(
        "delay-changed",
        "synapse from 1: delay 4 instead of 9",
        of(delay=lambda self, i, j: 4 if (self.index, i, j) == (0, 3, 1) else int(self.layer.delay[i, j])),
    ),
    FaultCase(
        "weight-changed",
        "synapse from 1: weight 83 instead of 84",
        of(weight=lambda self, i, j: 83 if (self.index, i, j) == (0, 3, 1) else int(self.layer.weight[i, j])),
        "dense",
    ),
    FaultCase(
        "neurons-permuted",
        "neuron 0 gives what neuron 7 should",
        of(recorded=lambda self, record: {name: np.fliplr(values) for name, values in record.items()}),
    ),
    *(FaultCase(*more) for more in MORE),
)
