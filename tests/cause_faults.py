"""Faults of graphs, written without the diagnosis: what an executor does wrong, and what it should be called.

A `cause` of None is a fault for which no hypothesis was made: naming any other is a false claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from graph_edits import (
    Change,
    columns,
    edited,
    first_of_pair,
    kernel,
    moved,
    population,
    projection,
    shifted_late,
    swapped,
    transposed,
)
from graph_scalar import GraphScalar, OnGraph, mutant
from wrong_rules import (
    adaptive_threshold,
    bias_into_current,
    floor,
    floor_of_scale,
    half_reset,
    leaks_to_the_next,
    once_more,
    remember,
    reset_after_end,
    reset_by_threshold,
    reset_to_zero,
    reset_w,
    reset_where_above_r,
    s_stays,
    stays,
    stochastic,
    tired,
    with_input_bias,
)


@dataclass(frozen=True)
class GraphFault:
    """`text` of what is wrong, the `cause` to be named, what makes the executor, and the graph's seed."""

    text: str
    cause: str | None
    make: Callable[[], GraphScalar]
    seed: int = 1


def rule(text: str, cause: str | None, seed: int = 1, **methods: Any) -> GraphFault:
    return GraphFault(text, cause, lambda: mutant(**methods), seed)


def other(text: str, cause: str | None, change: Change, seed: int = 1) -> GraphFault:
    """Another graph is run."""
    return GraphFault(text, cause, lambda: OnGraph(change), seed)


DESIGNED = (
    other(
        "delays of the recurrent h -> h are 1 longer",
        "delays-one-longer",
        projection("h -> h", columns(delay=shifted_late)),
    ),
    rule(
        "spikes of g -> g arrive 1 step early where they can",
        "delays-one-shorter",
        2,
        arrival=lambda self, each, t, delay: t + (max(delay - 1, 1) if each.name == "g -> g" else delay),
    ),
    other("the recurrent projection o -> o is left out", "projection-missing", projection("o -> o", None)),
    other("the skip projection y -> g is left out", "projection-missing", projection("y -> g", None), 3),
    other(
        "the recurrent projection h -> h is transposed",
        "weights-transposed",
        projection("h -> h", transposed),
    ),
    other(
        "the skip projection y -> g arrives 1 step early where it can",
        "delays-one-shorter",
        projection("y -> g", columns(delay=lambda d: np.maximum(d - 1, 0))),
    ),
    other(
        "the skip projection h -> r has no delays",
        "delays-ignored",
        projection("h -> r", columns(delay=lambda d: 0 * d)),
        3,
    ),
    other(
        "the skip projection h -> o has the exponent 0",
        "weight-exponent-ignored",
        projection("h -> o", columns(), weight_exp=0),
    ),
    other(
        "two synapses between one pair: the first counts",
        "parallel-synapses-merged",
        projection("c -> h", first_of_pair),
    ),
    other(
        "a neuron does not reach itself through h -> h",
        "self-synapses-missing",
        projection(
            "h -> h",
            lambda of: replace(
                of.as_list(), weight=of.as_list().weight * (of.as_list().pre != of.as_list().post)
            ),
        ),
        2,
    ),
    rule("a reset by subtraction sets v to 0", "reset-to-zero", after_reset=reset_to_zero),
    rule(
        "a spike takes the threshold off v, not r",
        "reset-by-the-threshold",
        2,
        after_reset=reset_by_threshold,
    ),
    rule("r is taken off wherever v is above r", "reset-where-v-exceeds-r", 3, reset=reset_where_above_r),
    rule(
        "v is compared with r",
        "threshold-is-r",
        threshold=lambda self, p, i: 64 * int((p.threshold if p.reset_by is None else p.reset_by)[i]),
    ),
    rule(
        "v is not below 0 after a subtraction",
        "reset-not-below-0",
        2,
        after_reset=lambda self, p, i, v: max(0, GraphScalar.after_reset(self, p, i, v)),
    ),
    rule("there is no reset", "reset-missing", 3, after_reset=lambda self, p, i, v: v),
    rule(
        "fires where v meets the threshold",
        "threshold-greater-or-equal",
        1,
        above=lambda self, p, i, v: v >= self.threshold(p, i),
    ),
    rule("a spike clears w, too", "reset-clears-adaptation", 1, reset=reset_w),
    rule(
        "w is added to v",
        "adaptation-added",
        1,
        membrane=lambda self, p, i, of, u, w, t: GraphScalar.membrane(self, p, i, of, u, -w, t),
    ),
    rule("w does not act", "adaptation-missing", 2, acting=lambda self, p, old, new: 0),
    rule(
        "a spike takes kb off w",
        "adaptation-by-spike-negated",
        3,
        by_spike=lambda self, p, i, of: -of.s * int(p.kb[i]),
    ),
    rule(
        "kb is shifted by 6",
        "adaptation-by-spike-shifted",
        1,
        by_spike=lambda self, p, i, of: of.s * int(p.kb[i]) * 64,
    ),
    rule(
        "what v adds to w has the other sign",
        "adaptation-by-v-negated",
        3,
        by_v=lambda self, p, i, of: -GraphScalar.by_v(self, p, i, of),
    ),
    rule("every order is new", "adaptation-order", 1, acting=lambda self, p, old, new: new),
    rule(
        "w is driven by v before the reset",
        "adaptation-by-v-before-reset",
        3,
        reset=remember,
        by_v=lambda self, p, i, of: self.scale(of.memory.get("v", 0), int(p.ka[i])),
    ),
    rule(
        "w does not decay",
        "decay-missing",
        1,
        adapted=lambda self, p, i, of: of.w + self.by_v(p, i, of) + self.by_spike(p, i, of),
    ),
    rule(
        "w decays with dv",
        "decays-swapped",
        2,
        adapted=lambda self, p, i, of: (
            self.decay(of.w, int(p.decay_v[i])) + self.by_v(p, i, of) + self.by_spike(p, i, of)
        ),
    ),
    other("dw of g is 1 more", "decay-changed", population("g", decay_w=lambda x: x + 1), 3),
    rule("decays round down", "decay-rounds-down", 1, decay=floor),
    rule("the product with ka rounds down", "decay-rounds-down", 2, scale=floor_of_scale),
    other(
        "ka of neurons 2 and 5 of g exchanged", "parameters-permuted", population("g", ka=swapped(2, 5)), 1
    ),
    other(
        "thresholds of neurons 1 and 4 of h exchanged",
        "parameters-permuted",
        population("h", threshold=swapped(1, 4)),
        2,
    ),
    other(
        "dv of the first neuron of h stands for all",
        "parameter-of-one-neuron",
        population("h", decay_v=lambda x: 0 * x + x[0]),
        3,
    ),
    other(
        "kb of neuron 3 of o is 5 more",
        "adaptation-by-spike-changed",
        population("o", kb=lambda x: x + 5 * (np.arange(8) == 3)),
        1,
    ),
    other("r of g is 1 more", "reset-amount-changed", population("g", reset_by=lambda x: x + 1), 1),
    other(
        "the kernel is flipped",
        "kernel-flipped",
        projection(
            "x -> c",
            kernel(lambda of: {"kernel": of.kernel[:, :, ::-1, ::-1], "delay": of.delay[:, :, ::-1, ::-1]}),
        ),
    ),
    other(
        "rows and columns of the kernel are exchanged",
        "kernel-transposed",
        projection(
            "x -> c",
            kernel(
                lambda of: {
                    "kernel": of.kernel.transpose(0, 1, 3, 2),
                    "delay": of.delay.transpose(0, 1, 3, 2),
                }
            ),
        ),
        3,
    ),
    other("the kernel lies one column further", "padding-moved", projection("x -> c", moved)),
    rule("an input does not end", "input-end-ignored", 3, input_end=lambda self, p: self.steps),
    rule(
        "a population does not end", "end-ignored", 1, fires=lambda self, p, i, of, t: self.above(p, i, of.v)
    ),
    rule("v is reset after the end, too", "end-resets", 2, reset=reset_after_end),
    rule("the end is one step late", "end-one-step-off", 3, fires=once_more),
    rule("there is no input bias", "input-bias-missing", 2, input_bias=lambda self, p, i, t: 0),
    rule(
        "the input bias is added to v",
        "input-bias-misplaced",
        3,
        current=bias_into_current,
        membrane=with_input_bias,
    ),
    rule("a sample starts from the state of the one before", "state-survives-sample", 1, start=stays),
    rule("S[-1] is that of the sample before", "state-survives-sample", 2, start=s_stays),
    other(
        "one weight of o -> o is 1 more",
        "weight-changed",
        projection("o -> o", edited(20, weight=lambda w: w + 1)),
        3,
    ),
    other(
        "one delay of g -> g is 9 more",
        "delay-changed",
        projection("g -> g", edited(3, delay=lambda d: d + 9)),
        2,
    ),
)


