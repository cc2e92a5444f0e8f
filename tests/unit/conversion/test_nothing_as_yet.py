"""What stands for spikes that do not come yet: 0 times something, new zeros; and biases."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float

LATE = 3


class Waiting(nn.Module):
    """Spikes of the hidden neurons arrive `LATE` steps later; `nothing` makes of them what arrives before."""

    def __init__(self, nothing):
        super().__init__()
        self.nothing, self.hidden, self.out = nothing, nn.Linear(4, 6), nn.Linear(6, 2)
        self.lif1, self.lif2 = snntorch.Leaky(0.9), snntorch.Leaky(0.8)
        with torch.no_grad():
            self.hidden.weight *= 4
            self.out.bias.fill_(0.15)

    def forward(self, x):
        mem1, mem2 = self.lif1.init_leaky(), self.lif2.init_leaky()
        past, spikes = [], []
        for t in range(len(x)):
            spk, mem1 = self.lif1(self.hidden(x[t]), mem1)
            past.append(spk)
            heard = past[t - LATE] if t >= LATE else self.nothing(spk)
            spk, mem2 = self.lif2(self.out(heard), mem2)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize(
    "nothing",
    [
        lambda spk: 0 * spk,
        lambda spk: spk * 0.0,
        lambda spk: torch.mul(spk, torch.zeros(6)),
        lambda spk: 0 * spk + 0 * spk,
        lambda spk: torch.zeros_like(spk),
        lambda spk: torch.zeros(3, 6),
    ],
)
def test_spikes_that_do_not_come_yet_are_zeros(nothing) -> None:
    torch.manual_seed(0)
    module = Waiting(nothing)
    found = from_torch(module, events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0, 0]
    assert all(each.spikes for each in found.agreement)
    delays = {each.destination: {*each.synapses.as_list().delay.tolist()} for each in found.graph.projections}
    assert delays == {"lif1": {0}, "lif2": {LATE}}
    bias = found.graph.population("lif2").bias
    assert bias.tolist() == module.out.bias.double().tolist()


def test_a_bias_behind_a_delay_may_be_scaled() -> None:
    """In the first steps it is computed in 32 bits."""
    torch.manual_seed(0)
    module = Waiting(lambda spk: torch.zeros(3, 6))
    module.out = nn.Sequential(module.out, nn.BatchNorm1d(2))
    with torch.no_grad():
        module.out[1].running_mean.copy_(torch.tensor([0.1, -0.3]))
        module.out[1].running_var.copy_(torch.tensor([1.7, 0.3]))
    found = from_torch(module, events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0, 0]
    scale = 1 / np.sqrt(np.float64([np.float32(1.7), np.float32(0.3)]) + 1e-5)
    mean = np.float64([np.float32(0.1), np.float32(-0.3)])
    expected = scale * (np.float64(np.float32(0.15)) - mean)
    np.testing.assert_allclose(found.graph.population("lif2").bias, expected, rtol=1e-12)


class Currents(Waiting):
    """What waits is the current, and the bias in it; `silent` arrives before."""

    def forward(self, x):
        mem1, mem2 = self.lif1.init_leaky(), self.lif2.init_leaky()
        waiting, spikes = deque([torch.zeros(x.shape[1], 2)] * LATE), []
        for step in x:
            spk, mem1 = self.lif1(self.hidden(step), mem1)
            waiting.append(self.out(spk))
            spk, mem2 = self.lif2(self.nothing(waiting.popleft()), mem2)
            spikes.append(spk)
        return torch.stack(spikes)


def test_a_bias_that_waits_is_told_to_act_in_every_step() -> None:
    module = Currents(lambda current: current)
    with pytest.raises(InputError, match=r"^lif2: the bias that arrives in step 0 is not that of st") as told:
        from_torch(module, events(12, 3, 4), dt=0.001)
    assert told.value.args[1].endswith("or add the bias behind the delay")
    module.out.bias = None
    behind = nn.Parameter(torch.tensor([0.15, 0.1]))
    module.nothing = lambda current: current + behind
    graph = from_torch(module, events(12, 3, 4), dt=0.001).graph
    assert graph.population("lif2").bias.tolist() == behind.double().tolist()


class Other(Waiting):
    """The current of the first steps is `nothing` of what it is later."""

    def forward(self, x):
        mem, spikes = self.lif1.init_leaky(), []
        for t in range(len(x)):
            current = self.hidden(x[t])
            spk, mem = self.lif1(current if t >= LATE else self.nothing(current), mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize(
    "other",
    [
        lambda current: torch.from_numpy(current.numpy().copy()),
        lambda current: torch.ones(3, 6),
        lambda current: torch.ones(1, 6),
        lambda current: torch.arange(18.0).reshape(3, 6),
    ],
    ids=["numpy", "a constant", "of no recording", "by recording"],
)
def test_steps_that_are_not_of_the_input_are_told(other) -> None:
    torch.manual_seed(0)
    said = r"^lif1: what arrives in step 0 does not depend on the input, as far as .* is not 0\nWhere not"
    with pytest.raises(InputError, match=said):
        from_torch(Other(other), events(12, 3, 4), dt=0.001)


def test_steps_that_compute_otherwise_are_told_how_delays_are() -> None:
    said = r"^lif1: what arrives in step 0 is not .*\nCompute the same in every step; a delay is followed as"
    with pytest.raises(InputError, match=said):
        from_torch(Other(lambda current: 2 * current), events(12, 3, 4), dt=0.001)


class Weighed(Waiting):
    """Weights behind spikes that arrive later are read, `read` of what each step gives."""

    def forward(self, x):
        mem, past, given = self.lif1.init_leaky(), [], []
        for t in range(len(x)):
            spk, mem = self.lif1(self.hidden(x[t]), mem)
            past.append(spk)
            given.append(self.out(past[t - LATE] if t >= LATE else 0 * spk))
        return self.nothing(given)


@pytest.mark.parametrize("bias", [True, False])
def test_what_comes_later_is_summed_over_time(bias) -> None:
    torch.manual_seed(0)
    module = Weighed(sum)
    if bias:
        why = r"adds up steps up to 8 of lif1, and a bias in others.*\nWhere spikes arrive later"
        with pytest.raises(InputError, match=rf"output 0 {why}"):
            from_torch(module, events(12, 3, 4), dt=0.001)
    else:
        module.out.bias = None
        (readout,) = from_torch(module, events(12, 3, 4), dt=0.001).graph.readouts
        assert readout.decoder == "last"
    module.nothing = lambda given: torch.stack(given).sum(0)
    x = events(12, 3, 4, share=0.6)
    found = from_torch(module, x, dt=0.001)
    assert [each.decoder for each in found.graph.readouts] == ["sum"]
    with torch.no_grad():
        theirs = module(x).numpy()
    for number in range(3):
        v = run_float(found.graph, x[:, number].numpy().astype(np.int64))["readout"].v
        np.testing.assert_allclose(v.sum(0), theirs[number], atol=1e-4)


class Counted(nn.Module):
    """Zeros of the right shape, to which spikes are added."""

    def __init__(self):
        super().__init__()
        self.fc, self.lif = nn.Linear(4, 3), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, total = self.lif.init_leaky(), None
        for step in x:
            spk, mem = self.lif(self.fc(step), mem)
            total = (0 * spk if total is None else total) + spk
        return total


def test_spikes_added_to_zero_times_spikes_are_counted() -> None:
    torch.manual_seed(0)
    graph = from_torch(Counted(), events(12, 3, 4, share=0.6), dt=0.001).graph
    assert [(each.population, each.decoder) for each in graph.readouts] == [("lif", "count")]


class Deeper(nn.Module):
    """Hidden spikes arrive `LATE` steps later at neurons whose own spikes go on."""

    def __init__(self, bias, recurrent, zeros):
        super().__init__()
        self.hidden, self.middle = nn.Linear(4, 6, bias=bias), nn.Linear(6, 5, bias=bias)
        self.again, self.out = nn.Linear(5, 5, bias=False), nn.Linear(5, 2, bias=False)
        self.lif1, self.lif2, self.lif3 = (snntorch.Leaky(0.9) for _ in range(3))
        self.recurrent, self.zeros = recurrent, zeros
        with torch.no_grad():
            self.hidden.weight *= 4
            self.middle.weight.abs_().mul_(2)
            self.out.weight.abs_()
            if bias and bias == "zeros":
                self.hidden.bias.zero_()
                self.middle.bias.zero_()

    def forward(self, x):
        mem1, mem2, mem3 = (each.init_leaky() for each in (self.lif1, self.lif2, self.lif3))
        waiting, spk2, spikes = deque([self.zeros(x)] * LATE), torch.zeros(x.shape[1], 5), []
        for step in x:
            spk1, mem1 = self.lif1(self.hidden(step), mem1)
            waiting.append(spk1)
            arrives = self.middle(waiting.popleft())
            spk2, mem2 = self.lif2(arrives + self.again(spk2) if self.recurrent else arrives, mem2)
            spk3, mem3 = self.lif3(self.out(spk2), mem3)
            spikes.append(spk3)
        return torch.stack(spikes)


@pytest.mark.parametrize("recurrent", [False, True], ids=["layer", "recurrent"])
@pytest.mark.parametrize("bias", [False, True, "zeros"])
def test_neurons_that_hear_nothing_as_yet_are_silent(bias, recurrent) -> None:
    torch.manual_seed(0)
    module = Deeper(bias, recurrent, lambda x: torch.zeros(x.shape[1], 6))
    found = from_torch(module, events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0, 0, 0]
    assert all(each.spikes for each in found.agreement)
    late = next(each for each in found.graph.projections if each.source == "lif1")
    assert set(late.synapses.as_list().delay.tolist()) == {LATE}


def test_neurons_that_hear_ones_at_first_are_refused() -> None:
    torch.manual_seed(0)
    with pytest.raises(InputError, match=r"lif2: .* arrives in step 0"):
        from_torch(Deeper(False, True, lambda x: torch.ones(x.shape[1], 6)), events(12, 3, 4), dt=0.001)


@pytest.mark.parametrize("zeros", [lambda x: 0 * x[:1], lambda x: x[:1] * 0, lambda x: x[:1].mul(0.0)])
def test_steps_that_are_0_times_others_are_silent(zeros) -> None:
    """The input a step later, or two: 0 times a step is as good as new zeros."""

    class Later(nn.Module):
        def __init__(self, before):
            super().__init__()
            self.before, self.fc = before, nn.Linear(4, 6)
            self.lif = snntorch.Leaky(0.9, init_hidden=True)
            with torch.no_grad():
                self.fc.weight *= 4

        def forward(self, x):
            self.lif.reset_mem()
            return torch.stack([self.lif(self.fc(step)) for step in self.before(x)])

    def delays(before):
        torch.manual_seed(0)
        found = from_torch(Later(before), events(12, 3, 4, share=0.6), dt=0.001)
        assert [each.different + each.through for each in found.agreement] == [0]
        (only,) = found.graph.projections
        return set(only.synapses.as_list().delay.tolist()), found.graph.time_steps

    assert delays(lambda x: torch.cat([zeros(x), x[:-1]])) == ({1}, 12)
    assert delays(lambda x: torch.cat([zeros(x), torch.zeros_like(x[:1]), x[:-2]])) == ({2}, 12)
    assert delays(lambda x: x - torch.cat([zeros(x), x[:-1]])) == ({0, 1}, 12)
