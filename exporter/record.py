"""The record of an export: what every pass changed, what came out, and what the manifest says of both.

Each pass is checked as it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from snnc.exporter.calibration import Calibration, no_counts
from snnc.exporter.delay_costs import delay_costs
from snnc.exporter.manifest import TUNED
from snnc.exporter.nir.importer import Imported
from snnc.exporter.options import ExportOptions, choosing
from snnc.exporter.passes import Step, promised
from snnc.exporter.passes.base import Count, Stage
from snnc.exporter.placement.record import placement_record, traffic_record
from snnc.exporter.ranges.certificate import PopulationRanges, certificate
from snnc.exporter.ranges.prove import overflow_excluded
from snnc.provenance import stage_hash
from snnc.stages import PlacedProgram, TrainedGraph, TrainedModel
from snnc.stages.losses import ExportLosses
from snnc.target import Target
from snnc.trainer import chosen
from snnc.trainer.data import EventDataset
from snnc.trainer.other_data import of_tuned
from snnc.trainer.phases import WITHOUT_GAIN, without_gain
from snnc.tuned import Tuned

MEASURED_ON = "measured_on"
"""In the provenance, why what was measured may not hold: its recordings had a part in what the network is, or
hold no counts."""
MEASURED_DOUBT = "measured_doubt"
"""The same in a few words."""
MEASURED_FILE = "measured_file"
"""The name of the data that were measured in place of the network's own."""
Observer = Callable[[str, Stage], None]


@dataclass(frozen=True, slots=True)
class PassRecord:
    """One pass: the hashes of the stages it read and made, and counts of everything it changed, in words."""

    name: str
    input_sha256: str
    sha256: str
    changes: Mapping[str, Count]

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", MappingProxyType(dict(self.changes)))


class Recorder:
    """Called with every step. `observe` sees every stage that a pass makes.

    Raises
    ------
    PassError
        If a pass does not keep what it promises, with its name.
    """

    def __init__(self, observe: Observer | None = None) -> None:
        self._observe = observe
        self.records: list[PassRecord] = []
        self._last: Stage | None = None

    def __call__(self, step: Step[Any, Any]) -> None:
        done, before, after = step.done, step.before, step.after
        promised(step)
        # Most passes read what the one before made, and hashing a large stage takes a while.
        read = self.records[-1].sha256 if before is self._last else stage_hash(before)
        self.records.append(PassRecord(done.name, read, stage_hash(after), done.summary(before, after)))
        self._last = after
        if self._observe is not None:
            self._observe(done.name, after)


@dataclass(frozen=True, slots=True)
class Compilation:
    """The placed program, its proved `ranges`, what every pass on the way changed, and what was measured.

    `chosen`: plain data, what the passes were run with: `weight_bits` by layer or population, and `pruned`,
    the share of synapses that was left out, by layer or projection. Of a chain also `weight_scale` by layer,
    `finished_in_training`, the layers that are on the grid of training, and `synapses_pruned`, how many went
    from each layer, if any did. `tuned`: what the target made of recordings.
    """

    program: PlacedProgram
    ranges: tuple[PopulationRanges, ...]
    passes: tuple[PassRecord, ...]
    chosen: Mapping[str, Any]
    losses: ExportLosses
    tuned: Tuned | None = None


def manifest_record(
    compiled: Compilation,
    options: ExportOptions,
    model: TrainedModel | TrainedGraph | Imported,
    source: Mapping[str, Any],
    target: Target,
) -> dict[str, Any]:
    """Plain JSON data; `source` names and hashes the model file, and says what it was held against.

    Nothing of the machine is in it, nor any version but that of snnc: an export is the same bytes everywhere.
    """
    provenance = {
        **source,
        **_origin(model),
        "options": asdict(options),
        "passes": passes_record(compiled.passes),
        **compiled.chosen,
    }
    record = program_record(compiled.program, compiled.ranges, target, provenance)
    if (tuned := compiled.tuned) is not None:
        record[TUNED] = {"settings": sorted(tuned.settings), "record": dict(tuned.record)}
    return record


def recordings_record(
    options: ExportOptions,
    dataset: str | EventDataset | None,
    calibration: Calibration | None,
    finetuned: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the provenance says of recordings of other data than the model's own.

    That is which of them bits were chosen by, and whether those measured had a part in what the network is.
    `finetuned`: the record of fine-tuning, of a network without data of its own.
    """
    if dataset is None or calibration is None:
        return {}
    name = Path(dataset).name or dataset if isinstance(dataset, str) else dataset.name
    other = calibration.other
    if finetuned is not None:
        other = of_tuned(name, calibration.spikes, calibration.available, finetuned)
    of_other = other.doubt if other is not None and other.doubtful else None
    found = (of_other, no_counts(calibration, options.payload_max))
    doubts = [each for each in found if each is not None]
    said = {MEASURED_ON: [each.text for each in doubts], MEASURED_DOUBT: [each.short for each in doubts]}
    measured = {key: "; ".join(filter(None, texts)) for key, texts in said.items() if doubts}
    measured[MEASURED_FILE] = name
    return measured | chosen.provenance(choosing(options), name, calibration.spikes)


def passes_record(passes: Sequence[PassRecord]) -> list[dict[str, Any]]:
    """As plain data, in order."""
    return [
        {
            "name": record.name,
            "input_sha256": record.input_sha256,
            "sha256": record.sha256,
            "changes": dict(record.changes),
        }
        for record in passes
    ]


def program_record(
    program: PlacedProgram, ranges: Sequence[PopulationRanges], target: Target, provenance: Mapping[str, Any]
) -> dict[str, Any]:
    """What the manifest says of any program, wherever it is from."""
    graph = program.graph
    levels = target.levels(graph) if target.levels and not graph.is_chain else None
    return {
        **({"settings": dict(program.settings)} if program.settings else {}),
        "range_proof": certificate(ranges),
        "placement": placement_record(program),
        "traffic": traffic_record(program),
        "delays": delay_costs(graph, target.limits, levels),
        "provenance": {**provenance, "overflow_proved": overflow_excluded(ranges)},
    }


def _origin(model: TrainedModel | TrainedGraph | Imported) -> dict[str, Any]:
    """Where the network comes from."""
    if isinstance(model, Imported):
        return {"dataset": "none", "imported": dict(model.notes)}
    phases = without_gain(model.metrics)
    return {
        "dataset": model.dataset,
        "validation_accuracy_in_training": _validation(model),
        **({WITHOUT_GAIN: phases} if phases else {}),
    }


def _validation(model: TrainedModel | TrainedGraph) -> dict[str, float]:
    """Validation accuracy of each step by which training made the delays whole, if it recorded them."""
    steps = model.metrics.get("validation")
    if not isinstance(steps, Mapping):
        return {}
    accuracy = {name: step.get("accuracy") for name, step in steps.items() if isinstance(step, Mapping)}
    return {str(name): value for name, value in accuracy.items() if isinstance(value, float)}
