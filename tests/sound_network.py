"""A network that reads the cochlea's lines, and recordings that `snnc run` reads."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

from models import saved, tiny_model

from snnc.cli import main

POOL = 28
"""The tiny network has five lines, the cochlea 140."""
WHATEVER = "note: the network names one of its classes for every recording, whatever it is, and a high score "
"""A note on recordings without labels."""


def export_sound(folder: Path, data: dict[str, object] | None, classes: tuple[str, ...] = ()) -> None:
    """Makes the artifact `a` in `folder`, the current one, of a network whose data are these.

    `classes`: their names, if not those of `tiny_model`.
    """
    model = replace(tiny_model(), unit_pool=POOL, metrics={} if data is None else {"data": data})
    model = replace(model, class_names=classes or model.class_names)
    saved(model, folder).rename("m.pt")
    assert main(["export", "m.pt", "-o", "a", "--no-budget"]) == 0


def rows(path: Path) -> list[dict[str, str]]:
    """Of a file of --predictions."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
