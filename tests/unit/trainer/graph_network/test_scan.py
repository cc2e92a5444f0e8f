"""Populations over time against a plain loop in float64, whose gradients torch finds by itself."""

import math

import pytest
import torch

from snnc.trainer.convolution import direct
from snnc.trainer.graph_network.connections import AxonalConnection, DirectConnection
from snnc.trainer.graph_network.loops import AxonLoop, SynapseLoop
from snnc.trainer.graph_network.neurons import AdLif, Lif, SeAdLif, SiLif
from snnc.trainer.graph_network.scan import Constants, scan
from snnc.trainer.network import DelayedConnection

STEPS, SAMPLES, NEURONS, REACH, ALPHA = 17, 3, 5, 5, 4.0
SIGMA = 0.9


class Spike(torch.autograd.Function):
    """1 at or above 0; backward the derivative of arctan(pi / 2 ALPHA x) / pi."""

    @staticmethod
    def forward(ctx, over):
        ctx.save_for_backward(over)
        return (over >= 0).to(over)

    @staticmethod
    def backward(ctx, grad):
        (over,) = ctx.saved_tensors
        return grad * ALPHA / 2 / (1 + (math.pi / 2 * ALPHA * over) ** 2)


def bell(position):
    """[..., REACH]: the Gaussian of DCLS, of width SIGMA."""
    tap = torch.arange(REACH, dtype=position.dtype)
    found = torch.exp(-((tap - REACH // 2 - position[..., None]) ** 2) / (2 * SIGMA**2))
    return found / (1e-7 + found.sum(-1, keepdim=True))


def plain(current, of, kernel=None):
    """The equations, a spike of delay k at tap REACH - k of `kernel` [neurons, sources, REACH]."""
    v = w = s = torch.zeros_like(current[0])
    sent = []
    for t, x in enumerate(current):
        for delay in range(1, REACH + 1 if kernel is not None else 1):
            if t >= delay:
                x = x + sent[t - delay] @ kernel[:, :, REACH - delay].T
        if of.keep_w is not None:
            w = of.keep_w * w + of.ka * v + of.kb * s
            x = x - w
        v = of.keep_v * v + x
        s = Spike.apply(v - of.threshold)
        fired = s.detach()
        v = v - fired * of.threshold if of.soft else v * (1 - fired)
        sent.append(s)
    return torch.stack(sent)


def drawn(seed, adapts, soft):
    torch.manual_seed(seed)

    def between(low, high):
        return torch.empty(NEURONS, dtype=torch.float64).uniform_(low, high).requires_grad_()

    adaptation = (between(0.5, 0.9), between(-0.3, 0.3), between(0, 0.6)) if adapts else (None,) * 3
    constants = Constants(between(0.4, 0.9), between(0.6, 1.4), soft, None, *adaptation)
    current = torch.randn(STEPS, SAMPLES, NEURONS, dtype=torch.float64).requires_grad_()
    return current, constants


def leaves(current, of):
    return [each for each in (current, of.keep_v, of.threshold, of.keep_w, of.ka, of.kb) if each is not None]


@pytest.mark.parametrize("soft", [False, True], ids=["zero", "subtract"])
@pytest.mark.parametrize("adapts", [False, True], ids=["lif", "adlif"])
@pytest.mark.parametrize("returns", ["nothing", "synapse", "axon"])
def test_spikes_and_all_gradients_are_those_of_a_plain_loop(returns, adapts, soft):
    current, of = drawn(3, adapts, soft)
    weight = (0.4 * torch.randn(NEURONS, NEURONS, dtype=torch.float64)).requires_grad_()
    shape = {"nothing": (0,), "synapse": (NEURONS, NEURONS), "axon": (NEURONS,)}[returns]
    position = torch.empty(shape, dtype=torch.float64).uniform_(-2, 2).requires_grad_()
    inputs = leaves(current, of) + ([] if returns == "nothing" else [weight, position])
    if returns == "nothing":
        ours, theirs = scan(current, of, ALPHA), plain(current, of)
    elif returns == "synapse":
        ours = scan(current, of, ALPHA, SynapseLoop, (weight[..., None] * bell(position),))
        theirs = plain(current, of, weight[..., None] * bell(position))
    else:
        ours = scan(current, of, ALPHA, AxonLoop, (weight, bell(position)))
        theirs = plain(current, of, weight[..., None] * bell(position))
    assert 0.1 < ours.mean() < 0.6
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    wanted = torch.randn_like(ours)
    found = torch.autograd.grad((ours * wanted).sum(), inputs)
    expected = torch.autograd.grad((theirs * wanted).sum(), inputs)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-10)


def test_a_spike_returns_after_its_delay():
    """Neuron 0 fires once, in step 2; neuron 1 hears it 4 steps later and fires then."""
    current = torch.zeros(9, 1, 2)
    current[2, 0, 0] = 1.0
    kernel = torch.zeros(2, 2, REACH)
    kernel[1, 0, REACH - 4] = 1.5
    of = Constants(torch.zeros(2), torch.ones(2), soft=False)
    spikes = scan(current, of, ALPHA, SynapseLoop, (kernel,))
    assert spikes[:, 0].nonzero().tolist() == [[2, 0], [6, 1]]
    weight, taps = kernel.sum(2), torch.zeros(2, REACH)
    taps[0, REACH - 4] = 1.0
    assert torch.equal(scan(current, of, ALPHA, AxonLoop, (weight, taps)), spikes)


def test_direct_connections_never_spread():
    torch.manual_seed(2)
    way = DirectConnection(4, 3, direct)
    way.set_sigma(3.0)
    x = torch.rand(5, 2, 4)
    torch.testing.assert_close(way(x), x @ way.weight.T)
    assert torch.equal(way.kernel()[..., 0], way.weight)
    assert not way.delays().any()
    assert not way.position.requires_grad


def test_connections_of_axons_are_those_of_synapses_with_equal_delays():
    torch.manual_seed(1)
    axons, synapses = (kind(4, 3, REACH, direct) for kind in (AxonalConnection, DelayedConnection))
    synapses.load_state_dict({"weight": axons.weight, "position": axons.position.expand(3, 4)})
    x = (torch.rand(12, 2, 4) < 0.4).float()
    for each in (axons, synapses):
        each.sig = SIGMA - 0.27
    assert torch.equal(axons.delays(), synapses.delays())
    for rounded in (False, True):
        torch.testing.assert_close(axons.kernel(rounded), synapses.kernel(rounded))
        late = torch.zeros(12, 2, 3)
        for n, tap in enumerate(synapses.kernel(rounded).unbind(2)):
            delay = REACH - 1 - n
            late[delay:] += x[: 12 - delay] @ tap.T
        torch.testing.assert_close(axons(x, rounded), late)


def test_se_adlif_is_the_published_one():
    """Baronig et al.: u of the step before, after its reset to 0, and q = 120."""
    torch.manual_seed(6)
    neurons = SeAdLif(5.0, 1.0, False, NEURONS, learn_time=True, learn_thresholds=False).double()
    assert 5 <= neurons.tau_v.min() <= neurons.tau_v.max() <= 25
    assert 60 <= neurons.tau_w.min() <= neurons.tau_w.max() <= 300
    alpha, beta = (torch.exp(-1.0 / tau) for tau in (neurons.tau_v, neurons.tau_w))
    x = 8 * torch.randn(60, SAMPLES, NEURONS, dtype=torch.float64)
    of = neurons.constants()
    ours = scan(x * of.gain, of, ALPHA)
    u = w = torch.zeros(SAMPLES, NEURONS, dtype=torch.float64)
    told = []
    for each in x:
        u = alpha * u + (1 - alpha) * (each - w)
        z = (u >= 1).double()
        u = u * (1 - z)
        w = beta * w + (1 - beta) * (neurons.a * u + neurons.b * z) * 120
        told.append(z)
    assert 0.02 < ours.mean() < 0.6
    torch.testing.assert_close(ours, torch.stack(told), rtol=0, atol=0)


@pytest.mark.parametrize("soft", [False, True])
def test_adlif_is_the_published_one(soft):
    """Bittar & Garner: u before the reset, which subtracts the threshold in the next step; (1 - alpha) x."""
    torch.manual_seed(5)
    neurons = AdLif(5.0, 1.3, soft, NEURONS, learn_time=True, learn_thresholds=True).double()
    alpha, beta, a, b = neurons.alpha, neurons.beta, neurons.a, neurons.b
    x = 12 * torch.randn(40, SAMPLES, NEURONS, dtype=torch.float64)
    of = neurons.constants()
    ours = scan(x * of.gain, of, ALPHA)
    u = w = s = torch.zeros(SAMPLES, NEURONS, dtype=torch.float64)
    told = []
    for each in x:
        after = u - 1.3 * s if soft else u * (1 - s)
        w = beta * w + a * (u if soft else after) + b * s
        u = alpha * after + (1 - alpha) * (each - w)
        s = (u >= 1.3).double()
        told.append(s)
    assert 0.05 < ours.mean() < 0.6
    torch.testing.assert_close(ours, torch.stack(told), rtol=0, atol=0)


def test_neurons_are_drawn_in_their_ranges_and_return_to_them():
    torch.manual_seed(0)
    lif = Lif(2.0, 1.0, False, 300, learn_time=True, learn_thresholds=True)
    assert torch.equal(lif.keep_v.detach(), torch.full((300,), 0.5))
    adlif = AdLif(5.0, 1.0, True, 300, learn_time=True, learn_thresholds=False)
    for found, low, high in ((adlif.alpha, 5, 25), (adlif.beta, 30, 120)):
        tau = -1 / found.detach().log()
        assert low <= tau.min() < 1.2 * low
        assert 0.8 * high < tau.max() <= high * 1.0001
    silif = SiLif(1.0, 1.0, True, 300, learn_time=False, learn_thresholds=False)
    alpha, beta = silif.keeps()
    for found, low, high in ((alpha, 1, 25), (beta, 25, 100)):
        tau = -1 / found.log()
        assert low * 0.999 <= tau.min()
        assert tau.max() <= high * 1.001
    with torch.no_grad():
        lif.keep_v.fill_(1.5)
        lif.threshold.fill_(-1)
        adlif.b.fill_(3)
    lif.clamp()
    adlif.clamp()
    assert torch.allclose(lif.keep_v.detach(), torch.tensor(0.9))
    assert torch.allclose(lif.threshold.detach(), torch.tensor(0.1))
    assert adlif.b.max() == 2
    assert [name for name, _ in silif.named_parameters()] == ["a", "b"]
