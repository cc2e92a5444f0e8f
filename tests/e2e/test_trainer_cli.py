"""`snnc train` and `snnc test` on small data of one's own."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import order_task, own_run

from snnc.cli import main
from snnc.trainer.data import load_digits, save_events_npz
from snnc.trainer.model_file import load_model


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A TOML file beside its data; 8 epochs, 4 of fine-tuning and 5 in integers."""
    return own_run(tmp_path, epochs=8, finetune_epochs=4, quantise_epochs=5)


def train(*arguments: object) -> int:
    return main(["train", *map(str, arguments)])


@pytest.mark.parametrize(
    ("options", "lengths"),
    [
        ([], (2, 2, 2)),
        (["--set", "finetune_epochs=3"], (2, 3, 2)),
        (["--set", "quantise_epochs=3"], (2, 2, 3)),
        (["--set", "finetune_epochs=0", "--set", "quantise_epochs=0"], (2, 0, 0)),
    ],
)
def test_few_epochs_make_a_short_run(mine: Path, options: list[str], lengths: tuple[int, ...]) -> None:
    model = mine.with_name("model.pt")
    assert train(mine, "-o", model, "--epochs", 2, *options) == 0
    history = load_model(model).metrics["history"]
    gaussian, rounded, integer = lengths
    wanted = ["gaussian"] * gaussian + ["rounded"] * rounded + ["int8"] * integer
    assert [epoch["phase"] for epoch in history] == wanted
    assert sorted(path.name for path in mine.parent.iterdir()) == ["mine.toml", "model.pt", "order.npz"]


def test_one_epoch_learns(mine: Path) -> None:
    model = mine.with_name("model.pt")
    assert train(mine, "-o", model, "--epochs", 1, "--dataset", mine.with_name("order.npz")) == 0
    loaded = load_model(model)
    assert loaded.gaussian is not None
    # Batch norm starts with gamma = 1 in every neuron; Adam moves each by about the learning rate, 2e-2.
    norm = loaded.gaussian[0].batch_norm
    assert norm is not None
    assert np.abs(norm.gamma - 1).max() > 5e-3


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "is a folder"),
        ("none/model.pt", "cannot be written (No such file or directory)"),
        ("order.npz/model.pt", "cannot be written (Not a directory)"),
        ("x" * 240, "cannot be written (File name too long)"),
    ],
)
def test_an_impossible_output_is_refused_before_training(
    mine: Path, output: str, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("training began")

    monkeypatch.setattr("snnc.trainer.loop.train", never)
    assert train(mine, "-o", mine.parent / output) == 2
    assert words in capsys.readouterr().err


def test_shared_speakers_and_a_missing_checkpoint_are_told(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_events_npz(replace(order_task(40), speaker=np.zeros(40, int)), mine.with_name("order.npz"))
    model = mine.with_name("model.pt")
    assert train(mine, "-o", model, "--epochs", 1, "--resume") == 0
    told = capsys.readouterr().err
    assert "event data 'order': training, validation and test share sources (field `speaker`)" in told
    assert "model.pt.checkpoint: no such checkpoint; training starts from the beginning" in told
    assert main(["test", str(model)]) == 0
    *lines, of_floats, note = capsys.readouterr().out.splitlines()
    assert of_floats == (
        "note: finished is the network in real numbers with rounded delays, after training with them where "
        "that helped; `snnc test` of what `snnc export` writes tells that of the integers"
    )
    assert note == "note: 8 recordings of 1 source (field `speaker`: 0); accuracy on other sources may differ"
    assert [line[:14].strip() for line in lines] == ["float", "delays rounded", "finished"]
    assert all("of 8, test (same sources))" in line for line in lines)


@pytest.mark.parametrize("package", ["DCLS", "spikingjelly"])
def test_the_published_parts_are_an_extra(package, mine, tmp_path, refused, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    said = refused("train", mine, "-o", tmp_path / "model.pt", "--set", "engine=reference")
    assert f"needs the package {package.lower()}; pip install 'snnc[reference]'" in said
    assert not (tmp_path / "model.pt").exists()


def test_resuming_with_other_data_is_refused(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from snnc.trainer.config import load_config
    from snnc.trainer.loop import train as run

    output = mine.with_name("model.pt")
    run(load_config(mine), checkpoint=mine.with_name("model.pt.checkpoint"))
    save_events_npz(replace(order_task(40), unit_count=8), mine.with_name("order.npz"))
    assert train(mine, "-o", output, "--resume") == 2
    assert "the checkpoint was made with other recordings" in capsys.readouterr().err
    assert not output.exists()


@pytest.mark.parametrize("output", ["events.npz", "mine.toml"])
def test_training_never_overwrites_what_it_trains_from(tmp_path, capsys, output):
    digits = load_digits()
    few = digits.select(np.flatnonzero((digits.labels < 2) & (digits.speaker < 12)))
    save_events_npz(few, tmp_path / "events.npz")
    (tmp_path / "mine.toml").write_text(
        'dataset = "events.npz"\nbin_s = 0.02\nhidden = [4]\nkernel_size = 5\ntau = 2.0\n'
        "epochs = 1\nbatch_size = 8\nlr_weights = 0.01\n"
    )
    before = (tmp_path / output).read_bytes()
    assert main(["train", str(tmp_path / "mine.toml"), "-o", str(tmp_path / output)]) == 2
    assert "would be overwritten" in capsys.readouterr().err
    assert (tmp_path / output).read_bytes() == before


def test_a_folder_as_output(capsys):
    assert main(["train", "digits", "-o", "."]) == 2
    assert "is a folder" in capsys.readouterr().err
