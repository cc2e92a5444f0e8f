"""Whether samples that a user gives were used in fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from snnc.batches import batches
from snnc.exporter.artifact import carries_model, source_model
from snnc.stages import Artifact, TrainedGraph, TrainedModel
from snnc.trainer.fingerprints import fingerprints
from snnc.trainer.tuning import KEY, changed, of_export, reached, used_in, words


def tuned_note(artifact: Artifact, samples: Any) -> str | None:
    """That fine-tuning used some of `samples`, whose slices are uint8 [B, T, inputs]; None if it did not."""
    record = _record(artifact)
    if record is None:
        return None
    parts = batches(artifact.graph, len(samples))
    used = used_in(record, [each for part in parts for each in fingerprints(samples[part])])
    if used is None:
        return "whether fine-tuning used these samples is not known: it kept no record of its own"
    if not used.any():
        return None
    count = int(used.sum())
    are = "is one" if count == 1 else "are some"
    return (
        f"{count} of {len(used)} samples {are} that fine-tuning trained or validated with, so accuracy tells "
        "too much"
    )


def finetuned(artifact: Artifact) -> str:
    """What the exported integers were fine-tuned with, and what that brought; empty if they were not."""
    record = artifact.manifest.get("provenance", {}).get(KEY)
    return f"{words(record)}; {reached(record)}" if isinstance(record, Mapping) and changed(record) else ""


def exported_model(artifact: Artifact) -> TrainedModel | TrainedGraph:
    """The model that the artifact carries, with the record of what made its integers alone."""
    model = source_model(artifact)
    return replace(model, metrics=of_export(model.metrics, artifact.manifest["provenance"]))


def _record(artifact: Artifact) -> Any:
    if carries_model(artifact):
        return exported_model(artifact).metrics.get(KEY)
    return artifact.manifest["provenance"].get(KEY)
