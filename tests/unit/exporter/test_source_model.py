"""The model that an artifact carries is of the artifact's network, or it is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from models import digits_model, saved

from snnc.errors import ArtifactError
from snnc.exporter.artifact import SOURCE, read_artifact, source_model


@pytest.fixture
def exchanged(tiny_artifact: Path, tmp_path: Path) -> Path:
    """An artifact with the model of another network, as a stranger may write it: its hash is right."""
    content = saved(digits_model(), tmp_path).read_bytes()
    folder = tmp_path / "strange"
    shutil.copytree(tiny_artifact, folder)
    (folder / SOURCE).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][SOURCE] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_model_of_other_lines_is_refused(exchanged: Path, refused: Callable[..., str]) -> None:
    said = "is of a network of 140 input lines, and that of the artifact has 5; export it again"
    with pytest.raises(ArtifactError, match=said):
        source_model(read_artifact(exchanged))
    np.savez(exchanged.parent / "x.npz", spikes=np.zeros((2, 12, 5), np.uint8), dt=0.02)
    options = ["--executors", "oracle", "--allow-missing", "--dataset", "none"]
    assert said in refused("verify", exchanged, *options)
    assert said in refused("run", exchanged, "-i", exchanged.parent / "x.npz")
