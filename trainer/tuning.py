"""Which recordings `snnc.finetune` used: what model files and exports keep of them, and what is found by it.

A recording is known by its frames, so that the same samples are found in any file, and as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from snnc.errors import NoDataError
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.percent import short_percent
from snnc.trainer.chosen import chosen_with
from snnc.trainer.fingerprints import SILENT, fingerprints_of, in_pieces
from snnc.trainer.tuning_calls import USES, Use, plain_bits, use_of, uses_of

if TYPE_CHECKING:
    from snnc.trainer.data import EventDataset
    from snnc.trainer.model_file import AnyModel

KEY = "finetuned"
"""The name of the record among the metrics of a model file, and in the provenance of an export."""
REACHED = (
    *("epoch", "samples", "agreement", "accuracy", "target", "weight_bits", "whole_bias", "chip", "clipped"),
    "weights",
)
"""Of a record, what is of its last call alone."""
NO_BETTER = "no epoch was better than the start"
NO_WEIGHT = "no epoch changed an integer weight"

Mask = npt.NDArray[np.bool_]


def words(record: Mapping[str, Any]) -> str:
    """As "for c on all.npz (588 recordings trained, ...)", of a record of any release."""
    uses = uses_of(record)
    told = f"for {(uses[-1].target if uses else '') or record.get('target')}"
    if uses:
        told += " on " + ", before that on ".join(use.words for use in reversed(uses))
    if changed(record):
        return told
    last = f"not changed {told}: {NO_BETTER}"
    return f"{last}; its integers are those of before, which fine-tuning made" if as_left(record) else last


def reached(record: Mapping[str, Any]) -> str:
    """As "of 84 samples that validated, 58.3 -> 90.0 % right", by labels, or else by the real numbers.

    If training began with clipped weights, what these gave is told, too.
    """
    start = record.get("clipped") if record.get("epoch") else None
    clips = start if isinstance(start, list | tuple) and len(start) == 2 else (None, None)
    for name, what, clip in (("accuracy", "right", clips[1]), ("agreement", "as in real numbers", clips[0])):
        if _pair(record.get(name)):
            before, after = (short_percent(each) for each in record[name])
            between = f"{short_percent(clip)} % clipped → " if isinstance(clip, float | int) else ""
            of = f"of {record.get('samples')} samples that validated"
            return f"{of}, {before} → {between}{after} % {what}"
    return "what it brought was not recorded"


def _pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and [type(each) for each in value] in ([float] * 2, [int] * 2)


def changed(record: Mapping[str, Any]) -> bool:
    """Whether an epoch of the last call, or another grid, was better than the network as it was."""
    uses = uses_of(record)
    return uses[-1].changed if uses else bool(record.get("epoch"))


def clipped_alone(record: Any) -> bool:
    """Whether calls of `record` changed the network, and no epoch of any was kept: no weight was trained."""
    uses = uses_of(record) if isinstance(record, Mapping) else []
    kept = [use.kept for use in uses if use.changed]
    return bool(kept) and not any(each != 0 for each in kept)


def as_left(record: Any, bits: Iterable[Any] | None = None) -> dict[str, Any]:
    """Of a `record`, what tells of the integers of these `bits`: the calls that changed them; {} if none did.

    No `bits`: those of the last call.
    """
    if not isinstance(record, Mapping):
        return {}
    known = [plain_bits(each) for each in ((record.get("weight_bits"),) if bits is None else bits)]
    return _told(record, lambda use: use.weight_bits is None or plain_bits(use.weight_bits) in known)


def _told(record: Mapping[str, Any], had_part: Callable[[Use], bool]) -> dict[str, Any]:
    uses = uses_of(record)
    if not uses:
        return dict(record) if changed(record) else {}
    kept = [use for use in uses if use.changed and had_part(use)]
    if not kept:
        return {}
    told = {**record, USES: [asdict(use) for use in kept]}
    if kept[-1] is not uses[-1]:  # what was reached is of another call
        told = {name: value for name, value in told.items() if name not in REACHED}
    return told


def not_shown(metrics: Mapping[str, Any]) -> str:
    """That accuracies of a model file are not those of what was fine-tuned; empty if nothing was changed."""
    record = metrics.get(KEY)
    if (bits := tuned_bits(record)) is None:
        return ""
    return (
        f"these are of the float network, before fine-tuning; its integers of {bits} bits after fine-tuning "
        f"({words(as_left(record, [bits]))}) are tested on their export"
    )


def tuned_bits(record: Any) -> Any:
    """The bits for which fine-tuning was the last to change integers; None if it never did."""
    if not isinstance(record, Mapping):
        return None
    if not (uses := uses_of(record)):
        return record.get("weight_bits") if changed(record) else None
    return next((use.weight_bits for use in reversed(uses) if use.changed), None)


def as_tuned(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    """Options of `snnc export` that fine-tuning was for; none if there was none."""
    record = metrics.get(KEY)
    if not isinstance(record, Mapping):
        return ()
    target, bits = record.get("target"), record.get("weight_bits")
    if not isinstance(target, str) or type(bits) is not int:
        return ()
    whole = ("--whole-bias",) if record.get("whole_bias") is True else ()
    return ("--target", target, "--weight-bits", str(bits), *whole)


def as_made(metrics: Mapping[str, Any], finished: Collection[int]) -> tuple[str, ...]:
    """`as_tuned`, or the most bits that training `finished` a network in, where those by default are none."""
    other = finished and WEIGHT_BITS_DEFAULT not in finished
    return as_tuned(metrics) or (("--weight-bits", str(max(finished))) if other else ())


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
    for each in uses:
        if (use := use_of(each)) is None:
            return None
        if not (others_only and use.own):
            known |= use.prints
    known.discard(SILENT)
    return np.array([each in known for each in found], bool)


def tuned_silence(record: Any) -> bool:
    """Whether recordings without events are among those that the `record` of fine-tuning keeps."""
    return isinstance(record, Mapping) and any(SILENT in use.prints for use in uses_of(record))


def tuned_with(model: AnyModel, events: EventDataset, *, others_only: bool = False) -> Mask | None:
    """As `used_in`, of the recordings `events` and the record of `model`."""
    record = model.metrics.get(KEY)
    found = [] if record is None else fingerprints_of(model, events)
    if record is None:
        return np.zeros(len(events), bool)
    return used_in(record, found, others_only=others_only)


def without_tuned(model: AnyModel, name: str, part: EventDataset) -> tuple[str, EventDataset]:
    """The `part` of the data of training; of its test part, what neither fine-tuning used, nor an export to
    choose its bits by, as its name says.

    Raises
    ------
    NoDataError
        If nothing is left.
    """
    if not name.startswith("test"):
        return name, part
    tuned, choice = tuned_with(model, part, others_only=True), chosen_with(model, part)
    tuned = np.zeros(len(part), bool) if tuned is None else tuned
    used, told = tuned | choice, list[str]()
    if not used.any():
        return name, part
    told += ["fine-tuning"] if tuned.any() else []
    told += ["the choice of bits or scales"] if choice.any() else []
    by = " and ".join(told)
    if used.all():
        raise NoDataError(
            f"{by} used all {len(part)} recordings of the test part; --dataset FILE names others"
        )
    return f"{name} (without {int(used.sum())} that {by} used)", part.select(~used)


def provenance(
    metrics: Mapping[str, Any], bits: Iterable[int], notify: Callable[[str], None]
) -> dict[str, Any]:
    """What the manifest of an export tells of fine-tuning; {} if it was for others than these `bits`.

    They are those of the integers that were made before the export; none, if it rounded all anew.

    Without fingerprints, which are in the model file that the export carries. `notify` gets a line if what
    fine-tuning made is not exported.
    """
    record = metrics.get(KEY)
    if found := as_left(record, bits):
        bare = [replace(use, trained="", validated="") for use in uses_of(found)]
        return {KEY: {**found, USES: [asdict(use) for use in bare]}}
    if (tuned := tuned_bits(record)) is not None:
        notify(
            f"these integers are not those of fine-tuning, which was for {tuned} bits; "
            f"--weight-bits {tuned} exports them, without options for other grids"
        )
    return {}


def of_weights(record: Mapping[str, Any]) -> dict[str, Any]:
    """As `provenance`, where fine-tuning changed real numbers, which any bits round. With fingerprints."""
    found = _told(record, lambda use: True)
    pieces = [
        {**asdict(use), "trained": in_pieces(use.trained), "validated": in_pieces(use.validated)}
        for use in uses_of(found)
    ]
    return {KEY: {**found, USES: pieces}} if found else {}


def of_export(metrics: Mapping[str, Any], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """`metrics` of a model, of whose export this is the `provenance`, with the calls alone that made it."""
    without = {name: value for name, value in metrics.items() if name != KEY}
    told = provenance.get(KEY)
    if not isinstance(told, Mapping) or KEY not in metrics:
        return without
    return {**without, KEY: as_left(metrics[KEY], [use.weight_bits for use in uses_of(told)]) or metrics[KEY]}
