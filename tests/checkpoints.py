"""State dicts of published works, as their code saves them."""

from __future__ import annotations

import itertools

import torch


def delays(sizes: tuple[int, ...] = (6, 8, 8, 3), taps: int = 25) -> dict[str, torch.Tensor]:
    """Of SNN-delays: LIF neurons, batch norm, one kernel, positions and SIG of training."""
    draw, state = torch.Generator().manual_seed(4), {}
    last = len(sizes) - 2
    for number, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        synapses, norm, shape = f"model.{4 * number}", f"model.{4 * number + 1}", (outputs, inputs, 1)
        state[f"{synapses}.weight"] = torch.randn(shape, generator=draw) * 0.5
        state[f"{synapses}.P"] = torch.rand((1, *shape), generator=draw) * (taps - 1) - taps // 2
        state[f"{synapses}.SIG"] = torch.full((1, *shape), 0.23)
        if number < last:
            for key, value in (("weight", 1.0), ("bias", 0.1), ("running_mean", 0.1), ("running_var", 0.8)):
                state[f"{norm}.{key}"] = torch.full((outputs,), value)
            state[f"{norm}.num_batches_tracked"] = torch.tensor(9)
    return state
