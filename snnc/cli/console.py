"""Consoles: results go to stdout, progress to stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from snnc.comparison import Progress


def out(stderr: bool = False) -> Console:
    """For results, on stderr where stdout is for a program. Plain text where the output is piped."""
    from rich.console import Console

    class Output(Console):
        def on_broken_pipe(self) -> None:
            """Who reads has gone. rich exits with 1, which would say "not equal"."""
            try:
                super().on_broken_pipe()
            except SystemExit:
                raise BrokenPipeError from None

    return Output(highlight=False, markup=False, soft_wrap=True, stderr=stderr)


@contextmanager
def status(text: str) -> Iterator[Progress]:
    """A spinner with a message on stderr; yields what changes the message."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda message: None
        return
    with console.status(text) as spinner:
        yield lambda message: spinner.update(message)


@contextmanager
def bar(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; yields what tells it how many of `total` are done."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, highlight=False, markup=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done: progress.update(task, completed=done)
