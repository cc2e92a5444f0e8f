"""How signals end a command: all is tidied up, and the exit code is 128 + the signal's number.

A signal raises `Ended` wherever it finds the main thread. Python loses what is raised in the callback of a
weak reference, in a finaliser or in a C library's callback, and such moments are frequent: then it is raised
again a moment later. Steps that must not be broken off, such as making a folder and noting it, hold it back.
One that comes just as a block is entered or left skips what tidies up there: the end of the command does it.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, ClassVar

MOMENT_S = 0.01
"""After which a lost `Ended` is raised again."""


class Ended(SystemExit):
    """The exception with which a signal ends the command; its `code` is the exit code."""


class _State:
    """Of this process: only its main thread handles signals."""

    signal: signal.Signals | None = None
    held, waiting = 0, False
    owed: ClassVar[dict[object, Callable[[], None]]] = {}


@contextmanager
def by_signals() -> Iterator[Callable[[], signal.Signals | None]]:
    """In this block, SIGINT, SIGTERM and SIGHUP raise `Ended`.

    Yields what tells the first signal that came, whether or not its exception reached the end of the block.
    After the block, only that tells it: who calls `main` and goes on is not ended again.
    A signal that is ignored stays so: `nohup` and shells start commands like that. In another thread than the
    main one, nothing changes.
    """
    if not _in_main_thread():
        yield lambda: None
        return
    _State.signal, _State.waiting = None, False
    before, hook, outer = {}, sys.unraisablehook, _State.owed
    _State.owed = {}
    came: list[signal.Signals | None] = []
    try:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, _end)
        if hasattr(signal, "setitimer"):  # not on Windows: there a lost end needs a second signal
            before[signal.SIGALRM] = signal.signal(signal.SIGALRM, _end)
            sys.unraisablehook = partial(_lost, hook)
        yield lambda: came[0] if came else _State.signal
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)
        if _State.signal is not None:
            for undo in reversed([*_State.owed.values()]):  # as blocks are left, the inner one first
                undo()
        _State.owed = outer
        came.append(_State.signal)
        _State.signal = None


def reraise_pending() -> None:
    """Raise `Ended` if a signal came: for whoever caught what a library made of that exception."""
    if _State.signal is not None:
        raise Ended(128 + _State.signal)


@contextmanager
def defer_signals() -> Iterator[None]:
    """`Ended` waits until this block is left, which must be short."""
    if not _in_main_thread():
        yield
        return
    _State.held += 1
    try:
        yield
    finally:
        _State.held -= 1
        if _State.waiting and not _State.held:
            _State.waiting = False
            reraise_pending()


def owed(undo: Callable[[], None]) -> Callable[[], None]:
    """`undo`, to be called once and not broken off; a command that a signal ends calls it if nobody did."""
    if not _in_main_thread():
        return undo
    note, notes = object(), _State.owed

    def once() -> None:
        with defer_signals():
            if note in notes:
                undo()
                del notes[note]

    notes[note] = undo
    return once


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _end(number: int, frame: FrameType | None) -> None:
    if _State.signal is None:
        _State.signal = signal.Signals(number)
    if _State.held:
        _State.waiting = True
    else:
        reraise_pending()


def _lost(hook: Callable[[sys.UnraisableHookArgs], Any], lost: sys.UnraisableHookArgs) -> None:
    if isinstance(lost.exc_value, Ended):
        signal.setitimer(signal.ITIMER_REAL, MOMENT_S)
    elif _State.signal is None:  # else of an object whose `__init__` was broken off: no fault of the command
        hook(lost)
