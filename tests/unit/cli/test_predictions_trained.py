"""`snnc run` of samples that trained the network: its accuracy says so."""

from __future__ import annotations

import numpy as np
import pytest
from order_task import order_task

from snnc.cli import main
from snnc.cli.predictions import trained_words
from snnc.trainer.data import save_events_npz
from snnc.verification.sample_origin import Parts


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"test": [0, 1], "train": []}, ""),
        ({"test": [0], "validation": [1, 2]}, ""),
        ({"test": [0], "train": [1, 2]}, ", samples that trained among them"),
        ({"train": [0, 1, 2]}, ", but all 3 trained the network"),
        ({"train": [0], "train (fine-tuning used them)": [1, 2]}, ", but all 3 trained the network"),
        ({"train": [0], "validation": [1, 2]}, ", but all 3 trained or chose the network"),
        ({"validation": [0, 1]}, ", but all 2 trained or chose the network"),
        ({"train": [0, 1], "test": [3]}, ", but all 2 trained the network"),  # sample 3 has no label
        ({"train": [0]}, ", but it trained the network"),
        ({}, ""),
    ],
)
def test_what_trained_is_told_where_the_accuracy_is(parts, said):
    told = Parts({name: np.array(which, int) for name, which in parts.items()})
    assert trained_words(told, np.array([True, True, True, False])) == said


@pytest.mark.slow
def test_all_of_the_data_may_train(tmp_path, monkeypatch, capsys):
    """Then nothing validates, and with no speaker named nothing tests either."""
    monkeypatch.chdir(tmp_path)
    save_events_npz(order_task(10), tmp_path / "order.npz")
    quick = ["--epochs", "1", "--set", "hidden=[4]", "--set", "validation=training", "--set", "testing=none"]
    assert main(["train", "digits", "--dataset", "order.npz", *quick]) == 0
    assert main(["export", "model.pt", "--no-budget"]) == 0
    capsys.readouterr()
    assert main(["run", "model.loihi", "-i", "order.npz", "--predictions", "out.csv"]) == 0
    printed = capsys.readouterr().out
    parts = [each for each in printed.splitlines() if each.startswith("of these, ")]
    assert " of 10 as labelled, but all 10 trained the network: " in printed
    total = len((tmp_path / "out.csv").read_text().splitlines()) - 1
    assert len(parts) == 1
    assert parts[0].startswith(f"of these, train: {total} samples, accuracy ")