UNKNOWN = (
    rule("a spike halves v", None, 1, reset=half_reset),
    rule("v is a little above its reset in some neurons", None, 2, reset=leaks_to_the_next),
    rule("some spikes are lost", None, 3, fires=stochastic),
    rule("a neuron does not spike three times in a row", None, 1, fires=tired),
    rule("the threshold rises by 1 with each spike", None, 2, fires=adaptive_threshold),
    rule(
        "a spike adds kb to w only where w is below kb",
        None,
        3,
        by_spike=lambda self, p, i, of: of.s * int(p.kb[i]) * (of.w < p.kb[i]),
    ),
    rule(
        "w acts only after a spike",
        None,
        1,
        membrane=lambda self, p, i, of, u, w, t: GraphScalar.membrane(self, p, i, of, u, w * of.s, t),
    ),
    rule(
        "v drives w only above 0", None, 2, by_v=lambda self, p, i, of: self.scale(max(of.v, 0), int(p.ka[i]))
    ),
    rule(
        "delays of 2 and more are rounded down to even ones",
        None,
        3,
        arrival=lambda self, each, t, delay: t + (delay if delay < 2 else delay // 2 * 2),
    ),
    rule(
        "w is kept in steps of 16",
        None,
        1,
        adapted=lambda self, p, i, of: GraphScalar.adapted(self, p, i, of) // 16 * 16,
    ),
    rule(
        "the bias acts in even steps",
        None,
        2,
        bias=lambda self, p, i, t: GraphScalar.bias(self, p, i, t) * (t % 2 == 0),
    ),
    rule(
        "at most 200 arrives in a step",
        None,
        3,
        total=lambda self, p, i, a, t: min(200, GraphScalar.total(self, p, i, a, t)),
    ),
    rule(
        "spikes of a recurrent projection arrive late in odd steps",
        None,
        1,
        arrival=lambda self, each, t, delay: t + delay + (t % 2 and each.source == each.destination),
    ),
    rule(
        "u is cleared where 300 or more arrive, of either sign",
        None,
        2,
        current=lambda self, p, i, of, a: GraphScalar.current(self, p, i, of, a) * (abs(a) < 300),
    ),
)


FAULTS = (*DESIGNED, *UNKNOWN)
