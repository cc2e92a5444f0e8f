"""One sample of a population: what one side recorded, and what arrived there by that side's own record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from snnc.stages import QuantizedGraph
from snnc.stages.population import INPUT
from snnc.verification.diagnosis.graphs.population_model import PopulationModel, Record, predicted
from snnc.verification.diagnosis.graphs.wires import Signals, Wires, delivered, deliveries
from snnc.verification.diagnosis.layer_model import Integers
from snnc.verification.diagnosis.observed import Observed, State

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """`record` [T, neurons] by variable; what the sources sent, and what inputs held, also after their end.

    `last`, `sent_before`: the same of the end of the sample before, and of what was sent in it; None if that
    is not known. `wired`: what the projections of the contract deliver, int32 [T, neurons].
    """

    record: Record
    signals: Signals
    uncut: Signals
    last: Record | None = None
    sent_before: Signals | None = None
    wired: dict[Wires, npt.NDArray[np.int32]] = field(default_factory=dict)


def missing(graph: QuantizedGraph, name: str, observed: Observed) -> str | None:
    """Why a population cannot be computed again from what is held of one sample, or None."""
    sides = observed.expected, observed.found
    for each in (graph.population(name), *(graph.population(source) for source in _sources(graph, name))):
        if each.model == INPUT:
            if observed.inputs is None:
                return "the input is not held"
            continue
        wanted = variables(graph, each.name) if each.name == name else ["spikes"]
        for side in sides:
            state = side[graph.trace_index(each.name)]
            lacks = [variable for variable in wanted if variable not in state and each.model != "li"]
            lacks += [variable for variable in ("u", "v") if variable in wanted and variable not in state]
            if lacks:
                return f"{lacks[0]} of {each.name} is not held of both sides"
            if any(len(values) != graph.time_steps for values in state.values()):
                return f"not all of the {graph.time_steps} steps are held, and a population starts from rest"
    return None


def variables(graph: QuantizedGraph, name: str) -> list[str]:
    """What a population records: u, v, spikes, and w of `adlif`."""
    adapts = graph.population(name).decay_w is not None
    return ["u", *(["w"] if adapts else []), "v", "spikes"]


def sample(graph: QuantizedGraph, name: str, observed: Observed, model: PopulationModel) -> Sample:
    """What was found of the population `name`, of which `model` is the contract's."""
    signals, uncut = _signals(graph, name, observed)
    record = _record(graph, name, observed)
    old, before = observed.before, None
    last = None
    if old is not None and missing(graph, name, old) is None:
        last = {key: values[-1] for key, values in _record(graph, name, old).items()}
        before = _signals(graph, name, old)[0]
    made = Sample(record, signals, uncut, last, before)
    everyone = np.arange(model.size)
    for wires in model.wires:
        made.wired[wires] = delivered(wires, signals[wires.source], None, everyone, model.size).astype(
            np.int32
        )
    return made


def events(graph: QuantizedGraph, name: str, observed: Observed, model: PopulationModel) -> int:
    """How many additions one sample takes."""
    signals, _ = _signals(graph, name, observed)
    return sum(deliveries(wires, signals[wires.source]) for wires in model.wires)


def sums(model: PopulationModel, of: Sample, rows: Integers) -> Integers:
    """What the synapses deliver at neurons `rows`, int64 [T, rows]."""
    total = np.zeros((len(of.record["u"]), len(rows)), np.int64)
    for wires in model.wires:
        if wires in of.wired:
            total += of.wired[wires][:, rows]
            continue
        signal = (of.uncut if wires.after_end else of.signals)[wires.source]
        earlier = None if of.sent_before is None else of.sent_before[wires.source]
        total += delivered(wires, signal, earlier, rows, model.size)
    return total


def gives(model: PopulationModel, of: Sample, rows: Integers) -> Record:
    """What `model` makes of each step of neurons `rows`; see `predicted`."""
    some = replace(model, numbers=part(model.numbers, rows))
    record = {name: values[:, rows] for name, values in of.record.items()}
    last = None if of.last is None else {name: values[rows] for name, values in of.last.items()}
    return predicted(some, record, last, sums(model, of, rows))


def explains(model: PopulationModel, of: Sample, rows: Integers) -> Mask:
    """Which of the neurons `rows` `model` gives in every step, in all variables."""
    found = gives(model, of, rows)
    same = [(found[name] == values[:, rows]).all(axis=0) for name, values in of.record.items()]
    return np.logical_and.reduce(same)


def part(numbers: Mapping[str, Integers], rows: Integers) -> dict[str, Integers]:
    return {name: values[rows] for name, values in numbers.items()}


def _sources(graph: QuantizedGraph, name: str) -> list[str]:
    return list(dict.fromkeys(each.source for each in graph.into(name)))


def _record(graph: QuantizedGraph, name: str, observed: Observed) -> dict[str, Integers]:
    state = observed.found[graph.trace_index(name)]
    record = {key: np.asarray(state[key]).astype(np.int64) for key in variables(graph, name) if key in state}
    return {**record, "spikes": record.get("spikes", np.zeros_like(record["u"]))}


def _signals(graph: QuantizedGraph, name: str, observed: Observed) -> tuple[Signals, Signals]:
    """What arrived as the side at fault has it, and the same with inputs that go on after their end."""
    signals, uncut = dict[str, Integers](), dict[str, Integers]()
    for source in _sources(graph, name):
        if graph.population(source).model == INPUT:
            assert observed.inputs is not None
            uncut[source] = observed.inputs[:, graph.lines(source)].astype(np.int64)
            signals[source] = uncut[source].copy()
            signals[source][graph.end(source) :] = 0
        else:
            state: State = observed.found[graph.trace_index(source)]
            signals[source] = uncut[source] = np.asarray(state["spikes"]).astype(np.int64)
    return signals, uncut
