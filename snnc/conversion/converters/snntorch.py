"""Neurons of snnTorch 0.9 to 1.0 (`snntorch/_neurons/`): they fire at mem > threshold.

With `reset_delay`, its default, a reset acts in the step after the spike: mem[t] = beta mem[t-1] + x -
threshold S[t-1]. The contract subtracts `reset_by` in the step of the spike, and the leak takes its share of
it: so `reset_by` is threshold / beta. To zero it is the same (mem of the step before is set to 0 first).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from snnc.conversion.functions import numbers
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError

NEVER = 1e6
"""Thresholds from here on say that neurons are not to fire: a readout."""
HOME = "snntorch._neurons"


def _gives(state_args: int) -> Any:
    def gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
        current = args[0] if args else kwargs["input_"]
        states = [*args[1:], *(kwargs[name] for name in ("syn", "mem") if name in kwargs)]
        state = states[state_args - 1] if len(states) >= state_args else None
        if isinstance(output, torch.Tensor):
            return Gives(current, output)
        return Gives(current, output[0], output[-1], state=state)

    return gives


def _clear(module: Any) -> Any:
    def clear() -> None:
        for name in ("mem", "syn", "spk"):
            held = getattr(module, name, None)
            if isinstance(held, torch.Tensor):
                setattr(module, name, torch.zeros_like(held))

    return clear


def _cell(module: Any, name: str, keep_u: Any, keep_v: Any, state_args: int) -> Cell:
    for field, why in (
        ("inhibition", "only one neuron of a layer fires"),
        ("state_quant", "its states are quantised"),
    ):
        if getattr(module, field, False):
            raise InputError(
                f"{name} ({type(module).__name__}): {field} is set, {why}; the contract has none"
            )
    if (numbers(module.graded_spikes_factor) != 1).any():
        raise InputError(f"{name}: graded_spikes_factor is {numbers(module.graded_spikes_factor)}; use 1")
    reset, threshold = module.reset_mechanism, numbers(module.threshold)
    delayed = getattr(module, "reset_delay", True)
    notes = []
    reset_by = threshold
    if reset == "subtract" and delayed:
        if (keep_v <= 0).any():
            raise InputError(f"{name}: beta is 0 and the reset a step late; pass reset_delay=False")
        reset_by = threshold / keep_v
    elif not delayed and reset != "none":
        notes.append(f"{name}: taken to reset once a spike; snnTorch resets again where v stays above it")
    parameters = {
        "keep_u": keep_u,
        "keep_v": keep_v,
        "threshold": threshold,
        "fires": "above",
        "reset": reset,
    }
    if reset == "subtract":
        parameters["reset_by"] = reset_by
    return Cell(
        name,
        parameters,
        gives=_gives(state_args),
        clear=_clear(module),
        membrane_ends=reset == "none" or bool((threshold >= NEVER).all()),
        notes=tuple(notes),
    )


@converter(f"{HOME}.leaky.Leaky", f"{HOME}.lapicque.Lapicque")
def leaky(module: Any, name: str) -> Cell:
    """v[t] = beta v[t-1] + x; Lapicque computes with the beta of its R, C and time step."""
    beta = numbers(module.beta).clip(0, 1)
    if type(module).__name__ == "Lapicque":
        raise InputError(f"{name} (Lapicque): is not converted yet; write it as Leaky with its beta")
    return _cell(module, name, numbers(0.0), beta, 1)


@converter(f"{HOME}.synaptic.Synaptic")
def synaptic(module: Any, name: str) -> Cell:
    """u[t] = alpha u[t-1] + x; v[t] = beta v[t-1] + u[t]. A reset to zero, a step late, also drops u[t]."""
    if module.reset_mechanism == "zero" and module.reset_delay:
        raise InputError(
            f"{name} (Synaptic): reset_mechanism 'zero' acts in the step after the spike and drops what "
            "arrives in it; the contract resets in the step of the spike: train with reset_delay=False"
        )
    return _cell(module, name, numbers(module.alpha).clip(0, 1), numbers(module.beta).clip(0, 1), 2)


@converter(f"{HOME}.rleaky.RLeaky")
def recurrent_leaky(module: Any, name: str) -> Cell:
    raise InputError(f"{name} (RLeaky): is not converted yet; write the recurrence in a loop with Leaky")
