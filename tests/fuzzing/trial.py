"""One case read, and what is wrong with how that ended."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from fuzzing.target import Target
from snnc.errors import SnncError

SECONDS = 10
"""Most that a file may take on a machine that has nothing else to do."""
MEMORY = 2 << 30
"""Most bytes that may be resident while a file is read, the interpreter and its libraries included."""
ROOT = str(Path(__file__).resolve().parents[2])
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` in a line; findings with the same one are taken to be the same."""

    target: str
    number: int
    what: str
    detail: str = ""


class Late(BaseException):
    """No `Exception`, so that no reader takes it for damage."""


def attempt(target: Target, number: int, folder: Path) -> Finding | None:
    """Read case `number` in `folder`; a finding unless it is read, or refused by an `SnncError`."""
    path = folder / f"input{target.suffix}"
    target.put(number, path)
    return read(target, number, path)


def read(target: Target, number: int, path: Path) -> Finding | None:
    """As `attempt`, of a file that is there."""
    _forget_peak()
    try:
        with _limited(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(path)
    except SnncError:
        pass
    except Late:
        return Finding(target.name, number, f"not read after {SECONDS} s", traceback.format_exc())
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        what = f"{type(error).__name__} at {_where(error)}"
        return Finding(target.name, number, what, traceback.format_exc())
    if (peak := _peak()) > MEMORY:
        return Finding(target.name, number, f"{peak >> 20} MiB of memory")
    return None


def _where(error: BaseException) -> str:
    """The innermost place in our own code."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename.startswith(ROOT) and "site-packages" not in f.filename]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}"


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """A time limit, where signals can be had; code in C is not interrupted by it."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def seconds() -> float:
    """`SECONDS`, and more where processes wait for a core: two seconds of libhdf5 can take twenty then."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return SECONDS * max(1.0, load / (os.cpu_count() or 1))


def _late(number: int, frame: FrameType | None) -> None:
    raise Late


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        CLEAR.write_text("5")


def _peak() -> int:
    """Bytes that were resident at most since `_forget_peak`; 0 where the system does not say."""
    try:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0
    return int(line.split()[1]) << 10
