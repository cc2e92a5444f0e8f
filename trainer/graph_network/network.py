"""A network of populations, used like a `DelayNetwork`; signals are [T, B, neurons], time first."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from snnc.trainer.data_parallel import Share
from snnc.trainer.graph_network.populations import Population
from snnc.trainer.network import DelayedConnection

INPUT = "input"


class GraphNetwork(nn.Module):
    """Populations, each after all that lead to it; the last one is read."""

    def __init__(self, populations: Sequence[Population]) -> None:
        super().__init__()
        self.populations = nn.ModuleList(populations)

    def forward(self, x: Tensor, rounded: bool = False, share: Share | None = None) -> Tensor:
        """What the readout does, [T, B, classes], of input events [T, B, inputs]: potentials, or spikes.

        `rounded`: use the kernels of whole-step delays. `share`: what of the batch `x` is, if not all.
        """
        return self.signals(x, rounded, share)[self.members[-1].name]

    def signals(self, x: Tensor, rounded: bool = False, share: Share | None = None) -> dict[str, Tensor]:
        """What every population does, by name."""
        found = {INPUT: x}
        for each in self.members:
            found[each.name] = each(found, rounded, share)
        return found

    @property
    def members(self) -> list[Population]:
        return list(self.populations)  # type: ignore[arg-type]

    @property
    def connections(self) -> list[DelayedConnection]:
        return [connection for _, connection in self.named_connections()]

    def named_connections(self) -> list[tuple[str, DelayedConnection]]:
        """With the names of their destination and source."""
        return [(f"{each.name}.{of}", way) for each in self.members for of, way in each.ways.items()]

    def set_sigma(self, sigma: float) -> None:
        """Set the width of all delay kernels, in steps (the paper's sigma); 0: one-hot ones."""
        for connection in self.connections:
            connection.set_sigma(sigma)

    def clamp_parameters(self) -> None:
        """Bring positions and values of neurons back into their ranges, after each optimiser step."""
        for connection in self.connections:
            connection.clamp_positions()
        for each in self.members:
            each.neurons.clamp()

    def round_positions(self) -> None:
        for connection in self.connections:
            connection.round_positions()
