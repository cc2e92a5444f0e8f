"""What programs tell of the network that they hold, against the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from snnc import SEMANTICS_VERSION
from snnc.errors import StageError
from snnc.provenance import graph_hash
from snnc.stages import Answer, AnswerDifference, QuantizedGraph
from snnc.stages.trace import Fact
from snnc.text import quoted

FACT = "fact"

FACTS: dict[str, Callable[[QuantizedGraph], Fact]] = {
    "semantics_version": lambda graph: SEMANTICS_VERSION,
    "graph_hash": graph_hash,
    "layers": lambda graph: len(graph.layers),
    "layer_names": lambda graph: tuple(layer.name for layer in graph.layers),
    "neurons": lambda graph: sum(layer.neurons for layer in graph.layers),
    "inputs": lambda graph: graph.inputs,
    "classes": lambda graph: graph.layers[-1].neurons,
    "time_steps": lambda graph: graph.time_steps,
    "bin_s": lambda graph: graph.bin_s,
    "payload_max": lambda graph: graph.payload_max,
    "readout_scale": lambda graph: graph.readout_scale,
}
"""Name of a fact in `Answer.facts` -> what it is; seconds of a step for `bin_s`."""


def fact_differences(graph: QuantizedGraph, answer: Answer, split: str) -> Iterator[AnswerDifference]:
    """Every fact of `answer` that is not the graph's, in the order of `FACTS`.

    Raises
    ------
    StageError
        If one has a name that is not in `FACTS`.
    """
    told = answer.facts or {}
    if unknown := sorted(set(told) - set(FACTS)):
        raise StageError(f"answer of {answer.by}: unknown facts {', '.join(unknown)}")
    for name, of in FACTS.items():
        if name in told and told[name] != (right := of(graph)):
            what = f"{name} of the network"
            look_at = "what the program tells of its network: states do not depend on it"
            words = quoted(right), quoted(told[name])
            yield AnswerDifference(answer.by, split, None, FACT, what, *words, look_at)
