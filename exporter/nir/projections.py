"""How the projections of a graph that is no chain stand in the structure of a NIR file.

Matrices have the forms of `forms`, with weights W << weight_exp. A convolution becomes a `Conv2d`, one
for each distinct delay of its kernel behind a `Delay`. A `Flatten` stands where a grid meets a matrix.

What NIR cannot say, or would take more than `STRUCTURE_LIMIT`, is `ABSENT`: no node stands for it, and a note
says so. It is in the metadata, as everything is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.exporter.nir.blocks import TALL, WIDE, Entries
from snnc.exporter.nir.forms import AXONAL, LINES, METADATA, NONE, POSTSYNAPTIC
from snnc.exporter.nir.populations import part_name
from snnc.stages import Convolution, Projection, SynapseList

CONVOLUTION, ABSENT = "convolution", "absent"
STRUCTURE_LIMIT = 1 << 28
"""Most numbers of all matrices of a file together: 1 GiB, which other readers unpack whole."""
NODES_LIMIT = 512
"""Most nodes of all projections together: each takes kilobytes of the file."""
DELAYS_LIMIT = 64
"""Most `Conv2d` nodes of one projection."""

IntArray = npt.NDArray[np.int64]
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A large, mostly zero float32 array; `entries()` are all that is not zero, by rising rows."""

    shape: tuple[int, int]
    block: tuple[int, int]
    entries: Callable[[], Entries]


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the file: `values` as `nir` has them, and its `weight` if that is large."""

    name: str
    values: dict[str, Any]
    weight: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """How one projection leads from its source to its destination.

    `branches`: chains of nodes side by side, one for each delay of a convolution; none of the form `ABSENT`.
    `note`: what they do not say. `size`: how many numbers their arrays hold.
    """

    form: str
    branches: tuple[tuple[Node, ...], ...] = ()
    note: str = ""
    size: int = 0

    @property
    def takes_bias(self) -> bool:
        """Whether an `Affine` may stand for its `Linear`: that is the last node then."""
        return self.form in (NONE, AXONAL, LINES, METADATA)


class Paths:
    """Makes the nodes of projections, one projection after the other."""

    def __init__(self, dt: float, delays_in_metadata: bool) -> None:
        self._dt, self._in_metadata, self._left = dt, delays_in_metadata, STRUCTURE_LIMIT
        self._nodes = NODES_LIMIT

    def add(self, number: int, projection: Projection, before: Shape, after: Shape, bias: bool) -> Path:
        """`before` and `after` are the shapes of both populations; `bias`: it takes an input bias, too."""
        name = part_name(f"projection{number}", projection.source, projection.destination)
        if isinstance(projection.synapses, Convolution):
            path = self._convolved(name, projection, projection.synapses, before, after)
        elif len(after) > 1:
            path = _absent(projection, "NIR has no node that makes a grid of its sums")
        else:
            path = self._listed(name, projection, before, bias)
        if path.size > self._left:
            return self._too_large(projection)
        nodes = sum(map(len, path.branches))
        if nodes > self._nodes:
            return _absent(projection, f"all projections would take more than {NODES_LIMIT} nodes")
        self._left, self._nodes = self._left - path.size, self._nodes - nodes
        return path

    def _too_large(self, projection: Projection) -> Path:
        return _absent(projection, f"all matrices would take more than {STRUCTURE_LIMIT} numbers")

    def _convolved(
        self, name: str, projection: Projection, synapses: Convolution, before: Shape, after: Shape
    ) -> Path:
        kernel = synapses.kernel << np.int32(projection.weight_exp)
        if synapses.groups > 1 or kernel.shape[2] != kernel.shape[3]:
            return _absent(projection, "nir takes no Conv2d with groups, or whose kernel is not square")
        if before != synapses.grid:
            return _absent(projection, "another convolution reads its source as another grid")
        if len(after) > 1 and after != synapses.grid_out:
            return _absent(projection, "a convolution reads its destination as another grid")
        delays, note = np.unique(synapses.delay[kernel != 0]).tolist() or [0], ""
        if self._in_metadata and any(delays):
            delays, note = [0], _unsaid(projection, delays[-1])
        if len(delays) > DELAYS_LIMIT:
            return _absent(projection, f"its kernel has {len(delays)} different delays")
        size = len(delays) * (kernel.size + synapses.pre_neurons)
        if size > self._left:
            return self._too_large(projection)
        branches = []
        for delay in delays:
            nodes = []
            if delay:
                wait = {"type": "Delay", "delay": np.full(before, delay * self._dt)}
                nodes.append(Node(f"{name}_delay{delay}", wait))
            some = kernel if note else np.where(synapses.delay == delay, kernel, 0)
            values: dict[str, Any] = {
                "type": "Conv2d",
                "input_shape": np.array(before[1:]),
                "weight": some.astype(np.float32),
                "stride": np.array(synapses.stride),
                "padding": np.array(synapses.padding),
                "dilation": np.array((1, 1)),
                "groups": 1,
                "bias": np.zeros(len(kernel), np.float32),
            }
            nodes.append(Node(f"{name}_weight{delay}", values))
            if len(after) == 1:
                nodes.append(Node(f"{name}_flat{delay}", _flatten(synapses.grid_out)))
            branches.append(tuple(nodes))
        return Path(CONVOLUTION, tuple(branches), note, size)

    def _listed(self, name: str, projection: Projection, before: Shape, bias: bool) -> Path:
        found = projection.synapses.as_list()
        form = METADATA if self._in_metadata and found.delay.any() else _form(found, bias)
        nodes, note = [], ""
        if len(before) > 1:
            nodes.append(Node(f"{name}_flat", _flatten(before)))
        columns, column = found.pre_neurons, found.pre
        if form == LINES:
            lines, column = _lines(found)
            columns = len(lines)
            nodes.append(_fan_out(f"{name}_lines", lines, found.pre_neurons))
            nodes.append(Node(f"{name}_delay", {"type": "Delay", "delay": lines[:, 1] * self._dt}))
        elif form == AXONAL:
            nodes.append(self._delay(f"{name}_delay", found.pre, found.delay, found.pre_neurons))
        elif form == METADATA:
            note = _unsaid(projection, found.max_delay)
        nodes.append(_weights(f"{name}_weight", found, columns, column, projection.weight_exp))
        if form == POSTSYNAPTIC:
            nodes.append(self._delay(f"{name}_delay", found.post, found.delay, found.post_neurons))
        size = columns * (found.post_neurons + (found.pre_neurons if form == LINES else 0))
        return Path(form, (tuple(nodes),), note, size)

    def _delay(self, name: str, end: npt.NDArray[np.int32], delay: npt.NDArray[np.int32], count: int) -> Node:
        steps = np.zeros(count)
        steps[end] = delay
        return Node(name, {"type": "Delay", "delay": steps * self._dt})


def with_bias(path: Path, bias: npt.NDArray[np.int32]) -> Path:
    """The same path with `bias` in its last node, an `Affine` then."""
    *nodes, last = path.branches[0]
    values = {"type": "Affine", "bias": bias.astype(np.float64)}
    return replace(path, branches=((*nodes, Node(last.name, values, last.weight)),))


def _unsaid(projection: Projection, longest: int) -> str:
    return f"{projection.name}: its delays of up to {longest} steps are not in the nodes"


def _absent(projection: Projection, why: str) -> Path:
    synapses = projection.synapses.count
    return Path(ABSENT, note=f"{projection.name}: none of its {synapses} synapses is in the nodes: {why}")


def _flatten(shape: Shape) -> dict[str, Any]:
    return {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": np.array(shape)}


def _form(found: SynapseList, bias: bool) -> str:
    """The shortest form that holds all synapses exactly."""
    twice = ((found.pre[1:] == found.pre[:-1]) & (found.post[1:] == found.post[:-1])).any()
    if not twice and not found.delay.any():
        return NONE
    if not twice and _common(found.pre, found.delay, found.pre_neurons):
        return AXONAL
    if not twice and not bias and _common(found.post, found.delay, found.post_neurons):
        return POSTSYNAPTIC
    return LINES


def _common(end: npt.NDArray[np.int32], delay: npt.NDArray[np.int32], count: int) -> bool:
    """Whether all synapses of each neuron at one end have one delay."""
    steps = np.zeros(count, np.int32)
    steps[end] = delay
    return bool((steps[end] == delay).all())


def _lines(found: SynapseList) -> tuple[IntArray, npt.NDArray[np.int32]]:
    """The distinct (source, delay) pairs, int64 [lines, 2], at least one; and the line of each synapse."""
    if not found.count:
        return np.zeros((1, 2), np.int64), found.pre
    span = found.max_delay + 1
    pairs, line = np.unique(found.pre.astype(np.int64) * span + found.delay, return_inverse=True)
    return np.stack(np.divmod(pairs, span), axis=1), line.astype(np.int32)


def _fan_out(name: str, lines: IntArray, sources: int) -> Node:
    def entries() -> Entries:
        return np.arange(len(lines)), lines[:, 0], np.ones(len(lines))

    return Node(name, {"type": "Linear"}, Matrix((len(lines), sources), TALL, entries))


def _weights(
    name: str, found: SynapseList, columns: int, column: npt.NDArray[np.int32], weight_exp: int
) -> Node:
    def entries() -> Entries:
        """Synapses of one pair add up: their delays, if they differ, are not in the nodes."""
        pair, place = np.unique(found.post.astype(np.int64) * columns + column, return_inverse=True)
        value = np.bincount(place, found.weight << np.int32(weight_exp), len(pair)).astype(np.float32)
        return *np.divmod(pair, columns), value

    return Node(name, {"type": "Linear"}, Matrix((found.post_neurons, columns), WIDE, entries))
