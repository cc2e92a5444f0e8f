"""Modules that branch on the number of steps are noted: of more or fewer the first ones are others."""

from __future__ import annotations

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

STEPS = 12


class Branches(nn.Module):
    """Its input is doubled where `when` says so of the steps; it makes `fixed` steps, if told so."""

    def __init__(self, when, fixed=None):
        super().__init__()
        self.when, self.fixed = when, fixed
        self.fc, self.lif = nn.Linear(3, 6), snntorch.Leaky(0.9, threshold=0.5)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        weight = 2.0 if self.when(len(x)) else 1.0
        for t in range(self.fixed or len(x)):
            spk, mem = self.lif(weight * self.fc(x[t]), mem)
            spikes.append(spk)
        return torch.stack(spikes)


class AtOnce(Branches):
    """All steps in one product."""

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for current in self.fc(x) * (2.0 if self.when(len(x)) else 1.0):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


class Unfollowed(Branches):
    """A function that no network has, in other steps than the example's."""

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        other = self.when(len(x)) != self.when(STEPS)
        for current in self.fc(x).tanh() if other else self.fc(x):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


def notes(module):
    torch.manual_seed(1)
    found = from_torch(module, events(STEPS, 5, 3, share=0.4), dt=1e-3)
    return [note for note in found.notes if "steps the module computes" in note]


@pytest.mark.parametrize("kind", [Branches, AtOnce, Unfollowed])
@pytest.mark.parametrize(
    ("when", "steps"),
    [
        (lambda steps: steps > 10, 7),
        (lambda steps: steps > 20, 25),
        (lambda steps: steps % 2, 7),
        (lambda steps: steps < 10, 7),
    ],
)
def test_a_branch_on_the_number_of_steps_is_noted(kind, when, steps):
    (said,) = notes(kind(when))
    assert said.startswith(
        f"lif: given {steps} steps the module computes something else than given {STEPS}, of the same eve"
    )
    assert f"places of the first {min(steps, STEPS)} steps differ, first in step " in said
    assert said.endswith(f"; the network is that of {STEPS} steps")


@pytest.mark.parametrize(
    "module",
    [Branches(lambda steps: False), AtOnce(lambda steps: True), Branches(lambda _: 0, STEPS)],
)
def test_nothing_is_noted_of_others(module):
    assert notes(module) == []


class Convolved(nn.Module):
    """A convolution over time that makes more steps than it is given, read `at_once`, or by neurons."""

    def __init__(self, at_once, cut=False):
        super().__init__()
        self.conv, self.cut = nn.Conv1d(3, 6, 5, padding=4), cut
        self.lif, self.at_once = snntorch.Leaky(0.9, threshold=0.2), at_once

    def forward(self, x):
        y = self.conv(x.permute(1, 2, 0)).permute(2, 0, 1)
        y = y[: len(x)] if self.cut else y
        if self.at_once:
            return y.sum(0)
        mem, spikes = self.lif.init_leaky(), []
        for step in y:
            spk, mem = self.lif(step, mem)
            spikes.append(spk)
        return torch.stack(spikes)


def test_steps_behind_those_of_the_example_are_told_at_once():
    example = events(STEPS, 5, 3, share=0.4)
    found = from_torch(Convolved(at_once=True), example, dt=1e-3)
    assert found.graph.time_steps == STEPS + 4
    (said,) = found.notes
    assert said.startswith(
        f"readout: the module computes {STEPS + 4} steps of the example's {STEPS}, so the network"
    )
    assert (
        f"samples of {STEPS + 4}: add 4 silent steps at the end of each sample for predict, verify and run, "
        "and none to the example; or let the module compute no" in said
    )


def test_a_loop_over_more_steps_than_the_example_has_is_told():
    with pytest.raises(InputError) as found:
        from_torch(Convolved(at_once=False), events(STEPS, 5, 3, share=0.4), dt=1e-3)
    said, remedy = found.value.args
    assert said.startswith(
        f"lif: computes {STEPS + 4} steps of the example's {STEPS}, and behind these not all"
    )
    assert "keep the first ones (y[:len(x)] where time comes first)" in remedy


@pytest.mark.parametrize("at_once", [False, True])
def test_the_first_steps_are_kept_as_it_says(at_once):
    found = from_torch(Convolved(at_once, cut=True), events(STEPS, 5, 3, share=0.4), dt=1e-3)
    assert (found.graph.time_steps, found.notes) == (STEPS, ())


DECODED = {"sum": lambda y: y.sum(0), "mean": lambda y: y.mean(0), "max": lambda y: y.amax(0)}


class Read(nn.Module):
    """What the convolution makes of the input or of spikes, `decoded`; without the steps behind if `cut`."""

    def __init__(self, decoded, spikes, cut):
        super().__init__()
        self.fc, self.conv = nn.Linear(3, 3), nn.Conv1d(3, 6, 5, padding=4)
        self.lif, self.decoded = snntorch.Leaky(0.9, threshold=0.1), DECODED[decoded]
        self.spikes, self.cut = spikes, cut

    def forward(self, x):
        steps, mem, spikes = len(x), self.lif.init_leaky(), []
        if self.spikes:
            for step in x:
                spk, mem = self.lif(self.fc(step), mem)
                spikes.append(spk)
            x = torch.stack(spikes)
        y = self.conv(x.permute(1, 2, 0)).permute(2, 0, 1)
        return self.decoded(y[:steps] if self.cut else y)


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("spikes", [False, True])
@pytest.mark.parametrize("decoded", DECODED)
def test_a_readout_decodes_all_steps_that_the_module_decodes(decoded, spikes, cut):
    """Also without neurons, and steps behind those of the example."""
    torch.manual_seed(4)
    found = from_torch(Read(decoded, spikes, cut), events(STEPS, 5, 3, share=0.4), dt=1e-3)
    assert found.graph.time_steps == STEPS + 4 * (not cut)
    assert [each.decoder for each in found.graph.readouts] == ["max" if decoded == "max" else "sum"]
