"""The lines of an export that measures say which recordings run: how many, of how many, of what."""

from __future__ import annotations

import numpy as np
import pytest
from float_nets import graph, lif

import snnc
from snnc.exporter.calibration import Calibration
from snnc.exporter.graph_recordings import LABELLED, UNLABELLED, GraphRecordings, float_answers
from snnc.exporter.losses import compare


def test_a_subset_is_not_numbered_as_if_it_were_all():
    """120 of 400: number 119 of them is recording 396 of the data."""
    spikes, labels = np.zeros((400, 6, 1), np.uint8), np.zeros((400, 1), int)
    picked = GraphRecordings(LABELLED, 400, spikes, labels).pick(120)
    told: list[str] = []
    float_answers(graph(lif()), picked, told.append)
    of = "of 120 of 400 given recordings"
    assert told == [f"in floating point: {which} {of}" for which in ("0..49", "50..99", "100..119")]


@pytest.mark.parametrize(
    ("split", "available", "said"),
    [
        ("validation", 3, "3 validation recordings"),
        ("validation", 7, "3 of 7 validation recordings"),
        (UNLABELLED, 7, "3 of 7 given, unlabelled recordings"),
    ],
)
def test_the_loss_budget_names_them_as_its_table_does(split, available, said):
    of = Calibration(split, available, np.zeros((3, 6, 1), np.uint8), np.zeros(3, int))
    told: list[str] = []

    class Done(Exception):
        pass

    def stop(part):
        raise Done

    with pytest.raises(Done):
        compare({"float": stop}, of, told.append)
    assert told == [f"loss budget: float, 0..2 of {said}"]
    assert of.recordings.words == said


def test_an_export_prints_a_line_for_each_step(tmp_path, capsys):
    data = snnc.from_arrays(np.ones((300, 6, 1), np.uint8), np.zeros(300, int), dt=0.001, classes=["0"])
    network = snnc.Network(graph(lif()), "net")
    network.export("c", tmp_path / "net.c", data=data, budget=True)
    assert capsys.readouterr().out.splitlines()[:3] == [
        "in floating point: 200 of 300 given recordings",
        "loss budget: float, 200 of 300 given recordings",
        "loss budget: quantised",
    ]
