"""Lines, planes and spikes of single steps that a module stacks."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
import torch.nn.functional as F
from delayed_networks import DELAYS, Delayed
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


def test_lines_of_all_steps_may_be_stacked_with_silent_ones() -> None:
    def stacked(x):
        return torch.stack([x[..., 2], torch.zeros(x.shape[:2]), x[..., 0], x[..., 0]], -1)

    torch.manual_seed(0)
    module = Delayed(stacked)
    found = from_torch(module, events(12, 3, 4), dt=0.001)
    weight = found.graph.projections[0].synapses.weight
    given = module.fc.weight.detach().double().numpy()
    expected = np.zeros((3, 4))
    expected[:, 2], expected[:, 0] = given[:, 0], given[:, 2] + given[:, 3]
    assert np.allclose(weight, expected, rtol=0, atol=1e-12)
    assert [each.different + each.through for each in found.agreement] == [0]


class ByBuffer(nn.Module):
    """Line k of the input arrives DELAYS[k] steps later, indexed in each step of a buffer."""

    def __init__(self, join):
        super().__init__()
        self.join, self.fc, self.lif = join, nn.Linear(4, 3), snntorch.Leaky(0.9)

    def forward(self, x):
        padded, mem, spikes = F.pad(x, (0, 0, 0, 0, 3, 0)), self.lif.init_leaky(), []
        for t in range(len(x)):
            lines = self.join([padded[t + 3 - steps, :, line] for line, steps in enumerate(self.delays)])
            spk, mem = self.lif(self.fc(lines), mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize("steps", [4, 12])
@pytest.mark.parametrize("delays", [DELAYS, (3, 2, 1, 0), (3, 3, 3, 1), (2, 2, 2, 2)])
def test_a_stack_of_lines_of_a_step_is_no_stack_of_steps(delays, steps) -> None:
    torch.manual_seed(0)
    module = ByBuffer(lambda lines: torch.stack(lines, 1))
    module.delays = delays
    if (delays, steps) == ((3, 2, 1, 0), 4):  # as many lines as steps, each one step later: nothing tells
        with pytest.raises(InputError):
            from_torch(module, events(steps, 3, 4, share=0.6), dt=0.001)
        return
    found = from_torch(module, events(steps, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    (synapses,) = (each.synapses.as_list() for each in found.graph.projections)
    assert {*zip(synapses.pre.tolist(), synapses.delay.tolist(), strict=True)} == set(enumerate(delays))


class PastSpikes(nn.Module):
    """Neurons that hear their own spikes, of neuron k as many steps later as `DELAYS` and one say."""

    def __init__(self):
        super().__init__()
        self.fc, self.back = nn.Linear(4, 4), nn.Linear(4, 4, bias=False)
        self.lif = snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        past = [torch.zeros(x.shape[1], 4)] * 4
        for step in x:
            heard = torch.stack([past[-1 - steps][:, line] for line, steps in enumerate(DELAYS)], -1)
            spk, mem = self.lif(self.fc(step) + self.back(heard), mem)
            past = [*past[1:], spk]
            spikes.append(spk)
        return torch.stack(spikes)


def test_past_spikes_of_single_neurons_may_be_stacked() -> None:
    torch.manual_seed(4)
    found = from_torch(PastSpikes(), events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    own = next(each for each in found.graph.projections if each.source == each.destination).synapses.as_list()
    assert {*zip(own.pre.tolist(), own.delay.tolist(), strict=True)} == {(0, 1), (1, 4), (2, 2), (3, 3)}


def test_planes_of_a_step_may_be_stacked() -> None:
    module = Delayed(lambda x: torch.stack([torch.stack([step, 2 * step], 1).sum(1) for step in x]))
    found = from_torch(module, events(12, 3, 4), dt=0.001)
    given = module.fc.weight.detach().double().numpy()
    assert np.allclose(found.graph.projections[0].synapses.weight, 3 * given, rtol=0, atol=1e-12)
