"""What the manifest of an artifact says beside files and versions: proof, placement, delays, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from snnc.exporter.compilation import Compilation
from snnc.exporter.delay_costs import delay_costs
from snnc.exporter.nir_import import Imported
from snnc.exporter.options import ExportOptions
from snnc.exporter.placement.record import placement_record, traffic_record
from snnc.exporter.prove_ranges import overflow_excluded
from snnc.exporter.ranges import certificate
from snnc.stages import TrainedModel
from snnc.target import Limits


def manifest_record(
    compiled: Compilation,
    options: ExportOptions,
    model: TrainedModel | Imported,
    source: Mapping[str, str],
    limits: Limits,
) -> dict[str, Any]:
    """Plain JSON data; `source` names and hashes the model file.

    Nothing of the machine is in it, nor any version but that of snnc: an export is the same bytes everywhere.
    """
    program = compiled.program
    return {
        "range_proof": certificate(compiled.ranges),
        "placement": placement_record(program),
        "traffic": traffic_record(program),
        "delays": delay_costs(program.graph, limits),
        "provenance": {
            **source,
            **_origin(model),
            "options": asdict(options),
            "passes": [
                {
                    "name": record.name,
                    "input_sha256": record.input_sha256,
                    "sha256": record.sha256,
                    "changes": dict(record.changes),
                }
                for record in compiled.passes
            ],
            "weight_bits": {name: grid.bits for name, grid in compiled.grids.items()},
            "weight_scale": {name: grid.scale for name, grid in compiled.grids.items()},
            "finished_in_training": list(compiled.finished),
            "pruned": dict(compiled.pruned),
            "overflow_proved": overflow_excluded(compiled.ranges),
        },
    }


def _origin(model: TrainedModel | Imported) -> dict[str, Any]:
    """Where the network comes from."""
    if isinstance(model, Imported):
        return {"dataset": "none", "imported": dict(model.notes)}
    return {"dataset": model.dataset, "validation_accuracy_in_training": _validation(model)}


def _validation(model: TrainedModel) -> dict[str, float]:
    """Validation accuracy of each step by which training made the delays whole, if it recorded them."""
    steps = model.metrics.get("validation")
    if not isinstance(steps, Mapping):
        return {}
    accuracy = {name: step.get("accuracy") for name, step in steps.items() if isinstance(step, Mapping)}
    return {str(name): round(value, 4) for name, value in accuracy.items() if isinstance(value, float)}
