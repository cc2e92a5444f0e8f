"""The calls of `snnc.finetune` that a model file or an export keeps a record of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from snnc.trainer.fingerprints import unpacked, whole

USES = "uses"
"""The name of the calls in a record of fine-tuning."""


@dataclass(frozen=True, slots=True)
class Use:
    """The recordings of a call of `finetune`: how many of `data` trained and validated, in `epochs` epochs.

    `kept_out`: how many did neither, since the network is tested with them. `own`: the parts are those of
    training. `trained` and `validated`: fingerprints, sorted, in one text. `target` and `weight_bits`: those
    of the call. `changed`: whether it left other integers than it got; else no recording had a part in them.
    `kept`: the epoch that was kept; of 0, the start, nothing is left but clipped weights.
    """

    data: str
    train: int
    validation: int
    epochs: int
    kept_out: int = 0
    own: bool = False
    trained: str = field(default="", repr=False)
    validated: str = field(default="", repr=False)
    target: str = ""
    weight_bits: int | tuple[int, ...] | None = None
    changed: bool = True
    kept: int | None = None

    @property
    def words(self) -> str:
        """As "all.npz (588 recordings trained, 84 validated, 168 of the test part kept out; 4 epochs)"."""
        out = f", {self.kept_out} of the test part kept out" if self.kept_out else ""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        epochs += ", of which none was kept, but large weights clipped" if self._clipped else ""
        return f"{self.data} ({self.train} recordings trained, {self.validation} validated{out}; {epochs})"

    @property
    def prints(self) -> set[str]:
        """Fingerprints of the recordings that had a part in what it left."""
        if not self.changed:
            return set()
        return unpacked(self.validated) | (set() if self._clipped else unpacked(self.trained))

    @property
    def _clipped(self) -> bool:
        return self.changed and self.kept == 0


def uses_of(record: Mapping[str, Any]) -> list[Use]:
    """The calls that a `record` tells of, in order."""
    found = record.get(USES)
    return [
        use
        for each in (found if isinstance(found, list | tuple) else ())
        if (use := use_of(each)) is not None
    ]


def use_of(record: object) -> Use | None:
    """What a model file or a manifest keeps of a call; None if it is something else."""
    if not isinstance(record, Mapping):
        return None
    try:
        found = Use(**{each.name: record[each.name] for each in fields(Use) if each.name in record})
    except TypeError:
        return None
    return replace(
        found,
        trained=whole(found.trained),
        validated=whole(found.validated),
        weight_bits=plain_bits(found.weight_bits),
        changed=found.changed is not False,
    )


def plain_bits(bits: Any) -> Any:
    """`bits` as a number or a tuple: a file has lists."""
    return tuple(bits) if isinstance(bits, list | tuple) else bits
