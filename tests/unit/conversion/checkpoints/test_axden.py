"""Checkpoints of AxDenSynDelaySNN: the graph is the one that a module of its equations becomes."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from DCLS.construct.modules import Dcls1d
from kinds.elsewhere import AXDEN
from kinds.page import hold
from kinds.row import percent
from spikingjelly.activation_based import functional, layer, neuron
from torch import nn
from torch_networks import events, same_spikes, settled

from snnc.conversion.checkpoints.read import from_checkpoint
from snnc.conversion.convert import from_torch
from snnc.errors import InputError, ModelFileError

KIND = "axden-syn-delay-snn"
SIZES, TAPS, STEPS, TAU = (10, 16, 12, 4), 9, 20, 1.5
GIVEN = {"dt": 0.01, "time_steps": STEPS, "kernel_size": TAPS, "v_threshold": 1.0, "payload_max": 1}
TYPES = ("axonal", "dendritic", "synaptic")


class Layer(nn.Module):
    """Delays of lines before or behind the weights, or of synapses; the names of tensors are the work's."""

    def __init__(self, inputs, outputs, last, kind, plif, bias, norm, high):
        super().__init__()
        self.kind, lines = kind, {"axonal": inputs, "dendritic": outputs}.get(kind)
        of_delays = (lines, lines, 1) if lines else (inputs, outputs, 1)
        taps = {"dilated_kernel_size": TAPS, "bias": bias, "version": "max", "groups": lines or 1}
        self.delay_layer = Dcls1d(*of_delays, **taps)
        with torch.no_grad():
            self.delay_layer.P.uniform_(-(TAPS // 2), TAPS // 2)
            self.delay_layer.SIG.fill_(1.3)
            self.delay_layer.weight.fill_(1.0) if lines else self.delay_layer.weight.normal_(0, 0.8)
            if bias:
                self.delay_layer.bias.uniform_(-0.1, 0.1)
        if lines:
            self.W = nn.Linear(inputs, outputs, bias=bias)
            nn.init.normal_(self.W.weight, 0, 0.8)
        self.norm = layer.BatchNorm1d(outputs, step_mode="m") if norm and not last else None
        cell = {"v_threshold": high if last else 1.0, "step_mode": "m", "store_v_seq": True}
        cell["decay_input"] = False
        self.neuron = neuron.ParametricLIFNode(TAU, **cell) if plif else neuron.LIFNode(TAU, **cell)

    def forward(self, x):
        x = F.pad(x.permute(1, 2, 0), (TAPS - 1, (TAPS - 1) // 2))
        if self.kind == "dendritic":
            x = self.W(x.transpose(1, 2)).transpose(1, 2)
        x = self.delay_layer(x).permute(2, 0, 1)
        if self.kind == "axonal":
            x = self.W(x)
        x = x if self.norm is None else self.norm(x.unsqueeze(3)).squeeze(3)
        return self.neuron(x)


class Published(nn.Module):
    def __init__(self, kind, plif=False, bias=False, norm=True, loss="sum"):
        super().__init__()
        self.loss, pairs = loss, list(itertools.pairwise(SIZES))
        high = 1.2 if loss == "spike_count" else 1e9
        how = (kind, plif, bias, norm, high)
        self.snn = nn.ModuleList(Layer(*pair, pair == pairs[-1], *how) for pair in pairs)

    def whole(self):
        for each in self.snn:
            with torch.no_grad():
                each.delay_layer.SIG.zero_()
                each.delay_layer.P.round_()
        return self

    def forward(self, x):
        for each in self.snn:
            x = each(x)
        return x.sum(0) if self.loss == "spike_count" else torch.softmax(each.neuron.v_seq, 2).sum(0)


def saved(module, folder):
    torch.save(module.state_dict(), folder / "model.pt")
    return folder / "model.pt"


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(
    ("how", "given"),
    [
        ({}, {"tau": TAU}),
        ({"plif": True, "bias": True}, {}),
        ({"norm": False, "bias": True, "loss": "spike_count"}, {"tau": TAU, "output_v_threshold": 1.2}),
    ],
)
def test_it_is_the_graph_of_the_module(tmp_path, kind, how, given):
    torch.manual_seed(7)
    module = settled(Published(kind, **how), 1)
    path = saved(module, tmp_path)
    x = events(STEPS, 3, SIZES[0])
    network = from_torch(module.whole(), x, dt=0.01)
    wanted = network.graph
    graph = from_checkpoint(KIND, path, delay_type=kind, loss=module.loss, **GIVEN, **given)
    assert graph.populations[0] == wanted.populations[0]
    for mine, theirs in zip(graph.populations[1:], wanted.populations[1:], strict=True):
        assert mine.bias == pytest.approx(theirs.bias, rel=1e-13, abs=1e-13)  # summed in another order
        assert replace(mine, bias=theirs.bias) == theirs
    assert graph.projections == wanted.projections
    assert (graph.time_steps, graph.readouts) == (wanted.time_steps, wanted.readouts)
    functional.reset_net(module)
    same_spikes(module, x, graph, (neuron.BaseNode,))
    if not how:
        spikes = sum(each.spikes or 0 for each in network.agreement)
        differ = sum(each.through for each in network.agreement)
        hold(AXDEN[kind], AXDEN[kind].line("yes", percent(spikes, spikes + differ)))


@pytest.mark.parametrize("kind", ["axonal", "dendritic"])
def test_biases_that_evaluation_moves_below_0(tmp_path, kind):
    torch.manual_seed(7)
    module = settled(Published(kind, bias=True), 1)
    path = saved(module, tmp_path)
    moved = 0
    for each in module.snn[:-1]:
        norm = each.norm
        with torch.no_grad():
            scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            above = (norm.bias + (each.W.bias - norm.running_mean) * scale).relu()
            norm.bias -= above + 1e-3
            moved += int((above > 0).sum())
    assert moved
    wanted = from_torch(module.whole(), events(STEPS, 3, SIZES[0]), dt=0.01, least_agreement=0.9).graph
    graph = from_checkpoint(KIND, path, delay_type=kind, loss="sum", tau=TAU, conv_bn_penalty=True, **GIVEN)
    for mine, theirs in zip(graph.populations[1:], wanted.populations[1:], strict=True):
        assert mine.bias == pytest.approx(theirs.bias, abs=1e-6)
    assert graph.projections == wanted.projections


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            "snn.0.delay_layer.delay_scores",
            r"a learned mask \(learned_mask\) cuts off late arrivals on some lines only",
        ),
        ("snn.2.norm_output.weight", r"layer norm \(use_batchnorm_output\) divides"),
        ("snn.1.neuron.alpha_param", "its SiLIFNode is of no released SpikingJelly"),
        ("snn.1.synapse_filter.w", "a synapse filter .* is not linear"),
    ],
)
def test_what_the_contract_lacks_is_named(tmp_path, key, said):
    torch.manual_seed(7)
    torch.save(dict(Published("axonal").state_dict()) | {key: torch.ones(10)}, tmp_path / "a.pt")
    with pytest.raises(ModelFileError, match=rf"a\.pt: {key} is refused: {said}") as error:
        from_checkpoint(KIND, tmp_path / "a.pt", delay_type="axonal", loss="sum", tau=TAU, **GIVEN)
    hold(AXDEN[key], AXDEN[key].line("no", str(error.value).replace(f"{tmp_path}/", "")))


@pytest.mark.parametrize(
    ("given", "said", "kind"),
    [
        ({"delay_type": "both"}, "delay_type is 'both', expected one of axonal, dendritic", InputError),
        ({"delay_type": "dendritic"}, r"delay_layer\.weight has the shape \[10, 1, 1\]", ModelFileError),
        ({"delay_type": "synaptic"}, r"snn\.0\.norm\.weight has the shape \[16\], expected", ModelFileError),
        ({"sparsity_p_delay": 0.8}, "drawn at random, and the file does not say which", InputError),
        ({"conv_bn_penalty": "yes"}, "conv_bn_penalty is 'yes', expected True or False", InputError),
        ({"kernel_size": 8}, "kernel_size is 8, expected an odd number", InputError),
        ({"kernel_size": 5}, r"snn\.0\.delay_layer\.P holds \d, positions of a kernel of 5", ModelFileError),
        ({"left_padding": 3}, r"snn\.0\.delay_layer: with left_padding 3 a synapse hears", InputError),
        ({"tau": None}, r"tau is missing: the file has no snn\.0\.neuron\.w", InputError),
        ({"tau": 1.0}, "tau is 1.0, expected a finite number above 1", InputError),
    ],
)
def test_parameters_are_checked(tmp_path, given, said, kind):
    torch.manual_seed(7)
    path = saved(Published("axonal"), tmp_path)
    with pytest.raises(kind, match=said):
        from_checkpoint(KIND, path, **({"delay_type": "axonal", "loss": "sum", "tau": TAU} | GIVEN | given))


def test_synaptic_delays_have_no_such_penalty(tmp_path):
    torch.manual_seed(7)
    given = {"delay_type": "synaptic", "loss": "sum", "tau": TAU, "conv_bn_penalty": True}
    with pytest.raises(InputError, match="axonal and dendritic delays alone"):
        from_checkpoint(KIND, saved(Published("synaptic"), tmp_path), **given, **GIVEN)
