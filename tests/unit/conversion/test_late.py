"""Delays of as many steps as the example has, or more, are noted, and so is what is not connected."""

from __future__ import annotations

from collections import deque

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch

STEPS = 12


class Late(nn.Module):
    """`delay` gives what arrives at the weights."""

    def __init__(self, delay):
        super().__init__()
        torch.manual_seed(1)
        self.delay, self.fc, self.lif = delay, nn.Linear(4, 6, bias=False), snntorch.Leaky(0.9)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for current in self.fc(self.delay(x)):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


def padded(x, steps=20):
    return F.pad(x, (0, 0, 0, 0, steps, 0))[: len(x)]


def joined(x):
    return torch.cat([torch.zeros(20, *x.shape[1:]), x])[: len(x)]


def some(x):
    return torch.cat([x[..., :3], padded(x, 30)[..., 3:]], -1)


def beside(x):
    waiting, late = deque([torch.zeros_like(x[0])] * 20), []
    for step in x:
        waiting.append(step)
        late.append(step + waiting.popleft())
    return torch.stack(late)


def notes(delay, steps=STEPS, recordings=5):
    return from_torch(Late(delay), events(steps, recordings, 4, share=0.4), dt=1e-3).notes


@pytest.mark.parametrize(
    ("delay", "count", "of", "longest"),
    [(padded, 24, 24, 20), (joined, 24, 24, 20), (some, 6, 24, 30), (beside, 24, 48, 20)],
)
def test_what_waits_beyond_the_example_is_noted(delay, count, of, longest) -> None:
    (said,) = (each for each in notes(delay) if each.startswith("input -> lif: "))
    assert f"{count} of {of} synapses have delays of 12 steps or more, up to {longest}, and" in said
    assert said.endswith(f"give an example of more than {longest} steps")
    assert not any("give an example" in each for each in notes(delay, longest + 1))


def test_what_is_not_connected_is_noted() -> None:
    said = notes(padded)
    assert "input: is connected to no neurons, so nothing of it reaches the network" in said
    assert "lif: no synapses of other populations lead there, so nothing arrives but a bias" in said


def test_a_fixed_number_of_steps_is_noted_by_the_run_itself() -> None:
    found = notes(lambda x: F.pad(x, (0, 0, 0, 0, 20, 0))[:STEPS])
    assert any(each.startswith("input: is delayed by 20 steps (in ") for each in found)


PLACES = 60
"""Far more than the 25 steps of a second run that would follow those of the example."""


def by_literal(x):
    waiting, late = deque(), []
    for step in x:
        waiting.append(step)
        late.append(step + waiting.popleft() if len(waiting) > 60 else step)
    return torch.stack(late)


def by_global(x):
    waiting, late = deque([torch.zeros_like(x[0])] * PLACES), []
    for step in x:
        waiting.append(step)
        late.append(step + waiting.popleft())
    return torch.stack(late)


def by_closure(places):
    def delay(x):
        waiting, late = deque([torch.zeros_like(x[0])] * places), []
        for step in x:
            waiting.append(step)
            late.append(step + waiting.popleft())
        return torch.stack(late)

    return delay


class Ring(nn.Module):
    """Each line of a ring buffer of its own delay, of a buffer or a list."""

    def __init__(self, delays):
        super().__init__()
        if isinstance(delays, torch.Tensor):
            self.register_buffer("delays", delays)
        else:
            self.delays = delays

    def forward(self, x):
        late = []
        for t in range(len(x)):
            lines = [x[t - int(d), :, k] if t >= d else x[0, :, k] * 0 for k, d in enumerate(self.delays)]
            late.append(x[t] + torch.stack(lines, 1))
        return torch.stack(late)


@pytest.mark.parametrize(
    "delay",
    [by_literal, by_global, by_closure(60), Ring([60] * 4), Ring(torch.tensor([60, 60, 60, 60]))],
)
def test_a_delay_beyond_the_second_run_is_found_by_the_number_that_the_module_holds(delay) -> None:
    (said,) = (each for each in notes(delay) if each.startswith("input -> lif: "))
    assert "24 of 48 synapses have delays of 12 steps or more, up to 60, and the example has 12" in said
    assert said.endswith("and the network is without them; give an example of more than 60 steps")


@pytest.mark.parametrize("places", [2 * STEPS - 1, 2 * STEPS, 2 * STEPS + 1])
def test_a_delay_at_the_end_of_the_second_run_is_no_state_that_a_loop_keeps(places) -> None:
    (said,) = (each for each in notes(by_closure(places)) if each.startswith("input -> lif: "))
    assert f"24 of 48 synapses have delays of 12 steps or more, up to {places}, and" in said


def test_a_trace_that_a_loop_keeps_is_no_delay() -> None:
    def trace(x):
        kept, given = torch.zeros_like(x[0]), []
        for step in x:
            kept = 0.5 * kept + step
            given.append(kept)
        return torch.stack(given)

    assert not [each for each in notes(trace) if "give an example" in each]


def test_where_all_recordings_take_long_one_is_followed(monkeypatch) -> None:
    """6 neurons in 5 recordings and 81 steps, 20 + 60 + 1, are 2,430 states; in one recording 486."""
    monkeypatch.setattr("snnc.conversion.late.NUMBERS", 500)
    (said,) = (each for each in notes(beside) if each.startswith("input -> lif: "))
    assert "24 of 48 synapses have delays of 12 steps or more, up to 20, and" in said


def test_a_network_that_is_too_large_to_be_followed_is_told(monkeypatch) -> None:
    """6 neurons in the 25 steps of a second run, of one recording, are 150 states."""
    monkeypatch.setattr("snnc.conversion.late.NUMBERS", 149)
    (said,) = (each for each in notes(by_global) if "could not be looked for" in each)
    assert said.startswith("delays of 12 steps or more could not be looked for: ")
    assert "steps take too long (" in said
    assert " states of neurons, the limit is 149); if what arrives is delayed by as many, " in said
    assert said.endswith("give an example of more steps than the longest delay")


def test_a_module_that_is_not_followed_on_more_steps_is_told() -> None:
    def other(x):
        return by_global(x if len(x) == STEPS else x.cumprod(0))

    (said,) = (each for each in notes(other) if "could not be looked for" in each)
    assert "cannot be followed on " in said
    assert "cumprod" in said
    assert "the network is without these synapses, and how many they are is not known: give an ex" in said


def test_a_module_that_fails_on_more_steps_is_not_told() -> None:
    """As one that makes a fixed number of steps: it has no step in which a longer delay arrives."""

    def fixed(x):
        if len(x) != STEPS:
            raise ValueError("twelve steps alone")
        return by_global(x)

    assert not [each for each in notes(fixed) if "could not be looked for" in each]


def test_a_module_that_makes_a_fixed_number_of_steps_is_not_told() -> None:
    """Nothing that it delays by more arrives in any of its steps, whatever it is given."""
    assert not [each for each in notes(lambda x: x[:STEPS]) if "delays" in each]
