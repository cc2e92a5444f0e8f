"""What a neuron computes with: time constants, thresholds and adaptation, drawn, and learned if wanted.

Learned values are brought back into their ranges after each step of the optimiser, as positions are.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from snnc.errors import StageError
from snnc.trainer.graph_network.scan import Constants

LONGEST = 5.0
"""Times `tau`: the longest time constant that a `lif` neuron or an integrator learns."""
THRESHOLDS = 0.1, 10.0
"""Times the threshold that is configured: what a neuron may learn."""


class Neurons(nn.Module, ABC):
    """Spiking neurons of one population; `soft`: a spike subtracts the threshold."""

    ranges: dict[str, tuple[float, float]]
    """By the name of a parameter."""

    def __init__(self, threshold: float, soft: bool, count: int, learn_thresholds: bool) -> None:
        super().__init__()
        self.soft, self.ranges = soft, {}
        self._put("threshold", torch.full((count,), threshold), learn_thresholds)
        self.ranges["threshold"] = THRESHOLDS[0] * threshold, THRESHOLDS[1] * threshold

    @abstractmethod
    def constants(self) -> Constants:
        """What `scan` computes with; differentiable."""

    @torch.no_grad()
    def clamp(self) -> None:
        """Bring learned values back into their ranges."""
        for name, value in self.named_parameters():
            value.clamp_(*self.ranges[name])

    def _put(self, name: str, value: Tensor, learned: bool) -> None:
        if learned:
            self.register_parameter(name, nn.Parameter(value))
        else:
            self.register_buffer(name, value)

    def _value(self, name: str) -> Tensor:
        value: Tensor = getattr(self, name)
        return value

    def _uniform(self, name: str, count: int, low: float, high: float, learned: bool) -> None:
        self._put(name, torch.empty(count).uniform_(low, high), learned)
        self.ranges[name] = low, high


class Lif(Neurons):
    """Leaky integrate-and-fire: `v = (1 - 1 / tau) v + x`. A learned time constant lies in 1 .. `LONGEST`
    tau.
    """

    def __init__(
        self, tau: float, threshold: float, soft: bool, count: int, learn_time: bool, learn_thresholds: bool
    ) -> None:
        super().__init__(threshold, soft, count, learn_thresholds)
        self._put("keep_v", keep_of(tau, count), learn_time)
        self.ranges["keep_v"] = keep_range(tau)

    def constants(self) -> Constants:
        return Constants(self._value("keep_v"), self._value("threshold"), self.soft)


class Adaptive(Neurons):
    """Neurons with an adaptation current, `w = beta w + a v + b S` and `v = alpha v + (1 - alpha) (x - w)`.

    In w, v is that before the reset, if the reset is soft, as in the works. In the contract it is that after
    the reset; what is missing then stands in `kb`. a and b are always learned. With a below 0, v would drive
    itself without end, and overflow could not be excluded: so a lies in 0 .. 1, and b in 0 .. 2.
    """

    def __init__(self, threshold: float, soft: bool, count: int, learn_thresholds: bool) -> None:
        super().__init__(threshold, soft, count, learn_thresholds)
        self._uniform("a", count, 0.0, 1.0, learned=True)
        self._uniform("b", count, 0.0, 2.0, learned=True)

    @abstractmethod
    def keeps(self) -> tuple[Tensor, Tensor]:
        """alpha and beta."""

    def constants(self) -> Constants:
        alpha, beta = self.keeps()
        threshold, a, b = (self._value(name) for name in ("threshold", "a", "b"))
        gain = 1 - alpha
        jump = a * threshold + b if self.soft else b
        return Constants(alpha, threshold, self.soft, gain, beta, gain * a, gain * jump)


class AdLif(Adaptive):
    """adLIF of Bittar & Garner (2022), doi 10.3389/fnins.2022.865897, but for the range of a.

    Time constants are drawn from `tau` .. 5 tau and, of w, from 6 .. 24 tau: with tau = 5 as in the work.
    Learned ones stay there.
    """

    def __init__(
        self, tau: float, threshold: float, soft: bool, count: int, learn_time: bool, learn_thresholds: bool
    ) -> None:
        super().__init__(threshold, soft, count, learn_thresholds)
        self._uniform("alpha", count, math.exp(-1 / tau), math.exp(-1 / (5 * tau)), learn_time)
        self._uniform("beta", count, math.exp(-1 / (6 * tau)), math.exp(-1 / (24 * tau)), learn_time)

    def keeps(self) -> tuple[Tensor, Tensor]:
        return self._value("alpha"), self._value("beta")


class SeAdLif(Adaptive):
    """SE-adLIF of Baronig et al. (arXiv 2408.07517): `w = beta w + (1 - beta) Q (a v + b S)`, v after the
    reset.

    Time constants are drawn from `tau` .. 5 tau and, of w, from 12 .. 60 tau: with tau = 5 as in the work.
    Learned ones stay there.
    """

    Q = 120.0

    def __init__(
        self, tau: float, threshold: float, soft: bool, count: int, learn_time: bool, learn_thresholds: bool
    ) -> None:
        super().__init__(threshold, soft, count, learn_thresholds)
        self._uniform("tau_v", count, tau, 5 * tau, learn_time)
        self._uniform("tau_w", count, 12 * tau, 60 * tau, learn_time)

    def keeps(self) -> tuple[Tensor, Tensor]:
        v, w = (torch.exp(-1 / self._value(f"tau_{name}")) for name in "vw")
        return v, w

    def constants(self) -> Constants:
        alpha, beta = self.keeps()
        gain = 1 - alpha
        scale = gain * (1 - beta) * self.Q
        a, b = self._value("a"), self._value("b")
        return Constants(alpha, self._value("threshold"), self.soft, gain, beta, scale * a, scale * b)


class SiLif(Adaptive):
    """SiLIF of Fabre et al. (2025), arXiv 2506.06374: alpha = exp(-e^p), beta = exp(-e^q).

    p and q are drawn so that time constants lie in `tau` .. 25 tau and, of w, in 25 .. 100 tau: with tau = 1
    as in the work, whose second factor, a length of the step, would be learned in the same place. Learned
    ones stay below `SLOWEST` steps.
    """

    SLOWEST = 1000.0

    def __init__(
        self, tau: float, threshold: float, soft: bool, count: int, learn_time: bool, learn_thresholds: bool
    ) -> None:
        super().__init__(threshold, soft, count, learn_thresholds)
        for name, shortest, longest in (("log_rate_v", tau, 25 * tau), ("log_rate_w", 25 * tau, 100 * tau)):
            self._uniform(name, count, -math.log(longest), -math.log(shortest), learn_time)
            self.ranges[name] = -math.log(max(self.SLOWEST, longest)), math.inf

    def keeps(self) -> tuple[Tensor, Tensor]:
        v, w = (torch.exp(-torch.exp(self._value(f"log_rate_{name}"))) for name in "vw")
        return v, w


class Integrators(nn.Module):
    """Leaky integrators, which never spike: `v = (1 - 1 / tau) v + x`; with tau = 1 nothing is kept."""

    def __init__(self, tau: float, count: int, learn_time: bool) -> None:
        super().__init__()
        self._range = keep_range(tau)
        keep = torch.full((count,), 1 - 1 / tau)
        if learn_time:
            self.keep_v = nn.Parameter(keep)
        else:
            self.register_buffer("keep_v", keep)

    def forward(self, current: Tensor) -> Tensor:
        """Potentials [T, B, neurons] of what arrives, of the same shape."""
        v, found = torch.zeros_like(current[0]), []
        for x in current:
            v = torch.addcmul(x, self.keep_v, v)
            found.append(v)
        return torch.stack(found)

    @torch.no_grad()
    def clamp(self) -> None:
        """Bring learned values back into their ranges."""
        if isinstance(self.keep_v, nn.Parameter):
            self.keep_v.clamp_(*self._range)


def keep_of(tau: float, count: int) -> Tensor:
    """What remains of v after a step. Raises `StageError` unless tau > 1."""
    if not tau > 1:
        raise StageError(f"tau is {tau} steps; the neuron needs more than 1")
    return torch.full((count,), 1 - 1 / tau)


def keep_range(tau: float) -> tuple[float, float]:
    return 0.0, 1 - 1 / (LONGEST * tau)
