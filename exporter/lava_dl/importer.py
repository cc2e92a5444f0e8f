"""A network file of lava-dl -> QuantizedGraph, in the meaning that slayer trained and netx runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from snnc.errors import InputError, StageError
from snnc.exporter.lava_dl.builder import Builder
from snnc.exporter.lava_dl.file import read_layers
from snnc.exporter.nir.options import ImportOptions, Note
from snnc.stages import QuantizedGraph

STEP_S = 0.001
"""Seconds of a step where nobody says: a file has no unit of time."""


@dataclass(frozen=True, slots=True)
class ImportedGraph:
    """The network, and what importing it did, in words and numbers for the record."""

    graph: QuantizedGraph
    notes: Mapping[str, Note]


def import_network(data: bytes, name: str, options: ImportOptions, payload_max: int = 1) -> ImportedGraph:
    """Read the content of a network file of lava-dl; `name` is what errors call it.

    `payload_max`: the largest input event.

    Raises
    ------
    InputError
        If the file is damaged, holds what the contract has no place for, or `options` lack what it needs or
        have what it does not; the text names layer and value.
    """
    with _named(name):
        layers = read_layers(data)  # first: of a damaged file, missing options say nothing
        steps = _check(options)
        builder = Builder(payload_max, steps)
        for layer in layers:
            builder.add(layer)
        graph = builder.graph(options.dt or STEP_S, options.decoder)
    notes: dict[str, Note] = {"time_steps": steps, "dt": graph.bin_s, **builder.notes}
    if options.dt is None:
        notes["step_assumed"] = (
            f"a step counts as {1000 * STEP_S:g} ms, since the file names no time; see --dt"
        )
    return ImportedGraph(graph, notes)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors begin with the name of the file; a number beyond the contract's is the file's."""
    try:
        yield
    except (InputError, StageError) as error:
        raise InputError(f"{name}: {error.args[0]}", *error.args[1:]) from error


def _check(options: ImportOptions) -> int:
    """The number of steps. Raises `InputError` if there is none, or an option has no use."""
    if options.round_delays or any((options.reset, options.fires, options.integration)):
        raise InputError(
            "is a network of lava-dl: its delays and steps are whole, its neurons reset to zero and fire "
            "above the threshold; leave out --round-delays, --reset, --fires and --integration"
        )
    if options.time_steps is None:
        raise InputError(
            "a network file of lava-dl does not say how many steps a sample has; pass --time-steps N"
        )
    options.check_time()
    return options.time_steps
