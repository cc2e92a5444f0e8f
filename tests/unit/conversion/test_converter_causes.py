"""A converter that a user registers, and that is wrong: the error says how the module's neurons differ."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
import torch
from torch import nn
from torch_networks import Loop, events

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, converter
from snnc.errors import InputError
from snnc.exporter.expectation.held import sentences
from snnc.exporter.float_reference import run_float
from snnc.exporter.pipeline import export_network
from snnc.hwsim.event_driven import simulate
from snnc.report.json_report import from_json, to_json
from snnc.report.questions import questions
from snnc.verification.verify import verify

TAU = 4.0
KEEP = exp(-1 / TAU)
CELL = "in the converter's Cell, "


class Neurons(nn.Module):
    """v <- keep v + taken x, fires at or above 1, and resets; state is kept from step to step."""

    def __init__(self, keep=1 - 1 / TAU, taken=1 / TAU, reset="zero", at=False):
        super().__init__()
        self.keep, self.taken, self.how, self.at = keep, taken, reset, at
        self.v = torch.zeros(1, dtype=torch.float64)

    def forward(self, x):
        v = self.keep * self.v + self.taken * x
        spikes = (v >= 1 if self.at else v > 1).double()
        self.v = v * (1 - spikes) if self.how == "zero" else v - spikes if self.how == "subtract" else v
        return spikes


@pytest.fixture(autouse=True)
def _registered():
    before = dict(CONVERTERS)

    @converter(Neurons)
    def _(module, name):
        """Euler steps of TAU, above the threshold, reset to zero: whatever the module does."""

        def clear():
            module.v = torch.zeros(1, dtype=torch.float64)

        leak = 1 / TAU
        parameters = {"keep_u": 0, "keep_v": 1 - leak, "threshold": 1.0, "reset": "zero"}
        return Cell(name, parameters, gain=leak, clear=clear)

    yield
    CONVERTERS.clear()
    CONVERTERS.update(before)


def module(whole=False, **habits):
    torch.manual_seed(3)
    linear = nn.Linear(6, 5).double()
    with torch.no_grad():
        linear.weight.copy_(torch.randint(-4, 9, (5, 6)).double() if whole else 4 * linear.weight + 3)
        linear.bias.zero_()
    return Loop(nn.Sequential(linear, Neurons(**habits)))


def example():
    return events(40, 3, 6).double()


def test_a_threshold_of_0_is_refused_without_warnings(recwarn):
    @converter(Neurons)
    def _(module, name):
        def clear():
            module.v = torch.zeros(1, dtype=torch.float64)

        parameters = {"keep_u": 0, "keep_v": 0.75, "threshold": 0.0, "reset": "subtract", "reset_by": 1.0}
        return Cell(name, parameters, gain=0.25, clear=clear)

    with pytest.raises(InputError, match="spike"):
        from_torch(module(reset="subtract"), example(), dt=1e-3)
    assert not [each for each in recwarn if each.category is RuntimeWarning]


def test_a_right_converter(tmp_path):
    """The manifest says that it agrees, and in how many places the integers spike otherwise."""
    network = from_torch(module(), example(), dt=0.01, least_agreement=1)
    (population,) = [each for each in network.graph.populations if each.spikes]
    (found,) = network.agreement
    assert (found.population, found.total, found.causes) == (population.name, 3 * 40 * 5, ())
    artifact = export_network(network.graph, "c", tmp_path / "net.c", name="net", held=network.held)
    integers = simulate(artifact.graph, network.held.events).layers[0].spikes > 0
    real = [run_float(network.graph, one)[population.name].spikes for one in network.held.events]
    row = {"places": 600, "different": 0, "through": 0, "spikes": int(np.sum(real))}
    row["different_when_rounded"] = int((integers != np.stack(real)).sum())
    said = artifact.manifest["provenance"]["expected"]
    assert said == {"module": "Loop", "recordings": 3, "populations": {population.name: row}}
    share = f"{(600 - row['different_when_rounded']) / 6:.2f} %"
    (line,) = sentences(said)
    assert line.startswith(
        f"on the example, {population.name} is as your module in 100.00 % of 600 places with "
    )
    assert line.endswith(f"; the integers spike as the module in {share}")
    said["populations"][population.name]["through"] = 1
    (line,) = sentences(said)
    assert line.endswith(f"; the integers spike as the network in real numbers in {share}")
    (line,) = sentences({"file": "net.npz", "populations": said["populations"]})
    assert line.startswith(f"as recorded: {population.name}: 100.00 % of 600 places with ")


@pytest.mark.parametrize(
    ("habits", "cause"),
    [
        ({"reset": "subtract"}, f"a spike subtracts the threshold ({CELL}reset 'subtract')"),
        ({"reset": "none"}, f"a spike leaves v as it is ({CELL}reset 'none')"),
        ({"at": True, "whole": True}, f"its neurons fire at the threshold already ({CELL}fires 'at')"),
        ({"keep": KEEP, "taken": 1 - KEEP}, f"a step is exact, its input held ({CELL}keep_v = exp(-1/tau)"),
        ({"keep": KEEP}, f"a step is exact, its input an impulse at its end ({CELL}keep_v = exp(-1/tau)"),
    ],
)
def test_a_wrong_one(habits, cause):
    with pytest.raises(InputError) as error:  # of few recordings one neuron alone shows the last
        from_torch(module(**habits), events(40, 200, 6).double(), dt=0.01, least_agreement=1)
    said = str(error.value)
    assert "module and network differ in" in said
    assert cause in said
    assert "; or " not in said


def test_a_report_says_that_the_network_is_not_the_module(tmp_path):
    """The share that `from_torch` counted; nobody deploys such a network unasked."""
    network = from_torch(module(reset="subtract"), example(), dt=0.01, least_agreement=0)
    (found,) = network.agreement
    assert found.different
    artifact = export_network(network.graph, "c", tmp_path / "net.c", name="net", held=network.held)
    report = verify(artifact, [], executors=["hwsim"])
    share = f"{100 * (600 - found.different) / 600:.2f} %"
    words = f"spikes of {found.population} equal in {share} of places (least_agreement)"
    assert report.disagreement == f"the network is not the module Loop: {words}"
    deploy, *_ = questions(report)
    assert (deploy.answer, deploy.tone) == ("Check first", "unsure")
    assert report.disagreement in deploy.limits
    assert from_json(to_json(report)).disagreement == report.disagreement
