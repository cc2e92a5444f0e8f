"""A run knows the labels of what it was given, and tells them in the picture of the readout."""

from __future__ import annotations

import numpy as np
import pytest
from models import tiny_model
from spike_counters import spike_counter

import snnc
from snnc.trainer.data import save_events_npz


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return snnc.Network(tiny_model(), "tiny").export("c", tmp_path_factory.mktemp("api") / "tiny.c")


def recordings(exported, labels, classes):
    lines = exported.graph.inputs
    return snnc.from_events([[0.0]] * 3, [[0]] * 3, labels, tick_s=1, lines=lines, classes=classes)


def spoken(run, sample: int, **label) -> str:
    return next(
        text for text in run.plot_readout(sample, **label)._repr_html_().split('"') if "predicted" in text
    )


def test_labels_of_recordings_and_of_their_file_are_told(exported, tmp_path) -> None:
    names = exported.graph.readouts[0].class_names
    data = recordings(exported, [1, 0, 1], names)
    save_events_npz(data, tmp_path / "events.npz")
    for given in (data, tmp_path / "events.npz"):
        run = exported.run(given)
        assert run.labels.tolist() == [1, 0, 1]
        assert f"; label {names[1]}, predicted " in spoken(run, 2)
        assert f"; label {names[0]}, predicted " in spoken(run, 2, label=0)


def test_a_class_that_the_network_lacks_is_unknown(exported) -> None:
    names = exported.graph.readouts[0].class_names
    run = exported.run(recordings(exported, ["other", names[1], names[0]], (*names, "other")))
    assert run.labels.tolist() == [-1, 1, 0]
    assert "; label unknown, predicted " in spoken(run, 0)
    assert f"; label {names[1]}, predicted " in spoken(run, 1)


def test_where_nothing_tells_labels_there_are_none(exported) -> None:
    frames = np.zeros((2, exported.graph.time_steps, exported.graph.inputs), np.uint8)
    for given in (frames, recordings(exported, None, None)):
        run = exported.run(given)
        assert run.labels is None
        assert "; label unknown, predicted " in spoken(run, 0)


def test_of_a_network_that_nobody_trained_here(tmp_path) -> None:
    made = snnc.Network(spike_counter(), "counter").export("c", tmp_path / "counter.c")
    data = snnc.from_events([[0.0]] * 3, [[0]] * 3, [1, 2, 0], tick_s=1, lines=3)
    assert made.run(data).labels.tolist() == [1, 2, 0]
