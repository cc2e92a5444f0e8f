"""Modules imported once; each run of a program is a fork of this process. Any Python may run this file.

    python forks.py SOCKET MODULE...

`SOCKET` is the number of a connected Unix socket, which `warm.py` holds the other end of. A request is one
byte and the descriptors of a file with what to run, of stdin, stdout and stderr, and perhaps of a lifeline.
The answers are two numbers: the process, which leads a session of its own, and later how it ended. This
process ends once the socket is closed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import socket
import struct
import sys
from contextlib import suppress

NUMBER = struct.Struct("!i")
DESCRIPTORS = 5
"""At most."""


def wait_for_work(snnc: socket.socket) -> list[str]:
    """Answer requests for ever. Returns in the fork of each of them: the script and its arguments."""
    while True:
        _, descriptors, _, _ = socket.recv_fds(snnc, 1, DESCRIPTORS)
        if not descriptors:
            os._exit(0)  # snnc is gone
        if (process := os.fork()) == 0:
            os.setsid()
            snnc.sendall(NUMBER.pack(os.getpid()))
            snnc.close()
            return become(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(process, 0)
        snnc.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def become(request: int, stdin: int, stdout: int, stderr: int, *lifeline: int) -> list[str]:
    """Take on the environment, folder and files that a process of its own would have been started with."""
    with os.fdopen(request, encoding="ascii") as file:
        asked = json.load(file)
    for standard, descriptor in enumerate((stdin, stdout, stderr)):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(asked["env"])
    for descriptor in lifeline:
        os.environ[asked["lifeline"]] = str(descriptor)
    os.chdir(asked["cwd"])
    return list(asked["arguments"])


if __name__ == "__main__":
    with suppress(BrokenPipeError, ConnectionResetError):
        snnc = socket.socket(fileno=int(sys.argv[1]))
        for module in sys.argv[2:]:
            importlib.import_module(module)
        gc.freeze()  # a collection in a fork would copy the pages of all that was imported
        sys.argv = wait_for_work(snnc)
        runpy.run_path(sys.argv[0], run_name="__main__")
