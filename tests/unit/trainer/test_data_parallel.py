"""A process's share of a batch: batch norm and dropout are those of the whole batch."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snnc.trainer import data_parallel
from snnc.trainer.data_parallel import Share, batch_norm, dropout_gain, share_of

pytestmark = pytest.mark.slow


@given(st.integers(1, 500), st.integers(1, 16))
def test_shares_are_the_batch(count: int, processes: int) -> None:
    rows = [np.arange(count)[share_of(count, rank, processes).rows] for rank in range(processes)]
    assert np.array_equal(np.concatenate(rows), np.arange(count))
    assert max(map(len, rows)) - min(map(len, rows)) <= 1


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Run a function of each share in a thread of its own, with sums over the threads."""

    def run(compute: Callable[[Share], Any], count: int, ranks: int) -> list[Any]:
        barrier, parts = threading.Barrier(ranks, timeout=20), dict[int, torch.Tensor]()
        number = threading.local()

        def add_up(tensor: torch.Tensor) -> torch.Tensor:
            parts[number.rank] = tensor.clone()
            barrier.wait()
            total = torch.stack([parts[rank] for rank in range(ranks)]).sum(0)
            barrier.wait()
            return tensor.copy_(total)

        def work(rank: int) -> Any:
            number.rank = rank
            return compute(share_of(count, rank, ranks))

        monkeypatch.setattr(data_parallel, "add_up", add_up)
        with ThreadPoolExecutor(ranks) as pool:
            return list(pool.map(work, range(ranks)))

    return run


@pytest.mark.parametrize("momentum", [0.1, None])
def test_batch_norm_of_shares_is_that_of_the_batch(
    in_threads: Callable[..., list[Any]], momentum: float | None
) -> None:
    generator = torch.Generator().manual_seed(0)
    current, gradient = (torch.randn(5, 7, 4, generator=generator) for _ in range(2))
    current = 3 * current + torch.tensor([0.0, 5.0, -20.0, 1.0])

    def norm() -> torch.nn.BatchNorm1d:
        made = torch.nn.BatchNorm1d(4, momentum=momentum)
        with torch.no_grad():
            made.weight.copy_(torch.tensor([1.0, 2.0, -0.5, 1.5]))
            made.bias.copy_(torch.tensor([0.0, 1.0, 2.0, -1.0]))
        return made

    def compute(share: Share) -> tuple[torch.Tensor, torch.Tensor, torch.nn.BatchNorm1d]:
        module, x = norm(), current[:, share.rows].clone().requires_grad_()
        for _ in range(2):  # running statistics of two batches
            y = batch_norm(module, x, share)
        y.backward(gradient[:, share.rows])
        assert x.grad is not None
        return y.detach(), x.grad, module

    parts = in_threads(compute, 7, 3)
    whole, x = norm(), current.clone().requires_grad_()
    for _ in range(2):
        y = whole(x.flatten(0, 1)).view_as(x)
    y.backward(gradient)
    assert x.grad is not None
    torch.testing.assert_close(torch.cat([part[0] for part in parts], 1), y.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(torch.cat([part[1] for part in parts], 1), x.grad, rtol=1e-4, atol=1e-5)
    for name in ("weight", "bias"):
        total = sum(getattr(module, name).grad for _, _, module in parts)
        torch.testing.assert_close(total, getattr(whole, name).grad, rtol=1e-4, atol=1e-5)
    for _, _, module in parts:
        torch.testing.assert_close(module.state_dict(), whole.state_dict(), rtol=1e-5, atol=1e-6)


def test_dropout_of_a_share_is_that_of_the_batch() -> None:
    torch.manual_seed(3)
    whole = dropout_gain(torch.zeros(7, 50), 0.4, None)
    torch.manual_seed(3)
    part = dropout_gain(torch.zeros(2, 50), 0.4, Share(7, slice(2, 4)))
    assert torch.equal(part, whole[2:4])
    assert set(whole.unique().tolist()) == {0.0, float(torch.tensor(1.0) / 0.6)}
