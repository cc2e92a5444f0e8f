"""Random NIR graphs with every attribute of every node, for tests against `nir_graph_interpreter`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import prod

import nir
import numpy as np
from nir_graph_interpreter import linear

DT = 0.001
LINES = 150
"""Most lines of a node."""
Shape = tuple[int, ...]


@dataclass
class RandomGraph:
    """Layers of neurons with nodes between them, recurrent and skipping edges; `order`: all but the ends.

    `delay_twin` holds, by name, the Delay nodes that the interpreter needs instead: it takes a step of its
    own where an edge leads back.
    """

    rng: np.random.Generator
    nodes: dict[str, nir.NIRNode] = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    delay_twin: dict[str, nir.NIRNode] = field(default_factory=dict)

    def graph(self, twin: bool = False) -> nir.NIRGraph:
        nodes = self.nodes | self.delay_twin if twin else self.nodes
        return nir.NIRGraph(nodes, self.edges, type_check=False)

    def add(self, before: str, node: nir.NIRNode) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = node
        self.edges.append((before, name))
        self.order.append(name)
        return name


def random_graph(seed: int) -> RandomGraph:
    rng = np.random.default_rng(seed)
    shape: Shape = tuple(rng.integers(1, 7, rng.integers(1, 4)).tolist())
    made = RandomGraph(rng, {"in": nir.Input(np.array(shape))})
    last, shapes = "in", {"in": shape}
    layers = int(rng.integers(1, 4))
    for layer in range(layers):
        for _ in range(rng.integers(0, 4)):
            node = linear_node(rng, shape)
            after = shape_after(node, shape)
            if after is not None and 0 < prod(after) <= LINES:
                last, shape = made.add(last, node), after
                shapes[last] = shape
        last = made.add(last, neurons(rng, shape, reads_out=layer == layers - 1))
        for other, same in shapes.items():
            if same == shape and rng.random() < 0.3 and (other, last) not in made.edges:
                made.edges.append((other, last))
        shapes[last] = shape
        if not isinstance(made.nodes[last], nir.LI) and rng.random() < 0.4:
            back(made, last, shape)
    made.nodes["out"] = nir.Output(np.array(shape))
    made.edges.append((last, "out"))
    return made


def back(made: RandomGraph, name: str, shape: Shape) -> None:
    """A way from the neurons `name` to themselves."""
    rng, twice = made.rng, prod(shape)
    if len(shape) == 1:
        node: nir.NIRNode = nir.Linear(rng.normal(0, 0.6, (twice, twice)))
    elif len(shape) == 3:
        weight = rng.normal(0, 0.4, (shape[0], shape[0], *rng.integers(1, 4, 2)))
        node = nir.Conv2d(shape[1:], weight, np.ones(2, int), "same", np.ones(2, int), 1, np.zeros(shape[0]))
    else:
        node = nir.Scale(rng.normal(0, 0.6, shape))
    into = made.add(name, node)
    if rng.random() < 0.4:
        steps = rng.integers(1, 4, shape)
        into = made.add(into, nir.Delay(steps * DT))
        made.delay_twin[into] = nir.Delay((steps - 1) * DT)
    made.edges.append((into, name))


def shape_after(node: nir.NIRNode | None, shape: Shape) -> Shape | None:
    """What `node` makes of `shape`; None if nothing."""
    if node is None:
        return None
    try:
        return linear(node, np.zeros(shape), defaultdict(list), DT).shape
    except RuntimeError:  # torch: the kernel does not fit
        return None


def linear_node(rng: np.random.Generator, shape: Shape) -> nir.NIRNode | None:
    """A node that reads `shape`."""
    kind = rng.integers(0, 6)
    if kind == 0:
        return nir.Scale(rng.normal(1, 0.5, shape if rng.random() < 0.7 else 1))
    if kind == 1:
        steps = rng.integers(0, 4, shape) if rng.random() < 0.5 else np.full(shape, rng.integers(0, 4))
        return nir.Delay(steps * DT)
    if kind == 2:
        first = int(rng.integers(0, len(shape)))
        last = int(rng.integers(first, len(shape))) - int(rng.choice([0, len(shape)]))
        return nir.Flatten({"input": np.array(shape)}, first, last)
    if len(shape) == 1:
        weight = rng.normal(0, 1.5, (rng.integers(1, 6), shape[0]))
        return nir.Linear(weight) if kind == 3 else nir.Affine(weight, rng.normal(0, 0.3, len(weight)))
    if kind == 3 and len(shape) == 3:
        size = rng.integers(1, 4, 2)
        given = [size, rng.integers(1, 4, 2), rng.integers(0, size // 2 + 1)]
        given = [each[:1] for each in given] if rng.random() < 0.3 else given
        return [nir.SumPool2d, nir.AvgPool2d][rng.integers(2)](*given)
    return convolution(rng, shape)


def convolution(rng: np.random.Generator, shape: Shape) -> nir.NIRNode:
    sides = len(shape) - 1
    groups = int(rng.choice([number for number in range(1, shape[0] + 1) if shape[0] % number == 0]))
    out = groups * int(rng.integers(1, 3))
    weight = rng.normal(0, 1, (out, shape[0] // groups, *rng.integers(1, 4, sides)))
    bias = rng.normal(0, 0.3, out) * (rng.random() < 0.5)
    stride, dilation = rng.integers(1, 3, sides), rng.integers(1, 3, sides)
    padding = [rng.integers(0, 3, sides), "same", "valid"][rng.choice(3, p=[0.6, 0.2, 0.2])]
    stride = np.ones(sides, int) if isinstance(padding, str) and padding == "same" else stride
    if sides == 2:
        return nir.Conv2d(shape[1:], weight, stride, padding, dilation, groups, bias)
    return nir.Conv1d(shape[1], weight, stride, padding, dilation, groups, bias)


def neurons(rng: np.random.Generator, shape: Shape, reads_out: bool) -> nir.NIRNode:
    def between(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, shape) if rng.random() < 0.6 else np.full(shape, rng.uniform(low, high))

    def sometimes(low: float, high: float) -> np.ndarray:
        return between(low, high) * (rng.random() < 0.4)

    rest = {"v_threshold": between(0.3, 1.5), "v_reset": sometimes(-0.3, 0.2)}
    leak = {"v_leak": sometimes(-0.2, 0.4), "r": between(0.5, 3)}
    tau = [between(0.0011, 0.02) for _ in range(2)]
    kind = rng.integers(0, 5 if reads_out else 4)
    if kind == 0:
        return nir.LIF(tau=tau[0], **leak, **rest)
    if kind == 1:
        return nir.IF(r=between(100, 1000), **rest)
    if kind == 2:
        return nir.CubaLIF(tau_syn=tau[0], tau_mem=tau[1], w_in=between(0.5, 3), **leak, **rest)
    return nir.Threshold(rest["v_threshold"]) if kind == 3 else nir.LI(tau=tau[0], **leak)
