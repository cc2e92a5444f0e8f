"""Three lines from a convolutional network of sinabs; `sinabs_neurons.py` says what runs this."""

from __future__ import annotations

import torch
from sinabs.activation import SingleSpike
from sinabs.from_torch import from_model
from three_lines import check_three_lines, targets
from torch import nn
from torch_networks import events


def convolutional(samples: int) -> nn.Module:
    """A network of ReLU that sinabs makes spike; recordings and steps share a dimension in it."""
    relu = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(4, 4, 3, bias=False),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(4, 3, bias=False),
        nn.ReLU(),
    )
    spiking = from_model(relu, batch_size=samples, min_v_mem=None, spike_fn=SingleSpike).spiking_model
    with torch.no_grad():
        for each in spiking.modules():
            if isinstance(each, nn.Conv2d | nn.Linear):
                each.weight.mul_(4)
    return Recordings(spiking, samples)


class Recordings(nn.Module):
    """[N, T, ...] for a module of [N T, ...]."""

    def __init__(self, inner: nn.Module, samples: int) -> None:
        super().__init__()
        self.inner, self.samples = inner, samples

    def forward(self, x):
        return self.inner(x.flatten(0, 1)).unflatten(0, (self.samples, -1))


@targets
def test_a_convolutional_network(target, tmp_path):
    torch.manual_seed(1)
    check_three_lines(convolutional(3), events(3, 20, 2, 6, 6), "NTCHW", target, tmp_path)
