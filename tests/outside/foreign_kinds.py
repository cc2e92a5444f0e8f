"""Rows of the table of kinds in docs/interop.md that need sinabs and Rockpool."""

from __future__ import annotations

import pytest
from kinds.page import FOREIGN, hold
from kinds.row import Row


@pytest.mark.parametrize("row", FOREIGN, ids=lambda row: f"{row.of}: {row.kind}")
def test_a_row(row: Row) -> None:
    hold(row)
