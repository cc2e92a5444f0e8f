"""Work shared among threads."""

from __future__ import annotations

import pytest
import torch

from snnc.trainer.threads import for_steps_of


def test_small_steps_are_computed_by_one_thread() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with for_steps_of(5e8):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with for_steps_of(2e9):
            assert torch.get_num_threads() == 2
        with pytest.raises(KeyError), for_steps_of(1e7):
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
