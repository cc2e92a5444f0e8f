"""What one neuron needs is told of that neuron, not of all; what few spikes show is told as uncertain."""

from __future__ import annotations

import re

import pytest
import torch
from slips_of_cells import CELL, TOLD, Neurons, seeded
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError

UNSURE = re.compile("places are too few to be sure, but (each of these|this) gives every spike: ")
NO, MORE = "none of the known causes explains it", "1 more"
RIGHT = {"keep_v": 0.8, "threshold": 1.0, "gain": 1.0}
HABITS = {"keep_v": "keep", "threshold": "threshold", "gain": "taken"}


def said_of(name, changes, neurons, x, draw, least=1.0, share=0.3):
    """The lines of the error where the module has `RIGHT` with `changes` {neuron: factor}."""
    told = {key: value for key, value in TOLD.items() if key != "reset_by"} | {"reset": "zero"}

    @converter(Zero)
    def _(module, name):
        return Cell(name, told, clear=module.clear)

    weights = nn.Linear(6, neurons, bias=False).double()
    with torch.no_grad():
        weights.weight.copy_(0.7 * torch.rand(neurons, 6, generator=draw).double() - 0.15)
    numbers = torch.full((neurons,), RIGHT[name]).double()
    for neuron, factor in changes.items():
        numbers[neuron] *= factor
    module = Loop(nn.Sequential(weights, Zero(**{HABITS[name]: numbers})))
    x = (torch.rand(*x, 6, generator=draw) < share).double()
    with pytest.raises(InputError) as error:
        from_torch(module, x, dt=0.01, least_agreement=least, in_batches=False)
    return error.value.args


def causes_of(name, changes, neurons, recordings, seed):
    """Whether they are certain, and each."""
    draw = torch.Generator().manual_seed(seed)
    said = said_of(name, changes, neurons, (40, recordings), draw)[0]
    unsure = UNSURE.search(said)
    found = said[unsure.end() :] if unsure else said.partition(")): ")[2] or said.partition("): ")[2]
    return not unsure, [each for each in found.split("; or ") if each not in (NO, MORE)]


@pytest.mark.parametrize(("neuron", "wrong"), [(3, 1.05), (3, 1.08)])
def test_the_number_that_one_neuron_subtracts_is_told_once(neuron, wrong):
    """Of that neuron, not also of all, whose reset_by is as their module's."""
    numbers = torch.ones(5).double()
    numbers[neuron] = wrong

    @converter(Neurons)
    def _(module, name):
        return Cell(name, TOLD | {"reset_by": numbers}, clear=module.clear)

    module = Loop(nn.Sequential(seeded(0.0), Neurons()))
    with pytest.raises(InputError) as error:
        from_torch(module, events(200, 4, 6).double(), dt=0.01, least_agreement=1)
    said = error.value.args[0]
    assert f"of neuron {neuron}, its reset_by is about 1, not {wrong}" in said
    assert said.count("reset_by") == 1


class Zero(Neurons):
    """Set to 0 by a spike."""

    def forward(self, x):
        v = self.keep * self.v + self.taken * x
        spikes = (v > self.threshold).double()
        self.v = v * (1 - spikes)
        return spikes


def holds(cause, name, neuron, right):
    """Whether `cause` tells of this neuron, and of this name a range with the `right` number."""
    found = re.fullmatch(
        rf"of neuron {neuron}, its (\S+) is about \S+, not \S+ {re.escape(CELL)}; "
        r"(\S+) \.\. (\S+) give every spike(; spikes show only the ratio of gain and threshold)?\)",
        cause,
    )
    return found and (found[1] != name or float(found[2]) <= right <= float(found[3]))


@pytest.mark.parametrize(("name", "factor"), [("keep_v", 1.03), ("threshold", 0.97), ("gain", 0.97)])
@pytest.mark.parametrize(("neurons", "seed"), [(2, 0), (6, 1), (30, 2)])
def test_of_one_neuron_and_two_recordings_nothing_is_told_of_all(name, factor, neurons, seed):
    _, causes = causes_of(name, {1: factor}, neurons, 2, seed)
    assert all(holds(each, name, 1, factor * RIGHT[name]) for each in causes), causes
    assert not causes or any(f"its {name} is" in each for each in causes) or len(causes) == 4  # and more


