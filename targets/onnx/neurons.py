"""Clauses 3 to 6 in a step: the neurons of one population, each clause as a few operators on int64."""

from __future__ import annotations

import numpy as np

from snnc import formats
from snnc.stages import Population
from snnc.stages.population import ADLIF, NEW, SUBTRACT, ZERO
from snnc.targets.onnx.block import BATCH, Array, Step


def neuron_step(step: Step, population: Population, index: int, a: str) -> str:
    """Compute `population` from the name of its a; return the name of its spikes, int32, or "" (clause 7)."""
    u, v, w = (f"{state}_{index}" for state in ("u", "v", "w"))
    states = (u, v, w, f"fired_{index}") if population.model == ADLIF else (u, v)
    step.states += [Array(state, "INT64", (population.neurons, BATCH)) for state in states]

    # Clause 3.
    kept = _decay(step, u, population.decay_u)
    step("Add", kept, step("Mul", a, "state_one", name=f"a_{index}.shifted"), name=f"{u}.sum")
    above = step("Greater", f"{u}.sum", "u_max", name=f"{u}.above")
    below = step("Less", f"{u}.sum", "u_min", name=f"{u}.below")
    lowered = step("Sub", f"{u}.sum", "u_wrap", name=f"{u}.lowered")
    raised = step("Add", f"{u}.sum", "u_wrap", name=f"{u}.raised")
    otherwise = step("Where", below, raised, f"{u}.sum", name=f"{u}.otherwise")
    step("Where", above, lowered, otherwise, name=f"{u}.after")

    # Clause 5, and 5a.
    bias = step.constant(f"bias_{index}", population.bias[:, None])
    kept = _decay(step, v, population.decay_v)
    driven = step("Add", kept, f"{u}.after", name=f"{v}.driven")
    if population.model == ADLIF:
        _adaptation(step, population, index)
        adapted = f"{w}.after" if population.order == NEW else f"{w}.before"
        driven = step("Sub", driven, adapted, name=f"{v}.adapted")
    step("Add", driven, bias, name=f"{v}.sum")
    _clip(step, v, f"{v}.clipped")
    return _spike(step, population, index)


def _adaptation(step: Step, population: Population, index: int) -> None:
    """w[t], from v[t - 1] and S[t - 1]."""
    v, w = f"v_{index}", f"w_{index}"
    assert population.ka is not None
    assert population.kb is not None
    size = step.each(f"ka_size_{index}", np.abs(population.ka))
    sign = step.each(f"ka_sign_{index}", np.sign(population.ka))
    kept = _decay(step, w, population.decay_w)
    product = step("Mul", f"{v}.magnitude", size, name=f"{w}.product_v")
    quotient = step("Div", product, "decay_one", name=f"{w}.quotient_v")
    signs = step("Mul", f"{v}.sign", sign, name=f"{w}.sign_v")
    scaled = step("Mul", signs, quotient, name=f"{w}.scaled")
    kick = step("Mul", f"fired_{index}.before", step.each(f"kb_{index}", population.kb), name=f"{w}.kick")
    step("Add", step("Add", kept, scaled, name=f"{w}.driven"), kick, name=f"{w}.sum")
    _clip(step, w, f"{w}.after")


def _spike(step: Step, population: Population, index: int) -> str:
    """Clause 6."""
    v, s = f"v_{index}", f"s_{index}"
    if population.threshold is None:
        step("Identity", f"{v}.clipped", name=f"{v}.after")
        return ""
    threshold = step.each(f"threshold_{index}", population.threshold << formats.STATE_FRACTION_BITS)
    if population.end is None:
        step("Greater", f"{v}.clipped", threshold, name=f"{s}.now")
    else:
        step("Greater", f"{v}.clipped", threshold, name=f"{s}.high")
        step("Less", "now", step.constant(f"{s}.end", population.end), name=f"{s}.sends")
        step("And", f"{s}.high", f"{s}.sends", name=f"{s}.now")
    if population.reset == ZERO:
        step("Where", f"{s}.now", "zero", f"{v}.clipped", name=f"{v}.after")
    elif population.reset == SUBTRACT:
        assert population.reset_by is not None
        less = step.each(f"reset_by_{index}", population.reset_by << formats.STATE_FRACTION_BITS)
        step("Sub", f"{v}.clipped", less, name=f"{v}.less")
        step("Where", f"{s}.now", f"{v}.less", f"{v}.clipped", name=f"{v}.after")
    else:
        step("Identity", f"{v}.clipped", name=f"{v}.after")
    if population.model == ADLIF:
        step.cast(f"{s}.now", "INT64", f"fired_{index}.after")
    return step.cast(f"{s}.now", "INT32", f"{s}.event")


def _decay(step: Step, state: str, k: np.ndarray | None) -> str:
    """Clause 4, of a state as the step before left it."""
    assert k is not None
    factor = step.each(f"{state}.factor", formats.DECAY_ONE - k)
    magnitude = step("Abs", f"{state}.before", name=f"{state}.magnitude")
    product = step("Mul", magnitude, factor, name=f"{state}.product")
    quotient = step("Div", product, "decay_one", name=f"{state}.quotient")
    return step("Mul", step("Sign", f"{state}.before", name=f"{state}.sign"), quotient, name=f"{state}.kept")


def _clip(step: Step, state: str, name: str) -> str:
    return step("Min", step("Max", f"{state}.sum", "v_min", name=f"{state}.raised"), "v_max", name=name)


def record(step: Step, population: Population, index: int, *, probe: bool, readout: bool) -> None:
    """Record v or the spikes of a readout; with `probe` all states, and how often this step saturated."""
    if probe or (readout and not population.spikes):
        _record(step, f"v_{index}", population)
    if probe:
        _record(step, f"u_{index}", population)
    if probe and population.model == ADLIF:
        _record(step, f"w_{index}", population)
    if population.spikes and (probe or readout):
        step.records.append(Array(f"s_{index}", "BOOL", (population.neurons, BATCH)))
    counts = [
        (f"u_wraps_{index}", f"u_{index}.sum", f"u_{index}.after"),
        (f"v_clips_{index}", f"v_{index}.sum", f"v_{index}.clipped"),
    ]
    if population.model == ADLIF:
        counts.append((f"w_clips_{index}", f"w_{index}.sum", f"w_{index}.after"))
    for name, before, after in counts if probe else ():
        same = step("Equal", before, after, name=f"{name}.same")
        changed = step.cast(step("Not", same, name=f"{name}.where"), "INT64", f"{name}.ones")
        step("ReduceSum", changed, name=f"{name}.now", keepdims=0)
        step.records.append(Array(name, "INT64", ()))


def _record(step: Step, state: str, population: Population) -> None:
    """Record a state as int32, which holds it."""
    step.cast(f"{state}.after", "INT32", f"{state}.now")
    step.records.append(Array(state, "INT32", (population.neurons, BATCH)))
