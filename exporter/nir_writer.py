"""QuantizedGraph -> NIR, with every synapse's delay in the graph's structure.

NIR has no delay a synapse; its `Delay` is one value a line. Each distinct pair (source, delay) of a
layer therefore becomes one line: a one-hot `Linear` fans the sources out, a `Delay` delays each
line, a `Linear` (or `Affine`, where there is a bias) weighs them. Any reader that knows `Delay`
computes the right sums. NIR's `v > v_threshold` is clause 6 as it stands.

Values are whole numbers in units of one weight step: u and v here are the contract's divided by 64.
"""

from __future__ import annotations

import io
import itertools

import nir
import numpy as np

from snnc import SEMANTICS_VERSION, formats
from snnc.errors import LimitError
from snnc.provenance import graph_hash
from snnc.stages import QuantizedGraph, QuantizedLayer

METADATA_VERSION = 1
STATE_ONE = 1 << formats.STATE_FRACTION_BITS


def write_nir(graph: QuantizedGraph) -> bytes:
    """The content of a NIR HDF5 file.

    Raises
    ------
    LimitError
        If a membrane or a current never leaks (`decay` 0), which NIR's LIF cannot say.
    """
    nodes: dict[str, nir.NIRNode] = {"input": nir.Input(input_type={"input": np.array([graph.inputs])})}
    chain = ["input"]
    for layer in graph.layers:
        for name, node in _layer_nodes(layer, graph.bin_s).items():
            nodes[f"{layer.name}_{name}"] = node
            chain.append(f"{layer.name}_{name}")
    nodes["output"] = nir.Output(output_type={"output": np.array([graph.layers[-1].neurons])})
    chain.append("output")
    edges = list(itertools.pairwise(chain))
    document = nir.NIRGraph(nodes=nodes, edges=edges, metadata={"snnc": _metadata(graph)})
    buffer = io.BytesIO()
    nir.write(buffer, document)
    return buffer.getvalue()


def lines(layer: QuantizedLayer) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct (source, delay) pairs of a layer's nonzero synapses, and who listens.

    Returns `source` and `delay`, int [lines], sorted by source, then delay, and `weight`, int
    [neurons, lines].
    """
    neuron, source = np.nonzero(layer.weight)
    delay = layer.delay[neuron, source].astype(np.int64)
    span = int(delay.max(initial=0)) + 1
    pairs, line = np.unique(source * span + delay, return_inverse=True)
    weight = np.zeros((layer.neurons, len(pairs)), np.int64)
    weight[neuron, line] = layer.weight[neuron, source]
    return pairs // span, pairs % span, weight


def _layer_nodes(layer: QuantizedLayer, dt: float) -> dict[str, nir.NIRNode]:
    source, delay, weight = lines(layer)
    if not len(source):  # a layer without synapses still needs a line to be a graph
        source, delay, weight = np.zeros(1, int), np.zeros(1, int), np.zeros((layer.neurons, 1), int)
    fan_out = np.zeros((len(source), layer.inputs), np.float32)
    fan_out[np.arange(len(source)), source] = 1.0
    synapses: nir.NIRNode
    if layer.bias_mant.any():
        synapses = nir.Affine(weight=weight.astype(np.float32), bias=layer.bias / STATE_ONE)
    else:
        synapses = nir.Linear(weight=weight.astype(np.float32))
    return {
        "lines": nir.Linear(weight=fan_out),
        "delay": nir.Delay(delay=delay * dt),
        "weight": synapses,
        "neuron": neuron_node(layer, dt),
    }


def neuron_node(layer: QuantizedLayer, dt: float) -> nir.NIRNode:
    if layer.decay_v == 0 or layer.decay_u == 0:
        raise LimitError(
            f"{layer.name}: decay 0 (no leak, or tau above {2 * formats.DECAY_ONE} steps) "
            "cannot be written as a NIR LIF; train with a smaller tau"
        )
    ones = np.ones(layer.neurons)
    # Euler steps of tau dv/dt = -v + R I: v keeps 1 - dt/tau, and R = tau/dt adds I whole.
    tau = dt * formats.DECAY_ONE / layer.decay_v
    membrane = {"r": tau / dt * ones, "v_leak": 0 * ones}
    if layer.threshold is not None:
        membrane["v_threshold"] = float(layer.threshold) * ones
    if layer.decay_u == formats.DECAY_ONE:
        kind = nir.LI if layer.threshold is None else nir.LIF
        return kind(tau=tau * ones, **membrane)
    tau_syn = dt * formats.DECAY_ONE / layer.decay_u
    kind = nir.CubaLI if layer.threshold is None else nir.CubaLIF
    return kind(tau_syn=tau_syn * ones, tau_mem=tau * ones, w_in=tau_syn / dt * ones, **membrane)


def _metadata(graph: QuantizedGraph) -> dict[str, object]:
    """What the structure does not hold exactly; the reader cross-checks the rest."""
    layers = {
        f"{i:03d}": {
            "name": layer.name,
            "bias_mant": np.array(layer.bias_mant),
            "bias_exp": layer.bias_exp,
            "decay_u": layer.decay_u,
            "decay_v": layer.decay_v,
            "threshold": -1 if layer.threshold is None else layer.threshold,
        }
        for i, layer in enumerate(graph.layers)
    }
    return {
        "version": METADATA_VERSION,
        "semantics_version": SEMANTICS_VERSION,
        "time_steps": graph.time_steps,
        "dt": graph.bin_s,
        "readout_scale": graph.readout_scale,
        "class_names": {f"{i:05d}": name for i, name in enumerate(graph.class_names)},
        "layers": layers,
        "graph_hash": graph_hash(graph),
    }
