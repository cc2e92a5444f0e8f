"""What is said of neurons of snnTorch that the contract lacks: who follows a remedy, converts."""

from __future__ import annotations

import pytest
import snntorch
import torch
from snntorch import Lapicque, Leaky, RLeaky, RSynaptic, Synaptic
from snntorch._neurons.neurons import SpikingNeuron
from torch import nn
from torch_networks import events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

X = events(20, 3, 8)
TWELVE = {"linear_features": 12}
SOME = torch.linspace(0, 1, 12)
LATE = "it subtracts a step late, which the contract cannot say where nothing of mem is kept\n"
ABOVE = LATE + "Train with every beta above 0, or with "
ZERO, AT_ONCE = {"reset_mechanism": "zero"}, {"reset_mechanism": "zero", "reset_delay": False}


class Subclass(Synaptic):
    """Neurons of a user, whose class is below one of snnTorch."""


class Net(nn.Module):
    """Currents of both signs, above several thresholds."""

    def __init__(self, lif):
        super().__init__()
        torch.manual_seed(4)
        self.fc, self.lif = nn.Linear(8, 12), lif
        with torch.no_grad():
            self.fc.weight.mul_(6)

    def forward(self, x):
        states, found = self.lif.reset_mem(), []
        states = states if isinstance(states, tuple) else (states,)
        for each in x:
            given = self.lif(self.fc(each), *states)
            found.append(given[0])
            states = given if isinstance(self.lif, RLeaky | RSynaptic) else given[1:]
        return torch.stack(found)


KEPT_NOTHING = {
    "Leaky": (Leaky, {"beta": 0.0}, r"lif \(Leaky\): beta is 0; ", ZERO),
    "Leaky below 0": (Leaky, {"beta": -0.4}, r"beta is -0\.4, which snnTorch clips to 0; ", ZERO),
    "one of Leaky": (Leaky, {"beta": SOME}, "beta of neuron 0 is 0; ", ZERO),
    "Synaptic": (Synaptic, {"alpha": 0.4, "beta": 0.0}, "beta is 0; ", AT_ONCE),
    "of a user": (Subclass, {"alpha": 0.4, "beta": 0.0}, r"lif \(Subclass\): beta is 0; ", AT_ONCE),
    "RLeaky": (RLeaky, {"beta": 0.0, **TWELVE}, "beta is 0; ", AT_ONCE),
    "RSynaptic": (
        RSynaptic,
        {"alpha": 0.4, "beta": 0.0, **TWELVE},
        "beta is 0; ",
        {"reset_mechanism": "none"},
    ),
}


def converts(lif):
    """It does, and gives every spike of the module."""
    network = from_torch(Net(lif), X, dt=1e-3)
    same_spikes(Net(lif), X, network.graph, (SpikingNeuron,))
    assert all(each.different == each.through == 0 for each in network.agreement)


@pytest.mark.parametrize("neurons", KEPT_NOTHING)
def test_neurons_that_keep_nothing_and_subtract_late(neurons):
    kind, given, said, other = KEPT_NOTHING[neurons]
    told = ABOVE + " and ".join(f"{key}={value!r}" for key, value in other.items()) + "$"
    with pytest.raises(InputError, match=said + told):
        from_torch(Net(kind(**given)), X, dt=1e-3)
    torch.manual_seed(9)
    converts(kind(**given | {"beta": 0.1 + 0.8 * SOME}))
    torch.manual_seed(9)
    converts(kind(**given | other))


@pytest.mark.parametrize("beta", [0.0, SOME])
def test_neurons_that_keep_nothing_and_subtract_at_once(beta):
    """They are not sent to reset_delay=True, which keeps as little."""
    with pytest.raises(InputError) as told:
        from_torch(Net(Leaky(beta, reset_delay=False)), X, dt=1e-3)
    said = "v above it after its reset; train with reset_mechanism='zero', which the contract has"
    assert told.value.args[1].endswith(said)
    converts(Leaky(beta, **AT_ONCE))


@pytest.mark.parametrize("reset", ["subtract", "none"])
@pytest.mark.parametrize(
    ("given", "said", "instead"),
    [
        ({"R": 0.5, "C": 1.0}, r"step keeps, is -1;", {"R": 1.5, "C": 1.0}),
        ({"beta": 0.3}, r"step keeps, is -0\.204;", {"beta": 0.37}),
        ({"beta": 0.3, "R": 2.0}, r"step keeps, is -0\.204;", {"beta": 0.37, "R": 2.0}),
    ],
)
def test_lapicque_whose_circuit_is_faster_than_a_step(given, said, instead, reset):
    with pytest.raises(InputError, match=r"1 - time_step / \(R C\), .*" + said) as told:
        from_torch(Net(Lapicque(**given, reset_mechanism=reset)), X, dt=1e-3)
    assert told.value.args[1] == (
        "Train with R C above time_step; where beta makes R or C, with beta above 0.368 (1 / e)"
    )
    converts(Lapicque(**instead, reset_mechanism=reset))


@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_lapicque_that_keeps_nothing(reset):
    with pytest.raises(InputError, match=r"keeps, is 0; in the contract it is 0 \.\. 1, and above 0 where"):
        from_torch(Net(Lapicque(R=0.5, C=2.0, reset_mechanism=reset)), X, dt=1e-3)
    converts(Lapicque(R=0.5, C=2.0, reset_mechanism="none"))


SUBTRACT = {"reset_mechanism": "subtract", "reset_delay": True}


@pytest.mark.parametrize("beta", [0.0, 0.7])
@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        (Synaptic, {"alpha": 0.4, **ZERO}, "Train with reset_delay=False or "),
        (RLeaky, {**TWELVE, **ZERO}, "Train with reset_delay=False or "),
        (RSynaptic, {"alpha": 0.4, **TWELVE, **ZERO}, "Train with "),
        (RSynaptic, {"alpha": 0.4, **TWELVE, "reset_delay": False}, "Use reset_delay=True with "),
        (RSynaptic, {"alpha": 0.4, **TWELVE, **AT_ONCE}, "Use reset_delay=True with "),
    ],
)
def test_resets_that_the_contract_lacks(kind, given, said, beta):
    """The remedy says what the reset needs besides: a beta that keeps some of mem."""
    above = " and every beta above 0" if beta == 0 else ""
    with pytest.raises(InputError) as told:
        from_torch(Net(kind(beta=beta, **given)), X, dt=1e-3)
    assert told.value.args[1] == f"{said}reset_mechanism='subtract'{above}"
    torch.manual_seed(9)
    converts(kind(**given | SUBTRACT | {"beta": 0.7}))
    if "reset_delay=False" in said:
        torch.manual_seed(9)
        converts(kind(**given | AT_ONCE | {"beta": beta}))


def test_rsynaptic_that_never_resets():
    """What does not reset has no beta to keep."""
    none = {"alpha": 0.4, "beta": 0.0, **TWELVE, "reset_mechanism": "none"}
    with pytest.raises(InputError, match=r"\nUse reset_delay=True$"):
        from_torch(Net(RSynaptic(**none, reset_delay=False)), X, dt=1e-3)
    converts(RSynaptic(**none))


def test_snntorch_has_these_arguments():
    """Lapicque has no reset_delay, to which a remedy must not send."""
    with pytest.raises(TypeError, match="reset_delay"):
        snntorch.Lapicque(beta=0.7, reset_delay=False)
