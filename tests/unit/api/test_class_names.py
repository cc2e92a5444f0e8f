"""Names of the classes that a module tells: everything that is made of it calls them so."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch_networks import events
from torch_tutorial import Tutorial

import snnc
from snnc.errors import SnncError
from snnc.exporter.artifact import read_artifact

NAMES = ["left", "right", "up", "down"]


def test_they_are_those_of_predictions_and_of_a_program(tmp_path: Path) -> None:
    torch.manual_seed(0)
    module, x = Tutorial(), events(20, 6, 12)
    network = snnc.from_torch(module, x, dt=1e-3, classes=NAMES, verbose=False)
    numbered = snnc.from_torch(module, x, dt=1e-3, verbose=False)
    exported = network.export("c", tmp_path / "net.c")
    graph = read_artifact(tmp_path / "net.c").graph
    assert graph.readouts[0].class_names == tuple(NAMES)
    found = exported.predict(x.numpy(), layout="TNC")
    assert (found == numbered.export("c", tmp_path / "n.c").predict(x.numpy(), layout="TNC")).all()
    text = (tmp_path / "net.c" / "snn.c").read_text() + (tmp_path / "net.c" / "snn.h").read_text()
    assert all(f'"{name}"' in text for name in NAMES)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (NAMES[:2], "^classes: 2 names are given, the module's output tells 4 classes$"),
        ("left", "^classes: is 'left'; give a name for each class"),
        (["a", "a", "b", "c"], "two classes have the name 'a'; rename one"),
    ],
)
def test_those_that_do_not_fit_are_refused(names, said) -> None:
    with pytest.raises(SnncError, match=said):
        snnc.from_torch(Tutorial(), torch.ones(5, 1, 12), dt=1e-3, classes=names)
