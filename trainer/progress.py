"""Training progress on a terminal."""

import textwrap
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from snnc.percent import short_percent
from snnc.trainer.metrics import EpochMetrics

WIDTH = 72
"""Columns of a line."""


def header(changes: Sequence[str], epochs: int) -> list[str]:
    """What the columns of the lines of epochs are. `changes`: fields of what is on in training alone."""
    on = f", with {', '.join(changes)}" if changes else ""
    trains = textwrap.wrap(f"loss, train: loss and accuracy on what trains{on}", WIDTH - 7)
    return [
        "epoch  σ: width of the delay kernels, moved: mean change of a delay",
        "       (steps); in later phases, the name of the phase",
        *(f"       {line}" for line in trains),
        "       val: accuracy on what validates, Gaussian → whole-step delays",
        "       best: kept; highest whole-step accuracy so far in its phase, then",
        "       lowest loss on what validates (not shown); in later phases also",
        "       better than what the phase began with; counts once σ and pruning",
        "       are final, or in the phase's last epoch; the last is kept if no",
        "       recordings validate",
        f"       epochs are numbered to {epochs}, over all phases",
    ]


class TrainingProgress:
    """A bar with the last epoch's numbers; a line for each best epoch. Use as a context manager.

    A header, before the first line, says what the columns are. `changes`: what is on in training alone.

    with TrainingProgress() as progress:
        train(config, progress=progress)
    """

    def __init__(self, console: Console | None = None, changes: Sequence[str] = ()) -> None:
        self._changes = changes
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
        )
        self._task = self._bar.add_task("training", total=None)
        self._headed = False

    def __enter__(self) -> "TrainingProgress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar.live.is_started:
            if kind is None:  # the numbers of the last epoch, which may not be kept, would stand last
                self._bar.update(self._task, description="trained")
            self._bar.stop()

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._bar.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def __call__(self, metrics: EpochMetrics) -> None:
        short = f"{metrics.phase}  loss {metrics.loss:.3f}  val {_share(metrics.validation_accuracy_rounded)}"
        self._bar.start()  # not before: an error in the data should stand alone
        self._bar.update(self._task, total=metrics.epochs, completed=metrics.epoch + 1, description=short)
        if metrics.best or not self._bar.console.is_terminal:
            if not self._headed:
                for line in header(self._changes, metrics.epochs):
                    self._bar.console.print(line, highlight=False)
                self._headed = True
            self._bar.console.print(f"{metrics.epoch + 1:>4}  {describe(metrics)}", highlight=False)
            if told := describe_recipe(metrics):
                self._bar.console.print(f"      {told}", highlight=False)


def describe(metrics: EpochMetrics) -> str:
    """One line, within 72 columns: delays, loss, accuracies in percent.

    Of a Gaussian epoch: the width of the kernels, by how many steps a delay moved on average, and validation
    with Gaussian → with whole-step delays. Of another: its phase.
    """
    whole = _share(metrics.validation_accuracy_rounded)
    if metrics.phase == "gaussian":
        delays = f"σ {metrics.sigma:5.2f}  moved {metrics.moved:4.2f}"
        validation = f"{_share(metrics.validation_accuracy)} → {whole}"
    else:
        delays, validation = metrics.phase, whole.rjust(15)
    best = " best" if metrics.best else ""
    train = _share(metrics.train_accuracy)
    return f"{delays:19}  loss {metrics.loss:.3f}  train {train}  val {validation}{best}"


def describe_recipe(metrics: EpochMetrics) -> str:
    """What only some recipes measure, in one line; empty if nothing."""
    told = []
    if metrics.synapses is not None:
        told.append(f"synapses {_share(metrics.synapses).strip()}")
    if metrics.firing is not None:
        told.append(f"firing {100 * metrics.firing:.2f}%")
    if metrics.operations is not None:
        told.append(f"{metrics.operations:,.0f} synaptic operations")
    if metrics.kernels is not None:
        told.append(f"kernels {metrics.kernels}")
    return "  ".join(told)


def _share(accuracy: float) -> str:
    """Six columns."""
    return f"{short_percent(accuracy)}%".rjust(6)
