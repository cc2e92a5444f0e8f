"""Counts for a network whose input takes them: what takes an array or a file of them, and what does not."""

from __future__ import annotations

import json

import numpy as np
import pytest
from counts import LABELS, X, network_of_counts, written
from models import saved, tiny_model

import snnc
from snnc.cli import main
from snnc.errors import InputError

QUICK = {"executors": ["hwsim"], "generated": 0, "verbose": False}
WHOSE = ["joe", "nora", "joe", "nora"]


@pytest.fixture(scope="module")
def network() -> snnc.Network:
    return network_of_counts()


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
