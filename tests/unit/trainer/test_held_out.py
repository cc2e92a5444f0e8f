"""Copies of recordings that train, among those that validate and test: told by all that measure these."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finetune_nets import events, network
from order_task import config, order_task

import snnc
from snnc.api.network import Network
from snnc.cli import main
from snnc.errors import UnlikelyWarning
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.data.splits import split_by_speaker
from snnc.trainer.held_out import Steps, copies_across
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

SHORT = {"epochs": 1, "finetune_epochs": 0, "quantise_epochs": 0}
STEPS = Steps(0.01, 12, 1)


def drawn(moved: int = 0) -> EventDataset:
    """Speakers 0 .. 6 train, 7 validates, 8 and 9 test, 4 recordings each; speaker 8 has those of speaker 0.

    Times are in ms, a step of the network is 10 ms, and the events of the copies are `moved` ms later.
    """
    task = order_task(40)
    times = np.random.default_rng(2).integers(0, 8, (40, 6)) * 10
    eight, zero = (np.flatnonzero(task.speaker == each) for each in (8, 0))
    times[eight] = times[zero] + moved
    units = task.units.reshape(40, 6).copy()
    units[eight] = units[zero]
    return replace(task, times=times.astype(np.uint16).ravel(), units=units.ravel(), name="task")


def told(data: EventDataset, steps: Steps = STEPS, tested: bool = False) -> list[str]:
    return list(copies_across(split_by_speaker(data, (7,), (8, 9)), steps, tested))


def test_copies_are_known_by_their_events_or_by_the_networks_steps() -> None:
    among = "among those that train: accuracy on test is optimistic"
    assert told(drawn()) == [f"4 recordings of test are, event by event, {among}"]
    assert told(drawn(3)) == [f"4 recordings of test are, in the network's steps of 10 ms, {among}"]
    assert told(drawn(3), Steps(0.002, 60, 1)) == []
    both = drawn(3)
    exact = np.flatnonzero(both.speaker == 8)[0]
    times = both.times.reshape(40, 6).copy()
    times[exact] -= 3
    said = f"4 recordings of test are, in the network's steps of 10 ms (1 of them event by event), {among}"
    assert told(replace(both, times=times.ravel())) == [said]


def test_lines_are_of_parts_that_are_held_out() -> None:
    validating = drawn(3)
    validating = replace(validating, speaker=np.array([0, 1, 2, 3, 4, 5, 6, 8, 7, 9])[validating.speaker])
    (note,) = told(validating)
    assert note.startswith("4 recordings of validation are, in the network's steps")
    assert told(validating, tested=True) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, its export and its data, of which half of the test part trained, but for 3 ms."""
    folder = tmp_path_factory.mktemp("files")
    save_events_npz(drawn(3), folder / "task.npz")
    save_model(train(config(dataset=str(folder / "task.npz"), **SHORT)), folder / "m.pt")
    snnc.load(folder / "m.pt").export("c", folder / "m.c", budget=False)
    return folder


SAID = "4 recordings of test are, in the network's steps of 10 ms, among those that train: accuracy on test"


def test_training_tells_it() -> None:
    said: list[str] = []
    train(config(**SHORT), data=drawn(3), notify=said.append, introduce="")
    assert f"note: {SAID} is optimistic" in said


@pytest.mark.parametrize(
    "command",
    [
        ("test", "m.pt"),
        ("test", "m.c"),
        ("verify", "m.c", "--executors", "oracle", "--allow-missing", "--generated", "0"),
    ],
)
def test_commands_tell_it_where_they_test(
    command: tuple[str, ...],
    made: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(made)
    for more in ((), ("--dataset", "task.npz")):
        assert main([*command, *more]) == 0
        found = capsys.readouterr()
        assert f"{SAID} is optimistic" in " ".join((found.out + found.err).split())
    assert main([*command, "--split", "validation"]) == 0
    found = capsys.readouterr()
    assert "among those that" not in found.out + found.err


def test_python_warns_of_it(made: Path) -> None:
    for model in ("m.pt", "m.c"):
        with pytest.warns(UnlikelyWarning, match=SAID):
            snnc.test(made / model)
    with pytest.warns(UnlikelyWarning, match=SAID):
        snnc.load(made / "m.c").verify(executors=["oracle"], generated=0, allow_missing=True, verbose=False)


def test_finetune_tells_samples_that_validate_and_train(capsys: pytest.CaptureFixture[str]) -> None:
    """Each of 40 samples stands twice; of the 16 that validate, some have their copy among the others."""
    x = events(40)
    options = {"target": "c", "epochs": 1, "weight_bits": 4}
    snnc.finetune(Network(network(), "net"), x, **options)
    assert "among those that train" not in capsys.readouterr().out
    snnc.finetune(Network(network(), "net"), np.concatenate([x, x]), **options)
    assert " samples that validate are among those that train, so accuracy" in capsys.readouterr().out
