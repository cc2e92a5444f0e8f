"""Nothing of Lava outlives the program, however that ends.

Lava starts some ten processes, which wait for each other for ever once one of them is gone. So

- SIGTERM and SIGHUP are an orderly end: what is in progress takes the network down and gives its shared
  memory back. Should that hang, SIGALRM ends the program.
- Lava's processes end with this one, even by SIGKILL (Linux alone can do so), and leave Ctrl-C and the like
  to it. The last to go is Python's resource tracker, which removes shared memory that nobody gave back.
- Whoever starts this program may hold a pipe whose other end `SNNC_LIFELINE` names. It closes when they
  are gone, which counts as SIGTERM.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

ORDERLY_SECONDS = 5
PR_SET_PDEATHSIG = 1


class LavaFailed(RuntimeError):
    """A process of Lava failed or is gone; the text is all there is to say."""


def hold() -> None:
    """Do what this file is about; to be called before Lava starts anything."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, end)
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def follow() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    os.register_at_fork(after_in_child=follow)
    if descriptor := os.environ.get("SNNC_LIFELINE"):
        threading.Thread(target=watch, args=(int(descriptor),), daemon=True).start()


def end(number: int, frame: FrameType | None) -> NoReturn:
    signal.alarm(ORDERLY_SECONDS)
    sys.exit(128 + number)


def watch(descriptor: int) -> None:
    """Wait until the other end of the pipe is closed; nothing is ever written to it."""
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
