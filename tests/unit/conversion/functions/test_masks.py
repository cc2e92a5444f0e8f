"""`where` and `masked_fill` with a mask that stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from changed_networks import Changed, X, check

from snnc.conversion.convert import from_torch
from snnc.errors import InputError

LINES = torch.tensor([True, False, True, True, False, True, False, True])
OUT = torch.arange(12) % 3 == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda x: torch.where(LINES, x, 0.0),
        lambda x: torch.where(LINES, x, torch.zeros_like(x)),
        lambda x: torch.where(LINES, 0.0, x),
        lambda x: x.where(LINES, torch.tensor(0.0)),
        lambda x: torch.where(LINES, x, x.flip(-1)),
        lambda x: torch.where(torch.tensor(False), x, 2 * x),
        lambda x: x.masked_fill(LINES, 0.0),
        lambda x: x.clone().masked_fill_(LINES, 0),
    ],
)
def test_masks_of_lines_of_the_input(change):
    network = check(Changed(lambda current: current, change))
    with torch.no_grad():
        one = change(torch.eye(8))  # what line k alone makes
    module = Changed(lambda current: current)
    (projection,) = network.graph.projections
    found = np.zeros((12, 8))
    synapses = projection.synapses.as_list()
    np.add.at(found, (synapses.post, synapses.pre), synapses.weight)
    np.testing.assert_allclose(found, (module.fc.weight @ one.T).detach().numpy(), atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: torch.where(OUT, c, 0.3),
        lambda c: torch.where(OUT, 0.3 * torch.arange(12.0), c),
        lambda c: c.masked_fill(OUT, 0.7),
        lambda c: c.masked_fill(OUT, -torch.inf).masked_fill(OUT, 0.5),
    ],
)
def test_masks_of_currents(change):
    """The constant that stands in the place of a current is a bias."""
    check(Changed(change))


def test_masks_that_depend_on_the_input():
    with pytest.raises(
        InputError, match=r"Changed\.forward \(line \d+ of changed_networks.py\) is a comparison"
    ):
        from_torch(Changed(lambda c: torch.where(c > 0.5, c, 0 * c)), X, dt=1e-3)


def test_masks_that_differ_from_step_to_step():
    steps = (torch.arange(15) % 2 == 0)[:, None, None]
    with pytest.raises(InputError, match="where is not followed: a constant differs by step or recording"):
        from_torch(Changed(lambda c: c, lambda x: torch.where(steps, x, 0.0)), X, dt=1e-3)
