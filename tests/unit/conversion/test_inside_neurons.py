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
