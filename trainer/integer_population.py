"""Clauses 3 to 6 of the integer PyTorch model: the neurons of one population, batched over samples."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from snnc import formats
from snnc.stages import LayerTrace, Population
from snnc.stages.bounds import IntArray
from snnc.stages.population import ADLIF, OLD, SUBTRACT, ZERO


def decay(x: Tensor, k: Tensor) -> Tensor:
    """Clause 4: multiply by (4096 - k) / 4096, rounding toward zero; int64, as the product needs 37 bits."""
    return torch.div(x * (formats.DECAY_ONE - k), formats.DECAY_ONE, rounding_mode="trunc")


def scale(x: Tensor, k: Tensor) -> Tensor:
    """Clause 5a: multiply by k / 4096, rounding toward zero; int64, as the product needs 36 bits."""
    return torch.div(x * k, formats.DECAY_ONE, rounding_mode="trunc")


class IntegerPopulation:
    """State and results of a population that is no input, over `steps` steps of `samples` samples.

    Attributes
    ----------
    us, vs
        int32 [samples, T, neurons], as far as `run` came; v after the reset.
    ws
        The same of w; None where the model has none.
    spikes
        bool, same shape; all False where the model never spikes.
    u_wraps, v_clips, w_clips
        int64 [samples, neurons]: how often clause 3 wrapped, and clauses 5 and 5a clipped v and w. They stay
        on the device until `trace`.
    """

    def __init__(self, population: Population, samples: int, steps: int, device: torch.device) -> None:
        def on_device(values: IntArray) -> Tensor:
            return torch.from_numpy(values.astype(np.int64)).to(device)

        layer, shape = population, (samples, steps, population.neurons)
        assert layer.decay_u is not None
        assert layer.decay_v is not None
        self.decay_u, self.decay_v, self.bias = map(on_device, (layer.decay_u, layer.decay_v, layer.bias))
        self.threshold, self.reset, self.end = None, layer.reset, layer.end or steps
        if layer.threshold is not None:
            self.threshold = on_device(layer.threshold) << formats.STATE_FRACTION_BITS
        if self.reset == SUBTRACT:
            assert layer.reset_by is not None
            self.reset_by = on_device(layer.reset_by) << formats.STATE_FRACTION_BITS
        self.us, self.vs = (torch.empty(shape, dtype=torch.int32, device=device) for _ in range(2))
        self.spikes = torch.zeros(shape, dtype=torch.bool, device=device)

        def zeros() -> Tensor:
            return torch.zeros(samples, layer.neurons, dtype=torch.int64, device=device)

        self.u, self.v = zeros(), zeros()
        self.u_wraps, self.v_clips, self.w_clips = zeros(), zeros(), zeros()
        self.ws: Tensor | None = None
        if layer.model == ADLIF:
            assert layer.decay_w is not None
            assert layer.ka is not None
            assert layer.kb is not None
            self.decay_w, self.ka, self.kb = map(on_device, (layer.decay_w, layer.ka, layer.kb))
            self.old = layer.order == OLD
            self.ws, self.w, self.fired = torch.empty_like(self.us), self.u, torch.zeros_like(self.u)

    def run(self, arriving: Tensor, first: int, last: int) -> Tensor:
        """Compute the steps `first` .. `last` - 1; all before must have been. Returns their spikes.

        `arriving`, int32 [samples, T, neurons], is a of clause 2, complete in these steps.
        """
        drives = arriving[:, first:last] << formats.STATE_FRACTION_BITS  # |a| is at most 2**18 (clause 2)
        results = (each[:, first:last] for each in (self.us, self.vs, self.spikes))
        steps = zip(*(each.unbind(1) for each in (drives, *results)), strict=True)  # one call for all views
        for t, (drive, us, vs, spikes) in enumerate(steps, first):
            self._current(drive)
            free = decay(self.v, self.decay_v) + self.u + self.bias  # clause 5
            if self.ws is not None:
                free = free - self._adaptation()
                self.ws[:, t] = self.w
            v = free.clamp(-formats.V_LIMIT, formats.V_LIMIT)
            self.v_clips += v != free
            if self.threshold is not None and t < self.end:  # clause 6
                fired = v > self.threshold
                v = self._after_reset(v, fired)
                spikes.copy_(fired)
            self.v = v
            if self.ws is not None:
                self.fired = spikes.to(torch.int64)
            us.copy_(self.u)
            vs.copy_(v)
        return self.spikes[:, first:last]

    def trace(self) -> LayerTrace:
        """All results, on the host."""

        def host(tensor: Tensor) -> np.ndarray:
            return tensor.cpu().numpy()

        return LayerTrace(
            u=host(self.us),
            v=host(self.vs),
            spikes=host(self.spikes),
            u_wraps=int(self.u_wraps.sum()),
            v_clips=int(self.v_clips.sum()),
            w=None if self.ws is None else host(self.ws),
            w_clips=None if self.ws is None else int(self.w_clips.sum()),
        )

    def _current(self, drive: Tensor) -> None:
        """Clause 3."""
        u = decay(self.u, self.decay_u) + drive
        above, below = u > formats.U_MAX, u < formats.U_MIN
        self.u_wraps.add_(above).add_(below)
        self.u = u.add_(above, alpha=-formats.U_WRAP).add_(below, alpha=formats.U_WRAP)

    def _adaptation(self) -> Tensor:
        """Clause 5a: w one step on, from v and the spike of the step before. Returns what v subtracts."""
        before = self.w
        free = decay(self.w, self.decay_w) + scale(self.v, self.ka) + self.fired * self.kb
        self.w = free.clamp(-formats.V_LIMIT, formats.V_LIMIT)
        self.w_clips += self.w != free
        return before if self.old else self.w

    def _after_reset(self, v: Tensor, fired: Tensor) -> Tensor:
        """Clause 6."""
        if self.reset == ZERO:
            return v.masked_fill(fired, 0)
        if self.reset == SUBTRACT:
            return v - fired.to(torch.int64) * self.reset_by
        return v
