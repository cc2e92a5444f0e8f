"""`torch.roll` along time: a mask may set to 0 what came round, and other places are told."""

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events

from snnc.conversion.convert import from_torch
from snnc.conversion.functions.nearest import SILENCE
from snnc.errors import InputError

STEPS, LINES, LATE = 12, 4, 3
T = torch.arange(STEPS)[:, None, None]
LAST = torch.arange(STEPS)
HERE, LATER = T >= LATE, T + 1


class Heard(nn.Module):
    """Neurons hear what is `taken` of the input, [steps, samples, lines]."""

    def __init__(self, taken):
        super().__init__()
        torch.manual_seed(1)
        self.fc, self.lif, self.taken = nn.Linear(LINES, 5), snntorch.Leaky(0.9, threshold=0.2), taken

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for step in self.taken(x):
            spk, mem = self.lif(self.fc(step), mem)
            spikes.append(spk)
        return torch.stack(spikes)


def converted(taken):
    return from_torch(Heard(taken), events(STEPS, 5, LINES, share=0.4), dt=1e-3)


def silenced(index, shift=LATE):
    def taken(x):
        late = x.roll(shift, 0)
        late[index] = 0
        return late

    return taken


def in_place(change):
    def taken(x):
        late = x.roll(LATE, 0)
        change(late)
        return late

    return taken


def last(taken):
    """Of time last."""
    return lambda x: taken(x.permute(1, 2, 0)).permute(2, 0, 1)


@pytest.mark.parametrize(
    "taken",
    [
        lambda x: x.roll(LATE, 0) * HERE,
        lambda x: HERE.float() * x.roll(LATE, 0),
        lambda x: torch.mul(x.roll(LATE, 0), HERE),
        lambda x: x.roll(LATE, 0).masked_fill(~HERE, 0),
        lambda x: x.roll(LATE, 0).masked_fill(mask=T < LATE, value=0.0),
        lambda x: torch.where(HERE, x.roll(LATE, 0), 0.0),
        lambda x: torch.where(T < LATE, torch.zeros_like(x), x.roll(LATE, 0)),
        lambda x: x.roll(LATE, 0).where(HERE, torch.tensor(0.0)),
        lambda x: torch.roll(x, shifts=(LATE,), dims=(0,)).clone() * HERE,
        last(lambda x: x.roll(LATE, -1) * (LAST >= LATE)),
        in_place(lambda late: late.mul_(HERE)),
        in_place(lambda late: late.masked_fill_(T < LATE, 0)),
        in_place(lambda late: (late.__setitem__(0, 0), late.__setitem__(slice(1, LATE), 0))),
        in_place(lambda late: [late.__setitem__(k, 0) for k in range(LATE)]),
        lambda x: x.roll(LATE, 0).index_fill(0, torch.arange(LATE), 0.0),
        lambda x: x.roll(LATE, 0).index_copy(0, torch.arange(LATE), torch.zeros_like(x[:LATE])),
        lambda x: x.roll(LATE, 0).index_put((torch.arange(LATE),), torch.tensor(0.0)),
        lambda x: x.roll(LATE, 0).slice_scatter(torch.zeros_like(x[:LATE]), 0, 0, LATE),
        in_place(lambda late: late.index_fill_(0, torch.arange(LATE), 0.0)),
        in_place(lambda late: [late.index_fill_(0, torch.tensor([k]), 0.0) for k in range(LATE)]),
        in_place(lambda late: late[:LATE].zero_()),
        in_place(lambda late: late[:LATE].fill_(0)),
        in_place(lambda late: late[:LATE].mul_(0)),
        in_place(lambda late: late[:LATE].copy_(torch.zeros_like(late[:LATE]))),
        in_place(lambda late: late.narrow(0, 0, LATE).zero_()),
        in_place(lambda late: late.transpose(0, 1)[:, :LATE].zero_()),
        in_place(lambda late: [late[k].zero_() for k in range(LATE)]),
        in_place(lambda late: late[:LATE].__setitem__(slice(None), 0)),
        in_place(lambda late: late.__setitem__(slice(LATE), late[:LATE].__imul__(0))),
    ],
)
def test_a_mask_makes_a_roll_a_delay(taken):
    (heard,) = converted(taken).graph.projections
    assert {*heard.synapses.as_list().delay.tolist()} == {LATE}


