"""Which recordings of other data than the model's own an export chose its bits or scales by.

What it was measured on, it fits better: such recordings are no test any more. The manifest keeps them, as
fine-tuning does; of the model's own data, the parts tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.trainer.fingerprints import (
    SILENT,
    fingerprints,
    fingerprints_of,
    in_pieces,
    packed,
    unpacked,
    whole,
)

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset
    from snnc.trainer.model_file import AnyModel

KEY = "chosen_by"
"""The name of the record in the provenance of an export, and in the metrics of the model that it carries."""

Mask = npt.NDArray[np.bool_]


def provenance(options: Sequence[str], data: str, spikes: npt.NDArray[np.uint8]) -> dict[str, Any]:
    """What the manifest tells of `spikes` [recordings, T, lines] of `data`, by which `options` chose."""
    if not options:
        return {}
    prints = in_pieces(packed(list(fingerprints(spikes))))
    return {KEY: {"options": list(options), "data": data, "recordings": len(spikes), "prints": prints}}


def words(record: Mapping[str, Any]) -> str:
    """As "--max-drop on 60 recordings of new.npz"."""
    told = record.get("options")
    options = ", ".join(map(str, told)) if isinstance(told, list) else "options"
    return f"{options} on {record.get('recordings')} recordings of {record.get('data')}"


def chosen_by(record: Any, found: Sequence[str]) -> Mask:
    """Which of the recordings with the fingerprints `found` are in the `record`; none, if there is none."""
    known = unpacked(whole(record.get("prints"))) - {SILENT} if isinstance(record, Mapping) else set()
    return np.array([each in known for each in found], bool)


def chosen_with(model: AnyModel, events: EventDataset) -> Mask:
    """As `chosen_by`, of the recordings `events` and of the export that `model` stands for."""
    record = model.metrics.get(KEY)
    return (
        np.zeros(len(events), bool) if record is None else chosen_by(record, fingerprints_of(model, events))
    )
