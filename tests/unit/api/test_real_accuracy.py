"""Labelled samples tell what quantising cost: the network in real numbers is at hand after `export`."""

from __future__ import annotations

import numpy as np
import pytest
from float_nets import dense, graph, lif

import snnc

X = np.zeros((4, 6, 2), np.uint8)
X[:2, :, 0] = X[2:, :, 1] = 1
LABELS = [0, 0, 1, 0]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Neuron 1 hears 0.3 of line 1 and -1 of line 0: as 2 bits, -1, 0 and 1, the 0.3 is 0.

    In real numbers line 1 makes it spike in step 3 (4 * 0.3 > 1), so samples 2 and 3 are class 1 and 3 of 4
    labels are right. In integers nothing spikes on line 1, which is class 0: samples 0, 1 and 3 are right.
    """
    network = snnc.Network(graph(lif(2), dense([1.0, 0.0], [-1.0, 0.3])), "two")
    return network.export("c", tmp_path_factory.mktemp("real") / "two.c", weight_bits=2)


def verified(exported, labels=LABELS):
    return exported.verify(X, ["hwsim"], labels=labels, generated=0, verbose=False)


def test_both_are_measured_on_the_same_samples(exported) -> None:
    found = verified(exported, [0, 0, 1, 1])
    assert found.accuracy == {"float": 1.0, "quantised": 0.5}
    assert "; accuracy float 100.0 % -> integers 50.0 % (2 of 4)" in repr(found)
    assert [each.lost for each in found.report.accuracy] == [0, 2]
    page = " ".join(found.path.read_text().split())
    assert "−50.00 points of accuracy, 100.00 % → 50.00 %" in page
    assert verified(exported).accuracy == {"float": 0.75, "quantised": 0.75}


def test_an_artifact_that_was_read_has_no_real_numbers(exported) -> None:
    found = verified(snnc.load(exported.path))
    assert found.accuracy == {"quantised": 0.75}
    assert "; accuracy integers 75.0 % (3 of 4)" in repr(found)


def test_the_call_that_repeats_gives_the_same_accuracy(exported) -> None:
    """Also in real numbers, which `load` does not have: then the call is of what the export returned."""
    for of in (exported, snnc.load(exported.path)):
        first = verified(of)
        call = first.report.command
        assert f"<code>{call.replace(chr(39), '&#39;')}</code>" in first.path.read_text()
        second = eval(call, {"snnc": snnc, "exported": exported, "x": X, "labels": LABELS})
        assert second.accuracy == first.accuracy
        assert second.report.command == call


def test_without_labels_nothing_is_measured(exported) -> None:
    assert "accuracy" not in repr(verified(exported, None))


def test_too_many_synapses_for_real_numbers_are_said(exported, monkeypatch) -> None:
    monkeypatch.setattr("snnc.api.inputs.MOST_SYNAPSES", 2)
    found = verified(exported)
    assert found.accuracy == {"quantised": 0.75}
    said = "the accuracy in real numbers was not measured (3 synapses, the limit is 2); export with data"
    assert any(note.startswith(said) for note in found.notes)


def test_labels_in_another_order_are_said(tmp_path) -> None:
    net = snnc.Network(graph(lif(2), dense([1.0, 0.0], [-1.0, 0.6])), "two").export("c", tmp_path / "two.c")
    x, swapped = np.tile(X, (3, 1, 1)), [1, 1, 0, 0] * 3
    found = net.verify(x, ["hwsim"], labels=swapped, generated=0, verbose=False)
    assert found.accuracy["quantised"] == 0.0
    said = (
        "another order than the network: 6 of 6 labelled 0 are taken for 1, 6 of 6 labelled 1 are taken for 0"
    )
    assert any(said in note for note in found.notes)
