"""Units of recordings that a model does not read."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
from models import tiny_model
from order_task import order_task

import snnc
from snnc.cli import main
from snnc.errors import InputError
from snnc.trainer.data import EventDataset, load, save_events_npz
from snnc.trainer.fitting_data import fitted


def recordings(units: int) -> EventDataset:
    task = order_task(2)
    return replace(task, unit_count=units, units=task.units % units, class_names=tiny_model().class_names)


@pytest.mark.parametrize(
    ("units", "pool", "words"),
    [
        (4, 1, "has 4 units, the model reads 5; if the other lines never fired there, say `lines=5`"),
        (6, 1, "has 6 units, the model reads 5; leave out the lines that it was not trained on, give"),
        (5, 2, r"has 5 units, the model reads 10 \(5 input lines of 2 units each\); if the other"),
    ],
)
def test_other_units_are_refused_with_the_remedy(units: int, pool: int, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fitted(replace(tiny_model(), unit_pool=pool), recordings(units), "mine")


def test_fewer_lines_must_have_the_numbers_of_training() -> None:
    """Channels that were taken out, and the others numbered anew from 0, would be read as other channels."""
    with pytest.raises(InputError) as caught:
        fitted(tiny_model(), recordings(4), "mine")
    assert str(caught.value) == (
        "event data 'mine' has 4 units, the model reads 5; if the other lines never fired there, say "
        "`lines=5` where the file is made, or write unit_count = 5 into it (of .h5, an attribute of the "
        "file); each line must have its number of training: numbered anew, they are read as others"
    )


@pytest.mark.parametrize(
    ("step_s", "made"),
    [
        (
            None,
            "say `lines=5` where the file is made, or write unit_count = 5 into it (of .h5, an attribute of "
            "the file)",
        ),
        (0.01, "make arrays of 5 lines"),
    ],
)
def test_more_lines_keep_the_numbers_of_training(step_s: float | None, made: str) -> None:
    """A network knows a line by its number alone, so that nobody is told to number lines anew."""
    with pytest.raises(InputError) as caught:
        fitted(tiny_model(), replace(recordings(6), step_s=step_s), "mine")
    assert str(caught.value).endswith(
        "reads 5; leave out the lines that it was not trained on, give each other line its number of "
        f"training (numbered anew, they are read as others), and {made}"
    )


def test_lines_without_an_event_are_too_many() -> None:
    """Events are on lines 0 to 4 alone, and the file says 8."""
    silent = replace(recordings(5), unit_count=8)
    with pytest.raises(InputError, match="reads 5; no event is on the others: say `lines=5` where the file"):
        fitted(tiny_model(), silent, "mine")


def test_lines_that_are_counted_from_1(tmp_path, tiny_artifact, refused) -> None:
    """Lines 1 to 5 of a network that reads 5; where line 0 has an event, they are others."""
    task = order_task(2)
    counted = replace(task, unit_count=6, units=1 + task.units % 5, class_names=tiny_model().class_names)
    with pytest.raises(
        InputError, match=r"has 6 units, the model reads 5; addresses start at 1: subtract 1$"
    ):
        fitted(tiny_model(), counted, "mine")
    some = replace(counted, units=np.maximum(counted.units, 2))  # line 1 never fired
    with pytest.raises(
        InputError,
        match=r"reads 5; line 0 never fires, and line 5 does: if addresses start at 1, subtract 1$",
    ):
        fitted(tiny_model(), some, "mine")
    with pytest.raises(InputError, match=r"reads 5; line 0 has no event: leave it out, spikes\[:, :, 1:\]$"):
        fitted(tiny_model(), replace(counted, step_s=0.01), "mine")
    with pytest.raises(InputError, match="reads 5; leave out the lines that it was not trained on"):
        fitted(tiny_model(), replace(counted, units=counted.units - (counted.units == 1)), "mine")
    times, lines = [[0.0, 0.1]] * 2, [[1, 5], [2, 4]]
    save_events_npz(snnc.from_events(times, lines, None, tick_s=1.0), tmp_path / "mine.npz")
    assert "has 6 units, the network reads 5 lines; addresses start at 1: subtract 1" in refused(
        "run", tiny_artifact, "--input", tmp_path / "mine.npz"
    )


def test_the_remedy_is_one_for_the_kind_of_file(tmp_path, tiny_artifact, refused) -> None:
    """An .h5 file has no `lines`, and the shape of an array says how many there are."""
    with h5py.File(tmp_path / "few.h5", "w") as file:
        for name, value in (("times", 0.001), ("units", 3)):
            kind = h5py.vlen_dtype(np.float32 if name == "times" else np.int64)
            file.create_dataset(f"spikes/{name}", (1,), dtype=kind)[0] = np.array([value])
        file["labels"] = np.zeros(1, np.int64)
    said = "or write unit_count = 5 into it (of .h5, an attribute of the file)"
    assert said in refused("run", tiny_artifact, "--input", tmp_path / "few.h5")
    with h5py.File(tmp_path / "few.h5", "a") as file:
        file.attrs["unit_count"] = 5
    assert main(["run", str(tiny_artifact), "--input", str(tmp_path / "few.h5")]) == 0
    few = replace(recordings(4), step_s=0.01)
    with pytest.raises(
        InputError, match="reads 5; if the other lines never fired there, make arrays of 5 lines"
    ):
        fitted(tiny_model(), few, "mine")


def test_steps_that_stand_where_lines_should(tmp_path) -> None:
    """Samples of 5 lines and 12 steps, whose last two axes are exchanged."""
    spikes = np.zeros((3, 12, 5), np.uint8)
    np.savez(tmp_path / "a.npz", spikes=spikes.swapaxes(1, 2), labels=[0, 1, 0], dt=0.01)
    said = r"12 units, .* reads 5; its steps are 5: if these are the lines, swap the axes: spikes\.swapaxes"
    with pytest.raises(InputError, match=said):
        fitted(tiny_model(), load(tmp_path / "a.npz"), "a")


def test_what_fits_is_left_as_it_is() -> None:
    data = recordings(5)
    assert fitted(tiny_model(), data, "mine") is data
