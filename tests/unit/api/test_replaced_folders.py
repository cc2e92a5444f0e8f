"""An exported folder that was replaced since Python loaded it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from spike_counters import spike_counter

import snnc
from snnc.errors import ArtifactError


def test_a_folder_that_was_replaced_is_not_verified(tmp_path: Path) -> None:
    folder = tmp_path / "twice.onnx"
    first = snnc.Network(spike_counter(), "first").export("onnx", folder)
    snnc.Network(spike_counter(steps=5), "second").export("onnx", folder, overwrite=True)
    with pytest.raises(ArtifactError, match="was replaced by another export"):
        first.predict(np.zeros((3, 4, 3), np.uint8))
