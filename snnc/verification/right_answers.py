"""What clause 7 makes of the reference's states: what the answers of programs are held to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from snnc.decoding.decoder import Classes, Decoder, Record, Scores, decoders
from snnc.decoding.softmax import Floats
from snnc.errors import StageError
from snnc.stages import Answer, QuantizedGraph, Trace

OF_READOUT = {"v": "v of the readout differs", "spikes": "spikes of the readout differ"}


@dataclass(frozen=True, slots=True, eq=False)
class Right:
    """One readout as the reference has it.

    `record` [samples, T, classes] is what it is decoded from. `same`: whether the executor's own states are
    equal there. `several`: whether the network has other readouts, so that words must name this one.
    """

    decoder: Decoder
    record: Record
    same: bool
    several: bool
    scores: Scores = field(init=False)
    classes: Classes = field(init=False)

    def __post_init__(self) -> None:
        scores = self.decoder.scores(self.record)
        object.__setattr__(self, "scores", scores)
        object.__setattr__(self, "classes", scores.argmax(axis=1))

    @property
    def population(self) -> str:
        return self.decoder.readout.population

    @property
    def names(self) -> tuple[str, ...]:
        return self.decoder.readout.class_names

    @property
    def whose(self) -> str:
        """What follows on a word where there are several readouts: " of NAME"."""
        return f" of {self.population}" if self.several else ""

    @property
    def states_first(self) -> str:
        """What to look at where the executor's states differ, too."""
        return f"the states first: {OF_READOUT['spikes' if self.decoder.of_spikes else 'v']} too"

    def near(self, dtype: npt.DTypeLike) -> Floats:
        """How far a score in `dtype` may be off, [samples, 1]. Raises `StageError` as `Decoder.tolerance`."""
        return self.decoder.tolerance(self.record, dtype)[:, None]

    def bound(self, score: float, near: float) -> str:
        """A score, and how near is near enough."""
        return f"{score}" if self.decoder.of_spikes else f"{score:.9g} (within {near:.1e})"

    def name(self, index: int) -> str:
        known = 0 <= index < len(self.names)
        return f"{index} ({plain(self.names[index])})" if known else f"{index}, which is none"


class RightAnswers:
    """The readouts of a graph by the reference's trace `expected`, each computed when an answer needs it."""

    def __init__(self, graph: QuantizedGraph, expected: Trace, found: Trace) -> None:
        self._decoders = {each.readout.population: each for each in decoders(graph)}
        self._expected, self._found = expected, found
        self._made: dict[str, Right] = {}

    def of(self, answer: Answer) -> Right:
        """The readout that `answer` is of. Raises `StageError` if it does not say, or there is none."""
        known = self._decoders
        name = next(iter(known)) if answer.of is None and len(known) == 1 else answer.of
        if name not in known:
            what = "does not say of which readout it is" if name is None else f"is of {name}, no readout"
            raise StageError(f"answer of {answer.by}: {what}; there are {', '.join(known)}")
        if name not in self._made:
            decoder = known[name]
            records = (decoder.record(trace.layers) for trace in (self._expected, self._found))
            record, other = records
            same = np.array_equal(record[:, : decoder.end], other[:, : decoder.end])
            self._made[name] = Right(decoder, record, same, len(known) > 1)
        return self._made[name]


def plain(text: str) -> str:
    """`text` in one line of printable characters, as programs print names."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
