"""A line that is dead in the test part of the model's own data: `test` and `verify` say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import ON_GOLDEN
from order_task import config, order_task

import snnc
from snnc.cli import main
from snnc.errors import UnlikelyWarning
from snnc.trainer.data import EventDataset, save_events_npz
from snnc.trainer.loop import train
from snnc.trainer.model_file import save_model

DEAD = 2
SAID = "1 of 6 input lines that had events in training has none in these 16 recordings (2): a channel may be"


def with_dead_line(speakers: tuple[int, ...]) -> EventDataset:
    """Line 2 fires in each recording, but for those of `speakers`."""
    task = order_task(80)
    of = np.repeat(np.arange(len(task)), np.diff(task.offsets))
    kept = task.units != DEAD
    starts = task.offsets[:-1]
    times, units, offsets = [], [], [0]
    for number in range(len(task)):
        own = (of == number) & kept
        more = [] if task.speaker[number] in speakers else [DEAD]
        times += [*task.times[own], *task.times[starts[number]][None][: len(more)]]
        units += [*task.units[own], *more]
        offsets.append(len(times))
    return replace(task, times=np.array(times), units=np.array(units), offsets=np.array(offsets))


def saved(folder: Path, data: EventDataset) -> str:
    save_events_npz(data, folder / "mine.npz")
    told = config(dataset=str(folder / "mine.npz"), epochs=1, finetune_epochs=0, quantise_epochs=0)
    save_model(train(told), folder / "m.pt")
    return str(folder / "m.pt")


@pytest.fixture
def model(tmp_path: Path) -> str:
    return saved(tmp_path, with_dead_line((8, 9)))


def test_the_own_test_part_tells_it(model: str, tmp_path: Path, capsys) -> None:
    assert main(["export", model, "--target", "c", "-o", str(tmp_path / "m.c")]) == 0
    capsys.readouterr()
    for command in (["test", model], ["test", str(tmp_path / "m.c")]):
        assert main(command) == 0
        assert f"note: test: {SAID}" in " ".join(capsys.readouterr().err.split())
    assert main(["verify", str(tmp_path / "m.c"), "--executors", "oracle", "--generated", "0"]) == 0
    assert f"test: {SAID}" in " ".join(capsys.readouterr().out.split())
    with pytest.warns(UnlikelyWarning, match="a channel may be dead"):
        snnc.test(model)
    assert main(["test", model, "--split", "validation"]) == 0
    assert "dead" not in capsys.readouterr().err


def test_nothing_is_told_where_all_lines_fire(tmp_path: Path, capsys) -> None:
    model = saved(tmp_path, with_dead_line(()))
    capsys.readouterr()
    assert main(["test", model]) == 0
    assert "input lines" not in capsys.readouterr().err


def test_golden_inputs_tell_nothing(model: str, tmp_path: Path, capsys) -> None:
    assert main(["export", model, "--target", "c", "-o", str(tmp_path / "m.c")]) == 0
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "m.c"), *ON_GOLDEN, "--executors", "oracle"]) == 0
    assert "dead" not in capsys.readouterr().out
