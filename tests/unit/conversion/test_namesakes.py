"""Classes of one name, as a cell of a notebook makes when it runs again: each has its own converter."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from snnc.conversion.convert import from_torch
from snnc.conversion.neurons import CONVERTERS, Cell, converter
from snnc.errors import InputError


@pytest.fixture(autouse=True)
def _kept():
    kept = dict(CONVERTERS)
    yield
    CONVERTERS.clear()
    CONVERTERS.update(kept)


def defined(above: float) -> type[nn.Module]:
    """What a cell defines: each time another class of the same name."""

    class Half(nn.Module):
        def forward(self, x):
            return (x > above).float()

    return Half


def cell(above: float):
    return lambda module, name: Cell(
        name, {"keep_u": 0.0, "keep_v": 0.0, "threshold": above, "reset": "zero"}, time_dim=0
    )


def threshold_of(kind: type[nn.Module]) -> float:
    torch.manual_seed(1)
    example = (torch.rand(30, 5, 3) < 0.5).float()
    found = from_torch(nn.Sequential(nn.Linear(3, 4), kind()), example, dt=1e-3)
    assert all(not each.different for each in found.agreement)
    return float(found.graph.populations[-1].threshold[0])


def test_a_class_that_is_defined_again_is_not_converted_as_the_older_one():
    older, newer = defined(0.5), defined(0.25)
    converter(older)(cell(0.5))
    with pytest.raises(InputError, match=r"^Half: snnc\.converter was called for another class of the name"):
        threshold_of(newer)
    converter(newer)(cell(0.25))
    assert (threshold_of(older), threshold_of(newer)) == (0.5, 0.25)  # each by its own


def test_a_class_below_one_that_was_defined_again():
    class Below(defined(0.25)):
        pass

    converter(defined(0.5))(cell(0.5))
    with pytest.raises(InputError, match=r"^Below: .* another class of the name .*defined\.<locals>\.Half"):
        threshold_of(Below)
    converter(Below)(cell(0.25))
    assert threshold_of(Below) == 0.25


def test_a_full_name_is_of_all_classes_that_are_called_so():
    one, other = defined(0.5), defined(0.5)
    converter(f"{one.__module__}.{one.__qualname__}")(cell(0.5))
    assert threshold_of(one) == threshold_of(other) == 0.5
