"""Clauses of the contract that are computed in a wrong way, as methods of `GraphScalar`."""

from __future__ import annotations

from typing import Any

from graph_scalar import GraphScalar, State


def floor(self: GraphScalar, x: int, k: int) -> int:
    return x * (4096 - k) // 4096


def floor_of_scale(self: GraphScalar, x: int, k: int) -> int:
    return x * k // 4096


def reset_to_zero(self: GraphScalar, p: Any, i: int, v: int) -> int:
    return 0


def reset_by_threshold(self: GraphScalar, p: Any, i: int, v: int) -> int:
    return v - self.threshold(p, i) if p.reset == "subtract" else 0


def reset_where_above_r(self: GraphScalar, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    if p.reset != "subtract":
        of.v = 0 if fired else of.v
    elif of.v > self.r(p, i) and t < self.ends[p.name]:
        of.v -= self.r(p, i)


def reset_after_end(self: GraphScalar, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    if p.model != "li" and self.above(p, i, of.v):
        of.v = self.after_reset(p, i, of.v)


def reset_w(self: GraphScalar, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    if fired:
        of.v, of.w = self.after_reset(p, i, of.v), 0


def remember(self: GraphScalar, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    of.memory["v"] = of.v
    GraphScalar.reset(self, p, i, of, fired, t)


def bias_into_current(self: GraphScalar, p: Any, i: int, of: State, a: int) -> int:
    a -= self.input_bias(p, i, 0)
    return GraphScalar.current(self, p, i, of, a)


def with_input_bias(self: GraphScalar, p: Any, i: int, of: State, u: int, w: int, t: int) -> int:
    return GraphScalar.membrane(self, p, i, of, u, w, t) + 64 * self.input_bias(p, i, t)


def stays(self: GraphScalar, p: Any) -> list[State]:
    before = self.leave.get(p.name)
    return [State(of.u, of.w, of.v, of.s) for of in before] if before else GraphScalar.start(self, p)


def s_stays(self: GraphScalar, p: Any) -> list[State]:
    before = self.leave.get(p.name)
    return [State(s=of.s) for of in before] if before else GraphScalar.start(self, p)


def once_more(self: GraphScalar, p: Any, i: int, of: State, t: int) -> bool:
    """t <= end."""
    return self.above(p, i, of.v) and t <= self.ends[p.name]


def stochastic(self: GraphScalar, p: Any, i: int, of: State, t: int) -> bool:
    return GraphScalar.fires(self, p, i, of, t) and (t * 7 + i * 3) % 11 != 0


def tired(self: GraphScalar, p: Any, i: int, of: State, t: int) -> bool:
    """A neuron that spiked in the last two steps does not."""
    fired = GraphScalar.fires(self, p, i, of, t) and not (of.s and of.memory.get("s"))
    of.memory["s"] = of.s
    return fired


def adaptive_threshold(self: GraphScalar, p: Any, i: int, of: State, t: int) -> bool:
    of.memory["n"] = of.memory.get("n", 0) + of.s
    return GraphScalar.fires(self, p, i, of, t) and of.v > self.threshold(p, i) + 64 * of.memory["n"]


def leaks_to_the_next(self: GraphScalar, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    if fired:
        of.v = self.after_reset(p, i, of.v) + 64 * (i % 3)


def half_reset(self: GraphScalar, p: Any, i: int, of: State, fired: bool, t: int) -> None:
    if fired:
        of.v //= 2
