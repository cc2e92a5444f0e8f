"""A network that is no chain, from its training to the comparison of its executors."""

import json

import pytest
from order_task import own_run

import snnc
from snnc.cli import main

FIELDS = {
    "convolutions": ["4x3"],
    "recurrence": "axon",
    "neuron": "silif",
    "epochs": 3,
    "finetune_epochs": 1,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("graph")
    mine = own_run(place, **FIELDS)
    assert main(["train", str(mine), "-o", str(place / "model.pt")]) == 0
    return place


def test_the_command_line_goes_all_the_way(folder, capsys):
    model, artifact = str(folder / "model.pt"), str(folder / "net.c")
    assert not (folder / "model.pt.checkpoint").exists()
    assert main(["inspect", model]) == 0
    said = capsys.readouterr().out
    assert "version 3" in said
    assert "projection hidden1 -> hidden1: 100 synapses" in said
    assert "projection input -> conv1: 48 synapses" in said
    assert main(["test", model]) == 0
    assert capsys.readouterr().out.startswith("finished")
    assert main(["export", model, "--target", "c", "-o", artifact, "--allow-saturation"]) == 0
    # Its training said "int8: kept as it was before this phase", with all of validation right before it.
    assert "weights   8 bits, as training rounded them before its int8 phase" in capsys.readouterr().out
    record = json.loads((folder / "net.c" / "manifest.json").read_text())["provenance"]
    assert record["finished_in_integers"] is True
    assert record["phases_without_gain"] == ["int8"]
    assert record["validation_accuracy_in_training"].keys() >= {"gaussian", "final", "int8_final"}
    assert main(["test", artifact]) == 0
    *told, note, folds = capsys.readouterr().out.splitlines()
    assert folds.startswith("note: folds test each source in turn")
    assert "recordings of 2 sources (field `speaker`: 8, 9)" in note
    *lines, explained = told
    stages = [line[: line.index("%")].rsplit(maxsplit=1)[0] for line in lines]
    assert stages == ["finished", "quantised only", "quantised"]
    assert explained.startswith("note: quantised only is ")
    options = ["--samples", "4", "--generated", "0", "--executors", "hwsim,c"]
    assert main(["verify", artifact, *options]) == 0
    assert main(["check", model, "--target", "c", "--target", "loihi"]) in (0, 1)


def test_python_does_the_same(folder):
    network = snnc.load(folder / "model.pt")
    assert [name for name, _, _ in network.populations] == ["input", "conv1", "hidden1", "readout"]
    assert set(snnc.test(network)) == {"finished"}
    assert network.plot_network() is not None
    options = {"weight_bits": 4, "epochs": 1, "allow_saturation": True, "verbose": False}
    tuned = snnc.finetune(network, str(folder / "order.npz"), target="c", **options)
    tuned.save(folder / "tuned.pt")
    exported = snnc.load(folder / "tuned.pt").export("c", folder / "again.c", allow_saturation=True)
    found = exported.verify(executors=["hwsim"], samples=2, generated=0, verbose=False)
    assert str(found).startswith("Bit-exact")
