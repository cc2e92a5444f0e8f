"""Populations of a network: what arrives over all connections, batch norm, neurons, dropout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from snnc.trainer.data_parallel import Share, batch_norm, dropout_gain
from snnc.trainer.graph_network.connections import AxonalConnection
from snnc.trainer.graph_network.loops import AxonLoop, Loop, SynapseLoop
from snnc.trainer.graph_network.neurons import Integrators, Neurons
from snnc.trainer.graph_network.scan import scan
from snnc.trainer.network import DelayedConnection


class Population(nn.Module):
    """Neurons, and the connections that lead to them: from the populations `sources`, and from themselves.

    What arrives from others is normed over batch and time. What returns, by `loop`, is not: its delays are
    those of a connection and 1 more. `bias` says whether a learned bias follows the norm. Neurons that share
    their weights share norm and bias, too.
    """

    def __init__(
        self,
        name: str,
        sources: Mapping[str, DelayedConnection],
        neurons: Neurons | Integrators,
        *,
        batch_norm: bool,
        bias: bool = False,
        loop: DelayedConnection | None = None,
        dropout: float = 0.0,
        alpha: float = 5.0,
    ) -> None:
        super().__init__()
        self.name, self.sources = name, tuple(sources)
        self.incoming = nn.ModuleList(sources.values())
        self.neurons, self.loop, self.dropout, self.alpha = neurons, loop, dropout, alpha
        if loop is not None:
            loop.least = 1
        first = next(iter(sources.values()))
        count, self.places = len(first.weight), first.places
        self.norm = nn.BatchNorm1d(count) if batch_norm else None
        self.bias = nn.Parameter(torch.zeros(count)) if bias else None

    @property
    def ways(self) -> dict[str, DelayedConnection]:
        """All connections that lead here, by their source, that of the population itself last."""
        incoming: list[DelayedConnection] = list(self.incoming)  # type: ignore[arg-type]
        found = dict(zip(self.sources, incoming, strict=True))
        return found if self.loop is None else found | {self.name: self.loop}

    def forward(
        self, signals: Mapping[str, Tensor], rounded: bool = False, share: Share | None = None
    ) -> Tensor:
        """Spikes [T, B, neurons], 0 or 1 (scaled by dropout in training), or potentials of integrators."""
        arriving = [each(signals[of], rounded) for each, of in zip(self.incoming, self.sources, strict=True)]
        current = arriving[0] if len(arriving) == 1 else torch.stack(arriving).sum(0)
        with torch.autocast(current.device.type, enabled=False):
            if self.norm is not None:
                current = self._normed(self.norm, current, share)
            if self.bias is not None:
                current = current + self.bias.repeat_interleave(self.places)
            if isinstance(self.neurons, Integrators):
                potential: Tensor = self.neurons(current)
                return potential
            spikes = self._spikes(self.neurons, current, rounded)
        if self.training and self.dropout:  # a neuron is silent for all T; its own loop hears it
            spikes = spikes * dropout_gain(current[0], self.dropout, share)
        return spikes

    def _normed(self, norm: nn.BatchNorm1d, current: Tensor, share: Share | None) -> Tensor:
        if self.places == 1:
            return batch_norm(norm, current, share)
        if share is not None:
            share = replace(share, count=share.count * self.places)
        by_place = current.unflatten(2, (-1, self.places)).transpose(2, 3)
        return batch_norm(norm, by_place.flatten(1, 2), share).view_as(by_place).transpose(2, 3).flatten(2)

    def _spikes(self, neurons: Neurons, current: Tensor, rounded: bool) -> Tensor:
        constants = neurons.constants()
        gain = constants.gain
        if gain is not None:
            current = current * gain
        if self.loop is None:
            return scan(current, constants, self.alpha)
        kind: type[Loop] = SynapseLoop
        tensors: Sequence[Tensor] = [self.loop.kernel(rounded)]
        if isinstance(self.loop, AxonalConnection):
            kind, tensors = AxonLoop, [self.loop.weight, self.loop.taps(rounded)]
        if gain is not None:
            first = tensors[0]
            tensors = [first * gain.view(-1, *[1] * (first.dim() - 1)), *tensors[1:]]
        return scan(current, constants, self.alpha, kind, tuple(tensors))
