"""Recordings that had a part in what a network is, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from snnc.text import LINE, one_line, shortened

TRAINING, FINE_TUNING, CHOICE = "training", "fine-tuning", "choice"
CAUSES = {
    TRAINING: "trained or validated the network",
    FINE_TUNING: "trained or validated the network in fine-tuning",
    CHOICE: "the export chose its bits or scales by",
}
"""By its cause, the part that a recording had in what a network is."""

UNKNOWN = "whether its recordings trained the network is not known"
NOT_KNOWN, SOME = "not known to be held out", "not all held out"
"""In a few words, of an accuracy."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How many recordings had a part in what a network is, `by_cause`, each by its first cause alone.

    `exact`: how many of those of training are so event by event; the others are with rounded times, in one of
    the steps of `steps_s` seconds. `sources`: the names of sources, such as speakers, who trained or
    validated the network, and of whom `of_sources` other recordings are. These are empty where the data of
    training are not here.
    """

    by_cause: Mapping[str, int]
    exact: int = 0
    steps_s: tuple[float, ...] = ()
    sources: tuple[str, ...] = ()
    of_sources: int = 0

    def words(self, judged: bool = True) -> str:
        """What part they had, in words. `judged`: their accuracy is told."""
        told = [(count, CAUSES[cause]) for cause, count in self.by_cause.items() if count]
        steps = [f"{each * 1000:.6g} ms" for each in self.steps_s]
        if not told:
            how = f"event by event and in steps of {' and '.join(steps)}"
            return f"none of them trained or validated the network, compared {how}{self._of_sources(judged)}"
        (count, first), *others = told
        have = "1 of them is" if count == 1 else f"{count} of them are"
        trained = self.by_cause.get(TRAINING, 0)
        if trained > self.exact:
            exact = f" ({self.exact} event by event)" if self.exact else ""
            have += f", in steps of {' or '.join(steps)}{exact},"
        have += " a recording" if count == 1 else " recordings"
        also = "".join(f", {many} that {what}" for many, what in others)
        of = "" if trained else " of its integers"
        return f"{have} that {first}{also}, {consequence(judged, of)}{self._of_sources(judged)}"

    def _of_sources(self, judged: bool) -> str:
        if not self.of_sources:
            return ""
        others = any(self.by_cause.values())
        if self.of_sources == 1:
            count = "1 other is" if others else "1 is"
        else:
            count = f"{self.of_sources} others are" if others else f"{self.of_sources} are"
        names = shortened(one_line(", ".join(self.sources)), LINE // 4)
        say = "accuracy says" if judged else "its answers there say"
        return (
            f"; but {count} of sources that did, by name (field `speaker`: {names}), so {say} little of new "
            "sources"
        )

    @property
    def short(self) -> str:
        """As `words`, in a few words; "" if there is nothing to doubt."""
        count = sum(self.by_cause.values())
        if count:
            return f"{count} of them not held out"
        return f"{self.of_sources} of them of sources that trained" if self.of_sources else ""


def words_of(seen: Seen | None, judged: bool = True) -> str:
    """`Seen.words`, or that nothing is known."""
    if seen is not None:
        return seen.words(judged)
    missing = "the data of training are not here, or fine-tuning kept no record of its own"
    return f"{UNKNOWN} ({missing})"


def short_of(seen: Seen | None) -> str:
    """`Seen.short`, or that nothing is known."""
    return NOT_KNOWN if seen is None else seen.short


def consequence(judged: bool, of: str = "") -> str:
    """What a part in the network says of recordings. `judged`: their accuracy, `of` the integers, is told."""
    return (
        f"so accuracy{of} is optimistic" if judged else "so its answers there tell little of new recordings"
    )
