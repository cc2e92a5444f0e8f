"""Whether recordings trained the network, and so why accuracies of them may say too much, for the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snnc.stages.findings import Doubt
from snnc.trainer.seen import SOME

if TYPE_CHECKING:
    from snnc.trainer.samples import Samples


@dataclass(slots=True)
class Origins:
    """What is told of the recordings of a report, and, by split, what of that is a doubt."""

    notes: list[str] = field(default_factory=list)
    doubts: dict[str, Doubt] = field(default_factory=dict)

    def of_data(self, data: Samples) -> None:
        """Take in what is said of `data`."""
        found = [] if data.other is None else [data.other.doubt or Doubt(data.other.text, "")]
        found += [Doubt(each, SOME) for each in data.copies]
        self.notes += [each.text for each in found]
        doubtful = [each for each in found if each.short]
        if doubtful:
            text = "; ".join(each.text for each in doubtful)
            self.doubts[data.name] = Doubt(text, ", ".join(dict.fromkeys(each.short for each in doubtful)))

    def of_input(self, name: str, found: Doubt | None) -> None:
        """Take in what was `found` of samples that a user gives, called `name`."""
        if found is None:
            return
        self.notes.append(f"{name}: {found.text}")
        if found.short:
            self.doubts[name] = found
