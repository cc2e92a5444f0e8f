"""How a model was trained, epoch by epoch, as plain lists for the report."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

CURVES = (
    "loss",
    "validation_loss",
    "train_accuracy",
    "validation_accuracy",
    "validation_accuracy_rounded",
    "sigma",
)
"""What each epoch tells, if it does; accuracies are 0 .. 1, sigma is in steps."""
MOST = 10_000
"""Epochs of a longer training are not drawn."""


def training(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """`{"training": ...}` of the metrics of a model file; nothing where they hold no epochs.

    Metrics are whatever a file says: a number that is none, or not finite, counts as missing.
    """
    history = metrics.get("history")
    if not isinstance(history, list | tuple) or not 1 < len(history) <= MOST:
        return {}
    if not all(isinstance(row, Mapping) for row in history):
        return {}
    curves = {name: [_number(row.get(name)) for row in history] for name in CURVES}
    found = {name: values for name, values in curves.items() if any(each is not None for each in values)}
    if not found:
        return {}
    phases = [str(row.get("phase", "")) for row in history]
    return {"training": {"phases": phases, "curves": found}}


def _number(value: object) -> float | None:
    """To six digits."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(f"{value:.6g}")
