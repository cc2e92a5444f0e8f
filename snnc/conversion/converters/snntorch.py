"""Neurons of snnTorch 0.9 to 1.0 (`snntorch/_neurons/`): they fire at mem > threshold.

With `reset_delay`, its default, a reset acts in the step after the spike: mem[t] = beta mem[t-1] + x -
threshold S[t-1]. The contract subtracts `reset_by` in the step of the spike, and the leak takes its share of
it: so `reset_by` is threshold / beta. A late reset to zero is the contract's in Leaky alone, which sets mem
of the step before to 0; the others drop what arrives, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from snnc.conversion.functions import numbers
from snnc.conversion.neurons import NEVER, Cell, Gives, converter, refuse
from snnc.errors import InputError

HOME = "snntorch._neurons"


def _gives(state_args: int) -> Any:
    def gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
        current = args[0] if args else kwargs["input_"]
        states = [*args[1:], *(kwargs[name] for name in ("spk", "syn", "mem") if name in kwargs)]
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


def _cell(module: Any, name: str, keep_u: Any, keep_v: Any, state_args: int, **own: Any) -> Cell:
    for field, why in (
        ("inhibition", "only one neuron of a layer fires"),
        ("state_quant", "its states are quantised"),
    ):
        if getattr(module, field, False):
            raise InputError(
                f"{name} ({type(module).__name__}): {field} is set, {why}; the contract has none",
                f"Train without {field}",
            )
    graded = numbers(module.graded_spikes_factor)
    if (graded != 1).any():
        raise InputError(
            f"{name} ({type(module).__name__}): graded_spikes_factor is {graded}; the contract's spikes are "
            "1",
            "Train with graded_spikes_factor=1, and scale the weights behind it",
        )
    reset, threshold = module.reset_mechanism, numbers(module.threshold)
    delayed = getattr(module, "reset_delay", True)
    notes = []
    reset_by = threshold
    if reset == "subtract" and delayed:
        if (keep_v <= 0).any():
            raise _keeps_none(module, name, keep_v)
        reset_by = threshold / keep_v
    elif not delayed and reset == "subtract":
        late = "reset_delay=True or with " if (keep_v > 0).all() else ""
        notes.append(
            f"{name}: with reset_delay=False snnTorch fires above twice the threshold, not above it, where "
            f"the step before left v above it after its reset; train with {late}reset_mechanism='zero', "
            "which the contract has"
        )
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
        **own,
    )


@converter(f"{HOME}.leaky.Leaky")
def leaky(module: Any, name: str) -> Cell:
    """v[t] = beta v[t-1] + x"""
    return _cell(module, name, numbers(0.0), numbers(module.beta).clip(0, 1), 1)


@converter(f"{HOME}.synaptic.Synaptic")
def synaptic(module: Any, name: str) -> Cell:
    """u[t] = alpha u[t-1] + x, v[t] = beta v[t-1] + u[t]; reset to zero only with reset_delay=False"""
    _check_reset(module, name)
    return _cell(module, name, numbers(module.alpha).clip(0, 1), numbers(module.beta).clip(0, 1), 2)


@converter(f"{HOME}.lapicque.Lapicque")
def lapicque(module: Any, name: str) -> Cell:
    """v[t] = (1 - time_step / (R C)) v[t-1] + time_step / C x; no reset to zero"""
    step, resistance, capacity = (numbers(each) for each in (module.time_step, module.R, module.C))
    keep_v = 1 - step / (resistance * capacity)
    if (keep_v < 0).any() or (module.reset_mechanism != "none" and (keep_v <= 0).any()):
        which = int(keep_v.argmin())
        raise InputError(
            f"{name} ({type(module).__name__}): 1 - time_step / (R C){_of(keep_v, which)}, the share of mem "
            f"that a step keeps, is {keep_v.reshape(-1)[which]:.4g}; in the contract it is 0 .. 1, and above "
            "0 where a reset acts a step late",
            "Train with R C above time_step; where beta makes R or C, with beta above 0.368 (1 / e)",
        )
    _check_reset(module, name)
    return _cell(module, name, numbers(0.0), keep_v, 1, gain=step / capacity)


@converter(f"{HOME}.rleaky.RLeaky")
def recurrent_leaky(module: Any, name: str) -> Cell:
    """as Leaky, with connections among the neurons, a Linear or one to one; reset as of Synaptic"""
    _check_reset(module, name)
    beta = numbers(module.beta).clip(0, 1)
    return _cell(module, name, numbers(0.0), beta, 2, recurrent=_recurrent(module, name))


@converter(f"{HOME}.rsynaptic.RSynaptic")
def recurrent_synaptic(module: Any, name: str) -> Cell:
    """as Synaptic, with connections as of RLeaky; reset_delay=True, no reset to zero"""
    if not module.reset_delay:
        raise InputError(
            f"{name} (RSynaptic): reset_delay=False resets by the spikes of the step before in snnTorch 1.0, "
            "and forgets it",
            "Use reset_delay=True"
            + (f" with {_subtracting(module)}" if module.reset_mechanism != "none" else ""),
        )
    _check_reset(module, name)
    keep = numbers(module.alpha).clip(0, 1), numbers(module.beta).clip(0, 1)
    return _cell(module, name, *keep, 3, recurrent=_recurrent(module, name))


refuse(
    f"{HOME}.alpha.Alpha",
    f"{HOME}.associative.AssociativeLeaky",
    f"{HOME}.deltaleaky.DeltaLeaky",
    f"{HOME}.leakykernel.LeakyKernel",
    f"{HOME}.leakyparallel.LeakyParallel",
    f"{HOME}.neurons.SpikingNeuron",
    f"{HOME}.stateleaky.StateLeaky",
    why="its equation is none of the contract's",
    instead="Use Leaky, Synaptic, Lapicque, RLeaky or RSynaptic",
)


def _check_reset(module: Any, name: str) -> None:
    if module.reset_mechanism == "zero" and getattr(module, "reset_delay", True):
        instead = _subtracting(module)
        if _is_a(module, "Synaptic", "RLeaky"):
            instead = f"reset_delay=False or {instead}"
        raise InputError(
            f"{name} ({type(module).__name__}): reset_mechanism 'zero' acts in the step after the spike and "
            "drops what arrives in it; the contract resets in the step of the spike",
            f"Train with {instead}",
        )


def _subtracting(module: Any) -> str:
    """What neurons with a late reset are to have."""
    kept = _is_a(module, "Lapicque") or (numbers(module.beta) > 0).all()
    return "reset_mechanism='subtract'" + ("" if kept else " and every beta above 0")


def _keeps_none(module: Any, name: str, keep_v: Any) -> InputError:
    """The error about neurons that subtract late, some of which keep nothing of mem."""
    which = int((keep_v.reshape(-1) <= 0).argmax())
    beta = numbers(module.beta).reshape(-1)[which]
    clipped = ", which snnTorch clips to 0" if beta < 0 else ""
    other = "reset_mechanism='zero'"
    if _is_a(module, "Synaptic", "RLeaky"):
        other += " and reset_delay=False"
    elif _is_a(module, "RSynaptic"):
        other = "reset_mechanism='none'"
    return InputError(
        f"{name} ({type(module).__name__}): beta{_of(keep_v, which)} is {beta:.4g}{clipped}; it subtracts a "
        "step late, which the contract cannot say where nothing of mem is kept",
        f"Train with every beta above 0, or with {other}",
    )


def _of(values: Any, which: int) -> str:
    return f" of neuron {which}" if values.size > 1 else ""


def _is_a(module: Any, *names: str) -> bool:
    """Whether its class is one of snnTorch's `names`, or below it."""
    return any(each.__module__.startswith(HOME) and each.__name__ in names for each in type(module).__mro__)


def _recurrent(module: Any, name: str) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Weight and bias of a Linear; a weight alone, one or one a neuron, of connections one to one."""
    inside = module.recurrent
    if isinstance(inside, torch.nn.Linear):
        return inside.weight, inside.bias
    if hasattr(inside, "V"):
        return inside.V.reshape(-1), None
    raise InputError(
        f"{name} ({type(module).__name__}): its connections are {inside}; from_torch reads those of "
        "linear_features, or of all_to_all=False",
        "Compute the convolution in your own loop, with Leaky or Synaptic",
    )
