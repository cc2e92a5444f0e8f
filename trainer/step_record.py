"""What a model's metrics tell of the steps of the samples that trained it."""

from __future__ import annotations

from collections.abc import Mapping

STEP = "step_s"
"""Beside the hash of the data of training."""


def learned_step(model: object) -> float | None:
    """Seconds a step of them; None of events that have times of their own, and of what has no such record.

    Metrics are whatever a file says.
    """
    metrics = getattr(model, "metrics", None)
    recorded = metrics.get("data") if isinstance(metrics, Mapping) else None
    found = recorded.get(STEP) if isinstance(recorded, Mapping) else None
    return found if isinstance(found, float) else None
