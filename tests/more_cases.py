"""More faults as scalar mutants: edges in time, widths, buffers, payloads, orders (`diagnosis_cases.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scalar_mutants import Scalar, mutant


def of(**methods: Any) -> Callable[[], Scalar]:
    return lambda: mutant(**methods)


def _input(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[], Scalar]:
    return of(arriving=lambda self, signal: signal if self.index else change(signal))


def _delayed(first: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda signal: np.vstack([np.zeros_like(signal[:first]), signal[: len(signal) - first]])


def _from(first: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda signal: np.vstack([np.zeros_like(signal[:first]), signal[first:]])


def _signed(x: int, bits: int) -> int:
    low = x % 2**bits
    return low - 2**bits if low >= 2 ** (bits - 1) else low


def _cut(x: int, bits: int) -> int:
    return max(-(2 ** (bits - 1)), min(2 ** (bits - 1) - 1, x))


def _payload(change: Callable[[int], int]) -> Callable[[], Scalar]:
    return of(payload=lambda self, value: value if self.index else change(value))


def _order(integrate: Callable[[Any, int, int, int, int], tuple[int, int]]) -> Callable[[], Scalar]:
    return of(integrate=lambda self, u, v, a, i, t: integrate(self, u, v, 64 * a, self.bias(i, t)))


def _u_late(self: Any, u: int, v: int, a: int, bias: int) -> tuple[int, int]:
    u = self.wrap(self.decay(u + a, self.layer.decay_u))
    return u, self.clip(self.decay(v, self.layer.decay_v) + u + bias)


def _v_late(self: Any, u: int, v: int, a: int, bias: int) -> tuple[int, int]:
    u = self.wrap(self.decay(u, self.layer.decay_u) + a)
    return u, self.clip(self.decay(v + u + bias, self.layer.decay_v))


def _old_u(self: Any, u: int, v: int, a: int, bias: int) -> tuple[int, int]:
    now = self.wrap(self.decay(u, self.layer.decay_u) + a)
    return now, self.clip(self.decay(v, self.layer.decay_v) + u + bias)


def _comes_round(self: Any, i: int, signal: np.ndarray) -> list[int]:
    found = [0] * self.steps
    for t, j in np.argwhere(signal).tolist():
        found[(t + self.delay(i, j)) % self.steps] += self.weight(i, j) * self.payload(int(signal[t, j]))
    return found


def _waiting(places: int) -> Callable[..., list[int]]:
    """A neuron's list of spikes that have not arrived; one that finds it full is lost."""

    def sums(self: Any, i: int, signal: np.ndarray) -> list[int]:
        found, under_way = [0] * (self.steps + 99), []
        for t, j in np.argwhere(signal).tolist():
            under_way = [due for due in under_way if due >= t]
            if self.weight(i, j) and len(under_way) < places:
                under_way.append(t + self.delay(i, j))
                found[under_way[-1]] += self.weight(i, j) * self.payload(int(signal[t, j]))
        return found[: self.steps]

    return sums


def _last_spike_only(self: Any, i: int, signal: np.ndarray) -> list[int]:
    """A source's register holds its last spike; one that has not arrived when the next is sent is lost."""
    found = [0] * (self.steps + 99)
    for t, j in np.argwhere(signal).tolist():
        delay = self.delay(i, j)
        if not signal[t + 1 : t + delay, j].any():
            found[t + delay] += self.weight(i, j) * self.payload(int(signal[t, j]))
    return found[: self.steps]


