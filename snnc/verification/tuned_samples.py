"""Whether samples that a user gives were used in fine-tuning, or to choose the bits of an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from snnc.batches import batches
from snnc.exporter.artifact import carries_model, source_model
from snnc.stages import Artifact, TrainedGraph, TrainedModel
from snnc.stages.findings import Doubt
from snnc.trainer import chosen
from snnc.trainer.fingerprints import SILENT, fingerprints
from snnc.trainer.seen import NONE, SOME, consequence, not_compared
from snnc.trainer.tuning import KEY, changed, clipped_alone, of_export, reached, tuned_silence, used_in, words


def tuned_doubt(artifact: Artifact, samples: Any, judged: bool = True) -> Doubt | None:
    """That fine-tuning, or the choice of bits, used some of `samples`; None if it did not.

    Slices of them are uint8 [B, T, inputs]. `judged`: an accuracy on them is told; else the doubt has no few
    words, nor where it is not known.
    """
    record, choice = _record(artifact), artifact.manifest["provenance"].get(chosen.KEY)
    if record is None and choice is None:
        return None
    parts = batches(artifact.graph, len(samples))
    found = [each for part in parts for each in fingerprints(samples[part])]
    used, told = used_in(record, found), list[str]()
    taken = np.zeros(len(found), bool)
    if used is None:
        told.append("whether fine-tuning used these samples is not known: it kept no record of its own")
    for which, how in (
        (used, "fine-tuning trained or validated with"),
        (chosen.chosen_by(choice, found), "the export chose its bits or scales by"),
    ):
        if which is not None and which.any():
            count = int(which.sum())
            are = "is one" if count == 1 else "are some"
            silent = found.count(SILENT) if which is used and tuned_silence(record) else 0
            also = consequence(judged) + not_compared(silent)
            told.append(f"{count} of {len(which)} samples {are} that {how}, {also}")
            taken |= which
    short = (NONE if taken.all() else SOME) if judged and taken.any() else ""
    return Doubt("; ".join(told), short) if told else None


def finetuned(artifact: Artifact) -> str:
    """What the exported integers were fine-tuned with, and what that brought; empty if they were not."""
    return "" if clipped_alone(_made_by(artifact)) else _told(artifact)


def clipped(artifact: Artifact) -> str:
    """As `finetuned`, of fine-tuning that kept no epoch, and clipped the largest weights alone."""
    return _told(artifact) if clipped_alone(_made_by(artifact)) else ""


def exported_model(artifact: Artifact) -> TrainedModel | TrainedGraph:
    """The model that the artifact carries, with the records of what made and chose its integers alone."""
    model, record = source_model(artifact), artifact.manifest["provenance"]
    choice = {chosen.KEY: record[chosen.KEY]} if chosen.KEY in record else {}
    return replace(model, metrics=of_export(model.metrics, record) | choice)


def _told(artifact: Artifact) -> str:
    record = _made_by(artifact)
    return f"{words(record)}; {reached(record)}" if isinstance(record, Mapping) and changed(record) else ""


def _made_by(artifact: Artifact) -> Any:
    return artifact.manifest.get("provenance", {}).get(KEY)


def _record(artifact: Artifact) -> Any:
    if carries_model(artifact):
        return exported_model(artifact).metrics.get(KEY)
    return artifact.manifest["provenance"].get(KEY)
