"""The integer PyTorch model: the reference that every other executor is compared with.

It computes `docs/semantics.md` in tensors, batched over samples. Clause numbers are in the comments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from snnc import formats
from snnc.stages import Artifact, LayerTrace, QuantizedGraph, QuantizedLayer, Trace, check_input


@dataclass(frozen=True, slots=True)
class LayerState:
    """Result of one layer: int32 `u`, `v`, which hold them, bool `spikes`, all [samples, T, neurons]."""

    u: Tensor
    v: Tensor
    spikes: Tensor
    u_wraps: int
    v_clips: int


def accumulate(layer: QuantizedLayer, spikes: Tensor) -> Tensor:
    """Clause 2: int32 [samples, T, neurons] from spikes or payloads [samples, T, inputs].

    One sparse matrix product a distinct delay, so that the work follows the synapses. They run in float32,
    which is exact here: a valid graph keeps every partial sum at or below 2^18.
    """
    samples, steps, inputs = spikes.shape
    device = spikes.device
    source = spikes.permute(2, 1, 0).to(torch.float32).contiguous()
    neuron, line = torch.from_numpy(np.stack(np.nonzero(layer.weight))).to(device)
    weight = torch.from_numpy(layer.weight.astype(np.float32)).to(device)[neuron, line]
    delay = torch.from_numpy(layer.delay.astype(np.int64)).to(device)[neuron, line]
    total = torch.zeros(layer.neurons, steps, samples, device=device)
    shape = (layer.neurons, inputs)
    delay, order = torch.sort(delay, stable=True)
    delays, counts = torch.unique_consecutive(delay, return_counts=True)
    for d, at_d in zip(delays.tolist(), order.split(counts.tolist()), strict=True):
        if d < steps:  # a spike that would arrive at T or later arrives nowhere
            pair = torch.stack([neuron[at_d], line[at_d]])
            matrix = torch.sparse_coo_tensor(
                pair, weight[at_d], shape, is_coalesced=True, check_invariants=False
            )
            arriving = matrix @ source[:, : steps - d].reshape(inputs, -1)
            total[:, d:] += arriving.view(layer.neurons, steps - d, samples)
    return total.permute(2, 1, 0).to(torch.int32).contiguous()


def decay(x: Tensor, k: int) -> Tensor:
    """Clause 4: multiply by (4096 - k) / 4096, rounding toward zero."""
    return torch.sign(x) * ((x.abs() * (formats.DECAY_ONE - k)) >> formats.DECAY_BITS)


def run_layer(layer: QuantizedLayer, spikes: Tensor) -> LayerState:
    """Clauses 2 to 7 for one layer; `spikes` is [samples, T, inputs], of the input its payloads."""
    arriving = accumulate(layer, spikes)
    bias = torch.from_numpy(layer.bias.astype(np.int64)).to(spikes.device)
    us, vs, fired_in = (
        torch.empty_like(arriving),
        torch.empty_like(arriving),
        torch.zeros_like(arriving, dtype=torch.bool),
    )
    u = torch.zeros_like(arriving[:, 0], dtype=torch.int64)
    v = torch.zeros_like(u)
    wraps = clips = 0
    for t in range(arriving.shape[1]):
        drive = arriving[:, t].to(torch.int64) << formats.STATE_FRACTION_BITS
        u = decay(u, layer.decay_u) + drive  # clause 3
        above, below = u > formats.U_MAX, u < formats.U_MIN
        wraps += int(above.sum() + below.sum())
        u = u - formats.U_WRAP * above.to(torch.int64) + formats.U_WRAP * below.to(torch.int64)
        free = decay(v, layer.decay_v) + u + bias  # clause 5
        v = free.clamp(-formats.V_LIMIT, formats.V_LIMIT)
        clips += int((v != free).sum())
        if layer.threshold is not None:  # clause 6; the readout (clause 7) has none
            fired = v > (layer.threshold << formats.STATE_FRACTION_BITS)
            v = v.masked_fill(fired, 0)
            fired_in[:, t] = fired
        us[:, t], vs[:, t] = u, v
    return LayerState(us, vs, fired_in, wraps, clips)


@torch.no_grad()
def run_graph(graph: QuantizedGraph, spikes: npt.ArrayLike, device: str = "cpu") -> Trace:
    """Run uint8 [samples, T, inputs] through `graph`; `StageError` if the shape does not fit."""
    signal = torch.from_numpy(check_input(graph, spikes)).to(device)
    layers = []
    for layer in graph.layers:
        state = run_layer(layer, signal)
        signal = state.spikes
        layers.append(
            LayerTrace(
                u=_host(state.u, np.int32),
                v=_host(state.v, np.int32),
                spikes=_host(state.spikes, np.bool_),
                u_wraps=state.u_wraps,
                v_clips=state.v_clips,
            )
        )
    return Trace("torch", tuple(layers), {"torch": torch.__version__, "device": device})


def _host(tensor: Tensor, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    return tensor.cpu().numpy().astype(dtype, copy=False)


class TorchExecutor:
    """The reference executor (`snnc.executor.Executor`)."""

    name = "torch"

    def unavailable_reason(self) -> str | None:
        return None

    def run(self, artifact: Artifact, spikes: npt.NDArray[np.uint8]) -> Trace:
        return run_graph(artifact.graph, spikes)
