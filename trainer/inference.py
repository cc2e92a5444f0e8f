"""The trained network in floating point, rebuilt from a `TrainedModel`, and back."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from snnc.errors import InputError
from snnc.stages import BatchNorm, TrainedLayer, TrainedModel
from snnc.trainer.dft_engine import dft, dft_in_parts
from snnc.trainer.kernel import KERNELS
from snnc.trainer.loss import class_scores
from snnc.trainer.network import DelayedConnection, DelayNetwork, HiddenLayer, Readout

_BATCH, _NEURONS = 16, 32
"""Recordings and neurons computed at a time."""
_VALUES = 1 << 22
"""Values of a layer, of several batches, for which its kernel is made and transformed once."""


def scores(model: TrainedModel, spikes: npt.NDArray[np.uint8], rounded: bool) -> npt.NDArray[np.float32]:
    """Class scores [B, classes]: the softmax of the readout, summed over time.

    Parameters
    ----------
    spikes : [B, T, inputs] uint8 input events, with the model's T.
    rounded : with whole-step delays; else with the kernels that training ended with. Layers
        with `sigma == 0` ended training with whole-step delays, and both are the same.

    Raises
    ------
    InputError
        `spikes` has another shape.
    """
    wanted = (model.time_steps, model.layers[0].weight.shape[1])
    if spikes.ndim != 3 or spikes.shape[1:] != wanted:
        raise InputError(
            f"input spikes have shape {spikes.shape}; this model takes [recordings, {wanted[0]}, {wanted[1]}]"
        )
    network = network_of(model)
    widest = max(max(layer.weight.shape) for layer in model.layers)
    together = _BATCH * max(1, _VALUES // (_BATCH * model.time_steps * widest))
    with torch.inference_mode():
        parts = [
            class_scores(v).numpy()
            for first in range(0, len(spikes), together)
            for v in _readouts(network, spikes[first : first + together], rounded)
        ]
    return np.concatenate(parts) if parts else np.zeros((0, len(model.class_names)), np.float32)


def _readouts(network: DelayNetwork, spikes: npt.NDArray[np.uint8], rounded: bool) -> list[Tensor]:
    """What `network` gives for each batch of `spikes`, layer by layer."""
    batches = [time_first(spikes[first : first + _BATCH]) for first in range(0, len(spikes), _BATCH)]
    for layer in (*network.hidden, network.readout):
        kernel = layer.connection.kernel(rounded)  # type: ignore[operator, union-attr]
        batches = [layer.respond(y) for y in dft_in_parts(batches, kernel, _NEURONS)]  # type: ignore[operator]
    return batches


def time_first(spikes: npt.NDArray[np.uint8], device: torch.device | None = None) -> Tensor:
    """[B, T, inputs] uint8 -> [T, B, inputs] float32."""
    return torch.from_numpy(spikes).to(device).transpose(0, 1).contiguous().float()


def network_of(model: TrainedModel) -> DelayNetwork:
    """The network of `model`, in evaluation mode."""
    hidden = []
    for layer in model.layers[:-1]:
        assert layer.threshold is not None  # `TrainedModel` checks it
        block = HiddenLayer(
            _connection(layer),
            tau=layer.tau,
            threshold=layer.threshold,
            batch_norm=layer.batch_norm is not None,
        )
        if layer.batch_norm is not None and block.norm is not None:
            _load_norm(block.norm, layer.batch_norm)
        hidden.append(block)
    readout = Readout(_connection(model.layers[-1]), tau=model.layers[-1].tau)
    return DelayNetwork(hidden, readout).eval()


def layers_of(network: DelayNetwork) -> tuple[TrainedLayer, ...]:
    """The layers of `network` as plain arrays."""
    layers = []
    for number, block in enumerate((*network.hidden, network.readout), start=1):
        spiking = isinstance(block, HiddenLayer)
        connection: DelayedConnection = block.connection  # type: ignore[assignment]
        layers.append(
            TrainedLayer(
                name=f"hidden{number}" if spiking else "readout",
                weight=_numpy(connection.weight),
                position=_numpy(connection.position),
                kernel_size=connection.kernel_size,
                sigma=connection.sig,
                tau=block.tau,  # type: ignore[arg-type]
                threshold=block.threshold if spiking else None,
                batch_norm=_batch_norm(block.norm) if spiking and block.norm is not None else None,
                kernel=connection.form.name,
            )
        )
    return tuple(layers)


def _connection(layer: TrainedLayer) -> DelayedConnection:
    neurons, inputs = layer.weight.shape
    connection = DelayedConnection(inputs, neurons, layer.kernel_size, dft, KERNELS[layer.kernel])
    connection.sig = layer.sigma
    with torch.no_grad():
        connection.weight.copy_(torch.tensor(layer.weight))
        connection.position.copy_(torch.tensor(layer.position))
    return connection


def _load_norm(norm: nn.BatchNorm1d, values: BatchNorm) -> None:
    norm.eps = values.eps
    with torch.no_grad():
        norm.weight.copy_(torch.tensor(values.gamma))
        norm.bias.copy_(torch.tensor(values.beta))
        norm.running_mean.copy_(torch.tensor(values.mean))  # type: ignore[union-attr]
        norm.running_var.copy_(torch.tensor(values.var))  # type: ignore[union-attr]


def _batch_norm(norm: nn.BatchNorm1d) -> BatchNorm:
    mean, var = norm.running_mean, norm.running_var
    assert mean is not None
    assert var is not None
    return BatchNorm(_numpy(norm.weight), _numpy(norm.bias), _numpy(mean), _numpy(var), norm.eps)


def _numpy(tensor: Tensor) -> npt.NDArray[np.float32]:
    array: npt.NDArray[np.float32] = tensor.detach().cpu().numpy()
    return array
