"""Shapes and steps of the samples in a file that `run` and `verify` are given."""

from __future__ import annotations

import numpy as np
import pytest
from own_samples import LINES, QUICK, STEPS, random_spikes, written

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("command", ["run", "verify"])
@pytest.mark.parametrize(
    ("shape", "remedy"),
    [
        (
            (40, 50, LINES),
            "[40, 50, 5], read as [samples, steps, lines]; sample 0 has 50 steps of 5 lines, the network "
            "takes 12 steps of 5 lines; cut",
        ),
        (
            (40, 9, LINES),
            "[40, 9, 5], read as [samples, steps, lines]; sample 0 has 9 steps of 5 lines, the network "
            "takes 12 steps of 5 lines; add",
        ),
        (
            (7, LINES, STEPS),
            "[7, 5, 12], read as [samples, steps, lines]; sample 0 has 5 steps of 12 lines, the network "
            "takes 12 steps of 5 lines; swap the last two axes: spikes.swapaxes(-1, -2)",
        ),
        (
            (STEPS, 40, LINES),
            "[12, 40, 5], read as [samples, steps, lines]; sample 0 has 40 steps of 5 lines, the network "
            "takes 12 steps of 5 lines; if the first axis is time, swap the first two: spikes.swapaxes(0, 1)",
        ),
        (
            (STEPS, LINES, 40),
            "[12, 5, 40], read as [samples, steps, lines]; sample 0 has 5 steps of 40 lines, the network "
            "takes 12 steps of 5 lines; if they are [steps, lines, samples], spikes.transpose(2, 0, 1) makes",
        ),
        (
            (LINES, 40, STEPS),
            "[5, 40, 12], read as [samples, steps, lines]; sample 0 has 40 steps of 12 lines, the network "
            "takes 12 steps of 5 lines; if they are [lines, samples, steps], spikes.transpose(1, 2, 0) makes",
        ),
        (
            (LINES, STEPS, 40),
            "[5, 12, 40], read as [samples, steps, lines]; sample 0 has 12 steps of 40 lines, the network "
            "takes 12 steps of 5 lines; if they are [lines, steps, samples], spikes.transpose(2, 1, 0) makes",
        ),
        (
            (7, STEPS, 8),
            "[7, 12, 8], read as [samples, steps, lines]; sample 0 has 12 steps of 8 lines, the network "
            "takes 12 steps of 5 lines\n",
        ),
        ((LINES,), "[5], read as"),
    ],
)
def test_another_shape_is_told_with_the_networks(command, shape, remedy, tiny_artifact, tmp_path, refused):
    path = written(tmp_path / "own.npz", spikes=np.zeros(shape, np.uint8))
    without = ("--dataset", "none") if command == "verify" else ()
    assert f"--input {path}: its spikes are {remedy}" in refused(command, tiny_artifact, "-i", path, *without)


def test_what_the_errors_name_makes_the_networks_shape() -> None:
    wanted = (40, STEPS, LINES)
    assert np.zeros((40, LINES, STEPS)).swapaxes(-1, -2).shape == wanted
    assert np.zeros((LINES, STEPS)).swapaxes(-1, -2).shape == wanted[1:]
    assert np.zeros((STEPS, 40, LINES)).swapaxes(0, 1).shape == wanted
    assert np.zeros((STEPS, LINES, 40)).transpose(2, 0, 1).shape == wanted
    assert np.zeros((LINES, 40, STEPS)).transpose(1, 2, 0).shape == wanted
    assert np.zeros((LINES, STEPS, 40)).transpose(2, 1, 0).shape == wanted


@pytest.mark.parametrize("command", ["run", "verify"])
def test_steps_of_another_length_are_put_into_the_networks(command, tiny_artifact, tmp_path, capsys) -> None:
    """Two steps of half the length are one; without a length the number of steps would not fit."""
    graph = read_artifact(tiny_artifact).graph
    spikes = random_spikes(4)
    fine = np.zeros((4, 2 * STEPS, LINES), np.uint8)
    fine[:, ::2] = spikes
    for name, arrays in (("coarse", {"spikes": spikes}), ("fine", {"spikes": fine, "dt": graph.bin_s / 2})):
        path = written(tmp_path / f"{name}.npz", **arrays)
        options = (
            [*QUICK, "--dataset", "none"]
            if command == "verify"
            else ["-o", str(tmp_path / f"{name}_run.npz")]
        )
        assert main([command, str(tiny_artifact), "--input", str(path), *options]) == 0
        said = capsys.readouterr().out
        assert ("its events are put into those by their times" in said) == (name == "fine")
    if command == "run":
        coarse, same = (np.load(tmp_path / f"{name}_run.npz") for name in ("coarse", "fine"))
        assert all(np.array_equal(coarse[key], same[key]) for key in coarse.files)


@pytest.mark.parametrize("shape", [(), (3,), (1, 2, 3, 4)])
def test_no_samples_in_steps_of_another_length_are_refused(shape, tiny_artifact, tmp_path, refused) -> None:
    path = written(tmp_path / "own.npz", spikes=np.zeros(shape, np.uint8), dt=1.0)
    assert f"its spikes are {list(shape)}, read as [samples, steps, lines]" in refused(
        "run", tiny_artifact, "-i", path
    )


def test_one_sample_in_steps_of_another_length_is_read(tiny_artifact, tmp_path, capsys) -> None:
    bin_s = read_artifact(tiny_artifact).graph.bin_s
    path = written(tmp_path / "one.npz", spikes=np.zeros((2 * STEPS, LINES), np.uint8), dt=bin_s / 2)
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    assert "count as one" in capsys.readouterr().out
