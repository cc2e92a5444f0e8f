"""A matrix over steps is told as such, with what to write in its place."""

from __future__ import annotations

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.functions.nearest import RECORDINGS, SAME, TOTAL
from snnc.conversion.functions.over_steps import FOURIER, NO_LATER, OF_DELAYS, SAME_IN_EACH
from snnc.errors import InputError

STEPS, SAMPLES, LINES = 13, 5, 3
TAPS = torch.tensor([0.0, 0.5, 0.0, 2.0])
EACH = torch.arange(STEPS)
LATE = EACH[:, None] - EACH
TOEPLITZ = torch.where((LATE >= 0) & (len(TAPS) > LATE), TAPS[LATE.clamp(0, len(TAPS) - 1)], torch.zeros(()))
torch.manual_seed(2)
TRIANGLE = torch.rand(STEPS, STEPS).tril()
FULL = torch.rand(STEPS, STEPS)
PER_LINE = TOEPLITZ * torch.tensor([1.0, 2.0, 3.0])[:, None, None]


class Heard(nn.Module):
    """`weighed` of the input, or of hidden spikes."""

    def __init__(self, weighed, hidden=False):
        super().__init__()
        torch.manual_seed(0)
        self.weighed, self.hidden = weighed, hidden
        self.fc1, self.lif1 = nn.Linear(LINES, LINES), snntorch.Leaky(0.9, threshold=0.2)
        self.fc2, self.lif2 = nn.Linear(LINES, 4), snntorch.Leaky(0.8, threshold=0.2)

    def forward(self, x):
        x = x if self.hidden else self.weighed(x)
        x = self.run(self.fc1, self.lif1, x)
        return self.run(self.fc2, self.lif2, self.weighed(x) if self.hidden else x)

    def run(self, fc, lif, x):
        mem, spikes = lif.init_leaky(), []
        for step in x:
            spk, mem = lif(fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def convert(weighed, hidden):
    return from_torch(Heard(weighed, hidden), events(STEPS, SAMPLES, LINES, share=0.4), dt=1e-3)


def samples_first(product):
    return lambda x: product(x.permute(1, 0, 2)).permute(1, 0, 2)


def time_last(product):
    return lambda x: product(x.permute(1, 2, 0)).permute(2, 0, 1)


def flat(product):
    return lambda x: product(x.reshape(STEPS, -1)).reshape(x.shape)


BATCHED = TOEPLITZ.expand(SAMPLES, STEPS, STEPS)
OVER_TIME = {
    "einsum": lambda x: torch.einsum("st,tnc->snc", TOEPLITZ, x),
    "einsum, last": lambda x: torch.einsum("tnc,st->snc", x, TOEPLITZ),
    "einsum, of each line": lambda x: torch.einsum("cst,tnc->snc", PER_LINE, x),
    "einsum, of delays": lambda x: torch.einsum(
        "kst,tnc,k->snc", torch.stack([k == LATE for k in range(4)]).float(), x, TAPS
    ),
    "linear": time_last(lambda x: F.linear(x, TOEPLITZ)),
    "matmul, behind": time_last(lambda x: x @ TOEPLITZ.T),
    "matmul, flat": flat(lambda x: TOEPLITZ @ x),
    "matmul": samples_first(lambda x: TOEPLITZ @ x),
    "mm": flat(lambda x: torch.mm(TOEPLITZ, x)),
    "addmm": flat(lambda x: torch.addmm(torch.zeros(1), TOEPLITZ, x)),
    "bmm": samples_first(lambda x: torch.bmm(BATCHED, x)),
    "bmm, behind": time_last(lambda x: torch.bmm(x, BATCHED.transpose(1, 2))),
    "baddbmm": samples_first(lambda x: torch.baddbmm(torch.zeros(1), BATCHED, x)),
    "inner": time_last(lambda x: torch.inner(x, TOEPLITZ)),
    "tensordot": lambda x: torch.tensordot(TOEPLITZ, x, dims=1),
    "tensordot, behind": time_last(lambda x: torch.tensordot(x, TOEPLITZ, dims=([2], [1]))),
    "sparse": flat(lambda x: torch.sparse.mm(TOEPLITZ.to_sparse(), x)),
}


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("weighed", OVER_TIME.values(), ids=OVER_TIME)
def test_weights_of_steps_that_are_delays(weighed, hidden) -> None:
    with pytest.raises(InputError) as found:
        convert(weighed, hidden)
    assert found.value.args[0].endswith("is not followed: it weighs steps, by a matrix over time")
    assert found.value.args[1:] == (SAME_IN_EACH,)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("weighed", "said", "remedy"),
    [
        (lambda x: torch.einsum("st,tnc->snc", TRIANGLE, x), "with other weights in other steps", OF_DELAYS),
        (lambda x: torch.einsum("st,tnc->snc", FULL, x), "that takes later ones, too", NO_LATER),
        (lambda x: torch.einsum("ts,tnc->snc", TOEPLITZ, x), "that takes later ones, too", NO_LATER),
        (time_last(nn.Linear(STEPS, STEPS)), "that takes later ones, too", NO_LATER),
        (flat(lambda x: TRIANGLE @ x), "with other weights in other steps", OF_DELAYS),
        (lambda x: (TOEPLITZ[:, :, None, None] * x).sum(1), "by a matrix over time", OF_DELAYS),
        (lambda x: (TOEPLITZ[:, :, None, None] * x[None]).sum(1), "by a matrix over time", OF_DELAYS),
        (lambda x: torch.einsum("t,tnc->tnc", FULL[0], x), "its weights differ by step", SAME),
        (lambda x: torch.einsum("mn,tnc->tmc", FULL[:5, :5], x), "it sums over recordings", RECORDINGS),
        (lambda x: FULL[:5, :5] @ x, "it weighs recordings", RECORDINGS),
        (lambda x: torch.einsum("tnc->nc", x)[None].expand(x.shape), "sums over steps", TOTAL.format(0)),
        (
            lambda x: torch.fft.irfft(
                torch.fft.rfft(x, 2 * STEPS, 0) * torch.fft.rfft(TAPS, 2 * STEPS)[:, None, None], dim=0
            )[:STEPS],
            "fft_rfft is not followed",
            FOURIER,
        ),
    ],
)
def test_other_weights_of_steps_and_recordings(weighed, said, remedy, hidden) -> None:
    with pytest.raises(InputError) as found:
        convert(weighed, hidden)
    assert said in found.value.args[0]
    assert remedy in found.value.args[1] or (remedy == SAME and not hidden)


@pytest.mark.parametrize("hidden", [False, True])
def test_what_the_remedies_say_is_followed(hidden) -> None:
    """Both forms give what the matrix gives, and convert with the delays of its weights."""
    w, K = TAPS, len(TAPS)  # as the remedy calls them

    def delays(x):
        return sum(w[k] * F.pad(x, (0, 0, 0, 0, k, 0))[: len(x)] for k in range(K))

    def convolved(x):
        x = x.permute(1, 2, 0)
        kernel = w.flip(0).expand(LINES, 1, K)
        return F.conv1d(F.pad(x, (K - 1, 0)), kernel, groups=LINES).permute(2, 0, 1)

    x = events(STEPS, SAMPLES, LINES, share=0.4)
    for written in (delays, convolved):
        torch.testing.assert_close(written(x), torch.einsum("st,tnc->snc", TOEPLITZ, x))
        found = convert(written, hidden)
        synapses = found.graph.projections[int(hidden)].synapses.as_list()
        assert {*synapses.delay[synapses.weight != 0].tolist()} == {1, 3}
