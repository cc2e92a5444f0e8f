"""Consoles: results go to stdout, progress to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from snnc.text import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from snnc.verification.comparison import Progress


_QUIET = ContextVar("quiet", default=False)
_ASIDE = ContextVar("aside", default=False)
_VERBOSE = ContextVar("verbose", default=False)
LAST = 60
"""Characters of what `phases` shows behind a phase."""


@contextmanager
def told(*, quiet: bool, aside: bool, verbose: bool) -> Iterator[None]:
    """In this block, commands print nothing but errors if `quiet`, and their text on stderr if `aside`."""
    before = _QUIET.set(quiet), _ASIDE.set(aside), _VERBOSE.set(verbose)
    try:
        yield
    finally:
        for variable, token in zip((_QUIET, _ASIDE, _VERBOSE), before, strict=True):
            variable.reset(token)


def verbose() -> bool:
    """Whether details are asked for."""
    return _VERBOSE.get()


def quiet() -> bool:
    """Whether only errors are asked for, and what a command prints even then."""
    return _QUIET.get()


def out(stderr: bool = False, always: bool = False) -> Console:
    """For results, on stderr where stdout is for a program. Plain text where the output is piped.

    `always`: what is printed even if only errors are asked for.
    """
    quiet = _QUIET.get() and not always
    return _console(stderr=stderr or _ASIDE.get(), soft_wrap=True, quiet=quiet)


def aside() -> Console:
    """On stderr, for progress."""
    return _console(stderr=True, quiet=_QUIET.get())


def _console(*, stderr: bool, quiet: bool, soft_wrap: bool = False) -> Console:
    from rich.console import Console
    from rich.text import Text

    class Output(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            """Each text that is no `Text`, in tables too: names and words of strangers are in it."""
            return super().render_str(one_line(text), **how)

        def on_broken_pipe(self) -> None:
            """Who reads has gone. rich exits with 1, which would say "not equal"."""
            try:
                super().on_broken_pipe()
            except SystemExit:
                raise BrokenPipeError from None

    return Output(highlight=False, markup=False, soft_wrap=soft_wrap, stderr=stderr, quiet=quiet)


@contextmanager
def status(text: str) -> Iterator[Progress]:
    """A spinner with a message on stderr; yields what changes the message."""
    console = aside()
    if console.quiet or not console.is_terminal:
        yield lambda message: None
        return
    with console.status(text) as spinner:
        _spinners.append(spinner)
        try:
            yield lambda message: spinner.update(message)
        finally:
            _spinners.remove(spinner)


@contextmanager
def phases(text: str) -> Iterator[Callable[[str, str], None]]:
    """As `status`, for what has phases: yields what takes one and the last that is known of it.

    Where stderr is no terminal, each phase is a line when it begins.
    """
    from rich.markup import escape

    console, before = aside(), ""
    with status(text) as update:

        def tell(phase: str, last: str) -> None:
            nonlocal before
            if console.is_terminal:
                update(escape(one_line(f"{phase}  {last[:LAST]}")))
            elif phase != before:
                console.print(phase, soft_wrap=True)
            before = phase

        yield tell


_spinners: list[Status] = []
_said: set[str] = set()


@contextmanager
def lasting(text: str) -> Iterator[None]:
    """Say on stderr what lasts, while it does: the spinner that is there says it, else one of its own.

    Above a bar it is a line, once.
    """
    if _spinners:
        before = _spinners[-1].status
        _spinners[-1].update(text)
        try:
            yield
        finally:
            _spinners[-1].update(before)
    elif hasattr(
        sys.stderr, "rich_proxied_file"
    ):  # a bar is on the screen, and moves down for what is printed
        if text not in _said:
            _said.add(text)
            print(text, file=sys.stderr)
        yield
    else:
        with status(text):
            yield


@contextmanager
def steps() -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """As `bar`, where it turns out later how much there is to do: yields what makes bars."""
    from rich.progress import Progress

    console = aside()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:

        def begin(text: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(text, total=total)
            return lambda done: progress.update(task, completed=done)

        yield begin


@contextmanager
def bar(text: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; yields what tells it how many of `total` are done."""
    from rich.progress import Progress

    console = aside()
    with Progress(
        console=console, transient=True, disable=console.quiet or not console.is_terminal
    ) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done: progress.update(task, completed=done)
