"""What is said of fine-tuning that changed nothing, and of exports whose integers it did not make."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finetune_nets import events, network
from order_task import config, order_task

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import load_model, save_model

STILL = {"target": "c", "epochs": 1, "learning_rate": 1e-12, "verbose": False}
"""No integer moves."""
MOVED = {"target": "c", "epochs": 8, "learning_rate": 0.05, "verbose": False}
QUICK = ("--executors", "oracle", "--allow-missing", "--generated", "0")


def drawn(count: int, seed: int) -> EventDataset:
    """Recordings whose first line tells the class."""
    times = np.random.default_rng(seed).integers(0, 80, 6 * count).astype(np.uint16)
    labels = (times.reshape(count, 6)[:, 0] < 40).astype(np.int64)
    return replace(order_task(count), times=times, labels=labels)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, the recordings new.npz, and what these made of it for 4 bits."""
    folder = tmp_path_factory.mktemp("files")
    save_events_npz(drawn(40, 4), folder / "train.npz")
    told = config(dataset=str(folder / "train.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), folder / "m.pt")
    save_events_npz(replace(drawn(60, 5), speaker=np.arange(60) % 6, name="new"), folder / "new.npz")
    tuned = snnc.finetune(snnc.load(folder / "m.pt"), str(folder / "new.npz"), weight_bits=4, **MOVED)
    assert tuned.finetuned.epoch > 0
    tuned.save(folder / "tuned.pt")
    return folder


@pytest.fixture
def place(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    return made


def told(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    """All that a command prints, in one line."""
    assert main(list(command)) == 0
    found = capsys.readouterr()
    return " ".join((found.out + found.err).split())


def test_integers_that_fine_tuning_did_not_change_are_those_of_the_export(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Training made none of 5 bits, so that they are rounded after it."""
    still = snnc.finetune(snnc.load("m.pt"), "new.npz", weight_bits=5, **STILL)
    assert not still.finetuned.changed
    still.save("still.pt", overwrite=True)
    for command in ("test", "inspect"):
        words = told(capsys, command, "still.pt")
        assert words.endswith("next: snnc export still.pt --target c --weight-bits 5")
        assert "before fine-tuning" not in words
    words = told(capsys, "export", "still.pt", "--target", "c", "--weight-bits", "5", "-o", "still.c")
    assert "weights 5 bits, rounded to them after training" in words
    assert "as training finished them" not in words
    assert "tun" not in words
    plain = snnc.load("m.pt").export("c", place / "plain.c", weight_bits=5, overwrite=True)
    assert snnc.load("still.c").graph == plain.graph
    for model in ("still.pt", "still.c"):
        words = told(capsys, "test", model, "--dataset", "new.npz")
        assert "none of them trained or validated the network" in words
    assert "fine-tuning" not in told(capsys, "run", "still.c", "-i", "new.npz")


def test_recordings_of_fine_tuning_trained_no_export_of_other_bits(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By speakers 40 train and 10 validate: the accuracy of the integers of 4 bits alone is optimistic."""
    for bits, seen in (("4", 50), ("8", 0)):
        folder = f"bits{bits}.c"
        command = ("export", "tuned.pt", "--target", "c", "--weight-bits", bits, "-o", folder)
        assert ("as fine-tuning left them" in told(capsys, *command)) == (seen > 0)
        words = told(capsys, "test", folder, "--dataset", "new.npz")
        none = "none of them trained or validated the network"
        some = "50 of them are recordings that trained or validated the network in fine-tuning"
        assert (some if seen else none) in words
        assert (none if seen else some) not in words
        verified = ("verify", folder, "--dataset", "new.npz", *QUICK)
        assert (some if seen else none) in told(capsys, *verified)
        assert (some if seen else none) in told(capsys, "run", folder, "-i", "new.npz")
        manifest = json.loads((place / folder / "manifest.json").read_text())
        assert ("finetuned" in manifest["provenance"]) == (seen > 0)


def test_bits_that_an_earlier_call_changed_stay_its_own(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second call that changes nothing, for the same bits and for others."""
    for bits in (4, 8):
        again = snnc.finetune(snnc.load("tuned.pt"), "new.npz", weight_bits=bits, **STILL)
        assert not again.finetuned.changed
        name = f"again{bits}.pt"
        again.save(name, overwrite=True)
        words = told(capsys, "export", name, "--target", "c", "--weight-bits", "4", "-o", f"again{bits}.c")
        assert "4 bits, as fine-tuning left them" in words
        assert "not those of fine-tuning" not in words
        words = told(capsys, "test", f"again{bits}.c", "--dataset", "new.npz")
        assert "50 of them are recordings that trained" in words
    words = told(capsys, "export", "again8.pt", "--target", "c", "-o", "eight.c")
    assert "as fine-tuning left them" not in words
    assert "which was for 4 bits; --weight-bits 4 exports them" in words
    assert "its integers are those of before, which fine-tuning made" in told(capsys, "inspect", "again4.pt")


def test_some_layers_as_fine_tuning_left_them_and_others_as_training(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = told(capsys, "export", "tuned.pt", "--target", "c", "--weight-bits", "4,8", "-o", "mixed.c")
    assert (
        "hidden1 4, readout 8 bits, hidden1 as fine-tuning left them, readout as training finished" in words
    )
    assert "not those of fine-tuning" not in words


def test_pruning_is_named_beside_fine_tuning(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--target", "c", "--weight-bits", "4", "--prune", "0.3", "-o", "pruned.c")
    words = told(capsys, "export", "tuned.pt", *options)
    assert " points of fine-tuning, rounding and pruning together (" in words
    words = told(capsys, "inspect", "pruned.c/budget.json")
    assert " points of fine-tuning, rounding and pruning together (" in words
    told(capsys, "verify", "pruned.c", *QUICK)
    report = json.loads((place / "pruned.c" / "report.json").read_text())
    assert "prune = 0.3" in report["provenance"]["options"]
    page = (place / "pruned.c" / "report.html").read_text()
    assert "Not told alone: fine-tuning, quantisation and pruning together" in page


def test_a_network_of_another_framework_that_nothing_changed(tmp_path: Path) -> None:
    x = events(60)
    still = snnc.finetune(Network(network(), "net"), x[:40], np.arange(40) % 3, weight_bits=4, **STILL)
    assert still.model == network()
    exported = still.export("c", tmp_path / "still.c", scale="max")  # it is on no grids of its own
    found = exported.verify(
        x, ["oracle"], labels=np.arange(60) % 3, generated=0, allow_missing=True, verbose=False
    )
    assert not any("fine-tuning" in note for note in found.report.notes)
    assert found.report.finetuned == ""


def test_many_recordings_are_kept_in_an_export(tmp_path: Path) -> None:
    """A manifest holds no text of more than 4096 characters, and fingerprints of 560 take 8960."""
    x, labels = events(700), np.arange(700) % 3
    tuned = snnc.finetune(Network(network(), "net"), x, labels, weight_bits=3, **MOVED | {"epochs": 2})
    assert tuned.finetuned.changed
    exported = tuned.export("c", tmp_path / "net.c")
    found = exported.verify(x, ["oracle"], labels=labels, generated=0, allow_missing=True, verbose=False)
    said = "input: 700 of 700 samples are some that fine-tuning"
    assert any(note.startswith(said) for note in found.report.notes)


def test_a_start_that_is_clipped_alone_was_not_trained(tmp_path: Path) -> None:
    """A grid of 2 bits does not hold a weight of 3 thresholds; that of the least squared error clips it."""
    clipped = network()
    ways = clipped.projections
    large = ways[0].synapses.weights.copy()
    large[large == large.max()] = 3 * float(clipped.stateful[0].threshold.max())
    first = replace(ways[0], synapses=ways[0].synapses.with_weights(large))
    net = Network(replace(clipped, projections=(first, *ways[1:])), "net")
    x = events(60)
    tuned = snnc.finetune(net, x, weight_bits=2, **STILL)
    assert tuned.finetuned.epoch == 0
    assert tuned.finetuned.changed
    assert str(tuned.finetuned).startswith("clipped to 2 bits, not trained: agreement ")
    assert str(tuned.finetuned).endswith(" of 12; no epoch changed an integer weight")
    note, _ = tuned.notes
    assert note.startswith("clipped for c on ")
    exported = tuned.export("c", tmp_path / "net.c")
    found = exported.verify(
        x, ["oracle"], labels=np.arange(60) % 3, generated=0, allow_missing=True, verbose=False
    )
    said = "input: 12 of 60 samples are some that fine-tuning"
    assert any(note.startswith(said) for note in found.report.notes)
    assert list(found.accuracy) == ["float", "clipped weights", "quantised"]
    assert found.report.finetuned == ""
    assert found.report.clipped.startswith("for c on ")
    page = found.path.read_text()
    assert "Fine-tuning clipped the largest weights and trained none, for c on" in page
    assert "The accuracy lost by clipping and quantising weights, compared with" in page
    assert "compared with the network before fine-tuning" in page
    assert "loat to quantised, 60 recordings" in page
    for wrong in ("was fine-tuned", "were fine-tuned", "after fine-tuning"):
        assert wrong not in page


CALLS = {"uses": [{"data": "new", "train": 40, "validation": 10, "epochs": 1, "weight_bits": 4, "kept": 0}]}


def with_calls(path: str, name: str, *kept: int) -> None:
    """The model `path` as `name`, with a record of calls that kept these epochs."""
    model = load_model(path)
    record = dict(model.metrics["finetuned"]) | {"epoch": kept[-1]}
    uses = [CALLS["uses"][0] | {"kept": each} for each in kept]
    save_model(replace(model, metrics={**model.metrics, "finetuned": record | {"uses": uses}}), name)


def test_integers_that_were_only_clipped_are_nowhere_called_fine_tuned(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a model of training: the export, its check, its report, and what inspect says of its costs."""
    for name, kept in (("clip", (0,)), ("both", (2, 0))):
        with_calls("tuned.pt", f"{name}.pt", *kept)
        exported = told(
            capsys, "export", f"{name}.pt", "--target", "c", "--weight-bits", "4", "-o", f"{name}.c"
        )
        clipped = name == "clip"
        assert ("4 bits, clipped by fine-tuning, which trained none of them" in exported) == clipped
        assert ("4 bits, as fine-tuning left them" in exported) != clipped
        folder = told(capsys, "inspect", f"{name}.c")
        how = "clipped by fine-tuning, which trained none of them" if clipped else "as fine-tuning left them"
        assert f" weights: 4 bits, {how} overflow: " in folder
        verified = told(capsys, "verify", f"{name}.c", *QUICK)
        inspected = told(capsys, "inspect", f"{name}.c/budget.json")
        page = (place / f"{name}.c" / "report.html").read_text()
        for words in (exported, verified, inspected, page):
            assert ("integers after fine-tuning" in words or "were fine-tuned" in words) != clipped
        assert ("Fine-tuning clipped the largest weights and trained none, for c on new" in page) == clipped
    mixed = told(capsys, "export", "clip.pt", "--target", "c", "--weight-bits", "4,8", "-o", "mixed_clip.c")
    assert "hidden1 clipped by fine-tuning, which trained none of them, readout as training fin" in mixed
