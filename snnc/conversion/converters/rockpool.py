"""Neurons of Rockpool 3 (`rockpool.nn.modules.LIFTorch`): they fire at v >= threshold and subtract it.

i[t] = beta (i[t-1] + x + W S[t-1]) and v[t] = alpha v[t-1] + i[t] + bias. The contract's u is i / beta.
Input is [recordings, steps, neurons].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from snnc.conversion.functions import numbers
from snnc.conversion.neurons import NEVER, Cell, Gives, converter, refuse
from snnc.errors import InputError

HOME = "rockpool.nn.modules.torch"


@converter(f"{HOME}.lif_torch.LIFTorch")
def leaky(module: Any, name: str) -> Cell:
    """i[t] = beta (i[t-1] + x), v[t] = alpha v[t-1] + i[t] + bias; max_spikes_per_dt=1, one synapse each"""
    for wrong, said, instead in (
        (
            numbers(module.max_spikes_per_dt) != 1,
            f"max_spikes_per_dt is {float(module.max_spikes_per_dt):g}; the contract's neurons send one",
            "Pass max_spikes_per_dt=1, and train with it",
        ),
        (
            module.n_synapses != 1,
            f"each neuron has {module.n_synapses} synapses with states of their own; the contract has one",
            "Use a shape of (N, N)",
        ),
        (numbers(module.noise_std) != 0, "adds noise to v; the contract has none", "Set noise_std=0"),
    ):
        if wrong:
            raise InputError(f"{name} (LIFTorch): {said}", instead)
    threshold, beta = numbers(module.threshold), numbers(module.beta).reshape(-1)
    weight = numbers(module.w_rec)
    return Cell(
        name,
        {
            "keep_u": beta,
            "keep_v": numbers(module.alpha),
            "bias": numbers(module.bias),
            "threshold": threshold,
            "fires": "at",
            "reset": "subtract",
            "reset_by": threshold,
        },
        time_dim=1,
        gain=beta,
        gives=_gives,
        clear=module.reset_state,
        membrane_ends=bool((threshold >= NEVER).all()) and not numbers(module.bias).any(),
        recurrent=(torch.as_tensor(weight.T), None) if weight.any() else None,
    )


refuse(
    *(
        f"{HOME}.{each}"
        for each in (
            "ahp_lif_torch.aLIFTorch",
            "exp_syn_torch.ExpSynTorch",
            "lif_bitshift_torch.LIFBitshiftTorch",
            "lif_neuron_torch.LIFNeuronTorch",
            "lif_torch.LIFBaseTorch",
            "rate_torch.RateTorch",
            "updown_torch.UpDownTorch",
        )
    ),
    why="its equation is not converted",
    instead="Use LIFTorch",
)


def _gives(args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> Gives:
    current = args[0] if args else next(iter(kwargs.values()))
    return Gives(current, output if isinstance(output, torch.Tensor) else output[0])
