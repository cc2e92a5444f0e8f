"""One population of the contract with every clause open to variation: what diagnosis of graphs runs.

Written from `docs/semantics.md` alone. The defaults of `Rules` are the contract; each other value of a field
is a fault. Every step is computed from the *recorded* state of the step before and from the recorded spikes
of the sources, so all steps are computed at once. If each step follows from the one before, the whole record
follows from rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from snnc.stages import Population, QuantizedGraph
from snnc.verification.diagnosis.graphs.wires import Wires, wires
from snnc.verification.diagnosis.layer_model import (
    U_HALF,
    V_LIMIT,
    Beyond,
    Integers,
    Rounding,
    bounded,
    decay,
)

Record: TypeAlias = Mapping[str, Integers]
"""u, v, spikes and, where there is one, w: int64 [T, neurons]."""

Fires = Literal["above", "at or above", "compares r", "u", "before"]
Resets = Literal["zero", "subtract", "none", "twice", "not below 0", "late", "late, before the comparison"]
AfterEnd = Literal["contract", "spikes", "resets", "frozen", "cleared", "no input", "no bias"]
UsesW = Literal["new", "old", "none"]
DrivesW = Literal["after the reset", "before the reset", "now", "u"]


@dataclass(frozen=True, slots=True)
class Rules:
    """Clauses 2 to 6; the defaults are the contract.

    `late_sum`: which state is decayed together with what is added to it. `uses_w`: which w acts on v; None is
    the order of the population. `drives_w`: what stands in the place of v[t-1] in clause 5a; "now": v[t] and
    S[t]. `kb_ago`: how many steps ago the spike was that adds kb. `cleared`: states that a spike sets to 0
    beside v; `cleared_later`: in the next step, not in the record. `survives`: states that a sample takes
    over from the one before. `end`: what is added to the end; `after_end`: what else happens there.
    """

    round_u: Rounding = "zero"
    round_v: Rounding = "zero"
    round_w: Rounding = "zero"
    round_ka: Rounding = "zero"
    late_sum: str = ""
    shift: int = 6
    u_beyond: Beyond = "wrap"
    u_most: int = U_HALF
    u_least: int = -U_HALF + 1
    v_beyond: Beyond = "saturate"
    v_limit: tuple[int, int] = (-V_LIMIT, V_LIMIT)
    w_beyond: Beyond = "saturate"
    w_limit: tuple[int, int] = (-V_LIMIT, V_LIMIT)
    bias_in: str = "v"
    input_bias_in: str = "a"
    bias_first: int = 0
    input_bias_first: int = 0
    sleeps: bool = False
    uses_w: UsesW | None = None
    adds_w: bool = False
    drives_w: DrivesW = "after the reset"
    kb_ago: int = 1
    fires: Fires = "above"
    resets: Resets | None = None
    resets_where_above_r: bool = False
    v_before_reset: bool = False
    v_of_before: bool = False
    cleared: tuple[str, ...] = ()
    cleared_later: tuple[str, ...] = ()
    survives: tuple[str, ...] = ()
    end: int = 0
    after_end: AfterEnd = "contract"
    last_step_missing: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PopulationModel:
    """`numbers` int64 [neurons] by name: "du", "dv", "bias", "input_bias", with "threshold" of a spiking
    population, "r" of one that subtracts, both in units of v, and "dw", "ka", "kb" of an adaptive one."""

    population: Population
    numbers: Mapping[str, Integers]
    wires: tuple[Wires, ...]
    end: int
    rules: Rules = Rules()

    @property
    def size(self) -> int:
        return self.population.neurons

    @property
    def adapts(self) -> bool:
        return "dw" in self.numbers

    def with_rules(self, **fields: Any) -> PopulationModel:
        return replace(self, rules=replace(self.rules, **fields))

    def with_numbers(self, **numbers: Integers) -> PopulationModel:
        return replace(self, numbers={**self.numbers, **numbers})

    def same(self, other: PopulationModel) -> bool:
        """Whether another model of the same population computes the same."""
        pairs = list(zip(self.wires, other.wires, strict=False))
        return (
            self.rules == other.rules
            and all(np.array_equal(self.numbers[name], other.numbers[name]) for name in self.numbers)
            and len(self.wires) == len(other.wires)
            and all(one is two or one.same(two) for one, two in pairs)
        )

    def with_wires(self, at: int, *instead: Wires) -> PopulationModel:
        """With others in the place of one projection."""
        return replace(self, wires=(*self.wires[:at], *instead, *self.wires[at + 1 :]))


def contract(graph: QuantizedGraph, name: str) -> PopulationModel:
    """The population `name` as the contract has it."""
    p = graph.population(name)
    given = {"du": p.decay_u, "dv": p.decay_v, "dw": p.decay_w, "ka": p.ka, "kb": p.kb}
    given |= {"bias": p.bias, "input_bias": p.input_bias}
    numbers = {key: values.astype(np.int64) for key, values in given.items() if values is not None}
    for key, values in (("threshold", p.threshold), ("r", p.reset_by)):
        if values is not None:
            numbers[key] = values.astype(np.int64) << 6
    return PopulationModel(p, numbers, tuple(wires(each) for each in graph.into(name)), graph.end(name))


def before(values: Integers, start: Integers | None = None) -> Integers:
    """Each step's value of the step before; in the first one `start`, or 0."""
    first = np.zeros_like(values[:1]) if start is None else start[None]
    return np.concatenate([first, values[:-1]])


