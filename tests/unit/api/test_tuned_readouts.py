"""Which of several readouts fine-tuning trains on the labels, and that it says so."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
from torch import nn

import snnc
from snnc.errors import InputError


class Two(nn.Module):
    """Three classes by the neurons `a`, four by `b`."""

    def __init__(self):
        super().__init__()
        self.fc, self.lif = nn.Linear(6, 8), snntorch.Leaky(0.9)
        self.to_a, self.a = nn.Linear(8, 3), snntorch.Leaky(0.8, threshold=0.2)
        self.to_b, self.b = nn.Linear(8, 4), snntorch.Leaky(0.8, threshold=0.2)

    def forward(self, x):
        mem, mem_a, mem_b, spikes = self.lif.init_leaky(), self.a.init_leaky(), self.b.init_leaky(), []
        for step in x:
            spk, mem = self.lif(self.fc(step), mem)
            of_a, mem_a = self.a(self.to_a(spk), mem_a)
            of_b, mem_b = self.b(self.to_b(spk), mem_b)
            spikes.append((of_a, of_b))
        return tuple(torch.stack(each) for each in zip(*spikes, strict=True))


torch.manual_seed(1)
X = (torch.rand(12, 20, 6) < 0.4).float()
NET = snnc.from_torch(Two(), X, dt=1e-3, verbose=False)
RIGHT = "a sample is right where all readouts are"


def tuned(labels=None, **options):
    return snnc.finetune(NET, X, labels, target="c", weight_bits=4, epochs=1, learning_rate=0.02, **options)


@pytest.mark.parametrize(
    ("labels", "options", "said"),
    [
        (np.arange(20) % 3, {}, "readout a trains on the labels, b to answer as the network in real numbers"),
        (
            np.arange(20) % 4,
            {"readout": "b"},
            "readout b trains on the labels, a to answer as the network in real numbers",
        ),
        (None, {}, "all 2 readouts train, a, b, to answer as the network in real numbers"),
    ],
)
def test_a_line_says_which_readout_the_labels_are_of(labels, options, said, capsys):
    tuned(labels, **options)
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(said)
    assert first.endswith(RIGHT)


def test_labels_train_the_readout_that_is_named(tmp_path):
    """The network's own answers, as labels, are all right before it trains; those of the other are not."""
    exported = NET.export("c", tmp_path / "net.c", verbose=False)
    own = {name: exported.predict(X, readout=name) for name in "ab"}
    assert (own["a"] != own["b"]).any()
    for name, labels in own.items():
        found = tuned(labels, readout=name, verbose=False).finetuned
        assert found.accuracy == found.agreement
    assert tuned(own["a"], readout="b", verbose=False).finetuned.accuracy[0] < 1


@pytest.mark.parametrize(
    ("labels", "readout", "said"),
    [
        (np.arange(20) % 4, "c", "readout: 'c' is unknown; give one of a, b"),
        (None, "b", "readout: says which readout the labels are of, and there are none; leave it out"),
        (np.arange(20) % 4, "a", r"labels\[3\] is 3; classes are numbered 0..2"),
    ],
)
def test_what_is_no_readout_of_labels_is_refused(labels, readout, said):
    with pytest.raises(InputError, match=said):
        tuned(labels, readout=readout, verbose=False)


def test_of_one_readout_nothing_is_said(capsys):
    class One(Two):
        def forward(self, x):
            return super().forward(x)[0]

    net = snnc.from_torch(One(), X, dt=1e-3, verbose=False)
    snnc.finetune(net, X, target="c", epochs=1)
    assert "readout" not in capsys.readouterr().out
