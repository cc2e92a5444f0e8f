"""Steps that an index takes and that are no delay: the error names the index, its fault, and what to do."""

from __future__ import annotations

import inspect

import pytest
import snntorch
import torch
import torch.nn.functional as F
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.functions.nearest import BACKWARDS, BEFORE, IN_FRONT, SILENCE, TAKEN
from snnc.conversion.functions.odd_steps import odd_steps
from snnc.errors import InputError

STEPS, LINES = 13, 3
T = torch.arange(STEPS)[:, None, None]
K = torch.tensor([0, 4, 2])
EVERY = torch.arange(LINES)


class Heard(nn.Module):
    """`taken` of the input, weighed step by step; `at_once`: of all steps in one product."""

    def __init__(self, taken, at_once):
        super().__init__()
        self.taken, self.at_once = taken, at_once
        self.fc, self.lif = nn.Linear(LINES, 4), snntorch.Leaky(0.9, threshold=0.5)

    def forward(self, x):
        late = self.taken(x)
        mem, spikes = self.lif.init_leaky(), []
        for step in self.fc(late) if self.at_once else late:
            spk, mem = self.lif(step if self.at_once else self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def gathered(index):
    return lambda x: x.gather(0, index.expand(x.shape))


def in_a_loop(index):
    """[T, lines] -> a stack of what each step takes."""
    return lambda x: torch.stack([x[index[t], :, EVERY].T for t in range(STEPS)])


def rolled(x):
    late = x.roll(-4, 0)
    late[-4:] = 0
    return late


LATER = "takes what comes up to 4 steps later"
ROUND = "takes the last steps in the place of those before the first"
AGAIN = "takes step 0 of input again where nothing has come"


@pytest.mark.parametrize(
    ("taken", "said", "remedy"),
    [
        (gathered((T + K).clamp(max=STEPS - 1)), LATER, BEFORE),
        (lambda x: gathered((T + K).clamp(max=STEPS - 1))(x) * (T + K < STEPS), LATER, BEFORE),
        (lambda x: F.pad(x, (0, 0, 0, 0, 0, 4))[T[:, 0] + K, :, EVERY].transpose(1, 2), LATER, BEFORE),
        (lambda x: torch.cat([x[4:], torch.zeros_like(x[:4])]), LATER, BEFORE),
        (lambda x: torch.cat([x.narrow(0, 1, 12), 0 * x[:1]]), "up to 1 step later", BEFORE),
        (in_a_loop((T[:, 0] + K).clamp(max=STEPS - 1)), LATER, BEFORE),
        (gathered((T - K) % STEPS), ROUND, IN_FRONT),
        (lambda x: x[T[:, 0] - K, :, EVERY].transpose(1, 2), ROUND, IN_FRONT),
        (in_a_loop(T[:, 0] - K), ROUND, IN_FRONT),
        (gathered((T - K).clamp(min=0)), AGAIN, IN_FRONT),
        (in_a_loop((T[:, 0] - K).clamp(min=0)), AGAIN, IN_FRONT),
        (
            lambda x: gathered((T - K).clamp(min=0))(x) * (T > K),
            "stands before what omits step 0 of input",
            IN_FRONT,
        ),
    ],
)
def test_in_a_loop_over_the_steps(taken, said, remedy) -> None:
    with pytest.raises(InputError) as found:
        from_torch(Heard(taken, at_once=False), events(STEPS, 5, LINES, share=0.4), dt=1e-3)
    assert said in found.value.args[0]
    assert found.value.args[1:] == (remedy,)
    assert f"of {__file__.rpartition('/')[2]})" in found.value.args[0]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_roll_to_later_steps_is_told(at_once) -> None:
    with pytest.raises(InputError, match=rf"roll (takes input 4 steps before it|{LATER})"):
        from_torch(Heard(rolled, at_once), events(STEPS, 5, LINES, share=0.4), dt=1e-3)


COUNT = torch.arange(STEPS)
AHEAD = f"{LATER}, and the first steps at the end"


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("taken", "said", "remedies"),
    [
        (lambda x: x.roll(-4, 0), AHEAD, {BEFORE}),
        (lambda x: torch.roll(x, shifts=(-4 - STEPS, 1), dims=(0, 2)), AHEAD, {BEFORE}),
        (lambda x: x.roll(-9, 0), AHEAD.replace("4", "9"), {BEFORE}),
        (lambda x: x.permute(1, 2, 0).roll(-4, -1).permute(2, 0, 1), AHEAD, {BEFORE}),
        (lambda x: x.roll(-4, 0) * (T < STEPS - 4), LATER, {BEFORE}),
        (lambda x: torch.cat([x[4:], x[:4]]), AHEAD, {BEFORE}),
        (lambda x: x[(COUNT + 4) % STEPS], AHEAD, {BEFORE}),
        (lambda x: x.index_select(0, (COUNT + 4) % STEPS), AHEAD, {BEFORE}),
        (gathered((T + 4) % STEPS), AHEAD, {BEFORE}),
        (lambda x: torch.stack([x[(t + 4) % STEPS] for t in range(STEPS)]), AHEAD, {BEFORE}),
        (lambda x: x.roll(4, 0), ROUND, {SILENCE}),
        (lambda x: x.roll(9, 0), ROUND, {SILENCE}),
        (lambda x: torch.cat([x[-4:], x[:-4]]), ROUND, {SILENCE}),
        (lambda x: x[COUNT - 4], ROUND, {SILENCE}),
        (gathered((T - 4) % STEPS), ROUND, {IN_FRONT}),
    ],
)
def test_steps_that_come_round_are_told_by_where_they_come_from(taken, said, remedies, at_once) -> None:
    with pytest.raises(InputError) as found:
        from_torch(Heard(taken, at_once), events(STEPS, 5, LINES, share=0.4), dt=1e-3)
    assert said in found.value.args[0]
    assert {*found.value.args[1:]} == remedies


