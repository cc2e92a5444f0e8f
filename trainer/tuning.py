"""Which recordings `snnc.finetune` used: what model files and exports keep of them, and what is found by it.

A recording is known by its frames, so that the same samples are found in any file, and as arrays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.errors import NoDataError
from snnc.percent import short_percent

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset
    from snnc.trainer.model_file import AnyModel

KEY = "finetuned"
"""The name of the record among the metrics of a model file, and in the provenance of an export."""
USES = "uses"
NO_BETTER = "no epoch was better than the start"
DIGITS = 16
"""Hexadecimal digits of a fingerprint: two of a million recordings are alike by chance once in 10^7 files."""
_BATCH = 64
_SILENT = hashlib.sha256(b"").hexdigest()[:DIGITS]
"""The fingerprint of a recording without events: many data have one, which tells nothing of use."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Use:
    """The recordings of a call of `finetune`: how many of `data` trained and validated, in `epochs` epochs.

    `kept_out`: how many did neither, since the network is tested with them. `own`: the parts are those of
    training. `trained` and `validated`: fingerprints, sorted, in one text.
    """

    data: str
    train: int
    validation: int
    epochs: int
    kept_out: int = 0
    own: bool = False
    trained: str = field(default="", repr=False)
    validated: str = field(default="", repr=False)

    @property
    def words(self) -> str:
        """As "all.npz (588 recordings trained, 84 validated, 168 of the test part kept out; 4 epochs)"."""
        out = f", {self.kept_out} of the test part kept out" if self.kept_out else ""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        return f"{self.data} ({self.train} recordings trained, {self.validation} validated{out}; {epochs})"


def words(record: Mapping[str, Any]) -> str:
    """As "for c on all.npz (588 recordings trained, ...)", of a record of any release."""
    told = f"for {record.get('target')}"
    found = record.get(USES)
    uses = [use for each in (found if isinstance(found, list) else ()) if (use := use_of(each)) is not None]
    if uses:
        told += " on " + ", before that on ".join(use.words for use in reversed(uses))
    return told if changed(record) else f"not changed {told}: {NO_BETTER}"


def reached(record: Mapping[str, Any]) -> str:
    """As "of 84 samples that validated, 58.3 -> 90.0 % right", by labels, or else by the real numbers."""
    for name, what in (("accuracy", "right"), ("agreement", "as in real numbers")):
        if _pair(record.get(name)):
            before, after = (short_percent(each) for each in record[name])
            return f"of {record.get('samples')} samples that validated, {before} → {after} % {what}"
    return "what it brought was not recorded"


def changed(record: Mapping[str, Any]) -> bool:
    """Whether an epoch of fine-tuning, or another grid, was better than the network as it was."""
    pairs: list[Any] = [record.get(name) for name in ("agreement", "accuracy")]
    return bool(record.get("epoch")) or any(_pair(each) and each[0] != each[1] for each in pairs)


def _pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and [type(each) for each in value] in ([float] * 2, [int] * 2)


def use_of(record: object) -> Use | None:
    """What a model file or a manifest keeps of a call; None if it is something else."""
    if not isinstance(record, Mapping):
        return None
    try:
        return Use(**{each.name: record[each.name] for each in fields(Use) if each.name in record})
    except TypeError:
        return None


def not_shown(metrics: Mapping[str, Any]) -> str:
    """That accuracies of a model file are not those of what was finetuned; empty if nothing was."""
    record = metrics.get(KEY)
    if not isinstance(record, Mapping):
        return ""
    return (
        f"these are of the network before finetuning; its finetuned integers ({record.get('weight_bits')} "
        f"bits, {words(record)}) are tested on their export"
    )


