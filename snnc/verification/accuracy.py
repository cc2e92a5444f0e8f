"""Accuracy of the trained network, of its delays made whole, and of the exported integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.batches import batches
from snnc.decoding.decoder import decoders
from snnc.errors import LimitError, StageError
from snnc.exporter.artifact import source_model
from snnc.exporter.finetune.teacher import float_answers_of
from snnc.exporter.options import ExportOptions
from snnc.exporter.passes import Prune, before, run_passes
from snnc.saturated import Saturated
from snnc.stages import AccuracyStage, Artifact, FloatGraph, QuantizedGraph, TrainedGraph, TrainedModel
from snnc.stages.findings import Confusion
from snnc.targets.registry import target_of
from snnc.text import shell
from snnc.trainer.data.splits import SHARED
from snnc.trainer.fitting_data import UnlabelledError
from snnc.trainer.other_data import fingerprint
from snnc.verification.groups import groups
from snnc.verification.label_order import are_numbers, other_order
from snnc.verification.sample_origin import strangers
from snnc.verification.tuned_samples import exported_model

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset
    from snnc.trainer.samples import Samples
    from snnc.verification.spike_input import SpikeInput

Classes = npt.NDArray[np.int64]

MOST_CLASSES = 1000
"""Of a table of confusions."""


def load_data(
    artifact: Artifact, dataset: str | EventDataset | None, splits: Sequence[str], some: bool = False
) -> list[Samples]:
    """The `splits` of the data the model was trained on, found beside the artifact too, or of `dataset`.

    `some`: those without a label are left out.
    """
    from snnc.trainer.samples import load_splits

    try:
        return load_splits(exported_model(artifact), splits, dataset, artifact.beside, some=some)
    except UnlabelledError as error:
        if not isinstance(dataset, str):
            raise
        run, verify = (shell("snnc", each, artifact.path, "--input", dataset) for each in ("run", "verify"))
        remedy = f"`{run}` tells their classes, `{verify}` compares on them"
        raise UnlabelledError(f"event data '{dataset}' has no labels; {remedy}") from error


def order_of(data: Samples, decoded: Classes) -> str | None:
    """That the labels of data, which are not the model's own, seem to be of classes in another order."""
    names = data.events.class_names
    if data.other is None or len(names) > MOST_CLASSES:
        return None
    return other_order(_counts(data.events.labels, decoded, len(names)), names, _by_name(data, names))


def order_in(data: Samples, made: Confusion | None) -> str | None:
    """As `order_of`, by the confusions `made` of `data`."""
    if data.other is None or made is None:
        return None
    return other_order(list(made.counts.values()), made.classes, _by_name(data, made.classes))


def _by_name(data: Samples, classes: Sequence[str]) -> bool:
    """Whether labels were found among `classes` by their names."""
    return not are_numbers(classes) and not (data.other is not None and data.other.counted)


def trained_stages(model: TrainedModel | TrainedGraph, data: Samples) -> tuple[AccuracyStage, ...]:
    """Accuracy in floating point.

    "float": the network with Gaussian delay kernels, as far as training kept it; "rounded": the same
    weights with its delays rounded and nothing else done; "finished": the final network with whole
    delays, after training measured its statistics again and tuned it. Of a network that is no chain, the
    last alone is kept.
    """
    return stages_of(trained_classes(model, data), data)


def stages(artifact: Artifact, data: Samples) -> tuple[AccuracyStage, ...]:
    """The stages of `trained_stages`, and of the integers by the event-driven simulator.

    "quantised": the exported network. Where training finished it in integers, "quantised only" is before it
    what export would have made of the network without that.
    """
    return stages_and_confusion(artifact, data)[0]


def stages_and_confusion(
    artifact: Artifact, data: Samples
) -> tuple[tuple[AccuracyStage, ...], Confusion | None]:
    """What `stages` gives, and what the exported network takes each class for."""
    found = exported_classes(artifact, data)
    made = confusion(artifact.graph, found["quantised"], data)
    if made is not None:
        spoken = groups("quantised", found["quantised"], data.events).speakers
        by_speaker = {each.name: (each.correct, each.total) for each in spoken}
        made = replace(
            made,
            speakers=by_speaker,
            strangers=_strangers(artifact, data) if by_speaker else None,
            recordings=fingerprint(data.events),
        )
    return stages_of(found, data), made


def _strangers(artifact: Artifact, data: Samples) -> bool | None:
    """Whether none of the speakers of `data` trained the network; None where that is not known."""
    if data.other is not None:
        return strangers(artifact, data.events, data.other.doubtful)
    part, _, remark = data.name.partition(" (")
    return part != "train" and remark.partition(")")[0] not in SHARED


def exported_classes(
    artifact: Artifact, data: Samples, saturated: Saturated | None = None
) -> dict[str, Classes]:
    """The class that each of `stages` gives to each recording; `saturated` counts in the exported network."""
    model = source_model(artifact)
    found = trained_classes(model, data)
    if (graph := _without_finish(artifact, model)) is not None:
        found["quantised only"] = _integer_classes(graph, (spikes for spikes, _ in data.batches()))
    found["quantised"] = _integer_classes(artifact.graph, (spikes for spikes, _ in data.batches()), saturated)
    return found


