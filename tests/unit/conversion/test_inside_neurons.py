"""What neurons of a user's class do that no Cell says, and that no cause of numbers explains."""

from __future__ import annotations

import pytest
import torch
from slips_of_cells import TOLD, Neurons, seeded
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import Cell, converter
from snnc.errors import InputError

X = events(80, 4, 6).double()


def loop_of(change, **habits):
    """A loop of neurons that `change` what they are given; first they are themselves."""

    class Own(Neurons):
        def forward(self, x):
            return super().forward(change(self, x))

    @converter(Own)
    def _(module, name):
        return Cell(name, TOLD, clear=module.clear)

    return Loop(nn.Sequential(seeded(0.0), Own(**habits)))


def said_of(change):
    with pytest.raises(InputError) as error:
        from_torch(loop_of(change), X, dt=0.01)
    return error.value.args


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda self, x: (8 * x).round() / 8, "round makes whole numbers"),
        (lambda self, x: (8 * x).int() / 8, "int makes torch.int32 of torch.float64"),
        (lambda self, x: (x / 8).bfloat16().double() * 8, "bfloat16 makes torch.bfloat16 of torch.float64"),
        (
            lambda self, x: x * (1.5 if self.v.max() > 0.5 else 1),
            "__bool__ takes numbers out of what depends on the input",
        ),
        (
            lambda self, x: x * (1 + 0.5 * float(self.v.max() > 0.5)),
            "__float__ takes numbers out of what depends on the input",
        ),
    ],
)
def test_what_may_be_why_is_told_with_its_place(change, said):
    first, seen, *_ = said_of(change)
    assert first.startswith("step.1: ")
    assert first.endswith(": none of the known causes explains it")
    assert seen.startswith("in 'step.1', Own.forward (line ")
    assert seen.endswith(f"), {said}, which may be why")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda self, x: torch.where(x > 0.5, x * x, x), "where chooses by what depends on what arrives"),
        (lambda self, x: (x * x).where(x > 0.5, x), "where chooses by what depends on what arrives"),
        (lambda self, x: x.masked_fill(x > 0.9, 0.4), "masked_fill chooses by what depends on what arrives"),
        (
            lambda self, x: x * (1.0 + self.step % 3),
            "mul is given other numbers in a later step (neurons of the contract have the same in all)",
        ),
    ],
)
def test_choices_and_numbers_of_each_step_are_told_with_their_place(change, said):
    first, seen, *_ = said_of(change)
    assert first.endswith(": none of the known causes explains it")
    assert seen.startswith("in 'step.1', Own.forward (line ")
    assert seen.endswith(f"), {said}, which may be why")


@pytest.mark.parametrize(
    "reset",
    [
        lambda fired, v: torch.where(fired, torch.zeros_like(v), v),
        lambda fired, v: torch.where(fired, v - 1, v),
        lambda fired, v: v.masked_fill(fired, 0.0),
    ],
)
def test_a_choice_that_a_cell_says_is_not_suspected(reset):
    """Here a round is why; a spike and a reset by where are none of what may be."""

    class Own(Neurons):
        def forward(self, x):
            v = self.keep * self.v + (8 * x).round() / 8
            self.v = reset(v > 1, v)
            return torch.where(v > 1, torch.ones_like(v), torch.zeros_like(v))

    @converter(Own)
    def _(module, name):
        to_zero = {key: value for key, value in TOLD.items() if key != "reset_by"} | {"reset": "zero"}
        told = TOLD if float(reset(torch.tensor(True), torch.tensor(1.5))) else to_zero
        return Cell(name, told, clear=module.clear)

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), Own())), X, dt=0.01)
    (told,) = [line for line in error.value.args if "may be why" in line]
    assert "round makes whole numbers" in told


