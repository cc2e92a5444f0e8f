"""Processes of multiprocessing that still run.

`multiprocessing.active_children` also lists one that has ended, if another thread has waited for it and has
not yet noted how it ended: the threads of a pool do so. The sentinel of a process is ready once it has ended.
"""

import multiprocessing
from multiprocessing import connection
from multiprocessing.process import BaseProcess


def running() -> set[BaseProcess]:
    return {each for each in multiprocessing.active_children() if not connection.wait([each.sentinel], 0)}
