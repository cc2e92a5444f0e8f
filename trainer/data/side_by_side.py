"""A function of many items, computed by several processes."""

import multiprocessing
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from snnc.errors import InputError
from snnc.io import spawning
from snnc.processors import processors

Item = TypeVar("Item")
Result = TypeVar("Result")

_AT_ONCE, _WORTH = 4, 24
"""Items that a process takes at a time; and fewest for which starting one more is worth it."""


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], workers: int | None, remedy: str
) -> Generator[Result]:
    """`work` of each of `items`, in their order; whoever does not take them all closes the generator.

    Then, and after an error, the processes are ended at once, and none outlives this one.

    Parameters
    ----------
    work : a function of a module, or a partial of one.
    workers : processes; 1 for this one, None for as many as there are processors, if there is enough to do.
    remedy : what to do where a process is lost.

    Raises
    ------
    InputError
        A process is lost.
    """
    if workers is None:
        workers = min(processors(), len(items) // _WORTH)
    if workers <= 1 or not items:
        yield from map(work, items)
        return
    before = multiprocessing.active_children()
    with spawning.apart():  # it may start the process that looks after semaphores
        executor = ProcessPoolExecutor(
            min(workers, -(-len(items) // _AT_ONCE)),
            multiprocessing.get_context("spawn"),
            initializer=spawning.depend_on_parent,
        )
    try:
        with spawning.apart(), spawning.no_interrupts():
            results = executor.map(work, items, chunksize=_AT_ONCE)  # starts all processes
        yield from results
        executor.shutdown()
    except BrokenProcessPool as error:
        raise InputError(
            f"a process that encodes was ended from outside, perhaps because memory ran out; {remedy}"
        ) from error
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        spawning.end(each for each in multiprocessing.active_children() if each not in before)
