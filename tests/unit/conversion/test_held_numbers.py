"""Whole numbers of a module: of its attributes, buffers and code, none of the layers of PyTorch."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
import torch
from torch import nn

from snnc.conversion.held_numbers import held_numbers

FAR = 97


class Holds(nn.Module):
    OF_CLASS = 83

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(701, 703)  # sizes of a layer
        self.number, self.flag, self.none = 41, True, None
        self.several, self.waiting = [43, 47.5, "text"], deque([None] * 53)
        self.array = np.array([3, 59])
        self.weight = nn.Parameter(torch.zeros(709, 2))
        self.register_buffer("ring", torch.zeros(61, 2))
        self.given = self.made(67)

    @staticmethod
    def made(places):
        return lambda x, more=71: x if len(x) > places else x + more

    def forward(self, x):
        return self.step(x), [each + 73 for each in x]

    def step(self, x):
        return x + FAR


def test_what_is_held_is_found_and_sizes_of_layers_are_not():
    found = held_numbers(Holds())
    assert {41, 43, 53, 59, 61, 67, 71, 73, 83, 97} <= found
    assert not {701, 703, 709} & found
    assert not any(isinstance(each, bool) for each in found)


def test_a_layer_alone_holds_none():
    assert held_numbers(nn.Sequential(nn.Linear(701, 703), nn.ReLU())) == set()


@pytest.mark.parametrize(
    "tensor",
    [
        torch.zeros(61, dtype=torch.bfloat16),
        torch.eye(61).to_sparse(),
        torch.eye(61, dtype=torch.int64).to_sparse(),
        torch.zeros(61, dtype=torch.int64, device="meta"),
        torch.zeros(61, dtype=torch.complex64),
        torch.quantize_per_tensor(torch.zeros(61), 1.0, 0, torch.qint8),
    ],
)
def test_of_a_tensor_without_numbers_of_numpy_its_places_are_known(tensor):
    module = nn.ReLU()
    held = type("Held", (nn.Module,), {"forward": lambda self, x: x})()
    held.part, held.kept = module, tensor
    assert held_numbers(held) == {61}
