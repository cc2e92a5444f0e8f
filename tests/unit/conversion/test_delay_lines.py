"""Delay lines in a module's own loop, in the forms in which they are written: each synapse has its delay."""

from __future__ import annotations

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

D, NEURONS, LINES = 4, 3, 5
DELAY = torch.tensor([[0, 3, 1, 2, 0], [1, 1, 3, 0, 2], [2, 0, 0, 3, 3]])
EACH = torch.arange(LINES)


def shifted(x):
    """The last `D` steps, the newest first, of each step."""
    kept = torch.zeros(D, *x.shape[1:])
    for step in x:
        kept = torch.cat([step.unsqueeze(0), kept[:-1]])
        yield kept


def shifted_slices(x):
    kept = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        kept = torch.cat([x[t : t + 1], kept[:-1]])
        yield kept


def newest_last(x):
    kept = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        kept = torch.cat([kept[1:], x[t : t + 1]])
        yield kept.flip(0)


def rolled(x):
    kept = torch.zeros(D, *x.shape[1:])
    for step in x:
        kept = kept.roll(1, 0)
        kept[0] = step
        yield kept


def stacked(x):
    kept = [torch.zeros_like(x[0])] * D
    for step in x:
        kept = [step, *kept[:-1]]
        yield torch.stack(kept)


def ring(x):
    kept = torch.zeros(D, *x.shape[1:])
    for t in range(len(x)):
        kept[t % D] = x[t]
        yield kept[(t - torch.arange(D)) % D]


def padded(x):
    pad = torch.cat([torch.zeros(D - 1, *x.shape[1:]), x])
    for t in range(len(x)):
        yield pad[t + D - 1 - torch.arange(D)[:, None]].squeeze(1)


def by_lines(kept, weight):
    """Current [samples, neurons]: of `kept` [D, samples, lines], each synapse takes its step."""
    past = kept.permute(1, 2, 0).gather(2, DELAY.T[None].expand(kept.shape[1], -1, -1))
    return (past * weight.T).sum(1)


def indexed(kept, weight):
    return (kept[DELAY, :, EACH] * weight[..., None]).sum(1).T


def indexed_beside(kept, weight):
    return (kept.transpose(0, 1)[:, DELAY, EACH] * weight).sum(-1)


def indexed_recordings(kept, weight):
    each = torch.arange(kept.shape[1])[:, None, None]
    return (kept[DELAY, each, EACH] * weight).sum(-1)


def taken_along(kept, weight):
    past = torch.take_along_dim(kept.permute(1, 2, 0), DELAY.T[None], 2)
    return torch.einsum("bch,hc->bh", past, weight)


def summed(kept, weight):
    return sum(F.linear(kept[k], weight * (k == DELAY)) for k in range(D))


def weighed(kept, weight):
    """One product with the weights of all delays side by side."""
    all_delays = torch.stack([weight * (k == DELAY) for k in range(D)], 1)
    return F.linear(kept.transpose(0, 1).flatten(1), all_delays.flatten(1))


