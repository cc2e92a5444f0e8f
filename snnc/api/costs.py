"""What an export measured, in the few words of its repr."""

from __future__ import annotations

from collections.abc import Iterator

from snnc.errors import ArtifactError
from snnc.io import budget_file
from snnc.percent import short_percent
from snnc.report.losses import best_before
from snnc.stages import Artifact
from snnc.stages.losses import ExportLosses

NAMED = 4
"""Most layers whose bits are told one by one."""


def costs(artifact: Artifact) -> list[str]:
    """As "chosen: lif1 3, lif2 4 bits" and "accuracy 93.8 -> 93.3 % of 480"; empty if nothing is measured."""
    try:
        losses = budget_file.read(artifact)
    except ArtifactError:  # the file is damaged, as those who use it say
        return []
    return [*_bits(losses), *_accuracy(losses)]


def _bits(losses: ExportLosses) -> Iterator[str]:
    if losses.bits is None:
        return
    search = losses.bits
    if len(search.layers) <= NAMED:
        told = ", ".join(f"{name} {bits}" for name, bits in zip(search.layers, search.chosen, strict=True))
    else:
        told = f"{min(search.chosen)} to {max(search.chosen)}"
    yield f"chosen: {told} bits"


def _accuracy(losses: ExportLosses) -> Iterator[str]:
    """That of the integers behind the one that it is a loss against; of the search of bits, if it looked at
    more recordings, whose loss is what was asked for."""
    loss, search = losses.loss, losses.bits
    if search is not None and (loss is None or search.recordings.used > loss.recordings.used):
        used = search.recordings.used
        before, after = search.reference, search.best.correct or 0
    elif loss is not None:
        used = loss.recordings.used
        before, after = best_before(loss.stages).correct, loss.stages[-1].correct
    else:
        return
    yield f"accuracy {short_percent(before / used)} -> {short_percent(after / used)} % of {used}"
