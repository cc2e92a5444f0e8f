"""Neurons of Norse 1.0 to 1.1 (`norse.torch.module`): they fire at v > v_th.

v[t] = v[t-1] + rate (v_leak - v[t-1] + i[t]) and i[t] = keep i[t-1] + x, in steps of the module's own dt; in
LIFCell and LIF of 1.0, v hears i[t-1]. v starts at v_leak, from where the contract counts; so neurons have to
reset to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from snnc.conversion.functions import numbers
from snnc.conversion.neurons import NEVER, Cell, Gives, converter, refuse
from snnc.errors import InputError

HOME = "norse.torch.module"


@converter(f"{HOME}.lif.LIFCell", f"{HOME}.lif.LIF")
def leaky(module: Any, name: str) -> Cell:
    """i[t] = (1 - dt / tau_syn) i[t-1] + x, v[t] = v[t-1] + dt / tau_mem (v_leak - v[t-1] + i[t])"""
    cell = _spiking(module, name, _keep_u(module), _rate(module), _resets_to(module, name))
    return replace(cell, lag=_lag(module, cell.time_dim is None))


@converter(f"{HOME}.lif.LIFRecurrentCell", f"{HOME}.lif.LIFRecurrent")
def recurrent(module: Any, name: str) -> Cell:
    """as LIF of Norse 1.1, with the weights of its input and of its own spikes inside"""
    own = {"weighed": (module.input_weights, None), "recurrent": (module.recurrent_weights, None)}
    return _spiking(module, name, _keep_u(module), _rate(module), _resets_to(module, name), **own)


@converter(f"{HOME}.lif_box.LIFBoxCell")
def box(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] + dt / tau_mem (v_leak - v[t-1] + x)"""
    kind = getattr(module.p.reset_method, "__name__", "")
    if kind == "reset_subtract":
        reset = {"reset": "subtract", "reset_by": numbers(module.p.v_th)}
    elif kind == "reset_value":
        reset = _resets_to(module, name)
    else:
        raise InputError(
            f"{name} (LIFBoxCell): reset_method {kind or module.p.reset_method} is not known",
            "Use reset_value or reset_subtract",
        )
    return _spiking(module, name, 0.0, _rate(module), reset)


@converter(f"{HOME}.iaf.IAFCell", f"{HOME}.iaf.IAF")
def integrate(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] + x; v starts at v_reset"""
    p = module.p
    parameters = {"keep_u": 0.0, "keep_v": 1.0, "reset": "zero", "fires": "above"}
    parameters["threshold"] = _above(name, numbers(p.v_th), numbers(p.v_reset))
    ends = not numbers(p.v_reset).any()
    return _cell(module, name, parameters, membrane_ends=ends and _never(module))


@converter(f"{HOME}.leaky_integrator.LICell", f"{HOME}.leaky_integrator.LI")
def integrator(module: Any, name: str) -> Cell:
    """as LIF of Norse 1.1, without spikes; v_leak is 0"""
    return _integrator(module, name, _keep_u(module))


@converter(f"{HOME}.leaky_integrator_box.LIBoxCell")
def box_integrator(module: Any, name: str) -> Cell:
    """as LIFBoxCell, without spikes; v_leak is 0"""
    return _integrator(module, name, 0.0)


@converter(f"{HOME}.leaky_integrator.LILinearCell")
def weighed_integrator(module: Any, name: str) -> Cell:
    """as LICell, with the weights of its input inside"""
    return _integrator(module, name, _keep_u(module), weighed=(module.input_weights, None))


refuse(
    f"{HOME}.snn.SNNCell",
    f"{HOME}.snn.SNN",
    f"{HOME}.snn.SNNRecurrentCell",
    f"{HOME}.snn.SNNRecurrent",
    f"{HOME}.coba_lif.CobaLIFCell",
    why="its equation is none of the contract's",
    instead="Use LIFCell, LIFRecurrentCell, LIFBoxCell, IAFCell or, as a readout, LICell",
)


def _rate(module: Any) -> Any:
    return module.dt * numbers(module.p.tau_mem_inv)


def _lag(module: Any, one_step: bool) -> int:
    """1 if v does not hear the input of its own step: told by one of its steps, half way to the threshold."""
    p = module.p
    half = (0.5 * (p.v_th - p.v_leak) + torch.zeros_like(p.tau_mem_inv)).detach()[None]
    after = []
    for current in (half, torch.zeros_like(half)):
        state = module.state_fallback(current if one_step else current[None])
        after.append(module.activation(current, state, p, module.dt)[1].v)
    return int(bool((after[0] == after[1]).all()))


def _keep_u(module: Any) -> Any:
    return 1 - module.dt * numbers(module.p.tau_syn_inv)


def _resets_to(module: Any, name: str) -> dict[str, Any]:
    rest, reset = numbers(module.p.v_leak), numbers(module.p.v_reset)
    if (rest != reset).any():
        raise InputError(
            f"{name} ({type(module).__name__}): resets to v_reset {_shown(reset)}, and starts and rests at "
            f"v_leak {_shown(rest)}; the contract resets neurons to where they start",
            "Train with v_reset = v_leak",
        )
    return {"reset": "zero"}


def _above(name: str, threshold: Any, rest: Any) -> Any:
    if (threshold <= rest).any():
        raise InputError(f"{name}: v_th {_shown(threshold)} is not above {_shown(rest)}, where v starts")
    return threshold - rest


def _spiking(module: Any, name: str, keep_u: Any, rate: Any, reset: Mapping[str, Any], **own: Any) -> Cell:
    rest = numbers(module.p.v_leak)
    parameters = {"keep_u": keep_u, "keep_v": 1 - rate, "fires": "above", **reset}
    parameters["threshold"] = _above(name, numbers(module.p.v_th), rest)
    ends = not rest.any() and _never(module)
    return _cell(module, name, parameters, gain=rate, membrane_ends=ends, **own)


def _never(module: Any) -> bool:
    return bool((numbers(module.p.v_th) >= NEVER).all())


def _integrator(module: Any, name: str, keep_u: Any, **own: Any) -> Cell:
    rest, rate = numbers(module.p.v_leak), _rate(module)
    if rest.any():
        raise InputError(
            f"{name} ({type(module).__name__}): v_leak is {_shown(rest)}; the contract's readouts rest at 0",
            "Train with v_leak = 0, and add a bias to what arrives",
        )
    parameters = {"keep_u": keep_u, "keep_v": 1 - rate}
    return _cell(module, name, parameters, gain=rate, membrane_ends=True, **own)


def _cell(module: Any, name: str, parameters: Mapping[str, Any], **own: Any) -> Cell:
    # Modules with time are no cells, and take it as the first dimension.
    all_steps = "Cell" not in type(module).__name__
    recorded = all_steps and module.record_states

    def gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
        current = args[0] if args else kwargs["input_tensor"]
        before = args[1] if len(args) > 1 else kwargs.get("state")
        first, state = output
        spikes, membrane = (first, None) if "threshold" in parameters else (None, first)
        if spikes is not None and (recorded or not all_steps):
            membrane = state.v
        last = state.v if all_steps and not recorded else None
        return Gives(current, spikes, membrane, last, None if before is None else before.v)

    return Cell(name, parameters, time_dim=0 if all_steps else None, gives=gives, **own)


def _shown(value: Any) -> str:
    return f"{np.ravel(value)[0]:g}"
