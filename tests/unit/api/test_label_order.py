"""Labels in another order than the network's classes are said before they train it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc
from snnc.api import label_order
from snnc.errors import InputError, UnlikelyWarning

NET = snnc.Network(graph(lif(2), dense([1.0, 0.0], [-1.0, 0.6])), "two")
"""Neuron 0 spikes on line 0 alone, neuron 1 on line 1 alone; the classes are "0" and "1"."""
COUNT = 30
X = np.zeros((COUNT, 6, 2), np.uint8)
RIGHT = np.arange(COUNT) % 2
X[RIGHT == 0, :, 0] = X[RIGHT == 1, :, 1] = 1
SAID = (
    "^the labels seem to number the classes in another order than the network: 15 of 15 labelled 0 are "
    "taken for 1, 15 of 15 labelled 1 are taken for 0; the network has 0 0, 1 1: use its numbers, or labels"
)


def tuned(labels=None, data=X):
    return snnc.finetune(NET, data, labels, target="c", epochs=1, verbose=False)


def test_exchanged_labels_are_warned_of_at_the_line_of_the_user() -> None:
    with pytest.warns(UnlikelyWarning, match=SAID) as found:
        tuned(1 - RIGHT)
    assert found[0].filename == __file__


def test_it_is_said_before_training(monkeypatch) -> None:
    monkeypatch.setattr("snnc.api.finetuning.finish", lambda *given: pytest.fail("trained"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnlikelyWarning, match=SAID):
            tuned(1 - RIGHT)


def test_recordings_whose_labels_are_numbers_are_looked_at_too() -> None:
    data = snnc.from_arrays(X, 1 - RIGHT, dt=NET.model.bin_s)
    with pytest.warns(UnlikelyWarning, match="the labels seem to number the classes in another order"):
        tuned(data=data)


def test_of_many_samples_some_are_asked(monkeypatch) -> None:
    """24 train, of which every sixth is looked at: 4, beside the 6 that validate."""
    monkeypatch.setattr(label_order, "MOST", 4)
    asked, real = [], label_order.answers
    monkeypatch.setattr(label_order, "answers", lambda net, x: asked.append(len(x)) or real(net, x))
    tuned(RIGHT)
    assert asked == [4]


@pytest.mark.parametrize("labels", [RIGHT, None, np.ones(COUNT, int), np.array(["0", "1"])[RIGHT]])
def test_nothing_is_said_of_other_labels(labels) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tuned(labels)


def test_recordings_are_labelled_by_the_names_of_their_classes() -> None:
    """Class "1" is the first class of the recordings, and the second of the network."""
    data = snnc.from_arrays(X, 1 - RIGHT, dt=NET.model.bin_s, classes=["1", "0"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tuned(data=data).finetuned.accuracy == (1.0, 1.0)


def test_recordings_of_a_class_that_the_network_lacks_are_refused() -> None:
    from dataclasses import replace

    (readout,) = NET.model.readouts
    named = replace(
        NET, model=replace(NET.model, readouts=(replace(readout, class_names=("left", "right")),))
    )
    data = snnc.from_arrays(X, RIGHT, dt=NET.model.bin_s, classes=["left", "up"])
    with pytest.raises(
        InputError, match="data: arrays: labels has the class 'up', the network has 'left', 'right'"
    ):
        snnc.finetune(named, data, target="c", epochs=1, verbose=False)
