"""Labels and names of classes in a file that `run` is given."""

from __future__ import annotations

import numpy as np
import pytest
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
        (np.array([0]), "labels are int64 [1]; give a whole number for each of the 2 samples"),
        (np.array([0.0, 1.0]), "labels are float64 [2]"),
        (np.array(["c", "bb"]), "labels[1] is 'bb', none of the classes (did you mean 'b'?): a, b, c"),
    ],
)
def test_labels_that_name_no_class(labels, said, tiny_artifact, tmp_path, refused):
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
    assert main(["run", str(tiny_artifact), "-i", str(path)]) == (
        2 if mine[0] in np.array(mine)[labels] else 0
    )
