"""Delays in a module's own code: what is followed, and what says how else to write it."""

from __future__ import annotations

import numpy as np
import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

DELAYS = (0, 3, 1, 2)


class Delayed(nn.Module):
    """`delay` of all steps, and one layer behind it."""

    def __init__(self, delay):
        super().__init__()
        self.delay, self.fc, self.lif = delay, nn.Linear(4, 3, bias=False), snntorch.Leaky(0.9)

    def forward(self, x):
        delayed, mem, spikes = self.delay(x), self.lif.init_leaky(), []
        for step in delayed:
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def padded(x):
    return torch.stack(
        [F.pad(x[:, :, line], (0, 0, steps, 0))[: len(x)] for line, steps in enumerate(DELAYS)], 2
    )


def zeros_before(x):
    return torch.cat([torch.zeros(2, *x.shape[1:]), x[:-2]])


def zeros_behind(x):
    return torch.cat([x[1:], torch.zeros_like(x[:1])])


@pytest.mark.parametrize(
    ("delay", "expected"), [(padded, DELAYS), (zeros_before, (2,) * 4)], ids=["stack", "cat"]
)
def test_delays_along_time_are_those_of_the_synapses(delay, expected) -> None:
    """No place differs, and the delays are those that the code has for each line."""
    torch.manual_seed(0)
    found = from_torch(Delayed(delay), events(12, 3, 4), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    synapses = found.graph.projections[0].synapses.as_list()
    assert {(int(pre), int(steps)) for pre, steps in zip(synapses.pre, synapses.delay, strict=True)} == set(
        enumerate(expected)
    )


def in_place(x):
    out = torch.zeros_like(x)
    for line, steps in enumerate(DELAYS):
        out[steps:, :, line] = x[: len(x) - steps, :, line]
    return out


@pytest.mark.parametrize(
    "delay",
    [
        in_place,
        lambda x: x.roll(2, 0),
        lambda x: torch.cat([x[-2:], x[:-2]]),
        lambda x: x[torch.arange(len(x)) - 2],
    ],
    ids=["in place", "roll", "cat", "index"],
)
def test_what_is_not_followed_says_how_delays_are(delay) -> None:
    with pytest.raises(InputError) as told:
        from_torch(Delayed(delay), events(12, 3, 4), dt=0.001)
    ways = "F.pad along time and a slice, a convolution over time, or a deque in the loop"
    remedy = f"A delay is followed as {ways} (docs/from_torch.md, 'Delays of your own')"
    assert remedy in told.value.args
    assert "Neurons are modules" not in str(told.value)


def test_lines_that_are_set_step_by_step_are_told_of_both_remedies() -> None:
    def step_by_step(x):
        out = torch.zeros_like(x)
        for t in range(2, len(x)):
            out[t, :, 0] = x[t - 2, :, 0]
        return out

    with pytest.raises(
        InputError, match=r"Set whole steps \(out\[step\] = \.\.\.\), and join .*; a delay is f"
    ):
        from_torch(Delayed(step_by_step), events(12, 3, 4), dt=0.001)


def test_steps_from_the_future_are_refused() -> None:
    with pytest.raises(InputError):
        from_torch(Delayed(zeros_behind), events(12, 3, 4), dt=0.001)


def test_lines_of_all_steps_may_be_stacked_with_silent_ones() -> None:
    def stacked(x):
        return torch.stack([x[..., 2], torch.zeros(x.shape[:2]), x[..., 0], x[..., 0]], -1)

    torch.manual_seed(0)
    module = Delayed(stacked)
    found = from_torch(module, events(12, 3, 4), dt=0.001)
    weight = found.graph.projections[0].synapses.weight
    given = module.fc.weight.detach().double().numpy()
    expected = np.zeros((3, 4))
    expected[:, 2], expected[:, 0] = given[:, 0], given[:, 2] + given[:, 3]
    assert np.allclose(weight, expected, rtol=0, atol=1e-12)
    assert [each.different + each.through for each in found.agreement] == [0]
