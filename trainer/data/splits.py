"""Training, validation and test parts that share no speaker, where the speakers allow it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from snnc.errors import InputError
from snnc.text import did_you_mean, quoted
from snnc.trainer.data.events import UNKNOWN, EventDataset
from snnc.trainer.data.speakers import in_words, numbers_of

MEASURED = 1000
"""Most training recordings that stand for a validation part, where nothing is held out for one."""

SHARED = ("of training", "same sources", "sources unknown")
"""What the name of a part says in brackets where its speakers may have trained the network."""


@dataclass(frozen=True, slots=True)
class Splits:
    """The three parts; `validation` selects the checkpoint, `test` is looked at once.

    `shared_speakers`: a speaker may be in two of them, since there are too few or not all are known.
    `trains_all`: nothing is held out to validate, `validation` holds recordings of `train`.
    """

    train: EventDataset
    validation: EventDataset
    test: EventDataset
    shared_speakers: bool = False
    trains_all: bool = False

    @property
    def names_speakers(self) -> bool:
        """Whether any recording names its speaker."""
        return any(bool((each.speaker != UNKNOWN).any()) for each in (self.train, self.validation, self.test))

    def remark(self, part: str) -> str:
        """What follows the name of `part` where recordings or speakers of it may have been trained on."""
        if self.trains_all and part == "validation":
            return f" ({SHARED[0]})"
        if not self.shared_speakers:
            return ""
        return f" ({SHARED[1]})" if self.names_speakers else f" ({SHARED[2]})"

    @property
    def sharing(self) -> str:
        """Why a speaker may be in two parts, and what that does to accuracy; empty if none can be."""
        if self.trains_all:
            return (
                f"no recording is held out to validate, so accuracies on validation are of at most "
                f"{MEASURED} recordings that trained, and the last epoch of each phase is kept"
            )
        if not self.shared_speakers:
            return ""
        parts = "training, validation and test" if len(self.test) else "training and validation"
        if self.names_speakers:
            return (
                f"{parts} share sources (field `speaker`), since the data name fewer than three, or none for "
                "some recordings"
            )
        return (
            "no recording names its source (field `speaker`), so those of each class are divided at random "
            f"into {parts}; if several are of one speaker, machine or session, name it (`speaker`), or "
            "accuracy is optimistic"
        )


def split_by_speaker(ds: EventDataset, validation: Sequence[int | str], test: Sequence[int | str]) -> Splits:
    """Hold out these speakers, by number or name; all others train. A list may be empty: so is its part then.

    Raises
    ------
    InputError
        A speaker is in both lists or has no recording, or none is left to train.
    """
    validates, _ = numbers_of(validation, ds.speaker_names)
    tests, _ = numbers_of(test, ds.speaker_names)
    both = sorted(set(validates) & set(tests))
    if both:
        raise InputError(
            f"speaker {_said(validates[both[0]])} is in both the validation and the test list; "
            "remove it from one"
        )
    check_known(ds, [*validation, *test])
    in_validation, in_test = np.isin(ds.speaker, list(validates)), np.isin(ds.speaker, list(tests))
    train = ~(in_validation | in_test)
    if not train.any():
        has = in_words(np.unique(ds.speaker).tolist(), ds.speaker_names)
        raise InputError(f"event data '{ds.name}': no speaker is left to train; hold out fewer of {has}")
    unknown = bool((ds.speaker == UNKNOWN).any())
    return Splits(ds.select(train), ds.select(in_validation), ds.select(in_test), shared_speakers=unknown)


def check_known(ds: EventDataset, speakers: Sequence[int | str]) -> None:
    """Raise `InputError` if one of `speakers`, numbers or names, has no recording; says who has some."""
    given, strangers = numbers_of(speakers, ds.speaker_names)
    known = np.unique(ds.speaker).tolist()
    missing = [*strangers, *(given[each] for each in sorted(set(given) - set(known)))]
    if missing:
        has = in_words(known, ds.speaker_names)
        has += ", without names" if ds.speaker_names is None and isinstance(missing[0], str) else ""
        near = did_you_mean(missing[0], ds.speaker_names or ())
        raise InputError(f"event data '{ds.name}' has no speaker {_said(missing[0])}{near}; it has {has}")


def validating(ds: EventDataset, tests: Sequence[int]) -> list[int]:
    """Numbers of the speakers who validate by default where `tests` are held out: the last tenth of the
    others; empty if there are not two others, all of them known.
    """
    others = [each for each in np.unique(ds.speaker).tolist() if each not in tests]
    return others[-_held_out(len(others))[1] :] if len(others) > 1 and UNKNOWN not in others else []


def train_on_all(ds: EventDataset, test: Sequence[int | str]) -> Splits:
    """Everything but the `test` speakers trains; at most `MEASURED` of it, the same each time, validate.

    Raises
    ------
    InputError
        A speaker has no recording, or none is left to train.
    """
    parts = split_by_speaker(ds, (), test)
    return replace(parts, validation=parts.train.select(measured(len(parts.train))), trains_all=True)


def measured(count: int) -> NDArray[np.int64]:
    """Which of `count` training recordings stand for a validation part, where nothing is held out."""
    return np.sort(np.random.default_rng(0).permutation(count)[:MEASURED])


def split_by_default(ds: EventDataset, seed: int = 0, tests: bool = True) -> Splits:
    """About 70 % training, 10 % validation and 20 % test for data without speaker lists of their own.

    With three speakers or more, the last 20 % of the sorted speaker numbers (at least one) are the test part
    and the 10 % (at least one) before them the validation part; `seed` plays no role. With one or two, or
    unknown ones, the recordings of each class are drawn at random with `seed`, the same share of every class;
    the parts share speakers then. Without `tests`, what would test trains.

    Raises
    ------
    InputError
        The random draw meets a class of one or two recordings.
    """
    speakers = np.unique(ds.speaker).tolist()
    if len(speakers) >= 3:
        test, validation = _held_out(len(speakers))
        if not tests:
            return split_by_speaker(ds, speakers[-validation:], ())
        return split_by_speaker(ds, speakers[-test - validation : -test], speakers[-test:])
    rng = np.random.default_rng(seed)
    part = np.zeros(len(ds), np.int64)
    for label in np.unique(ds.labels):
        members = rng.permutation(np.flatnonzero(ds.labels == label))
        parts, least = ("three", 3) if tests else ("two", 2)
        if len(members) < least:
            many = "1 recording" if len(members) == 1 else f"{len(members)} recordings"
            raise InputError(
                f"event data '{ds.name}': class '{ds.class_names[label]}' has {many}; "
                f"{parts} parts need at least {least}: add some, or drop the class"
            )
        test, validation = _held_out(len(members))
        test = test if tests else 0
        part[members[:test]] = 2
        part[members[test : test + validation]] = 1
    return Splits(ds.select(part == 0), ds.select(part == 1), ds.select(part == 2), shared_speakers=True)


def _said(speaker: int | str) -> str:
    return quoted(speaker) if isinstance(speaker, str) else str(speaker)


def _held_out(count: int) -> tuple[int, int]:
    """How many of `count` test and validate."""
    return max(1, round(0.2 * count)), max(1, round(0.1 * count))
