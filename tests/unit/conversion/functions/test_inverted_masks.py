"""A mask the wrong way round keeps what an index takes where nothing has come: step 0, and no later one."""

from __future__ import annotations

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

DELAYS = torch.tensor([[3, 1, 0, 2], [2, 5, 1, 1], [1, 0, 4, 3]])
LINES = torch.arange(4)
MASK = "If the mask is the wrong way round: mask by t >= k"


class Synapses(nn.Module):
    """What arrives at 3 neurons, made by `take` of x [samples, steps, lines], the steps i, and weights."""

    def __init__(self, take):
        super().__init__()
        self.take, self.w, self.lif = take, nn.Parameter(torch.rand(3, 4)), snntorch.Leaky(0.9)

    def forward(self, x):
        i = torch.arange(x.shape[1])[:, None, None] - DELAYS
        mem, spikes = self.lif.init_leaky(), []
        for current in self.take(x, i, self.w).unbind(1):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes, 1)


def _at(x, i):
    return x[:, i.clamp(min=0), LINES]


def _gathered(x, i, w):
    taken = x.gather(1, i.clamp(min=0).reshape(-1, 4)[None].expand(len(x), -1, -1)) * (i.reshape(-1, 4) < 0)
    return (taken.view(len(x), -1, 3, 4) * w).sum(-1)


def _of_lines(x, i, w):
    i = i[:, 0]
    return F.linear(x.gather(1, i.clamp(min=0).expand(x.shape)) * (i < 0), w)


INVERTED = {
    "where": lambda x, i, w: (torch.where(i >= 0, 0.0, _at(x, i)) * w).sum(-1),
    "product": lambda x, i, w: (_at(x, i) * (i < 0) * w).sum(-1),
    "step 0, too": lambda x, i, w: (_at(x, i) * (i <= 0) * w).sum(-1),
    "masked_fill": lambda x, i, w: (_at(x, i).masked_fill(i >= 0, 0.0) * w).sum(-1),
    "masked weights": lambda x, i, w: (_at(x, i) * (w * (i < 0))).sum(-1),
    "gather": _gathered,
    "lines": _of_lines,
}


def _said(take, layout="NTC"):
    with pytest.raises(InputError) as found:
        from_torch(Synapses(take), events(13, 5, 4).transpose(0, 1), dt=1e-3, layout=layout)
    return "\n".join(map(str, found.value.args))


@pytest.mark.parametrize("take", INVERTED.values(), ids=INVERTED.keys())
def test_the_cause_is_told_with_its_line(take) -> None:
    said = _said(take)
    assert "(line " in said
    assert "takes step 0 where nothing has come, and no later step" in said
    assert MASK in said


@pytest.mark.parametrize(
    "weigh",
    [
        lambda window, w: torch.einsum("bki,koi->bo", window, torch.stack([w] * 3)),
        lambda window, w: F.linear(window.flatten(1), torch.cat([w] * 3, 1)),
    ],
)
def test_weights_of_a_window_of_steps_name_a_sum_over_the_delays(weigh) -> None:
    def take(x, i, w):
        pad = F.pad(x, (0, 0, 2, 0))
        return torch.stack([weigh(pad[:, t : t + 3], w) for t in range(x.shape[1])], 1)

    said = _said(take)
    assert "\nWrite a sum over the delays. A delay is followed as" in said
    assert "flatten" not in said


def test_a_window_that_is_turned_is_not_told_to_hear_the_future() -> None:
    def take(x, i, w):
        pad = F.pad(x, (0, 0, 2, 0))
        return torch.stack([F.linear(pad[:, t : t + 3].flip(1)[:, 0], w) for t in range(x.shape[1])], 1)

    said = _said(take)
    assert "flip is not followed: it brings later steps before earlier ones" in said
    assert "Of past steps, a delay is followed as" in said
    assert "hears no later one" not in said
