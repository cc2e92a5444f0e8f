"""Labels and names of classes in a file that `run` is given."""

from __future__ import annotations

import numpy as np
import pytest
from models import ON_GOLDEN
from own_samples import classes_by_hand, random_spikes, written

from snnc.cli import main
from snnc.exporter.artifact import read_artifact

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.array([0, 3]), "labels[1] is 3; classes are numbered 0..2"),
        (np.array([-1, 0]), "labels[0] is -1"),
        (np.array([2**64 - 1, 0], np.uint64), "labels[0] is 18446744073709551615"),
        (
            np.array([0]),
            "labels are 1 (int64), and there are 2 samples; give a whole number, or the name of a class",
        ),
        (
            np.array(["a", "b", "c"]),
            "labels are 3 (<U1), and there are 2 samples; give a whole number, or the name of a class,",
        ),
        (np.array([0.0, 1.0]), "labels are float64 [2]"),
    ],
)
def test_labels_that_are_no_classes(labels, said, tiny_artifact, tmp_path, refused):
    path = written(tmp_path / "own.npz", spikes=random_spikes(2), labels=labels)
    assert said in refused("run", tiny_artifact, "-i", path)


def test_classes_that_the_file_names_are_the_networks_of_those_names(tiny_artifact, tmp_path, capsys) -> None:
    """Their numbers are the file's own; the network numbers the same names in another order."""
    classes = read_artifact(tiny_artifact).graph.class_names
    spikes = random_spikes(6)
    answers = classes_by_hand(tiny_artifact, spikes)
    mine = classes[::-1]
    labels = np.array([mine.index(classes[each]) for each in answers])
    path = written(tmp_path / "own.npz", spikes=spikes, labels=labels, classes=np.array(mine))
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    assert "6 of 6 as labelled" in capsys.readouterr().out
    written(path, spikes=spikes, labels=labels, classes=np.array(["other", *mine[1:]]))
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    known = 6 - int((np.array(classes)[answers] == mine[0]).sum())
    assert f"{known} of {known} as labelled" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["run"], ["verify", *ON_GOLDEN], ["chip"]], ids=" ".join)
def test_labels_by_another_name_are_refused(command, tiny_artifact, tmp_path, refused) -> None:
    """Or all would be without accuracy, as if there were none."""
    path = written(tmp_path / "own.npz", spikes=random_spikes(2), y=np.zeros(2, int))
    assert "'y' is not read (did you mean 'labels'?)" in refused(*command, tiny_artifact, "-i", path)


def test_arrays_that_are_not_read_are_told(tiny_artifact, tmp_path, capsys) -> None:
    path = written(tmp_path / "own.npz", spikes=random_spikes(2), subject=np.zeros(2, int))
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    assert "note: own.npz: not read is subject" in capsys.readouterr().out
    assert main(["verify", str(tiny_artifact), *ON_GOLDEN, "--executors", "oracle", "-i", str(path)]) == 0
    assert "own.npz: not read is subject" in capsys.readouterr().out


def test_samples_of_other_steps_need_no_labels(tiny_artifact, tmp_path, capsys) -> None:
    graph = read_artifact(tiny_artifact).graph
    path = written(tmp_path / "own.npz", spikes=random_spikes(2), dt=graph.bin_s / 2)
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == 0
    told = capsys.readouterr().out
    assert "its events are put into those by their times" in " ".join(told.split())
    assert "labels" not in told
