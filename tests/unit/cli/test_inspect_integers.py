"""What `snnc inspect` says of the integers in a model file: which of them training finished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models import saved, tiny_model

from snnc.cli import main
from snnc.exporter.passes.discretise import Discretise
from snnc.stages import DiscreteLayer, TrainedModel

ROWS = [
    {"phase": "rounded", "best": True},
    {"phase": "int8", "best": True},
    {"phase": "int8", "best": False},
    {"phase": "int5", "best": False},
]
USE = {"data": "x", "train": 1, "validation": 1, "epochs": 1, "weight_bits": 5}
NONE_BETTER = (
    "trained in integers: 5 bits: no epoch was better than the network before, which is kept, rounded"
)


def on_grid(model: TrainedModel) -> tuple[DiscreteLayer, ...]:
    """The layers of `model` with whole delays, weights on a grid of 1/5."""
    return tuple(
        replace(each, weight=np.rint(each.weight * 5) / 5, scale=5.0)
        for each in Discretise().run(model).layers
    )


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"history": ROWS}, ["finished in integers: 8 bits", f"{NONE_BETTER} to them"]),
        ({"history": ROWS[:2]}, ["finished in integers: 5, 8 bits"]),
        (
            {"history": ROWS, "finetuned": {"weight_bits": 5, "uses": [USE]}},
            ["finished in integers: 5, 8 bits"],
        ),
        (
            {"history": ROWS, "validation": {"int5_clipped": {"accuracy": 0.5}}},
            [
                "finished in integers: 8 bits",
                f"{NONE_BETTER} to them; to 5 bits its largest weights are clipped",
            ],
        ),
        (
            {"history": ROWS, "finetuned": {"weight_bits": 5, "uses": [USE | {"kept": 0}]}},
            [
                "finished in integers: 8 bits",
                "clipped to integers: 5 bits, by fine-tuning, which trained none of them",
            ],
        ),
        (
            {
                "history": ROWS[:2],
                "finetuned": {
                    "weight_bits": 8,
                    "uses": [USE | {"kept": 0}, USE | {"weight_bits": 8, "kept": 2}],
                },
            },
            [
                "finished in integers: 8 bits",
                "clipped to integers: 5 bits, by fine-tuning, which trained none of them",
            ],
        ),
    ],
    ids=["nothing kept", "no such phase", "fine-tuned later", "clipped", "clipped later", "clipped before"],
)
def test_integers_that_no_epoch_bettered_are_told_apart(
    metrics: dict[str, Any], told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tiny_model()
    model = replace(model, quantised=dict.fromkeys((8, 5), on_grid(model)), metrics=metrics)
    assert main(["inspect", str(saved(model, tmp_path))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if " integers: " in line and "bits" in line] == told


def test_an_accuracy_of_training_says_of_which_network_it_is(tmp_path: Path, capsys) -> None:
    """No word of the model file that is explained nowhere; one of another writer stands as it is."""
    names = ["gaussian", "rounded", "statistics", "final", "int8", "int8_clipped", "int8_final", "elsewhere"]
    validation = {name: {"accuracy": 0.5} for name in names}
    model = saved(replace(tiny_model(), metrics={"validation": validation}), tmp_path)
    assert main(["inspect", str(model)]) == 0
    said = [each for each in capsys.readouterr().out.splitlines() if each.startswith("validation, ")]
    assert said == [
        "validation, Gaussian delays: 50.00 %",
        "validation, delays rounded only: 50.00 %",
        "validation, delays rounded, batch norm measured again: 50.00 %",
        "validation, whole delays: 50.00 %",
        "validation, integers of 8 bits, rounded only: 50.00 %",
        "validation, integers of 8 bits, clipped only: 50.00 %",
        "validation, integers of 8 bits: 50.00 %",
        "validation, elsewhere: 50.00 %",
    ]
