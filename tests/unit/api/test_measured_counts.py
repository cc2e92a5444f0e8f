"""To measure or fine-tune a network whose input takes counts: what is advised works, word by word."""

from __future__ import annotations

import warnings

import nir
import numpy as np
import pytest
import torch
from counts import LABELS, X, network_of_counts, written
from float_nets import dense, graph, lif

import snnc
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning

MORE, MORE_LABELS = X[[0, 2, 0, 2, 0]], LABELS[[0, 2, 0, 2, 0]]
"""As many as fine-tuning takes."""
QUICK = {"executors": ["hwsim"], "generated": 0, "verbose": False}


@pytest.fixture(scope="module")
def network() -> snnc.Network:
    return network_of_counts()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_drop": 1}, "of counts, a file: "),
        ({"data": X}, "counts as the path of a file: "),
        ({"data": torch.tensor(X), "max_drop": 1}, "counts as the path of a file: "),
        ({"data": X.tolist(), "budget": True}, "counts as the path of a file: "),
    ],
)
def test_to_measure_on_counts_a_file_is_advised_that_works(given, said, network, tmp_path, monkeypatch):
    """The advice is done, word by word: `from_arrays` takes no counts."""
    with pytest.raises(InputError) as refused:
        network.export("c", tmp_path / "net.c", **given)
    monkeypatch.chdir(tmp_path)
    call = str(refused.value).partition(said)[2].partition(" with x")[0]
    exec(call.replace("...", "0.001"), {"numpy": np, "x": X, "labels": LABELS})
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnlikelyWarning)
        made = network.export("c", tmp_path / "net.c", **{**given, "data": "counts.npz"})
    assert made.verify("counts.npz", **QUICK).report.costs.loss.stages[-1].correct == 4


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "holds counts"),
        ({"labels": np.array(["1", "0", "1", "0", "1"])}, "holds counts"),
        ({"classes": np.array(["1", "0"])}, "holds counts"),
        ({"labels": None}, "has no labels"),
        ({"labels": None, "spikes": MORE > 0}, "has no labels"),
    ],
)
def test_a_file_that_finetune_does_not_take_is_answered_with_the_call_that_works(
    more, why, network, tmp_path, monkeypatch
):
    """The call is done, word by word."""
    monkeypatch.chdir(tmp_path)
    given = {"spikes": MORE, "labels": MORE_LABELS, "dt": 0.001, **more}
    np.savez("counts.npz", **{name: array for name, array in given.items() if array is not None})
    with pytest.raises(InputError, match=f"^data: counts.npz {why}; finetune takes its arrays: ") as refused:
        snnc.finetune(network, "counts.npz", target="c", epochs=1, verbose=False)
    call = str(refused.value).partition("takes its arrays: ")[2].replace(", then ", "\nfound = ")
    known = {"numpy": np, "net": network, "finetune": snnc.finetune}
    exec(call.replace("...", "target='c', epochs=1, verbose=False"), known)
    assert (known["found"].finetuned.accuracy is None) is (why == "has no labels")


def test_counts_in_other_steps_are_not_finetuned_as_arrays(network, tmp_path):
    path = written(tmp_path / "slow.npz", dt=0.002)
    with pytest.raises(
        InputError, match=r"holds counts in steps of 0\.002 s, the network has steps of 0\.001"
    ):
        snnc.finetune(network, path, target="c", verbose=False)


def test_of_an_array_of_counts_test_names_who_tells_their_accuracy(network, tmp_path):
    exported = network.export("c", tmp_path / "two.c")
    with pytest.raises(InputError, match=r"give counts to an export: its verify\(x, labels=labels\) tells"):
        snnc.test(exported, X)
    with pytest.raises(InputError, match=r"give snnc\.from_arrays\(x, labels, dt=0\.001\), with the class"):
        snnc.test(exported, X > 0)


def test_recordings_of_0_and_1_measured_for_counts_are_told(network, tmp_path):
    """As arrays or as a file; not those that hold a count above 1, nor for an input of 0 and 1."""
    said = r"largest value of the recordings measured is 1, the network's input takes 0 \.\. 3: if"
    lossy = written(tmp_path / "lossy.npz", spikes=X > 0)
    for number, data in enumerate((snnc.from_arrays(X > 0, LABELS, dt=0.001), lossy)):
        with pytest.warns(UnlikelyWarning, match=said):
            made = network.export("c", tmp_path / f"{number}.c", data=data, budget=True, verbose=False)
        assert made.artifact.manifest["provenance"]["measured_doubt"] == "no value above 1"
    ones = snnc.Network(graph(lif(2), dense([0.5, 0.0], [0.0, 0.5])), "ones")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnlikelyWarning)
        network.export("c", tmp_path / "counts.c", data=written(tmp_path / "counts.npz"), budget=True)
        ones.export("c", tmp_path / "ones.c", data=lossy, budget=True)


def test_the_command_tells_them_too(tmp_path, capsys):
    nodes = {
        "input": nir.Input({"input": np.array([2])}),
        "fc": nir.Linear(np.eye(2)),
        "lif": nir.IF(r=np.ones(2), v_threshold=np.ones(2)),
        "back": nir.Linear(-np.eye(2)),
        "output": nir.Output({"output": np.array([2])}),
    }
    edges = [("input", "fc"), ("fc", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")]
    nir.write(tmp_path / "net.nir", nir.NIRGraph(nodes, edges))
    command = ["export", str(tmp_path / "net.nir"), "--dt", "0.001", "--time-steps", "6", "--target", "c"]
    command += ["--reset", "zero", "--fires", "above"]
    for number, (spikes, most) in enumerate(((X > 0, 1), (X > 0, 3), (X, 3))):
        data = ["--dataset", str(written(tmp_path / f"{number}.npz", spikes=spikes))]
        out = ["-o", str(tmp_path / f"{number}.c"), "--payload-max", str(most)]
        assert main([*command, *data, *out]) == 0
        said = "largest value of the recordings measured is 1, the network's input takes 0 .. 3"
        assert (said in " ".join("".join(capsys.readouterr()).split())) is (number == 1)
