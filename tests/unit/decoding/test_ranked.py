"""The two best classes of each sample, by scores that are written out."""

from __future__ import annotations

import numpy as np
import pytest

from snnc.decoding.ranked import ranked


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_the_best_and_the_next_of_equal_ones_the_first(dtype: type) -> None:
    found = ranked(np.array([[1, 5, 3], [2, 2, 2], [0, 4, 4], [-3, -1, -2]], dtype))
    assert found.classes.tolist() == [1, 0, 1, 1]
    assert found.scores.tolist() == [5, 2, 4, -1]
    assert found.second is not None
    assert found.second_scores is not None
    assert found.second.tolist() == [2, 1, 2, 2]
    assert found.second_scores.tolist() == [3, 2, 4, -2]
    assert found.scores.dtype == dtype


def test_of_one_class_there_is_no_second() -> None:
    found = ranked(np.array([[7], [9]]))
    assert (found.classes.tolist(), found.scores.tolist()) == ([0, 0], [7, 9])
    assert found.second is None
    assert found.second_scores is None
