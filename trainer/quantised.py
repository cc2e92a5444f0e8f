"""The network in integers, as an executor computes it, and trainable: for the quantisation-aware finish.

Batch norm is folded and delays are whole. Every layer keeps real weights and biases that the optimiser moves;
forward uses the integers they round to, backward passes by the rounding.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from snnc import formats, quantisation
from snnc.errors import StageError
from snnc.quantisation import Grid, GridRule
from snnc.stages import DiscreteLayer
from snnc.trainer.convolution import Engine
from snnc.trainer.data_parallel import Share, dropout_gain
from snnc.trainer.integer_lif import integer_integrator, integer_lif, straight_through
from snnc.trainer.kernel import one_hot_kernel
from snnc.trainer.network import DelayedConnection, DelayNetwork, HiddenLayer

GRID_RULES = {"full_range": quantisation.full_range, "least_squares": quantisation.least_squares}
CLIPPING = "least_squares"
"""Of these, the rule that clips the largest weights."""


class QuantisedLayer(nn.Module):
    """Delayed integer synapses, and LIF neurons or, without a threshold, leaky integrators.

    `weight`: parameter [neurons, inputs]; absent synapses have weight 0 and stay so. `bias`: parameter
    [neurons]. Both are in units of the real membrane potential. `delay`: int64 [neurons, inputs] in steps.
    """

    delay: Tensor

    def __init__(
        self,
        name: str,
        weight: Tensor,
        bias: Tensor,
        connection: DelayedConnection,
        grid: Grid,
        *,
        tau: float,
        threshold: float | None,
        alpha: float = 5.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.name, self.grid, self.tau, self.threshold = name, grid, tau, threshold
        self.alpha, self.dropout = alpha, dropout
        self.engine: Engine = connection.engine
        self.kernel_size = connection.kernel_size
        self.weight = nn.Parameter(weight.float())
        self.bias = nn.Parameter(bias.float())
        self.register_buffer("delay", connection.delays())
        self.decay = quantisation.decay_constant(tau)
        present = self.weight.detach() != 0
        self.weight.register_hook(lambda gradient: gradient * present.to(gradient.device))

    def forward(self, x: Tensor, share: Share | None = None) -> Tensor:
        """Spikes [T, B, neurons], or the real potential of a readout."""
        taps = self.kernel_size - 1 - self.delay
        arriving = self.engine(x, one_hot_kernel(self.integer_weight(), taps, self.kernel_size))
        if not self.training:  # dropout scales spikes in training; otherwise sums are integers
            arriving = straight_through(arriving, arriving.round())
        current = arriving * (1 << formats.STATE_FRACTION_BITS) + self._integer_bias()
        unit = self.grid.unit
        if self.grid.threshold is None:
            return integer_integrator(current, self.decay) / unit
        gain = None
        if self.training and self.dropout:
            gain = dropout_gain(current[0], self.dropout, share)
        threshold = self.grid.threshold << formats.STATE_FRACTION_BITS
        return integer_lif(current, self.decay, threshold, self.alpha, unit, gain)

    def integers(self) -> DiscreteLayer:
        """The layer on its grid, as `forward` computes it."""
        scale = self.grid.scale
        weight = self.integer_weight().detach().cpu().numpy().astype(np.float64) / scale
        bias = self._integer_bias().detach().cpu().numpy().astype(np.float64) / self.grid.unit
        delay = self.delay.cpu().numpy()
        return DiscreteLayer(self.name, weight, delay, bias, self.tau, self.threshold, scale)

    @torch.no_grad()
    def clamp_weights(self) -> None:
        """Bring weights back into the grid."""
        self.weight.clamp_(-self.grid.end, self.grid.end)

    @torch.no_grad()
    def clamp_biases(self) -> None:
        """Bring biases back into their format."""
        end = (formats.BIAS_MANTISSA_MAX << formats.BIAS_EXPONENT_MAX) / self.grid.unit
        self.bias.clamp_(-end, end)

    def integer_weight(self) -> Tensor:
        scaled, end = self.weight * self.grid.scale, self.grid.largest
        # The gradient passes by the clamp too: a weight at the end of the grid must be able to leave it.
        return straight_through(scaled, scaled.round().clamp(-end, end))

    def _integer_bias(self) -> Tensor:
        """In steps of v, with the mantissa and exponent that export will find."""
        real = self.bias.detach().cpu().numpy().astype(np.float64)
        mantissa, exponent = quantisation.bias_integers(self.name, real, self.grid.scale)
        whole = torch.from_numpy(mantissa << exponent).to(self.bias)
        return straight_through(self.bias * self.grid.unit, whole)


class QuantisedNetwork(nn.Module):
    """A chain of quantised layers; used like a `DelayNetwork`."""

    def __init__(self, layers: Sequence[QuantisedLayer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor, rounded: bool = True, share: Share | None = None) -> Tensor:
        """Readout potential [T, B, classes] of input events [T, B, inputs]; delays are always whole.

        `share`: what of the batch `x` is, if not all. Sums are exact whatever precision one trains in.
        """
        with torch.autocast(x.device.type, enabled=False):
            for layer in self.layers:
                x = layer(x, share)
        return x

    def clamp_parameters(self) -> None:
        """Bring parameters back into their formats; called after each optimiser step."""
        for layer in self.layers:
            layer.clamp_weights()  # type: ignore[operator]
            layer.clamp_biases()  # type: ignore[operator]

    def integers(self) -> tuple[DiscreteLayer, ...]:
        """Every layer on its grid."""
        return tuple(layer.integers() for layer in self.layers)  # type: ignore[operator]


def quantised_network(network: DelayNetwork, bits: int, rule: GridRule) -> QuantisedNetwork:
    """`network`, whose delays must be whole, with batch norm folded and weights of `bits` bits.

    Raises
    ------
    LimitError
        A layer has no grid; or, later in `forward`, a bias does not fit.
    StageError
        A delay kernel is still Gaussian.
    """
    layers = []
    for number, block in enumerate((*network.hidden, network.readout), start=1):
        spiking = isinstance(block, HiddenLayer)
        connection: DelayedConnection = block.connection  # type: ignore[assignment]
        name = f"hidden{number}" if spiking else "readout"
        if connection.sig != 0:
            raise StageError(f"{name}: its delay kernels are Gaussian; make the delays whole first")
        weight, bias = _folded(connection.weight, block.norm if isinstance(block, HiddenLayer) else None)
        threshold = block.threshold if isinstance(block, HiddenLayer) else None
        grid = rule(name, weight.cpu().numpy(), threshold, bits)
        layer = QuantisedLayer(
            name,
            weight,
            bias,
            connection,
            grid,
            tau=block.tau,  # type: ignore[arg-type]
            threshold=threshold,
            alpha=block.alpha if isinstance(block, HiddenLayer) else 0.0,
            dropout=block.dropout if isinstance(block, HiddenLayer) else 0.0,
        )
        layer.clamp_weights()
        layers.append(layer)
    return QuantisedNetwork(layers).to(network.readout.connection.weight.device)  # type: ignore[arg-type, union-attr]


def restored_network(
    network: DelayNetwork, whole: Mapping[str, Any], bits: int, rule: str, state: Mapping[str, Any]
) -> QuantisedNetwork:
    """The network in integers of this `state`; it was made by `rule` of `network` in the state `whole`.

    `network` is left in that state, its delays whole.
    """
    network.load_state_dict(whole)
    network.round_positions()
    made = quantised_network(network, bits, GRID_RULES[rule])
    made.load_state_dict(state)
    return made


@torch.no_grad()
def _folded(weight: Tensor, norm: nn.BatchNorm1d | None) -> tuple[Tensor, Tensor]:
    """float64 weight and bias that equal `weight` followed by batch norm."""
    weight = weight.double()
    if norm is None:
        return weight, weight.new_zeros(len(weight))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return weight * gain[:, None], norm.bias.double() - norm.running_mean.double() * gain
