"""Delays in a module's own code that are not followed, and how else to write them."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from delayed_networks import Delayed
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.errors import InputError


def zeros_behind(x):
    return torch.cat([x[1:], torch.zeros_like(x[:1])])


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


TAKES_LAST = "roll is not followed: it takes the last steps in the place"
BRINGS = "roll brings the last 2 steps round to the front, and"


@pytest.mark.parametrize(
    ("delay", "said"),
    [
        (_too_few, f"{BRINGS} step 0 is set to 0, not 0 .. 1"),
        (_no_silence, TAKES_LAST),
        (_lines_alone, TAKES_LAST),
        (_changed_before, f"{BRINGS} other steps are set to 0, not 0 .. 1"),
    ],
)
def test_a_roll_that_is_not_silenced_is_told(delay, said) -> None:
    with pytest.raises(InputError, match=rf"{said}.*\nSet these to 0 .* A delay is f"):
        from_torch(Delayed(delay), events(12, 3, 4), dt=0.001)


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
    assert told.value.args[1].endswith(remedy)
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
