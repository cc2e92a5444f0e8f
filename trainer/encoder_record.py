"""What a model's metrics tell of the encoder that made its recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def of_sound(metrics: Mapping[str, Any]) -> bool:
    """Whether `snnc encode` made events of sound for this training. Metrics are whatever a file says."""
    recorded = metrics.get("data")
    return isinstance(recorded, Mapping) and isinstance(recorded.get("encoder"), str)