def test_steps_of_a_pad_that_come_round_are_said_to_move() -> None:
    """Of a window of past steps none is later than the step that hears it."""
    with pytest.raises(InputError) as found:
        from_torch(
            Heard(lambda x: F.pad(x, (0, 0, 0, 0, 3, 0))[:3].roll(-1, 0).sum(0) + x, at_once=False),
            events(STEPS, 5, LINES, share=0.4),
            dt=1e-3,
        )
    assert found.value.args[1:] == (BACKWARDS,)


def test_the_remedies_of_a_roll_are_followed() -> None:
    """As they are written, for time in front and for time last."""

    def first(x):
        late = x.roll(4, 0)
        late[:4] = 0
        return late

    def padded(x):
        pad = F.pad(x, (0, 0, 0, 0, 4, 0))
        return torch.stack([pad[4 + t - 4] for t in range(STEPS)])

    for taken in (first, padded):
        found = from_torch(Heard(taken, at_once=False), events(STEPS, 5, LINES, share=0.4), dt=1e-3)
        assert {*found.graph.projections[0].synapses.as_list().delay.tolist()} == {4}


@pytest.mark.parametrize(
    ("taken", "said", "remedy"),
    [
        (
            lambda x: gathered((T + K).clamp(max=STEPS - 1))(x) * (T + K < STEPS),
            "it takes what comes up to 4 steps later",
            BEFORE,
        ),
        (gathered((T - K) % STEPS), f"it {ROUND}", IN_FRONT),
        (gathered((T - K).clamp(min=0)), "it takes step 0 again where nothing has come", IN_FRONT),
        (
            lambda x: gathered((T - K).clamp(min=0))(x) * ((T >= K) & (T != 6)),
            "it takes steps that are no delay: a step is missing, or taken twice",
            TAKEN,
        ),
    ],
)
def test_in_one_product(taken, said, remedy) -> None:
    with pytest.raises(InputError) as found:
        from_torch(Heard(taken, at_once=True), events(STEPS, 5, LINES, share=0.4), dt=1e-3)
    line = inspect.getsourcelines(Heard.forward)[1] + 1
    assert f"in Heard.forward (line {line} of " in found.value.args[0]
    assert f"gather is not followed: {said}" in found.value.args[0]
    assert found.value.args[1:] == (remedy,)


class Begins(nn.Module):
    """Other weights in the first step, or none: no fault of the index of steps."""

    def __init__(self, first):
        super().__init__()
        self.first, self.fc = first, nn.Linear(LINES, 4, bias=False)
        self.other, self.lif = nn.Linear(LINES, 4, bias=False), snntorch.Leaky(0.9, threshold=0.5)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for t in range(STEPS):
            late = F.pad(x, (0, 0, 0, 0, 4, 0))[t + 4 - K, :, EVERY].T
            current = {"other": self.other, "none": lambda each: 0 * self.fc(each)}[self.first](late)
            spk, mem = self.lif(self.fc(late) if t else current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


@pytest.mark.parametrize("first", ["other", "none"])
def test_other_weights_in_the_first_step_are_not_blamed_on_the_index(first) -> None:
    with pytest.raises(InputError) as found:
        from_torch(Begins(first), events(STEPS, 5, LINES, share=0.4), dt=1e-3)
    assert "again" not in str(found.value)
    assert "later" not in str(found.value)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ({(0, 0), (1, 0), (5, 2)}, None),
        ({(0, 3), (9, 9)}, LATER.replace("4", "3")),
        ({(0, 7), (9, 6)}, ROUND),
        ({(0, 7), (0, 8), (9, 6)}, LATER.replace("4", "8")),
    ],
)
def test_what_is_wrong_with_steps(pairs, said) -> None:
    found = odd_steps(pairs, 10)
    assert (found and found.why) == said