def _first_sources(signal: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(signal)
    for t, row in enumerate(signal):
        some = np.flatnonzero(row)[:2]
        kept[t, some] = row[some]
    return kept


def _low_weight(self: Any, i: int, j: int) -> int:
    return _signed(int(self.layer.weight[i, j]), 6)


def _without_delays_from(first: int) -> Callable[..., int]:
    return lambda self, i, j: int(self.layer.weight[i, j]) * (int(self.layer.delay[i, j]) < first)


def _bias_in_bits(self: Any, i: int, t: int) -> int:
    return _signed(int(self.layer.bias_mant[i]), 6) * 2 ** int(self.layer.bias_exp)


MORE: tuple[tuple[str, str, Callable[[], Scalar], str], ...] = (
    ("threshold-low-bits-ignored", "", of(fires=lambda self, v, th: v // 64 > th // 64), "plain"),
    ("threshold-changed", "10240", of(fires=lambda self, v, th: v > th + 640), "plain"),
    ("threshold-changed", "9280", of(fires=lambda self, v, th: v > th - 320), "plain"),
    ("never-fires", "", of(fires=lambda self, v, th: False), "plain"),
    (
        "decay-changed",
        "du 1495 instead of 1500",
        of(decay_u=lambda self, x, k: self.decay(x, k - 5)),
        "plain",
    ),
    (
        "decay-changed",
        "dv 3696 instead of 400",
        of(decay_v=lambda self, x, k: self.decay(x, 4096 - k)),
        "plain",
    ),
    ("order-of-the-sums", "u decays after what arrives is added", _order(_u_late), "plain"),
    ("order-of-the-sums", "v decays after u and bias are added", _order(_v_late), "plain"),
    ("order-of-the-sums", "v takes u of the step before", _order(_old_u), "plain"),
    ("input-shifted", "2 steps late", _input(_delayed(2)), "plain"),
    ("input-missing", "", _input(np.zeros_like), "plain"),
    ("first-step-missing", "nothing sent in step 0 arrives", _input(_from(1)), "dense"),
    ("first-step-missing", "nothing sent in steps 0 to 1 arrives", _input(_from(2)), "dense"),
    ("late-spikes-come-round", "", of(sums=_comes_round), "plain"),
    ("delayed-spikes-lost", "of a delay above 8", of(weight=_without_delays_from(9)), "plain"),
    ("delayed-spikes-lost", "with a delay", of(weight=_without_delays_from(1)), "plain"),
    (
        "delays-mapped",
        "twice as long",
        of(delay=lambda self, i, j: 2 * int(self.layer.delay[i, j])),
        "plain",
    ),
    ("weights-cast", "the lowest 6 bits, signed", of(weight=_low_weight), "plain"),
    (
        "weights-cast",
        "their magnitude",
        of(weight=lambda self, i, j: abs(int(self.layer.weight[i, j]))),
        "plain",
    ),
    ("payload-function", "x * x", _payload(lambda x: x * x), "payloads"),
    ("payload-function", "the number of bits of x", _payload(int.bit_length), "payloads"),
    ("payload-function", "x, at most 100", _payload(lambda x: min(x, 100)), "payloads"),
    (
        "counts-cut",
        "the first 2 that arrive at a neuron",
        of(total=lambda self, slot: sum(w for _, w in slot[:2])),
        "dense",
    ),
    ("counts-cut", "the first 2 sources that send", of(arriving=lambda self, x: _first_sources(x)), "dense"),
    ("buffer-too-short", "one of 3 places a neuron, what is new is lost", of(sums=_waiting(3)), "dense"),
    (
        "buffer-too-short",
        "one of 1 place a source, the oldest is overwritten",
        of(sums=_last_spike_only),
        "dense",
    ),
    (
        "register-too-narrow",
        "the sum in 8 bits wraps",
        of(current=lambda self, a: 64 * _signed(a, 8)),
        "dense",
    ),
    (
        "register-too-narrow",
        "the sum in 8 bits stops at its limits",
        of(current=lambda self, a: 64 * _cut(a, 8)),
        "dense",
    ),
    ("register-too-narrow", "u in 14 bits wraps", of(wrap=lambda self, x: _signed(x, 14)), "plain"),
    (
        "register-too-narrow",
        "v in 14 bits stops at its limits",
        of(clip=lambda self, x: _cut(x, 14)),
        "plain",
    ),
    ("biases-changed", "neuron ", of(bias=_bias_in_bits), "plain"),
)
"""(name and where of the cause, the fault, the net that shows it)."""
