"""Neurons that PyTorch does not see, as they lie in a list of Python: refused where they are called."""

from __future__ import annotations

import pytest
import snntorch
import torch
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class Net(nn.Module):
    """Two layers, whose neurons `held` makes of a list of them."""

    def __init__(self, held):
        super().__init__()
        self.linear = nn.ModuleList([nn.Linear(4, 5), nn.Linear(5, 3)])
        self.neurons = held([snntorch.Leaky(0.9), snntorch.Leaky(0.8)])

    def forward(self, x):
        states, spikes = [each.init_leaky() for each in self.layers()], []
        for step in x:
            for number, (linear, neurons) in enumerate(zip(self.linear, self.layers(), strict=True)):
                step, states[number] = neurons(linear(step), states[number])
            spikes.append(step)
        return torch.stack(spikes)

    def layers(self):
        found = list(self.neurons.values()) if isinstance(self.neurons, dict) else list(self.neurons)
        return [each[0] if isinstance(each, list | nn.Sequential) else each for each in found]


X = (torch.arange(6 * 2 * 4).reshape(6, 2, 4) % 3 == 0).float()


@pytest.mark.parametrize(
    "held",
    [list, tuple, lambda parts: dict(enumerate(parts)), lambda parts: [[each] for each in parts]],
    ids=["list", "tuple", "dict", "nested"],
)
def test_neurons_in_containers_of_python_are_refused(held) -> None:
    with pytest.raises(
        InputError, match=r"^neurons: holds neurons \(Leaky\) .*\nMake neurons an nn\.ModuleList"
    ):
        from_torch(Net(held), X, dt=1e-3)


def test_parts_of_what_is_held_are_found() -> None:
    with pytest.raises(InputError, match=r"Make neurons an nn\.ModuleList"):
        from_torch(Net(lambda parts: [nn.Sequential(each) for each in parts]), X, dt=1e-3)


def test_neurons_that_are_parts_besides_or_not_called_are_no_matter() -> None:
    module = Net(nn.ModuleList)
    module.all_of_them = list(module.neurons)
    module.teacher = [snntorch.Leaky(0.5)]
    assert len(from_torch(module, X, dt=1e-3).agreement) == 2