class Delayed(nn.Module):
    def __init__(self, lines, currents):
        super().__init__()
        self.lines, self.currents = lines, currents
        self.weight = nn.Parameter(0.2 + torch.rand(NEURONS, LINES))
        self.lif = snntorch.Leaky(0.9, threshold=0.8)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for kept in self.lines(x):
            spk, mem = self.lif(self.currents(kept, self.weight), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def agrees(module: nn.Module, steps: int = 13) -> None:
    """The delays and weights are those of the module, and every spike is, also of other events."""
    found = from_torch(module, events(steps, 3, LINES, share=0.4), dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]
    own = found.graph.projections[0].synapses.as_list()
    read = {
        (post, pre): (delay, pytest.approx(weight, rel=1e-6))
        for post, pre, delay, weight in zip(own.post, own.pre, own.delay, own.weight, strict=True)
    }
    weight = module.weight.detach().numpy()
    assert read == {
        (post, pre): (int(DELAY[post, pre]), weight[post, pre])
        for post in range(NEURONS)
        for pre in range(LINES)
    }
    torch.manual_seed(5)
    same_spikes(module, events(steps, 7, LINES, share=0.4), found.graph, (snntorch.Leaky,))


@pytest.mark.parametrize(
    "currents",
    [by_lines, indexed, indexed_beside, indexed_recordings, taken_along, summed, weighed],
)
@pytest.mark.parametrize("lines", [shifted, shifted_slices, newest_last, rolled, stacked, ring, padded])
def test_synapses_have_the_delays_of_the_module(lines, currents) -> None:
    torch.manual_seed(1)
    agrees(Delayed(lines, currents))


class OfAllSteps(Delayed):
    """Each synapse takes its step of the padded input."""

    def forward(self, x):
        pad, mem, spikes = F.pad(x, (0, 0, 0, 0, D, 0)), self.lif.init_leaky(), []
        for t in range(len(x)):
            spk, mem = self.lif(self.currents(pad, t, self.weight), mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize(
    "currents",
    [
        lambda pad, t, weight: (pad[D + t - DELAY, :, EACH] * weight[..., None]).sum(1).T,
        lambda pad, t, weight: torch.einsum("hcb,hc->bh", pad[D + t - DELAY, :, EACH.expand(3, 5)], weight),
        lambda pad, t, weight: (pad.transpose(0, 1)[:, D + t - DELAY, EACH] * weight).sum(-1),
        lambda pad, t, weight: (pad.permute(1, 2, 0)[:, EACH, D + t - DELAY] * weight).sum(2),
        lambda pad, t, weight: (
            pad[D + t - DELAY.numpy(), torch.arange(pad.shape[1])[:, None, None], EACH] * weight
        ).sum(-1),
    ],
    ids=["in front", "whole index", "recordings first", "time last", "recordings named"],
)
def test_steps_and_lines_are_indexed_together(currents) -> None:
    torch.manual_seed(1)
    agrees(OfAllSteps(None, currents))


LATE = torch.tensor([0, 3, 1, 2, 2])
STEPS = torch.arange(13)[:, None]


class OfLines(nn.Module):
    """Each line of all steps at once waits as long as `LATE` says."""

    def __init__(self, wait):
        super().__init__()
        self.wait, self.fc = wait, nn.Linear(LINES, NEURONS, bias=False)
        self.lif = snntorch.Leaky(0.9, threshold=0.8)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in self.wait(x):
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def silence_before(x):
    return torch.cat([torch.zeros(D, *x.shape[1:]), x])


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: silence_before(x)[STEPS + D - LATE, :, EACH].transpose(1, 2),
        lambda x: silence_before(x).transpose(0, 1)[:, STEPS + D - LATE, EACH].transpose(0, 1),
        lambda x: silence_before(x).gather(0, (STEPS + D - LATE)[:, None].expand(x.shape)),
        lambda x: torch.take_along_dim(silence_before(x), (STEPS + D - LATE)[:, None], dim=0),
        lambda x: (
            x.gather(0, (STEPS - LATE).clamp(min=0)[:, None].expand(x.shape)) * (STEPS >= LATE)[:, None]
        ),
    ],
    ids=["index", "recordings first", "gather", "take_along_dim", "clamped and masked"],
)
def test_lines_of_all_steps_wait(wait) -> None:
    torch.manual_seed(1)
    module, example = OfLines(wait), events(13, 3, LINES, share=0.4)
    found = from_torch(module, example, dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]
    own = found.graph.projections[0].synapses.as_list()
    assert {*zip(own.pre.tolist(), own.delay.tolist(), strict=True)} == set(enumerate(LATE.tolist()))
    torch.manual_seed(5)
    same_spikes(module, events(13, 7, LINES, share=0.4), found.graph, (snntorch.Leaky,))


def test_steps_of_the_future_are_refused() -> None:
    """A negative index comes from the end."""
    with pytest.raises(InputError):
        from_torch(OfLines(lambda x: x[STEPS - LATE, :, EACH].transpose(1, 2)), events(13, 3, LINES), dt=1e-3)


class Collecting(Delayed):
    """Outputs are joined as they come."""

    def __init__(self, begin, join):
        super().__init__(shifted, by_lines)
        self.begin, self.join = begin, join

    def forward(self, x):
        mem, out = self.lif.init_leaky(), self.begin(x)
        for kept in self.lines(x):
            spk, mem = self.lif(self.currents(kept, self.weight), mem)
            out = spk[None] if out is None else self.join(out, spk)
        return out


@pytest.mark.parametrize(
    ("begin", "join"),
    [
        (lambda x: None, lambda out, spk: torch.cat([out, spk[None]])),
        (lambda x: torch.zeros(0, x.shape[1], NEURONS), lambda out, spk: torch.cat((out, spk.unsqueeze(0)))),
        (lambda x: None, lambda out, spk: torch.vstack([out, spk[None]])),
    ],
    ids=["none", "no steps", "vstack"],
)
def test_steps_are_joined_as_they_come(begin, join) -> None:
    torch.manual_seed(1)
    module = Collecting(begin, join)
    found = from_torch(module, events(9, 3, LINES, share=0.4), dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]


def test_a_long_shift_register_does_not_grow() -> None:
    """What falls out of it is gone: each step has as many places as the one before."""
    torch.manual_seed(1)
    agrees(Delayed(rolled, indexed), steps=150)


@pytest.mark.parametrize(
    ("currents", "said"),
    [
        (
            lambda kept, weight: kept[:, torch.tensor([2, 0, 1])][0] @ weight.T,
            "it moves, repeats or takes a part of batch",
        ),
        (
            lambda kept, weight: kept[0, torch.tensor([2, 0, 1])[:, None], EACH] @ weight.T,
            "takes elements of batch by a tensor that does not name each in order",
        ),
        (
            lambda kept, weight: kept[torch.arange(3)[:, None], torch.arange(3)[:, None], EACH] @ weight.T,
            "takes other elements in other recordings",
        ),
        (
            lambda kept, weight: kept[(torch.arange(3) == 2)[None].expand(D, 3)] @ weight.T,
            "takes elements of batch by a tensor that does not name each in order",
        ),
    ],
    ids=["moved", "moved beside lines", "by recording", "mask"],
)
def test_recordings_stay_in_order(currents, said) -> None:
    with pytest.raises(InputError, match=said):
        from_torch(Delayed(shifted, currents), events(9, 3, LINES), dt=1e-3)
