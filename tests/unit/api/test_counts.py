"""Counts for a network whose input takes them: what takes an array or a file of them, and what does not."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import nir
import numpy as np
import pytest
import torch
from float_nets import dense, graph, lif
from models import saved, tiny_model

import snnc
from snnc.cli import main
from snnc.errors import InputError, UnlikelyWarning

X = np.ones((4, 6, 2), np.int64)
X[:2, :, 0] = X[2:, :, 1] = 3
"""Both lines have events in every step: only their counts tell the classes apart."""
LABELS = np.array([0, 0, 1, 1])
MORE, MORE_LABELS = X[[0, 2, 0, 2, 0]], LABELS[[0, 2, 0, 2, 0]]
"""As many as fine-tuning takes."""
QUICK = {"executors": ["hwsim"], "generated": 0, "verbose": False}
WHOSE = ["joe", "nora", "joe", "nora"]


@pytest.fixture(scope="module")
def network() -> snnc.Network:
    """A count of 3 is a spike in every step, and of 1 in no two steps that follow each other."""
    return snnc.Network(graph(lif(2), dense([0.5, 0.0], [0.0, 0.5]), payload_max=3), "two", payload_max=3)


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory) -> snnc.Exported:
    return network.export("c", tmp_path_factory.mktemp("counts") / "two.c")


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> snnc.Exported:
    """A model file that snnc trained, exported for payloads up to 3: 12 steps of 5 lines."""
    folder = tmp_path_factory.mktemp("trained")
    out = folder / "graded.loihi"
    assert main(["export", str(saved(tiny_model(), folder)), "-o", str(out), "--payload-max", "3"]) == 0
    return snnc.load(out)


def written(path: Path, **more) -> Path:
    np.savez(path, **{"spikes": X, "labels": LABELS, "dt": 0.001, **more})
    return path


def reported(exported: snnc.Exported) -> dict:
    return json.loads((exported.path / "report.json").read_text())


def test_recordings_of_counts_are_refused_with_who_takes_counts(exported, network, tmp_path, monkeypatch):
    """What the error says to do is done, word by word."""
    with pytest.raises(InputError) as refused:
        snnc.from_arrays(X, LABELS, dt=0.001)
    first, second = refused.value.args
    assert first == (
        "x: sample 0, step 0, line 0 holds 3, recordings of from_arrays hold 0 and 1, which is what training "
        "takes: to train, encode it as events"
    )
    assert "verify(x, labels=labels), predict(x), run(x)" in second
    monkeypatch.chdir(tmp_path)
    call = second.partition("file as data: ")[2]
    exec(call, {"numpy": np, "x": X, "labels": LABELS})
    made = network.export("c", tmp_path / "measured.c", data="counts.npz", budget=True)
    assert made.verify("counts.npz", **QUICK).report.costs.loss.stages[-1].correct == 4
    assert exported.verify(X, labels=LABELS, **QUICK).accuracy["quantised"] == 1
    assert exported.predict(X).tolist() == LABELS.tolist()
    assert exported.run(X).classes().tolist() == LABELS.tolist()


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


def test_of_an_array_of_counts_test_names_who_tells_their_accuracy(exported):
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


@pytest.mark.parametrize(
    ("value", "why"),
    [(np.nan, r"nan \(no number\)"), (0.5, r"0\.5 \(a fraction\)"), (-1, r"-1 \(negative\)")],
)
def test_values_that_are_no_counts_have_their_own_words(value, why, tmp_path, exported):
    """In arrays that are recordings, in files, and in those that an export measures on."""
    wrong = X.astype(float)
    wrong[2, 3, 1] = value
    with pytest.raises(InputError, match=rf"sample 2, step 3, line 1 holds {why}, recordings") as refused:
        snnc.from_arrays(wrong, LABELS, dt=0.001)
    assert "payload" not in str(refused.value)
    assert "counts" not in str(refused.value)
    path = written(tmp_path / "wrong.npz", spikes=wrong)
    with pytest.raises(InputError, match=rf"sample 2, step 3, line 1 holds {why}; training") as refused:
        snnc.load_data(path)
    assert "counts are" not in str(refused.value)
    with pytest.raises(InputError, match=rf"first {why} in sample 2, step 3, line 1; such values are no"):
        exported.verify(path, **QUICK)


@pytest.mark.parametrize("named", [True, False])
def test_python_and_the_command_take_the_same_file(named, exported, tmp_path, monkeypatch):
    """With the same result; `spikes > 0`, which was advised, leaves half of it."""
    path = written(tmp_path / "counts.npz")
    found = exported.verify(path, **QUICK) if named else exported.verify(data=str(path), **QUICK)
    assert found.accuracy["quantised"] == 1
    assert found.report.inputs["input"] == 4
    command = ["verify", str(exported.path), "--executors", "hwsim", "--allow-missing", "--generated", "0"]
    assert main([*command, "--input", str(path)]) == 0
    stage = reported(exported)["accuracy"][-1]
    assert (stage["correct"], stage["total"]) == (4, 4)
    lossy = written(tmp_path / "lossy.npz", spikes=X > 0)
    assert exported.verify(lossy, **QUICK).accuracy["quantised"] == 0.5


def test_a_file_without_labels_is_compared_in_python_too(exported, trained, tmp_path):
    for one, spikes in ((exported, X), (trained, np.full((4, 12, 5), 3))):
        np.savez(tmp_path / "bare.npz", spikes=spikes)
        found = one.verify(tmp_path / "bare.npz", **QUICK)
        assert found.report.inputs["input"] == 4
        assert found.accuracy == {}
        assert "event data 'bare' has no labels: no accuracy is told" in found.notes


def test_a_network_that_snnc_trained_takes_a_file_of_counts_too(trained, tmp_path):
    spikes = np.random.default_rng(3).integers(0, 4, (4, 12, 5))
    labels = trained.predict(spikes)
    np.savez(tmp_path / "counts.npz", spikes=spikes, labels=labels)
    found = trained.verify(data=tmp_path / "counts.npz", **QUICK)
    assert (found.accuracy, found.report.inputs["input"]) == ({"quantised": 1.0}, 4)


def test_counts_in_other_steps_are_refused_and_not_as_training(exported, tmp_path, refused):
    path = written(tmp_path / "slow.npz", dt=0.002)
    said = refused("run", exported.path, "-i", path)
    assert (
        "holds counts in steps of 0.002 s, the network has steps of 0.001 s, and counts are put into" in said
    )
    assert "store dt=0.001" in said
    assert "training" not in said


def test_training_says_who_takes_counts(tmp_path, refused):
    path = written(tmp_path / "counts.npz")
    said = refused("train", path, "-o", tmp_path / "m.pt")
    assert "holds 3; training takes 0 and 1: store spikes > 0, whose counts are lost, or events" in said
    assert (
        "`snnc run --input`, `snnc verify --input`, `snnc export --dataset`; in Python predict, run" in said
    )


def test_sources_of_counts_are_told_as_of_events(exported, tmp_path, capsys):
    """Of nora the second label is turned, so that one of two is right."""
    labels = np.array([0, 1, 1, 1])
    path, table = written(tmp_path / "counts.npz", labels=labels, speaker=WHOSE), tmp_path / "p.csv"
    assert main(["run", str(exported.path), "-i", str(path), "--predictions", str(table)]) == 0
    out = capsys.readouterr().out
    assert "no sources are named" not in out
    assert "note: 4 recordings of 2 sources (field `speaker`: joe, nora); accuracy on other sources" in out
    assert (
        "note: accuracy by source from 50.00 % (nora) to 100.00 % (joe), which may be chance: their 95 % "
        "intervals overlap\n" in out
    )
    rows = [row.split(",") for row in table.read_text().splitlines()]
    assert [row[rows[0].index("speaker")] for row in rows[1:]] == WHOSE
    by_source = {"joe": (2, 2), "nora": (1, 2)}
    for found in (
        exported.verify(path, **QUICK),
        exported.verify(X, labels=labels, speaker=WHOSE, **QUICK),
        exported.verify(X, labels=labels, speaker=np.array(WHOSE), **QUICK),
    ):
        assert found.report.confusion.speakers == by_source
    assert "x, labels=labels, speaker=speaker, executors" in found.report.command
    command = ["verify", str(exported.path), "--executors", "hwsim", "--allow-missing", "--generated", "0"]
    assert main([*command, "--input", str(path)]) == 0
    assert "no sources are named" not in capsys.readouterr().out
    speakers = reported(exported)["confusion"]["speakers"]
    assert {name: tuple(each) for name, each in speakers.items()} == by_source


def test_a_sample_without_a_label_counts_for_no_source(exported):
    names = ["0", "?", "1", "1"]
    found = exported.verify(X, labels=names, speaker=WHOSE, **QUICK)
    assert found.report.confusion.speakers == {"joe": (2, 2), "nora": (1, 1)}


def test_an_export_records_whose_samples_it_measured_on(network, tmp_path):
    path = written(tmp_path / "counts.npz", speaker=WHOSE)
    made = network.export("c", tmp_path / "two.c", data=path, budget=True)
    found = made.verify(path, **QUICK)
    assert found.report.costs.loss.recordings.speakers == ("joe", "nora")


@pytest.mark.parametrize(
    ("speaker", "said"),
    [
        (WHOSE[:3], r"speaker has the shape \[3\]; give one for each of the 4 samples"),
        (np.ones(4), "speaker are float64; give integers"),
        (np.array(WHOSE, "S"), "array 'speaker' holds bytes"),
    ],
)
def test_sources_that_do_not_fit_are_refused(speaker, said, exported, tmp_path):
    """They were left out, and it was said that none is named."""
    with pytest.raises(InputError, match=said):
        exported.predict(written(tmp_path / "counts.npz", speaker=speaker))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": X, "speaker": WHOSE}, "speaker: is given without labels"),
        ({"data": "counts.npz", "speaker": WHOSE}, "speaker: is given beside recordings"),
        ({"x": X, "labels": LABELS, "speaker": WHOSE[:2]}, r"speaker: <U4 \[2\]; give .* 4 recordings"),
    ],
)
def test_sources_go_with_labels_of_arrays(given, said, exported):
    with pytest.raises(InputError, match=said):
        exported.verify(**given, **QUICK)
