"""Blocks of memory that are used again."""

import threading

import pytest
import torch
from torch import Tensor

from snnc.trainer import buffers
from snnc.trainer.dft_engine import dft
from snnc.trainer.lif import lif


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "_SMALL", 8)
    buffers.release()


@pytest.mark.usefixtures("tiny_blocks")
def test_a_block_is_used_again_only_when_nothing_holds_it() -> None:
    like = torch.zeros(1)
    first = buffers.empty((4, 25), like)
    where = first.data_ptr()
    assert where % 64 == 0
    part = first[1:]  # a view keeps the block
    del first
    assert buffers.empty((4, 25), like).data_ptr() != where
    part.fill_(7)
    for _ in range(3):
        buffers.empty((4, 25), like).fill_(0)
    assert (part == 7).all()
    del part
    held = [buffers.empty((99,), like) for _ in range(3)]  # 99 and 100 are of one size class
    assert where in [t.data_ptr() for t in held]


@pytest.mark.usefixtures("tiny_blocks")
def test_blocks_held_by_a_graph_survive_other_passes() -> None:
    torch.manual_seed(0)
    x, kernel = torch.randn(20, 4, 5), torch.randn(6, 5, 7, requires_grad=True)

    def gradient_of(loss: Tensor, keep: bool = False) -> Tensor:
        return torch.autograd.grad(loss, kernel, retain_graph=keep)[0]

    loss = lif(dft(x, kernel), 2.0, 1.0, 5.0).square().sum()
    first = gradient_of(loss, keep=True)
    for _ in range(3):
        with torch.no_grad():
            lif(dft(torch.randn_like(x), kernel), 2.0, 1.0, 5.0)
    assert torch.equal(first, gradient_of(loss))


@pytest.mark.usefixtures("tiny_blocks")
def test_threads_do_not_share_blocks() -> None:
    broken: list[int] = []

    def work(value: int) -> None:
        for _ in range(200):
            mine = buffers.empty((32,), torch.zeros(1)).fill_(value)
            if not bool((mine == value).all()):
                broken.append(value)

    threads = [threading.Thread(target=work, args=(value,)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
