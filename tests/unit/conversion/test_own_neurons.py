"""Neurons of one's own code: the error says how to register a converter, and a registered one is followed."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from places import ROOT
from spikingjelly.activation_based import neuron
from torch import nn
from torch_networks import Loop, events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, Gives, converter
from snnc.errors import InputError


class Heaviside(torch.autograd.Function):
    """A step with a gradient of its own, as frameworks write it."""

    @staticmethod
    def forward(ctx, x):
        return (x > 0).float()

    @staticmethod
    def backward(ctx, grad):
        return grad


class Late(nn.Module):
    """Neurons that hear their input a step late, and their own spikes too."""

    def __init__(self, neurons, surrogate=False):
        super().__init__()
        self.back = nn.Parameter(0.5 * torch.randn(neurons, neurons))
        self.surrogate, self.states = surrogate, None

    def forward(self, x):
        v, heard, spikes = self.states or [torch.zeros_like(x)] * 3
        v = 0.75 * v * (1 - spikes) + heard
        fired = Heaviside.apply(v - 0.5) if self.surrogate else (v > 0.5).float()
        self.states = v, x + spikes @ self.back.T, fired
        return fired


@pytest.fixture
def registered():
    kept = dict(CONVERTERS)

    @converter(Late)
    def late(module, name):
        def clear():
            module.states = None

        return Cell(
            name,
            {"keep_u": 0.0, "keep_v": 0.75, "threshold": 0.5, "fires": "above", "reset": "zero"},
            lag=1,
            gives=lambda args, kwargs, output: Gives(args[0], output),
            clear=clear,
            recurrent=(module.back, None),
        )

    yield
    CONVERTERS.clear()
    CONVERTERS.update(kept)


def network():
    torch.manual_seed(5)
    first, last = nn.Linear(6, 12), nn.Linear(12, 4)
    with torch.no_grad():
        first.weight.mul_(2)
        last.weight.mul_(3)
    return Loop(nn.Sequential(first, Late(12), last, Late(4)))


def test_neurons_that_are_a_step_late(registered):
    module, x = network(), events(25, 3, 6)
    found = from_torch(module, x, dt=1e-3)
    assert all(each.different == each.through == 0 for each in found.agreement)
    graph = found.graph
    own = [each.synapses.as_list() for each in graph.projections if each.source == each.destination]
    assert [set(each.delay.tolist()) for each in own] == [{2}, {2}]
    assert [each.end for each in graph.populations] == [None, 24, 24]
    between = next(each for each in graph.projections if each.source == "step.1" != each.destination)
    assert set(between.synapses.as_list().delay.tolist()) == {1}
    for each in module.modules():
        if isinstance(each, Late):
            each.states = None
    same_spikes(module, x, graph, (Late,), late=1)


def test_a_class_of_ones_own_that_is_derived_from_a_refused_one():
    class Squared(neuron.QIFNode):
        pass

    module = Loop(nn.Sequential(nn.Linear(4, 5), Squared()))
    with pytest.raises(InputError, match=r"\(Squared\): .*\nUse IFNode.*\n.*snnc\.converter"):
        from_torch(module, events(6, 2, 4), dt=1e-3)


def test_the_page_is_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippets = (ROOT / "docs/from_torch.md").read_text().split("```python\n")[1:]
    names: dict = {}
    kept = dict(CONVERTERS)
    made = []
    try:
        for part in snippets:
            exec(part.split("```")[0], names)
            made.append(names["network"])
        assert (tmp_path / "net.c").is_dir()
        _, only, lines, later, each, at_once, _, own, read, weighing, whole, adapting, carrying = (
            made  # that of the converter is of the snippet behind it
        )
        assert [each.population for each in only.model.readouts] == ["module.lif2"]
        synapses = lines.model.projections[0].synapses.as_list()
        assert {*zip(synapses.pre.tolist(), synapses.delay.tolist(), strict=True)} == {(0, 0), (1, 4), (2, 2)}
        delays = [{*each.synapses.as_list().delay.tolist()} for each in later.model.projections]
        assert delays == [{0}, {4}]
        for network in (each, at_once):
            synapses = network.model.projections[0].synapses.as_list()
            waits = zip(synapses.post.tolist(), synapses.pre.tolist(), synapses.delay.tolist(), strict=True)
            assert {*waits} == {(0, 0, 0), (0, 1, 3), (0, 2, 1), (1, 0, 2), (1, 1, 0), (1, 2, 3)}
        assert own.populations[1] == ("lif", "lif", 4)
        assert read.populations[-1] == ("out", "li", 2)
        assert [each.decoder for each in read.model.readouts] == ["max"]
        assert len(weighing.model.projections[0].synapses.as_list().pre) == 6
        assert weighing.model.population("out").bias.any()
        assert whole.populations[-1][1:] == ("li", 2)
        of = adapting.model.population("lif")
        assert (of.model, of.order, adapting.agreement[0].spikes > 0) == ("adlif", "old", True)
        np.testing.assert_allclose(of.threshold, 0.1 / 0.1)
        np.testing.assert_allclose(of.kb, 0.05 * 0.07 / 0.1)  # beta (rho - alpha), by the gain
        of = carrying.model.population("lif")
        assert (of.model, of.order, carrying.agreement[0].spikes > 0) == ("adlif", "new", True)
        np.testing.assert_allclose(of.reset_by, 0.1 / 0.1)
        np.testing.assert_allclose(of.ka, 0.1 * 0.2)  # (1 - alpha) a
        np.testing.assert_allclose(of.kb, 0.1 * (0.2 * 0.1 + 0.1) / 0.1)  # of docs: (a vth + b) by the gain
        assert all(not each.different for network in made for each in network.agreement)
        torch.manual_seed(6)
        module = Loop(nn.Sequential(nn.Linear(4, 7), names["Forgetful"](0.1)))
        x = events(20, 3, 4)
        found = from_torch(module, x, dt=1e-3)
        same_spikes(module, x, found.graph, (names["Forgetful"],))
    finally:
        CONVERTERS.clear()
        CONVERTERS.update(kept)


@pytest.mark.parametrize("surrogate", [False, True])
@pytest.mark.parametrize("before_others", [False, True])
def test_neurons_of_ones_own_code(surrogate, before_others):
    after = [nn.Linear(5, 3), snntorch.Leaky(0.9, init_hidden=True)] if before_others else []
    module = Loop(nn.Sequential(nn.Linear(4, 5), Late(5, surrogate), *after))
    with pytest.raises(InputError, match=r"in 'step\.1', .*\n.*snnc\.converter"):
        from_torch(module, events(6, 2, 4), dt=1e-3)


class Leaky(nn.Module):
    """v = 0.9 v + x, and gives what `given` makes of v before and after the step."""

    def __init__(self, given=lambda before, after: after):
        super().__init__()
        self.given, self.v = given, None

    def forward(self, x):
        before = torch.zeros_like(x) if self.v is None else self.v
        self.v = 0.9 * before + x
        return self.given(before, self.v)


def read_by(parameters, given=None, decoder=None, **own):
    """What a converter of `Leaky` with these parameters makes of weights and a readout."""
    kept = dict(CONVERTERS)

    @converter(Leaky)
    def leaky(module, name):
        def clear():
            module.v = None

        return Cell(
            name,
            parameters,
            gives=lambda args, kwargs, output: Gives(current=args[0], spikes=None, membrane=output),
            clear=clear,
            **own,
        )

    torch.manual_seed(2)
    try:
        module = Loop(nn.Sequential(nn.Linear(4, 3), Leaky() if given is None else Leaky(given)))
        return from_torch(module, events(12, 3, 4), dt=1e-3, decoder=decoder)
    finally:
        CONVERTERS.clear()
        CONVERTERS.update(kept)


@pytest.mark.parametrize("reset", [{}, {"reset": "none"}, {"reset": "none", "threshold": 1.0, "fires": "at"}])
def test_the_membrane_of_a_readout_of_ones_own_is_read(reset):
    found = read_by({"keep_u": 0.0, "keep_v": 0.9, **reset})
    (readout,) = found.graph.readouts
    population = found.graph.population(readout.population)
    assert (readout.population, population.spikes) == ("step.1", False)
    assert np.allclose(population.keep_v, 0.9)
    assert [(each.different, each.through) for each in found.agreement] == [(0, 0)]


@pytest.mark.parametrize(("keep_v", "given"), [(0.9, lambda before, after: before), (0.8, None)])
def test_a_membrane_that_is_another_than_the_converter_says_is_refused(keep_v, given):
    with pytest.raises(InputError, match=r"step\.1: module and network differ in"):
        read_by({"keep_u": 0.0, "keep_v": keep_v}, given)


def test_a_converter_that_says_that_the_membrane_is_another_is_told_so():
    with pytest.raises(InputError, match=r"converter says membrane_ends=False\nPass membrane_ends=True"):
        read_by({"keep_u": 0.0, "keep_v": 0.9}, membrane_ends=False)


def test_a_parameter_that_is_none_is_told_to_be_left_out():
    with pytest.raises(InputError, match=r"gives 'threshold' = None; leave it out; without a threshold"):
        read_by({"keep_u": 0.0, "keep_v": 0.9, "threshold": None})


@pytest.mark.parametrize("decoder", [None, "max", "sum"])
def test_a_decoder_that_nobody_told_is_a_note(decoder):
    found = read_by({"keep_u": 0.0, "keep_v": 0.9}, decoder=decoder)
    assert [each.decoder for each in found.graph.readouts] == [decoder or "sum"]
    said = "step.1: all steps are given, decoded by sum; pass decoder= for softmax, max, last"
    assert [note for note in found.notes if "decoded by" in note] == [said] * (decoder is None)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (lambda v: {"membrane": v[:, -1], "steps": v}, "steps of a call is a tensor"),
        (lambda v: {"steps": v}, "steps of a call is a tensor.*\nA tensor of all steps is .*membrane=output"),
        (
            lambda v: {"last": v},
            r"last .* \[2, 6, 3\]; expected \[2, 3\].*\nA tensor of all .*membrane=output",
        ),
        (
            lambda v: {"last": v[:, -1]},
            "names it neither as spikes nor as membrane\nWith time_dim, membrane is",
        ),
        (
            lambda v: {},
            "gives of the Cell of 1 names it neither as spikes nor as membrane\nWith time_dim, mem",
        ),
    ],
)
def test_a_call_of_all_steps_is_told_what_its_membrane_is(named, said, monkeypatch):
    class Summing(nn.Module):
        def forward(self, x):
            return x.cumsum(1)

    def cell(module, name):
        parameters = {"keep_u": 0.0, "keep_v": 1.0}
        return Cell(name, parameters, time_dim=1, gives=lambda a, k, o: Gives(a[0], None, **named(o)))

    monkeypatch.setitem(CONVERTERS, f"{Summing.__module__}.{Summing.__qualname__}", cell)
    module = nn.Sequential(nn.Linear(4, 3), Summing())
    with pytest.raises(InputError, match=said):
        from_torch(module, events(6, 2, 4).transpose(0, 1), dt=1e-3, layout="NTC", decoder="sum")
