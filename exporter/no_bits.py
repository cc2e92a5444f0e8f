"""What the error of `--max-drop` says: how far integers are from the budget, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from snnc.exporter.calibration import SPLIT, Calibration
from snnc.formats import WEIGHT_BITS_DEFAULT
from snnc.stages import QuantizedGraph
from snnc.stages.losses import BitsCandidate

MANY = 1_000_000_000
"""As many recordings no data set has."""


@dataclass(frozen=True, slots=True)
class Freed:
    """A network without one of the options that limit the search: `what` names it, `remedy` what to do."""

    what: str
    remedy: str
    build: Callable[[], QuantizedGraph]


@dataclass(frozen=True, slots=True)
class Refused:
    """The `candidates` of a search, in order, of which none loses at most `max_drop` of `reference`."""

    candidates: Sequence[BitsCandidate]
    max_drop: float
    reference: int
    calibration: Calibration

    def text(self, helps: str, training: str) -> str:
        """The remedies by how sure they are: `helps`, which was tried; more recordings, where these are too
        few to tell; `training`; and in the end a larger drop, which gives up what was asked for.
        """
        drop = f"--max-drop {self.max_drop:g}"
        found = [(each.correct, each) for each in self.candidates if each.correct is not None]
        if not found:
            most = self.candidates[0].bits[0]
            up_to = f" up to {most}" if most < WEIGHT_BITS_DEFAULT else ""
            first = f"{helps}; " if helps else ""
            return f"{drop}: {first}no number of bits{up_to} gives a network: {self.candidates[0].problem}"
        correct, best = max(found, key=lambda pair: pair[0])
        count, split = len(self.calibration), self.calibration.split
        least = math.ceil(1e4 * (self.reference - correct) / count) / 100
        unseen = 100 / MANY < self.max_drop < 100 / count
        one = f"; 1 of {count} is {100 / count:.3g} points, so none may be lost" if unseen else ""
        more = self._more() if unseen and self.reference - correct == 1 else ""
        remedies = [*filter(None, [helps, more, training]), f"allow --max-drop {least:.2f}"]
        return (
            f"{drop}: {self.reference} of {count} {split} recordings are decoded correctly with whole delays "
            f"and floating point, but at most {correct} with integers ({best.bits[0]}-bit weights{one}); "
            f"{'; or '.join(remedies)}"
        )

    def _more(self) -> str:
        """How to choose on enough recordings to tell a loss of `max_drop` points from none."""
        need = f"at least {math.ceil(100 / self.max_drop)}"
        if not self.calibration.split.startswith(SPLIT):
            return f"choose on {need} recordings of --dataset, which can tell so small a loss"
        return (
            f"choose on {need} validation recordings, which can tell so small a loss: train with more for "
            f"validation (validation_speakers), or give a --dataset whose validation part has {need}; that "
            "part alone is taken, as in training, by default a tenth"
        )
