"""Any NIR graph by the equations of its nodes, step by step: for tests, and it shares nothing with ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import nir
import numpy as np
import torch


def interpret_graph(
    graph: nir.NIRGraph,
    order: Sequence[str],
    spikes: np.ndarray,
    dt: float,
    reset: str = "zero",
    fires: str = "above",
    integration: str = "euler",
) -> dict[str, np.ndarray]:
    """In float64, v [T, neurons] of each neuron node, and its spikes under NAME + " spikes".

    `spikes` [T, lines] of the only input. In a step, nodes are computed in the `order`; of one that comes
    later, what it gave in the step before counts. State starts at the reset, or at 0.
    """
    before = defaultdict(list)
    for source, target in graph.edges:
        before[target].append(source)
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    state: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
    given: dict[str, np.ndarray] = {}
    silent = {name: np.zeros_like(of_neuron(node)) for name, node in graph.nodes.items() if is_neuron(node)}
    given |= silent
    for name in order:  # what linear nodes give of silence: their biases
        node = graph.nodes[name]
        if not is_neuron(node) and not isinstance(node, nir.Input) and all(n in given for n in before[name]):
            given[name] = linear(node, sum(given[n] for n in before[name]), defaultdict(list), dt)
    for events in spikes.astype(float):
        for name in order:
            node = graph.nodes[name]
            if isinstance(node, nir.Input):
                given[name] = events.reshape(node.input_type["input"])
                continue
            arriving = sum(given[source] for source in before[name] if source in given)
            if is_neuron(node):
                v, given[name] = neurons(node, arriving, state[name], dt, reset, fires, integration)
                found[name].append(v.reshape(-1))
                found[name + " spikes"].append(given[name].reshape(-1))
            else:
                given[name] = linear(node, arriving, state[name], dt)
                found[name].append(given[name].reshape(-1))
    return {name: np.array(values) for name, values in found.items()}


def is_neuron(node: nir.NIRNode) -> bool:
    return isinstance(node, nir.I | nir.IF | nir.LI | nir.LIF | nir.CubaLI | nir.CubaLIF | nir.Threshold)


def of_neuron(node: nir.NIRNode) -> np.ndarray:
    return node.threshold if isinstance(node, nir.Threshold) else node.r


def linear(node: nir.NIRNode, x: np.ndarray, state: dict, dt: float) -> np.ndarray:
    if isinstance(node, nir.Linear | nir.Affine):
        return node.weight @ x + (node.bias if isinstance(node, nir.Affine) else 0)
    if isinstance(node, nir.Scale):
        return x * node.scale
    if isinstance(node, nir.Flatten):
        return torch.flatten(torch.tensor(x), node.start_dim, node.end_dim).numpy()
    if isinstance(node, nir.Delay):
        past = state.setdefault("past", [])
        past.append(x)
        steps = np.round(np.broadcast_to(node.delay, x.shape) / dt).astype(int)
        late = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            if len(past) > steps[place]:
                late[place] = past[-1 - steps[place]][place]
        return late
    x = torch.tensor(x, dtype=torch.float64)[None]
    if isinstance(node, nir.SumPool2d | nir.AvgPool2d):
        given = (node.kernel_size, node.stride, node.padding)
        size, stride, padding = (tuple(np.broadcast_to(value, 2).tolist()) for value in given)
        mean = torch.nn.functional.avg_pool2d(x, size, stride, padding)
        return mean[0].numpy() * (size[0] * size[1] if isinstance(node, nir.SumPool2d) else 1)
    run = torch.nn.functional.conv1d if isinstance(node, nir.Conv1d) else torch.nn.functional.conv2d

    def numbers(value):
        return value if isinstance(value, str) else tuple(np.atleast_1d(value).tolist())

    weight, bias = (torch.tensor(value, dtype=torch.float64) for value in (node.weight, node.bias))
    stride, padding, dilation = map(numbers, (node.stride, node.padding, node.dilation))
    return run(x, weight, bias, stride, padding, dilation, int(node.groups))[0].numpy()


def follow(x, towards, arriving, tau, dt, integration):
    """A step of tau dx/dt = towards + arriving - x, where `arriving` may come all at once at its end."""
    if integration == "euler":
        return x + dt / tau * (towards + arriving - x)
    if integration == "exact":
        end = towards + arriving
        return end + (x - end) * np.exp(-dt / tau)
    return towards + (x - towards) * np.exp(-dt / tau) + arriving * dt / tau


def neurons(node, x, state, dt, reset, fires, integration):
    base = getattr(node, "v_reset", np.float64(0))
    v = state.get("v", np.zeros(np.shape(x)) + base)
    if isinstance(node, nir.Threshold):
        v, threshold, reset = x, node.threshold, "zero"
    else:
        if isinstance(node, nir.CubaLI | nir.CubaLIF):
            i = state.get("i", np.zeros(np.shape(x)))
            state["i"] = x = follow(i, 0, node.w_in * x, node.tau_syn, dt, integration)
            v = follow(v, node.v_leak, node.r * x, node.tau_mem, dt, integration)
        elif isinstance(node, nir.LI | nir.LIF):
            v = follow(v, node.v_leak, node.r * x, node.tau, dt, integration)
        else:
            v = v + dt * node.r * x
        threshold = getattr(node, "v_threshold", np.inf)
    v = v - state.get("late", 0)
    # Of sums in another order, those that meet a threshold are to meet it here, too.
    near = np.round(v - threshold, 9)
    spikes = (near > 0) | ((near == 0) & (fires == "at"))
    if reset == "zero" or np.any(base):  # a v_reset says how it resets
        v = np.where(spikes, base, v)
    elif reset == "subtract":
        v = np.where(spikes, v - threshold, v)
    elif reset == "subtract-late":
        state["late"] = np.where(spikes, threshold, 0)
    state["v"] = v
    return v, v if np.isinf(threshold).all() else spikes.astype(float)
