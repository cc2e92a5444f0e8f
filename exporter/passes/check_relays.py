"""The promise of relays in a graph that is no chain: its synapses are there, over relays or without them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from snnc.errors import PassError
from snnc.exporter.passes.promises import equal
from snnc.exporter.passes.promises_of_graphs import same_population
from snnc.stages import Population, Projection, QuantizedGraph
from snnc.target import Target

Rows = npt.NDArray[np.int64]
Ways = tuple[str, Rows, Rows]
"""Of the neurons of a population: whose spikes they repeat, of which neuron, and how many steps later."""


def check_graph_relays(before: QuantizedGraph, after: QuantizedGraph, target: Target) -> None:
    """Raise `PassError` unless `after` is `before` with relays, and `target` holds its delays.

    All populations of `before` are there, in order. Each neuron of another one has one synapse and fires when
    its source does, and only then. Every synapse of `before` is one way over such neurons, or none of them,
    of the same weight, whose delays add up to its own; and there are no others.
    """
    for what in ("time_steps", "bin_s", "readouts"):
        equal("network", what, getattr(after, what), getattr(before, what))
    names = [each.name for each in before.populations]
    there = [each.name for each in after.populations if each.name in names]
    equal("network", "the list of populations, without relays,", there, names)
    for each in before.populations:
        same_population(each, after.population(each.name))
    ways: dict[str, Ways] = {}
    for each in before.populations:
        ways[each.name] = each.name, np.arange(each.neurons), np.zeros(each.neurons, np.int64)
    relays = [each for each in after.populations if each.name not in names]
    while relays:
        ready = [each for each in relays if all(one.source in ways for one in after.into(each.name))]
        if not ready:
            raise PassError(f"{relays[0].name}: its relays repeat nothing; they form a cycle")
        for each in ready:
            ways[each.name] = _repeated(after, each, ways)
        relays = [each for each in relays if each.name not in ways]
    found = _synapses(after, [each for each in after.projections if each.destination in names], ways)
    wanted = _synapses(before, before.projections, ways)
    for ends in {**wanted, **found}:
        _same(ends, wanted.get(ends), found.get(ends))
    _within(after, target)


def _repeated(graph: QuantizedGraph, relays: Population, ways: dict[str, Ways]) -> Ways:
    """What each of the `relays` repeats. Raise `PassError` if one is none, or loses payloads."""
    into = graph.into(relays.name)
    if len(into) != 1 or relays.threshold is None or relays.reset != "zero" or relays.end is not None:
        raise PassError(f"{relays.name}: holds neurons that are not relays")
    memory = (relays.decay_u != 4096).any() or (relays.decay_v != 4096).any()  # type: ignore[union-attr]
    if memory or relays.bias.any() or relays.input_bias.any():
        raise PassError(f"{relays.name}: its relays have a memory or a bias; they must have neither")
    heard = into[0].synapses.as_list()
    order = np.argsort(heard.post, kind="stable")
    if not np.array_equal(heard.post[order], np.arange(relays.neurons)):
        raise PassError(f"{relays.name}: a relay has one source each, some of these have another number")
    strength = heard.weight[order].astype(np.int64) << into[0].weight_exp
    if not (strength > relays.threshold).all():
        raise PassError(f"{relays.name}, neuron {int((strength <= relays.threshold).argmax())}: never fires")
    origin, neuron, waited = ways[into[0].source]
    source = graph.population(origin)
    if (source.payload_max or 1) > 1:
        raise PassError(f"{relays.name}: relays lose the payload of {origin}")
    pre = heard.pre[order]
    return origin, neuron[pre], waited[pre] + heard.delay[order]


def _synapses(
    graph: QuantizedGraph, projections: tuple[Projection, ...] | list[Projection], ways: dict[str, Ways]
) -> dict[tuple[str, str], Rows]:
    """By ends without relays: rows of pre, post, delay and weight << weight_exp."""
    found: dict[tuple[str, str], list[Rows]] = defaultdict(list)
    for each in projections:
        origin, neuron, waited = ways[each.source]
        listed = each.synapses.as_list()
        if listed.count:
            weight = listed.weight.astype(np.int64) << each.weight_exp
            columns = neuron[listed.pre], listed.post, waited[listed.pre] + listed.delay, weight
            found[origin, each.destination].append(np.stack(columns, axis=1).astype(np.int64))
    return {ends: np.concatenate(parts) for ends, parts in found.items()}


def _same(ends: tuple[str, str], wanted: Rows | None, found: Rows | None) -> None:
    ours, theirs = (np.zeros((0, 4), np.int64) if each is None else each for each in (found, wanted))
    if np.array_equal(ours, theirs):  # most are in one order, to sort them takes longest
        return
    ours, theirs = (each[np.lexsort(each.T[::-1])] for each in (ours, theirs))
    length = min(len(ours), len(theirs))
    differ = np.flatnonzero((ours[:length] != theirs[:length]).any(axis=1))
    if not len(differ) and len(ours) == len(theirs):
        return
    longer = ours if len(ours) > len(theirs) else theirs
    row = theirs[differ[0]] if len(differ) else longer[length]
    raise PassError(
        f"{ends[0]} -> {ends[1]}, synapse {row[0]} -> {row[1]}: expected one way, over relays or without, "
        f"of {row[2]} steps and the weight {row[3]}"
    )


def _within(graph: QuantizedGraph, target: Target) -> None:
    """Raise `PassError` unless the delays are within the limits, where a hop takes steps for some levels."""
    least, most = target.limits.delay_min, target.limits.delay_max
    lists = [(each, each.synapses.as_list().delay) for each in graph.projections if each.synapses.count]
    if target.levels is None:
        for each, delay in lists:
            if delay.max() > most:
                raise PassError(f"{each.name}: a delay is {delay.max()} steps, the limit is {most}")
        return
    level = {each.name: 0 for each in graph.populations}
    for _ in range(len(level) + 1):
        old = dict(level)
        for each, delay in lists:
            start, end = each.source, each.destination
            level[end] = max(level[end], level[start] + 1 + least - int(delay.min()))
            level[start] = max(level[start], level[end] + int(delay.max()) - 1 - most)
        if level == old:
            return
    raise PassError(f"network: no levels keep all delays within {least}..{most} steps")
