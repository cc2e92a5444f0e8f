"""Modules, examples and options that cannot be converted: the error says why."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import Loop, events
from torch_tutorial import Tutorial

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda x: torch.relu(x - 0.5),
            r"in 'step.act', Act\.forward \(line \d+ of test_refused\.py\), relu is no linear operation",
        ),
        (lambda x: x * x, "multiplies two tensors that both depend on the input"),
        (lambda x: F.max_pool1d(x[:, None], 2, padding=1)[:, 0], "max_pool1d"),
        (lambda x: x[torch.arange(len(x)).flip(0)], "takes a part of batch"),
        (lambda x: F.dropout(x, 0.5), "drops at random"),
        (lambda x: x.cumsum(1), "cumsum is not followed"),
        (lambda x: x.flip(0), "flip"),
        (lambda x: x.mean(0, keepdim=True).expand_as(x), "batch"),
    ],
)
def test_what_is_not_linear_is_named(change, said):
    class Act(nn.Module):
        def forward(self, x):
            return change(x)

    class Step(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.act, self.lif = nn.Linear(4, 5), Act(), snntorch.Leaky(0.9, init_hidden=True)

        def forward(self, x):
            return self.lif(self.act(self.fc(x)))

    with pytest.raises(InputError, match=said):
        from_torch(Loop(Step()), events(6, 5, 4), dt=0.01)


def test_the_example_and_its_layout():
    module = Loop(nn.Sequential(nn.Linear(4, 3), snntorch.Leaky(0.9, init_hidden=True)))
    with pytest.raises(InputError, match=r"holds 0\.3"):
        from_torch(module, 0.3 * events(5, 2, 4), dt=0.01)
    with pytest.raises(InputError, match=r"module is a str, expected a torch\.nn\.Module"):
        from_torch("module", events(5, 2, 4), dt=0.01)
    with pytest.raises(InputError, match=r"expected a torch\.nn\.Module\nLoad it into its module"):
        from_torch(module.state_dict(), events(5, 2, 4), dt=0.01)
    with pytest.raises(InputError, match=r"module is a str, .*\nA path names no module: make it of"):
        from_torch("net.pt", events(5, 2, 4), dt=0.01)
    with pytest.raises(InputError, match=r"module is a type, .*\nMake one of the class"):
        from_torch(Loop, events(5, 2, 4), dt=0.01)
    with pytest.raises(InputError, match=r"layout 'TC' does not fit .*, as 'TNC' for \[steps, .*lines\]$"):
        from_torch(module, events(5, 2, 4), dt=0.01, layout="TC")
    images = events(5, 2, 4).reshape(5, 2, 2, 2)
    with pytest.raises(
        InputError, match=r"as 'TNCL' for .*, or 'TCHW' for .*\n.*repeat the input outside of it"
    ):
        from_torch(module, images, dt=0.01, layout="NCHW")
    with pytest.raises(InputError, match="dt is 0"):
        from_torch(module, events(5, 2, 4), dt=0)
    with pytest.raises(InputError, match=r"the module fails on the example, \[5, 2, 9\]: RuntimeError: mat1"):
        from_torch(module, events(5, 2, 9), dt=0.01)
    graph = from_torch(module, 3 * events(5, 2, 4), dt=0.01).graph
    assert graph.populations[0].payload_max == 3
    assert module.training


def test_neurons_that_the_contract_lacks():
    with pytest.raises(InputError, match=r"lif1 \(Synaptic\): reset_mechanism 'zero' acts in the step after"):
        from_torch(Tutorial("zero", synaptic=True), events(25, 3, 12), dt=0.01)


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (
            torch.ones(5, 0, 12),
            r"^the example is torch.float32 of the shape \[5, 0, 12\], expected a tensor of real",
        ),
        (torch.ones(5, 1, 12) + 0j, "^the example is torch.complex64 of"),
        ("abc", "^the example is 'abc', expected a tensor"),
        (None, "^the example is None, expected a tensor"),
    ],
)
def test_examples_that_are_none(example, words):
    with pytest.raises(InputError, match=words):
        from_torch(Tutorial(), example, dt=1e-3)


@pytest.mark.parametrize("share", [2, -0.5, float("nan"), "a", None])
def test_shares_of_agreement_that_are_none(share):
    """No share is below NaN, so nothing would be refused."""
    with pytest.raises(InputError, match=r"^least_agreement is .*, expected a share"):
        from_torch(Tutorial(), torch.ones(5, 1, 12), dt=1e-3, least_agreement=share)


@pytest.mark.parametrize(
    ("set_number", "said"),
    [
        (
            lambda net: net.fc2.weight[1, 2].fill_(float("nan")),
            r"parameter fc2\.weight holds nan at \[1, 2\]",
        ),
        (lambda net: net.fc1.bias[3].fill_(-np.inf), r"parameter fc1\.bias holds -inf at \[3\]"),
        (lambda net: net.lif1.beta.fill_(np.nan), r"buffer lif1\.beta holds nan at \[0\]"),
    ],
)
def test_numbers_that_are_none_are_told(set_number, said):
    module = Tutorial()
    with torch.no_grad():
        set_number(module)
    with pytest.raises(InputError, match=rf"^the module's {said}; train it again"):
        from_torch(module, torch.ones(5, 1, 12), dt=1e-3)


class Summed(nn.Module):
    def __init__(self, summed):
        super().__init__()
        self.neurons = Loop(nn.Sequential(nn.Linear(4, 3), snntorch.Leaky(0.9, init_hidden=True)))
        self.weights, self.summed = nn.Linear(3, 2), summed

    def forward(self, x):
        return self.summed(self.weights(self.neurons(x)))


@pytest.mark.parametrize(
    "summed",
    [
        lambda y: y.cumsum(0),
        lambda y: torch.cumsum(y, dim=0)[-1],
        lambda y: y.cumsum(-3).amax(0),
    ],
)
def test_a_sum_up_to_each_step_is_told_to_be_a_readout(summed):
    with pytest.raises(
        InputError, match="cumsum over time is not followed\nOver time, as an output, it is a readout"
    ) as told:
        from_torch(Summed(summed), events(6, 5, 4), dt=0.01)
    said = str(told.value)
    assert "register it with keep_v 1.0, without a threshold, with time_dim (snnc.converter; docs/" in said
    assert " in its place. Neurons behind it keep it themselves: keep_u 1 in their Cell" in said
    assert "Over lines" not in said
