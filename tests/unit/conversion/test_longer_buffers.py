"""A buffer with as many places as the example has steps, or more: the error says to give a longer example."""

from __future__ import annotations

from collections import deque

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

STEPS = 12
LONGER = (
    "If the input waits in a buffer, as a deque or a ring buffer: give an example of more steps than such a "
    "buffer has places"
)


class Waits(nn.Module):
    """What arrives at the neurons, or is given, waits in a deque of so many places."""

    def __init__(self, places, where):
        super().__init__()
        self.places, self.where = places, where
        self.fc, self.lif = nn.Linear(3, 6, bias=where == "input, with a bias"), snntorch.Leaky(0.9)

    def forward(self, x):
        lines = 6 if self.where == "output" else 3
        waiting = deque([torch.zeros(x.shape[1], lines)] * self.places, maxlen=self.places)
        mem, given = self.lif.init_leaky(), []
        for t in range(len(x)):
            late = waiting[0]
            if self.where != "output":
                waiting.append(x[t])
            spk, mem = self.lif(self.fc(x[t] if self.where == "output" else late), mem)
            if self.where == "output":
                waiting.append(spk)
            given.append(late if self.where == "output" else spk)
        return torch.stack(given)


@pytest.mark.parametrize("where", ["input", "input, with a bias", "output"])
@pytest.mark.parametrize("places", [STEPS, 70])
def test_a_longer_buffer_is_named_first(places, where) -> None:
    with pytest.raises(InputError) as refused:
        from_torch(Waits(places, where), events(STEPS, 5, 3, share=0.4), dt=1e-3)
    assert "does not depend on the input" in refused.value.args[0]
    assert refused.value.args[1] == LONGER


def test_with_more_steps_it_is_read() -> None:
    found = from_torch(Waits(4, "input"), events(STEPS, 5, 3, share=0.4), dt=1e-3)
    assert [each.synapses.max_delay for each in found.graph.projections if each.source == "input"] == [4]
