"""One layer of the contract with every clause open to variation: what diagnosis runs.

Written from `docs/semantics.md` alone. The defaults of `Rules` are the contract; each other value of a field
is a fault. A layer is run for chosen neurons over the steps of one sample, all of them at once: no spike
travels back, so neurons of a layer do not hear of each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedLayer

Integers = npt.NDArray[np.int64]
Record: TypeAlias = dict[str, Integers]
"""u, v and spikes of every step, int64 [steps, neurons] each, by the names of a trace."""

Rounding = Literal[
    "zero",
    "down",
    "up",
    "away",
    "half up",
    "half away",
    "half even",
    "no sign",
    "low bits first",
    "32 bits",
    "31 bits and a sign",
]
Reset = Literal[
    "zero", "none", "subtract", "current too", "current after", "late", "late, before the comparison"
]
Beyond = Literal["none", "wrap", "saturate", "modulo"]
Order = Literal[
    "contract", "u decays late", "v decays late", "bias decays", "v takes u of before", "compares v of before"
]
Deliver: TypeAlias = Callable[[Integers, Integers, Integers], Integers]
"""Which of the spikes on their way to a neuron count: their steps of sending, sources and steps of arrival,
in the order of sending, to the places of those that do."""

U_HALF = 1 << 23
V_LIMIT = (1 << 23) - 1


@dataclass(frozen=True, slots=True)
class Rules:
    """Clauses 3 to 6 with their numbers; the defaults are the contract.

    `u_above`, `u_below`: what becomes of a current above `u_most` or below `u_least`; the same of v, where
    "saturate" is the contract. `sum_beyond`: the same of the sum of clause 2, None if it has no limit.
    `order`: which of the sums of clauses 3 and 5 is decayed, or what is compared. The bias acts in steps
    `bias_first` .. `bias_stop` - 1 (None: to the end). A neuron that `sleeps` stands still in a step in
    which nothing arrives. In `missing_step` nothing is computed: the record is of zeros, or of the step
    before if `repeats`. The variables `late` are recorded a step late.
    """

    du: int
    dv: int
    threshold: int | None
    threshold_shift: int = 6
    threshold_offset: int = 0
    current_shift: int = 6
    round_u: Rounding = "zero"
    round_v: Rounding = "zero"
    u_above: Beyond = "wrap"
    u_below: Beyond = "wrap"
    u_most: int = U_HALF
    u_least: int = -U_HALF + 1
    v_above: Beyond = "saturate"
    v_below: Beyond = "saturate"
    v_most: int = V_LIMIT
    v_least: int = -V_LIMIT
    sum_beyond: Beyond | None = None
    sum_bits: int = 64
    order: Order = "contract"
    reset: Reset = "zero"
    v_before_reset: bool = False
    sleeps: bool = False
    bias_first: int = 0
    bias_stop: int | None = None
    missing_step: int | None = None
    repeats: bool = False
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """u and v int64 [neurons] of a layer at the end of a sample, and what had arrived, int64 [T, inputs]."""

    u: Integers
    v: Integers
    signal: Integers


@dataclass(frozen=True, slots=True, eq=False)
class LayerModel:
    """A layer, what arrives at it, and the rules by which it is run.

    `weight`, `delay` int64 [neurons, inputs]; `bias_mant`, `start_u`, `start_v` int64 [neurons]; `signal`
    int64 [T, inputs], spikes or payloads; `threshold_more` int64 [neurons], what is added to the threshold,
    in units of v. `deliver` says which of the spikes on their way to a neuron count, None for all.
    `uncleared` is the length of a ring of sums whose slots keep what was in them, None if they are cleared.
    With `comes_round`, what would arrive after the last step arrives from the first one on.

    `before` is how the sample before ended, None if there was none or it is unknown; the contract does not
    look at it. `earlier` int64 [T, inputs] is what was sent then, and is still on its way.
    """

    weight: Integers
    delay: Integers
    bias_mant: Integers
    bias_exp: int
    start_u: Integers
    start_v: Integers
    signal: Integers
    rules: Rules
    threshold_more: Integers
    deliver: Deliver | None = None
    uncleared: int | None = None
    comes_round: bool = False
    before: Before | None = None
    earlier: Integers | None = None

    @property
    def bias(self) -> Integers:
        return self.bias_mant << self.bias_exp

    def with_rules(self, **fields: Any) -> LayerModel:
        return replace(self, rules=replace(self.rules, **fields))

    def changed_rows(self, other: LayerModel) -> Integers:
        """The neurons, int64 [changed], that another model may run in another way than this one."""
        shared = ("rules", "deliver", "uncleared", "comes_round")
        signals = other.signal is not self.signal or other.earlier is not self.earlier
        if signals or any(getattr(other, x) != getattr(self, x) for x in shared):
            return np.arange(len(self.weight))
        same = (other.weight == self.weight) & (other.delay == self.delay)
        rows = same.all(axis=1) & (other.bias == self.bias) & (other.threshold_more == self.threshold_more)
        return np.flatnonzero(~rows | (other.start_u != self.start_u) | (other.start_v != self.start_v))

    def hears_as(self, other: LayerModel) -> bool:
        """Whether the sums of clause 2 are those of `other`, which this model was made from."""
        fields = ("weight", "delay", "signal", "earlier", "deliver", "uncleared", "comes_round")
        return all(getattr(self, name) is getattr(other, name) for name in fields)


def contract(layer: QuantizedLayer, signal: npt.NDArray[Any], before: Before | None = None) -> LayerModel:
    """`layer` as the contract has it, with `signal` [T, inputs] arriving."""
    still = np.zeros(layer.neurons, np.int64)
    return LayerModel(
        weight=layer.weight.astype(np.int64),
        delay=layer.delay.astype(np.int64),
        bias_mant=layer.bias_mant.astype(np.int64),
        bias_exp=layer.bias_exp,
        start_u=still,
        start_v=still,
        signal=signal.astype(np.int64),
        rules=Rules(layer.decay_u, layer.decay_v, layer.threshold),
        threshold_more=still,
        before=before,
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """What neurons are run on: `sums` int64 [steps, neurons] is `a` of clause 2, the rest [neurons]."""

    sums: Integers
    bias: Integers
    start_u: Integers
    start_v: Integers
    threshold_more: Integers

    @property
    def width(self) -> int:
        return len(self.bias)


def run(neurons: Columns, rules: Rules) -> Record:
    """What neurons give. The numbers of `rules` may be arrays [neurons]."""
    shape = neurons.sums.shape
    record = {name: np.zeros(shape, np.int64) for name in ("u", "v", "spikes")}
    u, v, fired = neurons.start_u, neurons.start_v, np.zeros(shape[1], np.bool_)
    limit = None
    if rules.threshold is not None:
        limit = (rules.threshold << rules.threshold_shift) + rules.threshold_offset + neurons.threshold_more
    sums = neurons.sums
    if rules.sum_beyond is not None:
        half = 1 << (rules.sum_bits - 1)
        sums = bounded(sums, -half, half - 1, rules.sum_beyond, rules.sum_beyond)
    currents, no_bias = sums << rules.current_shift, np.zeros_like(neurons.bias)
    for t, arrived in enumerate(currents):
        if t == rules.missing_step:
            if rules.repeats and t:
                for values in record.values():
                    values[t] = values[t - 1]
            continue
        asleep = u, v
        if rules.order == "u decays late":
            u = decay(u + arrived, rules.du, rules.round_u)
        else:
            u = decay(u, rules.du, rules.round_u) + arrived
        u = bounded(u, rules.u_least, rules.u_most, rules.u_below, rules.u_above)
        bias = neurons.bias if _acts(rules, t) else no_bias
        if rules.order == "v decays late":
            v = decay(v + u + bias, rules.dv, rules.round_v)
        elif rules.order == "bias decays":
            v = decay(v + bias, rules.dv, rules.round_v) + u
        else:
            drive = asleep[0] if rules.order == "v takes u of before" else u
            v = decay(v, rules.dv, rules.round_v) + drive + bias
        v = bounded(v, rules.v_least, rules.v_most, rules.v_below, rules.v_above)
        if rules.sleeps:
            u, v = np.where(sums[t] == 0, asleep, (u, v))
        shown, fired_before = v, fired
        if limit is not None:
            if rules.reset == "late, before the comparison":
                v = np.where(fired_before, 0, v)
            fired = (asleep[1] if rules.order == "compares v of before" else v) > limit
            if rules.reset == "subtract":
                v = np.where(fired, v - limit, v)
            elif rules.reset == "late":
                v = np.where(fired_before, 0, v)
            elif rules.reset in ("zero", "current too", "current after"):
                v = np.where(fired, 0, v)
            if rules.reset == "current too":
                u = np.where(fired, 0, u)
        shown = shown if rules.v_before_reset else v
        record["u"][t], record["v"][t], record["spikes"][t] = u, shown, fired
        if rules.reset == "current after":  # cleared for the next step, not in the record
            u = np.where(fired, 0, u)
    for name in rules.late:
        record[name] = np.concatenate([np.zeros_like(record[name][:1]), record[name][:-1]])
    return record


def _acts(rules: Rules, t: int) -> bool:
    return t >= rules.bias_first and (rules.bias_stop is None or t < rules.bias_stop)


def decay(x: Integers, k: int | Integers, rounding: Rounding) -> Integers:
    """Clause 4 is "zero"; the others round or cut the same product in another way."""
    kept = 4096 - k
    product = x * kept
    size, sign = np.abs(product), np.sign(product)
    match rounding:
        case "zero":
            return sign * (size >> 12)
        case "down":
            return product >> 12
        case "up":
            return -(-product >> 12)
        case "away":
            return sign * -(-size >> 12)
        case "half up":
            return (product + 2048) >> 12
        case "half away":
            return sign * ((size + 2048) >> 12)
        case "half even":
            below, rest = product >> 12, product & 4095
            return below + ((rest > 2048) | ((rest == 2048) & (below % 2 == 1)))
        case "no sign":
            return size >> 12
        case "low bits first":
            return np.sign(x) * (np.abs(x) >> 12) * kept
        case "32 bits":
            return sign * (size % (1 << 32) >> 12)
        case "31 bits and a sign":
            return sign * (((size + (1 << 31)) % (1 << 32) - (1 << 31)) >> 12)


def bounded(x: Integers, least: int, most: int, below: Beyond, above: Beyond) -> Integers:
    """`x`, and what is outside `least` .. `most` as `below` and `above` say."""
    if below == above == "saturate":
        return np.minimum(np.maximum(x, least), most)
    low, high = x < least, x > most
    if not (np.count_nonzero(low) or np.count_nonzero(high)):  # quicker than `any` on few values
        return x
    if "modulo" in (below, above):  # a register of that width, which has both sides
        return (x - least) % (most - least + 1) + least
    return np.where(low, _beyond(x, least, below), np.where(high, _beyond(x, most, above), x))


def _beyond(x: Integers, bound: int, kind: Beyond) -> Integers:
    """What becomes of values beyond `bound`: kept, wrapped once by 2**24 toward 0, or put to the bound."""
    if kind == "none":
        return x
    return np.full_like(x, bound) if kind == "saturate" else x - np.sign(bound) * (1 << 24)
