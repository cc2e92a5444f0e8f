"""States that a loop keeps by hand: what depends on what, and what to make of it."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class ByHand(nn.Module):
    """Neurons, and a leaky readout behind them, whose state the loop keeps."""

    def __init__(self, keep):
        super().__init__()
        self.fc, self.lif, self.out = nn.Linear(4, 5), snntorch.Leaky(0.9), nn.Linear(5, 2)
        self.keep = keep

    def forward(self, x):
        mem, m, given = self.lif.init_leaky(), torch.zeros(x.shape[1], 2), []
        for step in x:
            spk, mem = self.lif(self.fc(step), mem)
            m = self.keep(m, self.out(spk))
            given.append(m)
        return torch.stack(given)


class Filtered(ByHand):
    """A leaky current before the neurons."""

    def forward(self, x):
        mem, current, spikes = self.lif.init_leaky(), torch.zeros(x.shape[1], 5), []
        for step in x:
            current = self.keep(current, self.fc(step))
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


LEAKS = [lambda m, x: 0.9 * m + x, lambda m, x: 0.9 * m + 0.1 * x, lambda m, x: m + (x - m) / 10]


@pytest.mark.parametrize("keep", LEAKS)
@pytest.mark.parametrize("kind", [ByHand, Filtered])
def test_a_leaky_state_is_named_as_such(kind, keep) -> None:
    with pytest.raises(InputError, match="depends on that of the step before, times a factor") as told:
        from_torch(kind(keep), events(6, 3, 4), dt=0.001)
    _, remedy = told.value.args
    wanted = (
        "Make it an nn.Module of one step, and r" if kind is ByHand else "Let the neurons behind it keep it"
    )
    assert remedy.startswith(wanted)


def test_a_factor_that_changes_from_step_to_step_is_none() -> None:
    class Changing(ByHand):
        def forward(self, x):
            return torch.stack([(t + 1) * self.out(step) for t, step in enumerate(x)])

    module = Changing(None)
    module.out = nn.Linear(4, 2)
    with pytest.raises(InputError, match="not the same, that many steps later") as told:
        from_torch(module, events(6, 3, 4), dt=0.001)
    assert "depends on that" not in str(told.value)
    assert "Neurons are modules" not in str(told.value)


@pytest.mark.parametrize(("keep", "share"), [*zip(LEAKS, [1.0, 0.1, 0.1], strict=True)])
def test_a_leaky_state_without_a_bias_is_said_to_be_unrolled(keep, share) -> None:
    """40 steps: terms are as many as steps, also where the state stands twice in its equation."""
    module = ByHand(keep)
    module.out.bias = None
    found = from_torch(module, events(40, 3, 4), dt=0.001, decoder="sum")
    synapses = found.graph.projections[-1].synapses.as_list()
    assert len(synapses.delay) == 40 * 5 * 2
    wanted = share * 0.9**synapses.delay * module.out.weight.detach().numpy()[synapses.post, synapses.pre]
    np.testing.assert_allclose(synapses.weight, wanted, rtol=1e-5)
    assert [each.different + each.through for each in found.agreement] == [0]
    (note,) = (each for each in found.notes if "synapses in the place of one" in each)
    assert note.startswith("readout: hears 40 steps by 40 synapses")


@pytest.mark.parametrize("kernel", [[1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125], [1.0, 0.2, 0.7, 0.1, 0.3, 0.6]])
def test_weights_of_earlier_steps_are_a_state_if_each_is_the_former_times_one_factor(kernel) -> None:
    class Weighed(ByHand):
        def forward(self, x):
            given = [self.out(step) for step in x]
            return torch.stack(
                [sum(kernel[t - s] * given[s] for s in range(t + 1)) for t in range(len(given))]
            )

    module = Weighed(None)
    module.out = nn.Linear(4, 2)
    with pytest.raises(InputError) as told:
        from_torch(module, events(6, 3, 4), dt=0.001)
    assert ("depends on that of the step before" in str(told.value)) == (kernel[2] == 0.25)


class Ways(nn.Module):
    """Neurons that hear each step over so many matrices."""

    def __init__(self, ways):
        super().__init__()
        self.ways = nn.ModuleList(nn.Linear(4, 5, bias=False) for _ in range(ways))
        self.lif = snntorch.Leaky(0.9, init_hidden=True)

    def forward(self, x):
        return torch.stack([self.lif(sum(way(step) for way in self.ways)) for step in x])


def test_a_state_behind_a_state_is_told_before_its_ways_are_too_many():
    class Behind(Filtered):
        def forward(self, x):
            trace, given = torch.zeros_like(x[0]), []
            for step in x:
                trace = 0.9 * trace + step
                given.append(trace)
            return super().forward(torch.stack(given))

    with pytest.raises(InputError, match=r"input in more than 64 ways\nIf it is a state that the loop keeps"):
        from_torch(Behind(lambda m, x: 0.8 * m + x), events(70, 2, 4), dt=0.001)
    from_torch(Ways(64), events(6, 3, 4), dt=0.001)
    with pytest.raises(InputError, match="input in more than 64 ways"):
        from_torch(Ways(65), events(6, 3, 4), dt=0.001)


class Traced(nn.Module):
    """A trace of the spikes of the first neurons, before the weights of the second."""

    def __init__(self):
        super().__init__()
        self.fc, self.lif = nn.Linear(4, 5), snntorch.Leaky(0.9)
        self.fc2, self.lif2 = nn.Linear(5, 3), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, mem2, trace = self.lif.init_leaky(), self.lif2.init_leaky(), torch.zeros(x.shape[1], 5)
        spikes = []
        for step in x:
            spk, mem = self.lif(self.fc(step), mem)
            trace = 0.8 * trace + spk
            spk, mem2 = self.lif2(self.fc2(trace), mem2)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize(("steps", "told"), [(8, ["120 synapses, 8 of each pair"]), (7, [])])
def test_the_synapses_of_a_trace_are_counted(steps, told) -> None:
    """A synapse of each of 5 x 3 pairs for each step that it reaches back: 15 times 8."""
    torch.manual_seed(1)
    notes = from_torch(Traced(), events(steps, 3, 4), dt=0.001).notes
    found = [note for note in notes if "of each pair of neurons" in note]
    assert len(found) == len(told)
    for note, wanted in zip(found, told, strict=True):
        assert f"lif -> lif2: {wanted} of neurons, with delays of up to 7 steps; if they are a trace" in note