def scale(x: Integers, k: Integers, rounding: Rounding = "zero") -> Integers:
    """Clause 5a."""
    return decay(x, 4096 - k, rounding)


def predicted(model: PopulationModel, record: Record, last: Record | None, wired: Integers) -> Record:
    """What `model` makes of each recorded step, as a record [T, rows], and "pre", v before the reset.

    `record` is of the rows for which `model.numbers` stand, `last` int64 [rows] by name is how the sample
    before ended, `wired` [T, rows] is what the synapses deliver.
    """
    rules, of, steps = model.rules, model.numbers, len(wired)
    t = np.arange(steps)[:, None]
    ended = t >= model.end + rules.end
    start = {} if last is None else {name: last[name] for name in rules.survives if name in last}
    u0, v0, s0 = (before(record[name], start.get(name)) for name in ("u", "v", "spikes"))
    w0 = before(record["w"], start.get("w")) if model.adapts else None
    states = {"u": u0, "v": v0} | ({} if w0 is None else {"w": w0})
    for name in rules.cleared_later:
        if name in states:
            states[name] = np.where(s0 != 0, 0, states[name])
    if rules.v_before_reset:
        states["v"] = _reset(model, v0, s0 != 0)
    u0, v0, w0 = states["u"], states["v"], states.get("w")
    bias = np.where(t >= rules.bias_first, of["bias"], 0)
    steady = np.where(t >= rules.input_bias_first, of["input_bias"], 0)
    if rules.after_end == "no bias":
        bias, steady = np.where(ended, 0, bias), np.where(ended, 0, steady)
    if rules.after_end == "no input":
        wired = np.where(ended, 0, wired)
    a = wired + (steady if rules.input_bias_in == "a" else 0) + (bias if rules.bias_in == "a" else 0)
    arrives = (a << rules.shift) + (steady if rules.input_bias_in == "u" else 0)
    if rules.late_sum == "u":
        u = decay(u0 + arrives, of["du"], rules.round_u)
    else:
        u = decay(u0, of["du"], rules.round_u) + arrives
    u = bounded(u, rules.u_least, rules.u_most, rules.u_beyond, rules.u_beyond)
    found: dict[str, Integers] = {}
    uses = rules.uses_w or model.population.order
    if w0 is not None:
        w = bounded(
            _adapted(model, record, states | {"spikes": s0}), *rules.w_limit, rules.w_beyond, rules.w_beyond
        )
        acts = {"new": w, "old": w0}.get(str(uses), np.zeros_like(w)) * (-1 if rules.adds_w else 1)
        found["w"] = w
    else:
        acts = np.zeros_like(u)
    drive = (u0 if rules.v_of_before else u) + (bias if rules.bias_in == "v" else 0) - acts
    drive = drive + (steady << 6 if rules.input_bias_in == "v" else 0)
    kept_and_drive = decay(v0 + drive, of["dv"], rules.round_v)
    v = kept_and_drive if rules.late_sum == "v" else decay(v0, of["dv"], rules.round_v) + drive
    v = bounded(v, *rules.v_limit, rules.v_beyond, rules.v_beyond)
    if rules.sleeps:
        u, v = np.where(wired == 0, u0, u), np.where(wired == 0, v0, v)
    found |= {"u": u, "pre": v, "v": v, "spikes": np.zeros_like(v)}
    if "threshold" in of:
        _fire(model, found, v0, s0, ended)
    if rules.after_end in ("frozen", "cleared"):
        for name, value in states.items():
            found[name] = np.where(ended, value if rules.after_end == "frozen" else 0, found[name])
    if rules.last_step_missing:
        for values in found.values():
            values[-1] = 0
    return found


