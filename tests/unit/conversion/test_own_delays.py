"""Delays in a module's own code: what is followed, and what says how else to write it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from delayed_networks import DELAYS, Delayed
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


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
