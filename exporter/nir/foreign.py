"""A NIR file that snnc did not write -> its nodes in order, and how its neurons reset.

NIR's equations say v := v_reset at a spike, but since nir 1.0.6 only; until 1.0.5 they said
v := v - v_threshold, and a file held no `v_reset`. Where a framework gives none, today's nir writes 0. So a
file tells how neurons reset only where its `v_reset` is another number. (The frameworks: docs/interop.md.)
"""

from __future__ import annotations

import graphlib
import io
from dataclasses import dataclass
from typing import Any, NoReturn

import h5py
import nir
import numpy as np

from snnc.errors import InputError
from snnc.exporter.nir.options import LATE
from snnc.io import hdf5_checks, hdf5_guard
from snnc.io.regular import most_unpacked
from snnc.stages.population import ZERO

SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""How an HDF5 file starts."""
INPUTS_LIMIT = 1 << 20
"""Most input lines; arrays of that length are made before any weight is looked at."""

SPIKING = (nir.IF, nir.LIF, nir.CubaLIF, nir.Threshold)
READOUTS = (nir.I, nir.LI, nir.CubaLI)
FOLDED = (nir.Linear, nir.Affine, nir.Scale, nir.Delay)
Chain = list[tuple[str, nir.NIRNode]]
CONVOLUTIONS = ("Conv1d", "Conv2d")


class BeyondChainError(InputError):
    """A network is no chain of layers that version 1 of the contract can express."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a NIR file holds: its `graph`, and what nir does not pass on.

    `with_reset` names the nodes for which the file has a `v_reset`; nir puts 0 in its place where there is
    none. `version` is that of nir which wrote the file, "" if it does not say.
    """

    graph: nir.NIRGraph
    with_reset: frozenset[str]
    version: str


def read_foreign(data: bytes) -> Foreign:
    """A NIR file that snnc did not write. Raises `InputError`, without the file's name."""

    def refuse(problem: str) -> NoReturn:
        raise InputError(problem)

    hdf5_guard.check(data, lambda problem: refuse(f"{problem}; write it again"))
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            if "node/metadata/snnc" in file:
                raise InputError(
                    "was written by snnc and holds integers already; export the model it came from "
                    "(source.pt in its artifact)"
                )
            hdf5_checks.check_own(file, refuse)
            arrays = (array for _, array in hdf5_checks.datasets(file) if array.shape is not None)
            total = sum(array.size * array.dtype.itemsize for array in arrays)
            if total > most_unpacked(len(data)):
                raise InputError(
                    f"{len(data)} bytes that unpack to {total}, more than the "
                    f"{most_unpacked(len(data))} allowed"
                )
            with_reset, version = _resets(file["node"]), _version(file)
            tree = nir.serialization.hdf2dict(file["node"])
        _complete(tree)
        graph = nir.dict2NIRNode(tree | {"type_check": False})
    except InputError:
        raise
    except Exception as error:  # whatever h5py or nir raise on a damaged file means one thing
        raise InputError(f"not a NIR file that can be read ({type(error).__name__}: {error})") from error
    return Foreign(graph, with_reset, version)


def _complete(tree: dict[str, Any]) -> None:
    """Put in what files of older nir lack: a convolution had no `input_shape`."""
    for node in tree.get("nodes", {}).values():
        if node.get("type") in CONVOLUTIONS:
            node.setdefault("input_shape", None)
        _complete(node)


def _resets(graph: h5py.Group, prefix: str = "") -> frozenset[str]:
    """Names of the nodes that have a `v_reset` in the file; "SUB.NAME" in a graph within the graph."""
    found: set[str] = set()
    for name, node in graph.get("nodes", {}).items():
        found |= {prefix + name} if "v_reset" in node else _resets(node, f"{prefix}{name}.")
    return frozenset(found)


def _version(file: h5py.File) -> str:
    """The text `version` of the file, "" if it has none that can be printed in a line."""
    found = file["version"][()] if "version" in file else b""
    text = found.decode(errors="replace") if isinstance(found, bytes) else ""
    return text if text.isprintable() and len(text) < 20 else ""


