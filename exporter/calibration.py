"""Recordings that the export may look at, and what the integer network makes of them.

They come from the validation split, on which training selected too. No choice is ever made on test
recordings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from snnc.decoding import softmax
from snnc.stages import FloatGraph
from snnc.stages.findings import Doubt
from snnc.stages.losses import Recordings
from snnc.trainer.data.events import UNKNOWN
from snnc.trainer.data.speakers import of_each

if TYPE_CHECKING:
    from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph, Trace, TrainedGraph, TrainedModel
    from snnc.trainer.data import EventDataset
    from snnc.trainer.other_data import OtherData

SPLIT = "validation"
MOST = 500
"""More recordings than this are sub-sampled evenly: a search runs the network dozens of times."""
RECORDINGS = 200
"""Most recordings of which a loss budget and a placement keep every state."""
FEWEST_RECORDINGS = 20
WORK = 4_000_000_000
"""Synapses times steps times recordings: what takes seconds."""


@dataclass(frozen=True, slots=True)
class RecordedLoss:
    """Of a network on the recordings: how many it decodes right, and the mean loss of training."""

    correct: int
    loss: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """`spikes` uint8 [recordings, T, inputs] of 0 and 1 and `labels` int64 [recordings].

    They are of the `available` recordings of `split`. `speakers`: whose each recording is; None where that is
    not known of all. `other`: what is said of data that are not the model's own.
    """

    split: str
    available: int
    spikes: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    speakers: tuple[str, ...] | None = None
    other: OtherData | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def recordings(self) -> Recordings:
        speakers = None if self.speakers is None else tuple(sorted(set(self.speakers), key=_in_order))
        return Recordings(self.split, len(self), self.available, speakers)

    def pick(self, count: int) -> Self:
        """`count` recordings (or all, if fewer), spread evenly."""
        count = min(count, len(self))
        which = np.arange(count) * len(self) // max(count, 1)
        speakers = None if self.speakers is None else tuple(self.speakers[each] for each in which)
        return replace(self, spikes=self.spikes[which], labels=self.labels[which], speakers=speakers)

    def measure(self, graph: QuantizedGraph) -> RecordedLoss:
        """Run `graph` in the event-driven simulator, which is bit-exact."""
        from snnc.hwsim.event_driven import readout

        return measured(softmax.scores(readout(graph, self.spikes), graph.readout_scale), self.labels)

    def right(self, scores: npt.NDArray[np.generic], part: slice) -> npt.NDArray[np.bool_]:
        """Which recordings of a part the class scores [recordings, classes] decode right, [recordings]."""
        decoded: npt.NDArray[np.bool_] = scores.astype(np.float64).argmax(axis=1) == self.labels[part]
        return decoded

    def trace(self, graph: QuantizedGraph, part: slice) -> Trace:
        """Every u, v and spike of `graph` on a part of the recordings."""
        from snnc.hwsim.event_driven import simulate

        return simulate(graph, self.spikes[part])


def affordable(model: TrainedModel | DiscreteModel | FloatGraph) -> int:
    """How many recordings take seconds: `FEWEST_RECORDINGS` .. `RECORDINGS`, fewer of larger networks."""
    if isinstance(model, FloatGraph):
        synapses = sum(each.synapses.count for each in model.projections)
    else:
        synapses = sum(layer.weight.size for layer in model.layers)
    return min(max(WORK // max(1, model.time_steps * synapses), FEWEST_RECORDINGS), RECORDINGS)


def measured(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.int64]) -> RecordedLoss:
    """Of class scores [recordings, classes]: argmax, and cross-entropy of their softmax, as in training."""
    scores = scores.astype(np.float64)
    top = scores.max(axis=1)
    log_sum = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top
    losses = log_sum - scores[np.arange(len(labels)), labels]
    return RecordedLoss(int((scores.argmax(axis=1) == labels).sum()), float(losses.mean()))


def _in_order(name: str) -> tuple[int, str]:
    """Numbers as numbers, and names by letters."""
    return (len(name) if name.isdecimal() else 0), name


def speakers_of(events: EventDataset, which: npt.NDArray[np.int64]) -> tuple[str, ...] | None:
    """Whose each of the recordings `which` of `events` is, as `Calibration` has it."""
    return of_each(events.speaker[which], events.speaker_names, UNKNOWN)


def load_calibration(
    model: TrainedModel | TrainedGraph,
    dataset: str | EventDataset | None = None,
    near: Path | None = None,
    most: int = MOST,
) -> Calibration:
    """At most `most` validation recordings of `model`'s data or of `dataset`, evenly over the classes.

    Raises
    ------
    InputError
        As `snnc.trainer.samples.load_samples`.
    """
    from snnc.trainer.samples import load_samples

    samples = load_samples(model, SPLIT, dataset, near)
    which = samples.picked(most)
    spikes, labels = samples.frames(which)
    return Calibration(
        samples.name, len(samples), spikes, labels, speakers_of(samples.events, which), samples.other
    )


def no_counts(calibration: Calibration | None, payload_max: int) -> Doubt | None:
    """That recordings hold 0 and 1 alone, and the input takes more: perhaps they are `x > 0` of counts.

    None of a network that `snnc train` trained, which was on 0 and 1, and if nothing is measured.
    """
    if calibration is None:
        return None
    largest = int(calibration.spikes.max(initial=0))
    if payload_max == 1 or largest > 1 or calibration.other is not None:
        return None
    return Doubt(
        f"the largest value of the recordings measured is {largest}, the network's input takes 0 .. "
        f"{payload_max}: if it gets counts, measure on a file of counts (npz with `spikes`, `labels`, `dt`)",
        f"no value above {largest}",
    )
