"""Training says at its end that no neuron of a layer fires on what validates."""

from __future__ import annotations

import pytest
from order_task import config, order_task

from snnc.trainer.loop import train

SHORT = {"epochs": 1, "finetune_epochs": 1, "quantise_epochs": 0}


def notes(**changes: object) -> list[str]:
    said: list[str] = []
    train(config(**SHORT | changes), data=order_task(60), notify=said.append)
    return [each for each in said if "fires on" in each]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"threshold": 90.0}, "no neuron of hidden1 (10 neurons) fires on the recordings that validate"),
        ({"threshold": 90.0}, "; lower threshold (now 90; 1 suits batch_norm=true)"),
        ({"threshold": 90.0, "hidden": [3, 1]}, "of hidden1 (3 neurons) and hidden2 (1 neuron) fires"),
        ({"threshold": 90.0, "recurrence": "axon", "quantise_epochs": 0}, "of hidden1 (10 neurons) fires"),
        ({"threshold": 90.0, "quantise_epochs": 1, "batch_norm": False}, "of hidden1 (10 neurons) fires"),
    ],
)
def test_silent_layers_are_told(changes: dict[str, object], told: str) -> None:
    (said,) = notes(**changes)
    assert told in said


def test_nothing_is_said_where_a_neuron_fires() -> None:
    assert not notes()
