"""The network with whole delays as the contract's populations and projections, in real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from snnc.stages import (
    FloatConvolution,
    FloatGraph,
    FloatMatrix,
    FloatPopulation,
    FloatProjection,
    FloatSynapses,
    Readout,
)
from snnc.stages.float_population import AT
from snnc.stages.population import ADLIF, INPUT, LI, LIF, NEW, SUBTRACT, ZERO
from snnc.trainer.graph_network.connections import ConvolvedConnection
from snnc.trainer.graph_network.network import INPUT as SOURCE
from snnc.trainer.graph_network.network import GraphNetwork
from snnc.trainer.graph_network.neurons import Integrators
from snnc.trainer.graph_network.populations import Population
from snnc.trainer.graph_network.scan import Constants
from snnc.trainer.network import DelayedConnection

FloatArray = npt.NDArray[np.float64]


@torch.no_grad()
def whole_graph(
    network: GraphNetwork, decoder: str, class_names: tuple[str, ...], time_steps: int, bin_s: float
) -> FloatGraph:
    """What `network` computes in evaluation with whole delays; batch norm and gains are in its weights.

    A neuron fires where v is at its threshold, as in training.
    """
    members = network.members
    inputs = members[0].ways[SOURCE].lines
    populations, projections = [FloatPopulation(SOURCE, INPUT, inputs)], []
    for each in members:
        factor, shift = _norm(each)
        if each.bias is not None:
            shift = shift + _real(each.bias)
        own, gain = _neurons(each)
        bias = np.repeat(shift, each.places) * gain
        populations.append(FloatPopulation(each.name, neurons=len(bias), bias=bias, **own))
        for of, way in each.ways.items():
            scale = gain if of == each.name else factor * gain[:: way.places]
            projections.append(FloatProjection(of, each.name, _synapses(way, scale)))
    last = members[-1]
    readout = Readout(last.name, decoder, 1.0 if populations[-1].model == LI else None, class_names)
    return FloatGraph(tuple(populations), tuple(projections), (readout,), time_steps, bin_s)


def positions_of(network: GraphNetwork) -> dict[str, dict[str, npt.NDArray[np.float32]]]:
    """By destination and source, the delay of each synapse [neurons, sources], each source [1, sources] or,
    of a convolution, each element of its kernels [channels, elements].

    In steps, as they were learned, not rounded.
    """
    return {
        each.name: {of: way.learned_delays().cpu().numpy() for of, way in each.ways.items()}
        for each in network.members
    }


def _synapses(connection: DelayedConnection, factor: FloatArray) -> FloatSynapses:
    weight, delay = _real(connection.weight) * factor[:, None], connection.delays().cpu().numpy()
    if not isinstance(connection, ConvolvedConnection):
        return FloatMatrix(weight, delay)  # type: ignore[arg-type]
    (channels, columns), kernels = connection.grid, connection.kernels
    kernel, delay = (each.reshape(-1, channels, 1, kernels.width) for each in (weight, delay))
    return FloatConvolution(kernel, delay, (channels, 1, columns), (1, kernels.stride))  # type: ignore[arg-type]


def _norm(of: Population) -> tuple[FloatArray, FloatArray]:
    """What batch norm multiplies what arrives with, and then adds, each [neurons]."""
    norm = of.norm
    if norm is None:
        count = len(next(iter(of.ways.values())).weight)
        return np.ones(count), np.zeros(count)
    assert isinstance(norm, nn.BatchNorm1d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    factor = _real(norm.weight) / np.sqrt(_real(norm.running_var) + norm.eps)
    return factor, _real(norm.bias) - _real(norm.running_mean) * factor


def _neurons(of: Population) -> tuple[dict[str, Any], FloatArray]:
    """Parameters of `FloatPopulation`, and the gain [neurons]."""
    if isinstance(of.neurons, Integrators):
        keep = _real(of.neurons.keep_v)
        return {"model": LI, "keep_u": 0.0, "keep_v": keep}, np.ones(len(keep))
    constants: Constants = of.neurons.constants()  # type: ignore[operator]
    threshold = _real(constants.threshold)
    own: dict[str, Any] = {"model": LIF, "keep_u": 0.0, "keep_v": _real(constants.keep_v), "fires": AT}
    own |= {"threshold": threshold, "reset": SUBTRACT if constants.soft else ZERO}
    if constants.soft:
        own["reset_by"] = threshold
    if constants.keep_w is not None:
        names = ("keep_w", "ka", "kb")
        own |= {name: _real(getattr(constants, name)) for name in names} | {"model": ADLIF, "order": NEW}
    gain = np.ones(len(threshold)) if constants.gain is None else _real(constants.gain)
    return own, gain


def _real(tensor: Tensor) -> FloatArray:
    array: FloatArray = tensor.detach().cpu().numpy().astype(np.float64)
    return array
