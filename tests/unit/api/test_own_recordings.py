"""Recordings of arrays for a network that snnc did not train: `export` and `verify` take them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from float_nets import dense, graph, lif

import snnc
from snnc.errors import InputError

X = np.zeros((4, 6, 2), np.uint8)
X[:2, :, 0] = X[2:, :, 1] = 1
LABELS = [0, 0, 1, 1]


@pytest.fixture(scope="module")
def network():
    """As 2 bits the weight of 0.3 is 0: line 1 is class 1 in real numbers, and class 0 in integers."""
    return snnc.Network(graph(lif(2), dense([1.0, 0.0], [-1.0, 0.3])), "two")


def recordings(x=X, labels=LABELS, dt=0.001):
    return snnc.from_arrays(x, labels, dt=dt)


def test_a_loss_budget_is_of_recordings_of_arrays(network, tmp_path) -> None:
    exported = network.export("c", tmp_path / "two.c", weight_bits=2, data=recordings(), budget=True)
    found = exported.verify(data=recordings(), executors=["hwsim"], generated=0, verbose=False)
    budget = found.report.costs.loss
    assert (budget.recordings.used, budget.recordings.available) == (4, 4)
    assert [budget.stages[0].correct, budget.stages[-1].correct] == [4, 2]
    assert found.accuracy == {"float": 1.0, "quantised": 0.5}
    assert found.report.inputs["input"] == 4
    np.savez(tmp_path / "own.npz", spikes=X, labels=LABELS, dt=0.001)
    for path in (tmp_path / "own.npz", str(tmp_path / "own.npz")):
        again = exported.verify(data=path, executors=["hwsim"], generated=0, verbose=False)
        assert again.accuracy == found.accuracy
        assert again.report.inputs == found.report.inputs
    with pytest.raises(InputError, match=r"none\.npz: no such file"):
        exported.verify(data=tmp_path / "none.npz")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (lambda: recordings(X[:, :, :1]), "data: arrays has 1 lines, the network takes 2 a step"),
        (lambda: recordings(X[:, :5]), "data: arrays has 5 steps, the network takes 6; add silent steps at"),
        (lambda: recordings(np.tile(X, (1, 2, 1))), "data: arrays has 12 steps, .* takes 6; cut the steps"),
        (lambda: recordings(labels=[0, 1, 2, 0]), r"data: arrays: labels\[2\] is 2; classes are .* 0..1"),
    ],
)
def test_recordings_that_do_not_fit_are_refused(network, tmp_path, data, said) -> None:
    with pytest.raises(InputError, match=said):
        network.export("c", tmp_path / "two.c", data=data())
    assert not (tmp_path / "two.c").exists()


@pytest.mark.parametrize(("data", "kind"), [(X, "ndarray"), (torch.tensor(X), "Tensor")])
def test_arrays_are_told_to_be_made_recordings(network, tmp_path, data, kind) -> None:
    """With a call that can be copied: what it makes is taken, of tensors too."""
    with pytest.raises(InputError) as raised:
        network.export("c", tmp_path / "two.c", data=data)
    call = f"snnc.from_arrays(x, labels, dt={network.model.bin_s:g})"
    said = f"data: is {kind} of shape (4, 6, 2), no recordings; give {call}, with the class of each sample"
    assert str(raised.value) == said
    made = eval(call, {"snnc": snnc, "x": data, "labels": LABELS})
    network.export("c", tmp_path / "two.c", data=made)


def test_what_is_no_array_has_no_such_remedy(network, tmp_path) -> None:
    with pytest.raises(InputError, match=r"^data: is 3; give recordings, a name or a path$"):
        network.export("c", tmp_path / "two.c", data=3)
