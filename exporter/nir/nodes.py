"""The nodes of a NIR graph and what feeds them, graphs within graphs taken apart."""

from __future__ import annotations

import graphlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import nir
import numpy as np

from snnc.errors import InputError
from snnc.exporter.nir.foreign import FOLDED, READOUTS, SPIKING
from snnc.exporter.nir.kernels import KERNELS

NEURONS = (*SPIKING, *READOUTS)
LINEAR = (*FOLDED, *KERNELS, nir.Flatten)
"""Nodes that only weigh, delay or rearrange what arrives."""
NODE_LIMIT = 1 << 14
_ONE = np.ones(1)


@dataclass(frozen=True, slots=True)
class Structure:
    """`before` names what feeds each of `nodes`; those within a graph "sub" are called "sub.NAME".

    `linear` names the nodes that hold no neurons, each after those that feed it.
    """

    nodes: dict[str, nir.NIRNode]
    before: dict[str, tuple[str, ...]]
    linear: tuple[str, ...]

    def of(self, kinds: type | tuple[type, ...]) -> list[str]:
        """Names of the nodes of `kinds`, in the order of the file."""
        return [name for name, node in self.nodes.items() if isinstance(node, kinds)]


def structure_of(graph: nir.NIRGraph) -> Structure:
    """Take `graph` apart.

    Raises
    ------
    InputError
        If a node is of an unknown kind, an edge leads nowhere, weights go round without neurons between them,
        or there is no input or output; the text names them.
    """
    nodes: dict[str, nir.NIRNode] = {}
    edges: list[tuple[str, str]] = []
    _collect(graph, "", nodes, edges)
    before: dict[str, list[str]] = {name: [] for name in nodes}
    for (source, target), times in Counter(edges).items():
        if times > 1:
            raise InputError(
                f"edge {source!r} -> {target!r} is there twice; leave one out, or double a weight"
            )
        before[target].append(source)
    linear = [name for name, node in nodes.items() if not isinstance(node, (*NEURONS, nir.Output))]
    known = set(linear)
    only = {name: [each for each in before[name] if each in known] for name in linear}
    try:
        order = tuple(graphlib.TopologicalSorter(only).static_order())
    except graphlib.CycleError as error:
        raise InputError(
            f"nodes {' -> '.join(map(repr, error.args[1]))} go round without neurons between them, so what "
            "they give is not defined; put neurons into the cycle"
        ) from error
    found = Structure(nodes, {name: tuple(each) for name, each in before.items()}, order)
    for kind, what in ((nir.Input, "read"), (nir.Output, "give")):
        if not found.of(kind):
            raise InputError(f"has no {kind.__name__} node; add one for what it is to {what}")
    feeding = {source for sources in before.values() for source in sources}
    for name, node in nodes.items():
        no_input = not before[name] and not isinstance(node, (nir.Input, *NEURONS))
        no_output = name not in feeding and name in only
        if no_input or no_output:
            how = "is fed by nothing" if no_input else "feeds nothing"
            raise InputError(f"node {name!r} {how}; connect it, or leave it out")
    return found


def _collect(
    graph: nir.NIRGraph, prefix: str, nodes: dict[str, nir.NIRNode], edges: list[tuple[str, str]]
) -> None:
    """Add what `graph` holds; an Input and an Output within a graph only pass on what they get."""
    inner = {name: node for name, node in graph.nodes.items() if isinstance(node, nir.NIRGraph)}
    for name, node in graph.nodes.items():
        full = prefix + name
        if not full.isprintable():
            raise InputError(f"node {full!r}: its name holds control characters; rename it")
        if full in nodes or len(nodes) >= NODE_LIMIT:
            why = "is there twice" if full in nodes else f"is beyond the limit of {NODE_LIMIT} nodes"
            raise InputError(f"node {full!r} {why}; rename it, or use fewer")
        if name in inner:
            _collect(inner[name], f"{full}.", nodes, edges)
        elif isinstance(node, nir.Input | nir.Output) and prefix:
            nodes[full] = nir.Scale(scale=_ONE)
        elif isinstance(node, (nir.Input, nir.Output, *NEURONS, *LINEAR)):
            nodes[full] = node
        else:
            known = ", ".join(kind.__name__ for kind in (*LINEAR, *NEURONS))
            raise InputError(
                f"node {full!r} is a {type(node).__name__}, which cannot be exported; supported nodes are "
                f"{known}, and graphs of them"
            )
    for source, target in graph.edges:
        for end in (source, target):
            if end not in graph.nodes:
                raise InputError(
                    f"edge {prefix + source!r} -> {prefix + target!r} names a node that does not exist, "
                    f"{prefix + end!r}; write the file again with a graph of this name, or repair its edges"
                )
        edges.append(
            (
                prefix + source + _port(inner.get(source), prefix + source, nir.Output),
                prefix + target + _port(inner.get(target), prefix + target, nir.Input),
            )
        )


def _port(graph: nir.NIRGraph | None, name: str, kind: type) -> str:
    """What follows the name of a graph in that of its only node of `kind`, Input or Output."""
    if graph is None:
        return ""
    ports = [each for each, node in graph.nodes.items() if isinstance(node, kind)]
    if len(ports) != 1:
        raise InputError(
            f"node {name!r} is a graph with {len(ports)} {kind.__name__} nodes, so an edge does not say "
            "which it means; give it one"
        )
    return f".{ports[0]}"


def steps_back(
    names: Collection[str], at_once: Collection[tuple[str, str]], later: Collection[tuple[str, str]]
) -> tuple[set[tuple[str, str]], list[str]]:
    """Which of the edges `at_once`, without a delay, lead back; and a cycle that remains without them, or [].

    An edge leads back if every way from outside to its source passes its destination (which dominates it):
    then no other edge of that cycle can be meant. Where a cycle is entered at several places, none does.
    What edges `later`, with a delay, alone reach is entered there.
    """
    before: dict[str, set[str]] = {name: set() for name in names}
    for source, target in at_once:
        before[target].add(source)
    entries = {name for name in names if not before[name] - {name}}
    reached = _reached(entries, at_once)
    while entered := {target for source, target in later if source in reached and target not in reached}:
        entries |= entered
        reached = _reached(entries, at_once)
    everything = set(names)
    above = {name: {name} if name in entries else everything for name in names}
    changed = True
    while changed:
        changed = False
        for name in names:
            if name not in entries:
                found = {name} | set.intersection(*(above[each] for each in before[name] - {name}))
                changed |= found != above[name]
                above[name] = found
    back = {
        (source, target)
        for source, target in at_once
        if source == target or (source in reached and target in above[source])
    }
    left: dict[str, set[str]] = {name: set() for name in names}
    for source, target in set(at_once) - back:
        left[target].add(source)
    try:
        graphlib.TopologicalSorter(left).prepare()
    except graphlib.CycleError as error:
        return back, list(error.args[1])
    return back, []


def _reached(entries: Collection[str], edges: Collection[tuple[str, str]]) -> set[str]:
    after: dict[str, list[str]] = {}
    for source, target in edges:
        after.setdefault(source, []).append(target)
    found, new = set(entries), list(entries)
    while new:
        for each in after.get(new.pop(), []):
            if each not in found:
                found.add(each)
                new.append(each)
    return found
