"""How a layer's delays stand in a NIR graph: which nodes it becomes, and their values.

NIR has no delay a synapse; its `Delay` is one value a line. Four forms put every delay into the structure of
the graph, so that any reader that knows `Delay` computes the right sums:

| form | nodes | holds |
|---|---|---|
| `NONE` | weight | no synapse is delayed |
| `AXONAL` | delay, weight | all synapses of a source have one delay |
| `POSTSYNAPTIC` | weight, delay | all synapses of a neuron have one delay, and no bias would be delayed too |
| `LINES` | lines, delay, weight | always: one line for each distinct (source, delay), fanned out one-hot |

`METADATA` keeps the delays beside the graph, where other readers do not look.

Values are whole numbers in units of one weight step: u and v here are the contract's divided by 64.
"""

from __future__ import annotations

from dataclasses import dataclass

import nir
import numpy as np
import numpy.typing as npt

from snnc import formats
from snnc.errors import LimitError
from snnc.stages import QuantizedLayer

NONE, AXONAL, POSTSYNAPTIC, LINES, METADATA = "none", "axonal", "postsynaptic", "lines", "metadata"
PARTS = {
    NONE: ("weight", "neuron"),
    AXONAL: ("delay", "weight", "neuron"),
    POSTSYNAPTIC: ("weight", "delay", "neuron"),
    LINES: ("lines", "delay", "weight", "neuron"),
    METADATA: ("weight", "neuron"),
}
"""The nodes of a layer in each form, in the order of the chain; a node is called LAYER_PART."""

STATE_ONE = 1 << formats.STATE_FRACTION_BITS
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """The distinct (source, delay) pairs of a layer's synapses: int64 [lines], by source, then delay."""

    source: IntArray
    delay: IntArray

    def index(self, source: IntArray, delay: IntArray) -> IntArray:
        """The line of each pair, which must be one of them."""
        span = int(self.delay.max()) + 1
        return np.searchsorted(self.source * span + self.delay, source * span + delay)


def form_of(layer: QuantizedLayer) -> str:
    """The shortest form that holds the layer's delays exactly."""
    if not layer.delay.any():
        return NONE
    if _common_delays(layer, axis=0):
        return AXONAL
    if _common_delays(layer, axis=1) and not bias_in_weight_node(layer):
        return POSTSYNAPTIC
    return LINES


def _common_delays(layer: QuantizedLayer, axis: int) -> bool:
    """Whether all synapses along `axis` have one delay. Where there is no synapse, a layer holds 0."""
    longest = layer.delay.max(axis=axis, keepdims=True)
    return not ((layer.weight != 0) & (layer.delay != longest)).any()


def lines_of(layer: QuantizedLayer) -> Lines:
    """The layer's lines; at least one, since a layer needs one to be a graph."""
    neuron, source = np.nonzero(layer.weight)
    delay = layer.delay[neuron, source].astype(np.int64)
    span = int(delay.max(initial=0)) + 1
    pairs = np.sort(source * span + delay) if len(source) else np.zeros(1, np.int64)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # several times as fast as np.unique
    return Lines(pairs // span, pairs % span)


def bias_in_weight_node(layer: QuantizedLayer) -> bool:
    """Whether the bias stands in an `Affine`.

    Where the current has a memory (`decay_u` < 4096) it would pass through that, which clause 5 does not say;
    there it is the neuron's `v_leak`.
    """
    return layer.decay_u == formats.DECAY_ONE and bool(layer.bias_mant.any())


def has_node(layer: QuantizedLayer) -> bool:
    """Whether a node of NIR says what its neurons compute."""
    leaks = layer.decay_v != 0 and layer.decay_u != 0
    return leaks or (layer.decay_u == formats.DECAY_ONE and layer.decay_v == 0)


def neuron_node(layer: QuantizedLayer, dt: float) -> nir.NIRNode:
    """The neurons of `layer`, whose forward Euler steps of `dt` seconds are clauses 3, 5 and 6.

    One step of tau dv/dt = v_leak - v + R I leaves 1 - dt/tau of v; R = tau/dt adds I whole.

    Raises
    ------
    LimitError
        If the current never leaks, or has a memory while the membrane does not leak: no NIR node says so.
    """
    ones = np.ones(layer.neurons)
    firing = {} if layer.threshold is None else {"v_threshold": float(layer.threshold) * ones}
    if layer.decay_u == formats.DECAY_ONE and layer.decay_v == 0:
        return (nir.IF if firing else nir.I)(r=ones / dt, **firing)
    if not has_node(layer):
        raise LimitError(
            f"{layer.name}: decay_u {layer.decay_u} with decay_v {layer.decay_v} cannot be written as a NIR "
            "neuron (a tau above 8192 steps is no leak); train with a smaller tau"
        )
    tau = dt * formats.DECAY_ONE / layer.decay_v
    membrane = {"r": tau / dt * ones, "v_leak": 0 * ones, **firing}
    if layer.decay_u == formats.DECAY_ONE:
        return (nir.LIF if firing else nir.LI)(tau=tau * ones, **membrane)
    membrane["v_leak"] = layer.bias / STATE_ONE * tau / dt
    tau_syn = dt * formats.DECAY_ONE / layer.decay_u
    kind = nir.CubaLIF if firing else nir.CubaLI
    return kind(tau_syn=tau_syn * ones, tau_mem=tau * ones, w_in=tau_syn / dt * ones, **membrane)
