"""What is printed while a network is trained: a line for each epoch."""

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from snnc.trainer.config import load_config
from snnc.trainer.loop import EpochMetrics
from snnc.trainer.progress import TrainingProgress, describe, header
from snnc.trainer.recipes.augmented import changed_in_training


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "σ  0.50  moved 0.12  loss 1.250  train  50.0%  val  75.0% →  62.5% best"),
        ({"phase": "rounded"}, "rounded              loss 1.250  train  50.0%  val           62.5% best"),
        ({"phase": "int8"}, "int8                 loss 1.250  train  50.0%  val           62.5% best"),
        (
            {"sigma": 12.0, "moved": 0.004, "loss": 12.3456, "validation_accuracy": 1.0, "best": False},
            "σ 12.00  moved 0.00  loss 12.346  train  50.0%  val 100.0% →  62.5%",
        ),
    ],
)
def test_an_epoch_in_one_line(changes: dict[str, Any], line: str) -> None:
    metrics = replace(EPOCH, **changes)
    assert describe(metrics) == line
    assert len(line) <= 72
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(metrics)
    assert f"   4  {line}\n" in text.getvalue()
    assert "4/9" in text.getvalue()


def test_the_last_epoch_is_not_told_last() -> None:
    """It need not be the one that is kept. Of an interrupted training it is where that was."""
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(EPOCH)
    assert text.getvalue().splitlines()[-1].startswith("trained ━")
    text = io.StringIO()
    interrupted = TrainingProgress(Console(file=text, width=80))
    interrupted(EPOCH)
    interrupted.__exit__(KeyboardInterrupt, None, None)
    assert text.getvalue().splitlines()[-1].startswith(f"{EPOCH.phase}  loss")


def test_a_header_explains_the_columns_once() -> None:
    text = io.StringIO()
    with TrainingProgress(Console(file=text, width=80)) as progress:
        progress(EPOCH)
        progress(replace(EPOCH, epoch=4))
    lines = text.getvalue().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("   4  "))
    head = lines[:first]
    assert head[0].startswith("epoch  σ: width of the delay kernels")
    assert all(len(line) <= 72 for line in head)
    for word in ("moved:", "loss, train:", "val:", "best:"):
        assert word in " ".join(head)
    assert text.getvalue().count("epoch  σ") == 1
    assert head[-1].split() == ["epochs", "are", "numbered", "to", "9,", "over", "all", "phases"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"channel_shift": 0}, "what trains, with time_shift, event_dropout, dropout"),
        ({"event_dropout": 0.0, "time_shift": 0, "channel_shift": 0}, "what trains, with dropout"),
        (
            {"time_shift": 0, "channel_shift": 0, "event_dropout": 0.0, "dropout": 0.0, "mix": 0.5},
            "what trains, with mix",
        ),
        ({"time_shift": 0, "channel_shift": 0, "event_dropout": 0.0, "dropout": 0.0}, "what trains"),
    ],
)
def test_the_header_names_what_is_on_in_training_alone(changes: dict[str, Any], told: str) -> None:
    lines = header(changed_in_training(load_config("digits", changes)), 9)
    assert "\n" not in "".join(lines)  # a console of ours shows it as two characters
    assert all(len(line) <= 72 for line in lines)
    said = " ".join(" ".join(lines).split())
    assert f" loss, train: loss and accuracy on {told} val:" in said
    assert (
        "best: kept; highest whole-step accuracy so far in its phase, then lowest loss on what validates "
        "(not shown); in later phases also better than what the phase began with; counts "
    ) in said


@given(
    sigma=st.floats(0, 63),
    moved=st.floats(0, 9.99),
    loss=st.floats(0, 99.99),
    shares=st.lists(st.floats(0, 1), min_size=3, max_size=3),
    phase=st.sampled_from(["gaussian", "rounded", "int8", "int4"]),
)
def test_the_line_has_at_most_72_columns(
    sigma: float, moved: float, loss: float, shares: list[float], phase: str
) -> None:
    names = ("train_accuracy", "validation_accuracy", "validation_accuracy_rounded")
    measured = dict(zip(names, shares, strict=True))
    assert len(describe(replace(EPOCH, sigma=sigma, moved=moved, loss=loss, phase=phase, **measured))) <= 72


EPOCH = EpochMetrics(
    epoch=3,
    epochs=9,
    phase="gaussian",
    sigma=0.5,
    moved=0.123,
    loss=1.25,
    train_accuracy=0.5,
    validation_accuracy=0.75,
    validation_loss=1.0,
    validation_accuracy_rounded=0.625,
    validation_loss_rounded=1.1,
    best=True,
)
