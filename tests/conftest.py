"""Fixtures shared by the tests of the whole road."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from models import digits_model, exported, tiny_model


@pytest.fixture(scope="session")
def _tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tiny_model(), tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def digits_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network for the shipped digits, exported. Do not change it."""
    return exported(digits_model(), tmp_path_factory.mktemp("digits"))


@pytest.fixture
def tiny_artifact(_tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny artifact that a test may change."""
    return Path(shutil.copytree(_tiny, tmp_path / "tiny.loihi"))
