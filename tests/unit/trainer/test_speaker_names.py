"""Speakers are held out by their names, where the data have names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from order_task import config, order_task, toml

from snnc.cli import main
from snnc.errors import ConfigError, InputError
from snnc.trainer.config import make_config
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.introduction import _parts
from snnc.trainer.model_file import load_model
from snnc.trainer.samples import load_samples
from snnc.trainer.splitting import recordings_of, splits_of
from snnc.trainer.sweep import load_sweep

NAMES = ("anna", "bora", "7", "dan", "eva")


def named() -> EventDataset:
    """40 recordings, of five speakers in turn."""
    task = order_task(40)
    return replace(task, speaker=np.arange(40) % 5, speaker_names=NAMES, name="order")


def test_names_hold_out_whom_they_name() -> None:
    parts = splits_of(config(validation_speakers=["eva"], test_speakers=["bora", 3]), named())
    assert set(parts.validation.speaker.tolist()) == {4}
    assert set(parts.test.speaker.tolist()) == {1, 3}
    assert set(parts.train.speaker.tolist()) == {0, 2}
    parts = splits_of(config(validation="training", test_speakers=["eva"]), named())
    assert set(parts.test.speaker.tolist()) == {4}
    assert set(parts.train.speaker.tolist()) == {0, 1, 2, 3}


def test_a_text_is_a_name_and_a_number_a_number() -> None:
    assert set(splits_of(config(validation_speakers=["7"]), named()).validation.speaker.tolist()) == {2}
    with pytest.raises(
        InputError, match=r"no speaker 7 \(did you mean '7'\?\); it has 0 \(anna\), 1 \(bora\), 2 \(7\)"
    ):
        splits_of(config(validation_speakers=[7]), named())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"validation_speakers": ["evva"]},
            r"has no speaker 'evva' \(did you mean 'eva'\?\); it has 0 \(anna\), 1 \(bora\)",
        ),
        ({"validation_speakers": ["eva"], "test_speakers": ["x"]}, r"has no speaker 'x'; it has 0 \(anna\)"),
        ({"validation_speakers": ["eva"], "test_speakers": [4]}, r"speaker 'eva' is in both the validation"),
        ({"validation_speakers": list(NAMES)}, r"no speaker is left to train; hold out fewer of 0 \(anna\)"),
    ],
)
def test_wrong_names_are_answered_as_wrong_numbers(fields: dict[str, list[str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        splits_of(config(**fields), named())


def test_names_of_data_without_names() -> None:
    nameless = replace(named(), speaker_names=None)
    said = r"'order' has no speaker 'eva'; it has \[0, 1, 2, 3, 4\], without names"
    with pytest.raises(InputError, match=said):
        splits_of(config(validation_speakers=["eva"]), nameless)


def test_what_is_neither_a_number_nor_a_name() -> None:
    for wrong in (1.5, True, "", [1]):
        with pytest.raises(
            ConfigError, match=r"validation_speakers\[0\] = .*: give the number or the name of"
        ):
            make_config(config().model_dump() | {"validation_speakers": [wrong]})


def test_the_line_on_the_parts_names_who_is_held_out() -> None:
    told = config(validation_speakers=["eva"], test_speakers=["bora", "dan"])
    said = "recordings: 16 train, 8 validate (eva), 16 are kept for testing (bora, dan)"
    assert _parts(recordings_of(told, named()), told) == said
    assert _parts(recordings_of(config(), named()), config()) == (
        "recordings: 24 train, 8 validate (dan), 8 are kept for testing (eva)"
    )
    nameless = replace(named(), speaker_names=None)
    assert _parts(recordings_of(config(), nameless), config()).endswith("8 are kept for testing")


def test_folds_of_a_sweep_name_them(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(toml(), encoding="utf-8")
    file = tmp_path / "sweep.toml"
    folds = '[folds.e]\nvalidation_speakers = ["eva"]\n[folds.d]\nvalidation_speakers = ["dan"]\n'
    file.write_text(f'base = "mine.toml"\nseeds = [0]\n[variants.one]\n{folds}', encoding="utf-8")
    runs = load_sweep(file, tmp_path / "out")
    assert [run.config.validation_speakers for run in runs] == [("eva",), ("dan",)]


def test_the_model_keeps_who_was_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save_events_npz(named(), "order.npz")
    Path("mine.toml").write_text(toml(epochs=1, finetune_epochs=0, quantise_epochs=0), encoding="utf-8")
    command = ["train", "mine.toml", "--dataset", "order.npz", "-o", "m.pt"]
    held_out = ["--set", 'validation_speakers=["eva"]', "--set", 'test_speakers=["bora"]']
    assert main([*command, *held_out]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "24 train, 8 validate (eva), 8 are kept for testing (bora)" in told
    model = load_model(Path("m.pt"))
    assert set(load_samples(model, "test").events.speaker.tolist()) == {1}
    assert set(load_samples(model, "validation").events.speaker.tolist()) == {4}
    assert main([*command, *held_out]) == 0  # the same configuration makes the same model again
    assert main([*command, "--set", "validation_speakers=[eva]"]) == 2
    said = capsys.readouterr().err
    assert "--set validation_speakers=[eva]: is no list of TOML" in said
    assert "--set 'validation_speakers=[\"NAME\"]'" in said
