"""Whether a network fits a target, what must be changed so that it does, and what no exact change mends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from snnc.errors import InputError, LimitError, RangeProofError, SnncError
from snnc.exporter.artifact import inspect_artifact
from snnc.exporter.expectation.held import Expect, hold_file, sentences
from snnc.exporter.graph_of_network import integers_of, real_numbers
from snnc.exporter.lava_dl.importer import ImportedGraph
from snnc.exporter.manifest import MANIFEST
from snnc.exporter.network_files import INTEGERS, load_network, read_network_file
from snnc.exporter.nir.importer import ImportOptions
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Legalise
from snnc.exporter.passes.legalise import added
from snnc.exporter.passes.place import cores_needed, divide
from snnc.exporter.pipeline import OF_LAVA_DL
from snnc.exporter.placement.network import Network, network_of
from snnc.exporter.placement.partition import Partition, all_counts, listeners
from snnc.exporter.placement.traffic import uniform
from snnc.exporter.relay import split_size, split_sources
from snnc.exporter.rescale import prove
from snnc.formats import WEIGHT_BITS_MIN
from snnc.stages import QuantizedGraph
from snnc.target import Limits, Target
from snnc.targets.graph_limits import graph_problems
from snnc.targets.problems import check_limits, lasting_problems

ADDED = ("neurons", "synapses", "layers")
OF_GRAPH = ("neurons", "synapses", "populations")


@dataclass(frozen=True, slots=True)
class Fit:
    """`changes` that are needed, and `problems` that stay; `cores` used, None if not placed.

    `neurons` includes those that were added. `use`: what it takes of the board that the target's settings
    name, in words; empty if there is none.
    """

    target: str
    changes: tuple[str, ...]
    problems: tuple[str, ...]
    cores: int | None
    neurons: int
    use: str = ""

    @property
    def fits(self) -> bool:
        return not self.problems


def graph_of(
    path: Path,
    options: ExportOptions,
    import_options: ImportOptions,
    expect: Expect | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> QuantizedGraph:
    """The integers of a network or an artifact, before anything is done for a target.

    `expect` as of `export_file`; `say` is called with what was found of it, line by line.

    Raises
    ------
    SnncError
        If it cannot be read, or an option is wrong or of no use.
    """
    if (path / MANIFEST).exists():
        if options != ExportOptions() or import_options != ImportOptions() or expect is not None:
            raise InputError(
                f"{path}: is already exported, so its integers are fixed; give the model file to use "
                "these options"
            )
        return inspect_artifact(path).graph
    source, held = read_network_file(path), None
    model = load_network(path, import_options, options.payload_max, source)
    if expect is not None:
        held = hold_file(model, source, path.name, import_options, expect, options.payload_max)
    if isinstance(model, ImportedGraph):
        if options != ExportOptions(payload_max=options.payload_max):
            raise InputError(f"{path}: {OF_LAVA_DL}; leave out these options")
        return model.graph
    if isinstance(model, QuantizedGraph):
        if options != ExportOptions():
            raise InputError(f"{path}: {INTEGERS}; leave out these options")
        return model
    graph = integers_of(real_numbers(model, options), options)
    for text in () if held is None else sentences(held.record(graph)):
        say(text)
    return graph


def check_fit(graph: QuantizedGraph, target: Target) -> Fit:
    """Whether `graph` fits `target`. All changes are tried on the graph; those that are estimates say so.

    Of a graph that is no chain, only relays are tried.
    """
    if not graph.is_chain:
        return _fit_graph(graph, target)
    limits, changes, use = target.limits, list[str](), ""
    found = list(lasting_problems(graph, limits))
    neurons = _neurons(graph)

    def fit(cores: int | None = None) -> Fit:
        return Fit(target.name, tuple(changes), tuple(found), cores, neurons, use)

    try:
        legal, later = _within_range(graph, target, changes)
        neurons = _neurons(legal)
        if limits.delays_per_source is not None:
            split, layers = split_size(legal)
            neurons += split
            if split:
                changes.append(_relays("one delay a source", split, split, layers))
        if later:
            changes.append(
                f"{later} step more for every delay, as {limits.delay_min} is the shortest: each layer, also "
                "of relays, acts as much later, and its biases must start as late (equal after a shift)"
            )
        if found:  # the rest takes memory and would change nothing
            return fit()
        if limits.delays_per_source is not None:
            legal = split_sources(legal)
        decaying = (legal if limits.decay_bits else graph).layers
        legal = shifted(legal, {layer.name for layer in decaying}, later)
        check_limits(legal, limits)
        target.check(legal)
        use = target.use(legal, target.settings) if target.use else ""
        network = network_of(legal)
        partition, _ = divide(network, target, uniform(legal).spikes)
    except LimitError as error:
        found.append(str(error))
        return fit()
    changes += _axon_types(legal, limits)
    changes += _splitters(network, partition, limits)
    return fit(partition.cores if target.chip else None)


def overflow(graph: QuantizedGraph, fewer: int | None = None) -> str | None:
    """Why an export of `graph` is refused, where the proof of its ranges fails; None if it holds.

    `fewer`: the weight bits with which it holds; None if it does with none.
    """
    try:
        prove(graph, lambda names: None if fewer is None else (fewer,))
    except RangeProofError as error:
        return str(error)
    return None


def fewer_bits(
    path: Path, options: ExportOptions, import_options: ImportOptions, target: Target
) -> int | None:
    """The most weight bits, fewer than in `options`, with which `path` fits `target` and cannot overflow."""
    now = options.weight_bits if isinstance(options.weight_bits, int) else max(options.weight_bits)
    for bits in range(now - 1, WEIGHT_BITS_MIN - 1, -1):
        with suppress(SnncError):  # its integers are fixed, or so few bits hold none
            graph = graph_of(path, replace(options, weight_bits=bits), import_options)
            if check_fit(graph, target).fits and overflow(graph) is None:
                return bits
    return None


def _fit_graph(graph: QuantizedGraph, target: Target) -> Fit:
    """Of a graph that is no chain: with relays, where its delays need them."""
    by_levels = target.levels is not None
    found = list(graph_problems(graph, target.limits, delays=False))
    legal, changes, cores, use = graph, list[str](), None, ""
    try:
        legal = Legalise(target, relays=True).run(graph)
        if any(more := [added(graph, legal)[f"{what}_added"] for what in OF_GRAPH]):
            longest = max(each.synapses.max_delay for each in graph.projections)
            changes.append(_relays(f"delays of up to {longest}", *more, what=OF_GRAPH[-1]))
        found += list(graph_problems(legal, target.limits, delays=not by_levels)) if not found else []
        if not found:
            target.check(legal)
            use = target.use(legal, target.settings) if target.use else ""
            cores = cores_needed(legal, target)
    except LimitError as error:
        found.append(str(error))
    neurons = sum(each.neurons for each in legal.stateful)
    return Fit(target.name, tuple(changes), tuple(found), cores if target.chip else None, neurons, use)


def _within_range(graph: QuantizedGraph, target: Target, changes: list[str]) -> tuple[QuantizedGraph, int]:
    """`graph` with relays for delays beyond the range of `target`, and by how much every delay must grow."""
    limits = target.limits
    longest = max(layer.max_delay for layer in graph.layers)
    several = limits.delays_per_source is not None and split_size(graph)[0] > 0
    # Relays have delays of 0 too.
    zeros = several or longest > limits.delay_max or shortest_delay(graph) < limits.delay_min
    later = limits.delay_min if zeros else 0
    narrowed = replace(limits, delay_max=limits.delay_max - later, delay_slots=limits.delay_slots - later)
    legal = Legalise(replace(target, limits=narrowed), relays=True).run(graph)
    more = added(graph, legal)
    if more["layers_added"]:
        changes.append(_relays(f"delays of up to {longest}", *(more[f"{what}_added"] for what in ADDED)))
    return legal, later


def shifted(graph: QuantizedGraph, decaying: set[str], later: int) -> QuantizedGraph:
    """Every delay `later` steps longer. Layers whose names are not in `decaying` are relays without decay.

    v of a relay is 0 after every step, so it needs none where no state can be multiplied.
    """
    return graph.with_layers(
        replace(layer, delay=layer.delay + later, decay_v=layer.decay_v if layer.name in decaying else 0)
        for layer in graph.layers
    )


def _relays(why: str, neurons: int, synapses: int, layers: int, *, what: str = ADDED[-1]) -> str:
    return f"relays for {why}: {neurons} neurons, {synapses} synapses, {layers} {what} more (exact)"


def shortest_delay(graph: QuantizedGraph) -> int:
    """Of all synapses; a large number if there is none."""
    present = [layer.delay[layer.weight != 0] for layer in graph.layers]
    return min(int(delay.min(initial=np.iinfo(np.int32).max)) for delay in present)


def _axon_types(graph: QuantizedGraph, limits: Limits) -> Iterator[str]:
    """Sources that need several axons, where all synapses of an axon find their weight by its type."""
    if limits.weights_per_neuron is None:
        return
    most = limits.weights_per_neuron  # types, of each of which a source has one axon
    more = [
        min(len(np.unique(column[column != 0])), most) - 1
        for layer in graph.layers
        for column in layer.weight.T
        if np.count_nonzero(column)
    ]
    if any(more):
        yield (
            f"types of axons: {np.count_nonzero(more)} sources have several weights, which takes up to "
            f"{sum(more)} more axons and copies of spikes (estimate, not among the cores here)"
        )


def _splitters(network: Network, partition: Partition, limits: Limits) -> Iterator[str]:
    """Neurons that copy spikes, where a neuron cannot reach all the cores that listen to it."""
    if limits.axons_out_per_neuron is None:
        return
    counts, copies = all_counts(network, partition), 0
    for index in range(len(network)):
        reached = listeners(counts, network, index)
        copies += int(reached[reached > limits.axons_out_per_neuron].sum())
    if copies:
        yield (
            f"splitters: {copies} neurons that copy spikes, as cores that a neuron reaches are limited to "
            f"{limits.axons_out_per_neuron}; they take cores and a step each (estimate, not counted here)"
        )


def _neurons(graph: QuantizedGraph) -> int:
    return sum(layer.neurons for layer in graph.layers)
