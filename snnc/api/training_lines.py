"""What training says meanwhile: a bar where there is a screen for it, and a line for each phase."""

from __future__ import annotations

import sys
from html import escape
from typing import Any

from snnc.api.pictures import in_notebook
from snnc.api.words import in_python
from snnc.percent import short_percent
from snnc.trainer.metrics import EpochMetrics


class Lines:
    """Prints lines, and moves a bar in a notebook or a terminal; not `verbose`: neither."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._bar = bar() if verbose else None

    def say(self, text: str) -> None:
        """A line of its own."""
        if self._verbose:
            print(in_python(text))

    def end(self) -> None:
        """The last epoch is over, or training failed."""
        if self._bar is not None:
            self._bar.close()


class TrainingLines(Lines):
    """Prints a line when a phase is over. Epochs only move the bar."""

    def __init__(self, verbose: bool) -> None:
        super().__init__(verbose)
        self._best = 0.0
        self._last: EpochMetrics | None = None

    def __call__(self, metrics: EpochMetrics) -> None:
        if self._last is not None and self._last.phase != metrics.phase:
            self._phase_over()
        self._last = metrics
        self._best = max(self._best, metrics.validation_accuracy_rounded)
        if self._bar is not None:
            accuracy = short_percent(metrics.validation_accuracy_rounded)
            text = f"{metrics.phase}: loss {metrics.loss:.3f}, validation accuracy {accuracy} %"
            self._bar.move(metrics.epoch + 1, metrics.epochs, text)

    def end(self) -> None:
        """The last phase is over, or training failed."""
        super().end()
        self._phase_over()

    def _phase_over(self) -> None:
        if self._last is None:
            return
        last, best = self._last, short_percent(self._best)
        self.say(f"{last.phase}: loss {last.loss:.3f}, best validation accuracy {best} %")
        self._last, self._best = None, 0.0


class _NotebookBar:
    """One output of a cell, which each epoch replaces; no widgets are needed."""

    def __init__(self) -> None:
        self._handle: Any = None

    def move(self, done: int, total: int, text: str) -> None:
        from IPython.display import HTML, display

        said = f"epoch {done} of {total}, {text}"
        shown = HTML(f'<progress value="{done}" max="{total}"></progress> {escape(said)}')  # type: ignore[no-untyped-call]
        if self._handle is None:
            self._handle = display(shown, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(shown)

    def close(self) -> None:
        pass


class _TerminalBar:
    """A bar of rich on the standard error, which goes at the end."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._bar = Progress(
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # lines for a file or a pipe stay theirs
        )
        self._task = self._bar.add_task("training", total=None)

    def move(self, done: int, total: int, text: str) -> None:
        self._bar.start()
        self._bar.update(self._task, completed=done, total=total, description=text)

    def close(self) -> None:
        self._bar.stop()


def bar() -> _NotebookBar | _TerminalBar | None:
    """What epochs move, in a notebook or a terminal; None elsewhere."""
    if in_notebook():
        return _NotebookBar()
    return _TerminalBar() if sys.stderr.isatty() else None
