"""Labels of a file by the names of its classes, among those of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from snnc.io.missing import marked, with_none
from snnc.io.spike_file import checked_labels
from snnc.text import one_line, shortened, spelt_otherwise, with_near
from snnc.trainer.data.class_names import NO_CLASS
from snnc.verification.label_order import are_numbers

Labels = npt.NDArray[np.int64]
_OWN = 120
"""Characters of the names of the network's classes that are listed."""


@dataclass(frozen=True, slots=True)
class NamedLabels:
    """The class of each sample by the names of the file: `numbers` int64 [samples], of `names`."""

    names: tuple[str, ...]
    numbers: Labels

    def among(self, classes: Sequence[str]) -> Labels:
        """By the numbers of `classes`, -1 where the name is none of these."""
        number_of = {name: number for number, name in enumerate(classes)}
        return np.array([number_of.get(name, -1) for name in self.names], np.int64)[self.numbers]

    def not_compared(self, classes: Sequence[str], remedy: str = "") -> str | None:
        """A sentence on samples without a label, or with a class that is none of the network's `classes`.

        None if there are none, or if no sample has a label. `remedy`: where the names of classes stand.
        """
        if self.names == (NO_CLASS,):
            return None
        counts = np.bincount(self.numbers, minlength=len(self.names)).tolist()
        used = {name: count for name, count in zip(self.names, counts, strict=True) if count}
        without, given = used.get(NO_CLASS, 0), sum(n for name, n in used.items() if name != NO_CLASS)
        strange = {name: n for name, n in used.items() if name not in (*classes, NO_CLASS)}
        have = "has" if without == 1 else "have"
        told = [f"{without} of {len(self.numbers)} samples {have} no label"] if without else []
        return "; ".join([*told, *filter(None, [self._strange(strange, given, classes, remedy)])]) or None

    def _strange(
        self, strange: dict[str, int], given: int, classes: Sequence[str], remedy: str
    ) -> str | None:
        """Of the `given` labels, those of `strange` names, with how many samples have each."""
        if not strange:
            return None
        shown, meant = with_near(strange, classes), spelt_otherwise(strange, classes)
        if (self.among(classes) < 0).all():
            some = "the 1 label is not" if given == 1 else f"none of the {given} labels is"
            own = shortened(", ".join(map(one_line, classes)), _OWN)
            return (
                f"{some} a class of the network, so no accuracy is counted: the labels are {shown}; "
                f"the network has {own}{meant or remedy}"
            )
        return (
            f"{sum(strange.values())} of {given} labels are not compared: the network has no class called "
            f"{shown}{meant}"
        )


def named_labels(
    name: str, labels: npt.NDArray[np.generic], count: int, own: Sequence[str] | None, classes: Sequence[str]
) -> NamedLabels | None:
    """`labels` [`count`], names or numbers of the classes `own`; None of numbers that count `classes`.

    These are numbers without `own`, and where `own` or `classes` are but numbers as texts, and do not fit.
    Raises `InputError` for labels that are not of `own`, and calls them `name`.
    """
    labels = marked(labels, classes if own is None else own)
    texts = labels.dtype.kind == "U"
    if own is None:
        if not texts:
            return None
        own = tuple(map(str, np.unique(labels)))
    own = with_none(own, labels)
    found = NamedLabels(own, checked_labels(name, labels, count, own))
    counts = not texts and (are_numbers(own) or are_numbers(classes))
    used = {found.names[number] for number in np.unique(found.numbers).tolist()}
    return None if counts and not used <= {*classes, NO_CLASS} else found
