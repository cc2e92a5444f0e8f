"""Recordings that had a part in what a network is, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from snnc.text import LINE, one_line, shortened
from snnc.trainer.data import EventDataset
from snnc.trainer.data.events import UNKNOWN

TRAINING, FINE_TUNING, CHOICE = "training", "fine-tuning", "choice"
CAUSES = {
    TRAINING: "trained or validated the network",
    FINE_TUNING: "trained or validated the network in fine-tuning",
    CHOICE: "the export chose its bits or scales by",
}
"""By its cause, the part that a recording had in what a network is."""

SOURCES = "sources"
"""Key of a model's record of its data: the names of the sources that trained or validated it."""
LOST = (
    "whether its recordings trained the network is not known (the data of training are not here, or "
    "fine-tuning kept no record of its own)"
)
NUMBERED = (
    "sources known by number alone (field `speaker`, in .h5 `extra/speaker`) are not compared with those of "
    "training, as each file may count its own: store names in their place, as text, in both"
)
NOT_KNOWN, SOME, NONE = "not known to be held out", "not all held out", "none held out"
"""In a few words, of an accuracy."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How many recordings had a part in what a network is, `by_cause`, each by its first cause alone.

    None where that cannot be told: the data of training are not here. `exact`: how many of those of training
    are so event by event; the others are with rounded times, in one of the steps of `steps_s` seconds.
    `sources`: the names of sources, such as speakers, who trained or validated the network, and of whom
    `of_sources` other recordings are; the network keeps these names. `numbered`: others have sources that
    are known by number alone, there or in training, so they were not compared. `silent`: others have no
    event, as some of those that had a part: any two such are equal, so nothing tells if they are the same.
    """

    by_cause: Mapping[str, int] | None
    exact: int = 0
    steps_s: tuple[float, ...] = ()
    sources: tuple[str, ...] = ()
    of_sources: int = 0
    numbered: bool = False
    silent: int = 0

    def words(self, judged: bool = True) -> str:
        """What part they had, in words. `judged`: their accuracy is told."""
        if self.by_cause is None:
            return LOST + self._of_sources(judged)
        told = [(count, CAUSES[cause]) for cause, count in self.by_cause.items() if count]
        steps = [f"{each * 1000:.6g} ms" for each in self.steps_s]
        if not told:
            how = f"event by event and in steps of {' and '.join(steps)}"
            none = f"none of them trained or validated the network, compared {how}"
            return f"{none}{not_compared(self.silent)}{self._of_sources(judged)}"
        (count, first), *others = told
        have = "1 of them is" if count == 1 else f"{count} of them are"
        trained = self.by_cause.get(TRAINING, 0)
        if trained > self.exact:
            exact = f" ({self.exact} event by event)" if self.exact else ""
            have += f", in steps of {' or '.join(steps)}{exact},"
        have += " a recording" if count == 1 else " recordings"
        also = "".join(f", {many} that {what}" for many, what in others)
        of = "" if trained else " of its integers"
        silent = not_compared(self.silent)
        return f"{have} that {first}{also}, {consequence(judged, of)}{silent}{self._of_sources(judged)}"

    def _of_sources(self, judged: bool) -> str:
        by_number = f"; {NUMBERED}" if self.numbered else ""
        if not self.of_sources:
            return by_number
        others = self.by_cause is not None and any(self.by_cause.values())
        if self.of_sources == 1:
            count = "1 other is" if others else "1 is"
        else:
            count = f"{self.of_sources} others are" if others else f"{self.of_sources} are"
        names = shortened(one_line(", ".join(self.sources)), LINE // 4)
        say = "accuracy says" if judged else "its answers there say"
        return (
            f"; but {count} of sources that did, by name (field `speaker`: {names}), so {say} little of new "
            f"sources{by_number}"
        )

    @property
    def short(self) -> str:
        """As `words`, in a few words; "" if there is nothing to doubt."""
        of_sources = f"{self.of_sources} of them of sources that trained" if self.of_sources else ""
        if self.by_cause is None:
            return ", ".join(filter(None, [NOT_KNOWN, of_sources]))
        count = sum(self.by_cause.values())
        least = "at least " if self.silent else ""
        return f"{least}{count} of them not held out" if count else of_sources


def sources_of(events: EventDataset) -> list[str]:
    """The name of the source, such as a speaker, of each recording; empty where no name is known."""
    names = events.speaker_names
    return ["" if names is None or each == UNKNOWN else names[each] for each in events.speaker.tolist()]


def has_sources(events: EventDataset) -> bool:
    """Whether the source of any recording is known, by name or by number."""
    return bool((events.speaker != UNKNOWN).any())


def names_of_sources(parts: Iterable[EventDataset]) -> list[str]:
    """The known names of the sources of some parts of data, sorted."""
    return sorted({name for part in parts for name in sources_of(part)} - {""})


def not_compared(silent: int) -> str:
    """That so many recordings have no event; empty if none."""
    if not silent:
        return ""
    return f"; {silent} without an event {'is' if silent == 1 else 'are'} not compared, as all such are equal"


def consequence(judged: bool, of: str = "") -> str:
    """What a part in the network says of recordings. `judged`: their accuracy, `of` the integers, is told."""
    return (
        f"so accuracy{of} is optimistic" if judged else "so its answers there tell little of new recordings"
    )
