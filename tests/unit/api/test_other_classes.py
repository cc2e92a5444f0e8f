"""Of recordings of which some have a class that the network lacks all are compared, the others judged."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc
from snnc.errors import UnlikelyWarning
from snnc.trainer.data.event_files import save_events_npz

RNG = np.random.default_rng(3)
X = (RNG.random((60, 9, 4)) < 0.3).astype(np.uint8)
X[:, :, 0] = np.arange(60)[:, None] % 2
OTHER = np.where(np.arange(60) < 6, 2, np.arange(60) % 2)


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> list[snnc.Exported]:
    """One that snnc trained, and one that it did not, each of the classes off and on."""
    folder = tmp_path_factory.mktemp("networks")
    data = snnc.from_arrays(X, np.arange(60) % 2, dt=0.002, classes=["off", "on"], name="switch")
    trained = snnc.train(data, hidden=[4], epochs=2, verbose=False, quantise_epochs=0)
    integers = replace(graph(lif(4), dense(*np.eye(4).tolist()), steps=9), bin_s=0.002)
    named = tuple(replace(each, class_names=("off", "on", "x", "y")) for each in integers.readouts)
    other = snnc.Network(replace(integers, readouts=named), "other")
    return [trained.export("c", folder / "own", budget=False), other.export("c", folder / "other")]


def verified(exported: snnc.Exported, *x: object, **options: object) -> snnc.Verified:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnlikelyWarning)
        return exported.verify(
            *x, executors="hwsim", generated=0, allow_missing=True, verbose=False, **options
        )


def test_they_are_compared_and_the_others_judged(
    networks: list[snnc.Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = snnc.from_arrays(X, OTHER, dt=0.002, classes=["on", "off", "broken"], name="more")
    save_events_npz(data, Path("more.npz"))
    for exported in networks:
        names = np.array(exported.graph.readouts[0].class_names)
        right = int((names[exported.predict(X)] == np.array(["on", "off", "broken"])[OTHER]).sum())
        for found in (
            verified(exported, data=data),
            verified(exported, data="more.npz"),
            verified(exported, data),
            verified(exported, data, samples=3),
        ):
            assert found.report.inputs["input"] == (3 if "samples" in found.report.command else 60)
            told = found.report.accuracy[-1]
            assert (told.stage, told.split, told.correct, told.total) == ("quantised", "input", right, 54)
            assert "6 of 60 labels are not compared: the network has no class called broken" in found.notes
            assert "data=" in found.report.command


def test_if_the_network_has_none_of_their_classes_no_accuracy_is_told(networks: list[snnc.Exported]) -> None:
    data = snnc.from_arrays(X, OTHER, dt=0.002, classes=["a", "b", "c"])
    for exported in networks:
        found = verified(exported, data)
        assert found.report.inputs["input"] == 60
        assert found.accuracy == {}
        assert any(each.startswith("none of the 60 labels is a class of the network") for each in found.notes)


def test_all_with_a_class_are_judged_also_if_they_are_those_of_training(
    networks: list[snnc.Exported],
) -> None:
    """They are not divided again, as those of training alone would be."""
    more, labels = np.concatenate([X, X[:6]]), np.concatenate([np.arange(60) % 2, np.full(6, 2)])
    data = snnc.from_arrays(more, labels, dt=0.002, classes=["off", "on", "?"], name="partly")
    for exported in networks:
        found = verified(exported, data)
        assert {(each.split, each.total) for each in found.report.accuracy} == {("input", 60)}
        assert found.report.inputs["input"] == 66
    own = " ".join(verified(networks[0], data).notes)
    assert "not those of switch, which the model was trained on; accuracy is of 60, and " in own


def test_recordings_as_x_are_those_of_data(networks: list[snnc.Exported]) -> None:
    data = snnc.from_arrays(X, OTHER % 2, dt=0.002, classes=["off", "on"], name="same")
    for exported in networks:
        one, other = verified(exported, data), verified(exported, data=data)
        assert one.report.inputs == other.report.inputs
        assert one.accuracy == other.accuracy != {}
        assert one.notes == other.notes


def test_no_label_is_no_number(networks: list[snnc.Exported]) -> None:
    """Of a network whose classes are numbers: "?" has a number, too, in the file."""
    integers = replace(
        networks[1].graph,
        readouts=tuple(replace(each, class_names=tuple("0123")) for each in networks[1].graph.readouts),
    )
    exported = snnc.Network(integers, "numbers").export("c", networks[1].path.with_name("numbers"))
    found = verified(exported, snnc.from_arrays(X, OTHER, dt=0.002, classes=["0", "1", "?"]))
    assert {each.total for each in found.report.accuracy} == {54}
    assert "6 of 60 samples have no label" in found.notes
    found = verified(exported, snnc.from_arrays(X, np.zeros(60, int), dt=0.002, classes=["?", "0"]))
    assert "60 of 60 samples have no label" in found.notes
    assert found.accuracy == {}
