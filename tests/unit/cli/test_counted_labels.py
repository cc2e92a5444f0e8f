"""Labels that are numbers without names, of samples in steps and events: they are taken for the network's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from label_commands import COMMANDS
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.trainer.data import save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

COUNTED = "labels are numbers, so they count the classes from 0: 0 is '2'; if they are names of classes, give"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """m.pt and its export m.c, of the classes rising and falling; n.pt and n.c, of 2 and 1."""
    folder = tmp_path_factory.mktemp("files")
    for name, classes in (("m", ("rising", "falling")), ("n", ("2", "1"))):
        save_events_npz(replace(order_task(120), class_names=classes), folder / f"{name}.npz")
        save_model(train(config(dataset=str(folder / f"{name}.npz"), epochs=8)), folder / f"{name}.pt")
        snnc.load(folder / f"{name}.pt").export("c", folder / f"{name}.c", budget=False)
    return folder


def frames(name: str, turned: bool = False, **more: object) -> None:
    """60 new recordings in the network's steps; 0 is a rising one."""
    task = order_task(60)
    task = replace(task, times=(task.times + 1).astype(np.uint16))
    graph = snnc.load("m.c").graph
    spikes = task.frames(np.arange(60), graph.bin_s, graph.time_steps, 1)
    labels = 1 - task.labels if turned else task.labels
    np.savez(name, spikes=spikes, labels=labels, dt=graph.bin_s, **more)


def events(name: str, **more: object) -> None:
    """The same as events by time."""
    task = order_task(60)
    arrays = {"times": task.times + 1, "tick_s": task.tick_s, "units": task.units, "offsets": task.offsets}
    np.savez(name, **arrays, labels=task.labels, unit_count=task.unit_count, **more)


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_count_the_classes_of_the_network(
    command: tuple[str, ...],
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(place)

    def told(model: str, file: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main([*(word.format(model) for word in command), file]) == code
        found = capsys.readouterr()
        return " ".join((found.out + found.err).split())

    frames("numbers.npz")
    frames("names.npz", classes=np.array(["rising", "falling"]))
    events("event_numbers.npz")
    events("event_names.npz", classes=np.array(["rising", "falling"]))
    right = [
        [word for word in told("m", file).split("next:")[0].split() if "%" in word]
        for file in ("numbers.npz", "names.npz", "event_numbers.npz", "event_names.npz")
    ]
    assert right[0] == right[1] == right[2] == right[3] != []
    for file in ("numbers.npz", "event_numbers.npz"):
        assert COUNTED in told("n", file)  # names that are other numbers are not meant
        assert COUNTED not in told("m", file)
    frames("turned.npz", turned=True)
    assert "labels seem to number the classes in another order than the network" in told("m", "turned.npz")
    frames("strange.npz")
    arrays = dict(np.load("strange.npz"))
    arrays["labels"][3] = 2
    np.savez("strange.npz", **arrays)
    assert "labels[3] is 2; classes are numbered 0..1" in told("m", "strange.npz", 2)
