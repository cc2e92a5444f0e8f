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


def interpret_graph(
    graph: nir.NIRGraph, inputs: dict[str, np.ndarray], dt: float, steps: int, fraction: int
) -> dict[str, np.ndarray]:
    """Forward Euler over any graph of nodes, step by step: v of every neuron node, [T, ...], after the reset.

    `inputs`: events of each Input node, [T, lines]. In a step a node is computed as soon as all before it
    are, a `Delay` from what came to it before; on a cycle there is one that delays every line.
    """
    before = {name: [a for a, b in graph.edges if b == name] for name in graph.nodes}
    history = {name: [] for name in graph.nodes}
    state = {name: [0.0, 0.0] for name in graph.nodes}
    recorded = {name: [] for name in graph.nodes}
    for t in range(steps):
        done: dict[str, np.ndarray] = {}
        waiting = dict(graph.nodes)
        while waiting:
            ready = [name for name in waiting if _is_ready(waiting[name], before[name], done)]
            assert ready, "nodes without a delay form a cycle"
            for name in ready:
                node = waiting.pop(name)
                if isinstance(node, nir.Input):
                    done[name] = inputs[name][t].reshape(node.input_type["input"]).astype(float)
                elif isinstance(node, nir.Delay) and not _is_ready(None, before[name], done):
                    done[name] = _delayed(node, history[name], t, dt)
                else:
                    came = sum((done[other] for other in before[name]), 0.0)
                    if isinstance(node, nir.Delay):
                        history[name].append(came)
                        done[name] = _delayed(node, history[name], t, dt)
                    else:
                        done[name] = _step(node, came, state[name], dt, fraction)
                        recorded[name].append(state[name][1])
        for name, node in graph.nodes.items():
            if isinstance(node, nir.Delay) and len(history[name]) == t:
                history[name].append(sum((done[other] for other in before[name]), 0.0))
    return {name: np.array(values) for name, values in recorded.items() if values}


def _is_ready(node, before, done):
    return all(name in done for name in before) or (
        isinstance(node, nir.Delay) and bool((node.delay > 0).all())
    )


def _delayed(node, history, t, dt):
    out, lines = np.zeros(node.delay.size), np.rint(node.delay.ravel() / dt).astype(int)
    for line, d in enumerate(lines):
        if t - d >= 0:
            out[line] = np.ravel(history[t - d])[line]
    return out.reshape(node.delay.shape)


def _step(node, came, state, dt, fraction):
    """What a node puts out; `state` is current and v."""
    if isinstance(node, nir.Affine | nir.Linear):
        return node.weight @ np.ravel(came) + getattr(node, "bias", 0)
    if isinstance(node, nir.Flatten):
        return np.ravel(came)
    if isinstance(node, nir.Conv2d):
        return _convolution(node, came)
    if isinstance(node, nir.Output):
        return came
    leak = dt / (node.tau_mem if isinstance(node, nir.CubaLI | nir.CubaLIF) else node.tau)
    if isinstance(node, nir.CubaLI | nir.CubaLIF):
        rate = dt / node.tau_syn
        state[0] = came = _kept(state[0], rate, fraction) + rate * node.w_in * came
    v = _kept(state[1], leak, fraction) + leak * (node.v_leak + node.r * came)
    fired = np.zeros_like(v)
    if isinstance(node, nir.LIF | nir.CubaLIF):
        fired = (np.round(v, 6) > node.v_threshold).astype(float)
        v = np.where(fired > 0, node.v_reset, v)
    state[1] = v
    return fired


def _kept(value, leak, fraction):
    return np.trunc(np.round(value * (1 - leak) * fraction, 6)) / fraction


def _convolution(node, came):
    """Cross-correlation, element by element."""
    (sy, sx), (py, px) = node.stride, node.padding
    out, _, kh, kw = node.weight.shape
    padded = np.pad(came, ((0, 0), (py, py), (px, px)))
    rows, columns = (padded.shape[1] - kh) // sy + 1, (padded.shape[2] - kw) // sx + 1
    found = np.zeros((out, rows, columns))
    for y in range(rows):
        for x in range(columns):
            part = padded[:, y * sy : y * sy + kh, x * sx : x * sx + kw]
            found[:, y, x] = (node.weight * part).sum(axis=(1, 2, 3))
    return found
