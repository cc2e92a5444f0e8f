"""NIR by the equations in its own documentation: an interpreter for tests, which shares nothing with ours."""

from __future__ import annotations

import nir
import numpy as np


def interpret(
    graph: nir.NIRGraph, spikes: np.ndarray, dt: float, fraction: int | None = None
) -> dict[str, np.ndarray]:
    """Forward Euler over a chain of nodes, in float64: what every node puts out, and v of every neuron node.

    `spikes` is [T, inputs]. A neuron's v [T, neurons], after the reset, stands under its node's name, its
    spikes under NAME + " spikes". A current with a memory acts in the step in which it changes. State starts
    at the reset, or at 0. `fraction`: decays truncate to this part of 1, as the contract's do.
    """
    follow = dict(graph.edges)
    (name,) = (key for key, node in graph.nodes.items() if isinstance(node, nir.Input))
    signal, found = spikes.astype(float), {}
    while not isinstance(node := graph.nodes[name := follow[name]], nir.Output):
        if isinstance(node, nir.Linear):
            signal = signal @ node.weight.T
        elif isinstance(node, nir.Affine):
            signal = signal @ node.weight.T + node.bias
        elif isinstance(node, nir.Scale):
            signal = signal * node.scale
        elif isinstance(node, nir.Delay):
            delayed = np.zeros_like(signal)
            for line, seconds in enumerate(node.delay):
                d = round(seconds / dt)
                delayed[d:, line] = signal[: max(len(signal) - d, 0), line]
            signal = delayed
        else:
            found[name], signal = _neurons(node, signal, dt, fraction)
            found[name + " spikes"] = signal
    found["output"] = signal
    return found


def _neurons(node, signal, dt, fraction):
    if isinstance(node, nir.CubaLI | nir.CubaLIF):
        rate = dt / node.tau_syn
        signal = _integrate(node.w_in * signal, rate, rate, 0, None, fraction)[0]
        leak = gain = dt / node.tau_mem
    elif isinstance(node, nir.I | nir.IF):
        leak, gain = 0, dt
    else:
        leak = gain = dt / node.tau
    reset, threshold = getattr(node, "v_reset", 0), getattr(node, "v_threshold", None)
    v_leak = getattr(node, "v_leak", 0)
    v, fired = _integrate(v_leak + node.r * signal, leak, gain, reset, threshold, fraction)
    return v, v if threshold is None else fired


def _integrate(drive, leak, gain, reset, threshold, fraction):
    v = np.zeros(drive.shape[1]) + reset
    trace, fired = np.zeros_like(drive), np.zeros_like(drive)
    for t, arriving in enumerate(drive):
        kept = v * (1 - leak)
        if fraction:
            kept = np.trunc(np.round(kept * fraction, 6)) / fraction
        v = kept + gain * arriving
        if threshold is not None:
            fired[t] = np.round(v, 9) > threshold
            v = np.where(fired[t] > 0, reset, v)
        trace[t] = v
    return trace, fired
