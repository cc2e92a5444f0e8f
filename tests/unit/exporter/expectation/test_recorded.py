"""What an npz of recorded spikes must hold."""

from __future__ import annotations

import numpy as np
import pytest
from float_nets import dense, graph, lif

from snnc.errors import InputError
from snnc.exporter.expectation.held import Expect
from snnc.exporter.expectation.recorded import read_recorded

NET = graph(lif(4), dense([1.0, 2], [1, 0], [0, 1], [1, 1]), steps=6)
EVENTS, SPIKES = np.zeros((3, 6, 2)), np.zeros((3, 6, 4), bool)


def written(folder, **arrays):
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def test_what_is_read(tmp_path):
    """Of a grid of neurons, row by row."""
    events, spikes = EVENTS.copy(), SPIKES.reshape(3, 6, 2, 2).copy()
    events[1, 2, 1] = 5
    spikes[2, 4, 1, 0] = True
    found = read_recorded(written(tmp_path, input=events, a=spikes), NET, 5)
    assert found.name == "a.npz"
    assert np.argwhere(found.events).tolist() == [[1, 2, 1]]
    assert found.events[1, 2, 1] == 5
    assert np.argwhere(found.spikes["a"]).tolist() == [[2, 4, 2]]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"a": SPIKES}, "has no array `input`"),
        ({"input": EVENTS}, "has no spikes beside `input`; add those of a"),
        ({"input": EVENTS, "b": SPIKES}, "`b` is no population of the network; name a"),
        ({"input": EVENTS, "in": EVENTS}, "`in` is an input, whose events are in `input`"),
        ({"input": EVENTS[:, :5], "a": SPIKES}, r"`input` is \[3, 5, 2\], expected \[3, 6, 2\]"),
        ({"input": EVENTS, "a": SPIKES[:2]}, r"`a` is \[2, 6, 4\], expected \[3, 6, 4\]"),
        ({"input": EVENTS[0], "a": SPIKES[0]}, r"`input` is \[6, 2\], expected"),
        ({"input": EVENTS[:0], "a": SPIKES[:0]}, r"`input` is \[0, 6, 2\], expected"),
        ({"input": EVENTS + 2, "a": SPIKES}, r"`input` holds numbers that are not whole, 0\.\.1"),
        ({"input": EVENTS * np.nan, "a": SPIKES}, r"`input` holds numbers that are not whole, 0\.\.1"),
        ({"input": EVENTS, "a": SPIKES * 2 + 2}, "`a` holds .*; a neuron spikes once a step"),
    ],
)
def test_what_is_refused(arrays, said, tmp_path):
    with pytest.raises(InputError, match=said):
        read_recorded(written(tmp_path, **arrays), NET, 1)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"b\.npz: no such file; give an npz with `input`"):
        read_recorded(tmp_path / "b.npz", NET, 1)
    with pytest.raises(InputError, match=r"--expect .*a\.csv: give an npz"):
        read_recorded(tmp_path / "a.csv", NET, 1)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_an_impossible_share(share, tmp_path):
    with pytest.raises(InputError, match="--expect-at-least"):
        Expect(tmp_path, share).check()
