"""Models shared by the tests of exports."""

from __future__ import annotations

from pathlib import Path

import pytest
from models import digits_model, saved


@pytest.fixture(scope="module")
def digits_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights for the shipped digits."""
    return saved(digits_model(), tmp_path_factory.mktemp("model"))
