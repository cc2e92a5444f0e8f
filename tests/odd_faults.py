"""Faults of graphs of kinds that no diagnosis knows: under a condition, two at once, and others.

They are written without the diagnosis; what it claims of them is checked on other inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from graph_scalar import GraphScalar, State

from snnc.stages import Artifact, Population, Projection, Trace

Broken = dict[str, Callable[..., Any]]
"""Rules of `GraphScalar` by name, as a fault has them."""
Condition = Callable[["Odd"], bool]
"""Whether the fault acts at the neuron, or projection, and step that are computed."""


class Odd(GraphScalar):
    """The contract, which knows where it is: the step `t`, the neuron `i` of `p` and its state `at`."""

    t, i = 0, 0
    number = -1
    p: Population
    at: State

    def run(self, artifact: Artifact, spikes: np.ndarray) -> Trace:
        self.number = -1
        return super().run(artifact, spikes)

    def run_sample(self, sample: np.ndarray, out: dict[str, dict[str, np.ndarray]]) -> None:
        self.number += 1
        super().run_sample(sample, out)

    def total(self, p: Population, i: int, a: int, t: int) -> int:
        """The input bias comes later, where the state of the neuron is known."""
        self.p, self.i, self.t = p, i, t
        return a

    def neuron(self, p: Population, i: int, of: State, a: int, t: int) -> None:
        self.at = of
        of.memory["a"] = a
        super().neuron(p, i, of, a + self.input_bias(p, i, t), t)
        of.memory["n"] = of.memory.get("n", 0) + of.s

    def arrival(self, each: Projection, t: int, delay: int) -> int:
        self.p, self.t = self.graph.population(each.destination), t
        return super().arrival(each, t, delay)


CONDITIONS: dict[str, Condition] = {
    "in odd steps": lambda m: m.t % 2 == 1,
    "in even steps": lambda m: m.t % 2 == 0,
    "in every third step": lambda m: m.t % 3 == 2,
    "from step 4 on": lambda m: m.t >= 4,
    "in the last step": lambda m: m.t == m.steps - 1,
    "in the first sample of a run": lambda m: m.number == 0,
    "in odd samples of a run": lambda m: m.number % 2 == 1,
    "in the last population": lambda m: m.p is m.graph.stateful[-1],
}
OF_NEURONS: dict[str, Condition] = {
    "in the first neuron": lambda m: m.i == 0,
    "in odd neurons": lambda m: m.i % 2 == 1,
    "where v was below 0": lambda m: m.at.v < 0,
    "where v was above 0": lambda m: m.at.v > 0,
    "where v was beyond 1000": lambda m: abs(m.at.v) > 1000,
    "where u is below 0": lambda m: m.at.u < 0,
    "where w was above 0": lambda m: m.at.w > 0,
    "where w was below 0": lambda m: m.at.w < 0,
    "where something arrives": lambda m: m.at.memory.get("a", 0) != 0,
    "where inhibition arrives": lambda m: m.at.memory.get("a", 0) < 0,
    "after a spike in the step before": lambda m: m.at.s == 1,
    "after the second spike": lambda m: m.at.memory.get("n", 0) >= 2,
    "up to the first spike": lambda m: m.at.memory.get("n", 0) == 0,
}


def _down(self: Odd, x: int, k: int) -> int:
    return x * (4096 - k) // 4096


def _nearest(self: Odd, x: int, k: int) -> int:
    return (x * (4096 - k) + 2048) // 4096


def _scale_down(self: Odd, x: int, k: int) -> int:
    return x * k // 4096


def _above_or_equal(self: Odd, p: Any, i: int, v: int) -> bool:
    return v >= self.threshold(p, i)


def _one_more(self: Odd, p: Any, i: int, v: int) -> bool:
    return v > self.threshold(p, i) + 64


def _other_order(self: Odd, p: Any, old: int, new: int) -> int:
    return old if p.order == "new" else new


def _cleared_u(self: Odd, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    GraphScalar.reset(self, p, i, of, fired, t)
    of.u *= not fired


def _cleared_w(self: Odd, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    GraphScalar.reset(self, p, i, of, fired, t)
    of.w *= not fired


BROKEN: dict[str, Broken] = {
    "decays and scales round down": {"decay": _down, "scale": _scale_down},
    "decays round to the nearest": {"decay": _nearest},
    "nothing decays": {"decay": lambda self, x, k: x},
    "fires where v meets the threshold": {"above": _above_or_equal},
    "the threshold is 1 higher": {"above": _one_more},
    "no reset": {"after_reset": lambda self, p, i, v: v},
    "reset to 0": {"after_reset": lambda self, p, i, v: 0},
    "a spike clears u": {"reset": _cleared_u},
    "a spike clears w": {"reset": _cleared_w},
    "no bias": {"bias": lambda self, p, i, t: 0},
    "no input bias": {"input_bias": lambda self, p, i, t: 0},
    "w does not act": {"acting": lambda self, p, old, new: 0},
    "w acts in the other order": {"acting": _other_order},
    "w is added": {
        "membrane": lambda self, p, i, of, u, w, t: GraphScalar.membrane(self, p, i, of, u, -w, t)
    },
    "v does not drive w": {"by_v": lambda self, p, i, of: 0},
    "v drives w with the other sign": {"by_v": lambda self, p, i, of: -GraphScalar.by_v(self, p, i, of)},
    "spikes do not drive w": {"by_spike": lambda self, p, i, of: 0},
    "the end is ignored": {"fires": lambda self, p, i, of, t: self.above(p, i, of.v)},
    "u does not wrap": {"wrap": lambda self, x: x},
    "nothing is clipped": {"clip": lambda self, x: x},
    "v takes no u": {
        "membrane": lambda self, p, i, of, u, w, t: GraphScalar.membrane(self, p, i, of, 0, w, t)
    },
}
OF_ARRIVALS: dict[str, Broken] = {
    "nothing arrives": {"total": lambda self, p, i, a, t: 0},
    "half of it arrives": {"total": lambda self, p, i, a, t: a // 2},
    "arrives a step late": {"arrival": lambda self, each, t, delay: t + delay + 1},
    "arrives without a delay, if it may": {"arrival": lambda self, each, t, delay: t + min(delay, 1)},
    "delays are cut at 2": {"arrival": lambda self, each, t, delay: t + min(delay, 2)},
    "is lost": {"arrival": lambda self, each, t, delay: self.steps},
    "comes round": {"arrival": lambda self, each, t, delay: (t + delay) % self.steps},
}


def machine(broken: Broken, condition: Condition) -> Odd:
    """The contract with some rules broken where `condition` holds."""

    def method(name: str, wrong: Callable[..., Any]) -> Callable[..., Any]:
        right = getattr(Odd, name)

        def run(self: Odd, *given: Any) -> Any:
            if name in ("arrival", "total"):
                right(self, *given)  # it takes note of where it is
            return (wrong if condition(self) else right)(self, *given)

        return run

    return type("Broken", (Odd,), {name: method(name, wrong) for name, wrong in broken.items()})()


def _and(*broken: Broken) -> Broken:
    return {name: of for each in broken for name, of in each.items()}


def _always(m: Odd) -> bool:
    return True


def _after_the_reset(self: Odd, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    """The reset comes first, where v of the step before had spiked."""
    if of.memory.get("due"):
        of.v = self.after_reset(p, i, of.v)
    of.memory["due"] = fired


def _spread(self: Odd, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    if fired:
        of.v = self.after_reset(p, i, of.v) // 2


SINGLE: dict[str, Broken] = {
    "a spike leaves a half of the reset": {"reset": _spread},
    "a reset is due in the next step": {"reset": _after_the_reset},
    "decays drop 4 low bits": {
        "decay": lambda self, x, k: GraphScalar.decay(self, x, k) // 16 * 16,
    },
    "a decay of 1 keeps 1": {"decay": lambda self, x, k: x if abs(x) == 1 else GraphScalar.decay(self, x, k)},
    "decays are odd-even": {"decay": lambda self, x, k: GraphScalar.decay(self, x | 1, k)},
    "at most 5 arrives": {"total": lambda self, p, i, a, t: min(5, a)},
    "at least -5 arrives": {"total": lambda self, p, i, a, t: max(-5, a)},
    "v drives w only above 0": {"by_v": lambda self, p, i, of: self.scale(max(of.v, 0), int(p.ka[i]))},
    "v drives w only below 0": {"by_v": lambda self, p, i, of: self.scale(min(of.v, 0), int(p.ka[i]))},
    "w acts only above 0": {
        "acting": lambda self, p, old, new: max(0, GraphScalar.acting(self, p, old, new))
    },
    "w acts only below 0": {
        "acting": lambda self, p, old, new: min(0, GraphScalar.acting(self, p, old, new))
    },
    "v is at least 0": {"clip": lambda self, x: max(0, min(8388607, x))},
    "v is at least -1000": {"clip": lambda self, x: max(-1000, min(8388607, x))},
    "v is at most 5000": {"clip": lambda self, x: max(-8388607, min(5000, x))},
    "a neuron rests after a spike": {
        "fires": lambda self, p, i, of, t: GraphScalar.fires(self, p, i, of, t) and not of.s
    },
    "a neuron spikes once": {
        "fires": lambda self, p, i, of, t: GraphScalar.fires(self, p, i, of, t) and not of.memory.get("n")
    },
    "a neuron spikes twice at most": {
        "fires": lambda self, p, i, of, t: GraphScalar.fires(self, p, i, of, t) and of.memory.get("n", 0) < 2
    },
    "a spike is sent on only alone": {"sent": lambda self, p, i, of, t: of.s * (of.memory.get("n", 0) != 2)},
    "payloads above 3 are 3": {"event": lambda self, p, x: min(x, 3)},
    "payloads are odd": {"event": lambda self, p, x: x - (x > 1 and x % 2 == 0)},
    "delays are odd": {"arrival": lambda self, each, t, delay: t + (delay | 1)},
    "delays are even where above 1": {
        "arrival": lambda self, each, t, delay: t + (delay if delay < 2 else delay // 2 * 2)
    },
    "self-recurrence is late in odd steps": {
        "arrival": lambda self, each, t, delay: t + delay + (t % 2 and each.source == each.destination)
    },
    "recurrence is late": {
        "arrival": lambda self, each, t, delay: t + delay + (each.source == each.destination)
    },
    "an input ends a step early": {"input_end": lambda self, p: self.ends[p.name] - 1},
    "an input ends a step late": {"input_end": lambda self, p: self.ends[p.name] + 1},
    "a sample keeps v below 0": {
        "start": lambda self, p: (
            [State(v=min(0, of.v)) for of in self.leave.get(p.name, [])] or GraphScalar.start(self, p)
        )
    },
    "a sample keeps the half of v": {
        "start": lambda self, p: (
            [State(v=of.v // 2) for of in self.leave.get(p.name, [])] or GraphScalar.start(self, p)
        )
    },
}


def faults() -> Iterator[tuple[str, Callable[[], Odd]]]:
    """All of them, by name."""
    for name, broken in SINGLE.items():
        yield name, lambda broken=broken: machine(broken, _always)
    for (name, broken), (when, condition) in product(BROKEN.items(), (CONDITIONS | OF_NEURONS).items()):
        yield f"{name}, {when}", lambda broken=broken, condition=condition: machine(broken, condition)
    for (name, broken), (when, condition) in product(OF_ARRIVALS.items(), CONDITIONS.items()):
        yield f"{name}, {when}", lambda broken=broken, condition=condition: machine(broken, condition)
    both = list((BROKEN | OF_ARRIVALS | SINGLE).items())
    for k, (name, broken) in enumerate(both):
        for other, more in both[k + 1 :: 5]:
            if not set(broken) & set(more):
                yield (
                    f"{name}, and {other}",
                    lambda broken=broken, more=more: machine(_and(broken, more), _always),
                )


FAULTS = dict(faults())
CAUSES = {
    "decays and scales round down": "decay-rounds-down",
    "decays round to the nearest": "decay-rounds-to-nearest",
    "nothing decays": "decay-missing",
    "fires where v meets the threshold": "threshold-greater-or-equal",
    "the threshold is 1 higher": "threshold-changed",
    "no reset": "reset-missing",
    "reset to 0": "reset-to-zero",
    "a spike clears u": "reset-clears-current",
    "a spike clears w": "reset-clears-adaptation",
    "no bias": "bias-missing",
    "no input bias": "input-bias-missing",
    "w does not act": "adaptation-missing",
    "w acts in the other order": "adaptation-order",
    "w is added": "adaptation-added",
    "v does not drive w": "adaptation-by-v-missing",
    "v drives w with the other sign": "adaptation-by-v-negated",
    "spikes do not drive w": "adaptation-by-spike-missing",
    "the end is ignored": "end-ignored",
    "u does not wrap": "no-wrap",
    "nothing is clipped": "no-clip",
    "arrives a step late": "delays-one-longer",
    "recurrence is late": "delays-one-longer",
    "delays are cut at 2": "delays-clipped",
    "is lost": "projection-missing",
    "comes round": "late-spikes-come-round",
}
"""What a rule that is broken everywhere is called: of two at once, either name is true."""


def true_names(fault: str) -> set[str]:
    """Causes that are true of `fault` whatever inputs show: where two rules are broken, of one of them."""
    both = fault.split(", and ")
    return {CAUSES[each] for each in both if each in CAUSES} if len(both) > 1 else set()
