"""The table of kinds in docs/interop.md: each row is made anew."""

from __future__ import annotations

import pytest
from kinds.page import OURS, ROWS, hold, key, rows_of_page
from kinds.row import Row

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("row", OURS, ids=lambda row: f"{row.of}: {row.kind}")
def test_a_row(row: Row) -> None:
    hold(row)


def test_the_table_has_all_rows_in_order() -> None:
    kinds = [each.key for each in ROWS]
    assert len(set(kinds)) == len(kinds) > 150
    assert [key(line) for line in rows_of_page()] == kinds
