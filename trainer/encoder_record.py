"""What a model's metrics tell of the encoder that made its recordings, and of their paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.errors import InputError
from snnc.text import quoted
from snnc.trainer.data.layout import Layout

LAYOUT = "layout"
"""Beside the encoder: the layout by which paths told classes and sources."""


def of_sound(metrics: Mapping[str, Any]) -> bool:
    """Whether `snnc encode` made events of sound for this training. Metrics are whatever a file says."""
    recorded = metrics.get("data")
    return isinstance(recorded, Mapping) and isinstance(recorded.get("encoder"), str)


def layout_of(metrics: Mapping[str, Any]) -> str | None:
    """The layout of the recordings of this training; None where metrics tell none, or what is no layout.

    `not_a_layout` tells that.
    """
    text = _kept(metrics)
    try:
        return Layout(text).text if isinstance(text, str) else None
    except InputError:
        return None


def not_a_layout(metrics: Mapping[str, Any]) -> str | None:
    """A note on what a model keeps in the place of a layout, and is none; None if there is no such thing."""
    text = _kept(metrics)
    if text is None or layout_of(metrics) is not None:
        return None
    return (
        f"the model keeps {quoted(text)} as the layout of the recordings of training, which `snnc encode "
        "--layout` does not take, so names are read as without one; if they are read wrongly, encode new "
        "recordings with `snnc encode --layout`"
    )


def _kept(metrics: Mapping[str, Any]) -> object:
    recorded = metrics.get("data")
    return recorded.get(LAYOUT) if isinstance(recorded, Mapping) else None
