"""Adam as torch has it, without the import of torch's compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from snnc.trainer.optimizers import Adam


def trained(kind: type[torch.optim.Adam]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Two parameters and their moments after ten steps, between which the state was stored and loaded."""
    random = torch.Generator().manual_seed(1)
    weights = torch.randn(5, 7, generator=random).requires_grad_()
    norms = torch.randn(3, generator=random).requires_grad_()
    groups = [{"params": [weights], "weight_decay": 0.1}, {"params": [norms], "weight_decay": 0.0}]
    optimizer = kind(groups, lr=0.01)
    for step in range(10):
        optimizer.zero_grad()
        ((weights**2).sum() * norms.exp().sum()).backward()
        optimizer.step()
        if step == 4:
            state = optimizer.state_dict()
            optimizer = kind(groups, lr=0.5)
            optimizer.load_state_dict(state)
    moments = [values for each in optimizer.state.values() for values in each.values()]
    return [weights.detach(), norms.detach()], moments


def test_it_computes_what_that_of_torch_does() -> None:
    (ours, our_moments), (theirs, their_moments) = trained(Adam), trained(torch.optim.Adam)
    for one, other in zip(ours + our_moments, theirs + their_moments, strict=True):
        assert torch.equal(one, other)
    assert len(our_moments) == 6


STEP = """
import sys, torch
from snnc.trainer.optimizers import Adam
values = torch.ones(2, requires_grad=True)
optimizer = Adam([values])
values.sum().backward()
optimizer.step()
optimizer.zero_grad()
optimizer.load_state_dict(optimizer.state_dict())
print(values.tolist() != [1, 1], "torch._dynamo" in sys.modules)
"""


@pytest.mark.slow
def test_no_compiler_is_imported() -> None:
    said = subprocess.run([sys.executable, "-c", STEP], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "False"]