def test_a_mask_may_weigh_too():
    scales = torch.tensor([1.0, 0.5, 2.0, 0.25])
    plain, scaled = (
        converted(lambda x, w=w: x.roll(LATE, 0) * (HERE * w)).graph.projections[0].synapses.as_list()
        for w in (1.0, scales)
    )
    assert {*scaled.delay.tolist()} == {LATE}
    assert scaled.weight.tolist() == pytest.approx(plain.weight * scales.numpy()[plain.pre])


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        (silenced(slice(LATE, None)), "steps 3 .. 11 are set to 0, not 0 .. 2"),
        (silenced(slice(None, LATE - 1)), "steps 0 .. 1 are set to 0, not 0 .. 2"),
        (silenced(slice(None, LATE + 1)), "steps 0 .. 3 are set to 0, not 0 .. 2"),
        (silenced(slice(-LATE, None)), "steps 9 .. 11 are set to 0, not 0 .. 2"),
        (silenced([0, 5]), "other steps are set to 0, not 0 .. 2"),
        (lambda x: x.roll(LATE, 0) * (T < LATE), "steps 3 .. 11 are set to 0, not 0 .. 2"),
        (lambda x: x.roll(LATE, 0) * (T > LATE), "steps 0 .. 3 are set to 0, not 0 .. 2"),
        (lambda x: x.roll(LATE, 0).masked_fill(T >= LATE, 0), "steps 3 .. 11 are set to 0, not 0 .. 2"),
        (lambda x: x.roll(LATE, 0).index_fill(0, torch.tensor([0]), 0.0), "step 0 is set to 0, not 0 .. 2"),
        (in_place(lambda late: late[:2].zero_()), "steps 0 .. 1 are set to 0, not 0 .. 2"),
        (lambda x: torch.where(T > 0, x.roll(LATE, 0), 0.0), "step 0 is set to 0, not 0 .. 2"),
    ],
)
def test_other_steps_than_those_that_came_round_are_told(taken, said):
    with pytest.raises(InputError) as found:
        converted(taken)
    assert f"roll brings the last {LATE} steps round to the front, and {said}" in found.value.args[0]
    assert found.value.args[1] == SILENCE


@pytest.mark.parametrize(
    "taken",
    [
        lambda x: torch.where(HERE, x.roll(LATE, 0), 1.0),
        lambda x: torch.where(HERE, x.roll(LATE, 0), x),
        lambda x: x.roll(LATE, 0) * x,
        lambda x: x.roll(LATE, 0) * (HERE * (T + 1)),
        in_place(lambda late: (late.mul_(LATER), late.__setitem__(slice(None, LATE), 0))),
        in_place(lambda late: (late.sub_(1), late.__setitem__(slice(None, LATE), 0))),
    ],
)
def test_what_else_is_multiplied_or_chosen_is_refused(taken):
    with pytest.raises(InputError, match="roll is not followed: it takes the last steps in the place of"):
        converted(taken)


def test_a_roll_to_earlier_steps_that_is_masked_is_told():
    with pytest.raises(InputError, match=f"roll takes what comes up to {LATE} steps later"):
        converted(lambda x: x.roll(-LATE, 0) * (T < STEPS - LATE))


@pytest.mark.parametrize(
    ("taken", "said"),
    [
        (
            silenced(slice(LATE), -LATE),
            "steps 0 .. 2 are set to 0; the sign of the shift is the wrong way round",
        ),
        (
            lambda x: x.roll(-LATE, 0) * HERE,
            "steps 0 .. 2 are set to 0; the sign of the shift is the wrong way",
        ),
        (silenced(slice(LATE - 1), -LATE), "steps 0 .. 1 are set to 0"),
        (silenced([0, 5], -LATE), "other steps are set to 0"),
    ],
)
def test_a_roll_to_earlier_steps_whose_first_are_0_is_told_of_its_sign(taken, said):
    with pytest.raises(InputError) as found:
        converted(taken)
    cause, remedy = found.value.args
    assert f"roll by {-LATE} takes what comes {LATE} steps later, and {said}" in cause
    assert ("sign" in said) == ("sign" in cause)
    assert remedy.startswith(
        f"A delay of {LATE} steps is late = torch.roll(x, {LATE}, 0), then late[:{LATE}] = 0"
    )


def test_the_remedy_of_a_wrong_sign_names_the_dimension_of_time():
    with pytest.raises(InputError, match=r"A delay of 1 step is .*\(x, 1, 2\), then late\[:, :, :1\] = 0"):
        converted(last(lambda x: x.roll(-1, -1) * (LAST >= 1)))


def test_a_roll_once_round_is_a_delay():
    (heard,) = converted(silenced(slice(LATE), LATE - STEPS)).graph.projections
    assert {*heard.synapses.as_list().delay.tolist()} == {LATE}


def test_what_was_rolled_may_be_weighed_before_it_is_silenced():
    taken = in_place(lambda late: (late.mul_(2), late[:LATE].zero_()))
    plain, scaled = (
        converted(each).graph.projections[0].synapses.as_list() for each in (silenced(slice(LATE)), taken)
    )
    assert {*scaled.delay.tolist()} == {LATE}
    assert scaled.weight.tolist() == pytest.approx(2 * plain.weight)


@pytest.mark.parametrize(
    "taken",
    [
        in_place(lambda late: late[:LATE].fill_(1)),
        in_place(lambda late: late[:LATE, :, 1:].zero_()),
        in_place(lambda late: (late[:LATE].zero_(), late[1].add_(1))),
        in_place(lambda late: late[:LATE].copy_(late[LATE : 2 * LATE])),
        lambda x: torch.zeros_like(x).index_copy(0, (LAST - 1).clamp(min=LATE), x.roll(LATE, 0)),
    ],
)
def test_views_that_are_set_otherwise_are_refused(taken):
    with pytest.raises(InputError, match="cannot be followed"):
        converted(taken)
