"""Exported networks: predict, run, verify and load, with answers that are known without running them."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from spike_counters import spike_counter

import snnc
from snnc.errors import ArtifactError, ExecutorUnavailableError, InputError, LimitError, NoRecordingsWarning
from snnc.exporter.manifest import MANIFEST
from snnc.provenance import sha256

X = np.zeros((3, 4, 3), np.uint8)
X[0, :2, 1] = X[1, 1:, 2] = X[1, 0, 0] = X[2, 3, 0] = 1
ANSWERS = [1, 2, 0]
"""The line with the most events."""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "counter.onnx"
    return snnc.Network(spike_counter(), "counter").export("onnx", str(folder))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api") / "both.onnx"
    return snnc.Network(spike_counter(second=True), "both").export("onnx", folder)


@pytest.mark.parametrize("executor", ["hwsim", "torch", "oracle", "onnx"])
def test_classes_are_the_lines_with_most_events(exported, executor) -> None:
    found = exported.predict(X, executor)
    assert found.dtype == np.int64
    assert found.tolist() == ANSWERS
    assert exported.predict(torch.from_numpy(X).swapaxes(0, 1), executor, layout="TNC").tolist() == ANSWERS


def test_batches_are_joined(exported) -> None:
    assert exported.predict(np.tile(X, (100, 1, 1))).tolist() == ANSWERS * 100


def test_states_are_found_by_the_name_of_a_population(exported) -> None:
    run = exported.run(X)
    assert list(run) == ["counter"]
    assert len(run) == 1
    assert np.array_equal(run["counter"].spikes, X == 1)
    assert run.classes().tolist() == ANSWERS
    with pytest.raises(InputError, match=r"'counters' has no states \(did you mean 'counter'\?\); there are"):
        run["counters"]


def test_one_of_several_readouts_is_named(both) -> None:
    with pytest.raises(InputError, match=r"^readout: there are several, counter \(\w+\), mirror \(\w+\); "):
        both.predict(X)
    with pytest.raises(InputError, match=r"^readout: 'axon' is unknown; give one of counter, mirror$"):
        both.run(X).classes("axon")
    with pytest.raises(InputError, match=r"give one of counter, mirror \(did you mean 'mirror'\?\)$"):
        both.run(X).classes("mirror_")
    assert both.predict(X, readout="mirror").tolist() == [1, 0, 2]
    assert both.run(X).classes("counter").tolist() == ANSWERS


def test_a_verification_is_true_if_it_is_trusted(exported) -> None:
    found = exported.verify(X, ["oracle", "hwsim"], labels=[1, 2, 2], generated=0)
    assert found
    assert repr(found).startswith("Bit-exact: torch = oracle = hwsim over ")
    assert "; 3 of 3 given samples compared; " in repr(found)
    assert found.accuracy == {"quantised": 2 / 3}
    assert found.report.inputs["input"] == 3
    assert exported.report == found.path == exported.path / "report.html"
    told = json.loads((exported.path / "report.json").read_text())
    assert told["inputs"]["input"] == 3
    call = "verify(x, labels=labels, executors=['oracle', 'hwsim'], generated=0)"
    assert told["command"] == f"snnc.load({str(exported.path)!r}).{call}"


@pytest.mark.parametrize(("samples", "count"), [(None, 30), (2, 2), (100, 30), ("all", 30)])
def test_as_many_samples_are_compared_as_are_asked_for(exported, samples, count) -> None:
    """The first ones; accuracy is of all."""
    x, labels = np.tile(X, (10, 1, 1)), ANSWERS * 10
    found = exported.verify(x, ["oracle"], labels=labels, samples=samples, generated=0, verbose=False)
    assert found.report.inputs["input"] == count
    assert [each.total for each in found.report.accuracy] == [30]
    assert ("samples=" in found.report.command) == (samples is not None)


def test_a_verification_says_what_it_is_at(exported, capsys) -> None:
    """A line for each executor, though there are several batches, for what is made, and each other step."""
    exported.verify(np.tile(X, (60, 1, 1)), ["oracle", "hwsim"], labels=ANSWERS * 60, generated=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "torch",
        "oracle",
        "hwsim",
        "inputs for what recordings did not reach",
        "torch",
        "oracle",
        "hwsim",
    ]
    assert (lines[0], lines[4]) == ("torch: golden 8, input 180", "torch: generated 1")  # of all batches
    exported.verify(X, ["oracle"], generated=0, verbose=False)
    assert capsys.readouterr().out == ""


def test_a_chip_is_told_where_one_is_estimated(tiny_artifact, capsys) -> None:
    exported = snnc.load(tiny_artifact)
    x = np.zeros((1, exported.graph.time_steps, exported.graph.inputs), np.uint8)
    exported.verify(x, ["oracle"], generated=0)
    assert capsys.readouterr().out.splitlines()[-1] == "time and energy on the chip"


@pytest.mark.parametrize("number", [-1, 1.5, "a", None])
@pytest.mark.parametrize("name", ["seed", "generated"])
def test_what_is_no_count_is_refused(exported, name, number) -> None:
    with pytest.raises(InputError, match=f"^{name}.*: give a whole number, 0 or more"):
        exported.verify(X, ["oracle"], **{name: number})


def test_a_verification_without_the_program_is_false_unless_that_is_allowed(exported, monkeypatch) -> None:
    """Nothing of the target runs."""
    from snnc.targets.onnx.executor import OnnxReferenceExecutor, OnnxRuntimeExecutor

    for executor in (OnnxReferenceExecutor, OnnxRuntimeExecutor):
        monkeypatch.setattr(executor, "unavailable_reason", lambda self: "not today")
    found = exported.verify(samples=0, generated=0)
    assert not found
    assert repr(found).startswith("NOT VERIFIED: the program for onnx did not run")
    assert "did not run: not today" in found._repr_html_()
    assert exported.verify(samples=0, generated=0, allow_missing=True)
    with pytest.raises(ExecutorUnavailableError, match="not today"):
        exported.predict(X, "onnx")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 1], r"labels are 2 \(int64\), and there are 3 samples; give a whole number, or the name"),
        ([0.0, 1.0, 2.0], r"labels are float64 \[3\]; .*; np\.asarray\(labels\)\.astype\(int\) makes"),
        ([True, False, True], r"labels are bool \[3\]; .*; np\.asarray\(labels\)\.astype\(int\)"),
        (["line 1", "b", "a"], r"labels\[1\] is 'b', none of the classes: line 0, line 1, line 2$"),
        (
            ["1", "2"],
            r"labels are 2 \(<U1\), and there are 3 samples; give .* the name of a class, for each$",
        ),
        (
            [0.0, 1.5, 2.0],
            r"labels are float64 \[3\]; give a whole number, or the name of a class, for each of the 3",
        ),
        ([0, 3, 1], r"labels\[1\] is 3; classes are numbered 0\.\.2"),
        ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], r"labels are .*; of one-hot rows take labels\.argmax\(1\)"),
        ([[0], [1], [0]], r"labels are .*; labels\.ravel\(\) takes the rows apart"),
        (
            [[0], [1, 2]],
            "labels: are rows of unequal lengths; give a whole number, or the name of a class, for ",
        ),
    ],
)
def test_labels_that_do_not_fit_are_said(exported, labels, said) -> None:
    with pytest.raises(InputError, match=said):
        exported.verify(X, labels=labels)


def test_arguments_are_named_in_errors(exported, tmp_path) -> None:
    for call, said in (
        (lambda: exported.verify(labels=[1]), "labels: are given without x"),
        (lambda: exported.verify(layout="TC"), "layout 'TC': is for arrays as x, and none is given"),
        (lambda: exported.verify(samples=-1), "samples: is -1"),
        (lambda: exported.verify(samples="5"), "samples: is '5'; give a whole number, or 'all'"),
        (lambda: exported.verify(X, samples=0), "samples: is 0, and x are given; give 1 or more"),
        (lambda: exported.verify(samples=2.5), "samples: is 2.5; give a whole number"),
        (
            lambda: exported.verify(data=X),
            r"data: is ndarray of shape \(3, 4, 3\), no recordings; give "
            r"snnc\.from_arrays\(x, labels, dt=0\.01\), with the class of each sample, or samples as x",
        ),
        (lambda: snnc.test(exported, X), "data: is ndarray .*, no recordings; give snnc.from_arrays"),
        (
            lambda: snnc.Network(spike_counter(), "n").export("c", tmp_path / "x", data=X),
            "^n: holds integers, which stay as they are; leave out data$",
        ),
        (
            lambda: exported.plot_chip(snnc.from_arrays(X, ANSWERS, dt=0.001)),
            r"x: is Recordings\('arrays': .*; give an array .*, as recordings\.frames\(range\(len\("
            r"recordings\)\), dt, T\) is one; verify takes recordings as data",
        ),
        (lambda: exported.verify(executors=[]), "executors: names none"),
        (lambda: exported.verify(executors="hwsmi"), "hwsmi.*did you mean 'hwsim'"),
        (lambda: exported.run(X, layout="XYZ"), "layout 'XYZ'"),
    ):
        with pytest.raises(InputError, match=said) as found:
            call()
        assert "--" not in str(found.value)


def test_states_that_take_too_much_memory_are_refused(exported, monkeypatch) -> None:
    monkeypatch.setattr("snnc.api.exported.RUN_LIMIT", 100)
    with pytest.raises(LimitError, match=r"x: the states of 3 samples take \d+ bytes, the limit is 100"):
        exported.run(X)


def test_a_verification_without_recordings_says_so(exported) -> None:
    """In a warning, in the object, and in the report; not if none were asked for."""
    said = "no recordings were compared (the artifact was not made from a model of `snnc train`"
    with pytest.warns(NoRecordingsWarning, match=re.escape(said)) as warned:
        found = exported.verify(executors="oracle", generated=0)
    assert Path(warned[0].filename) == Path(__file__)
    assert len(found.notes) == 1
    assert found.notes[0].startswith(said)
    assert found.notes[0].endswith("give verify samples as x, or recordings as data")
    assert repr(found).endswith("; no recordings were compared")
    assert said in found._repr_html_()
    assert "No recordings were compared" in found.path.read_text()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert exported.verify(X, executors="oracle", generated=0).notes == ()
        assert exported.verify(samples=0, executors="oracle", generated=0).notes


def test_a_report_stays_with_an_equal_artifact_and_is_said_to_go_with_another(tmp_path) -> None:
    """The cell of a notebook that exports is run again."""
    folder = tmp_path / "counter.onnx"
    made = snnc.Network(spike_counter(), "counter").export("onnx", folder)
    page = made.verify(X, ["oracle"], generated=0, verbose=False).path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = snnc.Network(spike_counter(), "counter").export("onnx", folder)
    assert again.report.read_bytes() == page
    said = r"counter\.onnx: replaced another artifact, whose report\.json and report\.html are gone; verify"
    with pytest.warns(UserWarning, match=said) as warned:
        snnc.Network(spike_counter(steps=5), "other").export("onnx", folder, overwrite=True)
    assert Path(warned[0].filename) == Path(__file__)


def test_a_report_that_says_less_than_the_former_is_told(tmp_path, capsys) -> None:
    made = snnc.Network(spike_counter(), "counter").export("onnx", tmp_path / "counter.onnx")
    made.verify(X, ["oracle", "hwsim"], generated=0)
    assert "former report" not in capsys.readouterr().out
    made.verify(X, ["oracle"], generated=0)
    said = "note: the former report compared hwsim; it is kept as "
    assert said in capsys.readouterr().out
    made.verify(X[:1], ["oracle"], generated=0)
    assert (
        "note: the former report had 3 samples of input, this one 1; it is kept as "
        in capsys.readouterr().out
    )
    made.verify(X[:1], ["oracle"], generated=0, verbose=False)
    assert len([*made.path.glob("report-*.html")]) == len([*made.path.glob("report-*.json")]) == 2


def test_a_folder_without_a_report_says_so(both) -> None:
    with pytest.raises(InputError, match=r"report\.html: does not exist; call verify\(\) first"):
        _ = both.report


def test_objects_are_short_to_print(exported, both) -> None:
    run = exported.run(X)
    verified = exported.verify(samples=0, executors="oracle", generated=0)
    objects = (exported, both, run, run.trace, run["counter"], verified, snnc.load(both.path / "graph.nir"))
    for each in objects:
        assert len(repr(each)) < 300
        assert "\n" not in repr(each)
    assert repr(run) == "Run(hwsim, 3 samples: counter)"
    assert repr(exported).endswith("counter.onnx': onnx, 3 + 3 neurons, T = 4)")
    for each in (exported, verified, snnc.load(both.path / "graph.nir")):
        assert each._repr_html_().startswith("<table>")


def test_long_names_are_cut_and_escaped(tmp_path) -> None:
    network = snnc.Network(spike_counter(), "<b>" + "x" * 1000)
    assert len(repr(network)) < 300
    assert "<b>" not in network._repr_html_()


def test_a_program_that_is_not_ours_runs_only_if_trusted(both, tmp_path) -> None:
    folder = tmp_path / "other.onnx"
    snnc.Network(spike_counter(second=True), "both").export("onnx", folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    name = "model.onnx"
    text = (folder / name).read_bytes() + b"\x32\x01x"  # its doc_string
    (folder / name).write_bytes(text)
    manifest["files"][name] = {"sha256": sha256(text), "bytes": len(text)}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="pass trust_program=True if you trust its source"):
        snnc.load(folder).predict(X, readout="counter")
    trusted = snnc.load(folder, trust_program=True)
    assert trusted.predict(X, readout="counter").tolist() == ANSWERS
    found = trusted.verify(X, "oracle", generated=0)
    call = "trust_program=True).verify(x, executors='oracle', generated=0)"
    assert found.report.command == f"snnc.load({str(folder)!r}, {call}"


def test_a_folder_is_loaded_by_its_path(exported) -> None:
    again = snnc.load(str(exported.path))
    assert again.graph == exported.graph == spike_counter()
    assert again.predict(X).tolist() == ANSWERS
