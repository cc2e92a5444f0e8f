"""Fixtures shared by the tests of training."""

from collections.abc import Iterator

import left_processes
import pytest
import torch
from order_task import SHORT, config, order_task

from snnc.stages import TrainedModel
from snnc.trainer.loop import train


@pytest.fixture
def no_process_is_left() -> Iterator[None]:
    before = left_processes.running()
    yield
    assert left_processes.running() <= before


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As in processes that a test starts: another number of threads may sum in another order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def finished() -> TrainedModel:
    """A network that training finished in integers of 8 bits and of 4."""
    return train(config(**SHORT), data=order_task())
