"""Tensors and rows that numpy makes no array of are refused by their argument's name."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import snnc
from snnc.errors import InputError

X = np.zeros((2, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": torch.zeros(2, 5, 3).to_sparse()}, "x: is no array .*; give an array or a dense tensor"),
        ({"labels": torch.zeros(2, dtype=torch.bfloat16)}, "labels: is no array .*; give a whole number for"),
        ({"labels": [[0], [0, 1]]}, "labels: are rows of unequal lengths; give a whole number for"),
        (
            {"speaker": torch.zeros(2, dtype=torch.bfloat16)},
            "speaker: is no array .*; give a whole number",
        ),
        ({"x": np.ma.masked_equal(X, 0)}, "x: some values are masked; put numbers in their place"),
        ({"labels": [0, np.ma.masked]}, "labels: some values are masked"),
        ({"speaker": [["a"], ["b", "c"]]}, "speaker: are rows of unequal lengths; give a whole number or"),
    ],
)
def test_what_is_no_array_is_refused(change, said) -> None:
    with pytest.raises(InputError, match=said):
        snnc.from_arrays(**{"x": X, "labels": [0, 1], "dt": 0.001, **change})


def test_a_mask_that_covers_nothing_is_nothing() -> None:
    assert len(snnc.from_arrays(np.ma.masked_equal(X, 7), [0, 1], dt=0.001)) == 2


def test_labels_and_speakers_one_after_the_other() -> None:
    found = snnc.from_arrays(X, (each for each in [1, 0]), dt=0.001, speaker=(each for each in "ab"))
    assert (found.labels.tolist(), found.speaker_names) == ([1, 0], ("a", "b"))
    assert len(snnc.from_arrays(torch.zeros(2, 5, 3, dtype=torch.bfloat16), [0, 1], dt=0.001)) == 2
