"""Accuracy of the trained network, of its delays made whole, and of the exported integers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from snnc import decode
from snnc.errors import InputError, LimitError
from snnc.stages import AccuracyStage, Artifact, QuantizedGraph, TrainedModel

if TYPE_CHECKING:
    from snnc.trainer.samples import Samples


def source_model(artifact: Artifact) -> TrainedModel:
    """The trained model that the artifact carries.

    Raises
    ------
    InputError
        If it carries none.
    """
    from snnc.exporter.artifact import SOURCE
    from snnc.trainer.model_file import load_model

    if SOURCE not in artifact.manifest["files"]:
        raise InputError(
            f"{artifact.path}: carries no {SOURCE}, so its data are unknown and accuracy cannot be measured; "
            "`snnc verify --dataset none` compares the executors on golden inputs"
        )
    return load_model(artifact.path / SOURCE)


def load_data(artifact: Artifact, split: str, dataset: str | None) -> Samples:
    """The `split` of the data the model was trained on, found beside the artifact too, or of `dataset`."""
    from snnc.trainer.samples import load_samples

    return load_samples(source_model(artifact), split, dataset, artifact.path.parent)


def trained_stages(model: TrainedModel, data: Samples) -> tuple[AccuracyStage, ...]:
    """Accuracy in floating point.

    "float": the network with Gaussian delay kernels, as far as training kept it; "rounded": the same
    weights with its delays rounded and nothing else done; "finished": the final network with whole
    delays, after training measured its statistics again and tuned it.
    """
    from snnc.trainer.inference import scores

    learned = model if model.gaussian is None else replace(model, layers=model.gaussian)
    networks = [("float", learned, False), ("rounded", learned, True)]
    if model.gaussian is not None:
        networks.append(("finished", model, True))
    stages = []
    for name, network, rounded in networks:
        correct = sum(
            int((scores(network, spikes, rounded).argmax(axis=1) == labels).sum())
            for spikes, labels in data.batches()
        )
        stages.append(AccuracyStage(name, data.name, correct, len(data)))
    return tuple(stages)


def stages(artifact: Artifact, data: Samples) -> tuple[AccuracyStage, ...]:
    """The stages of `trained_stages`, and of the integers by the event-driven simulator.

    "quantised": the exported network. Where training finished it in integers, "quantised only" is before it
    what export would have made of the network without that.
    """
    model = source_model(artifact)
    graphs = {"quantised only": _without_finish(artifact, model), "quantised": artifact.graph}
    found = [_quantised(name, graph, data) for name, graph in graphs.items() if graph is not None]
    return (*trained_stages(model, data), *found)


def _quantised(name: str, graph: QuantizedGraph, data: Samples) -> AccuracyStage:
    from snnc.hwsim.event_driven import readout

    correct = 0
    for spikes, labels in data.batches():
        found = decode.classes(readout(graph, spikes), graph.readout_scale)
        correct += int((np.asarray(found) == labels).sum())
    return AccuracyStage(name, data.name, correct, len(data))


def _without_finish(artifact: Artifact, model: TrainedModel) -> QuantizedGraph | None:
    """The model's whole-delay network rounded to the artifact's weight bits, on the finest grids.

    None where the artifact is just that, or the network has no such integers.
    """
    from snnc.exporter.discretise import discretise
    from snnc.exporter.quantise import choose_grids, quantise_on

    record = artifact.manifest["provenance"]
    named, discrete = record.get("weight_bits") or {}, discretise(model)
    bits = [named[layer.name] for layer in discrete.layers if layer.name in named]
    if not record.get("finished_in_training") or len(bits) < len(discrete.layers):
        return None
    try:
        return quantise_on(discrete, choose_grids(discrete, bits))
    except LimitError:
        return None
