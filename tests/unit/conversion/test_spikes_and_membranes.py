"""Modules that give the spikes and the membranes of the same neurons, as the tutorials of snnTorch do."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from changed_networks import X, check, drawn
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.errors import InputError
from snnc.exporter.float_reference import run_float


class Both(nn.Module):
    """`give` of spikes and membranes [T, N, 4] of the last neurons, and of weights behind their spikes."""

    def __init__(self, give, threshold=1.0):
        super().__init__()
        torch.manual_seed(3)
        self.give, self.fc, self.out, self.behind = give, drawn(8, 12), drawn(12, 4), drawn(4, 3)
        self.lif = snntorch.Leaky(0.9)
        self.read = snntorch.Leaky(0.8, reset_mechanism="none", threshold=threshold)

    def forward(self, x):
        one, two, spikes, membranes = self.lif.init_leaky(), self.read.init_leaky(), [], []
        for step in x:
            spike, one = self.lif(self.fc(step), one)
            spike, two = self.read(self.out(spike), two)
            spikes.append(spike)
            membranes.append(two)
        spikes = torch.stack(spikes)
        return self.give(spikes, torch.stack(membranes), self.behind(spikes))


@pytest.mark.parametrize(
    ("give", "threshold", "read", "note"),
    [
        (
            lambda s, v, w: (s, v),
            1.0,
            ("read", "count"),
            "output 1 is read by sum; output 0 is the same by co",
        ),
        (lambda s, v, w: (v, s), 1.0, ("read", "sum"), "output 1 is read by count; output 0 is the same by "),
        (
            lambda s, v, w: (v, v.amax(0)),
            1.0,
            ("read", "sum"),
            "output 1 is read by max; output 0 is the sam",
        ),
        (lambda s, v, w: (w, v), 1.0, ("readout", "sum"), "output 1 is the membrane of read, which spikes; "),
        (lambda s, v, w: (v, w), 1.0, ("read", "sum"), "output 1 weighs spikes of read, whose membrane is r"),
        (
            lambda s, v, w: (s, v),
            1e9,
            ("read", "sum"),
            r"output 0 holds spikes of read, whose threshold, 1e+",
        ),
    ],
)
def test_one_of_both_is_read(give, threshold, read, note):
    network = check(Both(give, threshold))
    assert [(each.population, each.decoder) for each in network.graph.readouts] == [read]
    assert any(said.startswith(f"not read: {note}") for said in network.notes), network.notes


def test_the_same_twice_is_no_note():
    assert not check(Both(lambda s, v, w: (s, s.sum(0)))).notes


def test_spikes_of_neurons_that_never_fire():
    with pytest.raises(InputError, match=r"spikes of read, whose threshold, 1e\+09, is never met\nGive its"):
        check(Both(lambda s, v, w: s, 1e9))


@pytest.mark.parametrize(
    ("asked", "remedy"),
    [("mean", "sum"), ("average", "sum"), ("amax", "max"), ("count", None), ("logsumexp", None)],
)
def test_a_decoder_by_another_name_is_told_the_contracts(asked, remedy):
    """What it is told gives the classes that the module's own decoder of that name has."""
    module = Both(lambda s, v, w: v)
    with pytest.raises(InputError, match=f"^decoder is '{asked}', expected one of softmax, su") as told:
        from_torch(module, X, dt=1e-3, decoder=asked)
    hints = told.value.args[1:]
    assert len(hints) == (asked != "logsumexp")
    if remedy is not None:
        assert f"decoder='{remedy}'" in hints[0]
        with torch.no_grad():
            theirs = getattr(module(X), {"average": "mean"}.get(asked, asked))(0).argmax(-1)
        graph = from_torch(module, X, dt=1e-3, decoder=remedy).graph
        runs = [run_float(graph, X[:, k].numpy().astype(np.int64))["read"].v for k in range(X.shape[1])]
        scores = [{"sum": v.sum(0), "max": v.max(0)}[graph.readouts[0].decoder] for v in runs]
        assert np.argmax(scores, -1).tolist() == theirs.tolist()