@pytest.mark.parametrize(
    "reset",
    [
        lambda v: torch.where(v > 2, torch.zeros_like(v), v),
        lambda v: torch.where(v > 2, torch.zeros_like(v), v - (v > 1).double()),
        lambda v: torch.where(v > 2, v - 1, v),
        lambda v: v.masked_fill(v > 2, 0.0),
    ],
)
def test_a_reset_by_another_comparison_than_the_spikes_is_told_with_its_place(reset):
    class Own(Neurons):
        def forward(self, x):
            v = self.keep * self.v + x
            self.v = reset(v)
            return (v > 1).double()

    @converter(Own)
    def _(module, name):
        return Cell(name, TOLD, clear=module.clear)

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), Own())), X, dt=0.01)
    first, seen, *_ = error.value.args
    assert first.endswith(": none of the known causes explains it")
    assert seen.startswith("in 'step.1', ")
    assert seen.endswith(", which may be why")
    assert " chooses by what depends on what arrives" in seen


@pytest.mark.parametrize("late", [False, True])
def test_a_reset_by_the_spikes_of_this_step_or_the_one_before_is_not_suspected(late):
    class Own(Neurons):
        def forward(self, x):
            kept = torch.where(self.v > 1, self.v - 1, self.v) if late else self.v
            v = self.keep * kept + (8 * x).round() / 8
            self.v = v if late else torch.where(v > 1, v - 1, v)
            return (v > 1).double()

    @converter(Own)
    def _(module, name):
        return Cell(name, TOLD, clear=module.clear)

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), Own())), X, dt=0.01)
    (told,) = [line for line in error.value.args if "may be why" in line]
    assert "round makes whole numbers" in told
    assert "where" not in told


def test_a_threshold_of_each_step_that_a_spike_subtracts_is_told_with_its_place():
    levels = torch.linspace(0.6, 1.6, 80).double()

    class Own(Neurons):
        def forward(self, x):
            v, threshold = self.keep * self.v + x, levels[self.step]
            spikes = (v - threshold > 0).double()
            self.v, self.step = v - threshold * spikes, self.step + 1
            return spikes

    @converter(Own)
    def _(module, name):
        return Cell(name, TOLD, clear=module.clear)

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), Own())), X, dt=0.01)
    first, seen, *_ = error.value.args
    assert first.endswith(": none of the known causes explains it")
    assert (
        ", sub is given other numbers in a later step (neurons of the contract have the same in all)" in seen
    )


def test_no_gain_of_0_is_told():
    """Neurons of threshold 0 that hear nothing never fire, nor do these after some steps."""

    class Own(Neurons):
        def forward(self, x):
            v, self.step = self.keep * self.v + x - 0.5 - 0.02 * torch.tensor(float(self.step)), self.step + 1
            spikes = (v > 0).double()
            self.v = v * (1 - spikes)
            return spikes

    @converter(Own)
    def _(module, name):
        told = {key: value for key, value in TOLD.items() if key != "reset_by"}
        return Cell(name, told | {"threshold": 1e-9, "reset": "zero"}, clear=module.clear)

    with pytest.raises(InputError) as error:
        from_torch(Loop(nn.Sequential(seeded(0.0), Own())), X, dt=0.01)
    assert "gain is about 0" not in error.value.args[0]


def test_draws_are_named():
    first, remedy = said_of(lambda self, x: x + 0.3 * torch.rand_like(x))
    assert first.startswith("in 'step.1', Own.forward (line ")
    assert first.endswith(
        "rand_like draws random numbers in evaluation, and call 2 gives something else of the same events"
    )
    assert remedy.startswith("Draw random numbers in training alone")


def test_branches_that_no_event_takes_are_noted():
    (note,) = from_torch(loop_of(lambda self, x: 2 * x if 7.0 < x.sum() < 7.001 else x), X, dt=0.01).notes
    assert note.startswith("in 'step.1', Own.forward (line ")
    assert "__bool__ takes numbers out of what depends on the input; compared on the example" in note


def test_numbers_of_parameters_are_none_of_the_input():
    keep = torch.tensor(1.0).double()
    assert not from_torch(loop_of(lambda self, x: x * keep.item() * float(keep)), X, dt=0.01).notes
