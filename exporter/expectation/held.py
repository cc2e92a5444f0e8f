"""`--expect`: a network that was read, held against recorded spikes, before anything is quantised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from snnc.batches import check_sample
from snnc.brief import brief
from snnc.errors import InputError
from snnc.exporter.expectation.agreement import Agreement, first_place, why
from snnc.exporter.expectation.causes import causes_of
from snnc.exporter.expectation.readings import OfFile, Readings, float_graph
from snnc.exporter.expectation.recorded import Recorded, read_recorded
from snnc.exporter.expectation.replay import Spikes
from snnc.exporter.expectation.rounding import changed_places
from snnc.exporter.float_reference import run_float
from snnc.exporter.nir.importer import Imported, ImportOptions
from snnc.percent import percent
from snnc.stages import FloatGraph, QuantizedGraph

AT_LEAST = 0.999
"""The least share of equal places of a population, if none is told."""
ROUNDED = "different_when_rounded"
"""In the record of a population, in how many places the integers spike otherwise."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Expect:
    """What the user gives: the file, and the least share, 0 .. 1, of places that must agree."""

    __repr__ = brief

    path: Path
    at_least: float | None = None

    @property
    def least(self) -> float:
        return AT_LEAST if self.at_least is None else self.at_least

    def check(self) -> None:
        """Raise `InputError` for an impossible share."""
        if not 0 <= self.least <= 1:
            raise InputError(f"--expect-at-least {self.least:g}: give a share, 0 .. 1")


@dataclass(frozen=True, slots=True)
class Held:
    """A network held against `source`, which names it, on `events` uint8 [N, T, lines].

    `agreement` is of each population that was recorded; `alone`: of those that spike, the spikes of the
    network that computes all by itself, bool [N, T, neurons]. `others`: where they differ on other events,
    and the user allows it, in words.
    """

    __repr__ = brief

    source: Mapping[str, str]
    events: npt.NDArray[np.uint8]
    agreement: tuple[Agreement, ...]
    alone: Mapping[str, npt.NDArray[np.bool_]]
    others: tuple[str, ...] = ()

    def record(self, graph: QuantizedGraph) -> dict[str, Any]:
        """For the manifest; `graph` is what became of the network."""
        rounded = changed_places(graph, self.events, self.alone)
        populations = {}
        for each in self.agreement:
            row: dict[str, Any] = {
                "places": each.total,
                "different": each.different,
                "through": each.through,
                "spikes": each.spikes,
            }
            if each.first is not None:
                row |= {"first": list(each.first), "causes": list(each.causes)}
            if each.population in rounded:
                row[ROUNDED] = rounded[each.population]
            populations[each.population] = row
        found = {**self.source, "recordings": len(self.events), "populations": populations}
        given = max((each.of for each in self.agreement), default=0)
        found |= {"recordings_given": given} if given > len(self.events) else {}
        return found | ({"other_events": list(self.others)} if self.others else {})


def hold_file(
    network: object,
    data: bytes,
    name: str,
    options: ImportOptions,
    expect: Expect,
    payload_max: int,
    progress: Progress = lambda message: None,
) -> Held:
    """Hold `network`, which was read with `options` from the NIR file `name` with the content `data`.

    Raises
    ------
    InputError
        If it is of another file, what is expected cannot be read or does not fit it, or agreement is less
        than `expect` says.
    LimitError
        If the states of one recording take too much memory.
    """
    expect.check()
    if not isinstance(network, Imported):
        raise InputError(
            f"--expect {expect.path}: is for a NIR file of another framework, which {name} is not; leave it "
            "out"
        )
    graph = float_graph(network)
    check_sample(graph)
    held = hold(graph, read_recorded(expect.path, graph, payload_max), OfFile(data, name, options), progress)
    refuse_less(held, expect.least)
    return held


def hold(
    graph: FloatGraph,
    recorded: Recorded,
    readings: Readings,
    progress: Progress = lambda message: None,
) -> Held:
    """Compare `graph` with `recorded`, and find why they differ where they do."""
    ours: dict[str, list[npt.NDArray[np.uint8]]] = {each.name: [] for each in graph.populations}
    alone: dict[str, list[npt.NDArray[np.bool_]]] = {name: [] for name in recorded.spikes}
    for number, events in enumerate(recorded.events):
        progress(f"comparing with {recorded.name}: recording {number} of {len(recorded.events)}")
        heard = {name: spikes[number] for name, spikes in recorded.spikes.items()}
        for name, trace in run_float(graph, events, heard).items():
            ours[name].append(trace.spikes.astype(np.uint8))  # those of an input are float64
        by_itself = run_float(graph, events)
        for name, spikes in alone.items():
            spikes.append(by_itself[name].spikes.astype(np.bool_))
    forced = {name: np.stack(spikes) for name, spikes in ours.items()}
    through = {name: np.stack(spikes) for name, spikes in alone.items()}
    given: dict[str, Spikes] = {**forced, **recorded.spikes}
    agreement = []
    for name in (each for each in graph.order if each in recorded.spikes):
        theirs = recorded.spikes[name]
        wrong, far = forced[name] != theirs, int((through[name] != theirs).sum())
        each = Agreement(name, wrong.size, int(wrong.sum()), far, int(theirs.sum()), first_place(wrong))
        each = replace(each, recordings=len(wrong), of=len(wrong))
        if each.different:
            progress(f"looking for what makes {name} spike otherwise")
            each = replace(each, causes=causes_of(graph, name, given, theirs, readings))
        agreement.append(each)
    source = {"file": recorded.name, "sha256": recorded.sha256}
    return Held(source, recorded.events, tuple(agreement), through)


def refuse_less(held: Held, least: float) -> None:
    """Raise `InputError` if less than the share `least` of the places of a population is equal.

    It names each such population, with its first difference and the causes.
    """
    short = [each for each in held.agreement if each.share < least]
    if not short:
        return
    lines = [
        f"{each.population}: agrees with {held.source['file']} in {_share(each)}, although the recorded "
        f"spikes arrive; other {each.where}: {why(each.causes)}"
        for each in short
    ]
    raise InputError(*lines, "Read the file otherwise, or pass --expect-at-least SHARE if that is enough")


def sentences(record: Mapping[str, Any]) -> Iterator[str]:
    """What an export says of `record` (`Held.record`), a line for each population."""
    of_module = "module" in record
    for name, row in record["populations"].items():
        places = row["places"]
        equal = f"{percent(places - row['different'], places)} of {places} places"
        equal += f" with {row['spikes']} spikes" if row["spikes"] is not None else " of v"
        as_module = f"on the example, {name} is as your module in {equal}"
        text = as_module if of_module else f"as recorded: {name}: {equal}"
        if "first" in row:
            recording, step, neuron = row["first"]
            text += f", the first other one in recording {recording}, step {step}, neuron {neuron}"
            text += f": {why(row['causes'])}" if row["spikes"] is not None else ""
        if ROUNDED in row:
            than = "the module" if of_module else "the recordings"
            than = "the network in real numbers" if row["through"] else than
            text += f"; the integers spike as {than} in {percent(places - row[ROUNDED], places)}"
        yield text


def _share(each: Agreement) -> str:
    return f"{percent(each.total - each.different, each.total)} of {each.total} places"
