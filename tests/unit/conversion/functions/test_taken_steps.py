"""Delays that gather clamps to the first step, with one product for all steps behind them."""

from __future__ import annotations

import re

import pytest
import snntorch
import torch
from torch import nn
from torch_networks import events, same_spikes

from snnc.conversion.convert import from_torch
from snnc.conversion.functions.nearest import TAKEN
from snnc.errors import InputError

NEURONS, LINES = 3, 5
LATE = torch.tensor([0, 3, 1, 2, 2])
STEPS = torch.arange(13)[:, None]


class Weighed(nn.Module):
    """Each line waits; then all steps are weighed at once."""

    def __init__(self, wait):
        super().__init__()
        self.wait, self.fc = wait, nn.Linear(LINES, NEURONS)
        self.lif = snntorch.Leaky(0.9, threshold=0.8)

    def forward(self, x):
        mem, spikes = self.lif.init_leaky(), []
        for current in self.fc(self.wait(x)):
            spk, mem = self.lif(current, mem)
            spikes.append(spk)
        return torch.stack(spikes)


AGAIN = "takes step 0 again where nothing has come"
ODD = "takes steps that are no delay: a step is missing, or taken twice"
SAID = (
    r"in Weighed\.forward \(line \d+ of test_taken_steps\.py\), "
    r"gather is not followed: it %s\n.*ask by t >= k, .*\* \(t >= k\)"
)


def clamped(x, late=LATE):
    """Before the first step it repeats this."""
    return x.gather(0, (STEPS - late).clamp(min=0)[:, None].expand(x.shape))


def masked(x, late=LATE):
    return clamped(x, late) * (late <= STEPS)[:, None]


INDEX, MASK = (STEPS - LATE).clamp(min=0)[:, None], (STEPS >= LATE)[:, None]


def recordings_first(x):
    index = (STEPS - LATE).clamp(min=0).expand(x.shape[1], -1, -1)
    return (x.transpose(0, 1).gather(1, index) * (STEPS >= LATE)).transpose(0, 1)


def between_two_steps(x):
    share = torch.tensor([0.5, 0.75, 0.25, 0.125, 0.5])
    return masked(x) * share + masked(x, LATE + 1) * (1 - share)


WHOLE = {(0, 0), (1, 3), (2, 1), (3, 2), (4, 2)}


@pytest.mark.parametrize(
    ("wait", "delays"),
    [
        (masked, WHOLE),
        (lambda x: clamped(x).masked_fill((STEPS < LATE)[:, None], 0), WHOLE),
        (lambda x: torch.where((STEPS >= LATE)[:, None], clamped(x), 0.0), WHOLE),
        (recordings_first, WHOLE),
        (lambda x: x.gather(0, INDEX.expand_as(x)) * (STEPS >= LATE)[:, None].type_as(x), WHOLE),
        (lambda x: x.gather(0, INDEX.expand(x.shape).flatten().view_as(x)) * MASK.to(x), WHOLE),
        (lambda x: x.gather(0, INDEX.expand(x.shape).flatten().reshape_as(x)) * MASK, WHOLE),
        (between_two_steps, WHOLE | {(0, 1), (1, 4), (2, 2), (3, 3), (4, 3)}),
    ],
    ids=[
        "multiplied",
        "filled",
        "where",
        "recordings first",
        "expand_as",
        "view_as",
        "reshape_as",
        "between two steps",
    ],
)
def test_clamped_steps_are_weighed_at_once(wait, delays) -> None:
    torch.manual_seed(1)
    module, example = Weighed(wait), events(13, 3, LINES, share=0.4)
    found = from_torch(module, example, dt=1e-3)
    assert [each.different + each.through for each in found.agreement] == [0]
    own = found.graph.projections[0].synapses.as_list()
    assert {*zip(own.pre.tolist(), own.delay.tolist(), strict=True)} == delays
    torch.manual_seed(5)
    same_spikes(module, events(13, 7, LINES, share=0.4), found.graph, (snntorch.Leaky,))


@pytest.mark.parametrize(
    "wait",
    [lambda x: x.gather(0, INDEX) * MASK, lambda x: x.gather(2, torch.tensor([4, 2, 0, 1, 3])[None, None])],
    ids=["steps", "lines"],
)
def test_an_index_of_fewer_recordings_is_told_to_be_expanded(wait) -> None:
    said = (
        r"gather is not followed: its index has the shape \[\d+, 1, 5\], and x \[13, 3, 5\]\nExpand the "
        r"index to the shape of x: torch\.gather\(x, 0, index\.expand\(x\.shape\)\)"
    )
    with pytest.raises(InputError, match=said):
        from_torch(Weighed(wait), events(13, 3, LINES), dt=1e-3)


def test_the_remedy_for_steps_that_are_no_delay_works_as_pasted() -> None:
    (formula,) = re.findall(r"torch\.gather\(.*\) \* \(t >= k\)", TAKEN)
    delayed = eval(f"lambda x, t, k: {formula}")
    t = torch.arange(13)[:, None, None]
    found = from_torch(Weighed(lambda x: delayed(x, t, LATE)), events(13, 3, LINES, share=0.4), dt=1e-3)
    own = found.graph.projections[0].synapses.as_list()
    assert {*zip(own.pre.tolist(), own.delay.tolist(), strict=True)} == WHOLE


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (clamped, AGAIN),
        (lambda x: clamped(x) * (STEPS > LATE)[:, None], "omits step 0"),
        (lambda x: clamped(x) * ((STEPS >= LATE) & (STEPS != 6))[:, None], ODD),
        (lambda x: clamped(x) * ((STEPS >= LATE) + (STEPS == 6).long())[:, None], ODD),
    ],
    ids=["no mask", "step 0 missing", "a step missing", "a step doubled"],
)
def test_steps_that_are_no_delay_are_told(wait, said) -> None:
    with pytest.raises(InputError, match=SAID % said):
        from_torch(Weighed(wait), events(13, 3, LINES), dt=1e-3)