def _fire(model: PopulationModel, found: dict[str, Integers], v0: Integers, s0: Integers, ended: Any) -> None:
    """Clause 6, put into `found`."""
    rules, of = model.rules, model.numbers
    v = found["v"]
    if rules.resets == "late, before the comparison":
        v = np.where(s0 != 0, 0, v)
    compared = {"u": found["u"], "before": v0}.get(rules.fires, v)
    limit = of.get("r", of["threshold"]) if rules.fires == "compares r" else of["threshold"]
    above = compared >= limit if rules.fires == "at or above" else compared > limit
    fired = above if rules.after_end == "spikes" else above & ~ended
    resets = above if rules.after_end == "resets" else fired
    if rules.resets_where_above_r:
        resets = (compared > of.get("r", of["threshold"])) & ~ended
    if rules.resets == "late":
        v = np.where(s0 != 0, 0, v)
    elif not rules.v_before_reset:
        v = _reset(model, v, resets)
    for name in rules.cleared:
        if name in found:
            found[name] = np.where(fired, 0, found[name])
    found["v"], found["spikes"] = v, fired.astype(np.int64)


def _reset(model: PopulationModel, v: Integers, where: Any) -> Integers:
    r = model.numbers.get("r", model.numbers.get("threshold"))
    assert r is not None
    match model.rules.resets or model.population.reset:
        case "zero":
            return np.where(where, 0, v)
        case "subtract":
            return np.where(where, v - r, v)
        case "twice":
            return np.where(where, v - 2 * r, v)
        case "not below 0":
            return np.where(where, np.maximum(v - r, 0), v)
        case _:
            return v


def _adapted(model: PopulationModel, record: Record, states: Record) -> Integers:
    """w before it is clipped; `states` are those of the step before."""
    rules, of = model.rules, model.numbers
    u0, w0, drives, spikes = (states[name] for name in ("u", "w", "v", "spikes"))
    for _ in range(1, rules.kb_ago):
        spikes = before(spikes)
    if rules.drives_w == "now":
        drives, spikes = record["v"], record["spikes"]
    elif rules.drives_w == "u":
        drives = u0
    elif rules.drives_w == "before the reset":
        drives = before(_free(model, record))
    step = scale(drives, of["ka"], rules.round_ka) + spikes * of["kb"]
    if rules.late_sum == "w":
        return decay(w0 + step, of["dw"], rules.round_w)
    return decay(w0, of["dw"], rules.round_w) + step


def _free(model: PopulationModel, record: Record) -> Integers:
    """v before the reset, from the recorded u, w and v."""
    of = model.numbers
    v = decay(before(record["v"]), of["dv"], "zero") + record["u"] + of["bias"]
    if model.adapts:
        v -= before(record["w"]) if model.population.order == "old" else record["w"]
    return np.clip(v, -V_LIMIT, V_LIMIT)