def of_input(
    graph: QuantizedGraph,
    given: SpikeInput,
    name: str,
    reals: Mapping[str, FloatGraph] = MappingProxyType({}),
    speakers: Sequence[str] = (),
) -> tuple[tuple[AccuracyStage, ...], Confusion | None]:
    """Accuracy and confusions of the integers on labelled samples that a user gives, called `name`.

    Before it the accuracy of `reals`, by stage: the network that the integers were made of, where it is at
    hand, and what that was fine-tuned from. Of a network with several readouts: of the first. `speakers`: of
    each sample, if known.
    """
    from snnc.verification.groups import by_speaker

    assert given.labels is not None
    decoded: dict[str, Classes] = {}
    for stage, real in reals.items():
        decoded[stage] = _gathered(
            float_answers_of(real, given[part])[:, 0] for part in batches(graph, len(given))
        )
    decoded["quantised"] = _integer_classes(graph, (given[part] for part in batches(graph, len(given))))
    found = _compared(decoded, given.labels, name)
    made = _confusion(graph, decoded["quantised"], given.labels, name)
    if made is not None:
        made = replace(made, speakers=by_speaker(speakers, decoded["quantised"] == given.labels))
    return found, made


def confusion(graph: QuantizedGraph, decoded: Classes, data: Samples) -> Confusion | None:
    """The recordings of `data` by their class and by what they were `decoded` as, int64 [recordings].

    None for more than `MOST_CLASSES`, the square of which a report does not hold.
    """
    return _confusion(graph, decoded, data.events.labels, data.name)


def _confusion(graph: QuantizedGraph, decoded: Classes, labels: Classes, name: str) -> Confusion | None:
    names = graph.readouts[0].class_names
    if len(names) > MOST_CLASSES:
        return None
    rows = _counts(labels, decoded, len(names)).tolist()
    return Confusion(name, names, {name: tuple(row) for name, row in zip(names, rows, strict=True)})


def _counts(labels: Classes, decoded: Classes, classes: int) -> Classes:
    """Samples by label and by what they are `decoded` as."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, decoded), 1)
    return counts


def trained_classes(model: TrainedModel | TrainedGraph, data: Samples) -> dict[str, Classes]:
    """The class that each stage in floating point gives to each recording."""
    if isinstance(model, TrainedGraph):
        parts = (float_answers_of(model.graph, spikes)[:, 0] for spikes, _ in data.batches())
        return {"finished": _gathered(parts)}
    from snnc.trainer import buffers
    from snnc.trainer.inference import scores

    learned = model if model.gaussian is None else replace(model, layers=model.gaussian)
    networks = {"float": (learned, False), "rounded": (learned, True)}
    if model.gaussian is not None:
        networks["finished"] = (model, True)
    found = {
        name: _gathered(scores(network, spikes, rounded).argmax(axis=1) for spikes, _ in data.batches())
        for name, (network, rounded) in networks.items()
    }
    buffers.release()  # what follows is in integers
    return found


def _integer_classes(
    graph: QuantizedGraph, parts: Iterable[npt.NDArray[np.uint8]], saturated: Saturated | None = None
) -> Classes:
    first = decoders(graph)[0]
    counted = saturated or Saturated.none_yet(graph)
    if not graph.is_chain:
        from snnc.trainer.integer_model import run_graph

        def of_graph(spikes: npt.NDArray[np.uint8]) -> Classes:
            layers = run_graph(graph, spikes).layers
            counted.add_layers(layers)
            return first.classes(first.record(layers))

        return _gathered(map(of_graph, parts))
    from snnc.hwsim.event_driven import summarise

    def of_chain(spikes: npt.NDArray[np.uint8]) -> Classes:
        found = summarise(graph, spikes)
        counted.add(len(spikes), (found.u_wraps + found.v_clips).tolist())
        return first.classes(found.readout)

    return _gathered(map(of_chain, parts))


def _gathered(parts: Iterable[npt.NDArray[Any]]) -> Classes:
    return np.concatenate([np.zeros(0, np.int64), *parts])


def stages_of(decoded: dict[str, Classes], data: Samples) -> tuple[AccuracyStage, ...]:
    return _compared(decoded, data.events.labels, data.name)


def _compared(decoded: dict[str, Classes], labels: Classes, split: str) -> tuple[AccuracyStage, ...]:
    """A stage an entry, each compared with the first and the last one recording by recording."""
    first, *_, last = [*decoded.values()] * 2
    return tuple(
        AccuracyStage(
            name,
            split,
            int((own == labels).sum()),
            len(labels),
            lost=int(((first == labels) & (own != labels)).sum()),
            moved=int((first != own).sum()),
            lost_at_end=int(((own == labels) & (last != labels)).sum()),
        )
        for name, own in decoded.items()
    )


def _without_finish(artifact: Artifact, model: TrainedModel | TrainedGraph) -> QuantizedGraph | None:
    """The model's whole-delay network rounded to the artifact's weight bits, on the finest grids.

    None where the artifact is just that, or the network has no such integers.
    """
    from snnc.exporter.plan import plan_export

    record = artifact.manifest["provenance"]
    named = record.get("weight_bits") or {}
    network = model.graph if isinstance(model, TrainedGraph) else model
    parts = network.stateful if isinstance(network, FloatGraph) else network.layers
    bits = tuple(named[each.name] for each in parts if each.name in named)
    finished = record.get("finished_in_training") or record.get("finished_in_integers")
    if not finished or len(bits) < len(parts):
        return None
    most = max(each.payload_max or 1 for each in artifact.graph.populations)
    # A scale that is asked for is not the one of training.
    options = ExportOptions(weight_bits=bits, scale="max", payload_max=most)
    try:
        target = target_of(artifact.target) if isinstance(network, FloatGraph) else None  # chooses its grids
        plan = plan_export(network, options, target)
        graph: QuantizedGraph = run_passes(network, plan, before(Prune))[-1].after
    except (LimitError, StageError):
        return None
    return graph
