"""What a model's metrics tell of the encoder that made its recordings, and of their paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.errors import InputError
from snnc.trainer.data.layout import Layout

LAYOUT = "layout"
"""Beside the encoder: the layout by which paths told classes and sources."""


def of_sound(metrics: Mapping[str, Any]) -> bool:
    """Whether `snnc encode` made events of sound for this training. Metrics are whatever a file says."""
    recorded = metrics.get("data")
    return isinstance(recorded, Mapping) and isinstance(recorded.get("encoder"), str)


def layout_of(metrics: Mapping[str, Any]) -> str | None:
    """The layout of the recordings of this training; None where metrics tell none, or what is no layout."""
    recorded = metrics.get("data")
    text = recorded.get(LAYOUT) if isinstance(recorded, Mapping) else None
    try:
        return Layout(text).text if isinstance(text, str) else None
    except InputError:
        return None
