"""Whether a configuration keeps no recording for testing, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from snnc.trainer.data import NAMED, PUBLISHED
from snnc.trainer.recipes.fields import TESTS_NOBODY

_KEPT = "no recording was kept for testing, as"


def untested(fields: Mapping[str, Any]) -> str | None:
    """Why no recording tests, by the `fields` of a configuration, also a recorded one; None if some do.

    A published data set has a test part of its own, and data that come with snnc name who tests, unless
    others are named to validate.
    """
    dataset = fields.get("dataset")
    if dataset in PUBLISHED:
        return None
    if fields.get("testing") == "none":
        return TESTS_NOBODY
    if fields.get("test_speakers"):
        return None
    if fields.get("validation_speakers"):
        return f"{_KEPT} validation_speakers are named and test_speakers are not"
    if fields.get("validation") == "training" and dataset not in NAMED:
        return f"{_KEPT} validation = 'training' holds nobody out and no test_speakers are named"
    return None