def chain_of(graph: nir.NIRGraph) -> tuple[int, Chain]:
    """The number of inputs, and the nodes between input and output, in order."""
    for name, node in graph.nodes.items():
        if not name.isprintable():
            raise BeyondChainError(f"node {name!r}: its name holds control characters; rename it")
        if not isinstance(node, (nir.Input, nir.Output, *SPIKING, *READOUTS, *FOLDED)):
            why = "a graph of its own" if isinstance(node, nir.NIRGraph) else f"a {type(node).__name__}"
            known = ", ".join(kind.__name__ for kind in (*FOLDED, *SPIKING, *READOUTS))
            raise BeyondChainError(
                f"node {name!r} is {why}, which cannot be exported; supported nodes are {known}"
            )
    before: dict[str, list[str]] = {name: [] for name in graph.nodes}
    after: dict[str, list[str]] = {name: [] for name in graph.nodes}
    for source, target in graph.edges:
        if source not in after or target not in before:
            raise BeyondChainError(f"edge {source!r} -> {target!r} names a node that does not exist")
        after[source].append(target)
        before[target].append(source)
    try:
        graphlib.TopologicalSorter(before).prepare()
    except graphlib.CycleError as error:
        *_, source, target = error.args[1]
        raise BeyondChainError(
            f"edge {source!r} -> {target!r} closes a loop; only feed-forward chains are exported, since the "
            "contract runs each layer over all steps before the next"
        ) from error
    for ends, what in ((after, "feeds"), (before, "is fed by")):
        for name, others in ends.items():
            if len(others) > 1:
                raise BeyondChainError(
                    f"node {name!r} {what} {others[0]!r} and {others[1]!r}; only chains are exported: a node "
                    "has one edge in and one out"
                )
    starts = [name for name, node in graph.nodes.items() if isinstance(node, nir.Input)]
    if len(starts) != 1:
        raise BeyondChainError(f"has {len(starts)} Input nodes, expected one")
    path = starts
    while after[path[-1]]:
        path = path + after[path[-1]]
    astray = sorted(set(graph.nodes) - set(path))
    if astray or not isinstance(graph.nodes[path[-1]], nir.Output):
        raise BeyondChainError(
            f"node {(astray or path)[-1]!r} is not on a path from the Input to the Output node; connect it"
        )
    shape = np.asarray(graph.nodes[path[0]].input_type["input"]).reshape(-1)
    whole = shape.dtype.kind in "iu"
    inputs = int(shape.max(initial=0)) if whole else 0
    # Exporters leave a batch of 1 in the shape.
    if not 0 < inputs <= INPUTS_LIMIT or np.prod(shape) != inputs:
        raise BeyondChainError(
            f"node {path[0]!r}: the input has the shape {shape.tolist()}, expected one dimension "
            f"of at most {INPUTS_LIMIT}"
        )
    return inputs, [(name, graph.nodes[name]) for name in path[1:-1]]


class Resets:
    """What a file says of resets; `told`: how neurons reset of which it says nothing, None: nobody knows."""

    def __init__(self, foreign: Foreign, told: str | None) -> None:
        self._foreign, self._told = foreign, told
        self._named: dict[str, list[str]] = {}

    @property
    def notes(self) -> dict[str, int | float | str]:
        """For the record: the names of nodes by how their reset is known."""
        return {how: ", ".join(names) for how, names in self._named.items()}

    def of(self, name: str, node: nir.NIRNode, remembers: bool) -> str:
        """Note how the neurons `node` reset, and say so: one of `RESETS`, or `LATE`.

        `remembers`: their v outlasts a step.

        Raises
        ------
        InputError
            If the file does not tell, and nobody else does.
        """
        if isinstance(node, nir.Threshold) or not (remembers or self._told == LATE):
            return ZERO  # the next step knows nothing of this one's v
        if name in self._foreign.with_reset and np.any(node.v_reset):
            self._named.setdefault("reset_to_v_reset", []).append(name)
            return ZERO
        if self._told is not None:
            how = "reset_to_zero_as_told" if self._told == ZERO else f"reset_{self._told}_as_told"
            self._named.setdefault(how, []).append(name)
            return self._told
        raise InputError(
            f"node {name!r} ({type(node).__name__}): {self._untold(name)}; its neurons may reset to zero, as "
            "NIR's equations say today, or subtract the threshold (the default of snnTorch, sinabs and "
            "Rockpool)",
            "If the network was trained with reset to zero, pass --reset zero; if its neurons subtract the "
            "threshold, --reset subtract, or --reset subtract-late if they do so in the next step (snnTorch: "
            'reset_mechanism="zero" or "subtract", the latter late unless reset_delay=False); if a spike '
            "leaves v as it is, --reset none",
        )

    def _untold(self, name: str) -> str:
        if name in self._foreign.with_reset:
            return (
                "its v_reset is 0, which does not tell how it resets: nir writes 0 where a framework gives "
                "nothing, and snnTorch for every reset_mechanism"
            )
        by = f" (of nir {self._foreign.version})" if self._foreign.version else ""
        return f"the file{by} has no v_reset; until nir 1.0.5, NIR's equations subtracted the threshold"
