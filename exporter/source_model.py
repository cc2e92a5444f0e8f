"""The trained model that an artifact was made from, and carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from snnc.errors import NoDataError
from snnc.stages import Artifact, TrainedModel

SOURCE = "source.pt"
"""Its name in the folder."""


def carries_model(artifact: Artifact) -> bool:
    """Whether the artifact was made from a model file of `snnc train`."""
    return SOURCE in artifact.carried


def source_model(artifact: Artifact) -> TrainedModel:
    """The trained model that the artifact carries.

    Raises
    ------
    NoDataError
        If it carries none.
    """
    if not carries_model(artifact):
        raise NoDataError(
            f"{artifact.path}: was not made from a model of `snnc train`, so its recordings are unknown; "
            "`snnc verify` takes yours with --input FILE"
        )
    return _load(artifact.path / SOURCE, artifact.carried[SOURCE])


@lru_cache(maxsize=1)
def _load(path: Path, data: bytes) -> TrainedModel:
    """Kept, since a command asks for the model in several places: for its data, accuracy and histograms."""
    from snnc.trainer.model_file import load_model

    return load_model(path, data)
