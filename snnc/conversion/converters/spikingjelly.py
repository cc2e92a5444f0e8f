"""Neurons of SpikingJelly (`spikingjelly.activation_based.neuron`): they fire at v >= v_threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from snnc.conversion.functions import numbers
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError

HOME = "spikingjelly.activation_based.neuron"
NEVER = 1e6
"""Thresholds from here on say that neurons are not to fire: a readout."""


def _cell(module: Any, name: str, leak: float, gain: float) -> Cell:
    # Numbers of Python enter the module's arithmetic in 32 bits.
    base = 0.0 if module.v_reset is None else float(np.float32(module.v_reset))
    threshold = float(np.float32(module.v_threshold)) - base
    reset = "subtract" if module.v_reset is None else "zero"
    if threshold <= 0:
        raise InputError(
            f"{name}: v_threshold {module.v_threshold} is not above v_reset {base}; it fires without input"
        )
    parameters = {
        "keep_u": 0.0,
        "keep_v": numbers(1 - leak),
        "threshold": threshold,
        "fires": "at",
        "reset": reset,
    }
    if reset == "subtract":
        parameters["reset_by"] = threshold
    return Cell(
        name,
        parameters,
        time_dim=0 if module.step_mode == "m" else None,
        gain=gain,
        gives=_gives(module),
        clear=module.reset,
        membrane_ends=base == 0 and threshold >= NEVER,
    )


def _gives(module: Any) -> Any:
    def gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
        current = args[0] if args else kwargs["x"]
        if module.step_mode == "m":
            return Gives(current, output, module.v_seq, module.v)
        return Gives(current, output, module.v)

    return gives


@converter(f"{HOME}.integrate_and_fire.IFNode", f"{HOME}.integrate_and_fire.SimpleIFNode")
def integrate(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] + x."""
    return _cell(module, name, 0.0, 1.0)


@converter(f"{HOME}.lif.LIFNode", f"{HOME}.lif.SimpleLIFNode")
def leaky(module: Any, name: str) -> Cell:
    """v[t] = v[t-1] - (v[t-1] - v_reset) / tau + x, or with x / tau (`decay_input`)."""
    leak = 1 / float(module.tau)
    return _cell(module, name, leak, leak if module.decay_input else 1.0)


@converter(f"{HOME}.plif.ParametricLIFNode")
def parametric(module: Any, name: str) -> Cell:
    """As LIFNode, with 1 / tau = sigmoid(w)."""
    leak = float(module.w.sigmoid())
    return _cell(module, name, leak, leak if module.decay_input else 1.0)


@converter(
    f"{HOME}.base_node.BaseNode", f"{HOME}.base_node.SimpleBaseNode", f"{HOME}.base_node.NonSpikingBaseNode"
)
def other(module: Any, name: str) -> Cell:
    kind = type(module).__name__
    raise InputError(
        f"{name} ({kind}): its equation is none of the contract's; IFNode, LIFNode and ParametricLIFNode are"
    )