@pytest.mark.parametrize(("name", "factor"), [("keep_v", 0.8), ("threshold", 1.3), ("gain", 0.7)])
def test_of_one_neuron_many_spikes_are_certain(name, factor):
    sure, causes = causes_of(name, {1: factor}, 4, 12, 0)
    assert sure
    assert all(holds(each, name, 1, factor * RIGHT[name]) for each in causes), causes
    assert any(f"its {name} is" in each for each in causes)


@pytest.mark.parametrize(("name", "factor"), [("keep_v", 0.8), ("threshold", 1.3), ("gain", 0.7)])
@pytest.mark.parametrize(("neurons", "seed"), [(1, 5), (5, 3)])
def test_of_all_neurons_it_is_told_of_all(name, factor, neurons, seed):
    sure, causes = causes_of(name, dict.fromkeys(range(neurons), factor), neurons, 12, seed)
    assert sure
    assert any(each.startswith(f"its {name} is about") for each in causes)
    assert not any("of neuron" in each for each in causes)


@pytest.mark.parametrize("seed", [0, 6, 9])
def test_what_the_example_shows_too_little_of_is_named_on_other_events(seed):
    """Of the example few places differ, which is allowed; other events count, too, and may tell enough."""
    draw = torch.Generator().manual_seed(seed)
    first, what, *_ = said_of("threshold", {1: 1.05}, 20, (40, 6), draw, least=0.999, share=0.12)
    assert first.startswith("step.1: on other events, ")
    counted, *unsure, causes = UNSURE.split(first) if UNSURE.search(first) else (first, "")
    if unsure:
        total = re.search(r"with the example and other events, \d+ of (\d+) $", counted)[1]
        # The example's, eight of each of three kinds and one that is full; and two, as the error counts them.
        assert int(total) == (6 + 3 * 8 + 1 + 2) * 40 * 20
    causes = [each for each in (causes or first.partition("): ")[2]).split("; or ") if each != MORE]
    assert all(holds(each, "threshold", 1, 1.05) for each in causes), causes
    assert any("its threshold is" in each for each in causes)
    assert bool(unsure) == what.startswith("Compare its Cell with the code of the module")


def test_of_two_of_six_it_is_told_of_these():
    sure, causes = causes_of("threshold", {1: 1.3, 3: 1.3}, 6, 12, 0)
    assert sure
    assert all(each.startswith("of neurons 1, 3, its ") for each in causes)
    assert any("its threshold is about 1.3, not 1 " in each for each in causes)


def test_a_least_change_is_no_reason_to_leave_a_cause_out():
    """A bias of 0.03 was left out as small, and a threshold of 0.85 named, which is as good here."""
    sure, causes = causes_of("gain", {1: 1.03}, 6, 2, 2)
    assert not sure or any("its gain is" in each for each in causes)


def test_bounds_of_gains_of_silent_neurons_are_such_bounds():
    """Told 200 times as much, rounding of v was allowed to be a part of the threshold."""
    torch.manual_seed(0)
    weights = nn.Linear(6, 3, bias=False)
    with torch.no_grad():
        weights.weight.copy_(torch.rand(3, 6) * 2 + 0.5)
    taken = torch.tensor([0.3, 0.004, 0.003])

    @converter(Single)
    def _(module, name):
        parameters = {"keep_u": 0.0, "keep_v": 0.0, "threshold": 1.0, "fires": "above", "reset": "zero"}
        return Cell(name, parameters, gain=2000.0, clear=module.clear)

    x = (torch.rand(200, 8, 6) < 0.3).float()
    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(weights, Single(taken))), x, dt=0.01, least_agreement=1)
    said = error.value.args[0]
    found = re.search(
        r"its gain is one for each neuron, .*at most (\S+) \.\. (\S+) for 2 of 3, not 2000", said
    )
    assert found, said
    largest = (x.double() @ weights.weight.double().T).amax((0, 1)).detach()  # as the example alone tells it
    bounds = sorted(1 / each for each in largest[1:].tolist())
    for each, bound in zip((found[1], found[2]), bounds, strict=True):
        assert bound * (1 - 1e-5) <= float(each) <= bound


class Single(nn.Module):
    """v = taken x, in 32 bits."""

    def __init__(self, taken):
        super().__init__()
        self.taken = taken

    def clear(self):
        pass

    def forward(self, x):
        return (self.taken * x > 1).float()
