"""Modules of neurons that decode over time themselves: what their Cell says has to be that."""

import pytest
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives
from snnc.errors import InputError

STEPS, KEEP = 12, 0.9
MADE = {
    "all": lambda y: y,
    "mean": lambda y: y.mean(1),
    "sum": lambda y: y.sum(1),
    "max": lambda y: y.amax(1),
    "last": lambda y: y[:, -1],
    "min": lambda y: y.amin(1),
    "softmax": lambda y: y.softmax(-1).sum(1),
    "keepdim": lambda y: y.mean(1, keepdim=True),
}
OF = {
    "mean": "the mean of v over time, the Cell of module.1 says otherwise\nSay decoded=(tensor, 'mean') in",
    "sum": "the sum of v over time, the Cell of module.1 says otherwise\nSay decoded=(tensor, 'sum') in",
    "max": "the largest v over time, the Cell of module.1 says otherwise\nSay decoded=(tensor, 'max') in",
    "last": "v of the last step, the Cell of module.1 says otherwise\nSay last=tensor in",
    "softmax": "summed over time, the Cell of module.1 says otherwise\nReturn the membranes of all steps",
}
DECODED = "Where the module decodes over time itself, give decoded=(tensor, 'mean'), 'sum' or 'max'"
SPIKING = {"keep_u": 0.0, "keep_v": KEEP, "threshold": 0.3, "reset": "zero"}


class Integrator(nn.Module):
    """v = 0.9 v + x of [samples, steps, lines]; it gives what is `made` of v in all steps."""

    def __init__(self, made):
        super().__init__()
        self.made = MADE[made]

    def forward(self, x):
        v, steps = torch.zeros_like(x[:, 0]), []
        for step in x.unbind(1):
            v = KEEP * v + step
            steps.append(v)
        return self.made(torch.stack(steps, 1))


class Counting(nn.Module):
    """Spikes of 0.9 v + x above 0.3, reset to 0; it gives what is `made` of them."""

    def __init__(self, made):
        super().__init__()
        self.made = MADE[made]

    def forward(self, x):
        v, steps = torch.zeros_like(x[:, 0]), []
        for step in x.unbind(1):
            v = KEEP * v + step
            steps.append((v > 0.3).float())
            v = v * (1 - steps[-1])
        return self.made(torch.stack(steps, 1))


class Behind(nn.Module):
    """What is `made` of what `module` gives."""

    def __init__(self, module, made):
        super().__init__()
        self.module, self.made = module, MADE[made]

    def forward(self, x):
        return self.made(self.module(x))


def converted(module, gives, monkeypatch, behind="all", parameters=None):
    """Of a Linear and `module`, whose Cell says what it gives as `gives` does of its output."""
    parameters = parameters or {"keep_u": 0.0, "keep_v": KEEP}

    def cell(_, name):
        return Cell(
            name, parameters, time_dim=1, gives=lambda a, k, o: Gives(a[0], **{"spikes": None} | gives(o))
        )

    monkeypatch.setitem(CONVERTERS, f"{type(module).__module__}.{type(module).__qualname__}", cell)
    torch.manual_seed(3)
    example = events(STEPS, 5, 4, share=0.4).transpose(0, 1)
    whole = Behind(nn.Sequential(nn.Linear(4, 3), module), behind)
    return from_torch(whole, example, dt=1e-3, layout="NTC")


@pytest.mark.parametrize("made", ["mean", "sum", "max", "last"])
def test_a_membrane_without_time_is_told(made, monkeypatch):
    with pytest.raises(InputError) as found:
        converted(Integrator(made), lambda o: {"membrane": o}, monkeypatch)
    said, remedy = found.value.args
    assert "membrane of a call has the shape [5, 3], without time; expected [5, 12, 3], as [batch" in said
    assert remedy.startswith(DECODED)
    assert remedy.endswith("last=tensor for the membrane of the last step")


def test_a_dimension_of_one_in_the_place_of_time_is_told(monkeypatch):
    for gives in (lambda o: {"membrane": o}, lambda o: {"decoded": (o, "mean")}, lambda o: {"last": o}):
        with pytest.raises(InputError, match=r"\[5, 1, 3\].*; .*\nLeave the dim.*keepdim=False"):
            converted(Integrator("keepdim"), gives, monkeypatch)


@pytest.mark.parametrize("made", ["mean", "sum", "max"])
def test_what_is_named_instead_is_followed(made, monkeypatch):
    found = converted(Integrator(made), lambda o: {"decoded": (o, made)}, monkeypatch)
    assert [each.decoder for each in found.graph.readouts] == ["max" if made == "max" else "sum"]
    found = converted(Integrator("last"), lambda o: {"last": o}, monkeypatch)
    assert [each.decoder for each in found.graph.readouts] == ["last"]


@pytest.mark.parametrize("made", ["mean", "sum", "last", "keepdim"])
def test_spikes_without_time_are_told(made, monkeypatch):
    with pytest.raises(
        InputError, match=r"1: spikes of a call .*, without time; .*\n.*Return the spikes of a"
    ):
        converted(Counting(made), lambda o: {"spikes": o}, monkeypatch, parameters=SPIKING)


def test_a_membrane_of_neurons_that_reset_is_left_out(monkeypatch):
    parts = {"spikes": lambda o: o, "membrane": lambda o: o.sum(1)}
    with pytest.raises(InputError, match=r"membrane .*, without time; .*\nLeave it out: the spikes are read"):
        converted(
            Counting("all"),
            lambda o: {key: part(o) for key, part in parts.items()},
            monkeypatch,
            parameters=SPIKING,
        )
    del parts["membrane"]
    found = converted(Counting("all"), lambda o: {"spikes": o}, monkeypatch, behind="sum", parameters=SPIKING)
    assert [each.decoder for each in found.graph.readouts] == ["count"]


@pytest.mark.parametrize("given", ["mean", None, "both", 3])
def test_decoded_says_how(given, monkeypatch):
    how = {"both": lambda o: (o, "mean", o), "mean": lambda o: (o, "average"), 3: lambda o: ("mean", o)}
    said = "decoded of a call is .*, expected \\(tensor, how\\), how one of 'mean', 'sum', 'max'"
    with pytest.raises(InputError, match=said):
        converted(Integrator("mean"), lambda o: {"decoded": how.get(given, lambda o: o)(o)}, monkeypatch)


@pytest.mark.parametrize("told", ["mean", "sum", "max", "last"])
@pytest.mark.parametrize("made", OF)
def test_another_decoder_than_that_of_the_module_is_told(made, told, monkeypatch):
    if made == told:
        return
    with pytest.raises(InputError) as found:
        converted(
            Integrator(made),
            lambda o: {"last": o} if told == "last" else {"decoded": (o, told)},
            monkeypatch,
        )
    assert OF[made] in str("\n".join(found.value.args))


def test_what_the_module_says_of_its_softmax_is_followed(monkeypatch):
    found = converted(Integrator("all"), lambda o: {"membrane": o}, monkeypatch, behind="softmax")
    assert [each.decoder for each in found.graph.readouts] == ["softmax"]


def test_what_no_decoder_explains_is_told_of_the_cell_and_of_functions(monkeypatch):
    with pytest.raises(
        InputError, match=r"the Cell of module.1 says something else .*, or a function .*\nCompare the"
    ):
        converted(Integrator("min"), lambda o: {"decoded": (o, "max")}, monkeypatch)
