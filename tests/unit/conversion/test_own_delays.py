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


def in_place(x):
    out = torch.zeros_like(x)
    for line, steps in enumerate(DELAYS):
        out[steps:, :, line] = x[: len(x) - steps, :, line]
    return out


def time_last(x):
    by_line = x.permute(1, 2, 0)
    out = torch.zeros_like(by_line)
    for line, steps in enumerate(DELAYS):
        out[:, line, steps:] = by_line[:, line, : len(x) - steps]
    return out.permute(2, 0, 1)


def pairs(x):
    out = torch.zeros_like(x)
    out[2:, ..., :2], out[1:, ..., 2:] = x[:-2, ..., :2], x[:-1, ..., 2:]
    return out


def zeros_before(x):
    return torch.cat([torch.zeros(2, *x.shape[1:]), x[:-2]])


def rolled(x):
    out = torch.roll(x, 2, 0)
    out[:2] = 0
    return out


def rolled_time_last(x):
    out = x.permute(1, 2, 0).roll(shifts=(1,), dims=(-1,))
    out[..., :1] = torch.zeros(*out.shape[:2], 1)
    return out.permute(2, 0, 1)


def rolled_lines(x):
    lines = []
    for line, steps in enumerate(DELAYS):
        out = torch.roll(x[..., line], steps, 0)
        out[:steps] = 0.0  # of a delay of 0, nothing
        lines.append(out)
    return torch.stack(lines, 2)


def zeros_behind(x):
    return torch.cat([x[1:], torch.zeros_like(x[:1])])


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (padded, DELAYS),
        (zeros_before, (2,) * 4),
        (rolled, (2,) * 4),
        (rolled_time_last, (1,) * 4),
        (rolled_lines, DELAYS),
        (in_place, DELAYS),
        (time_last, DELAYS),
        (pairs, (2, 2, 1, 1)),
    ],
    ids=["stack", "cat", "roll", "roll, time last", "roll of lines", "in place", "time last", "in pairs"],
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


def _twice(x):
    out = torch.zeros_like(x)
    out[1:, :, :2] = x[:-1, :, :2]
    out[2:, :, 1] = x[:-2, :, 1]
    return out


def _too_few(x):
    out = torch.roll(x, 2, 0)
    out[:1] = 0
    return out


def _no_silence(x):
    out = torch.roll(x, 2, 0)
    out[:2] = 1
    return out


def _lines_alone(x):
    out = torch.roll(x, 2, 0)
    out[:2, :, 1:] = 0
    return out


def _changed_before(x):
    out = torch.roll(x, 2, 0)
    out[5] = 0
    out[:2] = 0
    return out


def _beside_constants(x):
    out = torch.ones_like(x)
    out[1:, :, 1] = x[:-1, :, 1]
    return out


def _then_scaled_in_part(x):
    out = torch.zeros_like(x)
    out[1:, :, 1] = x[:-1, :, 1]
    out[:, :, 1] = 0.0
    return out


@pytest.mark.parametrize(
    "delay",
    [_twice, _beside_constants, _then_scaled_in_part],
)
def test_lines_that_are_set_in_other_ways_are_refused(delay) -> None:
    with pytest.raises(InputError, match=r"parts of a tensor are set that are no steps"):
        from_torch(Delayed(delay), events(12, 3, 4), dt=0.001)


@pytest.mark.parametrize("delay", [_too_few, _no_silence, _lines_alone, _changed_before])
def test_a_roll_that_is_not_silenced_is_told(delay) -> None:
    with pytest.raises(InputError, match=r"roll is not followed: it moves.* time\nA delay is followed as"):
        from_torch(Delayed(delay), events(12, 3, 4), dt=0.001)


def test_a_copy_of_a_roll_is_silenced_as_the_roll() -> None:
    def late(x):
        out = x.roll(2, 0).clone()
        out[:2] = 0
        return out

    def early(x):
        out = x.roll(-2, 0).clone()
        out[-2:] = 0
        return out

    found = from_torch(Delayed(late), events(12, 3, 4), dt=0.001)
    assert {*found.graph.projections[0].synapses.as_list().delay.tolist()} == {2}
    with pytest.raises(InputError, match="takes what comes up to 2 steps later"):
        from_torch(Delayed(early), events(12, 3, 4), dt=0.001)


