"""What the readouts of a network are to answer of the samples that fine-tune it."""

from __future__ import annotations

from snnc.api.part import Part
from snnc.api.run import decoder_of
from snnc.errors import InputError
from snnc.exporter.finetune.finish import Samples, answers
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph

TEACHER = "to answer as the network in real numbers"


def labelled(graph: QuantizedGraph, readout: str | None, known: bool) -> int:
    """The number of the readout of `graph` that labels are of: that called `readout`, else the first.

    Raises `InputError` if there is none of this name, or no labels are `known`.
    """
    if readout is None:
        return 0
    found = decoder_of(graph, readout).readout
    if not known:
        raise InputError("readout: says which readout the labels are of, and there are none; leave it out")
    return graph.readouts.index(found)


def readouts_told(graph: QuantizedGraph, number: int, known: bool) -> list[str]:
    """What each of several readouts is trained to, a line; empty of a network with one."""
    if len(graph.readouts) == 1:
        return []
    names = [each.population for each in graph.readouts]
    if not known:
        told = f"all {len(names)} readouts train, {', '.join(names)}, {TEACHER}"
    else:
        own, others = names[number], ", ".join(name for name in names if name != names[number])
        told = f"readout {own} trains on the labels, {others} {TEACHER} (readout= names another)"
    return [f"{told}; a sample is right where all readouts are"]


def training(part: Part, network: FloatGraph | DiscreteModel, number: int) -> Samples:
    """With labels for all readouts; what is not labelled is answered in real numbers."""
    if part.labels is not None and (isinstance(network, DiscreteModel) or len(network.readouts) == 1):
        return Samples(part.events, part.labels[:, None])
    return validating(part, network, number)


def validating(part: Part, network: FloatGraph | DiscreteModel, number: int) -> Samples:
    """As `training`, with the answers in real numbers of all samples. Labels are of the readout `number`."""
    told = answers(network, part.events)
    wanted = told.copy()
    if part.labels is not None:
        wanted[:, number] = part.labels
    return Samples(part.events, wanted, told)
