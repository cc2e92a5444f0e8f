"""keep_u and keep_v of a converter that are exchanged: the error says so, only where that explains all."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.fits import kept
from snnc.conversion.neurons import Cell, Gives, converter
from snnc.errors import InputError

CELL = "(in the converter's Cell)"
RESET = {"subtract": lambda u, s: u - s, "zero": lambda u, s: u * (1 - s), "none": lambda u, s: u}


class Synaptic(nn.Module):
    """i = alpha i + x; u = beta u + taken i + 0.05; spike above 1; the caller keeps both states."""

    def __init__(self, alpha, beta, reset, taken=1.0):
        super().__init__()
        self.alpha, self.beta, self.reset, self.taken = alpha, beta, reset, taken

    def forward(self, x, state=None):
        i, u = (torch.zeros_like(x),) * 2 if state is None else state
        i = self.alpha * i + x
        u = self.beta * u + self.taken * i + 0.05
        s = (u > 1).double()
        return s, (i, RESET[self.reset](u, s))


class Net(nn.Module):
    def __init__(self, first, second):
        super().__init__()
        torch.manual_seed(4)
        self.fc1, self.fc2 = nn.Linear(6, 5).double(), nn.Linear(5, 4).double()
        with torch.no_grad():
            for each in (self.fc1, self.fc2):
                each.weight.mul_(0.3).add_(0.08)
        self.cell1, self.cell2 = first, second

    def forward(self, x):
        a = b = None
        out = []
        for step in x:
            s, a = self.cell1(self.fc1(step), a)
            s, b = self.cell2(self.fc2(s), b)
            out.append(s)
        return torch.stack(out)


def net(alpha=0.7, reset="subtract", taken=1.0):
    return Net(Synaptic(alpha, 0.9, reset, taken), Synaptic(0.6, 0.95, reset, taken))


def registered(wrong, shown=False, gain=1.0, **change):
    """A converter that exchanges both in the cells of these names, with another `change`."""

    @converter(Synaptic)
    def _(module, name):
        keeps = {"keep_u": module.alpha, "keep_v": module.beta}
        if name in wrong:
            keeps = {"keep_u": module.beta, "keep_v": module.alpha}
        told = {"threshold": 1.0, "fires": "above", "reset": module.reset, "bias": 0.05}
        if module.reset == "subtract":
            told["reset_by"] = 1.0

        def gives(args, kwargs, output):
            return Gives(current=args[0], spikes=output[0], membrane=output[1][1] if shown else None)

        return Cell(name, keeps | told | change, gain=gain(keeps) if callable(gain) else gain, gives=gives)


def error_of(module, recordings=4):
    with pytest.raises(InputError) as error:
        from_torch(module, events(60, recordings, 6).double(), dt=0.01, least_agreement=1)
    return error.value.args


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("reset", ["subtract", "zero"])
@pytest.mark.parametrize(
    ("wrong", "cell", "u", "v"),
    [
        (("cell1",), "cell1", "0.7", "0.9"),
        (("cell2",), "cell2", "0.6", "0.95"),
        (("cell1", "cell2"), "cell1", "0.7", "0.9"),
    ],
)
def test_exchanged_keeps_are_named_before_the_slow_searches(
    wrong, cell, u, v, reset, shown, monkeypatch
) -> None:
    registered(wrong, shown)
    monkeypatch.setattr(kept, "found", lambda driven, over: pytest.fail("numbers are searched"))
    first, *more = error_of(net(reset=reset))
    assert first.startswith(f"{cell}: module and network differ")
    said = f"its keep_u and keep_v are exchanged: keep_u is {u} and keep_v is {v}, not {v} and {u} {CELL}"
    assert first.endswith(f": {said}")
    assert not any("Compare its Cell" in each for each in more)


def test_of_numbers_of_each_neuron_their_ranges_are_told() -> None:
    registered(("cell1",))
    first, *_ = error_of(net(torch.tensor([0.5, 0.55, 0.6, 0.7, 0.8]).double()))
    assert first.endswith(f"keep_u is 0.5 .. 0.8 and keep_v is 0.9, not 0.9 and 0.5 .. 0.8 {CELL}")


def test_a_gain_that_goes_with_keep_v_is_exchanged_with_it() -> None:
    """v takes 0.1 of the current, and the Cell, whose keep_v is 0.7, says 0.3, or 0.1 as the module."""
    module = net(taken=0.1)
    with torch.no_grad():
        module.fc1.weight.mul_(8)
    registered(("cell1",), gain=lambda keeps: 1 - keeps["keep_v"] if keeps["keep_v"] == 0.7 else 0.1)
    said = f"keep_u is 0.7 and keep_v is 0.9, with gain = 1 - keep_v, not 0.9 and 0.7 {CELL}"
    assert error_of(module)[0].endswith(said)
    registered(("cell1",), gain=0.1)
    assert error_of(module)[0].endswith(f"keep_u is 0.7 and keep_v is 0.9, not 0.9 and 0.7 {CELL}")


@pytest.mark.parametrize(
    ("change", "reset"),
    [
        ({"keep_v": 0.8}, "subtract"),
        ({"keep_u": 0.5}, "zero"),
        ({"threshold": 1.2}, "none"),  # where both orders give nearly the same
        ({"bias": 0.0}, "none"),
    ],
)
def test_another_fault_is_no_exchange(change, reset) -> None:
    registered((), **change)
    assert "exchanged" not in error_of(net(reset=reset))[0]


def test_few_spikes_are_no_proof() -> None:
    """With nearly equal numbers both orders differ in few places: then other causes are told, too."""
    registered(("cell1",))
    first, *_ = error_of(net(alpha=0.899, reset="zero"), recordings=2)
    assert "exchanged" in first
    assert "too few to be sure, but each of these gives every spike" in first
