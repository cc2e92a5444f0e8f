"""Fingerprints of recordings: what model files and exports keep of those that they were made with.

A recording is known by its frames, so that the same samples are found in any file, and as arrays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset
    from snnc.trainer.model_file import AnyModel

DIGITS = 16
"""Hexadecimal digits of a fingerprint: two of a million recordings are alike by chance once in 10^7 files."""
SILENT = hashlib.sha256(b"").hexdigest()[:DIGITS]
"""The fingerprint of a recording without events: many data have one, which tells nothing of use."""
_PIECE = 250 * DIGITS
_BATCH = 64


def fingerprints(frames: npt.NDArray[np.uint8]) -> Iterator[str]:
    """That of each recording of [recordings, T, lines]; silent steps at its end play no role."""
    for each in frames:
        steps = np.flatnonzero(each.any(axis=1))
        used = each[: steps[-1] + 1 if steps.size else 0]
        yield hashlib.sha256(np.ascontiguousarray(used, np.uint8).data).hexdigest()[:DIGITS]


def fingerprints_of(model: AnyModel, events: EventDataset) -> list[str]:
    """Those of recordings as `model` reads them; what lies behind its last step plays no role."""
    return in_steps(events, model.bin_s, model.time_steps, model.unit_pool)


def in_steps(events: EventDataset, bin_s: float, time_steps: int, unit_pool: int) -> list[str]:
    """Those of recordings in steps of `bin_s` seconds and lines of `unit_pool` units."""
    found: list[str] = []
    for first in range(0, len(events), _BATCH):
        which = np.arange(first, min(first + _BATCH, len(events)))
        found += fingerprints(events.frames(which, bin_s, time_steps, unit_pool, allow_truncation=True))
    return found


def packed(found: list[str]) -> str:
    """In one text, each once, in order."""
    return "".join(sorted(set(found)))


def in_pieces(text: str) -> list[str]:
    """Fingerprints as a manifest takes them, whose texts are not long."""
    return [text[first : first + _PIECE] for first in range(0, len(text), _PIECE)]


def whole(text: Any) -> str:
    """What `packed` made, in pieces or not; empty of anything else."""
    return "".join(each for each in text if isinstance(each, str)) if isinstance(text, str | list) else ""


def unpacked(text: str) -> set[str]:
    """Those in the text that `packed` made."""
    return {text[first : first + DIGITS] for first in range(0, len(text), DIGITS)}
