"""Clauses 3 to 6 backwards in time: one population, batched over samples."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from snnc import formats
from snnc.stages import LayerTrace, Population
from snnc.stages.bounds import IntArray
from snnc.stages.population import ADLIF, OLD, SUBTRACT, ZERO
from snnc.trainer.integer_population import decay

UNIT = 1 << formats.STATE_FRACTION_BITS


class PopulationBack:
    """Gradients of a population that computed `trace`; all are float32 [T, samples, neurons], time first.

    Attributes
    ----------
    to_spikes, to_v
        What is known of the gradients of its spikes, and of v after the reset: filled before `run`.
    charged
        Those of v before the reset, and so of a bias, in steps of v.
    arriving
        Those of a of clause 2, in whole weight steps.
    """

    def __init__(self, population: Population, trace: LayerTrace, alpha: float) -> None:
        samples, steps, neurons = trace.v.shape
        self.to_spikes, self.to_v, self.charged, self.arriving = torch.zeros(4, steps, samples, neurons)
        self.spikes = _time_first(torch.tensor(trace.spikes, dtype=torch.float32))
        self._keeps = [_keep(each) for each in (population.decay_u, population.decay_v, population.decay_w)]
        self._kept_by_reset = 1 - self.spikes if population.reset == ZERO else None
        self._surrogate = _surrogate(population, trace, alpha) if population.spikes else None
        self._subtracted = _subtracted(population)
        self._later = {name: torch.zeros(samples, neurons) for name in ("u", "v", "w")}
        self._adapts, self._old = trace.w is not None, population.order == OLD
        if self._adapts:
            assert population.ka is not None
            assert population.kb is not None
            self._ka = _tensor(population.ka).float() / formats.DECAY_ONE
            self._kb = _tensor(population.kb).float()

    def run(self, first: int, last: int) -> Tensor:
        """The steps `last` - 1 .. `first`, backwards; all after them must have been. Returns `arriving`."""
        keep_u, keep_v, keep_w = self._keeps
        u, v, w = (self._later[name] for name in "uvw")  # of the step after
        for t in range(last - 1, first - 1, -1):
            to_v, to_spikes = self.to_v[t] + keep_v * v, self.to_spikes[t]
            if self._adapts:
                to_v, to_spikes = to_v + self._ka * w, to_spikes + self._kb * w
            if self._subtracted is not None:
                to_spikes = to_spikes - self._subtracted * to_v
            if self._kept_by_reset is not None:
                to_v = to_v * self._kept_by_reset[t]
            if self._surrogate is not None:
                to_v = to_v + to_spikes * self._surrogate[t]
            if self._adapts:
                w = keep_w * w - (v if self._old else to_v)
            v, u = to_v, to_v + keep_u * u
            self.charged[t], self.arriving[t] = v, u * UNIT
        self._later = {"u": u, "v": v, "w": w}
        return self.arriving[first:last]


def _subtracted(population: Population) -> Tensor | None:
    """What a spike of an adaptive neuron takes from v, in steps of v; None where the reset is a constant.

    A threshold that rises with each spike is, in the equations of the contract, mostly what the reset takes:
    without it nothing is left of the gradient of the adaptation. Of other neurons the reset is a constant, as
    in training, where its gradient does harm (Zenke and Vogels, Neural Computation 33(4), 2021).
    """
    if population.model != ADLIF or population.reset != SUBTRACT:
        return None
    return _tensor(population.reset_by).float() * UNIT


def _surrogate(population: Population, trace: LayerTrace, alpha: float) -> Tensor:
    """The derivative of a spike by v, of an arctangent whose sharpness is `alpha` per threshold."""
    threshold = _tensor(population.threshold) << formats.STATE_FRACTION_BITS
    unit = threshold.clamp(min=UNIT)
    over = (_before_reset(population, trace) - threshold - 0.5) / unit  # at the threshold it has not fired
    slope = alpha / 2 / (1 + (math.pi / 2 * alpha * over) ** 2) / unit
    if population.end is not None:
        slope[:, population.end :] = 0
    return _time_first(slope.float())


def _before_reset(population: Population, trace: LayerTrace) -> Tensor:
    """v of clauses 5 and 5a, int64 [samples, T, neurons], of what was recorded after the reset."""
    u, v = (torch.tensor(each, dtype=torch.int64) for each in (trace.u, trace.v))
    free = decay(_step_before(v), _tensor(population.decay_v)) + u + _tensor(population.bias)
    if trace.w is not None:
        w = torch.tensor(trace.w, dtype=torch.int64)
        free -= _step_before(w) if population.order == OLD else w
    return free.clamp(-formats.V_LIMIT, formats.V_LIMIT)


def _step_before(state: Tensor) -> Tensor:
    return torch.cat([torch.zeros_like(state[:, :1]), state[:, :-1]], dim=1)


def _keep(constant: IntArray | None) -> Tensor:
    return torch.zeros(()) if constant is None else 1 - _tensor(constant).float() / formats.DECAY_ONE


def _tensor(values: IntArray | None) -> Tensor:
    assert values is not None  # the population's model has it
    return torch.from_numpy(values.astype("int64"))


def _time_first(states: Tensor) -> Tensor:
    return states.transpose(0, 1).contiguous()
