"""Modules that return spikes beside what they decide by, and membranes beside their sum."""

from __future__ import annotations

import pytest
import snntorch
import torch
from changed_networks import X, drawn
from torch import nn

import snnc
from snnc.conversion.convert import from_torch
from snnc.errors import InputError

ALL_STEPS = "read: all steps are given, decoded by sum; pass decoder= for softmax, max, last"


class Several(nn.Module):
    """`give` of the spikes of the first neurons and the membranes of the last ones, [T, N, neurons]."""

    def __init__(self, give):
        super().__init__()
        torch.manual_seed(3)
        self.give, self.fc, self.out = give, drawn(8, 12), drawn(12, 4)
        self.lif, self.read = snntorch.Leaky(0.9), snntorch.Leaky(0.8, reset_mechanism="none")

    def forward(self, x):
        one, two, spikes, membranes = self.lif.init_leaky(), self.read.init_leaky(), [], []
        for step in x:
            spike, one = self.lif(self.fc(step), one)
            _, two = self.read(self.out(spike), two)
            spikes.append(spike)
            membranes.append(two)
        return self.give(torch.stack(spikes), torch.stack(membranes))


def notes(give) -> list[str]:
    found = from_torch(Several(give), X, dt=1e-3)
    return [each for each in found.notes if "readouts" in each or "all steps" in each]


def test_several_readouts_are_named() -> None:
    (said,) = notes(lambda s, v: (v.sum(0), s))
    assert said.startswith("2 readouts: read (sum), lif (count); name one in predict, as readout='read', or ")
    assert notes(lambda s, v: v.sum(0)) == notes(lambda s, v: s) == []


@pytest.mark.parametrize("give", [lambda s, v: (v.sum(0), v), lambda s, v: (v, v.sum(0))])
def test_an_output_that_tells_the_decoder_tells_that_of_all_steps(give) -> None:
    assert notes(give) == []


def test_all_steps_alone_are_decoded_by_default() -> None:
    assert notes(lambda s, v: v) == [ALL_STEPS]


def test_predict_names_the_readouts_and_an_argument_that_takes_one(tmp_path) -> None:
    found = snnc.from_torch(Several(lambda s, v: (v.sum(0), s)), X, dt=1e-3, verbose=False)
    made = found.export("c", tmp_path / "several.c")
    x = X.movedim(0, 1)
    said = r"^readout: there are several, read \(sum\), lif \(count\); name one, as readout='read'$"
    with pytest.raises(InputError, match=said):
        made.predict(x)
    assert made.predict(x, readout="read").shape == (len(x),)


@pytest.mark.parametrize(
    ("give", "said"),
    [
        (lambda s, v: v.mean(0), ["read: the mean over time that the module takes is read by decoder 'sum'"]),
        (
            lambda s, v: s.mean(0),
            ["lif: the mean over time that the module takes is read by decoder 'count'"],
        ),
        (lambda s, v: v.sum(0), []),
        (lambda s, v: v, []),
    ],
)
def test_a_mean_over_time_is_told_with_the_decoder_that_reads_it(give, said) -> None:
    found = from_torch(Several(give), X, dt=1e-3).notes
    assert [each for each in found if "mean" in each] == [
        f"{each}, which tells the same classes" for each in said
    ]
