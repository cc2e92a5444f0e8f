"""A framework of our own for tests: layers of leaky neurons in plain loops, with habits that a file omits."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from math import exp

import nir
import numpy as np

from snnc.io import hdf5_guard


@dataclass(frozen=True)
class Habits:
    """How a framework computes a layer; the defaults are what a file is read as, with --reset subtract."""

    fires: str = "above"
    reset: str = "subtract"
    step: str = "euler"
    lag: int = 0
    counts: str = "1"
    biased: bool = True
    delay: int = 0
    delay_back: int = 0


@dataclass(frozen=True)
class Layer:
    """tau dv/dt = r (W x + b + B s) - v; x and s come `delay` and `delay_back` steps later; inf: no leak."""

    weight: np.ndarray
    bias: np.ndarray
    tau: np.ndarray
    r: np.ndarray
    threshold: np.ndarray
    delay: int
    back: np.ndarray | None = None
    delay_back: int = 2


def run(layer: Layer, habits: Habits, x: np.ndarray, dt: float) -> np.ndarray:
    """Spikes [T, neurons] of `layer` on x [T, lines].

    A framework whose spikes come `lag` steps earlier knows the silence after `x`.
    """
    steps, late = len(x), habits.lag
    silent = np.zeros((1, x.shape[1]))
    x = np.concatenate([x, silent])
    found = np.zeros((steps + 1, len(layer.bias)))
    v, fired = np.zeros(len(layer.bias)), np.zeros(len(layer.bias))
    for t in range(steps + 1):
        for i in range(len(v)):
            arrives = layer.bias[i] if habits.biased else 0.0
            if (since := t - layer.delay - habits.delay) >= 0:
                arrives += sum(layer.weight[i, j] for j in np.flatnonzero(x[since]))
            if layer.back is not None and (since := t - layer.delay_back - habits.delay_back) >= 0:
                arrives += sum(layer.back[i, j] for j in np.flatnonzero(found[since]))
            leak = dt / layer.tau[i]
            arrives *= {"1": 1, "dt": dt, "1/dt": 1 / dt, "leak": leak, "1/leak": 1 / leak}[habits.counts]
            kept, taken = {
                "euler": (1 - leak, leak),
                "exact": (exp(-leak), 1 - exp(-leak)),
                "impulse": (exp(-leak), leak),
            }[habits.step]
            v[i] = kept * v[i] + taken * layer.r[i] * arrives
            if habits.reset == "subtract-late":
                v[i] -= fired[i] * layer.threshold[i]
            elif habits.reset == "zero-late" and fired[i]:
                v[i] = 0
            fires = v[i] >= layer.threshold[i] if habits.fires == "at" else v[i] > layer.threshold[i]
            fired[i] = found[t, i] = fires
            if fires and habits.reset == "subtract":
                v[i] -= layer.threshold[i]
            elif fires and habits.reset == "zero":
                v[i] = 0
    if late < 0:
        return found[1:]
    return np.concatenate([np.zeros((late, found.shape[1])), found[: steps - late]])


def random_layer(rng: np.random.Generator, lines: int, neurons: int, delay: int, dt: float) -> Layer:
    """Of drawn numbers, whose neurons fire now and then."""
    tau = rng.uniform(3, 9, neurons) * dt
    return Layer(
        weight=rng.normal(0.5, 1.2, (neurons, lines)),
        bias=rng.uniform(0.2, 0.5, neurons),
        tau=tau,
        r=rng.uniform(1.5, 2.5, neurons),
        threshold=rng.uniform(0.6, 1.1, neurons),
        delay=delay,
    )


def whole_layer(rng: np.random.Generator, lines: int, neurons: int, delay: int, dt: float) -> Layer:
    """v is a sum of whole numbers in which a half remains of the last step, and often meets its threshold."""
    ones = np.ones(neurons)
    weight = rng.integers(-1, 4, (neurons, lines)).astype(float)
    return Layer(weight, 0 * ones, 2 * dt * ones, 2 * ones, 3 * ones, delay)


def with_back(rng: np.random.Generator, layer: Layer) -> Layer:
    """It hears itself, too."""
    return replace(layer, back=rng.normal(-0.3, 0.8, (len(layer.bias), len(layer.bias))))


def file_of(layers: list[Layer], dt: float) -> bytes:
    """The NIR file of `layers` one after the other: neurons "lif0", "lif1", ..."""
    inputs = layers[0].weight.shape[1]
    nodes = {"input": nir.Input(input_type=np.array([inputs]))}
    edges, last = [], "input"
    for k, layer in enumerate(layers):
        count = len(layer.bias)
        of = {
            f"delay{k}": nir.Delay(np.full(layer.weight.shape[1], layer.delay * dt)),
            f"fc{k}": nir.Affine(layer.weight, layer.bias),
            f"lif{k}": nir.LIF(layer.tau, layer.r, np.zeros(count), layer.threshold, np.zeros(count)),
        }
        for name in of:
            edges.append((last, name))
            last = name
        nodes |= of
        if layer.back is not None:
            nodes[f"wait{k}"] = nir.Delay(np.full(count, layer.delay_back * dt))
            nodes[f"back{k}"] = nir.Linear(layer.back)
            edges += [(f"lif{k}", f"wait{k}"), (f"wait{k}", f"back{k}"), (f"back{k}", f"lif{k}")]
    nodes["output"] = nir.Output(output_type=np.array([len(layers[-1].bias)]))
    nir.write(buffer := io.BytesIO(), nir.NIRGraph(nodes, [*edges, (last, "output")], type_check=False))
    return hdf5_guard.trust(buffer.getvalue())
