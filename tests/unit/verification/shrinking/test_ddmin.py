"""The fewest items that a test needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnc.verification.shrinking.ddmin import fewest

pytestmark = pytest.mark.slow


@given(st.integers(0, 40), st.data(), st.sampled_from([1, 8, 64]))
def test_ddmin_keeps_what_is_needed_and_nothing_else(count, data, at_once):
    """For a monotone test the smallest selection is unique."""
    needed = set(data.draw(st.lists(st.integers(0, count - 1), unique=True))) if count else set()
    tried = []

    def still(selections):
        for kept in selections:
            tried.append(len(kept))
            if needed <= set(kept.tolist()):
                return kept
        return None

    assert fewest(count, still, at_once).tolist() == sorted(needed)
    assert len(tried) <= count * count + 3 * count + 2  # the bound of the paper


@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_ddmin_leaves_nothing_single_out_of_any_test(count, seed):
    """Whatever the test says: what is kept shows the fault, and without any one item it does not."""
    salt = np.random.default_rng(seed).integers(1, 2**31, count)

    def shows(kept) -> bool:
        return len(kept) == count or int(salt[kept].sum()) % 3 == 0

    kept = fewest(count, lambda selections: next((s for s in selections if shows(s)), None))
    assert shows(kept)
    assert not any(shows(np.delete(kept, at)) for at in range(len(kept)))
