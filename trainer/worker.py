"""A process of a training run: where its tensors are, and how it acts with the others."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from snnc.trainer.data_parallel import Share, others_alive, share_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Worker:
    """This process; by default, alone on the CPU.

    `fabric` is a `lightning_fabric.Fabric` that has been launched; None for one process in float32.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    fabric: Any = None

    @property
    def rank(self) -> int:
        return 0 if self.fabric is None else int(self.fabric.global_rank)

    @property
    def processes(self) -> int:
        """In all, on all machines."""
        return 1 if self.fabric is None else int(self.fabric.world_size)

    def share(self, count: int) -> Share | None:
        """This process's part of a batch of `count` recordings; None if it is alone."""
        return None if self.processes == 1 else share_of(count, self.rank, self.processes)

    def autocast(self) -> AbstractContextManager[Any]:
        """Operations in here may be in the lower precision of a mixed one."""
        return nullcontext() if self.fabric is None else self.fabric.autocast()

    def first_here(self) -> AbstractContextManager[Any]:
        """The first process of each machine runs what is in here before the others."""
        return nullcontext() if self.processes == 1 else self.fabric.rank_zero_first(local=True)

    def from_first(self, make: Callable[[], T]) -> T:
        """What `make` gives in the first process; it is called only there."""
        if self.processes == 1:
            return make()
        value = make() if self.rank == 0 else None
        with others_alive():
            value = self.fabric.broadcast(value)
        return value  # type: ignore[return-value]
