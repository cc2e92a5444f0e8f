"""Another process reads a stranger's HDF5 file first, since libhdf5 can crash in one or loop for ever.

Nothing but the end of the process ends such a loop, and the same bytes lead to it again. So a file is opened
here only after `snnc.io.hdf5_walk` came to its end in it; or not at all, and another process reads it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from snnc.errors import InputError, NotRegularError, SnncError
from snnc.io import hdf5_walk, warm
from snnc.io.hdf5_checks import Refuse
from snnc.io.regular import check_regular
from snnc.provenance import sha256

Source = Path | bytes
"""The path of a file, or the content of one."""
Key = str | tuple[int, int, int, int]

SAFE_PATH = ("-P",)
"""The option of Python that keeps the folder of the script from the modules' paths."""

_found: dict[Key, str] = {}
"""What is wrong with each file that was looked at, as it was then; "" if nothing."""


def check(source: Source, refuse: Refuse) -> None:
    """Call `refuse` if libhdf5 cannot read `source`; a path that cannot be looked up is left to its reader.

    Of files above `hdf5_walk.RAGGED_LIMIT` the rows of variable length are not tried: `arrays` is for them.

    Raises
    ------
    SnncError
        If the other process cannot be started.
    """
    try:
        key = _key(source)
    except NotRegularError as error:
        refuse(str(error.strerror))
    except OSError:
        return
    examine(source)
    if key not in _found:
        refuse("is being written; wait until that has ended, and run the command again")
    if _found[key]:
        refuse(_found[key])


def examine(*sources: Source) -> None:
    """Look at those of `sources` that were not yet, in one process, so that `check` needs none.

    Those behind one that cannot be read are not reached.
    """
    files = {key: source for source in sources if (key := _key(source)) not in _found}
    if not files:
        return
    inside = [source for source in files.values() if isinstance(source, bytes)]
    names = [f"={len(each)}" if isinstance(each, bytes) else str(each.absolute()) for each in files.values()]
    file = tempfile.TemporaryFile
    with file() as given, file() as out, file() as errors:
        given.writelines(inside)
        given.seek(0)
        process = _start(
            warm.start,
            [hdf5_walk.__file__, *names],
            options=SAFE_PATH,
            modules=["h5py"],
            cwd=Path(hdf5_walk.__file__).parent,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=given,
            stdout=out,
            stderr=errors,
        )
        try:
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        out.seek(0)
        for key, source in list(files.items())[: out.read().count(b"\n")]:
            if _key(source) == key:
                _found[key] = ""
            del files[key]
        if files:
            key, source = next(iter(files.items()))
            size = len(source) if isinstance(source, bytes) else source.stat().st_size
            _found[key] = _end(code, errors, size)


def trust(content: bytes) -> bytes:
    """`content`, which this process wrote itself; it is not looked at."""
    _found[_key(content)] = ""
    return content


def pass_on(path: Path, content: bytes) -> bytes:
    """`content` of the file at `path`; if that passed `check` and is small, it is not looked at again."""
    small = len(content) <= hdf5_walk.RAGGED_LIMIT
    return trust(content) if small and _found.get(_key(path)) == "" else content


def arrays(module: str, path: Path, refuse: Refuse) -> list[npt.NDArray[Any]]:
    """What `module`, run as a program, reads of a file that is too large to be read twice; read-only.

    It writes npy after npy to stdout; or the text of an error to stderr, and ends with its exit code.

    Raises
    ------
    InputError
        With that text; or `path` is no regular file.
    SnncError
        If the other process cannot be started.
    """
    check_regular(path)
    found = []
    with tempfile.TemporaryFile() as errors:
        process = _start(
            subprocess.Popen,
            ["-m", module, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for this process, which then ends the other
        )
        with process:
            out: Any = process.stdout
            pipe = SimpleNamespace(read=out.read)  # NumPy would seek in a file
            try:
                while out.peek(1):
                    found.append(np.lib.format.read_array(pipe, allow_pickle=False))
            except ValueError:
                pass  # it ended within an array
            except BaseException:
                process.kill()
                raise
        if process.returncode == InputError.exit_code:
            raise InputError(_text(errors))
        if process.returncode:
            refuse(_end(process.returncode, errors, path.stat().st_size))
    for array in found:
        array.setflags(write=False)
    return found


def _start(start: Callable[..., Any], arguments: Sequence[str], **options: Any) -> Any:
    try:
        return start([sys.executable, *SAFE_PATH, *arguments], **options)
    except OSError as error:
        raise SnncError(f"no process can be started to look at HDF5 files ({error.strerror})") from error


def _key(source: Source) -> Key:
    if isinstance(source, bytes):
        return sha256(source)
    check_regular(source)
    status = source.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _end(code: int, errors: IO[bytes], size: int) -> str:
    """What a process that ended in a file of `size` bytes says of it."""
    if code >= 0 and (said := _text(errors)):
        raise SnncError(f"the process that looks at HDF5 files failed ({said.splitlines()[-1]})")
    if code == warm.KILLED:
        raise SnncError(
            "the process that looks at HDF5 files was killed; free some memory, then run this again"
        )
    if code == (1 if sys.platform == "win32" else -signal.SIGPROF):
        most = hdf5_walk.limit(size)
        return f"is damaged: libhdf5 finds no end in it (stopped within {most:.3g} s of processor time)"
    how = signal.Signals(-code).name if code < 0 else f"status {code}"
    return f"is damaged: libhdf5 crashes in it ({how})"


def _text(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read().decode("utf-8", "surrogateescape").strip()
