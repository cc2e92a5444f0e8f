"""Fixtures of the tests of damaged files and of faults from outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import saved, tiny_model

from snnc.trainer.model_file import save_model


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with two models that differ."""
    saved(tiny_model(), tmp_path)
    save_model(tiny_model(position=-1.0), tmp_path / "other.pt")
    return tmp_path
