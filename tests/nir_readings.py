"""The readings of conformance/nir once more, by arithmetic of a few lines.

The expected spikes of the suite were worked out by hand; this says whether the hand was right, and how far
each membrane stays from its threshold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What a reader does where NIR leaves it open; the defaults are what NIR's text has, in Euler steps."""

    reset: str = "value"
    leak: str = "euler"
    at: bool = False
    ignores_value: bool = False
    delay: str = "honoured"
    gain: str = "r"
    bias: str = "always"
    edges: str = "all"
    leak_target: str = "from 0"
    layer: int = 0
    turn: int = 0
    """Steps that a loop takes, beside its delay; 0: one in all, if it has no delay."""
    dropped_loop: bool = False
    several: bool = False
    crosses: bool = True
    """False: a Linear gives its input."""
    dt: float | None = None


def spikes(case: Mapping[str, Any], how: Reading) -> tuple[list[list[int]], float]:
    """The spikes of the neurons before the output, and the smallest |v - threshold| that is not 0."""
    run = _Run(case, how)
    for step in range(case["steps"]):
        run.step(step)
    (last,) = (source for source, target in case["edges"] if target == "output")
    counts = run.out[last]
    found = [[t for t, row in enumerate(counts) for _ in range(row[i])] for i in range(len(counts[0]))]
    return found, run.margin


class _Run:
    def __init__(self, case: Mapping[str, Any], how: Reading) -> None:
        self.case, self.how, self.margin = case, how, math.inf
        self.out: dict[str, list[list[Any]]] = {name: [] for name in case["nodes"]}
        self.v: dict[str, list[float]] = {}
        self.i: dict[str, list[float]] = {}
        self.fired: dict[str, list[int]] = {}
        order, left = ["input"], [name for name in case["nodes"] if name not in ("input", "output")]
        while left:  # a node that waits for nothing but neurons, whose loops close with the step before
            for name in left:
                before = [s for s, target in case["edges"] if target == name and not self.closes(s, name)]
                if all(source in order for source in before):
                    order.append(name)
                    left.remove(name)
                    break
        self.order = order[1:]

    def closes(self, source: str, target: str) -> bool:
        return "rec" in source and target.startswith("lif")

    def arrives(self, name: str, step: int) -> list[float]:
        edges = [source for source, target in self.case["edges"] if target == name]
        if self.how.edges == "first" and len(edges) > 1:
            edges = edges[:1]
        if self.how.edges == "second" and len(edges) > 1:
            edges = edges[1:]
        rows = []
        for source in edges:
            at = step
            if self.closes(source, name):
                if self.how.dropped_loop:
                    continue
                at = step - self.how.turn
            elif name == "w2" and source == "lif":
                at = step - self.how.layer
            if 0 <= at < len(self.out[source]):
                rows.append(self.out[source][at])
        return [sum(column) for column in zip(*rows, strict=True)] if rows else []

    def step(self, step: int) -> None:
        lines = self.case["input"]
        self.out["input"].append([line.count(step) for line in lines])
        for name in self.order:
            node = self.case["nodes"][name]
            self.out[name].append(getattr(self, node["type"].lower())(name, node, step))

    def linear(self, name: str, node: Mapping[str, Any], step: int) -> list[float]:
        weight, x = node["weight"], self.arrives(name, step)
        if not self.how.crosses:
            return x
        if not x:
            return [0.0] * len(weight)
        return [sum(w * each for w, each in zip(row, x, strict=True)) for row in weight]

    def affine(self, name: str, node: Mapping[str, Any], step: int) -> list[float]:
        here = self.how.bias == "always" or (self.how.bias == "arrivals" and any(self.arrives(name, step)))
        pairs = zip(self.linear(name, node, step), node["bias"], strict=True)
        return [w + (b if here else 0) for w, b in pairs]

    def delay(self, name: str, node: Mapping[str, Any], step: int) -> list[float]:
        (source,) = (s for s, target in self.case["edges"] if target == name)
        rounding = {"down": math.floor, "up": math.ceil, "nearest": round, "honoured": int}
        found = []
        for line, d in enumerate(node["delay"]):
            whole = 0 if self.how.delay == "dropped" else rounding[self.how.delay](d)
            at = step - whole
            found.append(self.out[source][at][line] if 0 <= at < len(self.out[source]) else 0)
        return found

    def lif(self, name: str, node: Mapping[str, Any], step: int) -> list[int]:
        x = self.arrives(name, step) or [0.0] * len(node["v_threshold"])
        targets = node.get("v_leak", [0] * len(x))
        start = targets if self.how.leak_target == "from v_leak" else [0.0] * len(x)
        v, fired = self.v.setdefault(name, list(start)), self.fired.setdefault(name, [0] * len(x))
        for i, tau in enumerate(node["tau"]):
            if self.how.dt is not None:  # the step that the reader assumes, where the case says another
                tau = tau * self.case["dt"] / self.how.dt
            keep = 1 - 1 / tau if self.how.leak == "euler" else math.exp(-1 / tau)
            gain = {"r": 1.0, "steps": 1.0, "one": 1 / tau}[self.how.gain]
            if "r" in node and self.how.gain == "r":
                gain = node["r"][i] / tau
            if self.how.leak == "held":
                gain = tau * (1 - keep)
            if self.how.dt == 1e-4:  # r stays that of the file
                gain = node["tau"][i] / tau
            target = 0 if self.how.leak_target == "ignored" else targets[i]
            v[i] = keep * v[i] + gain * x[i] + (1 - keep) * target
            if self.how.reset == "late" and fired[i]:
                v[i] -= node["v_threshold"][i]
            if self.how.reset == "late zero" and fired[i]:
                v[i] = 0.0
        return self.fire(name, node)

    def cubalif(self, name: str, node: Mapping[str, Any], step: int) -> list[int]:
        x = self.arrives(name, step)
        v, current = self.v.setdefault(name, [0.0] * len(x)), self.i.setdefault(name, [0.0] * len(x))
        for i, (syn, mem) in enumerate(zip(node["tau_syn"], node["tau_mem"], strict=True)):
            euler = self.how.leak == "euler"
            current[i] = (1 - 1 / syn if euler else math.exp(-1 / syn)) * current[i] + x[i]
            v[i] = (1 - 1 / mem if euler else math.exp(-1 / mem)) * v[i] + current[i]
        return self.fire(name, node)

    def fire(self, name: str, node: Mapping[str, Any]) -> list[int]:
        v, counts = self.v[name], []
        for i, threshold in enumerate(node["v_threshold"]):
            count = int(v[i] > threshold or (self.how.at and v[i] == threshold))
            if v[i] != threshold:
                self.margin = min(self.margin, abs(v[i] - threshold))
            if count and self.how.several:
                count = int(v[i] // threshold)
            value = 0 if self.how.ignores_value else node.get("v_reset", [0] * len(v))[i]
            if count and self.how.reset == "value":
                v[i] = value
            if count and self.how.reset == "subtract":
                v[i] -= threshold * count
            counts.append(count)
        self.fired[name] = counts
        return counts