def test_steps_that_are_set_to_a_constant_are_called_steps() -> None:
    def silenced(x):
        out = x.clone()
        out[:2] = 0
        return out

    with pytest.raises(InputError, match="some steps of a tensor are set to a constant\nUse the same"):
        from_torch(Delayed(silenced), events(12, 3, 4), dt=0.001)


def test_a_bias_before_a_pad_has_one_remedy() -> None:
    with pytest.raises(InputError, match=r"pad before the bias is added$"):
        from_torch(Delayed(lambda x: F.pad(x + 1, (0, 0, 0, 0, 2, 0))[: len(x)]), events(12, 3, 4), dt=0.001)


@pytest.mark.parametrize(
    "delay",
    [
        lambda x: x.roll(2, 0),
        lambda x: torch.cat([x[-2:], x[:-2]]),
        lambda x: x[torch.arange(len(x)) - 2],
    ],
    ids=["roll", "cat", "index"],
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


class ByBuffer(nn.Module):
    """Line k of the input arrives DELAYS[k] steps later, indexed in each step of a buffer."""

    def __init__(self, join):
        super().__init__()
        self.join, self.fc, self.lif = join, nn.Linear(4, 3), snntorch.Leaky(0.9)

    def forward(self, x):
        padded, mem, spikes = F.pad(x, (0, 0, 0, 0, 3, 0)), self.lif.init_leaky(), []
        for t in range(len(x)):
            lines = self.join([padded[t + 3 - steps, :, line] for line, steps in enumerate(self.delays)])
            spk, mem = self.lif(self.fc(lines), mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize("steps", [4, 12])
@pytest.mark.parametrize("delays", [DELAYS, (3, 2, 1, 0), (3, 3, 3, 1), (2, 2, 2, 2)])
def test_a_stack_of_lines_of_a_step_is_no_stack_of_steps(delays, steps) -> None:
    torch.manual_seed(0)
    module = ByBuffer(lambda lines: torch.stack(lines, 1))
    module.delays = delays
    if (delays, steps) == ((3, 2, 1, 0), 4):  # as many lines as steps, each one step later: nothing tells
        with pytest.raises(InputError):
            from_torch(module, events(steps, 3, 4, share=0.6), dt=0.001)
        return
    found = from_torch(module, events(steps, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    (synapses,) = (each.synapses.as_list() for each in found.graph.projections)
    assert {*zip(synapses.pre.tolist(), synapses.delay.tolist(), strict=True)} == set(enumerate(delays))


class PastSpikes(nn.Module):
    """Neurons that hear their own spikes, of neuron k as many steps later as `DELAYS` and one say."""

    def __init__(self):
        super().__init__()
        self.fc, self.back = nn.Linear(4, 4), nn.Linear(4, 4, bias=False)
        self.lif = snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        past = [torch.zeros(x.shape[1], 4)] * 4
        for step in x:
            heard = torch.stack([past[-1 - steps][:, line] for line, steps in enumerate(DELAYS)], -1)
            spk, mem = self.lif(self.fc(step) + self.back(heard), mem)
            past = [*past[1:], spk]
            spikes.append(spk)
        return torch.stack(spikes)


def test_past_spikes_of_single_neurons_may_be_stacked() -> None:
    torch.manual_seed(4)
    found = from_torch(PastSpikes(), events(12, 3, 4, share=0.6), dt=0.001)
    assert [each.different + each.through for each in found.agreement] == [0]
    own = next(each for each in found.graph.projections if each.source == each.destination).synapses.as_list()
    assert {*zip(own.pre.tolist(), own.delay.tolist(), strict=True)} == {(0, 1), (1, 4), (2, 2), (3, 3)}


def test_planes_of_a_step_may_be_stacked() -> None:
    module = Delayed(lambda x: torch.stack([torch.stack([step, 2 * step], 1).sum(1) for step in x]))
    found = from_torch(module, events(12, 3, 4), dt=0.001)
    given = module.fc.weight.detach().double().numpy()
    assert np.allclose(found.graph.projections[0].synapses.weight, 3 * given, rtol=0, atol=1e-12)
