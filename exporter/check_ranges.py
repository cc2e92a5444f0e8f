"""An independent check of the range certificate: is it an invariant of the contract?

The certificate claims, for each neuron and step, intervals of u and v. This file does not compute them. It
takes them as given and asks of each step whether every state that the claim allows in the step before
(clause 8: zero before the first), under every input, leads into the claim of this step. If so, no input train
leaves the claims; and if these keep within the formats, nothing wraps or clips (clause 9). A claim may be
wider than needed, never narrower.

It shares no arithmetic with the prover, and its limits are literals of `docs/semantics.md`. Only the ends of
intervals are followed, since every operation of clauses 2 to 5 is monotone in each of its operands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from snnc.errors import ArtifactError
from snnc.exporter.ranges import PopulationRanges
from snnc.stages import QuantizedGraph, QuantizedLayer

Ints = npt.NDArray[np.int64]


def check_ranges(graph: QuantizedGraph, claims: Sequence[PopulationRanges]) -> bool:
    """Whether the claims exclude every wrap and clip.

    Raises
    ------
    ArtifactError
        If the graph can leave a claim: the certificate is wrong, or that of another graph.
    """
    fits = True
    first = np.zeros(graph.inputs, np.int64)  # the step before which a source certainly did not spike
    payload_max = graph.payload_max
    for layer, claim in zip(graph.layers, claims, strict=True):
        _check_layer(layer, claim, first, graph.time_steps, payload_max)
        payload_max = 1  # from here on the sources are neurons
        fits &= claim.u_lo.min() > -(2**23) and claim.u_hi.max() <= 2**23
        fits &= claim.v_lo.min() > -(2**23) and claim.v_hi.max() < 2**23
        if layer.threshold is not None:
            fires = claim.v_hi > 64 * layer.threshold
            first = np.where(fires.any(axis=0), fires.argmax(axis=0), graph.time_steps)
    return bool(fits)


def _check_layer(
    layer: QuantizedLayer, claim: PopulationRanges, first: Ints, time_steps: int, payload_max: int
) -> None:
    rows = len(claim.u_lo)
    # With fewer rows than steps, one more with all that can ever arrive shows that the last row stays true.
    steps = [*range(rows), *([time_steps - 1] if rows < time_steps else [])]
    sums = _sums(layer, first, steps) * payload_max
    _within(layer.name, "a", time_steps - 1, sums[-1], _ends(claim.a_lo, claim.a_hi))
    u = v = np.zeros((2, layer.neurons), np.int64)
    for index, step in enumerate(steps):
        row = min(index, rows - 1)
        u_claim, v_claim = _ends(claim.u_lo[row], claim.u_hi[row]), _ends(claim.v_lo[row], claim.v_hi[row])
        _within(layer.name, "u", step, _decay(u, layer.decay_u) + 64 * sums[index], u_claim)
        u = _wrapped(u_claim)
        _within(layer.name, "v", step, _decay(v, layer.decay_v) + u + layer.bias, v_claim)
        v = _reset(np.clip(v_claim, 1 - 2**23, 2**23 - 1), layer.threshold)


def _ends(low: npt.NDArray[np.int32], high: npt.NDArray[np.int32]) -> Ints:
    """int64 [2, neurons]."""
    return np.array((low, high), np.int64)


def _sums(layer: QuantizedLayer, first: Ints, steps: list[int]) -> Ints:
    """Clause 2: least and largest a of each of `steps`, int64 [len(steps), 2, neurons].

    A neuron's synapses are put in the order in which their first spike can arrive, and summed up.
    """
    sums = np.zeros((len(steps), 2, layer.neurons), np.int64)
    for i in range(layer.neurons):
        arrival = first + layer.delay[i]
        order = np.argsort(arrival, kind="stable")
        weight = np.concatenate([[0], layer.weight[i, order]])
        arrived = np.searchsorted(arrival[order], steps, side="right")
        sums[:, 0, i] = np.cumsum(np.where(weight < 0, weight, 0))[arrived]
        sums[:, 1, i] = np.cumsum(np.where(weight > 0, weight, 0))[arrived]
    return sums


def _decay(x: Ints, k: int) -> Ints:
    """Clause 4. Division by 4096 rounded toward zero: up for negative products, down for others."""
    product = x * (4096 - k)
    toward_zero: Ints = np.where(product < 0, -(-product // 4096), product // 4096)
    return toward_zero


def _wrapped(u: Ints) -> Ints:
    """Clause 3: a u that may wrap can be anything afterwards."""
    low, high = u
    anything = (low <= -(2**23)) | (high > 2**23)
    return np.array((np.where(anything, 1 - 2**23, low), np.where(anything, 2**23, high)))


def _reset(v: Ints, threshold: int | None) -> Ints:
    """Clause 6: values up to the threshold stay, and if any lies above, 0 comes in."""
    if threshold is None:
        return v
    low, high = v
    theta = 64 * threshold
    stays, fires = low <= theta, high > theta
    kept = np.where(fires, np.minimum(low, 0), low), np.minimum(high, theta)
    return np.where(stays, kept, 0)


def _within(layer: str, variable: str, step: int, reached: Ints, claim: Ints) -> None:
    wrong = (reached[0] < claim[0]) | (reached[1] > claim[1])
    if wrong.any():
        i = int(wrong.argmax())
        raise ArtifactError(
            f"{layer}, neuron {i}, step {step}: {variable} may lie in {reached[0, i]}..{reached[1, i]}, the "
            f"certificate says {claim[0, i]}..{claim[1, i]}; it belongs to another graph, export again"
        )
