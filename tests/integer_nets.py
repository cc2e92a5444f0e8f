"""Networks to be trained in integers."""

import numpy as np
import torch

from snnc.trainer.convolution import ENGINES
from snnc.trainer.network import DelayedConnection, DelayNetwork, HiddenLayer, Readout

INPUTS = 4


def connection(
    rng: np.random.Generator, inputs: int, neurons: int, taps: int, sparse: bool = False
) -> DelayedConnection:
    """Weights of either sign, in part absent if `sparse`, and delays that are whole."""
    made = DelayedConnection(inputs, neurons, taps, ENGINES["auto"])
    weight = rng.normal(0.2, 1, (neurons, inputs))
    if sparse:
        weight[rng.random(weight.shape) < 0.5] = 0
    weight[0, 0] = 1.5
    with torch.no_grad():
        made.weight.copy_(torch.tensor(weight))
        made.position.copy_(torch.tensor(rng.uniform(-(taps // 2), taps // 2, weight.shape)))
    made.round_positions()
    return made


def set_norm(layer: HiddenLayer, rng: np.random.Generator, offset: float) -> None:
    """Statistics and scale at random; folded, the bias is up to `offset`."""
    norm = layer.norm
    if norm is None:
        return
    neurons = norm.num_features
    gamma, var, mean = rng.uniform(0.5, 2, neurons), rng.uniform(0.5, 2, neurons), rng.normal(size=neurons)
    beta = mean * gamma / np.sqrt(var + norm.eps) + rng.uniform(-offset, offset, neurons)
    for tensor, value in zip(
        (norm.weight, norm.running_var, norm.running_mean, norm.bias), (gamma, var, mean, beta), strict=True
    ):
        tensor.data.copy_(torch.tensor(value))


def two_layers(sparse: bool = False, dropout: float = 0.0) -> DelayNetwork:
    rng = np.random.default_rng(3)
    first = HiddenLayer(
        connection(rng, INPUTS, 6, 5, sparse), tau=2.0, threshold=1.0, batch_norm=False, dropout=dropout
    )
    return DelayNetwork([first], Readout(connection(rng, 6, 3, 3, sparse), tau=4.0))


def events(steps: int = 12, samples: int = 8) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).random((steps, samples, INPUTS)) < 0.4).float()
