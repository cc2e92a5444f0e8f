"""That a class has few recordings is told where they train, not where they are loaded, to be classified."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from order_task import order_task

import snnc
from snnc.errors import UnlikelyWarning
from snnc.trainer.data import save_events_npz

TOLD = "class 'early' has a single recording: add recordings to train, validate and test with"


@pytest.fixture
def path(tmp_path):
    """Recordings of which one is of a class of its own."""
    data = order_task(60)
    first = int(np.flatnonzero(data.speaker == data.speaker[0])[0])
    labels = np.where(np.arange(60) == first, 0, 1 + data.labels)
    save_events_npz(
        snnc.from_events(*_lists(data), labels, tick_s=0.001, lines=6, classes=["early", "a", "b"]),
        tmp_path / "few.npz",
    )
    return tmp_path / "few.npz"


def _lists(data):
    parts = [slice(*pair) for pair in zip(data.offsets[:-1], data.offsets[1:], strict=True)]
    return [data.times[part] for part in parts], [data.units[part] for part in parts]


def test_loading_says_nothing_and_training_does(path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = snnc.load_data(path)
    assert any(TOLD in note for note in data.notes)
    with pytest.warns(UnlikelyWarning, match=TOLD), pytest.raises(snnc.SnncError):
        snnc.train(data, epochs=1, verbose=False)
