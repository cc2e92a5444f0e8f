"""Where no recording is kept for testing: each command that is printed as the next one works."""

import shlex
from pathlib import Path

import pytest
from order_task import order_task, toml

from snnc.cli import main
from snnc.trainer.data import save_events_npz
from snnc.trainer.recipes.untested import untested

SETTINGS = ("validation_speakers = [9]", "test_speakers = []", 'validation = "training"')


def following(said) -> list[str]:
    """The commands of the last line that tells the next ones."""
    (*_, line) = (line for line in (said.out + said.err).splitlines() if line.startswith("next: "))
    return [each.strip() for each in line.removeprefix("next: ").partition("  #")[0].split("&&")]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_next_command_works(setting: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(40), "order.npz")
    Path("mine.toml").write_text(toml(epochs=1, finetune_epochs=0) + setting + "\n")
    assert main(["train", "mine.toml", "-o", "m.pt"]) == 0
    (export,) = following(capsys.readouterr())
    assert export == "snnc export m.pt --target c"
    assert main(shlex.split(export)[1:]) == 0
    (verify,) = following(capsys.readouterr())
    assert verify == "snnc verify m.c --split validation"
    quick = ["--executors", "oracle,hwsim", "--samples", "4", "--generated", "0"]
    assert main([*shlex.split(verify)[1:], *quick]) == 0
    assert " recordings), every u, v and spike" in capsys.readouterr().out
    assert main(["verify", "m.c", *quick]) == 0  # as without --split, with a note of why
    said = " ".join(capsys.readouterr().out.split())
    assert "no recording was kept for testing" in said
    assert "--split validation measures on those" in said

    assert main(["test", "m.pt"]) == main(["test", "m.c"]) == 2
    assert capsys.readouterr().err.count("--split validation measures on those") == 2
    own = ["--dataset", "order.npz", "--split", "validation"]
    assert main(["test", "m.c", *own]) == 0
    (verify,) = following(capsys.readouterr())
    assert verify == "snnc verify m.c --dataset order.npz --split validation"
    assert main([*shlex.split(verify)[1:], *quick]) == 0


def test_who_tests_by_a_configuration() -> None:
    assert untested({"dataset": "mine.npz"}) is None
    assert untested({"dataset": "mine.npz", "validation_speakers": [1], "test_speakers": ["eva"]}) is None
    assert untested({"dataset": "shd", "validation_speakers": [0, 9]}) is None
    assert untested({"dataset": "digits", "validation": "training"}) is None
    assert untested({"dataset": "mine.npz", "validation": "training", "test_speakers": [1]}) is None
    assert untested({"dataset": "digits", "validation_speakers": [0]}) == (
        "no recording was kept for testing, as validation_speakers are named and test_speakers are not"
    )
    assert untested({"dataset": "mine.npz", "validation": "training"}) == (
        "no recording was kept for testing, as validation = 'training' holds nobody out and no test_speakers "
        "are named"
    )
