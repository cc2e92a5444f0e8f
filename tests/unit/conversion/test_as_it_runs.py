"""The module runs on the example as it is given, and its parameters are those that the run leaves."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from changed_networks import Changed, X, check
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


class Learned(nn.Module):
    """The decay is the sigmoid of a weight, which each call computes."""

    def __init__(self, of="beta"):
        super().__init__()
        torch.manual_seed(3)
        self.of, self.raw = of, nn.Parameter(torch.linspace(0.5, 2, 12))
        self.fc, self.lif = nn.Linear(8, 12), snntorch.Leaky(0.9, init_hidden=True)
        nn.init.uniform_(self.fc.weight, 0, 0.8)

    def forward(self, x):
        setattr(self.lif, self.of, torch.sigmoid(self.raw))
        return torch.stack([self.lif(self.fc(step)) for step in x])


@pytest.mark.parametrize("of", ["beta", "threshold"])
def test_parameters_that_a_call_computes(of):
    module = Learned(of)
    network = check(module)
    (population,) = [each for each in network.graph.populations if each.name == "lif"]
    found = {"beta": population.keep_v, "threshold": population.threshold}[of]
    np.testing.assert_allclose(found, torch.sigmoid(module.raw).detach().numpy(), rtol=1e-6)
    with torch.no_grad():
        module.raw += 0.3  # as another step of training
    check(module)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.bool])
def test_examples_of_whole_numbers_are_given_as_they_are(dtype):
    seen = []

    def scaled(x):
        seen.append(x.dtype)
        return x.float() / 2 if x.dtype == dtype else x

    half = check(Changed(lambda c: c, scaled), X.to(dtype)).graph
    whole = check(Changed(lambda c: c), X).graph
    assert set(seen) == {dtype}
    ours, theirs = (each.projections[0].synapses.as_list().weight for each in (half, whole))
    np.testing.assert_allclose(ours, theirs / 2, rtol=1e-6)


def test_modules_that_take_real_numbers_alone():
    """They get whole numbers as real ones, as they fail on those that are given."""
    check(Changed(lambda c: c), X.to(torch.uint8))


@pytest.mark.parametrize("cast", ["int", "long", "short", "byte"])
def test_casts_of_spikes_by_name(cast):
    module = nn.Sequential(Changed(lambda c: c), Cast(cast))
    assert not from_torch(module, X, dt=1e-3).notes


class Cast(nn.Module):
    def __init__(self, cast):
        super().__init__()
        self.cast = cast

    def forward(self, spikes):
        return getattr(spikes, self.cast)().sum(0)


def test_casts_that_cut_are_refused():
    with pytest.raises(InputError, match="int changes its numbers, which the type"):
        from_torch(Changed(lambda c: c.int().float()), X, dt=1e-3)


def test_a_hook_on_neurons_is_named():
    module = Changed(lambda c: c)
    module.lif.register_forward_hook(lambda m, given, spikes: spikes * (torch.arange(12) > 3))
    with pytest.raises(InputError) as error:
        from_torch(module, X, dt=1e-3)
    assert any(each.startswith("It has hooks (register_forward_hook") for each in error.value.args)


def test_containers_that_hold_themselves():
    module = Changed(lambda c: c)
    module.tree = {"name": "root", "children": []}
    module.tree["children"].append({"parent": module.tree})
    check(module)


@pytest.mark.parametrize(
    ("change", "before", "remedy"),
    [
        (
            lambda c: c,
            lambda x: (x > 0).float(),
            "If it makes whole events, 0 .. 255, compute it outside of the module, and",
        ),
        (
            lambda c: c + 0 * torch.randn_like(c),
            lambda x: x,
            "Draw random numbers in training alone",
        ),
        (
            lambda c: torch.maximum(c, 0.5 * c),
            lambda x: x,
            "The largest of all steps is torch.stack",
        ),
    ],
)
def test_remedies(change, before, remedy):
    with pytest.raises(InputError, match=rf"\n{remedy}"):
        from_torch(Changed(change, before), X, dt=1e-3)


def test_bytes_that_are_turned_over():
    """Numbers are whole, and the type of the result holds others."""
    x = 200 * X.to(torch.uint8)
    with pytest.raises(InputError, match="it changes its numbers, which the type of the result"):
        from_torch(Changed(lambda c: c, lambda x: x.to(torch.int8).float() / 200), x, dt=1e-3)
    with pytest.raises(InputError, match="bool is not followed: it changes its numbers"):
        from_torch(Changed(lambda c: c, lambda x: x.bool().float()), x, dt=1e-3)


def test_lines_that_are_expanded():
    """A delay for each synapse by `gather`, whose index wants each line once for each neuron."""
    torch.manual_seed(3)
    delay = torch.randint(0, 5, (12, 8))

    class Gathered(Changed):
        def forward(self, x):
            pad, found = nn.functional.pad(x, (0, 0, 0, 0, 4, 0)), []
            index = (4 - delay).expand(1, x.shape[1], -1, -1)
            for t in range(len(x)):
                lines = pad[t : t + 5].unsqueeze(2).expand(-1, -1, 12, -1)
                arriving = (torch.gather(lines, 0, index)[0] * self.fc.weight).sum(-1) + self.fc.bias
                found.append(self.lif(arriving))
            return torch.stack(found)

    (projection,) = check(Gathered(lambda c: c)).graph.projections
    synapses = projection.synapses.as_list()
    assert np.array_equal(delay.numpy()[synapses.post, synapses.pre], synapses.delay)


def test_means_over_time_are_for_the_end():
    with pytest.raises(InputError, match="it adds what is decoded over time to what is not\nDecode"):
        from_torch(Changed(lambda c: c, lambda x: x - x.mean(0, keepdim=True)), X, dt=1e-3)


def test_lines_beside_one_that_is_kept():
    """A mean over lines is added to each."""
    check(Changed(lambda c: c - c.mean(-1, keepdim=True)))


def test_a_decay_that_depends_on_the_input():
    """No function that the module calls reads numbers out."""

    class Looking(Learned):
        def forward(self, x):
            self.lif.beta = (0.5 + x.mean()).clamp(0, 1)
            return torch.stack([self.lif(self.fc(step)) for step in x])

    with pytest.raises(InputError, match="its beta is set to what depends on the input"):
        from_torch(Looking(), X, dt=1e-3)
