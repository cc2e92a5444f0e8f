"""Signals end a block wherever they come, but where it must not be broken off."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import pytest

from snnc.io import files, signals
from snnc.io.claims import claim
from snnc.io.folder_lock import directory_lock, lock_at_once

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


def send(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class Thing:
    pass


def test_one_that_is_lost_in_a_callback_is_raised_again() -> None:
    noted = []

    def lose() -> None:
        reference = weakref.ref(thing := Thing(), send)
        del thing  # here the callback is called, from which nothing can be raised
        noted.append(reference())
        while True:
            time.sleep(0.01)

    with signals.by_signals() as came, pytest.raises(signals.Ended) as raised:
        lose()
    assert noted == [None]
    assert came() == signal.SIGTERM
    assert raised.value.code == 143
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_other_lost_errors_are_told_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))
    with signals.by_signals():
        reference = weakref.ref(thing := Thing(), lambda _: 1 / 0)
        del thing
    assert reference() is None
    assert told == [ZeroDivisionError]


class HalfMade:
    """As `zipfile.ZipFile`: its finaliser uses what the end of `__init__` sets."""

    def __init__(self) -> None:
        send()
        self.whole = True

    def __del__(self) -> None:
        assert self.whole


def test_an_object_that_was_half_made_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with signals.by_signals() as came, suppress(signals.Ended):
        HalfMade()
    assert came() == signal.SIGTERM
    assert told == []


def test_one_that_is_held_back_comes_after_the_block() -> None:
    done = []

    def step() -> None:
        with signals.defer_signals():
            with signals.defer_signals():
                send()
            done.append("both blocks")
        done.append("what follows")

    with signals.by_signals(), pytest.raises(signals.Ended):
        step()
    assert done == ["both blocks"]


def test_what_is_ignored_stays_ignored_and_handlers_come_back() -> None:
    """As under `nohup`."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with signals.by_signals() as came:
            send()
        assert came() is None
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_library_that_makes_another_error_of_it() -> None:
    def library() -> None:
        try:
            send()
        except signals.Ended:
            raise KeyError from None

    with signals.by_signals():
        with pytest.raises(KeyError):
            library()
        with pytest.raises(signals.Ended):
            signals.reraise_pending()


def test_one_that_ended_a_block_ends_nothing_after_it() -> None:
    with signals.by_signals() as came, suppress(signals.Ended):
        send()
    signals.reraise_pending()
    assert came() == signal.SIGTERM


@pytest.mark.parametrize("step", ["mkdtemp", "rmtree"])
def test_one_while_a_part_is_made_or_removed_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    module = {"mkdtemp": tempfile, "rmtree": shutil}[step]
    done = getattr(module, step)

    def around(*arguments: object, **options: object) -> object:
        if step == "rmtree":
            send()
        made = done(*arguments, **options)
        if step == "mkdtemp":
            send()
        return made

    monkeypatch.setattr(module, step, around)
    for write in (lambda: files.write_file(tmp_path / "file", b"1"), lambda: in_temporary(tmp_path)):
        with signals.by_signals(), pytest.raises(signals.Ended):
            write()
    assert set(os.listdir(tmp_path)) <= {"file"}


@pytest.mark.parametrize("write", [files.write_file, files.write_folder, "claim"])
def test_one_at_any_instruction_leaves_nothing(tmp_path: Path, write: object) -> None:
    """Also at the first one of what tidies up: Python looks for signals as a function begins."""

    def work() -> None:
        if write == "claim":
            with claim(tmp_path / "file", "another"):
                pass
        else:
            write(tmp_path / "file", b"1" if write is files.write_file else {"a": b"1"})

    if write is files.write_folder:
        (tmp_path / "file").mkdir()
    else:
        (tmp_path / "file").touch()
    moment = 0
    while ended_at(moment, work):
        assert os.listdir(tmp_path) == ["file"], moment
        moment += 1
    assert moment > 100


def test_one_at_any_instruction_keeps_no_lock(tmp_path: Path) -> None:
    """Though the frames live on: the end of a command that waits for a lock of its own never comes."""

    def work() -> None:
        try:
            with directory_lock(tmp_path):
                pass
        except signals.Ended as ended:
            kept.append(ended)
            raise

    moment, kept = 0, list[signals.Ended]()
    while ended_at(moment, work):
        os.close(lock_at_once(tmp_path))
        moment += 1
    assert len(kept) > 100


def ended_at(moment: int, work: Callable[[], None]) -> bool:
    """Whether `work` had not yet ended when a signal came at its instruction number `moment`."""
    left = moment

    def traced(frame: FrameType, event: str, _: object) -> Callable[..., object]:
        nonlocal left
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == -1:
                sys.settrace(None)
                send()
        return traced

    with signals.by_signals() as came, suppress(signals.Ended):
        sys.settrace(traced)
        try:
            work()
        finally:
            sys.settrace(None)
    return came() is not None


def in_temporary(folder: Path) -> None:
    with files.temporary(str(folder / "snnc-")):
        pass
