"""What programs tell of the network that they hold, against the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from snnc.errors import StageError
from snnc.provenance import graph_hash, semantics_version
from snnc.stages import Answer, AnswerDifference, Population, QuantizedGraph, Readout
from snnc.stages.population import ADLIF, INPUT
from snnc.stages.trace import Fact
from snnc.text import quoted

FACT = "fact"

OF_NETWORK: dict[str, Callable[[QuantizedGraph], Fact]] = {
    "semantics_version": semantics_version,
    "graph_hash": graph_hash,
    "layers": lambda graph: len(graph.stateful),
    "layer_names": lambda graph: tuple(each.name for each in graph.stateful),
    "neurons": lambda graph: sum(each.neurons for each in graph.stateful),
    "adapted": lambda graph: sum(each.neurons for each in graph.stateful if each.model == ADLIF),
    "inputs": lambda graph: graph.inputs,
    "input_names": lambda graph: tuple(each.name for each in _inputs(graph)),
    "input_lines": lambda graph: tuple(str(each.neurons) for each in _inputs(graph)),
    "populations": lambda graph: len(graph.populations),
    "population_names": lambda graph: tuple(each.name for each in graph.populations),
    "models": lambda graph: tuple(each.model for each in graph.populations),
    "order": lambda graph: graph.order,
    "projections": lambda graph: len(graph.projections),
    "synapses": lambda graph: sum(each.synapses.count for each in graph.projections),
    "readouts": lambda graph: len(graph.readouts),
    "readout_names": lambda graph: tuple(each.population for each in graph.readouts),
    "decoders": lambda graph: tuple(each.decoder for each in graph.readouts),
    "time_steps": lambda graph: graph.time_steps,
    "bin_s": lambda graph: graph.bin_s,
    "payload_max": lambda graph: max((each.payload_max or 0 for each in graph.populations), default=0),
    "payload_maxes": lambda graph: tuple(str(each.payload_max) for each in _inputs(graph)),
}
"""Name of a fact in `Answer.facts` -> what it is.

`layers` are the populations with a state, those of a trace; `adapted` counts neurons with a w, `inputs` the
lines of all inputs; `bin_s` is in seconds of a step; `payload_max` is the largest of all inputs, 0 without
inputs. `input_lines` and `payload_maxes` are one for each input, as text.
"""

OF_READOUT: dict[str, Callable[[QuantizedGraph, Readout], Fact]] = {
    "classes": lambda graph, readout: len(readout.class_names),
    "readout_scale": lambda graph, readout: _scale(readout),
    "decoder": lambda graph, readout: readout.decoder,
    "end": lambda graph, readout: graph.end(readout.population),
}
"""Those of the readout that the answer is of."""


def fact_differences(graph: QuantizedGraph, answer: Answer, split: str) -> Iterator[AnswerDifference]:
    """Every fact of `answer` that is not the graph's, in the order of `OF_NETWORK` and `OF_READOUT`.

    Raises
    ------
    StageError
        If one has a name that is in neither, or is of a readout and the answer does not say of which.
    """
    told = answer.facts or {}
    if unknown := sorted(set(told) - set(OF_NETWORK) - set(OF_READOUT)):
        raise StageError(f"answer of {answer.by}: unknown facts {', '.join(unknown)}")
    right = {name: of(graph) for name, of in OF_NETWORK.items() if name in told}
    right |= {name: of(graph, _readout(graph, answer)) for name, of in OF_READOUT.items() if name in told}
    for name, expected in right.items():
        if told[name] != expected:
            what = f"{name} of the network" if answer.of is None else f"{name} of {answer.of}"
            what = what if name in OF_READOUT else f"{name} of the network"
            look_at = "what the program tells of its network: states do not depend on it"
            words = quoted(expected), quoted(told[name])
            yield AnswerDifference(answer.by, split, None, FACT, what, *words, look_at)


def _inputs(graph: QuantizedGraph) -> list[Population]:
    return [each for each in graph.populations if each.model == INPUT]


def _readout(graph: QuantizedGraph, answer: Answer) -> Readout:
    if answer.of is None and len(graph.readouts) == 1:
        return graph.readouts[0]
    for each in graph.readouts:
        if each.population == answer.of:
            return each
    raise StageError(f"answer of {answer.by}: facts of a readout, but it does not say of which; name it")


def _scale(readout: Readout) -> Fact:
    """One number, or in words one for each class; "none" of a decoder of spikes."""
    if readout.scale is None:
        return "none"
    return readout.scale if isinstance(readout.scale, float) else tuple(map(repr, readout.scale.tolist()))
