"""Labels of classes that the network lacks are counted and named; the others are compared."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from own_samples import QUICK, classes_by_hand, random_spikes, report

import snnc
from snnc.cli import main
from snnc.exporter.artifact import read_artifact
from snnc.exporter.graph_export import export_graph
from snnc.stages import Population, Projection, QuantizedGraph, Readout, SynapseMatrix
from snnc.trainer.data import save_events_npz

pytestmark = pytest.mark.slow
COUNT = 20


@pytest.fixture
def samples(tiny_artifact, tmp_path):
    """Writes a file of events of the classes that it is given, in turn, and gives that of each recording."""
    graph = read_artifact(tiny_artifact).graph
    spikes = random_spikes(COUNT)

    def write(*names: str, used: int | None = None) -> np.ndarray:
        numbers = np.arange(COUNT) % (used or len(names))
        data = snnc.from_arrays(spikes, numbers, dt=graph.bin_s, classes=list(names))
        save_events_npz(data, tmp_path / "own.npz")
        return np.array(names)[numbers]

    write.names = graph.class_names
    write.answers = np.array(graph.class_names)[classes_by_hand(tiny_artifact, spikes)]
    write.path = str(tmp_path / "own.npz")
    return write


def said(args, capsys) -> str:
    assert main([str(each) for each in args]) == 0
    told = capsys.readouterr()
    return " ".join((told.out + told.err).split())


def test_run_compares_the_labels_that_the_network_knows(samples, tiny_artifact, tmp_path, capsys) -> None:
    """Every second label is "up"; the others are the first class of the network."""
    labels = samples(samples.names[0], "up")
    right = int((samples.answers == labels).sum())
    table = tmp_path / "out.csv"
    args = ["run", tiny_artifact, "-i", samples.path, "--rows", 0, "--predictions", table]
    text = said(args, capsys)
    assert f"{right} of 10 as labelled: {10 * right}.00 %, 95 % interval " in text
    assert " note: 10 of 20 labels are not compared: the network has no class called up" in text
    assert " note: the network names one of its classes for every recording, whatever it is" in text
    assert (
        f"class {samples.names[0]}: predicted {(samples.answers == samples.names[0]).sum()} times, " in text
    )
    assert f"{right} of 10 labelled so are right" in text
    assert f"sample 0: {samples.answers[0]} (labelled {samples.names[0]})" in text
    assert f"sample 1: {samples.answers[1]} sample 2:" in text
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [each["label"] for each in rows] == [samples.names[0], "up"] * 10
    assert [each["correct"] for each in rows[1::2]] == [""] * 10
    assert main(["run", str(tiny_artifact), "-i", samples.path, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["labels"] == [0, None] * 10
    assert found["correct"] == right


@pytest.mark.parametrize("step", [1, 0.5], ids=["own steps", "other steps"])
@pytest.mark.parametrize("named", [True, False], ids=["classes", "texts"])
def test_samples_in_steps_are_as_events(named, step, samples, tiny_artifact, tmp_path, capsys) -> None:
    """Every second label is "up", by the number of a name that the file gives, or by the name itself."""
    first = samples.names[0]
    texts = samples(first, "up")
    classes = {"classes": np.array(["up", first])} if named else {}
    labels = (texts == first).astype(int) if named else texts
    dt = step * read_artifact(tiny_artifact).graph.bin_s
    np.savez(samples.path, spikes=random_spikes(COUNT), labels=labels, dt=dt, **classes)
    table = tmp_path / "out.csv"
    args = ["-i", samples.path]
    text = said(["run", tiny_artifact, *args, "--predictions", table], capsys)
    assert " of 10 as labelled: " in text
    note = "10 of 20 labels are not compared: the network has no class called up"
    assert f"note: {note}" in text
    with table.open(newline="") as file:
        rows = [(each["label"], each["correct"] == "") for each in csv.DictReader(file)]
    assert rows == [(first, False), ("up", True)] * 10
    assert f"note: {samples.path}: {note}" in said(
        ["verify", tiny_artifact, *args, "--dataset", "none", *QUICK], capsys
    )
    np.savez(samples.path, spikes=random_spikes(COUNT), labels=np.array(["up"] * COUNT), dt=dt)
    text = said(["run", tiny_artifact, *args], capsys)
    assert (
        "none of the 20 labels is a class of the network, so no accuracy is counted: the labels are up"
        in text
    )
    assert "as labelled" not in text


def test_verify_measures_the_accuracy_of_those(samples, tiny_artifact, capsys) -> None:
    labels = samples("up", samples.names[0])
    right = int((samples.answers == labels).sum())
    args = ["verify", tiny_artifact, "-i", samples.path, "--dataset", "none", *QUICK]
    note = f"note: {samples.path}: 10 of 20 labels are not compared: the network has no class called up"
    assert note in said(args, capsys)
    found = report(tiny_artifact)
    assert [(each["correct"], each["total"]) for each in found["accuracy"]] == [(right, 10)]
    assert found["inputs"]["input"] == COUNT


def test_where_none_is_known_nothing_is_compared(samples, tiny_artifact, tmp_path, capsys) -> None:
    samples("up", "down", "left", "right")
    classes = ", ".join(samples.names)
    text = (
        "none of the 20 labels is a class of the network, so no accuracy is counted: the labels are up, "
        f"down, left, ...; the network has {classes}"
    )
    table = tmp_path / "out.csv"
    told = said(["run", tiny_artifact, "-i", samples.path, "--predictions", table], capsys)
    with table.open(newline="") as file:
        rows = [(each["label"], each["correct"]) for each in csv.DictReader(file)]
    assert rows == [(name, "") for name in ("up", "down", "left", "right")] * 5
    assert f"note: {text}" in told
    assert "labelled" not in told
    args = ["verify", tiny_artifact, "-i", samples.path, "--dataset", "none", *QUICK]
    assert f"note: {samples.path}: {text}" in said(args, capsys)


def test_names_that_are_near_those_of_the_network_are_told(samples, tiny_artifact, capsys) -> None:
    """Of one in other letters the spelling is told; "bn" is not near "b", of which it has half."""
    first, second, *_ = samples.names
    samples(first.upper(), f"{second}n")
    told = said(["run", tiny_artifact, "-i", samples.path], capsys)
    assert f"the labels are {first.upper()}, {second}n; the network has " in told
    assert f"; write '{first.upper()}' as '{first}': letter case and spaces count" in told


def test_a_class_of_which_no_sample_is_has_no_share(samples, tiny_artifact, capsys) -> None:
    """Half are of the first class of the network, and none of the second."""
    samples(samples.names[0], "up")
    told = said(["run", tiny_artifact, "-i", samples.path], capsys)
    second = samples.names[1]
    times = int((samples.answers == second).sum())
    assert f"class {second}: predicted {times} times, no sample is labelled so" in told
    assert "0 of 0" not in told


def test_a_name_that_no_recording_has_is_no_matter(samples, tiny_artifact, capsys) -> None:
    labels = samples(*samples.names, "up", used=len(samples.names))
    text = said(["run", tiny_artifact, "-i", samples.path], capsys)
    assert f"{(samples.answers == labels).sum()} of 20 as labelled" in text
    assert "not compared" not in text


def test_a_class_that_is_spelt_otherwise_is_told_how(
    tiny_artifact, samples, tmp_path, capsys, refused
) -> None:
    samples("up", samples.names[0] + " ")
    hint = f"; write '{samples.names[0]} ' as '{samples.names[0]}': letter case and spaces count"
    told = said(["run", tiny_artifact, "-i", samples.path], capsys)
    assert f"the labels are up, {samples.names[0]} ; the network has " in told
    assert hint in told
    assert refused("test", tiny_artifact, "--dataset", samples.path).strip().endswith(hint)


def test_numbers_are_no_names_of_classes_that_are_digits(tmp_path, capsys) -> None:
    """Of the classes "1" and "2", 1 is the second: that is told, and texts are the names."""
    populations = (Population("in", "input", 2), Population("out", "li", 2, decay_u=4096, decay_v=100))
    synapses = SynapseMatrix(np.array([[1, 0], [0, 1]]), np.zeros((2, 2), np.int64))
    note = (
        "labels are numbers, so they count the classes from 0: 0 is '1'; if they are names of classes, give"
    )
    for names, labels, told, right in (
        (("1", "2"), np.array([0, 1]), True, 2),
        (("1", "2"), np.array(["1", "2"]), False, 2),
        (("0", "1"), np.array([0, 1]), False, 2),
        (("a", "b"), np.array([0, 1]), False, 2),
        (("1", "2"), np.array([1, 1]), True, 1),
    ):
        readouts = (Readout("out", "max", 0.5, names),)
        graph = QuantizedGraph(populations, (Projection("in", "out", synapses),), readouts, 5, 0.001)
        export_graph(graph, "c", tmp_path / "net.c", overwrite=True)
        spikes = np.zeros((2, 5, 2), np.uint8)
        spikes[[0, 1], 0, [0, 1]] = 1
        events = {"times": np.zeros(2, int), "tick_s": 0.001, "units": np.arange(2), "offsets": np.arange(3)}
        for arrays in ({"spikes": spikes, "dt": 0.001}, events):
            np.savez(tmp_path / "own.npz", labels=labels, **arrays)
            text = said(["run", tmp_path / "net.c", "-i", tmp_path / "own.npz"], capsys)
            assert (note in text) is told, names
            assert f"{right} of 2 as labelled" in text


def test_numbers_beyond_the_classes_are_names_of_events(tiny_artifact, tmp_path, capsys) -> None:
    """Of three classes, 3 is none: then no number counts them."""
    events = {"times": np.zeros(2, int), "tick_s": 0.02, "units": np.arange(2), "offsets": np.arange(3)}
    np.savez(tmp_path / "own.npz", **events, labels=[0, 3], unit_count=5)
    text = said(["run", tiny_artifact, "-i", tmp_path / "own.npz"], capsys)
    assert (
        "none of the 2 labels is a class of the network, so no accuracy is counted: the labels are 0, 3"
        in text
    )