def as_tuned(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """Options of `snnc export` that take what fine-tuning made; none if it made nothing."""
    record = metrics.get(KEY)
    if not isinstance(record, Mapping) or not changed(record):
        return ()
    target, bits = record.get("target"), record.get("weight_bits")
    known = isinstance(target, str) and type(bits) is int
    return ("--target", str(target), "--weight-bits", str(bits)) if known else ()


def fingerprints(frames: npt.NDArray[np.uint8]) -> Iterator[str]:
    """That of each recording of [recordings, T, lines]; silent steps at its end play no role."""
    for each in frames:
        steps = np.flatnonzero(each.any(axis=1))
        used = each[: steps[-1] + 1 if steps.size else 0]
        yield hashlib.sha256(np.ascontiguousarray(used, np.uint8).data).hexdigest()[:DIGITS]


def fingerprints_of(model: AnyModel, events: EventDataset) -> list[str]:
    """Those of recordings as `model` reads them; what lies behind its last step plays no role."""
    found: list[str] = []
    for first in range(0, len(events), _BATCH):
        which = np.arange(first, min(first + _BATCH, len(events)))
        frames = events.frames(which, model.bin_s, model.time_steps, model.unit_pool, allow_truncation=True)
        found += fingerprints(frames)
    return found


def packed(found: list[str]) -> str:
    """As `Use` keeps them."""
    return "".join(sorted(set(found)))


def used_in(record: Any, found: list[str], *, others_only: bool = False) -> Mask | None:
    """Which of the recordings with the fingerprints `found` trained or validated in fine-tuning.

    None if the `record` of fine-tuning does not tell. `others_only`: data of which the parts are those of
    training play no role.
    """
    if record is None:
        return np.zeros(len(found), bool)
    uses = record.get(USES) if isinstance(record, Mapping) else None
    if not isinstance(uses, list | tuple) or not uses:
        return None
    known: set[str] = set()
    for use in uses:
        if not isinstance(use, Mapping):
            return None
        if not (others_only and use.get("own")):
            known |= _unpacked(use.get("trained")) | _unpacked(use.get("validated"))
    known.discard(_SILENT)
    return np.array([each in known for each in found], bool)


def tuned_with(model: AnyModel, events: EventDataset, *, others_only: bool = False) -> Mask | None:
    """As `used_in`, of the recordings `events` and the record of `model`."""
    record = model.metrics.get(KEY)
    found = [] if record is None else fingerprints_of(model, events)
    if record is None:
        return np.zeros(len(events), bool)
    return used_in(record, found, others_only=others_only)


def without_tuned(model: AnyModel, name: str, part: EventDataset) -> tuple[str, EventDataset]:
    """The `part` of the data of training; of its test part, what fine-tuning did not use, as its name says.

    Raises
    ------
    NoDataError
        If nothing is left.
    """
    used = tuned_with(model, part, others_only=True) if name.startswith("test") else None
    if used is None or not used.any():
        return name, part
    if used.all():
        raise NoDataError(
            f"fine-tuning used all {len(part)} recordings of the test part; --dataset FILE names others"
        )
    return f"{name} (without {int(used.sum())} that fine-tuning used)", part.select(~used)


def provenance(
    metrics: Mapping[str, Any], bits: Iterable[int], notify: Callable[[str], None]
) -> dict[str, Any]:
    """What the manifest of an export with these weight `bits` tells of fine-tuning; {} if it was for others.

    No `bits`: the export rounded anew, as on other grids.

    Without fingerprints, which are in the model file that the export carries. `notify` gets a line if what
    fine-tuning made is not exported.
    """
    record = metrics.get(KEY)
    if not isinstance(record, Mapping):
        return {}
    if set(bits) != {tuned := record.get("weight_bits")}:
        if changed(record):
            notify(
                f"these integers are not those of fine-tuning, which was for {tuned} bits; "
                f"--weight-bits {tuned} exports them, without options for other grids"
            )
        return {}
    uses = record.get(USES)
    kept = [
        {name: value for name, value in use.items() if name not in ("trained", "validated")}
        for use in (uses if isinstance(uses, list) else [])
        if isinstance(use, Mapping)
    ]
    return {KEY: {**record, USES: kept}}


def _unpacked(text: Any) -> set[str]:
    if not isinstance(text, str):
        return set()
    return {text[first : first + DIGITS] for first in range(0, len(text), DIGITS)}
