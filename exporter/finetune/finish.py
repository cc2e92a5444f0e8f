"""Epochs of training in integers, and the best of them by recordings that do not train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from snnc.batches import batches
from snnc.errors import LimitError, StageError, TrainingError
from snnc.exporter.finetune.parameters import Parameters
from snnc.exporter.finetune.rounding import Start
from snnc.exporter.finetune.teacher import float_answers_of
from snnc.exporter.graph_recordings import Classes, classes_of
from snnc.exporter.ranges.prove import graph_bounds, refuse_overflow
from snnc.stages import DiscreteModel, FloatGraph, QuantizedGraph
from snnc.stages.float_graph import graph_of_chain
from snnc.trainer.integer_model import run_graph
from snnc.trainer.optimizers import Adam, set_rate
from snnc.trainer.phases import cosine
from snnc.trainer.straight_through.back import go_back
from snnc.trainer.straight_through.scores import leaves, loss_of, scores

Events = npt.NDArray[np.uint8]
LOGITS = 3.0
"""Standard deviation of what the cross-entropy gets, over samples and classes, at the start."""


@dataclass(frozen=True, slots=True)
class Samples:
    """`events` uint8 [samples, T, inputs]; `labels` int64 [samples, readouts].

    `answers`, of the same shape: the classes of the network in real numbers. To train, none are needed.
    """

    events: Events
    labels: Classes
    answers: Classes | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the training; `rate` is the learning rate, as a share of the largest weight into a neuron.

    `allow_saturation`: the integers that are kept may overflow. `keep_last`: the last epoch is kept, not the
    best, since the samples that validate were trained on.
    """

    epochs: int
    batch_size: int
    rate: float
    seed: int
    allow_saturation: bool = False
    keep_last: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """Samples that are right, and whose classes are those in real numbers; the mean loss."""

    right: int
    agreeing: int
    total: int
    loss: float

    @property
    def rank(self) -> tuple[int, float]:
        return self.right, -self.loss


@dataclass(frozen=True, slots=True)
class EpochReport:
    """What is told after an epoch; the loss is that of training.

    `overflows`: it would be the best, but may overflow, and is not kept.
    """

    epoch: int
    epochs: int
    loss: float
    validation: Measure
    best: bool
    overflows: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """`network` of the epoch `epoch` (0: before the first), and what validated `before` and `after`.

    `clipped`: of the start with clipped weights, if it is the one that was trained: what it differs from
    `before` is no gain of training.
    `sound`: overflow is excluded, or allowed by the settings; else an export with these refuses the network.
    `changed`: an export makes other integers of it than it made of the network that was given.
    `weights`: the kept epoch, or of the start any, has another integer weight than the start of training.
    """

    network: FloatGraph | DiscreteModel
    epoch: int
    before: Measure
    after: Measure
    sound: bool
    changed: bool
    clipped: Measure | None = None
    weights: bool = True


def finish(
    starts: Sequence[Start],
    train: Samples,
    validation: Samples,
    settings: Settings,
    progress: Callable[[EpochReport], None] = lambda report: None,
) -> Finished:
    """Train the start that validates best as integers, of those that cannot overflow if there are any.

    The best start or epoch is kept: most samples right, then the smallest loss; of epochs, the last with
    `keep_last`. An epoch that may overflow is not kept unless the settings allow it. If the start may
    overflow, the first epoch that cannot replaces it, even if it is worse.

    Raises
    ------
    TrainingError
        If the integers of an epoch have no format, or its gradients are not finite.
    """
    sharpness = _sharpness(starts[0].integers(starts[0].graph), validation)
    rounded = [each.integers(each.graph) for each in starts]
    found = [measure(each, validation, sharpness) for each in rounded]
    holds = [settings.allow_saturation or is_sound(each) for each in rounded]
    first = max(range(len(starts)), key=lambda number: (holds[number], found[number].rank))
    chosen, best, untrained = starts[first], found[first], found[0]
    kept, at, sound = chosen.graph, 0, holds[first]
    weights = moved_in_any = False
    parameters = Parameters(chosen.graph, chosen.ends)
    optimizer = Adam(parameters.tensors, lr=settings.rate)
    rng = np.random.default_rng(settings.seed)
    for epoch in range(settings.epochs):
        set_rate(optimizer, cosine(epoch, settings.epochs, settings.rate))
        try:
            order = rng.permutation(len(train.labels))
            loss = _train(parameters, chosen, train, optimizer, sharpness, order, settings, epoch + 1)
            moved = parameters.graph()
            graph = chosen.integers(moved)
        except (LimitError, StageError) as error:  # beyond a format, or clause 2
            raise TrainingError(
                f"epoch {epoch + 1}: {error}; or lower learning_rate, {settings.rate:g} now"
            ) from error
        now, other = measure(graph, validation, sharpness), _other_weights(graph, rounded[first])
        moved_in_any |= other
        better = now.rank > best.rank or not sound or settings.keep_last
        overflows = better and not (settings.allow_saturation or is_sound(graph))
        if better and not overflows:
            best, kept, at, sound, weights = now, moved, epoch + 1, True, other
        progress(EpochReport(epoch + 1, settings.epochs, loss, now, better and not overflows, overflows))
    changed = at > 0 or not chosen.as_exported
    clipped = None if chosen.as_exported else found[first]
    weights = weights if at else moved_in_any
    return Finished(chosen.finished(kept), at, untrained, best, sound, changed, clipped, weights)


