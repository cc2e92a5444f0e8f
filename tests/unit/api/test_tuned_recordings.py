"""What is kept of the recordings that fine-tuned a network, and what is said of them later."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finetune_nets import events, network
from order_task import config, order_task

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import NoDataError, UnlikelyWarning
from snnc.report.losses import tuned_integers
from snnc.trainer.data import EventDataset, load_events_npz, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model
from snnc.trainer.samples import load_samples

QUICK = {"target": "c", "epochs": 4, "learning_rate": 0.05, "verbose": False}
"""What changes the integers: recordings that changed nothing are not said to have trained."""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of train.npz, 4 recordings a speaker, who have names: 7 train, one validates, two test."""
    folder = tmp_path_factory.mktemp("files")
    save_events_npz(replace(drawn(40, 4), speaker_names=tuple("abcdefghij")), folder / "train.npz")
    told = config(dataset=str(folder / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), folder / "m.pt")
    return folder


@pytest.fixture
def place(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(trained)
    return trained


def drawn(count: int, seed: int) -> EventDataset:
    """Recordings that are no others even in steps of 10 ms: each line has an event at any time."""
    times = np.random.default_rng(seed).integers(0, 80, 6 * count)
    return replace(order_task(count), times=times.astype(np.uint16))


def strangers() -> EventDataset:
    """60 recordings of six speakers without names, of which none is one of training."""
    return replace(drawn(60, 5), speaker=np.arange(60) % 6, name="strangers")


def frames(data: EventDataset) -> np.ndarray:
    model = snnc.load("m.pt").model
    return data.frames(np.arange(len(data)), model.bin_s, model.time_steps)


def saved(net: Network, name: str) -> Network:
    net.save(name, overwrite=True)
    return snnc.load(name)


@pytest.mark.parametrize("as_array", [False, True])
def test_recordings_of_another_file_are_known_as_those_of_finetuning(
    place: Path, as_array: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of six speakers 4 train, 1 validates, 1 is left out; of samples as arrays all are used."""
    data = strangers()
    save_events_npz(data, place / "new.npz")
    given = (frames(data), data.labels) if as_array else (str(place / "new.npz"),)
    used = 60 if as_array else 50
    tuned = saved(snnc.finetune(snnc.load("m.pt"), *given, **QUICK), "tuned.pt")
    other = load_samples(tuned.model, "test", "new.npz", place).other
    assert other is not None
    assert (other.seen, other.used) == (used, 60)
    exported = tuned.export("c", place / f"tuned{used}.c", budget=False, overwrite=True)
    with pytest.warns(UnlikelyWarning, match=f"{used} of them are recordings that trained"):
        snnc.test(exported, data="new.npz")
    capsys.readouterr()
    for model in ("tuned.pt", f"tuned{used}.c"):
        assert main(["test", model, "--dataset", "new.npz", "--json", "-"]) == 0
        assert json.loads(capsys.readouterr().out)["data"]["seen"] == used
    assert main(["run", f"tuned{used}.c", "-i", "new.npz"]) == 0
    assert f"; {used} of them are recordings that trained" in capsys.readouterr().out
    assert main(["verify", f"tuned{used}.c", "--input", "new.npz", "--generated", "0"]) == 0
    assert f"; {used} of them are recordings that trained" in " ".join(capsys.readouterr().out.split())
    save_events_npz(data.select(np.flatnonzero(data.speaker == 5)), place / "rest.npz")
    assert load_samples(tuned.model, "test", "rest.npz", place).other.seen == (10 if as_array else 0)


def test_what_a_network_of_another_framework_was_tuned_with_is_in_the_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = events(60)
    labels = np.arange(60) % 3
    tuned = snnc.finetune(Network(network(), "net"), x[:40], labels[:40], **QUICK)
    exported = snnc.load(tuned.export("c", tmp_path / "net.c").path)
    options = {"labels": labels, "generated": 0, "allow_missing": True, "verbose": False}
    said = "input: 40 of 60 samples are some that fine-tuning"
    found = exported.verify(x, ["oracle"], **options)
    assert any(note.startswith(said) for note in found.report.notes)
    monkeypatch.setattr("snnc.api.inputs.MOST_SYNAPSES", 0)
    notes = tuned.export("c", tmp_path / "net2.c").verify(x, ["oracle"], **options).report.notes
    assert any(note.startswith(said) for note in notes)
    assert any(note.startswith("the accuracy in real numbers was not measured") for note in notes)
    np.savez(tmp_path / "x.npz", spikes=x, labels=labels)
    assert main(["run", str(tmp_path / "net.c"), "-i", str(tmp_path / "x.npz")]) == 0
    assert "note: 40 of 60 samples are some that fine-tuning" in capsys.readouterr().out
    np.savez(tmp_path / "y.npz", spikes=x[40:], labels=labels[40:])
    assert main(["run", str(tmp_path / "net.c"), "-i", str(tmp_path / "y.npz")]) == 0
    assert "fine-tuning" not in capsys.readouterr().out


def test_what_tests_the_network_does_not_finetune_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In another file and with speakers of other numbers: those of training stay in their parts."""
    own = load_events_npz(place / "train.npz")
    order = np.random.default_rng(3).permutation(40)
    others = replace(own.select(order), speaker=np.arange(40) % 10, speaker_names=None)
    save_events_npz(others, place / "all.npz")
    tuned = snnc.finetune(snnc.load("m.pt"), "all.npz", **QUICK | {"verbose": True})
    told = capsys.readouterr().out
    of = own.speaker[order][np.arange(40) % 10 < 8]  # its own test part, the last two of ten, is left out
    use = tuned.finetuned.uses[-1]
    assert (use.train, use.validation, use.kept_out) == ((of < 7).sum(), (of == 7).sum(), (of > 7).sum())
    assert f"{use.kept_out} samples are kept out, since the network is tested with them" in told
    assert "8 are left out (the test part by the rules of training)" in told
    found = load_samples(tuned.model, "test", None, place)
    assert (found.name, len(found)) == ("test", 8)
    x = frames(own)
    tuned = snnc.finetune(snnc.load("m.pt"), x, own.labels, **QUICK)
    use = tuned.finetuned.uses[-1]
    assert (use.train, use.validation, use.kept_out) == (28, 4, 8)


def test_accuracies_of_a_tuned_model_file_are_said_to_be_of_before(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Python and on the command line, and where a model file is inspected."""
    save_events_npz(strangers(), place / "new.npz")
    made = snnc.finetune(snnc.load("m.pt"), "new.npz", **QUICK)
    on = "for c on new.npz (40 recordings trained, 10 validated; 4 epochs)"
    assert on in "".join(made.notes)
    tuned = saved(made, "tuned.pt")
    capsys.readouterr()
    said = "these are of the float network, before fine-tuning; its integers of 8 bits after fine-tuning ("
    snnc.test(tuned)
    assert f"tuned.pt: {said}" in capsys.readouterr().out
    assert main(["test", "tuned.pt"]) == 0
    assert f"note: {said}" in capsys.readouterr().out
    assert main(["test", "m.pt"]) == 0
    assert "before fine-tuning" not in capsys.readouterr().out
    assert main(["inspect", "tuned.pt"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert on in told
    assert "validation before fine-tuning, whole delays: " in told


def test_new_recordings_of_a_speaker_who_tests_are_kept_out(place: Path) -> None:
    """By the name; of the numbers nothing is known."""
    data = replace(strangers(), speaker_names=("j", "u", "v", "w", "x", "y"))
    save_events_npz(data, place / "named.npz")
    use = snnc.finetune(snnc.load("m.pt"), "named.npz", **QUICK).finetuned.uses[-1]
    assert (use.train, use.validation, use.kept_out) == (30, 10, 10)


def test_what_tuned_is_no_test_where_the_data_of_training_were_away(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = load_events_npz(place / "train.npz")
    tests = np.flatnonzero(np.isin(own.speaker, [8, 9]))
    x, labels = frames(own)[tests], own.labels[tests]
    (place / "train.npz").rename(tmp_path / "away.npz")
    try:
        some = snnc.finetune(snnc.load("m.pt"), x[:6], labels[:6], **QUICK | {"verbose": True})
        whole = snnc.finetune(snnc.load("m.pt"), x, np.roll(labels, 1), **QUICK)
    finally:
        (tmp_path / "away.npz").rename(place / "train.npz")
    assert "is not known, since it is not here" in capsys.readouterr().out
    found = load_samples(some.model, "test", None, place)
    assert (found.name, len(found)) == ("test (without 6 that fine-tuning used)", 2)
    assert some.finetuned.changed
    assert whole.finetuned.changed
    with pytest.raises(NoDataError, match="fine-tuning used all 8 recordings of the test part"):
        load_samples(whole.model, "test", None, place)
    some.export("c", place / "some.c", budget=False, overwrite=True)
    capsys.readouterr()
    assert main(["run", "some.c", "-i", "train.npz"]) == 0
    told = capsys.readouterr().out
    assert "of these, test: 2 samples" in told
    assert "of these, train (fine-tuning used them): 6 samples" in told


def test_the_report_tells_fine_tuning_from_quantisation(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an export of a model of training, and of a network whose weights themselves were tuned."""
    data = drawn(60, 5)
    marked = replace(data, labels=(data.times.reshape(60, 6)[:, 0] < 40).astype(np.int64), name="marked")
    save_events_npz(marked, place / "marked.npz")
    rate = QUICK | {"epochs": 8, "learning_rate": 0.05}
    tuned = snnc.finetune(snnc.load("m.pt"), "marked.npz", **rate)
    assert tuned.finetuned.changed
    exported = tuned.export("c", place / "changed.c", data=place / "train.npz")
    on = f"for c on marked.npz ({tuned.finetuned.uses[0].train} recordings trained"
    report = exported.verify(executors=["oracle"], generated=0, allow_missing=True, verbose=False).report
    assert report.finetuned.startswith(on)
    assert on in report.provenance["finetuned"]
    tuned.save("changed.pt", overwrite=True)
    capsys.readouterr()
    assert main(["export", "changed.pt", "--target", "c", "-o", "other.c"]) == 0
    told = capsys.readouterr().out
    assert "accuracy  finished " in told
    assert " → integers after fine-tuning " in told
    assert "8 bits, as fine-tuning left them" in told
    assert "cost " not in told
    assert (
        main(["verify", "other.c", "--executors", "oracle,hwsim", "--allow-missing", "--generated", "0"]) == 0
    )
    assert "-> integers after fine-tuning " in capsys.readouterr().out
    assert main(["test", "other.c"]) == 0
    assert "note: quantised is of the integers after fine-tuning, all above it " in capsys.readouterr().out
    assert main(["export", "m.pt", "--target", "c", "-o", "plain.c"]) == 0
    assert main(["test", "plain.c"]) == 0
    assert "fine-tuning" not in capsys.readouterr().out
    passed_over = "these integers are not those of fine-tuning, which was for 8 bits; --weight-bits 8 exports"
    assert passed_over not in told
    assert main(["export", "changed.pt", "--target", "c", "--weight-bits", "4", "-o", "four.c"]) == 0
    assert passed_over in " ".join(capsys.readouterr().out.split())
    assert main(["export", "changed.pt", "--target", "c", "--scale", "max", "-o", "max.c"]) == 0
    assert passed_over in " ".join(capsys.readouterr().out.split())  # it rounds anew, to as many bits
    assert "finetuned" not in json.loads((place / "max.c/manifest.json").read_text())["provenance"]
    shutil.copy("changed.pt", "fresh.pt")  # of which nothing is exported
    for command in ("test", "inspect"):
        assert main([command, "fresh.pt"]) == 0
        found = capsys.readouterr()
        assert "next: snnc export fresh.pt --target c --weight-bits 8\n" in found.out + found.err


def test_what_changed_nothing_left_nothing() -> None:
    record = {"weight_bits": 8, "epoch": 0, "accuracy": [0.5, 0.5]}
    assert not tuned_integers({"finetuned": record, "finished_in_integers": True})
    assert tuned_integers({"finetuned": record | {"epoch": 2}, "finished_in_integers": True})
    assert not tuned_integers({"finetuned": record | {"epoch": 2}})


def test_real_numbers_of_tuned_weights_are_another_stage(tmp_path: Path) -> None:
    x = events(60)
    labels = np.arange(60) % 3
    wanted = {"weight_bits": 3, "epochs": 2, "learning_rate": 0.02}
    tuned = snnc.finetune(Network(network(), "net"), x, **QUICK | wanted)
    assert tuned.finetuned.changed
    exported = tuned.export("c", tmp_path / "net.c")
    found = exported.verify(x, ["oracle"], labels=labels, generated=0, allow_missing=True, verbose=False)
    assert list(found.accuracy) == ["float", "fine-tuned", "quantised"]
    page = found.path.read_text()
    assert "tuned weights as real numbers" in page
    assert "the other stages are the network before it" not in page
    assert (
        "The accuracy lost by fine-tuning and quantising weights, compared with" in page
    )  # its delays were whole


def test_samples_without_an_event_are_told_beside_those_that_tuned(tmp_path: Path) -> None:
    """Of 60 samples 40 trained or validated; two of these have no event, and one of the others."""
    x = events(60)
    x[[0, 5, 50]] = 0
    labels = np.arange(60) % 3
    tuned = snnc.finetune(Network(network(), "net"), x[:40], labels[:40], **QUICK)
    exported = snnc.load(tuned.export("c", tmp_path / "net.c").path)
    found = exported.verify(x, ["oracle"], labels=labels, generated=0, allow_missing=True, verbose=False)
    (note,) = (each for each in found.report.notes if "samples are some that fine-tuning" in each)
    assert "input: 38 of 60 samples" in note
    assert note.endswith("; 3 without an event are not compared, as all such are equal")
