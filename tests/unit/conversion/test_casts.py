"""Casts of what is weighted, and rounding: refused with a remedy, or harmless."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from changed_networks import Changed, Decoded, Placed, X, check, each_step

from snnc.errors import InputError


def into(kind, change):
    return lambda c: change(torch.zeros(c.shape, dtype=kind), c)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: (c * 3000).to(torch.int64).float(),
        lambda c: c.type(torch.int32).float(),
        lambda c: c.type_as(torch.zeros(1, dtype=torch.int16)).float(),
        lambda c: c.unsqueeze(0).sum(0, dtype=torch.int32).float(),
        into(torch.int32, lambda held, c: held.copy_(c).float()),
        lambda c: c.to(torch.bool).float(),
        lambda c: c.long().float(),
    ],
)
def test_casts_of_weighted_sums(change):
    with pytest.raises(InputError, match="which the type of the result does not hold\nLeave the cast out"):
        check(Changed(change))


def test_places_of_integers():
    placed = Placed(lambda a: each_step(torch.zeros(a.shape, dtype=torch.int32), a))
    with pytest.raises(InputError, match="which the type of the result does not hold\nLeave the cast out"):
        check(placed)
    check(Changed(lambda c: c, lambda x: x.to(torch.int64).float()))
    check(Decoded(lambda y: y.sum(0).to(torch.int32)))
    with pytest.raises(InputError, match="changes its numbers, which the type of the result"):
        check(Decoded(lambda y: y.mean(0).to(torch.int64)))
    with pytest.raises(InputError, match="changes its numbers, which the type of the result"):
        check(Decoded(lambda y: y.sum(0).to(torch.bool)))
    with pytest.raises(InputError, match="changes its numbers, which the type of the result"):
        check(Changed(lambda c: c, lambda x: x.to(torch.bool).float()), 3 * X)


@pytest.mark.parametrize("cast", ["long", "int", "bool"])
def test_casts_by_name(cast):
    check(Changed(lambda c: c, lambda x: getattr(x, cast)().float()))
    with pytest.raises(InputError, match="one-hot events"):
        check(Changed(lambda c: c, lambda x: F.one_hot(x.long(), 2)[..., 0].float()))


@pytest.mark.parametrize("mode", ["trunc", "floor"])
def test_divisions_that_round(mode):
    with pytest.raises(InputError, match=f"it rounds \\(rounding_mode='{mode}'\\)\nDivide without"):
        check(Changed(lambda c: torch.div(c, 0.5, rounding_mode=mode)))


def test_factors_of_differences():
    check(Changed(lambda c: torch.rsub(c, 3 * c, alpha=2)))
