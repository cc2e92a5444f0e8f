"""Work shared among as many threads as torch uses, for compiled loops without the interpreter lock."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache

import torch

_PARTS = 4
"""A thread's share, so that one that is held up leaves some to the others."""
_LITTLE = 1e9
"""Operations of products in a training step, a tenth of a second's. Two threads took hardly less time than
one; beside another process that computes, three times as long."""


@contextmanager
def for_steps_of(operations: float) -> Iterator[None]:
    """One thread where a step has little to compute: to hand out parts of it takes longer than they do."""
    before = torch.get_num_threads()
    if operations < _LITTLE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def share(work: Callable[[int, int], object], count: int, block: int) -> None:
    """Call `work(first, last)` until it has had all of `count`, in multiples of `block` but for the last."""
    blocks = -(-count // block)
    threads = min(torch.get_num_threads(), blocks)
    if threads < 2:
        work(0, count)
        return
    parts = min(_PARTS * threads, blocks)
    ends = [min(part * blocks // parts * block, count) for part in range(parts + 1)]
    list(_pool(threads).map(work, ends[:-1], ends[1:]))


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="snnc")


os.register_at_fork(after_in_child=_pool.cache_clear)  # threads do not live on in a forked process
