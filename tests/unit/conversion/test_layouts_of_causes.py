"""Beside a cause that makes every spike the example was read rightly: no other layout is looked for."""

from __future__ import annotations

import pytest
from slips_of_cells import error_of

from snnc.conversion.own_time import Sure


@pytest.mark.parametrize(
    ("slip", "sure"), [({"keep_v": 0.9}, True), ({"keep_v": 0.9, "threshold": 1.3, "keep_u": 0.3}, False)]
)
def test_the_remedy_holds_however_the_example_was_read(slip: dict[str, object], sure: bool) -> None:
    assert isinstance(error_of(slip)[-1], Sure) is sure
