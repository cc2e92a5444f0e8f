"""What each step of the way to integers cost, and how few bits are enough: plain data for the report."""

from __future__ import annotations

from dataclasses import dataclass

from snnc.brief import brief
from snnc.errors import StageError


@dataclass(frozen=True, slots=True)
class Recordings:
    """What was run: `used` recordings of the `available` ones of `split`.

    `speakers`: the names of all whose recordings were used, or their numbers where they have no names; None
    where one is not known, as in files of earlier releases.
    """

    split: str
    used: int
    available: int
    speakers: tuple[str, ...] | None = None

    @property
    def words(self) -> str:
        """As "200 of 240 validation recordings"."""
        some = f" of {self.available}" if self.used < self.available else ""
        return f"{self.used}{some} {self.split} recordings"


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How far a signal is from a reference: `sqnr_db` is 10 log10(sum ref^2 / sum (ref - x)^2).

    None where that is no number: the two are `identical`, or else the reference is silent.
    """

    sqnr_db: float | None
    identical: bool


@dataclass(frozen=True, slots=True)
class BudgetLayer:
    """One layer after one step: its spikes over all recordings (None: a readout), and its membrane against
    that of the step before and that of the first step (None in the first step)."""

    layer: str
    spikes: int | None
    previous: Fidelity | None
    first: Fidelity | None


@dataclass(frozen=True, slots=True)
class BudgetStage:
    """The network after one step: how many recordings it decodes right, and its layers.

    `lost`: how many of these the last step does not decode right; None where that is not known, as in files
    of earlier releases.
    """

    __repr__ = brief

    stage: str
    correct: int
    layers: tuple[BudgetLayer, ...]
    lost: int | None = None

    @property
    def spikes(self) -> int:
        """Spikes of all layers."""
        return sum(layer.spikes or 0 for layer in self.layers)


@dataclass(frozen=True, slots=True)
class LossBudget:
    """The network after each step of the export, in order."""

    __repr__ = brief

    recordings: Recordings
    stages: tuple[BudgetStage, ...]

    def __post_init__(self) -> None:
        used = self.recordings.used
        for stage in self.stages:
            _check_correct(stage.correct, self.recordings)
            if stage.lost is None:
                continue
            gained = self.stages[-1].correct - stage.correct + stage.lost
            if not (0 <= stage.lost <= stage.correct and 0 <= gained <= used - stage.correct):
                raise StageError(
                    f"loss budget: {stage.stage} has {stage.correct} of {used} recordings right; after it "
                    f"{stage.lost} cannot be lost and {gained} gained"
                )


@dataclass(frozen=True, slots=True)
class BitsCandidate:
    """A network with the given weight `bits` of each layer.

    `correct`: how many recordings it decodes right; None where there is no such network, and `problem` says
    why. `synapses` and `synapse_bytes` are by layer too, empty without a network; bytes as placement counts
    them, a layer whole on one core.
    """

    __repr__ = brief

    bits: tuple[int, ...]
    correct: int | None
    synapses: tuple[int, ...] = ()
    synapse_bytes: tuple[int, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BitsSearch:
    """The search for few bits, and every network that was tried in it, in order.

    It accepts a network that decodes at most `max_drop` percent points of the recordings fewer than
    `reference`, what the network with whole delays decodes right in floating point.
    """

    __repr__ = brief

    recordings: Recordings
    max_drop: float
    reference: int
    layers: tuple[str, ...]
    candidates: tuple[BitsCandidate, ...]
    chosen: tuple[int, ...]

    def __post_init__(self) -> None:
        _check_correct(self.reference, self.recordings)
        for candidate in self.candidates:
            _check_correct(candidate.correct or 0, self.recordings)
            rows = (candidate.bits, candidate.synapses, candidate.synapse_bytes)
            if candidate.correct is not None and any(len(row) != len(self.layers) for row in rows):
                raise StageError(
                    f"bits search: {candidate.bits}, expected one for each of {len(self.layers)} layers"
                )
        if self.chosen not in [candidate.bits for candidate in self.found]:
            raise StageError(f"bits search: the chosen bits {self.chosen} were not tried")

    @property
    def found(self) -> tuple[BitsCandidate, ...]:
        """Candidates that are networks; the first has the most bits."""
        return tuple(candidate for candidate in self.candidates if candidate.correct is not None)

    @property
    def best(self) -> BitsCandidate:
        """The candidate that was chosen."""
        return next(candidate for candidate in self.found if candidate.bits == self.chosen)


@dataclass(frozen=True, slots=True)
class ExportLosses:
    """What an export measured, as far as it was asked to."""

    __repr__ = brief

    loss: LossBudget | None = None
    bits: BitsSearch | None = None


def _check_correct(correct: int, recordings: Recordings) -> None:
    if not 0 <= correct <= recordings.used:
        raise StageError(f"export losses: {correct} of {recordings.used} recordings are correct")
