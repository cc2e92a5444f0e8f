"""Optional real data, which the project does not ship; `SNNC_SHARED_DATA` may name their folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from places import ROOT

FOLDER = Path(os.environ.get("SNNC_SHARED_DATA") or ROOT.parent / "shared" / "data")
HEIDELBERG = "heidelberg_digits_train.npz"


def real_data(name: str) -> Path:
    """The file or folder `name`; without it, the test is skipped."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"optional real data {name} is absent; SNNC_SHARED_DATA may name its folder")
    return path
