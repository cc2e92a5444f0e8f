"""A softmax of each step in a loop, and then a stack of all: it is the softmax of all steps."""

import pytest
import torch
from changed_networks import Membrane, check

from snnc.errors import InputError

ALL = "Stack all steps, take their softmax, and sum over time"
NO_LOG = "Leave log_softmax out, and sum over time: a sum over time has the same classes without it"


def each(v):
    return [step.softmax(-1) for step in v]


def logs(v):
    return [step.log_softmax(-1) for step in v]


def chunks(v):
    return torch.cat([part.softmax(-1) for part in v.split(4)]).sum(0)


def grown(v):
    first, *others = each(v)
    made = first[None]
    for step in others:
        made = torch.cat([made, step[None]])
    return made.sum(0)


def filled(v):
    made = torch.zeros_like(v)
    for at, step in enumerate(each(v)):
        made[at] = step
    return made.sum(0)


@pytest.mark.parametrize(
    "read",
    [
        lambda v: torch.stack(each(v)).sum(0),
        lambda v: torch.stack(each(v), 1).sum(1),
        lambda v: torch.stack(each(v), 1).mean(1),
        lambda v: torch.stack(each(v), 2).sum(2),
        lambda v: torch.stack(each(v)),
        lambda v: torch.cat([step[:, None] for step in each(v)], 1).sum(1),
        lambda v: torch.cat([step[None].softmax(-1) for step in v]).mean(0),
        lambda v: torch.vstack([step[None] for step in each(v)]).sum(0),
        chunks,
        grown,
        filled,
        lambda v: each(v),
    ],
)
def test_it_is_the_softmax_of_all_steps(read):
    found = check(Membrane(read))
    assert [each.decoder for each in found.graph.readouts] == ["softmax"]


@pytest.mark.parametrize(
    ("read", "said", "remedy"),
    [
        (lambda v: torch.stack([step / 2 for step in each(v)]).sum(0), "or changed ones", ALL),
        (lambda v: torch.stack([step.softmax(-1) for step in each(v)]).sum(0), "or changed ones", ALL),
        (lambda v: torch.stack([v[0], *each(v)[1:]]).sum(0), "of a softmax with others", ALL),
        (lambda v: torch.cat([s[None] for s in [v[0], *each(v)[1:]]]).sum(0), "softmax with others", ALL),
        (lambda v: torch.stack([0 * v[0], *each(v)[1:]]).sum(0), "of a softmax with others", ALL),
        (lambda v: torch.stack(logs(v)).sum(0), "stacks the logarithm of each step's softmax", NO_LOG),
        (lambda v: torch.cat([s[None] for s in logs(v)]).sum(0), "the logarithm of each step's", NO_LOG),
        (lambda v: v.log_softmax(-1).sum(0), "takes the logarithm of each step's softmax", NO_LOG),
        (lambda v: sum(logs(v)), "it adds scores of a softmax", NO_LOG),
        (lambda v: v.softmax(-1).softmax(-1).sum(0), "it takes a softmax of a softmax", "Take it once"),
        (lambda v: torch.stack([each(v)[0], *each(v)[:-1]]).sum(0), "0 and .* are not the same", None),
    ],
)
def test_others_are_told(read, said, remedy):
    with pytest.raises(InputError, match=said) as told:
        check(Membrane(read))
    assert remedy is None or told.value.args[1].startswith(remedy)


def test_a_sum_of_logarithms_has_the_classes_that_the_remedy_says():
    with torch.no_grad():
        v = torch.randn(9, 50, 4, generator=torch.Generator().manual_seed(1))
        assert torch.equal(v.log_softmax(-1).sum(0).argmax(-1), v.sum(0).argmax(-1))
    check(Membrane(lambda v: v.sum(0)))