def _other_weights(graph: QuantizedGraph, start: QuantizedGraph) -> bool:
    """Whether a weight is another integer than in `start`, whose projections are the same."""
    both = zip(graph.projections, start.projections, strict=True)
    return any(new.synapses != old.synapses for new, old in both)


def _train(
    parameters: Parameters,
    start: Start,
    train: Samples,
    optimizer: Adam,
    sharpness: dict[str, float],
    order: npt.NDArray[np.int64],
    settings: Settings,
    epoch: int,
) -> float:
    """The samples once, in this `order`; returns the mean loss. `epoch` is for errors."""
    total = 0.0
    for first in range(0, len(order), settings.batch_size):
        which = np.sort(order[first : first + settings.batch_size])
        graph = start.integers(parameters.graph())
        parameters.clear()
        for part in batches(graph, len(which)):  # as many as the memory holds
            some = which[part]
            total += _add_gradients(
                parameters, graph, train.events[some], train.labels[some], sharpness, len(which)
            )
        if (name := parameters.not_finite()) is not None:
            raise TrainingError(
                f"epoch {epoch}: the gradient of {name} is not finite; train on networks with fewer time "
                "steps, or with smaller recurrent weights"
            )
        optimizer.step()
        parameters.keep_within_ends()
    return total / len(order)


def _add_gradients(
    parameters: Parameters,
    graph: QuantizedGraph,
    events: Events,
    labels: Classes,
    sharpness: dict[str, float],
    batch: int,
) -> float:
    """Those of the mean over a `batch` that these samples are a part of; returns the sum of their losses."""
    trace = run_graph(graph, events)
    values = leaves(graph, trace)
    loss = loss_of(graph, values, torch.from_numpy(labels), sharpness) * len(labels)
    (loss / batch).backward()
    given = {name: value.grad for name, value in values.items() if value.grad is not None}
    parameters.add(go_back(graph, events, trace, given))
    return float(loss.detach())


@torch.no_grad()
def measure(graph: QuantizedGraph, samples: Samples, sharpness: dict[str, float]) -> Measure:
    """What `graph` tells of `samples`, as the contract decodes it; they have answers."""
    assert samples.answers is not None
    right = agreeing = 0
    loss = 0.0
    for part in batches(graph, len(samples.labels)):
        trace = run_graph(graph, samples.events[part])
        classes, labels = classes_of(graph, trace), samples.labels[part]
        right += int((labels == classes).all(axis=1).sum())
        agreeing += int((samples.answers[part] == classes).all(axis=1).sum())
        values = leaves(graph, trace)
        loss += float(loss_of(graph, values, torch.from_numpy(labels), sharpness)) * len(labels)
    return Measure(right, agreeing, len(samples.labels), loss / len(samples.labels))


def answers(network: FloatGraph | DiscreteModel, events: Events) -> Classes:
    """Classes of `network` in real numbers."""
    graph = network if isinstance(network, FloatGraph) else graph_of_chain(network)
    return float_answers_of(graph, events)


@torch.no_grad()
def _sharpness(graph: QuantizedGraph, samples: Samples) -> dict[str, float]:
    """By readout, what its scores are multiplied by in the loss, so that their units play no role."""
    told: dict[str, list[torch.Tensor]] = {each.population: [] for each in graph.readouts}
    for part in batches(graph, len(samples.labels)):
        values = leaves(graph, run_graph(graph, samples.events[part]))
        for each in graph.readouts:
            told[each.population].append(scores(graph, each, values[each.population]))
    spread = {name: float(torch.cat(found).std(correction=0)) for name, found in told.items()}
    return {name: LOGITS / size if size > 0 else 1.0 for name, size in spread.items()}


def is_sound(graph: QuantizedGraph) -> bool:
    """Whether overflow is excluded for all inputs."""
    try:
        refuse_overflow(graph_bounds(graph))
    except LimitError:
        return False
    return True
